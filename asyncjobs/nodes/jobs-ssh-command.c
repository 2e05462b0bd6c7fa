/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-local-node-private.h"
#include "jobs-process-private.h"
#include "jobs-script.h"
#include "jobs-spawn.h"
#include "jobs-ssh-command.h"
#include "jobs-ssh-progress.h"
#include "jobs-ssh-script.h"
#include "jobs-timer.h"

/* From the last mark to the end of the client: something that has left its
 * process group may hold the session open, ms */
#define DRAIN 500

/* From KILL to giving it up: no answer comes from the far side, ms */
#define NO_ANSWER 5000

struct _JobsSshCommand
{
  JobsProcess *process; /* as its owner sees it */
  JobsProcess *client;  /* NULL: none runs */
  char        *name;
  char        *token;
  GBytes      *input;   /* for the far side: the script, a file that is run, and what the
                         * command reads */
  char        *launcher; /* NULL: it copies */

  gboolean         push;
  char            *from;
  char            *to;
  JobsSshProgress *progress; /* NULL: it copies nothing now */

  JobsSshCommandFunc func;
  gpointer           user_data;

  JobsSshReader     readers[2];
  GSource          *timer;
  int               client_status;
  int               ended_by; /* the signal for which it was given up before it began; 0 */
  JobsSshCommandEnd end;
};

/* The exit status of ssh where the connection fails: ssh(1) */
#define LOST_STATUS 255

/* What comes from one stream */
typedef struct
{
  JobsSshCommand *command;
  guint           stream;
} Piece;

void
jobs_ssh_command_free (JobsSshCommand *self)
{
  g_assert (self->client == NULL);

  jobs_timer_clear (&self->timer);
  jobs_ssh_reader_clear (&self->readers[0]);
  jobs_ssh_reader_clear (&self->readers[1]);
  g_clear_pointer (&self->input, g_bytes_unref);
  g_clear_object (&self->process);
  g_free (self->launcher);
  g_free (self->from);
  g_free (self->to);
  g_free (self->token);
  g_free (self->name);
  g_free (self);
}

static void
append (GByteArray *bytes,
        GBytes     *more)
{
  gsize size = 0;
  const guint8 *data = more != NULL ? g_bytes_get_data (more, &size) : NULL;

  if (size > 0)
    g_byte_array_append (bytes, data, size);
}

static JobsSshCommand *
command_new (JobsProcess        *process,
             const char         *name,
             JobsSshCommandFunc  func,
             gpointer            user_data)
{
  JobsSshCommand *self = g_new0 (JobsSshCommand, 1);

  self->process = g_object_ref (process);
  self->name = g_strdup (name);
  self->func = func;
  self->user_data = user_data;

  return self;
}

JobsSshCommand *
jobs_ssh_command_new (JobsProcess        *process,
                      const char         *name,
                      JobsSshCommandFunc  func,
                      gpointer            user_data,
                      GError            **error)
{
  g_autofree char *token = jobs_ssh_script_dup_token ();
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GBytes) script = NULL;
  g_autoptr (GByteArray) input = g_byte_array_new ();
  JobsSshCommand *self;

  if (jobs_process_is_script (process))
    {
      file = jobs_spawn_read_script (jobs_process_get_argv (process)[0], error);
      if (file == NULL)
        return NULL;
    }
  script = jobs_ssh_script_new (process, token, file, error);
  if (script == NULL)
    return NULL;

  append (input, script);
  append (input, file);
  append (input, jobs_process_get_stdin (process));

  self = command_new (process, name, func, user_data);
  self->token = g_steal_pointer (&token);
  self->launcher = jobs_ssh_script_dup_launcher (g_bytes_get_size (script));
  self->input = g_byte_array_free_to_bytes (g_steal_pointer (&input));

  return self;
}

JobsSshCommand *
jobs_ssh_command_new_copy (JobsProcess        *process,
                           const char         *name,
                           gboolean            push,
                           const char         *from,
                           const char         *to,
                           JobsSshCommandFunc  func,
                           gpointer            user_data)
{
  JobsSshCommand *self = command_new (process, name, func, user_data);

  /* Of what a copier says nothing is output: all of it comes before a mark that does
   * not come, and is kept for the error */
  self->token = jobs_ssh_script_dup_token ();
  self->push = push;
  self->from = g_strdup (from);
  self->to = g_strdup (to);

  return self;
}

