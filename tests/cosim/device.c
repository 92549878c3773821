#include "tests/cosim/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_line(void *user, const char *line)
{
    (void)user;
    (void)puts(line);
}

void device_options(int argc, char **argv, pcs_array_config_t *array, pcs_rtl_options_t *rtl)
{
    *array = (pcs_array_config_t){.rows = 4, .cols = 4, .kind = PCS_KIND_SERIAL, .acc_bits = 32, .digit = 1};
    *rtl = (pcs_rtl_options_t){.message = print_line};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--array") == 0 && i + 4 < argc) {
            array->rows = (unsigned)strtoul(argv[i + 1], NULL, 10);
            array->cols = (unsigned)strtoul(argv[i + 2], NULL, 10);
            array->kind = pcs_kind_by_name(argv[i + 3]);
            array->acc_bits = (unsigned)strtoul(argv[i + 4], NULL, 10);
        } else if (strcmp(argv[i], "--dataflow") == 0 && i + 1 < argc) {
            array->dataflow = pcs_dataflow_by_name(argv[i + 1]);
        } else if (strcmp(argv[i], "--digit") == 0 && i + 1 < argc) {
            array->digit = (unsigned)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--cache") == 0 && i + 1 < argc) {
            rtl->dir = argv[i + 1];
        } else if (strcmp(argv[i], "--root") == 0 && i + 1 < argc) {
            rtl->root = argv[i + 1];
        }
    }
}
