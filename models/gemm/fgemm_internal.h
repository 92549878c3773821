/* What the files of the floating-point contract share. */
#ifndef PCS_MODELS_GEMM_FGEMM_INTERNAL_H
#define PCS_MODELS_GEMM_FGEMM_INTERNAL_H

#include "models/gemm/fgemm.h"
#include "models/gemm/kernels/lanes.h"

/* Code of element (i, j) of an operand as a matrix of (M, K) or (K, N). */
static inline pcs_code_t pcs_foperand_at(const pcs_foperand_t *operand, size_t i, size_t j)
{
    const size_t at = operand->transposed ? j * operand->ld + i : i * operand->ld + j;
    return pcs_fcode_load(operand->format, operand->codes, at);
}

/* Steps of K that share a scale, and how many of such blocks there are. */
static inline size_t pcs_fgemm_block(const pcs_fgemm_t *gemm)
{
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    return gemm->block != 0          ? gemm->block
           : accumulator->block != 0 ? accumulator->block
           : accumulator->group != 0 ? accumulator->group
                                     : gemm->k;
}
static inline size_t pcs_fgemm_tiles(const pcs_fgemm_t *gemm)
{
    const size_t block = pcs_fgemm_block(gemm);
    return (gemm->k + block - 1) / block;
}

enum { PCS_SCALE_BIAS = 127, PCS_SCALE_NAN = 255, PCS_SCALES = 256 }; /* of E8M0 */

/* The scales of A's element (m, k) and of B's (k, n), if there are scales. */
static inline uint8_t pcs_fgemm_scale_a(const pcs_fgemm_t *gemm, size_t m, size_t k)
{
    return gemm->a.scales[m * pcs_fgemm_tiles(gemm) + k / pcs_fgemm_block(gemm)];
}
static inline uint8_t pcs_fgemm_scale_b(const pcs_fgemm_t *gemm, size_t k, size_t n)
{
    return gemm->b.scales[k / pcs_fgemm_block(gemm) * gemm->n + n];
}

/* A dot product's scratch, 2 K codes and a scale for each tile; the caller frees it. */
pcs_code_t *pcs_fgemm_scratch(const pcs_fgemm_t *gemm);
/* The definition of output (m, n), its flags in *flags. */
pcs_code_t pcs_fgemm_output(const pcs_fgemm_t *gemm, size_t m, size_t n, pcs_code_t *codes, unsigned *flags);
/* The same, stored and counted. */
void pcs_fgemm_define(const pcs_fgemm_t *gemm, size_t m, size_t n, pcs_code_t *codes, pcs_fgemm_stats_t *stats);
/* One more output with these flags. */
static inline void pcs_fgemm_count(unsigned flags, bool nan, pcs_fgemm_way_t way, pcs_fgemm_stats_t *stats)
{
    stats->outputs++;
    stats->inexact += (flags & PCS_FLAG_INEXACT) != 0 ? 1 : 0;
    stats->underflow += (flags & PCS_FLAG_UNDERFLOW) != 0 ? 1 : 0;
    stats->overflow += (flags & PCS_FLAG_OVERFLOW) != 0 ? 1 : 0;
    stats->invalid += (flags & PCS_FLAG_INVALID) != 0 ? 1 : 0;
    stats->nan += nan ? 1 : 0;
    stats->way[way]++;
}
void pcs_fgemm_stats_add(pcs_fgemm_stats_t *sum, const pcs_fgemm_stats_t *part);

pcs_status_t pcs_fgemm_fast(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config, pcs_fgemm_stats_t *stats,
                            pcs_error_t *err);

/* CYCLE and RTL. */
pcs_status_t pcs_fgemm_device(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config, pcs_fgemm_stats_t *stats,
                              pcs_error_t *err);
/* What lets a register be exact: no product is cut off, none of its sums of `products` products overflows. */
bool pcs_register_is_exact(const pcs_accumulator_t *accumulator, const pcs_spread_t *a, const pcs_spread_t *b,
                           size_t products);

