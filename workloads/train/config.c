#include "workloads/train/config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "workloads/policy/schedule.h"

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
    /* Keys that say nothing about this run are not among its lines: checkpoints outlive them. */
    const bool floats = pcs_schedule_float(config->schedule) != NULL;
    text[0] = '\0';
#define LINE(key, line)                                                                                                \
    if (floats || strncmp(key, "float.", 6) != 0) {                                                                    \
        line;                                                                                                          \
    }
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) LINE(key, line_uint(text, key, config->field))
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) LINE(key, line_real(text, key, config->field))
#define PCS_KEY_TEXT(field, key, flag, def, help) LINE(key, line_text(text, key, config->field))
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) LINE(key, line_choice(text, key, names, config->field))
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
#undef LINE
    add_bounded(config, text);
}

/* Of this section, or this key. */
static bool in(const char *key, const char *section)
{
    return strncmp(key, section, strlen(section)) == 0;
}

/* Keys that mean nothing without an array. */
static bool of_array(const char *key)
{
    if (strcmp(key, "precision.schedule") == 0 || strcmp(key, "precision.cycles") == 0) {
        return false; /* the one that chose; and what any constant schedule passes over */
    }
    return in(key, "precision.") || in(key, "array.") || in(key, "memory.") || in(key, "energy.") || in(key, "check.");
}

static pcs_status_t check_default(const char *key, bool is_default, const char *schedule, pcs_error_t *err)
{
    const bool fp32 = pcs_schedule_fp32(schedule);
    const bool floats = pcs_schedule_float(schedule) != NULL;
    const bool device = strcmp(key, "executor") == 0 || strcmp(key, "isa") == 0;
    if (is_default) {
        return PCS_OK;
    }
    if (in(key, "float.") && !floats) {
        return pcs_fail(err, PCS_INVALID,
                        "%s: has no meaning with precision.schedule %s, only with float:FW/BW; legal: its default", key,
                        schedule);
    }
    if ((of_array(key) && (fp32 || floats)) || (device && fp32)) {
        return pcs_fail(err, PCS_INVALID,
                        "%s: has no meaning with precision.schedule %s, which runs on no array; legal: its default",
                        key, schedule);
    }
    return PCS_OK;
}

pcs_status_t pcs_config_check(const pcs_config_t *config, pcs_error_t *err)
{
    pcs_config_t normal;
    pcs_config_defaults(&normal);
    normal.check_every = config->check_every == 0 ? 0 : normal.check_every;
    pcs_status_t status = PCS_OK;
#define CHECK(key, is_default)                                                                                         \
    status = status == PCS_OK ? check_default(key, is_default, config->schedule, err) : status;
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) CHECK(key, config->field == normal.field)
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) CHECK(key, config->field == normal.field)
#define PCS_KEY_TEXT(field, key, flag, def, help) CHECK(key, strcmp(config->field, normal.field) == 0)
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) CHECK(key, config->field == normal.field)
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
#undef CHECK
    return status;
}
