#include "sim/cli/memory.h"

#include <inttypes.h>
#include <stdio.h>

#include "workloads/train/train.h"
#include "workloads/zoo/zoo.h"

/* What Linux could give without swapping, bytes; 0 when it does not say. */
static double available(void)
{
    double kib = 0;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && kib <= 0) {
        if (sscanf(line, "MemAvailable: %lf kB", &kib) != 1) {
            kib = 0;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kib * 1024.0;
}

static double mib(size_t bytes)
{
    return (double)bytes / (1024.0 * 1024.0);
}

pcs_status_t cli_memory_check(const pcs_config_t *config, pcs_error_t *err)
{
    pcs_network_spec_t spec;
    pcs_network_memory_t need;
    const pcs_numerics_t numerics = pcs_train_numerics(config);
    pcs_status_t status = pcs_zoo_find(config->network, &spec, err);
    if (status != PCS_OK) {
        return status;
    }
    status = pcs_network_measure(&spec, &numerics, (uint32_t)config->batch, &need, err);
    pcs_zoo_free(&spec);
    const double have = available();
    if (status == PCS_OK && have > 0 && (double)need.total > have) {
        status =
            pcs_fail(err, PCS_MEMORY,
                     "train.batch: %" PRIu64 " images of %s need %.0f MiB (activations %.0f, their gradients %.0f, "
                     "codes and scratch %.0f, parameters %.0f), %.0f MiB are available; legal: a smaller batch",
                     config->batch, config->network, mib(need.total), mib(need.activations), mib(need.gradients),
                     mib(need.operands), mib(need.parameters), have / (1024.0 * 1024.0));
    }
    return status;
}
