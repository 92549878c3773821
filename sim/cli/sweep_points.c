/* Points of a sweep's database: which are there, putting more, accuracies of runs, all of it as CSV. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "sim/cli/sweep_store.h"

pcs_status_t cli_store_done(cli_store_t *store, const cli_space_t *space, unsigned char *done, uint64_t *count,
                            pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = cli_store_prepare(store, "SELECT id FROM point", &statement, err);
    int step = SQLITE_DONE;
    *count = 0;
    while (status == PCS_OK && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        const int64_t id = sqlite3_column_int64(statement, 0);
        if (id < 0 || (uint64_t)id >= space->points) {
            status =
                pcs_fail(err, PCS_FORMAT, "%s: damaged: point %" PRId64 " of a space of %" PRIu64 "; legal: a new name",
                         store->path, id, space->points);
        } else {
            done[id] = 1;
            ++*count;
        }
    }
    if (status == PCS_OK && step != SQLITE_DONE) {
        status = cli_store_broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static void bind_real(sqlite3_stmt *statement, int at, double value)
{
    (void)(isnan(value) ? sqlite3_bind_null(statement, at) : sqlite3_bind_double(statement, at, value));
}

static void bind_key(sqlite3_stmt *statement, int at, const cli_key_t *key, const pcs_config_t *config)
{
    char text[PCS_CONFIG_TEXT_MAX];
    cli_key_text(key, config, text, sizeof text);
    if (key->type == CLI_UINT) {
        (void)sqlite3_bind_int64(statement, at, strtoll(text, NULL, 10));
    } else if (key->type == CLI_REAL) {
        (void)sqlite3_bind_double(statement, at, strtod(text, NULL));
    } else {
        (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
    }
}

static bool put_one(sqlite3_stmt *statement, uint64_t id, const pcs_config_t *config, const cli_result_t *result)
{
    int at = 1;
    (void)sqlite3_bind_int64(statement, at++, (int64_t)id);
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_estimate_takes(cli_config_keys[i].key)) {
            bind_key(statement, at++, &cli_config_keys[i], config);
        }
    }
    if (result->problem[0] == '\0') {
        (void)sqlite3_bind_null(statement, at++);
    } else {
        (void)sqlite3_bind_text(statement, at++, result->problem, -1, SQLITE_STATIC);
    }
#define PCS_RESULT(field, column, meaning) bind_real(statement, at++, result->field);
#include "sim/cli/sweep.def"
#undef PCS_RESULT
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        bind_real(statement, at++, result->component_j[i]);
    }
    (void)sqlite3_bind_null(statement, at++); /* accuracy */
    (void)sqlite3_bind_int64(statement, at++, 0);
    (void)sqlite3_bind_int64(statement, at, 0);
    const bool good = sqlite3_step(statement) == SQLITE_DONE;
    (void)sqlite3_reset(statement);
    return good;
}

pcs_status_t cli_store_put(cli_store_t *store, const cli_space_t *space, size_t n, const uint64_t *ids,
                           const cli_result_t *results, pcs_error_t *err)
{
    cli_text_t sql = {0};
    cli_text_add(&sql, "INSERT INTO point(id");
    cli_store_columns(false, &sql);
    cli_text_add(&sql, ") VALUES (?");
    size_t width = 4 + PCS_ENERGY_COMPONENT_COUNT; /* problem, accuracy, two fronts, components */
#define PCS_RESULT(field, column, meaning) width++;
#include "sim/cli/sweep.def"
#undef PCS_RESULT
    for (size_t i = 0; i < cli_config_key_count; i++) {
        width += cli_estimate_takes(cli_config_keys[i].key) ? 1 : 0;
    }
    for (size_t i = 0; i < width; i++) {
        cli_text_add(&sql, ", ?");
    }
    cli_text_add(&sql, ")");
    sqlite3_stmt *statement = NULL;
    pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : cli_store_run(store, "BEGIN", err);
    status = status == PCS_OK ? cli_store_prepare(store, sql.data, &statement, err) : status;
    for (size_t i = 0; i < n && status == PCS_OK; i++) {
        pcs_config_t config;
        cli_space_point(space, ids[i], &config);
        status =
            put_one(statement, ids[i], &config, &results[i]) ? PCS_OK : cli_store_broken(store, "cannot write", err);
    }
    (void)sqlite3_finalize(statement);
    status = status == PCS_OK ? cli_store_run(store, "COMMIT", err) : status;
    if (status != PCS_OK && sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    cli_text_free(&sql);
    return status;
}

pcs_status_t cli_store_accuracy(cli_store_t *store, const char *from, const pcs_config_t *config, double accuracy,
                                pcs_error_t *err)
{
    cli_text_t sql = {0};
    sqlite3_stmt *statement = NULL;
    int at = 1;
    cli_text_add(&sql, "INSERT OR REPLACE INTO accuracy VALUES (?, ?, ?");
    for (size_t i = 0; i < cli_config_key_count; i++) {
        cli_text_add(&sql, "%s", cli_store_is_work(cli_config_keys[i].key, true) ? ", ?" : "");
    }
    cli_text_add(&sql, ")");
    pcs_status_t status = sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory")
                                     : cli_store_prepare(store, sql.data, &statement, err);
    if (status == PCS_OK) {
        (void)sqlite3_bind_text(statement, at++, from, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, at++, (int64_t)config->seed);
        (void)sqlite3_bind_double(statement, at++, accuracy);
        for (size_t i = 0; i < cli_config_key_count; i++) {
            if (cli_store_is_work(cli_config_keys[i].key, true)) {
                bind_key(statement, at++, &cli_config_keys[i], config);
            }
        }
        status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : cli_store_broken(store, "cannot write", err);
    }
    (void)sqlite3_finalize(statement);
    cli_text_free(&sql);
    return status;
}

static void add_cell(sqlite3_stmt *statement, int column, cli_text_t *text)
{
    const unsigned char *value = sqlite3_column_text(statement, column);
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        break;
    case SQLITE_FLOAT:
        cli_text_add(text, "%.15g", sqlite3_column_double(statement, column));
        break;
    case SQLITE_INTEGER:
        cli_text_add(text, "%s", (const char *)value);
        break;
    default:
        cli_text_add(text, "\"");
        for (; value != NULL && *value != '\0'; value++) {
            cli_text_add(text, *value == '"' ? "\"\"" : "%c", *value);
        }
        cli_text_add(text, "\"");
        break;
    }
}

pcs_status_t cli_store_csv(cli_store_t *store, cli_text_t *text, pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = cli_store_prepare(store, "SELECT * FROM point ORDER BY id", &statement, err);
    if (status != PCS_OK) {
        return status;
    }
    const int width = sqlite3_column_count(statement);
    for (int i = 0; i < width; i++) {
        cli_text_add(text, "%s%s", i == 0 ? "" : ",", sqlite3_column_name(statement, i));
    }
    cli_text_add(text, "\n");
    int step = SQLITE_DONE;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < width; i++) {
            cli_text_add(text, "%s", i == 0 ? "" : ",");
            add_cell(statement, i, text);
        }
        cli_text_add(text, "\n");
    }
    if (step != SQLITE_DONE) {
        status = cli_store_broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}
