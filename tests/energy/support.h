/* A table written to a temporary file. */
#ifndef PCS_TESTS_ENERGY_SUPPORT_H
#define PCS_TESTS_ENERGY_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TABLE_COLUMNS "event,kind,pa,pb,energy,unit,node_nm,voltage_v,source"
#define TABLE_HEADER TABLE_COLUMNS "\n"

/* Writes `text` to a new temporary file; `path` has room for 64 bytes. */
static inline void write_table(const char *text, char *path)
{
    (void)snprintf(path, 64, "pcs-table-XXXXXX");
    const int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        (void)fprintf(stderr, "cannot write a temporary file\n");
        exit(1);
    }
}

#endif
