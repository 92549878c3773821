/* The command line of a subcommand, built from key rows: getopt_long's options, --help, and strict errors. */
#ifndef PCS_SIM_CLI_ARGS_H
#define PCS_SIM_CLI_ARGS_H

#include <stdbool.h>

#include "sim/cli/keys.h"

/* Keys that a command takes as flags.  `only`: NULL-terminated list of YAML keys, NULL = all of them. */
typedef struct cli_keyset {
    const cli_key_t *keys;
    size_t count;
    const char *const *only;
    void *base; /* the struct that the keys set */
} cli_keyset_t;

/* A flag that is not a key: what a command does, not what a run is.  With `value` it takes an argument. */
typedef struct cli_switch {
    const char *flag;
    char letter;        /* or 0 */
    bool *on;           /* set when given; may be NULL with `value` */
    const char **value; /* NULL: no argument */
    const char *argument, *help;
} cli_switch_t;

enum { CLI_SETS_MAX = 2, CLI_SWITCHES_MAX = 24, CLI_GIVEN_MAX = 256 };

typedef struct cli_args {
    const char *command;
    const char *usage; /* after "precess <command>" */
    const char *about; /* paragraphs for --help */
    cli_keyset_t sets[CLI_SETS_MAX];
    cli_switch_t switches[CLI_SWITCHES_MAX];
    size_t operands_max;

    /* Filled by cli_args_parse. */
    bool help;
    size_t operands;
    const char *operand[4];
    size_t given;
    struct {
        const cli_key_t *key;
        void *base;
        const char *text;
    } give[CLI_GIVEN_MAX];
} cli_args_t;

/* Reads argv[1..]; sets switches and operands, remembers keys.  The first word that is not legal is PCS_INVALID. */
PCS_MUST_CHECK pcs_status_t cli_args_parse(cli_args_t *args, int argc, char **argv, pcs_error_t *err);
/* Sets the keys that were given, in order: after the configuration file, so that the command line wins. */
PCS_MUST_CHECK pcs_status_t cli_args_apply(const cli_args_t *args, pcs_error_t *err);
/* Prints --help on stdout. */
void cli_args_help(const cli_args_t *args);

#endif
