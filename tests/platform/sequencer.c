/* The sequencer without any bus: registers, refusals, and random commands against the definition.
   --inject: one bit of the memory's answer to the second read is wrong; must be reported. */
#include <stdlib.h>
#include <string.h>

#include "models/accel/sequencer.h"
#include "models/mac/mac.h"
#include "tests/support/check.h"

enum { MEM_BYTES = 1 << 16, COMMANDS = 60 };

/* The linker sends calloc here: after `allocations_left` of them (never, when negative) there is no memory. */
static int allocations_left = -1;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    if (allocations_left == 0) {
        return NULL;
    }
    allocations_left -= allocations_left > 0;
    return __real_calloc(count, size);
}

typedef struct ram {
    uint8_t bytes[MEM_BYTES];
    uint64_t reads, inject_read, refuse_read;
} ram_t;

static bool ram_read(void *user, uint64_t addr, uint8_t *data, size_t bytes)
{
    ram_t *ram = user;
    CHECK(addr <= MEM_BYTES && bytes <= MEM_BYTES - addr, "DMA read of %zu bytes outside memory", bytes);
    memcpy(data, ram->bytes + addr, bytes);
    ram->reads++;
    if (ram->reads == ram->inject_read) {
        data[0] ^= 1U;
    }
    return ram->reads != ram->refuse_read;
}

static bool ram_write(void *user, uint64_t addr, const uint8_t *data, size_t bytes)
{
    ram_t *ram = user;
    CHECK(addr <= MEM_BYTES && bytes <= MEM_BYTES - addr, "DMA write of %zu bytes outside memory", bytes);
    memcpy(ram->bytes + addr, data, bytes);
    return true;
}

static uint64_t get(const pcs_seq_t *seq, pcs_reg_t reg)
{
    uint64_t value = 0;
    CHECK(pcs_seq_read(seq, (uint64_t)reg, &value), "register 0x%x is readable", (unsigned)reg);
    return value;
}

static void set(pcs_seq_t *seq, pcs_reg_t reg, uint64_t value)
{
    CHECK(pcs_seq_write(seq, (uint64_t)reg, value), "register 0x%x is writable", (unsigned)reg);
}

static void set_all(pcs_seq_t *seq, const uint64_t values[PCS_REG_COUNT])
{
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        if (pcs_regs[i].access == PCS_ACCESS_RW) {
            set(seq, pcs_regs[i].offset, values[i]);
        }
    }
}

static uint64_t *slot(uint64_t values[PCS_REG_COUNT], pcs_reg_t reg)
{
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        if (pcs_regs[i].offset == reg) {
            return &values[i];
        }
    }
    abort();
}

/* ---- registers ---- */

static void check_access(pcs_seq_t *seq, const pcs_array_config_t *config)
{
    uint64_t value = 0;
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        const uint64_t offset = (uint64_t)pcs_regs[i].offset;
        const bool readable = pcs_regs[i].access != PCS_ACCESS_WO;
        const bool writable = pcs_regs[i].access != PCS_ACCESS_RO;
        CHECK_EQ(pcs_seq_read(seq, offset, &value), readable, "read of %s", pcs_regs[i].name);
        if (pcs_regs[i].offset != PCS_REG_START) {
            CHECK_EQ(pcs_seq_write(seq, offset, 0x123456789abcdef0U + i), writable, "write of %s", pcs_regs[i].name);
        }
        CHECK(!pcs_seq_read(seq, offset + 4, &value), "0x%x is no register", (unsigned)offset + 4);
    }
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        if (pcs_regs[i].access == PCS_ACCESS_RW) {
            CHECK_EQ(get(seq, pcs_regs[i].offset), 0x123456789abcdef0U + i, "%s keeps its value", pcs_regs[i].name);
        }
    }
    CHECK(!pcs_seq_read(seq, PCS_REG_EVENT_BASE + UINT64_C(8) * PCS_EVENT_COUNT, &value), "past the last event");
    CHECK_EQ(get(seq, PCS_REG_SPEC_HASH), pcs_spec_hash(), "spec hash");
    CHECK_EQ(get(seq, PCS_REG_ARRAY_ROWS), config->rows, "R");
    CHECK_EQ(get(seq, PCS_REG_ARRAY_COLS), config->cols, "C");
    CHECK_EQ(get(seq, PCS_REG_ARRAY_KIND), config->kind, "kind");
    CHECK_EQ(get(seq, PCS_REG_ACC_BITS), config->acc_bits, "accumulator");
    CHECK_EQ(get(seq, PCS_REG_ARRAY_DATAFLOW), config->dataflow, "dataflow");
    CHECK_EQ(get(seq, PCS_REG_ARRAY_DIGIT), config->digit, "digit");
    CHECK_EQ(get(seq, PCS_REG_MEM_BYTES), MEM_BYTES, "memory");
    CHECK_EQ(get(seq, PCS_REG_STATUS), 0, "idle at power-up");
}

