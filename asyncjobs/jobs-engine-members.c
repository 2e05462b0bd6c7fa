/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"
#include "jobs-sequence-private.h"

/* What an engine holds: who comes, who goes, and who is found by which name. */

/* An emission that nobody hears costs 100 ns, and building adds one by one */
void
jobs_engine_items_changed (JobsEngine *self,
                           guint       place,
                           guint       n_removed,
                           guint       n_added)
{
  static gsize items_changed;

  /* Engines of several threads may come here for the first time at once */
  if (g_once_init_enter (&items_changed))
    g_once_init_leave (&items_changed, g_signal_lookup ("items-changed", G_TYPE_LIST_MODEL));
  if (g_signal_has_handler_pending (self, (guint) items_changed, 0, TRUE))
    g_list_model_items_changed (G_LIST_MODEL (self), place, n_removed, n_added);
}

guint
jobs_engine_get_place (JobsEngine *self,
                       JobsAction *action)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_action_get_index (action);
  guint low = 0;
  guint high = priv->n_items;

  if (priv->places == NULL)
    return index;

  /* Numbers grow with places */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (priv->places[middle] < index)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
jobs_engine_append_place (JobsEnginePrivate *priv,
                          guint32            index)
{
  if (priv->places != NULL)
    {
      if (priv->n_items == priv->places_size)
        {
          priv->places_size = MAX (16, priv->places_size + priv->places_size / 2);
          priv->places = g_renew (guint32, priv->places, priv->places_size);
        }
      priv->places[priv->n_items] = index;
    }
  priv->n_items++;
}

static void
jobs_engine_remove_place (JobsEnginePrivate *priv,
                          guint              place)
{
  if (priv->places == NULL)
    {
      priv->places_size = priv->n_items;
      priv->places = g_new (guint32, priv->places_size);
      for (guint i = 0; i < priv->n_items; i++)
        priv->places[i] = i;
    }
  memmove (priv->places + place, priv->places + place + 1,
           (priv->n_items - place - 1) * sizeof *priv->places);
  priv->n_items--;
}

void
jobs_engine_forget_labels (JobsEngine *self)
{
  g_clear_pointer (&jobs_engine_get_private (self)->labels, g_hash_table_unref);
}

/* A running engine takes no action that requires something outside of it */
static gboolean
may_run_here (JobsEngine *self,
              JobsAction *action,
              GHashTable *coming)
{
  GArray *loose = jobs_action_has_loose (action) ? jobs_action_get_more (action)->loose : NULL;

  for (guint i = 0; loose != NULL && i < loose->len; i++)
    {
      JobsLoose *one = &g_array_index (loose, JobsLoose, i);

      if (one->condition != JOBS_CONDITION_AFTER && jobs_action_peek_engine (one->other) != self &&
          (coming == NULL || !g_hash_table_contains (coming, one->other)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
jobs_engine_may_add (JobsEngine *self,
                     JobsAction *action,
                     GHashTable *coming)
{
  JobsEngine *engine = jobs_action_peek_engine (action);
  gboolean is_engine = jobs_action_has_flag (action, JOBS_ACTION_IS_ENGINE);
  const char *why = NULL;

  if (engine == self)
    return TRUE;

  if (engine != NULL)
    why = "it is in another engine";
  else if (is_engine && jobs_engine_is_inside (self, action))
    why = "it would be inside itself";
  else if ((is_engine || jobs_action_has_loose (action)) && jobs_engine_is_required_by (self, action))
    why = "it requires an engine that it would be in";
  else if (is_engine && jobs_engine_is_active (JOBS_ENGINE (action)))
    why = "it runs";
  else if (jobs_action_is_under_way (action))
    why = "it is under way";
  else if (coming != NULL && !may_run_here (self, action, coming))
    why = "it requires an action that is not in the engine, which runs";

  if (why != NULL)
    jobs_action_log (action, G_LOG_LEVEL_CRITICAL, "cannot be added to an engine: %s", why);

  return why == NULL;
}

/* Whether those that come require each other in a circle, which a running engine
 * would not find out */
static gboolean
is_circle (JobsAction **actions,
           guint        n_actions)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autofree guint32 *order = g_new (guint32, n_actions);
  JobsGraph *graph = jobs_graph_new ();
  gboolean is_circle;

  jobs_graph_add_nodes (graph, n_actions);
  for (guint i = 0; i < n_actions; i++)
    g_hash_table_insert (numbers, actions[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < n_actions; i++)
    {
      GArray *loose = jobs_action_has_loose (actions[i]) ? jobs_action_get_more (actions[i])->loose : NULL;

      for (guint j = 0; loose != NULL && j < loose->len; j++)
        {
          gpointer other = g_array_index (loose, JobsLoose, j).other;
          guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, other));

          if (number > 0)
            jobs_graph_set_edge (graph, i, number - 1, JOBS_CONDITION_DONE);
        }
    }
  is_circle = !graph->forward && jobs_graph_sort (graph, order) < n_actions;
  jobs_graph_free (graph);

  if (is_circle)
    jobs_action_log (actions[0], G_LOG_LEVEL_CRITICAL,
                     "cannot be added to an engine: with it come actions that require each other in a "
                     "circle, and the engine runs");

  return is_circle;
}

static void
jobs_engine_insert (JobsEngine *self,
                    JobsAction *action)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_graph_add_nodes (priv->graph, 1);

  if (index >= priv->actions_size)
    {
      priv->actions_size = MAX (16, index + index / 2);
      priv->actions = g_renew (JobsAction *, priv->actions, priv->actions_size);
    }
  priv->actions[index] = g_object_ref (action);
  jobs_engine_append_place (priv, index);
  priv->counts[jobs_action_peek_state (action)]++;
  if (JOBS_ACTION_GET_CLASS (action)->clean_up != NULL)
    priv->n_clean_up++;
  if (jobs_action_has_loose (action))
    jobs_engine_note_unsettled (self, action);
  if (priv->labels != NULL)
    jobs_engine_forget_labels (self);
  jobs_action_set_engine (action, self, index);
}

/**
 * jobs_engine_add:
 * @self: an engine
 * @action: (transfer none): an action
 *
 * Adds @action at the end of @self, which takes a reference.
 *
 * One that is there already stays where it is. While @self runs, @action starts as
 * soon as it may; once the run has begun to end it stays idle. An action is in one
 * engine at most; what cannot be added is a mistake of the program, and logged as
 * such.
 *
 * Returns: whether @action is in @self now
 *
 * Since: 1.0
 */
gboolean
jobs_engine_add (JobsEngine *self,
                 JobsAction *action)
{
  JobsEnginePrivate *priv;
  guint place;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);

  priv = jobs_engine_get_private (self);
  if (jobs_run_is_active (priv->run))
    return jobs_engine_add_many (self, &action, 1);
  if (!jobs_engine_may_add (self, action, NULL))
    return FALSE;
  if (jobs_action_peek_engine (action) == self)
    return TRUE;

  place = priv->n_items;
  jobs_engine_insert (self, action);
  jobs_engine_items_changed (self, place, 0, 1);
  jobs_action_notify_engine (action);

  return TRUE;
}

