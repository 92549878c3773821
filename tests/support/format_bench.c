/* How fast binary32 becomes FP8, beside memcpy of the same input, one core: rows "WHAT GB_PER_S" of input, the
   best of the repeats.
   Usage: format_bench REPEATS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/format/fast8.h"

enum { COUNT = 1 << 22, REPEATS_MAX = 1000 };

static double now(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    const int repeats = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 15;
    if (repeats < 1 || repeats > REPEATS_MAX) {
        (void)fprintf(stderr, "format_bench: REPEATS is 1..%d\n", REPEATS_MAX);
        return 2;
    }
    float *x = malloc(COUNT * sizeof *x);
    float *copy = malloc(COUNT * sizeof *copy);
    uint8_t *codes = malloc(COUNT);
    if (x == NULL || copy == NULL || codes == NULL) {
        return 2;
    }
    const pcs_stream_t stream = pcs_stream(1, PCS_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < COUNT; i++) {
        x[i] = pcs_uniform_centered(pcs_philox_u32(&stream, i)) * 100.0F;
    }
    memset(copy, 1, COUNT * sizeof *copy);
    memset(codes, 1, COUNT);
    static const char *const names[] = {"memcpy", "e4m3-rne", "e4m3-sr", "e5m2-rne", "e5m2-sr"};
    enum { NAMES = sizeof names / sizeof names[0] };
    double best[NAMES] = {0};
    for (int turn = 0; turn < NAMES * repeats; turn++) { /* taking turns: what disturbs one disturbs all */
        const int what = turn % NAMES;
        const pcs_format_row_t *to = &pcs_formats[what < 3 ? PCS_FORMAT_E4M3 : PCS_FORMAT_E5M2];
        const pcs_fpstate_t how = {.rounding = what % 2 == 1 ? PCS_ROUNDING_RNE : PCS_ROUNDING_SR,
                                   .overflow = PCS_OVERFLOW_SAT,
                                   .random_bits = 8};
        const double start = now();
        if (what == 0) {
            memcpy(copy, x, COUNT * sizeof *x);
        } else {
            pcs_fast8_convert(to, &how, &stream, 0, x, COUNT, codes);
        }
        const double seconds = now() - start;
        best[what] = turn < NAMES || seconds < best[what] ? seconds : best[what];
    }
    for (int what = 0; what < NAMES; what++) {
        (void)printf("%s %.3f\n", names[what], 1e-9 * COUNT * sizeof *x / best[what]);
    }
    const int used = (int)(copy[COUNT / 2] > 1e9F) + codes[0]; /* so that nothing is optimised away */
    free(x);
    free(copy);
    free(codes);
    return used > 1000;
}
