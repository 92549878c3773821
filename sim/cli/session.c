#include "sim/cli/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "models/spec/spec.h"
#include "sim/cli/build_info.h"
#include "sim/cli/device.h"
#include "sim/cli/keys.h"
#include "sim/cli/memory.h"
#include "sim/cli/report.h"
#include "sim/cli/schedule.h"
#include "sim/cli/stop.h"
#include "workloads/policy/schedule.h"

enum { ROW_BYTES = 512 };                      /* generous estimate of one row of metrics.csv and checks.csv */
static const uint64_t fixed_bytes = 8U << 20U; /* checkpoint, report and the like */

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

static pcs_status_t observe(void *user, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    cli_session_t *session = user;
    const pcs_profile_t *profile = session->profiling ? &session->profile.hook : NULL;
    const bool forward = gemm->role == PCS_ROLE_FORWARD;
    /* The GEMM ends here; what follows is the price of watching it. */
    pcs_profile_mark(profile, gemm->layer + 1U, forward ? PCS_PASS_FORWARD : PCS_PASS_BACKWARD,
                     (pcs_stage_t)((unsigned)PCS_STAGE_FORWARD + (unsigned)gemm->role));
    pcs_status_t status = cli_collect_gemm(&session->collect, gemm, plan, err);
    if (status == PCS_OK && session->lockstep != NULL) {
        status = cli_lockstep_gemm(session->lockstep, gemm, plan, err);
    }
    pcs_profile_mark(profile, 0, PCS_PASS_STEP, PCS_STAGE_OTHER);
    return status;
}

static pcs_status_t append_text(cli_append_t *append, cli_text_t *row, pcs_error_t *err)
{
    const pcs_status_t status = row->failed ? pcs_fail(err, PCS_MEMORY, "%s: out of memory", append->path)
                                            : cli_append_line(append, row->data, err);
    cli_text_free(row);
    return status;
}

