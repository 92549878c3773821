/* Precision schedules: bits of forward and backward operands per iteration. */
#ifndef PCS_WORKLOADS_POLICY_SCHEDULE_H
#define PCS_WORKLOADS_POLICY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bits from iteration `first` on, until the next span. */
typedef struct pcs_schedule_span {
    uint64_t first;
    unsigned fw_bits, bw_bits;
} pcs_schedule_span_t;

/* Parsed SPEC.  T = floor(iterations / cycles), z = (t mod T) / T, D = MAX - MIN; when T does not divide the number of
   iterations, the rest starts a further cycle.  Forward bits, ties to even, backward bits BW:
     cpt:MIN-MAX/BW    rint(MIN + D (1 - cos(pi z)) / 2), the sawtooth of Fu et al. (ICLR 2021)
     lr: cr: er: rr:   rint(MIN + D g(z)) by the profiles linear z, cosine (cr is cpt), exponential 1 - exp(-4 z) and
                       REX 1 - y / (0.1 + 0.9 y), y = 1 - z (Wolfe & Kyrillidis, arXiv 2403.02243)
     lt: ct: etv: rtv: even cycles (the first is number 0) rint(MAX - D g(z)), odd ones as above: they start at MAX
     eth: rth:         even cycles rint(MIN + D g(1 - z))
     static:FW/BW      constant, whatever the cycles
     csv:FILE          as the file says: header iteration,fw_bits,bw_bits and a row for every iteration, in order
   Bits are 2..8. */
typedef struct pcs_schedule {
    const struct pcs_schedule_kind *kind;
    unsigned fw_min, fw_max, bw; /* not csv: */
    uint64_t iterations, cycles;
    pcs_schedule_span_t *spans; /* (span_count) csv: only: owned, pcs_schedule_free */
    size_t span_count;
} pcs_schedule_t;

/* As `iterations`: not known yet.  Checks what does not depend on it; the schedule is good for nothing else. */
#define PCS_SCHEDULE_OPEN UINT64_MAX

/* Whether SPEC is `fp32`: training in binary32 on no array, which has no bits.  It is no schedule: those who can do
   without bits ask here, and pcs_schedule_parse refuses it. */
bool pcs_schedule_fp32(const char *spec);

/* FW/BW of `float:FW/BW`, floating-point formats: FW of inputs and weights, BW of gradients, FW alone of both; NULL:
   another SPEC.  No schedule either.  pcs_schedule_formats cuts it up: names of up to PCS_SCHEDULE_NAME - 1 bytes,
   which are not looked up. */
const char *pcs_schedule_float(const char *spec);
enum { PCS_SCHEDULE_NAME = 40 };
PCS_MUST_CHECK pcs_status_t pcs_schedule_formats(const char *spec, char fw[PCS_SCHEDULE_NAME],
                                                 char bw[PCS_SCHEDULE_NAME], pcs_error_t *err);

/* Parses and checks SPEC for a run of `iterations` with `cycles` cycles: at least 1 and, for a kind that cycles, at
   most `iterations`.  The message names what is wrong and the legal forms.  On success pcs_schedule_free when done. */
PCS_MUST_CHECK pcs_status_t pcs_schedule_parse(const char *spec, uint64_t iterations, uint64_t cycles,
                                               pcs_schedule_t *schedule, pcs_error_t *err);
/* Fine on a zeroed or freed one. */
void pcs_schedule_free(pcs_schedule_t *schedule);

/* Whether the bits go up and down in cycles. */
bool pcs_schedule_cyclic(const pcs_schedule_t *schedule);

/* Bits at iteration t (0..iterations - 1). */
void pcs_schedule_bits(const pcs_schedule_t *schedule, uint64_t t, unsigned *fw_bits, unsigned *bw_bits);

/* n[fw][bw]: iterations at these bits. */
typedef struct pcs_schedule_counts {
    uint64_t n[PCS_PREC_MAX + 1][PCS_PREC_MAX + 1];
} pcs_schedule_counts_t;
void pcs_schedule_count(const pcs_schedule_t *schedule, pcs_schedule_counts_t *counts);

/* Relative bit operations of the three GEMMs, mean over the run of (b b + b g + b g) / (3 * 8 * 8): the published
   convention, every layer counted with all three. */
double pcs_schedule_bitops(const pcs_schedule_t *schedule);

/* One line per SPEC form, for --help. */
const char *pcs_schedule_help(void);

#ifdef __cplusplus
}
#endif
#endif
