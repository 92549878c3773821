#include <math.h>
#include <stdlib.h>

#include "sim/cli/sweep.h"

static const size_t NONE = SIZE_MAX;

/* By work, known areas first, then time, energy, area, number: what dominates a point stands before it. */
static int in_order(const void *a, const void *b)
{
    const cli_front_point_t *p = a;
    const cli_front_point_t *q = b;
    if (p->work != q->work) {
        return p->work < q->work ? -1 : 1;
    }
    if (isnan(p->area_um2) != isnan(q->area_um2)) {
        return isnan(p->area_um2) ? 1 : -1;
    }
    const double first[] = {p->time_s, p->energy_j, isnan(p->area_um2) ? 0 : p->area_um2, (double)p->id};
    const double second[] = {q->time_s, q->energy_j, isnan(q->area_um2) ? 0 : q->area_um2, (double)q->id};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        if (first[i] < second[i] || first[i] > second[i]) {
            return first[i] < second[i] ? -1 : 1;
        }
    }
    return 0;
}

/* p, which is not slower than q, is not worse in energy and area either, and better in one of the three. */
static bool dominates(const cli_front_point_t *p, const cli_front_point_t *q)
{
    const bool area = !isnan(p->area_um2);
    return p->energy_j <= q->energy_j && (!area || p->area_um2 <= q->area_um2) &&
           (p->time_s < q->time_s || p->energy_j < q->energy_j || (area && p->area_um2 < q->area_um2));
}

void cli_front_mark(cli_front_point_t *points, size_t count)
{
    qsort(points, count, sizeof *points, in_order);
    size_t front = NONE; /* the latest point of the running front; each knows the one before it */
    for (size_t i = 0; i < count; i++) {
        cli_front_point_t *point = &points[i];
        if (i > 0 && (points[i - 1U].work != point->work || isnan(points[i - 1U].area_um2) != isnan(point->area_um2))) {
            front = NONE;
        }
        point->pareto = true;
        for (size_t k = front; k != NONE && point->pareto; k = points[k].before) {
            point->pareto = !dominates(&points[k], point);
        }
        if (point->pareto) {
            point->before = front;
            front = i;
        }
    }
}
