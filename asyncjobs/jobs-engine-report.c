/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "jobs-engine.h"

/* What an engine can tell of itself, made from public API alone */

/* Of more actions than these only the number is told in a debrief */
#define MAX_NAMES 20

/* D-Bus lets a message have arrays 32 deep, and a level of the report takes two */
#define MAX_LEVELS 15

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

static const char *
condition_nick (JobsCondition condition)
{
  g_autoptr (GEnumClass) conditions = g_type_class_ref (JOBS_TYPE_CONDITION);
  const GEnumValue *value = g_enum_get_value (conditions, condition);

  return value != NULL ? value->value_nick : NULL;
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
        g_string_append_printf (list, " (%s)", condition_nick (condition));
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

/* The report */

static void
add_value (GVariantBuilder *builder,
           const char      *key,
           GVariant        *value)
{
  /* A format string takes twice as long, and there may be a million actions */
  g_variant_builder_add_value (builder, g_variant_new_dict_entry (g_variant_new_string (key),
                                                                  g_variant_new_variant (value)));
}

static void
add_string (GVariantBuilder *builder,
            const char      *key,
            const char      *value)
{
  if (value != NULL)
    add_value (builder, key, g_variant_new_take_string (g_utf8_make_valid (value, -1)));
}

static void
add_strings (GVariantBuilder *builder,
             const char      *key,
             char           **values)
{
  GVariantBuilder list;

  if (values[0] == NULL)
    return;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (; *values != NULL; values++)
    g_variant_builder_add_value (&list, g_variant_new_take_string (g_utf8_make_valid (*values, -1)));
  add_value (builder, key, g_variant_builder_end (&list));
}

static void
add_flag (GVariantBuilder *builder,
          const char      *key,
          gboolean         value)
{
  add_value (builder, key, g_variant_new_boolean (value));
}

static void
add_number (GVariantBuilder *builder,
            const char      *key,
            guint            value)
{
  add_value (builder, key, g_variant_new_uint32 (value));
}

static void
add_time (GVariantBuilder *builder,
          const char      *key,
          gint64           value)
{
  if (value != 0)
    add_value (builder, key, g_variant_new_int64 (value));
}

static GVariant *
variant_from_value (const GValue *value)
{
  g_autofree char *text = NULL;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (g_value_get_boolean (value));
    case G_TYPE_INT:
      return g_variant_new_int32 (g_value_get_int (value));
    case G_TYPE_UINT:
      return g_variant_new_uint32 (g_value_get_uint (value));
    case G_TYPE_LONG:
      return g_variant_new_int64 (g_value_get_long (value));
    case G_TYPE_ULONG:
      return g_variant_new_uint64 (g_value_get_ulong (value));
    case G_TYPE_INT64:
      return g_variant_new_int64 (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return g_variant_new_uint64 (g_value_get_uint64 (value));
    case G_TYPE_FLOAT:
      return g_variant_new_double (g_value_get_float (value));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (g_value_get_double (value));
    case G_TYPE_STRING:
      if (g_value_get_string (value) == NULL)
        return NULL;
      return g_variant_new_take_string (g_utf8_make_valid (g_value_get_string (value), -1));
    case G_TYPE_VARIANT:
      return g_value_get_variant (value);
    default:
      text = g_strdup_value_contents (value);
      return g_variant_new_take_string (g_utf8_make_valid (text, -1));
    }
}

static GVariant *
report_requirements (JobsAction *action,
                     GHashTable *numbers)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(us)"));
  for (guint i = 0; i < requirements->len; i++)
    {
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (action, requirements->pdata[i], &condition);
      g_variant_builder_add (&builder, "(us)",
                             GPOINTER_TO_UINT (g_hash_table_lookup (numbers, requirements->pdata[i])),
                             condition_nick (condition));
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
report_error (const GError *error)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_string (&builder, "domain", g_quark_to_string (error->domain));
  add_value (&builder, "code", g_variant_new_int32 (error->code));
  add_string (&builder, "message", error->message);

  return g_variant_builder_end (&builder);
}

static void
report_action (GVariantBuilder *builder,
               JobsAction      *action)
{
  g_autofree char *label = jobs_action_dup_display_label (action);
  g_autofree char *path = jobs_action_dup_path (action);
  g_autofree char *details = jobs_action_dup_display_details (action);
  const GError *error = jobs_action_get_error (action);
  const GValue *result = jobs_action_get_result (action);
  gint64 start = jobs_action_get_start_time (action), end = jobs_action_get_end_time (action);

  add_string (builder, "type", G_OBJECT_TYPE_NAME (action));
  add_string (builder, "label", label);
  add_string (builder, "path", path);
  add_string (builder, "details", details);
  add_string (builder, "state", jobs_state_get_nick (jobs_action_get_state (action)));
  add_flag (builder, "critical", jobs_action_get_critical (action));
  add_flag (builder, "forever", jobs_action_get_forever (action));
  add_number (builder, "attempts", jobs_action_get_attempts (action));
  add_time (builder, "start-time", start);
  add_time (builder, "end-time", end);
  if (start != 0 && end >= start)
    add_value (builder, "duration", g_variant_new_int64 (end - start));
  add_string (builder, "message", jobs_action_get_message (action));
  if (error != NULL)
    add_value (builder, "error", report_error (error));
  if (result != NULL && G_IS_VALUE (result))
    {
      GVariant *value = variant_from_value (result);

      if (value != NULL)
        add_value (builder, "result", value);
    }
}

static void report_engine (GVariantBuilder *builder,
                           JobsEngine      *self,
                           guint            level);

static GVariant *
report_inside (JobsEngine *self,
               guint       level)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self));
  g_autoptr (GPtrArray) actions = g_ptr_array_new_full (n, g_object_unref);
  GVariantBuilder list;

  for (guint i = 0; i < n; i++)
    {
      JobsAction *action = g_list_model_get_item (G_LIST_MODEL (self), i);

      g_ptr_array_add (actions, action);
      g_hash_table_insert (numbers, action, GUINT_TO_POINTER (i + 1));
    }

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n; i++)
    {
      JobsAction *action = actions->pdata[i];
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      add_number (&builder, "number", i + 1);
      report_action (&builder, action);
      add_value (&builder, "requires", report_requirements (action, numbers));
      if (JOBS_IS_ENGINE (action))
        report_engine (&builder, JOBS_ENGINE (action), level + 1);
      g_variant_builder_add_value (&list, g_variant_builder_end (&builder));
    }

  return g_variant_builder_end (&list);
}

