#include "tests/support/random_gemm.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/mac/mac.h"

static void *own(random_gemm_t *made, size_t count, size_t size)
{
    void *memory = calloc(count, size);
    PCS_ASSERT(memory != NULL && made->owned_count < sizeof made->owned / sizeof made->owned[0]);
    made->owned[made->owned_count++] = memory;
    return memory;
}

static bool coin(check_rng_t *rng, int one_in)
{
    return check_range(rng, 1, one_in) == 1;
}

static uint8_t *random_codes(random_gemm_t *made, check_rng_t *rng, size_t count, unsigned bits, bool is_signed)
{
    uint8_t *codes = own(made, count, 1);
    const bool extremes = coin(rng, 4);
    const int32_t low = pcs_code_min(bits, is_signed);
    const int32_t high = pcs_code_max(bits, is_signed);
    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint8_t)(extremes ? (coin(rng, 2) ? low : high) : check_range(rng, low, high));
    }
    return codes;
}

/* Codes of an operand; of a wide one, both limbs. */
static void random_operand(random_gemm_t *made, check_rng_t *rng, size_t count, pcs_operand_t *operand)
{
    const bool wide = operand->bits > PCS_LIMB_BITS;
    operand->codes = random_codes(made, rng, count, wide ? PCS_LIMB_BITS : operand->bits, !wide && operand->is_signed);
    if (wide) {
        operand->high = random_codes(made, rng, count, operand->bits - PCS_LIMB_BITS, operand->is_signed);
    }
}

static void random_affine(random_gemm_t *made, check_rng_t *rng, pcs_affine_t *affine, size_t outer, size_t groups,
                          size_t copies)
{
    affine->grain = (pcs_grain_t)check_range(rng, 0, groups > 1 || copies > 1 ? 2 : 1);
    const size_t count =
        affine->grain == PCS_GRAIN_TENSOR ? 1 : copies * (affine->grain == PCS_GRAIN_OUTER ? outer : groups);
    float *scale = own(made, count, sizeof *scale);
    int32_t *zero = coin(rng, 2) ? own(made, count, sizeof *zero) : NULL;
    float *offset = coin(rng, 2) ? own(made, count, sizeof *offset) : NULL;
    for (size_t i = 0; i < count; i++) {
        scale[i] = (float)check_range(rng, 1, 1000000) * 1e-7F;
        if (zero != NULL) {
            zero[i] = (int32_t)check_range(rng, -300, 300);
        }
        if (offset != NULL) {
            offset[i] = (float)check_range(rng, -1000, 1000) * 1e-5F;
        }
    }
    affine->scale = scale;
    affine->zero = zero;
    affine->offset = offset;
}

/* A patch view of about m positions and k codes each; sets gemm->m (positions) and gemm->k. */
static void random_patch(random_gemm_t *made, check_rng_t *rng, const random_gemm_limits_t *limits, size_t *positions,
                         size_t *depth)
{
    pcs_patch_t *p = &made->patch;
    p->taps = (uint32_t)check_range(rng, 1, 9);
    p->channels = (uint32_t)check_range(rng, 1, (int64_t)(limits->k / p->taps > 0 ? limits->k / p->taps : 1));
    if (limits->whole > 0) {
        p->channels = (p->channels + limits->whole - 1U) / limits->whole * limits->whole;
    }
    const bool depthwise = made->gemm.copies > 1 && made->gemm.n == 1;
    p->channels = depthwise ? 1 : p->channels;
    p->channel0 = (uint32_t)check_range(rng, 0, 2);
    p->src_channels = p->channel0 + p->channels * (uint32_t)made->gemm.copies + (uint32_t)check_range(rng, 0, 2);
    p->height = (uint32_t)check_range(rng, 1, 6);
    p->width = (uint32_t)check_range(rng, 1, 6);
    const int64_t most = limits->whole > 0 ? 9 : 5;
    p->out_h = (uint32_t)check_range(rng, 1, most);
    p->out_w = (uint32_t)check_range(rng, 1, most);
    const size_t plane = (size_t)p->out_h * p->out_w;
    p->batch = (uint32_t)check_range(rng, 1, (int64_t)(limits->m / plane > 0 ? limits->m / plane : 1));
    p->origin_y = (int32_t)check_range(rng, -2, 1);
    p->origin_x = (int32_t)check_range(rng, -2, 1);
    p->stride_y = (uint32_t)check_range(rng, 1, 2);
    p->stride_x = (uint32_t)check_range(rng, 1, 2);
    const bool box = depthwise && !coin(rng, 4); /* else some taps may fall together */
    const uint32_t across = (uint32_t)check_range(rng, 1, p->taps < 4 ? p->taps : 4);
    p->taps = box ? p->taps / across * across : p->taps;
    for (uint32_t t = 0; t < p->taps; t++) {
        made->dy[t] = box ? (int32_t)(t / across) - 1 : (int32_t)check_range(rng, -1, 2);
        made->dx[t] = box ? 1 - (int32_t)(t % across) : (int32_t)check_range(rng, -1, 2);
    }
    p->dy = made->dy;
    p->dx = made->dx;
    p->channel_major = coin(rng, 2);
    *positions = p->batch * plane;
    *depth = (size_t)p->taps * p->channels;
}

static size_t random_divisor(check_rng_t *rng, size_t n)
{
    size_t divisor = (size_t)check_range(rng, 1, (int64_t)n);
    while (n % divisor != 0) {
        divisor--;
    }
    return divisor;
}

