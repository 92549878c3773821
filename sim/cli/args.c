#include "sim/cli/args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 256, FIRST_ID = 1000, HELP_COLUMN = 26, HELP_WIDTH = 100 };

/* What an option id stands for. */
typedef struct meaning {
    const cli_key_t *key;
    void *base;
    const cli_switch_t *sw; /* neither: --help */
} meaning_t;

typedef struct table {
    struct option options[OPTIONS_MAX + 1];
    meaning_t meanings[OPTIONS_MAX];
    size_t count;
    char letters[2 * CLI_SWITCHES_MAX + 4];
} table_t;

static bool takes(const cli_keyset_t *set, const cli_key_t *key)
{
    for (size_t i = 0; set->only != NULL; i++) {
        if (set->only[i] == NULL) {
            return false;
        }
        if (strcmp(set->only[i], key->key) == 0) {
            return true;
        }
    }
    return true;
}

static void add(table_t *table, const char *flag, bool argument, meaning_t meaning)
{
    PCS_ASSERT(table->count < OPTIONS_MAX);
    table->options[table->count] = (struct option){
        .name = flag,
        .has_arg = argument ? required_argument : no_argument,
        .val = (int)(FIRST_ID + table->count),
    };
    table->meanings[table->count++] = meaning;
}

static void build(const cli_args_t *args, table_t *table)
{
    memset(table, 0, sizeof *table);
    size_t letters = 0;
    table->letters[letters++] = ':'; /* tell a missing argument from an unknown flag */
    for (size_t s = 0; s < CLI_SETS_MAX; s++) {
        for (size_t i = 0; i < args->sets[s].count; i++) {
            const cli_key_t *key = &args->sets[s].keys[i];
            if (takes(&args->sets[s], key)) {
                add(table, key->flag, true, (meaning_t){.key = key, .base = args->sets[s].base});
            }
        }
    }
    for (size_t i = 0; i < CLI_SWITCHES_MAX && args->switches[i].flag != NULL; i++) {
        const cli_switch_t *sw = &args->switches[i];
        add(table, sw->flag, sw->value != NULL, (meaning_t){.sw = sw});
        if (sw->letter != 0) {
            table->letters[letters++] = sw->letter;
            if (sw->value != NULL) {
                table->letters[letters++] = ':';
            }
        }
    }
    add(table, "help", false, (meaning_t){0});
    table->letters[letters++] = 'h';
    table->letters[letters] = '\0';
}

static pcs_status_t unknown(const cli_args_t *args, const table_t *table, const char *word, pcs_error_t *err)
{
    char legal[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->count && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, " --%s", table->options[i].name);
    }
    return pcs_fail(err, PCS_INVALID, "%s: unknown flag %.40s; legal:%s", args->command, word, legal);
}

static meaning_t meaning_of(const cli_args_t *args, const table_t *table, int id)
{
    if (id >= FIRST_ID) {
        return table->meanings[id - FIRST_ID];
    }
    for (size_t i = 0; i < CLI_SWITCHES_MAX && args->switches[i].flag != NULL; i++) {
        if (args->switches[i].letter == id) {
            return (meaning_t){.sw = &args->switches[i]};
        }
    }
    return (meaning_t){0};
}

/* getopt_long takes abbreviations; we do not: a flag added later would change what an old script means. */
static bool is_flag(const table_t *table, const char *word)
{
    const size_t length = strcspn(word + 2, "=");
    for (size_t i = 0; i < table->count; i++) {
        if (strlen(table->options[i].name) == length && strncmp(table->options[i].name, word + 2, length) == 0) {
            return true;
        }
    }
    return false;
}

