#include "workloads/policy/schedule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/nn/detmath.h"
#include "workloads/policy/schedule_file.h"

enum { BITS_MIN = PCS_PREC_MIN, BITS_MAX = PCS_PREC_MAX };

/* What SPEC holds after the prefix. */
typedef enum shape { RANGE, FIXED, FROM_FILE } shape_t; /* MIN-MAX/BW, cyclic; FW/BW; FILE */

/* What an even cycle of a triangular schedule does instead of rising by the profile g: it falls from MAX. */
typedef enum reflection {
    REPEATED, /* it rises like the odd ones: MIN + D g(z) */
    IN_VALUE, /* MAX - D g(z) */
    IN_TIME,  /* MIN + D g(1 - z) */
} reflection_t;

/* A kind of schedule. */
typedef struct pcs_schedule_kind {
    const char *prefix; /* of SPEC, with the colon */
    shape_t shape;
    const char *form;
    double (*profile)(double z); /* RANGE: how a cycle rises from 0 to 1, z = (t mod T) / T in 0..1 */
    reflection_t even;
} pcs_schedule_kind_t;

static double linear(double z)
{
    return z;
}

static double cosine(double z)
{
    return 0.5 * (1.0 - pcs_det_cospi(z));
}

/* Fast at first; ends at 0.9817. */
static double exponential(double z)
{
    return 1.0 - pcs_det_exp(-4.0 * z);
}

/* Late.  The constant is that of the published code; the paper that REX comes from has 1/2 + y/2 below the line. */
static double rex(double z)
{
    const double y = 1.0 - z;
    return 1.0 - y / (0.1 + 0.9 * y);
}

/* A row here is all that a new kind needs: X(prefix, shape, form, meaning, profile, even cycles).
   cpt: Fu et al., ICLR 2021.  The two-letter and three-letter ones: Wolfe & Kyrillidis, arXiv 2403.02243. */
#define KINDS(X)                                                                                                       \
    X("cpt:", RANGE, "cpt:MIN-MAX/BW",                                                                                 \
      "forward bits rise from MIN to MAX by half a cosine in every cycle; backward bits BW", cosine, REPEATED)         \
    X("static:", FIXED, "static:FW/BW", "constant forward and backward bits", NULL, REPEATED)                          \
    X("lr:", RANGE, "lr:MIN-MAX/BW", "repeated, linear", linear, REPEATED)                                             \
    X("cr:", RANGE, "cr:MIN-MAX/BW", "repeated, cosine: the same as cpt", cosine, REPEATED)                            \
    X("er:", RANGE, "er:MIN-MAX/BW", "repeated, exponential: rises early", exponential, REPEATED)                      \
    X("rr:", RANGE, "rr:MIN-MAX/BW", "repeated, REX: rises late", rex, REPEATED)                                       \
    X("lt:", RANGE, "lt:MIN-MAX/BW", "triangular (down from MAX, up again), linear", linear, IN_VALUE)                 \
    X("ct:", RANGE, "ct:MIN-MAX/BW", "triangular, cosine", cosine, IN_VALUE)                                           \
    X("etv:", RANGE, "etv:MIN-MAX/BW", "triangular, exponential, reflected in value", exponential, IN_VALUE)           \
    X("rtv:", RANGE, "rtv:MIN-MAX/BW", "triangular, REX, reflected in value", rex, IN_VALUE)                           \
    X("eth:", RANGE, "eth:MIN-MAX/BW", "triangular, exponential, reflected in time", exponential, IN_TIME)             \
    X("rth:", RANGE, "rth:MIN-MAX/BW", "triangular, REX, reflected in time", rex, IN_TIME)                             \
    X("csv:", FROM_FILE, "csv:FILE", "a row iteration,fw_bits,bw_bits for each iteration, as --csv prints", NULL,      \
      REPEATED)

#define ROW(prefix, shape, form, meaning, profile, even) {prefix, shape, form, profile, even},
#define FORM(prefix, shape, form, meaning, profile, even) " " form
#define HELP(prefix, shape, form, meaning, profile, even) form "  " meaning "\n"
static const pcs_schedule_kind_t kinds[] = {KINDS(ROW)};
static const char legal_forms[] = KINDS(FORM);
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static unsigned cyclic_bits(const pcs_schedule_t *schedule, uint64_t t)
{
    const pcs_schedule_kind_t *kind = schedule->kind;
    const uint64_t period = schedule->iterations / schedule->cycles;
    const double z = (double)(t % period) / (double)period;
    const double span = (double)(schedule->fw_max - schedule->fw_min);
    const reflection_t reflection = t / period % 2U == 0 ? kind->even : REPEATED;
    const double rise = span * kind->profile(reflection == IN_TIME ? 1.0 - z : z);
    const double bits = reflection == IN_VALUE ? (double)schedule->fw_max - rise : (double)schedule->fw_min + rise;
    const double shifted = bits + 0x1.8p52; /* rounds half to even */
    return (unsigned)(shifted - 0x1.8p52);
}

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
    if (kind->shape == RANGE) {
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
    const bool too_many = schedule->kind->shape == RANGE && schedule->cycles > schedule->iterations;
    if (schedule->cycles < 1 || too_many) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.cycles: %" PRIu64 " cycles in %" PRIu64
                        " iterations; legal are 1 to the number of iterations",
                        schedule->cycles, schedule->iterations);
    }
    return PCS_OK;
}

