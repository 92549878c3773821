/* precess sweep: every point of a design space, in one SQLite file.

   A sweep file is a configuration file (keys of an estimate) in which any value may be a list; the space is the product
   of the lists.  A point is a number: the lists' indices in mixed radix, the key that comes first in config.def
   slowest, except that the schedule, its cycles and the iterations are always fastest, since points that differ only in
   them share their evaluation.

   The database has three tables.
     meta      key, value:
                 format     3; a database of another format is refused
                 spec_hash  of models/spec
                 space      a line "key: value | value" for every key
                 inputs     a line "hash path" for every file that the space names, energy tables included
                 version    of the program that made the database
     point     one row for every point:
                 id, a column for every key of an estimate (dots and dashes as underscores)
                 problem          why results are missing, or NULL
                 the results of sweep.def, and energy by component in joules (mac_j, ...)
                 accuracy         mean test accuracy of the runs that did the same work, or NULL
                 pareto           1 = no point that does the same work is better in time, energy or area without being
                                  worse in another of the three
                 pareto_accuracy  the same of four, with accuracy, among points of the same network and training at any
                                  precision
               The last three are set when the sweep is complete.
     accuracy  one row for every training run that --runs found: run (its directory), seed, accuracy, its work
   Points of the kinds float and bfp have formats and blocks in precision.schedule (operands.h); float is compared with
   no static 8/8, those results are NULL. The work of a point is what the keys of network, train and precision say. */
#ifndef PCS_SIM_CLI_SWEEP_H
#define PCS_SIM_CLI_SWEEP_H

#include "sim/cli/estimate.h"
#include "sim/cli/keys.h"
#include "sim/cli/text.h"

/* ---- the space -----------------------------------------------------------------------------------------------------
 */

typedef struct cli_axis {
    const cli_key_t *key;
    size_t count;
    char **values; /* (count) as the command line would write them; owned */
} cli_axis_t;

enum { CLI_SWEEP_AXES_MAX = 64, CLI_SWEEP_POINTS_MAX = 1 << 24 };

typedef struct cli_space {
    pcs_config_t base; /* keys that do not vary */
    size_t axes;
    cli_axis_t axis[CLI_SWEEP_AXES_MAX]; /* slowest first */
    uint64_t points, fast;               /* fast: points in a row that share all but schedule, cycles, iterations */
} cli_space_t;

PCS_MUST_CHECK pcs_status_t cli_space_load(const char *path, cli_space_t *space, pcs_error_t *err);
void cli_space_free(cli_space_t *space);
/* The configuration of a point. */
void cli_space_point(const cli_space_t *space, uint64_t id, pcs_config_t *config);
/* A line "key: value | value" for every key of an estimate. */
void cli_space_text(const cli_space_t *space, cli_text_t *text);
/* A line "hash path" for every file that the space depends on. */
PCS_MUST_CHECK pcs_status_t cli_space_inputs(const cli_space_t *space, cli_text_t *text, pcs_error_t *err);

/* ---- results -------------------------------------------------------------------------------------------------------
 */

typedef struct cli_result {
#define PCS_RESULT(field, column, meaning) double field; /* NaN = not known */
#include "sim/cli/sweep.def"
#undef PCS_RESULT
    double component_j[PCS_ENERGY_COMPONENT_COUNT];
    char problem[200]; /* empty = none */
} cli_result_t;

/* What evaluates points: networks, tables and schedules of a space, read once; one worker per thread. */
typedef struct cli_evaluator cli_evaluator_t;
PCS_MUST_CHECK pcs_status_t cli_evaluator_create(const cli_space_t *space, unsigned workers,
                                                 cli_evaluator_t **evaluator, pcs_error_t *err);
void cli_evaluator_destroy(cli_evaluator_t *evaluator);
/* Never fails: what is wrong with a point is in result->problem. */
void cli_evaluator_run(cli_evaluator_t *evaluator, unsigned worker, uint64_t id, cli_result_t *result);

/* ---- the database --------------------------------------------------------------------------------------------------
 */

typedef struct cli_store cli_store_t;
/* Opens the database of this space, or makes it.  A file that is not one, is damaged, or holds another sweep is left
   as it is. */
PCS_MUST_CHECK pcs_status_t cli_store_open(const char *path, const cli_space_t *space, cli_store_t **store,
                                           pcs_error_t *err);
void cli_store_close(cli_store_t *store);
/* Sets done[id] for every point that is stored, and returns their number. */
PCS_MUST_CHECK pcs_status_t cli_store_done(cli_store_t *store, const cli_space_t *space, unsigned char *done,
                                           uint64_t *count, pcs_error_t *err);
/* Stores n points, all or none. */
PCS_MUST_CHECK pcs_status_t cli_store_put(cli_store_t *store, const cli_space_t *space, size_t n, const uint64_t *ids,
                                          const cli_result_t *results, pcs_error_t *err);
/* Sets `accuracy`, finds the fronts and sets `pareto` and `pareto_accuracy`. */
PCS_MUST_CHECK pcs_status_t cli_store_fronts(cli_store_t *store, pcs_error_t *err);
/* The table `point` as CSV. */
PCS_MUST_CHECK pcs_status_t cli_store_csv(cli_store_t *store, cli_text_t *text, pcs_error_t *err);

/* One stored point, as fronts see it. */
typedef enum cli_cost_id {
    CLI_COST_TIME,   /* s */
    CLI_COST_ENERGY, /* J */
    CLI_COST_AREA,   /* um2; NaN = not known */
    CLI_COST_ERROR,  /* 1 - accuracy; NaN = not known */
    CLI_COSTS
} cli_cost_id_t;

typedef struct cli_front_point {
    uint64_t id, work, task; /* work, task: numbers of what it does, from 0; a task is work at any precision */
    double cost[CLI_COSTS];
    pcs_kind_t kind;
    bool pareto;
    uint64_t group; /* these two of cli_front_mark alone */
    size_t before;
} cli_front_point_t;
/* Points whose time and energy are known; *points is the caller's to free. */
PCS_MUST_CHECK pcs_status_t cli_store_points(cli_store_t *store, cli_front_point_t **points, size_t *count,
                                             pcs_error_t *err);

/* Marks the points that no other of the same work dominates in time, energy and area, or, with_error, none of the same
   task in these and the error, among points whose error is known.  A point of unknown area competes without area among
   those of unknown area.  Sorts by work or task, then time. */
void cli_front_mark(cli_front_point_t *points, size_t count, bool with_error);

/* Stores the accuracy that a run reached. */
PCS_MUST_CHECK pcs_status_t cli_store_accuracy(cli_store_t *store, const char *run, const pcs_config_t *config,
                                               double accuracy, pcs_error_t *err);
/* Stores the accuracies of the finished runs in a directory: itself a run's, or its subdirectories.  None is an error.
   Without a store (NULL) they are only looked at. */
PCS_MUST_CHECK pcs_status_t cli_runs_add(cli_store_t *store, const char *dir, pcs_error_t *err);

/* ---- output --------------------------------------------------------------------------------------------------------
 */

/* The points of the fronts; marked with_error or without. */
void cli_sweep_print(const cli_space_t *space, const cli_front_point_t *points, size_t count, bool with_error);
/* Energy over time and over area and, where runs supplied it, test accuracy over energy, the fronts bright: a
   stand-alone SVG.  Marks and sorts the points anew. */
PCS_MUST_CHECK pcs_status_t cli_sweep_plot(cli_front_point_t *points, size_t count, cli_text_t *svg, pcs_error_t *err);

#endif