/* A legal command, by register row. */
static void legal(uint64_t values[PCS_REG_COUNT])
{
    const pcs_mode_t mode = {.pa = 4, .pb = 3, .a_signed = true};
    memset(values, 0, PCS_REG_COUNT * sizeof values[0]);
    *slot(values, PCS_REG_A_STRIDE) = 20;
    *slot(values, PCS_REG_B_BASE) = 0x1000;
    *slot(values, PCS_REG_B_STRIDE) = 6;
    *slot(values, PCS_REG_Y_BASE) = 0x2000;
    *slot(values, PCS_REG_Y_STRIDE) = 48;
    *slot(values, PCS_REG_M) = 7;
    *slot(values, PCS_REG_N) = 6;
    *slot(values, PCS_REG_K) = 20;
    *slot(values, PCS_REG_SEGMENT) = 4;
    *slot(values, PCS_REG_MODE) = pcs_mode_pack(&mode);
}

static void check_refusals(pcs_seq_t *seq, ram_t *ram)
{
    static const struct {
        pcs_reg_t reg;
        uint64_t value;
        pcs_reg_t fault;
    } bad[] = {
        {PCS_REG_M, 0, PCS_REG_M},
        {PCS_REG_N, 0, PCS_REG_N},
        {PCS_REG_N, UINT64_MAX, PCS_REG_N},
        {PCS_REG_N, UINT64_C(1) << 61, PCS_REG_N}, /* 8 N wraps to zero */
        {PCS_REG_K, 0, PCS_REG_K},
        {PCS_REG_SEGMENT, 0, PCS_REG_SEGMENT},
        {PCS_REG_SEGMENT, 21, PCS_REG_SEGMENT},
        {PCS_REG_MODE, 0, PCS_REG_MODE},
        {PCS_REG_MODE, 0x31, PCS_REG_MODE},                              /* 1 bit */
        {PCS_REG_MODE, 0x93, PCS_REG_MODE},                              /* 9 bits */
        {PCS_REG_MODE, 0x1033, PCS_REG_MODE},                            /* a bit of no field */
        {PCS_REG_MODE, (UINT64_C(1) << 32) | 0x33, PCS_REG_MODE},        /* beyond the mode word */
        {PCS_REG_A_BASE, MEM_BYTES - 6 * 20 - 20 + 1, PCS_REG_A_STRIDE}, /* the last code is one byte outside */
        {PCS_REG_A_BASE, UINT64_MAX, PCS_REG_A_BASE},
        {PCS_REG_A_STRIDE, (MEM_BYTES - 20) / 6 + 1, PCS_REG_A_STRIDE},
        {PCS_REG_A_STRIDE, UINT64_MAX / 6 + 1, PCS_REG_A_STRIDE}, /* 6 strides wrap */
        {PCS_REG_B_BASE, MEM_BYTES, PCS_REG_B_BASE},
        {PCS_REG_B_STRIDE, UINT64_MAX, PCS_REG_B_STRIDE},
        {PCS_REG_Y_BASE, 0x2004, PCS_REG_Y_BASE},           /* not a multiple of 8 */
        {PCS_REG_Y_BASE, MEM_BYTES - 48, PCS_REG_Y_STRIDE}, /* six more rows do not fit */
        {PCS_REG_Y_BASE, 0x88, PCS_REG_Y_BASE},             /* overlaps the last codes of A */
        {PCS_REG_Y_BASE, 0x1070, PCS_REG_Y_BASE},           /* overlaps the last codes of B */
        {PCS_REG_Y_STRIDE, 40, PCS_REG_Y_STRIDE},           /* rows overlap */
        {PCS_REG_Y_STRIDE, 52, PCS_REG_Y_STRIDE},
    };
    uint8_t *before = malloc(MEM_BYTES);
    CHECK(before != NULL, "memory");
    memcpy(before, ram->bytes, MEM_BYTES);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t values[PCS_REG_COUNT];
        legal(values);
        *slot(values, bad[i].reg) = bad[i].value;
        set_all(seq, values);
        set(seq, PCS_REG_START, 1);
        CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_ERROR, "case %zu: refused", i);
        CHECK_EQ(get(seq, PCS_REG_FAULT), bad[i].fault, "case %zu: the register at fault", i);
        CHECK(!pcs_seq_busy(seq), "case %zu: not started", i);
    }
    CHECK(memcmp(before, ram->bytes, MEM_BYTES) == 0, "refused commands leave memory alone");
    free(before);
    set(seq, PCS_REG_START, 2);
    CHECK_EQ(get(seq, PCS_REG_FAULT), PCS_REG_START, "START takes 1 only");
}

