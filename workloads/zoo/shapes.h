/* Networks by shape: the quantized convolutions of one image, in order.  Enough to count what training costs, without
   parameters, data or memory for activations. */
#ifndef PCS_WORKLOADS_ZOO_SHAPES_H
#define PCS_WORKLOADS_ZOO_SHAPES_H

#include "workloads/nn/conv_contract.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_conv_row {
    pcs_conv_shape_t shape; /* checked */
    bool first;             /* its input is the images: training needs no gradient of them */
    bool rectified;         /* its input comes from a rectifier: the smallest element is 0 */
} pcs_conv_row_t;

typedef struct pcs_shapes {
    char name[32];
    size_t count;
    pcs_conv_row_t *convs; /* (count), owned */
} pcs_shapes_t;

/* The network of this name, one of the zoo (zoo.h); an unknown one fails with a message that lists the legal names. */
PCS_MUST_CHECK pcs_status_t pcs_shapes_find(const char *name, pcs_shapes_t *shapes, pcs_error_t *err);
void pcs_shapes_free(pcs_shapes_t *shapes);

/* Multiply-accumulates of all convolutions, one image, forward pass. */
uint64_t pcs_shapes_macs(const pcs_shapes_t *shapes);

#ifdef __cplusplus
}
#endif
#endif
