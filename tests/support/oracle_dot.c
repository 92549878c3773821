#include "tests/support/oracle_dot.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/oracle_reals.h"

enum { TERMS_MAX = 72 };

/* ---- tensor cores: the published tables ---------------------------------------------------------------------------
 */

typedef struct unit {
    const char *name, *inputs; /* "fp16 bf16": both operands of one of them; fp8: any of e4m3, e5m2 */
    int f, group;
    const char *result; /* of FP32 outputs */
    bool half;          /* FP16 in and out exists */
} unit_t;

static const unit_t units[] = {
    {"volta", "fp16", 23, 4, "fp32", true},
    {"turing", "fp16", 24, 8, "fp32", true},
    {"ampere", "fp16 bf16", 24, 8, "fp32", true},
    {"ampere", "tf32", 24, 4, "fp32", false},
    {"ada", "fp16 bf16", 24, 8, "fp32", true},
    {"ada", "tf32", 24, 4, "fp32", false},
    {"ada", "e4m3 e5m2", 13, 16, "e8m13", true},
    {"hopper", "fp16 bf16", 25, 16, "fp32", true},
    {"hopper", "tf32", 25, 8, "fp32", false},
    {"hopper", "e4m3 e5m2", 13, 32, "e8m13", true},
    {"blackwell", "fp16 bf16", 25, 16, "fp32", true},
    {"blackwell", "tf32", 25, 8, "fp32", false},
    {"blackwell", "e4m3 e5m2 e3m2 e2m3 e2m1", 25, 32, "fp32", true},
    {"cdna3", "fp16 bf16", 24, 8, "fp32", false},
    {"cdna3", "tf32", 24, 4, "fp32", false},
    {"cdna3", "e4m3fnuz e5m2fnuz", 24, 16, "fp32", false},
};

static const oracle_format_t *format_of(const char *name)
{
    for (int i = 0; i < ORACLE_FORMATS; i++) {
        if (strcmp(oracle_formats[i].name, name) == 0) {
            return &oracle_formats[i];
        }
    }
    abort();
}

static bool word_in(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = words; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strncmp(at, word, n) == 0 && (at[n] == ' ' || at[n] == '\0')) {
            return true;
        }
    }
    return false;
}

static const unit_t *unit_of(const oracle_dot_t *dot)
{
    const bool float8 = dot->a->bits <= 8;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        const unit_t *u = &units[i];
        const bool inputs = word_in(u->inputs, dot->a->name) && word_in(u->inputs, dot->b->name);
        const bool output = strcmp(dot->c->name, "fp32") == 0 ||
                            (strcmp(dot->c->name, "fp16") == 0 && u->half && strcmp(dot->a->name, "bf16") != 0);
        if (strcmp(u->name, dot->accumulator) == 0 && inputs && output && (float8 || dot->a == dot->b)) {
            return u;
        }
    }
    return NULL;
}

/* A term of a tensor core's sum: its value, and the exponent it is aligned by. */
typedef struct term {
    oracle_real_t x;
    int exponent;
} term_t;

static int exponent_of(const oracle_format_t *f, const oracle_real_t *x)
{
    return x->exponent + f->m; /* of the digit before the point */
}

static term_t product_term(const oracle_format_t *fa, uint32_t a, const oracle_format_t *fb, uint32_t b, int scale)
{
    oracle_real_t xa = oracle_decode(fa, a);
    xa.exponent += scale;
    const oracle_real_t xb = oracle_decode(fb, b);
    unsigned flags = 0;
    term_t term = {oracle_mul(xa, xb, &flags), exponent_of(fa, &xa) + exponent_of(fb, &xb)};
    term.exponent = oracle_is_zero(&term.x) ? -126 : term.exponent;
    return term;
}

static term_t number_term(const oracle_format_t *f, uint32_t code)
{
    const oracle_real_t x = oracle_decode(f, code);
    return (term_t){x, oracle_is_zero(&x) ? -126 : exponent_of(f, &x)};
}

/* Terms cut to f bits below the largest exponent, added. */
static term_t truncated_sum(const term_t *terms, size_t n, int f)
{
    term_t sum = {{.kind = ORACLE_NUMBER}, terms[0].exponent};
    for (size_t i = 1; i < n; i++) {
        sum.exponent = terms[i].exponent > sum.exponent ? terms[i].exponent : sum.exponent;
    }
    for (size_t i = 0; i < n; i++) {
        sum.x = oracle_plus(sum.x, oracle_cut(terms[i].x, sum.exponent - f, false));
    }
    return sum;
}

