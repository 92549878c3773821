#include "models/gemm/kernels/words.h"

PCS_CLONES void pcs_words_copy(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst)
{
    int16_t *to = dst;
    if (coding.is_signed) {
        for (size_t i = 0; i < count; i++) {
            to[i] = (int8_t)codes[i];
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            to[i] = codes[i];
        }
    }
}

PCS_CLONES void pcs_words_transpose(const uint8_t *codes, size_t pixel, size_t count, size_t channels,
                                    pcs_coding_t coding, void *dst, size_t row)
{
    for (size_t c = 0; c < channels; c++) {
        int16_t *to = (int16_t *)((char *)dst + c * row);
        for (size_t i = 0; i < count; i++) {
            const uint8_t code = codes[i * pixel + c];
            to[i] = coding.is_signed ? (int8_t)code : code;
        }
    }
}

/* One element of each dword. */
PCS_CLONES static void scatter(const uint8_t *codes, size_t count, bool is_signed, int16_t *to)
{
    if (codes == NULL) {
        for (size_t i = 0; i < count; i++) {
            to[PCS_WORDS_STEPS * i] = 0;
        }
    } else if (is_signed) {
        for (size_t i = 0; i < count; i++) {
            to[PCS_WORDS_STEPS * i] = (int8_t)codes[i];
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            to[PCS_WORDS_STEPS * i] = codes[i];
        }
    }
}

void pcs_words_interleave(const uint8_t *const *rows, size_t count, size_t dwords, size_t advance, pcs_coding_t coding,
                          void *dst)
{
    int16_t *to = dst;
    for (size_t q = 0; q < dwords; q++, to += PCS_WORDS_STEPS * count) {
        for (size_t i = 0; i < PCS_WORDS_STEPS; i++) {
            scatter(rows[i] == NULL ? NULL : rows[i] + q * advance, count, coding.is_signed, to + i);
        }
    }
}
