/* Status: what a caller or the world did wrong.  Arithmetic exceptions are data, our own mistakes are assertions. */
#ifndef PCS_MODELS_SPEC_STATUS_H
#define PCS_MODELS_SPEC_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PCS_MUST_CHECK __attribute__((warn_unused_result))
#define PCS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define PCS_MUST_CHECK
#define PCS_PRINTF(fmt, args)
#endif

typedef enum pcs_status {
#define PCS_STATUS(name, text) PCS_##name,
#include "models/spec/status.def"
#undef PCS_STATUS
    PCS_STATUS_COUNT
} pcs_status_t;

/* One line for a person: what, where (file, line, key) and the legal values.  Zero-initialise. */
typedef struct pcs_error {
    char text[512];
} pcs_error_t;

/* The text of a status row. */
const char *pcs_status_name(pcs_status_t status);

/* Writes the message (cut at the buffer's end, never past it; err may be NULL) and returns `status`, so that a
   failing function ends with `return pcs_fail(err, PCS_INVALID, "...", ...)`. */
pcs_status_t pcs_fail(pcs_error_t *err, pcs_status_t status, const char *format, ...) PCS_PRINTF(3, 4);

/* Our own mistakes.  Stays on in every build type: a simulator that goes on after one is worthless. */
#define PCS_ASSERT(cond)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            pcs_assert_failed(#cond, __FILE__, __LINE__);                                                              \
        }                                                                                                              \
    } while (0)
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void pcs_assert_failed(const char *cond, const char *file, int line);

#ifdef __cplusplus
}
#endif
#endif
