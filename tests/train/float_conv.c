/* The three GEMMs of a convolution in floating point against pcs_dot, output by output.  The test finds the operands of
   an output itself, walking taps, channels and positions, and rounds each by itself; it shares no index arithmetic,
   chunks or kernels with the layer.  Of large results a sample is compared.  Then: every number of threads, both
   executors.
   --inject makes one weight of the test's own wrong. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/nn/conv_float.h"

enum { SAMPLE = 400, SEED = 9, ITERATION = 5, LAYER = 3 };

typedef struct setting {
    const char *fw, *bw, *accumulator, *sum;
    pcs_rounding_t rounding, gradient_rounding;
    bool scaled;
} setting_t;

/* A tensor as its values and the codes that the test itself makes of them. */
typedef struct operand {
    const pcs_format_row_t *format;
    float *value;
    pcs_code_t *code;
    size_t n;
    int scale;
    uint64_t zeroed, beyond; /* as casts count them */
} operand_t;

typedef struct layer {
    pcs_conv_shape_t s;
    uint32_t n;
    pcs_float_numerics_t numerics;
    operand_t x, w, dy;
} layer_t;

static bool inject;

static void *take(size_t count, size_t size)
{
    void *memory = aligned_alloc(64, (count * size + 63U) / 64U * 64U);
    PCS_ASSERT(memory != NULL);
    return memory;
}

static const pcs_format_row_t *format_of(const char *name)
{
    const pcs_format_t id = pcs_format_by_name(name);
    PCS_ASSERT(id != PCS_FORMAT_COUNT);
    return &pcs_formats[id];
}

/* Magnitudes of some 20 binades, zeros among them. */
static float wide(check_rng_t *rng)
{
    const uint32_t draw = check_u32(rng);
    const float x = (float)(draw >> 8U) * 0x1p-23F - 1.0F;
    return draw % 7U == 0 ? 0.0F : ldexpf(x, (int)(draw % 5U * 4U) - 14);
}

/* The power of two that brings the largest magnitude below `limit`, by trying. */
static int scale_of(const operand_t *operand)
{
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE};
    const pcs_code_t max =
        pcs_float_convert(operand->format, pcs_format_max(operand->format), &pcs_formats[PCS_FORMAT_FP32], &exact);
    float most;
    float limit;
    memcpy(&limit, &max.bits, sizeof limit);
    limit = fminf(limit, 65536.0F);
    most = 0.0F;
    for (size_t i = 0; i < operand->n; i++) {
        most = fmaxf(most, fabsf(operand->value[i]));
    }
    int scale = -126;
    while (most > 0.0F && ldexpf(most, scale + 1) <= limit) {
        scale++;
    }
    return most > 0.0F ? scale : 0;
}

static void encode(const layer_t *layer, operand_t *operand, const pcs_cast_t *cast, pcs_purpose_t purpose)
{
    const pcs_stream_t stream = pcs_stream(SEED, purpose, ITERATION, LAYER);
    operand->format = cast->format;
    operand->scale = layer->numerics.scaled ? scale_of(operand) : 0;
    operand->code = take(operand->n, sizeof *operand->code);
    for (size_t i = 0; i < operand->n; i++) {
        pcs_fpstate_t state = {
            .rounding = cast->rounding, .overflow = cast->overflow, .random_bits = cast->random_bits};
        const float x = ldexpf(operand->value[i], operand->scale);
        pcs_code_t code;
        memcpy(&code.bits, &x, sizeof code.bits);
        state.random = pcs_philox_u32(&stream, i) >> (32U - cast->random_bits);
        operand->code[i] = pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], code, operand->format, &state);
        const pcs_parts_t most = pcs_decode(operand->format, pcs_format_max(operand->format));
        const bool zero = pcs_decode(operand->format, operand->code[i]).class_ == PCS_CLASS_ZERO;
        operand->zeroed += zero && x != 0.0F ? 1 : 0;
        operand->beyond += (double)fabsf(x) > ldexp((double)most.significand, most.exponent) ? 1 : 0;
    }
}

/* ---- one output ---------------------------------------------------------------------------------------------------
 */

