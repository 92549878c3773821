#include "workloads/nn/detmath.h"

#include <stdint.h>
#include <string.h>

#include "models/spec/status.h"

/* ln 2 in two parts: HI has 32 significant bits, so that k * HI is exact for every exponent k. */
#define LN2_HI 0x1.62e42fee00000p-1
#define LN2_LO 0x1.a39ef35793c76p-33
#define LOG2_E 0x1.71547652b82fep+0
#define PI_HI 0x1.921fb54442d18p+1
#define ROUND_MAGIC 0x1.8p52 /* adding it leaves no fraction bits of |v| < 2^51: rounds half to even */

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1023 };

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double round_even(double v)
{
    const double shifted = v + ROUND_MAGIC;
    return shifted - ROUND_MAGIC;
}

/* c[0] + x (c[1] + x (... c[n-1])) */
static double horner(const double *c, int n, double x)
{
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--) {
        sum = sum * x + c[i];
    }
    return sum;
}

double pcs_det_exp(double x)
{
    if (x != x) {
        return x;
    }
    if (x < -708.0) {
        return 0.0;
    }
    if (x > 709.0) {
        return from_bits(UINT64_C(0x7ff) << FRACTION_BITS);
    }
    /* x = k ln 2 + (hi - lo), |hi - lo| <= ln(2) / 2; Taylor's series to degree 14 is exact to 2^-60 there. */
    static const double taylor[] = {1.0 / 2,
                                    1.0 / 6,
                                    1.0 / 24,
                                    1.0 / 120,
                                    1.0 / 720,
                                    1.0 / 5040,
                                    1.0 / 40320,
                                    1.0 / 362880,
                                    1.0 / 3628800,
                                    1.0 / 39916800,
                                    1.0 / 479001600,
                                    1.0 / 6227020800.0,
                                    1.0 / 87178291200.0};
    const double k = round_even(x * LOG2_E);
    const double hi = x - k * LN2_HI;
    const double lo = k * LN2_LO;
    const double r = hi - lo;
    const double lost = (hi - r) - lo; /* what the rounding of r dropped */
    const double tail = r * r * horner(taylor, (int)(sizeof taylor / sizeof taylor[0]), r) + lost;
    const double value = 1.0 + (r + tail);
    return value * from_bits((uint64_t)((int64_t)k + EXPONENT_BIAS) << FRACTION_BITS);
}

double pcs_det_log(double x)
{
    const uint64_t bits = to_bits(x);
    const uint64_t exponent = bits >> FRACTION_BITS; /* includes the sign: negative numbers fail the next line */
    PCS_ASSERT(exponent >= 1 && exponent < 0x7ff);
    int64_t k = (int64_t)exponent - EXPONENT_BIAS;
    double m = from_bits((bits & ((UINT64_C(1) << FRACTION_BITS) - 1U)) | ((uint64_t)EXPONENT_BIAS << FRACTION_BITS));
    if (m > 0x1.6a09e667f3bcdp+0) { /* sqrt 2: keeps m in (sqrt(1/2), sqrt(2)] */
        m *= 0.5;
        k++;
    }
    /* log(1 + f) with s = f / (2 + f): 2 s + s^3 (2/3 + 2/5 s^2 + ...) = f - (f^2/2 - s (f^2/2 + series)). */
    static const double series[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                    2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double half = 0.5 * f * f;
    const double r = z * horner(series, (int)(sizeof series / sizeof series[0]), z);
    const double dk = (double)k;
    return dk * LN2_HI - ((half - (s * (half + r) + dk * LN2_LO)) - f);
}

/* sin and cos of pi r, |r| <= 1/4, by Taylor's series. */
static double sin_kernel(double r)
{
    static const double taylor[] = {-1.0 / 6,        1.0 / 120,          -1.0 / 5040,           1.0 / 362880,
                                    -1.0 / 39916800, 1.0 / 6227020800.0, -1.0 / 1307674368000.0};
    const double z = r * PI_HI;
    const double z2 = z * z;
    return z + z * z2 * horner(taylor, (int)(sizeof taylor / sizeof taylor[0]), z2);
}

static double cos_kernel(double r)
{
    static const double taylor[] = {1.0 / 24,        -1.0 / 720,           1.0 / 40320,           -1.0 / 3628800,
                                    1.0 / 479001600, -1.0 / 87178291200.0, 1.0 / 20922789888000.0};
    const double z = r * PI_HI;
    const double z2 = z * z;
    const double half = 0.5 * z2;
    const double w = 1.0 - half;
    const double lost = (1.0 - w) - half;
    return w + (lost + z2 * z2 * horner(taylor, (int)(sizeof taylor / sizeof taylor[0]), z2));
}

/* sin(pi (x + quarters / 2)) */
static double sinpi_shifted(double x, int64_t quarters)
{
    PCS_ASSERT(x >= -0x1p20 && x <= 0x1p20);
    const double n = round_even(2.0 * x);
    const double r = x - 0.5 * n; /* exact */
    switch (((int64_t)n + quarters) & 3) {
    case 0:
        return sin_kernel(r);
    case 1:
        return cos_kernel(r);
    case 2:
        return -sin_kernel(r);
    default:
        return -cos_kernel(r);
    }
}

double pcs_det_cospi(double x)
{
    return sinpi_shifted(x, 1);
}

double pcs_det_sinpi(double x)
{
    return sinpi_shifted(x, 0);
}
