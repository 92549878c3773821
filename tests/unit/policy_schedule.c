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

/* The ten schedules of Wolfe & Kyrillidis, written a second time from the paper's table, with libm. */
static double profile(char kind, double z)
{
    const double y = 1.0 - z;
    switch (kind) {
    case 'l':
        return z;
    case 'c':
        return (1.0 - cos(acos(-1.0) * z)) / 2.0;
    case 'e':
        return 1.0 - exp(-4.0 * z);
    default:
        return 1.0 - y / (0.1 + 0.9 * y);
    }
}

static double ten(const char *id, unsigned low, unsigned high, uint64_t period, uint64_t t)
{
    const double d = (double)(high - low);
    const double z = (double)(t % period) / (double)period;
    if (id[1] == 'r' || (t / period) % 2 == 1) {
        return (double)low + d * profile(id[0], z);
    }
    return id[2] == 'h' ? (double)low + d * profile(id[0], 1.0 - z) : (double)high - d * profile(id[0], z);
}

static void ten_schedules(void)
{
    static const char *const ids[] = {"lr", "cr", "er", "rr", "lt", "ct", "etv", "rtv", "eth", "rth"};
    static const uint64_t periods[] = {1, 2, 7, 234, 2000};
    const unsigned bounds[][2] = {{3, 8}, {4, 6}, {2, 8}, {5, 5}, {3, 6}};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
            for (size_t p = 0; p < sizeof periods / sizeof periods[0]; p++) {
                const unsigned low = bounds[b][0];
                const unsigned high = bounds[b][1];
                char spec[32];
                (void)snprintf(spec, sizeof spec, "%s:%u-%u/6", ids[i], low, high);
                /* Four cycles and three iterations of a further one. */
                const pcs_schedule_t schedule = parse(spec, 4 * periods[p] + 3, 4);
                for (uint64_t t = 0; t < schedule.iterations; t++) {
                    const double bits = ten(ids[i], low, high, periods[p], t);
                    if (fabs(bits - floor(bits) - 0.5) > 1e-9) {
                        CHECK_EQ(forward_bits(&schedule, t), (int)rint(bits), "%s T %d t %d: %g", spec, (int)periods[p],
                                 (int)t, bits);
                    }
                }
                CHECK_EQ(forward_bits(&schedule, 0), ids[i][1] == 't' ? high : low, "%s: where it starts", spec);
            }
        }
    }
}

/* Points computed by hand: T = 100, D = 5, t = 0, 25, 50, 75, 99 and the same in the second cycle.  E (1/4) = 0.632,
   E (1/2) = 0.865, E (3/4) = 0.950; R (1/4) = 0.032, R (1/2) = 0.091, R (3/4) = 0.231, R (0.99) = 0.908. */
static void known_points(void)
{
    const struct {
        const char *spec;
        unsigned first[5], second[5];
    } rows[] = {
        {"lr:3-8/8", {3, 4, 6, 7, 8}, {3, 4, 6, 7, 8}},  {"cr:3-8/8", {3, 4, 6, 7, 8}, {3, 4, 6, 7, 8}},
        {"er:3-8/8", {3, 6, 7, 8, 8}, {3, 6, 7, 8, 8}},  {"rr:3-8/8", {3, 3, 3, 4, 8}, {3, 3, 3, 4, 8}},
        {"lt:3-8/8", {8, 7, 6, 4, 3}, {3, 4, 6, 7, 8}},  {"ct:3-8/8", {8, 7, 6, 4, 3}, {3, 4, 6, 7, 8}},
        {"etv:3-8/8", {8, 5, 4, 3, 3}, {3, 6, 7, 8, 8}}, {"rtv:3-8/8", {8, 8, 8, 7, 3}, {3, 3, 3, 4, 8}},
        {"eth:3-8/8", {8, 8, 7, 6, 3}, {3, 6, 7, 8, 8}}, {"rth:3-8/8", {8, 4, 3, 3, 3}, {3, 3, 3, 4, 8}},
    };
    static const uint64_t at[5] = {0, 25, 50, 75, 99};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const pcs_schedule_t schedule = parse(rows[i].spec, 400, 4);
        for (size_t k = 0; k < 5; k++) {
            CHECK_EQ(forward_bits(&schedule, at[k]), rows[i].first[k], "%s t %d", rows[i].spec, (int)at[k]);
            CHECK_EQ(forward_bits(&schedule, 100 + at[k]), rows[i].second[k], "%s t %d", rows[i].spec,
                     (int)(100 + at[k]));
        }
    }
    const pcs_schedule_t cpt = parse("cpt:3-8/8", 1000, 7);
    const pcs_schedule_t cr = parse("cr:3-8/8", 1000, 7);
    for (uint64_t t = 0; t < 1000; t++) {
        CHECK_EQ(forward_bits(&cr, t), forward_bits(&cpt, t), "cr is cpt, t %d", (int)t);
    }
}

