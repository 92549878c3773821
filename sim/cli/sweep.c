#include "sim/cli/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/args.h"
#include "sim/cli/progress.h"
#include "sim/cli/stop.h"

enum { BATCH_PER_THREAD = 64, THREADS_MAX = 256, BAR_WIDTH = 28 };

typedef struct sweep {
    cli_space_t space;
    cli_store_t *store;
    cli_evaluator_t *evaluator;
    unsigned threads;
    bool quiet, terminal;
    unsigned char *done;    /* (space.points) */
    uint64_t stored, first; /* points in the database, and of them before this run */
    double start_s, shown_s;
} sweep_t;

/* What the command line says beside the space. */
typedef struct flags {
    const char *config, *db, *csv, *plot, *threads, *runs;
    bool quiet;
} flags_t;

/* ---- progress ---------------------------------------------------------------------------------------------------- */

static void show_progress(sweep_t *sweep)
{
    const double period = sweep->terminal ? 0.2 : 10.0;
    const double now = cli_now_s();
    const bool last = sweep->stored == sweep->space.points;
    if (sweep->quiet || (!last && now - sweep->shown_s < period)) {
        return;
    }
    const double rate = (double)(sweep->stored - sweep->first) / (now - sweep->start_s);
    const double left = (double)(sweep->space.points - sweep->stored) / (rate > 0 ? rate : 1);
    sweep->shown_s = now;
    if (sweep->terminal) {
        const unsigned full = (unsigned)(BAR_WIDTH * sweep->stored / sweep->space.points);
        (void)fputs("\r", stdout);
        for (unsigned i = 0; i < BAR_WIDTH; i++) {
            (void)fputs(i < full ? "█" : "░", stdout);
        }
    }
    (void)printf("%s%" PRIu64 "/%" PRIu64 " points  %.0f a minute  %.0f s left%s", sweep->terminal ? " " : "",
                 sweep->stored, sweep->space.points, 60.0 * rate, left, sweep->terminal && !last ? "\033[K" : "\n");
    (void)fflush(stdout);
}

/* ---- the walk ------------------------------------------------------------------------------------------------------
 */

/* The next numbers that are not stored yet, up to `most`, from *at on. */
static size_t next_points(const sweep_t *sweep, uint64_t *at, size_t most, uint64_t *ids)
{
    size_t n = 0;
    for (; *at < sweep->space.points && n < most; ++*at) {
        if (sweep->done[*at] == 0) {
            ids[n++] = *at;
        }
    }
    return n;
}

/* A batch is cut into one run of neighbours per thread: they share evaluations. */
static void evaluate(const sweep_t *sweep, size_t n, const uint64_t *ids, cli_result_t *results)
{
    const size_t share = (n + sweep->threads - 1U) / sweep->threads;
#pragma omp parallel for schedule(static, 1) num_threads((int)sweep->threads)
    for (unsigned thread = 0; thread < sweep->threads; thread++) {
        for (size_t i = thread * share; i < (thread + 1U) * share && i < n; i++) {
            cli_evaluator_run(sweep->evaluator, thread, ids[i], &results[i]);
        }
    }
}

static pcs_status_t walk(sweep_t *sweep, pcs_error_t *err)
{
    const size_t most = (size_t)BATCH_PER_THREAD * sweep->threads;
    uint64_t *ids = malloc(most * sizeof *ids);
    cli_result_t *results = malloc(most * sizeof *results);
    pcs_status_t status = ids != NULL && results != NULL ? PCS_OK : pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    uint64_t at = 0;
    sweep->start_s = sweep->shown_s = cli_now_s();
    for (size_t n = 1; status == PCS_OK && n > 0 && !cli_stop_requested();) {
        n = next_points(sweep, &at, most, ids);
        if (n > 0) {
            evaluate(sweep, n, ids, results);
            status = cli_store_put(sweep->store, &sweep->space, n, ids, results, err);
            sweep->stored += status == PCS_OK ? n : 0;
            show_progress(sweep);
        }
    }
    free(ids);
    free(results);
    return status;
}

