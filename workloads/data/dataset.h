/* Labelled images in memory, and the batches of a training run. */
#ifndef PCS_WORKLOADS_DATA_DATASET_H
#define PCS_WORKLOADS_DATA_DATASET_H

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

typedef struct pcs_dataset {
    uint32_t classes;
    pcs_images_t train, test;
    float mean, std; /* a pixel p enters the network as (p / 255 - mean) / std, binary32 */
    uint64_t hash;   /* FNV-1a of pixels and labels of both parts */
} pcs_dataset_t;

/* Reads the data set that config.def names by this index (0: fashion-mnist) from a directory with its four
   gzip-compressed IDX files.  Strict: magic numbers, sizes, counts, labels and the end of each file are checked; the
   message names the file, what was found and what was expected. */
PCS_MUST_CHECK pcs_status_t pcs_dataset_load(unsigned which, const char *directory, pcs_dataset_t *dataset,
                                             pcs_error_t *err);
void pcs_dataset_free(pcs_dataset_t *dataset);

/* order[0..count-1] = the permutation of 0..count-1 in which epoch `epoch` visits the training set: Fisher-Yates with
   Philox draws, a function of seed and epoch only. */
void pcs_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order);

/* Normalises images order[first .. first + n - 1] (order NULL: the identity) into x (n, height, width, channels) and
   copies their labels. */
void pcs_batch_fill(const pcs_dataset_t *dataset, const pcs_images_t *images, const uint32_t *order, size_t first,
                    size_t n, float *x, uint8_t *labels);

#ifdef __cplusplus
}
#endif
#endif
