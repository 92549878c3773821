/* The network of an estimate: a name, or a file of layers. */
#ifndef PCS_SIM_CLI_NETWORK_H
#define PCS_SIM_CLI_NETWORK_H

#include "workloads/zoo/shapes.h"

/* A name of pcs_shapes_find, or the path of a file: *.csv is a SCALE-Sim topology, *.yaml or *.yml a list of layers.
   On success pcs_shapes_free when done; untouched on failure. */
PCS_MUST_CHECK pcs_status_t cli_network_open(const char *name, pcs_shapes_t *shapes, pcs_error_t *err);

/* SCALE-Sim topology CSV, one sample = one image or product.  The header decides the form:
     Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides[, Sparsity]
     Layer, M, N, K[, Sparsity]
   Fields per row as in the header; a comma may follow the last one, as SCALE-Sim needs it.  "DP" in the name of a
   convolution: depthwise, every channel by itself with Num Filter filters.  There is no padding: IFMAP sizes include
   it.  Where the stride does not divide, the last, incomplete position is left out (SCALE-Sim counts it).  Sparsity is
   not modelled: N:N is the only legal value.  The first row reads the data and has no dgrad; the other convolutions
   read rectified tensors.  Errors name file, line and column. */
PCS_MUST_CHECK pcs_status_t cli_network_topology(const char *path, pcs_shapes_t *shapes, pcs_error_t *err);

/* A YAML sequence of layers, each a mapping of the keys of sim/cli/layers.def:
     - {conv: stem, height: 32, width: 32, channels: 3, filters: 16, kernel: 3, padding: 1, first: yes}
     - {gemm: classifier, m: 1, n: 10, k: 64}
   conv and gemm give the layer's name. */
PCS_MUST_CHECK pcs_status_t cli_network_yaml(const char *path, pcs_shapes_t *shapes, pcs_error_t *err);

#endif