/* Operands of an output, in the order of K. */
typedef struct line {
    pcs_code_t *a, *b;
    size_t k;
} line_t;

static void push(line_t *line, const operand_t *a, size_t ai, const operand_t *b, size_t bi, bool padded)
{
    const pcs_code_t zero = {0};
    line->a[line->k] = a->code[ai];
    line->b[line->k] = padded ? zero : b->code[bi];
    line->k++;
}

static float result_of(const layer_t *layer, pcs_role_t role, const operand_t *a, const operand_t *b, line_t *line)
{
    const pcs_dot_t dot = {.a = a->format,
                           .b = b->format,
                           .c = layer->numerics.sum,
                           .k = line->k,
                           .accumulator = &layer->numerics.accumulator[role]};
    pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
    const pcs_code_t sum = pcs_dot(&dot, line->a, line->b, (pcs_code_t){0}, &state);
    const pcs_code_t code = pcs_float_convert(dot.c, sum, &pcs_formats[PCS_FORMAT_FP32], &state.fp);
    float y;
    memcpy(&y, &code.bits, sizeof y);
    line->k = 0;
    return ldexpf(y, -(a->scale + b->scale));
}

static bool inside(int64_t y, int64_t x, uint32_t height, uint32_t width)
{
    return y >= 0 && x >= 0 && y < height && x < width;
}

static size_t w_index(const pcs_conv_shape_t *s, size_t tap, size_t c, size_t f)
{
    return s->groups > 1 ? tap * s->filters + f : (tap * s->channels + c) * s->filters + f;
}

static float forward_at(const layer_t *l, size_t at, line_t *line)
{
    const pcs_conv_shape_t *s = &l->s;
    const size_t f = at % s->filters;
    const int64_t ox = (int64_t)(at / s->filters % s->out_w);
    const int64_t oy = (int64_t)(at / s->filters / s->out_w % s->out_h);
    const size_t image = at / s->filters / s->out_w / s->out_h;
    for (uint32_t tap = 0; tap < s->kernel * s->kernel; tap++) {
        const int64_t y = oy * s->stride + tap / s->kernel - s->padding;
        const int64_t x = ox * s->stride + tap % s->kernel - s->padding;
        const bool in = inside(y, x, s->height, s->width);
        const size_t pixel = in ? (image * s->height + (size_t)y) * s->width + (size_t)x : 0;
        for (size_t c = s->groups > 1 ? f : 0; c < (s->groups > 1 ? f + 1 : s->channels); c++) {
            push(line, &l->w, w_index(s, tap, c, f), &l->x, pixel * s->channels + c, !in);
        }
    }
    return result_of(l, PCS_ROLE_FORWARD, &l->w, &l->x, line);
}

static float dgrad_at(const layer_t *l, size_t at, line_t *line)
{
    const pcs_conv_shape_t *s = &l->s;
    const size_t c = at % s->channels;
    const int64_t x = (int64_t)(at / s->channels % s->width);
    const int64_t y = (int64_t)(at / s->channels / s->width % s->height);
    const size_t image = at / s->channels / s->width / s->height;
    for (uint32_t tap = 0; tap < s->kernel * s->kernel; tap++) {
        const int64_t down = y + s->padding - tap / s->kernel;
        const int64_t right = x + s->padding - tap % s->kernel;
        if (down % s->stride != 0 || right % s->stride != 0) {
            continue; /* no output meets this tap here: it is no product */
        }
        const bool in = inside(down / s->stride, right / s->stride, s->out_h, s->out_w);
        const size_t pixel =
            in ? (image * s->out_h + (size_t)(down / s->stride)) * s->out_w + (size_t)(right / s->stride) : 0;
        for (size_t f = s->groups > 1 ? c : 0; f < (s->groups > 1 ? c + 1 : s->filters); f++) {
            push(line, &l->w, w_index(s, tap, c, f), &l->dy, pixel * s->filters + f, !in);
        }
    }
    return line->k == 0 ? 0.0F : result_of(l, PCS_ROLE_DGRAD, &l->w, &l->dy, line);
}

