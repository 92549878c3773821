#include "sim/cli/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/philox.h"
#include "sim/cli/cli.h"

enum { RANDOM_BITS_DEFAULT = 32, CLI_ANSWER_TEXT = 8 + CLI_STATUS_TEXT };
static const char hex_digits[] = "0123456789abcdef";

const char cli_numbers_help[] =
    "formats     e5m2 e4m3 e4m3-ieee e4m3fnuz e5m2fnuz e4m3b11fnuz e3m4 e3m2 e2m3 e2m1 e8m0 e5m3 e6m9\n"
    "            dlfloat16 fp16 bf16 tf32 e8m13 fp32; `precess formats` shows them; e<X>m<Y>: IEEE-like;\n"
    "            binary<K>p<P>se, ...sf, ...uf: P3109 with infinities, finite, finite unsigned; --formats FILE:\n"
    "            {name: n, exponent-bits: 4, mantissa-bits: 3, bias: 9, top: ieee|fn|full|inf,\n"
    "            lowest: subnormal|normal|flush, zero: signed|nan|none, sign: signed|unsigned} in a list `formats:`\n"
    "roundings   rne nearest, ties to even    rna nearest, ties away    rtz toward zero    rup up    rdn down\n"
    "            rto to odd                   sr  stochastic: N random bits are added, the sum is truncated\n"
    "            sr-half the same, half corrected; sr-nearest, after rounding to N bits; sr-compare, up when the\n"
    "            random bits are less; sr-normal as sr, but subnormal results to nearest even\n"
    "overflow    sat max, infinities too      sat-inf max, infinities stay      inf infinity, or NaN without one\n"
    "status      inexact underflow overflow invalid; bits: 01 02 04 10 as in RISC-V and TestFloat.  NaN results are\n"
    "            the quiet NaN with sign 0 and no payload.  Tiny is judged after rounding, or before (--tininess)\n"
    "names       in any case, _ for -; also e4m3fn e4m3b11 e3m2fn e2m3fn e2m1fn e8m0fnu half float16 binary16\n"
    "            bfloat16 float32 single binary32 fp22 1-5-3 1-6-9 dlfloat, and e5m10 e8m7 e8m10 e8m23\n";

const char *cli_numbers_name(const char *text, char name[CLI_NAME_MAX])
{
    const size_t length = strlen(text);
    if (length >= CLI_NAME_MAX) {
        return text;
    }
    for (size_t i = 0; i <= length; i++) {
        name[i] = text[i] == '_' ? '-' : (char)tolower((unsigned char)text[i]);
    }
    return name;
}

void cli_status_count_print(const char *name, uint64_t n, uint64_t of)
{
    (void)printf("%-16s %" PRIu64 " (%.3f %%)\n", name, n, of == 0 ? 0.0 : 100.0 * (double)n / (double)of);
}

void cli_status_counts_print(const cli_status_counts_t *counts)
{
    cli_status_count_print("inexact", counts->inexact, counts->of);
    cli_status_count_print("overflow", counts->overflow, counts->of);
    cli_status_count_print("underflow", counts->underflow, counts->of);
    cli_status_count_print("invalid", counts->invalid, counts->of);
}

void cli_status_counts_json(const cli_status_counts_t *counts, cJSON *object)
{
    (void)cJSON_AddNumberToObject(object, "inexact", (double)counts->inexact);
    (void)cJSON_AddNumberToObject(object, "overflow", (double)counts->overflow);
    (void)cJSON_AddNumberToObject(object, "underflow", (double)counts->underflow);
    (void)cJSON_AddNumberToObject(object, "invalid", (double)counts->invalid);
}

pcs_status_t cli_numbers_scale_code(const char *command, const char *text, pcs_scale_code_t *code,
                                    const pcs_format_row_t **format, pcs_error_t *err)
{
    const bool ue4m3 = text != NULL && strcmp(text, "ue4m3") == 0;
    if (text != NULL && !ue4m3 && strcmp(text, "e8m0") != 0) {
        return pcs_fail(err, PCS_INVALID, "%s: --scale-format: '%.40s'; legal: e8m0|ue4m3", command, text);
    }
    *code = ue4m3 ? PCS_SCALE_CODE_UE4M3 : PCS_SCALE_CODE_E8M0;
    *format = &pcs_formats[ue4m3 ? PCS_FORMAT_E4M3 : PCS_FORMAT_E8M0];
    return PCS_OK;
}