/* The groups of saving that the paper reports: large {rr, rth}, medium, small {er, eth}. */
static void groups(void)
{
    static const char *const order[] = {"rr", "rth", "lr", "lt", "cr", "ct", "etv", "rtv", "er", "eth"};
    static const int group[] = {0, 0, 1, 1, 1, 1, 1, 1, 2, 2};
    double cost[10];
    for (size_t i = 0; i < 10; i++) {
        char spec[32];
        (void)snprintf(spec, sizeof spec, "%s:3-8/8", order[i]);
        const pcs_schedule_t schedule = parse(spec, 64000, 8);
        cost[i] = pcs_schedule_bitops(&schedule);
    }
    for (size_t i = 0; i < 10; i++) {
        for (size_t j = 0; j < 10; j++) {
            CHECK(group[i] >= group[j] || cost[i] < cost[j], "%s costs %g, %s %g", order[i], cost[i], order[j],
                  cost[j]);
        }
    }
}

/* Counts against a walk over every iteration, which they replace. */
static void counts(void)
{
    static const char *const specs[] = {"cpt:3-8/8", "lt:2-7/5", "eth:3-8/6", "static:4/7"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        for (uint64_t iterations = 9; iterations < 700; iterations += 31) {
            const pcs_schedule_t schedule = parse(specs[i], iterations, 5);
            pcs_schedule_counts_t walked = {{{0}}};
            pcs_schedule_counts_t counted;
            for (uint64_t t = 0; t < iterations; t++) {
                unsigned fw;
                unsigned bw;
                pcs_schedule_bits(&schedule, t, &fw, &bw);
                walked.n[fw][bw]++;
            }
            pcs_schedule_count(&schedule, &counted);
            CHECK(memcmp(&walked, &counted, sizeof walked) == 0, "%s: counts of %d iterations", specs[i],
                  (int)iterations);
        }
    }
}

static const char file_name[] = "unit_policy_schedule.csv";

