/* What is found out about the points of a complete sweep: their accuracies, and which of them are on the fronts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/sweep_store.h"

static double real_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(row, column);
}

static pcs_status_t add_point(sqlite3_stmt *row, cli_front_point_t **points, size_t *count, size_t *capacity,
                              pcs_error_t *err)
{
    if (*count == *capacity) {
        const size_t more = *capacity == 0 ? 1024 : 2 * *capacity;
        cli_front_point_t *grown = realloc(*points, more * sizeof *grown);
        if (grown == NULL) {
            return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
        }
        *points = grown;
        *capacity = more;
    }
    const unsigned char *kind = sqlite3_column_text(row, 4);
    (*points)[(*count)++] = (cli_front_point_t){
        .id = (uint64_t)sqlite3_column_int64(row, 0),
        .cost = {real_at(row, 1), real_at(row, 2), real_at(row, 3), 1.0 - real_at(row, 5)},
        .kind = pcs_kind_by_name(kind != NULL ? (const char *)kind : ""),
        .work = (uint64_t)sqlite3_column_int64(row, 6),
        .task = (uint64_t)sqlite3_column_int64(row, 7),
    };
    return PCS_OK;
}

/* A number for each group of points that agree in the columns of work, or task. */
static void add_rank(bool precision, cli_text_t *sql)
{
    cli_text_t list = {0};
    cli_store_work_columns(", ", precision, &list);
    cli_text_add(sql, ", dense_rank() OVER (ORDER BY %s) - 1", list.data != NULL ? list.data + 2 : "");
    sql->failed = sql->failed || list.failed;
    cli_text_free(&list);
}

pcs_status_t cli_store_points(cli_store_t *store, cli_front_point_t **points, size_t *count, pcs_error_t *err)
{
    size_t capacity = 0;
    cli_text_t sql = {0};
    sqlite3_stmt *statement = NULL;
    cli_text_add(&sql, "SELECT id, time_s, energy_j, area_um2, array_kind, accuracy");
    add_rank(true, &sql);
    add_rank(false, &sql);
    cli_text_add(&sql, " FROM point WHERE time_s IS NOT NULL AND energy_j IS NOT NULL");
    *points = NULL;
    *count = 0;
    pcs_status_t status = sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory")
                                     : cli_store_prepare(store, sql.data, &statement, err);
    int step = SQLITE_DONE;
    while (status == PCS_OK && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        status = add_point(statement, points, count, &capacity, err);
    }
    if (status == PCS_OK && step != SQLITE_DONE) {
        status = cli_store_broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    cli_text_free(&sql);
    if (status != PCS_OK) {
        free(*points);
        *points = NULL;
        *count = 0;
    }
    return status;
}

/* The mean accuracy of the runs that did a point's work. */
static pcs_status_t set_accuracies(cli_store_t *store, pcs_error_t *err)
{
    cli_text_t sql = {0};
    cli_text_add(&sql, "UPDATE point SET accuracy = (SELECT avg(a.accuracy) FROM accuracy a WHERE 1");
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_store_is_work(cli_config_keys[i].key, true)) {
            char name[CLI_STORE_NAME_MAX];
            cli_store_column(&cli_config_keys[i], name);
            cli_text_add(&sql, " AND a.%s = point.%s", name, name);
        }
    }
    cli_text_add(&sql, ") WHERE EXISTS (SELECT 1 FROM accuracy)");
    const pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : cli_store_run(store, sql.data, err);
    cli_text_free(&sql);
    return status;
}

static pcs_status_t set_front(cli_store_t *store, const char *column, const cli_front_point_t *points, size_t count,
                              pcs_error_t *err)
{
    char sql[120];
    sqlite3_stmt *statement = NULL;
    (void)snprintf(sql, sizeof sql, "UPDATE point SET %s = 0 WHERE %s != 0", column, column);
    pcs_status_t status = cli_store_run(store, sql, err);
    (void)snprintf(sql, sizeof sql, "UPDATE point SET %s = 1 WHERE id = ?1", column);
    status = status == PCS_OK ? cli_store_prepare(store, sql, &statement, err) : status;
    for (size_t i = 0; i < count && status == PCS_OK; i++) {
        if (points[i].pareto) {
            (void)sqlite3_bind_int64(statement, 1, (int64_t)points[i].id);
            status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : cli_store_broken(store, "cannot write", err);
            (void)sqlite3_reset(statement);
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}

pcs_status_t cli_store_fronts(cli_store_t *store, pcs_error_t *err)
{
    cli_front_point_t *points = NULL;
    size_t count = 0;
    pcs_status_t status = cli_store_run(store, "BEGIN", err);
    status = status == PCS_OK ? set_accuracies(store, err) : status;
    status = status == PCS_OK ? cli_store_points(store, &points, &count, err) : status;
    if (status == PCS_OK) {
        cli_front_mark(points, count, true);
        status = set_front(store, "pareto_accuracy", points, count, err);
    }
    if (status == PCS_OK) {
        cli_front_mark(points, count, false);
        status = set_front(store, "pareto", points, count, err);
    }
    free(points);
    return status == PCS_OK ? cli_store_run(store, "COMMIT", err) : status;
}
