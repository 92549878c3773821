/* Accumulators by name: the general ones, one row a preset, and `aligned:` with its parameters. */
#include <stdlib.h>
#include <string.h>

#include "models/format/dot.h"

/* Kinds of operands, for the rows below. */
enum { FP16 = 1, BF16 = 2, TF32 = 4, FP8 = 8, FNUZ8 = 16, FP32 = 32, FP6 = 64, FP4 = 128, HALVES = FP16 | BF16 };

/* What a published unit does with one kind of operands.  Rows of one name stand together. */
typedef struct preset {
    const char *name;
    unsigned operands;
    bool half_c; /* also with FP16 addend and result */
    pcs_accumulator_t accumulator;
} preset_t;

#define NVIDIA(f, products, result)                                                                                    \
    {                                                                                                                  \
        .sum = PCS_SUM_ALIGNED, .group = (products), .fraction_bits = (f), .lanes = 1, .out = (result),                \
        .rounding = PCS_ROUNDING_RTZ, .nan_ones = true                                                                 \
    }
#define CDNA3(products, lane_count, c_reach)                                                                           \
    {                                                                                                                  \
        .sum = PCS_SUM_ALIGNED, .addend = PCS_ADDEND_FLOORED, .group = (products), .fraction_bits = 24,                \
        .lanes = (lane_count), .reach = (c_reach), .rounding = PCS_ROUNDING_RNE                                        \
    }
#define AMD_TREE(products, no_subnormals)                                                                              \
    {                                                                                                                  \
        .sum = PCS_SUM_TREE, .addend = PCS_ADDEND_OUTSIDE, .group = (products), .flush = (no_subnormals)               \
    }
#define AMD_EXACT(products)                                                                                            \
    {                                                                                                                  \
        .sum = PCS_SUM_EXACT, .group = (products)                                                                      \
    }
/* FP8 as two interleaved FP16 operations that begin at zero; c is added at the end. */
#define FP8_AS_FP16                                                                                                    \
    {                                                                                                                  \
        .sum = PCS_SUM_ALIGNED, .period = 32, .lists = 2, .size = {16, 16},                                            \
        .index = {0, 1, 4, 5, 8,  9,  12, 13, 16, 17, 20, 21, 24, 25, 28, 29,                                          \
                  2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31},                                         \
        .restart = 32, .fraction_bits = 25, .lanes = 1, .operand = &pcs_formats[PCS_FORMAT_FP16],                      \
        .rounding = PCS_ROUNDING_RNE, .nan_ones = true                                                                 \
    }
#define E8M13 (&pcs_formats[PCS_FORMAT_E8M13])

static const preset_t presets[] = {
    {"volta", FP16, true, NVIDIA(23, 4, NULL)},
    {"turing", FP16, true, NVIDIA(24, 8, NULL)},
    {"ampere", HALVES, true, NVIDIA(24, 8, NULL)},
    {"ampere", TF32, false, NVIDIA(24, 4, NULL)},
    {"ada", HALVES, true, NVIDIA(24, 8, NULL)},
    {"ada", TF32, false, NVIDIA(24, 4, NULL)},
    {"ada", FP8, true, NVIDIA(13, 16, E8M13)},
    {"hopper", HALVES, true, NVIDIA(25, 16, NULL)},
    {"hopper", TF32, false, NVIDIA(25, 8, NULL)},
    {"hopper", FP8, true, NVIDIA(13, 32, E8M13)},
    {"hopper-mma-fp8", FP8, true, FP8_AS_FP16},
    {"blackwell", HALVES, true, NVIDIA(25, 16, NULL)},
    {"blackwell", TF32, false, NVIDIA(25, 8, NULL)},
    {"blackwell", FP8 | FP6 | FP4, true, NVIDIA(25, 32, NULL)},
    {"mxf4nvf4",
     FP4,
     false,
     {.sum = PCS_SUM_BLOCKS,
      .group = 64,
      .block = 16,
      .fraction_bits = 35,
      .rounding = PCS_ROUNDING_RTZ,
      .nan_ones = true}},
    {"cdna1", FP16, false, AMD_TREE(4, false)},
    {"cdna1", BF16, false, AMD_TREE(2, false)},
    {"cdna1", FP32, false, AMD_EXACT(1)},
    {"cdna1-exact", FP16, false, AMD_EXACT(4)},
    {"cdna1-exact", BF16, false, AMD_EXACT(2)},
    {"cdna1-exact", FP32, false, AMD_EXACT(1)},
    {"cdna2", HALVES, false, AMD_TREE(4, true)},
    {"cdna2", FP32, false, AMD_EXACT(1)},
    {"cdna3", HALVES, false, CDNA3(8, 1, 0)},
    {"cdna3", TF32, false, CDNA3(4, 1, 0)},
    {"cdna3", FNUZ8, false, CDNA3(16, 2, 25)},
    {"cdna3", FP32, false, AMD_EXACT(1)},
};
enum { PRESETS = sizeof presets / sizeof presets[0] };

