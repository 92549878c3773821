#include "sim/cli/convert_block.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/philox.h"

const char cli_target_help[] =
    "--to also    int2..int16, intN:P with P bits below the point; mxfp8-e4m3 mxfp8-e5m2 mxfp6-e3m2 mxfp6-e2m3 mxfp4\n"
    "takes       mxint8 (32 codes a line in; E8M0 scale and 32 elements out; --scale floor|ceil|round-up|even);\n"
    "            nvfp4 (16 codes a line in; UE4M3 scale amax / 6 and 16 elements out, the tensor's scale apart);\n"
    "            bfp:G:M:E, hbfp:G:M:E (G codes in; E bits of shared exponent, G elements of M bits and sign out;\n"
    "            bfp 1.m, hbfp 0.m); radix4-fp4, luq-fp4 (rne, rtz, sr)\n";

static bool parse_integer(const char *name, pcs_integer_t *integer)
{
    char *end = NULL;
    if (strncmp(name, "int", 3) != 0 || name[3] < '1' || name[3] > '9') {
        return false;
    }
    const unsigned long bits = strtoul(name + 3, &end, 10);
    long point = 0;
    if (*end == ':') {
        const char *text = end + 1;
        point = strtol(text, &end, 10);
        end = end == text ? (char *)name : end;
    }
    *integer = (pcs_integer_t){.bits = (unsigned)bits, .point = (int)point};
    return *end == '\0' && bits >= 2 && bits <= 16 && point >= -64 && point <= 64;
}

pcs_status_t cli_target_parse(const char *name, const char *scale, cli_target_t *target, pcs_error_t *err)
{
    *target = (cli_target_t){.kind = CLI_TARGET_NONE};
    const pcs_scale_rule_t rule = scale == NULL ? PCS_SCALE_FLOOR : pcs_scale_rule_by_name(scale);
    const bool mx = strncmp(name, "mx", 2) == 0;
    if (rule == PCS_SCALE_COUNT) {
        return pcs_fail(err, PCS_INVALID, "convert: --scale: '%.40s'; legal: floor|ceil|round-up|even", scale);
    }
    if (scale != NULL && !mx) {
        return pcs_fail(err, PCS_INVALID, "convert: --scale has no meaning for %.40s; legal: with mx formats", name);
    }
    if (mx || strcmp(name, "nvfp4") == 0 || strncmp(name, "bfp", 3) == 0 || strncmp(name, "hbfp", 4) == 0) {
        target->kind = CLI_TARGET_BLOCK;
        pcs_error_t why = {{0}};
        const char *full = strcmp(name, "bfp") == 0 ? "bfp:" : strcmp(name, "hbfp") == 0 ? "hbfp:" : name;
        if (pcs_block_format_parse(full, rule, &target->block, &why) != PCS_OK) {
            return pcs_fail(err, PCS_INVALID, "convert: --to: %.400s", why.text);
        }
        return PCS_OK;
    }
    if (strncmp(name, "int", 3) == 0) {
        target->kind = CLI_TARGET_INTEGER;
        return parse_integer(name, &target->integer)
                   ? PCS_OK
                   : pcs_fail(err, PCS_INVALID, "convert: --to: '%.40s'; legal: int2..int16, intN:P, P -64..64", name);
    }
    const bool radix4 = strcmp(name, "radix4-fp4") == 0;
    if (radix4 || strcmp(name, "luq-fp4") == 0) {
        target->kind = CLI_TARGET_LOG;
        target->log = radix4 ? &pcs_log4_radix4 : &pcs_log4_luq;
    }
    return PCS_OK;
}

size_t cli_target_group(const cli_target_t *target)
{
    return target->kind == CLI_TARGET_BLOCK ? target->block.group : 1;
}

static unsigned element_bits(const cli_target_t *target)
{
    return target->kind == CLI_TARGET_BLOCK     ? pcs_block_format_element_bits(&target->block)
           : target->kind == CLI_TARGET_INTEGER ? target->integer.bits
                                                : 4;
}

