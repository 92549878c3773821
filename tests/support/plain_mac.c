#include "tests/support/plain_mac.h"

#include <string.h>

static unsigned digits(unsigned bits, unsigned digit)
{
    return (bits + digit - 1) / digit;
}

static bool serial(const pcs_array_config_t *array)
{
    return array->kind == PCS_KIND_SERIAL || array->kind == PCS_KIND_SERIAL2D;
}

/* Bits of a field of 2, 4 or 8. */
static unsigned field(unsigned bits)
{
    return bits > 4 ? 8 : bits > 2 ? 4 : 2;
}

static int32_t as_number(uint32_t code, unsigned bits, bool is_signed)
{
    const int32_t value = (int32_t)(code & ((UINT32_C(1) << bits) - 1));
    return is_signed && (value >> (bits - 1)) != 0 ? value - (1 << bits) : value;
}

/* bfp: its mantissas are a serial2d of digits of 2 bits. */
static pcs_array_config_t mantissa_array(const pcs_array_config_t *array)
{
    pcs_array_config_t serial2d = *array;
    serial2d.kind = PCS_KIND_SERIAL2D;
    serial2d.digit = 2;
    return serial2d;
}

static pcs_mode_t mantissa_mode(const pcs_mode_t *mode)
{
    return (pcs_mode_t){.pa = mode->pa, .pb = mode->pb, .a_signed = true, .b_signed = true};
}

/* Places that leave the top bit of an operand that goes digit by digit, or that is left-aligned, at the top. */
static uint32_t at_top(const pcs_array_config_t *array, unsigned bits, uint32_t word)
{
    return (word << (8 - array->digit * digits(bits, array->digit))) & 0xffU;
}

uint32_t plain_mac_align_a(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t word)
{
    switch (array->kind) {
    case PCS_KIND_GATED:
    case PCS_KIND_SERIAL2D:
        return at_top(array, mode->pa, word);
    case PCS_KIND_SERIAL:
        return mode->serial_b ? word & 0xffU : at_top(array, mode->pa, word);
    case PCS_KIND_FUSION:
    case PCS_KIND_FLOAT:
    case PCS_KIND_BFP:
        return word;
    default:
        return word & 0xffU;
    }
}

uint32_t plain_mac_align_b(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t word)
{
    switch (array->kind) {
    case PCS_KIND_GATED:
        return at_top(array, mode->pb, word);
    case PCS_KIND_SERIAL:
        return mode->serial_b ? at_top(array, mode->pb, word) : word & 0xffU;
    case PCS_KIND_FUSION:
    case PCS_KIND_FLOAT:
    case PCS_KIND_BFP:
        return word;
    default:
        return word & 0xffU;
    }
}

void plain_mac_load(const pcs_array_config_t *array, const pcs_mode_t *mode, plain_mac_t *mac, uint32_t a, uint32_t b)
{
    const unsigned digits_a = digits(mode->pa, array->digit);
    const unsigned digits_b = digits(mode->pb, array->digit);
    *mac = (plain_mac_t){.a = a, .b = b, .left = 1};
    if (array->kind == PCS_KIND_SERIAL) {
        mac->left = mode->serial_b ? digits_b : digits_a;
        mac->remaining = (uint8_t)mac->left;
    }
    if (array->kind == PCS_KIND_BFP) {
        const pcs_array_config_t serial2d = mantissa_array(array);
        plain_mac_load(&serial2d, mode, mac, a, b);
        mac->mantissa = plain_mac_align_a(&serial2d, mode, a & 0xffU);
    }
    if (array->kind == PCS_KIND_SERIAL2D) {
        mac->left = digits_a * digits_b;
        mac->remaining = (uint8_t)digits_a;
        mac->inner = (uint8_t)digits_b;
    }
}

/* The digit at the top of an 8-bit register; the first one of a signed operand has a sign. */
static int32_t top_digit(const pcs_array_config_t *array, uint32_t reg, bool has_sign)
{
    return as_number(reg >> (8 - array->digit), array->digit, has_sign);
}