/* The general ones; `counted`: NAME:N. */
static const struct {
    const char *name;
    bool counted;
    pcs_accumulator_t accumulator;
} general[] = {
    {"exact", false, {.sum = PCS_SUM_EXACT}},
    {"fma", false, {.sum = PCS_SUM_EXACT, .group = 1}},
    {"sdotp", false, {.sum = PCS_SUM_EXACT, .group = 2}},
    {"fused", true, {.sum = PCS_SUM_EXACT}},
    {"tile", true, {.sum = PCS_SUM_EXACT, .addend = PCS_ADDEND_OUTSIDE}},
    {"mul-add", false, {.sum = PCS_SUM_TREE, .addend = PCS_ADDEND_OUTSIDE, .group = 1}},
    {"chunk", true, {.sum = PCS_SUM_SEQUENTIAL, .addend = PCS_ADDEND_OUTSIDE}},
    {"pairwise", false, {.sum = PCS_SUM_TREE, .addend = PCS_ADDEND_OUTSIDE}},
    {"tree", true, {.sum = PCS_SUM_TREE, .addend = PCS_ADDEND_OUTSIDE}},
};
enum { GENERAL = sizeof general / sizeof general[0] };

const char *const pcs_accumulator_names[] = {
    "exact",    "fma",   "mul-add",     "fused:4", "sdotp", "tile:16", "chunk:64",       "pairwise",
    "tree:4",   "volta", "turing",      "ampere",  "ada",   "hopper",  "hopper-mma-fp8", "blackwell",
    "mxf4nvf4", "cdna1", "cdna1-exact", "cdna2",   "cdna3", NULL};

const char *pcs_accumulator_help(void)
{
    return "accumulators, in the format of c unless said otherwise\n"
           "  exact       all products and c exactly (Kulisch), one rounding\n"
           "  fma         sum = round(sum + a * b), in order             mul-add  the product is rounded too\n"
           "  fused:N     N products and the sum exactly, one rounding   sdotp    fused:2\n"
           "  tile:N      N products exactly, rounded, then added to the sum: block floating point and MX tiles\n"
           "  chunk:N     fma from zero over N products, then added to the sum (Wang)\n"
           "  pairwise    products rounded, added in pairs, then c       tree:N   so for each N products\n"
           "  register:anchor=A,...   MAC kinds `float`, `bfp`: products cut off below 2^A, added in integers; more, "
           "with\n"
           "              their defaults: bits=48  overflow=wrap|sat  group=N (products of a register; all)\n"
           "  volta turing ampere ada hopper blackwell: aligned and truncated, as published for fp16, bf16 (from "
           "ampere\n"
           "              on), tf32 (also as fp32 codes, truncated), e4m3 and e5m2 (from ada on; native "
           "instructions);\n"
           "              blackwell also e3m2, e2m3 and e2m1, in any pair with these, and block scales\n"
           "  mxf4nvf4    Blackwell's e2m1 with a scale, UE4M3 or E8M0, for each 16 products: their sums exact, four "
           "of\n"
           "              them and c aligned and truncated at F = 35\n"
           "  hopper-mma-fp8  mma.sync on e4m3, e5m2 with c in fp16, also of data-center Blackwell: two FP16 steps\n"
           "  cdna1 cdna2 cdna3: fp16, bf16, fp32; cdna3 also tf32, e4m3fnuz, e5m2fnuz.  cdna1-exact: the later "
           "reading\n"
           "  PRESET+promote:N  the unit's sum is added to c after N products each and begins again at zero\n"
           "  aligned:f=F,...   F bits below the largest exponent, truncated; more, with their defaults: group=8 |\n"
           "              groups=0.1.4.5/2.3.6.7 (index lists)  out=(c's format)  round=rtz  addend=inside|outside\n";
}

