/* Checks that count failures and go on, for bit-accurate sweeps.  A test's main ends with `return check_done("what")`,
   which prints how much was compared and returns 0 only if something was compared and nothing failed. */
#ifndef PCS_TESTS_SUPPORT_CHECK_H
#define PCS_TESTS_SUPPORT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/spec/status.h"

/* One comparison; prints the message (printf form) on failure, the first 20 times. */
#define CHECK(cond, ...) check_that((cond), __FILE__, __LINE__, #cond, __VA_ARGS__)
/* Equality of two integers, printed decoded. */
#define CHECK_EQ(observed, expected, ...)                                                                              \
    check_equal((int64_t)(observed), (int64_t)(expected), __FILE__, __LINE__, #observed, __VA_ARGS__)
/* A call that must succeed: ends the test at once with the error's text. */
#define CHECK_OK(call, err) check_ok((call), (err), __FILE__, __LINE__, #call)

bool check_that(bool good, const char *file, int line, const char *expr, const char *format, ...) PCS_PRINTF(5, 6);
bool check_equal(int64_t observed, int64_t expected, const char *file, int line, const char *expr, const char *format,
                 ...) PCS_PRINTF(6, 7);
void check_ok(pcs_status_t status, const pcs_error_t *err, const char *file, int line, const char *expr);
int check_done(const char *what);
/* How many have failed so far. */
uint64_t check_failures(void);

/* Seed of the test: --seed N on its command line, else `fallback`; printed so that a failure can be repeated. */
uint64_t check_seed(int argc, char **argv, uint64_t fallback);
/* True when the flag (such as "--inject") is on the command line; value (may be NULL) gets the argument after it. */
bool check_flag(int argc, char **argv, const char *flag, const char **value);

/* Deterministic random numbers for tests: the next 32 bits, or an integer in low..high. */
typedef struct check_rng {
    uint64_t seed, index;
} check_rng_t;
uint32_t check_u32(check_rng_t *rng);
int64_t check_range(check_rng_t *rng, int64_t low, int64_t high);

#endif
