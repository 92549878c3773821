#include "workloads/data/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/philox.h"
#include "workloads/data/cifar.h"
#include "workloads/data/hash.h"
#include "workloads/data/idx.h"

enum { PATH_MAX_BYTES = 1280 };

/* What is known of a data set before its files are opened. */
typedef struct dataset_row dataset_row_t;
struct dataset_row {
    const char *name;
    uint32_t classes, height, width, channels;
    float mean[PCS_IMAGE_CHANNELS_MAX], std[PCS_IMAGE_CHANNELS_MAX]; /* of the training set, scaled to 0..1 */
    pcs_status_t (*load)(const dataset_row_t *row, const char *directory, pcs_dataset_t *dataset, pcs_error_t *err);
};

static pcs_status_t load_idx(const dataset_row_t *row, const char *directory, pcs_dataset_t *dataset, pcs_error_t *err);
static pcs_status_t load_cifar(const dataset_row_t *row, const char *directory, pcs_dataset_t *dataset,
                               pcs_error_t *err);

/* CIFAR: the values of CPT's code. */
#define CIFAR_SCALE                                                                                                    \
    {0.4914F, 0.4822F, 0.4465F},                                                                                       \
    {                                                                                                                  \
        0.2023F, 0.1994F, 0.2010F                                                                                      \
    }

static const dataset_row_t rows[] = {
    {"fashion-mnist", 10, 28, 28, 1, {0.2860F}, {0.3530F}, load_idx},
    {"cifar-10", 10, 32, 32, 3, CIFAR_SCALE, load_cifar},
    {"cifar-100", 100, 32, 32, 3, CIFAR_SCALE, load_cifar},
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

static pcs_status_t load_idx(const dataset_row_t *row, const char *directory, pcs_dataset_t *dataset, pcs_error_t *err)
{
    const pcs_status_t status =
        load_part(row, directory, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", &dataset->train, err);
    return status == PCS_OK ? load_part(row, directory, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
                                        &dataset->test, err)
                            : status;
}

static pcs_status_t load_cifar(const dataset_row_t *row, const char *directory, pcs_dataset_t *dataset,
                               pcs_error_t *err)
{
    const pcs_cifar_t kind = row->classes == 10 ? PCS_CIFAR_10 : PCS_CIFAR_100;
    const pcs_status_t status = pcs_cifar_read(kind, directory, false, &dataset->train, err);
    return status == PCS_OK ? pcs_cifar_read(kind, directory, true, &dataset->test, err) : status;
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
    pcs_dataset_t loaded = {.classes = row->classes};
    memcpy(loaded.mean, row->mean, sizeof loaded.mean);
    memcpy(loaded.std, row->std, sizeof loaded.std);
    const pcs_status_t status = row->load(row, directory, &loaded, err);
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

enum { LEVELS = 256, AUGMENT_PAD = 4 };

/* Where a network's image begins in its source, which is black outside, and whether it is mirrored. */
typedef struct view {
    int32_t y, x;
    bool mirrored;
} view_t;

static view_t view_of(const pcs_images_t *images, const pcs_batch_t *batch, size_t image)
{
    view_t view = {-(int32_t)((batch->height - images->height) / 2U), -(int32_t)((batch->width - images->width) / 2U),
                   false};
    if (batch->augment) {
        const pcs_stream_t stream = pcs_stream(batch->seed, PCS_PURPOSE_AUGMENT, batch->epoch, 0);
        view.y += (int32_t)pcs_philox_below(&stream, 4U * image, 2U * AUGMENT_PAD + 1U) - AUGMENT_PAD;
        view.x += (int32_t)pcs_philox_below(&stream, 4U * image + 1U, 2U * AUGMENT_PAD + 1U) - AUGMENT_PAD;
        view.mirrored = pcs_philox_below(&stream, 4U * image + 2U, 2) == 1;
    }
    return view;
}

static void fill_image(const pcs_images_t *images, const pcs_batch_t *batch, size_t image,
                       const float value[PCS_IMAGE_CHANNELS_MAX][LEVELS], float *target)
{
    const view_t view = view_of(images, batch, image);
    const uint32_t channels = images->channels;
    const uint8_t *source = images->pixels + image * images->height * images->width * channels;
    for (uint32_t y = 0; y < batch->height; y++) {
        const int32_t from_y = (int32_t)y + view.y;
        for (uint32_t x = 0; x < batch->width; x++, target += channels) {
            const int32_t from_x = (int32_t)(view.mirrored ? batch->width - 1U - x : x) + view.x;
            const bool inside =
                from_y >= 0 && from_y < (int32_t)images->height && from_x >= 0 && from_x < (int32_t)images->width;
            const uint8_t *pixel =
                inside ? source + ((size_t)from_y * images->width + (size_t)from_x) * channels : NULL;
            for (uint32_t c = 0; c < channels; c++) {
                target[c] = value[c][pixel != NULL ? pixel[c] : 0];
            }
        }
    }
}

void pcs_batch_fill(const pcs_dataset_t *dataset, const pcs_images_t *images, const pcs_batch_t *batch, float *x,
                    uint8_t *labels)
{
    PCS_ASSERT(images->channels <= PCS_IMAGE_CHANNELS_MAX && batch->height >= images->height &&
               batch->width >= images->width);
    float value[PCS_IMAGE_CHANNELS_MAX][LEVELS];
    for (uint32_t c = 0; c < images->channels; c++) {
        for (int p = 0; p < LEVELS; p++) {
            const float unit = (float)p / 255.0F;
            const float centred = unit - dataset->mean[c];
            value[c][p] = centred / dataset->std[c];
        }
    }
    const size_t size = (size_t)batch->height * batch->width * images->channels;
    for (size_t i = 0; i < batch->count; i++) {
        const size_t image = batch->order != NULL ? batch->order[batch->first + i] : batch->first + i;
        fill_image(images, batch, image, (const float(*)[LEVELS])value, x + i * size);
        labels[i] = images->labels[image];
    }
}
