/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-engine.h"

/* What an engine tells of itself in texts for people: counts, a list, a debrief */

/* Of more actions than these only the number is told in a debrief */
#define MAX_NAMES 20

/* The text in one line, and harmless to a terminal */
static char *
one_line (const char *text)
{
  GString *line = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (line, g_unichar_iscntrl (c) ? ' ' : c);
    }

  return g_string_free (line, FALSE);
}

static char *
dup_name (JobsAction *action)
{
  g_autofree char *path = jobs_action_dup_path (action);

  return one_line (path);
}

/* In the order of the list: what is required first, or, where there is no such
 * order, as they were added */
static GPtrArray *
dup_listed (JobsEngine *self)
{
  GPtrArray *actions = jobs_engine_dup_order (self, NULL);
  guint n;

  if (actions != NULL)
    return actions;

  n = g_list_model_get_n_items (G_LIST_MODEL (self));
  actions = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (actions, g_list_model_get_item (G_LIST_MODEL (self), i));

  return actions;
}

/* The list */

typedef struct
{
  JobsAction *action; /* (owned) */
  guint depth;
} Entry;

static void
entry_clear (gpointer data)
{
  g_object_unref (((Entry *) data)->action);
}

static GArray *
entries_new (void)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  g_array_set_clear_func (entries, entry_clear);

  return entries;
}

static void
push_inside (GArray     *stack,
             JobsEngine *engine,
             guint       depth)
{
  g_autoptr (GPtrArray) actions = dup_listed (engine);

  /* From the last to the first, which is then taken first */
  for (guint i = actions->len; i > 0; i--)
    {
      Entry entry = { g_object_ref (actions->pdata[i - 1]), depth };

      g_array_append_val (stack, entry);
    }
}

/* All actions, the inside of an engine behind it */
static GArray *
dup_entries (JobsEngine *self)
{
  g_autoptr (GArray) stack = entries_new ();
  GArray *entries = entries_new ();

  push_inside (stack, self, 0);
  while (stack->len > 0)
    {
      Entry entry = g_array_index (stack, Entry, stack->len - 1);

      g_object_ref (entry.action);
      g_array_set_size (stack, stack->len - 1);
      g_array_append_val (entries, entry);
      if (JOBS_IS_ENGINE (entry.action))
        push_inside (stack, JOBS_ENGINE (entry.action), entry.depth + 1);
    }

  return entries;
}

static void
append_requirements (GString    *list,
                     JobsAction *action,
                     GHashTable *numbers,
                     int         width)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    {
      guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, requirements->pdata[i]));
      JobsCondition condition = JOBS_CONDITION_DONE;

      g_string_append (list, i == 0 ? "  requires " : ", ");
      if (number > 0)
        {
          g_string_append_printf (list, "%0*u", width, number);
        }
      else
        {
          g_autofree char *name = dup_name (requirements->pdata[i]);

          g_string_append_printf (list, "“%s”", name);
        }

      jobs_action_get_requirement (action, requirements->pdata[i], &condition);
      if (condition != JOBS_CONDITION_DONE)
        g_string_append_printf (list, " (%s)", jobs_condition_get_nick (condition));
    }
}

static void
append_details (GString    *list,
                JobsAction *action,
                int         indent)
{
  g_autofree char *details = jobs_action_dup_display_details (action);
  g_auto (GStrv) lines = details != NULL ? g_strsplit (details, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *line = one_line (lines[i]);

      /* The newline at the end of a text is no line */
      if (*line != '\0' || lines[i + 1] != NULL)
        g_string_append_printf (list, "%*s%s\n", indent, "", line);
    }
}

/* What went wrong */

static gboolean
has_failed (JobsAction *action)
{
  JobsState state = jobs_action_get_state (action);

  return state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT;
}

/* An engine that failed because something in it did is no cause of its own */
static gboolean
is_cause (JobsAction *action)
{
  const GError *error = jobs_action_get_error (action);

  return has_failed (action) &&
         (!JOBS_IS_ENGINE (action) ||
          (!g_error_matches (error, JOBS_ERROR, JOBS_ERROR_CRITICAL) &&
           !g_error_matches (error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE)));
}

/* Critical ones first, then the earliest; as listed where the times are not known */
static gboolean
is_before (JobsAction *action,
           JobsAction *other)
{
  if (jobs_action_get_critical (action) != jobs_action_get_critical (other))
    return jobs_action_get_critical (action);

  return jobs_action_get_end_time (action) < jobs_action_get_end_time (other);
}

