/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <signal.h>

#include "monitors/jobs-visible.h"
#include "summary.h"

/* A failure counts where all on the way up to the run count */
static gboolean
mattered (JobsAction *action,
          JobsEngine *engine)
{
  while (action != NULL && action != JOBS_ACTION (engine))
    {
      JobsState state = jobs_action_get_state (action);

      if (!jobs_action_get_critical (action) ||
          (state != JOBS_STATE_FAILED && state != JOBS_STATE_TIMED_OUT))
        return FALSE;
      action = (JobsAction *) jobs_action_get_engine (action);
    }

  return TRUE;
}

static JobsAction *
find_cause (JobsEngine *engine,
            GPtrArray  *failed)
{
  for (guint i = 0; i < failed->len; i++)
    if (mattered (g_ptr_array_index (failed, i), engine))
      return g_ptr_array_index (failed, i);

  return NULL;
}

/* Whether nothing else has failed */
static gboolean
are_all_unreached (JobsEngine *engine,
                   GPtrArray  *failed)
{
  gboolean one = FALSE;

  for (guint i = 0; i < failed->len; i++)
    {
      JobsAction *action = g_ptr_array_index (failed, i);

      if (!mattered (action, engine))
        continue;
      if (!g_error_matches (jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_UNREACHABLE))
        return FALSE;
      one = TRUE;
    }

  return one;
}

static int
judge_status (Verdict    *self,
              JobsEngine *engine,
              GPtrArray  *failed,
              gboolean    trouble)
{
  const GError *cause = self->cause != NULL ? jobs_action_get_error (self->cause) : NULL;

  if (self->signum > 0)
    return TOOL_EXIT_SIGNAL + self->signum;
  if (tool_had_critical ())
    return TOOL_EXIT_INTERNAL;
  if (trouble || g_error_matches (cause, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES))
    return TOOL_EXIT_TROUBLE;
  if (self->success)
    return TOOL_EXIT_OK;
  if (g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT))
    return TOOL_EXIT_TIMEOUT;
  if (are_all_unreached (engine, failed))
    return TOOL_EXIT_UNREACHED;
  if (g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_CRITICAL) ||
      g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE))
    return TOOL_EXIT_FAILED;

  /* By the bus, or a key of the screen: the same as by an interrupt */
  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TOOL_EXIT_SIGNAL + SIGINT;

  /* Nothing else can end a run that we have checked */
  return TOOL_EXIT_INTERNAL;
}

/* Whatever becomes of it, the run is none the worse */
static gboolean
is_minor (JobsAction *action,
          JobsEngine *engine)
{
  for (; action != NULL && action != JOBS_ACTION (engine); action = (JobsAction *) jobs_action_get_engine (action))
    if (!jobs_action_get_critical (action))
      return TRUE;

  return FALSE;
}

static void
find_others (Verdict   *self,
             GPtrArray *failed)
{
  g_autoptr (GHashTable) said = g_hash_table_new (NULL, NULL);

  /* Of an engine it is said by what has failed in it */
  for (guint i = 0; i < failed->len; i++)
    {
      JobsAction *action = g_ptr_array_index (failed, i);

      while ((action = (JobsAction *) jobs_action_get_engine (action)) != NULL && g_hash_table_add (said, action))
        ;
    }
  if (self->cause != NULL)
    g_hash_table_add (said, self->cause);

  g_clear_pointer (&self->others, g_ptr_array_unref);
  self->others = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < failed->len; i++)
    {
      JobsAction *action = g_ptr_array_index (failed, i);
      JobsState state = jobs_action_get_state (action);

      /* One that somebody has tried again may be there twice, and may have ended well */
      if ((state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT) && g_hash_table_add (said, action))
        g_ptr_array_add (self->others, g_object_ref (action));
    }
}

/* Of all levels: each engine has only its own */
static char **
dup_clean_up_failures (JobsEngine *engine)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  for (guint i = 0; i < actions->len; i++)
    if (JOBS_IS_ENGINE (g_ptr_array_index (actions, i)))
      {
        g_auto (GStrv) failures =
          jobs_engine_dup_clean_up_failures (g_ptr_array_index (actions, i));

        g_strv_builder_addv (lines, (const char **) failures);
      }

  return g_strv_builder_end (lines);
}

void
verdict_judge (Verdict    *self,
               JobsEngine *engine,
               GPtrArray  *failed,
               gboolean    trouble)
{
  g_autoptr (GPtrArray) jobs = tool_dup_jobs (engine);
  gint64 start = jobs_action_get_start_time (JOBS_ACTION (engine));
  gint64 end = jobs_action_get_end_time (JOBS_ACTION (engine));

  self->counts = (JobsCounts) { { 0 } };
  for (guint i = 0; i < jobs->len; i++)
    {
      JobsAction *job = g_ptr_array_index (jobs, i);

      jobs_counts_add (&self->counts, jobs_action_get_state (job), is_minor (job, engine), jobs_action_get_forever (job));
    }

  /* A second INT does not wait for the end */
  if (start > 0)
    self->duration = (end >= start ? end : g_get_monotonic_time ()) - start;
  self->n_stuck = jobs_engine_get_n_stuck (engine);
  g_strfreev (self->clean_up_failures);
  self->clean_up_failures = dup_clean_up_failures (engine);

  if (!self->success)
    {
      g_free (self->why);
      self->why = jobs_engine_why (engine);
      g_set_object (&self->cause, find_cause (engine, failed));
    }
  find_others (self, failed);
  self->status = judge_status (self, engine, failed, trouble);
}

