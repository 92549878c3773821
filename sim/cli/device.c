#include "sim/cli/device.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/build_info.h"
#include "sim/cli/text.h"

pcs_status_t cli_array_config(const pcs_config_t *config, pcs_array_config_t *array, pcs_error_t *err)
{
    *array = (pcs_array_config_t){
        .rows = (unsigned)config->array_rows,
        .cols = (unsigned)config->array_cols,
        .kind = (pcs_kind_t)config->array_kind,
        .acc_bits = (unsigned)config->acc_bits,
    };
    return pcs_array_config_check(array, err);
}

static bool is_path(const char *name)
{
    const size_t length = strlen(name);
    return strchr(name, '/') != NULL || (length > 4 && strcmp(name + length - 4, ".csv") == 0);
}

pcs_status_t cli_energy_open(const char *name, pcs_energy_table_t **table, pcs_error_t *err)
{
    if (is_path(name)) {
        return pcs_energy_table_load(name, table, err);
    }
    static const char *const dirs[] = {PCS_BUILD_TABLES, PCS_INSTALL_TABLES};
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        char path[CLI_PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s.csv", dirs[i], name);
        if (access(path, R_OK) == 0) {
            return pcs_energy_table_load(path, table, err);
        }
    }
    return pcs_fail(err, PCS_INVALID,
                    "energy.table: no table '%s' in %s or %s; legal: the name of one, or the path of a "
                    "CSV file",
                    name, dirs[0], dirs[1]);
}

pcs_status_t cli_device_create(pcs_executor_t executor, const pcs_array_config_t *array, pcs_array_dev_t **dev,
                               pcs_error_t *err)
{
    *dev = NULL;
    switch (executor) {
    case PCS_EXECUTOR_CYCLE:
        return pcs_array_cycle_create(array, dev, err);
    default:
        return PCS_OK;
    }
}
