#include "sim/platform/driver.h"

#include <inttypes.h>

enum { REG_BYTES = 8 };

pcs_status_t pcs_accel_get(const pcs_bus_t *bus, uint64_t base, uint64_t reg, uint64_t *value, pcs_error_t *err)
{
    uint8_t bytes[REG_BYTES];
    if (!bus->read(bus->user, base + reg, bytes, sizeof bytes)) {
        return pcs_fail(err, PCS_IO, "accelerator register 0x%03" PRIx64 ": read refused by the bus", reg);
    }
    *value = 0;
    for (unsigned i = 0; i < REG_BYTES; i++) {
        *value |= (uint64_t)bytes[i] << (8U * i);
    }
    return PCS_OK;
}

pcs_status_t pcs_accel_set(const pcs_bus_t *bus, uint64_t base, uint64_t reg, uint64_t value, pcs_error_t *err)
{
    uint8_t bytes[REG_BYTES];
    for (unsigned i = 0; i < REG_BYTES; i++) {
        bytes[i] = (uint8_t)(value >> (8U * i));
    }
    if (!bus->write(bus->user, base + reg, bytes, sizeof bytes)) {
        return pcs_fail(err, PCS_IO, "accelerator register 0x%03" PRIx64 ": write refused by the bus", reg);
    }
    return PCS_OK;
}

pcs_status_t pcs_accel_probe(const pcs_bus_t *bus, uint64_t base, pcs_array_config_t *array, pcs_error_t *err)
{
    uint64_t hash = 0;
    uint64_t rows = 0;
    uint64_t cols = 0;
    uint64_t kind = 0;
    uint64_t acc_bits = 0;
    uint64_t dataflow = 0;
    uint64_t digit = 0;
    const struct {
        pcs_reg_t reg;
        uint64_t *value;
    } reads[] = {{PCS_REG_SPEC_HASH, &hash},   {PCS_REG_ARRAY_ROWS, &rows},   {PCS_REG_ARRAY_COLS, &cols},
                 {PCS_REG_ARRAY_KIND, &kind},  {PCS_REG_ACC_BITS, &acc_bits}, {PCS_REG_ARRAY_DATAFLOW, &dataflow},
                 {PCS_REG_ARRAY_DIGIT, &digit}};
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        const pcs_status_t status = pcs_accel_get(bus, base, reads[i].reg, reads[i].value, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    if (hash != pcs_spec_hash()) {
        return pcs_fail(err, PCS_MISMATCH, "accelerator: spec hash %016" PRIx64 ", this driver has %016" PRIx64, hash,
                        pcs_spec_hash());
    }
    *array = (pcs_array_config_t){
        .rows = (unsigned)rows,
        .cols = (unsigned)cols,
        .kind = (pcs_kind_t)kind,
        .acc_bits = (unsigned)acc_bits,
        .dataflow = (pcs_dataflow_t)dataflow,
        .digit = (unsigned)digit,
    };
    return PCS_OK;
}

static const char *reg_name(uint64_t offset)
{
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        if ((uint64_t)pcs_regs[i].offset == offset) {
            return pcs_regs[i].name;
        }
    }
    return "unknown";
}

static pcs_status_t program(const pcs_bus_t *bus, uint64_t base, const pcs_accel_gemm_t *gemm, pcs_error_t *err)
{
    const struct {
        pcs_reg_t reg;
        uint64_t value;
    } writes[] = {{PCS_REG_A_BASE, gemm->a_base},
                  {PCS_REG_A_STRIDE, gemm->a_stride},
                  {PCS_REG_B_BASE, gemm->b_base},
                  {PCS_REG_B_STRIDE, gemm->b_stride},
                  {PCS_REG_Y_BASE, gemm->y_base},
                  {PCS_REG_Y_STRIDE, gemm->y_stride},
                  {PCS_REG_M, gemm->m},
                  {PCS_REG_N, gemm->n},
                  {PCS_REG_K, gemm->k},
                  {PCS_REG_SEGMENT, gemm->segment},
                  {PCS_REG_MODE, pcs_mode_pack(&gemm->mode)},
                  {PCS_REG_START, 1}};
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        const pcs_status_t status = pcs_accel_set(bus, base, writes[i].reg, writes[i].value, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}

/* Turns ERROR into a message; PCS_OK when it is not set. */
static pcs_status_t check_status(const pcs_bus_t *bus, uint64_t base, pcs_error_t *err)
{
    uint64_t bits = 0;
    pcs_status_t status = pcs_accel_get(bus, base, PCS_REG_STATUS, &bits, err);
    if (status != PCS_OK || (bits & PCS_REG_STATUS_ERROR) == 0) {
        return status;
    }
    uint64_t fault = 0;
    status = pcs_accel_get(bus, base, PCS_REG_FAULT, &fault, err);
    if (status != PCS_OK) {
        return status;
    }
    if (fault == 0) {
        return pcs_fail(err, PCS_IO, "accelerator: bus error during the command, the result is incomplete");
    }
    return pcs_fail(err, PCS_INVALID, "accelerator: START refused, illegal value in register %s (0x%03" PRIx64 ")",
                    reg_name(fault), fault);
}

pcs_status_t pcs_accel_run(const pcs_bus_t *bus, uint64_t base, const pcs_accel_gemm_t *gemm, pcs_counts_t *counts,
                           pcs_error_t *err)
{
    pcs_status_t status = program(bus, base, gemm, err);
    if (status == PCS_OK) {
        bus->wait_irq(bus->user); /* high at once when START was refused */
        status = check_status(bus, base, err);
    }
    for (unsigned i = 0; status == PCS_OK && counts != NULL && i < PCS_EVENT_COUNT; i++) {
        status = pcs_accel_get(bus, base, PCS_REG_EVENT_BASE + UINT64_C(8) * i, &counts->n[i], err);
    }
    return status;
}
