/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-action-private.h"
#include "jobs-engine-private.h"
#include "jobs-value.h"

/* The names of an action: what it is told by, in lists, paths and lines. */

/* What an action is called in the engine around it, if there is one */
static char *
dup_name (JobsAction  *self,
          JobsEngine **engine)
{
  char *label = jobs_action_dup_display_label (self);

  *engine = jobs_action_peek_engine (self);
  if (label != NULL)
    return label;

  return *engine != NULL ? g_strdup_printf ("#%u", jobs_engine_get_place (*engine, self) + 1)
                         : g_strdup ("NO_LABEL");
}

static gboolean
is_nested (JobsEngine *engine)
{
  return engine != NULL && jobs_action_peek_engine (JOBS_ACTION (engine)) != NULL;
}

static void
append_labels (GString    *string,
               const char *what,
               GPtrArray  *actions)
{
  if (actions->len == 0)
    return;

  g_string_append_printf (string, " - [%s", what);
  for (guint i = 0; i < actions->len; i++)
    {
      g_autofree char *label = jobs_action_dup_display_label (g_ptr_array_index (actions, i));

      g_string_append_printf (string, " [%s]", label != NULL ? label : "NO_LABEL");
    }
  g_string_append_c (string, ']');
}

/**
 * jobs_action_get_label: (attributes org.gtk.Method.get_property=label)
 * @self: an action
 *
 * The label that was given to the action.
 *
 * Returns: (transfer none) (nullable): the label, or %NULL; see
 *   [method@Action.dup_display_label] for one that its class may make
 *
 * Since: 1.0
 */
const char *
jobs_action_get_label (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->label : NULL;
}

/**
 * jobs_action_set_label: (attributes org.gtk.Method.set_property=label)
 * @self: an action
 * @label: (nullable): any text in UTF-8
 *
 * Names the action, for lists, messages and paths.
 *
 * Since: 1.0
 */
void
jobs_action_set_label (JobsAction *self,
                       const char *label)
{
  JobsActionMore *more;

  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (label == NULL || g_utf8_validate (label, -1, NULL));

  if (g_strcmp0 (jobs_action_get_label (self), label) == 0)
    return;

  more = jobs_action_get_more (self);
  g_free (more->label);
  more->label = g_strdup (label);
  if (more->engine != NULL)
    jobs_engine_forget_labels (more->engine);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_LABEL]);
}

/**
 * jobs_action_get_details: (attributes org.gtk.Method.get_property=details)
 * @self: an action
 *
 * The details that were given to the action.
 *
 * Returns: (transfer none) (nullable): the details
 *
 * Since: 1.0
 */
const char *
jobs_action_get_details (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->details : NULL;
}

/**
 * jobs_action_set_details: (attributes org.gtk.Method.set_property=details)
 * @self: an action
 * @details: (nullable): any text in UTF-8
 *
 * Says what the action does, for lists and debriefs.
 *
 * Since: 1.0
 */
void
jobs_action_set_details (JobsAction *self,
                         const char *details)
{
  JobsActionMore *more;

  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (details == NULL || g_utf8_validate (details, -1, NULL));

  if (g_strcmp0 (jobs_action_get_details (self), details) == 0)
    return;

  more = jobs_action_get_more (self);
  g_free (more->details);
  more->details = g_strdup (details);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_DETAILS]);
}

/**
 * jobs_action_dup_display_label:
 * @self: an action
 *
 * The label that was given, else the one that its class makes.
 *
 * Returns: (transfer full) (nullable): the label, or %NULL where there is none
 *
 * Since: 1.0
 */
char *
jobs_action_dup_display_label (JobsAction *self)
{
  JobsActionClass *klass;
  const char *label;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  label = jobs_action_get_label (self);
  if (label != NULL)
    return g_strdup (label);

  klass = JOBS_ACTION_GET_CLASS (self);

  return klass->dup_label != NULL ? klass->dup_label (self) : NULL;
}

/**
 * jobs_action_dup_display_details:
 * @self: an action
 *
 * The details that were given, else those that its class makes.
 *
 * Returns: (transfer full) (nullable): the details, or %NULL where there are none
 *
 * Since: 1.0
 */
char *
jobs_action_dup_display_details (JobsAction *self)
{
  JobsActionClass *klass;
  const char *details;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  details = jobs_action_get_details (self);
  if (details != NULL)
    return g_strdup (details);

  klass = JOBS_ACTION_GET_CLASS (self);

  return klass->dup_details != NULL ? klass->dup_details (self) : NULL;
}

/**
 * jobs_action_dup_path:
 * @self: an action
 *
 * The labels of the engines around the action, without the outermost one, and its
 * own, with slashes between: `tests/unit`.
 *
 * One without a label is `#` and its place in its engine, from 1; an engine that
 * is in no other one, and an action that is in none, is its label alone.
 *
 * Returns: (transfer full): the path
 *
 * Since: 1.0
 */
char *
jobs_action_dup_path (JobsAction *self)
{
  g_autoptr (GPtrArray) names = NULL;
  JobsEngine *engine;
  char *name;
  GString *path;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  /* Most are in the outermost engine */
  name = dup_name (self, &engine);
  if (!is_nested (engine))
    return name;

  names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (names, name);
  while (is_nested (engine))
    g_ptr_array_add (names, dup_name (JOBS_ACTION (engine), &engine));

  path = g_string_new (g_ptr_array_index (names, names->len - 1));
  for (guint i = names->len - 1; i > 0; i--)
    {
      g_string_append_c (path, '/');
      g_string_append (path, g_ptr_array_index (names, i - 1));
    }

  return g_string_free (path, FALSE);
}

/**
 * jobs_action_to_string:
 * @self: an action
 *
 * The action in one line, for people:
 * ``<Action `last' finished -> 1500.0 - [requires [first]]>``.
 *
 * The state is `IDLE` before the first run and `pending` while an attempt goes on.
 * Behind `->` is the result, behind `!!` the message of a failure. What requires
 * the action is shown from the first run of its engine on.
 *
 * Returns: (transfer full): the line, without a newline
 *
 * Since: 1.0
 */
char *
jobs_action_to_string (JobsAction *self)
{
  g_autofree char *label = NULL;
  g_autoptr (GPtrArray) requirements = NULL;
  GString *string;
  JobsState state;
  JobsEngine *engine;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  label = jobs_action_dup_display_label (self);
  state = jobs_action_peek_state (self);
  string = g_string_new (NULL);
  g_string_append_printf (string, "<Action `%s' %s", label != NULL ? label : "NO_LABEL",
                          state == JOBS_STATE_IDLE ? "IDLE"
                          : state == JOBS_STATE_RUNNING ? "pending"
                          : jobs_state_get_nick (state));

  if (state == JOBS_STATE_FINISHED)
    {
      g_autofree char *result = jobs_value_to_string (jobs_action_get_result (self));

      g_string_append_printf (string, " -> %s", result);
    }
  else if (jobs_action_get_error (self) != NULL)
    {
      g_string_append_printf (string, " !! %s", jobs_action_get_error (self)->message);
    }

  requirements = jobs_action_dup_requirements (self);
  append_labels (string, "requires", requirements);

  engine = jobs_action_peek_engine (self);
  if (engine != NULL && jobs_engine_has_run (engine))
    {
      g_autoptr (GPtrArray) dependents = jobs_action_dup_dependents (self);

      append_labels (string, "allows", dependents);
    }
  g_string_append_c (string, '>');

  return g_string_free (string, FALSE);
}
