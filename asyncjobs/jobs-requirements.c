/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-engine-private.h"
#include "jobs-sequence.h"

/* The requirements of an action: those that can be are in the graph of its engine, the
 * others beside the action until they can. */

/* More requirements than these are looked up in a table */
#define FEW_LOOSE 16

static void
loose_clear (gpointer data)
{
  g_clear_object (&((JobsLoose *) data)->other);
}

static guint
jobs_action_find_loose (JobsActionMore *more,
                        JobsAction     *other)
{
  if (more->loose == NULL)
    return 0;

  if (more->places != NULL)
    return GPOINTER_TO_UINT (g_hash_table_lookup (more->places, other));

  for (guint i = 0; i < more->loose->len; i++)
    if (g_array_index (more->loose, JobsLoose, i).other == other)
      return i + 1;

  return 0;
}

static void
jobs_action_index_loose (JobsActionMore *more)
{
  if (more->loose->len <= FEW_LOOSE)
    {
      g_clear_pointer (&more->places, g_hash_table_unref);
      return;
    }

  if (more->places == NULL)
    more->places = g_hash_table_new (NULL, NULL);
  else
    g_hash_table_remove_all (more->places);
  for (guint i = 0; i < more->loose->len; i++)
    g_hash_table_insert (more->places, g_array_index (more->loose, JobsLoose, i).other,
                         GUINT_TO_POINTER (i + 1));
}

void
jobs_action_add_loose (JobsAction   *self,
                       JobsAction   *other,
                       JobsCondition condition)
{
  JobsActionMore *more = jobs_action_get_more (self);
  JobsLoose loose = { other, condition };
  guint place = jobs_action_find_loose (more, other);

  if (place > 0)
    {
      g_array_index (more->loose, JobsLoose, place - 1).condition = condition;
      return;
    }

  if (more->loose == NULL)
    {
      more->loose = g_array_new (FALSE, FALSE, sizeof (JobsLoose));
      g_array_set_clear_func (more->loose, loose_clear);
    }
  jobs_action_set_flag (other, JOBS_ACTION_REQUIRED);
  g_object_ref (other);
  g_array_append_val (more->loose, loose);
  if (more->places != NULL)
    g_hash_table_insert (more->places, other, GUINT_TO_POINTER (more->loose->len));
  else if (more->loose->len > FEW_LOOSE)
    jobs_action_index_loose (more);
}

gboolean
jobs_action_drop_loose (JobsAction *self,
                        JobsAction *other)
{
  JobsActionMore *more = jobs_action_peek_more (self);
  guint place = more != NULL ? jobs_action_find_loose (more, other) : 0;

  if (place == 0)
    return FALSE;

  g_array_remove_index (more->loose, place - 1);
  jobs_action_index_loose (more);
  if (more->loose->len == 0)
    g_clear_pointer (&more->loose, g_array_unref);

  return TRUE;
}

gboolean
jobs_action_has_loose_to (JobsAction *self,
                          JobsAction *other)
{
  JobsActionMore *more = jobs_action_peek_more (self);

  return more != NULL && jobs_action_find_loose (more, other) > 0;
}

void
jobs_action_drop_loose_into (JobsAction *self,
                             JobsEngine *engine)
{
  JobsActionMore *more = jobs_action_get_more (self);
  guint n_kept = 0;

  for (guint i = 0; i < more->loose->len; i++)
    {
      JobsLoose *one = &g_array_index (more->loose, JobsLoose, i);
      JobsLoose kept = *one;

      if (jobs_action_peek_engine (one->other) == engine)
        continue;
      *one = g_array_index (more->loose, JobsLoose, n_kept);
      g_array_index (more->loose, JobsLoose, n_kept++) = kept;
    }
  g_array_set_size (more->loose, n_kept);
  jobs_action_index_loose (more);
}

GArray *
jobs_action_steal_loose (JobsAction *self)
{
  JobsActionMore *more = jobs_action_get_more (self);

  g_clear_pointer (&more->places, g_hash_table_unref);

  return g_steal_pointer (&more->loose);
}

/* Lets go of them. A chain of actions that are in no engine hangs by its last one:
 * they go one after the other, not one inside the other */
