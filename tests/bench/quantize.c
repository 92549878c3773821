/* Quantizing and packing of binary32 tensors beside memcpy of the same bytes, one thread, by turns, a line for each:
     <what> <GB/s>     of binary32 input, the best of the repeats
   packed: codes stored narrower than a byte would be no faster for the kernels, which read bytes: the codes are what
   they read.  usage: bench_quantize [--repeats R] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/format/quantize.h"
#include "tests/support/check.h"

enum { COUNT = 1 << 21 /* a tensor of ResNet-20's first stage at a batch of 128 */, BITS = 8 };

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    static float x[COUNT], copy[COUNT];
    static uint8_t codes[COUNT];
    static const char *const names[] = {"memcpy", "nearest", "stochastic", "range"};
    enum { NAMES = sizeof names / sizeof names[0] };
    const char *text = "15";
    (void)check_flag(argc, argv, "--repeats", &text);
    const long repeats = strtol(text, NULL, 10);
    const pcs_stream_t stream = pcs_stream(1, PCS_PURPOSE_TEST, 0, 0);
    double best[NAMES] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        x[i] = pcs_uniform_centered(pcs_philox_u32(&stream, i));
    }
    const pcs_qparams_t params = pcs_qparams_from_range(PCS_QUANTIZER_AFFINE, BITS, -0.5F, 0.5F);
    float low = 0.0F;
    float high = 0.0F;
    for (long turn = 0; turn <= repeats; turn++) { /* the first warms up */
        for (int what = 0; what < NAMES; what++) {
            const double start = now();
            if (what == 0) {
                memcpy(copy, x, sizeof x);
            } else if (what == 3) {
                (void)pcs_tensor_range(x, COUNT, &low, &high);
            } else {
                pcs_quantize(&params, x, COUNT, what == 2 ? &stream : NULL, 0, codes);
            }
            const double rate = 1e-9 * sizeof x / (now() - start);
            best[what] = turn > 0 && rate > best[what] ? rate : best[what];
        }
    }
    for (int what = 0; what < NAMES; what++) {
        (void)printf("%s %.3f\n", names[what], best[what]);
    }
    return copy[COUNT / 2] > high || codes[0] + low > 1000.0F; /* so that nothing is optimised away */
}
