#include "energy/gates/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pcs_status_t pcs_gates_read(const char *path, char **text, pcs_error_t *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    char *data = NULL;
    size_t used = 0;
    pcs_status_t status = PCS_OK;
    for (size_t size = 1U << 16U; status == PCS_OK; size *= 2) {
        char *grown = realloc(data, size + 1);
        if (grown == NULL) {
            status = pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
            break;
        }
        data = grown;
        used += fread(data + used, 1, size - used, file);
        if (ferror(file)) {
            status = pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
        } else if (used < size) {
            break;
        }
    }
    (void)fclose(file);
    if (status != PCS_OK) {
        free(data);
        return status;
    }
    data[used] = '\0';
    *text = data;
    return PCS_OK;
}

uint64_t pcs_gates_hash(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    }
    return hash;
}

size_t pcs_gates_words(char **at, char **word, size_t most)
{
    char *c = *at;
    size_t words = 0;
    while (*c != '\0' && *c != '\n') {
        if (*c == ' ' || *c == '\t' || *c == '\r') {
            *c++ = '\0';
            continue;
        }
        if (words < most) {
            word[words++] = c;
        }
        while (*c != '\0' && strchr(" \t\r\n", *c) == NULL) {
            c++;
        }
    }
    *at = *c == '\0' ? NULL : c + 1;
    *c = '\0';
    return words;
}
