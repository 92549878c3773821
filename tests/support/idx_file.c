#define _POSIX_C_SOURCE 200809L

#include "tests/support/idx_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "tests/support/check.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10, PATH_BYTES = 512 };

static void give_up(const char *path)
{
    (void)fprintf(stderr, "%s: cannot write: %s\n", path, strerror(errno));
    exit(1);
}

void idx_write(const char *path, const void *bytes, size_t size)
{
    gzFile file = gzopen(path, "wb1");
    if (file == NULL || gzwrite(file, bytes, (unsigned)size) != (int)size || gzclose(file) != Z_OK) {
        give_up(path);
    }
}

static size_t put_word(uint8_t *out, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(word >> (24U - 8U * i));
    }
    return 4;
}

size_t idx_bytes(uint8_t *out, uint32_t magic, unsigned dims, const uint32_t *size, const uint8_t *data)
{
    size_t at = put_word(out, magic);
    size_t total = 1;
    for (unsigned d = 0; d < dims; d++) {
        at += put_word(out + at, size[d]);
        total *= size[d];
    }
    memcpy(out + at, data, total);
    return at + total;
}

/* One image: noise, and a square of 8 x 8 at the place of its class on a grid of 4 x 3. */
static void draw(check_rng_t *rng, uint8_t label, uint8_t *pixels)
{
    const uint32_t top = 1U + 9U * (label / 4U);
    const uint32_t left = 7U * (label % 4U);
    for (uint32_t i = 0; i < PIXELS; i++) {
        const uint32_t y = i / SIDE;
        const uint32_t x = i % SIDE;
        const bool square = y >= top && y < top + 8 && x >= left && x < left + 7;
        const bool stripe = square && (y + x * (label % 3U)) % 2U == 0;
        pixels[i] = (uint8_t)(check_u32(rng) % 60U + (square ? 90U : 0U) + (stripe ? 100U : 0U));
    }
}

static void write_part(const char *directory, const char *part, uint32_t count, check_rng_t *rng)
{
    char path[PATH_BYTES];
    const uint32_t size[3] = {count, SIDE, SIDE};
    uint8_t *pixels = malloc((size_t)count * PIXELS);
    uint8_t *labels = malloc(count);
    uint8_t *file = malloc((size_t)count * PIXELS + 64U);
    if (pixels == NULL || labels == NULL || file == NULL) {
        give_up(directory);
    }
    for (uint32_t i = 0; i < count; i++) {
        labels[i] = (uint8_t)(check_u32(rng) % CLASSES);
        draw(rng, labels[i], pixels + (size_t)i * PIXELS);
    }
    (void)snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte.gz", directory, part);
    idx_write(path, file, idx_bytes(file, 0x803, 3, size, pixels));
    (void)snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte.gz", directory, part);
    idx_write(path, file, idx_bytes(file, 0x801, 1, size, labels));
    free(file);
    free(labels);
    free(pixels);
}

void idx_tiny_dataset(const char *directory, uint32_t train, uint32_t test, uint64_t seed)
{
    check_rng_t rng = {seed, 0};
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        give_up(directory);
    }
    write_part(directory, "train", train, &rng);
    write_part(directory, "t10k", test, &rng);
}
