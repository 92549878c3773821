#include "workloads/nn/conv_contract.h"

static uint32_t kernel_width(const pcs_conv_shape_t *shape)
{
    return shape->kernel_w != 0 ? shape->kernel_w : shape->kernel;
}

bool pcs_conv_shape_check(pcs_conv_shape_t *shape)
{
    const uint64_t h = (uint64_t)shape->height + 2U * (uint64_t)shape->padding;
    const uint64_t w = (uint64_t)shape->width + 2U * (uint64_t)shape->padding;
    if (shape->height == 0 || shape->width == 0 || shape->channels == 0 || shape->kernel == 0 || shape->stride == 0 ||
        shape->filters == 0 || shape->padding >= shape->kernel || shape->padding >= kernel_width(shape) ||
        shape->kernel > h || kernel_width(shape) > w ||
        (shape->groups > 1 && (shape->groups != shape->channels || shape->groups != shape->filters))) {
        return false;
    }
    shape->out_h = (uint32_t)((h - shape->kernel) / shape->stride + 1U);
    shape->out_w = (uint32_t)((w - kernel_width(shape)) / shape->stride + 1U);
    return true;
}

uint32_t pcs_conv_taps(const pcs_conv_shape_t *shape)
{
    return shape->kernel * kernel_width(shape);
}

uint32_t pcs_conv_groups(const pcs_conv_shape_t *shape)
{
    return shape->groups > 1 ? shape->groups : 1;
}

uint32_t pcs_conv_seen(const pcs_conv_shape_t *shape)
{
    return shape->channels / pcs_conv_groups(shape);
}

size_t pcs_conv_depth(const pcs_conv_shape_t *shape)
{
    return (size_t)pcs_conv_taps(shape) * pcs_conv_seen(shape);
}

size_t pcs_conv_weights(const pcs_conv_shape_t *shape)
{
    return pcs_conv_depth(shape) * shape->filters;
}

uint64_t pcs_conv_macs(const pcs_conv_shape_t *shape)
{
    return (uint64_t)shape->out_h * shape->out_w * pcs_conv_weights(shape);
}

/* ---- views ---------------------------------------------------------------------------------------------------------
 */

/* Positions of x with remainder r: number of i with stride i + r < size. */
static uint32_t phase_count(uint32_t size, uint32_t stride, uint32_t r)
{
    return r < size ? (size - r + stride - 1U) / stride : 0;
}

/* y = stride oy - padding + ky, so position stride i + r meets tap ky where stride divides r + padding - ky, at
   oy = i + (r + padding - ky) / stride. */
static void fill_phase(pcs_conv_views_t *views, const pcs_conv_shape_t *s, pcs_phase_t *phase)
{
    const int32_t stride = (int32_t)s->stride;
    phase->out_h = phase_count(s->height, s->stride, phase->y);
    phase->out_w = phase_count(s->width, s->stride, phase->x);
    phase->taps = 0;
    for (uint32_t tap = 0; tap < pcs_conv_taps(s); tap++) {
        const int32_t down = (int32_t)(phase->y + s->padding) - (int32_t)(tap / kernel_width(s));
        const int32_t right = (int32_t)(phase->x + s->padding) - (int32_t)(tap % kernel_width(s));
        if (down % stride == 0 && right % stride == 0) {
            const uint32_t at = phase->first + phase->taps;
            views->phase_tap[at] = tap;
            views->phase_dy[at] = down / stride;
            views->phase_dx[at] = right / stride;
            phase->taps++;
        }
    }
}

static void fill_views(pcs_conv_views_t *views, const pcs_conv_shape_t *s)
{
    for (uint32_t tap = 0; tap < pcs_conv_taps(s); tap++) {
        views->tap_y[tap] = (int32_t)(tap / kernel_width(s));
        views->tap_x[tap] = (int32_t)(tap % kernel_width(s));
    }
    uint32_t first = 0;
    for (uint32_t p = 0; p < views->phases; p++) {
        pcs_phase_t *phase = &views->phase[p];
        phase->y = p / s->stride;
        phase->x = p % s->stride;
        phase->first = first;
        fill_phase(views, s, phase);
        first += phase->taps;
    }
    PCS_ASSERT(first == pcs_conv_taps(s));
}

void pcs_conv_views_place(pcs_conv_views_t *views, const pcs_conv_shape_t *shape, pcs_arena_t *arena)
{
    const uint32_t taps = pcs_conv_taps(shape);
    views->phases = shape->stride * shape->stride;
    views->tap_y = pcs_arena_take(arena, taps, sizeof *views->tap_y);
    views->tap_x = pcs_arena_take(arena, taps, sizeof *views->tap_x);
    views->phase = pcs_arena_take(arena, views->phases, sizeof *views->phase);
    views->phase_tap = pcs_arena_take(arena, taps, sizeof *views->phase_tap);
    views->phase_dy = pcs_arena_take(arena, taps, sizeof *views->phase_dy);
    views->phase_dx = pcs_arena_take(arena, taps, sizeof *views->phase_dx);
    if (arena->base != NULL) {
        fill_views(views, shape);
    }
}

