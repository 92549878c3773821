/* The columns of a sweep's database. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/sweep_store.h"

void cli_store_column(const cli_key_t *key, char name[CLI_STORE_NAME_MAX])
{
    (void)snprintf(name, CLI_STORE_NAME_MAX, "%s", key->key);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '.' || *at == '-' ? '_' : *at;
    }
}

void cli_store_columns(bool typed, cli_text_t *sql)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_estimate_takes(cli_config_keys[i].key)) {
            char name[CLI_STORE_NAME_MAX];
            cli_store_column(&cli_config_keys[i], name);
            cli_text_add(sql, ", %s%s", name, typed ? " NOT NULL" : "");
        }
    }
    cli_text_add(sql, ", problem%s", typed ? " TEXT" : "");
#define PCS_RESULT(field, column, meaning) cli_text_add(sql, ", " column "%s", typed ? " REAL" : "");
#include "sim/cli/sweep.def"
#undef PCS_RESULT
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(sql, ", %s_j%s", pcs_energy_components[i].name, typed ? " REAL" : "");
    }
    cli_text_add(sql, ", accuracy%s", typed ? " REAL" : "");
    cli_text_add(sql, ", pareto%s", typed ? " INTEGER NOT NULL DEFAULT 0" : "");
    cli_text_add(sql, ", pareto_accuracy%s", typed ? " INTEGER NOT NULL DEFAULT 0" : "");
}

bool cli_store_is_work(const char *key, bool precision)
{
    return cli_estimate_takes(key) && (strcmp(key, "network") == 0 || strncmp(key, "train.", 6) == 0 ||
                                       (precision && strncmp(key, "precision.", 10) == 0));
}

void cli_store_work_columns(const char *before, bool precision, cli_text_t *sql)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_store_is_work(cli_config_keys[i].key, precision)) {
            char name[CLI_STORE_NAME_MAX];
            cli_store_column(&cli_config_keys[i], name);
            cli_text_add(sql, "%s%s", before, name);
        }
    }
}
