/* Prints the README's table of MAC kinds from models/spec/kinds.def. */
#include <stdio.h>

#include "models/mac/mac.h"

/* MACs a clock of one PE: lanes / clocks, as a fraction when it is below 1. */
static void print_rate(const pcs_array_config_t *array, unsigned pa, unsigned pb)
{
    const pcs_mode_t mode = {.pa = (uint8_t)pa, .pb = (uint8_t)pb, .serial_b = pb <= pa};
    const pcs_mac_step_t step = pcs_mac_step(array, &mode);
    if (step.lanes % step.cycles == 0) {
        (void)printf(" %u |", step.lanes / step.cycles);
    } else {
        (void)printf(" %u/%u |", step.lanes, step.cycles);
    }
}

int main(void)
{
    static const unsigned bits[][2] = {{8, 8}, {8, 4}, {4, 4}, {2, 2}};
    (void)puts("| kind | digit | 8x8 | 8x4 | 4x4 | 2x2 | word bits | accumulators | after |\n"
               "|---|---|---|---|---|---|---|---|---|");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        const pcs_kind_row_t *row = &pcs_kinds[kind];
        for (unsigned digit = 1; digit <= row->digit_max; digit *= 2) {
            const pcs_array_config_t array = {
                .rows = 1, .cols = 1, .kind = (pcs_kind_t)kind, .acc_bits = PCS_ACC_MAX_BITS, .digit = digit};
            char text[8] = "-";
            if (row->digit_max > 1) {
                (void)snprintf(text, sizeof text, "%u", digit);
            }
            (void)printf("| `%s` | %s |", row->name, text);
            for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
                print_rate(&array, bits[i][0], bits[i][1]);
            }
            (void)printf(" %u | %u | %s |\n", row->word_bits, row->accs, row->after);
        }
    }
    return 0;
}
