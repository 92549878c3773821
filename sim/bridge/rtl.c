#define _GNU_SOURCE /* dlopen, flock, mkdtemp */
#include "sim/bridge/rtl.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "sim/bridge/plugin.h"

typedef struct rtl {
    pcs_array_dev_t dev;
    void *library;
    const pcs_rtl_plugin_t *plugin;
    pcs_rtl_model_t *model;
} rtl_t;

static void rtl_reset(pcs_array_dev_t *dev)
{
    rtl_t *rtl = (rtl_t *)dev;
    rtl->plugin->reset(rtl->model);
}

static void rtl_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    rtl_t *rtl = (rtl_t *)dev;
    rtl->plugin->step(rtl->model, in, out);
}

static const uint32_t *rtl_probe(pcs_array_dev_t *dev)
{
    rtl_t *rtl = (rtl_t *)dev;
    return rtl->plugin->probe(rtl->model);
}

static uint64_t rtl_csr(pcs_array_dev_t *dev, unsigned addr)
{
    rtl_t *rtl = (rtl_t *)dev;
    return rtl->plugin->csr(rtl->model, addr);
}

static void rtl_destroy(pcs_array_dev_t *dev)
{
    rtl_t *rtl = (rtl_t *)dev;
    if (rtl->model != NULL) {
        rtl->plugin->destroy(rtl->model);
    }
    if (rtl->library != NULL) {
        (void)dlclose(rtl->library);
    }
    free(rtl);
}

static const pcs_array_dev_ops_t rtl_ops = {
    .name = "rtl",
    .reset = rtl_reset,
    .step = rtl_step,
    .probe = rtl_probe,
    .csr = rtl_csr,
    .destroy = rtl_destroy,
};

static pcs_status_t load(rtl_t *rtl, const char *path, uint64_t seed, pcs_error_t *err)
{
    /* It stays mapped when it is closed: Verilator's runtime keeps what it allocated once a library in its statics. */
    rtl->library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (rtl->library == NULL) {
        return pcs_fail(err, PCS_IO, "cannot load the Verilated array: %s", dlerror());
    }
    const pcs_rtl_plugin_t *(*entry)(void) = NULL;
    *(void **)&entry = dlsym(rtl->library, PCS_RTL_PLUGIN_SYMBOL);
    if (entry == NULL) {
        return pcs_fail(err, PCS_FORMAT, "%s: not a Verilated array of precess", path);
    }
    rtl->plugin = entry();
    rtl->model = rtl->plugin->create(seed);
    if (rtl->model == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: no memory for the Verilated array", path);
    }
    return PCS_OK;
}

/* The device must be what was asked for before its first clock. */
static pcs_status_t read_back(pcs_array_dev_t *dev, pcs_error_t *err)
{
    const struct {
        unsigned addr;
        const char *name;
        uint64_t expected;
    } registers[] = {
        {PCS_CSR_SPEC_HASH, "spec_hash", pcs_spec_hash()},
        {PCS_CSR_ROWS, "rows", dev->config.rows},
        {PCS_CSR_COLS, "cols", dev->config.cols},
        {PCS_CSR_KIND, "kind", dev->config.kind},
        {PCS_CSR_ACC_BITS, "acc_bits", dev->config.acc_bits},
        {PCS_CSR_DATAFLOW, "dataflow", pcs_rtl_dataflow(dev->config.dataflow)},
        {PCS_CSR_DIGIT, "digit", dev->config.digit},
    };
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        const uint64_t observed = dev->ops->csr(dev, registers[i].addr);
        if (observed != registers[i].expected) {
            return pcs_fail(err, PCS_MISMATCH, "the RTL's register %s is 0x%016llx, this program expects 0x%016llx",
                            registers[i].name, (unsigned long long)observed, (unsigned long long)registers[i].expected);
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_rtl_create(const pcs_array_config_t *config, const pcs_rtl_options_t *options, pcs_array_dev_t **dev,
                            pcs_error_t *err)
{
    static const pcs_rtl_options_t defaults;
    if (options == NULL) {
        options = &defaults;
    }
    char path[PCS_RTL_PATH_MAX];
    pcs_status_t status = pcs_rtl_plugin_path(config, options, path, err);
    if (status != PCS_OK) {
        return status;
    }
    rtl_t *rtl = calloc(1, sizeof *rtl);
    if (rtl == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the Verilated array");
    }
    rtl->dev.ops = &rtl_ops;
    rtl->dev.config = *config;
    status = load(rtl, path, options->seed, err);
    if (status == PCS_OK) {
        status = read_back(&rtl->dev, err);
    }
    if (status == PCS_OK && options->trace_file != NULL &&
        !rtl->plugin->trace(rtl->model, options->trace_file, options->trace_from, options->trace_to)) {
        status = pcs_fail(err, PCS_IO, "cannot write the waveform %s", options->trace_file);
    }
    if (status != PCS_OK) {
        rtl_destroy(&rtl->dev);
        return status;
    }
    *dev = &rtl->dev;
    return PCS_OK;
}