void random_gemm_make(random_gemm_t *made, check_rng_t *rng, const random_gemm_limits_t *limits)
{
    *made = (random_gemm_t){0};
    pcs_gemm_t *g = &made->gemm;
    g->m = (size_t)check_range(rng, 1, (int64_t)limits->m);
    g->n = (size_t)check_range(rng, 1, (int64_t)limits->n);
    g->k = (size_t)check_range(rng, 1, (int64_t)limits->k);
    const bool lone = coin(rng, 2); /* columns, of which there are more */
    const bool several = limits->copies > 1 && coin(rng, 3);
    g->copies = several ? (size_t)check_range(rng, 2, lone ? (int64_t)limits->copies : 3) : 1;
    g->n = several && lone ? 1 : g->n;
    for (int i = 0; i < 2; i++) {
        pcs_operand_t *operand = i == 0 ? &g->a : &g->b;
        operand->bits = (unsigned)check_range(rng, PCS_PREC_MIN, PCS_PREC_MAX);
        if (limits->wide && coin(rng, 6)) {
            operand->bits += (unsigned)check_range(rng, PCS_LIMB_BITS - 1, PCS_LIMB_BITS);
        }
        operand->is_signed = coin(rng, 2);
        operand->transposed = coin(rng, 2) && (i == 0 || g->copies == 1);
    }
    if (coin(rng, 2)) {
        size_t positions = 0;
        size_t depth = 0;
        random_patch(made, rng, limits, &positions, &depth);
        g->m = g->a.transposed ? depth : positions;
        g->k = g->a.transposed ? positions : depth;
        const pcs_patch_t *p = &made->patch;
        g->a.patch = p;
        random_operand(made, rng, (size_t)p->batch * p->height * p->width * p->src_channels, &g->a);
    } else {
        g->a.ld = (g->a.transposed ? g->m : g->k) * g->copies + (size_t)check_range(rng, 0, 3);
        random_operand(made, rng, (g->a.transposed ? g->k : g->m) * g->a.ld, &g->a);
    }
    const size_t columns = g->n * g->copies;
    g->b.ld = (g->b.transposed ? g->k : columns) + (size_t)check_range(rng, 0, 3);
    random_operand(made, rng, (g->b.transposed ? g->n : g->k) * g->b.ld, &g->b);

    g->group = coin(rng, 3) ? random_divisor(rng, g->k) : 0;
    const size_t group = g->group != 0 ? g->group : g->k;
    random_affine(made, rng, &g->a.affine, g->m, g->k / group, 1);
    random_affine(made, rng, &g->b.affine, g->n, g->k / group, g->copies);
    g->acc_bits = (unsigned)check_range(rng, limits->acc_bits_min, limits->acc_bits_max);
    g->saturate = coin(rng, 2);
    const uint64_t bound = pcs_segment_bound(g->a.bits, g->a.is_signed, g->b.bits, g->b.is_signed, g->acc_bits);
    if (coin(rng, 2) || bound == 0) {
        g->segment = (size_t)check_range(rng, 1, (int64_t)group);
        if (!limits->overflow && g->segment > bound) {
            g->segment = (size_t)bound; /* callers that exclude overflow use accumulators of 18 bits and more */
        }
    }
    const size_t pad = (size_t)check_range(rng, 0, 2);
    made->y_count = g->m * (columns + pad);
    g->y =
        (pcs_result_t){.data = own(made, made->y_count, sizeof(float)), .h = 1, .w = 1, .stride_image = columns + pad};
    g->role = (pcs_role_t)check_range(rng, 0, PCS_ROLE_COUNT - 1);
}

void random_gemm_free(random_gemm_t *made)
{
    for (size_t i = 0; i < made->owned_count; i++) {
        free(made->owned[i]);
    }
    *made = (random_gemm_t){0};
}

uint64_t random_gemm_longest(const random_gemm_t *made, const pcs_array_config_t *array)
{
    const bool exchanged = array->dataflow == PCS_DATAFLOW_IS;
    uint64_t longest = UINT64_MAX;
    for (unsigned i = 0; i < pcs_gemm_passes(&made->gemm); i++) {
        const pcs_gemm_t pass = pcs_gemm_pass(&made->gemm, i, NULL);
        const pcs_operand_t *a = exchanged ? &pass.b : &pass.a;
        const pcs_operand_t *b = exchanged ? &pass.a : &pass.b;
        const pcs_mode_t mode = {.pa = (uint8_t)a->bits, .pb = (uint8_t)b->bits};
        const uint64_t of_pass = pcs_array_segment_max(array, &mode);
        longest = of_pass < longest ? of_pass : longest;
    }
    return longest;
}

const char *random_gemm_text(const random_gemm_t *made, char *text, size_t size)
{
    const pcs_gemm_t *g = &made->gemm;
    (void)snprintf(
        text, size, "%zu of %zu x %zu x %zu, A %u bits%s%s%s, B %u bits%s%s, group %zu, segment %zu, acc %u%s",
        g->copies, g->m, g->n, g->k, g->a.bits, g->a.is_signed ? " signed" : "", g->a.patch != NULL ? " patch" : "",
        g->a.transposed ? " transposed" : "", g->b.bits, g->b.is_signed ? " signed" : "",
        g->b.transposed ? " transposed" : "", g->group, g->segment, g->acc_bits, g->saturate ? " saturating" : "");
    return text;
}