/**
 * jobs_engine_add_many:
 * @self: an engine
 * @actions: (array length=n_actions): the actions
 * @n_actions: how many they are
 *
 * Adds several actions at once, or, where one of them cannot be added, none; see
 * [method@Engine.add].
 *
 * Returns: whether they are all in @self now
 *
 * Since: 1.0
 */
gboolean
jobs_engine_add_many (JobsEngine  *self,
                      JobsAction **actions,
                      guint        n_actions)
{
  JobsEnginePrivate *priv;
  g_autoptr (GHashTable) coming = NULL;
  guint32 first;
  guint place;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (n_actions == 0 || actions != NULL, FALSE);
  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);

  priv = jobs_engine_get_private (self);
  if (jobs_run_is_active (priv->run))
    {
      coming = g_hash_table_new (NULL, NULL);
      for (guint i = 0; i < n_actions; i++)
        g_hash_table_add (coming, actions[i]);
    }
  for (guint i = 0; i < n_actions; i++)
    {
      g_return_val_if_fail (JOBS_IS_ACTION (actions[i]), FALSE);
      if (!jobs_engine_may_add (self, actions[i], coming))
        return FALSE;
    }
  if (coming != NULL && n_actions > 1 && is_circle (actions, n_actions))
    return FALSE;

  first = priv->graph->n_nodes;
  place = priv->n_items;
  for (guint i = 0; i < n_actions; i++)
    if (jobs_action_peek_engine (actions[i]) != self)
      jobs_engine_insert (self, actions[i]);

  if (priv->n_items > place)
    {
      guint32 n = priv->graph->n_nodes - first;

      g_object_ref (self);
      /* Whoever is told may go on from here: the books are in order before that */
      if (jobs_run_is_active (priv->run))
        {
          jobs_engine_settle (self);
          jobs_run_added (priv->run, first, n);
        }
      jobs_engine_items_changed (self, place, 0, priv->n_items - place);
      for (guint i = 0; i < n_actions; i++)
        if (jobs_action_peek_engine (actions[i]) == self && jobs_action_get_index (actions[i]) >= first)
          jobs_action_notify_engine (actions[i]);
      jobs_run_tell (priv->run);
      g_object_unref (self);
    }

  return TRUE;
}

