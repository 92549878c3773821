/* Data sets: what is read, in which order, and every kind of damage that must be refused by name. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/support/idx_file.h"
#include "workloads/data/dataset.h"
#include "workloads/data/idx.h"

enum { TRAIN = 30, TEST = 12, SIDE = 28, PIXELS = SIDE * SIDE };

#define DIRECTORY "unit_data"
#define IMAGES DIRECTORY "/train-images-idx3-ubyte.gz"
#define LABELS DIRECTORY "/train-labels-idx1-ubyte.gz"

static uint8_t buffer[64 + TRAIN * PIXELS];
static uint8_t data[TRAIN * PIXELS];

/* The data set must be refused with these words, naming this file. */
static void refuse(const char *what, const char *file, const char *says)
{
    pcs_dataset_t dataset = {.classes = 77};
    pcs_error_t err = {{0}};
    const pcs_status_t status = pcs_dataset_load(0, DIRECTORY, &dataset, &err);
    CHECK(status == PCS_FORMAT || status == PCS_IO, "%s: status %s", what, pcs_status_name(status));
    CHECK(strstr(err.text, file) != NULL && strstr(err.text, says) != NULL, "%s: message '%s' lacks '%s' or '%s'", what,
          err.text, file, says);
    CHECK_EQ(dataset.classes, 77, "%s: output untouched", what);
    idx_tiny_dataset(DIRECTORY, TRAIN, TEST, 1);
}

static void write_images(uint32_t magic, uint32_t count, uint32_t side, size_t cut, size_t extra)
{
    const uint32_t size[3] = {count, side, SIDE};
    idx_write(IMAGES, buffer, idx_bytes(buffer, magic, 3, size, data) - cut + extra);
}

/* Cuts or changes the compressed file itself. */
static void damage_file(const char *path, long cut, long flip)
{
    static char bytes[1 << 18];
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL, "%s opens", path);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    if (flip >= 0) {
        bytes[flip] = (char)(bytes[flip] ^ 0x10);
    }
    file = fopen(path, "wb");
    CHECK(fwrite(bytes, 1, size - (size_t)cut, file) == size - (size_t)cut, "%s is written", path);
    (void)fclose(file);
}

static void damages(void)
{
    write_images(0x802, TRAIN, SIDE, 0, 0);
    refuse("wrong magic", IMAGES, "magic number 0x00000802, expected 0x00000803");
    write_images(0x803, TRAIN, SIDE, 1, 0);
    refuse("one byte short", IMAGES, "truncated");
    write_images(0x803, TRAIN, SIDE, 0, 1);
    refuse("one byte too many", IMAGES, "bytes after the end");
    write_images(0x803, TRAIN, SIDE - 1, 0, 0);
    refuse("other image size", IMAGES, "images of 27 x 28, expected 28 x 28");
    write_images(0x803, TRAIN - 1, SIDE, 0, 0);
    refuse("one image fewer", LABELS, "30 labels, expected 29");
    write_images(0x803, 0, SIDE, 0, 0);
    refuse("no image", IMAGES, "multiply to zero");
    const uint32_t huge[3] = {0x7fffffff, 28, 28};
    (void)idx_bytes(buffer, 0x803, 0, huge, data);
    memset(buffer + 4, 0x7f, 12);
    idx_write(IMAGES, buffer, 16);
    refuse("absurd sizes", IMAGES, "more than 2^31-1");
    idx_write(IMAGES, buffer, 3);
    refuse("no header", IMAGES, "truncated");
    idx_write(IMAGES, buffer, 0);
    refuse("empty", IMAGES, "truncated");
    damage_file(IMAGES, 6, -1);
    refuse("gzip trailer cut", IMAGES, IMAGES);
    damage_file(IMAGES, 1000, -1);
    refuse("gzip data cut", IMAGES, "truncated");
    damage_file(IMAGES, 0, 5000);
    refuse("gzip data changed", IMAGES, "damaged gzip file");
    CHECK(unlink(LABELS) == 0, "labels removed");
    refuse("no labels", LABELS, "No such file");
    CHECK(unlink(LABELS) == 0 && mkdir(LABELS, 0777) == 0, "labels are a directory");
    pcs_dataset_t dataset;
    pcs_error_t err = {{0}};
    CHECK(pcs_dataset_load(0, DIRECTORY, &dataset, &err) != PCS_OK, "a directory instead of a file");
    CHECK(rmdir(LABELS) == 0, "cleaned");
    idx_tiny_dataset(DIRECTORY, TRAIN, TEST, 1);
    const uint32_t count = TRAIN;
    uint8_t labels[TRAIN] = {0};
    labels[7] = 10;
    idx_write(LABELS, buffer, idx_bytes(buffer, 0x801, 1, &count, labels));
    refuse("label out of range", LABELS, "label 10 of image 7, expected 0..9");
    CHECK(pcs_dataset_load(0, DIRECTORY "/nowhere", &dataset, &err) == PCS_IO, "no such directory");
    CHECK(strstr(err.text, DIRECTORY "/nowhere/train-images") != NULL, "message '%s'", err.text);
}

