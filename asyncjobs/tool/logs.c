/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <unistd.h>

#include "history.h"
#include "journal-place.h"
#include "monitors/jobs-visible.h"
#include "scenario/jobs-suggest.h"
#include "tool.h"

/* How often those of a run that goes on are looked at, ms */
#define INTERVAL 100

/* More without a newline is shown in pieces */
#define LONG_LINE (64 * 1024)

/* What an attempt has printed, as far as it was shown */
typedef struct
{
  HistoryJob *job;
  guint attempt;
  char *filename;
  goffset offset;
  GString *line;        /* its last one, which may still go on */
} Log;

typedef struct
{
  History *history;
  GPtrArray *earlier;   /* (element-type History): runs before, the last one first */
  GHashTable *selected; /* (element-type HistoryJob) */
  guint n_leaves;       /* of them those that are no engines: only they print something */
  GHashTable *logs;     /* filename → Log */
  GPtrArray *order;     /* (element-type Log): in which they are shown */
  guint attempt;        /* 0: the last one */
  gboolean is_terminal;
  Log *shown;           /* (nullable): the one above on the screen */
  ToolStream *out;
} Logs;

static void
log_free (gpointer data)
{
  Log *self = data;

  g_free (self->filename);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static void
logs_clear (Logs *self)
{
  g_clear_pointer (&self->order, g_ptr_array_unref);
  g_clear_pointer (&self->logs, g_hash_table_unref);
  g_clear_pointer (&self->selected, g_hash_table_unref);
  g_clear_pointer (&self->earlier, g_ptr_array_unref);
  g_clear_pointer (&self->history, history_free);
  g_clear_object (&self->out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Logs, logs_clear)

/* Which jobs */

/* A nested engine means what it holds, a matrix its members */
static gboolean
is_meant (const char *name,
          const char *path)
{
  gsize length = strlen (name);

  return g_str_has_prefix (path, name) &&
         (path[length] == '\0' || path[length] == '/' || path[length] == '[');
}

static void
select_job (Logs       *self,
            HistoryJob *job)
{
  if (g_hash_table_add (self->selected, job) && !job->record.is_engine)
    self->n_leaves++;
}

static gboolean
select_jobs (Logs       *self,
             const char *name)
{
  JobsSuggestion suggestion;
  gboolean found = FALSE;

  jobs_suggestion_init (&suggestion, name);
  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);

      if (is_meant (name, job->record.path))
        {
          found = TRUE;
          select_job (self, job);
        }
      else
        jobs_suggestion_offer (&suggestion, job->record.path);
    }

  if (!found && suggestion.best != NULL)
    /* Translators: a name that was given, one that there is */
    tool_usage (_("there was no job ‘%s’ in this run; did you mean ‘%s’?"), name, suggestion.best);
  else if (!found && g_file_test (name, G_FILE_TEST_IS_REGULAR))
    tool_usage (_("there was no job ‘%s’ in this run, and the file of that name was not run yet"), name);
  else if (!found)
    tool_usage (_("there was no job ‘%s’ in this run"), name);

  return found;
}

/* Where their output is */

static char *
make_filename (History    *history,
               HistoryJob *job,
               guint       attempt)
{
  g_autofree char *logs = history_dup_logs (history);

  return journal_place_log (logs, job->record.number, attempt);
}

/* The run before, counted from the last one; NULL: there is none */
static History *
get_earlier (Logs *self,
             guint n)
{
  while (self->earlier->len <= n)
    {
      History *later = n == 0 ? self->history : g_ptr_array_index (self->earlier, self->earlier->len - 1);
      History *earlier = later != NULL ? history_open (self->history->journal, later->run.id, NULL) : NULL;

      g_ptr_array_add (self->earlier, earlier);
    }

  return g_ptr_array_index (self->earlier, n);
}