/* 0: finite; 1: *infinite is the result; 2: NaN. */
static int special_of(const term_t *terms, size_t n, oracle_real_t *infinite)
{
    *infinite = (oracle_real_t){.kind = ORACLE_NUMBER};
    for (size_t i = 0; i < n; i++) {
        if (terms[i].x.kind != ORACLE_NUMBER) {
            *infinite = infinite->kind == ORACLE_NUMBER ? terms[i].x : oracle_plus(*infinite, terms[i].x);
        }
    }
    return infinite->kind == ORACLE_NUMBER ? 0 : infinite->kind == ORACLE_INFINITE ? 1 : 2;
}

static uint32_t signed_infinity(const oracle_format_t *f, bool sign)
{
    return f->inf | (sign ? UINT32_C(1) << (f->bits - 1) : 0);
}

/* One step of an NVIDIA unit; terms[n - 1] is the addend. */
static uint32_t nvidia_step(const term_t *terms, size_t n, int f, const oracle_format_t *result,
                            const oracle_format_t *c)
{
    const bool half = strcmp(c->name, "fp16") == 0;
    oracle_real_t infinite;
    const int special = special_of(terms, n, &infinite);
    if (special != 0) {
        return special == 2 ? (half ? 0x7fffU : 0x7fffffffU) : signed_infinity(c, infinite.sign);
    }
    term_t sum = truncated_sum(terms, n, f);
    if (oracle_is_zero(&sum.x)) {
        return 0;
    }
    const oracle_how_t how = {.rounding = half ? ORACLE_RNE : ORACLE_RTZ, .overflow = ORACLE_INF};
    unsigned flags = 0;
    const uint32_t code = oracle_rounded(half ? c : result, &sum.x, &how, &flags);
    if ((flags & ORACLE_OF) != 0) {
        return signed_infinity(c, sum.x.sign);
    }
    /* FP22 stands in the upper bits of binary32 */
    return half ? code : code << (c->m - result->m);
}

/* One step of CDNA3: products floored onto the addend, or the other way round. */
static uint32_t cdna3_step(term_t *terms, size_t n, const unit_t *u, bool float8, const oracle_format_t *c)
{
    oracle_real_t infinite;
    int special = special_of(terms, n, &infinite);
    if (special == 0) {
        for (size_t i = 0; i + 1 < n; i++) {
            if (oracle_top_bit(&terms[i].x) + ORACLE_UNIT >= 128) {
                terms[i].x.kind = ORACLE_INFINITE;
            }
        }
        special = special_of(terms, n - 1, &infinite);
    }
    if (special != 0) {
        return special == 2 ? c->nan : signed_infinity(c, infinite.sign);
    }
    term_t part = {{.kind = ORACLE_NUMBER}, 0};
    if (float8) {
        term_t lane[2][TERMS_MAX / 2];
        lane[0][0] = terms[0];
        size_t count[2] = {0, 0};
        for (size_t i = 0; i + 1 < n; i++) {
            lane[i % 2][count[i % 2]++] = terms[i];
        }
        const term_t even = truncated_sum(lane[0], count[0], u->f);
        const term_t odd = count[1] > 0 ? truncated_sum(lane[1], count[1], u->f) : even;
        part.exponent = even.exponent > odd.exponent ? even.exponent : odd.exponent;
        part.x = oracle_cut(even.x, part.exponent - u->f, true);
        if (count[1] > 0) {
            part.x = oracle_plus(part.x, oracle_cut(odd.x, part.exponent - u->f, true));
        }
    } else {
        part = truncated_sum(terms, n - 1, u->f);
    }
    const term_t addend = terms[n - 1];
    const int e = part.exponent > addend.exponent ? part.exponent : addend.exponent;
    oracle_real_t sum = oracle_cut(part.x, e - 31, true);
    if (!float8 || addend.exponent >= e - 25) {
        sum = oracle_plus(sum, oracle_cut(addend.x, e - 24, true));
    }
    const oracle_how_t nearest = {.rounding = ORACLE_RNE, .overflow = ORACLE_INF};
    unsigned flags = 0;
    return oracle_is_zero(&sum) ? 0 : oracle_rounded(c, &sum, &nearest, &flags);
}

static uint32_t tensor_core(const unit_t *u, const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c)
{
    term_t terms[TERMS_MAX];
    const size_t group = (size_t)u->group;
    for (size_t first = 0; first < dot->k; first += group) {
        size_t n = 0;
        for (size_t i = first; i < first + group && i < dot->k; i++) {
            terms[n++] = product_term(dot->a, a[i], dot->b, b[i], dot->scale == NULL ? 0 : dot->scale[i / group]);
        }
        terms[n++] = number_term(dot->c, c);
        c = strcmp(u->name, "cdna3") == 0 ? cdna3_step(terms, n, u, dot->a->bits == 8, dot->c)
                                          : nvidia_step(terms, n, u->f, format_of(u->result), dot->c);
    }
    return c;
}

