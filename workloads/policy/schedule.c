#include "workloads/policy/schedule.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "workloads/nn/detmath.h"

enum { BITS_MIN = 2, BITS_MAX = 8 };

/* A kind of schedule. */
typedef struct pcs_schedule_kind {
    const char *prefix; /* of SPEC, with the colon */
    bool range;         /* forward bits are MIN-MAX and cycle; else one number and cycles do not matter */
    const char *form;
    unsigned (*forward)(const pcs_schedule_t *schedule, uint64_t t);
} pcs_schedule_kind_t;

static unsigned forward_static(const pcs_schedule_t *schedule, uint64_t t)
{
    (void)t;
    return schedule->fw_min;
}

static unsigned forward_cpt(const pcs_schedule_t *schedule, uint64_t t)
{
    const uint64_t period = schedule->iterations / schedule->cycles;
    const double phase = (double)(t % period) / (double)period;
    const double rise = 0.5 * (double)(schedule->fw_max - schedule->fw_min) * (1.0 - pcs_det_cospi(phase));
    const double bits = (double)schedule->fw_min + rise;
    const double shifted = bits + 0x1.8p52; /* rounds half to even */
    return (unsigned)(shifted - 0x1.8p52);
}

/* A row here is all that a new kind needs: X(prefix, range, form, meaning, forward). */
#define KINDS(X)                                                                                                       \
    X("cpt:", true, "cpt:MIN-MAX/BW",                                                                                  \
      "forward bits rise from MIN to MAX by half a cosine in every cycle; backward bits BW", forward_cpt)              \
    X("static:", false, "static:FW/BW", "constant forward and backward bits", forward_static)

#define ROW(prefix, range, form, meaning, forward) {prefix, range, form, forward},
#define FORM(prefix, range, form, meaning, forward) " " form
#define HELP(prefix, range, form, meaning, forward) form "  " meaning "\n"
static const pcs_schedule_kind_t kinds[] = {KINDS(ROW)};
static const char legal_forms[] = KINDS(FORM);
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

const char *pcs_schedule_help(void)
{
    return KINDS(HELP) "bits are 2..8\n";
}

/* Reads a decimal number without sign or spaces and moves *text past it; false when there is none or it is long. */
static bool read_number(const char **text, unsigned *value)
{
    const char *p = *text;
    unsigned number = 0;
    while (*p >= '0' && *p <= '9' && p - *text < 6) {
        number = 10U * number + (unsigned)(*p - '0');
        p++;
    }
    const bool found = p != *text;
    *text = p;
    *value = number;
    return found;
}

static bool read_char(const char **text, char expected)
{
    if (**text != expected) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_spec(const char *text, pcs_schedule_t *schedule)
{
    const pcs_schedule_kind_t *kind = schedule->kind;
    const char *p = text + strlen(kind->prefix);
    bool good = read_number(&p, &schedule->fw_min);
    schedule->fw_max = schedule->fw_min;
    if (kind->range) {
        good = good && read_char(&p, '-') && read_number(&p, &schedule->fw_max);
    }
    return good && read_char(&p, '/') && read_number(&p, &schedule->bw) && *p == '\0';
}

static bool legal_bits(unsigned bits)
{
    return bits >= BITS_MIN && bits <= BITS_MAX;
}

static pcs_status_t check(const char *spec, const pcs_schedule_t *schedule, pcs_error_t *err)
{
    const unsigned bits[] = {schedule->fw_min, schedule->fw_max, schedule->bw};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (!legal_bits(bits[i])) {
            return pcs_fail(err, PCS_INVALID, "precision.schedule: %u bits in '%s'; legal are %d..%d", bits[i], spec,
                            BITS_MIN, BITS_MAX);
        }
    }
    if (schedule->fw_min > schedule->fw_max) {
        return pcs_fail(err, PCS_INVALID, "precision.schedule: MIN %u is above MAX %u in '%s'", schedule->fw_min,
                        schedule->fw_max, spec);
    }
    const bool too_many = schedule->kind->range && schedule->cycles > schedule->iterations;
    if (schedule->cycles < 1 || too_many) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.cycles: %" PRIu64 " cycles in %" PRIu64
                        " iterations; legal are 1 to the number of iterations",
                        schedule->cycles, schedule->iterations);
    }
    return PCS_OK;
}

pcs_status_t pcs_schedule_parse(const char *spec, uint64_t iterations, uint64_t cycles, pcs_schedule_t *schedule,
                                pcs_error_t *err)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        pcs_schedule_t parsed = {.kind = &kinds[i], .iterations = iterations, .cycles = cycles};
        if (strncmp(spec, kinds[i].prefix, strlen(kinds[i].prefix)) != 0) {
            continue;
        }
        if (!read_spec(spec, &parsed)) {
            return pcs_fail(err, PCS_INVALID, "precision.schedule: '%s' is not of the form %s", spec, kinds[i].form);
        }
        const pcs_status_t status = check(spec, &parsed, err);
        if (status == PCS_OK) {
            *schedule = parsed;
        }
        return status;
    }
    return pcs_fail(err, PCS_INVALID, "precision.schedule: '%s' is of no known kind; legal are%s", spec, legal_forms);
}

void pcs_schedule_bits(const pcs_schedule_t *schedule, uint64_t t, unsigned *fw_bits, unsigned *bw_bits)
{
    PCS_ASSERT(t < schedule->iterations);
    *fw_bits = schedule->kind->forward(schedule, t);
    *bw_bits = schedule->bw;
}

double pcs_schedule_bitops(const pcs_schedule_t *schedule)
{
    uint64_t sum = 0; /* integers: exact, whatever the number of iterations */
    for (uint64_t t = 0; t < schedule->iterations; t++) {
        unsigned b;
        unsigned g;
        pcs_schedule_bits(schedule, t, &b, &g);
        sum += (uint64_t)b * b + 2U * (uint64_t)b * g;
    }
    return (double)sum / ((double)schedule->iterations * 3.0 * 8.0 * 8.0);
}
