/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <string.h>

/* What the tests of job files have in common */

#define V "version: 1\n"

static inline JobsScenario *
try_load (const char *text,
          GError    **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return jobs_scenario_new_from_bytes (bytes, "f", error);
}

static inline JobsScenario *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = try_load (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (scenario);

  return scenario;
}

static inline JobsAction *
find (JobsScenario *scenario,
      const char   *path)
{
  JobsAction *action = jobs_engine_lookup (jobs_scenario_get_engine (scenario), path);

  if (action == NULL)
    g_error ("no job %s", path);

  return action;
}

/* "a success, b done" */
static inline void
assert_requires (JobsScenario *scenario,
                 const char   *path,
                 const char   *expected)
{
  JobsAction *action = find (scenario, path);
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);
  g_autoptr (GEnumClass) conditions = g_type_class_ref (JOBS_TYPE_CONDITION);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < others->len; i++)
    {
      JobsCondition condition;

      g_assert_true (jobs_action_get_requirement (action, others->pdata[i], &condition));
      g_string_append_printf (found, "%s%s %s", i > 0 ? ", " : "",
                              jobs_action_get_label (others->pdata[i]),
                              g_enum_get_value (conditions, condition)->value_nick);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static inline char *
dup_labels (JobsScenario *scenario)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (jobs_scenario_get_engine (scenario), TRUE);
  GString *labels = g_string_new (NULL);

  /* The first one is the engine of the scenario itself */
  for (guint i = 1; i < actions->len; i++)
    {
      g_autofree char *path = jobs_action_dup_path (actions->pdata[i]);

      g_string_append_printf (labels, "%s%s", i > 1 ? " " : "", path);
    }

  return g_string_free (labels, FALSE);
}

static inline void
assert_labels (JobsScenario *scenario,
               const char   *expected)
{
  g_autofree char *labels = dup_labels (scenario);

  g_assert_cmpstr (labels, ==, expected);
}

static inline void
assert_dies (JobsScenario *scenario)
{
  gpointer engine = jobs_scenario_get_engine (scenario);
  gpointer self = scenario;

  g_object_add_weak_pointer (engine, &engine);
  g_object_add_weak_pointer (self, &self);
  g_object_unref (scenario);
  g_assert_null (self);
  g_assert_null (engine);
}
