#include "sim/cli/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room for `more` bytes and the terminator. */
static int reserve(cli_text_t *text, size_t more)
{
    const size_t need = text->size + more + 1;
    if (text->failed || need <= text->capacity) {
        return !text->failed;
    }
    size_t capacity = text->capacity < 4096 ? 4096 : text->capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    char *data = realloc(text->data, capacity);
    if (data == NULL) {
        text->failed = 1;
        return 0;
    }
    text->data = data;
    text->capacity = capacity;
    return 1;
}

void cli_text_append(cli_text_t *text, const char *bytes, size_t size)
{
    if (reserve(text, size) && size > 0) { /* nothing may come as NULL */
        memcpy(text->data + text->size, bytes, size);
        text->size += size;
        text->data[text->size] = '\0';
    }
}

void cli_text_add(cli_text_t *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    PCS_ASSERT(length >= 0);
    if (reserve(text, (size_t)length)) {
        (void)vsnprintf(text->data + text->size, (size_t)length + 1, format, again);
        text->size += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void cli_text_free(cli_text_t *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}

void cli_path(char *path, size_t size, const char *dir, const char *name)
{
    const int length = snprintf(path, size, "%s/%s", dir, name);
    PCS_ASSERT(length > 0 && (size_t)length < size);
}

pcs_status_t cli_text_write(const cli_text_t *text, const char *dir, const char *name, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    char temporary[CLI_PATH_MAX];
    cli_path(path, sizeof path, dir, name);
    const int length = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    PCS_ASSERT(length > 0 && (size_t)length < sizeof temporary);
    if (text->failed) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    FILE *file = fopen(temporary, "wb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    int good = text->size == 0 || fwrite(text->data, 1, text->size, file) == text->size;
    good = fflush(file) == 0 && good;
    good = good && fsync(fileno(file)) == 0;
    int error = errno;
    if (fclose(file) != 0 && good) {
        good = 0;
        error = errno;
    }
    if (good && rename(temporary, path) != 0) {
        good = 0;
        error = errno;
    }
    if (!good) {
        (void)remove(temporary);
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(error));
    }
    return PCS_OK;
}

pcs_status_t cli_text_read(const char *path, cli_text_t *text, pcs_error_t *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    char block[16384];
    for (size_t n = fread(block, 1, sizeof block, file); n > 0; n = fread(block, 1, sizeof block, file)) {
        cli_text_append(text, block, n);
    }
    cli_text_append(text, "", 0);
    const int error = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (error != 0) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(error));
    }
    return text->failed ? pcs_fail(err, PCS_MEMORY, "%s: out of memory", path) : PCS_OK;
}
