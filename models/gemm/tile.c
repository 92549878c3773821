#include <stdlib.h>
#include <string.h>

#include "models/gemm/gemm.h"
#include "models/mac/aligned.h"
#include "models/mac/mac.h"

/* Element (m, k) of the job's A, or (k, n) of its B. */
static uint8_t code_of_a(const pcs_gemm_t *gemm, const pcs_plan_t *plan, size_t m, size_t k)
{
    uint8_t code;
    (void)(plan->exchanged ? pcs_operand_at(&gemm->b, k, m, &code) : pcs_operand_at(&gemm->a, m, k, &code));
    return code;
}

static uint8_t code_of_b(const pcs_gemm_t *gemm, const pcs_plan_t *plan, size_t k, size_t n)
{
    uint8_t code;
    (void)(plan->exchanged ? pcs_operand_at(&gemm->a, n, k, &code) : pcs_operand_at(&gemm->b, k, n, &code));
    return code;
}

pcs_status_t pcs_tile_extract(const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_block_t *block, size_t segment,
                              pcs_tile_t *tile, pcs_error_t *err)
{
    const pcs_array_job_t *job = &plan->job;
    if (block->m == 0 || block->n == 0 || block->k == 0 || block->m0 + block->m > job->m ||
        block->n0 + block->n > job->n || block->k0 + block->k > job->k || segment == 0 || segment > block->k) {
        return pcs_fail(err, PCS_INVALID,
                        "tile of %zu x %zu x %zu at (%zu, %zu, %zu): outside a GEMM of %zu x %zu x %zu", block->m,
                        block->n, block->k, block->m0, block->n0, block->k0, gemm->m, gemm->n, gemm->k);
    }
    pcs_tile_t made = {.m = (uint32_t)block->m,
                       .n = (uint32_t)block->n,
                       .k = (uint32_t)block->k,
                       .segment = (uint32_t)segment,
                       .mode = job->mode};
    if (!pcs_tile_allocate(&made)) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a tile of %zu x %zu x %zu", block->m, block->n, block->k);
    }
    for (size_t k = 0; k < block->k; k++) {
        for (size_t m = 0; m < block->m; m++) {
            made.a[m * block->k + k] = code_of_a(gemm, plan, block->m0 + m, block->k0 + k);
        }
        for (size_t n = 0; n < block->n; n++) {
            made.b[k * block->n + n] = code_of_b(gemm, plan, block->k0 + k, block->n0 + n);
        }
    }
    *tile = made;
    return PCS_OK;
}

bool pcs_tile_allocate(pcs_tile_t *tile)
{
    tile->a = malloc((size_t)tile->m * tile->k * sizeof *tile->a);
    tile->b = malloc((size_t)tile->k * tile->n * sizeof *tile->b);
    if (tile->a != NULL && tile->b != NULL) {
        return true;
    }
    pcs_tile_free(tile);
    return false;
}

void pcs_tile_free(pcs_tile_t *tile)
{
    free(tile->a);
    free(tile->b);
    tile->a = NULL;
    tile->b = NULL;
}

pcs_array_job_t pcs_tile_job(const pcs_tile_t *tile)
{
    return (pcs_array_job_t){
        .m = tile->m, .n = tile->n, .k = tile->k, .groups = 1, .segment = tile->segment, .mode = tile->mode};
}

void pcs_tile_fetch_a(const pcs_tile_t *tile, uint64_t m, uint64_t k, size_t count, uint16_t *codes)
{
    memcpy(codes, tile->a + m * tile->k + k, count * sizeof *codes);
}

void pcs_tile_fetch_b(const pcs_tile_t *tile, uint64_t n, uint64_t k, size_t count, uint16_t *codes)
{
    for (size_t i = 0; i < count; i++) {
        codes[i] = tile->b[(k + i) * tile->n + n];
    }
}

size_t pcs_tile_segments(const pcs_tile_t *tile)
{
    return (tile->k + tile->segment - 1U) / tile->segment;
}

/* One accumulator: a and b are at the first code of the segment, row and column. */
static pcs_acc_t integer_acc(const pcs_tile_t *tile, const pcs_array_config_t *array, const uint16_t *a,
                             const uint16_t *b, size_t length)
{
    const size_t together = pcs_kinds[array->kind].accs == 1 ? pcs_mac_step(array, &tile->mode).lanes : 1;
    pcs_acc_t acc = {0, false};
    for (size_t k0 = 0; k0 < length; k0 += together) {
        int64_t sum = 0;
        for (size_t k = k0; k < k0 + together && k < length; k++) {
            sum += pcs_code_value(a[k], tile->mode.a_signed) * pcs_code_value(b[k * tile->n], tile->mode.b_signed);
        }
        acc = pcs_acc_add(acc, sum, array->acc_bits, tile->mode.saturate);
    }
    return acc;
}

static pcs_float_mac_t aligned_acc(const pcs_tile_t *tile, const pcs_array_config_t *array, const uint16_t *a,
                                   const uint16_t *b, size_t length)
{
    pcs_float_mac_t acc = pcs_aligned_start(array, &tile->mode);
    for (size_t k = 0; k < length; k++) {
        pcs_aligned_step(array->kind, &tile->mode, &acc, a[k], b[k * tile->n]);
    }
    return acc;
}

void pcs_tile_ref(const pcs_tile_t *tile, const pcs_array_config_t *array, int64_t *acc, uint8_t *flags)
{
    const bool integer = pcs_kind_is_integer(array->kind);
    for (size_t k = 0; k < tile->k; k += tile->segment) {
        const size_t length = tile->k - k < tile->segment ? tile->k - k : tile->segment;
        for (size_t i = 0; i < (size_t)tile->m * tile->n; i++, acc++, flags++) {
            const uint16_t *a = tile->a + i / tile->n * tile->k + k;
            const uint16_t *b = tile->b + k * tile->n + i % tile->n;
            if (integer) {
                const pcs_acc_t sum = integer_acc(tile, array, a, b, length);
                *acc = sum.value;
                *flags = sum.overflow;
            } else {
                const pcs_float_mac_t sum = aligned_acc(tile, array, a, b, length);
                *acc = (int64_t)sum.acc;
                *flags = (uint8_t)sum.flags;
            }
        }
    }
}
