/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#include "jobs-process-private.h"
#include "jobs-ssh-link.h"
#include "jobs-timer.h"

/* How often it is tried to get a connection again for what waits, the pauses between,
 * which double, in ms */
#define TRIES_MAX 6
#define PAUSE_MIN 1000
#define PAUSE_MAX 30000

/* Where a session could not be had, though there is none of ours, how often it is
 * asked for again, and after how many ms */
#define REFUSALS_MAX 50
#define REFUSED_PAUSE 200

struct _JobsSshLink
{
  const JobsSshPeer *peer;
  JobsSshLink       *gateway; /* its node is kept by ours */
  GMainContext      *context; /* where it is used; NULL: it is not, for now */
  JobsSshMaster     *master;

  JobsSshLinkFunc opened;
  gpointer        opened_data;
  JobsSshLinkFunc closed;
  gpointer        closed_data;

  GQueue   waiting;      /* JobsSshCommand */
  guint    n_running;
  guint    max_sessions;
  guint    limit;        /* what the server has turned out to allow, of them */
  guint    n_refusals;
  guint    n_tries;
  gboolean is_proven;    /* a command has ended since it was connected at last */
  GSource *pause;
  gboolean has_failed;   /* what the pause is for */

  GPtrArray *dependents; /* JobsSshLink: those that need this one to connect */
  gboolean   depends;    /* it is among those of its gateway */
};

static G_DEFINE_QUARK (jobs-ssh-command, command)

static void link_connect (JobsSshLink *self);
static void link_feed (JobsSshLink *self);

static void
link_depend (JobsSshLink *self)
{
  self->depends = TRUE;
  g_ptr_array_add (self->gateway->dependents, self);
}

static void
link_depend_no_more (JobsSshLink *self)
{
  if (self->depends)
    g_ptr_array_remove (self->gateway->dependents, self);
  self->depends = FALSE;
}

static void
link_clear (gpointer data)
{
  JobsSshLink *self = data;

  g_assert (g_queue_is_empty (&self->waiting));

  jobs_timer_clear (&self->pause);
  link_depend_no_more (self);
  g_clear_pointer (&self->master, jobs_ssh_master_drop);
  g_ptr_array_unref (self->dependents);
  g_clear_pointer (&self->context, g_main_context_unref);
}

static void
link_unref (JobsSshLink *self)
{
  g_rc_box_release_full (self, link_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsSshLink, link_unref)

JobsSshLink *
jobs_ssh_link_new (const JobsSshPeer *peer,
                   JobsSshLink       *gateway)
{
  JobsSshLink *self = g_rc_box_new0 (JobsSshLink);

  self->peer = peer;
  self->gateway = gateway;
  self->max_sessions = self->limit = G_MAXUINT;
  self->dependents = g_ptr_array_new ();

  return self;
}

void
jobs_ssh_link_free (JobsSshLink *self)
{
  link_unref (self);
}

void
jobs_ssh_link_limit (JobsSshLink *self,
                     guint        max_sessions)
{
  self->max_sessions = self->limit = max_sessions;
  link_feed (self);
}

static gboolean
link_is_connected (JobsSshLink *self)
{
  return self->master != NULL && jobs_ssh_master_is_connected (self->master);
}

static gboolean
link_is_wanted (JobsSshLink *self)
{
  return !g_queue_is_empty (&self->waiting) || self->dependents->len > 0;
}

static void
link_use (JobsSshLink  *self,
          GMainContext *context)
{
  if (self->context == NULL)
    self->context = g_main_context_ref (context);
}

static gboolean
pause_over_cb (gpointer data)
{
  g_autoptr (JobsSshLink) self = g_rc_box_acquire (data);

  jobs_timer_clear (&self->pause);
  if (!self->has_failed)
    link_feed (self);
  else if (link_is_wanted (self))
    link_connect (self);

  return G_SOURCE_REMOVE;
}

static void
link_pause (JobsSshLink *self,
            guint        time,
            gboolean     has_failed)
{
  self->has_failed = has_failed;
  jobs_timer_start (&self->pause, self->context, time, pause_over_cb, self);
}

static void
link_tell_opened (JobsSshLink  *self,
                  const GError *error)
{
  JobsSshLinkFunc func = g_steal_pointer (&self->opened);

  if (func != NULL)
    func (error, self->opened_data);
}

static void
link_tell_closed (JobsSshLink *self)
{
  JobsSshLinkFunc func = g_steal_pointer (&self->closed);

  /* The next run may be in another one */
  if (self->n_running == 0 && g_queue_is_empty (&self->waiting))
    g_clear_pointer (&self->context, g_main_context_unref);
  func (NULL, self->closed_data);
}

/* Those that wait hear of it, here and behind */
static void
link_give_up (JobsSshLink  *link,
              const GError *error)
{
  g_autoptr (JobsSshLink) self = g_rc_box_acquire (link);
  JobsSshCommand *command;

  self->n_tries = 0;
  link_tell_opened (self, error);
  while ((command = g_queue_pop_head (&self->waiting)) != NULL)
    jobs_ssh_command_end (command, 0, error);
  while (self->dependents->len > 0)
    {
      JobsSshLink *one = g_ptr_array_index (self->dependents, self->dependents->len - 1);

      link_depend_no_more (one);
      link_give_up (one, error);
    }
}

static void
link_failed (JobsSshLink  *self,
             const GError *error)
{
  link_tell_opened (self, error);
  if (!link_is_wanted (self))
    return;

  self->n_tries++;
  if (self->n_tries >= TRIES_MAX)
    link_give_up (self, error);
  else
    link_pause (self, MIN (PAUSE_MIN << (self->n_tries - 1), PAUSE_MAX), TRUE);
}

/* What waits has not begun, and so is not lost. A connection that ends again and again
 * before any command does is as good as none */
static void
link_lost (JobsSshLink *self,
           const char  *message)
{
  g_autoptr (GError) error = g_error_new_literal (JOBS_ERROR, JOBS_ERROR_UNREACHABLE, message);

  if (!self->is_proven)
    link_failed (self, error);
  else if (link_is_wanted (self))
    link_connect (self);
}

static void
master_connected (gpointer user_data)
{
  g_autoptr (JobsSshLink) self = g_rc_box_acquire (user_data);

  self->n_refusals = 0;
  self->is_proven = FALSE;
  self->limit = self->max_sessions;
  link_tell_opened (self, NULL);
  while (self->dependents->len > 0)
    {
      JobsSshLink *one = g_ptr_array_index (self->dependents, self->dependents->len - 1);

      link_depend_no_more (one);
      link_connect (one);
    }
  link_feed (self);
}

static void
link_tell_cancelled (JobsSshLink *self)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled while it connected"));

  link_tell_opened (self, error);
}

