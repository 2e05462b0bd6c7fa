/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../nodes/jobs-local-node.h"
#include "jobs-command-action-private.h"
#include "jobs-command-run.h"
#include "jobs-resource.h"

/**
 * JobsCommandAction:
 *
 * An action that runs a command on a node.
 *
 * The command is an argv, which reaches the program byte for byte, or a string
 * for the shell. With [ctor@CommandAction.new_script] the program is a file of this
 * machine, wherever it runs. It reads `/dev/null` unless [method@CommandAction.set_stdin]
 * gives it something. Its output is read as it comes and never held back; what
 * is kept of it is bounded.
 *
 * It ends well when it exits with an allowed status. The result is that status,
 * or with [property@CommandAction:capture] its standard output as a string. Else
 * it fails, with %JOBS_ERROR_EXITED or %JOBS_ERROR_SIGNALED; with
 * %JOBS_ERROR_SPAWN where it could not be started, with %JOBS_ERROR_OUTPUT where
 * its output could not be kept as asked for, and with %JOBS_ERROR_NOT_READY.
 *
 * Asked to end, it gets the signal TERM, and after [property@CommandAction:grace]
 * the signal KILL, as do all processes that it has started. Where it then exits
 * with an allowed status, that stands; else it is cancelled.
 *
 * All methods belong to the context in which the engine runs. What is set while
 * an attempt goes on is for the next one.
 *
 * Since: 1.0
 */

#define DEFAULT_GRACE  2000
#define DEFAULT_WITHIN 60000

enum
{
  PROP_0,
  PROP_NODE,
  PROP_ARGV,
  PROP_COMMAND,
  PROP_IS_SCRIPT,
  PROP_DIRECTORY,
  PROP_CAPTURE,
  PROP_OUTPUT_FILE,
  PROP_GRACE,
  PROP_EXIT_STATUS,
  PROP_TERM_SIGNAL,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

enum
{
  SIGNAL_OUTPUT,
  SIGNAL_OUTPUT_LINE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsCommandAction, jobs_command_action, JOBS_TYPE_ACTION)

static gboolean
replace_string (char      **place,
                const char *value)
{
  if (g_strcmp0 (*place, value) == 0)
    return FALSE;

  g_free (*place);
  *place = g_strdup (value);

  return TRUE;
}

gboolean
jobs_command_action_allows_exit (JobsCommandAction *self,
                                 int                exit_status)
{
  gsize size;
  const guint8 *statuses;

  if (self->allowed_exits == NULL)
    return exit_status == 0;

  statuses = g_bytes_get_data (self->allowed_exits, &size);

  return size > 0 && memchr (statuses, exit_status, size) != NULL;
}

void
jobs_command_action_take_status (JobsCommandAction *self,
                                 int                exit_status,
                                 int                term_signal)
{
  gboolean exit_changed = self->exit_status != exit_status;
  gboolean signal_changed = self->term_signal != term_signal;

  self->exit_status = exit_status;
  self->term_signal = term_signal;
  if (exit_changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_EXIT_STATUS]);
  if (signal_changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TERM_SIGNAL]);
}

gboolean
jobs_command_action_has_listener (JobsCommandAction *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_OUTPUT_LINE], 0, FALSE);
}

static void
emit (JobsCommandAction *self,
      guint              id,
      guint              stream,
      const guint8      *data,
      gsize              size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  g_signal_emit (self, signals[id], 0, stream, bytes);
}

void
jobs_command_action_emit_output (JobsCommandAction *self,
                                 guint              stream,
                                 const guint8      *data,
                                 gsize              size)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_OUTPUT], 0, FALSE))
    emit (self, SIGNAL_OUTPUT, stream, data, size);
}

void
jobs_command_action_emit_line (JobsCommandAction *self,
                               guint              stream,
                               const guint8      *line,
                               gsize              size)
{
  emit (self, SIGNAL_OUTPUT_LINE, stream, line, size);
}

static gboolean
jobs_command_action_start (JobsAction  *action,
                           JobsAttempt *attempt,
                           GError     **error)
{
  return jobs_command_run_start (JOBS_COMMAND_ACTION (action), attempt, error);
}

static gboolean
jobs_command_action_stop (JobsAction  *action,
                          JobsAttempt *attempt,
                          GError     **error)
{
  return jobs_command_run_stop (attempt, error);
}