static pcs_status_t parse(const char *spec, pcs_schedule_t *schedule, pcs_error_t *err)
{
    const pcs_schedule_kind_t *kind = schedule->kind;
    if (kind->shape == FROM_FILE) {
        return pcs_schedule_file_read(spec + strlen(kind->prefix), schedule->iterations, &schedule->spans,
                                      &schedule->span_count, err);
    }
    if (!read_spec(spec, schedule)) {
        return pcs_fail(err, PCS_INVALID, "precision.schedule: '%s' is not of the form %s; legal are%s", spec,
                        kind->form, legal_forms);
    }
    return check(spec, schedule, err);
}

bool pcs_schedule_fp32(const char *spec)
{
    return strcmp(spec, "fp32") == 0;
}

static const char float_prefix[] = "float:";

const char *pcs_schedule_float(const char *spec)
{
    const size_t length = strlen(float_prefix);
    return strncmp(spec, float_prefix, length) == 0 ? spec + length : NULL;
}

pcs_status_t pcs_schedule_formats(const char *spec, char fw[PCS_SCHEDULE_NAME], char bw[PCS_SCHEDULE_NAME],
                                  pcs_error_t *err)
{
    const char *formats = pcs_schedule_float(spec);
    const size_t first = formats != NULL ? strcspn(formats, "/") : 0;
    const bool both = formats != NULL && formats[first] == '/';
    const char *second = both ? formats + first + 1 : formats;
    const size_t last = second != NULL ? strlen(second) : 0;
    if (first == 0 || last == 0 || first >= PCS_SCHEDULE_NAME || last >= PCS_SCHEDULE_NAME) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.schedule: '%.80s' is not of the form float:FW/BW; legal: two formats of precess "
                        "formats, such as float:e4m3/e5m2",
                        spec);
    }
    memcpy(fw, formats, first);
    fw[first] = '\0';
    memcpy(bw, second, last + 1U);
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
        const pcs_status_t status = parse(spec, &parsed, err);
        if (status == PCS_OK) {
            *schedule = parsed;
        }
        return status;
    }
    if (pcs_schedule_fp32(spec)) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.schedule: fp32 runs on no array and has no bits: only precess train takes it; legal "
                        "here are%s",
                        legal_forms);
    }
    if (pcs_schedule_float(spec) != NULL) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.schedule: '%.80s' has formats, not bits: precess train takes it, and estimate and "
                        "sweep with the kind float; legal here are%s",
                        spec, legal_forms);
    }
    return pcs_fail(err, PCS_INVALID,
                    "precision.schedule: '%s' is of no known kind; legal are%s, float:FW/BW and fp32 for precess "
                    "train",
                    spec, legal_forms);
}

void pcs_schedule_free(pcs_schedule_t *schedule)
{
    free(schedule->spans);
    schedule->spans = NULL;
    schedule->span_count = 0;
}

bool pcs_schedule_cyclic(const pcs_schedule_t *schedule)
{
    return schedule->kind->shape == RANGE && schedule->fw_min != schedule->fw_max;
}

/* The last span that starts at t or before. */
static const pcs_schedule_span_t *span_at(const pcs_schedule_t *schedule, uint64_t t)
{
    size_t low = 0;
    size_t high = schedule->span_count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2U;
        if (schedule->spans[middle].first <= t) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &schedule->spans[low];
}

void pcs_schedule_bits(const pcs_schedule_t *schedule, uint64_t t, unsigned *fw_bits, unsigned *bw_bits)
{
    PCS_ASSERT(t < schedule->iterations);
    *bw_bits = schedule->bw;
    switch (schedule->kind->shape) {
    case RANGE:
        *fw_bits = cyclic_bits(schedule, t);
        break;
    case FIXED:
        *fw_bits = schedule->fw_min;
        break;
    default:
        *fw_bits = span_at(schedule, t)->fw_bits;
        *bw_bits = span_at(schedule, t)->bw_bits;
        break;
    }
}

/* After how many iterations the bits repeat: two cycles, one down and one up. */
static uint64_t repeat(const pcs_schedule_t *schedule)
{
    switch (schedule->kind->shape) {
    case RANGE:
        return 2U * (schedule->iterations / schedule->cycles);
    case FIXED:
        return 1;
    default:
        return schedule->iterations;
    }
}

void pcs_schedule_count(const pcs_schedule_t *schedule, pcs_schedule_counts_t *counts)
{
    const uint64_t period = repeat(schedule);
    memset(counts, 0, sizeof *counts);
    for (uint64_t t = 0; t < period && t < schedule->iterations; t++) {
        unsigned fw;
        unsigned bw;
        pcs_schedule_bits(schedule, t, &fw, &bw);
        counts->n[fw][bw] += (schedule->iterations - t - 1U) / period + 1U;
    }
}

double pcs_schedule_bitops(const pcs_schedule_t *schedule)
{
    pcs_schedule_counts_t counts;
    pcs_schedule_count(schedule, &counts);
    uint64_t sum = 0; /* integers: exact, whatever the number of iterations */
    for (uint64_t b = BITS_MIN; b <= BITS_MAX; b++) {
        for (uint64_t g = BITS_MIN; g <= BITS_MAX; g++) {
            sum += counts.n[b][g] * (b * b + 2U * b * g);
        }
    }
    return (double)sum / ((double)schedule->iterations * 3.0 * 8.0 * 8.0);
}
