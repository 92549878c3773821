/* Finds the shared object of a configuration, or makes it with scripts/verilate. */
#define _GNU_SOURCE /* flock, mkdtemp, nftw */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <libgen.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/bridge/rtl.h"

extern char **environ;

/* What a shared object is made from, beside the files that the first two of these list. */
enum { RECIPE_LISTS = 2 };
static const char *const recipe[] = {"rtl/files.f",          "rtl/gen/mac.f",         "rtl/sva/sva.f",
                                     "rtl/sva/waivers.vlt",  "rtl/sva/pcs_pe_sva.sv", "rtl/sva/pcs_array_sva.sv",
                                     "scripts/verilate",     "sim/bridge/plugin.cpp", "sim/bridge/plugin.h",
                                     "models/array/array.h", "models/spec/spec.h",    "models/spec/status.h"};

enum { TOOL_MISSING = 3 }; /* exit status of scripts/verilate */

typedef char path_t[PCS_RTL_PATH_MAX];

PCS_PRINTF(2, 3) static bool path_set(path_t path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(path, sizeof(path_t), format, args);
    va_end(args);
    return length >= 0 && (size_t)length < sizeof(path_t);
}

static bool readable(const char *path)
{
    return access(path, R_OK) == 0;
}

/* ---- where things are ---- */

/* Directory above the one of the running program: the prefix of an installation. */
static bool program_prefix(path_t prefix)
{
    path_t exe;
    const ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (length < 0) {
        return false;
    }
    exe[length] = '\0';
    return path_set(prefix, "%s", dirname(dirname(exe)));
}

static bool find_root(const pcs_rtl_options_t *options, path_t root)
{
    if (options->root != NULL) {
        return path_set(root, "%s", options->root);
    }
    path_t prefix;
    path_t probe;
    if (program_prefix(prefix) && path_set(root, "%s/share/precess", prefix) &&
        path_set(probe, "%s/%s", root, recipe[0]) && readable(probe)) {
        return true;
    }
    return path_set(root, "%s", PCS_SOURCE_ROOT);
}

pcs_status_t pcs_rtl_root(const pcs_rtl_options_t *options, char root[PCS_RTL_PATH_MAX], pcs_error_t *err)
{
    static const pcs_rtl_options_t none = {0};
    return find_root(options != NULL ? options : &none, root)
               ? PCS_OK
               : pcs_fail(err, PCS_IO, "the path of the RTL's sources is too long");
}

static bool cache_dir(const pcs_rtl_options_t *options, path_t dir)
{
    if (options->dir != NULL) {
        return path_set(dir, "%s", options->dir);
    }
    const char *cache = getenv("XDG_CACHE_HOME");
    if (cache != NULL && cache[0] == '/') {
        return path_set(dir, "%s/precess", cache);
    }
    const char *home = getenv("HOME");
    return home != NULL && path_set(dir, "%s/.cache/precess", home);
}

static bool make_dirs(const char *dir)
{
    path_t part;
    if (!path_set(part, "%s", dir)) {
        return false;
    }
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(part, 0777); /* the last mkdir tells */
        *slash = '/';
    }
    return mkdir(part, 0777) == 0 || errno == EEXIST;
}

/* ---- the name ---- */

static pcs_status_t hash_file(const char *root, const char *name, uint64_t *hash, pcs_error_t *err)
{
    path_t path;
    FILE *file = path_set(path, "%s/%s", root, name) ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s/%s: cannot read this source of the RTL: %s", root, name, strerror(errno));
    }
    int byte = 0;
    while ((byte = fgetc(file)) != EOF) {
        *hash = (*hash ^ (uint8_t)byte) * UINT64_C(0x100000001b3);
    }
    const bool good = ferror(file) == 0;
    (void)fclose(file);
    *hash *= UINT64_C(0x100000001b3); /* separates the files */
    return good ? PCS_OK : pcs_fail(err, PCS_IO, "%s: read error", path);
}

/* FNV-1a of the files that a list names, relative to rtl/. */
static pcs_status_t hash_listed(const char *root, const char *list, uint64_t *hash, pcs_error_t *err)
{
    path_t path;
    FILE *file = path_set(path, "%s/%s", root, list) ? fopen(path, "r") : NULL;
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s/%s: %s", root, list, strerror(errno));
    }
    pcs_status_t status = PCS_OK;
    char line[256];
    while (status == PCS_OK && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char name[sizeof line + 8];
        (void)snprintf(name, sizeof name, "rtl/%s", line);
        status = hash_file(root, name, hash, err);
    }
    (void)fclose(file);
    return status;
}

