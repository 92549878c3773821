#include <stdlib.h>

#include "models/gemm/gemm.h"
#include "models/mac/mac.h"

pcs_status_t pcs_tile_extract(const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_array_config_t *array,
                              size_t m0, size_t n0, size_t k0, size_t len, pcs_tile_t *tile, pcs_error_t *err)
{
    if (m0 >= gemm->m || n0 >= gemm->n || len == 0 || k0 + len > gemm->k) {
        return pcs_fail(err, PCS_INVALID, "tile at (%zu, %zu), steps %zu..%zu: outside a GEMM of %zu x %zu x %zu", m0,
                        n0, k0, k0 + len, gemm->m, gemm->n, gemm->k);
    }
    const size_t rows = gemm->m - m0 < array->rows ? gemm->m - m0 : array->rows;
    const size_t cols = gemm->n - n0 < array->cols ? gemm->n - n0 : array->cols;
    pcs_tile_t made = {.rows = (uint32_t)rows, .cols = (uint32_t)cols, .k = (uint32_t)len, .mode = plan->job.mode};
    made.a = malloc(len * rows);
    made.b = malloc(len * cols);
    if (made.a == NULL || made.b == NULL) {
        pcs_tile_free(&made);
        return pcs_fail(err, PCS_MEMORY, "no memory for a tile of %zu steps", len);
    }
    for (size_t k = 0; k < len; k++) {
        for (size_t r = 0; r < rows; r++) {
            (void)pcs_operand_at(&gemm->a, m0 + r, k0 + k, &made.a[k * rows + r]);
        }
        for (size_t c = 0; c < cols; c++) {
            (void)pcs_operand_at(&gemm->b, k0 + k, n0 + c, &made.b[k * cols + c]);
        }
    }
    *tile = made;
    return PCS_OK;
}

void pcs_tile_free(pcs_tile_t *tile)
{
    free(tile->a);
    free(tile->b);
    tile->a = NULL;
    tile->b = NULL;
}

void pcs_tile_ref(const pcs_tile_t *tile, unsigned acc_bits, int64_t *acc, uint8_t *overflow)
{
    for (size_t r = 0; r < tile->rows; r++) {
        for (size_t c = 0; c < tile->cols; c++) {
            pcs_acc_t sum = {0, false};
            for (size_t k = 0; k < tile->k; k++) {
                const int32_t a = pcs_code_value(tile->a[k * tile->rows + r], tile->mode.a_signed);
                const int32_t b = pcs_code_value(tile->b[k * tile->cols + c], tile->mode.b_signed);
                sum = pcs_acc_add(sum, a * b, acc_bits, tile->mode.saturate);
            }
            acc[r * tile->cols + c] = sum.value;
            overflow[r * tile->cols + c] = sum.overflow;
        }
    }
}