pcs_status_t cli_numbers_whole(const char *command, const char *flag, const char *text, uint64_t low, uint64_t high,
                               uint64_t *value, pcs_error_t *err)
{
    char *end = NULL;
    errno = 0;
    const uint64_t number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < low || number > high) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s: '%.40s'; legal: %" PRIu64 "..%" PRIu64, command, flag, text, low,
                        high);
    }
    *value = number;
    return PCS_OK;
}

static pcs_status_t choose_status(const char *text, const char *command, cli_status_t *status, pcs_error_t *err)
{
    static const char *const names[CLI_STATUS_COUNT] = {"none", "names", "bits"};
    for (int i = 0; text != NULL && i < CLI_STATUS_COUNT; i++) {
        if (strcmp(text, names[i]) == 0) {
            *status = (cli_status_t)i;
            return PCS_OK;
        }
    }
    return text == NULL ? PCS_OK
                        : pcs_fail(err, PCS_INVALID, "%s: --status: '%.40s'; legal: none|names|bits", command, text);
}

pcs_status_t cli_numbers_init(cli_numbers_t *numbers, const cli_numbers_flags_t *flags, const char *command,
                              pcs_error_t *err)
{
    char name[CLI_NAME_MAX];
    const pcs_rounding_t rounding =
        flags->rounding == NULL ? PCS_ROUNDING_RNE : pcs_rounding_by_name(cli_numbers_name(flags->rounding, name));
    if (rounding == PCS_ROUNDING_COUNT) {
        return pcs_fail(err, PCS_INVALID,
                        "%s: --rounding: '%.40s'; legal: rne|rna|rtz|rup|rdn|rto|sr|sr-half|"
                        "sr-nearest|sr-compare|sr-normal",
                        command, flags->rounding);
    }
    const pcs_overflow_t overflow =
        flags->overflow == NULL ? PCS_OVERFLOW_INF : pcs_overflow_by_name(cli_numbers_name(flags->overflow, name));
    if (overflow == PCS_OVERFLOW_COUNT) {
        return pcs_fail(err, PCS_INVALID, "%s: --overflow: '%.40s'; legal: sat|sat-inf|inf", command, flags->overflow);
    }
    if (!pcs_rounding_is_stochastic(rounding) && (flags->random_bits != NULL || flags->seed != NULL)) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s has no meaning without --rounding sr or its kin", command,
                        flags->random_bits != NULL ? "random-bits" : "seed");
    }
    uint64_t bits = RANDOM_BITS_DEFAULT;
    uint64_t seed = 1;
    cli_status_t shown = CLI_STATUS_NONE;
    bool before = false;
    pcs_status_t status = choose_status(flags->status, command, &shown, err);
    if (status == PCS_OK && flags->tininess != NULL) {
        before = strcmp(flags->tininess, "before") == 0;
        if (!before && strcmp(flags->tininess, "after") != 0) {
            status =
                pcs_fail(err, PCS_INVALID, "%s: --tininess: '%.40s'; legal: after|before", command, flags->tininess);
        }
    }
    if (status == PCS_OK && flags->random_bits != NULL) {
        status = cli_numbers_whole(command, "random-bits", flags->random_bits, 1, 32, &bits, err);
    }
    if (status == PCS_OK && flags->seed != NULL) {
        status = cli_numbers_whole(command, "seed", flags->seed, 0, UINT64_MAX, &seed, err);
    }
    *numbers = (cli_numbers_t){
        .state = {.rounding = rounding, .overflow = overflow, .random_bits = (unsigned)bits, .tiny_before = before},
        .seed = seed,
        .status = shown};
    return status;
}

