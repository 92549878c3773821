/* Networks by shape against published figures: multiply-accumulates per image, and the GBitOPs of Fu et al. (ICLR 2021)
   for 64,000 iterations of 128 images, read off their plot.  --inject takes a smaller network. */
#include <math.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/policy/schedule.h"
#include "workloads/zoo/shapes.h"
#include "workloads/zoo/zoo.h"

static pcs_shapes_t find(const char *name)
{
    pcs_shapes_t shapes = {.count = 0};
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_shapes_find(name, &shapes, &err), &err);
    return shapes;
}

static double gbitops(const pcs_shapes_t *shapes, const char *spec)
{
    pcs_schedule_t schedule;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_schedule_parse(spec, 64000, 32, &schedule, &err), &err);
    return pcs_schedule_bitops(&schedule) * 192.0 * 64000.0 * 128.0 * (double)pcs_shapes_macs(shapes) * 1e-9;
}

static void published(bool inject)
{
    static const struct {
        const char *name;
        size_t convs;
        double macs, static88, static66, cpt38, cpt36; /* GBitOPs */
    } rows[] = {
        {"resnet38-cifar", 39, 8.328e7, 1.322e8, 0.744e8, 0.838e8, 0.520e8},
        {"resnet74-cifar", 75, 1.6821e8, 2.669e8, 1.503e8, 1.692e8, 1.050e8},
        {"resnet110-cifar", 111, 2.5315e8, 4.015e8, 2.258e8, 2.545e8, 1.580e8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pcs_shapes_t shapes = find(inject ? "resnet20-cifar" : rows[i].name);
        const double macs = (double)pcs_shapes_macs(&shapes);
        CHECK_EQ(shapes.count, rows[i].convs, "%s convolutions", rows[i].name);
        CHECK(fabs(macs / rows[i].macs - 1.0) < 1e-4, "%s: %g MACs per image, published %g", rows[i].name, macs,
              rows[i].macs);
        const struct {
            const char *spec;
            double value;
        } costs[] = {{"static:8/8", rows[i].static88},
                     {"static:6/6", rows[i].static66},
                     {"cpt:3-8/8", rows[i].cpt38},
                     {"cpt:3-6/6", rows[i].cpt36}};
        for (size_t k = 0; k < sizeof costs / sizeof costs[0]; k++) {
            const double got = gbitops(&shapes, costs[k].spec);
            CHECK(fabs(got / costs[k].value - 1.0) < 0.015, "%s %s: %g GBitOPs, published %g", rows[i].name,
                  costs[k].spec, got, costs[k].value);
        }
        pcs_shapes_free(&shapes);
    }
}

/* ResNet-20 by hand: 32 x 32 x 3 -> 16 filters; 6, then 2 x 5 convolutions of 3 x 3 and one of half the input channels
   in each later group; two shortcuts. */
static void by_hand(void)
{
    pcs_shapes_t shapes = find("resnet20-cifar");
    const uint64_t stem = 32 * 32 * 9 * 3 * 16;
    const uint64_t first = 6 * 32 * 32 * 9 * 16 * 16;
    const uint64_t second = 16 * 16 * 9 * 16 * 32 + 5 * 16 * 16 * 9 * 32 * 32 + 16 * 16 * 16 * 32;
    const uint64_t third = 8 * 8 * 9 * 32 * 64 + 5 * 8 * 8 * 9 * 64 * 64 + 8 * 8 * 32 * 64;
    CHECK_EQ(pcs_shapes_macs(&shapes), stem + first + second + third, "resnet20-cifar MACs");
    CHECK_EQ(shapes.count, 21, "resnet20-cifar convolutions");
    for (size_t i = 0; i < shapes.count; i++) {
        CHECK_EQ(shapes.convs[i].first, i == 0, "only the first convolution reads images");
        CHECK_EQ(shapes.convs[i].rectified, i > 0, "all others read rectified tensors");
    }
    pcs_shapes_free(&shapes);
}

static void names(void)
{
    for (size_t i = 0; pcs_zoo_name(i) != NULL; i++) {
        pcs_shapes_t shapes = find(pcs_zoo_name(i));
        CHECK(strcmp(shapes.name, pcs_zoo_name(i)) == 0 && shapes.count > 0 && shapes.convs[0].first, "%s",
              pcs_zoo_name(i));
        pcs_shapes_free(&shapes);
    }
    pcs_shapes_t untouched = {.count = 77};
    pcs_error_t err = {{0}};
    CHECK_EQ(pcs_shapes_find("resnet38", &untouched, &err), PCS_INVALID, "an unknown name");
    CHECK(strstr(err.text, "resnet38-cifar") != NULL && strstr(err.text, "fmnist-tiny") != NULL, "message '%s'",
          err.text);
    CHECK_EQ(untouched.count, 77, "the output stays untouched");
}

int main(int argc, char **argv)
{
    published(check_flag(argc, argv, "--inject", NULL));
    by_hand();
    names();
    return check_done("shapes");
}
