#include "sim/cli/device.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/bridge/rtl.h"
#include "sim/cli/text.h"

pcs_status_t cli_array_config(const pcs_config_t *config, pcs_array_config_t *array, pcs_error_t *err)
{
    *array = (pcs_array_config_t){
        .rows = (unsigned)config->array_rows,
        .cols = (unsigned)config->array_cols,
        .kind = (pcs_kind_t)config->array_kind,
        .acc_bits = (unsigned)config->acc_bits,
        .dataflow = (pcs_dataflow_t)config->array_dataflow,
        .digit = (unsigned)config->array_digit,
    };
    return pcs_array_config_check(array, err);
}

pcs_status_t cli_integer_array(const pcs_config_t *config, pcs_array_config_t *array, pcs_error_t *err)
{
    const pcs_status_t status = pcs_need_integer_kind((pcs_kind_t)config->array_kind, err);
    return status == PCS_OK ? cli_array_config(config, array, err) : status;
}

static bool is_path(const char *name)
{
    const size_t length = strlen(name);
    return strchr(name, '/') != NULL || (length > 4 && strcmp(name + length - 4, ".csv") == 0);
}

/* <directory of the program>/../share/precess/tables: the installed tables, or in a build tree a link to the source's.
 */
static void tables_dir(char *dir, size_t size)
{
    char program[CLI_PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(program, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    }
    (void)snprintf(dir, size, "%.1900s/share/precess/tables", program);
}

pcs_status_t cli_energy_open(const char *name, pcs_energy_table_t **table, pcs_error_t *err)
{
    if (is_path(name)) {
        return pcs_energy_table_load(name, table, err);
    }
    char dir[CLI_PATH_MAX];
    char path[2 * CLI_PATH_MAX];
    tables_dir(dir, sizeof dir);
    (void)snprintf(path, sizeof path, "%s/%s.csv", dir, name);
    if (access(path, R_OK) == 0) {
        return pcs_energy_table_load(path, table, err);
    }
    return pcs_fail(
        err, PCS_INVALID,
        "energy.table: no table '%.200s' in %.200s; legal: the name of one there, or the path of a CSV file", name,
        dir);
}

void cli_sram_kb(const pcs_config_t *config, double kb[PCS_ENERGY_SRAMS])
{
    kb[PCS_ENERGY_SRAM_A] = (double)config->sram_a_kb;
    kb[PCS_ENERGY_SRAM_B] = (double)config->sram_b_kb;
    kb[PCS_ENERGY_SRAM_Y] = (double)config->sram_y_kb;
}

pcs_status_t cli_clock_resolve(const pcs_energy_table_t *table, const pcs_array_config_t *array, pcs_config_t *config,
                               pcs_error_t *err)
{
    enum { COMMON, OWN };
    double ns = 0;
    if (config->clock != OWN) {
        return PCS_OK;
    }
    const pcs_status_t status = pcs_energy_period(table, array, &ns, err);
    if (status == PCS_OK) {
        const double own_mhz = 1e3 / ns;
        config->dram_bytes *= config->clock_mhz / own_mhz;
        config->clock_mhz = own_mhz;
        config->clock = COMMON;
    }
    return status;
}

/* Energy of one count, pJ; negative when the table has no row. */
static double unit_pj(const pcs_energy_table_t *table, const pcs_array_config_t *array, const pcs_config_t *config,
                      const pcs_counts_t *counts, const uint64_t *system)
{
    pcs_energy_use_t use = {.array = array,
                            .pa = PCS_PREC_MAX,
                            .pb = PCS_PREC_MAX,
                            .clock_mhz = config->clock_mhz,
                            .counts = counts,
                            .system = system};
    cli_sram_kb(config, use.sram_kb);
    pcs_energy_t energy;
    return pcs_energy_account(table, &use, &energy, NULL) == PCS_OK ? pcs_energy_total_pj(&energy) : -1;
}

pcs_memory_t cli_memory(const pcs_config_t *config, const pcs_array_config_t *array, const pcs_energy_table_t *table)
{
    enum { KB = 1024 };
    static const pcs_counts_t none = {{0}};
    static const pcs_counts_t clock = {{[PCS_EVENT_CYCLE] = 1}};
    static const uint64_t read[PCS_SYSTEM_EVENT_COUNT] = {
        [PCS_SYSTEM_DRAM_READ] = 1, [PCS_SYSTEM_SRAM_WRITE] = 1, [PCS_SYSTEM_SRAM_A_WRITE] = 1};
    static const uint64_t write[PCS_SYSTEM_EVENT_COUNT] = {[PCS_SYSTEM_DRAM_WRITE] = 1};
    pcs_memory_t memory = {
        .a_bytes = KB * config->sram_a_kb,
        .b_bytes = KB * config->sram_b_kb,
        .y_bytes = KB * config->sram_y_kb,
        .sram_bytes = config->sram_bytes,
        .dram_bytes = config->dram_bytes,
        .unpacked = config->packing != 0,
        .single = config->buffers != 0,
        .goal = (pcs_memory_goal_t)config->tiling,
        .pj_read = unit_pj(table, array, config, &none, read),
        .pj_write = unit_pj(table, array, config, &none, write),
        .pj_clock = unit_pj(table, array, config, &clock, NULL),
    };
    if (memory.pj_read < 0 || memory.pj_write < 0 || memory.pj_clock < 0) {
        memory.pj_read = memory.pj_write = memory.pj_clock = 0;
    }
    return memory;
}

void cli_rtl_message(void *user, const char *line)
{
    const bool *quiet = user;
    if (!*quiet) {
        (void)printf("%s\n", line);
        (void)fflush(stdout);
    }
}

pcs_status_t cli_device_create(pcs_executor_t executor, const pcs_array_config_t *array, bool quiet,
                               pcs_array_dev_t **dev, pcs_error_t *err)
{
    *dev = NULL;
    switch (executor) {
    case PCS_EXECUTOR_CYCLE:
        return pcs_array_cycle_create(array, dev, err);
    case PCS_EXECUTOR_RTL:
        return pcs_rtl_create(array, &(pcs_rtl_options_t){.message = cli_rtl_message, .user = &quiet}, dev, err);
    default:
        return PCS_OK;
    }
}