/* Whole number in low..high that ends at `end` (or at the text's end). */
static bool number(const char *text, size_t length, unsigned low, unsigned high, unsigned *value)
{
    unsigned long x = 0;
    if (length == 0 || length > 5 || strspn(text, "0123456789") < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        x = 10 * x + (unsigned long)(text[i] - '0');
    }
    *value = (unsigned)x;
    return x >= low && x <= high;
}

static bool is(const pcs_format_row_t *format, pcs_format_t id)
{
    return format == &pcs_formats[id];
}

static unsigned kind_of(const pcs_format_row_t *format)
{
    return is(format, PCS_FORMAT_FP16)                                            ? FP16
           : is(format, PCS_FORMAT_BF16)                                          ? BF16
           : is(format, PCS_FORMAT_TF32)                                          ? TF32
           : is(format, PCS_FORMAT_FP32)                                          ? FP32
           : is(format, PCS_FORMAT_E4M3) || is(format, PCS_FORMAT_E5M2)           ? FP8
           : is(format, PCS_FORMAT_E3M2) || is(format, PCS_FORMAT_E2M3)           ? FP6
           : is(format, PCS_FORMAT_E2M1)                                          ? FP4
           : is(format, PCS_FORMAT_E4M3_FNUZ) || is(format, PCS_FORMAT_E5M2_FNUZ) ? FNUZ8
                                                                                  : 0;
}

static bool named(const char *row, const char *name, size_t length)
{
    return strlen(row) == length && strncmp(row, name, length) == 0;
}

/* The row of a preset for these formats; NULL with *known when only the formats are wrong. */
static const preset_t *find_preset(const char *name, size_t length, const pcs_format_row_t *a,
                                   const pcs_format_row_t *b, const pcs_format_row_t *c, bool *known)
{
    const preset_t *found = NULL;
    const unsigned both = kind_of(a) | kind_of(b);
    const bool mixed = (both & ~(unsigned)(FP8 | FP6 | FP4)) == 0; /* the narrow ones stand side by side */
    const unsigned kind = kind_of(a) == 0 || kind_of(b) == 0 || (kind_of(a) != kind_of(b) && !mixed) ? 0 : both;
    for (size_t i = 0; i < PRESETS; i++) {
        const preset_t *row = &presets[i];
        if (!named(row->name, name, length)) {
            continue;
        }
        *known = true;
        const bool half = is(c, PCS_FORMAT_FP16) && row->half_c && kind != BF16;
        const bool only_half = row->accumulator.operand != NULL;
        const bool c_fits = half || (is(c, PCS_FORMAT_FP32) && !only_half);
        /* NVIDIA reads TF32 from FP32 registers */
        const bool truncates = kind == FP32 && row->operands == TF32 && row->accumulator.nan_ones;
        if (c_fits && ((kind != 0 && (row->operands & kind) == kind) || truncates)) {
            found = row;
        }
    }
    return found;
}

static pcs_status_t parse_preset(const char *name, const pcs_format_row_t *a, const pcs_format_row_t *b,
                                 const pcs_format_row_t *c, pcs_accumulator_t *accumulator, bool *known,
                                 pcs_error_t *err)
{
    static const char promote[] = "+promote:";
    const size_t length = strcspn(name, "+");
    const preset_t *preset = find_preset(name, length, a, b, c, known);
    if (!*known) {
        return PCS_OK;
    }
    if (preset == NULL) {
        return pcs_fail(err, PCS_INVALID,
                        "accumulator %.40s: operands %s and %s with c %s; legal: a pair that the unit takes, see "
                        "precess dot --help",
                        name, a->name, b->name, c->name);
    }
    *accumulator = preset->accumulator;
    accumulator->own_rounding = true;
    if (is(a, PCS_FORMAT_FP32) && preset->operands == TF32) {
        accumulator->operand = &pcs_formats[PCS_FORMAT_TF32];
    }
    if (is(c, PCS_FORMAT_FP16)) {
        accumulator->out = NULL;
        accumulator->rounding = PCS_ROUNDING_RNE;
    }
    if (name[length] == '\0') {
        return PCS_OK;
    }
    const char *count = name + length + strlen(promote);
    if (strncmp(name + length, promote, strlen(promote)) != 0 || accumulator->restart != 0 ||
        !number(count, strlen(count), 1, 65536, &accumulator->restart)) {
        return pcs_fail(err, PCS_INVALID, "accumulator %.40s: legal after the preset: +promote:N, N 1..65536", name);
    }
    return PCS_OK;
}

