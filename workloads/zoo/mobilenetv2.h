/* MobileNetV2's groups of inverted residuals (Sandler et al., CVPR 2018), for 32 x 32 and for 224 x 224 images. */
#ifndef PCS_WORKLOADS_ZOO_MOBILENETV2_H
#define PCS_WORKLOADS_ZOO_MOBILENETV2_H

#include <stdint.h>

enum { PCS_MOBILENETV2_GROUPS = 7, PCS_MOBILENETV2_STEM = 32, PCS_MOBILENETV2_HEAD = 1280 /* filters */ };

typedef struct pcs_mobilenetv2_group {
    uint32_t expand, filters, blocks;
    uint32_t stride, cifar_stride; /* of the first block; 1 of the others */
} pcs_mobilenetv2_group_t;

extern const pcs_mobilenetv2_group_t pcs_mobilenetv2_groups[PCS_MOBILENETV2_GROUPS];

#endif
