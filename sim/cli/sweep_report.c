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

/* One panel of the picture: two of a point's costs. */
typedef struct panel {
    const char *name, *title, *xlabel, *ylabel;
    cli_cost_id_t x, y;
    double x_scale, y_scale, y_offset; /* shown = offset + scale x cost */
    bool with_error, log_y;
} panel_t;

static const panel_t panels[] = {
    {.name = "time",
     .title = "bright: none of the same work is better in time, energy and area",
     .xlabel = "time, s",
     .ylabel = "energy, J",
     .x = CLI_COST_TIME,
     .y = CLI_COST_ENERGY,
     .x_scale = 1,
     .y_scale = 1,
     .log_y = true},
    {.name = "area",
     .title = "the same points",
     .xlabel = "area, um^2",
     .ylabel = "energy, J",
     .x = CLI_COST_AREA,
     .y = CLI_COST_ENERGY,
     .x_scale = 1,
     .y_scale = 1,
     .log_y = true},
    {.name = "accuracy",
     .title = "bright: none trained alike is better in these, in time and in area",
     .xlabel = "energy, J",
     .ylabel = "test accuracy, %",
     .x = CLI_COST_ENERGY,
     .y = CLI_COST_ERROR,
     .x_scale = 1,
     .y_scale = -100,
     .y_offset = 100,
     .with_error = true},
};
enum { PANELS = sizeof panels / sizeof panels[0], PANEL_WIDTH = 620, PANEL_HEIGHT = 440 };

static void add_xy(const panel_t *panel, const cli_front_point_t *point, cli_text_t *script)
{
    const double x = point->cost[panel->x];
    const double y = point->cost[panel->y];
    if (!isnan(x) && !isnan(y)) {
        cli_text_add(script, "%.9g %.9g\n", panel->x_scale * x, panel->y_offset + panel->y_scale * y);
    }
}

/* Faint: every point, thinned; bright: the points of the fronts by MAC kind. */
static void panel_data(const panel_t *panel, const cli_front_point_t *points, size_t count, cli_text_t *script)
{
    const size_t step = count / FAINT_MAX + 1U;
    cli_text_add(script, "$%s << END\n", panel->name);
    for (size_t i = 0; i < count; i += step) {
        add_xy(panel, &points[i], script);
    }
    cli_text_add(script, "nan nan\nEND\n"); /* never empty */
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        cli_text_add(script, "$%s_%s << END\n", panel->name, pcs_kinds[kind].name);
        for (size_t i = 0; i < count; i++) {
            if (points[i].pareto && points[i].kind == (pcs_kind_t)kind) {
                add_xy(panel, &points[i], script);
            }
        }
        cli_text_add(script, "nan nan\nEND\n");
    }
}

/* Lines of the time panel: least energy up to each time, for each kind of work. */
static void front_lines(const cli_front_point_t *points, size_t count, cli_text_t *script)
{
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

/* kinds: 1 << kind of those in the legend. */
static void plot_panel(const panel_t *panel, uint64_t works, unsigned kinds, cli_text_t *script)
{
    cli_text_add(script,
                 "set logscale x 2\n%s\nset xrange [*:*] noextend\nset yrange [*:*] noextend\n"
                 "set format x '%%.1s%%c'\nset format y '%%.1s%%c'\nset xlabel '%s'\nset ylabel '%s'\n"
                 "set title '%s' textcolor rgb '#010203'\nplot $%s using 1:2 with dots lc rgb '#8a9299' notitle",
                 panel->log_y ? "set logscale y 2" : "unset logscale y", panel->xlabel, panel->ylabel, panel->title,
                 panel->name);
    for (uint64_t work = 0; panel->x == CLI_COST_TIME && work < works && work < WORKS_MAX; work++) {
        cli_text_add(script, ", $work%" PRIu64 " using 1:2 with fsteps lc rgb '#040506' lw 1 notitle", work);
    }
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        if (((kinds >> (unsigned)kind) & 1U) == 0) {
            continue;
        }
        cli_text_add(script, ", $%s_%s using 1:2 with points pt 7 ps 0.5 lc rgb '%s' title '%s'", panel->name,
                     pcs_kinds[kind].name, colours[kind % COLOURS], pcs_kinds[kind].name);
    }
    cli_text_add(script, "\n");
}

/* Whether any point has the panel's two costs. */
static bool has_panel(const panel_t *panel, const cli_front_point_t *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isnan(points[i].cost[panel->x]) && !isnan(points[i].cost[panel->y])) {
            return true;
        }
    }
    return false;
}

/* The page's colours of cli_plot_run, for a picture that stands alone. */
static void stand_alone(const cli_text_t *inner, cli_text_t *svg)
{
    const char *end = strchr(inner->data, '>');
    PCS_ASSERT(end != NULL);
    cli_text_append(svg, inner->data, (size_t)(end - inner->data) + 1U);
    cli_text_add(svg, "\n<style>svg { --line: #b8bec4; color: #24292f; background: #ffffff }</style>\n%s", end + 1);
}

pcs_status_t cli_sweep_plot(cli_front_point_t *points, size_t count, cli_text_t *svg, pcs_error_t *err)
{
    cli_text_t script = {0};
    cli_text_t inner = {0};
    bool shown[PANELS];
    int width = 0;
    if (count == 0) {
        return pcs_fail(err, PCS_INVALID, "sweep: no point has an energy: nothing to plot");
    }
    for (size_t i = PANELS; i-- > 0;) { /* the last marks are those of the first panel: the lines need them, too */
        shown[i] = has_panel(&panels[i], points, count);
        width += shown[i] ? 1 : 0;
        cli_front_mark(points, count, panels[i].with_error);
        panel_data(&panels[i], points, count, &script);
    }
    front_lines(points, count, &script);
    cli_text_add(&script,
                 "set terminal svg size %d,%d dynamic enhanced font 'system-ui,13' name 'fronts' background '#070809'\n"
                 "set key outside below horizontal textcolor rgb '#010203'\nset multiplot layout 1,%d\n",
                 PANEL_WIDTH * width, PANEL_HEIGHT, width);
    unsigned kinds = 0; /* those of integers, and others where they are */
    for (unsigned kind = 0; kind < PCS_KIND_COUNT; kind++) {
        kinds |= pcs_kind_is_integer((pcs_kind_t)kind) ? 1U << kind : 0;
    }
    for (size_t i = 0; i < count; i++) {
        kinds |= 1U << (unsigned)points[i].kind;
    }
    for (size_t i = 0; i < PANELS; i++) {
        if (shown[i]) {
            plot_panel(&panels[i], works_of(points, count), kinds, &script);
        }
    }
    cli_text_add(&script, "unset multiplot\n");
    const pcs_status_t status = cli_plot_run("fronts", CLI_PLOT_HALF, &script, &inner, err);
    if (status == PCS_OK) {
        stand_alone(&inner, svg);
    }
    cli_text_free(&script);
    cli_text_free(&inner);
    return status;
}
