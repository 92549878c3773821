#include "models/spec/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *pcs_status_name(pcs_status_t status)
{
    static const char *const names[] = {
#define PCS_STATUS(name, text) [PCS_##name] = text,
#include "models/spec/status.def"
#undef PCS_STATUS
    };
    return (unsigned)status < PCS_STATUS_COUNT ? names[status] : "unknown status";
}

pcs_status_t pcs_fail(pcs_error_t *err, pcs_status_t status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return status;
}

void pcs_assert_failed(const char *cond, const char *file, int line)
{
    (void)fprintf(stderr, "precess: internal error: %s:%d: %s\n", file, line, cond);
    abort();
}
