#include "tests/support/plain_array.h"

#include <stdlib.h>
#include <string.h>

#include "models/mac/aligned.h"
#include "tests/support/plain_mac.h"

enum { DIM = PCS_ARRAY_MAX_DIM, STARTS = 2 * DIM };

/* What moves to the right. */
typedef struct a_token {
    bool valid, start, first, last;
    uint16_t mode;
    uint32_t word;
} a_token_t;

/* What moves down. */
typedef struct b_token {
    bool valid;
    uint8_t rows; /* WS: rows still to go */
    uint32_t word;
} b_token_t;

/* Accumulators of a PE. */
typedef struct sums {
    struct {
        int64_t value;
        uint8_t flags;
    } lane[PCS_ACCS_MAX];
} sums_t;

typedef struct pe {
    bool active, start, first, last;
    uint16_t mode;
    plain_mac_t mac;
    sums_t acc, drain;
    bool drain_valid;
    uint32_t weight, staged, pass;
    bool weight_valid, staged_valid, pass_valid;
    uint8_t pass_rows;
} pe_t;

typedef struct down {
    bool valid, last;
    sums_t sums;
} down_t;

typedef struct plain {
    pcs_array_dev_t dev;
    unsigned rows, cols, accs;
    bool ws;
    pe_t *pe, *next; /* (R, C) */
    uint32_t *image;

    /* From here on zero after a reset. */
    a_token_t a_skew[DIM][DIM];       /* row r uses r of them */
    b_token_t b_skew[DIM][DIM];       /* column c uses c of them */
    down_t deskew[DIM][DIM];          /* column c uses C - 1 - c of them */
    uint64_t start[STARTS], starts;   /* OS: clocks at which column 0 starts to drain */
    uint64_t clock;                   /* enabled ones */
    uint64_t open_at, drain_at, idle; /* clocks from which on: a step may come, a drain may start, all has left */
    uint32_t mode;
    unsigned tile_rows, tile_cols;
    bool error;
    pcs_counts_t counts;
    int64_t out_acc[DIM * PCS_ACCS_MAX];
    uint8_t out_flags[DIM * PCS_ACCS_MAX], out_valid[DIM];
} plain_t;

static void count(plain_t *p, pcs_event_t event, uint64_t times)
{
    p->counts.n[event] += times;
}

/* ---- results ---- */

/* Whether column c drains in this clock, and how many of its rows have gone. */
static bool drains(const plain_t *p, unsigned c, unsigned *gone)
{
    for (uint64_t i = p->starts > STARTS ? p->starts - STARTS : 0; i < p->starts; i++) {
        const uint64_t start = p->start[i % STARTS] + c;
        if (p->clock >= start && p->clock < start + p->rows) {
            *gone = (unsigned)(p->clock - start);
            return true;
        }
    }
    return false;
}

/* What stands below column c in this clock. */
static down_t below(const plain_t *p, unsigned c)
{
    const pe_t *bottom = &p->pe[(p->rows - 1) * p->cols + c];
    unsigned gone = p->rows - 1;
    const bool on = p->ws || drains(p, c, &gone);
    return (down_t){.valid = on && bottom->drain_valid, .last = gone + 1 == p->rows, .sums = bottom->drain};
}

static void outputs(plain_t *p, pcs_array_out_t *out)
{
    *out = (pcs_array_out_t){.acc = p->out_acc, .flags = p->out_flags, .col_valid = p->out_valid, .error = p->error};
    out->busy = p->clock < p->idle;
    for (unsigned c = 0; c < p->cols; c++) {
        const unsigned depth = p->cols - 1 - c;
        const down_t word = depth == 0 ? below(p, c) : p->deskew[c][depth - 1];
        for (unsigned i = 0; i < p->accs; i++) {
            p->out_acc[c * p->accs + i] = word.sums.lane[i].value;
            p->out_flags[c * p->accs + i] = word.sums.lane[i].flags;
        }
        p->out_valid[c] = word.valid;
        if (c == 0) {
            out->out_valid = word.valid;
            out->out_last = word.valid && word.last;
        }
    }
}

static void count_row(plain_t *p)
{
    const unsigned overflow = pcs_kind_is_integer(p->dev.config.kind) ? 0 : PCS_FLOAT_MAC_FLAG_OVERFLOW;
    for (unsigned c = 0; c < p->cols; c++) {
        count(p, PCS_EVENT_OUT, p->out_valid[c]);
        for (unsigned i = 0; i < p->accs; i++) {
            count(p, PCS_EVENT_OVERFLOW, p->out_valid[c] && ((unsigned)p->out_flags[c * p->accs + i] >> overflow & 1U));
        }
    }
}

