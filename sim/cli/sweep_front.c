#include <math.h>
#include <stdlib.h>

#include "sim/cli/sweep.h"

static const size_t NONE = SIZE_MAX;

static double known(double cost)
{
    return isnan(cost) ? 0 : cost;
}

/* By group, known areas first, then the costs in turn, then the number: what dominates a point stands before it. */
static int in_order(const void *a, const void *b)
{
    const cli_front_point_t *p = a;
    const cli_front_point_t *q = b;
    if (p->group != q->group) {
        return p->group < q->group ? -1 : 1;
    }
    if (isnan(p->cost[CLI_COST_AREA]) != isnan(q->cost[CLI_COST_AREA])) {
        return isnan(p->cost[CLI_COST_AREA]) ? 1 : -1;
    }
    for (int i = 0; i < CLI_COSTS; i++) {
        const double first = known(p->cost[i]);
        const double second = known(q->cost[i]);
        if (first < second || first > second) {
            return first < second ? -1 : 1;
        }
    }
    return p->id < q->id ? -1 : p->id > q->id ? 1 : 0;
}

/* p is nowhere worse than q, and better somewhere. */
static bool dominates(const cli_front_point_t *p, const cli_front_point_t *q, int costs)
{
    bool better = false;
    for (int i = 0; i < costs; i++) {
        const double first = known(p->cost[i]);
        const double second = known(q->cost[i]);
        if (first > second) {
            return false;
        }
        better = better || first < second;
    }
    return better;
}

void cli_front_mark(cli_front_point_t *points, size_t count, bool with_error)
{
    for (size_t i = 0; i < count; i++) {
        points[i].group = with_error ? points[i].task : points[i].work;
    }
    qsort(points, count, sizeof *points, in_order);
    size_t front = NONE; /* the latest point of the running front; each knows the one before it */
    for (size_t i = 0; i < count; i++) {
        cli_front_point_t *point = &points[i];
        if (i > 0 && (points[i - 1U].group != point->group ||
                      isnan(points[i - 1U].cost[CLI_COST_AREA]) != isnan(point->cost[CLI_COST_AREA]))) {
            front = NONE;
        }
        point->pareto = !(with_error && isnan(point->cost[CLI_COST_ERROR]));
        for (size_t k = front; k != NONE && point->pareto; k = points[k].before) {
            point->pareto = !dominates(&points[k], point, with_error ? CLI_COSTS : CLI_COST_ERROR);
        }
        if (point->pareto) {
            point->before = front;
            front = i;
        }
    }
}
