/* The virtual platform: a host that runs a C program, a memory and the accelerator on one bus, TLM-2.0 loosely timed.
   This header is plain C; SystemC stays behind it, so a program, a driver or a test never includes it.

     host ----- bus ----- memory
                 |
            accelerator (registers, DMA, interrupt): the sequencer of models/accel around the cycle model or the RTL

   Time: a bus access costs `latency` clocks and one more for each `bus_bytes`.  The accelerator's scratchpads are
   double-buffered, so a command takes the longer of its array clocks and its DMA clocks.  The array itself never
   waits for the DMA: its clocks are those of the closed form. */
#ifndef PCS_SIM_PLATFORM_PLATFORM_H
#define PCS_SIM_PLATFORM_PLATFORM_H

#include "models/array/array.h"
#include "models/spec/status.h"
#include "sim/platform/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The memory map. */
#define PCS_PLATFORM_MEM_BASE UINT64_C(0x00000000)
#define PCS_PLATFORM_ACCEL_BASE UINT64_C(0x100000000)
#define PCS_PLATFORM_ACCEL_BYTES UINT64_C(0x1000)

/* Runs on the host; its status is the platform's. */
typedef pcs_status_t pcs_program_fn(void *user, const pcs_bus_t *bus, pcs_error_t *err);

typedef struct pcs_platform_config {
    pcs_array_dev_t *dev; /* the array, borrowed */
    uint64_t mem_bytes;   /* 1..PCS_PLATFORM_ACCEL_BASE */
    double clock_mhz;     /* of array and bus, 0.001..100000 */
    unsigned latency;     /* clocks from a bus request to its first data, 0..1000000 */
    unsigned bus_bytes;   /* bytes moved per clock, 1..4096 */
    uint64_t inject_read; /* fault injection: the n-th DMA read (from 1) has the lowest bit of its first byte flipped */
    uint64_t refuse_read; /* fault injection: the n-th DMA read (from 1) is answered with an error */
} pcs_platform_config_t;

typedef struct pcs_platform_result {
    uint64_t mem_hash;              /* FNV-1a of the whole memory at the end */
    uint64_t time_ps;               /* simulated time at the end */
    uint64_t dma_reads, dma_writes; /* bus transactions of the accelerator */
} pcs_platform_result_t;

/* Builds the platform, runs the program to its end.  A status that is not PCS_OK is the program's, the configuration's
   (PCS_INVALID), or that of a device which found itself wrong (PCS_MISMATCH).  Once per process: SystemC has one
   kernel. */
PCS_MUST_CHECK pcs_status_t pcs_platform_run(const pcs_platform_config_t *config, pcs_program_fn *program, void *user,
                                             pcs_platform_result_t *result, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