/* What was kept was printed in the run that has done it; NULL: nobody knows */
static HistoryJob *
find_former (Logs       *self,
             HistoryJob *job,
             History   **history)
{
  HistoryJob *former = job;

  *history = self->history;
  for (guint i = 0; former != NULL && former->is_kept; i++)
    {
      *history = get_earlier (self, i);
      former = *history != NULL ? g_hash_table_lookup ((*history)->by_path, job->record.path) : NULL;
    }

  return former;
}

static char *
find_filename (Logs       *self,
               HistoryJob *job)
{
  History *history;
  HistoryJob *former = find_former (self, job, &history);

  if (former == NULL)
    return NULL;

  return make_filename (history, former, self->attempt != 0 ? self->attempt : former->attempts);
}

static void
add_log (Logs       *self,
         HistoryJob *job,
         guint       attempt,
         char       *filename)
{
  Log *log;

  if (g_hash_table_contains (self->logs, filename) || g_access (filename, F_OK) != 0)
    {
      g_free (filename);
      return;
    }

  log = g_new0 (Log, 1);
  log->job = job;
  log->attempt = attempt;
  log->filename = filename;
  log->line = g_string_new (NULL);
  g_hash_table_insert (self->logs, filename, log);
  g_ptr_array_add (self->order, log);
}

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  const Log *one = *(Log *const *) a, *two = *(Log *const *) b;

  if (one->job->started != two->job->started)
    return one->job->started < two->job->started ? -1 : 1;

  return one->job->record.number < two->job->record.number ? -1 : 1;
}

static void
find_logs (Logs *self)
{
  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);
      char *filename = g_hash_table_contains (self->selected, job) ? find_filename (self, job) : NULL;

      if (filename != NULL)
        add_log (self, job, self->attempt != 0 ? self->attempt : job->attempts, filename);
    }
  g_ptr_array_sort (self->order, compare_starts);
}

/* What has begun to print since */
static void
find_new_logs (Logs *self)
{
  g_autofree char *folder = history_dup_logs (self->history);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      HistoryJob *job;
      char *end;
      guint64 number = g_ascii_strtoull (name, &end, 10);
      guint64 attempt = *end == '-' ? g_ascii_strtoull (end + 1, NULL, 10) : 0;

      if (attempt == 0 || number >= self->history->jobs->len)
        continue;
      job = g_ptr_array_index (self->history->jobs, number);
      if (!g_hash_table_contains (self->selected, job) ||
          (self->attempt != 0 ? attempt != self->attempt : attempt < job->attempts))
        continue;
      add_log (self, job, (guint) attempt, g_build_filename (folder, name, NULL));
    }
}

/* Showing it */

/* Of several, as head and tail do it, be it a terminal or not: else nobody could tell whose
 * lines they are */
static void
show_head (Logs *self,
           Log  *log)
{
  g_autoptr (GString) head = g_string_new (NULL);

  if (self->shown == log || self->n_leaves < 2)
    return;

  g_string_append (head, self->shown != NULL ? "\n==> " : "==> ");
  jobs_visible_append (head, log->job->record.path, -1);
  if (log->attempt > 1)
    g_string_append_printf (head, _(", attempt %u"), log->attempt);
  g_string_append (head, " <==\n");
  tool_stream_put (self->out, head->str, head->len);
  self->shown = log;
}

static void
show_line (Logs       *self,
           const char *line,
           gsize       length,
           gboolean    is_whole)
{
  g_autoptr (GString) safe = g_string_new (NULL);

  jobs_visible_append (safe, line, length);
  if (is_whole)
    g_string_append_c (safe, '\n');
  tool_stream_put (self->out, safe->str, safe->len);
}

