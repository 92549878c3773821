/* What one training iteration costs on the array, from shapes alone: the plans (models/gemm/gemm.h) of the same
   contracts that training runs, without running them. */
#ifndef PCS_WORKLOADS_ZOO_ESTIMATE_H
#define PCS_WORKLOADS_ZOO_ESTIMATE_H

#include "models/gemm/memory.h"
#include "workloads/zoo/shapes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums over GEMMs; energy is linear in them, so one set of operand bits may be priced at once. */
typedef struct pcs_estimate {
    uint64_t gemms, macs;
    uint64_t unproven;   /* GEMMs whose accumulators are not proven free of overflow */
    uint64_t segment;    /* longest run of K that an accumulator takes, steps */
    pcs_counts_t counts; /* clocks with those that wait for memory */
    uint64_t system[PCS_SYSTEM_EVENT_COUNT];
    uint64_t array_clocks;           /* of them, those of the array alone */
    uint64_t bound[PCS_BOUND_COUNT]; /* clocks of the GEMMs that each limits */
} pcs_estimate_t;

/* sum += times * add; the segment is the longer one. */
void pcs_estimate_add(pcs_estimate_t *sum, const pcs_estimate_t *add, uint64_t times);

/* On what. */
typedef struct pcs_estimate_device {
    pcs_array_config_t array;
    pcs_numerics_t numerics; /* its accumulator width is the array's */
    pcs_serial_t serial;
    pcs_memory_t memory;
    pcs_format_t fw_format, bw_format; /* kind float: its bits are those of these formats */
    size_t block;                      /* kind bfp: codes along K that share an exponent, 0: exponents do not move; */
    unsigned block_bits;               /* its width */
} pcs_estimate_device_t;

/* Operand bits of the three passes, as pcs_conv_contract_* assign them: *pa, *pb. */
void pcs_estimate_bits(pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa, unsigned *pb);

/* What the array is told of the operands of a pass, the fields PA and PB of its mode: their bits, or their formats. */
void pcs_estimate_fields(const pcs_estimate_device_t *device, pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa,
                         unsigned *pb);

/* A GEMM of a layer: `times` of them run, one after the other. */
typedef pcs_status_t (*pcs_estimate_gemm_fn)(void *user, const pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err);

/* Visits the contracts of one layer in one iteration over `batch` >= 1 samples with `fw` bits forward and `bw` bits
   backward: forward, wgrad, and dgrad unless the layer is the first.  Operands have no codes; their correction arrays
   stand for what the vector unit has to do, with one assumption where that depends on data: a tensor that comes from a
   rectifier has the minimum 0 and needs no offset, every other one needs what the quantizer has.
   Of a layer that is a GEMM y = x w (m, k) (k, n) over s steps, weights shared by the batch of b samples:
     forward  s of (b m, k) (k, n)      dgrad  s of (b m, n) (n, k)      wgrad  one of (k, s b m) (s b m, n)
   and of one whose samples do not share w, b s times as many of (m, k) (k, n), (m, n) (n, k) and (k, m) (m, n). */
PCS_MUST_CHECK pcs_status_t pcs_estimate_gemms(const pcs_shape_t *layer, const pcs_numerics_t *numerics, uint32_t batch,
                                               unsigned fw, unsigned bw, pcs_estimate_gemm_fn visit, void *user,
                                               pcs_error_t *err);

/* How the device runs a contract of pcs_estimate_gemms, memory included; fails as pcs_gemm_plan does.  Kinds float and
   bfp: pcs_gemm_plan_aligned of the same sizes without corrections; bfp: bits of operands are those of mantissas, which
   move with the exponents of their blocks (models/gemm/exponents.h). */
PCS_MUST_CHECK pcs_status_t pcs_estimate_plan(const pcs_estimate_device_t *device, const pcs_gemm_t *gemm,
                                              pcs_plan_t *plan, pcs_tiling_t *tiling, pcs_error_t *err);

/* One layer, by pass: exactly what training counts (with the assumption above). */
PCS_MUST_CHECK pcs_status_t pcs_estimate_layer(const pcs_shape_t *layer, const pcs_estimate_device_t *device,
                                               uint32_t batch, unsigned fw, unsigned bw,
                                               pcs_estimate_t pass[PCS_ROLE_COUNT], pcs_error_t *err);

/* One iteration, by pass: the sum over layers. */
PCS_MUST_CHECK pcs_status_t pcs_estimate_iteration(const pcs_shapes_t *shapes, const pcs_estimate_device_t *device,
                                                   uint32_t batch, unsigned fw, unsigned bw,
                                                   pcs_estimate_t pass[PCS_ROLE_COUNT], pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