static void
output_cb (const guint8 *data,
           gsize         size,
           gpointer      user_data)
{
  Piece *piece = user_data;

  jobs_process_output (piece->command->process, piece->stream, data, size);
}

gboolean
jobs_ssh_command_is_ended_by (int signum)
{
  return signum != SIGSTOP && signum != SIGCONT && signum != SIGTSTP;
}

static gboolean
has_ended (JobsSshCommand *self)
{
  return self->readers[0].has_ended && self->readers[1].has_ended;
}

static gboolean
kill_client_cb (gpointer data)
{
  JobsSshCommand *self = data;

  jobs_timer_clear (&self->timer);
  jobs_process_kill (self->client, SIGKILL, NULL);

  return G_SOURCE_REMOVE;
}

static void
client_output (JobsProcess  *client,
               guint         stream,
               const guint8 *data,
               gsize         size,
               gpointer      owner)
{
  JobsSshCommand *self = owner;
  JobsSshReader *reader = &self->readers[stream - 1];
  Piece piece = { self, stream };
  gboolean had_ended = has_ended (self);

  jobs_ssh_reader_feed (reader, data, size, output_cb, &piece);
  if (has_ended (self) && !had_ended)
    jobs_timer_start (&self->timer, jobs_process_get_context (self->process), DRAIN,
                      kill_client_cb, self);
}

static void
progress_ended (gpointer user_data)
{
  JobsSshCommand *self = user_data;

  self->func (self, self->end, self->user_data);
}

static void
client_ended (JobsProcess  *client,
              int           wait_status,
              const GError *error,
              gpointer      owner)
{
  JobsSshCommand *self = owner;
  JobsSshReader *last = &self->readers[1];
  gboolean is_refused = FALSE;

  jobs_timer_clear (&self->timer);
  for (guint stream = STDOUT_FILENO; stream <= STDERR_FILENO; stream++)
    {
      Piece piece = { self, stream };

      jobs_ssh_reader_flush (&self->readers[stream - 1], output_cb, &piece);
    }
  g_clear_object (&self->client);
  self->client_status = wait_status;

  self->end = JOBS_SSH_COMMAND_OVER;
  if (!last->has_begun && !last->has_ended && self->ended_by == 0 &&
      jobs_ssh_master_had_no_session (last->before->str, &is_refused))
    self->end = is_refused ? JOBS_SSH_COMMAND_REFUSED : JOBS_SSH_COMMAND_NO_SESSION;
  if (self->progress != NULL)
    jobs_ssh_progress_end (g_steal_pointer (&self->progress), progress_ended, self);
  else
    self->func (self, self->end, self->user_data);
}

/* As scp takes it: a colon in the name of a file here must not make a host of it */
static char *
dup_place (const char *path,
           const char *destination)
{
  if (destination != NULL)
    return g_strconcat (destination, ":", path, NULL);

  return g_path_is_absolute (path) ? g_strdup (path) : g_strconcat ("./", path, NULL);
}

gboolean
jobs_ssh_command_begin (JobsSshCommand *self,
                        JobsSshMaster  *master,
                        GError        **error)
{
  static const JobsProcessFuncs funcs = { client_output, client_ended };
  g_autoptr (GPtrArray) argv = jobs_ssh_master_dup_client (master, self->launcher != NULL ? "ssh" : "scp");
  const char *destination = jobs_ssh_master_get_destination (master);

  if (self->launcher == NULL)
    g_ptr_array_add (argv, g_strdup ("-rpq"));
  g_ptr_array_add (argv, g_strdup ("--"));
  if (self->launcher != NULL)
    {
      g_ptr_array_add (argv, g_strdup (destination));
      g_ptr_array_add (argv, g_strdup (self->launcher));
    }
  else
    {
      g_ptr_array_add (argv, dup_place (self->from, self->push ? NULL : destination));
      g_ptr_array_add (argv, dup_place (self->to, self->push ? destination : NULL));
    }
  g_ptr_array_add (argv, NULL);

  for (guint i = 0; i < 2; i++)
    {
      jobs_ssh_reader_clear (&self->readers[i]);
      jobs_ssh_reader_init (&self->readers[i], self->token);
    }
  self->client = jobs_process_new (jobs_local_node_get_default (),
                                   jobs_process_get_context (self->process),
                                   (const char *const *) argv->pdata, NULL, NULL, self->input,
                                   &funcs, self);
  if (self->launcher != NULL)
    jobs_local_process_hold_input (self->client);
  if (!jobs_process_begin (self->client, error))
    {
      g_clear_object (&self->client);
      return FALSE;
    }

  if (self->launcher == NULL)
    self->progress = jobs_ssh_progress_new (self->process, self->client, self->push, self->from);

  return TRUE;
}