static void
append_failure (GString    *text,
                JobsAction *action)
{
  const GError *error = jobs_action_get_error (action);
  g_autofree char *name = dup_name (action);
  g_autofree char *message = error != NULL ? one_line (error->message) : NULL;
  gboolean timed_out = jobs_action_get_state (action) == JOBS_STATE_TIMED_OUT;

  if (message == NULL)
    message = g_strdup ("");
  if (jobs_action_get_critical (action))
    /* Translators: the name of an action, what it says of it */
    g_string_append_printf (text, timed_out ? _("%s timed out: %s\n")
                                            /* Translators: the name of an action, why it failed */
                                            : _("%s failed: %s\n"),
                            name, message);
  else
    /* Translators: the name of an action, what it says of it */
    g_string_append_printf (text, timed_out ? _("%s, which is not critical, timed out: %s\n")
                                            /* Translators: the name of an action, why it failed */
                                            : _("%s, which is not critical, failed: %s\n"),
                            name, message);
}

static void
append_names (GString    *text,
              const char *what,
              GPtrArray  *actions)
{
  if (actions->len == 0)
    return;

  g_string_append (text, what);
  for (guint i = 0; i < MIN (actions->len, MAX_NAMES); i++)
    {
      g_autofree char *name = dup_name (actions->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : " ", name);
    }
  if (actions->len > MAX_NAMES)
    /* Translators: the end of a list of names */
    g_string_append_printf (text, _(" and %u more"), actions->len - MAX_NAMES);
  g_string_append_c (text, '\n');
}

/* What was to come behind @cause, in its engine, and did not */
static GPtrArray *
dup_consequences (JobsAction *cause)
{
  JobsEngine *engine = jobs_action_get_engine (cause);
  g_autoptr (GPtrArray) behind = jobs_engine_dup_successors (engine, &cause, 1, TRUE);
  GPtrArray *consequences = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < behind->len; i++)
    {
      JobsState state = jobs_action_get_state (behind->pdata[i]);

      if (state == JOBS_STATE_SKIPPED || state == JOBS_STATE_CANCELLED)
        g_ptr_array_add (consequences, g_object_ref (behind->pdata[i]));
    }

  return consequences;
}

static void
append_clean_up (GString    *text,
                 JobsEngine *engine)
{
  g_auto (GStrv) failures = jobs_engine_dup_clean_up_failures (engine);

  for (guint i = 0; failures[i] != NULL; i++)
    {
      g_autofree char *line = one_line (failures[i]);

      /* Translators: what went wrong in a clean-up */
      g_string_append_printf (text, _("After the end: %s\n"), line);
    }
}

static char *
dup_count (JobsState state,
           guint     n)
{
  switch (state)
    {
    case JOBS_STATE_IDLE:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u idle", "%u idle", n), n);
    case JOBS_STATE_SCHEDULED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u scheduled", "%u scheduled", n), n);
    case JOBS_STATE_RUNNING:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u running", "%u running", n), n);
    case JOBS_STATE_CANCELLING:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u cancelling", "%u cancelling", n), n);
    case JOBS_STATE_FINISHED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u finished", "%u finished", n), n);
    case JOBS_STATE_FAILED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u failed", "%u failed", n), n);
    case JOBS_STATE_TIMED_OUT:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u timed out", "%u timed out", n), n);
    case JOBS_STATE_CANCELLED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u cancelled", "%u cancelled", n), n);
    case JOBS_STATE_SKIPPED:
    default:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u skipped", "%u skipped", n), n);
    }
}

static void
append_counts (GString *text,
               GArray  *entries)
{
  guint counts[JOBS_STATE_SKIPPED + 1] = { 0 };
  guint n_actions = 0;
  gboolean first = TRUE;

  for (guint i = 0; i < entries->len; i++)
    {
      JobsAction *action = g_array_index (entries, Entry, i).action;

      if (JOBS_IS_ENGINE (action))
        continue;
      counts[jobs_action_get_state (action)]++;
      n_actions++;
    }

  for (guint state = 0; state < G_N_ELEMENTS (counts); state++)
    {
      g_autofree char *count = NULL;

      if (counts[state] == 0)
        continue;
      count = dup_count (state, counts[state]);
      g_string_append_printf (text, "%s%s", first ? "" : ", ", count);
      first = FALSE;
    }
  g_string_append_printf (text,
                          /* Translators: the first is nothing, or a colon and a blank behind other counts */
                          g_dngettext (GETTEXT_PACKAGE, "%s%u action\n", "%s%u actions\n", n_actions),
                          first ? "" : ": ", n_actions);
}

