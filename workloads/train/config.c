#include "workloads/train/config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
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

/* Neither the bits of a run nor its accounts depend on these, but for those that add_bounded adds again. */
static bool is_free(const char *key)
{
    static const char *const free_keys[] = {
        "executor",        "isa",
        "threads",         "output",
        "data.dir",        "train.eval-every",
        "energy.table",    "train.checkpoint-every",
        "array.clock-mhz", "check.every",
        "check.tiles",     "check.steps",
        "array.clock",
    };
    for (size_t i = 0; i < sizeof free_keys / sizeof free_keys[0]; i++) {
        if (strcmp(free_keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static size_t left(const char *text)
{
    return PCS_CONFIG_FINGERPRINT_MAX - strlen(text);
}

static void line_uint(char *text, const char *key, uint64_t value)
{
    if (!is_free(key)) {
        (void)snprintf(text + strlen(text), left(text), "%s: %" PRIu64 "\n", key, value);
    }
}

static void line_real(char *text, const char *key, double value)
{
    if (!is_free(key)) {
        (void)snprintf(text + strlen(text), left(text), "%s: %.17g\n", key, value);
    }
}

static void line_text(char *text, const char *key, const char *value)
{
    if (!is_free(key)) {
        (void)snprintf(text + strlen(text), left(text), "%s: %s\n", key, value);
    }
}

/* Name number `index` of "a|b|c". */
static void line_choice(char *text, const char *key, const char *names, unsigned index)
{
    const char *name = names;
    for (unsigned i = 0; i < index; i++) {
        const char *bar = strchr(name, '|');
        name = bar != NULL ? bar + 1 : name;
    }
    if (!is_free(key)) {
        (void)snprintf(text + strlen(text), left(text), "%s: %.*s\n", key, (int)strcspn(name, "|"), name);
    }
}

/* Blocks that fit a memory with bounds are chosen by what energy they cost: the traffic depends on the table. */
static void add_bounded(const pcs_config_t *config, char text[PCS_CONFIG_FINGERPRINT_MAX])
{
    const bool bounded =
        config->sram_a_kb > 0 || config->sram_b_kb > 0 || config->sram_y_kb > 0 || config->dram_bytes > 0;
    if (bounded) {
        (void)snprintf(text + strlen(text), left(text), "energy.table: %s\narray.clock-mhz: %.17g\n",
                       config->energy_table, config->clock_mhz);
    }
}

void pcs_config_fingerprint(const pcs_config_t *config, char text[PCS_CONFIG_FINGERPRINT_MAX])
{
    text[0] = '\0';
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) line_uint(text, key, config->field);
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) line_real(text, key, config->field);
#define PCS_KEY_TEXT(field, key, flag, def, help) line_text(text, key, config->field);
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) line_choice(text, key, names, config->field);
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
    add_bounded(config, text);
}
