#include "sim/cli/cli.h"

pcs_status_t cli_cosim(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)argc;
    (void)argv;
    (void)exit_status;
    return pcs_fail(err, PCS_UNSUPPORTED, "cosim: this build has no RTL bridge");
}
