/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "signals.h"

static int fds[2] = { -1, -1 };

/* A descriptor tells even who waits for something else outside of the main loop */
static void
handle_signal (int signum)
{
  int saved_errno = errno;
  char byte = (char) signum;
  gssize written = write (fds[1], &byte, 1);

  /* The pipe is full of signals that nobody has looked at: one more tells no more */
  (void) written;
  errno = saved_errno;
}

int
signals_open (void)
{
  static const int signums[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP };
  struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_RESTART };

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, NULL))
    return -1;

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    g_unix_set_fd_nonblocking (fds[i], TRUE, NULL);

  /* None may come in between another one's handler, in its thread, and be told of first */
  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    sigaddset (&action.sa_mask, signums[i]);

  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    {
      struct sigaction old;

      /* nohup asks to be left alone, and so does a shell that stops nothing */
      if ((signums[i] == SIGHUP || signums[i] == SIGTSTP) &&
          sigaction (signums[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
        continue;

      sigaction (signums[i], &action, NULL);
    }

  return fds[0];
}

void
signals_stop (void)
{
  struct sigaction ordinary = { .sa_handler = SIG_DFL };
  struct sigaction ours;

  /* As if we had never taken it: what started us sees the right signal, and where
   * nobody could continue us the system does not stop us */
  sigaction (SIGTSTP, &ordinary, &ours);
  raise (SIGTSTP);
  sigaction (SIGTSTP, &ours, NULL);
}