static pcs_status_t on_iteration(void *user, const pcs_train_progress_t *progress, pcs_error_t *err)
{
    cli_session_t *session = user;
    cli_iteration_t sums;
    pcs_status_t status = session->fp32 ? PCS_OK
                                        : cli_collect_commit(&session->collect, progress->iteration, progress->fw_bits,
                                                             progress->bw_bits, &sums, err);
    if (status == PCS_OK && session->lockstep != NULL) {
        status = cli_lockstep_finish(session->lockstep, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    cli_text_t row = {0};
    cli_metrics_row(progress, session->fp32 ? NULL : &sums, session->config.clock_mhz, &row);
    status = append_text(&session->metrics, &row, err);
    if (status != PCS_OK) {
        return status;
    }
    cli_progress_iteration(&session->progress, progress);
    if (session->profiling) {
        cli_profile_step(&session->profile);
    }
    return cli_stop_requested() ? pcs_fail(err, PCS_INTERRUPTED,
                                           "stopped after iteration %" PRIu64 " of %" PRIu64
                                           "; to go on: precess train --resume --output %s",
                                           progress->iteration + 1, progress->iterations, session->config.output)
                                : PCS_OK;
}

static pcs_status_t on_evaluated(void *user, const pcs_train_eval_t *eval, pcs_error_t *err)
{
    cli_session_t *session = user;
    cli_progress_eval(&session->progress, eval);
    cli_profile_skip(&session->profile);
    cli_text_t row = {0};
    cli_evals_row(eval, &row);
    return append_text(&session->evals, &row, err);
}

/* The caller's part of a checkpoint: how long each growing file was, then the collector. */
static pcs_status_t on_save(void *user, const void **bytes, size_t *size, pcs_error_t *err)
{
    cli_session_t *session = user;
    cli_append_t *const files[3] = {&session->metrics, &session->evals, &session->checks};
    uint64_t sizes[3];
    for (size_t i = 0; i < 3; i++) {
        const pcs_status_t status = files[i]->is_open ? cli_append_sync(files[i], err) : PCS_OK;
        if (status != PCS_OK) {
            return status;
        }
        sizes[i] = files[i]->size;
    }
    cli_text_free(&session->blob);
    cli_text_append(&session->blob, (const char *)sizes, sizeof sizes);
    cli_collect_save(&session->collect, &session->blob);
    if (session->blob.failed) {
        return pcs_fail(err, PCS_MEMORY, "checkpoint: out of memory");
    }
    *bytes = session->blob.data;
    *size = session->blob.size;
    return PCS_OK;
}

static pcs_status_t on_restore(void *user, const void *bytes, size_t size, uint64_t iteration, pcs_error_t *err)
{
    (void)iteration;
    cli_session_t *session = user;
    if (size < sizeof session->keep) {
        return pcs_fail(err, PCS_FORMAT,
                        "checkpoint: its statistics are %zu bytes; legal: a checkpoint that precess "
                        "train wrote",
                        size);
    }
    memcpy(session->keep, bytes, sizeof session->keep);
    return cli_collect_restore(&session->collect, (const char *)bytes + sizeof session->keep,
                               size - sizeof session->keep, err);
}

/* ---- open -------------------------------------------------------------------------------------------------------- */

/* What only an array needs: binary32 does without all of it. */
static pcs_status_t open_engines(cli_session_t *session, pcs_error_t *err)
{
    const pcs_config_t *config = &session->config;
    pcs_engine_config_t engine = {
        .executor = (pcs_executor_t)config->executor,
        .array = session->array,
        .serial = (pcs_serial_t)config->serial,
        .kernel = (pcs_kernel_t)config->kernel,
        .threads = config->threads > 0 ? (unsigned)config->threads : (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
        .dev = session->dev,
        .observe = observe,
        .observe_user = session,
    };
    const pcs_status_t status = pcs_engine_create(&engine, &session->engine, err);
    /* The test set is no part of training's time and energy: nobody observes it, and it goes the fast way to the same
       bits. */
    engine.executor = PCS_EXECUTOR_FAST;
    engine.observe = NULL;
    return status == PCS_OK ? pcs_engine_create(&engine, &session->evaluator, err) : status;
}

/* A schedule that cannot be run is found before a minute is spent on Verilating an array. */
static pcs_status_t check_schedule(const pcs_config_t *config, pcs_error_t *err)
{
    pcs_schedule_t schedule;
    const uint64_t iterations = config->iterations > 0 ? config->iterations : PCS_SCHEDULE_OPEN;
    const pcs_status_t status = pcs_schedule_parse(config->schedule, iterations, config->cycles, &schedule, err);
    if (status == PCS_OK) {
        pcs_schedule_free(&schedule);
    }
    return status;
}

static pcs_status_t check_array(cli_session_t *session, pcs_error_t *err)
{
    const pcs_config_t *config = &session->config;
    pcs_status_t status = check_schedule(config, err);
    status = status == PCS_OK ? cli_integer_array(config, &session->array, err) : status;
    status = status == PCS_OK ? cli_energy_open(config->energy_table, &session->table, err) : status;
    return status == PCS_OK ? cli_clock_resolve(session->table, &session->array, &session->config, err) : status;
}

static pcs_status_t open_array(cli_session_t *session, pcs_error_t *err)
{
    const pcs_config_t *config = &session->config;
    session->collect = (cli_collect_t){
        .array = &session->array,
        .table = session->table,
        .serial = (pcs_serial_t)config->serial,
        .memory = cli_memory(config, &session->array, session->table),
        .clock_mhz = config->clock_mhz,
    };
    cli_sram_kb(config, session->collect.sram_kb);
    const pcs_status_t status =
        cli_device_create((pcs_executor_t)config->executor, &session->array, session->quiet, &session->dev, err);
    return status == PCS_OK ? open_engines(session, err) : status;
}

pcs_status_t cli_session_open(cli_session_t *session, pcs_error_t *err)
{
    const pcs_config_t *config = &session->config;
    const pcs_train_hooks_t hooks = {
        .user = session,
        .iteration = on_iteration,
        .evaluated = on_evaluated,
        .save = on_save,
        .restore = on_restore,
        .profile = session->profiling ? &session->profile.hook : NULL,
    };
    const uint64_t rows = config->iterations > 0 ? config->iterations : 1000 * config->epochs;
    session->fp32 = pcs_schedule_fp32(config->schedule);
    pcs_status_t status = session->fp32 ? pcs_config_check_fp32(config, err) : check_array(session, err);
    status = status == PCS_OK ? cli_memory_check(config, err) : status;
    status = status == PCS_OK ? cli_rundir_check(config->output, session->mode, fixed_bytes + rows * ROW_BYTES, err)
                              : status;
    status = status == PCS_OK && !session->fp32 ? open_array(session, err) : status;
    status = status == PCS_OK ? pcs_train_open(config, session->engine, session->evaluator,
                                               session->mode == CLI_RUNDIR_RESUME, &hooks, &session->train, err)
                              : status;
    session->layers.train = session->train;
    return status == PCS_OK && !session->fp32
               ? cli_lockstep_create(config, &session->array, session->quiet, &session->lockstep, err)
               : status;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

static pcs_status_t write_config(const cli_session_t *session, pcs_error_t *err)
{
    cli_text_t text = {0};
    cli_text_add(&text, "# Precess %s, commit %s, spec %016" PRIx64 ": %" PRIu64 " iterations.\n", PCS_BUILD_VERSION,
                 PCS_BUILD_COMMIT, pcs_spec_hash(), pcs_train_iterations(session->train));
    cli_config_yaml(&session->config, &text);
    const pcs_status_t status = cli_text_write(&text, session->config.output, "run.yaml", err);
    cli_text_free(&text);
    return status;
}

static pcs_status_t open_append(cli_session_t *session, cli_append_t *append, const char *name, cli_text_t *header,
                                uint64_t keep, pcs_error_t *err)
{
    const pcs_status_t status = header->failed
                                    ? pcs_fail(err, PCS_MEMORY, "%s: out of memory", name)
                                    : cli_append_open(append, session->config.output, name, header->data, keep, err);
    cli_text_free(header);
    return status;
}

static pcs_status_t open_files(cli_session_t *session, pcs_error_t *err)
{
    cli_text_t metrics = {0};
    cli_text_t evals = {0};
    cli_text_t checks = {0};
    cli_metrics_header(session->fp32, &metrics);
    cli_evals_header(session->fp32, &evals);
    cli_text_add(&checks, "%s", cli_lockstep_header());
    pcs_status_t status = open_append(session, &session->metrics, "metrics.csv", &metrics, session->keep[0], err);
    status =
        status == PCS_OK ? open_append(session, &session->evals, "evals.csv", &evals, session->keep[1], err) : status;
    status = status == PCS_OK && !session->fp32
                 ? open_append(session, &session->checks, "checks.csv", &checks, session->keep[2], err)
                 : status;
    cli_text_free(&evals);
    cli_text_free(&checks);
    if (status == PCS_OK && session->lockstep != NULL) {
        cli_lockstep_attach(session->lockstep, &session->checks, &session->layers);
    }
    return status;
}

static pcs_status_t write_sums(const cli_session_t *session, pcs_error_t *err)
{
    cli_text_t text = {0};
    pcs_status_t status = cli_layers_csv(&session->collect, &session->layers, &text, err);
    status = status == PCS_OK ? cli_text_write(&text, session->config.output, "layers.csv", err) : status;
    cli_text_free(&text);
    if (status == PCS_OK) {
        cli_timeline_json(&session->collect, &session->layers, &text);
        status = cli_text_write(&text, session->config.output, "timeline.json", err);
    }
    cli_text_free(&text);
    return status;
}

static pcs_status_t write_report(const cli_session_t *session, const pcs_train_result_t *result, cli_model_t *model,
                                 pcs_error_t *err)
{
    cli_provenance_t provenance = {.commit = PCS_BUILD_COMMIT, .version = PCS_BUILD_VERSION};
    (void)snprintf(provenance.spec_hash, sizeof provenance.spec_hash, "%016" PRIx64, pcs_spec_hash());
    if (session->fp32) { /* no bits are promised, no event was counted */
        (void)snprintf(provenance.final_hash, sizeof provenance.final_hash, "none");
        (void)snprintf(provenance.table_hash, sizeof provenance.table_hash, "none");
    } else {
        (void)snprintf(provenance.final_hash, sizeof provenance.final_hash, "%016" PRIx64, result->final_hash);
        (void)snprintf(provenance.table_hash, sizeof provenance.table_hash, "%016" PRIx64,
                       pcs_energy_table_hash(session->table));
    }
    return cli_report_build(session->config.output, &provenance, model, err);
}

/* An epoch that does not show the whole training set says so. */
static void batches_note(const cli_session_t *session)
{
    const uint32_t images = pcs_train_images(session->train);
    const uint32_t left = pcs_train_left_over(session->train);
    if (left > 0) {
        (void)printf("batches       %" PRIu64 " of %" PRIu64 " images an epoch: each leaves out %" PRIu32
                     " of the %" PRIu32 ", others each time\n",
                     (images - left) / session->config.batch, session->config.batch, left, images);
    }
}

pcs_status_t cli_session_run(cli_session_t *session, cli_model_t *model, pcs_error_t *err)
{
    pcs_status_t status = cli_rundir_create(session->config.output, session->mode, err);
    if (status == PCS_OK && session->mode != CLI_RUNDIR_RESUME) {
        status = write_config(session, err);
    }
    status = status == PCS_OK ? open_files(session, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    if (!session->quiet && session->mode == CLI_RUNDIR_RESUME) {
        (void)printf("resuming after iteration %" PRIu64 " of %" PRIu64 "\n", pcs_train_first(session->train),
                     pcs_train_iterations(session->train));
    }
    if (!session->quiet) {
        batches_note(session);
        if (!session->fp32) {
            cli_schedule_note(pcs_train_schedule(session->train));
        }
        cli_threads_note((unsigned)session->config.threads);
    }
    cli_progress_start(&session->progress, session->quiet, pcs_train_first(session->train));
    cli_stop_catch();
    pcs_train_result_t result = {0};
    cli_profile_start(&session->profile);
    status = pcs_train_run(session->train, &result, err);
    cli_progress_end(&session->progress);
    if (status == PCS_OK && session->profiling && !session->quiet) {
        cli_profile_print(&session->profile);
    }
    status = status == PCS_OK && !session->fp32 ? write_sums(session, err) : status;
    return status == PCS_OK ? write_report(session, &result, model, err) : status;
}

void cli_session_close(cli_session_t *session)
{
    pcs_train_close(session->train);
    pcs_engine_destroy(session->engine);
    pcs_engine_destroy(session->evaluator);
    cli_lockstep_destroy(session->lockstep);
    pcs_array_dev_destroy(session->dev);
    pcs_energy_table_destroy(session->table);
    cli_collect_free(&session->collect);
    cli_append_close(&session->metrics);
    cli_append_close(&session->evals);
    cli_append_close(&session->checks);
    cli_text_free(&session->blob);
}
