#include "workloads/train/train.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/quantize.h"
#include "workloads/data/dataset.h"
#include "workloads/data/hash.h"
#include "workloads/nn/layers.h"
#include "workloads/nn/network.h"
#include "workloads/optim/optim.h"
#include "workloads/policy/schedule.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/step.h"
#include "workloads/zoo/zoo.h"

struct pcs_train {
    pcs_config_t config;
    pcs_train_hooks_t hooks;
    pcs_engine_t *engine, *evaluator; /* borrowed */
    unsigned threads;
    bool fp32;
    pcs_dataset_t data;
    pcs_network_t *network;
    uint32_t height, width; /* of the network's images */
    pcs_schedule_t schedule;
    uint64_t iterations, first;
    uint64_t epoch_batches; /* whole batches in the training set; the images left over wait for the next shuffle */
    uint64_t shuffled;      /* epoch that `order` is of; UINT64_MAX = none yet */
    uint32_t *order;        /* (training images) */
    uint8_t *labels;        /* (batch) */
    char fingerprint[PCS_CONFIG_FINGERPRINT_MAX + 128];
};

/* ---- opening --------------------------------------------------------------------------------------------------------
 */

static pcs_status_t open_data(pcs_train_t *train, const pcs_network_spec_t *spec, pcs_error_t *err)
{
    const pcs_config_t *config = &train->config;
    const pcs_status_t status = pcs_dataset_load(config->dataset, config->data_dir, &train->data, err);
    if (status != PCS_OK) {
        return status;
    }
    const pcs_images_t *images = &train->data.train;
    if (spec->height < images->height || spec->width < images->width || spec->channels != images->channels) {
        return pcs_fail(err, PCS_INVALID,
                        "network: %s takes images of up to %u x %u x %u, the data set has %u x %u x %u", spec->name,
                        spec->height, spec->width, spec->channels, images->height, images->width, images->channels);
    }
    if (config->batch > images->count) {
        return pcs_fail(err, PCS_INVALID, "train.batch: %" PRIu64 " images, the training set has only %u",
                        config->batch, images->count);
    }
    train->epoch_batches = images->count / config->batch;
    train->iterations = config->iterations != 0 ? config->iterations : config->epochs * train->epoch_batches;
    train->order = malloc(images->count * sizeof *train->order);
    train->labels = malloc(config->batch);
    train->shuffled = UINT64_MAX;
    if (train->order == NULL || train->labels == NULL) {
        return pcs_fail(err, PCS_MEMORY, "training: no memory for %u indices", images->count);
    }
    (void)snprintf(train->fingerprint + strlen(train->fingerprint), 64, "data: %016" PRIx64 "\n", train->data.hash);
    return PCS_OK;
}

static pcs_status_t open_schedule(pcs_train_t *train, pcs_error_t *err)
{
    const pcs_config_t *config = &train->config;
    if (train->fp32) {
        return pcs_config_check_fp32(config, err);
    }
    const pcs_status_t status =
        pcs_schedule_parse(config->schedule, train->iterations, config->cycles, &train->schedule, err);
    if (status == PCS_OK && train->schedule.spans != NULL) {
        /* The configuration names a file; a resumed run must find the same bits in it. */
        uint64_t hash = PCS_HASH_START;
        for (size_t i = 0; i < train->schedule.span_count; i++) {
            const pcs_schedule_span_t *span = &train->schedule.spans[i];
            const uint64_t words[] = {span->first, span->fw_bits, span->bw_bits};
            hash = pcs_hash_bytes(hash, words, sizeof words);
        }
        (void)snprintf(train->fingerprint + strlen(train->fingerprint), 64, "schedule: %016" PRIx64 "\n", hash);
    }
    return status;
}

static unsigned threads_of(const pcs_config_t *config)
{
    return config->threads != 0 ? (unsigned)config->threads : (unsigned)omp_get_num_procs();
}

