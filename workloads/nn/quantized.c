#include "workloads/nn/quantized.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "workloads/nn/layers.h"

void pcs_scales_place(pcs_scales_t *scales, pcs_arena_t *arena, uint32_t most)
{
    scales->scale = pcs_arena_take(arena, most, sizeof *scales->scale);
    scales->zero = pcs_arena_take(arena, most, sizeof *scales->zero);
    scales->offset = pcs_arena_take(arena, most, sizeof *scales->offset);
}

void pcs_scales_start(pcs_scales_t *scales, uint32_t count)
{
    scales->count = count;
}

void pcs_scales_set(const pcs_scales_t *scales, uint32_t index, const pcs_qparams_t *params)
{
    PCS_ASSERT(index < scales->count);
    scales->scale[index] = params->scale;
    scales->zero[index] = params->zero;
    scales->offset[index] = params->offset;
}

pcs_affine_t pcs_scales_affine(const pcs_scales_t *scales, pcs_grain_t grain)
{
    bool any_zero = false;
    bool any_offset = false;
    for (uint32_t i = 0; i < scales->count; i++) {
        any_zero = any_zero || scales->zero[i] != 0;
        any_offset = any_offset || scales->offset[i] != 0.0F;
    }
    const pcs_affine_t affine = {
        .grain = grain,
        .scale = scales->scale,
        .zero = any_zero ? scales->zero : NULL,
        .offset = any_offset ? scales->offset : NULL,
    };
    return affine;
}

static size_t chunk_length(size_t chunk, size_t n)
{
    const size_t at = chunk * PCS_CHUNK_ELEMENTS;
    return n - at < PCS_CHUNK_ELEMENTS ? n - at : PCS_CHUNK_ELEMENTS;
}

size_t pcs_range_scratch(size_t n)
{
    return 2U * pcs_chunks(n, PCS_CHUNK_ELEMENTS);
}

bool pcs_range(unsigned threads, const float *x, size_t n, float *scratch, float *min, float *max)
{
    const size_t chunks = pcs_chunks(n, PCS_CHUNK_ELEMENTS);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        float *range = scratch + 2U * chunk;
        if (!pcs_tensor_range(x + chunk * PCS_CHUNK_ELEMENTS, chunk_length(chunk, n), &range[0], &range[1])) {
            range[0] = NAN;
        }
    }
    float low = scratch[0];
    float high = scratch[1];
    bool finite = true;
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const float *range = scratch + 2U * chunk;
        finite = finite && !isnan(range[0]);
        low = range[0] < low ? range[0] : low;
        high = range[1] > high ? range[1] : high;
    }
    *min = low;
    *max = high;
    return finite && isfinite(high - low);
}

void pcs_quantize_tensor(unsigned threads, const pcs_qparams_t *params, const float *x, size_t n,
                         const pcs_stream_t *stream, uint8_t *codes)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < pcs_chunks(n, PCS_CHUNK_ELEMENTS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ELEMENTS;
        pcs_quantize(params, x + at, chunk_length(chunk, n), stream, at, codes + at);
    }
}

void pcs_quantize_made(unsigned threads, const pcs_qparams_t *params, const pcs_maker_t *x, size_t rows,
                       size_t channels, const pcs_stream_t *stream, uint8_t *codes)
{
    PCS_ASSERT(channels <= PCS_MADE_ELEMENTS);
    const size_t most = PCS_MADE_ELEMENTS / channels;
    const size_t parts = pcs_chunks(rows, most);
#pragma omp parallel num_threads(threads)
    {
        /* Each thread from its end on: what it made last is in its caches. */
        const size_t thread = (size_t)omp_get_thread_num();
        const size_t team = (size_t)omp_get_num_threads();
        for (size_t part = parts * (thread + 1U) / team; part > parts * thread / team; part--) {
            float made[PCS_MADE_ELEMENTS];
            const size_t row = (part - 1U) * most;
            const size_t count = rows - row < most ? rows - row : most;
            x->make(x->from, row, count, made);
            pcs_quantize(params, made, count * channels, stream, row * channels, codes + row * channels);
        }
    }
}

/* Codes of channel c, side by side; false when a weight is not finite. */
static bool quantize_channel(pcs_quantizer_t quantizer, unsigned bits, const pcs_channels_t *channels, uint32_t c,
                             const float *weight, float *line, uint8_t *line_codes, const pcs_scales_t *scales)
{
    const size_t length = channels->outer * channels->inner;
    const float *from = weight + c * channels->stride;
    float min;
    float max;
    for (size_t o = 0; o < channels->outer; o++) {
        for (size_t i = 0; i < channels->inner; i++) {
            line[o * channels->inner + i] = from[o * channels->outer_stride + i];
        }
    }
    if (!pcs_tensor_range(line, length, &min, &max) || !isfinite(max - min)) {
        return false;
    }
    const pcs_qparams_t params = pcs_qparams_from_range(quantizer, bits, min, max);
    pcs_quantize(&params, line, length, NULL, 0, line_codes);
    pcs_scales_set(scales, c, &params);
    return true;
}

bool pcs_quantize_channels(unsigned threads, pcs_quantizer_t quantizer, unsigned bits, const pcs_channels_t *channels,
                           const float *weight, float *line, uint8_t *line_codes, uint8_t *codes, pcs_scales_t *scales)
{
    const size_t length = channels->outer * channels->inner;
    bool finite = true;
    pcs_scales_start(scales, channels->count);
#pragma omp parallel num_threads(threads)
    {
#pragma omp for schedule(static) reduction(&& : finite)
        for (uint32_t c = 0; c < channels->count; c++) {
            finite = quantize_channel(quantizer, bits, channels, c, weight, line + c * length, line_codes + c * length,
                                      scales) &&
                     finite;
        }
        /* Only now to their places: channels lie so close that threads would write the same lines of a cache. */
#pragma omp for schedule(static)
        for (size_t o = 0; o < channels->outer; o++) {
            for (uint32_t c = 0; c < channels->count; c++) {
                uint8_t *to = codes + o * channels->outer_stride + c * channels->stride;
                for (size_t i = 0; i < channels->inner; i++) {
                    to[i] = line_codes[c * length + o * channels->inner + i];
                }
            }
        }
    }
    return finite;
}
