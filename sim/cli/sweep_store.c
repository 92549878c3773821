/* The database of a sweep: making it, and opening what is there.  Every commit is durable: a killed sweep goes on where
   the last one ended. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/build_info.h"
#include "sim/cli/sweep_store.h"

enum { APPLICATION_ID = 0x50435357, FORMAT = 3 }; /* "PCSW" */

pcs_status_t cli_store_broken(const cli_store_t *store, const char *what, pcs_error_t *err)
{
    const int code = sqlite3_errcode(store->db);
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return pcs_fail(err, damaged ? PCS_FORMAT : PCS_IO, "%s: %s: %s%s", store->path, what, sqlite3_errmsg(store->db),
                    damaged ? "; legal: a database of precess sweep, or a new name" : "");
}

pcs_status_t cli_store_run(cli_store_t *store, const char *sql, pcs_error_t *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? PCS_OK
                                                                       : cli_store_broken(store, "cannot write", err);
}

pcs_status_t cli_store_prepare(cli_store_t *store, const char *sql, sqlite3_stmt **statement, pcs_error_t *err)
{
    return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK
               ? PCS_OK
               : cli_store_broken(store, "cannot read", err);
}

/* The first column of the first row of a query, as text; "" when there is none. */
static pcs_status_t ask(cli_store_t *store, const char *sql, cli_text_t *answer, pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = cli_store_prepare(store, sql, &statement, err);
    const int step = status == PCS_OK ? sqlite3_step(statement) : SQLITE_DONE;
    if (step == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        cli_text_add(answer, "%s", text != NULL ? (const char *)text : "");
    } else if (step != SQLITE_DONE) {
        status = cli_store_broken(store, "cannot read", err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static pcs_status_t put_meta(cli_store_t *store, const char *key, const char *value, pcs_error_t *err)
{
    sqlite3_stmt *statement = NULL;
    pcs_status_t status = cli_store_prepare(store, "INSERT INTO meta VALUES (?1, ?2)", &statement, err);
    if (status == PCS_OK) {
        (void)sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
        status = sqlite3_step(statement) == SQLITE_DONE ? PCS_OK : cli_store_broken(store, "cannot write", err);
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
    cli_store_columns(true, &sql);
    cli_text_add(&sql, "); CREATE TABLE accuracy(run TEXT PRIMARY KEY, seed NOT NULL, accuracy REAL NOT NULL");
    cli_store_work_columns(", ", true, &sql);
    cli_text_add(&sql, ");");
    pcs_status_t status =
        sql.failed ? pcs_fail(err, PCS_MEMORY, "sweep: out of memory") : cli_store_run(store, sql.data, err);
    const char *const rows[][2] = {{"format", identity->format},
                                   {"spec_hash", identity->spec},
                                   {"space", identity->space.data},
                                   {"inputs", identity->inputs.size > 0 ? identity->inputs.data : ""},
                                   {"version", PCS_BUILD_VERSION " " PCS_BUILD_COMMIT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == PCS_OK; i++) {
        status = put_meta(store, rows[i][0], rows[i][1], err);
    }
    status = status == PCS_OK ? cli_store_run(store, "COMMIT", err) : status;
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

/* Before 3, points of the kinds float and bfp were stored as ones that cannot be. */
static pcs_status_t same_format(cli_store_t *store, const char *ours, pcs_error_t *err)
{
    cli_text_t theirs = {0};
    pcs_status_t status = ask(store, "SELECT value FROM meta WHERE key = 'format'", &theirs, err);
    const char *text = theirs.size > 0 ? theirs.data : "";
    if (status == PCS_OK && strcmp(text, ours) != 0) {
        status = pcs_fail(err, PCS_INVALID,
                          "%s: a database of another version of precess: its format is '%.20s'; legal: %s, or --db "
                          "with a new name",
                          store->path, text, ours);
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
        status = same_format(store, identity->format, err);
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