static gboolean
jobs_command_action_clean_up (JobsAction  *action,
                              JobsAttempt *attempt,
                              GError     **error)
{
  return jobs_command_run_clean_up (JOBS_COMMAND_ACTION (action), attempt, error);
}

static char *
jobs_command_action_dup_details (JobsAction *action)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (action);
  g_autoptr (GString) line = g_string_new (NULL);

  if (!JOBS_IS_LOCAL_NODE (self->node))
    {
      /* Translators: the name of a machine; a command follows */
      g_string_append_printf (line, _("on %s:"), jobs_node_get_name (self->node));
      g_string_append_c (line, ' ');
    }
  if (self->command == NULL && self->argv == NULL)
    return NULL;

  if (self->argv == NULL)
    g_string_append (line, self->command);
  for (guint i = 0; self->argv != NULL && self->argv[i] != NULL; i++)
    {
      const char *word = self->argv[i];
      gboolean plain = *word != '\0'
                       && word[strspn (word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
                                       "%+,-./:=@_")] == '\0';
      g_autofree char *quoted = plain ? NULL : g_shell_quote (word);

      if (i > 0)
        g_string_append_c (line, ' ');
      g_string_append (line, plain ? word : quoted);
    }

  return g_utf8_make_valid (line->str, line->len);
}

static void
jobs_command_action_constructed (GObject *object)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (object);

  G_OBJECT_CLASS (jobs_command_action_parent_class)->constructed (object);

  if (self->node == NULL)
    self->node = g_object_ref (jobs_local_node_get_default ());

  /* This machine needs no opening, which is worth a little for each command */
  if (!JOBS_IS_LOCAL_NODE (self->node))
    jobs_action_use (JOBS_ACTION (self), JOBS_RESOURCE (self->node));
}

static void
jobs_command_action_dispose (GObject *object)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (object);

  jobs_variables_dispose (&self->variables);

  G_OBJECT_CLASS (jobs_command_action_parent_class)->dispose (object);
}

static void
jobs_command_action_finalize (GObject *object)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (object);

  g_clear_object (&self->node);
  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->command, g_free);
  g_clear_pointer (&self->directory, g_free);
  jobs_variables_clear (&self->variables);
  g_clear_pointer (&self->input, g_bytes_unref);
  g_clear_pointer (&self->output_file, g_free);
  g_clear_pointer (&self->allowed_exits, g_bytes_unref);
  g_clear_pointer (&self->files[JOBS_COMMAND_PUSH], g_array_unref);
  g_clear_pointer (&self->files[JOBS_COMMAND_PULL], g_array_unref);
  g_clear_pointer (&self->unless, g_free);
  g_clear_pointer (&self->shutdown, g_free);
  g_clear_pointer (&self->ready_text, g_free);
  g_clear_pointer (&self->progress, g_regex_unref);
  jobs_tail_clear (&self->tail);

  G_OBJECT_CLASS (jobs_command_action_parent_class)->finalize (object);
}

