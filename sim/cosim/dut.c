#define _GNU_SOURCE /* mkdtemp, realpath */
#include "sim/cosim/dut.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef char path_t[PCS_RTL_PATH_MAX];

/* to/name -> from/name; one that exists already stays. */
static bool link_entry(const char *from, const char *to, const char *name)
{
    path_t target;
    path_t link;
    return snprintf(target, sizeof target, "%s/%s", from, name) < (int)sizeof target &&
           snprintf(link, sizeof link, "%s/%s", to, name) < (int)sizeof link &&
           (symlink(target, link) == 0 || errno == EEXIST);
}

static bool is_verilog(const char *name)
{
    static const char *const endings[] = {".sv", ".v", ".svh", ".vh"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++) {
        if (strcmp(dot, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Links the entries of a directory, all or the Verilog files, except one. */
static bool link_entries(const char *from, const char *to, bool verilog_only, const char *except)
{
    DIR *dir = opendir(from);
    bool good = dir != NULL;
    for (const struct dirent *entry; good && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, except) != 0 &&
            (!verilog_only || is_verilog(entry->d_name))) {
            good = link_entry(from, to, entry->d_name);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return good;
}

/* A warning about a foreign source does not end the run. */
static bool write_options(const char *rtl)
{
    path_t path;
    FILE *file = snprintf(path, sizeof path, "%s/dut.f", rtl) < (int)sizeof path ? fopen(path, "w") : NULL;
    return file != NULL && (fputs("-Wno-fatal\n", file) >= 0) + (fclose(file) == 0) == 2;
}

/* The project's tree, with a folder rtl/mac of its own and the user's file in it. */
static bool fill(const char *source, const char *file, pcs_kind_t kind, const pcs_dut_t *dut)
{
    path_t from;
    path_t rtl;
    path_t mac;
    path_t copy;
    char name[64];
    (void)snprintf(name, sizeof name, "pcs_mac_%s.sv", pcs_kinds[kind].name);
    if (snprintf(rtl, sizeof rtl, "%s/rtl", dut->root) >= (int)sizeof rtl ||
        snprintf(mac, sizeof mac, "%s/mac", rtl) >= (int)sizeof mac || mkdir(rtl, 0777) != 0 || mkdir(mac, 0777) != 0 ||
        !link_entries(source, dut->root, false, "rtl")) {
        return false;
    }
    if (snprintf(from, sizeof from, "%s/rtl", source) >= (int)sizeof from || !link_entries(from, rtl, false, "mac") ||
        snprintf(from, sizeof from, "%s/rtl/mac", source) >= (int)sizeof from ||
        !link_entries(from, mac, false, name)) {
        return false;
    }
    if (snprintf(copy, sizeof copy, "%s/%s", mac, name) >= (int)sizeof copy || symlink(file, copy) != 0) {
        return false;
    }
    (void)snprintf(from, sizeof from, "%s", file);
    return link_entries(dirname(from), rtl, true, "") && write_options(rtl);
}

pcs_status_t pcs_dut_open(const char *path, pcs_kind_t kind, pcs_dut_t *dut, pcs_error_t *err)
{
    *dut = (pcs_dut_t){{0}, {0}};
    path_t source;
    char *file = realpath(path, NULL);
    struct stat info;
    if (file == NULL || stat(file, &info) != 0 || !S_ISREG(info.st_mode) || access(file, R_OK) != 0) {
        const pcs_status_t status =
            pcs_fail(err, PCS_IO, "%s: cannot read this SystemVerilog file: %s", path,
                     file != NULL && errno == 0 ? "not a file" : strerror(errno != 0 ? errno : EINVAL));
        free(file);
        return status;
    }
    pcs_status_t status = pcs_rtl_root(NULL, source, err);
    if (status == PCS_OK) {
        const char *temporary = getenv("TMPDIR");
        (void)snprintf(dut->root, sizeof dut->root, "%s/precess-dut-XXXXXX", temporary != NULL ? temporary : "/tmp");
        if (mkdtemp(dut->root) == NULL) {
            status = pcs_fail(err, PCS_IO, "%s: cannot make this directory: %s", dut->root, strerror(errno));
            dut->root[0] = '\0';
        } else if (snprintf(dut->cache, sizeof dut->cache, "%s/cache", dut->root) >= (int)sizeof dut->cache ||
                   !fill(source, file, kind, dut)) {
            status = pcs_fail(err, PCS_IO, "%s: cannot link the sources here: %s", dut->root, strerror(errno));
        }
    }
    free(file);
    return status;
}

void pcs_dut_close(pcs_dut_t *dut)
{
    if (dut->root[0] != '\0') {
        pcs_rtl_remove_tree(dut->root);
        dut->root[0] = '\0';
    }
}