/* A signal travels behind the input of the command, which may take long. As long as some
 * of that is still here, nothing can have begun over there, and after the end of the
 * client nothing will. Where something may have, that end does what KILL would */
static gboolean
can_give_up (JobsSshCommand *self,
             int             signum)
{
  if (self->readers[0].has_begun || self->readers[1].has_begun || has_ended (self) ||
      !jobs_ssh_command_is_ended_by (signum))
    return FALSE;

  return signum == SIGKILL || jobs_local_process_has_input_left (self->client);
}

void
jobs_ssh_command_kill (JobsSshCommand *self,
                       int             signum)
{
  g_autofree char *line = g_strdup_printf ("%d\n", signum);

  /* What it has to do behind its client is soon done */
  if (self->client == NULL)
    return;

  if (self->launcher == NULL)
    {
      jobs_process_kill (self->client, signum, NULL);
      return;
    }

  if (can_give_up (self, signum))
    {
      self->ended_by = signum;
      jobs_process_kill (self->client, SIGKILL, NULL);
      return;
    }

  jobs_local_process_feed (self->client, line);
  if (signum == SIGKILL && !has_ended (self))
    jobs_timer_start (&self->timer, jobs_process_get_context (self->process), NO_ANSWER,
                      kill_client_cb, self);
}

static GError *
make_copy_error (JobsSshCommand *self)
{
  g_autofree char *words = NULL;

  if (WIFSIGNALED (self->client_status) || WEXITSTATUS (self->client_status) == 0)
    return NULL;

  words = g_utf8_make_valid (g_strstrip (self->readers[1].before->str), -1);

  return g_error_new (JOBS_ERROR, JOBS_ERROR_COPY,
                      /* Translators: a file, a machine, what scp says */
                      self->push ? _("cannot push “%s” to %s: %s")
                                 /* Translators: a file, a machine, what scp says */
                                 : _("cannot pull “%s” from %s: %s"),
                      self->from, self->name, words);
}

static GError *
make_error (JobsSshCommand *self)
{
  JobsSshReader *last = &self->readers[1];

  if (self->launcher == NULL)
    return make_copy_error (self);
  if (last->failure != NULL)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_SPAWN,
                        /* Translators: a machine, what its shell says */
                        _("cannot run “%s” on %s: %s"), jobs_process_get_argv (self->process)[0],
                        self->name, jobs_script_translate (last->failure));
  if (last->has_ended || self->ended_by != 0)
    return NULL;
  if (!last->has_begun && WIFEXITED (self->client_status) && WEXITSTATUS (self->client_status) != LOST_STATUS)
    {
      g_autofree char *words = g_utf8_make_valid (g_strstrip (last->before->str), -1);

      return g_error_new (JOBS_ERROR, JOBS_ERROR_SPAWN,
                          /* Translators: a machine, a number, what its shell says */
                          _("the shell of %s exited with status %d and ran nothing: %s"), self->name,
                          WEXITSTATUS (self->client_status), words);
    }

  return g_error_new (JOBS_ERROR, JOBS_ERROR_LOST,
                      _("the connection to %s was lost while it ran, and how it ended is not known"),
                      self->name);
}

void
jobs_ssh_command_report (JobsSshCommand *self)
{
  g_autoptr (GError) error = make_error (self);
  g_autoptr (JobsProcess) process = g_object_ref (self->process);
  int wait_status = self->client_status;

  if (self->launcher != NULL)
    wait_status = self->readers[1].has_ended ? self->readers[1].wait_status : self->ended_by;
  jobs_ssh_command_free (self);
  if (error != NULL)
    jobs_process_fail (process, error);
  else
    jobs_process_end (process, wait_status);
}

void
jobs_ssh_command_end (JobsSshCommand *self,
                      int             signum,
                      const GError   *error)
{
  g_autoptr (JobsProcess) process = g_object_ref (self->process);

  jobs_ssh_command_free (self);
  if (error != NULL)
    jobs_process_fail (process, error);
  else
    jobs_process_end (process, signum);
}
