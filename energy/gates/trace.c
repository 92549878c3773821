#include "energy/gates/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/gates/text.h"
#include "models/format/philox.h"
#include "models/mac/bfp.h"
#include "models/mac/mac.h"

enum { SEED = 4 };

static pcs_mode_t mode_of(unsigned pa, unsigned pb, bool a_signed, bool b_signed)
{
    const pcs_mode_t mode = {
        .pa = (uint8_t)pa, .pb = (uint8_t)pb, .a_signed = a_signed, .b_signed = b_signed, .serial_b = pb <= pa};
    return mode;
}

void pcs_trace_uniform(unsigned pa, unsigned pb, bool a_signed, bool b_signed, pcs_trace_t *trace)
{
    *trace = (pcs_trace_t){.name = "uniform", .mode = mode_of(pa, pb, a_signed, b_signed), .steps = PCS_TRACE_STEPS};
    const pcs_stream_t stream = pcs_stream(SEED, PCS_PURPOSE_TEST, pa, pb);
    uint64_t index = 0;
    trace->hash = UINT64_C(0xcbf29ce484222325);
    for (size_t k = 0; k < PCS_TRACE_STEPS; k++) {
        for (size_t i = 0; i < PCS_TRACE_SIDE; i++) {
            trace->a[k][i] =
                (uint8_t)(pcs_code_min(pa, a_signed) + (int32_t)pcs_philox_below(&stream, index++, UINT32_C(1) << pa));
            trace->b[k][i] =
                (uint8_t)(pcs_code_min(pb, b_signed) + (int32_t)pcs_philox_below(&stream, index++, UINT32_C(1) << pb));
            trace->hash = (trace->hash ^ trace->a[k][i]) * UINT64_C(0x100000001b3);
            trace->hash = (trace->hash ^ trace->b[k][i]) * UINT64_C(0x100000001b3);
        }
    }
}

/* ---- floating-point operands ---- */

enum { BFP_GROUP = 16, ANCHOR_MARGIN = 16 };

static float normal(const pcs_stream_t *stream, uint64_t index)
{
    enum { TERMS = 12 };
    float sum = 0;
    for (uint64_t i = 0; i < TERMS; i++) {
        sum += pcs_uniform_centered(pcs_philox_u32(stream, TERMS * index + i));
    }
    return sum;
}

static pcs_code_t fp32_code(float x)
{
    pcs_code_t code;
    memcpy(&code.bits, &x, sizeof code.bits);
    return code;
}

/* A row or column of codes of a format. */
static void float_line(const pcs_stream_t *stream, size_t line, pcs_format_t format, uint16_t codes[PCS_TRACE_STEPS])
{
    for (size_t k = 0; k < PCS_TRACE_STEPS; k++) {
        pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
        const pcs_code_t x = fp32_code(normal(stream, line * PCS_TRACE_STEPS + k));
        codes[k] = (uint16_t)pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], x, &pcs_formats[format], &nearest).bits;
    }
}

/* Groups that share the exponent of their largest number, mantissas of `bits` bits, two's complement. */
static void bfp_line(const pcs_stream_t *stream, size_t line, unsigned bits, uint16_t codes[PCS_TRACE_STEPS])
{
    for (size_t k = 0; k < PCS_TRACE_STEPS; k += BFP_GROUP) {
        float x[BFP_GROUP];
        float largest = 0;
        for (size_t i = 0; i < BFP_GROUP; i++) {
            x[i] = normal(stream, line * PCS_TRACE_STEPS + k + i);
            largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
        }
        int exponent = 0;
        (void)frexpf(largest, &exponent);
        exponent -= (int)bits - 1; /* of the mantissas' last bit */
        const int most = (1 << (bits - 1U)) - 1;
        for (size_t i = 0; i < BFP_GROUP; i++) {
            const int m = (int)rintf(ldexpf(x[i], -exponent));
            codes[k + i] = pcs_bfp_code((unsigned)(exponent + PCS_BFP_BIAS), m > most ? most : m < -most ? -most : m);
        }
    }
}

