/* A processor without vector instructions, for a program linked with --wrap=pcs_kernel_available: what --isa asks. */
#include "models/gemm/gemm.h"

bool __wrap_pcs_kernel_available(pcs_kernel_t kernel);

bool __wrap_pcs_kernel_available(pcs_kernel_t kernel)
{
    return kernel == PCS_KERNEL_AUTO || kernel == PCS_KERNEL_PORTABLE;
}