pcs_status_t cli_args_parse(cli_args_t *args, int argc, char **argv, pcs_error_t *err)
{
    table_t table;
    build(args, &table);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && !is_flag(&table, argv[i])) {
            return unknown(args, &table, argv[i], err);
        }
    }
    opterr = 0;
    optind = 1;
    for (;;) {
        const int id = getopt_long(argc, argv, table.letters, table.options, NULL);
        if (id == -1) {
            break;
        }
        if (id == '?') {
            return unknown(args, &table, argv[optind - 1], err);
        }
        if (id == ':') {
            return pcs_fail(err, PCS_INVALID, "%s: flag %.40s needs a value; see precess %s --help", args->command,
                            argv[optind - 1], args->command);
        }
        const meaning_t meaning = meaning_of(args, &table, id);
        if (meaning.key != NULL) {
            PCS_ASSERT(args->given < CLI_GIVEN_MAX);
            args->give[args->given].key = meaning.key;
            args->give[args->given].base = meaning.base;
            args->give[args->given++].text = optarg;
        } else if (meaning.sw != NULL) {
            if (meaning.sw->on != NULL) {
                *meaning.sw->on = true;
            }
            if (meaning.sw->value != NULL) {
                *meaning.sw->value = optarg;
            }
        } else {
            args->help = true;
        }
    }
    for (int i = optind; i < argc; i++) {
        if (args->operands == args->operands_max) {
            return pcs_fail(err, PCS_INVALID, "%s: unexpected '%.60s'; legal: %s", args->command, argv[i], args->usage);
        }
        args->operand[args->operands++] = argv[i];
    }
    return PCS_OK;
}

pcs_status_t cli_args_apply(const cli_args_t *args, pcs_error_t *err)
{
    for (size_t i = 0; i < args->given; i++) {
        char where[64];
        (void)snprintf(where, sizeof where, "--%s", args->give[i].key->flag);
        const pcs_status_t status = cli_key_set(args->give[i].key, args->give[i].base, args->give[i].text, where, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}

/* One flag: name in the left column, help wrapped in the right one. */
static void help_line(const char *left, const char *help)
{
    int column = printf("  %s", left);
    if (column >= HELP_COLUMN) {
        (void)printf("\n");
        column = 0;
    }
    column += printf("%*s", HELP_COLUMN - column, "");
    while (*help != '\0') {
        const int word = (int)strcspn(help, " ");
        if (column + word > HELP_WIDTH) {
            (void)printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        column += printf("%s%.*s", column > HELP_COLUMN ? " " : "", word, help);
        help += word + (help[word] == ' ');
    }
    (void)printf("\n");
}

static void help_key(const cli_key_t *key)
{
    char left[64];
    char value[PCS_CONFIG_TEXT_MAX];
    char legal[256];
    char text[PCS_CONFIG_TEXT_MAX + 1024];
    cli_key_default(key, value, sizeof value);
    cli_key_legal(key, legal, sizeof legal);
    static const char *const arguments[] = {"N", "X", "TEXT", "NAME"};
    (void)snprintf(left, sizeof left, "--%s %s", key->flag, arguments[key->type]);
    if (key->type == CLI_TEXT) {
        (void)snprintf(text, sizeof text, "%s: %s [%s]", key->key, key->help, value);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s (%s) [%s]", key->key, key->help, legal, value);
    }
    help_line(left, text);
}

void cli_args_help(const cli_args_t *args)
{
    (void)printf("precess %s %s\n\n%s\n", args->command, args->usage, args->about);
    (void)printf("\nflags:\n");
    for (size_t i = 0; i < CLI_SWITCHES_MAX && args->switches[i].flag != NULL; i++) {
        const cli_switch_t *sw = &args->switches[i];
        char left[64];
        char letter[8] = "";
        if (sw->letter != 0) {
            (void)snprintf(letter, sizeof letter, "-%c, ", sw->letter);
        }
        (void)snprintf(left, sizeof left, "%s--%s%s%s", letter, sw->flag, sw->value != NULL ? " " : "",
                       sw->value != NULL ? sw->argument : "");
        help_line(left, sw->help);
    }
    help_line("-h, --help", "this text");
    bool titled = false;
    for (size_t s = 0; s < CLI_SETS_MAX; s++) {
        for (size_t i = 0; i < args->sets[s].count; i++) {
            const cli_key_t *key = &args->sets[s].keys[i];
            if (takes(&args->sets[s], key)) {
                if (!titled) {
                    (void)printf("\nflags that are also keys of the YAML file, with (legal values) and [default]:\n");
                    titled = true;
                }
                help_key(key);
            }
        }
    }
}