/**
 * jobs_engine_dup_stats:
 * @self: an engine
 *
 * How many of its actions are done (finished, failed or timed out), under way,
 * and idle: `2D + 1R + 0I = 3`.
 *
 * Where some were cancelled or skipped, they are told as `C` and `S` behind that.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
jobs_engine_dup_stats (JobsEngine *self)
{
  guint counts[JOBS_STATE_SKIPPED + 1];
  guint sum = 0;
  GString *text;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  for (guint state = 0; state < G_N_ELEMENTS (counts); state++)
    sum += counts[state] = jobs_engine_count (self, state);

  text = g_string_new (NULL);
  g_string_printf (text, "%uD + %uR + %uI",
                   counts[JOBS_STATE_FINISHED] + counts[JOBS_STATE_FAILED] +
                     counts[JOBS_STATE_TIMED_OUT],
                   counts[JOBS_STATE_RUNNING] + counts[JOBS_STATE_CANCELLING],
                   counts[JOBS_STATE_IDLE] + counts[JOBS_STATE_SCHEDULED]);
  if (counts[JOBS_STATE_CANCELLED] > 0)
    g_string_append_printf (text, " + %uC", counts[JOBS_STATE_CANCELLED]);
  if (counts[JOBS_STATE_SKIPPED] > 0)
    g_string_append_printf (text, " + %uS", counts[JOBS_STATE_SKIPPED]);
  g_string_append_printf (text, " = %u", sum);

  return g_string_free (text, FALSE);
}

/**
 * jobs_engine_dup_list:
 * @self: an engine
 * @details: whether to tell the details of each action too
 *
 * All actions, one a line: a number, the state, the label, and the numbers of
 * what it requires, with the condition where that is not just the end.
 *
 * What is required comes first; where requirements go in a circle, the actions
 * come as they were added. A nested engine has a slash behind its label, and what
 * is in it follows, further to the right.
 *
 * Returns: (transfer full): the text, each line with a newline at its end
 *
 * Since: 1.0
 */
char *
jobs_engine_dup_list (JobsEngine *self,
                      gboolean    details)
{
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GHashTable) numbers = NULL;
  g_autofree char *last = NULL;
  GString *list;
  int width;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  entries = dup_entries (self);
  numbers = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < entries->len; i++)
    g_hash_table_insert (numbers, g_array_index (entries, Entry, i).action,
                         GUINT_TO_POINTER (i + 1));
  last = g_strdup_printf ("%u", entries->len);
  width = (int) strlen (last);

  list = g_string_new (NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      JobsAction *action = entry->action;
      g_autofree char *label = jobs_action_dup_display_label (action);
      g_autofree char *line = one_line (label != NULL ? label : "NO_LABEL");
      int indent = 2 * (int) entry->depth;

      g_string_append_printf (list, "%0*u %-10s %*s%s%s", width, i + 1,
                              jobs_state_get_nick (jobs_action_get_state (action)),
                              indent, "", line, JOBS_IS_ENGINE (action) ? "/" : "");
      if (jobs_action_get_forever (action))
        g_string_append (list, "  forever");
      if (!jobs_action_get_critical (action))
        g_string_append (list, "  not critical");
      append_requirements (list, action, numbers, width);
      g_string_append_c (list, '\n');
      if (details)
        append_details (list, action, width + 1 + 10 + 1 + indent + 2);
    }

  return g_string_free (list, FALSE);
}

/**
 * jobs_engine_debrief:
 * @self: an engine
 *
 * What became of the last run, for people: why it ended as it did, what failed
 * first and what did not run because of it, what else failed, what was cancelled
 * and skipped, what went wrong in the clean-up, and how many ended how, nested
 * engines included.
 *
 * Returns: (transfer full): the text, each line with a newline at its end
 *
 * Since: 1.0
 */
char *
jobs_engine_debrief (JobsEngine *self)
{
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GPtrArray) cancelled = NULL;
  g_autoptr (GPtrArray) skipped = NULL;
  g_autofree char *why = NULL;
  JobsAction *first = NULL;
  GString *text;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  entries = dup_entries (self);
  cancelled = g_ptr_array_new ();
  skipped = g_ptr_array_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      JobsAction *action = g_array_index (entries, Entry, i).action;

      if (is_cause (action) && (first == NULL || is_before (action, first)))
        first = action;
      if (jobs_action_get_state (action) == JOBS_STATE_CANCELLED)
        g_ptr_array_add (cancelled, action);
      else if (jobs_action_get_state (action) == JOBS_STATE_SKIPPED)
        g_ptr_array_add (skipped, action);
    }

  why = jobs_engine_why (self);
  text = g_string_new (why);
  g_string_append_c (text, '\n');
  if (first != NULL)
    {
      g_autoptr (GPtrArray) consequences = dup_consequences (first);

      append_failure (text, first);
      /* Translators: below a failure, and so with blanks before it; names follow */
      append_names (text, _("  and so these did not come to their end:"), consequences);
    }
  for (guint i = 0; i < entries->len; i++)
    {
      JobsAction *action = g_array_index (entries, Entry, i).action;

      if (action != first && is_cause (action))
        append_failure (text, action);
    }
  /* Translators: names of actions follow */
  append_names (text, _("Cancelled:"), cancelled);
  /* Translators: names of actions follow */
  append_names (text, _("Skipped:"), skipped);
  append_clean_up (text, self);
  for (guint i = 0; i < entries->len; i++)
    {
      JobsAction *action = g_array_index (entries, Entry, i).action;

      if (JOBS_IS_ENGINE (action))
        append_clean_up (text, JOBS_ENGINE (action));
    }
  append_counts (text, entries);

  return g_string_free (text, FALSE);
}