/* FNV-1a of every file that a shared object is made from. */
static pcs_status_t hash_sources(const char *root, uint64_t *hash, pcs_error_t *err)
{
    *hash = UINT64_C(0xcbf29ce484222325);
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < sizeof recipe / sizeof recipe[0] && status == PCS_OK; i++) {
        status = hash_file(root, recipe[i], hash, err);
    }
    for (size_t i = 0; i < RECIPE_LISTS && status == PCS_OK; i++) {
        status = hash_listed(root, recipe[i], hash, err);
    }
    return status;
}

/* ---- making one ---- */

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void pcs_rtl_remove_tree(const char *path)
{
    (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* The line of a log that says what went wrong: the first warning (they are fatal) or error, else the last. */
static void log_line(const char *work, char line[256])
{
    path_t path;
    FILE *file = path_set(path, "%s/log", work) ? fopen(path, "r") : NULL;
    char next[256];
    line[0] = '\0';
    while (file != NULL && fgets(next, sizeof next, file) != NULL) {
        next[strcspn(next, "\n")] = '\0';
        memcpy(line, next, sizeof next);
        if (strstr(next, "%Warning") != NULL || strstr(next, "rror") != NULL) {
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

typedef char description_t[120];

/* "4x4 serial array, weight-stationary, 2-bit digits, 32-bit accumulators, traced" */
static void describe(const pcs_array_config_t *config, bool traced, description_t text)
{
    char digit[32] = "";
    if (pcs_kinds[config->kind].digit_max > 1) {
        (void)snprintf(digit, sizeof digit, ", %u-bit digits", config->digit);
    }
    (void)snprintf(text, sizeof(description_t), "%ux%u %s array, %s%s, %u-bit accumulators%s", config->rows,
                   config->cols, pcs_kinds[config->kind].name,
                   pcs_rtl_dataflow(config->dataflow) == PCS_DATAFLOW_OS ? "output-stationary" : "weight-stationary",
                   digit, config->acc_bits, traced ? ", traced" : "");
}

/* Runs scripts/verilate, its output in `work`/log; returns its exit status, or -1. */
static int run_recipe(const char *root, const char *work, const pcs_array_config_t *config, bool traced)
{
    path_t script;
    path_t log;
    const unsigned values[] = {
        config->rows,  config->cols, config->kind, config->acc_bits, pcs_rtl_dataflow(config->dataflow),
        config->digit, traced};
    enum { VALUES = sizeof values / sizeof values[0] };
    char numbers[VALUES][16];
    char *argv[3 + VALUES + 1] = {script, (char *)(uintptr_t)root, (char *)(uintptr_t)work};
    for (size_t i = 0; i < VALUES; i++) {
        (void)snprintf(numbers[i], sizeof numbers[i], "%u", values[i]);
        argv[3 + i] = numbers[i];
    }
    if (!path_set(script, "%s/scripts/verilate", root) || !path_set(log, "%s/log", work)) {
        return -1;
    }
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return -1;
    }
    pid_t child = 0;
    int status = -1;
    const bool started = posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0666) == 0 &&
                         posix_spawn_file_actions_adddup2(&actions, 1, 2) == 0 &&
                         posix_spawn(&child, script, &actions, NULL, argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    if (!started || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

static pcs_status_t make_in(const char *root, const char *work, const pcs_array_config_t *config, bool traced,
                            const char *path, pcs_error_t *err)
{
    const int code = run_recipe(root, work, config, traced);
    char line[256];
    log_line(work, line);
    if (code == TOOL_MISSING) {
        description_t text;
        describe(config, traced, text);
        return pcs_fail(err, PCS_UNSUPPORTED,
                        "the %s must be Verilated first, but %s is not installed: apt-get install verilator g++", text,
                        line);
    }
    path_t made;
    if (code != 0 || !path_set(made, "%s/plugin.so", work) || rename(made, path) != 0) {
        return pcs_fail(err, PCS_IO, "Verilating into %s failed: %s", path, code != 0 ? line : strerror(errno));
    }
    return PCS_OK;
}

/* Makes `path` in `dir`.  One process at a time; the result appears under its name when it is complete. */
static pcs_status_t make(const char *root, const char *dir, const char *path, const pcs_array_config_t *config,
                         const pcs_rtl_options_t *options, pcs_error_t *err)
{
    path_t lock;
    path_t work;
    if (!make_dirs(dir) || !path_set(lock, "%s.lock", path) || !path_set(work, "%s/make-XXXXXX", dir)) {
        return pcs_fail(err, PCS_IO, "%s: cannot make this directory: %s", dir, strerror(errno));
    }
    const int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        const int error = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return pcs_fail(err, PCS_IO, "%s: %s", lock, strerror(error));
    }
    pcs_status_t status = PCS_OK;
    if (readable(path)) {
        goto unlock; /* another process made it meanwhile */
    }
    if (mkdtemp(work) == NULL) {
        status = pcs_fail(err, PCS_IO, "%s: %s", work, strerror(errno));
        goto unlock;
    }
    const bool traced = options->trace_file != NULL;
    if (options->message != NULL) {
        description_t text;
        char line[sizeof text + 32];
        describe(config, traced, text);
        (void)snprintf(line, sizeof line, "verilating the %s (once)", text);
        options->message(options->user, line);
    }
    status = make_in(root, work, config, traced, path, err);
    pcs_rtl_remove_tree(work);
unlock:
    (void)close(fd);
    return status;
}

/* Where a configuration's shared object is, or would be made. */
typedef struct place {
    path_t root, dir, path;
    uint64_t hash; /* of the sources in root */
    bool found;
} place_t;

static pcs_status_t find_sources(const pcs_rtl_options_t *options, place_t *place, pcs_error_t *err)
{
    const pcs_status_t status = pcs_rtl_root(options, place->root, err);
    return status == PCS_OK ? hash_sources(place->root, &place->hash, err) : status;
}

static pcs_status_t find(const pcs_array_config_t *config, const pcs_rtl_options_t *options, place_t *place,
                         pcs_error_t *err)
{
    char name[160];
    (void)snprintf(name, sizeof name, "rtl-%s-%ux%u-acc%u-%s-d%u%s-%016" PRIx64 "-%016" PRIx64 ".so",
                   pcs_kinds[config->kind].name, config->rows, config->cols, config->acc_bits,
                   pcs_dataflows[pcs_rtl_dataflow(config->dataflow)].name, config->digit,
                   options->trace_file != NULL ? "-traced" : "", place->hash, pcs_spec_hash());

    path_t dirs[3];
    size_t count = 0;
    path_t prefix;
    if (options->root == NULL) { /* other sources have nothing to do with what was built or installed */
        count += path_set(dirs[count], "%s", PCS_PLUGIN_DIR);
        count += program_prefix(prefix) && path_set(dirs[count], "%s/" PCS_PLUGIN_INSTALL_DIR, prefix);
    }
    const bool have_cache = cache_dir(options, dirs[count]);
    count += have_cache;
    for (size_t i = 0; i < count; i++) {
        if (path_set(place->path, "%s/%s", dirs[i], name) && readable(place->path)) {
            place->found = true;
            return PCS_OK;
        }
    }
    place->found = false;
    if (!have_cache || !path_set(place->dir, "%s", dirs[count - 1]) ||
        !path_set(place->path, "%s/%s", place->dir, name)) {
        return pcs_fail(err, PCS_IO, "no place for Verilated arrays: set XDG_CACHE_HOME or HOME to a directory");
    }
    return PCS_OK;
}

void pcs_rtl_which_made(const pcs_array_config_t *configs, size_t count, const pcs_rtl_options_t *options, bool *made)
{
    const pcs_rtl_options_t none = {0};
    const pcs_rtl_options_t *given = options != NULL ? options : &none;
    pcs_error_t ignored;
    place_t place;
    const bool good = find_sources(given, &place, &ignored) == PCS_OK;
    for (size_t i = 0; i < count; i++) {
        made[i] = good && find(&configs[i], given, &place, &ignored) == PCS_OK && place.found;
    }
}

pcs_status_t pcs_rtl_plugin_path(const pcs_array_config_t *config, const pcs_rtl_options_t *options,
                                 char path[PCS_RTL_PATH_MAX], pcs_error_t *err)
{
    place_t place;
    pcs_status_t status = pcs_array_config_check(config, err);
    status = status == PCS_OK ? find_sources(options, &place, err) : status;
    status = status == PCS_OK ? find(config, options, &place, err) : status;
    if (status == PCS_OK && !place.found) {
        status = make(place.root, place.dir, place.path, config, options, err);
    }
    if (status == PCS_OK) {
        memcpy(path, place.path, PCS_RTL_PATH_MAX);
    }
    return status;
}
