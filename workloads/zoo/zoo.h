/* The networks that a run can name. */
#ifndef PCS_WORKLOADS_ZOO_ZOO_H
#define PCS_WORKLOADS_ZOO_ZOO_H

#include "workloads/nn/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The network of this name; pcs_zoo_free frees its layers.  An unknown name fails with a message that lists the legal
   ones.  Its number of classes is that of the data set it is meant for, and may be changed before use. */
PCS_MUST_CHECK pcs_status_t pcs_zoo_find(const char *name, pcs_network_spec_t *spec, pcs_error_t *err);
void pcs_zoo_free(pcs_network_spec_t *spec);

/* Name and one line about the network of this number, for lists; NULL past the last. */
const char *pcs_zoo_name(size_t index);
const char *pcs_zoo_help(size_t index);

#ifdef __cplusplus
}
#endif
#endif