static void clock_deskew(plain_t *p)
{
    for (unsigned c = 0; c + 1 < p->cols; c++) {
        for (unsigned i = p->cols - 2 - c; i > 0; i--) {
            p->deskew[c][i] = p->deskew[c][i - 1];
            count(p, PCS_EVENT_DESKEW, p->deskew[c][i].valid);
        }
        p->deskew[c][0] = below(p, c);
        count(p, PCS_EVENT_DESKEW, p->deskew[c][0].valid);
    }
}

/* ---- PEs ---- */

static sums_t accumulate(const plain_t *p, const pe_t *pe, const sums_t *base)
{
    const pcs_array_config_t *config = &p->dev.config;
    const pcs_mode_t mode = pcs_mode_unpack(config->kind, pe->mode);
    sums_t sums = {0};
    if (!pcs_kind_is_integer(config->kind)) {
        pcs_float_mac_t mac = pcs_aligned_start(config, &mode);
        mac.acc = pe->first ? 0 : base->lane[0].value;
        mac.flags = pe->first ? 0 : base->lane[0].flags;
        pcs_aligned_step(config->kind, &mode, &mac, (uint16_t)pe->mac.a, (uint16_t)pe->mac.b);
        sums.lane[0].value = (int64_t)mac.acc;
        sums.lane[0].flags = (uint8_t)mac.flags;
        return sums;
    }
    int32_t product[PCS_ACCS_MAX];
    plain_mac_product(config, &mode, &pe->mac, product);
    for (unsigned i = 0; i < p->accs; i++) {
        const pcs_acc_t from = {pe->first ? 0 : base->lane[i].value, !pe->first && base->lane[i].flags != 0};
        const pcs_acc_t sum = pcs_acc_add(from, product[i], config->acc_bits, mode.saturate);
        sums.lane[i].value = sum.value;
        sums.lane[i].flags = sum.overflow;
    }
    return sums;
}

static void clock_drain(plain_t *p, unsigned r, unsigned c, bool capture, const sums_t *sums, pe_t *next)
{
    const pe_t *above = r > 0 ? &p->pe[(r - 1) * p->cols + c] : NULL;
    unsigned gone = p->rows - 1;
    const bool on = p->ws || drains(p, c, &gone);
    if (capture) {
        next->drain = *sums;
        next->drain_valid = true;
        count(p, PCS_EVENT_CAPTURE, 1);
    } else if (on && gone < r) {
        if (above->drain_valid) {
            next->drain = above->drain;
            count(p, PCS_EVENT_DRAIN, 1);
        }
        next->drain_valid = above->drain_valid;
    } else if (on && gone == r) {
        next->drain_valid = false;
    }
}

/* Weights on their way down; returns whether the step from the left loads, and with which weight. */
static bool clock_weights(plain_t *p, const pe_t *pe, const a_token_t *a, const b_token_t *b, pe_t *next,
                          uint32_t *weight)
{
    const bool swap = a->valid && a->start;
    const bool loads = a->valid && (a->start ? pe->staged_valid : pe->weight_valid);
    *weight = a->start ? pe->staged : pe->weight;
    if (swap) {
        next->weight_valid = pe->staged_valid;
        next->staged_valid = false;
        if (pe->staged_valid) {
            next->weight = pe->staged;
            count(p, PCS_EVENT_WEIGHT_SWAP, 1);
        }
    }
    next->pass_valid = b->valid && b->rows > 0;
    if (next->pass_valid) {
        next->pass = b->word;
        next->pass_rows = (uint8_t)(b->rows - 1);
        count(p, PCS_EVENT_WEIGHT_PASS, 1);
    } else if (b->valid) {
        next->staged = b->word;
        next->staged_valid = true;
        count(p, PCS_EVENT_WEIGHT_STAGE, 1);
    }
    return loads;
}

