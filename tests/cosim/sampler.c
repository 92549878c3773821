/* The training sampler: exactly the configured number of tiles in every checked iteration, the same ones for the same
   seed, inside their GEMM, every role and layer in its turn.  --inject: a differing register stops it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/cosim/sampler.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

enum {
    M = 37,
    N = 21,
    K = 45,
    COPIES = 3,
    WIDE = COPIES * N,
    LAYERS = 3,
    ITERATIONS = 40,
    EVERY = 4,
    TILES = 5,
    STEPS = 16
};

typedef struct seen {
    uint64_t tiles, hash, copies;
    uint64_t per_layer[LAYERS], per_role[PCS_ROLE_COUNT];
} seen_t;

/* Of every GEMM, so that a tile shows where it comes from. */
static uint8_t code_of_b(size_t k, size_t n)
{
    return (uint8_t)((k * 197U + n * 89U) * UINT32_C(2654435761) >> 24U);
}

static pcs_status_t report(void *user, const pcs_sample_t *sample, const pcs_cosim_result_t *result, pcs_error_t *err)
{
    seen_t *seen = user;
    (void)err;
    seen->tiles++;
    seen->per_layer[sample->layer]++;
    seen->per_role[sample->role]++;
    seen->hash = (seen->hash ^ (sample->m0 * 1000003U + sample->n0 * 1009U + sample->k0)) * UINT64_C(0x100000001b3);
    (void)CHECK(sample->iteration % EVERY == 0, "iteration %u", (unsigned)sample->iteration);
    (void)CHECK(sample->m0 % 4 == 0 && sample->m0 + sample->tile.m <= M, "rows %zu..", sample->m0);
    const size_t n0 = sample->n0 % N; /* layer 0 has copies side by side */
    (void)CHECK(n0 % 4 == 0 && n0 + sample->tile.n <= N, "columns %zu..", sample->n0);
    (void)CHECK(sample->n0 < N || (sample->layer == 0 && sample->n0 < WIDE), "copy of column %zu", sample->n0);
    for (size_t k = 0; k < sample->tile.k; k++) {
        for (size_t n = 0; n < sample->tile.n; n++) {
            (void)CHECK_EQ(sample->tile.b[k * sample->tile.n + n], code_of_b(sample->k0 + k, sample->n0 + n),
                           "code (%zu, %zu) of B", k, n);
        }
    }
    seen->copies += sample->n0 >= N;
    (void)CHECK(sample->tile.k >= 1 && sample->tile.k <= STEPS && sample->k0 + sample->tile.k <= K, "steps %zu..",
                sample->k0);
    (void)CHECK(sample->k0 / 15 == (sample->k0 + sample->tile.k - 1) / 15, "a window inside one segment");
    (void)CHECK(result->clocks > 0 && result->words > result->clocks, "compared something");
    return PCS_OK;
}

static pcs_gemm_t random_gemm(check_rng_t *rng, uint8_t *a, uint8_t *b, size_t copies)
{
    static const float one = 1.0F;
    static float y[M * WIDE];
    for (size_t i = 0; i < (size_t)M * K * COPIES; i++) {
        a[i] = (uint8_t)check_range(rng, 0, 15);
    }
    for (size_t i = 0; i < (size_t)K * WIDE; i++) {
        b[i] = code_of_b(i / WIDE, i % WIDE);
    }
    const pcs_affine_t plain = {.grain = PCS_GRAIN_TENSOR, .scale = &one};
    const pcs_gemm_t gemm = {
        .m = M,
        .n = N,
        .k = K,
        .copies = copies,
        .a = {.codes = a, .bits = 4, .ld = (size_t)K * COPIES, .affine = plain},
        .b = {.codes = b, .bits = 8, .is_signed = true, .ld = WIDE, .affine = plain},
        .segment = 15,
        .acc_bits = 32,
        .y = {.data = y, .h = 1, .w = 1, .stride_image = WIDE},
    };
    return gemm;
}

/* Runs the iterations; returns the status that ended them. */
static pcs_status_t run(pcs_cosim_t *cosim, uint64_t seed, uint32_t first, seen_t *seen, pcs_error_t *err)
{
    const pcs_sampler_options_t options = {
        .seed = seed, .every = EVERY, .tiles = TILES, .steps = STEPS, .report = report, .user = seen};
    pcs_sampler_t *sampler = NULL;
    CHECK_OK(pcs_sampler_create(cosim, &options, &sampler, err), err);
    static uint8_t a[M * K * COPIES];
    static uint8_t b[K * WIDE];
    pcs_status_t status = PCS_OK;
    for (uint32_t iteration = first; iteration < ITERATIONS && status == PCS_OK; iteration++) {
        check_rng_t rng = {.seed = 7, .index = iteration * 100000U};
        for (uint32_t i = 0; i < LAYERS * PCS_ROLE_COUNT && status == PCS_OK; i++) {
            pcs_gemm_t gemm = random_gemm(&rng, a, b, i % LAYERS == 0 ? COPIES : 1);
            gemm.layer = i % LAYERS;
            gemm.role = (pcs_role_t)(i / LAYERS);
            gemm.iteration = iteration;
            pcs_plan_t plan;
            CHECK_OK(pcs_gemm_plan(&gemm, pcs_cosim_array(cosim), PCS_SERIAL_NARROWER, &plan, err), err);
            status = pcs_sampler_gemm(sampler, &gemm, &plan, err);
        }
        const uint64_t before = seen->tiles;
        if (status == PCS_OK && iteration % 2 == 0) { /* otherwise the next iteration finishes it */
            status = pcs_sampler_finish(sampler, err);
            (void)CHECK(status != PCS_OK || seen->tiles - before == (iteration % EVERY == 0 ? TILES : 0),
                        "iteration %u: %" PRIu64 " tiles", (unsigned)iteration, seen->tiles - before);
        }
    }
    pcs_sampler_destroy(sampler);
    return status;
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_cosim_options_t options = {0};
    device_options(argc, argv, &options.array, &options.rtl);
    const pcs_fault_t fault = {
        .kind = PCS_FAULT_PROBE, .row = 1, .col = 2, .bit = 0, .probe = PCS_PROBE_MODE, .clock = 9};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    options.fault = inject ? &fault : NULL;
    pcs_cosim_t *cosim = NULL;
    CHECK_OK(pcs_cosim_create(&options, &cosim, &err), &err);
    seen_t one = {0};
    seen_t two = {0};
    seen_t other = {0};
    seen_t resumed = {0};
    const pcs_status_t status = run(cosim, 1, 0, &one, &err);
    (void)CHECK_EQ(status, PCS_OK, "%s", err.text);
    if (!inject) {
        CHECK_OK(run(cosim, 1, 0, &two, &err), &err);
        CHECK_OK(run(cosim, 2, 0, &other, &err), &err);
        CHECK_OK(run(cosim, 1, ITERATIONS - EVERY, &resumed, &err), &err);
        (void)CHECK_EQ(one.tiles, TILES * ITERATIONS / EVERY, "tiles of the run");
        (void)CHECK_EQ(resumed.tiles, TILES, "tiles after a resume");
        (void)CHECK(one.copies > 0 && one.copies < one.per_layer[0], "every copy has its share");
        (void)CHECK(one.hash == two.hash && one.hash != other.hash, "the seed decides");
        for (int i = 0; i < LAYERS; i++) {
            (void)CHECK(one.per_layer[i] > 5 && one.per_role[i] > 5, "layer and role %d have their share", i);
        }
    } else {
        (void)printf("%s\n", err.text);
    }
    pcs_cosim_destroy(cosim);
    return check_done("cosim.sampler");
}
