/* Kernels of the `fast` executor: exact integer products of packed panels.  Each is a row of a table; all give the same
   bits as `ref`, which a test shows for every row the machine has. */
#ifndef PCS_MODELS_GEMM_KERNELS_KERNELS_H
#define PCS_MODELS_GEMM_KERNELS_KERNELS_H

#include "models/gemm/gemm.h"
#include "models/spec/isa.h"

typedef struct pcs_kernel_ops {
    const char *name;
    size_t element; /* bytes of a packed element */
    /* Longest K of one call for which every sum is exact, given the largest |product| of two codes; 0: unusable. */
    size_t (*exact_k)(uint64_t product);
    /* Code values of stored rows row0.. of an operand, whole rows, padding 0, into dst (rows, stored columns). */
    void (*pack)(const pcs_operand_t *operand, size_t stored_cols, size_t row0, size_t rows, void *dst);
    /* sums[i] += sum of row i of A over k steps; A as for multiply. */
    void (*sum_rows)(size_t m, size_t k, const void *a, size_t lda, bool a_by_step, int64_t *sums);
    /* product (M, N) = A B over k steps.  A is (M, k) with distance lda, or (k, M) when a_by_step; B is (k, N) with
       distance N.  Elements of the product are 32 bits wide, in the kernel's own form. */
    void (*multiply)(size_t m, size_t n, size_t k, const void *a, size_t lda, bool a_by_step, const void *b,
                     void *product);
    /* p[i] += product[i], as integers. */
    void (*add_i32)(const void *product, size_t count, int32_t *p);
    void (*add_i64)(const void *product, size_t count, int64_t *p);
} pcs_kernel_ops_t;

extern const pcs_kernel_ops_t pcs_kernel_portable;
extern const pcs_kernel_ops_t pcs_kernel_openblas;

/* Prepares libraries for use from our own threads; call before any kernel. */
void pcs_kernels_init(void);

