/* Operations on one register of n PEs: loops over bytes and words that a compiler vectorises. */
#ifndef PCS_MODELS_ARRAY_ROWS_H
#define PCS_MODELS_ARRAY_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* x[c] = mask[c] ? yes[c] : x[c], mask being all ones or zero: compilers vectorise that, not branches. */
#define DEFINE_SELECT(name, M, T)                                                                                      \
    static inline void name(size_t n, const M *__restrict mask, const T *__restrict yes, T *__restrict x)              \
    {                                                                                                                  \
        for (size_t c = 0; c < n; c++) {                                                                               \
            x[c] = (T)((yes[c] & (T)mask[c]) | (x[c] & (T) ~(T)mask[c]));                                              \
        }                                                                                                              \
    }
DEFINE_SELECT(select_u8, uint8_t, uint8_t)
DEFINE_SELECT(select_u16, uint16_t, uint16_t)
DEFINE_SELECT(select_i16, uint16_t, int16_t)
DEFINE_SELECT(select_i64, int8_t, int64_t)

/* Number of ones in a row of flags. */
static inline unsigned count_flags(size_t n, const uint8_t *flags)
{
    unsigned count = 0;
    for (size_t c = 0; c < n; c++) {
        count += flags[c];
    }
    return count;
}

/* Counts down the running steps of a row; done[c]: PE c writes its accumulator at this edge. */
static inline void count_down(size_t n, uint8_t *__restrict left, uint8_t *__restrict works, uint8_t *__restrict done)
{
    for (size_t c = 0; c < n; c++) {
        works[c] = left[c] != 0;
        done[c] = left[c] == 1;
        left[c] = (uint8_t)(left[c] - works[c]);
    }
}

/* Products in the top bits. */
static inline void multiply_row(size_t n, unsigned shift, const int16_t *__restrict a, const int16_t *__restrict b,
                                int64_t *__restrict product)
{
    for (size_t c = 0; c < n; c++) {
        product[c] = (int64_t)((uint64_t)(int64_t)((int32_t)a[c] * b[c]) << shift);
    }
}

/* sum: the product in, base + product out; overflow: it does not fit. */
static inline void add_row(size_t n, const uint8_t *__restrict first, const int64_t *__restrict acc,
                           int64_t *__restrict sum, uint8_t *__restrict overflow)
{
    for (size_t c = 0; c < n; c++) {
        const uint64_t base = (uint64_t)acc[c] & ((uint64_t)first[c] - 1U);
        const uint64_t product = (uint64_t)sum[c];
        const uint64_t total = base + product;
        sum[c] = (int64_t)total;
        overflow[c] = (uint8_t)(((base ^ total) & (product ^ total)) >> 63U);
    }
}

/* sticky[c] = what the flag of accumulator c becomes if it is written. */
static inline void sticky_row(size_t n, const uint8_t *__restrict first, const uint8_t *__restrict flag,
                              uint8_t *__restrict sticky)
{
    for (size_t c = 0; c < n; c++) {
        sticky[c] = (uint8_t)(sticky[c] | (flag[c] & (first[c] ^ 1U)));
    }
}

static inline void and_row(size_t n, const uint8_t *__restrict a, const uint8_t *__restrict b, uint8_t *__restrict both)
{
    for (size_t c = 0; c < n; c++) {
        both[c] = a[c] & b[c];
    }
}

static inline void mask_row(size_t n, const uint8_t *__restrict flags, uint8_t *__restrict mask)
{
    for (size_t c = 0; c < n; c++) {
        mask[c] = (uint8_t)-flags[c];
    }
}

static inline void widen_row(size_t n, const uint8_t *__restrict flags, uint16_t *__restrict mask)
{
    for (size_t c = 0; c < n; c++) {
        mask[c] = (uint16_t)-flags[c];
    }
}

#endif