void
jobs_action_free_loose (GArray *loose)
{
  static GPrivate going;
  GPtrArray *others = g_private_get (&going);
  gboolean is_first = others == NULL;

  if (is_first)
    {
      others = g_ptr_array_new ();
      g_private_set (&going, others);
    }
  for (guint i = 0; i < loose->len; i++)
    g_ptr_array_add (others, g_steal_pointer (&g_array_index (loose, JobsLoose, i).other));
  g_array_unref (loose);
  if (!is_first)
    return;

  while (others->len > 0)
    g_object_unref (g_ptr_array_steal_index_fast (others, others->len - 1));
  g_private_set (&going, NULL);
  g_ptr_array_unref (others);
}

void
jobs_action_clear_loose (JobsAction *self)
{
  JobsActionMore *more = jobs_action_peek_more (self);

  if (more != NULL)
    {
      g_clear_pointer (&more->loose, g_array_unref);
      g_clear_pointer (&more->places, g_hash_table_unref);
    }
}

/* JOBS_IS_ACTION (): GObject's own look costs as much as the edge, and one call after
 * the other is about objects of the same class */
static inline gboolean
is_action (gpointer instance)
{
  static gpointer last_class; /* one of actions; atomic */
  gpointer klass = instance != NULL ? ((GTypeInstance *) instance)->g_class : NULL;

  if (G_LIKELY (klass != NULL && klass == g_atomic_pointer_get (&last_class)))
    return TRUE;
  if (!JOBS_IS_ACTION (instance))
    return FALSE;

  g_atomic_pointer_set (&last_class, klass);

  return TRUE;
}

const char *
jobs_condition_get_nick (JobsCondition condition)
{
  g_autoptr (GEnumClass) conditions = g_type_class_ref (JOBS_TYPE_CONDITION);
  const GEnumValue *value = g_enum_get_value (conditions, condition);

  return value != NULL ? value->value_nick : NULL;
}

/* Apart from what is called for each requirement: inside of it this would cost a tenth
 * of that */
G_NO_INLINE static gboolean
refuse_itself (JobsAction *self,
               GError    **error)
{
  g_autofree char *path = jobs_action_dup_path (self);

  /* Translators: the name of an action */
  g_set_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE, _("%s cannot require itself"), path);

  return FALSE;
}

/* What is public has looked at the types */
static gboolean
jobs_action_set_requirement (JobsAction   *self,
                             JobsAction   *other,
                             JobsCondition condition,
                             GError      **error)
{
  JobsEngine *engine = jobs_action_peek_engine (self);

  if (other == NULL)
    return TRUE;
  if (other == self)
    return refuse_itself (self, error);
  if (engine != NULL)
    return jobs_engine_set_requirement (engine, self, other, condition, error);

  jobs_action_add_loose (self, other, condition);

  return TRUE;
}

/**
 * jobs_action_requires:
 * @self: an action
 * @other: (nullable): what it requires
 *
 * @self starts when @other has ended.
 *
 * This is [method@Action.requires_full] with %JOBS_CONDITION_DONE. What that
 * refuses is a mistake of the program here, and logged as such; where @other is
 * @self it does no harm, and is logged as a message only.
 *
 * Since: 1.0
 */
void
jobs_action_requires (JobsAction *self,
                      JobsAction *other)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (is_action (self));
  g_return_if_fail (other == NULL || is_action (other));

  if (!jobs_action_set_requirement (self, other, JOBS_CONDITION_DONE, &error) && error != NULL)
    jobs_action_log (self, other == self ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_CRITICAL,
                     "%s", error->message);
}

/**
 * jobs_action_requires_full:
 * @self: an action
 * @other: (nullable): what it requires
 * @condition: when that requirement is met
 * @error: return location for an error
 *
 * @self starts when @other has come as far as @condition says.
 *
 * There is one requirement per pair of actions: a later call replaces its
 * condition. %NULL is nothing to require, and harmless. The two may be put into
 * their engine later, in any order; until then @self keeps @other alive. So a circle
 * of actions that are in no engine stays until one of these requirements is dropped;
 * in one it goes with that.
 *
 * It is %JOBS_ERROR_CYCLE where @other is @self, or an engine that @self is in, be it
 * inside others.
 *
 * Where the engine runs, a requirement on an action that has ended is judged at
 * once, and these are errors: %JOBS_ERROR_STARTED where @self has started or
 * ended in this run, %JOBS_ERROR_CYCLE where @other requires @self, be it through
 * others, and %JOBS_ERROR_DANGLING where @other is not in the engine.
 *
 * Returns: %TRUE unless there is an error
 *
 * Since: 1.0
 */
