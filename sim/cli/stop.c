#include "sim/cli/stop.h"

#include <signal.h>

/* Set by the handler; the only state outside of a command's own. */
static volatile sig_atomic_t stop_requested;

static void request_stop(int number)
{
    (void)number;
    stop_requested = 1;
}

void cli_stop_catch(void)
{
    struct sigaction action = {0};
    action.sa_handler = request_stop;
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool cli_stop_requested(void)
{
    return stop_requested != 0;
}