/* groups=0.1.4.5/2.3.6.7 */
static pcs_status_t parse_lists(const char *text, size_t length, pcs_accumulator_t *accumulator, pcs_error_t *err)
{
    unsigned period = 0;
    accumulator->lists = 1;
    for (size_t at = 0; at < length;) {
        const size_t digits = strspn(text + at, "0123456789");
        unsigned value = 0;
        if (period == PCS_DOT_PERIOD_MAX || !number(text + at, digits, 0, PCS_DOT_PERIOD_MAX - 1, &value)) {
            return pcs_fail(err, PCS_INVALID, "accumulator: groups=%.*s; legal: indices 0..%d, as 0.1/2.3", (int)length,
                            text, PCS_DOT_PERIOD_MAX - 1);
        }
        accumulator->index[period++] = (uint16_t)value;
        accumulator->size[accumulator->lists - 1]++;
        at += digits;
        if (at < length && text[at] == '/') {
            accumulator->lists++;
        } else if (at < length && text[at] != '.') {
            return pcs_fail(err, PCS_INVALID, "accumulator: groups=%.*s; legal: such as 0.1/2.3", (int)length, text);
        }
        at += at < length ? 1 : 0;
    }
    accumulator->period = period;
    accumulator->group = 0;
    bool seen[PCS_DOT_PERIOD_MAX] = {false};
    for (unsigned i = 0; i < period; i++) {
        const unsigned index = accumulator->index[i];
        if (index >= period || seen[index]) {
            return pcs_fail(
                err, PCS_INVALID, "accumulator: groups=%.*s %s index %u; legal: each of 0..%u once, for %u indices",
                (int)length, text, index >= period ? "misses one and has" : "repeats", index, period - 1, period);
        }
        seen[index] = true;
    }
    return PCS_OK;
}

/* One key=value of `aligned:`. */
static pcs_status_t parse_key(const char *key, size_t length, pcs_accumulator_t *accumulator, pcs_error_t *err)
{
    const size_t name = strcspn(key, "=");
    const char *value = key + name + 1;
    if (name >= length) {
        return pcs_fail(err, PCS_INVALID, "accumulator aligned: '%.*s'; legal: KEY=VALUE", (int)length, key);
    }
    const size_t size = length - name - 1;
    char word[32] = "";
    memcpy(word, value, size < sizeof word ? size : 0);
    if (named("f", key, name) && number(value, size, 1, PCS_DOT_FRACTION_MAX, &accumulator->fraction_bits)) {
        return PCS_OK;
    }
    if (named("group", key, name) && number(value, size, 1, PCS_DOT_GROUP_MAX, &accumulator->group)) {
        return PCS_OK;
    }
    if (named("groups", key, name)) {
        return parse_lists(value, size, accumulator, err);
    }
    if (named("out", key, name) && pcs_format_by_name(word) != PCS_FORMAT_COUNT) {
        accumulator->out = &pcs_formats[pcs_format_by_name(word)];
        return PCS_OK;
    }
    if (named("round", key, name) && pcs_rounding_by_name(word) < PCS_ROUNDING_SR) {
        accumulator->rounding = pcs_rounding_by_name(word);
        return PCS_OK;
    }
    if (named("addend", key, name) && (strcmp(word, "inside") == 0 || strcmp(word, "outside") == 0)) {
        accumulator->addend = strcmp(word, "inside") == 0 ? PCS_ADDEND_INSIDE : PCS_ADDEND_OUTSIDE;
        return PCS_OK;
    }
    return pcs_fail(err, PCS_INVALID,
                    "accumulator aligned: '%.*s'; legal: f=1..%d, group=1..%d, groups=LISTS, out=FORMAT, "
                    "round=rne|rna|rtz|rup|rdn|rto, addend=inside|outside",
                    (int)(length < 60 ? length : 60), key, PCS_DOT_FRACTION_MAX, PCS_DOT_GROUP_MAX);
}