pcs_numerics_t pcs_train_numerics(const pcs_config_t *config)
{
    const pcs_numerics_t numerics = {
        .quantizer = (pcs_quantizer_t)config->quantizer,
        .weights = (pcs_weight_policy_t)config->weight_policy,
        .acc_bits = (unsigned)config->acc_bits,
        .saturate = config->overflow != 0,
        .segment = (size_t)config->segment,
        .fp32_threads = pcs_schedule_fp32(config->schedule) ? threads_of(config) : 0,
    };
    return numerics;
}

static pcs_status_t open_network(pcs_train_t *train, const pcs_network_spec_t *spec, pcs_error_t *err)
{
    const pcs_config_t *config = &train->config;
    const pcs_numerics_t numerics = pcs_train_numerics(config);
    const pcs_status_t status =
        pcs_network_create(spec, &numerics, (uint32_t)config->batch, config->seed, &train->network, err);
    train->height = spec->height;
    train->width = spec->width;
    if (status == PCS_OK && pcs_network_outputs(train->network) != train->data.classes) {
        return pcs_fail(err, PCS_INVALID, "network: %s has %u outputs, the data set has %u classes", spec->name,
                        pcs_network_outputs(train->network), train->data.classes);
    }
    return status;
}

static size_t state_size(const pcs_network_state_t *state)
{
    return (2U * state->params + state->stats) * sizeof *state->value;
}

static pcs_status_t restore(pcs_train_t *train, pcs_error_t *err)
{
    const pcs_network_state_t state = pcs_network_state(train->network);
    pcs_checkpoint_t checkpoint;
    void *memory = NULL;
    pcs_status_t status =
        pcs_checkpoint_read(train->config.output, train->fingerprint, state_size(&state), &checkpoint, &memory, err);
    if (status != PCS_OK) {
        return status;
    }
    if (checkpoint.iteration > train->iterations) {
        free(memory);
        return pcs_fail(err, PCS_FORMAT, "%s: checkpoint of iteration %" PRIu64 ", the run has %" PRIu64,
                        train->config.output, checkpoint.iteration, train->iterations);
    }
    train->first = checkpoint.iteration;
    memcpy(state.value, checkpoint.state, checkpoint.state_size);
    if (train->hooks.restore != NULL) {
        status = train->hooks.restore(train->hooks.user, checkpoint.caller, checkpoint.caller_size,
                                      checkpoint.iteration, err);
    }
    free(memory);
    return status;
}

static pcs_status_t open_all(pcs_train_t *train, bool resume, pcs_error_t *err)
{
    const pcs_config_t *config = &train->config;
    pcs_network_spec_t spec = {.count = 0};
    pcs_status_t status = PCS_OK;
    if (config->output[0] != '\0') {
        status = pcs_checkpoint_check(config->output, err);
    } else if (resume || config->checkpoint_every != 0) {
        status = pcs_fail(err, PCS_INVALID, "output: checkpoints need a directory");
    }
    if (status == PCS_OK) {
        status = pcs_zoo_find(config->network, &spec, err);
    }
    if (status == PCS_OK) {
        status = open_data(train, &spec, err);
        spec.classes = train->data.classes;
    }
    if (status == PCS_OK) {
        status = open_schedule(train, err);
    }
    if (status == PCS_OK) {
        status = open_network(train, &spec, err);
    }
    pcs_zoo_free(&spec);
    if (status == PCS_OK && resume) {
        status = restore(train, err);
    }
    return status;
}

pcs_status_t pcs_train_open(const pcs_config_t *config, pcs_engine_t *engine, pcs_engine_t *evaluator, bool resume,
                            const pcs_train_hooks_t *hooks, pcs_train_t **train, pcs_error_t *err)
{
    pcs_train_t *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return pcs_fail(err, PCS_MEMORY, "training: no memory");
    }
    opened->config = *config;
    opened->engine = engine;
    opened->evaluator = evaluator != NULL ? evaluator : engine;
    opened->threads = threads_of(config);
    opened->fp32 = pcs_schedule_fp32(config->schedule);
    if (hooks != NULL) {
        opened->hooks = *hooks;
    }
    pcs_config_fingerprint(config, opened->fingerprint);
    const pcs_status_t status = open_all(opened, resume, err);
    if (status != PCS_OK) {
        pcs_train_close(opened);
        return status;
    }
    *train = opened;
    return PCS_OK;
}

