/* Codes of an operand as binary64 and binary32 numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/fgemm_internal.h"

enum { TABLE_BITS = 16 };

double pcs_number_value(pcs_parts_t parts)
{
    const double magnitude = parts.class_ == PCS_CLASS_FINITE ? ldexp((double)parts.significand, parts.exponent) : 0.0;
    return parts.sign ? -magnitude : magnitude;
}

static bool is_fp32(const pcs_format_row_t *format)
{
    return format == &pcs_formats[PCS_FORMAT_FP32];
}

pcs_code_t pcs_number_code(const pcs_format_row_t *format, double value)
{
    pcs_code_t code;
    if (is_fp32(format)) {
        const float narrow = (float)value;
        memcpy(&code.bits, &narrow, sizeof code.bits);
        return code;
    }
    int exponent = 0;
    const double fraction = frexp(fabs(value), &exponent);
    const pcs_parts_t parts = {.class_ = value == 0.0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE,
                               .sign = signbit(value) != 0,
                               .exponent = exponent - 53,
                               .significand = (uint64_t)ldexp(fraction, 53)};
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    code = pcs_round_pack(format, parts, &exact);
    PCS_ASSERT(exact.flags == 0);
    return code;
}

bool pcs_number_of_code(const pcs_format_row_t *format, pcs_code_t code, double *value)
{
    if (is_fp32(format)) {
        float narrow = 0;
        memcpy(&narrow, &code.bits, sizeof narrow);
        *value = (double)narrow;
        return isfinite(narrow);
    }
    const pcs_parts_t parts = pcs_decode(format, code);
    *value = pcs_number_value(parts);
    return parts.class_ == PCS_CLASS_ZERO || parts.class_ == PCS_CLASS_FINITE;
}

static pcs_number_t number_of(const pcs_numbers_t *numbers, pcs_code_t code)
{
    const pcs_format_row_t *format = numbers->operand->format;
    const pcs_format_row_t *as = numbers->accumulator->operand != NULL ? numbers->accumulator->operand : format;
    const pcs_parts_t parts = pcs_dot_operand(numbers->accumulator, format, code);
    pcs_number_t number = {.special = parts.class_ == PCS_CLASS_NAN || parts.class_ == PCS_CLASS_INF};
    if (!number.special) {
        number.value = pcs_number_value(parts);
    }
    if (parts.class_ == PCS_CLASS_FINITE) {
        number.power = ldexp(1.0, parts.exponent + (int)as->mantissa_bits);
        number.unit = ldexp(1.0, parts.exponent + __builtin_ctzll(parts.significand));
    }
    return number;
}

/* Times the scale of element (i, j): a power of two, so that it stays exact. */
static pcs_number_t scaled(const pcs_numbers_t *numbers, pcs_number_t number, size_t i, size_t j)
{
    const pcs_fgemm_t *gemm = numbers->gemm;
    const uint8_t code = numbers->by_rows ? pcs_fgemm_scale_a(gemm, i, j) : pcs_fgemm_scale_b(gemm, i, j);
    const double scale = numbers->scales[code];
    if (number.special || code == PCS_SCALE_NAN) {
        return (pcs_number_t){.special = true};
    }
    return (pcs_number_t){.value = number.value * scale, .power = number.power * scale, .unit = number.unit * scale};
}

/* The number at a place of the stored codes, without its scale. */
static inline pcs_number_t number_at(const pcs_numbers_t *numbers, size_t at)
{
    const void *codes = numbers->operand->codes;
    return numbers->bytes == 1   ? numbers->table[((const uint8_t *)codes)[at]]
           : numbers->bytes == 2 ? numbers->table[((const uint16_t *)codes)[at]]
                                 : number_of(numbers, (pcs_code_t){((const uint32_t *)codes)[at]});
}

/* Number `i` of a stored row. */
static pcs_number_t number_in(const pcs_numbers_t *numbers, size_t row, size_t i)
{
    const pcs_foperand_t *operand = numbers->operand;
    const pcs_number_t number = number_at(numbers, row * operand->ld + i);
    return numbers->scales == NULL ? number
           : operand->transposed   ? scaled(numbers, number, i, row)
                                   : scaled(numbers, number, row, i);
}

