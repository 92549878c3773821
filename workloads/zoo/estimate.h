/* What one training iteration costs on the array, from shapes alone: the plans (models/gemm/gemm.h) of the same
   contracts that training runs, without running them. */
#ifndef PCS_WORKLOADS_ZOO_ESTIMATE_H
#define PCS_WORKLOADS_ZOO_ESTIMATE_H

#include "workloads/zoo/shapes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums over GEMMs; energy is linear in them, so one set of operand bits may be priced at once. */
typedef struct pcs_estimate {
    uint64_t gemms, macs;
    uint64_t unproven; /* GEMMs whose accumulators are not proven free of overflow */
    uint64_t segment;  /* longest run of K that an accumulator takes, steps */
    pcs_counts_t counts;
    uint64_t system[PCS_SYSTEM_EVENT_COUNT];
} pcs_estimate_t;

/* Operand bits of the three passes, as pcs_conv_contract_* assign them: *pa, *pb. */
void pcs_estimate_bits(pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa, unsigned *pb);

/* One iteration over `batch` >= 1 images with `fw` bits forward and `bw` bits backward, by pass.  The first convolution
   has no dgrad.  Exactly what training counts, with one assumption where the vector unit's operations depend on data:
   a tensor that comes from a rectifier has the minimum 0 and needs no offset, every other one needs what the quantizer
   has (zero-point, offset).  Fails as pcs_gemm_plan does. */
PCS_MUST_CHECK pcs_status_t pcs_estimate_iteration(const pcs_shapes_t *shapes, const pcs_numerics_t *numerics,
                                                   const pcs_array_config_t *array, pcs_serial_t serial, uint32_t batch,
                                                   unsigned fw, unsigned bw, pcs_estimate_t pass[PCS_ROLE_COUNT],
                                                   pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