/* A terminal gets what is harmless to it, line by line */
static void
show_lines (Logs *self,
            Log  *log)
{
  const char *newline;
  gsize done = 0;

  while ((newline = memchr (log->line->str + done, '\n', log->line->len - done)) != NULL)
    {
      show_line (self, log->line->str + done, newline - log->line->str - done, TRUE);
      done = newline - log->line->str + 1;
    }
  g_string_erase (log->line, 0, done);

  if (log->line->len > LONG_LINE)
    {
      gsize length = log->line->len - 1;

      /* Not in the middle of a character, which has four bytes at most */
      while (length > log->line->len - 4 && ((guchar) log->line->str[length] & 0xc0) == 0x80)
        length--;
      show_line (self, log->line->str, length, FALSE);
      g_string_erase (log->line, 0, length);
    }
}

/* What has come since the last time */
static void
show_more (Logs *self,
           Log  *log)
{
  g_autofree char *buffer = NULL;
  GStatBuf about;
  int fd;

  if (g_stat (log->filename, &about) != 0 || about.st_size <= log->offset)
    return;
  fd = g_open (log->filename, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;

  show_head (self, log);
  buffer = g_malloc (LONG_LINE);
  for (;;)
    {
      gssize size = pread (fd, buffer, LONG_LINE, log->offset);

      if (size < 0 && errno == EINTR)
        continue;
      if (size <= 0)
        break;
      log->offset += size;
      if (self->is_terminal)
        {
          g_string_append_len (log->line, buffer, size);
          show_lines (self, log);
        }
      else
        tool_stream_put (self->out, buffer, size);
    }
  g_close (fd, NULL);
}

static void
show_rest (Logs *self,
           Log  *log)
{
  if (log->line->len == 0)
    return;

  show_head (self, log);
  show_line (self, log->line->str, log->line->len, TRUE);
  g_string_truncate (log->line, 0);
}

static void
show_all (Logs *self,
          gboolean is_last)
{
  for (guint i = 0; i < self->order->len; i++)
    {
      Log *log = g_ptr_array_index (self->order, i);

      show_more (self, log);
      if (is_last)
        show_rest (self, log);
    }
}

/* Until the run ends, or nobody reads any more */
static void
follow (Logs *self)
{
  struct pollfd reader = { STDOUT_FILENO, 0, 0 };
  gboolean goes_on;

  do
    {
      /* Asked before the last look: nothing is missed */
      goes_on = history_is_going_on (self->history);
      find_new_logs (self);
      show_all (self, !goes_on);
    }
  while (goes_on && poll (&reader, 1, INTERVAL) <= 0);
}

static void
show (Logs    *self,
      gboolean follows)
{
  self->is_terminal = isatty (STDOUT_FILENO);
  find_logs (self);
  if (follows)
    follow (self);
  else
    show_all (self, TRUE);
  if (self->order->len == 0)
    tool_note ("%s", _("no output is kept of these jobs"));
}

/* Of those that are meant, in the order of the journal */
static void
put_names (Logs    *self,
           gboolean with_nul)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);

      if (g_hash_table_contains (self->selected, job))
        g_ptr_array_add (names, job->record.path);
    }
  g_ptr_array_add (names, NULL);

  tool_put_names (self->out, (const char *const *) names->pdata, with_nul);
}

static gboolean
parse_attempt (const char *text,
               guint      *attempt)
{
  guint64 number;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT, &number, NULL))
    return FALSE;

  *attempt = text != NULL ? (guint) number : 0;

  return TRUE;
}

/* That one had fewer is no mistake where another one had as many */
static gboolean
check_attempt (Logs *self)
{
  HistoryJob *most = NULL;
  guint n_most = 0;

  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i), *former;
      History *history;

      if (job->record.is_engine || !g_hash_table_contains (self->selected, job))
        continue;
      former = find_former (self, job, &history);
      if (former == NULL || former->attempts >= self->attempt)
        return TRUE;
      n_most = MAX (n_most, former->attempts);
      most = job;
    }
  if (most == NULL)
    return TRUE;

  if (self->n_leaves == 1)
    tool_usage (g_dngettext (GETTEXT_PACKAGE,
                             /* Translators: a job, how often it was tried */
                             "‘%s’ had %u attempt", "‘%s’ had %u attempts", n_most),
                most->record.path, n_most);
  else
    tool_usage (g_dngettext (GETTEXT_PACKAGE, "none of these jobs had more than %u attempt",
                             "none of these jobs had more than %u attempts", n_most),
                n_most);

  return FALSE;
}