/* ---- outputs -------------------------------------------------------------------------------------------------------
 */

static pcs_status_t write_file(const char *path, const cli_text_t *text, pcs_error_t *err)
{
    char dir[CLI_PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (strlen(path) >= sizeof dir - 8U) {
        return pcs_fail(err, PCS_INVALID, "%.60s...: path too long", path);
    }
    (void)snprintf(dir, sizeof dir, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1, slash != NULL ? path : ".");
    return cli_text_write(text, dir, slash != NULL ? slash + 1 : path, err);
}

static void print_fronts(const sweep_t *sweep, cli_front_point_t *points, size_t count)
{
    size_t accurate = 0;
    for (size_t i = 0; i < count; i++) {
        accurate += isnan(points[i].cost[CLI_COST_ERROR]) ? 0 : 1;
    }
    cli_front_mark(points, count, false);
    cli_sweep_print(&sweep->space, points, count, false);
    if (accurate > 0) {
        cli_front_mark(points, count, true);
        cli_sweep_print(&sweep->space, points, count, true);
    }
}

static pcs_status_t outputs(sweep_t *sweep, const flags_t *flags, pcs_error_t *err)
{
    cli_front_point_t *points = NULL;
    size_t count = 0;
    cli_text_t text = {0};
    pcs_status_t status = flags->runs != NULL ? cli_runs_add(sweep->store, flags->runs, err) : PCS_OK;
    status = status == PCS_OK ? cli_store_fronts(sweep->store, err) : status;
    status = status == PCS_OK ? cli_store_points(sweep->store, &points, &count, err) : status;
    if (status == PCS_OK && !sweep->quiet) {
        print_fronts(sweep, points, count);
    }
    if (status == PCS_OK && flags->csv != NULL) {
        status = cli_store_csv(sweep->store, &text, err);
        status = status == PCS_OK ? write_file(flags->csv, &text, err) : status;
        cli_text_free(&text);
    }
    if (status == PCS_OK && flags->plot != NULL) {
        status = cli_sweep_plot(points, count, &text, err);
        status = status == PCS_OK ? write_file(flags->plot, &text, err) : status;
        cli_text_free(&text);
    }
    free(points);
    return status;
}

static pcs_status_t run(sweep_t *sweep, const flags_t *flags, const char *db, pcs_error_t *err)
{
    pcs_status_t status = cli_space_load(flags->config, &sweep->space, err);
    status = status == PCS_OK ? cli_evaluator_create(&sweep->space, sweep->threads, &sweep->evaluator, err) : status;
    status = status == PCS_OK && flags->runs != NULL ? cli_runs_add(NULL, flags->runs, err) : status;
    status = status == PCS_OK ? cli_store_open(db, &sweep->space, &sweep->store, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    sweep->done = calloc(sweep->space.points, 1);
    if (sweep->done == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    status = cli_store_done(sweep->store, &sweep->space, sweep->done, &sweep->stored, err);
    sweep->first = sweep->stored;
    if (status == PCS_OK && !sweep->quiet) {
        (void)printf("%s: %" PRIu64 " points, %" PRIu64 " of them in %s already; %u thread%s\n", flags->config,
                     sweep->space.points, sweep->stored, db, sweep->threads, sweep->threads == 1 ? "" : "s");
        (void)fflush(stdout);
    }
    status = status == PCS_OK ? walk(sweep, err) : status;
    if (status == PCS_OK && sweep->stored < sweep->space.points) {
        return pcs_fail(err, PCS_INTERRUPTED,
                        "stopped after %" PRIu64 " of %" PRIu64 " points; to go on: the same command", sweep->stored,
                        sweep->space.points);
    }
    return status == PCS_OK ? outputs(sweep, flags, err) : status;
}

/* ---- the command
 * ----------------------------------------------------------------------------------------------------- */

static pcs_status_t threads_of(const char *text, unsigned *threads, pcs_error_t *err)
{
    const size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
    const unsigned long value = digits > 0 && digits < 4 && text[digits] == '\0' ? strtoul(text, NULL, 10) : 0;
    *threads = text == NULL ? (unsigned)omp_get_num_procs() : (unsigned)value;
    *threads = *threads > THREADS_MAX && text == NULL ? THREADS_MAX : *threads;
    return *threads >= 1 && *threads <= THREADS_MAX
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID, "--threads: '%.20s' is not legal; legal: 1..%d", text, THREADS_MAX);
}

/* The sweep file's name with .db for its ending. */
static void default_db(const char *config, char db[CLI_PATH_MAX])
{
    const char *slash = strrchr(config, '/');
    const char *dot = strrchr(config, '.');
    const size_t length = dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - config) : strlen(config);
    (void)snprintf(db, CLI_PATH_MAX, "%.*s.db", (int)(length < CLI_PATH_MAX - 8 ? length : CLI_PATH_MAX - 8), config);
}

pcs_status_t cli_sweep(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    flags_t flags = {.config = NULL};
    cli_args_t args = {
        .command = "sweep",
        .usage = "-c SWEEP.yaml [--db FILE] [--csv FILE] [--plot FILE.svg] [--runs DIR] [--threads N] [--quiet]",
        .about =
            "Walks a design space on all cores and stores every point in a SQLite database.  The sweep file has the\n"
            "keys of precess estimate; any value may be a list, and the space is the product of the lists.  The same\n"
            "command goes on with a database that is not complete, however the last one ended.  When all points are\n"
            "there, those that no other of the same work (network, train, precision) beats in time, energy and area\n"
            "are marked in the column `pareto`; with --runs, those of the same network and training that none beats\n"
            "in time, energy, area and test accuracy in `pareto_accuracy`.  Tables and columns: sim/cli/sweep.h,\n"
            "sweep.def.\n\n"
            "Points of the kind float have a schedule float:FW/BW, the formats of activations and weights and of\n"
            "gradients; those of bfp a schedule of mantissa bits, or bfp:N:E:SPEC: N along K share an exponent of E\n"
            "bits [16:8].  Both need array.acc-bits 48.  A point whose kind and schedule do not fit has a problem.",
        .switches = {{"config", 'c', NULL, &flags.config, "FILE", "the sweep file"},
                     {"db", 0, NULL, &flags.db, "FILE", "the database [the sweep file's name, ending in .db]"},
                     {"csv", 0, NULL, &flags.csv, "FILE", "write all points as CSV, too"},
                     {"plot", 0, NULL, &flags.plot, "FILE",
                      "draw the fronts: energy over time and area, accuracy over energy, as SVG"},
                     {"runs", 0, NULL, &flags.runs, "DIR",
                      "take test accuracies from the training run in DIR, or from those in its subdirectories"},
                     {"threads", 0, NULL, &flags.threads, "N", "worker threads [all cores]"},
                     {"quiet", 'q', &flags.quiet, NULL, NULL, "print nothing"}},
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    sweep_t *sweep = calloc(1, sizeof *sweep);
    if (sweep == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    char db[CLI_PATH_MAX] = "";
    if (status == PCS_OK && flags.config == NULL) {
        status = pcs_fail(err, PCS_INVALID, "sweep: the sweep file is missing; legal: %s", args.usage);
    }
    status = status == PCS_OK ? threads_of(flags.threads, &sweep->threads, err) : status;
    if (status == PCS_OK) {
        default_db(flags.config, db);
        sweep->quiet = flags.quiet;
        sweep->terminal = isatty(STDOUT_FILENO) == 1;
        cli_stop_catch();
        status = run(sweep, &flags, flags.db != NULL ? flags.db : db, err);
    }
    cli_store_close(sweep->store);
    cli_evaluator_destroy(sweep->evaluator);
    cli_space_free(&sweep->space);
    free(sweep->done);
    free(sweep);
    return status;
}
