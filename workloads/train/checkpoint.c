#define _POSIX_C_SOURCE 200809L

#include "workloads/train/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/data/hash.h"

#define MAGIC UINT64_C(0x0100504b43534350) /* "PCSCKP", version 1 */

enum { PATH_BYTES = 1280, OUTPUT_MAX = PATH_BYTES - 64 };
enum { WORD_MAGIC, WORD_ITERATION, WORD_FINGERPRINT, WORD_STATE, WORD_CALLER, WORD_COUNT };

#define FORMAT_DIRECTORY "%s/checkpoint"
#define FORMAT_FILE FORMAT_DIRECTORY "/state"

static pcs_status_t fail_errno(pcs_error_t *err, const char *path, const char *doing)
{
    return pcs_fail(err, PCS_IO, "%s: cannot %s: %s", path, doing, strerror(errno));
}

/* ---- directories ----------------------------------------------------------------------------------------------------
 */

/* Cuts the last component off a path: "a/b" -> "a", "a" -> ".", "/a" -> "/". */
static void cut_component(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(path, ".", 2);
    } else {
        slash[slash == path ? 1 : 0] = '\0';
    }
}

pcs_status_t pcs_checkpoint_check(const char *output, pcs_error_t *err)
{
    char path[PATH_BYTES];
    struct stat info;
    if (strlen(output) > OUTPUT_MAX) {
        return pcs_fail(err, PCS_INVALID, "output: a path of %zu bytes is too long", strlen(output));
    }
    memcpy(path, output, strlen(output) + 1U);
    while (stat(path, &info) != 0) {
        if (errno != ENOENT) {
            return fail_errno(err, output, "use as output directory");
        }
        cut_component(path);
    }
    if (!S_ISDIR(info.st_mode)) {
        return pcs_fail(err, PCS_IO, "%s: cannot use as output directory: %s is a file", output, path);
    }
    return access(path, W_OK | X_OK) == 0 ? PCS_OK : fail_errno(err, path, "write into directory");
}

/* Makes a directory and those above it. */
static pcs_status_t make_directories(const char *directory, pcs_error_t *err)
{
    char path[PATH_BYTES];
    const size_t length = strlen(directory);
    memcpy(path, directory, length + 1U);
    for (size_t i = 1; i <= length; i++) {
        const char kept = path[i];
        if (kept == '/' || kept == '\0') {
            path[i] = '\0';
            if (mkdir(path, 0777) != 0 && errno != EEXIST) {
                return fail_errno(err, path, "make directory");
            }
            path[i] = kept;
        }
    }
    return PCS_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------------
 */

typedef struct writer {
    int fd;
    uint64_t hash;
} writer_t;

/* Appends bytes; false with errno set when the system does not take them all. */
static bool put(writer_t *writer, const void *bytes, size_t size)
{
    const char *p = bytes;
    writer->hash = pcs_hash_bytes(writer->hash, bytes, size);
    while (size > 0) {
        const ssize_t written = write(writer->fd, p, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            p += written;
            size -= (size_t)written;
        }
    }
    return true;
}

static bool put_checkpoint(int fd, const pcs_checkpoint_t *c)
{
    writer_t writer = {fd, PCS_HASH_START};
    const size_t text = strlen(c->fingerprint);
    const uint64_t words[WORD_COUNT] = {
        [WORD_MAGIC] = MAGIC,         [WORD_ITERATION] = c->iteration, [WORD_FINGERPRINT] = text,
        [WORD_STATE] = c->state_size, [WORD_CALLER] = c->caller_size,
    };
    if (!put(&writer, words, sizeof words) || !put(&writer, c->fingerprint, text) ||
        !put(&writer, c->state, c->state_size) || !put(&writer, c->caller, c->caller_size)) {
        return false;
    }
    const uint64_t sum = writer.hash;
    return put(&writer, &sum, sizeof sum) && fsync(fd) == 0;
}

/* Makes the rename last through a power failure. */
static bool sync_directory(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        return false;
    }
    const bool good = fsync(fd) == 0;
    return close(fd) == 0 && good;
}

pcs_status_t pcs_checkpoint_write(const char *output, const pcs_checkpoint_t *checkpoint, pcs_error_t *err)
{
    char directory[PATH_BYTES];
    char file[PATH_BYTES];
    char temporary[PATH_BYTES];
    PCS_ASSERT(strlen(output) <= OUTPUT_MAX);
    (void)snprintf(directory, sizeof directory, FORMAT_DIRECTORY, output);
    (void)snprintf(file, sizeof file, FORMAT_FILE, output);
    (void)snprintf(temporary, sizeof temporary, FORMAT_FILE ".new", output);
    pcs_status_t status = make_directories(directory, err);
    if (status != PCS_OK) {
        return status;
    }
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) {
        return fail_errno(err, temporary, "create");
    }
    if (!put_checkpoint(fd, checkpoint)) {
        status = fail_errno(err, temporary, "write");
    }
    if (close(fd) != 0 && status == PCS_OK) {
        status = fail_errno(err, temporary, "write");
    }
    if (status == PCS_OK && rename(temporary, file) != 0) {
        status = fail_errno(err, file, "replace");
    }
    if (status != PCS_OK) {
        (void)unlink(temporary);
        return status;
    }
    return sync_directory(directory) ? PCS_OK : fail_errno(err, directory, "write");
}

