/* Kernels of the `fast` executor: exact integer products.  Each is a row of a table; all give the same bits as `ref`,
   which a test shows for every row the machine has.

   A kernel multiplies dwords: `steps` consecutive steps of K side by side, as bytes or as 16-bit values.  Operands are
   packed into such dwords, the columns of B padded to whole vectors.  A kernel of bytes wants A unsigned and B signed:
   a signed A and an unsigned B have their sign bit flipped, which adds oa = 128 to values of A and takes ob = 128 from
   values of B.  With ua = a + oa and sb = b - ob, over all packed steps, those that only fill a dword (of value zero)
   included,

     sum a b = sum ua sb + ob sum a - oa sum sb */
#ifndef PCS_MODELS_GEMM_KERNELS_KERNELS_H
#define PCS_MODELS_GEMM_KERNELS_KERNELS_H

#include "models/gemm/engine_internal.h"
#include "models/gemm/gemm.h"
#include "models/spec/isa.h"

enum { PCS_DWORD = 4 /* bytes */, PCS_STEPS_MAX = 4 };

/* How codes of an operand become elements. */
typedef struct pcs_coding {
    uint8_t flip;   /* exclusive-or, kernels of bytes */
    bool is_signed; /* sign extension, kernels of 16 bits */
} pcs_coding_t;

/* Dwords of A that follow each other in K. */
typedef struct pcs_run {
    size_t offset; /* of the first one, bytes */
    size_t dwords;
} pcs_run_t;

/* Where A's dwords are: that of row i, number q of run r at runs[r].offset + i * row + q * step bytes.  B's dwords,
   (all runs' dwords, columns), follow each other in the order of the runs, those of each run filled up with the value
   zero to a multiple of the kernel's `run`. */
typedef struct pcs_walk {
    size_t row, step;
    const pcs_run_t *runs;
    size_t count;
    bool a_signed, b_signed; /* of the codes; kernels that flip signs or extend them need not look */
} pcs_walk_t;

typedef struct pcs_kernel_ops {
    bool (*available)(void);
    size_t steps;  /* of K in a dword: 2 or 4 */
    size_t lanes;  /* the columns of B are padded to a multiple of this */
    bool biased;   /* bytes with flipped signs, as above */
    size_t run;    /* dwords of a run of B are filled up to a multiple of this; A is read as far, and A and p reach to
                      as many rows */
    bool bands;    /* fastest on many rows: the lines of a band at once, the pixels between them being rows, too */
    size_t most_k; /* packed steps whose sum surely fits 32 bits */
    /* Around the calls of multiply by one thread; NULL: nothing is to be done. */
    void (*begin)(void);
    void (*end)(void);
    /* Takes the contracts that this kernel does not: it multiplies patches only, and with `add` whole `run`s of rows.
       NULL: it takes all. */
    const struct pcs_kernel_ops *otherwise;
    /* `count` codes side by side. */
    void (*copy)(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst);
    /* Codes of `count` pixels, `pixel` bytes apart, channel by channel: `row` bytes from one to the next. */
    void (*transpose)(const uint8_t *codes, size_t pixel, size_t count, size_t channels, pcs_coding_t coding, void *dst,
                      size_t row);
    /* (dwords, count): dword j = element j of each of the `steps` rows, which from one line of dwords to the next lie
       `advance` bytes further; a NULL row has the value zero. */
    void (*interleave)(const uint8_t *const *rows, size_t count, size_t dwords, size_t advance, pcs_coding_t coding,
                       void *dst);
    /* p (m, n) = A B, or with `add` p += A B, modulo 2^32; n is a multiple of lanes. */
    void (*multiply)(size_t m, size_t n, const pcs_walk_t *walk, const void *a, const void *b, int32_t *p, bool add);
    /* Every column with rows of its own: p (m, n) = or += the products of dwords in the same place, over q < dwords:
       those of row i of A, (n), at a + offset[q] + i * row bytes, those of B at b + q * n dwords.  NULL: `otherwise`
       has it. */
    void (*lanewise)(size_t m, size_t n, const size_t *offset, size_t dwords, size_t row, const void *a, const void *b,
                     int32_t *p, bool add);
} pcs_kernel_ops_t;

extern const pcs_kernel_ops_t pcs_kernel_portable;
extern const pcs_kernel_ops_t pcs_kernel_avx2;
extern const pcs_kernel_ops_t pcs_kernel_avx512vnni;
extern const pcs_kernel_ops_t pcs_kernel_amx;

/* The kernel of this name; AUTO: the fastest that the machine has. */
const pcs_kernel_ops_t *pcs_kernel_choose(pcs_kernel_t kernel);

/* What all parts of one GEMM share. */
typedef struct pcs_job {
    const pcs_gemm_t *gemm;
    const pcs_sums_t *sums;
    const pcs_kernel_ops_t *kernel;
    pcs_coding_t a, b;
    size_t element; /* bytes */
    size_t n;       /* columns, padded */
    int32_t oa, ob; /* what flipped signs add and take */
    size_t groups, group_len;
    int threads;
} pcs_job_t;

/* A stored by row, and by step (wgrad); of convolutions: bands and images. */
pcs_status_t pcs_fast_rows(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err);
pcs_status_t pcs_fast_bands(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err);
pcs_status_t pcs_fast_steps(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err);
pcs_status_t pcs_fast_images(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err);
/* All copies of a depthwise convolution at once: what pcs_depthwise_takes accepts. */
pcs_status_t pcs_fast_depthwise(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err);
bool pcs_depthwise_takes(const pcs_gemm_t *gemm);

/* A is a patch view whose packed source serves all taps: channels run fastest, and K has no groups. */
static inline bool pcs_patch_plain(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    return patch != NULL && !patch->channel_major && (gemm->group == 0 || gemm->group == gemm->k);
}

static inline size_t pcs_round_up(size_t size, size_t to)
{
    return (size + to - 1U) / to * to;
}

/* Consecutive 64-byte aligned parts of a block of memory; base NULL only measures. */
static inline void *pcs_part(char *base, size_t *at, size_t bytes)
{
    void *here = base == NULL ? NULL : base + *at;
    *at += pcs_round_up(bytes, 64);
    return here;
}

pcs_status_t pcs_fast_no_memory(const pcs_gemm_t *gemm, pcs_error_t *err);
/* Codes of step k of B, (N); `line` (N) is for where they do not lie side by side. */
const uint8_t *pcs_b_step(const pcs_operand_t *b, size_t k, size_t n, uint8_t *line);
/* `dwords` of B: steps k0.., of which `len` exist, into (dwords, n); lines: (steps, N) scratch. */
void pcs_pack_b(const pcs_job_t *job, size_t k0, size_t len, size_t dwords, uint8_t *lines, void *dst);
/* Codes of stored row `row` of A, padding code 0; dst holds `cols` of them. */
void pcs_copy_row(const pcs_operand_t *a, size_t row, size_t cols, uint8_t *dst);
/* sums[i] = sum of the values of the first `channels` codes of pixel i; pixels are `stride` codes apart. */
void pcs_sum_pixels(const uint8_t *codes, size_t count, size_t stride, size_t channels, bool is_signed, int32_t *sums);
/* sums[i] += value of code i */
void pcs_add_codes(const uint8_t *codes, size_t count, bool is_signed, int32_t *sums);

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

#endif
