#include "workloads/zoo/zoo.h"

#include <stdio.h>
#include <string.h>

/* Layer rows: a convolution keeps height and width at stride 1 and halves them at stride 2. */
#define CONV(filters, kernel, stride)                                                                                  \
    {                                                                                                                  \
        PCS_LAYER_CONV, (filters), (kernel), (stride), (kernel) / 2                                                    \
    }
#define BN                                                                                                             \
    {                                                                                                                  \
        PCS_LAYER_BATCHNORM, 0, 0, 0, 0                                                                                \
    }
#define RELU                                                                                                           \
    {                                                                                                                  \
        PCS_LAYER_RELU, 0, 0, 0, 0                                                                                     \
    }
#define POOL                                                                                                           \
    {                                                                                                                  \
        PCS_LAYER_POOL, 0, 0, 0, 0                                                                                     \
    }
#define LINEAR(outputs)                                                                                                \
    {                                                                                                                  \
        PCS_LAYER_LINEAR, (outputs), 0, 0, 0                                                                           \
    }

static const pcs_layer_spec_t fmnist_cnn[] = {
    CONV(24, 3, 1), BN, RELU, CONV(48, 3, 2), BN, RELU, CONV(96, 3, 2), BN, RELU, LINEAR(10),
};

static const pcs_layer_spec_t fmnist_tiny[] = {
    CONV(4, 3, 2), BN, RELU, CONV(8, 3, 2), BN, RELU, POOL, LINEAR(10),
};

#define NETWORK(name, help, h, w, c, layers)                                                                           \
    {                                                                                                                  \
        name, help, h, w, c, layers, sizeof(layers) / sizeof((layers)[0])                                              \
    }

static const pcs_network_spec_t networks[] = {
    NETWORK("fmnist-cnn", "3 convolutions (24, 48, 96 filters) for 28 x 28 grey images", 28, 28, 1, fmnist_cnn),
    NETWORK("fmnist-tiny", "2 convolutions (4, 8 filters), for tests", 28, 28, 1, fmnist_tiny),
};
enum { NETWORK_COUNT = sizeof networks / sizeof networks[0] };

const pcs_network_spec_t *pcs_zoo_at(size_t index)
{
    return index < NETWORK_COUNT ? &networks[index] : NULL;
}

pcs_status_t pcs_zoo_find(const char *name, const pcs_network_spec_t **spec, pcs_error_t *err)
{
    char legal[256] = "";
    for (size_t i = 0; i < NETWORK_COUNT; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            *spec = &networks[i];
            return PCS_OK;
        }
        const size_t used = strlen(legal);
        (void)snprintf(legal + used, sizeof legal - used, "%s%s", i > 0 ? ", " : "", networks[i].name);
    }
    return pcs_fail(err, PCS_INVALID, "network: unknown '%s'; legal are %s", name, legal);
}