static void
master_ended (const GError *error,
              gpointer      user_data)
{
  g_autoptr (JobsSshLink) self = g_rc_box_acquire (user_data);

  g_clear_pointer (&self->master, jobs_ssh_master_drop);
  if (self->closed != NULL)
    link_tell_closed (self);
  else if (self->opened != NULL && error == NULL)
    link_tell_cancelled (self);
  else if (error == NULL || g_error_matches (error, JOBS_ERROR, JOBS_ERROR_LOST))
    link_lost (self, error != NULL ? error->message : _("the connection takes no commands"));
  else
    link_failed (self, error);
}

static void
link_connect (JobsSshLink *self)
{
  static const JobsSshMasterFuncs funcs = { master_connected, master_ended };
  g_autoptr (GError) error = NULL;
  JobsSshPeer peer = *self->peer;

  if (self->master != NULL || self->depends || (self->pause != NULL && self->has_failed))
    return;

  if (self->gateway != NULL && !link_is_connected (self->gateway))
    {
      link_depend (self);
      link_use (self->gateway, self->context);
      link_connect (self->gateway);
      return;
    }

  if (self->gateway != NULL)
    peer.gateway = self->gateway->master;
  self->master = jobs_ssh_master_new (&peer, self->context, &funcs, self, &error);
  if (self->master == NULL)
    link_failed (self, error);
}

void
jobs_ssh_link_open (JobsSshLink     *self,
                    GMainContext    *context,
                    JobsSshLinkFunc  func,
                    gpointer         user_data)
{
  g_autoptr (JobsSshLink) keep = g_rc_box_acquire (self);

  link_use (self, context);
  self->opened = func;
  self->opened_data = user_data;
  if (link_is_connected (self))
    link_tell_opened (self, NULL);
  else
    link_connect (self);
}

void
jobs_ssh_link_cancel (JobsSshLink *self)
{
  if (self->opened == NULL)
    return;

  jobs_timer_clear (&self->pause);
  link_depend_no_more (self);
  if (self->master != NULL)
    jobs_ssh_master_stop (self->master);
  else
    link_tell_cancelled (self);
}

void
jobs_ssh_link_close (JobsSshLink     *self,
                     JobsSshLinkFunc  func,
                     gpointer         user_data)
{
  jobs_timer_clear (&self->pause);
  link_depend_no_more (self);
  self->closed = func;
  self->closed_data = user_data;
  if (self->master != NULL)
    jobs_ssh_master_stop (self->master);
  else
    link_tell_closed (self);
}

/* Its commands */

