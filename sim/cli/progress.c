#include "sim/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 28, PLAIN_EVERY = 50, BITS_TEXT = 40 };
static const double bar_period_s = 0.1;

double cli_now_s(void)
{
    struct timespec time = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void cli_progress_start(cli_progress_t *progress, bool quiet, uint64_t first)
{
    *progress = (cli_progress_t){
        .quiet = quiet, .terminal = isatty(STDOUT_FILENO) == 1, .first = first, .start_s = cli_now_s()};
}

static void time_left(const cli_progress_t *progress, const pcs_train_progress_t *at, char *text, size_t size)
{
    const double done = (double)(at->iteration + 1 - progress->first);
    const double left = (double)(at->iterations - at->iteration - 1);
    const unsigned long seconds = (unsigned long)((cli_now_s() - progress->start_s) / done * left + 0.5);
    (void)snprintf(text, size, "%lu:%02lu", seconds / 60, seconds % 60);
}

/* "bits 3/8", "e4m3/e5m2" or "FP32". */
static void bits_text(const pcs_train_progress_t *at, char text[BITS_TEXT])
{
    if (at->fw_bits > 0) {
        (void)snprintf(text, BITS_TEXT, "bits %u/%u", at->fw_bits, at->bw_bits);
    } else {
        (void)snprintf(text, BITS_TEXT, "%s", at->formats != NULL ? at->formats : "FP32");
    }
}

static void draw_bar(const pcs_train_progress_t *at, const char *left)
{
    const unsigned full = (unsigned)(BAR_WIDTH * (at->iteration + 1) / at->iterations);
    char bits[BITS_TEXT];
    bits_text(at, bits);
    (void)fputs("\r", stdout);
    for (unsigned i = 0; i < BAR_WIDTH; i++) {
        (void)fputs(i < full ? "█" : "░", stdout);
    }
    (void)printf(" %" PRIu64 "/%" PRIu64 "  loss %.4f  %s  %s left \033[K", at->iteration + 1, at->iterations, at->loss,
                 bits, left);
    (void)fflush(stdout);
}

void cli_progress_iteration(cli_progress_t *progress, const pcs_train_progress_t *at)
{
    if (progress->quiet) {
        return;
    }
    const bool last = at->iteration + 1 == at->iterations;
    char left[32];
    time_left(progress, at, left, sizeof left);
    if (!progress->terminal) {
        if (last || (at->iteration + 1) % PLAIN_EVERY == 0) {
            char bits[BITS_TEXT];
            bits_text(at, bits);
            (void)printf("iteration %" PRIu64 "/%" PRIu64 "  loss %.4f  %s  %s left\n", at->iteration + 1,
                         at->iterations, at->loss, bits, left);
            (void)fflush(stdout);
        }
        return;
    }
    const double now = cli_now_s();
    if (last || now - progress->last_bar_s >= bar_period_s) {
        progress->last_bar_s = now;
        progress->bar_shown = true;
        draw_bar(at, left);
    }
}

void cli_progress_end(cli_progress_t *progress)
{
    if (progress->bar_shown) {
        (void)printf("\n");
        (void)fflush(stdout);
        progress->bar_shown = false;
    }
}

void cli_progress_eval(cli_progress_t *progress, const pcs_train_eval_t *eval)
{
    if (!progress->quiet) {
        cli_progress_end(progress);
        char bits[BITS_TEXT];
        (void)snprintf(bits, sizeof bits, "in %.30s", eval->formats != NULL ? eval->formats : "FP32");
        if (eval->fw_bits > 0) {
            (void)snprintf(bits, sizeof bits, "forward at %u bit", eval->fw_bits);
        }
        (void)printf("evaluation after %" PRIu64 " iterations, %s: test accuracy %.2f %%, loss %.4f nats\n",
                     eval->iteration, bits, 100.0 * eval->accuracy, eval->loss);
        (void)fflush(stdout);
    }
}
