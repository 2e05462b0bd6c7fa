/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../nodes/jobs-spawn.h"
#include "jobs-command-action-private.h"

/* What of a command is no property: its surroundings, and what became of it */

static void
replace_string (char      **place,
                const char *value)
{
  char *copy = g_strdup (value);

  g_free (*place);
  *place = copy;
}

static void
set_ready (JobsCommandAction *self,
           JobsCommandReady   ready,
           const char        *text)
{
  self->ready = text != NULL || ready == JOBS_COMMAND_READY_DELAY ? ready : JOBS_COMMAND_READY_NONE;
  replace_string (&self->ready_text, text);
}

/**
 * jobs_command_action_setenv:
 * @self: a command action
 * @name: (type filename): a variable, without `=`
 * @value: (nullable) (type filename): its value; %NULL: it is not there at all
 *
 * Changes a variable of its environment, which is that of the program, or of the
 * node. The latest call for a name counts.
 *
 * Since: 1.0
 */
void
jobs_command_action_setenv (JobsCommandAction *self,
                            const char        *name,
                            const char        *value)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (jobs_variables_is_name (name));

  jobs_variables_set (&self->variables, name, value);
}

/**
 * jobs_command_action_pass_env:
 * @self: a command action
 * @name: (type filename): a variable, without `=`
 *
 * Gives it a variable of the program's own environment, as that is when the command
 * starts, where it has one. Here it has it anyway; on another machine it has not. A
 * value that is set otherwise counts more, and this one is not what tells one command
 * from another: so it is the way for what is secret.
 *
 * Since: 1.0
 */
void
jobs_command_action_pass_env (JobsCommandAction *self,
                              const char        *name)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (jobs_variables_is_name (name));

  jobs_variables_pass (&self->variables, name);
}

static void
file_clear (gpointer data)
{
  JobsCommandFile *self = data;

  g_free (self->from);
  g_free (self->to);
}

static void
add_file (JobsCommandAction *self,
          guint              direction,
          const char        *from,
          const char        *to)
{
  JobsCommandFile file = { g_strdup (from), g_strdup (to) };

  if (self->files[direction] == NULL)
    {
      self->files[direction] = g_array_new (FALSE, FALSE, sizeof (JobsCommandFile));
      g_array_set_clear_func (self->files[direction], file_clear);
    }
  g_array_append_val (self->files[direction], file);
}

/**
 * jobs_command_action_add_push:
 * @self: a command action on another machine
 * @from: (type filename): a file or a folder here
 * @to: (type filename): where it goes over there; relative to the home of the user
 *
 * Copies something to the node before the command runs, after what was added
 * earlier. A folder is copied with all that is in it; where @to is a folder already,
 * into that. What cannot be copied makes it fail with %JOBS_ERROR_COPY. How far it is,
 * of all that it pushes, is its [property@Action:progress] meanwhile.
 *
 * Since: 1.0
 */
void
jobs_command_action_add_push (JobsCommandAction *self,
                              const char        *from,
                              const char        *to)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (from != NULL && to != NULL);

  add_file (self, JOBS_COMMAND_PUSH, from, to);
}

/**
 * jobs_command_action_add_pull:
 * @self: a command action on another machine
 * @from: (type filename): a file or a folder over there; relative to the home of
 *   the user
 * @to: (type filename): where it goes here
 *
 * Copies something from the node after the command has ended well, in the way of
 * [method@CommandAction.add_push]. One that is cancelled brings nothing more home. One
 * that runs [property@Action:forever] and ends well when all others have ended does: for
 * as long as the [property@Engine:grace] of its engine allows.
 *
 * Since: 1.0
 */
void
jobs_command_action_add_pull (JobsCommandAction *self,
                              const char        *from,
                              const char        *to)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (from != NULL && to != NULL);

  add_file (self, JOBS_COMMAND_PULL, from, to);
}

/**
 * jobs_command_action_add_input:
 * @self: a command action
 * @name: (type filename): a variable, without `=`
 * @from: another action
 *
 * Gives it the result of another action as a variable.
 *
 * When the command starts, the variable is set where @from has FINISHED with a
 * text, a number or a boolean; that counts more than
 * [method@CommandAction.setenv]. It is no requirement: say
 * [method@Action.requires] for that. The action keeps a reference to @from.
 *
 * Since: 1.0
 */
