/* Run-time choice of instruction set for loops that the compiler vectorises. */
#ifndef PCS_MODELS_SPEC_ISA_H
#define PCS_MODELS_SPEC_ISA_H

/* Before a function: compiled once for each of these x86-64 extensions, the best one picked when the program is loaded.
   Bits do not depend on it: no contraction, no reassociation (see the flags in the top CMakeLists.txt).  Sanitizers run
   before the picking is possible, so sanitized builds take the baseline. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) &&                        \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PCS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PCS_CLONES
#endif

#endif