static gboolean
logs_open (Logs       *self,
           const char *argument,
           char      **names,
           int        *status)
{
  g_autoptr (GError) error = NULL;

  self->history = history_open_argument (argument, &error);
  if (self->history == NULL)
    {
      tool_note_error (error);
      *status = TOOL_EXIT_JOURNAL;
      return FALSE;
    }

  self->earlier = g_ptr_array_new_with_free_func ((GDestroyNotify) history_free);
  self->selected = g_hash_table_new (NULL, NULL);
  self->logs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, log_free);
  self->order = g_ptr_array_new ();

  *status = TOOL_EXIT_USAGE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!select_jobs (self, names[i]))
      return FALSE;
  for (guint i = 0; names[0] == NULL && i < self->history->jobs->len; i++)
    select_job (self, g_ptr_array_index (self->history->jobs, i));

  return TRUE;
}

int
tool_logs (int    argc,
           char **argv)
{
  g_autofree char *journal = NULL;
  g_autofree char *attempt = NULL;
  gboolean follows = FALSE, names = FALSE, with_nul = FALSE;
  const GOptionEntry entries[] = {
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &journal,
      N_("Of this journal or job file; by default the last one written in .asyncjobs here"),
      /* Translators: a file, as in --journal=JOURNAL */
      N_("JOURNAL") },
    { "attempt", 0, 0, G_OPTION_ARG_FILENAME, &attempt, N_("Of this attempt, from 1; by default the last one"),
      /* Translators: a number, as in --attempt=N */
      N_("N") },
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &follows, N_("Wait for more as long as the run goes on"), NULL },
    { "names", 0, 0, G_OPTION_ARG_NONE, &names,
      N_("Only the names of the jobs, for programs: as they are, one a line"), NULL },
    { "null", '0', 0, G_OPTION_ARG_NONE, &with_nul,
      N_("With --names: a NUL behind each, not a newline"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (Logs) self = { NULL };
  g_auto (GStrv) rest = NULL;
  const char *argument;
  char **jobs;
  int status;

  /* Translators: what is not an option of a command: a journal, names of jobs */
  if (!tool_parse (_("[JOURNAL] [JOB…]"),
                   _("Shows what jobs of the last run have printed: those named, or all, in the order in\n"
                     "which they started; of several, each below its name, as in ==> tests/unit <==.\n"
                     "JOURNAL is a journal or a job file that was run, and may be given by --journal as\n"
                     "well. A terminal is shown control characters as text; anything else gets each byte\n"
                     "as it was."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (!parse_attempt (attempt, &self.attempt))
    return tool_usage (_("--attempt wants a number from 1; not ‘%s’"), attempt);
  /* As for all other commands; a job may have the name of a file, but hardly of such a one */
  argument = journal;
  jobs = rest + 1;
  if (argument == NULL && jobs[0] != NULL && journal_place_is_meant (jobs[0]))
    argument = *jobs++;
  if (!tool_check_utf8 ((const char *const *) jobs))
    return TOOL_EXIT_USAGE;
  if (with_nul && !names)
    return tool_usage (_("-0 goes with --names"));
  if (!logs_open (&self, argument, jobs, &status))
    return status;
  /* One that goes on may have more of them yet */
  if (self.attempt > 0 && !names && !(follows && self.history->fate == HISTORY_LIVES) && !check_attempt (&self))
    return TOOL_EXIT_USAGE;

  self.out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  if (names)
    put_names (&self, with_nul);
  else
    show (&self, follows);

  return tool_stream_finish (self.out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}