/**
 * jobs_engine_add_sequence:
 * @self: an engine
 * @sequence: a sequence
 *
 * Adds the actions of @sequence; those that are appended to it later are added
 * then.
 *
 * Returns: whether they are all in @self now
 *
 * Since: 1.0
 */
gboolean
jobs_engine_add_sequence (JobsEngine   *self,
                          JobsSequence *sequence)
{
  g_autoptr (GPtrArray) actions = NULL;
  guint n;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_SEQUENCE (sequence), FALSE);

  n = g_list_model_get_n_items (G_LIST_MODEL (sequence));
  actions = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (actions, g_list_model_get_item (G_LIST_MODEL (sequence), i));

  if (!jobs_engine_add_many (self, (JobsAction **) actions->pdata, n))
    return FALSE;
  jobs_sequence_set_engine (sequence, self);

  return TRUE;
}

/* An action goes: it does not count any more */
static void
jobs_engine_discount (JobsEnginePrivate *priv,
                      JobsAction        *action)
{
  JobsActionMore *more = jobs_action_peek_more (action);

  priv->counts[jobs_action_peek_state (action)]--;
  if (JOBS_ACTION_GET_CLASS (action)->clean_up != NULL)
    priv->n_clean_up--;
  if ((more != NULL && more->alone != NULL) ||
      (JOBS_IS_ENGINE (action) && jobs_engine_get_private (JOBS_ENGINE (action))->run->task != NULL))
    priv->n_alone--;
}

/* Takes one action out, and tells the list. The caller has a reference */
static void
jobs_engine_take_out (JobsEngine *self,
                      JobsAction *action)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_action_get_index (action);
  guint place = jobs_engine_get_place (self, action);

  jobs_engine_forget_unsettled (self, action);
  jobs_engine_remove_place (priv, place);
  priv->actions[index] = NULL;
  jobs_engine_discount (priv, action);
  g_clear_pointer (&priv->labels, g_hash_table_unref);
  jobs_graph_remove_node (priv->graph, index);
  jobs_action_set_engine (action, NULL, 0);

  /* The run may be at work on it, where this is called from a handler */
  if (jobs_run_is_active (priv->run))
    jobs_run_take_removed (priv->run, action);
  else
    g_object_unref (action);

  jobs_engine_items_changed (self, place, 1, 0);
  jobs_action_notify_engine (action);
}

/**
 * jobs_engine_remove:
 * @self: an engine
 * @action: an action
 *
 * Takes @action out of @self.
 *
 * Requirements on it remain, and dangle until it is added again or they are
 * dropped; see [method@Engine.bypass_and_remove] and [method@Engine.sanitize].
 * While @self runs they are dropped: for those that wait for it it counts as
 * skipped, and if it is under way it is cancelled, which the run waits for.
 *
 * Returns: %FALSE where it is not in @self
 *
 * Since: 1.0
 */
gboolean
jobs_engine_remove (JobsEngine *self,
                    JobsAction *action)
{
  JobsEnginePrivate *priv;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);

  priv = jobs_engine_get_private (self);
  if (jobs_action_peek_engine (action) != self)
    return FALSE;

  g_object_ref (self);
  g_object_ref (action);
  /* That it is new once more is told before that it goes */
  jobs_run_tell (priv->run);
  if (jobs_action_peek_engine (action) != self)
    {
      /* Whoever was told has done it */
    }
  else if (jobs_run_is_active (priv->run))
    {
      gboolean is_waiting = jobs_run_is_waiting (priv->run, action);
      gboolean was_tried = is_waiting && jobs_action_get_attempts (action) > 0;
      JobsTicket *ticket;

      jobs_run_removing (priv->run, action);
      jobs_engine_take_out (self, action);
      ticket = jobs_action_peek_ticket (action);
      /* Whoever was told may have found another place for it */
      if (is_waiting && !jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) &&
          jobs_action_peek_state (action) <= JOBS_STATE_SCHEDULED)
        jobs_action_set_state (action, was_tried ? JOBS_STATE_CANCELLED : JOBS_STATE_SKIPPED);
      else if (ticket != NULL)
        jobs_ticket_stop (ticket, JOBS_STOP_ALONE);
    }
  else
    {
      g_autoptr (GPtrArray) dependents = jobs_action_dup_dependents (action);

      for (guint i = 0; i < dependents->len; i++)
        jobs_engine_unsettle_edge (self, g_ptr_array_index (dependents, i), action);
      jobs_engine_unsettle_action (self, action);
      if (priv->run->culprit == action)
        g_clear_object (&priv->run->culprit);
      jobs_engine_take_out (self, action);
    }
  g_object_unref (action);
  g_object_unref (self);

  return TRUE;
}

/* The list in its order without those whose number is not marked; returns the
 * latter (owned). changes gets the first place and the number of places of what has
 * changed, kept ones included */
