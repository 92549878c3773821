/* FNV-1a, 64 bit.  Each step is a bijection of the state, so two inputs of one length that differ in one byte never
   have the same hash. */
#ifndef PCS_WORKLOADS_DATA_HASH_H
#define PCS_WORKLOADS_DATA_HASH_H

#include <stddef.h>
#include <stdint.h>

#define PCS_HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t pcs_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *p = (const uint8_t *)bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

#endif
