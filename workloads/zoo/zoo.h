/* The networks that a run can name. */
#ifndef PCS_WORKLOADS_ZOO_ZOO_H
#define PCS_WORKLOADS_ZOO_ZOO_H

#include "workloads/nn/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The network of this name; an unknown one fails with a message that lists the legal names. */
PCS_MUST_CHECK pcs_status_t pcs_zoo_find(const char *name, const pcs_network_spec_t **spec, pcs_error_t *err);
/* Network by number, for lists; NULL past the last. */
const pcs_network_spec_t *pcs_zoo_at(size_t index);

#ifdef __cplusplus
}
#endif
#endif
