#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/kernels/kernels.h"

static pcs_status_t kernel_missing(pcs_kernel_t kernel, pcs_error_t *err)
{
    char legal[64] = "auto";
    for (unsigned i = PCS_KERNEL_AUTO + 1U; i < PCS_KERNEL_COUNT; i++) {
        if (pcs_kernel_available((pcs_kernel_t)i)) {
            const size_t used = strlen(legal);
            (void)snprintf(legal + used, sizeof legal - used, ", %s", pcs_kernel_name((pcs_kernel_t)i));
        }
    }
    return pcs_fail(err, PCS_UNSUPPORTED, "isa: %s: this processor lacks its instructions; legal here: %s",
                    pcs_kernel_name(kernel), legal);
}

pcs_status_t pcs_engine_create(const pcs_engine_config_t *config, pcs_engine_t **engine, pcs_error_t *err)
{
    pcs_status_t status = pcs_array_config_check(&config->array, err);
    if (status != PCS_OK) {
        return status;
    }
    if (config->threads < 1) {
        return pcs_fail(err, PCS_INVALID, "threads: must be at least 1");
    }
    const bool on_device = config->executor == PCS_EXECUTOR_CYCLE || config->executor == PCS_EXECUTOR_RTL;
    if (on_device && config->dev == NULL) {
        return pcs_fail(err, PCS_INVALID, "executor %s needs an array device", pcs_executor_name(config->executor));
    }
    if (!pcs_kernel_available(config->kernel)) {
        return kernel_missing(config->kernel, err);
    }
    pcs_engine_t *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a GEMM engine");
    }
    made->config = *config;
    made->kernel = pcs_kernel_choose(config->kernel);
    *engine = made;
    return PCS_OK;
}

void pcs_engine_destroy(pcs_engine_t *engine)
{
    if (engine != NULL) {
        pcs_room_free(&engine->scratch);
        pcs_room_free(&engine->wide);
        for (size_t i = 0; i < sizeof engine->sums / sizeof engine->sums[0]; i++) {
            pcs_room_free(&engine->sums[i].classes);
            pcs_room_free(&engine->sums[i].sums);
        }
        free(engine);
    }
}

void *pcs_engine_scratch(pcs_engine_t *engine, size_t bytes)
{
    return pcs_room_take(&engine->scratch, bytes);
}

static pcs_run_fn *const run_by_executor[PCS_EXECUTOR_COUNT] = {
    [PCS_EXECUTOR_REF] = pcs_run_ref,
    [PCS_EXECUTOR_FAST] = pcs_run_fast,
    [PCS_EXECUTOR_CYCLE] = pcs_run_device,
    [PCS_EXECUTOR_RTL] = pcs_run_device,
};

/* One product, or all that an executor takes at once. */
static pcs_status_t run_planned(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                                uint64_t *overflows, pcs_error_t *err)
{
    pcs_run_fn *run = run_by_executor[engine->config.executor];
    pcs_sums_t sums;
    pcs_fast_view_t view;
    if (plan->passes > 1) {
        return pcs_run_wide(engine, gemm, run, overflows, err);
    }
    gemm = engine->config.executor == PCS_EXECUTOR_FAST ? pcs_fast_view(gemm, &view) : gemm;
    const pcs_status_t status = pcs_sums_init(&sums, gemm, engine->config.threads, &engine->sums[0], err);
    return status == PCS_OK ? run(engine, gemm, plan, &sums, overflows, err) : status;
}

static pcs_status_t run_copies(pcs_engine_t *engine, const pcs_gemm_t *gemm, uint64_t *overflows, pcs_error_t *err)
{
    const pcs_engine_config_t *config = &engine->config;
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < gemm->copies && status == PCS_OK; i++) {
        pcs_patch_t patch;
        const pcs_gemm_t copy = pcs_gemm_copy(gemm, i, &patch);
        pcs_plan_t plan;
        uint64_t overflowed = 0;
        status = pcs_gemm_plan(&copy, &config->array, config->serial, &plan, err);
        status = status == PCS_OK ? run_planned(engine, &copy, &plan, &overflowed, err) : status;
        *overflows += overflowed;
    }
    return status;
}

pcs_status_t pcs_gemm_run(pcs_engine_t *engine, const pcs_gemm_t *gemm, pcs_plan_t *plan, uint64_t *overflows,
                          pcs_error_t *err)
{
    const pcs_engine_config_t *config = &engine->config;
    pcs_plan_t planned;
    uint64_t overflowed = 0;
    engine->told = false;
    pcs_status_t status = pcs_gemm_check(gemm, err);
    if (status == PCS_OK) {
        status = pcs_gemm_plan(gemm, &config->array, config->serial, &planned, err);
    }
    if (status == PCS_OK) {
        const bool at_once =
            gemm->copies <= 1 || (config->executor == PCS_EXECUTOR_FAST && pcs_fast_takes_copies(gemm, &planned));
        status = at_once ? run_planned(engine, gemm, &planned, &overflowed, err)
                         : run_copies(engine, gemm, &overflowed, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    if (!engine->told) {
        pcs_watch_all(&gemm->y.watch, config->threads, gemm->m);
    }
    planned.counts.n[PCS_EVENT_OVERFLOW] = overflowed;
    if (status == PCS_OK && config->observe != NULL) {
        status = config->observe(config->observe_user, gemm, &planned, err);
    }
    if (status == PCS_OK) {
        if (plan != NULL) {
            *plan = planned;
        }
        if (overflows != NULL) {
            *overflows = overflowed;
        }
    }
    return status;
}
