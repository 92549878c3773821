/* Packing of 16-bit elements, for kernels that multiply pairs of them. */
#ifndef PCS_MODELS_GEMM_KERNELS_WORDS_H
#define PCS_MODELS_GEMM_KERNELS_WORDS_H

#include "models/gemm/kernels/kernels.h"

/* |product| <= 255 * 255, two of them a step of the sum. */
enum { PCS_WORDS_STEPS = 2, PCS_WORDS_MOST_K = 32768 };

void pcs_words_copy(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst);
void pcs_words_transpose(const uint8_t *codes, size_t pixel, size_t count, size_t channels, pcs_coding_t coding,
                         void *dst, size_t row);
void pcs_words_interleave(const uint8_t *const *rows, size_t count, size_t dwords, size_t advance, pcs_coding_t coding,
                          void *dst);

#endif
