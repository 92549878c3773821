#include "models/format/block.h"

#include <string.h>

static const char *const rule_names[PCS_SCALE_COUNT] = {"floor", "ceil", "round-up", "even"};

const char *pcs_scale_rule_name(pcs_scale_rule_t rule)
{
    return rule_names[rule];
}

pcs_scale_rule_t pcs_scale_rule_by_name(const char *name)
{
    int rule = 0;
    while (rule < PCS_SCALE_COUNT && strcmp(rule_names[rule], name) != 0) {
        rule++;
    }
    return (pcs_scale_rule_t)rule;
}

/* ---- integers -----------------------------------------------------------------------------------------------------
 */

static uint64_t largest_integer(const pcs_integer_t *integer, bool minus)
{
    const uint64_t half = UINT64_C(1) << (integer->bits - 1U);
    return minus && !integer->symmetric ? half : half - 1U;
}

static pcs_code_t integer_code(const pcs_integer_t *integer, bool minus, uint64_t magnitude)
{
    const uint32_t mask = (UINT32_C(1) << integer->bits) - 1U;
    return (pcs_code_t){(minus ? 0U - (uint32_t)magnitude : (uint32_t)magnitude) & mask};
}

pcs_code_t pcs_integer_round(const pcs_integer_t *integer, pcs_parts_t value, pcs_fpstate_t *state)
{
    const uint64_t most = largest_integer(integer, value.sign);
    switch (value.class_) {
    case PCS_CLASS_ZERO:
        return (pcs_code_t){0};
    case PCS_CLASS_NAN:
        state->flags |= PCS_FLAG_INVALID;
        return (pcs_code_t){0};
    case PCS_CLASS_INF:
        state->flags |= PCS_FLAG_INVALID;
        return integer_code(integer, value.sign, most);
    case PCS_CLASS_FINITE:
        break;
    }
    const unsigned before = state->flags;
    state->flags = 0;
    const uint64_t magnitude = pcs_round_integer(value, -integer->point, most, state);
    const bool lost = magnitude == 0 && (state->flags & PCS_FLAG_INEXACT) != 0;
    state->flags |= before | (lost ? (unsigned)PCS_FLAG_UNDERFLOW : 0U);
    return integer_code(integer, value.sign, magnitude);
}

pcs_parts_t pcs_integer_decode(const pcs_integer_t *integer, pcs_code_t code)
{
    const uint32_t half = UINT32_C(1) << (integer->bits - 1U);
    const bool minus = (code.bits & half) != 0;
    const uint32_t magnitude = minus ? 2U * half - code.bits : code.bits;
    PCS_ASSERT(code.bits < 2U * half);
    if (magnitude == 0) {
        return (pcs_parts_t){.class_ = PCS_CLASS_ZERO};
    }
    return (pcs_parts_t){
        .class_ = PCS_CLASS_FINITE, .sign = minus, .exponent = -integer->point, .significand = magnitude};
}

/* ---- names --------------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int format; /* -1: integers */
    int shift;
} mx[] = {{"mxfp8-e4m3", PCS_FORMAT_E4M3, 8}, {"mxfp8-e5m2", PCS_FORMAT_E5M2, 15}, {"mxfp6-e3m2", PCS_FORMAT_E3M2, 4},
          {"mxfp6-e2m3", PCS_FORMAT_E2M3, 2}, {"mxfp4", PCS_FORMAT_E2M1, 2},       {"mxint8", -1, 0}};
enum { MX = sizeof mx / sizeof mx[0] };

/* The number before ':' or the end; moves *text behind it. */
static bool number(const char **text, unsigned low, unsigned high, unsigned *value)
{
    const size_t digits = strspn(*text, "0123456789");
    const char end = (*text)[digits];
    if (digits == 0 || digits > 4 || (end != ':' && end != '\0')) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        *value = 10U * *value + (unsigned)((*text)[i] - '0');
    }
    *text += digits + (end == ':' ? 1 : 0);
    return *value >= low && *value <= high;
}

static pcs_status_t parse_bfp(const char *name, pcs_block_format_t *block, pcs_error_t *err)
{
    const bool zero_point = name[0] == 'h';
    const char *text = strchr(name, ':') + 1;
    unsigned group = 0;
    unsigned mantissa = 0;
    unsigned exponent = 0;
    if (!number(&text, 1, PCS_BLOCK_GROUP_MAX, &group) || !number(&text, 1, 15, &mantissa) ||
        !number(&text, 2, 10, &exponent) || *text != '\0') {
        return pcs_fail(err, PCS_INVALID,
                        "block format '%.40s'; legal: %s:G:M:E, group G 1..%d, magnitude bits M 1..15, exponent bits "
                        "E 2..10",
                        name, zero_point ? "hbfp" : "bfp", PCS_BLOCK_GROUP_MAX);
    }
    const int half = 1 << (exponent - 1U);
    *block = (pcs_block_format_t){
        .group = group,
        .integer = {.bits = mantissa + 1U, .symmetric = true, .point = (int)mantissa - (zero_point ? 0 : 1)},
        .rule = zero_point ? PCS_SCALE_CEIL : PCS_SCALE_FLOOR,
        .scale_min = 1 - half,
        .scale_max = half,
    };
    return PCS_OK;
}