void cli_numbers_next(cli_numbers_t *numbers)
{
    const pcs_stream_t stream = pcs_stream(numbers->seed, PCS_PURPOSE_ROUND, 0, 0);
    numbers->state.flags = 0;
    if (pcs_rounding_is_stochastic(numbers->state.rounding)) {
        numbers->state.random = pcs_philox_u32(&stream, numbers->cases) >> (32U - numbers->state.random_bits);
    }
    numbers->cases++;
}

pcs_status_t cli_numbers_format(cli_formats_t *formats, const char *command, const char *flag, const char *text,
                                const pcs_format_row_t **format, pcs_error_t *err)
{
    *format = NULL;
    pcs_error_t why = {{0}};
    if (text != NULL && cli_formats_find(formats, text, format, &why) != PCS_OK) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s: %.300s", command, flag, why.text);
    }
    if (*format != NULL) {
        return PCS_OK;
    }
    char legal[320] = "";
    size_t used = 0;
    for (size_t i = 0; i < formats->count && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s|", formats->name[i]);
    }
    for (int i = 0; i < PCS_FORMAT_COUNT && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s%s", i == 0 ? "" : "|", pcs_formats[i].name);
    }
    return text == NULL ? pcs_fail(err, PCS_INVALID, "%s: --%s is missing; legal: %s|e<X>m<Y>|binary<K>p<P>se|sf|uf",
                                   command, flag, legal)
                        : pcs_fail(err, PCS_INVALID, "%s: --%s: '%.40s'; legal: %s|e<X>m<Y>|binary<K>p<P>se|sf|uf",
                                   command, flag, text, legal);
}

int cli_numbers_digits(const pcs_format_row_t *format)
{
    return (int)(pcs_format_bits(format) + 3U) / 4;
}

/* Of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static const char between[] = " \t\r,";

/* One code at *text: hexadecimal digits, 0x allowed, ended by what stands between codes or the line's end; moves *text
   behind it. */
static bool read_code(unsigned width, const char **text, pcs_code_t *code)
{
    const char *p = *text + strspn(*text, between);
    p += p[0] == '0' && (p[1] == 'x' || p[1] == 'X') ? 2 : 0;
    const char *const first = p;
    uint64_t bits = 0;
    for (int value = digit(*p); value >= 0 && p - first <= 8; value = digit(*++p)) {
        bits = bits << 4U | (uint64_t)value;
    }
    const bool ended = strchr(between, *p) != NULL; /* the line's end, too */
    if (p == first || p - first > 8 || !ended || bits >> width != 0) {
        return false;
    }
    code->bits = (uint32_t)bits;
    *text = p;
    return true;
}

static bool at_end(const char *text)
{
    return text[strspn(text, between)] == '\0';
}

/* What --verify compares with. */
static bool read_expected(cli_verify_t *verify, const pcs_format_row_t *result, const char **text)
{
    enum { FLAG_BITS = 5 };
    pcs_code_t flags = {0};
    if (!read_code(pcs_format_bits(result), text, &verify->code)) {
        return false;
    }
    verify->has_flags = !at_end(*text);
    const bool good = !verify->has_flags || read_code(FLAG_BITS, text, &flags);
    verify->flags = flags.bits;
    return good;
}

static bool read_line(cli_verify_t *verify, const cli_numbers_field_t *fields, size_t fields_count,
                      const pcs_format_row_t *result, const char *line, pcs_code_t *codes)
{
    for (size_t f = 0; f < fields_count; f++) {
        for (size_t i = 0; i < fields[f].count; i++) {
            if (!read_code(pcs_format_bits(fields[f].format), &line, codes++)) {
                return false;
            }
        }
    }
    return (!verify->on || read_expected(verify, result, &line)) && at_end(line);
}

static pcs_status_t bad_line(const cli_verify_t *verify, const cli_numbers_field_t *fields, size_t fields_count,
                             const pcs_format_row_t *result, pcs_error_t *err)
{
    char legal[260] = "";
    size_t used = 0;
    for (size_t f = 0; f < fields_count && used < sizeof legal; f++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s%zu %s 0..%" PRIx64, f == 0 ? "" : ", then ",
                                 fields[f].count, fields[f].count == 1 ? "hexadecimal code" : "hexadecimal codes,",
                                 (UINT64_C(1) << pcs_format_bits(fields[f].format)) - 1U);
    }
    if (verify->on && used < sizeof legal) {
        (void)snprintf(legal + used, sizeof legal - used, ", then the result 0..%" PRIx64 " and perhaps flags 0..1f",
                       (UINT64_C(1) << pcs_format_bits(result)) - 1U);
    }
    return pcs_fail(err, PCS_INVALID, "standard input:%" PRIu64 ": '%.60s'; legal: %s", verify->number, verify->line,
                    legal);
}

