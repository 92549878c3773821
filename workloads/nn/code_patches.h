/* Patches of a convolution as matrices of codes, copied out of a tensor of codes.  A view and its padding are those of
   conv_contract.h; a padded tap is the code 0, which is +0 in every format that a cast takes. */
#ifndef PCS_WORKLOADS_NN_CODE_PATCHES_H
#define PCS_WORKLOADS_NN_CODE_PATCHES_H

#include <stddef.h>

#include "models/gemm/gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to read: a view, not channel-major, of codes of `bytes` (1, 2 or 4) each.  A line of positions is a row of the
   view's grid: out_w positions; lines are numbered through all images. */
typedef struct pcs_code_source {
    const pcs_patch_t *patch;
    const void *codes; /* (batch, height, width, src_channels) */
    size_t bytes;
} pcs_code_source_t;

/* to ((tap, channel), lines * out_w): the patches of lines first.., a column each. */
void pcs_code_patches_columns(const pcs_code_source_t *source, unsigned threads, size_t first, size_t lines, void *to);
/* to (lines * out_w, (tap, channel)): the same, a row each. */
void pcs_code_patches_rows(const pcs_code_source_t *source, unsigned threads, size_t first, size_t lines, void *to);

#ifdef __cplusplus
}
#endif
#endif
