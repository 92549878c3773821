/* The database of a sweep.  Every commit is durable: a killed sweep goes on where the last one ended. */
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/build_info.h"
#include "sim/cli/sweep.h"

enum { APPLICATION_ID = 0x50435357, FORMAT = 1, NAME_MAX = 64 }; /* "PCSW" */

struct cli_store {
    sqlite3 *db;
    const char *path;
};

/* What SQLite says about the last call. */
static pcs_status_t broken(const cli_store_t *store, const char *what, pcs_error_t *err)
{
    const int code = sqlite3_errcode(store->db);
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return pcs_fail(err, damaged ? PCS_FORMAT : PCS_IO, "%s: %s: %s%s", store->path, what, sqlite3_errmsg(store->db),
                    damaged ? "; legal: a database of precess sweep, or a new name" : "");
}

static pcs_status_t run(cli_store_t *store, const char *sql, pcs_error_t *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? PCS_OK : broken(store, "cannot write", err);
}

static pcs_status_t prepare(cli_store_t *store, const char *sql, sqlite3_stmt **statement, pcs_error_t *err)
{
    return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK ? PCS_OK
                                                                                : broken(store, "cannot read", err);
}

/* The first column of the first row of a query, as text; "" when there is none. */
static pcs_status_t ask(cli_store_t *store, const char *sql, cli_text_t *answer, pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = prepare(store, sql, &statement, err);
    const int step = status == PCS_OK ? sqlite3_step(statement) : SQLITE_DONE;
    if (step == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        cli_text_add(answer, "%s", text != NULL ? (const char *)text : "");
    } else if (step != SQLITE_DONE) {
        status = broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* ---- the schema ----------------------------------------------------------------------------------------------------
 */

/* A key as a column: dots and dashes become underscores. */
static void column_of(const cli_key_t *key, char name[NAME_MAX])
{
    (void)snprintf(name, NAME_MAX, "%s", key->key);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '.' || *at == '-' ? '_' : *at;
    }
}

/* Columns of `point` after id, with their types when `typed`, each behind a comma. */
static void columns(bool typed, cli_text_t *sql)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_estimate_takes(cli_config_keys[i].key)) {
            char name[NAME_MAX];
            column_of(&cli_config_keys[i], name);
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

/* Whether a key says what work a point does; the network and the training alone are its task. */
static bool is_work(const char *key, bool precision)
{
    return cli_estimate_takes(key) && (strcmp(key, "network") == 0 || strncmp(key, "train.", 6) == 0 ||
                                       (precision && strncmp(key, "precision.", 10) == 0));
}

/* The columns of a point's work, or task, each behind `before`. */
static void work_columns(const char *before, bool precision, cli_text_t *sql)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (is_work(cli_config_keys[i].key, precision)) {
            char name[NAME_MAX];
            column_of(&cli_config_keys[i], name);
            cli_text_add(sql, "%s%s", before, name);
        }
    }
}

