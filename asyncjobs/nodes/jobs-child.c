/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-child.h"
#include "jobs-types.h"

struct _JobsChild
{
  GPid     pid;
  int      pidfd;
  gboolean ended;
  GSource *source;
  GList    link;

  JobsChildFunc  func;
  gpointer       data;
  GDestroyNotify destroy;
};

static gboolean use_pidfd = TRUE;

static GMutex living_lock;
static GQueue living = G_QUEUE_INIT;

static void
enlist (JobsChild *self)
{
  self->link.data = self;
  g_mutex_lock (&living_lock);
  g_queue_push_tail_link (&living, &self->link);
  g_mutex_unlock (&living_lock);
}

/* From here on nobody signals its group, whose number may soon be another's */
static void
strike_off (JobsChild *self)
{
  g_mutex_lock (&living_lock);
  g_queue_unlink (&living, &self->link);
  self->ended = TRUE;
  g_mutex_unlock (&living_lock);
}

static int
wait_for (GPid       pid,
          siginfo_t *info,
          int        options)
{
  int rc;

  do
    rc = waitid (P_PID, pid, info, WEXITED | options);
  while (rc != 0 && errno == EINTR);

  return rc;
}

static int
get_wait_status (const siginfo_t *info)
{
  switch (info->si_code)
    {
    case CLD_EXITED:
      return info->si_status << 8;

    case CLD_DUMPED:
      return info->si_status | 0x80;

    default:
      return info->si_status;
    }
}

static gboolean
status_lost_cb (gpointer data)
{
  JobsChild *self = data;
  g_autoptr (GError) error =
    g_error_new (JOBS_ERROR, JOBS_ERROR_FAILED,
                 _("How process %d ended is lost; the program must neither ignore SIGCHLD "
                   "nor wait for children of others"),
                 (int) self->pid);

  strike_off (self);
  self->func (-1, error, self->data);

  return G_SOURCE_REMOVE;
}

static gboolean
pidfd_readable_cb (int          fd,
                   GIOCondition condition,
                   gpointer     data)
{
  JobsChild *self = data;
  siginfo_t info = { 0 };
  siginfo_t reaped;

  if (wait_for (self->pid, &info, WNOWAIT | WNOHANG) != 0)
    return status_lost_cb (self);
  if (info.si_pid == 0)
    return G_SOURCE_CONTINUE;

  /* As long as the leader is not reaped, its number and its group's cannot be
   * given to others: so kill what it left behind first */
  kill (-self->pid, SIGKILL);
  strike_off (self);
  wait_for (self->pid, &reaped, 0);
  self->func (get_wait_status (&info), NULL, self->data);

  return G_SOURCE_REMOVE;
}

static void
child_reaped_cb (GPid     pid,
                 int      wait_status,
                 gpointer data)
{
  JobsChild *self = data;

  /* GLib reaps first. While the group has members its number stays theirs; that
   * an empty one was given away within this moment is the price of no pidfd */
  kill (-pid, SIGKILL);
  strike_off (self);
  self->func (wait_status, NULL, self->data);
}

/* The owner may free us in it */
static void
source_gone_cb (gpointer data)
{
  JobsChild *self = data;

  self->destroy (self->data);
}

static int
open_pidfd (GPid pid)
{
#ifdef SYS_pidfd_open
  if (use_pidfd)
    return (int) syscall (SYS_pidfd_open, pid, 0);
#endif

  return -1;
}

static gboolean
is_reaped (GPid pid)
{
  siginfo_t info;

  return wait_for (pid, &info, WNOWAIT | WNOHANG) != 0;
}

JobsChild *
jobs_child_new (GPid           pid,
                GMainContext  *context,
                JobsChildFunc  func,
                gpointer       data,
                GDestroyNotify destroy)
{
  JobsChild *self = g_new0 (JobsChild, 1);
  GSourceFunc callback;

  self->pid = pid;
  self->func = func;
  self->data = data;
  self->destroy = destroy;

  /* Whatever it fails of (an old kernel, a sandbox, no descriptors), GLib's own
   * watch serves, but for one that the system has reaped already */
  self->pidfd = open_pidfd (pid);
  if (self->pidfd >= 0)
    {
      self->source = g_unix_fd_source_new (self->pidfd, G_IO_IN);
      callback = G_SOURCE_FUNC (pidfd_readable_cb);
    }
  else if (is_reaped (pid))
    {
      self->source = g_idle_source_new ();
      callback = status_lost_cb;
    }
  else
    {
      self->source = g_child_watch_source_new (pid);
      callback = G_SOURCE_FUNC (child_reaped_cb);
    }

  enlist (self);
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, callback, self, source_gone_cb);
  g_source_attach (self->source, context);

  return self;
}

void
jobs_child_free (JobsChild *self)
{
  g_assert (self->ended);

  g_source_unref (self->source);
  if (self->pidfd >= 0)
    close (self->pidfd);
  g_free (self);
}

void
jobs_child_kill (JobsChild *self,
                 int        signum)
{
  if (!self->ended)
    kill (-self->pid, signum);
}

void
jobs_child_kill_all (int signum)
{
  g_mutex_lock (&living_lock);
  for (GList *l = living.head; l != NULL; l = l->next)
    kill (-((JobsChild *) l->data)->pid, signum);
  g_mutex_unlock (&living_lock);
}

void
jobs_child_set_pidfd (gboolean use)
{
  use_pidfd = use;
}