static void
command_cb (JobsSshCommand   *command,
            JobsSshCommandEnd end,
            gpointer          user_data)
{
  g_autoptr (JobsSshLink) self = g_rc_box_acquire (user_data);

  self->n_running--;
  switch (end)
    {
    case JOBS_SSH_COMMAND_REFUSED:
      self->limit = MAX (self->n_running, 1);
      g_queue_push_head (&self->waiting, command);
      if (self->n_running > 0)
        return;
      /* Somebody else has them, on this connection of ours there is none */
      self->n_refusals++;
      if (self->n_refusals < REFUSALS_MAX)
        link_pause (self, REFUSED_PAUSE, FALSE);
      else
        {
          g_autoptr (GError) error =
            g_error_new (JOBS_ERROR, JOBS_ERROR_UNREACHABLE,
                         _("%s allows no session: raise MaxSessions in its sshd_config"),
                         self->peer->name);

          link_give_up (self, error);
        }
      return;

    case JOBS_SSH_COMMAND_NO_SESSION:
      g_queue_push_head (&self->waiting, command);
      if (link_is_connected (self))
        jobs_ssh_master_stop (self->master);
      else
        link_connect (self);
      return;

    case JOBS_SSH_COMMAND_OVER:
    default:
      self->n_refusals = 0;
      for (JobsSshLink *one = self; one != NULL; one = one->gateway)
        {
          one->is_proven = TRUE;
          one->n_tries = 0;
        }
      jobs_ssh_command_report (command);
      link_feed (self);
    }
}

static gboolean
link_has_room (JobsSshLink *self)
{
  return link_is_connected (self) && self->n_running < self->limit;
}

static gboolean
link_begin (JobsSshLink    *self,
            JobsSshCommand *command,
            GError        **error)
{
  self->n_running++;
  if (jobs_ssh_command_begin (command, self->master, error))
    return TRUE;

  self->n_running--;

  return FALSE;
}

static void
link_feed (JobsSshLink *self)
{
  while (link_has_room (self) && !g_queue_is_empty (&self->waiting))
    {
      JobsSshCommand *command = g_queue_pop_head (&self->waiting);
      g_autoptr (GError) error = NULL;

      if (link_begin (self, command, &error))
        continue;

      if (!g_error_matches (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES))
        {
          jobs_ssh_command_end (command, 0, error);
          continue;
        }
      g_queue_push_head (&self->waiting, command);
      link_pause (self, REFUSED_PAUSE, FALSE);
      return;
    }
}

/* Whether the process may use it */
static gboolean
link_take (JobsSshLink *self,
           JobsProcess *process,
           GError     **error)
{
  GMainContext *context = jobs_process_get_context (process);

  link_use (self, context);
  if (self->context == context)
    return TRUE;

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
               _("%s is in use in another main context: make another node for this one"),
               self->peer->name);

  return FALSE;
}

/* Takes the command */
static gboolean
link_add (JobsSshLink    *self,
          JobsProcess    *process,
          JobsSshCommand *command,
          GError        **error)
{
  g_object_set_qdata (G_OBJECT (process), command_quark (), command);
  if (!link_has_room (self) || !g_queue_is_empty (&self->waiting))
    {
      g_queue_push_tail (&self->waiting, command);
      link_connect (self);
      return TRUE;
    }

  if (link_begin (self, command, error))
    return TRUE;

  jobs_ssh_command_free (command);

  return FALSE;
}

gboolean
jobs_ssh_link_run (JobsSshLink *self,
                   JobsProcess *process,
                   GError     **error)
{
  JobsSshCommand *command = NULL;

  if (link_take (self, process, error))
    command = jobs_ssh_command_new (process, self->peer->name, command_cb, self, error);

  return command != NULL && link_add (self, process, command, error);
}

gboolean
jobs_ssh_link_copy (JobsSshLink *self,
                    JobsProcess *process,
                    gboolean     push,
                    const char  *from,
                    const char  *to,
                    GError     **error)
{
  return link_take (self, process, error) &&
         link_add (self, process,
                   jobs_ssh_command_new_copy (process, self->peer->name, push, from, to, command_cb, self),
                   error);
}

void
jobs_ssh_link_kill (JobsSshLink *self,
                    JobsProcess *process,
                    int          signum)
{
  JobsSshCommand *command = g_object_get_qdata (G_OBJECT (process), command_quark ());
  GList *link = g_queue_find (&self->waiting, command);

  if (command == NULL)
    return;

  if (link == NULL)
    {
      jobs_ssh_command_kill (command, signum);
    }
  else if (jobs_ssh_command_is_ended_by (signum))
    {
      g_queue_delete_link (&self->waiting, link);
      jobs_ssh_command_end (command, signum, NULL);
    }
}
