/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#include "jobs-process-private.h"
#include "jobs-timer.h"

/**
 * JobsProcess:
 *
 * One command that runs on a node.
 *
 * Whoever writes a kind of [class@Node] is given one: it says what is to be run,
 * and is told what becomes of it: any number of [method@Process.output], then
 * one [method@Process.end] or [method@Process.fail]. All of this happens in the
 * main context in which the node was asked to begin.
 *
 * Since: 1.0
 */
struct _JobsProcess
{
  GObject parent_instance;

  JobsNode     *node;
  GMainContext *context;
  char        **argv;
  char        **environment;
  char         *directory;
  GBytes       *input;

  const JobsProcessFuncs *funcs;
  gpointer                owner;

  GSource *grace;
  gint64   pid;
  gboolean is_script;
  gboolean ended;
};

G_DEFINE_FINAL_TYPE (JobsProcess, jobs_process, G_TYPE_OBJECT)

static void
report_end (JobsProcess  *self,
            int           wait_status,
            const GError *error)
{
  g_object_ref (self);
  self->ended = TRUE;
  jobs_timer_clear (&self->grace);
  self->funcs->ended (self, wait_status, error, self->owner);
  g_object_unref (self);
}

static gboolean
grace_over_cb (gpointer data)
{
  JobsProcess *self = data;
  g_autoptr (GError) error = NULL;

  jobs_timer_clear (&self->grace);
  if (!jobs_process_kill (self, SIGKILL, &error))
    g_debug ("A process cannot be killed: %s", error->message);

  return G_SOURCE_REMOVE;
}

static void
jobs_process_finalize (GObject *object)
{
  JobsProcess *self = JOBS_PROCESS (object);

  jobs_timer_clear (&self->grace);
  g_clear_object (&self->node);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->environment, g_strfreev);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->input, g_bytes_unref);

  G_OBJECT_CLASS (jobs_process_parent_class)->finalize (object);
}

static void
jobs_process_class_init (JobsProcessClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_process_finalize;
}

static void
jobs_process_init (JobsProcess *self)
{
}

JobsProcess *
jobs_process_new (JobsNode               *node,
                  GMainContext           *context,
                  const char *const      *argv,
                  const char *const      *environment,
                  const char             *directory,
                  GBytes                 *input,
                  const JobsProcessFuncs *funcs,
                  gpointer                owner)
{
  JobsProcess *self = g_object_new (JOBS_TYPE_PROCESS, NULL);

  self->node = g_object_ref (node);
  self->context = g_main_context_ref (context);
  self->argv = g_strdupv ((char **) argv);
  self->environment = environment != NULL ? g_strdupv ((char **) environment) : g_new0 (char *, 1);
  self->directory = g_strdup (directory);
  self->input = input != NULL ? g_bytes_ref (input) : NULL;
  self->funcs = funcs;
  self->owner = owner;

  return self;
}

void
jobs_process_set_script (JobsProcess *self)
{
  self->is_script = TRUE;
}

void
jobs_process_set_pid (JobsProcess *self,
                      gint64       pid)
{
  self->pid = pid;
}

gint64
jobs_process_get_pid (JobsProcess *self)
{
  return self->ended ? 0 : self->pid;
}

gboolean
jobs_process_begin (JobsProcess *self,
                    GError     **error)
{
  JobsNodeClass *klass = JOBS_NODE_GET_CLASS (self->node);
  GError *reason = NULL;

  if (klass->begin != NULL && klass->begin (self->node, self, &reason))
    return TRUE;

  /* A binding whose method threw, or forgot to return true, gives no error */
  if (reason == NULL)
    reason = g_error_new (JOBS_ERROR, JOBS_ERROR_SPAWN,
                          /* Translators: the name of a class; a program */
                          _("%s did not begin to run “%s” and gave no error"),
                          G_OBJECT_TYPE_NAME (self->node), self->argv[0]);
  g_propagate_error (error, reason);

  return FALSE;
}

gboolean
jobs_process_begin_copy (JobsProcess *self,
                         gboolean     push,
                         const char  *from,
                         const char  *to,
                         GError     **error)
{
  JobsNodeClass *klass = JOBS_NODE_GET_CLASS (self->node);
  GError *reason = NULL;

  if (klass->copy != NULL && klass->copy (self->node, self, push, from, to, &reason))
    return TRUE;

  if (reason == NULL)
    reason = g_error_new (JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
                          /* Translators: the name of a class; a file */
                          _("%s did not begin to copy “%s” and gave no error"),
                          G_OBJECT_TYPE_NAME (self->node), from);
  g_propagate_error (error, reason);

  return FALSE;
}

gboolean
jobs_process_kill (JobsProcess *self,
                   int          signum,
                   GError     **error)
{
  JobsNodeClass *klass = JOBS_NODE_GET_CLASS (self->node);
  GError *reason = NULL;

  if (self->ended || (klass->kill != NULL && klass->kill (self->node, self, signum, &reason)))
    return TRUE;

  if (reason == NULL)
    reason = g_error_new (JOBS_ERROR, JOBS_ERROR_FAILED,
                          /* Translators: the name of a class; the number of a signal; a program */
                          _("%s did not send signal %d to “%s” and gave no error"),
                          G_OBJECT_TYPE_NAME (self->node), signum, self->argv[0]);
  g_propagate_error (error, reason);

  return FALSE;
}

gboolean
jobs_process_terminate (JobsProcess *self,
                        guint        grace,
                        GError     **error)
{
  if (self->ended)
    return TRUE;

  if (grace == 0)
    {
      jobs_timer_clear (&self->grace);
      return jobs_process_kill (self, SIGKILL, error);
    }

  /* Asking twice does not give it more time */
  if (self->grace != NULL)
    return TRUE;

  jobs_timer_start (&self->grace, self->context, grace, grace_over_cb, self);

  return jobs_process_kill (self, SIGTERM, error);
}