static float wgrad_at(const layer_t *l, size_t at, line_t *line)
{
    const pcs_conv_shape_t *s = &l->s;
    const size_t f = at % s->filters;
    const size_t row = at / s->filters;
    const size_t tap = s->groups > 1 ? row : row / s->channels;
    const size_t c = s->groups > 1 ? f : row % s->channels;
    for (size_t o = 0; o < (size_t)l->n * s->out_h * s->out_w; o++) {
        const int64_t y = (int64_t)(o / s->out_w % s->out_h * s->stride + tap / s->kernel) - s->padding;
        const int64_t x = (int64_t)(o % s->out_w * s->stride + tap % s->kernel) - s->padding;
        const bool in = inside(y, x, s->height, s->width);
        const size_t image = o / s->out_w / s->out_h;
        const size_t pixel = in ? (image * s->height + (size_t)y) * s->width + (size_t)x : 0;
        push(line, &l->dy, o * s->filters + f, &l->x, pixel * s->channels + c, !in);
    }
    return result_of(l, PCS_ROLE_WGRAD, &l->dy, &l->x, line);
}

/* ---- comparison ---------------------------------------------------------------------------------------------------
 */

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static size_t compare(const layer_t *l, const char *name, float (*output)(const layer_t *, size_t, line_t *),
                      const float *got, size_t n, check_rng_t *rng)
{
    const pcs_conv_shape_t *s = &l->s;
    const size_t most =
        (size_t)l->n * s->out_h * s->out_w + pcs_conv_depth(s) + (size_t)s->kernel * s->kernel * s->filters;
    line_t line = {take(most, sizeof(pcs_code_t)), take(most, sizeof(pcs_code_t)), 0};
    const size_t count = n < SAMPLE ? n : SAMPLE;
    for (size_t i = 0; i < count; i++) {
        const size_t at = n <= SAMPLE ? i : (size_t)check_range(rng, 0, (int64_t)n - 1);
        const float want = output(l, at, &line);
        CHECK(bits_of(got[at]) == bits_of(want), "%s %ux%u s%u p%u %u->%u: element %zu is %a, plain loops %a", name,
              s->kernel, s->kernel, s->stride, s->padding, s->channels, s->filters, at, (double)got[at], (double)want);
    }
    free(line.a);
    free(line.b);
    return count;
}

typedef struct results {
    float *y, *dx, *dw;
} results_t;

static void run(const layer_t *l, const pcs_float_numerics_t *numerics, unsigned threads, results_t *r,
                pcs_float_tally_t *tally)
{
    const pcs_conv_shape_t *s = &l->s;
    pcs_error_t err = {{0}};
    pcs_conv_views_t views;
    pcs_conv_codes_t codes;
    pcs_arena_t arena = {NULL, 0};
    void *memory = NULL;
    for (int pass = 0; pass < 2; pass++) {
        pcs_conv_views_place(&views, s, &arena);
        pcs_conv_float_place(&codes, s, numerics, l->n, &arena);
        if (pass == 0) {
            memory = take(arena.used, 1);
            arena = (pcs_arena_t){memory, 0};
        }
    }
    memset(tally, 0, sizeof *tally);
    const size_t scratch = pcs_conv_float_scratch(s, numerics, l->n);
    unsigned char *room = take(scratch + 64U, 1);
    memset(room, 0xa5, scratch + 64U);
    const pcs_conv_float_t conv = {.shape = s,
                                   .views = &views,
                                   .numerics = numerics,
                                   .codes = &codes,
                                   .scratch = room,
                                   .threads = threads,
                                   .training = true,
                                   .seed = SEED,
                                   .iteration = ITERATION,
                                   .layer = LAYER,
                                   .tally = tally};
    r->y = take(l->dy.n, sizeof(float));
    r->dx = take(l->x.n, sizeof(float));
    r->dw = take(l->w.n, sizeof(float));
    CHECK_OK(pcs_conv_float_forward(&conv, l->n, l->x.value, l->w.value, r->y, &err), &err);
    CHECK_OK(pcs_conv_float_backward(&conv, l->n, l->dy.value, r->dw, r->dx, &err), &err);
    for (size_t i = scratch; i < scratch + 64U; i++) {
        CHECK(room[i] == 0xa5, "byte %zu behind the scratch of %zu was written", i - scratch, scratch);
    }
    free(memory);
    free(room);
}

