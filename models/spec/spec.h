/* The one definition that C, RTL and SystemC share: enums, tables and the hash, made from the rows of *.def.
   The SystemVerilog twin, rtl/gen/pcs_spec_pkg.sv, is printed from the same rows by spec_print.c. */
#ifndef PCS_MODELS_SPEC_SPEC_H
#define PCS_MODELS_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PCS_<NAME>: architectural constants. */
enum pcs_param {
#define PCS_PARAM(name, value, text) PCS_##name = (value),
#include "models/spec/params.def"
#undef PCS_PARAM
};

typedef enum pcs_kind {
#define PCS_KIND(id, NAME, ...) PCS_KIND_##NAME = (id),
#include "models/spec/kinds.def"
#undef PCS_KIND
    PCS_KIND_COUNT
} pcs_kind_t;

typedef enum pcs_arith {
#define PCS_ARITH(id, NAME, ...) PCS_ARITH_##NAME = (id),
#include "models/spec/ariths.def"
#undef PCS_ARITH
    PCS_ARITH_COUNT
} pcs_arith_t;

/* See ariths.def. */
typedef struct pcs_arith_row {
    const char *name;
    unsigned code_bits; /* of the widest code: 8 or 16 */
    unsigned acc_min;   /* narrowest accumulator, bits */
    unsigned acc_flags; /* sticky flags of an accumulator */
    unsigned overflow;  /* the number of the one that says: a sum did not fit */
    const char *meaning;
} pcs_arith_row_t;

/* What of a kind no mode changes; the rest is pcs_mac_step in models/mac/mac.h. */
typedef struct pcs_kind_row {
    const char *name;
    unsigned word_bits; /* of an operand word: 8..PCS_WORD_MAX, a multiple of 8 */
    unsigned accs;      /* accumulators of a PE: 1..PCS_ACCS_MAX */
    pcs_arith_t arith;  /* of its codes */
    unsigned digit_max; /* most bits of a serial operand a clock; 1: not a matter of this kind */
    const char *after;  /* the literature it follows */
} pcs_kind_row_t;

typedef enum pcs_dataflow {
#define PCS_DATAFLOW(id, NAME, name, meaning) PCS_DATAFLOW_##NAME = (id),
#include "models/spec/dataflows.def"
#undef PCS_DATAFLOW
    PCS_DATAFLOW_COUNT
} pcs_dataflow_t;

typedef struct pcs_dataflow_row {
    const char *name, *meaning;
} pcs_dataflow_row_t;

typedef enum pcs_event {
#define PCS_EVENT(id, name, text, unit, dep, meaning) PCS_EVENT_##name = (id),
#include "models/spec/events.def"
#undef PCS_EVENT
    PCS_EVENT_COUNT
} pcs_event_t;

typedef struct pcs_event_row {
    const char *name, *unit, *meaning;
    bool data_dependent;
} pcs_event_row_t;

typedef enum pcs_system_event {
#define PCS_SYSTEM_EVENT(id, name, text, unit, meaning) PCS_SYSTEM_##name = (id),
#include "models/spec/system_events.def"
#undef PCS_SYSTEM_EVENT
    PCS_SYSTEM_EVENT_COUNT
} pcs_system_event_t;

typedef struct pcs_system_event_row {
    const char *name, *unit, *meaning;
} pcs_system_event_row_t;

typedef enum pcs_probe {
#define PCS_PROBE(name, text, bits, sign, meaning) PCS_PROBE_##name,
#include "models/spec/probe.def"
#undef PCS_PROBE
    PCS_PROBE_COUNT
} pcs_probe_t;

typedef struct pcs_probe_row {
    const char *name, *meaning;
    unsigned lsb, bits;
    bool is_signed;
} pcs_probe_row_t;

/* PCS_PROBE_<NAME>_LSB and _END: where a field lies in its PE's probe word (a running enum adds the widths up).  Its
   top bits up to a multiple of 32 are zero, so that PE i starts at 32-bit word i * PCS_PROBE_WORDS. */
enum pcs_probe_layout {
#define PCS_PROBE(name, text, bits, sign, meaning)                                                                     \
    PCS_PROBE_##name##_LSB, PCS_PROBE_##name##_END = PCS_PROBE_##name##_LSB + (bits)-1,
#include "models/spec/probe.def"
#undef PCS_PROBE
    PCS_PROBE_BITS,
    PCS_PROBE_WORDS = (PCS_PROBE_BITS + 31) / 32
};

