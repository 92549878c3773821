#include "sim/cli/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sim/cli/keys.h"
#include "sim/cli/text.h"

/* Files that make a directory a run's. */
static const char *const run_files[] = {
    "run.yaml",     "metrics.csv", "layers.csv",    "checks.csv", "evals.csv",         "bits.csv",      "summary.csv",
    "summary.json", "report.html", "timeline.json", "casts.csv",  "difference.replay", "difference.fst"};
enum { RUN_FILES = sizeof run_files / sizeof run_files[0], CLI_LINE_MAX = 8192 };

void cli_rundir_name(pcs_config_t *config)
{
    if (config->output[0] != '\0') {
        return;
    }
    (void)snprintf(config->output, sizeof config->output, "runs/%.200s-%.200s-%" PRIu64, config->network,
                   config->schedule, config->seed);
    for (char *p = config->output + strlen("runs/"); *p != '\0'; p++) {
        if (*p == '/' || *p == ':') {
            *p = '-';
        }
    }
}

/* Cuts the last component; "." when there is none. */
static void parent(char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(path, ".", 2);
    } else {
        slash[slash == path ? 1 : 0] = '\0';
    }
}

/* The nearest directory that exists, from `dir` upwards. */
static pcs_status_t nearest(const char *dir, char *path, size_t size, pcs_error_t *err)
{
    (void)snprintf(path, size, "%s", dir);
    for (;;) {
        struct stat info;
        if (stat(path, &info) == 0) {
            return S_ISDIR(info.st_mode) ? PCS_OK
                                         : pcs_fail(err, PCS_IO,
                                                    "output: %s: %s is not a directory; legal: a directory "
                                                    "that is writable or can be made",
                                                    dir, path);
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            return pcs_fail(err, PCS_IO, "output: %s: %s", path, strerror(errno));
        }
        parent(path);
    }
}

static const char *existing_file(const char *dir)
{
    for (size_t i = 0; i < RUN_FILES; i++) {
        char path[CLI_PATH_MAX];
        cli_path(path, sizeof path, dir, run_files[i]);
        if (access(path, F_OK) == 0) {
            return run_files[i];
        }
    }
    return NULL;
}

pcs_status_t cli_rundir_check(const char *dir, cli_rundir_mode_t mode, uint64_t need_bytes, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    const pcs_status_t status = nearest(dir, path, sizeof path, err);
    if (status != PCS_OK) {
        return status;
    }
    if (access(path, W_OK | X_OK) != 0) {
        return pcs_fail(err, PCS_IO, "output: %s: %s; legal: a directory that is writable or can be made", path,
                        strerror(errno));
    }
    struct statvfs space;
    if (statvfs(path, &space) == 0) {
        const uint64_t bytes = (uint64_t)space.f_bavail * space.f_frsize;
        if (bytes < need_bytes) {
            return pcs_fail(err, PCS_IO,
                            "output: %s: only %" PRIu64 " kB free; legal: at least %" PRIu64 " kB for this "
                            "run",
                            path, bytes / 1024, need_bytes / 1024);
        }
    }
    const char *found = existing_file(dir);
    if (mode == CLI_RUNDIR_NEW && found != NULL) {
        return pcs_fail(err, PCS_INVALID,
                        "output: %s holds a run already (%s); legal: another --output, --resume to "
                        "continue it or --force to replace it",
                        dir, found);
    }
    if (mode == CLI_RUNDIR_RESUME && found == NULL) {
        return pcs_fail(err, PCS_INVALID,
                        "output: %s holds no run to resume; legal: the directory of an interrupted run", dir);
    }
    return PCS_OK;
}

/* Removes the files of a directory of ours (no sub-directories), and the directory. */
static void remove_flat(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char file[CLI_PATH_MAX];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            cli_path(file, sizeof file, path, entry->d_name);
            (void)unlink(file);
        }
    }
    (void)closedir(dir);
    (void)rmdir(path);
}

pcs_status_t cli_rundir_create(const char *dir, cli_rundir_mode_t mode, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", dir);
    for (char *p = path + 1;; p++) {
        const char at = *p;
        if (at == '/' || at == '\0') {
            *p = '\0';
            if (mkdir(path, 0777) != 0 && errno != EEXIST) {
                return pcs_fail(err, PCS_IO, "output: %s: %s", path, strerror(errno));
            }
            *p = at;
        }
        if (at == '\0') {
            break;
        }
    }
    if (mode == CLI_RUNDIR_FORCE) {
        for (size_t i = 0; i < RUN_FILES; i++) {
            cli_path(path, sizeof path, dir, run_files[i]);
            (void)unlink(path);
        }
        cli_path(path, sizeof path, dir, "checkpoint");
        remove_flat(path);
    }
    return PCS_OK;
}

pcs_status_t cli_append_open(cli_append_t *append, const char *dir, const char *name, const char *header, uint64_t keep,
                             pcs_error_t *err)
{
    cli_path(append->path, sizeof append->path, dir, name);
    append->size = 0;
    append->fd = open(append->path, O_WRONLY | O_APPEND | (keep > 0 ? 0 : O_CREAT | O_TRUNC), 0666);
    if (append->fd < 0) {
        return pcs_fail(err, PCS_IO, "%s: %s", append->path, strerror(errno));
    }
    append->is_open = true;
    if (keep == 0) {
        return cli_append_line(append, header, err);
    }
    struct stat info;
    if (fstat(append->fd, &info) != 0 || (uint64_t)info.st_size < keep) {
        return pcs_fail(err, PCS_FORMAT, "%s: shorter than the checkpoint says (%" PRIu64 " bytes): rows are missing",
                        append->path, keep);
    }
    if (ftruncate(append->fd, (off_t)keep) != 0) {
        return pcs_fail(err, PCS_IO, "%s: %s", append->path, strerror(errno));
    }
    append->size = keep;
    return PCS_OK;
}

pcs_status_t cli_append_line(cli_append_t *append, const char *line, pcs_error_t *err)
{
    char text[CLI_LINE_MAX];
    const int length = snprintf(text, sizeof text, "%s\n", line);
    PCS_ASSERT(length > 0 && (size_t)length < sizeof text);
    const ssize_t written = write(append->fd, text, (size_t)length);
    if (written == length) {
        append->size += (uint64_t)length;
        return PCS_OK;
    }
    const char *reason = written < 0 ? strerror(errno) : "No space left on device"; /* a short write says only that */
    if (ftruncate(append->fd, (off_t)append->size) != 0) {
        return pcs_fail(err, PCS_IO, "%s: %s, and the broken line could not be removed", append->path, reason);
    }
    return pcs_fail(err, PCS_IO, "%s: %s", append->path, reason);
}

pcs_status_t cli_append_sync(cli_append_t *append, pcs_error_t *err)
{
    if (fsync(append->fd) != 0 && errno != EINVAL) { /* EINVAL: not a file that can be synced */
        return pcs_fail(err, PCS_IO, "%s: %s", append->path, strerror(errno));
    }
    return PCS_OK;
}

void cli_append_close(cli_append_t *append)
{
    if (append->is_open) {
        (void)close(append->fd);
        append->is_open = false;
    }
}