static void drop(results_t *r)
{
    free(r->y);
    free(r->dx);
    free(r->dw);
}

static void same(const layer_t *l, const results_t *a, const results_t *b, const char *what)
{
    const bool good = memcmp(a->y, b->y, l->dy.n * sizeof(float)) == 0 &&
                      memcmp(a->dx, b->dx, l->x.n * sizeof(float)) == 0 &&
                      memcmp(a->dw, b->dw, l->w.n * sizeof(float)) == 0;
    CHECK(good, "%s: other bits", what);
}

static void open_numerics(const setting_t *setting, pcs_float_numerics_t *numerics)
{
    pcs_error_t err = {{0}};
    const pcs_format_row_t *fw = format_of(setting->fw);
    const pcs_format_row_t *bw = format_of(setting->bw);
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    *numerics = (pcs_float_numerics_t){
        .forward = {fw, setting->rounding, PCS_OVERFLOW_SAT, 32},
        .backward = {bw, setting->gradient_rounding, PCS_OVERFLOW_SAT, 9},
        .output = {.format = fp32},
        .output_gradient = {.format = fp32},
        .sum = format_of(setting->sum),
        .scaled = setting->scaled,
        .executor = PCS_EXECUTOR_FAST,
    };
    const pcs_format_row_t *of[PCS_ROLE_COUNT][2] = {
        [PCS_ROLE_FORWARD] = {fw, fw}, [PCS_ROLE_DGRAD] = {fw, bw}, [PCS_ROLE_WGRAD] = {bw, fw}};
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        CHECK_OK(pcs_accumulator_parse(setting->accumulator, of[role][0], of[role][1], numerics->sum,
                                       &numerics->accumulator[role], &err),
                 &err);
    }
}

static void count_casts(const layer_t *l, const pcs_float_tally_t *tally)
{
    const operand_t *const operands[] = {[PCS_FLOAT_X] = &l->x, [PCS_FLOAT_W] = &l->w, [PCS_FLOAT_DY] = &l->dy};
    for (int i = 0; i < 3; i++) {
        const pcs_cast_counts_t *counts = &tally->tensor[i];
        CHECK_EQ(counts->values, operands[i]->n, "casts");
        CHECK_EQ(counts->zeroed, operands[i]->zeroed, "values that became zero");
        CHECK_EQ(counts->beyond, operands[i]->beyond, "values beyond the largest number");
        CHECK_EQ(counts->special, 0, "values that are not finite");
    }
}

static operand_t random_operand(check_rng_t *rng, size_t n)
{
    operand_t operand = {.n = n, .value = take(n, sizeof(float))};
    for (size_t i = 0; i < n; i++) {
        operand.value[i] = wide(rng);
    }
    return operand;
}