/* One element; max and unit are those so far. */
static inline void look_at(const pcs_numbers_t *numbers, const pcs_number_t *x, size_t row, size_t i,
                           pcs_spread_t *spread)
{
    const double magnitude = fabs(x->value);
    const double unit = x->unit > 0.0 ? x->unit : HUGE_VAL;
    spread->max = magnitude > spread->max ? magnitude : spread->max;
    spread->unit = unit < spread->unit ? unit : spread->unit;
    if (x->special) {
        uint8_t *mark = &numbers->special[numbers->by_rows != numbers->operand->transposed ? row : i];
#pragma omp atomic write
        *mark = 1;
    }
}

/* A stored row: its spread, and its special elements. */
static pcs_spread_t look_at_row(const pcs_numbers_t *numbers, size_t row, size_t length)
{
    pcs_spread_t spread = {0.0, HUGE_VAL};
    for (size_t i = 0; i < length; i++) {
        const pcs_number_t x = number_in(numbers, row, i);
        look_at(numbers, &x, row, i, &spread);
    }
    return spread;
}

/* Of 8-bit codes without scales it is enough to know which there are, unless one is special: then its place must be
   marked, and the result is false. */
static bool look_at_codes(const pcs_numbers_t *numbers, size_t stored, size_t length, int threads, pcs_spread_t *spread)
{
    const pcs_foperand_t *operand = numbers->operand;
    bool there[UINT8_MAX + 1] = {false};
    if (numbers->bytes != 1 || numbers->scales != NULL) {
        return false;
    }
#pragma omp parallel for num_threads(threads) reduction(|| : there[:UINT8_MAX + 1])
    for (size_t row = 0; row < stored; row++) {
        const uint8_t *line = (const uint8_t *)operand->codes + row * operand->ld;
        for (size_t i = 0; i < length; i++) {
            there[line[i]] = true;
        }
    }
    *spread = (pcs_spread_t){0.0, HUGE_VAL};
    for (uint32_t code = 0; code < UINT32_C(1) << pcs_format_bits(operand->format); code++) {
        if (there[code] && numbers->table[code].special) {
            return false;
        }
        if (there[code]) {
            look_at(numbers, &numbers->table[code], 0, 0, spread);
        }
    }
    return true;
}

/* All elements: their spread, and the special ones. */
static pcs_spread_t look_at_all(const pcs_numbers_t *numbers, size_t stored, size_t length, int threads)
{
    pcs_spread_t all;
    if (look_at_codes(numbers, stored, length, threads, &all)) {
        return all;
    }
    double max = 0.0;
    double unit = HUGE_VAL;
#pragma omp parallel for num_threads(threads) reduction(max : max) reduction(min : unit)
    for (size_t row = 0; row < stored; row++) {
        const pcs_spread_t spread = look_at_row(numbers, row, length);
        max = spread.max > max ? spread.max : max;
        unit = spread.unit < unit ? spread.unit : unit;
    }
    return (pcs_spread_t){max, unit};
}

pcs_status_t pcs_numbers_init(pcs_numbers_t *numbers, const pcs_fgemm_t *gemm, bool of_a,
                              const pcs_accumulator_t *accumulator, int threads, pcs_error_t *err)
{
    const pcs_foperand_t *operand = of_a ? &gemm->a : &gemm->b;
    const size_t rows = of_a ? gemm->m : gemm->k;
    const size_t cols = of_a ? gemm->k : gemm->n;
    const unsigned bits = pcs_format_bits(operand->format);
    const bool scales = operand->scales != NULL && accumulator->sum == PCS_SUM_REGISTER;
    *numbers = (pcs_numbers_t){.gemm = gemm,
                               .operand = operand,
                               .accumulator = accumulator,
                               .rows = rows,
                               .cols = cols,
                               .by_rows = of_a,
                               .bytes = pcs_fcode_bytes(operand->format)};
    numbers->special = calloc(of_a ? rows : cols, 1);
    numbers->scales = scales ? calloc(PCS_SCALES, sizeof *numbers->scales) : NULL;
    pcs_number_t *table = bits <= TABLE_BITS ? calloc((size_t)1 << bits, sizeof *table) : NULL;
    if (numbers->special == NULL || (bits <= TABLE_BITS && table == NULL) || (scales && numbers->scales == NULL)) {
        free(table);
        return pcs_fail(err, PCS_MEMORY, "no memory for a table of codes");
    }
    for (int code = 0; scales && code < PCS_SCALES; code++) {
        numbers->scales[code] = ldexp(1.0, code - PCS_SCALE_BIAS);
    }
    for (uint32_t code = 0; table != NULL && code < UINT32_C(1) << bits; code++) {
        table[code] = number_of(numbers, (pcs_code_t){code});
    }
    numbers->table = table;
    const size_t stored = operand->transposed ? cols : rows;
    const size_t length = operand->transposed ? rows : cols;
    const pcs_spread_t spread = look_at_all(numbers, stored, length, threads);
    numbers->spread = (pcs_spread_t){spread.max, spread.max > 0.0 ? spread.unit : 0.0};
    return PCS_OK;
}