/* PCS_MODE_<FIELD>_LSB and PCS_MODE_<FIELD>_WIDTH. */
enum pcs_mode_layout {
#define PCS_MODE_FIELD(name, lsb, width, meaning) PCS_MODE_##name##_LSB = (lsb), PCS_MODE_##name##_WIDTH = (width),
#define PCS_MODE_RANGE(arith, name, min, max)
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
#undef PCS_MODE_RANGE
};

/* Anchors that a mode word holds, multiples of PCS_ANCHOR_STEP. */
enum {
    PCS_ANCHOR_MAX = PCS_ANCHOR_STEP * ((1 << (PCS_MODE_ANCHOR_LOW_WIDTH + PCS_MODE_ANCHOR_HIGH_WIDTH - 1)) - 1),
    PCS_ANCHOR_MIN = -PCS_ANCHOR_MAX - PCS_ANCHOR_STEP
};

enum pcs_csr {
#define PCS_CSR(addr, name, text, meaning) PCS_CSR_##name = (addr),
#include "models/spec/csr.def"
#undef PCS_CSR
};

typedef enum pcs_access { PCS_ACCESS_RO, PCS_ACCESS_WO, PCS_ACCESS_RW } pcs_access_t;

/* PCS_REG_<NAME>: byte offset of a register of the command sequencer. */
typedef enum pcs_reg {
#define PCS_REG(offset, name, text, access, meaning) PCS_REG_##name = (offset),
#include "models/spec/regs.def"
#undef PCS_REG
} pcs_reg_t;

typedef struct pcs_reg_row {
    const char *name, *meaning;
    pcs_reg_t offset;
    pcs_access_t access;
} pcs_reg_row_t;

enum {
    PCS_REG_COUNT = 0
#define PCS_REG(offset, name, text, access, meaning) +1
#include "models/spec/regs.def"
#undef PCS_REG
};

/* PCS_REG_STATUS_<NAME>: mask of a bit of the STATUS register. */
enum pcs_reg_status {
#define PCS_REG_BIT(bit, name, text, meaning) PCS_REG_STATUS_##name = 1 << (bit),
#include "models/spec/reg_status.def"
#undef PCS_REG_BIT
};

typedef enum pcs_format {
#define PCS_FORMAT(id, name, text, sign, exp, mant, bias, top, lowest, zero, after) PCS_FORMAT_##name = (id),
#include "models/spec/formats.def"
#undef PCS_FORMAT
    PCS_FORMAT_COUNT
} pcs_format_t;

/* What a format's fields mean: see formats.def. */
typedef enum pcs_format_sign { PCS_SIGN_SIGNED, PCS_SIGN_UNSIGNED } pcs_format_sign_t;
typedef enum pcs_format_top { PCS_TOP_IEEE, PCS_TOP_FN, PCS_TOP_FULL, PCS_TOP_INF } pcs_format_top_t;
typedef enum pcs_format_lowest { PCS_LOWEST_SUBNORMAL, PCS_LOWEST_NORMAL, PCS_LOWEST_FLUSH } pcs_format_lowest_t;
typedef enum pcs_format_zero { PCS_ZERO_SIGNED, PCS_ZERO_NAN, PCS_ZERO_NONE } pcs_format_zero_t;

typedef struct pcs_format_row {
    const char *name;
    pcs_format_sign_t sign;
    unsigned exponent_bits, mantissa_bits; /* 2..8 and 0..23, the mantissa without the hidden bit */
    int bias;
    pcs_format_top_t top;
    pcs_format_lowest_t lowest;
    pcs_format_zero_t zero;
    const char *after; /* the standard or the literature it follows */
} pcs_format_row_t;

/* PCS_CONVERT_<NAME>: what the conversion units take and give. */
enum pcs_convert {
#define PCS_CONVERT(name, value, meaning) PCS_CONVERT_##name = (value),
#include "models/spec/convert.def"
#undef PCS_CONVERT
};

/* PCS_FLOAT_MAC_<NAME>: of the floating-point multiply-add unit. */
enum pcs_float_mac_param {
#define PCS_FLOAT_MAC(name, value, meaning) PCS_FLOAT_MAC_##name = (value),
#include "models/spec/float_mac.def"
#undef PCS_FLOAT_MAC
};

extern const pcs_reg_row_t pcs_regs[PCS_REG_COUNT];
extern const pcs_format_row_t pcs_formats[PCS_FORMAT_COUNT];
extern const pcs_arith_row_t pcs_ariths[PCS_ARITH_COUNT];
extern const pcs_kind_row_t pcs_kinds[PCS_KIND_COUNT];
extern const pcs_dataflow_row_t pcs_dataflows[PCS_DATAFLOW_COUNT];
extern const pcs_event_row_t pcs_events[PCS_EVENT_COUNT];
extern const pcs_system_event_row_t pcs_system_events[PCS_SYSTEM_EVENT_COUNT];
extern const pcs_probe_row_t pcs_probes[PCS_PROBE_COUNT];