static void check_layer(check_rng_t *rng, pcs_conv_shape_t s, uint32_t n, const setting_t *setting)
{
    CHECK(pcs_conv_shape_check(&s), "shape");
    layer_t l = {.s = s, .n = n};
    open_numerics(setting, &l.numerics);
    l.x = random_operand(rng, (size_t)n * s.height * s.width * s.channels);
    l.w = random_operand(rng, pcs_conv_weights(&s));
    l.dy = random_operand(rng, (size_t)n * s.out_h * s.out_w * s.filters);
    results_t r;
    pcs_float_tally_t tally;
    run(&l, &l.numerics, 2, &r, &tally);
    l.w.value[l.w.n / 2] += inject ? 0.75F : 0.0F;
    encode(&l, &l.x, &l.numerics.forward, PCS_PURPOSE_INPUT);
    encode(&l, &l.w, &l.numerics.forward, PCS_PURPOSE_WEIGHT);
    encode(&l, &l.dy, &l.numerics.backward, PCS_PURPOSE_GRADIENT);
    size_t compared = compare(&l, "forward", forward_at, r.y, l.dy.n, rng);
    compared += compare(&l, "dgrad", dgrad_at, r.dx, l.x.n, rng);
    compared += compare(&l, "wgrad", wgrad_at, r.dw, l.w.n, rng);
    (void)printf("%u x %u x %u -> %u, kernel %u, stride %u, %s/%s, %s in %s: %zu outputs\n", s.height, s.width,
                 s.channels, s.filters, s.kernel, s.stride, setting->fw, setting->bw, setting->accumulator,
                 setting->sum, compared);
    if (!inject) {
        results_t other;
        pcs_float_tally_t counted;
        count_casts(&l, &tally);
        run(&l, &l.numerics, 3, &other, &counted);
        CHECK(memcmp(&counted, &tally, sizeof tally) == 0, "3 threads count otherwise");
        same(&l, &other, &r, "3 threads");
        drop(&other);
        if (l.dy.n * pcs_conv_depth(&s) < 200000) {
            l.numerics.executor = PCS_EXECUTOR_REF;
            run(&l, &l.numerics, 1, &other, &counted);
            same(&l, &other, &r, "ref");
            drop(&other);
        }
    }
    drop(&r);
    operand_t *all[] = {&l.x, &l.w, &l.dy};
    for (size_t i = 0; i < 3; i++) {
        free(all[i]->value);
        free(all[i]->code);
    }
}

int main(int argc, char **argv)
{
    static const pcs_conv_shape_t shapes[] = {
        /* height, width, channels, kernel, stride, padding, filters */
        {7, 6, 3, 3, 1, 1, 5, 0, 0, 0, 0},   {8, 9, 2, 3, 2, 1, 4, 0, 0, 0, 0},
        {7, 7, 4, 1, 1, 0, 3, 0, 0, 0, 0},   {7, 8, 4, 1, 2, 0, 3, 0, 0, 0, 0}, /* phases without taps */
        {9, 9, 2, 5, 1, 2, 3, 0, 0, 0, 0},   {11, 10, 2, 5, 3, 2, 3, 0, 0, 0, 0},
        {5, 5, 3, 2, 2, 1, 2, 0, 0, 0, 0},   {4, 4, 2, 3, 4, 1, 2, 0, 0, 0, 0},
        {3, 3, 1, 3, 1, 0, 1, 0, 0, 0, 0},   {7, 6, 5, 3, 1, 1, 5, 0, 0, 0, 5}, /* depthwise */
        {9, 8, 16, 3, 2, 1, 16, 0, 0, 0, 16}};
    static const pcs_conv_shape_t large = {24, 24, 64, 3, 1, 1, 16, 0, 0, 0, 0}; /* several chunks */
    static const setting_t settings[] = {
        {"e5m2", "e5m2", "fma", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_SR, false},
        {"e4m3", "e5m2", "fma", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_RNE, true},
        {"fp16", "fp16", "fma", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_SR_COMPARE, false},
        {"bf16", "bf16", "pairwise", "fp32", PCS_ROUNDING_SR, PCS_ROUNDING_RTZ, true},
        {"e5m2", "e5m2", "chunk:8", "e6m9", PCS_ROUNDING_RNE, PCS_ROUNDING_RNE, false},
        {"e4m3", "e5m2", "hopper", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_RNE, true},
        {"e4m3b11fnuz", "e5m2", "chunk:4", "e6m9", PCS_ROUNDING_RNE, PCS_ROUNDING_SR_HALF, false},
        {"fp32", "fp32", "fma", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_RNE, false},
        {"dlfloat16", "e5m2", "exact", "fp32", PCS_ROUNDING_RNE, PCS_ROUNDING_RNE, false}};
    enum { SHAPES = sizeof shapes / sizeof shapes[0], SETTINGS = sizeof settings / sizeof settings[0] };
    check_rng_t rng = {check_seed(argc, argv, 43), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    for (size_t i = 0; i < (inject ? 3U : (size_t)SHAPES); i++) {
        check_layer(&rng, shapes[i % SHAPES], (uint32_t)(1 + i % 3), &settings[i % SETTINGS]);
    }
    if (!inject) {
        check_layer(&rng, large, 32, &settings[1]);
    }
    return check_done("floating-point convolutions");
}
