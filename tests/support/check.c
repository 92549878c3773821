#include "tests/support/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/philox.h"

enum { PRINTED_MAX = 20 };

static uint64_t checked;
static uint64_t failed;

static bool count(bool good)
{
    checked++;
    if (!good) {
        failed++;
    }
    return !good && failed <= PRINTED_MAX;
}

bool check_that(bool good, const char *file, int line, const char *expr, const char *format, ...)
{
    if (count(good)) {
        va_list args;
        va_start(args, format);
        (void)fprintf(stderr, "%s:%d: failed: %s: ", file, line, expr);
        (void)vfprintf(stderr, format, args);
        (void)fputc('\n', stderr);
        va_end(args);
    }
    return good;
}

bool check_equal(int64_t observed, int64_t expected, const char *file, int line, const char *expr, const char *format,
                 ...)
{
    const bool good = observed == expected;
    if (count(good)) {
        va_list args;
        va_start(args, format);
        (void)fprintf(stderr, "%s:%d: ", file, line);
        (void)vfprintf(stderr, format, args);
        (void)fprintf(stderr, ": %s => observed %" PRId64 " (0x%" PRIx64 ") expected %" PRId64 " (0x%" PRIx64 ")\n",
                      expr, observed, (uint64_t)observed, expected, (uint64_t)expected);
        va_end(args);
    }
    return good;
}

void check_ok(pcs_status_t status, const pcs_error_t *err, const char *file, int line, const char *expr)
{
    if (status != PCS_OK) {
        (void)fprintf(stderr, "%s:%d: %s: %s: %s\n", file, line, expr, pcs_status_name(status),
                      err != NULL ? err->text : "");
        exit(1);
    }
    checked++;
}

uint64_t check_failures(void)
{
    return failed;
}

int check_done(const char *what)
{
    (void)printf("%s: checked %" PRIu64 ", failed %" PRIu64 "\n", what, checked, failed);
    return checked > 0 && failed == 0 ? 0 : 1;
}

bool check_flag(int argc, char **argv, const char *flag, const char **value)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0) {
            if (value != NULL) {
                *value = i + 1 < argc ? argv[i + 1] : NULL;
            }
            return true;
        }
    }
    return false;
}

uint64_t check_seed(int argc, char **argv, uint64_t fallback)
{
    const char *text = NULL;
    const uint64_t seed = check_flag(argc, argv, "--seed", &text) && text != NULL ? strtoull(text, NULL, 0) : fallback;
    (void)printf("seed %" PRIu64 "\n", seed);
    return seed;
}

uint32_t check_u32(check_rng_t *rng)
{
    const pcs_stream_t stream = pcs_stream(rng->seed, PCS_PURPOSE_TEST, 0, 0);
    return pcs_philox_u32(&stream, rng->index++);
}

int64_t check_range(check_rng_t *rng, int64_t low, int64_t high)
{
    return low + (int64_t)(((uint64_t)check_u32(rng) * (uint64_t)(high - low + 1)) >> 32U);
}
