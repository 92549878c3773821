#include "energy/gates/netlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/gates/text.h"

enum { WORDS_MAX = 16, NO_NET = -1 };

/* Names to nets: an open hash table, grown with the netlist. */
typedef struct pcs_netlist_names {
    const char **name; /* (slots) */
    uint32_t *net;
    size_t slots, used;
} names_t;

static size_t slot_of(const names_t *names, const char *name)
{
    size_t slot = (size_t)pcs_gates_hash(name) & (names->slots - 1);
    while (names->name[slot] != NULL && strcmp(names->name[slot], name) != 0) {
        slot = (slot + 1) & (names->slots - 1);
    }
    return slot;
}

typedef struct reader {
    const char *path;
    unsigned line;
    const pcs_liberty_t *library;
    pcs_netlist_t *netlist;
    uint32_t *alias; /* (nets) the net that a net is another name of, itself when of none */
    pcs_error_t *err;
} reader_t;

static pcs_status_t bad(const reader_t *reader, const char *what, const char *word)
{
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%u: %s '%.80s'", reader->path, reader->line, what, word);
}

const char *pcs_part_name(pcs_part_t part)
{
    static const char *const names[PCS_PART_COUNT] = {"operand", "mac", "accumulator", "drain", "weight"};
    return names[part];
}

static uint32_t net_of(reader_t *reader, const char *name)
{
    names_t *names = reader->netlist->names;
    const size_t slot = slot_of(names, name);
    if (names->name[slot] == NULL) {
        PCS_ASSERT(names->used + 1 < names->slots);
        names->used++;
        names->name[slot] = name;
        names->net[slot] = (uint32_t)reader->netlist->nets;
        reader->alias[reader->netlist->nets] = (uint32_t)reader->netlist->nets;
        reader->netlist->net[reader->netlist->nets++] = name;
    }
    return names->net[slot];
}

static uint32_t resolve(const reader_t *reader, uint32_t net)
{
    while (reader->alias[net] != net) {
        net = reader->alias[net];
    }
    return net;
}

static pcs_status_t read_instance(reader_t *reader, char **word, size_t words)
{
    const pcs_cell_t *cell = words > 1 ? pcs_liberty_cell(reader->library, word[1]) : NULL;
    if (cell == NULL) {
        return bad(reader, "no gate or flip-flop of the library:", words > 1 ? word[1] : "");
    }
    pcs_instance_t *instance = &reader->netlist->instance[reader->netlist->instances++];
    *instance = (pcs_instance_t){.name = "", .cell = cell};
    size_t connected = 0;
    for (size_t i = 2; i < words; i++) {
        char *equals = strchr(word[i], '=');
        if (equals == NULL) {
            return bad(reader, "not pin=net:", word[i]);
        }
        *equals = '\0';
        const uint32_t net = net_of(reader, equals + 1);
        if (strcmp(word[i], cell->output) == 0) {
            instance->output = net;
            connected++;
        }
        for (size_t pin = 0; pin < cell->pins; pin++) {
            if (strcmp(word[i], cell->pin[pin]) == 0) {
                instance->input[pin] = net;
                connected++;
            }
        }
    }
    return connected == cell->pins + 1 ? PCS_OK : bad(reader, "not all pins are connected:", word[1]);
}

/* .names: a constant (one name, and a line 1 for one), or an alias (two names). */
static pcs_status_t read_names(reader_t *reader, char **word, size_t words, const char *rest)
{
    if (words == 3) {
        reader->alias[net_of(reader, word[2])] = net_of(reader, word[1]);
        return PCS_OK;
    }
    if (words != 2) {
        return bad(reader, "logic outside of cells:", words > 3 ? word[3] : "");
    }
    const bool one = rest != NULL && rest[0] == '1';
    reader->alias[net_of(reader, word[1])] = one ? PCS_NET_ONE : PCS_NET_ZERO;
    return PCS_OK;
}

static pcs_status_t read_lines(reader_t *reader)
{
    bool alias = false; /* the line is the cover "1 1" of an alias */
    for (char *at = reader->netlist->text; at != NULL; reader->line++) {
        char *word[WORDS_MAX];
        const size_t words = pcs_gates_words(&at, word, WORDS_MAX);
        pcs_status_t status = PCS_OK;
        if (words == 0 || word[0][0] == '#') {
            continue;
        }
        if (strcmp(word[0], ".subckt") == 0 || strcmp(word[0], ".gate") == 0) {
            status = read_instance(reader, word, words);
        } else if (strcmp(word[0], ".cname") == 0 && words > 1 && reader->netlist->instances > 0) {
            reader->netlist->instance[reader->netlist->instances - 1].name = word[1];
        } else if (strcmp(word[0], ".names") == 0) {
            status = read_names(reader, word, words, at);
            alias = words == 3;
        } else if (alias && words == 2 && word[0][0] != '.') {
            alias = false;
            status =
                strcmp(word[0], "1") == 0 && strcmp(word[1], "1") == 0 ? PCS_OK : bad(reader, "not an alias:", word[0]);
        } else if (strcmp(word[0], "1") != 0 && strcmp(word[0], ".model") != 0 && strcmp(word[0], ".inputs") != 0 &&
                   strcmp(word[0], ".outputs") != 0 && strcmp(word[0], ".end") != 0) {
            status = bad(reader, "not understood:", word[0]);
        }
        if (status != PCS_OK) {
            return status;
        }
    }
    return reader->netlist->instances > 0 ? PCS_OK : bad(reader, "no instances in", reader->path);
}

