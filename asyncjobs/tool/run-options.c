/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "report.h"
#include "run-options.h"
#include "scenario/jobs-duration.h"
#include "scenario/jobs-variable-name.h"

/* As they come, before they are understood */
typedef struct
{
  char *window;
  char *timeout;
  char *output;
  char *progress;
  char *color;
  char *directory;
} Raw;

static void
raw_clear (Raw *self)
{
  g_free (self->window);
  g_free (self->timeout);
  g_free (self->output);
  g_free (self->progress);
  g_free (self->color);
  g_free (self->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

static gboolean
parse_window (RunOptions *self,
              const char *text,
              int        *status)
{
  guint64 window;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &window, NULL))
    {
      *status = tool_usage (_("-j wants a number of jobs, 0 for no limit; not ‘%s’"), text);
      return FALSE;
    }

  self->window = window;
  self->window_set = TRUE;

  return TRUE;
}

static gboolean
parse_progress (RunOptions *self,
                const char *text,
                int        *status)
{
  static const char *const names[] = { "auto", "live", "plain", "none" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        self->progress = (ProgressMode) i;
        return TRUE;
      }

  *status = tool_usage (_("--progress wants auto, live, plain or none; not ‘%s’"), text);

  return FALSE;
}

static gboolean
parse_color (RunOptions *self,
             const char *text,
             int        *status)
{
  if (g_str_equal (text, "auto"))
    self->color = COLOR_AUTO;
  else if (g_str_equal (text, "always"))
    self->color = COLOR_ALWAYS;
  else if (g_str_equal (text, "never"))
    self->color = COLOR_NEVER;
  else
    {
      *status = tool_usage (_("--color wants auto, always or never; not ‘%s’"), text);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_env (RunOptions *self,
           int        *status)
{
  for (guint i = 0; self->env != NULL && self->env[i] != NULL; i++)
    {
      const char *equals = strchr (self->env[i], '=');

      /* The value may be a secret: no error has it */
      if (equals == NULL || equals == self->env[i])
        {
          *status = tool_usage (_("-e wants NAME=VALUE, with a name and a ‘=’"));
          return FALSE;
        }
      /* Nor what stands before the ‘=’, where it is no name */
      if (!jobs_variable_name_is_valid (self->env[i], (gsize) (equals - self->env[i])))
        {
          *status = tool_usage (_("-e wants NAME=VALUE, with letters, digits and ‘_’ in the name, and no digit first"));
          return FALSE;
        }
      if (!g_utf8_validate (self->env[i], -1, NULL))
        {
          *status = tool_usage (_("-e: the value of ‘%.*s’ is not valid UTF-8, as values are"),
                                (int) (equals - self->env[i]), self->env[i]);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_utf8 (RunOptions *self,
            int        *status)
{
  *status = TOOL_EXIT_USAGE;

  return tool_check_utf8 (self->jobs) &&
         tool_check_utf8 ((const char *const *) self->only) &&
         tool_check_utf8 ((const char *const *) self->skip);
}

static gboolean
understand (RunOptions *self,
            Raw        *raw,
            int        *status)
{
  if (self->arguments[1] != NULL)
    {
      self->file = self->arguments[1];
      self->jobs = (const char *const *) self->arguments + 2;
    }

  self->progress = self->quiet ? PROGRESS_NONE : PROGRESS_AUTO;
  self->output = self->quiet ? OUTPUT_ERRORS : OUTPUT_PREFIXED;

  if ((raw->window != NULL && !parse_window (self, raw->window, status)) ||
      (raw->progress != NULL && !parse_progress (self, raw->progress, status)) ||
      (raw->color != NULL && !parse_color (self, raw->color, status)) ||
      !check_utf8 (self, status) || !check_env (self, status))
    return FALSE;

  if (raw->output != NULL && !output_parse_mode (raw->output, &self->output))
    {
      *status = tool_usage (_("--output wants auto, grouped, prefixed, stream, errors or none; "
                              "not ‘%s’"), raw->output);
      return FALSE;
    }
  self->output_set = raw->output != NULL && !g_str_equal (raw->output, "auto") && self->output != OUTPUT_NONE;

  self->timeout_set = raw->timeout != NULL;
  if (raw->timeout != NULL && !jobs_duration_parse (raw->timeout, &self->timeout))
    {
      *status = tool_usage (_("--timeout wants a duration such as 500ms, 30s, 10m or 1h30m; "
                              "not ‘%s’"), raw->timeout);
      return FALSE;
    }

  if (self->simulate && !self->dry_run)
    {
      *status = tool_usage (_("--simulate runs nothing: it goes with -n"));
      return FALSE;
    }

  if (self->report != NULL && report_format_of (self->report) == REPORT_UNKNOWN)
    {
      *status = tool_usage (_("--report wants a name that ends with .html, .json, or .xml for "
                              "JUnit's form; not ‘%s’"), self->report);
      return FALSE;
    }

  if (raw->directory != NULL && g_chdir (raw->directory) != 0)
    {
      /* Translators: a folder, what the system says */
      *status = tool_usage (_("-C: cannot change to ‘%s’: %s"), raw->directory,
                            g_strerror (errno));
      return FALSE;
    }

  return TRUE;
}

/* Text, too, comes as names of files do, where any bytes will do: it is checked later */
static void
add_what_runs (GArray     *to,
               RunOptions *self,
               Raw        *raw)
{
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_FILENAME, &raw->window,
      N_("At most N jobs at once; 0: no limit"),
      /* Translators: a number, as in --jobs=N */
      N_("N") },
    { "keep-going", 'k', 0, G_OPTION_ARG_NONE, &self->keep_going,
      N_("After a failure, run all that does not need what failed"), NULL },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &self->dry_run,
      N_("Only print what would run, in order"), NULL },
    { "simulate", 0, 0, G_OPTION_ARG_NONE, &self->simulate,
      N_("With -n: when, by recorded durations, how long it takes and why"), NULL },
    { "timeout", 0, 0, G_OPTION_ARG_FILENAME, &raw->timeout,
      N_("End the run after, for example, 90s, 10m or 1h30m"),
      /* Translators: as in --timeout=DURATION */
      N_("DURATION") },
    { "only", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->only,
      N_("Run this job without what it requires (may be repeated)"),
      /* Translators: the name of a job, as in --only=NAME */
      N_("NAME") },
    { "skip", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->skip,
      N_("Leave out this job (may be repeated)"), N_("NAME") },
    { "env", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &self->env,
      N_("Set a variable for all commands (may be repeated)"),
      /* Translators: the name of a variable and its value, as in --env=NAME=VALUE */
      N_("NAME=VALUE") },
  };

  g_array_append_vals (to, entries, G_N_ELEMENTS (entries));
}

static void
add_what_is_told (GArray     *to,
                  RunOptions *self,
                  Raw        *raw)
{
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &raw->output,
      /* Translators: the words behind the colon are to be typed as they are */
      N_("What jobs print: auto, grouped, prefixed, stream, errors, none"),
      /* Translators: one of some words, as in --output=MODE */
      N_("MODE") },
    { "progress", 0, 0, G_OPTION_ARG_FILENAME, &raw->progress,
      /* Translators: the words behind the colon are to be typed as they are */
      N_("How the run goes on: auto, live, plain, none"), N_("MODE") },
    { "events", 0, 0, G_OPTION_ARG_FILENAME, &self->events,
      N_("Write events as lines of JSON"),
      /* Translators: as in --events=FILE or --events=fd:N; fd is to be typed as it is */
      N_("FILE|fd:N") },
    { "bus", 0, 0, G_OPTION_ARG_NONE, &self->bus,
      N_("Show the run on D-Bus, as for asyncjobs watch"), NULL },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &self->report,
      N_("Write all about the run at its end: .html, .json, or .xml for JUnit's form"), N_("FILE") },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &self->trace,
      N_("Write when each attempt ran, for ui.perfetto.dev or DevTools"), N_("FILE") },
    { "color", 0, 0, G_OPTION_ARG_FILENAME, &raw->color,
      /* Translators: auto, always and never are to be typed as they are */
      N_("Colours: auto, always, never"),
      /* Translators: one of some words, as in --color=WHEN */
      N_("WHEN") },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet,
      N_("No progress, output only of what fails"), NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose,
      N_("Show commands, and after a failure what became of the rest"), NULL },
  };

  g_array_append_vals (to, entries, G_N_ELEMENTS (entries));
}

