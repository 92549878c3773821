#include "sim/cli/operands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/block.h"
#include "sim/cli/format_file.h"
#include "workloads/policy/schedule.h"

static_assert((int)CLI_BLOCK_MAX == (int)PCS_BLOCK_GROUP_MAX, "blocks are those of block formats");

static const char bfp_prefix[] = "bfp:";

pcs_status_t cli_operand_format(const char *what, const char *text, pcs_format_t *format, pcs_error_t *err)
{
    cli_formats_t formats = {.count = 0};
    const pcs_format_row_t *row = NULL;
    const pcs_status_t status = cli_formats_find(&formats, text, &row, err);
    if (status != PCS_OK) {
        return status;
    }
    const bool preset = row >= pcs_formats && row < pcs_formats + PCS_FORMAT_COUNT;
    *format = preset ? (pcs_format_t)(row - pcs_formats) : PCS_FORMAT_COUNT;
    return preset && pcs_format_is_operand(*format) ? PCS_OK
                                                    : pcs_fail(err, PCS_INVALID, "%s: %.40s on an array; legal: %s",
                                                               what, text, pcs_mode_ranges(PCS_KIND_FLOAT));
}

static pcs_status_t parse_float(const char *text, cli_operands_t *operands, pcs_error_t *err)
{
    char fw[PCS_SCHEDULE_NAME];
    char bw[PCS_SCHEDULE_NAME];
    operands->arith = PCS_ARITH_FLOAT;
    operands->schedule = NULL;
    pcs_status_t status = pcs_schedule_formats(text, fw, bw, err);
    status = status == PCS_OK ? cli_operand_format("precision.schedule", fw, &operands->fw, err) : status;
    return status == PCS_OK ? cli_operand_format("precision.schedule", bw, &operands->bw, err) : status;
}

/* Digits up to a colon; *at goes behind it. */
static bool whole(const char **at, uint64_t low, uint64_t high, uint64_t *value)
{
    const size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > 4 || (*at)[digits] != ':') {
        return false;
    }
    *value = strtoull(*at, NULL, 10);
    *at += digits + 1;
    return *value >= low && *value <= high;
}

static pcs_status_t parse_bfp(const char *text, cli_operands_t *operands, pcs_error_t *err)
{
    const char *at = text + strlen(bfp_prefix);
    operands->arith = PCS_ARITH_BFP;
    if (!whole(&at, 1, CLI_BLOCK_MAX, &operands->block) ||
        !whole(&at, CLI_EXPONENT_BITS_MIN, CLI_EXPONENT_BITS, &operands->block_bits)) {
        return pcs_fail(err, PCS_INVALID,
                        "precision.schedule: '%.60s'; legal: bfp:N:E:SPEC, N 1..%d mantissas that share an exponent of "
                        "E %d..%d bits, SPEC a schedule of their bits",
                        text, CLI_BLOCK_MAX, CLI_EXPONENT_BITS_MIN, CLI_EXPONENT_BITS);
    }
    operands->schedule = at;
    return PCS_OK;
}

pcs_status_t cli_operands_parse(const char *text, cli_operands_t *operands, pcs_error_t *err)
{
    *operands = (cli_operands_t){
        .arith = PCS_ARITH_INTEGER, .block = CLI_BLOCK, .block_bits = CLI_EXPONENT_BITS, .schedule = text};
    if (pcs_schedule_float(text) != NULL) {
        return parse_float(text, operands, err);
    }
    return strncmp(text, bfp_prefix, strlen(bfp_prefix)) == 0 ? parse_bfp(text, operands, err) : PCS_OK;
}

pcs_status_t cli_operands_check(const cli_operands_t *operands, pcs_kind_t kind, pcs_error_t *err)
{
    static const char *const legal[] = {[PCS_ARITH_INTEGER] = "bits, such as static:8/8",
                                        [PCS_ARITH_FLOAT] = "float:FW/BW, such as float:e4m3/e5m2",
                                        [PCS_ARITH_BFP] =
                                            "bits of mantissas, such as static:4/4 or bfp:16:8:static:4/4"};
    const pcs_arith_t arith = pcs_kind_arith(kind);
    const bool takes = operands->arith == arith || (operands->arith == PCS_ARITH_INTEGER && arith == PCS_ARITH_BFP);
    return takes ? PCS_OK
                 : pcs_fail(err, PCS_INVALID, "precision.schedule: not for the kind %s; legal: %s",
                            pcs_kinds[kind].name, legal[arith]);
}

pcs_status_t cli_operands_acc_bits(pcs_kind_t kind, uint64_t acc_bits, pcs_error_t *err)
{
    return pcs_kind_is_integer(kind) || acc_bits == CLI_MEASURED_ACC_BITS
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID,
                          "array.acc-bits: %" PRIu64 " with the kind %s, whose energy was measured with %d; legal: %d",
                          acc_bits, pcs_kinds[kind].name, CLI_MEASURED_ACC_BITS, CLI_MEASURED_ACC_BITS);
}
