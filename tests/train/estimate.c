/* An estimate against training itself: networks of the zoo are trained for one iteration at every pair of bit-widths
   asked for, and the plans of the GEMMs that ran are summed.  GEMMs, MACs, clocks, every event and every system count
   must be equal, for every MAC kind, quantizer and weight policy, with and without bounds of the memory around the
   array.  --inject estimates one image more; --all includes the deepest networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/nn/network.h"
#include "workloads/zoo/estimate.h"
#include "workloads/zoo/zoo.h"

typedef struct run {
    pcs_network_spec_t spec;
    pcs_numerics_t numerics;
    pcs_array_config_t array;
    pcs_serial_t serial;
    pcs_memory_t memory;
    uint32_t batch;
    unsigned fw, bw;
    pcs_estimate_t pass[PCS_ROLE_COUNT]; /* of the GEMMs that ran */
} run_t;

static pcs_status_t observe(void *user, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    run_t *run = user;
    pcs_estimate_t *sum = &run->pass[gemm->role];
    unsigned pa;
    unsigned pb;
    (void)err;
    pcs_estimate_bits(gemm->role, run->fw, run->bw, &pa, &pb);
    CHECK(gemm->a.bits == pa && gemm->b.bits == pb, "%s at %u/%u bits", pcs_role_name(gemm->role), gemm->a.bits,
          gemm->b.bits);
    pcs_plan_t whole = *plan;
    pcs_tiling_t tiling;
    pcs_memory_apply(&run->memory, gemm, &run->array, &whole, &tiling);
    sum->array_clocks += plan->counts.n[PCS_EVENT_CYCLE];
    sum->bound[tiling.bound] += whole.counts.n[PCS_EVENT_CYCLE];
    sum->gemms += pcs_gemm_copies(gemm);
    sum->macs += pcs_gemm_macs(gemm);
    sum->unproven += plan->proven ? 0 : pcs_gemm_copies(gemm);
    sum->segment = plan->job.segment > sum->segment ? plan->job.segment : sum->segment;
    pcs_counts_add(&sum->counts, &whole.counts, 1);
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        sum->system[i] += whole.system[i];
    }
    return PCS_OK;
}

static void fill(check_rng_t *rng, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)(check_u32(rng) >> 8U) * 0x1p-23F - 1.0F;
    }
}

/* One iteration of training, for its plans. */
static void train(check_rng_t *rng, run_t *run)
{
    const pcs_engine_config_t config = {
        .executor = PCS_EXECUTOR_FAST,
        .array = run->array,
        .serial = run->serial,
        .threads = 1,
        .observe = observe,
        .observe_user = run,
    };
    pcs_error_t err = {{0}};
    pcs_engine_t *engine = NULL;
    pcs_network_t *net = NULL;
    const float *logits = NULL;
    CHECK_OK(pcs_engine_create(&config, &engine, &err), &err);
    CHECK_OK(pcs_network_create(&run->spec, &run->numerics, run->batch, 1, &net, &err), &err);
    const pcs_step_t step = {
        .engine = engine, .threads = 1, .seed = 1, .fw_bits = run->fw, .bw_bits = run->bw, .training = true};
    const size_t pixels = (size_t)run->spec.height * run->spec.width * run->spec.channels;
    fill(rng, pcs_network_input(net), run->batch * pixels);
    CHECK_OK(pcs_network_forward(net, &step, run->batch, &logits, &err), &err);
    fill(rng, pcs_network_output_gradient(net), (size_t)run->batch * pcs_network_outputs(net));
    CHECK_OK(pcs_network_backward(net, &step, run->batch, &err), &err);
    pcs_network_destroy(net);
    pcs_engine_destroy(engine);
}

static void compare(const run_t *run, const char *what, uint32_t batch)
{
    pcs_shapes_t shapes;
    pcs_error_t err = {{0}};
    pcs_estimate_t pass[PCS_ROLE_COUNT];
    CHECK_OK(pcs_shapes_find(run->spec.name, &shapes, &err), &err);
    const pcs_estimate_device_t device = {
        .array = run->array, .numerics = run->numerics, .serial = run->serial, .memory = run->memory};
    CHECK_OK(pcs_estimate_iteration(&shapes, &device, batch, run->fw, run->bw, pass, &err), &err);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        const pcs_estimate_t *got = &pass[role];
        const pcs_estimate_t *ran = &run->pass[role];
        char where[200];
        (void)snprintf(where, sizeof where, "%s %s", what, pcs_role_name((pcs_role_t)role));
        CHECK_EQ(got->gemms, ran->gemms, "%s GEMMs", where);
        CHECK_EQ(got->macs, ran->macs, "%s MACs", where);
        CHECK_EQ(got->unproven, ran->unproven, "%s unproven", where);
        CHECK_EQ(got->segment, ran->segment, "%s segment", where);
        CHECK_EQ(got->array_clocks, ran->array_clocks, "%s clocks of the array", where);
        for (int i = 0; i < PCS_BOUND_COUNT; i++) {
            CHECK_EQ(got->bound[i], ran->bound[i], "%s clocks limited by %s", where, pcs_bound_name((pcs_bound_t)i));
        }
        for (int i = 0; i < PCS_EVENT_COUNT; i++) { /* overflows are data: a closed form does not predict them */
            if (!pcs_events[i].data_dependent) {
                CHECK_EQ(got->counts.n[i], ran->counts.n[i], "%s event %s", where, pcs_events[i].name);
            }
        }
        for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
            CHECK_EQ(got->system[i], ran->system[i], "%s system %s", where, pcs_system_events[i].name);
        }
    }
    pcs_shapes_free(&shapes);
}

