/* Data sets: what is read, in which order, and every kind of damage that must be refused by name. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/support/idx_file.h"
#include "models/format/philox.h"
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
    const pcs_batch_t batch = {.order = order, .first = 10, .count = 5, .height = SIDE, .width = SIDE};
    pcs_batch_fill(&dataset, &dataset.train, &batch, x, labels);
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

/* ---- CIFAR ----------------------------------------------------------------------------------------------------------
 */

#define CIFAR "unit_cifar"
enum { RECORDS = 7, CIFAR_PIXELS = 3 * 32 * 32 };

/* Pixel of a record's plane, a function of all its places. */
static uint8_t cifar_pixel(uint32_t image, uint32_t channel, uint32_t at)
{
    return (uint8_t)(image * 89U + channel * 57U + at * 7U + at / 32U);
}

static void write_records(const char *path, uint32_t first, uint32_t count, uint32_t labels, uint8_t label,
                          size_t extra)
{
    static uint8_t bytes[RECORDS * (CIFAR_PIXELS + 2) + 8];
    uint8_t *at = bytes;
    for (uint32_t i = first; i < first + count; i++) {
        for (uint32_t l = 0; l < labels; l++) {
            *at++ = l + 1U == labels ? (uint8_t)(label + i % 3U) : 19;
        }
        for (uint32_t p = 0; p < CIFAR_PIXELS; p++) {
            *at++ = cifar_pixel(i, p / 1024U, p % 1024U);
        }
    }
    const size_t size = (size_t)(at - bytes) + extra;
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size, "%s is written", path);
    (void)fclose(file);
}

static void write_cifar(void)
{
    (void)mkdir(CIFAR, 0777);
    for (uint32_t i = 0; i < 5; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, CIFAR "/data_batch_%u.bin", i + 1U);
        write_records(path, i * RECORDS, RECORDS, 1, 7, 0);
    }
    write_records(CIFAR "/test_batch.bin", 35, RECORDS, 1, 0, 0);
    write_records(CIFAR "/train.bin", 0, RECORDS, 2, 97, 0);
    write_records(CIFAR "/test.bin", 35, RECORDS - 1, 2, 50, 0);
}

static void cifar_refuse(unsigned which, const char *file, const char *says)
{
    pcs_dataset_t dataset = {.classes = 77};
    pcs_error_t err = {{0}};
    CHECK(pcs_dataset_load(which, CIFAR, &dataset, &err) != PCS_OK, "%s: refused", file);
    CHECK(strstr(err.text, file) != NULL && strstr(err.text, says) != NULL, "message '%s' lacks '%s' or '%s'", err.text,
          file, says);
    CHECK_EQ(dataset.classes, 77, "%s: output untouched", file);
    write_cifar();
}