/* Packs rows of a dense or patch operand as elements of type T. */
#define PCS_DEFINE_PACK(name, T)                                                                                       \
    static inline void name##_run(const uint8_t *codes, size_t count, size_t step, bool is_signed, T *dst)             \
    {                                                                                                                  \
        if (codes == NULL) {                                                                                           \
            for (size_t i = 0; i < count; i++) {                                                                       \
                dst[i * step] = 0;                                                                                     \
            }                                                                                                          \
        } else if (is_signed) {                                                                                        \
            for (size_t i = 0; i < count; i++) {                                                                       \
                dst[i * step] = (T)(int8_t)codes[i];                                                                   \
            }                                                                                                          \
        } else {                                                                                                       \
            for (size_t i = 0; i < count; i++) {                                                                       \
                dst[i * step] = (T)codes[i];                                                                           \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    PCS_CLONES static void name(const pcs_operand_t *operand, size_t stored_cols, size_t row0, size_t rows, void *out) \
    {                                                                                                                  \
        T *dst = out;                                                                                                  \
        const pcs_patch_t *patch = operand->patch;                                                                     \
        for (size_t row = row0; row < row0 + rows; row++, dst += stored_cols) {                                        \
            if (patch == NULL) {                                                                                       \
                name##_run(operand->codes + row * operand->ld, stored_cols, 1, operand->is_signed, dst);               \
                continue;                                                                                              \
            }                                                                                                          \
            const pcs_position_t at = pcs_patch_position(patch, row);                                                  \
            for (uint32_t tap = 0; tap < patch->taps;) {                                                               \
                const uint8_t *codes = pcs_patch_codes(operand, &at, tap);                                             \
                if (patch->channel_major) {                                                                            \
                    name##_run(codes, patch->channels, patch->taps, operand->is_signed, dst + tap);                    \
                    tap++;                                                                                             \
                    continue;                                                                                          \
                }                                                                                                      \
                const uint32_t count = codes == NULL ? 1 : pcs_patch_run(patch, &at, tap);                             \
                name##_run(codes, (size_t)count * patch->channels, 1, operand->is_signed,                              \
                           dst + (size_t)tap * patch->channels);                                                       \
                tap += count;                                                                                          \
            }                                                                                                          \
        }                                                                                                              \
    }

/* Row sums of a packed panel of T, in 32 bits as far as they surely fit (codes are below 2^8). */
#define PCS_DEFINE_SUM_ROWS(name, T)                                                                                   \
    PCS_CLONES static void name(size_t m, size_t k, const void *a, size_t lda, bool a_by_step, int64_t *sums)          \
    {                                                                                                                  \
        enum { STRIP = 64, SAFE = 1 << 20 };                                                                           \
        const T *panel = a;                                                                                            \
        for (size_t k0 = 0; k0 < k; k0 += SAFE) {                                                                      \
            const size_t len = k - k0 < SAFE ? k - k0 : SAFE;                                                          \
            for (size_t i = 0; !a_by_step && i < m; i++) {                                                             \
                const T *row = panel + i * lda + k0;                                                                   \
                int32_t sum = 0;                                                                                       \
                for (size_t l = 0; l < len; l++) {                                                                     \
                    sum += (int32_t)row[l];                                                                            \
                }                                                                                                      \
                sums[i] += sum;                                                                                        \
            }                                                                                                          \
            for (size_t i0 = 0; a_by_step && i0 < m; i0 += STRIP) {                                                    \
                const size_t count = m - i0 < STRIP ? m - i0 : STRIP;                                                  \
                int32_t strip[STRIP] = {0};                                                                            \
                for (size_t l = 0; l < len; l++) {                                                                     \
                    const T *step = panel + (k0 + l) * lda + i0;                                                       \
                    for (size_t i = 0; i < count; i++) {                                                               \
                        strip[i] += (int32_t)step[i];                                                                  \
                    }                                                                                                  \
                }                                                                                                      \
                for (size_t i = 0; i < count; i++) {                                                                   \
                    sums[i0 + i] += strip[i];                                                                          \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

/* An output position of a patch view in its source: image, and where tap offset (0, 0) lands. */
typedef struct pcs_position {
    size_t image;
    int64_t y, x;
} pcs_position_t;
static inline pcs_position_t pcs_patch_position(const pcs_patch_t *patch, size_t row)
{
    const size_t line = row / patch->out_w;
    const size_t image = line / patch->out_h;
    const pcs_position_t at = {image, patch->origin_y + (int64_t)((line - image * patch->out_h) * patch->stride_y),
                               patch->origin_x + (int64_t)((row - line * patch->out_w) * patch->stride_x)};
    return at;
}

/* The channels of one tap there; NULL in the padding. */
static inline const uint8_t *pcs_patch_codes(const pcs_operand_t *operand, const pcs_position_t *at, uint32_t tap)
{
    const pcs_patch_t *patch = operand->patch;
    const int64_t y = at->y + patch->dy[tap];
    const int64_t x = at->x + patch->dx[tap];
    if (y < 0 || y >= (int64_t)patch->height || x < 0 || x >= (int64_t)patch->width) {
        return NULL;
    }
    return operand->codes + ((at->image * patch->height + (size_t)y) * patch->width + (size_t)x) * patch->src_channels +
           patch->channel0;
}

/* How many taps from this one on, itself inside the image, lie side by side in memory and inside the image. */
static inline uint32_t pcs_patch_run(const pcs_patch_t *patch, const pcs_position_t *at, uint32_t tap)
{
    uint32_t count = 1;
    while (patch->channels == patch->src_channels && tap + count < patch->taps &&
           patch->dy[tap + count] == patch->dy[tap] && patch->dx[tap + count] == patch->dx[tap] + (int32_t)count &&
           at->x + patch->dx[tap + count] < (int64_t)patch->width) {
        count++;
    }
    return count;
}

/* Adds a kernel's products of type T to integers of type S. */
#define PCS_DEFINE_ADD(name, T, S)                                                                                     \
    PCS_CLONES static void name(const void *product, size_t count, S *p)                                               \
    {                                                                                                                  \
        const T *from = product;                                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                           \
            p[i] += (int32_t)from[i];                                                                                  \
        }                                                                                                              \
    }

#endif
