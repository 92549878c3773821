#include "sim/cli/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "workloads/policy/schedule.h"
#include "workloads/train/train.h"
#include "workloads/zoo/zoo.h"

/* What Linux could give without swapping, bytes; 0 when it does not say. */
static double available_here(void)
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

/* What the address space of this process may still grow by (ulimit -v), bytes; 0 without a limit. */
static double available_to_us(void)
{
    struct rlimit limit;
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        pages = fscanf(file, "%lf", &pages) == 1 ? pages : 0;
        (void)fclose(file);
    }
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return 0;
    }
    const double used = pages * (double)sysconf(_SC_PAGESIZE);
    return (double)limit.rlim_cur > used ? (double)limit.rlim_cur - used : 1;
}

static double available(void)
{
    const double here = available_here();
    const double to_us = available_to_us();
    return to_us > 0 && (here <= 0 || to_us < here) ? to_us : here;
}

static double mib(size_t bytes)
{
    return (double)bytes / (1024.0 * 1024.0);
}

pcs_status_t cli_memory_check(const pcs_config_t *config, pcs_error_t *err)
{
    pcs_network_spec_t spec;
    pcs_network_memory_t need;
    pcs_numerics_t numerics = pcs_train_numerics(config);
    pcs_floats_t floats;
    pcs_status_t status = pcs_zoo_find(config->network, &spec, err);
    if (status != PCS_OK) {
        return status;
    }
    if (pcs_schedule_float(config->schedule) != NULL) {
        status = pcs_floats_open(config, &floats, err);
        numerics.floats = &floats.numerics;
    }
    if (status != PCS_OK) {
        pcs_zoo_free(&spec);
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
