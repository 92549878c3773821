/* Arrays in files: NumPy's .npy (format versions 1 to 3) or raw little-endian words. */
#ifndef PCS_SIM_CLI_NPY_H
#define PCS_SIM_CLI_NPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "models/spec/status.h"

enum { CLI_NPY_SHAPE_MAX = 256 };

typedef struct cli_array {
    char kind;   /* 'f' floats, 'u' unsigned; 'r': a raw file, which does not say */
    size_t size; /* bytes of an element: 1, 2, 4; raw: as the caller set it */
    uint64_t count;
    bool fortran_order;
    char shape[CLI_NPY_SHAPE_MAX]; /* "(3, 4)" */
} cli_array_t;

/* Whether a file of that name is taken to be .npy. */
bool cli_npy_named(const char *path);

/* Reads the header, leaving the file at its first element.  For a raw file, array->size must be set.  Elements are
   little-endian f2, f4, u1, u2 or u4; the file must hold all of them and nothing else. */
PCS_MUST_CHECK pcs_status_t cli_array_open(FILE *file, const char *path, cli_array_t *array, pcs_error_t *err);

/* Writes the header of an array; nothing for a raw file. */
void cli_array_header(FILE *file, bool npy, const cli_array_t *array);

#endif