static pcs_status_t parse_aligned(const char *keys, const pcs_format_row_t *a, const pcs_format_row_t *b,
                                  pcs_accumulator_t *accumulator, pcs_error_t *err)
{
    *accumulator = (pcs_accumulator_t){
        .sum = PCS_SUM_ALIGNED, .own_rounding = true, .group = 8, .lanes = 1, .rounding = PCS_ROUNDING_RTZ};
    for (const char *key = keys; *key != '\0';) {
        const size_t length = strcspn(key, ",");
        const pcs_status_t status = parse_key(key, length, accumulator, err);
        if (status != PCS_OK) {
            return status;
        }
        key += length + (key[length] == ',' ? 1 : 0);
    }
    const unsigned below = a->mantissa_bits + b->mantissa_bits;
    if (accumulator->fraction_bits < below) {
        return pcs_fail(err, PCS_INVALID,
                        "accumulator aligned: f=%u is narrower than a product of %s and %s; legal: f=%u..%d",
                        accumulator->fraction_bits, a->name, b->name, below, PCS_DOT_FRACTION_MAX);
    }
    return PCS_OK;
}

/* A whole number, perhaps negative, that ends at `size`. */
static bool whole(const char *text, size_t size, int low, int high, int *value)
{
    const bool minus = size > 0 && text[0] == '-';
    unsigned magnitude = 0;
    if (!number(text + (minus ? 1 : 0), size - (minus ? 1 : 0), 0, 65536, &magnitude)) {
        return false;
    }
    *value = minus ? -(int)magnitude : (int)magnitude;
    return *value >= low && *value <= high;
}

/* One key=value of `register:`. */
static bool parse_register_key(const char *key, size_t length, pcs_accumulator_t *accumulator)
{
    const size_t name = strcspn(key, "=");
    const char *value = key + name + 1;
    if (name >= length) {
        return false;
    }
    const size_t size = length - name - 1;
    if (named("overflow", key, name)) {
        accumulator->saturate = named("sat", value, size);
        return accumulator->saturate || named("wrap", value, size);
    }
    return (named("anchor", key, name) &&
            whole(value, size, PCS_DOT_ANCHOR_MIN, PCS_DOT_ANCHOR_MAX, &accumulator->anchor)) ||
           (named("bits", key, name) &&
            number(value, size, PCS_DOT_REGISTER_MIN, PCS_DOT_REGISTER_MAX, &accumulator->register_bits)) ||
           (named("group", key, name) && number(value, size, 1, 65536, &accumulator->group));
}

static pcs_status_t parse_register(const char *keys, pcs_accumulator_t *accumulator, pcs_error_t *err)
{
    enum { BITS_DEFAULT = 48 };
    *accumulator =
        (pcs_accumulator_t){.sum = PCS_SUM_REGISTER, .anchor = PCS_DOT_ANCHOR_MAX + 1, .register_bits = BITS_DEFAULT};
    bool good = true;
    for (const char *key = keys; *key != '\0' && good;) {
        const size_t length = strcspn(key, ",");
        good = parse_register_key(key, length, accumulator);
        key += length + (key[length] == ',' ? 1 : 0);
    }
    if (!good || accumulator->anchor > PCS_DOT_ANCHOR_MAX) {
        return pcs_fail(err, PCS_INVALID,
                        "accumulator register: '%.40s'; legal: anchor=%d..%d (due), bits=%d..%d, overflow=wrap|sat, "
                        "group=1..65536",
                        keys, PCS_DOT_ANCHOR_MIN, PCS_DOT_ANCHOR_MAX, PCS_DOT_REGISTER_MIN, PCS_DOT_REGISTER_MAX);
    }
    return PCS_OK;
}

