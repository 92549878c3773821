#include "workloads/data/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/philox.h"
#include "workloads/data/hash.h"
#include "workloads/data/idx.h"

enum { PATH_MAX_BYTES = 1280 };

/* What is known of a data set before its files are opened. */
typedef struct dataset_row {
    const char *name;
    uint32_t classes, height, width, channels;
    float mean, std; /* of the training set's pixels, scaled to 0..1 */
    const char *train_images, *train_labels, *test_images, *test_labels;
} dataset_row_t;

static const dataset_row_t rows[] = {
    {"fashion-mnist", 10, 28, 28, 1, 0.2860F, 0.3530F, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
     "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"},
};

static pcs_status_t load_images(const dataset_row_t *row, const char *path, pcs_images_t *images, pcs_error_t *err)
{
    uint32_t size[PCS_IDX_DIMS_MAX];
    const pcs_status_t status = pcs_idx_read(path, 3, size, &images->pixels, err);
    if (status != PCS_OK) {
        return status;
    }
    images->count = size[0];
    images->height = size[1];
    images->width = size[2];
    images->channels = row->channels;
    if (size[1] != row->height || size[2] != row->width) {
        return pcs_fail(err, PCS_FORMAT, "%s: images of %u x %u, expected %u x %u", path, size[1], size[2], row->height,
                        row->width);
    }
    return PCS_OK;
}

static pcs_status_t load_labels(const dataset_row_t *row, const char *path, pcs_images_t *images, pcs_error_t *err)
{
    uint32_t size[PCS_IDX_DIMS_MAX];
    const pcs_status_t status = pcs_idx_read(path, 1, size, &images->labels, err);
    if (status != PCS_OK) {
        return status;
    }
    if (size[0] != images->count) {
        return pcs_fail(err, PCS_FORMAT, "%s: %u labels, expected %u as there are images", path, size[0],
                        images->count);
    }
    for (uint32_t i = 0; i < size[0]; i++) {
        if (images->labels[i] >= row->classes) {
            return pcs_fail(err, PCS_FORMAT, "%s: label %u of image %u, expected 0..%u", path, images->labels[i], i,
                            row->classes - 1U);
        }
    }
    return PCS_OK;
}

static pcs_status_t load_part(const dataset_row_t *row, const char *directory, const char *image_name,
                              const char *label_name, pcs_images_t *images, pcs_error_t *err)
{
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", directory, image_name);
    pcs_status_t status = load_images(row, path, images, err);
    if (status == PCS_OK) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, label_name);
        status = load_labels(row, path, images, err);
    }
    return status;
}

static uint64_t hash_part(const pcs_images_t *images, uint64_t hash)
{
    const size_t pixels = (size_t)images->height * images->width * images->channels;
    hash = pcs_hash_bytes(hash, images->pixels, images->count * pixels);
    return pcs_hash_bytes(hash, images->labels, images->count);
}

pcs_status_t pcs_dataset_load(unsigned which, const char *directory, pcs_dataset_t *dataset, pcs_error_t *err)
{
    PCS_ASSERT(which < sizeof rows / sizeof rows[0]);
    const dataset_row_t *row = &rows[which];
    if (strlen(directory) > PATH_MAX_BYTES - 64) {
        return pcs_fail(err, PCS_INVALID, "data.dir: a path of %zu bytes is too long", strlen(directory));
    }
    pcs_dataset_t loaded = {.classes = row->classes, .mean = row->mean, .std = row->std};
    pcs_status_t status = load_part(row, directory, row->train_images, row->train_labels, &loaded.train, err);
    if (status == PCS_OK) {
        status = load_part(row, directory, row->test_images, row->test_labels, &loaded.test, err);
    }
    if (status != PCS_OK) {
        pcs_dataset_free(&loaded);
        return status;
    }
    loaded.hash = hash_part(&loaded.test, hash_part(&loaded.train, PCS_HASH_START));
    *dataset = loaded;
    return PCS_OK;
}

void pcs_dataset_free(pcs_dataset_t *dataset)
{
    pcs_images_t *parts[] = {&dataset->train, &dataset->test};
    for (size_t i = 0; i < 2; i++) {
        free(parts[i]->pixels);
        free(parts[i]->labels);
        parts[i]->pixels = NULL;
        parts[i]->labels = NULL;
    }
}

void pcs_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order)
{
    const pcs_stream_t stream = pcs_stream(seed, PCS_PURPOSE_SHUFFLE, epoch, 0);
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t pick = pcs_philox_below(&stream, i - 1U, i);
        const uint32_t moved = order[i - 1U];
        order[i - 1U] = order[pick];
        order[pick] = moved;
    }
}

void pcs_batch_fill(const pcs_dataset_t *dataset, const pcs_images_t *images, const uint32_t *order, size_t first,
                    size_t n, float *x, uint8_t *labels)
{
    float value[256];
    for (int p = 0; p < 256; p++) {
        const float unit = (float)p / 255.0F;
        const float centred = unit - dataset->mean;
        value[p] = centred / dataset->std;
    }
    const size_t pixels = (size_t)images->height * images->width * images->channels;
    for (size_t i = 0; i < n; i++) {
        const size_t image = order != NULL ? order[first + i] : first + i;
        const uint8_t *source = images->pixels + image * pixels;
        float *target = x + i * pixels;
        for (size_t j = 0; j < pixels; j++) {
            target[j] = value[source[j]];
        }
        labels[i] = images->labels[image];
    }
}