static double value_of(pcs_parts_t x)
{
    const double magnitude = x.class_ == PCS_CLASS_NAN   ? (double)NAN
                             : x.class_ == PCS_CLASS_INF ? (double)INFINITY
                                                         : ldexp((double)x.significand, x.exponent);
    return x.sign ? -magnitude : magnitude;
}

static pcs_parts_t decode(const cli_target_t *target, pcs_code_t scale, pcs_code_t code)
{
    return target->kind == CLI_TARGET_BLOCK     ? pcs_block_format_decode(&target->block, scale, code)
           : target->kind == CLI_TARGET_INTEGER ? pcs_integer_decode(&target->integer, code)
                                                : pcs_log4_decode(target->log, code);
}

enum { UE4M3_ONE = 0x38 };

static void print_decoded(const cli_target_t *target, pcs_code_t scale, const pcs_code_t *codes, size_t n,
                          unsigned flags)
{
    char flag_text[CLI_NUMBER_TEXT];
    cli_numbers_flag_text(flags, flag_text);
    (void)printf("=");
    const pcs_format_row_t *e4m3 = &pcs_formats[PCS_FORMAT_E4M3];
    const bool ue4m3 = target->kind == CLI_TARGET_BLOCK && target->block.scale_ue4m3;
    if (target->kind == CLI_TARGET_BLOCK) {
        const int s = target->block.scale_min + (int)scale.bits;
        (void)(s > target->block.scale_max ? printf(" nan *")
               : ue4m3                     ? printf(" %.9g *", value_of(pcs_decode(e4m3, scale)))
                                           : printf(" 2^%d *", s));
    }
    for (size_t i = 0; i < n; i++) {
        const pcs_code_t one = {ue4m3 ? UE4M3_ONE : (uint32_t)-target->block.scale_min};
        const bool scaled = target->kind == CLI_TARGET_BLOCK;
        (void)printf(" %.9g", value_of(decode(target, scaled ? one : scale, codes[i])));
    }
    (void)printf("%s%s%s\n", flags != 0 ? " (" : "", flags != 0 ? flag_text : "", flags != 0 ? ")" : "");
}

void cli_target_print(const cli_target_t *target, const pcs_parts_t *values, size_t n, cli_numbers_t *numbers,
                      bool decoded)
{
    pcs_code_t scale = {0};
    pcs_code_t codes[PCS_BLOCK_GROUP_MAX];
    const pcs_stream_t stream = pcs_stream(numbers->seed, PCS_PURPOSE_ROUND, 0, 0);
    const uint64_t first = numbers->cases * cli_target_group(target);
    cli_numbers_next(numbers);
    switch (target->kind) {
    case CLI_TARGET_BLOCK:
        pcs_block_format_quantize(&target->block, values, n, &numbers->state, &stream, first, &scale, codes);
        (void)printf("%0*" PRIx32 " ", (int)(pcs_block_format_scale_bits(&target->block) + 3U) / 4, scale.bits);
        break;
    case CLI_TARGET_INTEGER:
        codes[0] = pcs_integer_round(&target->integer, values[0], &numbers->state);
        break;
    case CLI_TARGET_LOG:
    case CLI_TARGET_NONE:
        codes[0] = pcs_log4_round(target->log, values[0], &numbers->state);
        break;
    }
    for (size_t i = 0; i < n; i++) {
        (void)printf("%s%0*" PRIx32, i > 0 ? " " : "", (int)(element_bits(target) + 3U) / 4, codes[i].bits);
    }
    char status[CLI_STATUS_TEXT];
    cli_numbers_status_text(numbers->status, numbers->state.flags, status);
    (void)printf("%s\n", status);
    if (decoded) {
        print_decoded(target, scale, codes, n, numbers->state.flags);
    }
}