static void clock_pe(plain_t *p, unsigned r, unsigned c, const a_token_t *a, const b_token_t *b)
{
    const pe_t *pe = &p->pe[r * p->cols + c];
    pe_t *next = &p->next[r * p->cols + c];
    const pe_t *above = r > 0 ? &p->pe[(r - 1) * p->cols + c] : NULL;
    *next = *pe;

    const pcs_mode_t mode = pcs_mode_unpack(p->dev.config.kind, pe->mode);
    const bool works = pe->mac.left > 0;
    const bool writes = pe->mac.left == 1;
    sums_t sums = {0};
    if (writes) {
        sums = accumulate(p, pe, p->ws && above != NULL ? &above->acc : &pe->acc);
        next->acc = sums;
    }
    count(p, PCS_EVENT_MAC_CYCLE, works);
    count(p, PCS_EVENT_ACC_WRITE, writes);
    clock_drain(p, r, c, writes && (p->ws ? r + 1 == p->rows : pe->last), &sums, next);
    if (works) {
        plain_mac_clock(&p->dev.config, &mode, &next->mac);
    }

    uint32_t word = b->word;
    next->active = p->ws ? clock_weights(p, pe, a, b, next, &word) : a->valid && b->valid;
    if (next->active) {
        next->start = p->ws && a->start;
        next->first = a->first;
        next->last = a->last;
        next->mode = (p->ws ? a->start : a->first) ? a->mode : pe->mode;
        const pcs_mode_t loaded = pcs_mode_unpack(p->dev.config.kind, next->mode);
        plain_mac_load(&p->dev.config, &loaded, &next->mac, a->word, word);
        count(p, PCS_EVENT_PE_LOAD, 1);
    }
}

/* ---- edge ---- */

static a_token_t a_edge(const plain_t *p, const pcs_array_in_t *in, bool streams, unsigned r)
{
    const pcs_mode_t mode = pcs_mode_unpack(p->dev.config.kind, p->mode);
    const bool used = p->ws ? r + p->tile_rows >= p->rows : r < p->tile_rows;
    a_token_t token = {0};
    if (streams && used) {
        token = (a_token_t){true,     p->ws && in->first, p->ws ? r + p->tile_rows == p->rows : in->first,
                            in->last, (uint16_t)p->mode,  plain_mac_align_a(&p->dev.config, &mode, in->a[r])};
    }
    return token;
}

static b_token_t b_edge(const plain_t *p, const pcs_array_in_t *in, bool loads, unsigned c)
{
    const pcs_mode_t mode = pcs_mode_unpack(p->dev.config.kind, p->ws ? in->load_mode : p->mode);
    b_token_t token = {0};
    if (loads && c < (p->ws ? in->load_cols : p->tile_cols)) {
        token = (b_token_t){true, p->ws ? in->load_row : 0, plain_mac_align_b(&p->dev.config, &mode, in->b[c])};
    }
    return token;
}

static void clock_grid(plain_t *p, const pcs_array_in_t *in, bool streams, bool loads)
{
    for (unsigned r = 0; r < p->rows; r++) {
        for (unsigned c = 0; c < p->cols; c++) {
            const pe_t *left = c > 0 ? &p->pe[r * p->cols + c - 1] : NULL;
            const pe_t *above = r > 0 ? &p->pe[(r - 1) * p->cols + c] : NULL;
            a_token_t a = r == 0 ? a_edge(p, in, streams, r) : p->a_skew[r][r - 1];
            b_token_t b = c == 0 ? b_edge(p, in, loads, c) : p->b_skew[c][c - 1];
            if (left != NULL) {
                a = (a_token_t){left->active, left->start, left->first, left->last, left->mode, left->mac.a};
            }
            if (above != NULL) {
                b = p->ws ? (b_token_t){above->pass_valid, above->pass_rows, above->pass}
                          : (b_token_t){above->active, 0, above->mac.b};
            }
            clock_pe(p, r, c, &a, &b);
        }
    }
    pe_t *last = p->pe;
    p->pe = p->next;
    p->next = last;
}

static void clock_skew(plain_t *p, const pcs_array_in_t *in, bool streams, bool loads)
{
    for (unsigned r = 1; r < p->rows; r++) {
        for (unsigned i = r; i-- > 0;) {
            p->a_skew[r][i] = i > 0 ? p->a_skew[r][i - 1] : a_edge(p, in, streams, r);
            count(p, PCS_EVENT_SKEW, p->a_skew[r][i].valid);
        }
    }
    for (unsigned c = 1; c < p->cols; c++) {
        for (unsigned i = c; i-- > 0;) {
            p->b_skew[c][i] = i > 0 ? p->b_skew[c][i - 1] : b_edge(p, in, loads, c);
            count(p, PCS_EVENT_SKEW, p->b_skew[c][i].valid);
        }
    }
}

