/* Prints the README's table of configuration keys from workloads/train/config.def. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "models/spec/spec.h"

static void row_text(const char *key, const char *flag, const char *def, const char *legal, const char *help)
{
    (void)printf("| `%s` | `--%s` | %s | %s | %s |\n", key, flag, def, legal, help);
}

static void row_uint(const char *key, const char *flag, uint64_t def, uint64_t min, uint64_t max, const char *help)
{
    char def_text[32];
    char legal[64];
    (void)snprintf(def_text, sizeof def_text, "%" PRIu64, def);
    if (max == UINT64_MAX) {
        (void)snprintf(legal, sizeof legal, "%" PRIu64 "..2^64 - 1", min);
    } else {
        (void)snprintf(legal, sizeof legal, "%" PRIu64 "..%" PRIu64, min, max);
    }
    row_text(key, flag, def_text, legal, help);
}

static void row_real(const char *key, const char *flag, double def, double min, double max, const char *help)
{
    char def_text[32];
    char legal[64];
    (void)snprintf(def_text, sizeof def_text, "%g", def);
    (void)snprintf(legal, sizeof legal, "%g..%g", min, max);
    row_text(key, flag, def_text, legal, help);
}

/* names: "a|b|c"; a table cell separates them with commas */
static void row_choice(const char *key, const char *flag, unsigned def, const char *names, const char *help)
{
    char legal[256] = "";
    char def_text[64] = "";
    unsigned index = 0;
    for (const char *p = names; *p != '\0'; index++) {
        const int length = (int)strcspn(p, "|");
        const size_t used = strlen(legal);
        (void)snprintf(legal + used, sizeof legal - used, "%s%.*s", index == 0 ? "" : ", ", length, p);
        if (index == def) {
            (void)snprintf(def_text, sizeof def_text, "%.*s", length, p);
        }
        p += length + (p[length] == '|' ? 1 : 0);
    }
    row_text(key, flag, def_text, legal, help);
}

int main(void)
{
    (void)puts("| key | flag | default | legal | meaning |\n|---|---|---|---|---|");
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) row_uint(key, flag, (def), (min), (max), help);
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) row_real(key, flag, (def), (min), (max), help);
#define PCS_KEY_TEXT(field, key, flag, def, help) row_text(key, flag, (def)[0] ? def : "(empty)", "text", help);
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) row_choice(key, flag, (def), names, help);
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
    return 0;
}
