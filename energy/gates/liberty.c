#include "energy/gates/liberty.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/gates/text.h"

/* The reader walks nested groups `name (arguments) { ... }` and attributes `name : value ;`; what it does not know it
   skips.  Values inside timing and power groups are never looked at. */
typedef struct reader {
    const char *path;
    const char *at; /* rest of the text */
    unsigned line;
    char word[256]; /* the token read last: a name, a quoted string without its quotes, or one character */
    pcs_error_t *err;
} reader_t;

static void skip_space(reader_t *reader)
{
    for (;;) {
        if (reader->at[0] == '/' && reader->at[1] == '*') {
            for (reader->at += 2; reader->at[0] != '\0' && (reader->at[0] != '*' || reader->at[1] != '/');
                 reader->at++) {
                reader->line += reader->at[0] == '\n';
            }
            reader->at += reader->at[0] != '\0' ? 2 : 0;
        } else if (isspace((unsigned char)reader->at[0]) || reader->at[0] == '\\') {
            reader->line += *reader->at++ == '\n';
        } else {
            return;
        }
    }
}

/* Next token; false at the end of the text.  Longer ones are cut: none that matters is. */
static bool next(reader_t *reader)
{
    skip_space(reader);
    size_t used = 0;
    if (*reader->at == '\0') {
        return false;
    }
    if (*reader->at == '"') {
        for (reader->at++; *reader->at != '\0' && *reader->at != '"'; reader->at++) {
            reader->line += *reader->at == '\n';
            if (used + 1 < sizeof reader->word) {
                reader->word[used++] = *reader->at;
            }
        }
        reader->at += *reader->at == '"';
    } else if (strchr("(){}:;,", *reader->at) != NULL) {
        reader->word[used++] = *reader->at++;
    } else {
        while (*reader->at != '\0' && !isspace((unsigned char)*reader->at) &&
               strchr("(){}:;,\"", *reader->at) == NULL) {
            if (used + 1 < sizeof reader->word) {
                reader->word[used++] = *reader->at;
            }
            reader->at++;
        }
    }
    reader->word[used] = '\0';
    return true;
}

static pcs_status_t bad(const reader_t *reader, const char *what)
{
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%u: %s at '%.40s'", reader->path, reader->line, what, reader->word);
}

/* One statement of a group: name, its argument or value, and whether a group follows. */
typedef struct statement {
    char name[PCS_CELL_NAME_MAX], value[128];
    bool group, end; /* end: the closing brace instead of a statement */
} statement_t;

static pcs_status_t read_statement(reader_t *reader, statement_t *statement)
{
    *statement = (statement_t){.end = false};
    do { /* a stray ; is legal */
        if (!next(reader)) {
            return bad(reader, "the text ends inside a group");
        }
    } while (strcmp(reader->word, ";") == 0);
    if (strcmp(reader->word, "}") == 0) {
        statement->end = true;
        return PCS_OK;
    }
    (void)snprintf(statement->name, sizeof statement->name, "%.31s", reader->word);
    if (!next(reader)) {
        return bad(reader, "a statement is cut off");
    }
    if (strcmp(reader->word, ":") == 0) {
        (void)next(reader);
        (void)snprintf(statement->value, sizeof statement->value, "%.127s", reader->word);
        return PCS_OK;
    }
    if (strcmp(reader->word, "(") != 0) {
        return bad(reader, "expected ':' or '('");
    }
    for (bool more = next(reader); strcmp(reader->word, ")") != 0; more = next(reader)) {
        if (!more) {
            return bad(reader, "an argument list is cut off");
        }
        if (statement->value[0] == '\0') {
            (void)snprintf(statement->value, sizeof statement->value, "%.127s", reader->word);
        }
    }
    skip_space(reader);
    if (*reader->at == '{') {
        reader->at++;
        statement->group = true;
    }
    return PCS_OK;
}

static pcs_status_t skip_group(reader_t *reader)
{
    for (int depth = 1; depth > 0;) {
        if (!next(reader)) {
            return bad(reader, "the text ends inside a group");
        }
        depth += strcmp(reader->word, "{") == 0 ? 1 : strcmp(reader->word, "}") == 0 ? -1 : 0;
    }
    return PCS_OK;
}

/* ---- functions: !  ^  & * space  | +, in this order of strength ---- */

typedef struct parser {
    const char *at;
    pcs_cell_t *cell;
    bool good;
} parser_t;

static void emit(parser_t *parser, int code)
{
    parser->good = parser->good && parser->cell->length < PCS_CELL_CODE_MAX;
    if (parser->good) {
        parser->cell->code[parser->cell->length++] = (signed char)code;
    }
}

