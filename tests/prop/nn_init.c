/* Initial parameters: moments of the normal distribution, independence of the draw's place, a fixed value. */
#include <math.h>
#include <stdio.h>

#include "tests/support/check.h"
#include "workloads/nn/init.h"

enum { COUNT = 1 << 18 };

static float w[COUNT];

/* Mean, variance, kurtosis and the share outside two standard deviations, each within 5 standard errors. */
static void moments(uint64_t seed, double std, double fault)
{
    double sum[5] = {0.0};
    double outside = 0.0;
    pcs_init_normal(seed, 3, std, COUNT, w);
    for (size_t i = 0; i < COUNT; i++) {
        const double z = (double)w[i] / std * fault;
        outside += fabs(z) > 2.0 ? 1.0 / COUNT : 0.0;
        for (int power = 1; power <= 4; power++) {
            sum[power] += pow(z, power) / COUNT;
        }
    }
    const double error = 5.0 / sqrt(COUNT);
    CHECK(fabs(sum[1]) < error, "mean %g", sum[1]);
    CHECK(fabs(sum[2] - 1.0) < error * sqrt(2.0), "variance %g", sum[2]);
    CHECK(fabs(sum[3]) < error * sqrt(15.0), "skewness %g", sum[3]);
    CHECK(fabs(sum[4] - 3.0) < error * sqrt(96.0), "kurtosis %g", sum[4]);
    CHECK(fabs(outside - 0.0455) < error * 0.21, "outside two deviations %g", outside);
    (void)printf("checked %d normals: mean %g variance %g\n", COUNT, sum[1], sum[2]);
}

static void streams(void)
{
    float part[1001];
    float other[1001];
    pcs_init_normal(9, 0, 0.5, 1001, part);
    pcs_init_normal(9, 1, 0.5, 1001, other);
    pcs_init_normal(9, 0, 0.5, COUNT, w);
    int same = 0;
    for (int i = 0; i < 1001; i++) {
        CHECK(part[i] == w[i], "element %d does not depend on the tensor's size", i);
        same += part[i] == other[i];
    }
    CHECK(same < 3, "tensors have streams of their own: %d equal elements", same);
}

int main(int argc, char **argv)
{
    const uint64_t seed = check_seed(argc, argv, 17);
    moments(seed, 0.118, check_flag(argc, argv, "--inject", NULL) ? 1.02 : 1.0);
    streams();
    return check_done("initial parameters");
}
