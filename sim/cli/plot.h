/* Plots as inline SVG, drawn by gnuplot.  Axes and text take the colour of the page (dark mode). */
#ifndef PCS_SIM_CLI_PLOT_H
#define PCS_SIM_CLI_PLOT_H

#include "sim/cli/model.h"
#include "sim/cli/text.h"

/* Widths of a plot, in its own units: as wide as the page, or one of two side by side. */
enum { CLI_PLOT_WHOLE = 960, CLI_PLOT_HALF = 440 };

/* Runs a gnuplot script and appends the <svg> element that it prints.  PCS_UNSUPPORTED when gnuplot is not installed.
 */
PCS_MUST_CHECK pcs_status_t cli_plot_run(const char *id, unsigned width, const cli_text_t *script, cli_text_t *svg,
                                         pcs_error_t *err);

/* The plots of a report. */
PCS_MUST_CHECK pcs_status_t cli_plot_loss(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_plot_energy(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_plot_layers(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err);

/* Colours that read on light and dark pages, "#rrggbb". */
extern const char *const cli_component_colour[PCS_ENERGY_COMPONENT_COUNT];
extern const char *const cli_pass_colour[PCS_ROLE_COUNT];
extern const char *const cli_line_colour[2]; /* loss, bits */

#endif