static void contents(bool inject)
{
    pcs_dataset_t dataset;
    pcs_error_t err = {{0}};
    uint32_t size[PCS_IDX_DIMS_MAX];
    uint8_t *pixels = NULL;
    CHECK_OK(pcs_dataset_load(0, DIRECTORY, &dataset, &err), &err);
    CHECK_OK(pcs_idx_read(IMAGES, 3, size, &pixels, &err), &err);
    CHECK_EQ(dataset.train.count, TRAIN, "training images");
    CHECK_EQ(dataset.test.count, TEST, "test images");
    CHECK_EQ(dataset.classes, 10, "classes");
    static float x[5 * PIXELS];
    uint8_t labels[5];
    uint32_t order[TRAIN];
    pcs_shuffle(3, 1, TRAIN, order);
    pcs_batch_fill(&dataset, &dataset.train, order, 10, 5, x, labels);
    pixels[order[12] * PIXELS + 300] ^= inject;
    for (size_t i = 0; i < 5 * PIXELS; i++) {
        const double raw = (double)pixels[order[10 + i / PIXELS] * PIXELS + i % PIXELS];
        const double expected = (raw / 255.0 - 0.2860) / 0.3530;
        CHECK((double)x[i] - expected < 1e-6 && expected - (double)x[i] < 1e-6, "pixel %zu: %g expected %g", i,
              (double)x[i], expected);
    }
    for (size_t i = 0; i < 5; i++) {
        CHECK_EQ(labels[i], dataset.train.labels[order[10 + i]], "label %zu", i);
    }
    free(pixels);
    pcs_dataset_free(&dataset);
}

static void shuffles(void)
{
    enum { COUNT = 1000 };
    uint32_t order[COUNT];
    uint32_t again[COUNT];
    uint32_t other[COUNT];
    uint8_t seen[COUNT] = {0};
    pcs_shuffle(5, 2, COUNT, order);
    pcs_shuffle(5, 2, COUNT, again);
    pcs_shuffle(5, 3, COUNT, other);
    int moved = 0;
    for (int i = 0; i < COUNT; i++) {
        CHECK(order[i] < COUNT && seen[order[i]]++ == 0, "a permutation: %u at %d", order[i], i);
        CHECK_EQ(again[i], order[i], "the same epoch again");
        moved += other[i] != order[i];
    }
    CHECK(moved > COUNT / 2, "another epoch has another order: %d differ", moved);
}

int main(int argc, char **argv)
{
    idx_tiny_dataset(DIRECTORY, TRAIN, TEST, 1);
    contents(check_flag(argc, argv, "--inject", NULL));
    damages();
    shuffles();
    return check_done("data set");
}