static void check_busy(pcs_seq_t *seq)
{
    pcs_error_t err = {{0}};
    uint64_t values[PCS_REG_COUNT];
    uint64_t clocks = 0;
    legal(values);
    set_all(seq, values);
    set(seq, PCS_REG_START, 1);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_BUSY, "started");
    CHECK(!pcs_seq_write(seq, PCS_REG_M, 1) && !pcs_seq_write(seq, PCS_REG_START, 1), "busy refuses writes");
    CHECK_OK(pcs_seq_execute(seq, &clocks, &err), &err);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_BUSY, "busy until retired");
    pcs_seq_retire(seq);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_DONE, "done");
    CHECK_EQ(get(seq, PCS_REG_CYCLES), clocks, "CYCLES");
}

static void check_bus_error(pcs_seq_t *seq, ram_t *ram)
{
    pcs_error_t err = {{0}};
    uint64_t clocks = 0;
    ram->reads = 0;
    ram->refuse_read = 3;
    set(seq, PCS_REG_START, 1);
    CHECK_OK(pcs_seq_execute(seq, &clocks, &err), &err);
    pcs_seq_retire(seq);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_ERROR | PCS_REG_STATUS_BUS, "bus error");
    CHECK_EQ(get(seq, PCS_REG_FAULT), 0, "no register is at fault");
    CHECK_EQ(ram->reads, 3, "nothing is fetched after it");
    ram->refuse_read = 0;
}

/* ---- devices that are not what they should be ---- */

static uint64_t other_hash(pcs_array_dev_t *dev, unsigned addr)
{
    (void)dev;
    (void)addr;
    return pcs_spec_hash() ^ 1U;
}

static void refuse_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    (void)dev;
    (void)in;
    *out = (pcs_array_out_t){.error = true};
}

static void check_devices(pcs_array_dev_t *dev, const pcs_mem_t *mem)
{
    pcs_error_t err = {{0}};
    pcs_seq_t *seq = NULL;
    uint64_t clocks = 0;
    const pcs_array_dev_ops_t *ops = dev->ops;
    pcs_array_dev_ops_t changed = *ops;

    changed.csr = other_hash;
    dev->ops = &changed;
    CHECK_EQ(pcs_seq_create(dev, mem, &seq, &err), PCS_MISMATCH, "another specification");
    CHECK(strstr(err.text, "spec hash") != NULL && seq == NULL, "message: %s", err.text);
    changed.csr = ops->csr;

    for (allocations_left = 0;; allocations_left++) {
        const int left = allocations_left;
        const pcs_status_t status = pcs_seq_create(dev, mem, &seq, &err);
        allocations_left = left;
        if (status == PCS_OK) {
            break;
        }
        CHECK_EQ(status, PCS_MEMORY, "allocation %d fails", left);
    }
    CHECK_EQ(allocations_left, 3, "every allocation has failed once");
    allocations_left = -1;

    uint64_t values[PCS_REG_COUNT];
    legal(values);
    set_all(seq, values);
    set(seq, PCS_REG_START, 1);
    changed.step = refuse_step;
    CHECK_EQ(pcs_seq_execute(seq, &clocks, &err), PCS_INVALID, "a device that refuses");
    pcs_seq_retire(seq);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_ERROR | PCS_REG_STATUS_BUS, "the result is incomplete");
    pcs_seq_destroy(seq);
    pcs_seq_destroy(NULL);
    dev->ops = ops;
}

