/* Language models by shape. */
#include <stdio.h>
#include <string.h>

#include "workloads/zoo/shapes_networks.h"

static pcs_status_t add(pcs_shapes_t *shapes, const char *name, const pcs_gemm_shape_t *gemm, uint64_t repeat,
                        bool rectified, pcs_error_t *err)
{
    pcs_shape_t layer = {.kind = PCS_SHAPE_GEMM, .gemm = *gemm, .repeat = repeat, .rectified = rectified};
    (void)snprintf(layer.name, sizeof layer.name, "%s", name);
    return pcs_shapes_add(shapes, &layer, err);
}

/* Embeddings are trained and looked up, not multiplied: the first layer needs a gradient of its input. */
pcs_status_t pcs_shapes_lstm(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err)
{
    enum { LAYERS = 2, UNITS = 650, STEPS = 35, WORDS = 10000, GATES = 4 };
    (void)unused;
    shapes->sample = "sequence of 35 tokens";
    const pcs_gemm_shape_t input = {.m = STEPS, .n = GATES * UNITS, .k = UNITS, .steps = 1, .shared = true};
    const pcs_gemm_shape_t state = {.m = 1, .n = GATES * UNITS, .k = UNITS, .steps = STEPS, .shared = true};
    const pcs_gemm_shape_t words = {.m = STEPS, .n = WORDS, .k = UNITS, .steps = 1, .shared = true};
    pcs_status_t status = PCS_OK;
    for (unsigned i = 1; i <= LAYERS && status == PCS_OK; i++) {
        char name[PCS_SHAPE_NAME_MAX];
        (void)snprintf(name, sizeof name, "lstm%u.input", i);
        status = add(shapes, name, &input, 1, false, err);
        (void)snprintf(name, sizeof name, "lstm%u.state", i);
        status = status == PCS_OK ? add(shapes, name, &state, 1, false, err) : status;
    }
    return status == PCS_OK ? add(shapes, "softmax", &words, 1, false, err) : status;
}

pcs_status_t pcs_shapes_transformer(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err)
{
    enum { BLOCKS = 16, WIDTH = 1024, HEADS = 8, HEAD = WIDTH / HEADS, INNER = 4096, TOKENS = 512 };
    (void)unused;
    shapes->sample = "sequence of 512 tokens";
    static const struct {
        const char *name;
        pcs_gemm_shape_t gemm;
        uint64_t repeat;
        bool rectified;
    } rows[] = {
        {"query-key-value", {TOKENS, 3 * WIDTH, WIDTH, 1, true}, 1, false},
        {"scores", {TOKENS, TOKENS, HEAD, 1, false}, HEADS, false},
        {"values", {TOKENS, HEAD, TOKENS, 1, false}, HEADS, true}, /* a softmax: from 0 on, as behind a rectifier */
        {"output", {TOKENS, WIDTH, WIDTH, 1, true}, 1, false},
        {"inner", {TOKENS, INNER, WIDTH, 1, true}, 1, false},
        {"outer", {TOKENS, WIDTH, INNER, 1, true}, 1, true},
    };
    pcs_status_t status = PCS_OK;
    for (unsigned block = 1; block <= BLOCKS && status == PCS_OK; block++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == PCS_OK; i++) {
            char name[PCS_SHAPE_NAME_MAX];
            (void)snprintf(name, sizeof name, "block%u.%s", block, rows[i].name);
            status = add(shapes, name, &rows[i].gemm, rows[i].repeat, rows[i].rectified, err);
        }
    }
    return status;
}
