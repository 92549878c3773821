/* One allocation for everything of a model.  The same function takes its buffers twice: from an arena without memory,
   which only adds up sizes, then from one with memory. */
#ifndef PCS_WORKLOADS_NN_ARENA_H
#define PCS_WORKLOADS_NN_ARENA_H

#include <stddef.h>
#include <stdint.h>

enum { PCS_ARENA_ALIGN = 64 };

typedef struct pcs_arena {
    unsigned char *base; /* NULL: measuring */
    size_t used;         /* bytes */
} pcs_arena_t;

/* `count` elements of `size` bytes, on a cache line of their own; NULL while measuring. */
static inline void *pcs_arena_take(pcs_arena_t *arena, size_t count, size_t size)
{
    void *taken = arena->base != NULL ? arena->base + arena->used : NULL;
    const size_t bytes = count * size;
    arena->used += (bytes + PCS_ARENA_ALIGN - 1U) / PCS_ARENA_ALIGN * PCS_ARENA_ALIGN;
    return taken;
}

#endif