/* ---- order ---- */

/* Instances into their order: flip-flops, then gates as their inputs become known. */
static pcs_status_t order(reader_t *reader)
{
    pcs_netlist_t *netlist = reader->netlist;
    pcs_instance_t *sorted = malloc(netlist->instances * sizeof *sorted);
    bool *driven = calloc(netlist->nets, 1); /* by an instance */
    bool *known = calloc(netlist->nets, 1);
    if (sorted == NULL || driven == NULL || known == NULL) {
        free(sorted);
        free(driven);
        free(known);
        return pcs_fail(reader->err, PCS_MEMORY, "%s: out of memory", reader->path);
    }
    size_t placed = 0;
    for (size_t i = 0; i < netlist->instances; i++) {
        const pcs_instance_t *instance = &netlist->instance[i];
        driven[instance->output] = true;
        if (instance->cell->flip_flop) {
            known[instance->output] = true;
            sorted[placed++] = *instance;
        }
    }
    netlist->flip_flops = placed;
    for (size_t before = netlist->instances + 1; placed != before;) { /* a pass a logic level */
        before = placed;
        for (size_t i = 0; i < netlist->instances; i++) {
            const pcs_instance_t *instance = &netlist->instance[i];
            bool ready = !known[instance->output];
            for (size_t pin = 0; pin < instance->cell->pins; pin++) {
                ready = ready && (known[instance->input[pin]] || !driven[instance->input[pin]]);
            }
            if (ready) {
                known[instance->output] = true;
                sorted[placed++] = *instance;
            }
        }
    }
    free(driven);
    free(known);
    if (placed != netlist->instances) {
        free(sorted);
        return pcs_fail(reader->err, PCS_FORMAT, "%s: %zu gates in combinational loops or with two drivers",
                        reader->path, netlist->instances - placed);
    }
    free(netlist->instance);
    netlist->instance = sorted;
    return PCS_OK;
}

/* ---- parts ---- */

/* By the name of the register: the multiplier is one block, the rest of a PE has telling names in any block. */
static pcs_part_t register_part(const char *net)
{
    const char *dot = strrchr(net, '.');
    const char *name = dot != NULL ? dot + 1 : net;
    return strncmp(net, "u_mac.", 6) == 0    ? PCS_PART_MAC
           : strncmp(name, "acc_", 4) == 0   ? PCS_PART_ACCUMULATOR
           : strncmp(name, "drain_", 6) == 0 ? PCS_PART_DRAIN
           : strncmp(name, "weight_", 7) == 0 || strncmp(name, "staged_", 7) == 0 || strncmp(name, "pass_", 5) == 0
               ? PCS_PART_WEIGHT
               : PCS_PART_OPERAND;
}

/* Forward over the gates: which are reached by an accumulator.  Backward: where each leads to, as a set of parts. */
static pcs_status_t divide(reader_t *reader)
{
    pcs_netlist_t *netlist = reader->netlist;
    bool *accumulated = calloc(netlist->nets, 1);
    unsigned *leads = calloc(netlist->nets, sizeof *leads); /* bit part */
    if (accumulated == NULL || leads == NULL) {
        free(accumulated);
        free(leads);
        return pcs_fail(reader->err, PCS_MEMORY, "%s: out of memory", reader->path);
    }
    for (size_t i = 0; i < netlist->instances; i++) {
        pcs_instance_t *instance = &netlist->instance[i];
        if (instance->cell->flip_flop) {
            instance->part = register_part(netlist->net[instance->output]);
            accumulated[instance->output] = instance->part == PCS_PART_ACCUMULATOR;
            for (size_t pin = 0; pin < instance->cell->pins; pin++) {
                leads[instance->input[pin]] |= 1U << instance->part;
            }
        } else {
            for (size_t pin = 0; pin < instance->cell->pins; pin++) {
                accumulated[instance->output] = accumulated[instance->output] || accumulated[instance->input[pin]];
            }
        }
    }
    for (size_t i = netlist->instances; i-- > netlist->flip_flops;) {
        pcs_instance_t *instance = &netlist->instance[i];
        const unsigned to = leads[instance->output];
        instance->part = to == 1U << PCS_PART_DRAIN                                      ? PCS_PART_DRAIN
                         : to == 1U << PCS_PART_WEIGHT                                   ? PCS_PART_WEIGHT
                         : accumulated[instance->output]                                 ? PCS_PART_ACCUMULATOR
                         : (to & (1U << PCS_PART_MAC | 1U << PCS_PART_ACCUMULATOR)) != 0 ? PCS_PART_MAC
                                                                                         : PCS_PART_OPERAND;
        for (size_t pin = 0; pin < instance->cell->pins; pin++) {
            leads[instance->input[pin]] |= to;
        }
    }
    free(accumulated);
    free(leads);
    return PCS_OK;
}

