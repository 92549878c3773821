/* What the commands about number formats share: flags by name, codes as hexadecimal text, values as decimal text. */
#ifndef PCS_SIM_CLI_NUMBERS_H
#define PCS_SIM_CLI_NUMBERS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "models/format/dot.h"
#include "models/format/float.h"
#include "models/spec/status.h"
#include "sim/cli/format_file.h"

/* Text of --help: the names of formats, roundings, overflow policies. */
extern const char cli_numbers_help[];

/* Names are read in any case, with _ or -: the text so written, in `name`; one too long for it comes back as it is. */
enum { CLI_NAME_MAX = 256 };
const char *cli_numbers_name(const char *text, char name[CLI_NAME_MAX]);

/* How to round, and what to print of it, as the flags say; NULL = the default. */
typedef struct cli_numbers_flags {
    const char *rounding, *overflow, *random_bits, *seed, *tininess, *status;
} cli_numbers_flags_t;

/* What a filter prints behind a code: nothing; the flags' names; their bits as two hexadecimal digits (RISC-V's fflags,
   which are also TestFloat's). */
typedef enum cli_status { CLI_STATUS_NONE, CLI_STATUS_NAMES, CLI_STATUS_BITS, CLI_STATUS_COUNT } cli_status_t;

/* --verify: a line brings the result that is expected, and perhaps its flags as two hexadecimal digits, as TestFloat
   writes them. */
typedef struct cli_verify {
    bool on;
    const char *line; /* as read, and its number */
    uint64_t number;
    pcs_code_t code;
    bool has_flags;
    unsigned flags;
    uint64_t cases, different;
} cli_verify_t;

/* A source of rounded operations: pcs_fpstate_t plus the random bits of each case. */
typedef struct cli_numbers {
    pcs_fpstate_t state;
    uint64_t seed, cases;
    cli_status_t status;
    cli_verify_t verify;
} cli_numbers_t;

PCS_MUST_CHECK pcs_status_t cli_numbers_init(cli_numbers_t *numbers, const cli_numbers_flags_t *flags,
                                             const char *command, pcs_error_t *err);
/* Clears the flags and draws the random bits of the next case: case i draws element i of the seed's stream. */
void cli_numbers_next(cli_numbers_t *numbers);

/* The format that `flag` names; text NULL = missing. */
PCS_MUST_CHECK pcs_status_t cli_numbers_format(cli_formats_t *formats, const char *command, const char *flag,
                                               const char *text, const pcs_format_row_t **format, pcs_error_t *err);

/* Codes of one format that stand together on a line. */
typedef struct cli_numbers_field {
    const pcs_format_row_t *format;
    size_t count;
} cli_numbers_field_t;

/* Reads cases from standard input, one a line of the codes of fields[0..fields_count-1], blanks or commas between them,
   up to its end; each goes to `run`, which answers it.  A line that is anything else is PCS_INVALID with its number;
   the lines before it have been answered.  With --verify a code of `result` follows, then flags or nothing, and empty
   lines and those that begin with # are passed over; how many cases there were and how many differ is printed at the
   end, *exit_status then says whether any did, and no case at all is PCS_INVALID. */
typedef void (*cli_numbers_run_fn)(void *user, const pcs_code_t *codes);
PCS_MUST_CHECK pcs_status_t cli_numbers_filter(cli_numbers_t *numbers, const cli_numbers_field_t *fields,
                                               size_t fields_count, const pcs_format_row_t *result,
                                               cli_numbers_run_fn run, void *user, int *exit_status, pcs_error_t *err);

/* A whole number low..high that `flag` gives. */
PCS_MUST_CHECK pcs_status_t cli_numbers_whole(const char *command, const char *flag, const char *text, uint64_t low,
                                              uint64_t high, uint64_t *value, pcs_error_t *err);

/* How many of `of` results raised each flag: a line or a member each. */
typedef struct cli_status_counts {
    uint64_t of, inexact, overflow, underflow, invalid;
} cli_status_counts_t;
void cli_status_counts_print(const cli_status_counts_t *counts);
void cli_status_counts_json(const cli_status_counts_t *counts, cJSON *object);
/* Such a line: "NaN              3 (0.500 %)". */
void cli_status_count_print(const char *name, uint64_t n, uint64_t of);

/* What --scale-format says, NULL for e8m0, and a format whose codes these are. */
PCS_MUST_CHECK pcs_status_t cli_numbers_scale_code(const char *command, const char *text, pcs_scale_code_t *code,
                                                   const pcs_format_row_t **format, pcs_error_t *err);

/* A decimal or hexadecimal floating-point number ("0.1", "0x1.8p3", "inf", "nan"), exact enough to be rounded once. */
PCS_MUST_CHECK pcs_status_t cli_numbers_decimal(const char *text, pcs_parts_t *value, pcs_error_t *err);

enum { CLI_NUMBER_TEXT = 40 };
/* The shortest decimal text that reads back as the value of the code. */
void cli_numbers_text(const pcs_format_row_t *format, pcs_code_t code, char text[CLI_NUMBER_TEXT]);
/* "inexact,underflow", or "-" for none. */
void cli_numbers_flag_text(unsigned flags, char text[CLI_NUMBER_TEXT]);
/* Digits of a code in hexadecimal. */
int cli_numbers_digits(const pcs_format_row_t *format);
/* A blank and the flags as `status` says; empty when it says none. */
enum { CLI_STATUS_TEXT = CLI_NUMBER_TEXT + 1 };
void cli_numbers_status_text(cli_status_t status, unsigned flags, char text[CLI_STATUS_TEXT]);
/* The answer to a filter's case: a line of the code, and the flags as `status` says; or, with --verify, a line if it is
   not what was expected, any NaN being as good as another. */
void cli_numbers_answer(cli_numbers_t *numbers, const pcs_format_row_t *format, pcs_code_t code, unsigned flags);
/* Text of --help. */
#define CLI_VERIFY_HELP "--hex: a result, and perhaps flags, follow on each line: print where they differ"

#endif