static void
jobs_command_action_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (object);

  switch (prop_id)
    {
    case PROP_NODE:
      g_value_set_object (value, self->node);
      break;

    case PROP_ARGV:
      g_value_set_boxed (value, self->argv);
      break;

    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;

    case PROP_IS_SCRIPT:
      g_value_set_boolean (value, self->is_script);
      break;

    case PROP_DIRECTORY:
      g_value_set_string (value, self->directory);
      break;

    case PROP_CAPTURE:
      g_value_set_boolean (value, self->capture);
      break;

    case PROP_OUTPUT_FILE:
      g_value_set_string (value, self->output_file);
      break;

    case PROP_GRACE:
      g_value_set_uint (value, self->grace);
      break;

    case PROP_EXIT_STATUS:
      g_value_set_int (value, self->exit_status);
      break;

    case PROP_TERM_SIGNAL:
      g_value_set_int (value, self->term_signal);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_command_action_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  JobsCommandAction *self = JOBS_COMMAND_ACTION (object);

  switch (prop_id)
    {
    case PROP_NODE:
      self->node = g_value_dup_object (value);
      break;

    case PROP_ARGV:
      self->argv = g_value_dup_boxed (value);
      /* As good as none */
      if (self->argv != NULL && self->argv[0] == NULL)
        g_clear_pointer (&self->argv, g_strfreev);
      break;

    case PROP_COMMAND:
      self->command = g_value_dup_string (value);
      break;

    case PROP_IS_SCRIPT:
      self->is_script = g_value_get_boolean (value);
      break;

    case PROP_DIRECTORY:
      jobs_command_action_set_directory (self, g_value_get_string (value));
      break;

    case PROP_CAPTURE:
      jobs_command_action_set_capture (self, g_value_get_boolean (value));
      break;

    case PROP_OUTPUT_FILE:
      jobs_command_action_set_output_file (self, g_value_get_string (value));
      break;

    case PROP_GRACE:
      jobs_command_action_set_grace (self, g_value_get_uint (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* What it runs */
static void
make_fixed_properties (void)
{
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_CONSTRUCT_ONLY;

  /**
   * JobsCommandAction:node: (getter get_node)
   *
   * Where the command runs; by default, here.
   *
   * Since: 1.0
   */
  props[PROP_NODE] = g_param_spec_object ("node", NULL, NULL, JOBS_TYPE_NODE, construct);

  /**
   * JobsCommandAction:argv: (getter get_argv)
   *
   * The program and its arguments; comes before a
   * [property@CommandAction:command].
   *
   * Since: 1.0
   */
  props[PROP_ARGV] = g_param_spec_boxed ("argv", NULL, NULL, G_TYPE_STRV, construct);

  /**
   * JobsCommandAction:command: (getter get_command)
   *
   * What the shell is given to run.
   *
   * Since: 1.0
   */
  props[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, construct);

  /**
   * JobsCommandAction:is-script: (getter get_is_script)
   *
   * Whether the first of its [property@CommandAction:argv] is a file of this machine,
   * which is brought to its node.
   *
   * Since: 1.0
   */
  props[PROP_IS_SCRIPT] = g_param_spec_boolean ("is-script", NULL, NULL, FALSE, construct);
}

/* How, and what came of it */
static void
make_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsCommandAction:directory: (getter get_directory) (setter set_directory)
   *
   * Where it starts; %NULL for the directory of the program, or of the node.
   *
   * Since: 1.0
   */
  props[PROP_DIRECTORY] = g_param_spec_string ("directory", NULL, NULL, NULL, flags);

  /**
   * JobsCommandAction:capture: (getter get_capture) (setter set_capture)
   *
   * Whether its standard output becomes the result.
   *
   * Since: 1.0
   */
  props[PROP_CAPTURE] = g_param_spec_boolean ("capture", NULL, NULL, FALSE, flags);

  /**
   * JobsCommandAction:output-file: (getter get_output_file) (setter set_output_file)
   *
   * A file into which all output is written.
   *
   * Since: 1.0
   */
  props[PROP_OUTPUT_FILE] = g_param_spec_string ("output-file", NULL, NULL, NULL, flags);

  /**
   * JobsCommandAction:grace: (getter get_grace) (setter set_grace)
   *
   * How long it has from the signal TERM until the signal KILL, ms.
   *
   * Since: 1.0
   */
  props[PROP_GRACE] =
    g_param_spec_uint ("grace", NULL, NULL, 0, G_MAXUINT, DEFAULT_GRACE, flags);

  /**
   * JobsCommandAction:exit-status: (getter get_exit_status)
   *
   * The status with which the latest attempt exited, -1 where it did not.
   *
   * Since: 1.0
   */
  props[PROP_EXIT_STATUS] = g_param_spec_int ("exit-status", NULL, NULL, -1, 255, -1, readable);

  /**
   * JobsCommandAction:term-signal: (getter get_term_signal)
   *
   * The number of the signal that ended the latest attempt, -1 where none did.
   *
   * Since: 1.0
   */
  props[PROP_TERM_SIGNAL] =
    g_param_spec_int ("term-signal", NULL, NULL, -1, G_MAXINT, -1, readable);
}

static void
install_signals (GType type)
{
  /**
   * JobsCommandAction::output:
   * @self: the action
   * @stream: 1 for the standard output, 2 for the standard error
   * @data: what has come, any bytes, at most 64 KiB on this machine
   *
   * The command, or its shutdown command, has written something.
   *
   * All pieces of a stream, one after the other, are what was written, byte for
   * byte; they end anywhere. The signal comes before that for the lines of the same
   * piece, [signal@CommandAction::output-line], and what is said there of the
   * context, of time and of cancelling is true here too.
   *
   * Since: 1.0
   */
  signals[SIGNAL_OUTPUT] =
    g_signal_new ("output", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BYTES);

  /**
   * JobsCommandAction::output-line:
   * @self: the action
   * @stream: 1 for the standard output, 2 for the standard error
   * @line: the line without its newline, any bytes
   *
   * The command, or its shutdown command, has written a line.
   *
   * A line of more than 64 KiB comes in pieces of that size. The signal is
   * emitted in the context of the run, and only where lines have a listener are
   * they made. The command waits while its listener takes its time; a listener may
   * cancel the action.
   *
   * Since: 1.0
   */
  signals[SIGNAL_OUTPUT_LINE] =
    g_signal_new ("output-line", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BYTES);
}

static void
jobs_command_action_class_init (JobsCommandActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->constructed = jobs_command_action_constructed;
  object_class->dispose = jobs_command_action_dispose;
  object_class->finalize = jobs_command_action_finalize;
  object_class->get_property = jobs_command_action_get_property;
  object_class->set_property = jobs_command_action_set_property;

  action_class->start = jobs_command_action_start;
  action_class->stop = jobs_command_action_stop;
  action_class->clean_up = jobs_command_action_clean_up;
  action_class->dup_details = jobs_command_action_dup_details;

  make_fixed_properties ();
  make_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
jobs_command_action_init (JobsCommandAction *self)
{
  self->grace = DEFAULT_GRACE;
  self->ready_within = DEFAULT_WITHIN;
  self->exit_status = -1;
  self->term_signal = -1;
}

/**
 * jobs_command_action_set_directory:
 * @self: a command action
 * @directory: (nullable) (type filename): a directory on its node; %NULL: the one
 *   in which the node starts commands anyway
 *
 * Sets where it starts. That it does not exist fails the start, with
 * %JOBS_ERROR_SPAWN.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_directory (JobsCommandAction *self,
                                   const char        *directory)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  if (replace_string (&self->directory, directory))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DIRECTORY]);
}

/**
 * jobs_command_action_get_directory:
 * @self: a command action
 *
 * Where it starts.
 *
 * Returns: (transfer none) (nullable) (type filename): the directory
 *
 * Since: 1.0
 */
const char *
jobs_command_action_get_directory (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return self->directory;
}

/**
 * jobs_command_action_set_capture:
 * @self: a command action
 * @capture: whether to capture
 *
 * Makes its standard output, less the last newline, its result, as a string. It
 * fails with %JOBS_ERROR_OUTPUT where that is not valid UTF-8, or longer than
 * %JOBS_COMMAND_CAPTURE_MAX.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_capture (JobsCommandAction *self,
                                 gboolean           capture)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  capture = !!capture;
  if (self->capture == capture)
    return;

  self->capture = capture;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAPTURE]);
}

/**
 * jobs_command_action_get_capture:
 * @self: a command action
 *
 * Whether its standard output becomes its result.
 *
 * Returns: %TRUE where it does
 *
 * Since: 1.0
 */
gboolean
jobs_command_action_get_capture (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), FALSE);

  return self->capture;
}

/**
 * jobs_command_action_set_output_file:
 * @self: a command action
 * @filename: (nullable) (type filename): a file on this machine; %NULL: none
 *
 * Writes all it writes into a file too, both streams as they come. Each attempt
 * starts the file afresh. It fails with %JOBS_ERROR_OUTPUT where it cannot be
 * written.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_output_file (JobsCommandAction *self,
                                     const char        *filename)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  if (replace_string (&self->output_file, filename))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OUTPUT_FILE]);
}

/**
 * jobs_command_action_get_output_file:
 * @self: a command action
 *
 * The file into which its output is written.
 *
 * Returns: (transfer none) (nullable) (type filename): its name
 *
 * Since: 1.0
 */
const char *
jobs_command_action_get_output_file (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return self->output_file;
}

/**
 * jobs_command_action_set_grace:
 * @self: a command action
 * @grace: ms, 2000 by default; 0: KILL at once
 *
 * Sets how long it has to end after the signal TERM, before the signal KILL ends
 * it.
 *
 * Since: 1.0
 */
void
jobs_command_action_set_grace (JobsCommandAction *self,
                               guint              grace)
{
  g_return_if_fail (JOBS_IS_COMMAND_ACTION (self));

  if (self->grace == grace)
    return;

  self->grace = grace;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_GRACE]);
}

/**
 * jobs_command_action_get_grace:
 * @self: a command action
 *
 * How long it has to end after the signal TERM.
 *
 * Returns: ms
 *
 * Since: 1.0
 */
guint
jobs_command_action_get_grace (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), 0);

  return self->grace;
}
