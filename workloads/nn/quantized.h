/* Operands of quantized layers: tensors and weight matrices as codes with their scales. */
#ifndef PCS_WORKLOADS_NN_QUANTIZED_H
#define PCS_WORKLOADS_NN_QUANTIZED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/format/quantize.h"
#include "models/gemm/gemm.h"
#include "workloads/nn/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Quantizer parameters of one operand: one set per tensor, or one per channel. */
typedef struct pcs_scales {
    uint32_t count;
    float *scale;  /* (count) */
    int32_t *zero; /* (count) */
    float *offset; /* (count) */
} pcs_scales_t;

/* Room for up to `most` sets. */
void pcs_scales_place(pcs_scales_t *scales, pcs_arena_t *arena, uint32_t most);
/* Sets the number of sets, before pcs_scales_set fills them. */
void pcs_scales_start(pcs_scales_t *scales, uint32_t count);
void pcs_scales_set(const pcs_scales_t *scales, uint32_t index, const pcs_qparams_t *params);
/* As a contract takes them: correction arrays only where something is to be corrected. */
pcs_affine_t pcs_scales_affine(const pcs_scales_t *scales, pcs_grain_t grain);

/* Floats of scratch that pcs_range needs for n elements. */
size_t pcs_range_scratch(size_t n);
/* Smallest and largest of n >= 1 elements; false when an element, or their distance, is not finite. */
bool pcs_range(unsigned threads, const float *x, size_t n, float *scratch, float *min, float *max);

/* pcs_quantize by several threads: the same codes for any number of them. */
void pcs_quantize_tensor(unsigned threads, const pcs_qparams_t *params, const float *x, size_t n,
                         const pcs_stream_t *stream, uint8_t *codes);

/* A tensor (rows, channels) made where it is read, some rows at a time: it need not be in memory. */
typedef struct pcs_maker {
    void (*make)(const void *from, size_t row, size_t rows, float *to); /* rows row..; by several threads at once */
    const void *from;
} pcs_maker_t;
/* Most elements that are made at a time; channels of such a tensor may not be more. */
enum { PCS_MADE_ELEMENTS = 2048 };

/* pcs_quantize_tensor of a tensor that is made. */
void pcs_quantize_made(unsigned threads, const pcs_qparams_t *params, const pcs_maker_t *x, size_t rows,
                       size_t channels, const pcs_stream_t *stream, uint8_t *codes);

/* The channels of a weight tensor: element (o, i) of channel c, o < outer, i < inner, is at
   o * outer_stride + c * stride + i. */
typedef struct pcs_channels {
    uint32_t count;
    size_t stride, outer, outer_stride, inner;
} pcs_channels_t;

/* Quantizes each channel with its own range, nearest rounding.  line: (count * outer * inner) floats and as many codes
   of scratch.  Returns false when a weight is not finite; codes and scales are then good for nothing. */
bool pcs_quantize_channels(unsigned threads, pcs_quantizer_t quantizer, unsigned bits, const pcs_channels_t *channels,
                           const float *weight, float *line, uint8_t *line_codes, uint8_t *codes, pcs_scales_t *scales);

#ifdef __cplusplus
}
#endif
#endif