void
summary_append_counts (GString          *to,
                       const JobsCounts *counts)
{
  static const JobsState order[] = {
    JOBS_STATE_FINISHED, JOBS_STATE_FAILED, JOBS_STATE_TIMED_OUT, JOBS_STATE_CANCELLED,
    JOBS_STATE_SKIPPED, JOBS_STATE_CANCELLING, JOBS_STATE_RUNNING, JOBS_STATE_SCHEDULED,
    JOBS_STATE_IDLE,
  };

  jobs_counts_append (counts, order, G_N_ELEMENTS (order), ", ", to);
}

void
summary_append_end (GString    *to,
                    gint64      duration,
                    SummaryWord word)
{
  g_autofree char *text = tool_format_duration (duration);

  switch (word)
    {
    case SUMMARY_WENT_WELL:
      /* Translators: behind how many jobs are in each state: how long a run took, and what became of it */
      g_string_append_printf (to, _("; %s: went well"), text);
      break;
    case SUMMARY_TIMED_OUT:
      g_string_append_printf (to, _("; %s: timed out"), text);
      break;
    case SUMMARY_STOPPED:
      /* Translators: somebody, or a signal, has told the run to end */
      g_string_append_printf (to, _("; %s: stopped"), text);
      break;
    case SUMMARY_FAILED:
    default:
      g_string_append_printf (to, _("; %s: failed"), text);
    }
}

void
summary_append_clean_up (GString    *to,
                         const char *failure)
{
  /* Translators: what went wrong in a clean-up follows, and so there is a blank at the end */
  g_string_append (to, _("after the end: "));
  tool_append_line (to, failure);
  g_string_append_c (to, '\n');
}

static SummaryWord
choose_word (Verdict *self)
{
  if (self->signum > 0)
    return SUMMARY_STOPPED;
  if (self->success)
    return SUMMARY_WENT_WELL;
  if (g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT))
    return SUMMARY_TIMED_OUT;

  return g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? SUMMARY_STOPPED : SUMMARY_FAILED;
}

static void
append_cause (GString *to,
              Verdict *self)
{
  g_autofree char *path = jobs_action_dup_path (self->cause);
  g_autofree char *tail = NULL;
  const GError *error = jobs_action_get_error (self->cause);

  if (jobs_action_get_state (self->cause) == JOBS_STATE_TIMED_OUT)
    g_string_append (to, _("timed out: "));
  else
    /* Translators: the name of a job follows, and so there is a blank at the end */
    g_string_append (to, _("failed: "));
  jobs_visible_append (to, path, -1);
  if (error != NULL)
    {
      g_string_append (to, ": ");
      tool_append_line (to, error->message);
    }
  g_string_append_c (to, '\n');

  if (JOBS_IS_COMMAND_ACTION (self->cause))
    tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (self->cause));
  if (tail != NULL)
    tool_append_lines (to, tail, "  | ");
}

static gboolean
are_all_minor (const JobsCounts *counts)
{
  return counts->minor[JOBS_STATE_FAILED] == counts->states[JOBS_STATE_FAILED] &&
         counts->minor[JOBS_STATE_TIMED_OUT] == counts->states[JOBS_STATE_TIMED_OUT];
}

void
summary_append_names (GString         *to,
                      const GPtrArray *names,
                      guint            n_all)
{
  guint n = MIN (names->len, SUMMARY_NAMES_MAX);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (to, ", ");
      jobs_visible_append (to, g_ptr_array_index (names, i), -1);
    }
  if (n_all > n)
    /* Translators: behind the names of some jobs: how many there are beside them */
    g_string_append_printf (to, _(" and %u more"), n_all - n);
  g_string_append_c (to, '\n');
}

static void
append_others (GString *to,
               Verdict *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (self->others->len == 0)
    return;

  if (self->cause != NULL)
    /* Translators: names of jobs follow, and so there is a blank at the end. Another one has been told of before */
    g_string_append (to, _("failed too: "));
  else if (are_all_minor (&self->counts))
    /* Translators: names of jobs that have failed follow, and so there is a blank at the end */
    g_string_append (to, _("not critical: "));
  else
    g_string_append (to, _("failed: "));
  for (guint i = 0; i < MIN (self->others->len, SUMMARY_NAMES_MAX); i++)
    g_ptr_array_add (names, jobs_action_dup_path (g_ptr_array_index (self->others, i)));
  summary_append_names (to, names, self->others->len);
}

void
verdict_write (Verdict    *self,
               ToolStream *to,
               gboolean    color)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean good = self->success && self->signum == 0;

  if (color)
    g_string_append (text, good ? "\033[32m" : "\033[31m");
  summary_append_counts (text, &self->counts);
  summary_append_end (text, self->duration, choose_word (self));
  if (color)
    g_string_append (text, "\033[0m");
  g_string_append_c (text, '\n');

  if (self->n_stuck > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, "%u job did not end in time when asked to\n",
                                         "%u jobs did not end in time when asked to\n",
                                         self->n_stuck),
                            self->n_stuck);
  if (self->signum > 0)
    /* Translators: the number and the name of a signal */
    g_string_append_printf (text, _("stopped by signal %d (%s)\n"), self->signum,
                            g_strsignal (self->signum));
  /* A run that timed out may have seen a job fail before, but that is not why it ended */
  if (!good && self->signum == 0 &&
      (self->cause == NULL || g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT)))
    {
      tool_append_line (text, self->why != NULL ? self->why : self->error->message);
      g_string_append_c (text, '\n');
    }
  if (self->cause != NULL)
    append_cause (text, self);
  append_others (text, self);
  for (guint i = 0; self->clean_up_failures[i] != NULL; i++)
    summary_append_clean_up (text, self->clean_up_failures[i]);

  tool_stream_put (to, text->str, text->len);
}

void
verdict_clear (Verdict *self)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->why, g_free);
  g_clear_pointer (&self->clean_up_failures, g_strfreev);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_clear_object (&self->cause);
}