static GPtrArray *
jobs_engine_filter (JobsEnginePrivate *priv,
                    const guint8      *marks,
                    guint             *first,
                    guint             *n_before)
{
  GPtrArray *removed = g_ptr_array_new_with_free_func (g_object_unref);
  guint32 *places = g_new (guint32, MAX (priv->n_items, 1));
  guint n_kept = 0;
  guint last = 0;

  *first = priv->n_items;
  for (guint place = 0; place < priv->n_items; place++)
    {
      guint32 index = place_to_index (priv, place);

      if (marks[index])
        {
          places[n_kept++] = index;
          continue;
        }
      *first = MIN (*first, place);
      last = place;
      g_ptr_array_add (removed, g_steal_pointer (&priv->actions[index]));
    }
  *n_before = removed->len > 0 ? last + 1 - *first : 0;

  g_free (priv->places);
  priv->places = places;
  priv->places_size = MAX (priv->n_items, 1);
  priv->n_items = n_kept;

  return removed;
}

/* The requirements of actions that are not here any more */
static void
jobs_engine_forget_foreign (JobsEngine *self)
{
  GPtrArray *unsettled = jobs_engine_get_private (self)->unsettled;
  guint n = 0;

  for (guint i = 0; unsettled != NULL && i < unsettled->len; i++)
    {
      JobsAction *action = g_ptr_array_index (unsettled, i);

      if (jobs_action_peek_engine (action) == self)
        unsettled->pdata[n++] = action;
      else
        jobs_action_unset_flag (action, JOBS_ACTION_UNSETTLED);
    }
  if (unsettled != NULL)
    g_ptr_array_set_size (unsettled, n);
}

void
jobs_engine_keep_marked (JobsEngine   *self,
                         const guint8 *marks)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  g_autoptr (GPtrArray) removed = NULL;
  guint first;
  guint n_before;

  g_assert (!jobs_run_is_active (priv->run));

  jobs_engine_settle (self);
  removed = jobs_engine_filter (priv, marks, &first, &n_before);
  if (removed->len == 0)
    return;

  jobs_graph_keep_marked (priv->graph, marks);
  g_clear_pointer (&priv->labels, g_hash_table_unref);
  g_clear_object (&priv->run->culprit);
  for (guint i = 0; i < removed->len; i++)
    {
      JobsAction *action = g_ptr_array_index (removed, i);

      jobs_engine_discount (priv, action);
      jobs_action_set_engine (action, NULL, 0);
    }
  /* Nobody may be told before the books are in order */
  jobs_engine_forget_foreign (self);

  jobs_engine_items_changed (self, first, n_before, n_before - removed->len);
  for (guint i = 0; i < removed->len; i++)
    jobs_action_notify_engine (g_ptr_array_index (removed, i));
}

/**
 * jobs_engine_contains:
 * @self: an engine
 * @action: an action
 *
 * Whether @action is one of the actions of @self; those inside engines in it are
 * not.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
jobs_engine_contains (JobsEngine *self,
                      JobsAction *action)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);

  return jobs_action_peek_engine (action) == self;
}

static JobsAction *
jobs_engine_find (JobsEngine *self,
                  const char *label)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  if (priv->labels == NULL)
    {
      priv->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint place = 0; place < priv->n_items; place++)
        {
          JobsAction *action = priv->actions[place_to_index (priv, place)];
          char *name = jobs_action_dup_display_label (action);

          if (name == NULL)
            name = g_strdup_printf ("#%u", place + 1);
          if (g_hash_table_contains (priv->labels, name))
            g_free (name);
          else
            g_hash_table_insert (priv->labels, name, action);
        }
    }

  return g_hash_table_lookup (priv->labels, label);
}

/* A label may have slashes itself: each one may be where it ends */
static JobsAction *
jobs_engine_find_path (JobsEngine *self,
                       const char *path)
{
  JobsAction *action = jobs_engine_find (self, path);
  const char *slash = path;

  while (action == NULL && (slash = strchr (slash, '/')) != NULL)
    {
      g_autofree char *label = g_strndup (path, slash++ - path);
      JobsAction *engine = jobs_engine_find (self, label);

      if (JOBS_IS_ENGINE (engine))
        action = jobs_engine_find_path (JOBS_ENGINE (engine), slash);
    }

  return action;
}

/**
 * jobs_engine_lookup:
 * @self: an engine
 * @path: labels with slashes between, as [method@Action.dup_path] has them
 *
 * Finds an action by its path, through the engines inside @self.
 *
 * Of several with the same label the first one is found.
 *
 * Returns: (transfer none) (nullable): the action, or %NULL
 *
 * Since: 1.0
 */
JobsAction *
jobs_engine_lookup (JobsEngine *self,
                    const char *path)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return jobs_engine_find_path (self, path);
}