pcs_status_t pcs_block_format_parse(const char *name, pcs_scale_rule_t rule, pcs_block_format_t *block,
                                    pcs_error_t *err)
{
    if (strncmp(name, "bfp:", 4) == 0 || strncmp(name, "hbfp:", 5) == 0) {
        return parse_bfp(name, block, err);
    }
    if (strcmp(name, "nvfp4") == 0) {
        *block = (pcs_block_format_t){.group = 16,
                                      .element = &pcs_formats[PCS_FORMAT_E2M1],
                                      .scale_max = (int)pcs_format_max(&pcs_formats[PCS_FORMAT_E4M3]).bits,
                                      .scale_nan = true,
                                      .scale_ue4m3 = true};
        return PCS_OK;
    }
    for (size_t i = 0; i < MX; i++) {
        if (strcmp(mx[i].name, name) == 0) {
            *block = (pcs_block_format_t){.group = 32,
                                          .element = mx[i].format < 0 ? NULL : &pcs_formats[mx[i].format],
                                          .integer = {.bits = 8, .symmetric = true, .point = 6},
                                          .rule = rule,
                                          .shift = mx[i].shift,
                                          .scale_min = -127,
                                          .scale_max = 127,
                                          .scale_nan = true};
            return PCS_OK;
        }
    }
    return pcs_fail(err, PCS_INVALID,
                    "block format '%.40s'; legal: mxfp8-e4m3|mxfp8-e5m2|mxfp6-e3m2|mxfp6-e2m3|mxfp4|mxint8|nvfp4|"
                    "bfp:G:M:E|hbfp:G:M:E",
                    name);
}

/* ---- blocks -------------------------------------------------------------------------------------------------------
 */

unsigned pcs_block_format_scale_bits(const pcs_block_format_t *block)
{
    const unsigned last = (unsigned)(block->scale_max - block->scale_min) + (block->scale_nan ? 1U : 0U);
    return 32U - (unsigned)__builtin_clz(last);
}

unsigned pcs_block_format_element_bits(const pcs_block_format_t *block)
{
    return block->element != NULL ? pcs_format_bits(block->element) : block->integer.bits;
}

/* A magnitude 1.f * 2^exponent: bit 63 of the significand is set. */
typedef struct magnitude {
    int exponent;
    uint64_t significand;
} magnitude_t;

static magnitude_t magnitude_of(pcs_parts_t value)
{
    const int zeros = __builtin_clzll(value.significand);
    return (magnitude_t){value.exponent + 63 - zeros, value.significand << zeros};
}

static bool less(magnitude_t a, magnitude_t b)
{
    return a.exponent != b.exponent ? a.exponent < b.exponent : a.significand < b.significand;
}

static magnitude_t largest_element(const pcs_block_format_t *block)
{
    if (block->element != NULL) {
        return magnitude_of(pcs_decode(block->element, pcs_format_max(block->element)));
    }
    return magnitude_of(
        pcs_integer_decode(&block->integer, (pcs_code_t){(uint32_t)largest_integer(&block->integer, false)}));
}

static int scale_of(const pcs_block_format_t *block, magnitude_t amax)
{
    const uint64_t one = UINT64_C(1) << 63U;
    const unsigned mantissa = block->element != NULL ? block->element->mantissa_bits : block->integer.bits - 2U;
    const magnitude_t largest = largest_element(block);
    switch (block->rule) {
    case PCS_SCALE_CEIL:
        return amax.exponent + (amax.significand > one ? 1 : 0) - block->shift;
    case PCS_SCALE_ROUND_UP:
        return amax.exponent - largest.exponent + (amax.significand > largest.significand ? 1 : 0);
    case PCS_SCALE_EVEN: /* carries to the next power of two from the middle below it on, a tie to even */
        return amax.exponent + (amax.significand >= 0 - (one >> (mantissa + 1U)) ? 1 : 0) - block->shift;
    case PCS_SCALE_FLOOR:
    case PCS_SCALE_COUNT:
        break;
    }
    return amax.exponent - block->shift;
}

/* The code of X = amax / 6. */
static pcs_code_t ue4m3_scale(magnitude_t amax)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
    const uint64_t third = amax.significand / 3U;
    const uint64_t sticky = amax.significand % 3U != 0 ? 1U : 0U;
    const pcs_parts_t sixth = {
        .class_ = PCS_CLASS_FINITE, .exponent = amax.exponent - 64, .significand = third | sticky};
    return amax.significand == 0 ? (pcs_code_t){0} : pcs_round_pack(&pcs_formats[PCS_FORMAT_E4M3], sixth, &nearest);
}

/* A finite value over a scale that is not 0, its last bit sticky. */
static pcs_parts_t over_scale(pcs_parts_t value, pcs_parts_t scale)
{
    const magnitude_t x = magnitude_of(value);
    const unsigned shift = 63U - (unsigned)__builtin_clzll(scale.significand);
    const uint64_t rest = x.significand % scale.significand << shift;
    const uint64_t quotient = (x.significand / scale.significand << shift) + rest / scale.significand;
    value.significand = quotient | (rest % scale.significand != 0 ? 1U : 0U);
    value.exponent = x.exponent - 63 - (int)shift - scale.exponent;
    return value;
}

