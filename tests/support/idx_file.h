/* Small data sets for tests: gzip-compressed IDX files made on the spot. */
#ifndef PCS_TESTS_SUPPORT_IDX_FILE_H
#define PCS_TESTS_SUPPORT_IDX_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Writes a gzip file with these bytes; ends the test when it cannot. */
void idx_write(const char *path, const void *bytes, size_t size);

/* The bytes of an IDX file: magic number, `dims` sizes, data (product of the sizes).  Returns their number. */
size_t idx_bytes(uint8_t *out, uint32_t magic, unsigned dims, const uint32_t *size, const uint8_t *data);

/* A directory in the form of Fashion-MNIST: 28 x 28 images of 10 classes that a network can learn (each class has a
   bright square at a place of its own, on noise), `train` and `test` of them. */
void idx_tiny_dataset(const char *directory, uint32_t train, uint32_t test, uint64_t seed);

#endif