static char peek(parser_t *parser)
{
    while (*parser->at == ' ') {
        parser->at++;
    }
    return *parser->at;
}

static void parse_or(parser_t *parser);

static void parse_factor(parser_t *parser)
{
    char c = peek(parser);
    if (c == '!') {
        parser->at++;
        parse_factor(parser);
        emit(parser, PCS_CELL_NOT);
    } else if (c == '(') {
        parser->at++;
        parse_or(parser);
        parser->good = parser->good && peek(parser) == ')';
        parser->at += parser->good;
    } else {
        size_t length = 0;
        while (isalnum((unsigned char)parser->at[length]) || parser->at[length] == '_') {
            length++;
        }
        size_t pin = 0;
        while (pin < parser->cell->pins &&
               (strlen(parser->cell->pin[pin]) != length || strncmp(parser->cell->pin[pin], parser->at, length) != 0)) {
            pin++;
        }
        parser->good = parser->good && length > 0 && pin < parser->cell->pins;
        parser->at += length;
        emit(parser, (int)pin);
    }
}

static void parse_xor(parser_t *parser)
{
    parse_factor(parser);
    while (parser->good && peek(parser) == '^') {
        parser->at++;
        parse_factor(parser);
        emit(parser, PCS_CELL_XOR);
    }
}

static void parse_and(parser_t *parser)
{
    parse_xor(parser);
    for (char c = peek(parser); parser->good && c != '\0' && strchr(")+|", c) == NULL; c = peek(parser)) {
        parser->at += c == '&' || c == '*';
        parse_xor(parser);
        emit(parser, PCS_CELL_AND);
    }
}

static void parse_or(parser_t *parser)
{
    parse_and(parser);
    while (parser->good && (peek(parser) == '+' || peek(parser) == '|')) {
        parser->at++;
        parse_and(parser);
        emit(parser, PCS_CELL_OR);
    }
}

static bool parse_function(const char *text, pcs_cell_t *cell)
{
    parser_t parser = {.at = text, .cell = cell, .good = true};
    cell->length = 0;
    parse_or(&parser);
    return parser.good && peek(&parser) == '\0';
}

/* ---- cells ---- */

/* What a cell's text says, before it is known whether the cell is of use. */
typedef struct draft {
    pcs_cell_t cell;
    char function[128];
    unsigned outputs;
    bool usable;
} draft_t;

static pcs_status_t read_pin(reader_t *reader, const char *name, draft_t *draft)
{
    statement_t s;
    char direction[16] = "";
    char function[128] = "";
    double pf = 0;
    for (;;) {
        pcs_status_t status = read_statement(reader, &s);
        if (status != PCS_OK || s.end) {
            break;
        }
        if (s.group) {
            status = skip_group(reader);
            if (status != PCS_OK) {
                return status;
            }
        } else if (strcmp(s.name, "direction") == 0) {
            (void)snprintf(direction, sizeof direction, "%.15s", s.value);
        } else if (strcmp(s.name, "function") == 0) {
            (void)snprintf(function, sizeof function, "%s", s.value);
        } else if (strcmp(s.name, "three_state") == 0) {
            draft->usable = false;
        } else if (strcmp(s.name, "capacitance") == 0) {
            pf = strtod(s.value, NULL);
        }
    }
    if (!s.end) {
        return PCS_FORMAT;
    }
    pcs_cell_t *cell = &draft->cell;
    if (strcmp(direction, "output") == 0) {
        (void)snprintf(cell->output, sizeof cell->output, "%s", name);
        (void)snprintf(draft->function, sizeof draft->function, "%s", function);
        draft->outputs++;
    } else if (cell->pins < PCS_CELL_PINS_MAX) {
        (void)snprintf(cell->pin[cell->pins++], PCS_CELL_NAME_MAX, "%s", name);
        if (cell->flip_flop && strcmp(name, cell->clock) == 0) {
            cell->clock_pf = pf;
        }
    } else {
        draft->usable = false;
    }
    return PCS_OK;
}

/* "(!R)" -> "R", empty when it is not the inverse of a pin. */
static void active_low(const char *text, char *pin)
{
    if (sscanf(text, "(!%30[A-Za-z0-9_])", pin) != 1) {
        pin[0] = '\0';
    }
}