/* ---- port ---- */

static bool tile_legal(const plain_t *p, uint32_t mode, unsigned rows, unsigned cols)
{
    return pcs_mode_legal(p->dev.config.kind, mode) && rows >= 1 && rows <= p->rows && cols >= 1 && cols <= p->cols;
}

static bool legal(const plain_t *p, const pcs_array_in_t *in)
{
    if (!p->ws) {
        return !in->first || tile_legal(p, in->mode, in->rows, in->cols);
    }
    return (in->stream || in->load) && (!in->stream || !in->first || tile_legal(p, in->mode, in->rows, in->cols)) &&
           (!in->load || tile_legal(p, in->load_mode, in->load_row + 1U, in->load_cols));
}

/* Accepts a step of m clocks. */
static void accept(plain_t *p, const pcs_array_in_t *in, bool streams, bool loads, unsigned m)
{
    const uint64_t transit = p->ws ? p->rows + p->cols - 1 : 2 * p->rows + p->cols - 2;
    if (streams) {
        if (in->first) {
            p->mode = in->mode;
            p->tile_rows = in->rows;
            p->tile_cols = in->cols;
        }
        count(p, PCS_EVENT_STEP, 1);
        count(p, PCS_EVENT_TILE, in->last);
        count(p, PCS_EVENT_A_LOAD, p->tile_rows);
        p->open_at = p->clock + m;
        p->idle = p->clock + m + transit + 1;
        if (!p->ws && in->last) {
            p->start[p->starts++ % STARTS] = p->clock + m + p->rows;
            p->drain_at = p->clock + m + p->rows;
        }
    }
    if (loads) {
        count(p, PCS_EVENT_B_LOAD, p->ws ? in->load_cols : p->tile_cols);
    }
}

static void plain_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    plain_t *p = (plain_t *)dev;
    outputs(p, out);
    const bool enabled = !out->out_valid || in->out_ready;
    const bool brings_a = !p->ws || in->stream;
    const bool good = legal(p, in);
    const pcs_mode_t mode = pcs_mode_unpack(dev->config.kind, brings_a && in->first && good ? in->mode : p->mode);
    const unsigned m = pcs_mac_step(&dev->config, &mode).cycles;
    const bool open = enabled && p->clock >= p->open_at;
    out->in_ready = open && good && (p->ws || !in->last || p->clock + m >= p->drain_at);
    const bool accepted = in->in_valid && out->in_ready;
    count(p, PCS_EVENT_CYCLE, accepted || out->busy);
    count(p, PCS_EVENT_STALL, !enabled);
    p->error = p->error || (open && in->in_valid && !good);
    if (enabled) {
        const bool streams = accepted && brings_a;
        const bool loads = accepted && (!p->ws || in->load);
        if (accepted) {
            accept(p, in, streams, loads, m);
        }
        if (out->out_valid) {
            count_row(p);
        }
        clock_deskew(p);
        clock_grid(p, in, streams, loads);
        clock_skew(p, in, streams, loads);
        p->clock++;
    }
    if (in->clear) {
        p->counts = (pcs_counts_t){{0}};
        p->error = false;
    }
}

/* ---- registers, life ---- */

static void put(uint32_t *words, pcs_probe_t probe, int64_t value)
{
    for (unsigned bit = 0; bit < pcs_probes[probe].bits; bit++) {
        const unsigned at = pcs_probes[probe].lsb + bit;
        words[at / 32] |= (uint32_t)(((uint64_t)value >> bit) & 1U) << (at % 32);
    }
}

