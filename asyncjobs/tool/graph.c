/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "graph.h"
#include "journal-place.h"
#include "plan.h"
#include "tool.h"

static const char *const formats[] = { "dot", "svg", "png", "mermaid", "json", NULL };

static const char *
format_of (const char *filename)
{
  static const struct { const char *suffix, *format; } suffixes[] = {
    { ".dot", "dot" }, { ".gv", "dot" }, { ".svg", "svg" }, { ".png", "png" },
    { ".mmd", "mermaid" }, { ".mermaid", "mermaid" }, { ".json", "json" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (filename, suffixes[i].suffix))
      return suffixes[i].format;

  return NULL;
}

/* What is drawn */

const char *
graph_get_word (Graph      *self,
                HistoryJob *job)
{
  /* No process is left to end it */
  return job->state == JOBS_STATE_RUNNING && self->history->fate == HISTORY_INTERRUPTED ? "interrupted" : NULL;
}

static void
show_job (Graph      *self,
          JobsAction *action,
          HistoryJob *job)
{
  const char *word = graph_get_word (self, job);
  gint64 duration = job->duration;

  if (job->state == JOBS_STATE_RUNNING && word == NULL)
    duration = MAX (g_get_real_time () - job->started, 0);
  jobs_picture_set_state (self->picture, action,
                          word != NULL ? JOBS_STATE_CANCELLED : job->state, word, duration);
}

static void
show_run (Graph *self)
{
  JobsAction *whole = JOBS_ACTION (jobs_scenario_get_engine (self->scenario));
  gint64 duration = history_get_duration (self->history);

  if (self->history->fate == HISTORY_LIVES)
    jobs_picture_set_state (self->picture, whole, JOBS_STATE_RUNNING, NULL, duration);
  else if (self->history->fate == HISTORY_INTERRUPTED)
    jobs_picture_set_state (self->picture, whole, JOBS_STATE_CANCELLED, "interrupted", duration);
  else
    jobs_picture_set_state (self->picture, whole,
                            self->history->run.success ? JOBS_STATE_FINISHED : JOBS_STATE_FAILED,
                            NULL, duration);
}

/* By path: a job that has come into the file since then has not run, and one that has
 * gone is not drawn */
static void
show_states (Graph *self)
{
  g_autoptr (GPtrArray) actions = tool_dup_jobs (jobs_scenario_get_engine (self->scenario));

  show_run (self);
  for (guint i = 0; i < actions->len; i++)
    {
      g_autofree char *path = jobs_action_dup_path (actions->pdata[i]);
      HistoryJob *job = g_hash_table_lookup (self->history->by_path, path);

      if (job != NULL)
        show_job (self, actions->pdata[i], job);
    }
}

/* What sleeps says how long; of commands earlier runs know */
static gboolean
estimate (Graph   *self,
          GError **error)
{
  g_autoptr (GHashTable) durations = NULL;
  g_autoptr (Plan) plan = plan_new (jobs_scenario_get_engine (self->scenario), NULL);

  if (self->history != NULL && (durations = history_dup_durations (self->history, error)) == NULL)
    return FALSE;
  /* In a circle nothing is longest */
  if (plan == NULL)
    return TRUE;

  plan_estimate (plan, durations);
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (plan->nodes, i);

      if (node->duration > 0)
        jobs_picture_set_estimate (self->picture, node->action, node->duration);
    }

  return TRUE;
}

static gboolean
graph_take_run (Graph      *self,
                const char *file,
                const char *journal,
                GError    **error)
{
  g_autofree char *usual = NULL;

  if (journal == NULL)
    {
      usual = journal_place_for (file, FALSE, error);
      if (usual == NULL)
        return FALSE;
    }

  self->history = history_open (journal != NULL ? journal : usual, 0, error);
  if (self->history == NULL)
    return FALSE;
  show_states (self);

  return TRUE;
}

static void
graph_clear (Graph *self)
{
  g_clear_pointer (&self->history, history_free);
  g_clear_object (&self->picture);
  g_clear_object (&self->scenario);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Graph, graph_clear)

static GBytes *
graph_render (Graph      *self,
              const char *format,
              GError    **error)
{
  char *text;

  if (g_str_equal (format, "dot"))
    text = jobs_picture_to_dot (self->picture);
  else if (g_str_equal (format, "mermaid"))
    text = jobs_picture_to_mermaid (self->picture);
  else if (g_str_equal (format, "json"))
    text = graph_to_json (self);
  else
    return jobs_picture_render (self->picture, format, NULL, error);

  return g_bytes_new_take (text, strlen (text));
}

/* What it is told */

typedef struct
{
  char *format;
  char *filename;
  char *journal;
  gboolean states;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->format);
  g_free (self->filename);
  g_free (self->journal);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* FALSE: leave with *status, all has been said */
static gboolean
options_choose_format (Options *self,
                       int     *status)
{
  *status = TOOL_EXIT_USAGE;
  if (self->format == NULL && self->filename != NULL)
    self->format = g_strdup (format_of (self->filename));
  if (self->format == NULL && self->filename != NULL)
    {
      tool_usage (_("the suffix of %s says no format; use --format"), self->filename);
      return FALSE;
    }
  if (self->format == NULL)
    self->format = g_strdup ("dot");
  if (!g_strv_contains (formats, self->format))
    {
      tool_usage (_("there is no format ‘%s’; there are dot, svg, png, mermaid and json"), self->format);
      return FALSE;
    }
  if (g_str_equal (self->format, "png") && self->filename == NULL && isatty (STDOUT_FILENO))
    {
      tool_usage (_("a png is nothing for a terminal; use --output, or redirect it"));
      return FALSE;
    }

  return TRUE;
}

static int
graph_write (Graph   *self,
             Options *options)
{
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GBytes) picture = NULL;
  g_autoptr (GError) error = NULL;

  picture = graph_render (self, options->format, &error);
  if (picture != NULL)
    out = options->filename != NULL ? tool_stream_new_file (options->filename, &error)
                                    : tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  if (out == NULL)
    {
      tool_note ("%s", error->message);
      return TOOL_EXIT_TROUBLE;
    }

  tool_stream_put (out, g_bytes_get_data (picture, NULL), g_bytes_get_size (picture));

  return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}

int
tool_graph (int    argc,
            char **argv)
{
  g_auto (Options) options = { NULL };
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &options.format,
      /* Translators: dot, svg, png, mermaid and json are to be typed as they are */
      N_("dot, svg, png, mermaid or json; else by the suffix of the output, else dot"),
      /* Translators: one of some words, as in --format=FORMAT */
      N_("FORMAT") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.filename, N_("Write to this file"), N_("FILE") },
    { "states", 's', 0, G_OPTION_ARG_NONE, &options.states,
      N_("Show how the last run of the file goes on, or how it ended"), NULL },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &options.journal,
      N_("Likewise, of the last run in this journal"), N_("FILE") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (Graph) self = { NULL };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  int status;

  if (!tool_parse (_("FILE"), _("Draws jobs and requirements; svg and png by the program dot of Graphviz."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one job file at a time, please"));
  if (!options_choose_format (&options, &status))
    return status;

  self.scenario = tool_load (rest[1], &status);
  if (self.scenario == NULL)
    return status;

  self.picture = jobs_picture_new (jobs_scenario_get_engine (self.scenario));
  if (((options.states || options.journal != NULL) &&
       !graph_take_run (&self, rest[1], options.journal, &error)) ||
      !estimate (&self, &error))
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  return graph_write (&self, &options);
}
