/* Replay files:

     precess-replay 1
     spec-hash <16 hex digits>
     array <rows> <cols> <kind> <accumulator bits> <dataflow> <digit>
     stalls <seed> <offer percent> <take percent>
     tiles <count>
     tile <mode word, hex> <m> <n> <k> <segment>      for each tile, then k lines:
     <column of A, m codes> <row of B, n codes>      two hex digits each, four where codes have 16 bits */
#define _POSIX_C_SOURCE 200809L /* getline */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "sim/cosim/tiles.h"

enum { SIZE_MAX_M_N_K = 1 << 24, TILES_MAX = 1 << 16 };

static void print_codes(FILE *file, unsigned digits, const uint16_t *codes, size_t stride, uint32_t count, char end)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)fprintf(file, "%0*x", (int)digits, codes[i * stride]);
    }
    (void)fputc(end, file);
}

static unsigned code_digits(const pcs_array_config_t *array)
{
    return pcs_ariths[pcs_kind_arith(array->kind)].code_bits / 4U;
}

static void print_tiles(FILE *file, const pcs_array_config_t *array, const pcs_tiles_t *tiles)
{
    const unsigned digits = code_digits(array);
    (void)fprintf(file, "precess-replay 1\nspec-hash %016" PRIx64 "\narray %u %u %s %u %s %u\n", pcs_spec_hash(),
                  array->rows, array->cols, pcs_kinds[array->kind].name, array->acc_bits,
                  pcs_dataflows[array->dataflow].name, array->digit);
    (void)fprintf(file, "stalls %" PRIu64 " %u %u\ntiles %zu\n", tiles->stalls.seed, tiles->stalls.offer_percent,
                  tiles->stalls.take_percent, tiles->count);
    for (size_t i = 0; i < tiles->count; i++) {
        const pcs_tile_t *tile = &tiles->tile[i];
        (void)fprintf(file, "tile %08x %u %u %u %u\n", (unsigned)pcs_mode_pack(&tile->mode), (unsigned)tile->m,
                      (unsigned)tile->n, (unsigned)tile->k, (unsigned)tile->segment);
        for (uint32_t k = 0; k < tile->k; k++) {
            print_codes(file, digits, tile->a + k, tile->k, tile->m, ' ');
            print_codes(file, digits, tile->b + (size_t)k * tile->n, 1, tile->n, '\n');
        }
    }
}

pcs_status_t pcs_replay_write(const char *path, const pcs_array_config_t *array, const pcs_tiles_t *tiles,
                              pcs_error_t *err)
{
    char temporary[4096];
    const int length = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = length > 0 && (size_t)length < sizeof temporary ? fopen(temporary, "w") : NULL;
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: cannot write: %s", path, strerror(errno));
    }
    print_tiles(file, array, tiles);
    const bool written = fflush(file) == 0 && ferror(file) == 0;
    const bool closed = fclose(file) == 0;
    if (!written || !closed || rename(temporary, path) != 0) {
        const int error = errno;
        (void)remove(temporary);
        return pcs_fail(err, PCS_IO, "%s: cannot write: %s", path, strerror(error));
    }
    return PCS_OK;
}

/* ---- reading ---- */

typedef struct reader {
    const char *path;
    FILE *file;
    unsigned line;
    char *text; /* grows to the longest line */
    size_t size;
    pcs_error_t *err;
} reader_t;

static pcs_status_t malformed(const reader_t *reader, const char *wanted)
{
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%u: expected '%s'", reader->path, reader->line, wanted);
}

/* Reads one line without its newline; a line that is missing or not ended is malformed. */
static pcs_status_t read_line(reader_t *reader, const char *wanted)
{
    reader->line++;
    const ssize_t length = getline(&reader->text, &reader->size, reader->file);
    if (length <= 0 || reader->text[length - 1] != '\n') {
        return malformed(reader, wanted);
    }
    reader->text[length - 1] = '\0';
    return PCS_OK;
}

/* Parses the text by a scanf format that ends in %n; all of it must be used. */
#define SCAN(reader, wanted, count, format, ...)                                                                       \
    (read_line((reader), (wanted)) != PCS_OK || sscanf((reader)->text, format "%n", __VA_ARGS__, &used) != (count) ||  \
             (reader)->text[used] != '\0'                                                                              \
         ? malformed((reader), (wanted))                                                                               \
         : PCS_OK)

static bool parse_codes(const char **text, unsigned digits, uint16_t *codes, size_t stride, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        unsigned value = 0;
        for (unsigned digit = 0; digit < digits; digit++, (*text)++) {
            const char c = **text;
            if (c >= '0' && c <= '9') {
                value = value * 16U + (unsigned)(c - '0');
            } else if (c >= 'a' && c <= 'f') {
                value = value * 16U + (unsigned)(c - 'a') + 10U;
            } else {
                return false;
            }
        }
        codes[i * stride] = (uint16_t)value;
    }
    return true;
}

