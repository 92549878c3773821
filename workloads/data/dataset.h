/* Labelled images in memory, and the batches of a training run. */
#ifndef PCS_WORKLOADS_DATA_DATASET_H
#define PCS_WORKLOADS_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One part (training or test) of a data set. */
typedef struct pcs_images {
    uint32_t count, height, width, channels;
    uint8_t *pixels; /* (count, height, width, channels) */
    uint8_t *labels; /* (count), below the data set's number of classes */
} pcs_images_t;

enum { PCS_IMAGE_CHANNELS_MAX = 3 };

typedef struct pcs_dataset {
    uint32_t classes;
    pcs_images_t train, test;
    /* A pixel p of channel c enters the network as (p / 255 - mean[c]) / std[c], binary32. */
    float mean[PCS_IMAGE_CHANNELS_MAX], std[PCS_IMAGE_CHANNELS_MAX];
    uint64_t hash; /* FNV-1a of pixels and labels of both parts */
} pcs_dataset_t;

/* Reads the data set that config.def names by this index from a directory: fashion-mnist as four gzip-compressed IDX
   files, cifar-10 and cifar-100 in their binary version.  Strict: magic numbers, sizes, counts, labels and the end of
   each file are checked; the message names the file, what was found and what was expected. */
PCS_MUST_CHECK pcs_status_t pcs_dataset_load(unsigned which, const char *directory, pcs_dataset_t *dataset,
                                             pcs_error_t *err);
void pcs_dataset_free(pcs_dataset_t *dataset);

/* order[0..count-1] = the permutation of 0..count-1 in which epoch `epoch` visits the training set: Fisher-Yates with
   Philox draws, a function of seed and epoch only. */
void pcs_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order);

/* Which images make a batch, and how they are shown. */
typedef struct pcs_batch {
    const uint32_t *order; /* images order[first .. first + count - 1]; NULL: the identity */
    size_t first, count;
    uint32_t height, width; /* what the network takes: smaller images stand in the middle of black ones */
    bool augment;           /* padded by 4 on each side and cropped at random, mirrored with probability 1/2: by Philox
                               draws, a function of seed, epoch and image only */
    uint64_t seed;
    uint32_t epoch;
} pcs_batch_t;

/* Normalises the images of a batch into x (count, height, width, channels) and copies their labels. */
void pcs_batch_fill(const pcs_dataset_t *dataset, const pcs_images_t *images, const pcs_batch_t *batch, float *x,
                    uint8_t *labels);

#ifdef __cplusplus
}
#endif
#endif
