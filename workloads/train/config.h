/* The configuration of a run.  The struct is made from config.def; the command line and YAML loader fill it. */
#ifndef PCS_WORKLOADS_TRAIN_CONFIG_H
#define PCS_WORKLOADS_TRAIN_CONFIG_H

#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_CONFIG_TEXT_MAX = 1024 };

typedef struct pcs_config {
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) uint64_t field;
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) double field;
#define PCS_KEY_TEXT(field, key, flag, def, help) char field[PCS_CONFIG_TEXT_MAX];
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) unsigned field; /* index into names */
#include "workloads/train/config.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
} pcs_config_t;

/* All keys at their defaults. */
void pcs_config_defaults(pcs_config_t *config);

/* The keys that the bits or the accounts of a run depend on, one line "key: value" each.  A checkpoint continues only a
   run whose lines are the same.  Not among them: who computes, where files are, how often something is looked at. */
enum { PCS_CONFIG_FINGERPRINT_MAX = 8192 };
void pcs_config_fingerprint(const pcs_config_t *config, char text[PCS_CONFIG_FINGERPRINT_MAX]);

/* Keys that mean nothing under the schedule must be at their defaults: those of `float.` unless it is float:FW/BW; in
   floating point and binary32, which run on no array, those of array, memory, energy, checks and integer quantizers,
   but check_every may be 0; in binary32 also executor and isa. */
PCS_MUST_CHECK pcs_status_t pcs_config_check(const pcs_config_t *config, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
