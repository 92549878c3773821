#include "sim/cli/plot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NO_PROGRAM = 127 };

/* Terminal and style of every plot.  #010203 stands for the page's text colour, #040506 for its faint lines. */
static const char preamble[] =
    "set terminal svg size %u,290 dynamic enhanced font 'system-ui,13' name '%s' background '#070809'\n"
    "set border 3 lc rgb '#040506'\n"
    "set tics nomirror scale 0.4 textcolor rgb '#010203'\n"
    "set grid ytics lc rgb '#040506' lw 0.6 lt 1\n"
    "set xlabel textcolor rgb '#010203'\nset ylabel textcolor rgb '#010203'\nset y2label textcolor rgb '#010203'\n"
    "unset key\nset encoding utf8\n";

/* Child: the script on stdin, the picture on stdout, complaints thrown away. */
static void run_gnuplot(int script, int out)
{
    FILE *quiet = fopen("/dev/null", "w");
    if (dup2(script, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && quiet != NULL &&
        dup2(fileno(quiet), STDERR_FILENO) >= 0) {
        (void)execlp("gnuplot", "gnuplot", "-", (char *)NULL);
    }
    _exit(EXIT_NO_PROGRAM);
}

static void replace(cli_text_t *out, const char *bytes, const char *const (*pairs)[2], size_t count)
{
    while (*bytes != '\0') {
        size_t i = 0;
        while (i < count && strncmp(bytes, pairs[i][0], strlen(pairs[i][0])) != 0) {
            i++;
        }
        if (i < count) {
            cli_text_add(out, "%s", pairs[i][1]);
            bytes += strlen(pairs[i][0]);
        } else {
            const size_t plain = 1 + strcspn(bytes + 1, "r# ");
            cli_text_append(out, bytes, plain);
            bytes += plain;
        }
    }
}

/* From <svg to the end, with the stand-in colours replaced.  gnuplot spells a colour in three ways. */
static void append_svg(const char *picture, cli_text_t *svg)
{
    static const char *const pairs[][2] = {
        {"rgb(  1,   2,   3)", "currentColor"},
        {"rgb(1,2,3)", "currentColor"},
        {"#010203", "currentColor"},
        {"rgb(  4,   5,   6)", "var(--line)"},
        {"rgb(4,5,6)", "var(--line)"},
        {"#040506", "var(--line)"},
        {"#070809", "none"},
        {" color=\"black\"", ""},
    };
    const char *start = strstr(picture, "<svg");
    if (start != NULL) {
        replace(svg, start, pairs, sizeof pairs / sizeof pairs[0]);
    }
}

pcs_status_t cli_plot_run(const char *id, unsigned width, const cli_text_t *script, cli_text_t *svg, pcs_error_t *err)
{
    if (script->failed) {
        return pcs_fail(err, PCS_MEMORY, "plot: out of memory");
    }
    FILE *in = tmpfile();
    int pipe_ends[2];
    if (in == NULL || pipe(pipe_ends) != 0) {
        const int error = errno;
        if (in != NULL) {
            (void)fclose(in);
        }
        return pcs_fail(err, PCS_IO, "plot: temporary file: %s", strerror(error));
    }
    (void)fprintf(in, preamble, width, id);
    (void)fwrite(script->data, 1, script->size, in);
    rewind(in);
    (void)fflush(NULL); /* or the child would print our buffers once more */
    const pid_t child = fork();
    if (child == 0) {
        (void)close(pipe_ends[0]);
        run_gnuplot(fileno(in), pipe_ends[1]);
    }
    (void)close(pipe_ends[1]);
    (void)fclose(in);
    cli_text_t picture = {0};
    char block[16384];
    for (ssize_t n = read(pipe_ends[0], block, sizeof block); n > 0; n = read(pipe_ends[0], block, sizeof block)) {
        cli_text_append(&picture, block, (size_t)n);
    }
    (void)close(pipe_ends[0]);
    int result = 0;
    const bool waited = child > 0 && waitpid(child, &result, 0) == child && WIFEXITED(result);
    pcs_status_t status = PCS_OK;
    if (!waited || WEXITSTATUS(result) == EXIT_NO_PROGRAM) {
        status =
            pcs_fail(err, PCS_UNSUPPORTED, "gnuplot: not found; the report has no plots (apt-get install gnuplot-nox)");
    } else if (WEXITSTATUS(result) != 0 || picture.size == 0 || picture.failed) {
        status = pcs_fail(err, PCS_UNSUPPORTED, "gnuplot: failed on plot '%s' (status %d); the report has no plots", id,
                          WEXITSTATUS(result));
    } else {
        append_svg(picture.data, svg);
    }
    cli_text_free(&picture);
    return status;
}