void pcs_numbers_free(pcs_numbers_t *numbers)
{
    free(numbers->table);
    free(numbers->scales);
    free(numbers->special);
}

/* Values of columns first..first + count - 1 of row i with their scales: those of a register, which sums in binary64.
 */
static void fill_scaled(const pcs_numbers_t *numbers, size_t i, size_t first, size_t count, double *line)
{
    const bool turned = numbers->operand->transposed;
    for (size_t j = 0; j < count; j++) {
        line[j] = (turned ? number_in(numbers, first + j, i) : number_in(numbers, i, first + j)).value;
    }
}

/* Columns first..first + count - 1 of row i, side by side.  singles: of 8-bit codes, NULL for other ones. */
static void fill_line(const pcs_numbers_t *numbers, pcs_number_kind_t kind, const float *singles, size_t i,
                      size_t first, size_t count, void *line)
{
    const pcs_foperand_t *operand = numbers->operand;
    const size_t step = operand->transposed ? operand->ld : 1;
    const size_t begin = operand->transposed ? first * operand->ld + i : i * operand->ld + first;
    if (numbers->scales != NULL) {
        PCS_ASSERT(kind == PCS_NUMBER_VALUES);
        fill_scaled(numbers, i, first, count, line);
        return;
    }
    switch (kind) {
    case PCS_NUMBER_VALUES:
        for (size_t j = 0; j < count; j++) {
            ((double *)line)[j] = number_at(numbers, begin + j * step).value;
        }
        break;
    case PCS_NUMBER_POWERS:
        for (size_t j = 0; j < count; j++) {
            ((double *)line)[j] = number_at(numbers, begin + j * step).power;
        }
        break;
    case PCS_NUMBER_SINGLES:
        if (singles != NULL) {
            const uint8_t *codes = (const uint8_t *)operand->codes + begin;
            for (size_t j = 0; j < count; j++) {
                ((float *)line)[j] = singles[codes[j * step]];
            }
            break;
        }
        for (size_t j = 0; j < count; j++) {
            ((float *)line)[j] = (float)number_at(numbers, begin + j * step).value;
        }
        break;
    }
}

void *pcs_numbers_fill(const pcs_numbers_t *numbers, pcs_number_kind_t kind, size_t width, int threads)
{
    const size_t rows = numbers->rows;
    const size_t cols = numbers->cols;
    const size_t wide = width == 0 ? cols : width;
    const size_t panels = (cols + wide - 1) / wide;
    const size_t size = kind == PCS_NUMBER_SINGLES ? sizeof(float) : sizeof(double);
    char *all = aligned_alloc(64, (rows * panels * wide * size + 63U) & ~(size_t)63U);
    if (all == NULL) {
        return NULL;
    }
    float singles[UINT8_MAX + 1]; /* values of 8-bit codes: less to read than the table */
    const bool narrow = numbers->bytes == 1 && kind == PCS_NUMBER_SINGLES;
    for (uint32_t code = 0; narrow && code >> pcs_format_bits(numbers->operand->format) == 0; code++) {
        singles[code] = (float)numbers->table[code].value;
    }
#pragma omp parallel for num_threads(threads)
    for (size_t i = 0; i < rows; i++) {
        for (size_t panel = 0; panel < panels; panel++) {
            const size_t first = panel * wide;
            const size_t count = cols - first < wide ? cols - first : wide;
            char *line = all + (panel * rows + i) * wide * size;
            fill_line(numbers, kind, narrow ? singles : NULL, i, first, count, line);
            memset(line + count * size, 0, (wide - count) * size); /* all bits zero: 0.0 */
        }
    }
    return all;
}