static int last_bit_of_one(pcs_kind_t kind, unsigned field)
{
    return kind == PCS_KIND_BFP ? 1 - (int)field : -(int)pcs_formats[field].mantissa_bits;
}

void pcs_trace_normal(pcs_kind_t kind, unsigned fa, unsigned fb, pcs_trace_t *trace)
{
    const int exponent = last_bit_of_one(kind, fa) + last_bit_of_one(kind, fb) - ANCHOR_MARGIN;
    const int anchor = -((-exponent + PCS_ANCHOR_STEP - 1) / PCS_ANCHOR_STEP * PCS_ANCHOR_STEP);
    *trace = (pcs_trace_t){.name = "normal", .mode = {.pa = (uint8_t)fa, .pb = (uint8_t)fb}, .steps = PCS_TRACE_STEPS};
    trace->mode.anchor = (int16_t)anchor;
    const pcs_stream_t stream = pcs_stream(SEED, PCS_PURPOSE_TEST, fa, 256 + fb);
    trace->hash = UINT64_C(0xcbf29ce484222325);
    for (size_t line = 0; line < 2 * PCS_TRACE_SIDE; line++) {
        uint16_t codes[PCS_TRACE_STEPS];
        const bool of_b = line >= PCS_TRACE_SIDE;
        if (kind == PCS_KIND_BFP) {
            bfp_line(&stream, line, of_b ? fb : fa, codes);
        } else {
            float_line(&stream, line, (pcs_format_t)(of_b ? fb : fa), codes);
        }
        for (size_t k = 0; k < PCS_TRACE_STEPS; k++) {
            (of_b ? trace->b : trace->a)[k][line % PCS_TRACE_SIDE] = codes[k];
            trace->hash = (trace->hash ^ codes[k]) * UINT64_C(0x100000001b3);
        }
    }
}

/* ---- files ---- */

typedef struct reader {
    const char *path;
    unsigned line;
    char *at; /* NULL at the end */
    pcs_error_t *err;
} reader_t;

static pcs_status_t bad(const reader_t *reader, const char *legal)
{
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%u: not legal; legal: %s", reader->path, reader->line, legal);
}

static size_t next_line(reader_t *reader, char **word, size_t most)
{
    size_t words = 0;
    while (words == 0 && reader->at != NULL) {
        reader->line++;
        words = pcs_gates_words(&reader->at, word, most);
        words = words > 0 && word[0][0] == '#' ? 0 : words;
    }
    return words;
}

static bool small(const char *text, unsigned low, unsigned high, unsigned *value)
{
    char *end = NULL;
    *value = (unsigned)strtoul(text, &end, 10);
    return end != text && *end == '\0' && *value >= low && *value <= high;
}

/* 2 x 8 codes; each must be a code of its operand. */
static bool read_codes(const char *text, unsigned bits, bool is_signed, uint16_t codes[PCS_TRACE_SIDE])
{
    bool good = strlen(text) == 2U * PCS_TRACE_SIDE;
    for (size_t i = 0; good && i < PCS_TRACE_SIDE; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        char *end = NULL;
        codes[i] = (uint16_t)strtoul(digits, &end, 16);
        const int32_t value = pcs_code_value(codes[i], is_signed);
        good = *end == '\0' && value >= pcs_code_min(bits, is_signed) && value <= pcs_code_max(bits, is_signed);
    }
    return good;
}