void pcs_train_close(pcs_train_t *train)
{
    if (train != NULL) {
        pcs_network_destroy(train->network);
        pcs_dataset_free(&train->data);
        pcs_schedule_free(&train->schedule);
        free(train->order);
        free(train->labels);
        free(train);
    }
}

uint64_t pcs_train_iterations(const pcs_train_t *train)
{
    return train->iterations;
}

uint64_t pcs_train_first(const pcs_train_t *train)
{
    return train->first;
}

uint32_t pcs_train_images(const pcs_train_t *train)
{
    return train->data.train.count;
}

uint32_t pcs_train_left_over(const pcs_train_t *train)
{
    return train->data.train.count % (uint32_t)train->config.batch;
}

const pcs_schedule_t *pcs_train_schedule(const pcs_train_t *train)
{
    return &train->schedule;
}

const char *pcs_train_layer_name(const pcs_train_t *train, uint32_t layer)
{
    return pcs_network_layer_name(train->network, layer);
}

/* ---- passes ---------------------------------------------------------------------------------------------------------
 */

static pcs_step_t make_step(const pcs_train_t *train, uint64_t t, bool training)
{
    pcs_step_t step = {
        .engine = training ? train->engine : train->evaluator,
        .threads = train->threads,
        .seed = train->config.seed,
        .iteration = (uint32_t)t,
        .training = training,
        .profile = training ? train->hooks.profile : NULL,
    };
    if (!train->fp32) {
        pcs_schedule_bits(&train->schedule, t, &step.fw_bits, &step.bw_bits);
    }
    return step;
}

static void load_batch(pcs_train_t *train, uint64_t t)
{
    const pcs_images_t *images = &train->data.train;
    const uint64_t epoch = t / train->epoch_batches;
    const size_t batch = (size_t)train->config.batch;
    if (epoch != train->shuffled) {
        pcs_shuffle(train->config.seed, (uint32_t)epoch, images->count, train->order);
        train->shuffled = epoch;
    }
    const pcs_batch_t chosen = {
        .order = train->order,
        .first = (size_t)(t % train->epoch_batches) * batch,
        .count = batch,
        .height = train->height,
        .width = train->width,
        .augment = train->config.augment != 0,
        .seed = train->config.seed,
        .epoch = (uint32_t)epoch,
    };
    pcs_batch_fill(&train->data, images, &chosen, pcs_network_input(train->network), train->labels);
}

static pcs_status_t train_step(pcs_train_t *train, uint64_t t, pcs_train_progress_t *progress, pcs_error_t *err)
{
    const pcs_config_t *config = &train->config;
    const uint32_t batch = (uint32_t)config->batch;
    const pcs_step_t step = make_step(train, t, true);
    const double lr = pcs_lr_at((pcs_lr_schedule_t)config->lr_schedule, config->lr, t, train->iterations);
    const pcs_update_t update = {(float)lr, (float)config->momentum, (float)config->weight_decay};
    pcs_loss_t loss;
    load_batch(train, t);
    pcs_profile_mark(step.profile, 0, PCS_PASS_STEP, PCS_STAGE_INPUT);
    const pcs_status_t status = pcs_step_train(train->network, &step, batch, train->labels, &update, &loss, err);
    if (status != PCS_OK) {
        return status;
    }
    *progress = (pcs_train_progress_t){
        .iteration = t,
        .iterations = train->iterations,
        .fw_bits = step.fw_bits,
        .bw_bits = step.bw_bits,
        .lr = lr,
        .loss = loss.sum / (double)batch,
        .accuracy = (double)loss.correct / (double)batch,
        .epoch = (double)(t + 1U) / (double)train->epoch_batches,
    };
    return PCS_OK;
}