/* ---- reading --------------------------------------------------------------------------------------------------------
 */

static pcs_status_t read_file(const char *path, char **bytes, size_t *size, pcs_error_t *err)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fail_errno(err, path, "open checkpoint");
    }
    pcs_status_t status = PCS_OK;
    char *data = NULL;
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        status = pcs_fail(err, PCS_IO, "%s: not a regular file", path);
        goto close_file;
    }
    *size = (size_t)info.st_size;
    data = malloc(*size + 1U);
    if (data == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "%s: no memory for %zu bytes", path, *size);
        goto close_file;
    }
    if (fread(data, 1, *size, file) != *size) {
        free(data);
        status = pcs_fail(err, PCS_IO, "%s: cannot read %zu bytes", path, *size);
        goto close_file;
    }
    *bytes = data;
close_file:
    (void)fclose(file);
    return status;
}

/* Finds the first line of `expected` that `found` (length bytes) does not have at the same place. */
static pcs_status_t compare_fingerprints(const char *path, const char *found, size_t length, const char *expected,
                                         pcs_error_t *err)
{
    const char *end = found + length;
    while (*expected != '\0') {
        const size_t want = strcspn(expected, "\n");
        const char *newline = memchr(found, '\n', (size_t)(end - found));
        const size_t have = newline != NULL ? (size_t)(newline - found) : (size_t)(end - found);
        if (have != want || memcmp(found, expected, want) != 0) {
            return pcs_fail(err, PCS_INVALID, "%s: checkpoint of another run: it has '%.*s', this run has '%.*s'", path,
                            (int)have, found, (int)want, expected);
        }
        expected += want + (expected[want] != '\0');
        found += have + (newline != NULL);
    }
    return found == end ? PCS_OK : pcs_fail(err, PCS_INVALID, "%s: checkpoint of another run: more keys", path);
}

/* Checks everything but the fingerprint and points into the bytes. */
static pcs_status_t parse(const char *path, const char *bytes, size_t size, size_t state_size,
                          pcs_checkpoint_t *checkpoint, size_t *text, pcs_error_t *err)
{
    uint64_t words[WORD_COUNT];
    uint64_t sum;
    if (size < sizeof words + sizeof sum) {
        return pcs_fail(err, PCS_FORMAT, "%s: truncated checkpoint: %zu bytes", path, size);
    }
    memcpy(words, bytes, sizeof words);
    memcpy(&sum, bytes + size - sizeof sum, sizeof sum);
    if (sum != pcs_hash_bytes(PCS_HASH_START, bytes, size - sizeof sum)) {
        return pcs_fail(err, PCS_FORMAT, "%s: damaged checkpoint: its checksum is wrong", path);
    }
    if (words[WORD_MAGIC] != MAGIC) {
        return pcs_fail(err, PCS_FORMAT, "%s: not a checkpoint of this version", path);
    }
    const uint64_t parts = size - sizeof words - sizeof sum;
    if (words[WORD_FINGERPRINT] > parts || words[WORD_STATE] > parts - words[WORD_FINGERPRINT] ||
        words[WORD_CALLER] != parts - words[WORD_FINGERPRINT] - words[WORD_STATE]) {
        return pcs_fail(err, PCS_FORMAT, "%s: damaged checkpoint: its parts do not add up", path);
    }
    *text = (size_t)words[WORD_FINGERPRINT];
    checkpoint->iteration = words[WORD_ITERATION];
    checkpoint->fingerprint = bytes + sizeof words;
    checkpoint->state = bytes + sizeof words + *text;
    checkpoint->state_size = (size_t)words[WORD_STATE];
    checkpoint->caller = bytes + sizeof words + *text + checkpoint->state_size;
    checkpoint->caller_size = (size_t)words[WORD_CALLER];
    if (checkpoint->state_size != state_size) {
        return pcs_fail(err, PCS_FORMAT, "%s: a state of %zu bytes, expected %zu", path, checkpoint->state_size,
                        state_size);
    }
    return PCS_OK;
}

pcs_status_t pcs_checkpoint_read(const char *output, const char *fingerprint, size_t state_size,
                                 pcs_checkpoint_t *checkpoint, void **memory, pcs_error_t *err)
{
    char path[PATH_BYTES];
    char *bytes = NULL;
    size_t size = 0;
    size_t text = 0;
    PCS_ASSERT(strlen(output) <= OUTPUT_MAX);
    (void)snprintf(path, sizeof path, FORMAT_FILE, output);
    pcs_status_t status = read_file(path, &bytes, &size, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_checkpoint_t found = {0};
    status = parse(path, bytes, size, state_size, &found, &text, err);
    /* Another run's state may well have another size: its key says more than the size does. */
    if (found.fingerprint != NULL) {
        const pcs_status_t same = compare_fingerprints(path, found.fingerprint, text, fingerprint, err);
        status = same != PCS_OK ? same : status;
    }
    if (status != PCS_OK) {
        free(bytes);
        return status;
    }
    *checkpoint = found;
    *memory = bytes;
    return PCS_OK;
}
