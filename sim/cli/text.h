/* A growing string, and files written whole: to a temporary name, then renamed. */
#ifndef PCS_SIM_CLI_TEXT_H
#define PCS_SIM_CLI_TEXT_H

#include <stddef.h>

#include "models/spec/status.h"

/* Zero-initialise; cli_text_free when done.  Running out of memory is remembered: see cli_text_ok. */
typedef struct cli_text {
    char *data;
    size_t size, capacity;
    int failed;
} cli_text_t;

void cli_text_add(cli_text_t *text, const char *format, ...) PCS_PRINTF(2, 3);
void cli_text_append(cli_text_t *text, const char *bytes, size_t size);
void cli_text_free(cli_text_t *text);

/* Writes `dir`/`name` atomically. */
PCS_MUST_CHECK pcs_status_t cli_text_write(const cli_text_t *text, const char *dir, const char *name, pcs_error_t *err);
/* Reads a whole file, terminated. */
PCS_MUST_CHECK pcs_status_t cli_text_read(const char *path, cli_text_t *text, pcs_error_t *err);

/* "dir/name" in a static-size buffer the caller owns; PCS_ASSERTs that it fits. */
void cli_path(char *path, size_t size, const char *dir, const char *name);
enum { CLI_PATH_MAX = 2048 };

#endif
