/* Rows of a *.def file as a table: what the command line, the YAML reader, run.yaml and --help share. */
#ifndef PCS_SIM_CLI_KEYS_H
#define PCS_SIM_CLI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"
#include "workloads/train/config.h"

typedef enum cli_type { CLI_UINT, CLI_REAL, CLI_TEXT, CLI_CHOICE } cli_type_t;

typedef struct cli_key {
    cli_type_t type;
    size_t offset;     /* of the field in its struct */
    const char *key;   /* "train.batch" */
    const char *flag;  /* "batch" */
    const char *names; /* CHOICE: "a|b|c" */
    const char *help;
    uint64_t uint_def, uint_min, uint_max; /* UINT; CHOICE: uint_def is the index */
    double real_def, real_min, real_max;   /* REAL */
    const char *text_def;                  /* TEXT */
} cli_key_t;

/* Initialisers of a table from a def file; the includer defines CLI_STRUCT as the struct's type. */
#define CLI_ROW_UINT(field, key_, flag_, def, min, max, help_)                                                         \
    {.type = CLI_UINT,                                                                                                 \
     .offset = offsetof(CLI_STRUCT, field),                                                                            \
     .key = key_,                                                                                                      \
     .flag = flag_,                                                                                                    \
     .help = help_,                                                                                                    \
     .uint_def = (def),                                                                                                \
     .uint_min = (min),                                                                                                \
     .uint_max = (max)},
#define CLI_ROW_REAL(field, key_, flag_, def, min, max, help_)                                                         \
    {.type = CLI_REAL,                                                                                                 \
     .offset = offsetof(CLI_STRUCT, field),                                                                            \
     .key = key_,                                                                                                      \
     .flag = flag_,                                                                                                    \
     .help = help_,                                                                                                    \
     .real_def = (def),                                                                                                \
     .real_min = (min),                                                                                                \
     .real_max = (max)},
#define CLI_ROW_TEXT(field, key_, flag_, def, help_)                                                                   \
    {.type = CLI_TEXT,                                                                                                 \
     .offset = offsetof(CLI_STRUCT, field),                                                                            \
     .key = key_,                                                                                                      \
     .flag = flag_,                                                                                                    \
     .help = help_,                                                                                                    \
     .text_def = (def)},
#define CLI_ROW_CHOICE(field, key_, flag_, def, names_, help_)                                                         \
    {.type = CLI_CHOICE,                                                                                               \
     .offset = offsetof(CLI_STRUCT, field),                                                                            \
     .key = key_,                                                                                                      \
     .flag = flag_,                                                                                                    \
     .help = help_,                                                                                                    \
     .names = (names_),                                                                                                \
     .uint_def = (def)},

/* The keys of a run: workloads/train/config.def. */
extern const cli_key_t cli_config_keys[];
extern const size_t cli_config_key_count;

/* Sets a field from text.  `where` begins the message ("run.yaml:3" or "command line"). */
PCS_MUST_CHECK pcs_status_t cli_key_set(const cli_key_t *key, void *base, const char *text, const char *where,
                                        pcs_error_t *err);
/* Writes the field's value as text that cli_key_set reads back exactly. */
void cli_key_text(const cli_key_t *key, const void *base, char *text, size_t size);
/* Writes the default, and the legal values ("1..65536", "a|b"). */
void cli_key_default(const cli_key_t *key, char *text, size_t size);
void cli_key_legal(const cli_key_t *key, char *text, size_t size);

/* Writes the whole configuration as YAML that `-c` reads back, one section after the other. */
typedef struct cli_text cli_text_t;
void cli_config_yaml(const pcs_config_t *config, cli_text_t *out);

#endif