/* The whole test set at the bits of iteration `done` - 1. */
static pcs_status_t evaluate(pcs_train_t *train, uint64_t done, pcs_train_eval_t *eval, pcs_error_t *err)
{
    const pcs_images_t *images = &train->data.test;
    const pcs_step_t step = make_step(train, done - 1U, false);
    pcs_loss_t total = {0.0, 0};
    for (size_t first = 0; first < images->count;) {
        const size_t left = images->count - first;
        const size_t n = left < train->config.batch ? left : (size_t)train->config.batch;
        pcs_loss_t loss;
        const pcs_batch_t chosen = {.first = first, .count = n, .height = train->height, .width = train->width};
        pcs_batch_fill(&train->data, images, &chosen, pcs_network_input(train->network), train->labels);
        const pcs_status_t status =
            pcs_step_forward(train->network, &step, (uint32_t)n, train->labels, NULL, &loss, err);
        if (status != PCS_OK) {
            return status;
        }
        total.sum += loss.sum;
        total.correct += loss.correct;
        first += n;
    }
    *eval = (pcs_train_eval_t){
        .iteration = done,
        .fw_bits = step.fw_bits,
        .loss = total.sum / (double)images->count,
        .accuracy = (double)total.correct / (double)images->count,
    };
    return train->hooks.evaluated != NULL ? train->hooks.evaluated(train->hooks.user, eval, err) : PCS_OK;
}

/* ---- the run --------------------------------------------------------------------------------------------------------
 */

static pcs_status_t save(pcs_train_t *train, uint64_t done, pcs_error_t *err)
{
    const pcs_network_state_t state = pcs_network_state(train->network);
    pcs_checkpoint_t checkpoint = {
        .iteration = done,
        .fingerprint = train->fingerprint,
        .state = state.value,
        .state_size = state_size(&state),
    };
    if (train->hooks.save != NULL) {
        const pcs_status_t status =
            train->hooks.save(train->hooks.user, &checkpoint.caller, &checkpoint.caller_size, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return pcs_checkpoint_write(train->config.output, &checkpoint, err);
}

static bool due(uint64_t done, uint64_t every)
{
    return every != 0 && done % every == 0;
}

/* One iteration with all that follows it. */
static pcs_status_t iterate(pcs_train_t *train, uint64_t t, pcs_error_t *err)
{
    const uint64_t done = t + 1U;
    const bool last = done == train->iterations;
    pcs_train_progress_t progress;
    pcs_train_eval_t eval;
    pcs_status_t status = train_step(train, t, &progress, err);
    if (status != PCS_OK) {
        return status;
    }
    if (train->hooks.iteration != NULL) {
        status = train->hooks.iteration(train->hooks.user, &progress, err);
    }
    const bool interrupted = status == PCS_INTERRUPTED;
    /* Also when interrupted: the resumed run goes on behind this point.  The end has its own evaluation. */
    if ((status == PCS_OK || interrupted) && due(done, train->config.eval_every) && !last) {
        const pcs_status_t evaluated = evaluate(train, done, &eval, err);
        status = evaluated != PCS_OK ? evaluated : status;
    }
    const bool wanted = due(done, train->config.checkpoint_every) || (last && train->config.checkpoint_every != 0);
    if ((status == PCS_OK && wanted) || (interrupted && train->config.output[0] != '\0')) {
        const pcs_status_t saved = save(train, done, err);
        status = saved != PCS_OK ? saved : status;
    }
    return status;
}

pcs_status_t pcs_train_run(pcs_train_t *train, pcs_train_result_t *result, pcs_error_t *err)
{
    for (uint64_t t = train->first; t < train->iterations; t++) {
        const pcs_status_t status = iterate(train, t, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    pcs_train_eval_t eval;
    const pcs_status_t status = evaluate(train, train->iterations, &eval, err);
    if (status != PCS_OK) {
        return status;
    }
    const pcs_network_state_t state = pcs_network_state(train->network);
    *result = (pcs_train_result_t){
        .iterations = train->iterations,
        .loss = eval.loss,
        .accuracy = eval.accuracy,
        .final_hash = pcs_hash_bytes(PCS_HASH_START, state.value, state_size(&state)),
    };
    return PCS_OK;
}
