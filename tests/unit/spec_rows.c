/* The spec rows as C sees them: mode words, probe layout, names, and a hash that feels every row. */
#include <stdio.h>
#include <string.h>

#include "models/array/array.h"
#include "models/mac/mac.h"
#include "models/spec/spec.h"
#include "tests/support/check.h"

/* Legality by the text of the mode register: an independent reading. */
static bool is_operand(uint32_t format)
{
    return format < 16 && format != 10 && format != 13; /* E8M0 has no sign, DLFloat no subnormals */
}

static bool legal(pcs_kind_t kind, uint32_t word)
{
    const uint32_t pa = word & 15U;
    const uint32_t pb = (word >> 4U) & 15U;
    if (kind == PCS_KIND_FLOAT) {
        return is_operand(pa) && is_operand(pb) && (word >> 16U) == 0;
    }
    return pa >= 2 && pa <= 8 && pb >= 2 && pb <= 8 && (word >> (kind == PCS_KIND_BFP ? 16U : 12U)) == 0;
}

/* The anchor by the text: bits 15..12 and 10..8, two's complement, in units of 4. */
static int anchor_of(uint32_t word)
{
    const int quarter = (int)((word >> 12U & 15U) << 3U | (word >> 8U & 7U));
    return 4 * (quarter < 64 ? quarter : quarter - 128);
}

static void mode_words(void)
{
    for (int i = 0; i < PCS_KIND_COUNT; i++) {
        const pcs_kind_t kind = (pcs_kind_t)i;
        for (uint32_t word = 0; word < 1U << 17U; word++) {
            CHECK_EQ(pcs_mode_legal(kind, word), legal(kind, word), "%s mode word 0x%x", pcs_kinds[i].name,
                     (unsigned)word);
            if (legal(kind, word)) {
                const pcs_mode_t mode = pcs_mode_unpack(kind, word);
                CHECK_EQ(pcs_mode_pack(&mode), word, "%s mode word 0x%x packed again", pcs_kinds[i].name,
                         (unsigned)word);
                CHECK_EQ(mode.anchor, pcs_kind_is_integer(kind) ? 0 : anchor_of(word), "%s mode word 0x%x: anchor",
                         pcs_kinds[i].name, (unsigned)word);
            }
        }
    }
    CHECK_EQ(pcs_mode_legal(PCS_KIND_GATED, 0x80000044U), false, "a bit that no field has");
    CHECK_EQ(PCS_ANCHOR_MIN, -256, "lowest anchor");
    CHECK_EQ(PCS_ANCHOR_MAX, 252, "highest anchor");
}

static void probes(void)
{
    unsigned lsb = 0;
    for (int i = 0; i < PCS_PROBE_COUNT; i++) {
        CHECK_EQ(pcs_probes[i].lsb, lsb, "lsb of probe %s", pcs_probes[i].name);
        lsb += pcs_probes[i].bits;
    }
    CHECK_EQ(lsb, PCS_PROBE_BITS, "width of a PE's probe word");

    uint32_t image[2 * PCS_PROBE_WORDS] = {0};
    image[PCS_PROBE_WORDS] = 0xfffffffeU; /* PE 1: accumulator -2 */
    image[PCS_PROBE_WORDS + 1] = 0x0000ffffU;
    CHECK_EQ(pcs_probe_get(image, 1, PCS_PROBE_ACC), -2, "a signed field");
    CHECK_EQ(pcs_probe_get(image, 0, PCS_PROBE_ACC), 0, "the PE before it");
}

typedef struct change {
    uint64_t hash;
    size_t row, wanted;
} change_t;

/* The hash with one character of one row changed. */
static void changed(void *user, const char *row)
{
    change_t *change = user;
    for (const char *p = row;; p++) {
        const uint8_t c = (uint8_t)(change->row == change->wanted && p == row ? *p ^ 1 : *p);
        change->hash = (change->hash ^ c) * UINT64_C(0x100000001b3);
        if (*p == '\0') {
            break;
        }
    }
    change->row++;
}

static void hash(void)
{
    change_t same = {UINT64_C(0xcbf29ce484222325), 0, (size_t)-1};
    pcs_spec_rows(changed, &same);
    CHECK(same.hash == pcs_spec_hash(), "the hash is FNV-1a of the rows");
    CHECK(same.row > 40, "all rows are visited, not %zu", same.row);
    for (size_t row = 0; row < same.row; row++) {
        change_t other = {UINT64_C(0xcbf29ce484222325), 0, row};
        pcs_spec_rows(changed, &other);
        CHECK(other.hash != pcs_spec_hash(), "row %zu changes the hash", row);
    }
}

static pcs_mac_step_t step_of(pcs_kind_t kind, unsigned digit, const pcs_mode_t *mode)
{
    const pcs_array_config_t array = {1, 1, kind, 32, PCS_DATAFLOW_OS, digit};
    return pcs_mac_step(&array, mode);
}

