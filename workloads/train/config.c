#include "workloads/train/config.h"

#include <string.h>

void pcs_config_defaults(pcs_config_t *config)
{
    memset(config, 0, sizeof *config);
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) config->field = (def);
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) config->field = (def);
#define PCS_KEY_TEXT(field, key, flag, def, help) memcpy(config->field, (def), sizeof(def));
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) config->field = (def);
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
}
