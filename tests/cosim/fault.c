/* The checker finds what is injected, and names it: --inject probe|event|closed-form|spec-hash.  Exit status 0 only if
   it does.  Without --inject: the same tiles differ nowhere.
   --dump PREFIX: also the replay file and the waveform of the difference. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cosim/cosim.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

enum { ROW = 2, COL = 1, BIT = 5, CLOCK = 23 };

static long file_size(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    (void)fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    (void)fclose(file);
    return size;
}

/* The files of a difference: the replay holds the same tiles and shows the same difference, the waveform is not empty.
 */
static void check_files(const pcs_cosim_options_t *options, const pcs_difference_t *difference)
{
    char path[PCS_RTL_PATH_MAX];
    pcs_error_t err = {{0}};
    (void)snprintf(path, sizeof path, "%s.fst", options->dump);
    (void)CHECK(file_size(path) > 500, "%s: %ld bytes", path, file_size(path));
    (void)snprintf(path, sizeof path, "%s.replay", options->dump);
    pcs_cosim_options_t again = *options;
    pcs_tiles_t tiles;
    CHECK_OK(pcs_replay_read(path, &again.array, &tiles, &err), &err);
    again.dump = NULL;
    pcs_cosim_t *cosim = NULL;
    pcs_cosim_result_t result;
    CHECK_OK(pcs_cosim_create(&again, &cosim, &err), &err);
    (void)CHECK(pcs_cosim_check(cosim, &tiles, &result, &err) == PCS_MISMATCH, "the replay differs too");
    (void)CHECK(result.difference.clock == difference->clock &&
                    strcmp(result.difference.signal, difference->signal) == 0,
                "and at the same place: %s", result.message);
    pcs_tiles_free(&tiles);
    pcs_cosim_destroy(cosim);
}

static void check_difference(const pcs_cosim_options_t *options, const pcs_cosim_result_t *result, const char *inject)
{
    const pcs_difference_t *at = &result->difference;
    (void)printf("%s\n", result->message);
    if (strcmp(inject, "probe") == 0) {
        (void)CHECK(strcmp(at->signal, "drain") == 0 && at->row == ROW && at->col == COL && at->clock == CLOCK,
                    "register, PE and clock are named");
        (void)CHECK_EQ(at->observed ^ at->expected, 1 << BIT, "both values are told");
        (void)CHECK(strstr(result->message, "the PE's operands: mode 0x") != NULL, "operands are told");
    } else if (strcmp(inject, "event") == 0) {
        (void)CHECK(strcmp(at->signal, "skew") == 0, "the counter is named");
        (void)CHECK_EQ(at->expected - at->observed, 1, "both values are told");
    } else {
        (void)CHECK(strcmp(at->signal, "deskew (against its closed form)") == 0, "the closed form is named");
    }
    if (options->dump != NULL) {
        check_files(options, at);
    }
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_cosim_options_t options = {0};
    const char *inject = "";
    device_options(argc, argv, &options.array, &options.rtl);
    (void)check_flag(argc, argv, "--inject", &inject);
    (void)check_flag(argc, argv, "--dump", &options.dump);
    const pcs_fault_t probe = {
        .kind = PCS_FAULT_PROBE, .row = ROW, .col = COL, .bit = BIT, .probe = PCS_PROBE_DRAIN, .clock = CLOCK};
    const pcs_fault_t event = {.kind = PCS_FAULT_EVENT, .event = PCS_EVENT_SKEW};
    const pcs_event_t closed_form = PCS_EVENT_DESKEW;
    if (strcmp(inject, "probe") == 0) {
        options.fault = &probe;
    } else if (strcmp(inject, "event") == 0) {
        options.fault = &event;
    } else if (strcmp(inject, "closed-form") == 0) {
        options.closed_form_fault = &closed_form;
    }
    pcs_cosim_t *cosim = NULL;
    pcs_tiles_t tiles;
    pcs_cosim_result_t result;
    CHECK_OK(pcs_cosim_create(&options, &cosim, &err), &err);
    CHECK_OK(pcs_tiles_random(&options.array, 1, 1, 40, &tiles, &err), &err);
    for (uint64_t seed = 2; tiles.tile[0].k < CLOCK; seed++) { /* long enough to run at the fault's clock */
        pcs_tiles_free(&tiles);
        CHECK_OK(pcs_tiles_random(&options.array, seed, 1, 40, &tiles, &err), &err);
    }
    tiles.stalls = (pcs_stalls_t){0};
    const pcs_status_t status = pcs_cosim_check(cosim, &tiles, &result, &err);
    (void)CHECK_EQ(status, inject[0] == '\0' ? PCS_OK : PCS_MISMATCH, "%s", err.text);
    if (status == PCS_MISMATCH) {
        check_difference(&options, &result, inject);
    }
    pcs_tiles_free(&tiles);
    pcs_cosim_destroy(cosim);
    return check_done("cosim.fault");
}