static pcs_status_t read_ff(reader_t *reader, draft_t *draft, char next_state[128])
{
    statement_t s;
    draft->cell.flip_flop = true;
    for (;;) {
        const pcs_status_t status = read_statement(reader, &s);
        if (status != PCS_OK || s.end) {
            return status;
        }
        if (strcmp(s.name, "next_state") == 0) {
            (void)snprintf(next_state, 128, "%s", s.value);
        } else if (strcmp(s.name, "clocked_on") == 0) {
            draft->usable = draft->usable && s.value[0] != '(' && s.value[0] != '!';
            (void)snprintf(draft->cell.clock, sizeof draft->cell.clock, "%.31s", s.value);
        } else if (strcmp(s.name, "clear") == 0) {
            active_low(s.value, draft->cell.clear);
        } else if (strcmp(s.name, "preset") == 0) {
            active_low(s.value, draft->cell.preset);
        }
    }
}

static pcs_status_t read_cell(reader_t *reader, const char *name, pcs_liberty_t *library)
{
    draft_t draft = {.usable = true};
    char next_state[128] = "";
    (void)snprintf(draft.cell.name, sizeof draft.cell.name, "%.31s", name);
    statement_t s;
    for (;;) {
        pcs_status_t status = read_statement(reader, &s);
        if (status == PCS_OK && s.end) {
            break;
        }
        if (status == PCS_OK && s.group && strcmp(s.name, "pin") == 0) {
            char pin[PCS_CELL_NAME_MAX];
            (void)snprintf(pin, sizeof pin, "%.31s", s.value);
            status = read_pin(reader, pin, &draft);
        } else if (status == PCS_OK && s.group && strcmp(s.name, "ff") == 0) {
            status = read_ff(reader, &draft, next_state);
        } else if (status == PCS_OK && s.group) {
            draft.usable = draft.usable && strcmp(s.name, "latch") != 0;
            status = skip_group(reader);
        } else if (status == PCS_OK && strcmp(s.name, "area") == 0) {
            draft.cell.area_um2 = strtod(s.value, NULL);
        }
        if (status != PCS_OK) {
            return status;
        }
    }
    const char *function = draft.cell.flip_flop ? next_state : draft.function;
    if (!draft.usable || draft.outputs != 1 || !parse_function(function, &draft.cell)) {
        return PCS_OK;
    }
    pcs_cell_t *grown = realloc(library->cell, (library->cells + 1) * sizeof *grown);
    if (grown == NULL) {
        return pcs_fail(reader->err, PCS_MEMORY, "%s: out of memory", reader->path);
    }
    library->cell = grown;
    library->cell[library->cells++] = draft.cell;
    return PCS_OK;
}

static pcs_status_t read_library(reader_t *reader, pcs_liberty_t *library)
{
    statement_t s;
    pcs_status_t status = read_statement(reader, &s);
    if (status == PCS_OK && (!s.group || strcmp(s.name, "library") != 0)) {
        status = bad(reader, "expected 'library (name) {'");
    }
    while (status == PCS_OK) {
        status = read_statement(reader, &s);
        if (status == PCS_OK && s.end) {
            break;
        }
        if (status == PCS_OK && s.group) {
            status = strcmp(s.name, "cell") == 0 ? read_cell(reader, s.value, library) : skip_group(reader);
        } else if (status == PCS_OK && strcmp(s.name, "nom_voltage") == 0) {
            library->volts = strtod(s.value, NULL);
        }
    }
    if (status == PCS_OK && (library->cells == 0 || library->volts <= 0)) {
        status = pcs_fail(reader->err, PCS_FORMAT, "%s: no usable cell or no nom_voltage", reader->path);
    }
    return status;
}

pcs_status_t pcs_liberty_read(const char *path, pcs_liberty_t *library, pcs_error_t *err)
{
    *library = (pcs_liberty_t){.cell = NULL};
    char *text = NULL;
    pcs_status_t status = pcs_gates_read(path, &text, err);
    if (status != PCS_OK) {
        return status;
    }
    reader_t reader = {.path = path, .at = text, .line = 1, .word = "", .err = err};
    status = read_library(&reader, library);
    free(text);
    if (status != PCS_OK) {
        pcs_liberty_free(library);
    }
    return status;
}

void pcs_liberty_free(pcs_liberty_t *library)
{
    free(library->cell);
    *library = (pcs_liberty_t){.cell = NULL};
}

const pcs_cell_t *pcs_liberty_cell(const pcs_liberty_t *library, const char *name)
{
    for (size_t i = 0; i < library->cells; i++) {
        if (strcmp(library->cell[i].name, name) == 0) {
            return &library->cell[i];
        }
    }
    return NULL;
}