pcs_status_t pcs_accumulator_parse(const char *name, const pcs_format_row_t *a, const pcs_format_row_t *b,
                                   const pcs_format_row_t *c, pcs_accumulator_t *accumulator, pcs_error_t *err)
{
    pcs_accumulator_t found = {.sum = PCS_SUM_EXACT};
    bool known = false;
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < GENERAL; i++) {
        const size_t length = strcspn(name, ":");
        if (!named(general[i].name, name, length)) {
            continue;
        }
        known = true;
        found = general[i].accumulator;
        const char *count = name[length] == ':' ? name + length + 1 : "";
        if (general[i].counted ? !number(count, strlen(count), 1, 65536, &found.group) : name[length] != '\0') {
            return pcs_fail(err, PCS_INVALID, "accumulator '%.40s'; legal: %s%s", name, general[i].name,
                            general[i].counted ? ":N, N 1..65536" : "");
        }
    }
    if (strncmp(name, "aligned:", 8) == 0) {
        known = true;
        status = parse_aligned(name + 8, a, b, &found, err);
    } else if (strncmp(name, "register:", 9) == 0) {
        known = true;
        status = parse_register(name + 9, &found, err);
    } else if (!known) {
        status = parse_preset(name, a, b, c, &found, &known, err);
    }
    if (!known) {
        return pcs_fail(
            err, PCS_INVALID,
            "accumulator '%.40s'; legal: exact|fma|mul-add|fused:N|sdotp|tile:N|chunk:N|pairwise|tree:N|"
            "volta|turing|ampere|ada|hopper|hopper-mma-fp8|blackwell|mxf4nvf4|cdna1|cdna1-exact|cdna2|cdna3|"
            "aligned:f=F,...|register:anchor=A,...",
            name);
    }
    if (status == PCS_OK) {
        *accumulator = found;
    }
    return status;
}

pcs_status_t pcs_dot_check(const pcs_dot_t *dot, pcs_error_t *err)
{
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const pcs_sum_t sum = accumulator->sum;
    PCS_ASSERT(accumulator->addend == PCS_ADDEND_OUTSIDE || sum == PCS_SUM_EXACT || sum == PCS_SUM_ALIGNED ||
               sum == PCS_SUM_REGISTER || sum == PCS_SUM_BLOCKS);
    PCS_ASSERT(accumulator->addend != PCS_ADDEND_FLOORED || sum == PCS_SUM_ALIGNED);
    if (dot->k == 0) {
        return pcs_fail(err, PCS_INVALID, "dot: k is 0; legal: at least 1");
    }
    if (accumulator->period != 0 && dot->k % accumulator->period != 0) {
        return pcs_fail(err, PCS_INVALID, "dot: k is %zu; legal: a multiple of %u, the indices that the groups name",
                        dot->k, accumulator->period);
    }
    const bool tiles = (sum == PCS_SUM_EXACT && accumulator->addend == PCS_ADDEND_OUTSIDE) ||
                       (sum == PCS_SUM_ALIGNED && accumulator->addend == PCS_ADDEND_INSIDE) || sum == PCS_SUM_BLOCKS;
    const bool whole = accumulator->group != 0 && accumulator->restart % accumulator->group == 0;
    const bool blocks = sum == PCS_SUM_REGISTER && dot->scale_group > 0;
    if (dot->scale != NULL && !blocks && (!tiles || accumulator->group == 0 || accumulator->period != 0 || !whole)) {
        return pcs_fail(
            err, PCS_INVALID,
            "dot: scales with this accumulator; legal: tile:N, aligned:group=N and units of NVIDIA, a scale "
            "for each N products, and registers of a GEMM with blocks");
    }
    if (dot->factor != NULL && sum != PCS_SUM_EXACT && sum != PCS_SUM_BLOCKS) {
        return pcs_fail(err, PCS_INVALID, "dot: UE4M3 scales with this accumulator; legal: tile:N, mxf4nvf4");
    }
    if (dot->c->sign == PCS_SIGN_UNSIGNED) {
        return pcs_fail(err, PCS_INVALID, "dot: c has format %s; legal: one with signs", dot->c->name);
    }
    return PCS_OK;
}
