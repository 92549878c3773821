/* Every product of every pair of codes in every lane, at every precision, signedness and choice of the serial operand:
   for each lane a job whose steps have codes in that lane only, all codes of A by all codes of B.
   --inject: expects one product wrongly. */
#include <stdio.h>

#include "models/array/stream.h"
#include "models/mac/mac.h"
#include "sim/bridge/rtl.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

typedef struct sweep {
    pcs_mode_t mode;
    unsigned lane;
    bool apart;    /* an accumulator for each lane */
    int64_t wrong; /* added to one expected product */
    uint64_t sums; /* that came out */
} sweep_t;

/* Code number i of an operand: all codes in order of their bit patterns. */
static uint8_t code(uint64_t i, unsigned bits, bool is_signed)
{
    return (uint8_t)(pcs_code_min(bits, is_signed) + (int32_t)i);
}

static void fetch_a(void *user, uint64_t m, uint64_t k, size_t count, uint16_t *codes)
{
    const sweep_t *sweep = user;
    for (size_t i = 0; i < count; i++) {
        codes[i] = k + i == sweep->lane ? code(m, sweep->mode.pa, sweep->mode.a_signed) : 0;
    }
}

static void fetch_b(void *user, uint64_t n, uint64_t k, size_t count, uint16_t *codes)
{
    const sweep_t *sweep = user;
    for (size_t i = 0; i < count; i++) {
        codes[i] = k + i == sweep->lane ? code(n, sweep->mode.pb, sweep->mode.b_signed) : 0;
    }
}

static void row(void *user, const pcs_stream_row_t *row)
{
    sweep_t *sweep = user;
    const uint8_t a = code(row->m, sweep->mode.pa, sweep->mode.a_signed);
    const bool hit = !sweep->apart || row->segment == sweep->lane;
    for (uint32_t c = 0; c < row->cols; c++) {
        const uint8_t b = code(row->n0 + c, sweep->mode.pb, sweep->mode.b_signed);
        const int32_t product = pcs_code_value(a, sweep->mode.a_signed) * pcs_code_value(b, sweep->mode.b_signed);
        (void)CHECK_EQ(row->acc[c], (hit ? product : 0) + sweep->wrong,
                       "mode %03x, lane %u, a code 0x%02x, b code 0x%02x", (unsigned)pcs_mode_pack(&sweep->mode),
                       sweep->lane, a, b);
        sweep->wrong = 0;
    }
    sweep->sums += row->cols;
}

static void sweep_mode(pcs_array_dev_t *dev, pcs_mode_t mode, bool inject)
{
    const unsigned lanes = pcs_mac_step(&dev->config, &mode).lanes;
    const bool apart = pcs_kinds[dev->config.kind].accs > 1;
    for (unsigned lane = 0; lane < lanes; lane++) {
        pcs_error_t err = {{0}};
        sweep_t sweep = {.mode = mode, .lane = lane, .apart = apart, .wrong = inject};
        const pcs_stream_job_t job = {
            .job = {.m = UINT64_C(1) << mode.pa,
                    .n = UINT64_C(1) << mode.pb,
                    .k = lanes,
                    .groups = 1,
                    .segment = apart ? 1 : lanes,
                    .mode = mode},
            .user = &sweep,
            .fetch_a = fetch_a,
            .fetch_b = fetch_b,
            .row = row,
        };
        CHECK_OK(pcs_stream_run(dev, &job, 1, &err), &err);
        (void)CHECK_EQ(sweep.sums, (apart ? lanes : 1) * job.job.m * job.job.n, "mode %03x: every pair came out",
                       (unsigned)pcs_mode_pack(&mode));
    }
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_array_config_t array;
    pcs_rtl_options_t options;
    device_options(argc, argv, &array, &options);
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    pcs_array_dev_t *dev = NULL;
    CHECK_OK(pcs_rtl_create(&array, &options, &dev, &err), &err);
    for (unsigned pa = PCS_PREC_MIN; pa <= PCS_PREC_MAX; pa++) {
        for (unsigned pb = PCS_PREC_MIN; pb <= PCS_PREC_MAX; pb++) {
            for (unsigned flags = 0; flags < (array.kind == PCS_KIND_SERIAL ? 8U : 4U); flags++) {
                const pcs_mode_t mode = {.pa = (uint8_t)pa,
                                         .pb = (uint8_t)pb,
                                         .a_signed = (flags & 1U) != 0,
                                         .b_signed = (flags & 2U) != 0,
                                         .serial_b = (flags & 4U) != 0};
                if (!inject || (pa == 5 && pb == 3)) { /* the twin looks where the fault is */
                    sweep_mode(dev, mode, inject && flags == 2);
                }
            }
        }
    }
    pcs_array_dev_destroy(dev);
    return check_done("rtl.product");
}
