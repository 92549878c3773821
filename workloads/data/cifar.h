/* CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009): records of labels and 32 x 32 pixels, the red plane
   first, then green, then blue.  CIFAR-10: data_batch_1.bin to data_batch_5.bin and test_batch.bin, one label a record.
   CIFAR-100: train.bin and test.bin, a coarse label and the fine one, which is used. */
#ifndef PCS_WORKLOADS_DATA_CIFAR_H
#define PCS_WORKLOADS_DATA_CIFAR_H

#include <stdbool.h>

#include "workloads/data/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_cifar { PCS_CIFAR_10, PCS_CIFAR_100 } pcs_cifar_t;

/* Reads the training or the test part; pixels and labels are to be freed.  Fails, images untouched, on a file that is
   missing, empty, no whole number of records or of another length than the first one, and on a label out of range. */
PCS_MUST_CHECK pcs_status_t pcs_cifar_read(pcs_cifar_t kind, const char *directory, bool test, pcs_images_t *images,
                                           pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