gboolean
jobs_action_requires_full (JobsAction   *self,
                           JobsAction   *other,
                           JobsCondition condition,
                           GError      **error)
{
  g_return_val_if_fail (is_action (self), FALSE);
  g_return_val_if_fail (other == NULL || is_action (other), FALSE);
  g_return_val_if_fail (condition >= JOBS_CONDITION_DONE && condition <= JOBS_CONDITION_AFTER, FALSE);

  return jobs_action_set_requirement (self, other, condition, error);
}

/**
 * jobs_action_requires_sequence:
 * @self: an action
 * @sequence: what it requires
 *
 * @self starts when the last action of @sequence has ended; an empty sequence
 * has no effect.
 *
 * Since: 1.0
 */
void
jobs_action_requires_sequence (JobsAction   *self,
                               JobsSequence *sequence)
{
  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (JOBS_IS_SEQUENCE (sequence));

  jobs_action_requires (self, jobs_sequence_get_last (sequence));
}

/**
 * jobs_action_drop_requirement:
 * @self: an action
 * @other: what it shall not require any more
 *
 * Drops one requirement.
 *
 * Returns: %FALSE where there was none
 *
 * Since: 1.0
 */
gboolean
jobs_action_drop_requirement (JobsAction *self,
                              JobsAction *other)
{
  JobsEngine *engine;

  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (other), FALSE);

  engine = jobs_action_peek_engine (self);
  if (engine != NULL && jobs_action_peek_engine (other) == engine &&
      jobs_engine_drop_requirement (engine, self, other))
    return TRUE;

  return jobs_action_drop_loose (self, other);
}

/**
 * jobs_action_get_requirement:
 * @self: an action
 * @other: another one
 * @condition: (out) (optional): when the requirement is met
 *
 * Whether @self requires @other, directly.
 *
 * Returns: whether it does; @condition is set only then
 *
 * Since: 1.0
 */
gboolean
jobs_action_get_requirement (JobsAction    *self,
                             JobsAction    *other,
                             JobsCondition *condition)
{
  JobsEngine *engine;
  JobsActionMore *more;
  guint place;
  guint found;

  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (other), FALSE);

  more = jobs_action_peek_more (self);
  place = more != NULL ? jobs_action_find_loose (more, other) : 0;
  if (place > 0)
    {
      if (condition != NULL)
        *condition = g_array_index (more->loose, JobsLoose, place - 1).condition;
      return TRUE;
    }

  engine = jobs_action_peek_engine (self);
  if (engine == NULL || jobs_action_peek_engine (other) != engine)
    return FALSE;

  if (!jobs_graph_get_edge (jobs_engine_peek_graph (engine), jobs_action_get_index (self),
                            jobs_action_get_index (other), &found))
    return FALSE;
  if (condition != NULL)
    *condition = found;

  return TRUE;
}

/**
 * jobs_action_dup_requirements:
 * @self: an action
 *
 * What it requires, directly, in the order in which it was said; what is not in its
 * engine comes last.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_action_dup_requirements (JobsAction *self)
{
  g_autoptr (GPtrArray) actions = g_ptr_array_new_with_free_func (g_object_unref);
  JobsActionMore *more;
  JobsEngine *engine;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);
  engine = jobs_action_peek_engine (self);
  if (engine != NULL)
    {
      guint32 n_edges;
      const JobsEdge *edges = jobs_graph_get_edges (jobs_engine_peek_graph (engine),
                                                    jobs_action_get_index (self), &n_edges);

      for (guint32 i = 0; i < n_edges; i++)
        g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (engine, JOBS_EDGE_NODE (edges[i]))));
    }
  for (guint i = 0; more != NULL && more->loose != NULL && i < more->loose->len; i++)
    g_ptr_array_add (actions, g_object_ref (g_array_index (more->loose, JobsLoose, i).other));

  return g_steal_pointer (&actions);
}

/**
 * jobs_action_dup_dependents:
 * @self: an action
 *
 * What requires it, directly, within its engine and in the order of that.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_action_dup_dependents (JobsAction *self)
{
  g_autoptr (GPtrArray) actions = g_ptr_array_new_with_free_func (g_object_unref);
  JobsEngine *engine;
  JobsGraphIter iter;
  JobsEdge edge;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  engine = jobs_action_peek_engine (self);
  if (engine == NULL)
    return g_steal_pointer (&actions);

  jobs_graph_iter_init (&iter, jobs_engine_get_graph (engine), jobs_action_get_index (self));
  while (jobs_graph_iter_next (&iter, &edge))
    g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (engine, JOBS_EDGE_NODE (edge))));

  return g_steal_pointer (&actions);
}
