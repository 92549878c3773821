#include "models/spec/spec.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static_assert((int)PCS_PREC_MAX <= (int)PCS_CODE_BITS, "an operand fits its code");
static_assert((int)PCS_STEP_MAX < 1 << (int)PCS_STEP_BITS, "a step's clocks fit their count");
static_assert(PCS_CSR_EVENT_BASE + (int)PCS_EVENT_COUNT <= 1 << PCS_CSR_ADDR_BITS, "counters are addressable");

const pcs_arith_row_t pcs_ariths[PCS_ARITH_COUNT] = {
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, product_flags, acc_flags, overflow, meaning)       \
    [id] = {#name, code_bits, acc_min, acc_flags, overflow, meaning},
#include "models/spec/ariths.def"
#undef PCS_ARITH
};

const pcs_kind_row_t pcs_kinds[PCS_KIND_COUNT] = {
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word_bits, accs, arith, digit_max, \
                 after)                                                                                                \
    [id] = {#name, word_bits, accs, PCS_ARITH_##arith, digit_max, after},
#include "models/spec/kinds.def"
#undef PCS_KIND
};

const pcs_dataflow_row_t pcs_dataflows[PCS_DATAFLOW_COUNT] = {
#define PCS_DATAFLOW(id, NAME, name, meaning) [id] = {#name, meaning},
#include "models/spec/dataflows.def"
#undef PCS_DATAFLOW
};

enum { PCS_DEP_SHAPE = 0, PCS_DEP_DATA = 1 };

const pcs_event_row_t pcs_events[PCS_EVENT_COUNT] = {
#define PCS_EVENT(id, name, text, unit, dep, meaning) [id] = {text, unit, meaning, PCS_DEP_##dep},
#include "models/spec/events.def"
#undef PCS_EVENT
};

const pcs_system_event_row_t pcs_system_events[PCS_SYSTEM_EVENT_COUNT] = {
#define PCS_SYSTEM_EVENT(id, name, text, unit, meaning) [id] = {text, unit, meaning},
#include "models/spec/system_events.def"
#undef PCS_SYSTEM_EVENT
};

enum { PROBE_SIGNED = 1, PROBE_UNSIGNED = 0 };