static GVariant *
report_counts (JobsEngine *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{su}"));
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    g_variant_builder_add (&builder, "{su}", jobs_state_get_nick (state),
                           jobs_engine_count (self, state));

  return g_variant_builder_end (&builder);
}

static void
report_engine (GVariantBuilder *builder,
               JobsEngine      *self,
               guint            level)
{
  g_autoptr (GEnumClass) policies = g_type_class_ref (JOBS_TYPE_ON_FAILURE);
  const GEnumValue *policy = g_enum_get_value (policies, jobs_engine_get_on_failure (self));
  g_autofree char *why = jobs_engine_why (self);
  g_auto (GStrv) failures = jobs_engine_dup_clean_up_failures (self);

  add_flag (builder, "success", jobs_engine_get_verdict (self));
  add_string (builder, "why", why);
  add_number (builder, "window", jobs_engine_get_window (self));
  add_string (builder, "on-failure", policy != NULL ? policy->value_nick : NULL);
  add_number (builder, "stuck", jobs_engine_get_n_stuck (self));
  add_strings (builder, "clean-up-failures", failures);
  add_value (builder, "counts", report_counts (self));
  if (level < MAX_LEVELS)
    add_value (builder, "actions", report_inside (self, level));
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
 * and skipped, and how many ended how, nested engines included.
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
  append_counts (text, entries);

  return g_string_free (text, FALSE);
}

/**
 * jobs_engine_dup_report:
 * @self: an engine
 *
 * All about the engine and its last run, of the type `a{sv}`.
 *
 * The report of any action has `type` (s, the name of its class), `label` (s,
 * where it has one), `path` (s), `details` (s, where there are any), `state` (s,
 * see [func@State.get_nick]), `critical` (b), `forever` (b) and `attempts` (u);
 * and, where they are known, `start-time` and `end-time` (x, on the monotonic
 * clock, in microseconds), `duration` (x, in microseconds), `message` (s),
 * `result` (of the type of the value; a text where there is no such type) and
 * `error` (a{sv} with `domain` (s), `code` (i) and `message` (s)).
 *
 * That of an engine has besides `success` (b), `why` (s), `window` (u),
 * `on-failure` (s), `stuck` (u), `clean-up-failures` (as, where there are any),
 * `counts` (a{su}: how many are in each state) and `actions` (aa{sv}: the reports
 * of its actions in the order in which they were added). In that, an action has besides `number` (u, from 1) and `requires`
 * (a(us): the number of each action that it requires, 0 for one outside of the
 * engine, and the condition).
 *
 * The outermost report has besides `version` (u), which is 1. Engines that are
 * more than 15 levels deep are told without their `actions`: few readers of a
 * GVariant take more.
 *
 * Returns: (transfer full): the report; not floating
 *
 * Since: 1.0
 */
GVariant *
jobs_engine_dup_report (JobsEngine *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_number (&builder, "version", 1);
  report_action (&builder, JOBS_ACTION (self));
  report_engine (&builder, self, 0);

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
