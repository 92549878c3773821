/* What a complete sweep shows: the fronts, in words and as a picture. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/plot.h"
#include "sim/cli/summary.h"
#include "sim/cli/sweep.h"

enum { SHOWN_MAX = 20, WORKS_MAX = 8, FAINT_MAX = 4000 };

static const char *const colours[] = {"#4e79a7", "#e1884a", "#59a14f", "#b07aa1", "#e15759", "#9c755f", "#edc948"};
enum { COLOURS = sizeof colours / sizeof colours[0] };

static uint64_t works_of(const cli_front_point_t *points, size_t count)
{
    return count > 0 ? points[count - 1U].work + 1U : 0; /* sorted by work */
}

/* The values of a point's lists: "array.rows 16, array.kind serial". */
static void describe(const cli_space_t *space, uint64_t id, char *text, size_t size)
{
    pcs_config_t config;
    size_t used = 0;
    text[0] = '\0';
    cli_space_point(space, id, &config);
    for (size_t i = 0; i < space->axes && used < size; i++) {
        char value[PCS_CONFIG_TEXT_MAX];
        const char *dot = strchr(space->axis[i].key->key, '.');
        cli_key_text(space->axis[i].key, &config, value, sizeof value);
        used += (size_t)snprintf(text + used, size - used, "%s%s %.40s", i == 0 ? "" : ", ",
                                 dot != NULL ? dot + 1 : space->axis[i].key->key, value);
    }
}

static void print_point(const cli_space_t *space, const cli_front_point_t *point, bool with_error)
{
    char time[40];
    char energy[40];
    char area[40] = "-";
    char what[400];
    cli_si(point->cost[CLI_COST_TIME], "s", time, sizeof time);
    cli_si(point->cost[CLI_COST_ENERGY], "J", energy, sizeof energy);
    if (!isnan(point->cost[CLI_COST_AREA])) {
        (void)snprintf(area, sizeof area, "%.4f mm2", point->cost[CLI_COST_AREA] * 1e-6);
    }
    describe(space, point->id, what, sizeof what);
    (void)printf("  %10s %10s %12s", time, energy, area);
    if (with_error) {
        (void)printf(" %7.2f %%", 100.0 * (1.0 - point->cost[CLI_COST_ERROR]));
    }
    (void)printf("  %s\n", what);
}

void cli_sweep_print(const cli_space_t *space, const cli_front_point_t *points, size_t count, bool with_error)
{
    size_t shown = 0;
    size_t front = 0;
    size_t groups = count > 0 ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        front += points[i].pareto ? 1 : 0;
        groups += i > 0 && points[i].group != points[i - 1U].group ? 1 : 0;
    }
    (void)printf("\nfronts of time, energy%s: %zu of %zu points with energy, %zu %s\n",
                 with_error ? ", area and test accuracy" : " and area", front, count, groups,
                 with_error ? "networks trained alike" : "kinds of work");
    for (size_t i = 0; i < count && shown < SHOWN_MAX; i++) {
        if (points[i].pareto) {
            print_point(space, &points[i], with_error);
            shown++;
        }
    }
    if (front > shown) {
        (void)printf("  and %zu more: SELECT * FROM point WHERE %s\n", front - shown,
                     with_error ? "pareto_accuracy" : "pareto");
    }
}

/* Faint: every point, thinned; bright: the points of the fronts by MAC kind; a line: the front of energy over time. */
static void script_data(const cli_front_point_t *points, size_t count, cli_text_t *script)
{
    const size_t step = count / FAINT_MAX + 1U;
    cli_text_add(script, "$all << END\n");
    for (size_t i = 0; i < count; i += step) {
        cli_text_add(script, "%.9g %.9g\n", points[i].cost[CLI_COST_TIME], points[i].cost[CLI_COST_ENERGY]);
    }
    cli_text_add(script, "END\n");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        cli_text_add(script, "$kind%d << END\n", kind);
        for (size_t i = 0; i < count; i++) {
            if (points[i].pareto && points[i].kind == (pcs_kind_t)kind) {
                cli_text_add(script, "%.9g %.9g\n", points[i].cost[CLI_COST_TIME], points[i].cost[CLI_COST_ENERGY]);
            }
        }
        cli_text_add(script, "nan nan\nEND\n"); /* never empty */
    }
    for (uint64_t work = 0; work < works_of(points, count) && work < WORKS_MAX; work++) {
        double least = HUGE_VAL;
        cli_text_add(script, "$work%" PRIu64 " << END\n", work);
        for (size_t i = 0; i < count; i++) {
            if (points[i].work == work && points[i].pareto && points[i].cost[CLI_COST_ENERGY] < least) {
                least = points[i].cost[CLI_COST_ENERGY];
                cli_text_add(script, "%.9g %.9g\n", points[i].cost[CLI_COST_TIME], least);
            }
        }
        cli_text_add(script, "nan nan\nEND\n");
    }
}

/* The page's colours of cli_plot_run, for a picture that stands alone. */
static void stand_alone(const cli_text_t *inner, cli_text_t *svg)
{
    const char *end = strchr(inner->data, '>');
    PCS_ASSERT(end != NULL);
    cli_text_append(svg, inner->data, (size_t)(end - inner->data) + 1U);
    cli_text_add(svg, "\n<style>svg { --line: #b8bec4; color: #24292f; background: #ffffff }</style>\n%s", end + 1);
}

pcs_status_t cli_sweep_plot(const cli_space_t *space, const cli_front_point_t *points, size_t count, cli_text_t *svg,
                            pcs_error_t *err)
{
    cli_text_t script = {0};
    cli_text_t inner = {0};
    if (count == 0) {
        return pcs_fail(err, PCS_INVALID, "sweep: no point has an energy: nothing to plot");
    }
    script_data(points, count, &script);
    cli_text_add(
        &script,
        "set terminal svg size 760,480 dynamic enhanced font 'system-ui,13' name 'fronts' background '#070809'\n"
        "set logscale xy\nset xrange [*:*] noextend\nset yrange [*:*] noextend\nset xlabel 'time, s'\nset ylabel "
        "'energy, J'\nset format '%%.2g'\n"
        "set key outside right top textcolor rgb '#010203'\n"
        "set title '%" PRIu64 " points; bright: no point of the same work is better in time, energy and area' "
        "textcolor rgb '#010203'\nplot $all using 1:2 with dots lc rgb '#8a9299' notitle",
        space->points);
    for (uint64_t work = 0; work < works_of(points, count) && work < WORKS_MAX; work++) {
        cli_text_add(&script, ", $work%" PRIu64 " using 1:2 with fsteps lc rgb '#040506' lw 1 notitle", work);
    }
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        cli_text_add(&script, ", $kind%d using 1:2 with points pt 7 ps 0.5 lc rgb '%s' title '%s'", kind,
                     colours[kind % COLOURS], pcs_kinds[kind].name);
    }
    cli_text_add(&script, "\n");
    const pcs_status_t status = cli_plot_run("fronts", &script, &inner, err);
    if (status == PCS_OK) {
        stand_alone(&inner, svg);
    }
    cli_text_free(&script);
    cli_text_free(&inner);
    return status;
}