const pcs_probe_row_t pcs_probes[PCS_PROBE_COUNT] = {
#define PCS_PROBE(name, text, bits, sign, meaning)                                                                     \
    [PCS_PROBE_##name] = {text, meaning, PCS_PROBE_##name##_LSB, bits, PROBE_##sign},
#include "models/spec/probe.def"
#undef PCS_PROBE
};

const char pcs_kind_bars[] = ""
#define PCS_KIND(id, NAME, name, ...) "|" #name
#include "models/spec/kinds.def"
#undef PCS_KIND
    ;

const char pcs_dataflow_bars[] = ""
#define PCS_DATAFLOW(id, NAME, name, meaning) "|" #name
#include "models/spec/dataflows.def"
#undef PCS_DATAFLOW
    ;

const pcs_reg_row_t pcs_regs[PCS_REG_COUNT] = {
#define PCS_REG(offset, name, text, access, meaning) {text, meaning, PCS_REG_##name, PCS_ACCESS_##access},
#include "models/spec/regs.def"
#undef PCS_REG
};

const pcs_format_row_t pcs_formats[PCS_FORMAT_COUNT] = {
#define PCS_FORMAT(id, name, text, sign, exp, mant, bias, top, lowest, zero, after)                                    \
    [id] = {text, PCS_SIGN_##sign, exp, mant, bias, PCS_TOP_##top, PCS_LOWEST_##lowest, PCS_ZERO_##zero, after},
#include "models/spec/formats.def"
#undef PCS_FORMAT
};

unsigned pcs_integer_kinds(void)
{
    unsigned count = 0;
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        count += pcs_kind_is_integer((pcs_kind_t)kind);
    }
    return count;
}

pcs_kind_t pcs_integer_kind(unsigned i)
{
    int kind = 0;
    while (!pcs_kind_is_integer((pcs_kind_t)kind) || i-- > 0) {
        kind++;
    }
    return (pcs_kind_t)kind;
}

pcs_status_t pcs_need_integer_kind(pcs_kind_t kind, pcs_error_t *err)
{
    char legal[128] = "";
    if (pcs_kind_is_integer(kind)) {
        return PCS_OK;
    }
    for (unsigned i = 0; i < pcs_integer_kinds(); i++) {
        const size_t used = strlen(legal);
        (void)snprintf(legal + used, sizeof legal - used, "%s%s", i > 0 ? "|" : "",
                       pcs_kinds[pcs_integer_kind(i)].name);
    }
    return pcs_fail(err, PCS_INVALID, "array.kind: %s multiplies %s, not integers; legal: %s", pcs_kinds[kind].name,
                    pcs_ariths[pcs_kind_arith(kind)].meaning, legal);
}

#define MODE_BIT(value, name) ((uint32_t)(value) << PCS_MODE_##name##_LSB)
#define MODE_GET(word, name) (((word) >> PCS_MODE_##name##_LSB) & ((1U << PCS_MODE_##name##_WIDTH) - 1U))

uint32_t pcs_mode_pack(const pcs_mode_t *mode)
{
    const unsigned quarter = (unsigned)(mode->anchor / PCS_ANCHOR_STEP) &
                             ((1U << (PCS_MODE_ANCHOR_LOW_WIDTH + PCS_MODE_ANCHOR_HIGH_WIDTH)) - 1U);
    return MODE_BIT(mode->pa, PA) | MODE_BIT(mode->pb, PB) | MODE_BIT(mode->a_signed, A_SIGNED) |
           MODE_BIT(mode->b_signed, B_SIGNED) | MODE_BIT(mode->serial_b, SERIAL_B) |
           MODE_BIT(mode->saturate, SATURATE) |
           MODE_BIT(quarter & ((1U << PCS_MODE_ANCHOR_LOW_WIDTH) - 1U), ANCHOR_LOW) |
           MODE_BIT(quarter >> PCS_MODE_ANCHOR_LOW_WIDTH, ANCHOR_HIGH);
}

pcs_mode_t pcs_mode_unpack(pcs_kind_t kind, uint32_t word)
{
    pcs_mode_t mode = {
        .pa = (uint8_t)MODE_GET(word, PA),
        .pb = (uint8_t)MODE_GET(word, PB),
        .saturate = MODE_GET(word, SATURATE) != 0,
    };
    if (pcs_kind_is_integer(kind)) {
        mode.a_signed = MODE_GET(word, A_SIGNED) != 0;
        mode.b_signed = MODE_GET(word, B_SIGNED) != 0;
        mode.serial_b = MODE_GET(word, SERIAL_B) != 0;
    } else {
        const int quarter =
            (int)(MODE_GET(word, ANCHOR_LOW) | MODE_GET(word, ANCHOR_HIGH) << PCS_MODE_ANCHOR_LOW_WIDTH);
        const int steps = PCS_ANCHOR_MAX / PCS_ANCHOR_STEP;
        mode.anchor = (int16_t)(PCS_ANCHOR_STEP * (quarter > steps ? quarter - 2 * (steps + 1) : quarter));
    }
    return mode;
}

bool pcs_mode_legal(pcs_kind_t kind, uint32_t word)
{
    const pcs_arith_t arith = pcs_kind_arith(kind);
    uint32_t known = 0;
    bool legal = true;
#define PCS_MODE_FIELD(name, lsb, width, meaning)
#define PCS_MODE_RANGE(of, name, min, max)                                                                             \
    if (arith == PCS_ARITH_##of) {                                                                                     \
        known |= MODE_BIT((1U << PCS_MODE_##name##_WIDTH) - 1U, name);                                                 \
        legal = legal && (int)MODE_GET(word, name) >= (min) && (int)MODE_GET(word, name) <= (max);                     \
    }
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
#undef PCS_MODE_RANGE
    if (arith == PCS_ARITH_FLOAT) {
        legal = legal && pcs_format_is_operand((pcs_format_t)MODE_GET(word, PA)) &&
                pcs_format_is_operand((pcs_format_t)MODE_GET(word, PB));
    }
    return legal && (word & ~known) == 0;
}

const char *pcs_mode_ranges(pcs_kind_t kind)
{
    static const char *const ranges[PCS_ARITH_COUNT] = {
        [PCS_ARITH_INTEGER] = "operands of 2..8 bits",
        [PCS_ARITH_FLOAT] = "formats with a sign and subnormals of up to 16 bits",
        [PCS_ARITH_BFP] = "mantissas of 2..8 bits",
    };
    return ranges[pcs_kind_arith(kind)];
}

bool pcs_format_is_operand(pcs_format_t format)
{
    const unsigned numbers = 1U << PCS_MODE_PA_WIDTH;
    if ((unsigned)format >= (numbers < PCS_FORMAT_COUNT ? numbers : PCS_FORMAT_COUNT)) {
        return false;
    }
    const pcs_format_row_t *row = &pcs_formats[format];
    return row->sign == PCS_SIGN_SIGNED && row->lowest == PCS_LOWEST_SUBNORMAL &&
           1U + row->exponent_bits + row->mantissa_bits <= PCS_FLOAT_MAC_CODE_BITS;
}

/* Each row is its own macro call, as text: a change of any field of any row changes the hash. */
static const char *const spec_rows[] = {
#define PCS_PARAM(...) "PARAM " #__VA_ARGS__,
#include "models/spec/params.def"
#undef PCS_PARAM
#define PCS_ARITH(...) "ARITH " #__VA_ARGS__,
#include "models/spec/ariths.def"
#undef PCS_ARITH
#define PCS_KIND(...) "KIND " #__VA_ARGS__,
#include "models/spec/kinds.def"
#undef PCS_KIND
#define PCS_DATAFLOW(...) "DATAFLOW " #__VA_ARGS__,
#include "models/spec/dataflows.def"
#undef PCS_DATAFLOW
#define PCS_MODE_FIELD(...) "MODE " #__VA_ARGS__,
#define PCS_MODE_RANGE(...) "MODE_RANGE " #__VA_ARGS__,
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
#undef PCS_MODE_RANGE
#define PCS_EVENT(...) "EVENT " #__VA_ARGS__,
#include "models/spec/events.def"
#undef PCS_EVENT
#define PCS_PROBE(...) "PROBE " #__VA_ARGS__,
#include "models/spec/probe.def"
#undef PCS_PROBE
#define PCS_CSR(...) "CSR " #__VA_ARGS__,
#include "models/spec/csr.def"
#undef PCS_CSR
#define PCS_SYSTEM_EVENT(...) "SYSTEM " #__VA_ARGS__,
#include "models/spec/system_events.def"
#undef PCS_SYSTEM_EVENT
#define PCS_REG(...) "REG " #__VA_ARGS__,
#include "models/spec/regs.def"
#undef PCS_REG
#define PCS_REG_BIT(...) "REG_BIT " #__VA_ARGS__,
#include "models/spec/reg_status.def"
#undef PCS_REG_BIT
#define PCS_FORMAT(...) "FORMAT " #__VA_ARGS__,
#include "models/spec/formats.def"
#undef PCS_FORMAT
#define PCS_CONVERT(...) "CONVERT " #__VA_ARGS__,
#include "models/spec/convert.def"
#undef PCS_CONVERT
#define PCS_FLOAT_MAC(...) "FLOAT_MAC " #__VA_ARGS__,
#include "models/spec/float_mac.def"
#undef PCS_FLOAT_MAC
};

void pcs_spec_rows(void (*sink)(void *user, const char *row), void *user)
{
    for (size_t i = 0; i < sizeof spec_rows / sizeof spec_rows[0]; i++) {
        sink(user, spec_rows[i]);
    }
}

static void hash_row(void *user, const char *row)
{
    uint64_t *hash = user;
    for (const char *p = row;; p++) {
        *hash = (*hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
        if (*p == '\0') {
            return; /* the terminator is hashed too: it separates the rows */
        }
    }
}

uint64_t pcs_spec_hash(void)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    pcs_spec_rows(hash_row, &hash);
    return hash;
}

pcs_kind_t pcs_kind_by_name(const char *name)
{
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        if (strcmp(pcs_kinds[kind].name, name) == 0) {
            return (pcs_kind_t)kind;
        }
    }
    return PCS_KIND_COUNT;
}

pcs_dataflow_t pcs_dataflow_by_name(const char *name)
{
    for (int dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
        if (strcmp(pcs_dataflows[dataflow].name, name) == 0) {
            return (pcs_dataflow_t)dataflow;
        }
    }
    return PCS_DATAFLOW_COUNT;
}

pcs_format_t pcs_format_by_name(const char *name)
{
    for (int format = 0; format < PCS_FORMAT_COUNT; format++) {
        if (strcmp(pcs_formats[format].name, name) == 0) {
            return (pcs_format_t)format;
        }
    }
    return PCS_FORMAT_COUNT;
}
