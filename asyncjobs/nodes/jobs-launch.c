/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-launch.h"

/* posix_spawn () does the same, but maps a stack for each child and unmaps it, which
 * every processor is told of that has run a thread of ours: half of what beginning a
 * command costs us. And it blocks SIGCHLD, so that the end of another child wakes a
 * thread that does not, if there is one, only to find that nobody wants to know.
 *
 * After vfork () the child has our memory, and our thread waits until it has another.
 * So it may write to what we read afterwards, and calls little but the system: what
 * libraries hold, locks and all, is in whatever state another thread has left it in */

typedef struct
{
  const JobsLaunch *launch;
  int               reason; /* why it is no program; 0 */
} Child;

/* Before any is let through: no handler of ours may run in the child */
static void
reset_signals (void)
{
  const struct sigaction action = { .sa_handler = SIG_DFL };

  for (int signum = 1; signum < NSIG; signum++)
    sigaction (signum, &action, NULL);
}

static gboolean
place_descriptors (const int fds[3])
{
  for (int i = 0; i < 3; i++)
    if (fds[i] >= 0 && dup2 (fds[i], i) < 0)
      return FALSE;

  return TRUE;
}

/* Now there is room for one again */
static gboolean
fill_descriptors (const int fds[3])
{
  for (int i = 0; i < 3; i++)
    {
      int fd;

      if (fds[i] >= 0)
        continue;

      fd = open ("/dev/null", i == 0 ? O_RDONLY : O_WRONLY);
      if (fd < 0 || (fd != i && dup2 (fd, i) < 0))
        return FALSE;
      if (fd != i)
        close (fd);
    }

  return TRUE;
}

static gboolean
become_program (const Child *self)
{
  const JobsLaunch *launch = self->launch;
  sigset_t none;

  if (setpgid (0, 0) != 0)
    return FALSE;

  reset_signals ();
  if (!place_descriptors (launch->fds))
    return FALSE;

  /* All of ours are closed on exec; this is for the careless ones of others */
#ifdef HAVE_CLOSEFROM
  closefrom (STDERR_FILENO + 1);
#endif
  if ((launch->directory != NULL && chdir (launch->directory) != 0) || !fill_descriptors (launch->fds))
    return FALSE;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  execve (launch->program, (char *const *) launch->argv, (char *const *) launch->environment);

  return FALSE;
}

/* By itself: no variable of another function is changed by the child */
static G_GNUC_NO_INLINE pid_t
begin_child (Child *self)
{
  pid_t pid = vfork ();

  if (pid == 0)
    {
      become_program (self);
      self->reason = errno;
      _exit (127);
    }

  return pid;
}

int
jobs_launch (const JobsLaunch *self,
             GPid             *pid)
{
  Child child = { self, 0 };
  sigset_t most;
  sigset_t before;

  /* None may reach a handler in the child, but it has no children */
  sigfillset (&most);
  sigdelset (&most, SIGCHLD);
  pthread_sigmask (SIG_BLOCK, &most, &before);
  *pid = begin_child (&child);
  if (*pid < 0)
    child.reason = errno;
  pthread_sigmask (SIG_SETMASK, &before, NULL);

  if (*pid > 0 && child.reason != 0)
    while (waitpid (*pid, NULL, 0) < 0 && errno == EINTR)
      ;

  return child.reason;
}