static void
add_places (GArray     *to,
            RunOptions *self,
            Raw        *raw)
{
  const GOptionEntry entries[] = {
    { "directory", 'C', 0, G_OPTION_ARG_FILENAME, &raw->directory,
      N_("Change to this directory first"),
      /* Translators: a folder, as in --directory=DIR */
      N_("DIR") },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &self->journal,
      N_("Keep the journal here; by default in .asyncjobs beside the job file"), N_("FILE") },
    { "no-journal", 0, 0, G_OPTION_ARG_NONE, &self->no_journal,
      N_("Keep no journal: the run cannot be resumed"), NULL },
    { "durable", 0, 0, G_OPTION_ARG_NONE, &self->durable,
      N_("Wait for the disk, so that the journal survives a power cut too"), NULL },
  };

  g_array_append_vals (to, entries, G_N_ELEMENTS (entries));
}

gboolean
run_options_parse (RunOptions *self,
                   char      **argv,
                   int        *status)
{
  g_auto (Raw) raw = { NULL };
  g_autoptr (GArray) entries = g_array_new (TRUE, FALSE, sizeof (GOptionEntry));

  add_what_runs (entries, self, &raw);
  add_what_is_told (entries, self, &raw);
  add_places (entries, self, &raw);

  self->given = g_strdupv (argv + 1);
  self->directory = g_get_current_dir ();
  if (!tool_parse (_("FILE [JOB…]"),
                   _("Runs the jobs of a file, or only those named and what they require. A job of\n"
                     "a nested engine is named by its path, as in tests/unit."),
                   _("Output of jobs: prefixed, the default, puts the name of the job before each\n"
                     "line; grouped shows all of a job when it ends; errors, only of those that\n"
                     "fail; stream, as it comes, with all else on standard error. Except by stream,\n"
                     "control characters are shown as text.\n"
                     "\n"
                     "Progress: live, the default on a terminal, is a screen with a line for each job,\n"
                     "where ? lists the keys; it shows what a job prints when that is asked for, and of\n"
                     "one that fails at the end. plain, the default elsewhere and where lines of output\n"
                     "are asked for, is a line for each event, and every 30 s which jobs still run.\n"
                     "\n"
                     "INT, TERM and HUP end the jobs in good order; a second INT kills them at once.\n"
                     "Ctrl-Z stops the jobs, too, and the clocks of all timeouts until it goes on."),
                   (const GOptionEntry *) entries->data, argv, &self->arguments, status))
    return FALSE;

  return understand (self, &raw, status);
}

void
run_options_clear (RunOptions *self)
{
  g_strfreev (self->given);
  g_free (self->directory);
  g_strfreev (self->arguments);
  g_strfreev (self->only);
  g_strfreev (self->skip);
  g_strfreev (self->env);
  g_free (self->events);
  g_free (self->report);
  g_free (self->trace);
  g_free (self->journal);
}