/* ---- whole ---- */

static pcs_status_t allocate(reader_t *reader)
{
    pcs_netlist_t *netlist = reader->netlist;
    size_t equals = 4; /* every net is first named beside one, or after .names */
    size_t lines = 1;
    for (const char *c = netlist->text; *c != '\0'; c++) {
        equals += *c == '=' || *c == ' ';
        lines += *c == '\n';
    }
    names_t *names = calloc(1, sizeof *names);
    netlist->names = names;
    if (names == NULL) {
        return pcs_fail(reader->err, PCS_MEMORY, "%s: out of memory", reader->path);
    }
    for (names->slots = 1; names->slots < 2 * equals; names->slots *= 2) {
    }
    names->name = calloc(names->slots, sizeof *names->name);
    names->net = calloc(names->slots, sizeof *names->net);
    netlist->net = calloc(equals, sizeof *netlist->net);
    netlist->instance = calloc(lines, sizeof *netlist->instance);
    reader->alias = calloc(equals, sizeof *reader->alias);
    if (names->name == NULL || names->net == NULL || netlist->net == NULL || netlist->instance == NULL ||
        reader->alias == NULL) {
        return pcs_fail(reader->err, PCS_MEMORY, "%s: out of memory", reader->path);
    }
    (void)net_of(reader, "constant zero");
    (void)net_of(reader, "constant one");
    return PCS_OK;
}

static void unalias(reader_t *reader)
{
    pcs_netlist_t *netlist = reader->netlist;
    for (size_t slot = 0; slot < netlist->names->slots; slot++) {
        netlist->names->net[slot] = resolve(reader, netlist->names->net[slot]);
    }
    for (size_t i = 0; i < netlist->instances; i++) {
        pcs_instance_t *instance = &netlist->instance[i];
        for (size_t pin = 0; pin < instance->cell->pins; pin++) {
            instance->input[pin] = resolve(reader, instance->input[pin]);
        }
    }
    /* A register is known by the name that says what it holds, not by the port that shows it. */
    for (size_t net = 0; net < netlist->nets; net++) {
        const size_t length = strcspn(netlist->net[net], "[");
        if (length > 2 && strncmp(netlist->net[net] + length - 2, "_q", 2) == 0) {
            netlist->net[resolve(reader, (uint32_t)net)] = netlist->net[net];
        }
    }
}

pcs_status_t pcs_netlist_read(const char *path, const pcs_liberty_t *library, pcs_netlist_t *netlist, pcs_error_t *err)
{
    *netlist = (pcs_netlist_t){.text = NULL};
    reader_t reader = {.path = path, .line = 1, .library = library, .netlist = netlist, .err = err};
    pcs_status_t status = pcs_gates_read(path, &netlist->text, err);
    if (status == PCS_OK) {
        netlist->hash = pcs_gates_hash(netlist->text);
        status = allocate(&reader);
    }
    status = status == PCS_OK ? read_lines(&reader) : status;
    if (status == PCS_OK) {
        unalias(&reader);
        status = order(&reader);
    }
    status = status == PCS_OK ? divide(&reader) : status;
    free(reader.alias);
    if (status != PCS_OK) {
        pcs_netlist_free(netlist);
    }
    return status;
}

void pcs_netlist_free(pcs_netlist_t *netlist)
{
    if (netlist->names != NULL) {
        free(netlist->names->name);
        free(netlist->names->net);
        free(netlist->names);
    }
    free(netlist->net);
    free(netlist->instance);
    free(netlist->text);
    *netlist = (pcs_netlist_t){.text = NULL};
}

bool pcs_netlist_net(const pcs_netlist_t *netlist, const char *name, uint32_t *net)
{
    const size_t slot = slot_of(netlist->names, name);
    *net = netlist->names->net[slot];
    return netlist->names->name[slot] != NULL;
}

size_t pcs_netlist_vector(const pcs_netlist_t *netlist, const char *name, uint32_t *nets, size_t most)
{
    if (most > 0 && pcs_netlist_net(netlist, name, nets)) {
        return 1;
    }
    for (size_t bit = 0; bit < most; bit++) {
        char indexed[64];
        (void)snprintf(indexed, sizeof indexed, "%.40s[%zu]", name, bit);
        if (!pcs_netlist_net(netlist, indexed, &nets[bit])) {
            return bit;
        }
    }
    return most;
}

const pcs_instance_t *pcs_netlist_instance(const pcs_netlist_t *netlist, const char *name)
{
    for (size_t i = 0; i < netlist->instances; i++) {
        if (strcmp(netlist->instance[i].name, name) == 0) {
            return &netlist->instance[i];
        }
    }
    return NULL;
}
