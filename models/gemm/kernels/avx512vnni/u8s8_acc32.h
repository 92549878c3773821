/* Building blocks of the AVX-512 VNNI path.  All but pcs_vnni_available exist on x86-64 only and may be called only
   where that says true.  A quad is four steps of K. */
#ifndef PCS_MODELS_GEMM_KERNELS_AVX512VNNI_U8S8_ACC32_H
#define PCS_MODELS_GEMM_KERNELS_AVX512VNNI_U8S8_ACC32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The processor has the instructions. */
bool pcs_vnni_available(void);

/* p (m, n_padded) += A B over quads.  A: unsigned bytes, the four of row i and quad q at a + i row + q quad.  B: signed
   bytes (quads, n_padded, 4).  n_padded is a multiple of 16. */
void pcs_vnni_multiply(size_t m, size_t n_padded, size_t quads, const uint8_t *a, size_t row, size_t quad,
                       const uint8_t *b, int32_t *p);
/* dst[4 j + i] = rows[i][j] ^ flip, j < count; a NULL row counts as `fill`. */
void pcs_vnni_interleave(const uint8_t *const rows[4], size_t count, uint8_t flip, uint8_t fill, uint8_t *dst);
/* sums[j] += the four bytes of dword j, unsigned or signed; count is a multiple of 16. */
void pcs_vnni_sum_dwords(const uint8_t *dwords, size_t count, bool is_signed, int32_t *sums);
/* Sum of unsigned bytes. */
int64_t pcs_vnni_sum_bytes(const uint8_t *bytes, size_t count);

#endif