/* A random configuration of one network; the engine's time grows with it, so large networks run once, on two images,
   the quantizer and the array's memory as random as for the others. */
static run_t random_run(check_rng_t *rng, unsigned quantizer, unsigned weights, unsigned kind)
{
    static const unsigned bits[][2] = {{8, 8}, {3, 8}, {5, 6}, {2, 4}};
    const size_t b = check_u32(rng) % 4U;
    run_t run = {
        .numerics = {.quantizer = (pcs_quantizer_t)quantizer,
                     .weights = (pcs_weight_policy_t)weights,
                     .acc_bits = 20 + check_u32(rng) % 20U,
                     .segment = check_u32(rng) % 2U * 50U},
        .array = {.rows = 1 + check_u32(rng) % 20U,
                  .cols = 1 + check_u32(rng) % 20U,
                  .kind = (pcs_kind_t)kind,
                  .digit = 1},
        .serial = (pcs_serial_t)(check_u32(rng) % 3U),
        .memory = {.a_bytes = check_u32(rng) % 2U * 2048U,
                   .b_bytes = check_u32(rng) % 2U * 2048U,
                   .y_bytes = check_u32(rng) % 2U * 2048U,
                   .sram_bytes = check_u32(rng) % 3U * 4U,
                   .dram_bytes = check_u32(rng) % 3U * 2U,
                   .unpacked = check_u32(rng) % 2U == 1,
                   .goal = (pcs_memory_goal_t)(check_u32(rng) % 2U)},
        .batch = 2 + check_u32(rng) % 3U,
        .fw = bits[b][0],
        .bw = bits[b][1],
    };
    run.array.acc_bits = run.numerics.acc_bits;
    return run;
}

static void check_run(check_rng_t *rng, const char *name, run_t *run, uint32_t more)
{
    pcs_error_t err = {{0}};
    char what[120];
    CHECK_OK(pcs_zoo_find(name, &run->spec, &err), &err);
    (void)snprintf(what, sizeof what, "%s quantizer %u weights %u %s %u/%u batch %u", name, run->numerics.quantizer,
                   run->numerics.weights, pcs_kinds[run->array.kind].name, run->fw, run->bw, run->batch);
    train(rng, run);
    compare(run, what, run->batch + more);
    pcs_zoo_free(&run->spec);
}

int main(int argc, char **argv)
{
    const uint32_t more = check_flag(argc, argv, "--inject", NULL) ? 1 : 0;
    const bool all = check_flag(argc, argv, "--all", NULL);
    check_rng_t rng = {check_seed(argc, argv, 20), 0};
    for (size_t n = 0; pcs_zoo_name(n) != NULL; n++) {
        const char *name = pcs_zoo_name(n);
        if (strncmp(name, "fmnist", 6) != 0) {
            run_t run = random_run(&rng, PCS_QUANTIZER_AFFINE, PCS_WEIGHTS_TWO_COPY,
                                   pcs_integer_kind((unsigned)n % pcs_integer_kinds()));
            run.numerics.acc_bits = 32;
            run.array.acc_bits = 32;
            run.numerics.segment = 0;
            run.batch = 2;
            if (all || strncmp(name, "resnet20", 8) == 0 || strcmp(name, "mobilenetv2-cifar") == 0) {
                check_run(&rng, name, &run, more);
            }
            continue;
        }
        for (unsigned quantizer = 0; quantizer < PCS_QUANTIZER_COUNT; quantizer++) {
            for (unsigned weights = 0; weights < PCS_WEIGHTS_COUNT; weights++) {
                const bool mobile = strcmp(name, "fmnist-tiny-mobile") == 0; /* slow: one kind each */
                const unsigned first = mobile ? (quantizer * PCS_WEIGHTS_COUNT + weights) % pcs_integer_kinds() : 0;
                for (unsigned i = first; i < (mobile ? first + 1U : pcs_integer_kinds()); i++) {
                    run_t run = random_run(&rng, quantizer, weights, pcs_integer_kind(i));
                    check_run(&rng, name, &run, more);
                }
            }
        }
    }
    return check_done("estimates");
}
