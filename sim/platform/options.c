#include "sim/platform/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pcs_status_t parse_uint(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *value,
                               pcs_error_t *err)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < min || number > max) {
        return pcs_fail(err, PCS_INVALID, "--%s %s: must be %" PRIu64 "..%" PRIu64, name, text, min, max);
    }
    *value = number;
    return PCS_OK;
}

/* names: "a|b|c" */
static pcs_status_t parse_choice(const char *name, const char *text, const char *names, unsigned *value,
                                 pcs_error_t *err)
{
    unsigned index = 0;
    for (const char *p = names; *p != '\0'; index++) {
        const size_t length = strcspn(p, "|");
        if (strlen(text) == length && strncmp(p, text, length) == 0) {
            *value = index;
            return PCS_OK;
        }
        p += length + (p[length] == '|' ? 1 : 0);
    }
    return pcs_fail(err, PCS_INVALID, "--%s %s: must be one of %s", name, text, names);
}

static pcs_status_t parse_format(const char *name, const char *text, vp_format_t *value, pcs_error_t *err)
{
    const bool good = (text[0] == 'u' || text[0] == 's') && text[1] >= '0' + PCS_PREC_MIN &&
                      text[1] <= '0' + PCS_PREC_MAX && text[2] == '\0';
    if (!good) {
        return pcs_fail(err, PCS_INVALID, "--%s %s: must be u or s and %d..%d bits, such as u8", name, text,
                        PCS_PREC_MIN, PCS_PREC_MAX);
    }
    value->is_signed = text[0] == 's';
    value->bits = (uint8_t)(text[1] - '0');
    return PCS_OK;
}

static pcs_status_t parse_one(const char *name, const char *text, vp_options_t *options, pcs_error_t *err)
{
#define VP_UINT(field, key, def, min, max, help)                                                                       \
    if (strcmp(name, key) == 0) {                                                                                      \
        return parse_uint(name, text, (min), (max), &options->field, err);                                             \
    }
#define VP_CHOICE(field, key, def, names, help)                                                                        \
    if (strcmp(name, key) == 0) {                                                                                      \
        return parse_choice(name, text, names, &options->field, err);                                                  \
    }
#define VP_FORMAT(field, key, def, help)                                                                               \
    if (strcmp(name, key) == 0) {                                                                                      \
        return parse_format(name, text, &options->field, err);                                                         \
    }
#include "sim/platform/options.def"
#undef VP_UINT
#undef VP_CHOICE
#undef VP_FORMAT
    return pcs_fail(err, PCS_INVALID, "--%s: no such option (see --help)", name);
}

static pcs_status_t set_defaults(vp_options_t *options, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    memset(options, 0, sizeof *options);
#define VP_UINT(field, name, def, min, max, help) options->field = (def);
#define VP_CHOICE(field, name, def, names, help) options->field = (def);
#define VP_FORMAT(field, name, def, help)                                                                              \
    if (status == PCS_OK) {                                                                                            \
        status = parse_format(name, def, &options->field, err);                                                        \
    }
#include "sim/platform/options.def"
#undef VP_UINT
#undef VP_CHOICE
#undef VP_FORMAT
    return status;
}

pcs_status_t vp_options_parse(int argc, char **argv, vp_options_t *options, pcs_error_t *err)
{
    pcs_status_t status = set_defaults(options, err);
    for (int i = 1; status == PCS_OK && i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            options->help = true;
        } else if (strncmp(argv[i], "--", 2) != 0) {
            status = pcs_fail(err, PCS_INVALID, "%s: not an option (see --help)", argv[i]);
        } else if (i + 1 == argc) {
            status = pcs_fail(err, PCS_INVALID, "%s: needs a value, or is no option (see --help)", argv[i]);
        } else {
            status = parse_one(argv[i] + 2, argv[i + 1], options, err);
            i++;
        }
    }
    return status;
}

/* "a|b|c" -> its index-th name */
static void help_choice(const char *name, const char *names, unsigned def, const char *help)
{
    const char *p = names;
    for (unsigned i = 0; i < def; i++) {
        p += strcspn(p, "|") + 1;
    }
    (void)printf("  --%-12s %s: %s [%.*s]\n", name, help, names, (int)strcspn(p, "|"), p);
}

void vp_options_help(void)
{
    (void)puts(
        "usage: precess-vp [--OPTION VALUE]... [--json]\n\n"
        "Runs one GEMM of random codes through a virtual platform (host, bus, memory, accelerator) and compares\n"
        "every result, the clocks and the event counts with the definition.\n"
        "Exit status: 0 equal, 1 a check failed, 2 bad input.\n");
#define VP_UINT(field, name, def, min, max, help)                                                                      \
    (void)printf("  --%-12s %s [%" PRIu64 "]\n", name, help, (uint64_t)(def));
#define VP_CHOICE(field, name, def, names, help) help_choice(name, names, def, help);
#define VP_FORMAT(field, name, def, help) (void)printf("  --%-12s %s [%s]\n", name, help, def);
#include "sim/platform/options.def"
#undef VP_UINT
#undef VP_CHOICE
#undef VP_FORMAT
    (void)puts("  --json         print one JSON object\n"
               "  --help         print this");
}