/* FP8 through FP16: per 32 products two chained steps from zero, then c is added. */
static uint32_t fp8_as_fp16(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c)
{
    const oracle_format_t *half = dot->c;
    const oracle_how_t nearest = {.rounding = ORACLE_RNE, .overflow = ORACLE_INF};
    for (size_t first = 0; first < dot->k; first += 32) {
        uint32_t sum = 0;
        for (size_t step = 0; step < 2; step++) {
            term_t terms[17];
            size_t n = 0;
            for (size_t i = 0; i < 32; i++) {
                if (i % 4 / 2 == step) {
                    unsigned ignored = 0;
                    const oracle_real_t xa = oracle_decode(dot->a, a[first + i]);
                    const oracle_real_t xb = oracle_decode(dot->b, b[first + i]);
                    terms[n++] = product_term(half, oracle_rounded(half, &xa, &nearest, &ignored), half,
                                              oracle_rounded(half, &xb, &nearest, &ignored), 0);
                }
            }
            terms[n++] = number_term(half, sum);
            sum = nvidia_step(terms, n, 25, half, half);
        }
        unsigned flags = 0;
        const oracle_real_t total = oracle_add(oracle_decode(half, c), oracle_decode(half, sum), false, &flags);
        c = oracle_rounded(half, &total, &nearest, &flags);
    }
    return c;
}

/* ---- IEEE-like sums -----------------------------------------------------------------------------------------------
 */

typedef struct chain {
    const oracle_dot_t *dot;
    const uint32_t *a, *b;
    bool flush;
    unsigned *flags;
} chain_t;

static uint32_t flushed(const chain_t *chain, const oracle_format_t *f, uint32_t code, bool keep_sign)
{
    const uint32_t sign = UINT32_C(1) << (f->bits - 1);
    const bool subnormal = (code & ~sign) >> f->m == 0;
    return chain->flush && subnormal ? (keep_sign ? code & sign : 0) : code;
}

static uint32_t round_sum(const chain_t *chain, const oracle_real_t *x)
{
    return flushed(chain, chain->dot->c, oracle_rounded(chain->dot->c, x, &chain->dot->how, chain->flags), true);
}

static oracle_real_t product(const chain_t *chain, size_t i)
{
    const oracle_dot_t *dot = chain->dot;
    return oracle_mul(oracle_decode(dot->a, flushed(chain, dot->a, chain->a[i], false)),
                      oracle_decode(dot->b, flushed(chain, dot->b, chain->b[i], false)), chain->flags);
}

static uint32_t add_codes(const chain_t *chain, uint32_t x, uint32_t y)
{
    const oracle_format_t *c = chain->dot->c;
    const oracle_real_t sum =
        oracle_add(oracle_decode(c, x), oracle_decode(c, y), chain->dot->how.rounding == ORACLE_RDN, chain->flags);
    return round_sum(chain, &sum);
}

/* Products first.. and, if it is not NULL, the addend: exactly, one rounding. */
static uint32_t exact_sum(const chain_t *chain, size_t first, size_t count, const uint32_t *addend)
{
    oracle_real_t terms[TERMS_MAX];
    terms[0] = (oracle_real_t){.kind = ORACLE_NUMBER};
    size_t n = 0;
    bool nan = false;
    for (size_t i = first; i < first + count; i++) {
        terms[n++] = product(chain, i);
    }
    if (addend != NULL) {
        terms[n++] = oracle_decode(chain->dot->c, *addend);
    }
    oracle_real_t sum = terms[0];
    for (size_t i = 0; i < n; i++) {
        nan = nan || terms[i].kind == ORACLE_NOT_A_NUMBER;
        *chain->flags |= terms[i].kind == ORACLE_NOT_A_NUMBER && terms[i].signaling ? ORACLE_NV : 0;
    }
    for (size_t i = 1; i < n && !nan; i++) {
        sum = oracle_add(sum, terms[i], chain->dot->how.rounding == ORACLE_RDN, chain->flags);
    }
    if (nan) {
        sum = (oracle_real_t){.kind = ORACLE_NOT_A_NUMBER};
    }
    return round_sum(chain, &sum);
}

