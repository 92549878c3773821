/* What precision.schedule float:FW/BW and the keys of `float.` say. */
#ifndef PCS_WORKLOADS_TRAIN_FLOATS_H
#define PCS_WORKLOADS_TRAIN_FLOATS_H

#include "workloads/nn/conv_float.h"
#include "workloads/optim/master.h"
#include "workloads/train/config.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_FLOATS_FORMATS = 6 };

typedef struct pcs_floats {
    pcs_float_numerics_t numerics, first; /* refer to each other and to what follows: the whole is not to be moved */
    pcs_master_t master;
    bool binary32_master;                     /* the update is pcs_sgd_step */
    bool backoff;                             /* else the loss scale is constant */
    pcs_format_row_t row[PCS_FLOATS_FORMATS]; /* formats that are in no table */
    char name[PCS_FLOATS_FORMATS][40];
    unsigned rows;
} pcs_floats_t;

/* Reads the keys of a float schedule; PCS_INVALID with the key and what is legal. */
PCS_MUST_CHECK pcs_status_t pcs_floats_open(const pcs_config_t *config, pcs_floats_t *floats, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