GMainContext *
jobs_process_get_context (JobsProcess *self)
{
  return self->context;
}

JobsNode *
jobs_process_get_node (JobsProcess *self)
{
  return self->node;
}

/**
 * jobs_process_get_argv:
 * @self: a process
 *
 * The program and its arguments. A program without a slash is looked for in the
 * `PATH` of the process's environment.
 *
 * Returns: (transfer none) (array zero-terminated=1) (element-type filename): at
 *   least one string
 *
 * Since: 1.0
 */
const char *const *
jobs_process_get_argv (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), NULL);

  return (const char *const *) self->argv;
}

/**
 * jobs_process_is_script:
 * @self: a process
 *
 * Whether its program is a file of this machine, with its full name. A node that is
 * another machine brings it there, and takes it away again after its end.
 *
 * Returns: %TRUE where it is
 *
 * Since: 1.0
 */
gboolean
jobs_process_is_script (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), FALSE);

  return self->is_script;
}

/**
 * jobs_process_get_environment:
 * @self: a process
 *
 * How its environment differs from the one that a command on the node has
 * anyway: `NAME=VALUE` is set, a `NAME` alone is removed, later ones win.
 *
 * Returns: (transfer none) (array zero-terminated=1) (element-type filename): the
 *   changes, in order
 *
 * Since: 1.0
 */
const char *const *
jobs_process_get_environment (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), NULL);

  return (const char *const *) self->environment;
}

/**
 * jobs_process_get_directory:
 * @self: a process
 *
 * The directory in which it starts.
 *
 * Returns: (transfer none) (nullable) (type filename): the directory, %NULL for
 *   the node's own choice
 *
 * Since: 1.0
 */
const char *
jobs_process_get_directory (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), NULL);

  return self->directory;
}

/**
 * jobs_process_get_stdin:
 * @self: a process
 *
 * What it reads as its standard input. That it does not read all of it is no
 * error.
 *
 * Returns: (transfer none) (nullable): the bytes, %NULL for `/dev/null`
 *
 * Since: 1.0
 */
GBytes *
jobs_process_get_stdin (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), NULL);

  return self->input;
}

/**
 * jobs_process_wants_output:
 * @self: a process
 *
 * Whether anybody reads its output. Where nobody does, it is best sent to
 * `/dev/null`.
 *
 * Returns: %TRUE where [method@Process.output] is of use
 *
 * Since: 1.0
 */
gboolean
jobs_process_wants_output (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), FALSE);

  return self->funcs->output != NULL;
}

/**
 * jobs_process_output:
 * @self: a process that has begun
 * @stream: 1 for its standard output, 2 for its standard error
 * @data: (array length=size): what it has written
 * @size: how many bytes that is
 *
 * Its node has read some of its output. Pieces may end anywhere; keep them below
 * 64 KiB, so that no main loop has much to do at once.
 *
 * Since: 1.0
 */
void
jobs_process_output (JobsProcess  *self,
                     guint         stream,
                     const guint8 *data,
                     gsize         size)
{
  g_return_if_fail (JOBS_IS_PROCESS (self));
  g_return_if_fail (stream == 1 || stream == 2);
  g_return_if_fail (data != NULL || size == 0);
  g_return_if_fail (!self->ended);

  if (self->funcs->output == NULL || size == 0)
    return;

  g_object_ref (self);
  self->funcs->output (self, stream, data, size, self->owner);
  g_object_unref (self);
}

/**
 * jobs_process_progress:
 * @self: a process that has begun, and copies
 * @fraction: how much of it is done, from 0.0 to 1.0
 *
 * Its node knows how far it is with what it copies. Some times a second are enough;
 * that all of it is done is known from [method@Process.end].
 *
 * Since: 1.0
 */
void
jobs_process_progress (JobsProcess *self,
                       double       fraction)
{
  g_return_if_fail (JOBS_IS_PROCESS (self));
  g_return_if_fail (fraction >= 0.0 && fraction <= 1.0);
  g_return_if_fail (!self->ended);

  if (self->funcs->progress != NULL)
    self->funcs->progress (self, fraction, self->owner);
}

/**
 * jobs_process_end:
 * @self: a process that has begun
 * @wait_status: how it ended, as `waitpid ()` says it
 *
 * Its node says that it has ended, after the last of its output.
 *
 * Since: 1.0
 */
void
jobs_process_end (JobsProcess *self,
                  int          wait_status)
{
  g_return_if_fail (JOBS_IS_PROCESS (self));
  g_return_if_fail (!self->ended);

  report_end (self, wait_status, NULL);
}

/**
 * jobs_process_fail:
 * @self: a process that has begun
 * @error: why
 *
 * Its node says that it cannot know what became of the process: the connection
 * is lost, for instance. The error becomes that of the command.
 *
 * Since: 1.0
 */
void
jobs_process_fail (JobsProcess  *self,
                   const GError *error)
{
  g_return_if_fail (JOBS_IS_PROCESS (self));
  g_return_if_fail (error != NULL);
  g_return_if_fail (!self->ended);

  report_end (self, -1, error);
}

/**
 * jobs_process_has_ended:
 * @self: a process
 *
 * Whether its node has said how it ended.
 *
 * Returns: %TRUE after [method@Process.end] or [method@Process.fail]
 *
 * Since: 1.0
 */
gboolean
jobs_process_has_ended (JobsProcess *self)
{
  g_return_val_if_fail (JOBS_IS_PROCESS (self), FALSE);

  return self->ended;
}
