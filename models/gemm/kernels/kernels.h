/* Kernels of the `fast` executor: exact integer products of packed panels.  Each is a row of a table; all give the same
   bits as `ref`, which a test shows for every row the machine has. */
#ifndef PCS_MODELS_GEMM_KERNELS_KERNELS_H
#define PCS_MODELS_GEMM_KERNELS_KERNELS_H

#include "models/gemm/gemm.h"

typedef struct pcs_kernel_ops {
    const char *name;
    size_t element; /* bytes of a packed element */
    /* Longest K of one call for which every sum is exact, given the largest |product| of two codes; 0: unusable. */
    size_t (*exact_k)(uint64_t product);
    /* Code values of stored rows row0.. of an operand, whole rows, padding 0, into dst (rows, stored columns). */
    void (*pack)(const pcs_operand_t *operand, size_t stored_cols, size_t row0, size_t rows, void *dst);
    /* sums[i] += sum of row i of A over k steps; A as for multiply. */
    void (*sum_rows)(size_t m, size_t k, const void *a, size_t lda, bool a_by_step, int64_t *sums);
    /* p (M, N; distance N) += A B over k steps.  A is (M, k) with distance lda, or (k, M) when a_by_step; B is (k, N)
       with distance N.  work: M * N words of 32 bits. */
    void (*multiply)(size_t m, size_t n, size_t k, const void *a, size_t lda, bool a_by_step, const void *b, void *work,
                     int64_t *p);
} pcs_kernel_ops_t;

extern const pcs_kernel_ops_t pcs_kernel_portable;
extern const pcs_kernel_ops_t pcs_kernel_openblas;

/* Prepares libraries for use from our own threads; call before any kernel. */
void pcs_kernels_init(void);

/* Packs rows of a dense or patch operand as elements of type T. */
#define PCS_DEFINE_PACK(name, T)                                                                                       \
    static void name##_run(const uint8_t *codes, size_t count, size_t step, bool is_signed, T *dst)                    \
    {                                                                                                                  \
        if (is_signed) {                                                                                               \
            for (size_t i = 0; i < count; i++) {                                                                       \
                dst[i * step] = (T)(int8_t)codes[i];                                                                   \
            }                                                                                                          \
        } else {                                                                                                       \
            for (size_t i = 0; i < count; i++) {                                                                       \
                dst[i * step] = (T)codes[i];                                                                           \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void name(const pcs_operand_t *operand, size_t stored_cols, size_t row0, size_t rows, void *out)            \
    {                                                                                                                  \
        T *dst = out;                                                                                                  \
        const pcs_patch_t *patch = operand->patch;                                                                     \
        for (size_t row = row0; row < row0 + rows; row++, dst += stored_cols) {                                        \
            if (patch == NULL) {                                                                                       \
                name##_run(operand->codes + row * operand->ld, stored_cols, 1, operand->is_signed, dst);               \
                continue;                                                                                              \
            }                                                                                                          \
            const size_t step = patch->channel_major ? patch->taps : 1;                                                \
            for (uint32_t tap = 0; tap < patch->taps; tap++) {                                                         \
                T *to = dst + (patch->channel_major ? tap : (size_t)tap * patch->channels);                            \
                const uint8_t *codes = pcs_patch_codes(operand, row, tap);                                             \
                if (codes != NULL) {                                                                                   \
                    name##_run(codes, patch->channels, step, operand->is_signed, to);                                  \
                    continue;                                                                                          \
                }                                                                                                      \
                for (uint32_t c = 0; c < patch->channels; c++) {                                                       \
                    to[c * step] = 0;                                                                                  \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

/* Row sums of a packed panel of T. */
#define PCS_DEFINE_SUM_ROWS(name, T)                                                                                   \
    static void name(size_t m, size_t k, const void *a, size_t lda, bool a_by_step, int64_t *sums)                     \
    {                                                                                                                  \
        const T *panel = a;                                                                                            \
        for (size_t outer = 0; outer < (a_by_step ? k : m); outer++, panel += lda) {                                   \
            if (a_by_step) {                                                                                           \
                for (size_t i = 0; i < m; i++) {                                                                       \
                    sums[i] += (int64_t)panel[i];                                                                      \
                }                                                                                                      \
            } else {                                                                                                   \
                int64_t sum = 0;                                                                                       \
                for (size_t l = 0; l < k; l++) {                                                                       \
                    sum += (int64_t)panel[l];                                                                          \
                }                                                                                                      \
                sums[outer] += sum;                                                                                    \
            }                                                                                                          \
        }                                                                                                              \
    }

/* The channels of one tap of one position of a patch view; NULL in the padding. */
const uint8_t *pcs_patch_codes(const pcs_operand_t *operand, size_t position, uint32_t tap);

#endif
