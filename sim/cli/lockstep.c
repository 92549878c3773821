#include "sim/cli/lockstep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/device.h"
#include "sim/cosim/cosim.h"
#include "sim/cosim/sampler.h"

struct cli_lockstep {
    bool quiet;
    pcs_cosim_t *cosim;
    pcs_sampler_t *sampler;
    cli_append_t *checks; /* borrowed, as layers */
    const cli_layers_t *layers;
    char dump[CLI_PATH_MAX]; /* beginning of the names of a difference's files */
};

const char *cli_lockstep_header(void)
{
    return "iteration,layer,pass,m0,n0,k0,rows,cols,steps,pa_bits,pb_bits,cycles,words_compared,differences,result";
}

/* One line of checks.csv. */
static pcs_status_t report(void *user, const pcs_sample_t *sample, const pcs_cosim_result_t *result, pcs_error_t *err)
{
    const cli_lockstep_t *lockstep = user;
    const bool found = result->difference.found;
    char line[512];
    (void)snprintf(line, sizeof line, "%" PRIu32 ",%.64s,%s,%zu,%zu,%zu,%u,%u,%u,%u,%u,%" PRIu64 ",%" PRIu64 ",%d,%s",
                   sample->iteration, cli_layer_name(lockstep->layers, sample->layer), pcs_role_name(sample->role),
                   sample->m0, sample->n0, sample->k0, sample->tile.m, sample->tile.n, sample->tile.k,
                   sample->tile.mode.pa, sample->tile.mode.pb, result->clocks, result->words, found ? 1 : 0,
                   found ? "different" : "equal");
    return cli_append_line(lockstep->checks, line, err);
}

static pcs_status_t create(cli_lockstep_t *lockstep, const pcs_config_t *config, const pcs_array_config_t *array,
                           pcs_error_t *err)
{
    cli_path(lockstep->dump, sizeof lockstep->dump, config->output, "difference");
    const pcs_cosim_options_t cosim = {
        .array = *array,
        .rtl = {.seed = config->seed, .message = cli_rtl_message, .user = &lockstep->quiet},
        .dump = lockstep->dump,
    };
    const pcs_sampler_options_t sampler = {
        .seed = config->seed,
        .every = config->check_every,
        .tiles = (size_t)config->check_tiles,
        .steps = (size_t)config->check_steps,
        .report = report,
        .user = lockstep,
    };
    const pcs_status_t status = pcs_cosim_create(&cosim, &lockstep->cosim, err);
    return status == PCS_OK ? pcs_sampler_create(lockstep->cosim, &sampler, &lockstep->sampler, err) : status;
}

pcs_status_t cli_lockstep_create(const pcs_config_t *config, const pcs_array_config_t *array, bool quiet,
                                 cli_lockstep_t **lockstep, pcs_error_t *err)
{
    *lockstep = NULL;
    if (config->check_every == 0) {
        return PCS_OK;
    }
    cli_lockstep_t *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return pcs_fail(err, PCS_MEMORY, "lock-step: out of memory");
    }
    made->quiet = quiet;
    const pcs_status_t status = create(made, config, array, err);
    if (status != PCS_OK) {
        cli_lockstep_destroy(made);
        return status;
    }
    *lockstep = made;
    return PCS_OK;
}

void cli_lockstep_attach(cli_lockstep_t *lockstep, cli_append_t *checks, const cli_layers_t *layers)
{
    lockstep->checks = checks;
    lockstep->layers = layers;
}

pcs_status_t cli_lockstep_gemm(cli_lockstep_t *lockstep, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                               pcs_error_t *err)
{
    return pcs_sampler_gemm(lockstep->sampler, gemm, plan, err);
}

pcs_status_t cli_lockstep_finish(cli_lockstep_t *lockstep, pcs_error_t *err)
{
    return pcs_sampler_finish(lockstep->sampler, err);
}

void cli_lockstep_destroy(cli_lockstep_t *lockstep)
{
    if (lockstep != NULL) {
        pcs_sampler_destroy(lockstep->sampler);
        pcs_cosim_destroy(lockstep->cosim);
        free(lockstep);
    }
}
