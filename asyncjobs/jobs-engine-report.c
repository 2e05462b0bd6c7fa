/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-action-private.h"
#include "jobs-engine.h"

/* What an engine tells of itself in one value, for programs */

/* D-Bus lets a message have arrays 32 deep, and a level of the report takes two */
#define MAX_LEVELS 15

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
                             jobs_condition_get_nick (condition));
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