/* ---- contracts -----------------------------------------------------------------------------------------------------
 */

static pcs_operand_t operand(const pcs_numerics_t *numerics, unsigned bits, size_t ld)
{
    const pcs_operand_t op = {.bits = bits, .is_signed = pcs_quantizer_signed(numerics->quantizer), .ld = ld};
    return op;
}

/* The view that forward and, transposed, wgrad read. */
static pcs_patch_t input_patches(const pcs_conv_shape_t *s, const pcs_conv_views_t *views, uint32_t n)
{
    const pcs_patch_t patch = {
        .batch = n,
        .height = s->height,
        .width = s->width,
        .src_channels = s->channels,
        .channels = pcs_conv_seen(s),
        .out_h = s->out_h,
        .out_w = s->out_w,
        .origin_y = -(int32_t)s->padding,
        .origin_x = -(int32_t)s->padding,
        .stride_y = s->stride,
        .stride_x = s->stride,
        .taps = pcs_conv_taps(s),
        .dy = views->tap_y,
        .dx = views->tap_x,
    };
    return patch;
}

/* Sizes, operands and group are set; the rest is common to all contracts. */
static void finish(pcs_gemm_t *gemm, const pcs_conv_shape_t *shape, const pcs_numerics_t *numerics,
                   const pcs_patch_t *patch, pcs_role_t role)
{
    const size_t group = gemm->group != 0 ? gemm->group : gemm->k;
    gemm->copies = pcs_conv_groups(shape);
    gemm->a.patch = patch;
    gemm->segment = numerics->segment < group ? numerics->segment : group;
    gemm->acc_bits = numerics->acc_bits;
    gemm->saturate = numerics->saturate;
    gemm->role = role;
}

void pcs_conv_contract_forward(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                               const pcs_numerics_t *numerics, uint32_t n, unsigned fw, pcs_patch_t *patch,
                               pcs_gemm_t *gemm)
{
    *patch = input_patches(shape, views, n);
    *gemm = (pcs_gemm_t){
        .m = (size_t)n * shape->out_h * shape->out_w,
        .n = shape->filters / pcs_conv_groups(shape),
        .k = pcs_conv_depth(shape),
        .a = operand(numerics, fw, 0),
        .b = operand(numerics, fw, shape->filters),
    };
    finish(gemm, shape, numerics, patch, PCS_ROLE_FORWARD);
}

void pcs_conv_contract_wgrad(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                             const pcs_numerics_t *numerics, uint32_t n, unsigned fw, unsigned bw, pcs_patch_t *patch,
                             pcs_gemm_t *gemm)
{
    *patch = input_patches(shape, views, n);
    *gemm = (pcs_gemm_t){
        .m = pcs_conv_depth(shape),
        .n = shape->filters / pcs_conv_groups(shape),
        .k = (size_t)n * shape->out_h * shape->out_w,
        .a = operand(numerics, fw, 0),
        .b = operand(numerics, bw, shape->filters),
    };
    gemm->a.transposed = true;
    finish(gemm, shape, numerics, patch, PCS_ROLE_WGRAD);
}

bool pcs_conv_contract_dgrad(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                             const pcs_numerics_t *numerics, uint32_t n, unsigned fw, unsigned bw,
                             const pcs_phase_t *phase, pcs_patch_t *patch, pcs_gemm_t *gemm)
{
    if (phase->out_h == 0 || phase->out_w == 0 || phase->taps == 0) {
        return false;
    }
    const bool filter_major = numerics->weights == PCS_WEIGHTS_PAPER;
    const uint32_t filters = shape->filters / pcs_conv_groups(shape); /* that a channel meets */
    *patch = (pcs_patch_t){
        .batch = n,
        .height = shape->out_h,
        .width = shape->out_w,
        .src_channels = shape->filters,
        .channels = filters,
        .out_h = phase->out_h,
        .out_w = phase->out_w,
        .stride_y = 1,
        .stride_x = 1,
        .taps = phase->taps,
        .dy = views->phase_dy + phase->first,
        .dx = views->phase_dx + phase->first,
        .channel_major = filter_major,
    };
    *gemm = (pcs_gemm_t){
        .m = (size_t)n * phase->out_h * phase->out_w,
        .n = pcs_conv_seen(shape),
        .k = (size_t)phase->taps * filters,
        .a = operand(numerics, bw, 0),
        .b = operand(numerics, fw, shape->channels),
        .group = filter_major ? phase->taps : 0,
    };
    finish(gemm, shape, numerics, patch, PCS_ROLE_DGRAD);
    return true;
}
