#include "sim/cli/keys.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/text.h"

#define CLI_STRUCT pcs_config_t
const cli_key_t cli_config_keys[] = {
#define PCS_KEY_UINT CLI_ROW_UINT
#define PCS_KEY_REAL CLI_ROW_REAL
#define PCS_KEY_TEXT CLI_ROW_TEXT
#define PCS_KEY_CHOICE CLI_ROW_CHOICE
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
};
const size_t cli_config_key_count = sizeof cli_config_keys / sizeof cli_config_keys[0];

static void *field(const cli_key_t *key, void *base)
{
    return (char *)base + key->offset;
}

/* Name number `index` of a choice; its length, 0 past the last. */
static size_t choice(const char *names, size_t index, const char **name)
{
    for (; index > 0; index--) {
        names = strchr(names, '|');
        if (names == NULL) {
            return 0;
        }
        names++;
    }
    *name = names;
    return strcspn(names, "|");
}

void cli_key_legal(const cli_key_t *key, char *text, size_t size)
{
    switch (key->type) {
    case CLI_UINT:
        (void)snprintf(text, size, "%" PRIu64 "..%" PRIu64, key->uint_min, key->uint_max);
        break;
    case CLI_REAL:
        (void)snprintf(text, size, "%g..%g", key->real_min, key->real_max);
        break;
    case CLI_TEXT:
        (void)snprintf(text, size, "text of at most %d bytes", PCS_CONFIG_TEXT_MAX - 1);
        break;
    case CLI_CHOICE:
        (void)snprintf(text, size, "%s", key->names);
        break;
    }
}

static pcs_status_t illegal(const cli_key_t *key, const char *text, const char *where, pcs_error_t *err)
{
    char legal[256];
    cli_key_legal(key, legal, sizeof legal);
    return pcs_fail(err, PCS_INVALID, "%s: %s: '%.80s' is not legal; legal: %s", where, key->key, text, legal);
}

/* Decimal digits only: no sign, no blank, no 0x. */
static bool parse_uint(const char *text, uint64_t *value)
{
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno == 0;
}

/* A decimal number in C notation: no blank, hexadecimal, infinity or NaN. */
static bool parse_real(const char *text, double *value)
{
    if (text[0] == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') {
        return false;
    }
    char *end = NULL;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

pcs_status_t cli_key_set(const cli_key_t *key, void *base, const char *text, const char *where, pcs_error_t *err)
{
    void *const at = field(key, base);
    switch (key->type) {
    case CLI_UINT: {
        uint64_t value = 0;
        if (!parse_uint(text, &value) || value < key->uint_min || value > key->uint_max) {
            return illegal(key, text, where, err);
        }
        memcpy(at, &value, sizeof value);
        return PCS_OK;
    }
    case CLI_REAL: {
        double value = 0;
        if (!parse_real(text, &value) || value < key->real_min || value > key->real_max) {
            return illegal(key, text, where, err);
        }
        memcpy(at, &value, sizeof value);
        return PCS_OK;
    }
    case CLI_TEXT:
        if (strlen(text) >= PCS_CONFIG_TEXT_MAX) {
            return illegal(key, text, where, err);
        }
        memcpy(at, text, strlen(text) + 1);
        return PCS_OK;
    case CLI_CHOICE: {
        const char *name = NULL;
        for (unsigned i = 0;; i++) {
            const size_t length = choice(key->names, i, &name);
            if (length == 0) {
                return illegal(key, text, where, err);
            }
            if (strlen(text) == length && memcmp(text, name, length) == 0) {
                memcpy(at, &i, sizeof i);
                return PCS_OK;
            }
        }
    }
    }
    return illegal(key, text, where, err);
}

/* Shortest text that reads back to the same number. */
static void real_text(double value, char *text, size_t size)
{
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value) { /* exact on purpose */
            return;
        }
    }
}

static void value_text(const cli_key_t *key, uint64_t uint_value, double real_value, const char *text_value, char *text,
                       size_t size)
{
    const char *name = "";
    switch (key->type) {
    case CLI_UINT:
        (void)snprintf(text, size, "%" PRIu64, uint_value);
        break;
    case CLI_REAL:
        real_text(real_value, text, size);
        break;
    case CLI_TEXT:
        (void)snprintf(text, size, "%s", text_value);
        break;
    case CLI_CHOICE: {
        const size_t length = choice(key->names, uint_value, &name);
        (void)snprintf(text, size, "%.*s", (int)length, name);
        break;
    }
    }
}

void cli_key_default(const cli_key_t *key, char *text, size_t size)
{
    value_text(key, key->uint_def, key->real_def, key->text_def, text, size);
}

void cli_key_text(const cli_key_t *key, const void *base, char *text, size_t size)
{
    const char *at = (const char *)base + key->offset;
    uint64_t uint_value = 0;
    double real_value = 0;
    if (key->type == CLI_UINT) {
        memcpy(&uint_value, at, sizeof uint_value);
    } else if (key->type == CLI_REAL) {
        memcpy(&real_value, at, sizeof real_value);
    } else if (key->type == CLI_CHOICE) {
        unsigned index = 0;
        memcpy(&index, at, sizeof index);
        uint_value = index;
    }
    value_text(key, uint_value, real_value, at, text, size);
}

/* Length of the section of a key: "train.batch" -> 5; 0 at the top level. */
static size_t section(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot == NULL ? 0 : (size_t)(dot - key);
}

/* Double-quoted YAML scalar. */
static void add_quoted(cli_text_t *out, const char *text)
{
    cli_text_add(out, "\"");
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            cli_text_add(out, "\\%c", *p);
        } else if ((unsigned char)*p < 0x20) {
            cli_text_add(out, "\\x%02x", (unsigned)(unsigned char)*p);
        } else {
            cli_text_add(out, "%c", *p);
        }
    }
    cli_text_add(out, "\"\n");
}

void cli_config_yaml(const pcs_config_t *config, cli_text_t *out)
{
    const char *open = "";
    size_t open_length = 0;
    /* Two passes: keys of the top level stand before the first section, so that no section is opened twice. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < cli_config_key_count; i++) {
            const cli_key_t *key = &cli_config_keys[i];
            const size_t length = section(key->key);
            if ((length == 0) != (pass == 0)) {
                continue;
            }
            if (length != open_length || memcmp(key->key, open, length) != 0) {
                cli_text_add(out, "%.*s:\n", (int)length, key->key);
                open = key->key;
                open_length = length;
            }
            char value[PCS_CONFIG_TEXT_MAX];
            cli_key_text(key, config, value, sizeof value);
            cli_text_add(out, "%s%s: ", length == 0 ? "" : "  ", key->key + (length == 0 ? 0 : length + 1));
            if (key->type == CLI_TEXT) {
                add_quoted(out, value);
            } else {
                cli_text_add(out, "%s\n", value);
            }
        }
    }
}
