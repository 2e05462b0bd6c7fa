/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "journal-place.h"
#include "json.h"
#include "keeper.h"
#include "secrets.h"

/* The output of so many runs is kept */
#define KEPT_RUNS 10

/* A line that is longer is written in pieces, where there are secrets to hide */
#define LONGEST_LINE (64 * 1024)

struct _Keeper
{
  JobsJournal *journal;
  gboolean is_resumed;
  gboolean strict;
  gboolean failed;
  char *logs;         /* the folder for this run */
  gboolean has_logs;  /* there is something in it */
  JobsEngine *engine;
  GHashTable *words;  /* JobsCommandAction, borrowed → Words, where some wait */
};

/* What one job has printed, and could not be written yet: there was no descriptor,
 * or the line may go on with the other half of a secret */
typedef struct
{
  guint attempt;
  GString *waiting;
} Words;

static void
words_free (gpointer data)
{
  Words *self = data;

  g_string_free (self->waiting, TRUE);
  g_free (self);
}

/* The job goes on: what it does is more than what is kept of its words */
static void
keeper_lose (Keeper     *self,
             const char *filename)
{
  if (!self->failed)
    /* Translators: a file, what the system says */
    tool_note (_("cannot keep the output of the jobs in %s: %s; some of it is lost"), filename,
               g_strerror (errno));
  self->failed = TRUE;
}

/* A file that was open as long as its job runs would take a descriptor from another
 * job. FALSE where there is none just now */
static gboolean
keeper_append (Keeper     *self,
               JobsAction *action,
               guint       attempt,
               const void *bytes,
               gsize       size)
{
  g_autofree char *name = journal_place_log (self->logs, jobs_journal_find_number (self->journal, action),
                                             attempt);
  int fd;

  if (!self->has_logs && g_mkdir_with_parents (self->logs, 0700) != 0)
    {
      keeper_lose (self, self->logs);
      return TRUE;
    }
  self->has_logs = TRUE;
  fd = g_open (name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE))
    return FALSE;
  if (fd < 0 || !tool_write_all (fd, bytes, size))
    keeper_lose (self, name);
  if (fd >= 0)
    g_close (fd, NULL);

  return TRUE;
}

/* Writes the first bytes of what waits; FALSE where that is not possible just now */
static gboolean
words_settle (Words      *self,
              Keeper     *keeper,
              JobsAction *action,
              gsize       size)
{
  g_autoptr (GString) told = NULL;

  if (size == 0)
    return TRUE;

  told = g_string_new_len (self->waiting->str, (gssize) size);
  secrets_hide_in (told);
  if (!keeper_append (keeper, action, self->attempt, told->str, told->len))
    return FALSE;
  g_string_erase (self->waiting, 0, (gssize) size);

  return TRUE;
}

/* A secret of several lines has been learnt line by line, too */
static gsize
words_count_whole_lines (Words *self)
{
  const char *end;

  if (!secrets_exist () || self->waiting->len > LONGEST_LINE)
    return self->waiting->len;
  end = memrchr (self->waiting->str, '\n', self->waiting->len);

  return end == NULL ? 0 : (gsize) (end + 1 - self->waiting->str);
}

static void
output_cb (JobsCommandAction *command,
           guint              stream,
           GBytes            *bytes,
           Keeper            *self)
{
  JobsAction *action = JOBS_ACTION (command);
  guint attempt = jobs_action_get_attempts (action);
  Words *words = g_hash_table_lookup (self->words, action);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (words == NULL && !secrets_exist () && keeper_append (self, action, attempt, data, size))
    return;

  if (words == NULL)
    {
      words = g_new (Words, 1);
      *words = (Words) { attempt, g_string_new (NULL) };
      g_hash_table_insert (self->words, action, words);
    }
  g_string_append_len (words->waiting, data, (gssize) size);
  if (words_settle (words, self, action, words_count_whole_lines (words)) && words->waiting->len == 0)
    g_hash_table_remove (self->words, action);
}

/* By then its pipes are closed: there is a descriptor */
static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         Keeper     *self)
{
  Words *words;

  if (!jobs_state_is_terminal (new_state) && new_state != JOBS_STATE_SCHEDULED)
    return;

  words = g_hash_table_lookup (self->words, action);
  if (words != NULL && words_settle (words, self, action, words->waiting->len))
    g_hash_table_remove (self->words, action);
}

static void
watch_outputs (Keeper     *self,
               JobsEngine *engine)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, FALSE);

  for (guint i = 0; i < actions->len; i++)
    if (JOBS_IS_COMMAND_ACTION (g_ptr_array_index (actions, i)))
      g_signal_connect (g_ptr_array_index (actions, i), "output", G_CALLBACK (output_cb), self);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

/* Output of long ago, which nobody asked for */
static void
remove_old_logs (const char *logs,
                 gint64      run)
{
  g_autoptr (GDir) folder = g_dir_open (logs, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (logs, name, NULL);
      guint64 number;

      if (g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT64, &number, NULL) &&
          (gint64) number <= run - KEPT_RUNS)
        remove_folder (path);
    }
}