static void write_file(const char *text)
{
    FILE *file = fopen(file_name, "w");
    PCS_ASSERT(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void from_file(void)
{
    char spec[64];
    (void)snprintf(spec, sizeof spec, "csv:%s", file_name);
    write_file("iteration,fw_bits,bw_bits\n0,3,8\n1,3,8\n2,5,8\n3,5,6\n4,3,8\n");
    pcs_schedule_t schedule = parse(spec, 5, 1);
    static const unsigned expected[5][2] = {{3, 8}, {3, 8}, {5, 8}, {5, 6}, {3, 8}};
    for (uint64_t t = 0; t < 5; t++) {
        unsigned fw;
        unsigned bw;
        pcs_schedule_bits(&schedule, t, &fw, &bw);
        CHECK(fw == expected[t][0] && bw == expected[t][1], "t %d: %u/%u", (int)t, fw, bw);
    }
    /* 3 (9 + 48) + (25 + 80) + (25 + 60) over 5 iterations of 192 */
    CHECK(fabs(pcs_schedule_bitops(&schedule) - 361.0 / 960.0) < 1e-12, "costs %g", pcs_schedule_bitops(&schedule));
    pcs_schedule_free(&schedule);
    const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", ":1: the first line must be iteration,fw_bits,bw_bits"},
        {"0,3,8\n", ":1: the first line"},
        {"iteration,fw_bits,bw_bits\n", "0 rows"},
        {"iteration,fw_bits,bw_bits\n0,3,8\n", "1 rows, the run has 2"},
        {"iteration,fw_bits,bw_bits\n0,3,8\n1,3,8\n2,3,8\n", "3 rows, the run has 2"},
        {"iteration,fw_bits,bw_bits\n0,3,8\n2,3,8\n", ":3: iteration 2 where 1 belongs"},
        {"iteration,fw_bits,bw_bits\n0,3,8\n1,9,8\n", ":3: 9/8 bits; legal are 2..8"},
        {"iteration,fw_bits,bw_bits\n0,3\n", ":2: '0,3' is not a row"},
        {"iteration,fw_bits,bw_bits\n0,-3,8\n", ":2: '0,-3,8' is not a row"},
        {"iteration,fw_bits,bw_bits\n0,3,8,1\n", ":2: '0,3,8,1' is not a row"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pcs_error_t err = {{0}};
        write_file(rows[i].text);
        CHECK(pcs_schedule_parse(spec, 2, 1, &schedule, &err) != PCS_OK, "file %d must be refused", (int)i);
        CHECK(strstr(err.text, rows[i].says) != NULL, "message '%s' lacks '%s'", err.text, rows[i].says);
    }
    (void)remove(file_name);
    pcs_error_t err = {{0}};
    CHECK_EQ(pcs_schedule_parse(spec, 2, 1, &schedule, &err), PCS_IO, "no file");
    CHECK(strstr(err.text, file_name) != NULL, "message '%s'", err.text);
}

static void refused(void)
{
    const struct {
        const char *spec;
        uint64_t iterations, cycles;
        const char *says;
    } rows[] = {
        {"cpt:1-8/8", 100, 4, "1 bits"},
        {"cpt:3-9/8", 100, 4, "9 bits"},
        {"cpt:3-8/17", 100, 4, "17 bits"},
        {"static:1/8", 100, 4, "1 bits"},
        {"static:8/0", 100, 4, "0 bits"},
        {"cpt:8-3/8", 100, 4, "MIN 8 is above MAX 3"},
        {"cpt:3-8/8", 100, 0, "0 cycles"},
        {"cpt:3-8/8", 100, 101, "101 cycles"},
        {"static:8/8", 100, 0, "0 cycles"},
        {"", 100, 4, "static:FW/BW"},
        {"cpt", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3/8", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3-8", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3-8/", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:3-8/8x", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt: 3-8/8", 100, 4, "cpt:MIN-MAX/BW"},
        {"cpt:-3-8/8", 100, 4, "cpt:MIN-MAX/BW"},
        {"static:3-8/8", 100, 4, "static:FW/BW"},
        {"CPT:3-8/8", 100, 4, "no known kind"},
        {"cpt:99999999999-8/8", 100, 4, "cpt:"},
        {"rr:3-9/8", 100, 4, "9 bits"},
        {"etv:6-4/6", 100, 4, "MIN 6 is above"},
        {"rth:3-8", 100, 4, "rth:MIN-MAX/BW"},
        {"lt:3-8/8", 3, 4, "4 cycles"},
        {"xx:3-8/8", 100, 4, "eth:MIN-MAX/BW"},
        {"rr", 100, 4, "csv:FILE"},
        {"r:3-8/8", 100, 4, "no known kind"},
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
    ten_schedules();
    known_points();
    groups();
    counts();
    from_file();
    tails();
    refused();
    return check_done("schedules");
}
