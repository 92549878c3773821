#include "workloads/data/cifar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 32, CHANNELS = 3, PLANE = SIZE * SIZE, PIXELS = PLANE * CHANNELS, FILES_MAX = 5, PATH_MAX_BYTES = 1280 };

static const struct {
    const char *name, *archive;
    uint32_t labels, classes; /* labels of a record, the last one counts */
    uint32_t files[2];        /* of the training and of the test part */
    const char *file[2][FILES_MAX];
} kinds[] = {
    [PCS_CIFAR_10] = {"CIFAR-10",
                      "cifar-10-binary.tar.gz",
                      1,
                      10,
                      {5, 1},
                      {{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                        "data_batch_5.bin"},
                       {"test_batch.bin"}}},
    [PCS_CIFAR_100] = {"CIFAR-100", "cifar-100-binary.tar.gz", 2, 100, {1, 1}, {{"train.bin"}, {"test.bin"}}},
};

/* Number of records of an open file; it is left at its beginning. */
static pcs_status_t count_records(FILE *file, const char *path, size_t record, uint32_t *count, pcs_error_t *err)
{
    if (fseek(file, 0, SEEK_END) != 0) {
        return pcs_fail(err, PCS_IO, "%s: cannot tell its size: %s", path, strerror(errno));
    }
    const long size = ftell(file);
    rewind(file);
    if (size <= 0 || size > INT32_MAX || (size_t)size % record != 0) {
        return pcs_fail(err, PCS_FORMAT,
                        "%s: %ld bytes, expected a multiple of %zu (labels and 3072 pixels), 10000 images "
                        "in the original",
                        path, size, record);
    }
    *count = (uint32_t)((size_t)size / record);
    return PCS_OK;
}

/* Planes of one record to interleaved pixels. */
static void interleave(const uint8_t *planes, uint8_t *pixels)
{
    for (size_t i = 0; i < PLANE; i++) {
        for (size_t c = 0; c < CHANNELS; c++) {
            pixels[i * CHANNELS + c] = planes[c * PLANE + i];
        }
    }
}

/* All records of a file, into images first.. of a part. */
static pcs_status_t read_records(FILE *file, const char *path, pcs_cifar_t kind, uint32_t first, uint32_t count,
                                 pcs_images_t *images, pcs_error_t *err)
{
    const uint32_t labels = kinds[kind].labels;
    uint8_t record[PIXELS + 2];
    for (uint32_t i = 0; i < count; i++) {
        if (fread(record, 1, labels + PIXELS, file) != labels + PIXELS) {
            return pcs_fail(err, PCS_IO, "%s: cannot read image %u", path, i);
        }
        const uint8_t label = record[labels - 1U];
        if (label >= kinds[kind].classes) {
            return pcs_fail(err, PCS_FORMAT, "%s: label %u of image %u, expected 0..%u", path, label, i,
                            kinds[kind].classes - 1U);
        }
        images->labels[first + i] = label;
        interleave(record + labels, images->pixels + (size_t)(first + i) * PIXELS);
    }
    return PCS_OK;
}

/* One file of a part; the first one makes room for `files` of its length. */
static pcs_status_t read_file(pcs_cifar_t kind, const char *path, uint32_t number, uint32_t files, pcs_images_t *images,
                              pcs_error_t *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO,
                        "%s: cannot open: %s; --data names the directory with the files of %s from %s "
                        "(www.cs.toronto.edu/~kriz/cifar.html)",
                        path, strerror(errno), kinds[kind].name, kinds[kind].archive);
    }
    uint32_t count = 0;
    pcs_status_t status = count_records(file, path, kinds[kind].labels + PIXELS, &count, err);
    if (status == PCS_OK && number == 0) {
        images->count = count * files;
        images->pixels = malloc((size_t)images->count * PIXELS);
        images->labels = malloc(images->count);
        if (images->pixels == NULL || images->labels == NULL) {
            status = pcs_fail(err, PCS_MEMORY, "%s: no memory for %u images", path, images->count);
        }
    } else if (status == PCS_OK && count != images->count / files) {
        status = pcs_fail(err, PCS_FORMAT, "%s: %u images, expected %u as in the first file", path, count,
                          images->count / files);
    }
    status = status == PCS_OK ? read_records(file, path, kind, number * count, count, images, err) : status;
    (void)fclose(file);
    return status;
}

pcs_status_t pcs_cifar_read(pcs_cifar_t kind, const char *directory, bool test, pcs_images_t *images, pcs_error_t *err)
{
    pcs_images_t part = {.height = SIZE, .width = SIZE, .channels = CHANNELS};
    const uint32_t files = kinds[kind].files[test];
    pcs_status_t status = PCS_OK;
    for (uint32_t i = 0; i < files && status == PCS_OK; i++) {
        char path[PATH_MAX_BYTES];
        (void)snprintf(path, sizeof path, "%s/%s", directory, kinds[kind].file[test][i]);
        status = read_file(kind, path, i, files, &part, err);
    }
    if (status != PCS_OK) {
        free(part.pixels);
        free(part.labels);
        return status;
    }
    *images = part;
    return PCS_OK;
}
