/* What the files of the database share: the connection, and the columns of its tables. */
#ifndef PCS_SIM_CLI_SWEEP_STORE_H
#define PCS_SIM_CLI_SWEEP_STORE_H

#include <sqlite3.h>

#include "sim/cli/sweep.h"

enum { CLI_STORE_NAME_MAX = 64 };

struct cli_store {
    sqlite3 *db;
    const char *path;
};

/* What SQLite says about the last call, as an error. */
PCS_MUST_CHECK pcs_status_t cli_store_broken(const cli_store_t *store, const char *what, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_store_run(cli_store_t *store, const char *sql, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_store_prepare(cli_store_t *store, const char *sql, sqlite3_stmt **statement,
                                              pcs_error_t *err);

/* A key as a column: dots and dashes become underscores. */
void cli_store_column(const cli_key_t *key, char name[CLI_STORE_NAME_MAX]);
/* Columns of `point` after id, with their types when `typed`, each behind a comma. */
void cli_store_columns(bool typed, cli_text_t *sql);
/* Whether a key says what work a point does; the network and the training alone are its task. */
bool cli_store_is_work(const char *key, bool precision);
/* The columns of a point's work, or task, each behind `before`. */
void cli_store_work_columns(const char *before, bool precision, cli_text_t *sql);

#endif