/* How to do it again, and what others want to know of it */
static char *
make_about (JobsScenario     *scenario,
            const RunOptions *options)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *file = g_canonicalize_filename (options->file, NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_int_value (builder, 1);
  json_builder_set_member_name (builder, "directory");
  json_builder_add_string_value (builder, options->directory);
  json_builder_set_member_name (builder, "arguments");
  json_builder_begin_array (builder);
  for (guint i = 0; options->given[i] != NULL; i++)
    {
      g_autofree char *hidden = secrets_hide (options->given[i]);

      json_builder_add_string_value (builder, hidden);
    }
  json_builder_end_array (builder);
  if (options->window_set)
    tool_json_add_number (builder, "window", options->window);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, file);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, jobs_scenario_get_name (scenario));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

static int
exit_status_of (const GError *error)
{
  return g_error_matches (error, JOBS_ERROR, JOBS_ERROR_JOURNAL) ? TOOL_EXIT_TROUBLE : TOOL_EXIT_JOURNAL;
}

/* Says it, with what can be done */
static void
tell_journal_error (const GError *error,
                    int          *status)
{
  *status = exit_status_of (error);
  tool_note_error (error);
  if (*status == TOOL_EXIT_TROUBLE)
    tool_note ("%s", _("nothing was run; --journal FILE keeps it somewhere else, --no-journal not at all"));
  else
    tool_note ("%s", _("nothing was run"));
}

/* Likewise, of another run */
static void
tell_busy (const GError *error,
           const char   *name)
{
  g_autofree char *word = tool_shell_word (name);

  tool_note_error (error);
  /* Translators: a file; the command is to be typed as it is */
  tool_note (_("nothing was run; to end the other run: asyncjobs cancel %s"), word);
}

/* What is called name where the command was given */
static Keeper *
keeper_new (const char *filename,
            const char *name,
            gboolean    durable,
            int        *status)
{
  g_autoptr (GError) error = NULL;
  JobsJournal *journal = jobs_journal_open (filename, durable ? JOBS_JOURNAL_DURABLE : JOBS_JOURNAL_DEFAULT, &error);
  Keeper *self;

  if (g_error_matches (error, JOBS_ERROR, JOBS_ERROR_BUSY))
    {
      tell_busy (error, name);
      *status = TOOL_EXIT_JOURNAL;
      return NULL;
    }
  if (journal == NULL)
    {
      tell_journal_error (error, status);
      return NULL;
    }

  self = g_new0 (Keeper, 1);
  self->journal = journal;
  self->words = g_hash_table_new_full (NULL, NULL, NULL, words_free);

  return self;
}

Keeper *
keeper_open (const RunOptions *options,
             int              *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *filename = g_strdup (options->journal);

  *status = TOOL_EXIT_OK;
  /* What came by a pipe cannot be read again */
  if (options->no_journal || (filename == NULL && g_str_equal (options->file, "-")))
    return NULL;
  if (filename == NULL)
    filename = journal_place_for (options->file, TRUE, &error);
  if (filename == NULL)
    {
      tell_journal_error (error, status);
      return NULL;
    }

  return keeper_new (filename, options->journal != NULL ? options->journal : options->file, options->durable, status);
}

Keeper *
keeper_open_again (const char *filename,
                   const char *name,
                   gboolean    strict,
                   int        *status)
{
  /* What is said of it is said in the folder of the run */
  g_autofree char *absolute = g_canonicalize_filename (filename, NULL);
  Keeper *self = keeper_new (absolute, name, FALSE, status);

  if (self == NULL)
    return NULL;

  self->is_resumed = TRUE;
  self->strict = strict;

  return self;
}

gboolean
keeper_get_command (Keeper *self,
                    char  **directory,
                    char ***arguments,
                    int    *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *about = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;

  about = jobs_journal_dup_about (self->journal, &error);
  if (about == NULL)
    {
      tell_journal_error (error, status);
      return FALSE;
    }

  *status = TOOL_EXIT_JOURNAL;
  object = tool_json_parse_object (about);
  if (object == NULL)
    {
      tool_note (_("the journal %s is not of ‘asyncjobs run’; nothing was run"), jobs_journal_get_filename (self->journal));
      return FALSE;
    }
  if (json_object_get_int_member_with_default (object, "version", 0) != 1 ||
      !json_object_has_member (object, "arguments") || !json_object_has_member (object, "directory"))
    {
      tool_note (_("the journal %s is of another version; nothing was run"), jobs_journal_get_filename (self->journal));
      return FALSE;
    }

  array = json_object_get_array_member (object, "arguments");
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (builder, json_array_get_string_element (array, i));
  *directory = g_strdup (json_object_get_string_member (object, "directory"));
  *arguments = g_strv_builder_end (builder);

  return TRUE;
}

