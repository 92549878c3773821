/* Command line of precess-vp. */
#ifndef PCS_SIM_PLATFORM_OPTIONS_H
#define PCS_SIM_PLATFORM_OPTIONS_H

#include "models/spec/status.h"
#include "sim/platform/job.h"

typedef struct vp_format {
    bool is_signed;
    uint8_t bits;
} vp_format_t;

typedef struct vp_options {
#define VP_UINT(field, name, def, min, max, help) uint64_t field;
#define VP_CHOICE(field, name, def, names, help) unsigned field; /* index into names */
#define VP_FORMAT(field, name, def, help) vp_format_t field;
#include "sim/platform/options.def"
#undef VP_UINT
#undef VP_CHOICE
#undef VP_FORMAT
    bool json, help;
} vp_options_t;

/* Defaults, then `--name value` for each option and the bare flags --json and --help.  PCS_INVALID names the option and
   its legal values. */
PCS_MUST_CHECK pcs_status_t vp_options_parse(int argc, char **argv, vp_options_t *options, pcs_error_t *err);
/* The help text, to stdout. */
void vp_options_help(void);

#endif