void
jobs_command_action_add_input (JobsCommandAction *self,
                               const char        *name,
                               JobsAction        *from)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (jobs_variables_is_name (name));
  g_return_if_fail (JOBS_IS_ACTION (from));
  g_return_if_fail (from != JOBS_ACTION (self));

  jobs_variables_add_input (&self->variables, name, from);
}

/**
 * jobs_command_action_set_stdin:
 * @self: a command action
 * @bytes: (nullable): what it reads; %NULL: `/dev/null`
 *
 * Sets its standard input. That it does not read all of it is no error.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_stdin (JobsCommandAction *self,
                               GBytes            *bytes)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  if (bytes != NULL)
    g_bytes_ref (bytes);
  g_clear_pointer (&self->input, g_bytes_unref);
  self->input = bytes;
}

/**
 * jobs_command_action_dup_tail:
 * @self: a command action
 *
 * The last lines that the latest attempt has written so far, on either stream:
 * at most 20, and 16 KiB. What is not valid UTF-8 in them is replaced.
 *
 * Returns: (transfer full): the lines, each with its newline; empty where there
 *   are none
 *
 * Since: 1.0
 */
char *
jobs_command_action_dup_tail (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return jobs_tail_dup (&self->tail);
}

/**
 * jobs_command_action_set_progress:
 * @self: a command action
 * @pattern: (nullable): a regular expression, as [struct@GLib.Regex] takes it; %NULL
 *   for none
 * @error: return location for an error
 *
 * Sets by what lines the command says how far it is.
 *
 * The first group of a line that matches is so many per cent; where there are two,
 * it is so many of so many: `([0-9]+)%`, `\\[([0-9]+)/([0-9]+)\\]`. A group that is
 * called `message` says what goes on, in words. That becomes
 * [property@Action:progress] and [property@Action:message].
 *
 * The lines of both streams count, also those that end by a return, as a bar does
 * that is drawn over itself. A line of more than 1024 bytes is not looked at; of many
 * that come at once only the last ones are.
 *
 * Returns: TRUE; FALSE, with nothing changed, with an error of the domain
 *   %G_REGEX_ERROR where @pattern is no regular expression
 *
 * Since: 1.0
 */
gboolean
jobs_command_action_set_progress (JobsCommandAction *self,
                                  const char        *pattern,
                                  GError           **error)
{
  GRegex *regex = NULL;

  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (pattern != NULL)
    {
      regex = jobs_progress_compile (pattern, error);
      if (regex == NULL)
        return FALSE;
    }
  g_clear_pointer (&self->progress, g_regex_unref);
  self->progress = regex;

  return TRUE;
}

/**
 * jobs_command_action_set_allowed_exits:
 * @self: a command action
 * @statuses: (array length=n_statuses): exit statuses
 * @n_statuses: how many; 0: back to the default
 *
 * Sets which exit statuses are a success. The default is 0 alone.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_allowed_exits (JobsCommandAction *self,
                                       const guint8      *statuses,
                                       gsize              n_statuses)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));
  g_return_if_fail (statuses != NULL || n_statuses == 0);

  g_clear_pointer (&self->allowed_exits, g_bytes_unref);
  if (n_statuses > 0)
    self->allowed_exits = g_bytes_new (statuses, n_statuses);
}

/**
 * jobs_command_action_get_exit_status:
 * @self: a command action
 *
 * The status with which the latest attempt exited.
 *
 * Returns: 0 to 255, or -1 where it did not exit, or not yet
 *
 * Since: 1.0
 */
int
jobs_command_action_get_exit_status (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), -1);

  return self->exit_status;
}

/**
 * jobs_command_action_get_term_signal:
 * @self: a command action
 *
 * The signal that ended the latest attempt.
 *
 * Returns: its number, or -1 where none did, or not yet
 *
 * Since: 1.0
 */
int
jobs_command_action_get_term_signal (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), -1);

  return self->term_signal;
}

