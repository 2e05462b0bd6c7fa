/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "jobs-tty.h"

struct _JobsTty
{
  int fd;
  struct termios mode; /* as it was */
  char *words;         /* nullable */
  gsize n_words;
};

/* The signals that end a program which does not take them, and us with it */
static const int signums[] = {
  SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGQUIT, SIGSYS, SIGTRAP, SIGXCPU,
  SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE,
};
static struct sigaction before[G_N_ELEMENTS (signums)];
static gboolean is_taken[G_N_ELEMENTS (signums)];

/* Handlers look at this: it is set when all it points to is there */
static JobsTty *volatile entered;

static gboolean
is_ours (int fd)
{
  pid_t group = tcgetpgrp (fd);

  /* One that is not the terminal of our session has no background */
  return group < 0 || group == getpgrp ();
}

/* In the background that would stop us, unless the signal is blocked */
static void
set_mode (int                   fd,
          const struct termios *mode)
{
  int saved_errno = errno;
  sigset_t ttou, was;

  sigemptyset (&ttou);
  sigaddset (&ttou, SIGTTOU);
  pthread_sigmask (SIG_BLOCK, &ttou, &was);
  while (tcsetattr (fd, TCSANOW, mode) != 0 && errno == EINTR)
    ;
  pthread_sigmask (SIG_SETMASK, &was, NULL);
  errno = saved_errno;
}

void
jobs_tty_restore_now (void)
{
  JobsTty *self = entered;
  int saved_errno = errno;

  entered = NULL;
  if (self == NULL || !is_ours (self->fd))
    return;

  /* What it does not take at once, it has been stopped from taking */
  if (self->words != NULL && write (self->fd, self->words, self->n_words) < 0)
    errno = saved_errno;
  set_mode (self->fd, &self->mode);
  errno = saved_errno;
}

static void
handle_signal (int signum)
{
  jobs_tty_restore_now ();
  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    if (signums[i] == signum)
      sigaction (signum, &before[i], NULL);

  /* It comes again as soon as we return, to what it would have come to */
  raise (signum);
}

static void
take_signals (void)
{
  struct sigaction action = { .sa_handler = handle_signal };

  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    {
      is_taken[i] = sigaction (signums[i], NULL, &before[i]) == 0 &&
                    (before[i].sa_flags & SA_SIGINFO) == 0 && before[i].sa_handler == SIG_DFL;
      if (is_taken[i])
        sigaction (signums[i], &action, NULL);
    }
}

/* But not from who has taken them since */
static void
give_signals_back (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    {
      struct sigaction now;

      if (is_taken[i] && sigaction (signums[i], NULL, &now) == 0 && now.sa_handler == handle_signal)
        sigaction (signums[i], &before[i], NULL);
      is_taken[i] = FALSE;
    }
}

static int
open_again (int fd)
{
  char name[256];
  int again = -1;

  if (ttyname_r (fd, name, sizeof name) == 0)
    again = g_open (name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  /* Its name may be of another file system, as in a container */
  if (again < 0 && tcgetpgrp (fd) >= 0)
    again = g_open ("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

  return again;
}

JobsTty *
jobs_tty_new (int      fd,
              GError **error)
{
  static gsize registered;
  g_autofree JobsTty *self = g_new0 (JobsTty, 1);
  int saved_errno;

  if (!isatty (fd))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("this is no terminal"));
      return NULL;
    }

  self->fd = open_again (fd);
  if (self->fd < 0 || tcgetattr (self->fd, &self->mode) != 0)
    {
      saved_errno = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), _("cannot use the terminal: %s"),
                   g_strerror (saved_errno));
      if (self->fd >= 0)
        g_close (self->fd, NULL);
      return NULL;
    }
  if (!is_ours (self->fd))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("the terminal is used by another program now"));
      g_close (self->fd, NULL);
      return NULL;
    }

  if (g_once_init_enter (&registered))
    {
      atexit (jobs_tty_restore_now);
      g_once_init_leave (&registered, 1);
    }

  return g_steal_pointer (&self);
}

void
jobs_tty_free (JobsTty *self)
{
  jobs_tty_leave (self);
  g_close (self->fd, NULL);
  g_free (self->words);
  g_free (self);
}

int
jobs_tty_get_fd (JobsTty *self)
{
  return self->fd;
}

void
jobs_tty_set_last_words (JobsTty *self,
                         char    *words)
{
  g_assert (self->words == NULL);
  self->words = words;
  self->n_words = strlen (words);
}

gboolean
jobs_tty_is_ours (JobsTty *self)
{
  return is_ours (self->fd);
}

void
jobs_tty_enter (JobsTty *self)
{
  struct termios mode;

  if (entered == self || tcgetattr (self->fd, &self->mode) != 0)
    return;

  mode = self->mode;
  mode.c_lflag &= ~(ICANON | ECHO | ECHONL);
  mode.c_lflag |= ISIG;
  /* A newline goes down and no more, as curses thinks */
  mode.c_oflag &= ~OPOST;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  take_signals ();
  entered = self;
  set_mode (self->fd, &mode);
}

void
jobs_tty_leave (JobsTty *self)
{
  if (entered != self)
    return;

  if (is_ours (self->fd))
    set_mode (self->fd, &self->mode);
  entered = NULL;
  give_signals_back ();
}
