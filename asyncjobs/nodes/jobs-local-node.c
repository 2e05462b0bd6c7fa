/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jobs-child.h"
#include "jobs-local-node-private.h"
#include "jobs-process-private.h"
#include "jobs-shell.h"
#include "jobs-spawn.h"
#include "jobs-timer.h"

/**
 * JobsLocalNode:
 *
 * Runs commands on this machine.
 *
 * Each command is the leader of a process group of its own: a signal reaches all
 * that it has started, and what is left of the group when the command has ended
 * is killed. Only a process that leaves the group, as daemons do, lives on; its
 * output is no longer read then.
 *
 * Commands inherit the environment of the program, but none of its descriptors,
 * signal dispositions or blocked signals. A shell command that is no more than a
 * program and its arguments is started without the shell, which would do nothing
 * but to become that program.
 *
 * Since: 1.0
 */
struct _JobsLocalNode
{
  JobsNode parent_instance;
};

/* As much as a pipe holds, read or written at once */
#define CHUNK (64 * 1024)

/* What is read in one turn of a loop, of all commands together: with a hundred
 * that write all the time, a turn of full pipes would take too long. Each gets an
 * equal share, though not less than is worth a read */
#define TURN (2048 * 1024)
#define SHARE_MIN (4 * 1024)

/* Next to what an engine does and GTK draws: a command that never stops writing
 * must not keep them from their turn */
#define OUTPUT_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

typedef struct
{
  int      fd;
  GSource *source;
} Pipe;

/* A process that runs here. Each of its sources has a reference */
typedef struct
{
  JobsProcess *process;
  JobsChild   *child;
  Pipe         output[2];

  Pipe     input;
  int      input_reader;
  GBytes  *input_bytes;
  gsize    input_written;
  gboolean holds_input; /* open, until the process ends */

  GSource *drain;
  GError  *error;
  int      wait_status;
  gboolean exited;
  gboolean drained;
  guint    delivering;
} LocalProcess;

G_DEFINE_FINAL_TYPE (JobsLocalNode, jobs_local_node, JOBS_TYPE_NODE)

static G_DEFINE_QUARK (jobs-local-process, local_process)
static G_DEFINE_QUARK (jobs-local-hold-input, hold_input)

