/* Precision schedules: published points, ties, tails, and everything that must be refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/policy/schedule.h"

static pcs_schedule_t parse(const char *spec, uint64_t iterations, uint64_t cycles)
{
    pcs_schedule_t schedule;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_schedule_parse(spec, iterations, cycles, &schedule, &err), &err);
    return schedule;
}

static unsigned forward_bits(const pcs_schedule_t *schedule, uint64_t t)
{
    unsigned fw = 0;
    unsigned bw = 0;
    pcs_schedule_bits(schedule, t, &fw, &bw);
    return fw;
}

static void published_saving(uint64_t cycles)
{
    const pcs_schedule_t cpt = parse("cpt:3-8/8", 64000, cycles);
    const pcs_schedule_t fixed = parse("static:8/8", 64000, 32);
    char text[32];
    (void)snprintf(text, sizeof text, "%.2f %%",
                   100.0 * (1.0 - pcs_schedule_bitops(&cpt) / pcs_schedule_bitops(&fixed)));
    CHECK(strcmp(text, "36.67 %") == 0, "saving %s, published 36.67 %%", text);
    CHECK(pcs_schedule_bitops(&fixed) == 1.0, "static 8/8 costs %g", pcs_schedule_bitops(&fixed));
    const pcs_schedule_t six = parse("static:6/8", 100, 1);
    CHECK(fabs(pcs_schedule_bitops(&six) - 0.6875) < 1e-12, "static 6/8 costs %g", pcs_schedule_bitops(&six));
}

/* Every iteration of a cycle against libm, where the formula is not within rounding of a tie. */
static void formula(unsigned low, unsigned high, uint64_t period)
{
    char spec[32];
    (void)snprintf(spec, sizeof spec, "cpt:%u-%u/8", low, high);
    const pcs_schedule_t schedule = parse(spec, 3 * period, 3);
    for (uint64_t t = 0; t < 3 * period; t++) {
        const double phase = (double)(t % period) / (double)period;
        const double bits = (double)low + 0.5 * (double)(high - low) * (1.0 - cos(acos(-1.0) * phase));
        const bool tie = fabs(bits - floor(bits) - 0.5) < 1e-9;
        const double even = 2.0 * rint(bits / 2.0);
        CHECK_EQ(forward_bits(&schedule, t), (int)(tie ? even : rint(bits)), "%s T %d t %d: %g", spec, (int)period,
                 (int)t, bits);
    }
    CHECK_EQ(forward_bits(&schedule, 0), low, "%s starts at MIN", spec);
    CHECK_EQ(forward_bits(&schedule, period), low, "%s starts each cycle at MIN", spec);
    if (period > 50) {
        CHECK_EQ(forward_bits(&schedule, period - 1), high, "%s ends a cycle at MAX", spec);
    }
}

static void middles(void)
{
    const struct {
        const char *spec;
        unsigned expected;
    } rows[] = {{"cpt:3-8/8", 6}, {"cpt:2-7/8", 4}, {"cpt:3-4/8", 4},
                {"cpt:4-7/8", 6}, {"cpt:4-5/8", 4}, {"cpt:4-8/8", 6}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const pcs_schedule_t schedule = parse(rows[i].spec, 64000, 32);
        CHECK_EQ(forward_bits(&schedule, 1000), rows[i].expected, "%s in mid-cycle", rows[i].spec);
    }
}

static void tails(void)
{
    /* 100 iterations in 3 cycles: T = 33, and one iteration of a fourth cycle, at MIN. */
    const pcs_schedule_t schedule = parse("cpt:3-8/6", 100, 3);
    unsigned fw = 0;
    unsigned bw = 0;
    pcs_schedule_bits(&schedule, 98, &fw, &bw);
    CHECK_EQ(fw, 8, "last iteration of the third cycle");
    pcs_schedule_bits(&schedule, 99, &fw, &bw);
    CHECK_EQ(fw, 3, "the tail");
    CHECK_EQ(bw, 6, "backward bits are constant");
    const pcs_schedule_t dense = parse("cpt:3-8/8", 5, 5);
    for (uint64_t t = 0; t < 5; t++) {
        CHECK_EQ(forward_bits(&dense, t), 3, "a cycle of one iteration");
    }
    const pcs_schedule_t fixed = parse("static:2/7", 3, 8); /* cycles do not matter */
    pcs_schedule_bits(&fixed, 2, &fw, &bw);
    CHECK(fw == 2 && bw == 7, "static bits %u/%u", fw, bw);
}

static void refused(void)
{
    const struct {
        const char *spec;
        uint64_t iterations, cycles;
        const char *says;
    } rows[] = {
        {"cpt:1-8/8", 100, 4, "1 bits"},          {"cpt:3-9/8", 100, 4, "9 bits"},
        {"cpt:3-8/17", 100, 4, "17 bits"},        {"static:1/8", 100, 4, "1 bits"},
        {"static:8/0", 100, 4, "0 bits"},         {"cpt:8-3/8", 100, 4, "MIN 8 is above MAX 3"},
        {"cpt:3-8/8", 100, 0, "0 cycles"},        {"cpt:3-8/8", 100, 101, "101 cycles"},
        {"static:8/8", 100, 0, "0 cycles"},       {"", 100, 4, "static:FW/BW"},
        {"cpt", 100, 4, "cpt:MIN-MAX/BW"},        {"cpt:", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3/8", 100, 4, "cpt:MIN-MAX/BW"},    {"cpt:3-8", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3-8/", 100, 4, "cpt:MIN-MAX/BW"},   {"cpt:3-8/8x", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt: 3-8/8", 100, 4, "cpt:MIN-MAX/BW"}, {"cpt:-3-8/8", 100, 4, "cpt:MIN-MAX/BW"},
        {"static:3-8/8", 100, 4, "static:FW/BW"}, {"CPT:3-8/8", 100, 4, "no known kind"},
        {"cpt:99999999999-8/8", 100, 4, "cpt:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pcs_schedule_t schedule = {.fw_min = 77};
        pcs_error_t err = {{0}};
        CHECK_EQ(pcs_schedule_parse(rows[i].spec, rows[i].iterations, rows[i].cycles, &schedule, &err), PCS_INVALID,
                 "'%s' must be refused", rows[i].spec);
        CHECK(strstr(err.text, rows[i].says) != NULL, "'%s': message '%s' lacks '%s'", rows[i].spec, err.text,
              rows[i].says);
        CHECK_EQ(schedule.fw_min, 77, "'%s' leaves the output untouched", rows[i].spec);
    }
    CHECK(strstr(pcs_schedule_help(), "cpt:MIN-MAX/BW") != NULL, "help names the forms");
}

int main(int argc, char **argv)
{
    published_saving(check_flag(argc, argv, "--inject", NULL) ? 16000 : 32);
    for (unsigned low = 2; low <= 8; low++) {
        for (unsigned high = low; high <= 8; high++) {
            formula(low, high, 234);
            formula(low, high, 7);
            formula(low, high, 2000);
        }
    }
    middles();
    tails();
    refused();
    return check_done("schedules");
}
