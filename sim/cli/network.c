#include "sim/cli/network.h"

#include <stdio.h>
#include <string.h>

static bool ends_with(const char *name, const char *ending)
{
    const size_t length = strlen(name);
    const size_t tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

pcs_status_t cli_network_open(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    const bool yaml = ends_with(name, ".yaml") || ends_with(name, ".yml");
    if (!yaml && !ends_with(name, ".csv")) {
        return pcs_shapes_find(name, shapes, err);
    }
    pcs_shapes_t read = {.sample = "sample"};
    const char *slash = strrchr(name, '/');
    (void)snprintf(read.name, sizeof read.name, "%s", slash != NULL ? slash + 1 : name);
    const pcs_status_t status = yaml ? cli_network_yaml(name, &read, err) : cli_network_topology(name, &read, err);
    if (status != PCS_OK) {
        pcs_shapes_free(&read);
        return status;
    }
    *shapes = read;
    return PCS_OK;
}