/* ---- operands as numbers -------------------------------------------------------------------------------------------
 */

/* A finite code as numbers, exactly: its value, 2^exponent as ALIGNED takes it (0 for zeros), and its lowest bit. */
typedef struct pcs_number {
    double value, power, unit;
    bool special; /* NaN or infinite; the value is 0 */
} pcs_number_t;

/* An operand and a table of its codes.  Scales are part of the numbers where each product has its own, in registers;
   other accumulators scale sums. */
typedef struct pcs_numbers {
    const pcs_fgemm_t *gemm;
    const pcs_foperand_t *operand;
    const pcs_accumulator_t *accumulator;
    size_t rows, cols, bytes; /* of a code */
    pcs_number_t *table;      /* (codes), of formats up to 16 bits; else NULL */
    double *scales;           /* (PCS_SCALES), NaN the last; NULL: not part of the numbers */
    uint8_t *special;         /* rows of A, columns of B that have a NaN or an infinity */
    bool by_rows;             /* of A */
    pcs_spread_t spread;      /* of the finite elements */
} pcs_numbers_t;

/* Of A or of B, as this accumulator takes them.  Makes the tables and looks at all elements; pcs_numbers_free. */
PCS_MUST_CHECK pcs_status_t pcs_numbers_init(pcs_numbers_t *numbers, const pcs_fgemm_t *gemm, bool of_a,
                                             const pcs_accumulator_t *accumulator, int threads, pcs_error_t *err);
void pcs_numbers_free(pcs_numbers_t *numbers);

typedef enum pcs_number_kind { PCS_NUMBER_VALUES, PCS_NUMBER_POWERS, PCS_NUMBER_SINGLES } pcs_number_kind_t;

/* All elements, 64-byte aligned: binary64 values or powers, or binary32 values.  width 0: (rows, cols).  Else panels of
   `width` columns, each (rows, width), the last one filled up with zeros.  The caller frees it; NULL: no memory. */
void *pcs_numbers_fill(const pcs_numbers_t *numbers, pcs_number_kind_t kind, size_t width, int threads);

double pcs_number_value(pcs_parts_t parts);
/* A finite number that the format has. */
pcs_code_t pcs_number_code(const pcs_format_row_t *format, double value);
/* The finite value of a code; false: there is none. */
bool pcs_number_of_code(const pcs_format_row_t *format, pcs_code_t code, double *value);

/* ---- fast: what its ways share --------------------------------------------------------------------------------------
 */

typedef struct pcs_fast {
    const pcs_fgemm_t *gemm;
    const pcs_fgemm_config_t *config;
    const pcs_lanes_ops_t *ops;
    pcs_lanes_job_t job;
    pcs_numbers_t a, b;
    pcs_spread_t c;
    int threads;
} pcs_fast_t;

enum { PCS_FAST_PANEL_MAX = 64 }; /* outputs stored together, at most */

/* Of output (m, n): C as a number; false: it has none, or one that the lanes' way does not take. */
bool pcs_fast_addend(const pcs_fast_t *fast, size_t m, size_t n, double *c);
/* Stores outputs (m, n0..n0 + count - 1); those with REDO are defined anew.  codes: (2 K) scratch. */
void pcs_fast_store(const pcs_fast_t *fast, size_t m, size_t n0, size_t count, const double *y, const int64_t *flags,
                    pcs_fgemm_way_t way, pcs_code_t *codes, pcs_fgemm_stats_t *stats);
/* REDO where row m, column n or C has special values. */
int64_t pcs_fast_redo(const pcs_fast_t *fast, size_t m, size_t n, bool addend);

/* Whether no order of additions can matter, and the outputs computed so; fgemm_proven.c. */
bool pcs_fast_is_proven(const pcs_fast_t *fast);
PCS_MUST_CHECK pcs_status_t pcs_fast_proven(const pcs_fast_t *fast, pcs_fgemm_stats_t *stats, pcs_error_t *err);

#endif