static void
failed_cb (JobsJournal *journal,
           GError      *error,
           Keeper      *self)
{
  self->failed = TRUE;
  tool_note_error (error);
  tool_note ("%s", _("nothing more is started; when it can be written again, ‘asyncjobs resume’ goes on"));
}

static void
add_secret (const char *secret,
            gpointer    data)
{
  jobs_journal_add_secret (((Keeper *) data)->journal, secret);
}

/* With --strict nothing may have changed. This is to begin with nothing: the look must
 * leave all as it is */
static gboolean
check_strict (Keeper     *self,
              JobsEngine *engine,
              int        *status)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = NULL;
  g_autofree char *names = NULL;

  if (!self->strict)
    return TRUE;

  changed = jobs_journal_dup_changed (self->journal, engine, &error);
  if (changed == NULL)
    {
      tell_journal_error (error, status);
      return FALSE;
    }
  if (changed[0] == NULL)
    return TRUE;

  names = g_strjoinv (", ", changed);
  *status = TOOL_EXIT_JOURNAL;
  tool_note (_("changed, or behind what has changed: %s"), names);
  tool_note ("%s", _("nothing was run; without --strict they are run again"));

  return FALSE;
}

/* Those that are not what they were are named */
static void
tell_going_on (guint  n_kept,
               char **changed)
{
  tool_note (g_dngettext (GETTEXT_PACKAGE, "going on: %u job is done", "going on: %u jobs are done", n_kept),
             n_kept);
  for (guint i = 0; changed[i] != NULL; i++)
    tool_note (_("changed, or behind what has changed, and run again: %s"), changed[i]);
}

static gboolean
go_on (Keeper     *self,
       const char *about,
       int        *status)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = NULL;

  if (!check_strict (self, self->engine, status))
    return FALSE;
  if (!jobs_journal_resume (self->journal, self->engine, about, &changed, &error))
    {
      tell_journal_error (error, status);
      return FALSE;
    }
  tell_going_on (jobs_journal_get_n_kept (self->journal), changed);

  return TRUE;
}

gboolean
keeper_look_ahead (Keeper     *self,
                   JobsEngine *engine,
                   int        *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) kept = NULL;
  g_auto (GStrv) changed = NULL;

  if (!check_strict (self, engine, status))
    return FALSE;
  changed = jobs_journal_dup_changed (self->journal, engine, &error);
  if (changed != NULL)
    kept = jobs_journal_dup_kept (self->journal, engine, &error);
  if (kept == NULL)
    {
      tell_journal_error (error, status);
      return FALSE;
    }

  for (guint i = 0; i < kept->len; i++)
    {
      JobsAction *action = g_ptr_array_index (kept, i);

      jobs_engine_restore (jobs_action_get_engine (action), action, NULL);
    }
  tell_going_on (kept->len, changed);

  return TRUE;
}

gboolean
keeper_begin (Keeper           *self,
              JobsScenario     *scenario,
              const RunOptions *options,
              int              *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *about = make_about (scenario, options);
  g_autofree char *logs = journal_place_logs (jobs_journal_get_filename (self->journal));
  gint64 run;

  self->engine = g_object_ref (jobs_scenario_get_engine (scenario));
  secrets_foreach (add_secret, self);
  g_signal_connect (self->journal, "failed", G_CALLBACK (failed_cb), self);

  if (self->is_resumed && !go_on (self, about, status))
    return FALSE;
  if (!self->is_resumed && !jobs_journal_begin (self->journal, self->engine, about, &error))
    {
      tell_journal_error (error, status);
      return FALSE;
    }

  jobs_journal_set_durable (self->journal, options->durable);
  run = jobs_journal_get_run (self->journal);
  remove_old_logs (logs, run);
  self->logs = journal_place_run_logs (jobs_journal_get_filename (self->journal), run);
  /* There may have been another journal of this name */
  remove_folder (self->logs);
  watch_outputs (self, self->engine);

  return TRUE;
}

gboolean
keeper_finish (Keeper *self)
{
  GHashTableIter iter;
  gpointer action, value;

  g_hash_table_iter_init (&iter, self->words);
  while (g_hash_table_iter_next (&iter, &action, &value))
    {
      Words *words = value;

      if (!words_settle (words, self, action, words->waiting->len))
        keeper_lose (self, self->logs);
    }
  g_hash_table_remove_all (self->words);
  jobs_journal_flush (self->journal);

  return !self->failed;
}

const char *
keeper_get_logs (Keeper *self)
{
  return self->has_logs ? self->logs : NULL;
}

void
keeper_free (Keeper *self)
{
  g_autoptr (GPtrArray) actions = self->engine != NULL ? jobs_engine_dup_all (self->engine, FALSE) : NULL;

  for (guint i = 0; actions != NULL && i < actions->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (actions, i), self);
  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_data (self->engine, self);
  g_signal_handlers_disconnect_by_data (self->journal, self);
  g_clear_object (&self->engine);
  g_clear_object (&self->journal);
  g_hash_table_unref (self->words);
  g_free (self->logs);
  g_free (self);
}