static pcs_status_t verdict(const cli_verify_t *verify, int *exit_status, pcs_error_t *err)
{
    if (verify->cases == 0) {
        return pcs_fail(err, PCS_INVALID, "standard input: there is no case to verify");
    }
    (void)printf("%" PRIu64 " cases, %" PRIu64 " differ\n", verify->cases, verify->different);
    *exit_status = verify->different > 0 ? CLI_EXIT_CHECK_FAILED : CLI_EXIT_FINE;
    return PCS_OK;
}

pcs_status_t cli_numbers_filter(cli_numbers_t *numbers, const cli_numbers_field_t *fields, size_t fields_count,
                                const pcs_format_row_t *result, cli_numbers_run_fn run, void *user, int *exit_status,
                                pcs_error_t *err)
{
    cli_verify_t *verify = &numbers->verify;
    size_t count = 0;
    for (size_t f = 0; f < fields_count; f++) {
        count += fields[f].count;
    }
    pcs_code_t *codes = calloc(count, sizeof *codes);
    if (codes == NULL) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    char *line = NULL;
    size_t capacity = 0;
    pcs_status_t status = PCS_OK;
    ssize_t length = 0;
    while (status == PCS_OK && (length = getline(&line, &capacity, stdin)) >= 0) {
        line[length > 0 && line[length - 1] == '\n' ? length - 1 : length] = '\0';
        verify->line = line;
        verify->number++;
        if (verify->on && (line[0] == '#' || at_end(line))) {
            continue;
        }
        if (strlen(line) + 1 >= (size_t)length && read_line(verify, fields, fields_count, result, line, codes)) {
            run(user, codes);
        } else {
            status = bad_line(verify, fields, fields_count, result, err);
        }
    }
    if (status == PCS_OK && ferror(stdin) != 0) {
        status = pcs_fail(err, PCS_IO, "standard input: %s", strerror(errno));
    }
    free(line);
    free(codes);
    return status == PCS_OK && verify->on ? verdict(verify, exit_status, err) : status;
}

/* strtod under a rounding direction; the C library rounds correctly in all of them. */
static double read_rounded(const char *text, char **end, int direction)
{
    const int before = fegetround();
    (void)fesetround(direction);
    const double x = strtod(text, end);
    (void)fesetround(before);
    return x;
}

pcs_status_t cli_numbers_decimal(const char *text, pcs_parts_t *value, pcs_error_t *err)
{
    char *end = NULL;
    const double down = read_rounded(text, &end, FE_DOWNWARD);
    const double up = read_rounded(text, &end, FE_UPWARD);
    if (end == text || *end != '\0' || strchr(" \t\n\v\f\r", text[0]) != NULL) {
        return pcs_fail(err, PCS_INVALID, "'%.60s' is no number; legal: such as 0.1, -3e5, 0x1.8p3, inf, nan", text);
    }
    *value = (pcs_parts_t){.class_ = PCS_CLASS_FINITE, .sign = signbit(down) != 0 && signbit(up) != 0};
    if (isnan(down)) {
        value->class_ = PCS_CLASS_NAN;
        value->sign = false;
        return PCS_OK;
    }
    if (isinf(down) && isinf(up)) {
        value->class_ = PCS_CLASS_INF;
        return PCS_OK;
    }
    /* The neighbour nearer to zero, with a sticky bit below it when the two differ: rounding it once is correct. */
    const double truncated = fabs(down) < fabs(up) ? fabs(down) : fabs(up);
    if (truncated == 0.0 && down == up) {
        value->class_ = PCS_CLASS_ZERO;
        return PCS_OK;
    }
    value->sign = down < 0.0 || up < 0.0;
    int exponent = 0;
    const uint64_t significand = (uint64_t)ldexp(frexp(truncated, &exponent), 53);
    value->significand = (significand << 10U) | (down != up ? 1U : 0U);
    value->exponent = truncated == 0.0 ? -1200 : exponent - 63;
    return PCS_OK;
}