static pcs_status_t read_header(reader_t *reader, pcs_array_config_t *array, pcs_tiles_t *tiles)
{
    int used = 0;
    unsigned version = 0;
    uint64_t hash = 0;
    char kind[16];
    char dataflow[8];
    pcs_status_t status = SCAN(reader, "precess-replay 1", 1, "precess-replay %u", &version);
    if (status == PCS_OK && version != 1) {
        status = malformed(reader, "precess-replay 1");
    }
    if (status == PCS_OK) {
        status = SCAN(reader, "spec-hash <16 hex digits>", 1, "spec-hash %16" SCNx64, &hash);
    }
    if (status == PCS_OK && hash != pcs_spec_hash()) {
        status = pcs_fail(reader->err, PCS_FORMAT, "%s:%u: spec-hash %016" PRIx64 " is not this program's, %016" PRIx64,
                          reader->path, reader->line, hash, pcs_spec_hash());
    }
    if (status == PCS_OK) {
        status = SCAN(reader, "array <rows> <cols> <kind> <accumulator bits> <dataflow> <digit>", 6,
                      "array %u %u %15s %u %7s %u", &array->rows, &array->cols, kind, &array->acc_bits, dataflow,
                      &array->digit);
    }
    if (status == PCS_OK) {
        array->kind = pcs_kind_by_name(kind);
        array->dataflow = pcs_dataflow_by_name(dataflow);
        status = array->kind == PCS_KIND_COUNT           ? malformed(reader, "a MAC kind")
                 : array->dataflow == PCS_DATAFLOW_COUNT ? malformed(reader, "a dataflow")
                                                         : pcs_array_config_check(array, reader->err);
    }
    if (status == PCS_OK) {
        status = SCAN(reader, "stalls <seed> <percent> <percent>", 3, "stalls %" SCNu64 " %u %u", &tiles->stalls.seed,
                      &tiles->stalls.offer_percent, &tiles->stalls.take_percent);
    }
    if (status == PCS_OK && (tiles->stalls.offer_percent > 99 || tiles->stalls.take_percent > 99)) {
        status = malformed(reader, "stalls with percents of 0..99");
    }
    return status;
}

static bool legal_size(uint32_t size)
{
    return size >= 1 && size <= SIZE_MAX_M_N_K;
}

static pcs_status_t read_tile(reader_t *reader, const pcs_array_config_t *array, pcs_tile_t *tile)
{
    int used = 0;
    unsigned mode = 0;
    pcs_status_t status =
        SCAN(reader, "tile <mode> <m> <n> <k> <segment>", 5, "tile %8x %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32,
             &mode, &tile->m, &tile->n, &tile->k, &tile->segment);
    if (status != PCS_OK) {
        return status;
    }
    if (!pcs_mode_legal(array->kind, mode) || !legal_size(tile->m) || !legal_size(tile->n) || !legal_size(tile->k)) {
        return malformed(reader, "tile with a legal mode word, m, n and k of 1..2^24");
    }
    tile->mode = pcs_mode_unpack(array->kind, mode);
    if (tile->segment < 1 || tile->segment > tile->k || tile->segment > pcs_array_segment_max(array, &tile->mode)) {
        return malformed(reader, "tile with a segment of 1..k that the array can run");
    }
    if (!pcs_tile_allocate(tile)) {
        return pcs_fail(reader->err, PCS_MEMORY, "%s:%u: no memory for this tile", reader->path, reader->line);
    }
    for (uint32_t k = 0; k < tile->k; k++) {
        static const char wanted[] =
            "<codes of A> <codes of B>, two hex digits each (kinds with codes of 16 bits: four)";
        status = read_line(reader, wanted);
        const char *text = reader->text;
        if (status != PCS_OK || !parse_codes(&text, code_digits(array), tile->a + k, tile->k, tile->m) ||
            *text++ != ' ' || !parse_codes(&text, code_digits(array), tile->b + (size_t)k * tile->n, 1, tile->n) ||
            *text != '\0') {
            return malformed(reader, wanted);
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_replay_read(const char *path, pcs_array_config_t *array, pcs_tiles_t *tiles, pcs_error_t *err)
{
    reader_t reader = {.path = path, .file = fopen(path, "r"), .err = err};
    if (reader.file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: cannot read: %s", path, strerror(errno));
    }
    pcs_tiles_t made = {0};
    size_t count = 0;
    int used = 0;
    pcs_status_t status = read_header(&reader, array, &made);
    if (status == PCS_OK) {
        status = SCAN(&reader, "tiles <count>", 1, "tiles %zu", &count);
    }
    if (status == PCS_OK && (count < 1 || count > TILES_MAX)) {
        status = malformed(&reader, "tiles <1..65536>");
    }
    if (status == PCS_OK) {
        made.tile = calloc(count, sizeof *made.tile);
        status = made.tile == NULL ? pcs_fail(err, PCS_MEMORY, "%s: no memory for %zu tiles", path, count) : PCS_OK;
    }
    while (status == PCS_OK && made.count < count) {
        status = read_tile(&reader, array, &made.tile[made.count]);
        made.count++; /* a half-read tile is released too */
    }
    if (status == PCS_OK && fgetc(reader.file) != EOF) {
        reader.line++;
        status = malformed(&reader, "the end of the file");
    }
    (void)fclose(reader.file);
    free(reader.text);
    if (status != PCS_OK) {
        pcs_tiles_free(&made);
        return status;
    }
    *tiles = made;
    return PCS_OK;
}
