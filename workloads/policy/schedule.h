/* Precision schedules: bits of forward and backward operands per iteration. */
#ifndef PCS_WORKLOADS_POLICY_SCHEDULE_H
#define PCS_WORKLOADS_POLICY_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parsed SPEC.  `cpt:MIN-MAX/BW`: forward bits by the cosine sawtooth of Fu et al. (ICLR 2021),
     b_t = rint(MIN + (MAX - MIN) / 2 * (1 - cos(pi * (t mod T) / T))),  T = floor(iterations / cycles), ties to even,
   backward bits constant BW.  `static:FW/BW`: constant, whatever the cycles.  Bits are 2..8. */
typedef struct pcs_schedule {
    const struct pcs_schedule_kind *kind;
    unsigned fw_min, fw_max, bw;
    uint64_t iterations, cycles;
} pcs_schedule_t;

/* Parses and checks SPEC for a run of `iterations` with `cycles` cycles: at least 1 and, for a kind that cycles, at
   most `iterations`.  The message names what is wrong and the legal forms. */
PCS_MUST_CHECK pcs_status_t pcs_schedule_parse(const char *spec, uint64_t iterations, uint64_t cycles,
                                               pcs_schedule_t *schedule, pcs_error_t *err);

/* Bits at iteration t (0..iterations - 1). */
void pcs_schedule_bits(const pcs_schedule_t *schedule, uint64_t t, unsigned *fw_bits, unsigned *bw_bits);

/* Relative bit operations of the three GEMMs, mean over the run of (b b + b g + b g) / (3 * 8 * 8): the published
   convention, every layer counted with all three. */
double pcs_schedule_bitops(const pcs_schedule_t *schedule);

/* One line per SPEC form, for --help. */
const char *pcs_schedule_help(void);

#ifdef __cplusplus
}
#endif
#endif