/**
 * jobs_command_action_set_unless:
 * @self: a command action
 * @command: (nullable): a shell command; %NULL: none
 *
 * Sets a question that is asked first: where the command exits with status 0,
 * the action finishes without running, and has no result.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_unless (JobsCommandAction *self,
                                const char        *command)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  replace_string (&self->unless, command);
}

/**
 * jobs_command_action_set_shutdown:
 * @self: a command action
 * @command: (nullable): a shell command; %NULL: none
 *
 * Sets what is run at the end of each run of its engine, whatever happened to
 * the action. It has [property@Engine:shutdown-timeout] for it, then it is
 * killed.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_shutdown (JobsCommandAction *self,
                                  const char        *command)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  replace_string (&self->shutdown, command);
}

/**
 * jobs_command_action_set_ready_output:
 * @self: a command action
 * @substring: (nullable): what a line contains then; %NULL: it does not say so
 *
 * Makes it ready as soon as it has written a line, on either stream, with
 * @substring in it. This takes the place of any other way to become ready.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_ready_output (JobsCommandAction *self,
                                      const char        *substring)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  set_ready (self, JOBS_COMMAND_READY_OUTPUT, substring);
}

/**
 * jobs_command_action_set_ready_command:
 * @self: a command action
 * @command: (nullable): a shell command; %NULL: it does not say so
 *
 * Makes it ready as soon as @command, which is run again and again while it
 * runs, exits with status 0. This takes the place of any other way to become
 * ready.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_ready_command (JobsCommandAction *self,
                                       const char        *command)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  set_ready (self, JOBS_COMMAND_READY_COMMAND, command);
}

/**
 * jobs_command_action_set_ready_delay:
 * @self: a command action
 * @delay: ms
 *
 * Makes it ready when it has run for some time. This takes the place of any other
 * way to become ready.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_ready_delay (JobsCommandAction *self,
                                     guint              delay)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  set_ready (self, JOBS_COMMAND_READY_DELAY, NULL);
  self->ready_delay = delay;
}

/**
 * jobs_command_action_set_ready_within:
 * @self: a command action
 * @within: ms, 60000 by default; 0: no limit
 *
 * Sets how long it has to become ready, where there is a way to; then it is ended,
 * and fails with %JOBS_ERROR_NOT_READY.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_ready_within (JobsCommandAction *self,
                                      guint              within)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  self->ready_within = within;
}

/**
 * jobs_command_action_get_pid:
 * @self: a command action
 *
 * The process that runs for it on this machine: its command, or what is asked or
 * done before or after that.
 *
 * Returns: the process id, which is that of its process group too; 0 where there is
 *   none
 *
 * Since: 1.0
 */
gint64
jobs_command_action_get_pid (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), 0);

  return self->pid;
}

static void
add_bytes_to_checksum (GChecksum *checksum,
                       GBytes    *bytes)
{
  g_autofree char *digest = bytes != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes) : NULL;

  jobs_checksum_add (checksum, digest);
}

/* As it is now: another script of the same name does something else. One that cannot be
 * read is as good as none */
static void
add_script_to_checksum (GChecksum         *checksum,
                        JobsCommandAction *self)
{
  g_autofree char *filename = jobs_command_action_dup_script (self);
  g_autoptr (GBytes) bytes = filename != NULL ? jobs_spawn_read_script (filename, NULL) : NULL;

  if (filename == NULL)
    return;

  jobs_checksum_add (checksum, "script");
  add_bytes_to_checksum (checksum, bytes);
}

void
jobs_command_action_add_to_checksum (JobsCommandAction *self,
                                     GChecksum         *checksum)
{
  const char *const texts[] = {
    self->node != NULL ? jobs_node_get_name (self->node) : NULL, self->command, self->directory,
    self->output_file, self->unless, self->shutdown, self->capture ? "capture" : NULL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    jobs_checksum_add (checksum, texts[i]);
  for (guint i = 0; self->argv != NULL && self->argv[i] != NULL; i++)
    jobs_checksum_add (checksum, self->argv[i]);
  jobs_checksum_add (checksum, NULL);
  for (guint direction = 0; direction < G_N_ELEMENTS (self->files); direction++)
    for (guint i = 0; self->files[direction] != NULL && i < self->files[direction]->len; i++)
      {
        const JobsCommandFile *file = &g_array_index (self->files[direction], JobsCommandFile, i);

        jobs_checksum_add (checksum, direction == JOBS_COMMAND_PUSH ? "push" : "pull");
        jobs_checksum_add (checksum, file->from);
        jobs_checksum_add (checksum, file->to);
      }
  jobs_variables_add_to_checksum (&self->variables, checksum);
  add_bytes_to_checksum (checksum, self->input);
  add_bytes_to_checksum (checksum, self->allowed_exits);
  add_script_to_checksum (checksum, self);
}