static pcs_status_t put_meta(cli_store_t *store, const char *key, const char *value, pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = prepare(store, "INSERT INTO meta VALUES (?1, ?2)", &statement, err);
    if (status == PCS_OK) {
        (void)sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
        status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : broken(store, "cannot write", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* What a database must agree on to be this sweep's. */
typedef struct identity {
    char format[16], spec[24];
    cli_text_t space, inputs;
} identity_t;

static pcs_status_t identify(const cli_space_t *space, identity_t *identity, pcs_error_t *err)
{
    (void)snprintf(identity->format, sizeof identity->format, "%d", FORMAT);
    (void)snprintf(identity->spec, sizeof identity->spec, "%016" PRIx64, pcs_spec_hash());
    cli_space_text(space, &identity->space);
    return cli_space_inputs(space, &identity->inputs, err);
}

static pcs_status_t create(cli_store_t *store, const identity_t *identity, pcs_error_t *err)
{
    cli_text_t sql = {0};
    cli_text_add(&sql,
                 "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d;"
                 "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);"
                 "CREATE TABLE point(id INTEGER PRIMARY KEY",
                 APPLICATION_ID, FORMAT);
    columns(true, &sql);
    cli_text_add(&sql, "); CREATE TABLE accuracy(run TEXT PRIMARY KEY, seed NOT NULL, accuracy REAL NOT NULL");
    work_columns(", ", true, &sql);
    cli_text_add(&sql, ");");
    pcs_status_t status = sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : run(store, sql.data, err);
    const char *const rows[][2] = {{"format", identity->format},
                                   {"spec_hash", identity->spec},
                                   {"space", identity->space.data},
                                   {"inputs", identity->inputs.size > 0 ? identity->inputs.data : ""},
                                   {"version", PCS_BUILD_VERSION " " PCS_BUILD_COMMIT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == PCS_OK; i++) {
        status = put_meta(store, rows[i][0], rows[i][1], err);
    }
    status = status == PCS_OK ? run(store, "COMMIT", err) : status;
    cli_text_free(&sql);
    return status;
}

/* ---- opening what is there
 * ------------------------------------------------------------------------------------------- */

/* The first line in which two texts differ, cut for a message. */
static void first_difference(const char *a, const char *b, char line_a[160], char line_b[160])
{
    while (*a != '\0' || *b != '\0') {
        const size_t na = strcspn(a, "\n");
        const size_t nb = strcspn(b, "\n");
        if (na != nb || strncmp(a, b, na) != 0) {
            (void)snprintf(line_a, 160, "%.*s", (int)(na < 150 ? na : 150), a);
            (void)snprintf(line_b, 160, "%.*s", (int)(nb < 150 ? nb : 150), b);
            return;
        }
        a += na + (a[na] == '\n');
        b += nb + (b[nb] == '\n');
    }
    line_a[0] = line_b[0] = '\0';
}

static pcs_status_t same(cli_store_t *store, const char *key, const char *ours, pcs_error_t *err)
{
    char sql[80];
    cli_text_t theirs = {0};
    (void)snprintf(sql, sizeof sql, "SELECT value FROM meta WHERE key = '%s'", key);
    pcs_status_t status = ask(store, sql, &theirs, err);
    const char *text = theirs.size > 0 ? theirs.data : "";
    if (status == PCS_OK && strcmp(text, ours) != 0) {
        char there[160];
        char here[160];
        first_difference(text, ours, there, here);
        status =
            pcs_fail(err, PCS_INVALID,
                     "%s: holds another sweep: %s is '%s' there and '%s' here; legal: the same sweep, or --db with a "
                     "new name",
                     store->path, key, there, here);
    }
    cli_text_free(&theirs);
    return status;
}

/* A file of ours, whole, and of this sweep.  *empty: it has no tables yet. */
static pcs_status_t check(cli_store_t *store, const identity_t *identity, bool *empty, pcs_error_t *err)
{
    cli_text_t tables = {0};
    cli_text_t id = {0};
    cli_text_t health = {0};
    pcs_status_t status = ask(store, "SELECT count(*) FROM sqlite_master", &tables, err);
    status = status == PCS_OK ? ask(store, "PRAGMA application_id", &id, err) : status;
    *empty = status == PCS_OK && strcmp(tables.data, "0") == 0;
    if (status == PCS_OK && !*empty && strtol(id.data, NULL, 10) != APPLICATION_ID) {
        status = pcs_fail(err, PCS_FORMAT,
                          "%s: a database, but not of precess sweep; legal: a database of precess sweep, or a new name",
                          store->path);
    }
    status = status == PCS_OK && !*empty ? ask(store, "PRAGMA quick_check(1)", &health, err) : status;
    if (status == PCS_OK && !*empty && strcmp(health.data, "ok") != 0) {
        for (char *at = strchr(health.data, '\n'); at != NULL; at = strchr(at, '\n')) {
            *at = ' ';
        }
        status = pcs_fail(err, PCS_FORMAT, "%s: damaged: %.200s; legal: a database of precess sweep, or a new name",
                          store->path, health.data);
    }
    if (status == PCS_OK && !*empty) {
        status = same(store, "format", identity->format, err);
        status = status == PCS_OK ? same(store, "spec_hash", identity->spec, err) : status;
        status = status == PCS_OK ? same(store, "space", identity->space.data, err) : status;
        status = status == PCS_OK ? same(store, "inputs", identity->inputs.size > 0 ? identity->inputs.data : "", err)
                                  : status;
    }
    cli_text_free(&tables);
    cli_text_free(&id);
    cli_text_free(&health);
    return status;
}

pcs_status_t cli_store_open(const char *path, const cli_space_t *space, cli_store_t **opened, pcs_error_t *err)
{
    enum { WAIT_MS = 2000 };
    identity_t identity = {.format = ""};
    cli_store_t *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    store->path = path;
    const bool existed = access(path, F_OK) == 0;
    pcs_status_t status = identify(space, &identity, err);
    if (status == PCS_OK &&
        sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        status = pcs_fail(err, PCS_IO, "%s: %s; legal: a file in a directory that exists", path,
                          store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
    }
    bool empty = true;
    if (status == PCS_OK) {
        (void)sqlite3_busy_timeout(store->db, WAIT_MS);
        status = check(store, &identity, &empty, err);
    }
    status = status == PCS_OK && empty ? create(store, &identity, err) : status;
    cli_text_free(&identity.space);
    cli_text_free(&identity.inputs);
    if (status != PCS_OK) {
        cli_store_close(store);
        if (!existed) {
            (void)remove(path);
        }
        return status;
    }
    *opened = store;
    return PCS_OK;
}

void cli_store_close(cli_store_t *store)
{
    if (store != NULL) {
        (void)sqlite3_close(store->db);
        free(store);
    }
}

/* ---- points
 * ---------------------------------------------------------------------------------------------------------- */

pcs_status_t cli_store_done(cli_store_t *store, const cli_space_t *space, unsigned char *done, uint64_t *count,
                            pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = prepare(store, "SELECT id FROM point", &statement, err);
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
        status = broken(store, "cannot read", err);
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
    columns(false, &sql);
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
    pcs_status_t status = sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : run(store, "BEGIN", err);
    status = status == PCS_OK ? prepare(store, sql.data, &statement, err) : status;
    for (size_t i = 0; i < n && status == PCS_OK; i++) {
        pcs_config_t config;
        cli_space_point(space, ids[i], &config);
        status = put_one(statement, ids[i], &config, &results[i]) ? PCS_OK : broken(store, "cannot write", err);
    }
    (void)sqlite3_finalize(statement);
    status = status == PCS_OK ? run(store, "COMMIT", err) : status;
    if (status != PCS_OK && sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    cli_text_free(&sql);
    return status;
}

/* ---- reading
 * --------------------------------------------------------------------------------------------------------- */

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
    work_columns(", ", precision, &list);
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
    pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : prepare(store, sql.data, &statement, err);
    int step = SQLITE_DONE;
    while (status == PCS_OK && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        status = add_point(statement, points, count, &capacity, err);
    }
    if (status == PCS_OK && step != SQLITE_DONE) {
        status = broken(store, "cannot read", err);
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
        if (is_work(cli_config_keys[i].key, true)) {
            char name[NAME_MAX];
            column_of(&cli_config_keys[i], name);
            cli_text_add(&sql, " AND a.%s = point.%s", name, name);
        }
    }
    cli_text_add(&sql, ") WHERE EXISTS (SELECT 1 FROM accuracy)");
    const pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : run(store, sql.data, err);
    cli_text_free(&sql);
    return status;
}

static pcs_status_t set_front(cli_store_t *store, const char *column, const cli_front_point_t *points, size_t count,
                              pcs_error_t *err)
{
    char sql[120];
    sqlite3_stmt *statement = NULL;
    (void)snprintf(sql, sizeof sql, "UPDATE point SET %s = 0 WHERE %s != 0", column, column);
    pcs_status_t status = run(store, sql, err);
    (void)snprintf(sql, sizeof sql, "UPDATE point SET %s = 1 WHERE id = ?1", column);
    status = status == PCS_OK ? prepare(store, sql, &statement, err) : status;
    for (size_t i = 0; i < count && status == PCS_OK; i++) {
        if (points[i].pareto) {
            (void)sqlite3_bind_int64(statement, 1, (int64_t)points[i].id);
            status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : broken(store, "cannot write", err);
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
    pcs_status_t status = run(store, "BEGIN", err);
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
    return status == PCS_OK ? run(store, "COMMIT", err) : status;
}

pcs_status_t cli_store_accuracy(cli_store_t *store, const char *from, const pcs_config_t *config, double accuracy,
                                pcs_error_t *err)
{
    cli_text_t sql = {0};
    sqlite3_stmt *statement = NULL;
    int at = 1;
    cli_text_add(&sql, "INSERT OR REPLACE INTO accuracy VALUES (?, ?, ?");
    for (size_t i = 0; i < cli_config_key_count; i++) {
        cli_text_add(&sql, "%s", is_work(cli_config_keys[i].key, true) ? ", ?" : "");
    }
    cli_text_add(&sql, ")");
    pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : prepare(store, sql.data, &statement, err);
    if (status == PCS_OK) {
        (void)sqlite3_bind_text(statement, at++, from, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, at++, (int64_t)config->seed);
        (void)sqlite3_bind_double(statement, at++, accuracy);
        for (size_t i = 0; i < cli_config_key_count; i++) {
            if (is_work(cli_config_keys[i].key, true)) {
                bind_key(statement, at++, &cli_config_keys[i], config);
            }
        }
        status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : broken(store, "cannot write", err);
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
    pcs_status_t status = prepare(store, "SELECT * FROM point ORDER BY id", &statement, err);
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
        status = broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}
