#include "models/array/drive.h"

pcs_status_t pcs_array_drive(pcs_array_dev_t *dev, const pcs_drive_t *drive, pcs_error_t *err)
{
    pcs_array_in_t step = {0};
    pcs_array_out_t out;
    bool pending = drive->next(drive->user, &step);
    do {
        pcs_array_in_t in = step;
        in.in_valid = pending && (drive->offer == NULL || drive->offer(drive->user));
        in.out_ready = drive->take == NULL || drive->take(drive->user);
        in.clear = false;
        dev->ops->step(dev, &in, &out);
        const bool accepted = in.in_valid && out.in_ready;
        if (out.out_valid && in.out_ready) {
            drive->row(drive->user, &out);
        }
        if (drive->clock != NULL && !drive->clock(drive->user)) {
            return pcs_fail(err, PCS_MISMATCH, "stopped by the clock observer");
        }
        if (out.error) {
            return pcs_fail(err, PCS_INVALID, "the array refused a step: mode word 0x%x, rows %u, cols %u",
                            (unsigned)step.mode, step.rows, step.cols);
        }
        if (accepted) {
            pending = drive->next(drive->user, &step);
            out.busy = true; /* the step just accepted is in flight */
        }
    } while (pending || out.busy);
    return PCS_OK;
}