static inline pcs_arith_t pcs_kind_arith(pcs_kind_t kind)
{
    return pcs_kinds[kind].arith;
}
/* The kind multiplies integers: contracts of models/gemm/gemm.h run on it. */
static inline bool pcs_kind_is_integer(pcs_kind_t kind)
{
    return pcs_kinds[kind].arith == PCS_ARITH_INTEGER;
}

/* Integer kinds: how many there are, and number i of them (0..count - 1). */
unsigned pcs_integer_kinds(void);
pcs_kind_t pcs_integer_kind(unsigned i);
/* PCS_INVALID, naming the integer kinds, for another kind. */
PCS_MUST_CHECK pcs_status_t pcs_need_integer_kind(pcs_kind_t kind, pcs_error_t *err);

/* The mode of a tile, unpacked.  Fields that the kind's arithmetic does not have are zero. */
typedef struct pcs_mode {
    uint8_t pa, pb;          /* PCS_PREC_MIN..PCS_PREC_MAX bits of a code or a mantissa; float: a pcs_format_t */
    bool a_signed, b_signed; /* integer kinds */
    bool serial_b;           /* serial kinds: B is the bit-serial operand */
    bool saturate;           /* accumulator saturates; otherwise it wraps */
    int16_t anchor;          /* float, bfp: PCS_ANCHOR_MIN..PCS_ANCHOR_MAX, a multiple of PCS_ANCHOR_STEP */
} pcs_mode_t;

/* Packs a mode into the word that the mode register takes.  Fields are not checked: see pcs_mode_legal. */
uint32_t pcs_mode_pack(const pcs_mode_t *mode);
/* Unpacks a mode word of an array of this kind. */
pcs_mode_t pcs_mode_unpack(pcs_kind_t kind, uint32_t word);
/* True when every field that the kind has is in its legal range and no other bit is set.  The RTL refuses all others.
 */
bool pcs_mode_legal(pcs_kind_t kind, uint32_t word);
/* What it is that makes modes of a kind legal, for messages: "operands of 2..8 bits". */
const char *pcs_mode_ranges(pcs_kind_t kind);
/* Whether codes of this format may be operands of the kind `float`: formats with a sign and subnormals, of up to
   PCS_FLOAT_MAC_CODE_BITS bits, whose number fits a mode word. */
bool pcs_format_is_operand(pcs_format_t format);

/* What an array is. */
typedef struct pcs_array_config {
    unsigned rows, cols; /* R, C: 1..PCS_ARRAY_MAX_DIM */
    pcs_kind_t kind;
    unsigned acc_bits; /* acc_min of the kind's arithmetic..PCS_ACC_MAX_BITS */
    pcs_dataflow_t dataflow;
    unsigned digit; /* bits of a serial operand a clock: 1, 2 or 4, up to the kind's digit_max */
} pcs_array_config_t;

/* What an array counted, or a closed form says that it will. */
typedef struct pcs_counts {
    uint64_t n[PCS_EVENT_COUNT];
} pcs_counts_t;

/* FNV-1a (64 bit) over the text of all rows, in the order of the files; equals the RTL's SPEC_HASH register. */
uint64_t pcs_spec_hash(void);
/* Visits every row as text, in hash order; `sink` gets one row at a time. */
void pcs_spec_rows(void (*sink)(void *user, const char *row), void *user);

/* "gated|serial|..." and "os|ws|...": the names of the rows, in order of their ids (a bar before each, the first one
   skipped: an address that a static table may hold). */
#define PCS_KIND_NAMES (pcs_kind_bars + 1)
#define PCS_DATAFLOW_NAMES (pcs_dataflow_bars + 1)
extern const char pcs_kind_bars[], pcs_dataflow_bars[];

/* Kind by name ("gated"); returns PCS_KIND_COUNT when there is none. */
pcs_kind_t pcs_kind_by_name(const char *name);
/* Dataflow by name ("os"); returns PCS_DATAFLOW_COUNT when there is none. */
pcs_dataflow_t pcs_dataflow_by_name(const char *name);
/* Format by name ("e4m3"); returns PCS_FORMAT_COUNT when there is none. */
pcs_format_t pcs_format_by_name(const char *name);

#ifdef __cplusplus
}
#endif
#endif
