#include "models/array/conventions.h"

const pcs_convention_row_t pcs_conventions[PCS_CONVENTIONS] = {
    {"SCALE-Sim paper", "(2R+C+T-2) folds", "drain in, folds do not overlap", false, pcs_clocks_scalesim_paper},
    {"SCALE-Sim v2/v3 code", "os (R+C+T-2) folds; ws, is (2R+C+T-2) folds", "os without the drain; prints one less",
     false, pcs_clocks_scalesim_v2},
    {"SCALE-Sim v1 code", "os folds T + last rows - 1; ws (2R+C+T) folds; is (2R+C+T-1) folds",
     "os folds overlap; ws, is: full folds", false, pcs_clocks_scalesim_v1},
    {"uSystolic-Sim", "ws (2R+C+T m) folds", "full folds", false, pcs_clocks_usystolic},
    {"Bit Fusion", "M ceil(N/C) ceil(K/(R pf))", "its own PEs, pf products a clock; no fill, no drain", true,
     pcs_clocks_bit_fusion},
    {"Timeloop", "folds T m", "no fill, no drain", false, pcs_clocks_timeloop},
    {"ideal", "M N K' m / (R C)", "every PE always busy", true, pcs_clocks_ideal},
    {"serial, skew by clocks", "os (2R+C+T m-2) folds", "drain in, folds do not overlap", false,
     pcs_clocks_serial_clock_skew},
    {"serial, skew by steps", "os m (R+C+T-2) folds + R folds", "drain in, folds do not overlap", false,
     pcs_clocks_serial_step_skew},
    {"ws, double-buffered", "ws (R+C+T m-2) folds + R", "weight load hidden after the first fold", false,
     pcs_clocks_ws_double_buffered},
};

/* A GEMM as a dataflow lays it onto the array. */
typedef struct layout {
    uint64_t rows, cols, time; /* Sr, Sc, T */
    uint64_t folds;
    uint64_t last_rows; /* active rows of the last fold */
    bool full;          /* no fold is ragged */
} layout_t;

static layout_t lay(const pcs_foldable_t *g)
{
    layout_t l = {0};
    const uint64_t steps = (g->k + g->lanes - 1U) / g->lanes;
    switch (g->dataflow) {
    case PCS_DATAFLOW_WS:
        l = (layout_t){.rows = steps, .cols = g->n, .time = g->m};
        break;
    case PCS_DATAFLOW_IS:
        l = (layout_t){.rows = steps, .cols = g->m, .time = g->n};
        break;
    default:
        l = (layout_t){.rows = g->m, .cols = g->n, .time = steps};
        break;
    }
    const uint64_t down = (l.rows + g->rows - 1U) / g->rows;
    l.folds = down * ((l.cols + g->cols - 1U) / g->cols);
    l.last_rows = l.rows - (down - 1U) * g->rows;
    l.full = l.rows % g->rows == 0 && l.cols % g->cols == 0;
    return l;
}

/* One multiplication a clock, as forms without m know it. */
static bool is_plain(const pcs_foldable_t *gemm)
{
    return gemm->clocks == 1 && gemm->lanes == 1;
}

bool pcs_clocks_scalesim_paper(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = (2U * gemm->rows + gemm->cols + l.time - 2U) * l.folds;
    return is_plain(gemm);
}

bool pcs_clocks_scalesim_v2(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    const uint64_t load = gemm->dataflow == PCS_DATAFLOW_OS ? 0 : gemm->rows;
    *clocks = (load + gemm->rows + gemm->cols + l.time - 2U) * l.folds;
    return is_plain(gemm);
}

bool pcs_clocks_scalesim_v1(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    switch (gemm->dataflow) {
    case PCS_DATAFLOW_WS:
        *clocks = (2U * gemm->rows + gemm->cols + l.time) * l.folds;
        break;
    case PCS_DATAFLOW_IS:
        *clocks = (2U * gemm->rows + gemm->cols + l.time - 1U) * l.folds;
        break;
    default:
        *clocks = l.folds * l.time + l.last_rows - 1U;
        break;
    }
    return is_plain(gemm) && (gemm->dataflow == PCS_DATAFLOW_OS || l.full);
}

bool pcs_clocks_usystolic(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = (2U * gemm->rows + gemm->cols + l.time * gemm->clocks) * l.folds;
    return gemm->dataflow == PCS_DATAFLOW_WS && l.full;
}

bool pcs_clocks_bit_fusion(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const uint64_t factor = (uint64_t)(PCS_PREC_MAX / gemm->pa) * (uint64_t)(PCS_PREC_MAX / gemm->pb);
    const uint64_t depth = gemm->rows * factor;
    *clocks = gemm->m * ((gemm->n + gemm->cols - 1U) / gemm->cols) * ((gemm->k + depth - 1U) / depth);
    return true;
}

bool pcs_clocks_timeloop(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = l.folds * l.time * gemm->clocks;
    return true;
}

bool pcs_clocks_ideal(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const uint64_t pes = gemm->rows * gemm->cols;
    const uint64_t steps = (gemm->k + gemm->lanes - 1U) / gemm->lanes;
    *clocks = (gemm->m * gemm->n * steps * gemm->clocks + pes - 1U) / pes;
    return true;
}

bool pcs_clocks_serial_clock_skew(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = (2U * gemm->rows + gemm->cols + l.time * gemm->clocks - 2U) * l.folds;
    return gemm->dataflow == PCS_DATAFLOW_OS;
}

bool pcs_clocks_serial_step_skew(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = gemm->clocks * (gemm->rows + gemm->cols + l.time - 2U) * l.folds + gemm->rows * l.folds;
    return gemm->dataflow == PCS_DATAFLOW_OS;
}

bool pcs_clocks_ws_double_buffered(const pcs_foldable_t *gemm, uint64_t *clocks)
{
    const layout_t l = lay(gemm);
    *clocks = (gemm->rows + gemm->cols + l.time * gemm->clocks - 2U) * l.folds + gemm->rows;
    return gemm->dataflow == PCS_DATAFLOW_WS;
}