static void quantize_ue4m3(const pcs_block_format_t *block, const pcs_parts_t *x, size_t n, magnitude_t amax,
                           pcs_fpstate_t *how, const pcs_stream_t *stream, uint64_t first, pcs_code_t *scale,
                           pcs_code_t *elements)
{
    *scale = ue4m3_scale(amax);
    const pcs_parts_t by = pcs_decode(&pcs_formats[PCS_FORMAT_E4M3], *scale);
    for (size_t i = 0; i < n; i++) {
        const bool finite = x[i].class_ == PCS_CLASS_FINITE;
        if (pcs_rounding_is_stochastic(how->rounding)) {
            how->random = pcs_philox_u32(stream, first + i) >> (32U - how->random_bits);
        }
        if (by.class_ == PCS_CLASS_ZERO) {
            elements[i] = (pcs_code_t){0};
            how->flags |= finite ? (unsigned)PCS_FLAG_UNDERFLOW | (unsigned)PCS_FLAG_INEXACT : 0U;
        } else {
            elements[i] = pcs_round_pack(block->element, finite ? over_scale(x[i], by) : x[i], how);
        }
    }
}

void pcs_block_format_quantize(const pcs_block_format_t *block, const pcs_parts_t *x, size_t n, pcs_fpstate_t *state,
                               const pcs_stream_t *stream, uint64_t first, pcs_code_t *scale, pcs_code_t *elements)
{
    magnitude_t amax = {INT32_MIN, 0};
    bool special = false;
    PCS_ASSERT(n >= 1 && n <= block->group);
    for (size_t i = 0; i < n; i++) {
        special = special || x[i].class_ == PCS_CLASS_NAN || x[i].class_ == PCS_CLASS_INF;
        if (x[i].class_ == PCS_CLASS_FINITE && less(amax, magnitude_of(x[i]))) {
            amax = magnitude_of(x[i]);
        }
    }
    if (special && block->scale_nan) {
        state->flags |= PCS_FLAG_INVALID;
        *scale = (pcs_code_t){(uint32_t)(block->scale_max - block->scale_min) + 1U};
        memset(elements, 0, n * sizeof *elements);
        return;
    }
    pcs_fpstate_t how = *state;
    how.overflow = PCS_OVERFLOW_SAT;
    if (block->scale_ue4m3) {
        quantize_ue4m3(block, x, n, amax, &how, stream, first, scale, elements);
        state->flags = how.flags;
        return;
    }
    int s = amax.significand == 0 ? block->scale_min : scale_of(block, amax);
    s = s < block->scale_min ? block->scale_min : s > block->scale_max ? block->scale_max : s;
    *scale = (pcs_code_t){(uint32_t)(s - block->scale_min)};
    for (size_t i = 0; i < n; i++) {
        pcs_parts_t value = x[i];
        value.exponent -= s;
        if (pcs_rounding_is_stochastic(how.rounding)) {
            how.random = pcs_philox_u32(stream, first + i) >> (32U - how.random_bits);
        }
        elements[i] = block->element != NULL ? pcs_round_pack(block->element, value, &how)
                                             : pcs_integer_round(&block->integer, value, &how);
    }
    state->flags = how.flags;
}

pcs_parts_t pcs_block_format_decode(const pcs_block_format_t *block, pcs_code_t scale, pcs_code_t element)
{
    const int s = block->scale_min + (int)scale.bits;
    if (s > block->scale_max) {
        return (pcs_parts_t){.class_ = PCS_CLASS_NAN};
    }
    pcs_parts_t value =
        block->element != NULL ? pcs_decode(block->element, element) : pcs_integer_decode(&block->integer, element);
    if (block->scale_ue4m3) {
        pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE};
        return pcs_parts_mul(value, pcs_decode(&pcs_formats[PCS_FORMAT_E4M3], scale), &exact);
    }
    value.exponent += s;
    return value;
}

pcs_format_row_t pcs_block_format_row(const pcs_block_format_t *block, const char *name)
{
    if (block->element != NULL) {
        pcs_format_row_t row = *block->element;
        row.name = name;
        return row;
    }
    const int mantissa = (int)block->integer.bits - 2;
    return (pcs_format_row_t){.name = name,
                              .exponent_bits = 1,
                              .mantissa_bits = (unsigned)mantissa,
                              .bias = 1 - mantissa + block->integer.point,
                              .top = PCS_TOP_FULL,
                              .after = "integers"};
}

pcs_code_t pcs_block_format_code(const pcs_block_format_t *block, pcs_code_t element)
{
    if (block->element != NULL) {
        return element;
    }
    const uint32_t half = UINT32_C(1) << (block->integer.bits - 1U);
    PCS_ASSERT(element.bits != half);
    return element.bits < half ? element : (pcs_code_t){half | (2U * half - element.bits)};
}
