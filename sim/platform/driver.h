/* Driver of the accelerator, as software on any host would have it: C, and nothing but a bus.  The same source runs on
   the virtual platform and against any other model of the registers (models/spec/regs.def). */
#ifndef PCS_SIM_PLATFORM_DRIVER_H
#define PCS_SIM_PLATFORM_DRIVER_H

#include "models/array/array.h"
#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a program sees of the machine.  read and write return false when nothing answers at the address or it refuses;
   registers take aligned accesses of 8 bytes only, memory any. */
typedef struct pcs_bus {
    void *user;
    bool (*read)(void *user, uint64_t addr, uint8_t *data, size_t bytes);
    bool (*write)(void *user, uint64_t addr, const uint8_t *data, size_t bytes);
    void (*wait_irq)(void *user); /* sleeps until the accelerator's interrupt is high: a started command has ended */
} pcs_bus_t;

/* One register.  PCS_IO when the bus refuses. */
PCS_MUST_CHECK pcs_status_t pcs_accel_get(const pcs_bus_t *bus, uint64_t base, uint64_t reg, uint64_t *value,
                                          pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t pcs_accel_set(const pcs_bus_t *bus, uint64_t base, uint64_t reg, uint64_t value,
                                          pcs_error_t *err);

/* Reads the array's description back, as the hardware was built.  PCS_MISMATCH when its spec hash is not ours: then no
   register means what this driver thinks. */
PCS_MUST_CHECK pcs_status_t pcs_accel_probe(const pcs_bus_t *bus, uint64_t base, pcs_array_config_t *array,
                                            pcs_error_t *err);

/* A command: the fields are the registers of the same names. */
typedef struct pcs_accel_gemm {
    uint64_t a_base, a_stride, b_base, b_stride, y_base, y_stride;
    uint64_t m, n, k, segment;
    pcs_mode_t mode;
} pcs_accel_gemm_t;

/* Programs the registers, starts, sleeps until the interrupt.  counts (may be NULL) receives the clocks and events of
   the command.  PCS_INVALID when START was refused (the message names the register), PCS_IO on a bus error. */
PCS_MUST_CHECK pcs_status_t pcs_accel_run(const pcs_bus_t *bus, uint64_t base, const pcs_accel_gemm_t *gemm,
                                          pcs_counts_t *counts, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