/* Partial product after this clock's digit. */
static int32_t next_partial(const pcs_array_config_t *array, const pcs_mode_t *mode, const plain_mac_t *mac)
{
    const unsigned digit = array->digit;
    const unsigned digits_a = digits(mode->pa, digit);
    const unsigned digits_b = digits(mode->pb, digit);
    if (array->kind == PCS_KIND_SERIAL) {
        const bool first = mac->remaining == (mode->serial_b ? digits_b : digits_a);
        const int32_t serial_digit = mode->serial_b ? top_digit(array, mac->b, mode->b_signed && first)
                                                    : top_digit(array, mac->a, mode->a_signed && first);
        const int32_t parallel =
            mode->serial_b ? as_number(mac->a, 8, mode->a_signed) : as_number(mac->b, 8, mode->b_signed);
        return mac->partial * (1 << digit) + serial_digit * parallel;
    }
    const int32_t digit_a = top_digit(array, mac->a, mode->a_signed && mac->remaining == digits_a);
    const unsigned place = digit * (mac->inner - 1U);
    const int32_t digit_b = as_number(mac->b >> place, digit, mode->b_signed && mac->inner == digits_b);
    const int32_t base = mac->inner == digits_b ? mac->partial * (1 << digit) : mac->partial;
    return base + digit_a * digit_b * (1 << place);
}

void plain_mac_product(const pcs_array_config_t *array, const pcs_mode_t *mode, const plain_mac_t *mac,
                       int32_t product[PCS_ACCS_MAX])
{
    unsigned field_a = field(mode->pa);
    unsigned field_b = field(mode->pb);
    memset(product, 0, PCS_ACCS_MAX * sizeof *product);
    if (serial(array)) {
        product[0] = next_partial(array, mode, mac);
    } else if (array->kind == PCS_KIND_GATED) {
        product[0] = as_number(mac->a >> (8 - mode->pa), mode->pa, mode->a_signed) *
                     as_number(mac->b >> (8 - mode->pb), mode->pb, mode->b_signed);
    } else if (array->kind == PCS_KIND_FUSION) {
        for (unsigned i = 0; i < 8 / field_a * (8 / field_b); i++) {
            product[0] += as_number(mac->a >> (i * field_a), field_a, mode->a_signed) *
                          as_number(mac->b >> (i * field_b), field_b, mode->b_signed);
        }
    } else {
        field_a = field_a > field_b ? field_a : field_b;
        for (unsigned i = 0; i < 8 / field_a; i++) {
            product[i] = as_number(mac->a >> (i * field_a), field_a, mode->a_signed) *
                         as_number(mac->b >> (i * field_a), field_a, mode->b_signed);
        }
    }
}

void plain_mac_clock(const pcs_array_config_t *array, const pcs_mode_t *mode, plain_mac_t *mac)
{
    if (array->kind == PCS_KIND_BFP) {
        const pcs_array_config_t serial2d = mantissa_array(array);
        const pcs_mode_t integers = mantissa_mode(mode);
        plain_mac_t mantissas = *mac;
        mantissas.a = mac->mantissa;
        plain_mac_clock(&serial2d, &integers, &mantissas);
        mac->mantissa = mantissas.a;
        mac->left = mantissas.left;
        mac->remaining = mantissas.remaining;
        mac->inner = mantissas.inner;
        mac->partial = mantissas.partial;
        return;
    }
    if (serial(array)) {
        const bool two = array->kind == PCS_KIND_SERIAL2D;
        const bool pass_done = !two || mac->inner == 1;
        mac->partial = mac->left == 1 ? 0 : next_partial(array, mode, mac);
        if (pass_done && (two || !mode->serial_b)) {
            mac->a = (mac->a << array->digit) & 0xffU;
        }
        if (!two && mode->serial_b) {
            mac->b = (mac->b << array->digit) & 0xffU;
        }
        if (two) {
            mac->inner = (uint8_t)(mac->left == 1 ? 0 : pass_done ? digits(mode->pb, array->digit) : mac->inner - 1U);
        }
        mac->remaining = (uint8_t)(mac->remaining - pass_done);
    }
    mac->left--;
}
