/* Makes the shared object of one array at build time, the same way a program does it on demand:
     rtl_plugin DIR STAMP ROWS COLS KIND ACC_BITS [DATAFLOW [DIGIT]] */
#include <stdio.h>
#include <stdlib.h>

#include "sim/bridge/rtl.h"

int main(int argc, char **argv)
{
    if (argc < 7 || argc > 9) {
        (void)fprintf(stderr, "usage: rtl_plugin DIR STAMP ROWS COLS KIND ACC_BITS [DATAFLOW [DIGIT]]\n");
        return 2;
    }
    const pcs_array_config_t config = {
        .rows = (unsigned)strtoul(argv[3], NULL, 10),
        .cols = (unsigned)strtoul(argv[4], NULL, 10),
        .kind = pcs_kind_by_name(argv[5]),
        .acc_bits = (unsigned)strtoul(argv[6], NULL, 10),
        .dataflow = argc > 7 ? pcs_dataflow_by_name(argv[7]) : PCS_DATAFLOW_OS,
        .digit = argc > 8 ? (unsigned)strtoul(argv[8], NULL, 10) : 1,
    };
    const pcs_rtl_options_t options = {.root = PCS_SOURCE_ROOT, .dir = argv[1]};
    char path[PCS_RTL_PATH_MAX];
    pcs_error_t err = {{0}};
    if (pcs_rtl_plugin_path(&config, &options, path, &err) != PCS_OK) {
        (void)fprintf(stderr, "rtl_plugin: %s\n", err.text);
        return 2;
    }
    FILE *stamp = fopen(argv[2], "w");
    if (stamp == NULL || fprintf(stamp, "%s\n", path) < 0 || fclose(stamp) != 0) {
        (void)fprintf(stderr, "rtl_plugin: cannot write %s\n", argv[2]);
        return 2;
    }
    return 0;
}
