/* Arrays that cannot be: refused by every maker of a device, with the legal values, and nothing is made. */
#include <stdio.h>
#include <string.h>

#include "sim/bridge/rtl.h"
#include "tests/support/check.h"

typedef pcs_status_t (*make_t)(const pcs_array_config_t *config, pcs_array_dev_t **dev, pcs_error_t *err);

static pcs_status_t make_rtl(const pcs_array_config_t *config, pcs_array_dev_t **dev, pcs_error_t *err)
{
    return pcs_rtl_create(config, NULL, dev, err);
}

int main(int argc, char **argv)
{
    const pcs_array_config_t good = {4, 4, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1};
    char kinds[16];
    (void)snprintf(kinds, sizeof kinds, "0..%d", PCS_KIND_COUNT - 1);
    struct {
        pcs_array_config_t config;
        const char *what, *legal;
    } bad[] = {
        {good, "rows 0", "1..128"},
        {good, "rows 129", "1..128"},
        {good, "columns 0", "1..128"},
        {good, "columns 65536", "1..128"},
        {good, "MAC kind", kinds},
        {good, "accumulator of 15 bits", "16..48"},
        {good, "accumulator of 49 bits", "16..48"},
        {good, "dataflow 3", "0..2"},
        {good, "digit of 2 bits", "takes 1"},
    };
    bad[0].config.rows = 0;
    bad[1].config.rows = 129;
    bad[2].config.cols = 0;
    bad[3].config.cols = 65536;
    bad[4].config.kind = PCS_KIND_COUNT; /* a kind without RTL or a C model */
    bad[5].config.acc_bits = 15;
    bad[6].config.acc_bits = 49;
    bad[7].config.dataflow = PCS_DATAFLOW_COUNT;
    bad[8].config.digit = 2;
    if (check_flag(argc, argv, "--inject", NULL)) {
        bad[3].config.cols = 4; /* a legal one must not pass for a refused one */
    }
    const make_t make[] = {pcs_array_cycle_create, make_rtl};
    const size_t makes = check_flag(argc, argv, "--inject", NULL) ? 1 : 2; /* the legal one would be Verilated */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (size_t m = 0; m < makes; m++) {
            pcs_error_t err = {{0}};
            pcs_array_dev_t *dev = NULL;
            (void)CHECK_EQ(make[m](&bad[i].config, &dev, &err), PCS_INVALID, "%s is refused", bad[i].what);
            (void)CHECK(strstr(err.text, bad[i].what) != NULL && strstr(err.text, bad[i].legal) != NULL,
                        "%s: the message says it and the legal values: %s", bad[i].what, err.text);
            (void)CHECK(dev == NULL, "%s: nothing is made", bad[i].what);
            pcs_array_dev_destroy(dev);
        }
    }
    return check_done("array configurations");
}
