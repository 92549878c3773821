/* Number formats by name: those of formats.def, e<X>m<Y>, and those that a YAML file defines:

     formats:
       - {name: fp9, exponent-bits: 5, mantissa-bits: 3}
       - {name: mine, exponent-bits: 4, mantissa-bits: 3, bias: 9, top: full, lowest: subnormal, zero: nan, sign:
   signed}

   Only the name and the two widths are due; the rest defaults to the IEEE-like format of that width. */
#ifndef PCS_SIM_CLI_FORMAT_FILE_H
#define PCS_SIM_CLI_FORMAT_FILE_H

#include "models/format/float.h"

enum { CLI_FORMATS_MAX = 32, CLI_FORMAT_NAME_MAX = 24 };

/* Zero-initialise; must stay where it is, formats point into it. */
typedef struct cli_formats {
    size_t count;
    pcs_format_row_t row[CLI_FORMATS_MAX];
    char name[CLI_FORMATS_MAX][CLI_FORMAT_NAME_MAX];
} cli_formats_t;

/* Adds the formats of a file. */
PCS_MUST_CHECK pcs_status_t cli_formats_load(cli_formats_t *formats, const char *path, pcs_error_t *err);

/* The format of that name, in any case and with _ for -, or of another name in common use (half, e4m3fn, 1-6-9, ...); a
   name that a file defines is taken as it stands.  NULL with *err left as it is: there is none; an e<X>m<Y> that is no
   legal format is an error. */
PCS_MUST_CHECK pcs_status_t cli_formats_find(cli_formats_t *formats, const char *name, const pcs_format_row_t **format,
                                             pcs_error_t *err);

#endif
