/* Shared exponents of a plan of the kind bfp (pcs_gemm_t.block): where blocks lie, and how many exponents move.

     dense operand            blocks of `block` codes along K, the last one of a row of A, of a column of B shorter
     patches                  along the channels of a pixel of the source, anew for each pixel
     patches, transposed      along the pixels of a channel in an image row of the source, anew for each row

   The last two are how blocks along K can lie in a source that has each code once; both are a copy of their own where a
   tensor has both uses.  An exponent is fetched from DRAM with the codes of its block.  The array's edge reads one
   where the block of a code is another one than that of the code before it on the way along K, padding included, and
   again where a block goes on in the next part of K. */
#ifndef PCS_MODELS_GEMM_EXPONENTS_H
#define PCS_MODELS_GEMM_EXPONENTS_H

#include "models/gemm/gemm.h"

/* Exponents that all rows of A, or all columns of B, read at the edge once, K in parts of `part` steps; 0 without
   blocks. */
uint64_t pcs_exponents_read_a(const pcs_gemm_t *gemm, uint64_t part);
uint64_t pcs_exponents_read_b(const pcs_gemm_t *gemm, uint64_t part);

/* Steps of K that enter the array one after the other: its parts. */
uint64_t pcs_exponents_part(const pcs_array_config_t *array, const pcs_array_job_t *job);

/* A row of A, a column of B that is dense: exponents of all parts of K, and, counted from above, of the largest one;
   the latter of a row of A, dense or not. */
uint64_t pcs_exponents_of_parts(const pcs_gemm_t *gemm, uint64_t part);
uint64_t pcs_exponents_of_part(const pcs_gemm_t *gemm, uint64_t part);
uint64_t pcs_exponents_of_part_a(const pcs_gemm_t *gemm, uint64_t part);

/* An image row of the source of A, a patch view. */
uint64_t pcs_exponents_image_row(const pcs_gemm_t *gemm);

/* Those of A in memory, each once. */
uint64_t pcs_exponents_stored_a(const pcs_gemm_t *gemm);

#endif