static uint32_t tree_sum(const chain_t *chain, size_t first, size_t count)
{
    if (count == 1) {
        const oracle_real_t x = product(chain, first);
        return round_sum(chain, &x);
    }
    const uint32_t left = tree_sum(chain, first, count / 2);
    const uint32_t right = tree_sum(chain, first + count / 2, count - count / 2);
    return add_codes(chain, left, right);
}

static uint32_t sequential_sum(const chain_t *chain, size_t first, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = first; i < first + count; i++) {
        const oracle_real_t x = oracle_add(product(chain, i), oracle_decode(chain->dot->c, sum),
                                           chain->dot->how.rounding == ORACLE_RDN, chain->flags);
        sum = round_sum(chain, &x);
    }
    return sum;
}

/* Names of the general accumulators: what a group is, and whether it takes the sum in. */
static bool grouping(const oracle_dot_t *dot, char *rule, size_t *group)
{
    static const struct {
        const char *name;
        char rule; /* f: fused, t: tile, r: tree, c: chunk */
        size_t group;
    } names[] = {{"exact", 'f', 0},  {"fma", 'f', 1},   {"sdotp", 'f', 2},  {"mul-add", 'r', 1}, {"pairwise", 'r', 0},
                 {"fused:", 'f', 0}, {"tile:", 't', 0}, {"chunk:", 'c', 0}, {"tree:", 'r', 0}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i].name);
        const bool counted = names[i].name[n - 1] == ':';
        if (counted ? strncmp(dot->accumulator, names[i].name, n) == 0 : strcmp(dot->accumulator, names[i].name) == 0) {
            *rule = names[i].rule;
            *group = counted ? strtoul(dot->accumulator + n, NULL, 10) : names[i].group;
            *group = *group == 0 ? dot->k : *group;
            return true;
        }
    }
    const bool half = strcmp(dot->a->name, "fp16") == 0 && dot->a == dot->b;
    const bool brain = strcmp(dot->a->name, "bf16") == 0 && dot->a == dot->b;
    const bool wide = strcmp(dot->a->name, "fp32") == 0 && dot->a == dot->b;
    const bool cdna = strncmp(dot->accumulator, "cdna", 4) == 0 && strcmp(dot->c->name, "fp32") == 0;
    const bool exact = strcmp(dot->accumulator, "cdna1-exact") == 0;
    const bool first = strncmp(dot->accumulator, "cdna1", 5) == 0;
    const bool second = strcmp(dot->accumulator, "cdna2") == 0;
    *rule = wide || exact ? 'f' : 'r';
    *group = wide ? 1 : brain && first ? 2 : 4;
    return cdna && (wide || ((half || brain) && (first || second)));
}

bool oracle_dot_has_flags(const char *accumulator)
{
    char rule = 0;
    size_t group = 0;
    const oracle_dot_t dot = {
        .accumulator = accumulator, .a = &oracle_formats[0], .b = &oracle_formats[0], .c = &oracle_formats[0], .k = 1};
    return strncmp(accumulator, "register:", 9) == 0 || grouping(&dot, &rule, &group);
}

bool oracle_dot(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c, uint32_t *code,
                unsigned *flags)
{
    const unit_t *unit = unit_of(dot);
    if (unit != NULL) {
        *code = tensor_core(unit, dot, a, b, c);
        return true;
    }
    const bool float8 = word_in("e4m3 e5m2", dot->a->name) && word_in("e4m3 e5m2", dot->b->name);
    if (strcmp(dot->accumulator, "hopper-mma-fp8") == 0 && float8 && strcmp(dot->c->name, "fp16") == 0) {
        *code = fp8_as_fp16(dot, a, b, c);
        return true;
    }
    if (oracle_register(dot, a, b, c, code, flags)) {
        return true;
    }
    char rule = 0;
    size_t group = 0;
    if (!grouping(dot, &rule, &group)) {
        return false;
    }
    const chain_t chain = {dot, a, b, strcmp(dot->accumulator, "cdna2") == 0 && strcmp(dot->a->name, "fp32") != 0,
                           flags};
    c = flushed(&chain, dot->c, c, false);
    for (size_t first = 0; first < dot->k; first += group) {
        const size_t count = first + group < dot->k ? group : dot->k - first;
        c = rule == 'f'   ? exact_sum(&chain, first, count, &c)
            : rule == 't' ? add_codes(&chain, c, exact_sum(&chain, first, count, NULL))
            : rule == 'r' ? add_codes(&chain, c, tree_sum(&chain, first, count))
                          : add_codes(&chain, c, sequential_sum(&chain, first, count));
    }
    *code = c;
    return true;
}