static void
pipe_unwatch (Pipe *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
pipe_close (Pipe *self)
{
  pipe_unwatch (self);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
close_input (LocalProcess *self)
{
  pipe_close (&self->input);
  if (self->input_reader >= 0)
    close (self->input_reader);
  self->input_reader = -1;
  g_clear_pointer (&self->input_bytes, g_bytes_unref);
}

static void
local_process_free (gpointer data)
{
  LocalProcess *self = data;

  jobs_timer_clear (&self->drain);
  close_input (self);
  pipe_close (&self->output[0]);
  pipe_close (&self->output[1]);
  g_clear_pointer (&self->child, jobs_child_free);
  g_clear_error (&self->error);
  g_clear_object (&self->process);
}

static void
local_process_unref (gpointer data)
{
  g_rc_box_release_full (data, local_process_free);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LocalProcess, local_process_unref)

static LocalProcess *
local_process_new (JobsProcess *process)
{
  LocalProcess *self = g_rc_box_new0 (LocalProcess);

  self->process = g_object_ref (process);
  self->output[0].fd = -1;
  self->output[1].fd = -1;
  self->input.fd = -1;
  self->input_reader = -1;
  self->holds_input = g_object_get_qdata (G_OBJECT (process), hold_input_quark ()) != NULL;

  return self;
}

static LocalProcess *
local_process_of (JobsProcess *process)
{
  return g_object_get_qdata (G_OBJECT (process), local_process_quark ());
}

static void
end_if_over (LocalProcess *self)
{
  g_autoptr (JobsProcess) process = NULL;

  if (!self->exited || self->delivering > 0)
    return;
  if (!self->drained && (self->output[0].fd >= 0 || self->output[1].fd >= 0))
    return;

  process = g_steal_pointer (&self->process);
  if (process == NULL)
    return;

  jobs_timer_clear (&self->drain);
  pipe_close (&self->output[0]);
  pipe_close (&self->output[1]);
  g_object_set_qdata (G_OBJECT (process), local_process_quark (), NULL);
  if (self->error != NULL)
    jobs_process_fail (process, self->error);
  else
    jobs_process_end (process, self->wait_status);
}

/* By how many pipes had something in this turn or, until that is known, in the
 * last one */
static gsize
get_share (void)
{
  static _Thread_local struct
  {
    gint64 time;
    guint  n_pipes;
    guint  n_pipes_before;
  } turn;
  gint64 time = g_source_get_time (g_main_current_source ());

  if (time != turn.time)
    {
      turn.time = time;
      turn.n_pipes_before = turn.n_pipes;
      turn.n_pipes = 0;
    }
  turn.n_pipes++;

  return CLAMP (TURN / MAX (turn.n_pipes, turn.n_pipes_before), SHARE_MIN, CHUNK);
}

/* Whether its end may follow at once. Reads no more than a full pipe: what else
 * waits has its turn before the next piece */
static gboolean
read_output (LocalProcess *self,
             guint         stream,
             gsize         size_max)
{
  Pipe *output = &self->output[stream - 1];
  g_autofree guint8 *data = NULL;
  gssize size;

  if (output->fd < 0)
    return FALSE;

  data = g_malloc (size_max);
  do
    size = read (output->fd, data, size_max);
  while (size < 0 && errno == EINTR);

  if (size < 0 && errno == EAGAIN)
    return FALSE;

  if (size <= 0)
    {
      pipe_close (output);
      return FALSE;
    }

  /* The owner may run a main loop in it, in which the process ends */
  self->delivering++;
  jobs_process_output (self->process, stream, data, size);
  self->delivering--;

  return (gsize) size < size_max;
}

static gboolean
output_cb (LocalProcess *local,
           guint         stream)
{
  g_autoptr (LocalProcess) self = g_rc_box_acquire (local);

  read_output (self, stream, get_share ());
  end_if_over (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
stdout_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  return output_cb (data, STDOUT_FILENO);
}

static gboolean
stderr_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  return output_cb (data, STDERR_FILENO);
}

/* FALSE when there is nothing more to write */
static gboolean
write_input (LocalProcess *self)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (self->input_bytes, &size);
  gssize written;

  do
    written = write (self->input.fd, data + self->input_written,
                     MIN (size - self->input_written, CHUNK));
  while (written < 0 && errno == EINTR);

  if (written < 0)
    return errno == EAGAIN;

  self->input_written += written;

  return self->input_written < size;
}

static gboolean
stdin_cb (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  g_autoptr (LocalProcess) self = g_rc_box_acquire (data);

  if (!write_input (self))
    {
      if (self->holds_input)
        pipe_unwatch (&self->input);
      else
        close_input (self);
    }

  return G_SOURCE_CONTINUE;
}

static void
watch_pipe (LocalProcess     *self,
            Pipe             *end,
            GIOCondition      condition,
            GUnixFDSourceFunc func)
{
  if (end->fd < 0)
    return;

  end->source = g_unix_fd_source_new (end->fd, condition);
  g_source_set_priority (end->source, OUTPUT_PRIORITY);
  g_source_set_callback (end->source, G_SOURCE_FUNC (func), g_rc_box_acquire (self),
                         local_process_unref);
  g_source_attach (end->source, jobs_process_get_context (self->process));
}

static gboolean
drain_over_cb (gpointer data)
{
  g_autoptr (LocalProcess) self = g_rc_box_acquire (data);

  /* What was in the pipe when the command ended has been read by now, unless the
   * main loop had other things to do all the time */
  self->drained = TRUE;
  pipe_unwatch (&self->output[0]);
  pipe_unwatch (&self->output[1]);
  if (self->delivering == 0)
    {
      read_output (self, STDOUT_FILENO, CHUNK);
      read_output (self, STDERR_FILENO, CHUNK);
    }
  end_if_over (self);

  return G_SOURCE_REMOVE;
}

/* Mostly all that is left fits one read and its end another: no need to wait for
 * the next turns of the loop */
static void
read_rest (LocalProcess *self,
           guint         stream)
{
  Pipe *output = &self->output[stream - 1];

  /* Its lines would be out of order if more came in a main loop that the owner
   * runs; where we are in one already, the source does it */
  if (self->delivering > 0)
    return;

  pipe_unwatch (output);
  if (read_output (self, stream, CHUNK))
    read_output (self, stream, CHUNK);
  watch_pipe (self, output, G_IO_IN, stream == STDOUT_FILENO ? stdout_cb : stderr_cb);
}

static void
child_ended_cb (int           wait_status,
                const GError *error,
                gpointer      data)
{
  g_autoptr (LocalProcess) self = g_rc_box_acquire (data);

  self->exited = TRUE;
  self->wait_status = wait_status;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  close_input (self);

  read_rest (self, STDOUT_FILENO);
  read_rest (self, STDERR_FILENO);
  if (self->output[0].fd >= 0 || self->output[1].fd >= 0)
    jobs_timer_start (&self->drain, jobs_process_get_context (self->process),
                      JOBS_LOCAL_NODE_DRAIN, drain_over_cb, self);
  end_if_over (self);
}

void
jobs_local_process_hold_input (JobsProcess *process)
{
  g_object_set_qdata (G_OBJECT (process), hold_input_quark (), GINT_TO_POINTER (TRUE));
}

void
jobs_local_process_feed (JobsProcess *process,
                         const char  *text)
{
  LocalProcess *self = local_process_of (process);
  g_autoptr (GByteArray) left = g_byte_array_new ();
  const guint8 *data;
  gsize size;

  if (self == NULL || self->input.fd < 0)
    return;

  data = g_bytes_get_data (self->input_bytes, &size);
  g_byte_array_append (left, data + self->input_written, size - self->input_written);
  g_byte_array_append (left, (const guint8 *) text, strlen (text));
  g_bytes_unref (self->input_bytes);
  self->input_bytes = g_byte_array_free_to_bytes (g_steal_pointer (&left));
  self->input_written = 0;
  pipe_unwatch (&self->input);
  if (write_input (self))
    watch_pipe (self, &self->input, G_IO_OUT, stdin_cb);
}

gboolean
jobs_local_process_has_input_left (JobsProcess *process)
{
  LocalProcess *self = local_process_of (process);

  return self != NULL && self->input_bytes != NULL &&
         self->input_written < g_bytes_get_size (self->input_bytes);
}

static gboolean
open_input (LocalProcess *self,
            int          *child_end)
{
  int fds[2];

  if (!jobs_spawn_pipe (fds))
    return FALSE;

  self->input.fd = fds[1];
  self->input_bytes = g_bytes_ref (jobs_process_get_stdin (self->process));
  g_unix_set_fd_nonblocking (self->input.fd, TRUE, NULL);
  *child_end = fds[0];

  /* Where all of it fits the pipe, that was it */
  if ((g_bytes_get_size (self->input_bytes) == 0 || !write_input (self)) && !self->holds_input)
    {
      pipe_close (&self->input);
      return TRUE;
    }

  /* While we keep an end to read from, writing to a command that reads no more
   * cannot raise SIGPIPE, which is the program's to handle, not ours */
  self->input_reader = fcntl (fds[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

  return self->input_reader >= 0;
}

static gboolean
open_pipes (LocalProcess *self,
            int           child_ends[3],
            GError      **error)
{
  gboolean ok = TRUE;
  int saved_errno;

  if (jobs_process_get_stdin (self->process) != NULL)
    ok = open_input (self, &child_ends[0]);

  for (guint i = 0; ok && jobs_process_wants_output (self->process) && i < 2; i++)
    {
      int fds[2];

      ok = jobs_spawn_pipe (fds);
      self->output[i].fd = fds[0];
      child_ends[i + 1] = fds[1];
      if (ok)
        g_unix_set_fd_nonblocking (fds[0], TRUE, NULL);
    }

  if (ok)
    return TRUE;

  saved_errno = errno;
  g_set_error (error, JOBS_ERROR, jobs_spawn_error_code (saved_errno, JOBS_ERROR_SPAWN),
               /* Translators: a program, what the system says */
               _("Cannot make a pipe to “%s”: %s"),
               jobs_process_get_argv (self->process)[0], g_strerror (saved_errno));

  return FALSE;
}

/* Two programs in one process, first the shell, then what it becomes, take almost
 * twice as long as that alone. Whatever hinders that, the shell can say best */
static GPid
spawn_without_shell (JobsProcess       *process,
                     const char *const *environment,
                     const int          fds[3])
{
  const char *const *argv = jobs_process_get_argv (process);
  g_auto (GStrv) words = NULL;

  if (g_strcmp0 (argv[0], "/bin/sh") != 0 || g_strcmp0 (argv[1], "-c") != 0 || argv[2] == NULL
      || argv[3] != NULL || jobs_process_get_directory (process) != NULL)
    return -1;

  words = jobs_shell_split (argv[2], environment);

  return words != NULL
           ? jobs_spawn ((const char *const *) words, environment, NULL, fds, NULL)
           : -1;
}

static GPid
spawn (JobsProcess *process,
       const int    fds[3],
       GError     **error)
{
  g_autofree const char **environment =
    jobs_spawn_environment (jobs_process_get_environment (process));
  GPid pid = spawn_without_shell (process, environment, fds);

  if (pid < 0)
    pid = jobs_spawn (jobs_process_get_argv (process), environment,
                      jobs_process_get_directory (process), fds, error);

  return pid;
}

static gboolean
jobs_local_node_begin (JobsNode    *node,
                       JobsProcess *process,
                       GError     **error)
{
  g_autoptr (LocalProcess) self = local_process_new (process);
  int child_ends[3] = { -1, -1, -1 };
  GPid pid = -1;

  if (open_pipes (self, child_ends, error))
    pid = spawn (process, child_ends, error);
  for (guint i = 0; i < 3; i++)
    if (child_ends[i] >= 0)
      close (child_ends[i]);
  if (pid < 0)
    return FALSE;

  jobs_process_set_pid (process, pid);
  g_object_set_qdata (G_OBJECT (process), local_process_quark (), self);
  watch_pipe (self, &self->output[0], G_IO_IN, stdout_cb);
  watch_pipe (self, &self->output[1], G_IO_IN, stderr_cb);
  watch_pipe (self, &self->input, G_IO_OUT, stdin_cb);
  self->child = jobs_child_new (pid, jobs_process_get_context (process), child_ended_cb,
                                g_rc_box_acquire (self), local_process_unref);

  return TRUE;
}

static gboolean
jobs_local_node_kill (JobsNode    *node,
                      JobsProcess *process,
                      int          signum,
                      GError     **error)
{
  LocalProcess *self = local_process_of (process);

  if (self == NULL)
    return TRUE;

  jobs_child_kill (self->child, signum);
  /* One that was stopped would not see it before it is continued */
  if (signum == SIGTERM)
    jobs_child_kill (self->child, SIGCONT);

  return TRUE;
}

static void
jobs_local_node_class_init (JobsLocalNodeClass *klass)
{
  JobsNodeClass *node_class = JOBS_NODE_CLASS (klass);

  node_class->begin = jobs_local_node_begin;
  node_class->kill = jobs_local_node_kill;
}

static void
jobs_local_node_init (JobsLocalNode *self)
{
}

/**
 * jobs_local_node_new:
 * @name: (nullable): what it is called
 *
 * Makes a node that runs commands on this machine.
 *
 * Returns: (transfer full) (type JobsLocalNode): a new node
 *
 * Since: 1.0
 */
JobsNode *
jobs_local_node_new (const char *name)
{
  return g_object_new (JOBS_TYPE_LOCAL_NODE, "name", name, NULL);
}

/**
 * jobs_local_node_get_default:
 *
 * The node of commands that were given none; it is called `local`. Any thread
 * may ask for it and use it.
 *
 * Returns: (transfer none) (type JobsLocalNode): the one and only
 *
 * Since: 1.0
 */
JobsNode *
jobs_local_node_get_default (void)
{
  static JobsNode *node;

  if (g_once_init_enter (&node))
    g_once_init_leave (&node, jobs_local_node_new ("local"));

  return node;
}

/**
 * jobs_local_node_signal_all:
 * @signum: the number of a signal
 *
 * Sends a signal to all commands that run on this machine, of all engines, and to
 * all that they have started. This is for a program that is to be stopped, as by
 * Ctrl-Z, and continued: its commands are not in its process group, so that
 * `SIGSTOP` and `SIGCONT` do not reach them by themselves. Where clocks are to
 * stand still, too, there is [method@Engine.pause]. Any thread may call it, but
 * no signal handler.
 *
 * Since: 1.0
 */
void
jobs_local_node_signal_all (int signum)
{
  jobs_child_kill_all (signum);
}

/**
 * jobs_local_node_kill_all:
 *
 * Kills all commands that run on this machine, of all engines, and all that they
 * have started, at once. This is for a program that must exit without waiting
 * for the orderly end that [method@Engine.cancel] gives. Any thread may call it,
 * but no signal handler.
 *
 * Since: 1.0
 */
void
jobs_local_node_kill_all (void)
{
  jobs_local_node_signal_all (SIGKILL);
}