void cli_numbers_text(const pcs_format_row_t *format, pcs_code_t code, char text[CLI_NUMBER_TEXT])
{
    const pcs_parts_t x = pcs_decode(format, code);
    const char *sign = x.sign ? "-" : "";
    switch (x.class_) {
    case PCS_CLASS_NAN:
        (void)snprintf(text, CLI_NUMBER_TEXT, "%s", x.signaling ? "snan" : "nan");
        return;
    case PCS_CLASS_INF:
        (void)snprintf(text, CLI_NUMBER_TEXT, "%sinf", sign);
        return;
    case PCS_CLASS_ZERO:
        (void)snprintf(text, CLI_NUMBER_TEXT, "%s0", sign);
        return;
    case PCS_CLASS_FINITE:
        break;
    }
    const double magnitude = ldexp((double)x.significand, x.exponent); /* exact: 24 bits, binary32's range */
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, CLI_NUMBER_TEXT, "%s%.*g", sign, digits, magnitude);
        if (fabs(strtod(text, NULL)) == magnitude) {
            return;
        }
    }
}

void cli_numbers_flag_text(unsigned flags, char text[CLI_NUMBER_TEXT])
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{PCS_FLAG_INVALID, "invalid"},
                 {PCS_FLAG_OVERFLOW, "overflow"},
                 {PCS_FLAG_UNDERFLOW, "underflow"},
                 {PCS_FLAG_INEXACT, "inexact"}};
    size_t used = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((flags & names[i].flag) != 0) {
            text[used] = ',';
            used += used > 0 ? 1U : 0U;
            const size_t length = strlen(names[i].name);
            memcpy(text + used, names[i].name, length);
            used += length;
        }
    }
    text[0] = used > 0 ? text[0] : '-';
    text[used > 0 ? used : 1] = '\0';
}

void cli_numbers_status_text(cli_status_t status, unsigned flags, char text[CLI_STATUS_TEXT])
{
    text[0] = '\0';
    if (status == CLI_STATUS_NAMES) {
        text[0] = ' ';
        cli_numbers_flag_text(flags, text + 1);
    } else if (status == CLI_STATUS_BITS) {
        const char bits[] = {' ', hex_digits[flags >> 4U & 15U], hex_digits[flags & 15U], '\0'};
        memcpy(text, bits, sizeof bits);
    }
}

static bool is_nan(const pcs_format_row_t *format, pcs_code_t code)
{
    return pcs_decode(format, code).class_ == PCS_CLASS_NAN;
}

static void answer_text(const pcs_format_row_t *format, pcs_code_t code, cli_status_t status, unsigned flags,
                        char line[CLI_ANSWER_TEXT])
{
    const unsigned n = (unsigned)cli_numbers_digits(format);
    for (unsigned i = 0; i < n; i++) {
        line[i] = hex_digits[code.bits >> 4U * (n - 1U - i) & 15U];
    }
    cli_numbers_status_text(status, flags, line + n);
}

void cli_numbers_answer(cli_numbers_t *numbers, const pcs_format_row_t *format, pcs_code_t code, unsigned flags)
{
    cli_verify_t *verify = &numbers->verify;
    char line[CLI_ANSWER_TEXT];
    if (!verify->on) {
        answer_text(format, code, numbers->status, flags, line);
        (void)puts(line);
        return;
    }
    const bool same = code.bits == verify->code.bits || (is_nan(format, code) && is_nan(format, verify->code));
    verify->cases++;
    if (!same || (verify->has_flags && flags != verify->flags)) {
        verify->different++;
        answer_text(format, code, verify->has_flags ? CLI_STATUS_BITS : CLI_STATUS_NONE, flags, line);
        (void)printf("standard input:%" PRIu64 ": %s: computed %s\n", verify->number, verify->line, line);
    }
}
