/* Every product of every pair of codes at every precision, signedness and choice of the serial operand: K = 1 tiles on
   a 4x4 array multiply four codes of A with four codes of B at a time.  --inject: expects one product wrongly. */
#include <stdio.h>

#include "models/array/drive.h"
#include "models/mac/mac.h"
#include "sim/bridge/rtl.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

enum { SIDE = 4 };

typedef struct sweep {
    pcs_mode_t mode;
    unsigned a_codes, b_codes;  /* 2^pa, 2^pb */
    unsigned a, b;              /* first codes of the tile being offered */
    unsigned out_a, out_b, row; /* ... being drained */
    int64_t wrong;              /* added to one expected product */
    uint8_t code_a[SIDE], code_b[SIDE];
} sweep_t;

/* Code number i of an operand: all codes in order of their bit patterns. */
static uint8_t code(unsigned i, unsigned bits, bool is_signed)
{
    return (uint8_t)(pcs_code_min(bits, is_signed) + (int32_t)i);
}

static void advance(const sweep_t *sweep, unsigned *a, unsigned *b)
{
    *b += SIDE;
    if (*b == sweep->b_codes) {
        *b = 0;
        *a += SIDE;
    }
}

static bool next(void *user, pcs_array_in_t *in)
{
    sweep_t *sweep = user;
    if (sweep->a == sweep->a_codes) {
        return false;
    }
    for (unsigned i = 0; i < SIDE; i++) {
        sweep->code_a[i] = code(sweep->a + i, sweep->mode.pa, sweep->mode.a_signed);
        sweep->code_b[i] = code(sweep->b + i, sweep->mode.pb, sweep->mode.b_signed);
    }
    in->first = true;
    in->last = true;
    in->mode = pcs_mode_pack(&sweep->mode);
    in->rows = SIDE;
    in->cols = SIDE;
    in->a = sweep->code_a;
    in->b = sweep->code_b;
    advance(sweep, &sweep->a, &sweep->b);
    return true;
}

static void row(void *user, const pcs_array_out_t *out)
{
    sweep_t *sweep = user;
    const unsigned r = SIDE - 1 - sweep->row;
    const uint8_t a = code(sweep->out_a + r, sweep->mode.pa, sweep->mode.a_signed);
    for (unsigned c = 0; c < SIDE; c++) {
        const uint8_t b = code(sweep->out_b + c, sweep->mode.pb, sweep->mode.b_signed);
        const int64_t product =
            (int64_t)pcs_code_value(a, sweep->mode.a_signed) * pcs_code_value(b, sweep->mode.b_signed) + sweep->wrong;
        sweep->wrong = 0;
        (void)CHECK_EQ(out->acc[c], product, "mode %03x, a code 0x%02x, b code 0x%02x",
                       (unsigned)pcs_mode_pack(&sweep->mode), a, b);
    }
    if (++sweep->row == SIDE) {
        sweep->row = 0;
        advance(sweep, &sweep->out_a, &sweep->out_b);
    }
}

static void sweep_mode(pcs_array_dev_t *dev, pcs_mode_t mode, bool inject)
{
    pcs_error_t err = {{0}};
    sweep_t sweep = {.mode = mode, .a_codes = 1U << mode.pa, .b_codes = 1U << mode.pb, .wrong = inject};
    const pcs_drive_t drive = {.user = &sweep, .next = next, .row = row};
    CHECK_OK(pcs_array_drive(dev, &drive, &err), &err);
    (void)CHECK_EQ(sweep.out_a, sweep.a_codes, "mode %03x: every pair came out", (unsigned)pcs_mode_pack(&mode));
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
                sweep_mode(dev, mode, inject && pa == 5 && pb == 3 && flags == 2);
            }
        }
    }
    pcs_array_dev_destroy(dev);
    return check_done("rtl.product");
}
