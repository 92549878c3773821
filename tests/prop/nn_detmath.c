/* Deterministic transcendental functions against libm's long double ones, in units in the last place of binary64. */
#include <math.h>
#include <stdio.h>

#include "tests/support/check.h"
#include "workloads/nn/detmath.h"

enum { COUNT = 200000 };

static long double pi_l(void)
{
    return acosl(-1.0L);
}

/* |got - want| in ulps of want, with an absolute floor. */
static double ulps(double got, long double want, double floor)
{
    const double magnitude = fmax(fabs((double)want), floor);
    const double ulp = magnitude - nextafter(magnitude, 0.0);
    return (double)fabsl((long double)got - want) / ulp;
}

static double uniform(check_rng_t *rng, double low, double high)
{
    const double u = (double)check_u32(rng) * 0x1p-32 + (double)check_u32(rng) * 0x1p-64;
    return low + (high - low) * u;
}

static void worst(const char *name, double found, double bound)
{
    (void)printf("%s: worst error %.3f ulp\n", name, found);
    CHECK(found <= bound, "%s: %.3f ulp, bound %.1f", name, found, bound);
}

static void sweep(check_rng_t *rng, double fault)
{
    double e = 0.0;
    double l = 0.0;
    double c = 0.0;
    double s = 0.0;
    for (int i = 0; i < COUNT; i++) {
        const double x = uniform(rng, i % 2 == 0 ? -708.0 : -1.0, i % 2 == 0 ? 709.0 : 1.0);
        e = fmax(e, ulps(pcs_det_exp(x) * fault, expl((long double)x), 1e-307));
        const double y =
            i % 2 == 0 ? ldexp(uniform(rng, 1.0, 2.0), (int)check_range(rng, -1000, 1000)) : uniform(rng, 0.5, 2.0);
        l = fmax(l, ulps(pcs_det_log(y), logl((long double)y), 0x1p-60));
        const double a = uniform(rng, i % 2 == 0 ? -2.0 : -1000.0, i % 2 == 0 ? 2.0 : 1000.0);
        const long double angle = pi_l() * (long double)(a - 2.0 * rint(0.5 * a)); /* exact reduction */
        c = fmax(c, ulps(pcs_det_cospi(a), cosl(angle), 0.25));
        s = fmax(s, ulps(pcs_det_sinpi(a), sinl(angle), 0.25));
    }
    worst("exp", e, 1.0);
    worst("log", l, 1.0);
    worst("cospi", c, 2.0);
    worst("sinpi", s, 2.0);
}

static void exact_points(void)
{
    CHECK(pcs_det_exp(0.0) == 1.0, "exp(0)");
    CHECK(pcs_det_exp(-1000.0) == 0.0, "far below");
    CHECK(isinf(pcs_det_exp(710.0)), "far above");
    CHECK(isnan(pcs_det_exp(NAN)), "NaN stays");
    CHECK(pcs_det_log(1.0) == 0.0, "log(1)");
    for (int k = -1000; k <= 1000; k++) {
        const double x = 0.5 * (double)k;
        const int quarter = ((k % 4) + 4) % 4;
        const double cosine[] = {1.0, 0.0, -1.0, 0.0};
        CHECK(pcs_det_cospi(x) == cosine[quarter], "cospi(%g) = %g", x, pcs_det_cospi(x));
        CHECK(pcs_det_sinpi(x) == cosine[(quarter + 3) % 4], "sinpi(%g) = %g", x, pcs_det_sinpi(x));
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 3), 0};
    sweep(&rng, check_flag(argc, argv, "--inject", NULL) ? 1.0 + 0x1p-50 : 1.0);
    exact_points();
    return check_done("functions");
}
