/* An outside program: one GEMM of 2 x 3 x 4 codes through the library, and what it costs on an array. */
#include <stdio.h>

#include <models/gemm/gemm.h>

int main(void)
{
    const uint8_t a[2 * 4] = {1, 2, 3, 4, 5, 6, 7, 8};
    const uint8_t b[4 * 3] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1};
    const float one = 1.0F;
    float y[2 * 3];
    pcs_error_t err = {{0}};
    pcs_plan_t plan;
    pcs_engine_t *engine = NULL;
    const pcs_operand_t operand_a = {.codes = a, .bits = 8, .ld = 4, .affine = {.scale = &one}};
    const pcs_operand_t operand_b = {.codes = b, .bits = 2, .ld = 3, .affine = {.scale = &one}};
    const pcs_gemm_t gemm = {.m = 2,
                             .n = 3,
                             .k = 4,
                             .a = operand_a,
                             .b = operand_b,
                             .acc_bits = 32,
                             .y = {.data = y, .h = 1, .w = 1, .stride_image = 3}};
    const pcs_engine_config_t config = {
        .executor = PCS_EXECUTOR_REF, .array = {16, 16, PCS_KIND_SERIAL, 32, PCS_DATAFLOW_OS, 1}, .threads = 1};
    if (pcs_engine_create(&config, &engine, &err) != PCS_OK ||
        pcs_gemm_run(engine, &gemm, &plan, NULL, &err) != PCS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    pcs_engine_destroy(engine);
    printf("%g %g %g %g %g %g, %llu clocks\n", (double)y[0], (double)y[1], (double)y[2], (double)y[3], (double)y[4],
           (double)y[5], (unsigned long long)plan.counts.n[PCS_EVENT_CYCLE]);
    return 0;
}