static void cifar(bool inject)
{
    pcs_dataset_t dataset;
    pcs_error_t err = {{0}};
    write_cifar();
    CHECK_OK(pcs_dataset_load(1, CIFAR, &dataset, &err), &err);
    CHECK(dataset.classes == 10 && dataset.train.count == 5 * RECORDS && dataset.test.count == RECORDS, "CIFAR-10");
    dataset.train.pixels[CIFAR_PIXELS + 100] ^= inject;
    for (uint32_t i = 0; i < dataset.train.count; i++) {
        CHECK_EQ(dataset.train.labels[i], 7 + i % 3, "label %u", i);
        for (uint32_t p = 0; p < CIFAR_PIXELS; p++) {
            CHECK_EQ(dataset.train.pixels[i * CIFAR_PIXELS + p], cifar_pixel(i, p % 3U, p / 3U),
                     "CIFAR pixel %u of image %u", p, i);
        }
    }
    pcs_dataset_free(&dataset);
    CHECK_OK(pcs_dataset_load(2, CIFAR, &dataset, &err), &err);
    CHECK(dataset.classes == 100 && dataset.train.count == RECORDS && dataset.test.count == RECORDS - 1, "CIFAR-100");
    CHECK_EQ(dataset.train.labels[2], 99, "the fine label");
    pcs_dataset_free(&dataset);

    write_records(CIFAR "/data_batch_3.bin", 14, RECORDS, 1, 7, 1);
    cifar_refuse(1, CIFAR "/data_batch_3.bin", "expected a multiple of 3073");
    write_records(CIFAR "/data_batch_3.bin", 14, RECORDS - 1, 1, 7, 0);
    cifar_refuse(1, CIFAR "/data_batch_3.bin", "6 images, expected 7 as in the first file");
    write_records(CIFAR "/test_batch.bin", 0, 0, 1, 7, 0);
    cifar_refuse(1, CIFAR "/test_batch.bin", "0 bytes");
    write_records(CIFAR "/data_batch_5.bin", 28, RECORDS, 1, 8, 0);
    cifar_refuse(1, CIFAR "/data_batch_5.bin", "label 10 of image 1, expected 0..9");
    write_records(CIFAR "/test.bin", 0, 3, 2, 99, 0);
    cifar_refuse(2, CIFAR "/test.bin", "label 100 of image 1, expected 0..99");
    CHECK(unlink(CIFAR "/train.bin") == 0, "removed");
    cifar_refuse(2, CIFAR "/train.bin", "--data names the directory");
}

/* ---- what a network is shown ----------------------------------------------------------------------------------------
 */

/* Every pixel of an augmented batch against the definition; every shift and both directions must occur. */
static void augments(bool inject)
{
    enum { NET = 32, COUNT = 30, PAD = 4 };
    static float x[COUNT * NET * NET];
    static float plain[COUNT * NET * NET];
    uint8_t labels[COUNT];
    pcs_dataset_t dataset;
    pcs_error_t err = {{0}};
    bool row[2 * PAD + 1] = {false};
    bool column[2 * PAD + 1] = {false};
    int mirrored = 0;
    CHECK_OK(pcs_dataset_load(0, DIRECTORY, &dataset, &err), &err);
    pcs_batch_t batch = {.count = COUNT, .height = NET, .width = NET, .seed = 9};
    pcs_batch_fill(&dataset, &dataset.train, &batch, plain, labels);
    batch.augment = true;
    for (batch.epoch = 0; batch.epoch < 8; batch.epoch++) {
        pcs_batch_fill(&dataset, &dataset.train, &batch, x, labels);
        const pcs_stream_t stream = pcs_stream(batch.seed, PCS_PURPOSE_AUGMENT, batch.epoch, 0);
        for (uint32_t i = 0; i < COUNT; i++) {
            const uint32_t down = pcs_philox_below(&stream, 4U * i, 9) + (inject && i == 3);
            const uint32_t right = pcs_philox_below(&stream, 4U * i + 1U, 9);
            const bool flip = pcs_philox_below(&stream, 4U * i + 2U, 2) == 1;
            row[down % 9U] = true;
            column[right] = true;
            mirrored += flip;
            for (int p = 0; p < NET * NET; p++) {
                const int y = p / NET + (int)down - PAD;
                const int across = flip ? NET - 1 - p % NET : p % NET;
                const int at = across + (int)right - PAD;
                const bool inside = y >= 0 && y < NET && at >= 0 && at < NET;
                const float expected = plain[i * NET * NET + (inside ? (uint32_t)(y * NET + at) : 0)];
                CHECK(x[i * NET * NET + (uint32_t)p] == expected, "augmented pixel %d of image %u", p, i);
            }
        }
    }
    for (int i = 0; i <= 2 * PAD; i++) {
        CHECK(row[i] && column[i], "shift by %d occurs", i - PAD);
    }
    CHECK(mirrored > 80 && mirrored < 160, "%d of 240 mirrored", mirrored);
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
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    contents(inject);
    cifar(inject);
    augments(inject);
    damages();
    shuffles();
    return check_done("data set");
}