static const uint32_t *plain_probe(pcs_array_dev_t *dev)
{
    static const pcs_probe_t acc[] = {PCS_PROBE_ACC, PCS_PROBE_ACC1, PCS_PROBE_ACC2, PCS_PROBE_ACC3};
    static const pcs_probe_t acc_flags[] = {PCS_PROBE_ACC_FLAGS, PCS_PROBE_ACC1_OVF, PCS_PROBE_ACC2_OVF,
                                            PCS_PROBE_ACC3_OVF};
    static const pcs_probe_t drain[] = {PCS_PROBE_DRAIN, PCS_PROBE_DRAIN1, PCS_PROBE_DRAIN2, PCS_PROBE_DRAIN3};
    static const pcs_probe_t drain_flags[] = {PCS_PROBE_DRAIN_FLAGS, PCS_PROBE_DRAIN1_OVF, PCS_PROBE_DRAIN2_OVF,
                                              PCS_PROBE_DRAIN3_OVF};
    plain_t *p = (plain_t *)dev;
    memset(p->image, 0, (size_t)p->rows * p->cols * PCS_PROBE_WORDS * sizeof *p->image);
    for (unsigned i = 0; i < p->rows * p->cols; i++) {
        const pe_t *pe = &p->pe[i];
        uint32_t *words = p->image + (size_t)i * PCS_PROBE_WORDS;
        for (unsigned lane = 0; lane < PCS_ACCS_MAX; lane++) {
            put(words, acc[lane], pe->acc.lane[lane].value);
            put(words, acc_flags[lane], pe->acc.lane[lane].flags);
            put(words, drain[lane], pe->drain.lane[lane].value);
            put(words, drain_flags[lane], pe->drain.lane[lane].flags);
        }
        put(words, PCS_PROBE_DRAIN_VALID, pe->drain_valid);
        put(words, PCS_PROBE_A, pe->mac.a);
        put(words, PCS_PROBE_B, pe->mac.b);
        put(words, PCS_PROBE_MODE, pe->mode);
        put(words, PCS_PROBE_ACTIVE, pe->active);
        put(words, PCS_PROBE_FIRST, pe->first);
        put(words, PCS_PROBE_LAST, pe->last);
        put(words, PCS_PROBE_REMAINING, pe->mac.remaining);
        put(words, PCS_PROBE_INNER, pe->mac.inner);
        put(words, PCS_PROBE_PARTIAL, pe->mac.partial);
        put(words, PCS_PROBE_START, pe->start);
        put(words, PCS_PROBE_WEIGHT, pe->weight);
        put(words, PCS_PROBE_WEIGHT_VALID, pe->weight_valid);
        put(words, PCS_PROBE_STAGED, pe->staged);
        put(words, PCS_PROBE_STAGED_VALID, pe->staged_valid);
        put(words, PCS_PROBE_PASS, pe->pass);
        put(words, PCS_PROBE_PASS_ROWS, pe->pass_rows);
        put(words, PCS_PROBE_PASS_VALID, pe->pass_valid);
    }
    return p->image;
}

static uint64_t plain_csr(pcs_array_dev_t *dev, unsigned addr)
{
    const plain_t *p = (const plain_t *)dev;
    if (addr >= (unsigned)PCS_CSR_EVENT_BASE && addr < (unsigned)PCS_CSR_EVENT_BASE + PCS_EVENT_COUNT) {
        return p->counts.n[addr - (unsigned)PCS_CSR_EVENT_BASE];
    }
    return addr == PCS_CSR_STATUS ? p->error : 0;
}

static void plain_reset(pcs_array_dev_t *dev)
{
    plain_t *p = (plain_t *)dev;
    const size_t fixed = offsetof(plain_t, a_skew);
    memset((char *)p + fixed, 0, sizeof *p - fixed);
    memset(p->pe, 0, (size_t)p->rows * p->cols * sizeof *p->pe);
}

static void plain_destroy(pcs_array_dev_t *dev)
{
    plain_t *p = (plain_t *)dev;
    free(p->pe);
    free(p->next);
    free(p->image);
    free(p);
}

static const pcs_array_dev_ops_t plain_ops = {
    .name = "plain",
    .reset = plain_reset,
    .step = plain_step,
    .probe = plain_probe,
    .csr = plain_csr,
    .destroy = plain_destroy,
};

pcs_array_dev_t *plain_array_create(const pcs_array_config_t *config)
{
    const size_t pes = (size_t)config->rows * config->cols;
    plain_t *p = calloc(1, sizeof *p);
    PCS_ASSERT(p != NULL);
    p->dev = (pcs_array_dev_t){&plain_ops, *config};
    p->rows = config->rows;
    p->cols = config->cols;
    p->accs = pcs_kinds[config->kind].accs;
    p->ws = config->dataflow != PCS_DATAFLOW_OS;
    p->pe = calloc(pes, sizeof *p->pe);
    p->next = calloc(pes, sizeof *p->next);
    p->image = calloc(pes * PCS_PROBE_WORDS, sizeof *p->image);
    PCS_ASSERT(p->pe != NULL && p->next != NULL && p->image != NULL);
    return &p->dev;
}
