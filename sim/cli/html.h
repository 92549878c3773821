/* report.html: one self-contained page, light, readable on a phone, dark-mode aware. */
#ifndef PCS_SIM_CLI_HTML_H
#define PCS_SIM_CLI_HTML_H

#include "sim/cli/model.h"
#include "sim/cli/text.h"

/* The SVG of each plot, or empty when it could not be drawn; `missing` then says why. */
typedef struct cli_plots {
    cli_text_t loss, energy, layers;
    const char *missing;
} cli_plots_t;

void cli_html(const cli_model_t *model, const cli_plots_t *plots, cli_text_t *out);

/* The style sheet. */
extern const char cli_html_style[];

#endif