/* ---- commands ---- */

static int64_t word_at(const ram_t *ram, uint64_t addr)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++) {
        word |= (uint64_t)ram->bytes[addr + i] << (8U * i);
    }
    return (int64_t)word;
}

/* The low bits of a byte in memory, as a value. */
static int64_t value_at(const ram_t *ram, uint64_t addr, unsigned bits, bool is_signed)
{
    const int64_t low = ram->bytes[addr] & ((1 << bits) - 1);
    return is_signed && low >= 1 << (bits - 1) ? low - (1 << bits) : low;
}

static void check_command(pcs_seq_t *seq, ram_t *ram, const pcs_array_config_t *config, check_rng_t *rng)
{
    pcs_error_t err = {{0}};
    for (size_t i = 0; i < MEM_BYTES; i++) {
        ram->bytes[i] = (uint8_t)check_u32(rng);
    }
    const uint64_t m = (uint64_t)check_range(rng, 1, 2 * config->rows + 1);
    const uint64_t n = (uint64_t)check_range(rng, 1, 2 * config->cols + 1);
    const uint64_t k = (uint64_t)(check_range(rng, 0, 5) == 0 ? check_range(rng, 250, 600) : check_range(rng, 1, 40));
    const pcs_mode_t mode = {.pa = (uint8_t)check_range(rng, PCS_PREC_MIN, PCS_PREC_MAX),
                             .pb = (uint8_t)check_range(rng, PCS_PREC_MIN, PCS_PREC_MAX),
                             .a_signed = check_range(rng, 0, 1) != 0,
                             .b_signed = check_range(rng, 0, 1) != 0,
                             .serial_b = check_range(rng, 0, 1) != 0,
                             .saturate = check_range(rng, 0, 1) != 0};
    uint64_t values[PCS_REG_COUNT] = {0};
    const bool exchanged = config->dataflow == PCS_DATAFLOW_IS;
    const uint64_t longest = pcs_array_segment_max(config, &mode); /* the same for exchanged operands */
    const uint64_t segment = (uint64_t)check_range(rng, 1, (int64_t)(longest < k ? longest : k));
    const uint64_t a_base = (uint64_t)check_range(rng, 0, 99);
    const uint64_t a_stride = check_range(rng, 0, 9) == 0 ? 0 : k + (uint64_t)check_range(rng, 0, 3);
    const uint64_t b_base = 0x5000 + (uint64_t)check_range(rng, 0, 99);
    const uint64_t b_stride = n + (uint64_t)check_range(rng, 0, 3);
    const uint64_t y_base = 0xa000 + 8 * (uint64_t)check_range(rng, 0, 9);
    const uint64_t y_stride = 8 * (n + (uint64_t)check_range(rng, 0, 3));
    *slot(values, PCS_REG_A_BASE) = a_base;
    *slot(values, PCS_REG_A_STRIDE) = a_stride;
    *slot(values, PCS_REG_B_BASE) = b_base;
    *slot(values, PCS_REG_B_STRIDE) = b_stride;
    *slot(values, PCS_REG_Y_BASE) = y_base;
    *slot(values, PCS_REG_Y_STRIDE) = y_stride;
    *slot(values, PCS_REG_M) = m;
    *slot(values, PCS_REG_N) = n;
    *slot(values, PCS_REG_K) = k;
    *slot(values, PCS_REG_SEGMENT) = segment;
    *slot(values, PCS_REG_MODE) = pcs_mode_pack(&mode);
    set_all(seq, values);
    set(seq, PCS_REG_START, 1);
    CHECK_EQ(get(seq, PCS_REG_STATUS), PCS_REG_STATUS_BUSY, "%u x %u x %u starts, fault 0x%x", (unsigned)m, (unsigned)n,
             (unsigned)k, (unsigned)get(seq, PCS_REG_FAULT));
    uint64_t clocks = 0;
    CHECK_OK(pcs_seq_execute(seq, &clocks, &err), &err);
    pcs_seq_retire(seq);

    const uint64_t together = pcs_kinds[config->kind].accs == 1 ? pcs_mac_step(config, &mode).lanes : 1;
    uint64_t overflows = 0;
    for (uint64_t i = 0; i < m * n; i++) {
        int64_t sum = 0;
        for (uint64_t k0 = 0; k0 < k; k0 += segment) {
            pcs_acc_t acc = {0, false};
            int64_t products = 0;
            for (uint64_t s = k0; s < k && s < k0 + segment; s++) {
                const int64_t a = value_at(ram, a_base + i / n * a_stride + s, mode.pa, mode.a_signed);
                const int64_t b = value_at(ram, b_base + s * b_stride + i % n, mode.pb, mode.b_signed);
                products += a * b;
                if ((s - k0 + 1) % together == 0 || s + 1 == k || s + 1 == k0 + segment) {
                    acc = pcs_acc_add(acc, products, config->acc_bits, mode.saturate);
                    products = 0;
                }
            }
            sum += acc.value;
            overflows += acc.overflow;
        }
        CHECK_EQ(word_at(ram, y_base + i / n * y_stride + i % n * 8), sum, "Y[%u][%u] of %u x %u x %u",
                 (unsigned)(i / n), (unsigned)(i % n), (unsigned)m, (unsigned)n, (unsigned)k);
    }
    pcs_counts_t expected;
    const pcs_mode_t swapped = {mode.pb, mode.pa, mode.b_signed, mode.a_signed, !mode.serial_b, mode.saturate, 0};
    const pcs_array_job_t job =
        exchanged ? (pcs_array_job_t){n, m, k, 1, segment, swapped} : (pcs_array_job_t){m, n, k, 1, segment, mode};
    pcs_array_counts(config, &job, &expected);
    expected.n[PCS_EVENT_OVERFLOW] = overflows;
    for (unsigned e = 0; e < PCS_EVENT_COUNT; e++) {
        CHECK_EQ(get(seq, (pcs_reg_t)(PCS_REG_EVENT_BASE + 8 * e)), expected.n[e], "event %s", pcs_events[e].name);
    }
    CHECK_EQ(clocks, expected.n[PCS_EVENT_CYCLE], "clocks");
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    ram_t *ram = calloc(1, sizeof *ram);
    for (int i = 0; ram != NULL && i < (int)pcs_integer_kinds() * PCS_DATAFLOW_COUNT; i++) {
        pcs_error_t err = {{0}};
        pcs_array_dev_t *dev = NULL;
        pcs_seq_t *seq = NULL;
        const pcs_array_config_t config = {
            .rows = 4,
            .cols = 6,
            .kind = pcs_integer_kind((unsigned)i / PCS_DATAFLOW_COUNT),
            .acc_bits = 18, /* narrow: accumulators do overflow */
            .dataflow = (pcs_dataflow_t)(i % PCS_DATAFLOW_COUNT),
            .digit = pcs_kinds[pcs_integer_kind((unsigned)i / PCS_DATAFLOW_COUNT)].digit_max,
        };
        const pcs_mem_t mem = {ram, MEM_BYTES, ram_read, ram_write};
        CHECK_OK(pcs_array_cycle_create(&config, &dev, &err), &err);
        CHECK_OK(pcs_seq_create(dev, &mem, &seq, &err), &err);
        check_access(seq, &config);
        check_refusals(seq, ram);
        check_busy(seq);
        check_bus_error(seq, ram);
        ram->reads = 0;
        ram->inject_read = check_flag(argc, argv, "--inject", NULL) ? 2 : 0;
        for (int command = 0; command < COMMANDS; command++) {
            check_command(seq, ram, &config, &rng);
        }
        pcs_seq_destroy(seq);
        check_devices(dev, &mem);
        pcs_array_dev_destroy(dev);
    }
    free(ram);
    return check_done("platform.sequencer");
}