static pcs_status_t read_block(reader_t *reader, char **word, size_t words, pcs_trace_t *trace)
{
    enum { FIELDS = 7 };
    unsigned pa = 0;
    unsigned pb = 0;
    unsigned sign[2] = {0, 0};
    unsigned steps = 0;
    if (words != FIELDS || strcmp(word[0], "block") != 0 || strlen(word[1]) >= sizeof trace->name ||
        !small(word[2], PCS_PREC_MIN, PCS_PREC_MAX, &pa) || !small(word[3], PCS_PREC_MIN, PCS_PREC_MAX, &pb) ||
        !small(word[4], 0, 1, &sign[0]) || !small(word[5], 0, 1, &sign[1]) ||
        !small(word[6], PCS_TRACE_STEPS, PCS_TRACE_STEPS, &steps)) {
        return bad(reader, "block ROLE PA PB A_SIGNED B_SIGNED 256");
    }
    *trace = (pcs_trace_t){.mode = mode_of(pa, pb, sign[0] != 0, sign[1] != 0), .steps = steps};
    (void)snprintf(trace->name, sizeof trace->name, "%s", word[1]);
    for (unsigned k = 0; k < steps; k++) {
        char *codes[3];
        if (next_line(reader, codes, 3) != 2 || !read_codes(codes[0], pa, sign[0] != 0, trace->a[k]) ||
            !read_codes(codes[1], pb, sign[1] != 0, trace->b[k])) {
            return bad(reader, "8 codes of A and 8 of B, two hexadecimal digits each, in the block's range");
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_trace_read(const char *path, pcs_trace_t **traces, size_t *count, pcs_error_t *err)
{
    char *text = NULL;
    pcs_status_t status = pcs_gates_read(path, &text, err);
    if (status != PCS_OK) {
        return status;
    }
    const uint64_t hash = pcs_gates_hash(text);
    reader_t reader = {.path = path, .at = text, .err = err};
    pcs_trace_t *all = NULL;
    *count = 0;
    char *word[8];
    for (size_t words = next_line(&reader, word, 8); status == PCS_OK && words > 0;
         words = next_line(&reader, word, 8)) {
        pcs_trace_t *grown = realloc(all, (*count + 1) * sizeof *grown);
        if (grown == NULL) {
            status = pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
            break;
        }
        all = grown;
        status = read_block(&reader, word, words, &all[*count]);
        all[(*count)++].hash = hash;
        if (status != PCS_OK) {
            break;
        }
    }
    free(text);
    if (status == PCS_OK && *count == 0) {
        status = pcs_fail(err, PCS_FORMAT, "%s: no block", path);
    }
    if (status != PCS_OK) {
        free(all);
        return status;
    }
    *traces = all;
    return PCS_OK;
}

/* ---- recorded operands at other bit-widths ---- */

/* The top `bits` bits of a code of PREC_MAX bits: a signed code stays sign-extended. */
static uint8_t cut(uint16_t code, unsigned bits, bool is_signed)
{
    const unsigned shift = PCS_PREC_MAX - bits;
    const unsigned sign = is_signed && code >= 0x80 ? 0xffU << bits : 0;
    return (uint8_t)(((unsigned)code >> shift | sign) & 0xffU);
}

pcs_status_t pcs_trace_trained(const pcs_trace_t *traces, size_t count, unsigned pa, unsigned pb, pcs_trace_t *trace,
                               pcs_error_t *err)
{
    static const char *const roles[] = {"forward", "forward", "dgrad", "wgrad"};
    enum { PARTS = sizeof roles / sizeof roles[0], STEPS = PCS_TRACE_STEPS / PARTS };
    for (size_t part = 0; part < PARTS; part++) {
        const pcs_trace_t *from = NULL;
        for (size_t i = 0; i < count && from == NULL; i++) {
            const pcs_mode_t *mode = &traces[i].mode;
            from = strcmp(traces[i].name, roles[part]) == 0 && mode->pa == PCS_PREC_MAX && mode->pb == PCS_PREC_MAX
                       ? &traces[i]
                       : NULL;
        }
        if (from == NULL) {
            return pcs_fail(err, PCS_INVALID, "no block %s 8 8 among the recorded operands", roles[part]);
        }
        if (part == 0) {
            *trace = (pcs_trace_t){.name = "trained",
                                   .mode = mode_of(pa, pb, from->mode.a_signed, from->mode.b_signed),
                                   .steps = PCS_TRACE_STEPS,
                                   .hash = from->hash};
        }
        for (size_t k = part * STEPS; k < (part + 1) * STEPS; k++) {
            for (size_t i = 0; i < PCS_TRACE_SIDE; i++) {
                trace->a[k][i] = cut(from->a[k][i], pa, from->mode.a_signed);
                trace->b[k][i] = cut(from->b[k][i], pb, from->mode.b_signed);
            }
        }
    }
    return PCS_OK;
}
