/* Replay files: what is written is read back, and every damaged file is refused with file and line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cosim/tiles.h"
#include "tests/support/check.h"

static void compare(const pcs_tiles_t *x, const pcs_tiles_t *y)
{
    (void)CHECK_EQ(x->count, y->count, "tiles");
    (void)CHECK(memcmp(&x->stalls, &y->stalls, sizeof x->stalls) == 0, "stalls");
    for (size_t i = 0; i < x->count && i < y->count; i++) {
        const pcs_tile_t *a = &x->tile[i];
        const pcs_tile_t *b = &y->tile[i];
        (void)CHECK(a->m == b->m && a->n == b->n && a->k == b->k && a->segment == b->segment, "shape of tile %zu", i);
        (void)CHECK_EQ(pcs_mode_pack(&a->mode), pcs_mode_pack(&b->mode), "mode of tile %zu", i);
        (void)CHECK(memcmp(a->a, b->a, (size_t)a->m * a->k) == 0, "codes of A of tile %zu", i);
        (void)CHECK(memcmp(a->b, b->b, (size_t)a->k * a->n) == 0, "codes of B of tile %zu", i);
    }
}

/* Writes the first `size` bytes of `text` with `from` replaced by `to` (NULL: nothing), and expects a refusal. */
static void refuse(const char *path, const char *text, size_t size, const char *from, const char *to)
{
    FILE *file = fopen(path, "wb");
    const char *at = from == NULL ? NULL : strstr(text, from);
    if (file == NULL) {
        exit(1);
    }
    if (at != NULL) {
        (void)fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    } else {
        (void)fwrite(text, 1, size, file);
    }
    (void)fclose(file);
    pcs_array_config_t array;
    pcs_tiles_t tiles;
    pcs_error_t err = {{0}};
    const pcs_status_t status = pcs_replay_read(path, &array, &tiles, &err);
    (void)CHECK(status == PCS_FORMAT || status == PCS_INVALID, "'%s' for '%s', %zu bytes", to, from, size);
    (void)CHECK(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "one line says why");
    if (status == PCS_OK) {
        pcs_tiles_free(&tiles);
    }
}

int main(int argc, char **argv)
{
    const char *path = "replay_test.replay";
    (void)check_flag(argc, argv, "--file", &path);
    const pcs_array_config_t array = {
        .rows = 5, .cols = 3, .kind = PCS_KIND_SERIAL, .acc_bits = 24, .dataflow = PCS_DATAFLOW_WS, .digit = 2};
    pcs_error_t err = {{0}};
    pcs_tiles_t tiles;
    pcs_tiles_t back;
    pcs_array_config_t array_back;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        CHECK_OK(pcs_tiles_random(&array, seed, 3, 9, &tiles, &err), &err);
        CHECK_OK(pcs_replay_write(path, &array, &tiles, &err), &err);
        CHECK_OK(pcs_replay_read(path, &array_back, &back, &err), &err);
        (void)CHECK(memcmp(&array, &array_back, sizeof array) == 0, "array");
        compare(&tiles, &back);
        pcs_tiles_free(&back);
        if (seed < 20) {
            pcs_tiles_free(&tiles);
        }
    }
    static char text[1 << 16];
    FILE *file = fopen(path, "rb");
    const size_t size = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file == NULL || fclose(file) != 0) {
        return 1;
    }
    for (size_t cut = 0; cut < size; cut += 1 + size / 60) {
        refuse(path, text, cut, NULL, NULL);
    }
    refuse(path, text, size, "precess-replay 1", "precess-replay 2");
    refuse(path, text, size, "spec-hash ", "spec-hash 1");
    refuse(path, text, size, "array 5", "array 0");
    refuse(path, text, size, "serial 24", "parallel 24");
    refuse(path, text, size, "serial 24", "serial 64");
    refuse(path, text, size, "24 ws 2", "24 sw 2");
    refuse(path, text, size, "24 ws 2", "24 ws 3");
    refuse(path, text, size, "tiles 3", "tiles 4");
    refuse(path, text, size, "tiles 3", "tiles 2");
    refuse(path, text, size, "tile 0", "tile f");
    text[size - 2] = 'x';
    refuse(path, text, size, NULL, NULL);
    (void)CHECK(pcs_replay_read("no/such.replay", &array_back, &back, &err) == PCS_IO, "a missing file");
    (void)CHECK(pcs_replay_write("no/such.replay", &array, &tiles, &err) == PCS_IO, "a missing directory");
    pcs_tiles_free(&tiles);
    (void)remove(path);
    return check_done("cosim.replay");
}
