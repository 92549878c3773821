#include "sim/cli/lockstep.h"

pcs_status_t cli_lockstep_create(const pcs_config_t *config, const pcs_array_config_t *array, cli_lockstep_t **lockstep,
                                 pcs_error_t *err)
{
    (void)array;
    *lockstep = NULL;
    return config->check_every == 0 ? PCS_OK
                                    : pcs_fail(err, PCS_UNSUPPORTED,
                                               "check.every: %u: this build has no RTL bridge; "
                                               "legal: 0",
                                               (unsigned)config->check_every);
}

const char *cli_lockstep_header(void)
{
    return "iteration,cycles,words_compared,differences";
}

void cli_lockstep_attach(cli_lockstep_t *lockstep, cli_append_t *checks, const cli_layers_t *layers)
{
    (void)lockstep;
    (void)checks;
    (void)layers;
}

pcs_status_t cli_lockstep_gemm(cli_lockstep_t *lockstep, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                               pcs_error_t *err)
{
    (void)lockstep;
    (void)gemm;
    (void)plan;
    (void)err;
    return PCS_OK;
}

void cli_lockstep_destroy(cli_lockstep_t *lockstep)
{
    (void)lockstep;
}
