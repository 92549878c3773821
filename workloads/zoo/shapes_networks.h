/* The builders behind pcs_shapes_find: each appends the layers of one network to an empty list. */
#ifndef PCS_WORKLOADS_ZOO_SHAPES_NETWORKS_H
#define PCS_WORKLOADS_ZOO_SHAPES_NETWORKS_H

#include "workloads/zoo/shapes.h"

/* depth: 18, 34 or 50. */
pcs_status_t pcs_shapes_resnet_imagenet(pcs_shapes_t *shapes, unsigned depth, pcs_error_t *err);
/* The argument of these three is not used. */
pcs_status_t pcs_shapes_mobilenetv2(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err);
pcs_status_t pcs_shapes_lstm(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err);
pcs_status_t pcs_shapes_transformer(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err);

#endif