static void kinds(void)
{
    const pcs_mode_t narrow_b = {.pa = 8, .pb = 3, .b_signed = true, .serial_b = true};
    const pcs_mode_t serial_a = {.pa = 8, .pb = 3, .b_signed = true};
    CHECK_EQ(step_of(PCS_KIND_GATED, 1, &narrow_b).cycles, 1, "gated");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 1, &narrow_b).cycles, 3, "serial, B serial");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 1, &serial_a).cycles, 8, "serial, A serial");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 1, &narrow_b).shift_b, 5, "the serial operand is left-aligned");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 1, &serial_a).shift_b, 0, "the parallel one is not");
    CHECK_EQ(step_of(PCS_KIND_GATED, 1, &serial_a).shift_b, 5, "gated operands are left-aligned");
    CHECK_EQ(step_of(PCS_KIND_SERIAL2D, 1, &narrow_b).cycles, 24, "serial2d, whatever is serial");
    CHECK_EQ(step_of(PCS_KIND_SERIAL2D, 1, &serial_a).cycles, 24, "serial2d, whatever is serial");
    const pcs_mode_t mantissas = {.pa = 3, .pb = 7};
    CHECK_EQ(step_of(PCS_KIND_BFP, 1, &mantissas).cycles, 8, "bfp: 2 digits of 2 bits by 4");
    CHECK_EQ(step_of(PCS_KIND_FLOAT, 1, &mantissas).cycles, 1, "float");
    const pcs_mode_t odd = {.pa = 5, .pb = 7, .serial_b = true};
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 2, &odd).cycles, 4, "7 bits, 2 a clock");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 4, &odd).cycles, 2, "7 bits, 4 a clock");
    CHECK_EQ(step_of(PCS_KIND_SERIAL, 4, &odd).shift_b, 0, "two digits of 4 bits fill the word");
    CHECK_EQ(step_of(PCS_KIND_SERIAL2D, 2, &odd).cycles, 12, "3 digits by 4");
    CHECK_EQ(step_of(PCS_KIND_SERIAL2D, 2, &odd).shift_a, 2, "three digits of 2 bits at the top");
    unsigned longest = 0;
    for (uint32_t word = 0; word < 1U << 12U; word++) {
        for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
            const pcs_mode_t mode = pcs_mode_unpack((pcs_kind_t)kind, word);
            const bool good = pcs_mode_legal((pcs_kind_t)kind, word);
            const unsigned cycles = good ? step_of((pcs_kind_t)kind, 1, &mode).cycles : 0;
            longest = cycles > longest ? cycles : longest;
        }
    }
    CHECK_EQ(longest, PCS_STEP_MAX, "the longest step of all kinds and modes");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        CHECK_EQ(pcs_kind_by_name(pcs_kinds[kind].name), kind, "kind %s", pcs_kinds[kind].name);
    }
    CHECK_EQ(pcs_kind_by_name("none"), PCS_KIND_COUNT, "a kind that does not exist");
}

static void array_limits(void)
{
    char no_kind[64];
    (void)snprintf(no_kind, sizeof no_kind, "MAC kind %d: must be 0..%d", PCS_KIND_COUNT, PCS_KIND_COUNT - 1);
    const pcs_array_config_t good = {1, PCS_ARRAY_MAX_DIM, PCS_KIND_SERIAL, PCS_ACC_MIN_BITS, PCS_DATAFLOW_IS, 4};
    const struct {
        pcs_array_config_t config;
        const char *says;
    } bad[] = {
        {{0, 1, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1}, "array rows 0: must be 1..128"},
        {{1, 65536, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1}, "array columns 65536: must be 1..128"},
        {{1, 1, PCS_KIND_COUNT, 32, PCS_DATAFLOW_OS, 1}, no_kind},
        {{1, 1, PCS_KIND_GATED, 15, PCS_DATAFLOW_OS, 1}, "accumulator of 15 bits: must be 16..48"},
        {{1, 1, PCS_KIND_FLOAT, 23, PCS_DATAFLOW_OS, 1}, "accumulator of 23 bits: must be 24..48"},
        {{1, 1, PCS_KIND_BFP, 23, PCS_DATAFLOW_OS, 1}, "accumulator of 23 bits: must be 24..48"},
        {{1, 1, PCS_KIND_GATED, 49, PCS_DATAFLOW_OS, 1}, "accumulator of 49 bits: must be 16..48"},
        {{1, 1, PCS_KIND_GATED, 32, PCS_DATAFLOW_COUNT, 1}, "dataflow 3: must be 0..2"},
        {{1, 1, PCS_KIND_SERIAL, 32, PCS_DATAFLOW_OS, 3}, "digit of 3 bits: the kind serial takes 1, 2 or 4"},
        {{1, 1, PCS_KIND_SERIAL, 32, PCS_DATAFLOW_OS, 8}, "digit of 8 bits: the kind serial takes 1, 2 or 4"},
        {{1, 1, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 2}, "digit of 2 bits: the kind gated takes 1"},
    };
    pcs_error_t err = {0};
    CHECK_EQ(pcs_array_config_check(&good, &err), PCS_OK, "limits are legal");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_EQ(pcs_array_config_check(&bad[i].config, &err), PCS_INVALID, "bad configuration %zu", i);
        CHECK(strcmp(err.text, bad[i].says) == 0, "says '%s'", err.text);
    }
}

int main(int argc, char **argv)
{
    mode_words();
    probes();
    hash();
    kinds();
    array_limits();
    /* The twin: a bit that no field has, taken for legal. */
    CHECK_EQ(pcs_mode_legal(PCS_KIND_GATED, 0x80000044U), check_flag(argc, argv, "--inject", NULL),
             "a mode word with a stray bit");
    return check_done("spec rows");
}
