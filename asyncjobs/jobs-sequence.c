/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-engine.h"
#include "jobs-sequence-private.h"

/**
 * JobsSequence:
 *
 * A chain of actions, each of which requires the one before it.
 *
 * A sequence stands where an action could stand: what the sequence requires, its
 * first action requires; who requires the sequence requires its last action. It is
 * no action itself and does not run: add it to an engine with
 * [method@Engine.add_sequence], which adds its actions, also those that are
 * appended later.
 *
 * An empty sequence keeps its requirements for the first action that comes. As a
 * requirement it has no effect.
 *
 * It is a [iface@Gio.ListModel] of its actions, in their order. All its functions
 * belong in the context of the engine, like those of its actions.
 *
 * Since: 1.0
 */

struct _JobsSequence
{
  GObject     parent_instance;

  GPtrArray  *actions;
  GHashTable *members; /* the same ones */
  GPtrArray  *kept;    /* what the first one will require; NULL for nothing */
  JobsEngine *engine;  /* weak */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (JobsSequence, jobs_sequence, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

/* FALSE, and nothing is changed, where one of them cannot be in our engine */
static gboolean
add_to_engine (JobsSequence *self,
               GPtrArray    *actions)
{
  g_autoptr (GPtrArray) missing = NULL;

  if (self->engine == NULL)
    return TRUE;

  missing = g_ptr_array_new ();
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);

      if (jobs_action_get_engine (action) != self->engine)
        g_ptr_array_add (missing, action);
    }

  return missing->len == 0 ||
         jobs_engine_add_many (self->engine, (JobsAction **) missing->pdata, missing->len);
}

static void
drop_all (JobsAction *action,
          GPtrArray  *others)
{
  for (guint i = 0; i < others->len; i++)
    jobs_action_drop_requirement (action, g_ptr_array_index (others, i));
}

/* Has the one that comes next require what it must: the last one, or what was kept.
 * A requirement that is there already may have a condition, which is left alone.
 * Returns what it did not require yet; NULL, with nothing changed, where it cannot */
static GPtrArray *
join (JobsSequence *self,
      JobsAction   *first)
{
  g_autoptr (GPtrArray) joined = g_ptr_array_new ();
  JobsAction *last = jobs_sequence_get_last (self);
  guint n_others = last != NULL ? 1 : self->kept != NULL ? self->kept->len : 0;

  for (guint i = 0; i < n_others; i++)
    {
      JobsAction *other = last != NULL ? last : g_ptr_array_index (self->kept, i);

      if (jobs_action_get_requirement (first, other, NULL))
        continue;

      if (!jobs_action_requires_full (first, other, JOBS_CONDITION_DONE, NULL))
        {
          drop_all (first, joined);
          return NULL;
        }
      g_ptr_array_add (joined, other);
    }

  return g_steal_pointer (&joined);
}

static gboolean
append_all (JobsSequence *self,
            GPtrArray    *actions)
{
  g_autoptr (GPtrArray) joined = NULL;
  guint position = self->actions->len;
  JobsAction *first;

  if (actions->len == 0)
    return TRUE;

  for (guint i = 0; i < actions->len; i++)
    if (g_hash_table_contains (self->members, g_ptr_array_index (actions, i)))
      return FALSE;

  /* Joined before it is added, so that a run that goes on sees it with all its
   * requirements */
  first = g_ptr_array_index (actions, 0);
  joined = join (self, first);
  if (joined == NULL)
    return FALSE;
  if (!add_to_engine (self, actions))
    {
      drop_all (first, joined);
      return FALSE;
    }

  g_clear_pointer (&self->kept, g_ptr_array_unref);
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);

      g_ptr_array_add (self->actions, g_object_ref (action));
      g_hash_table_add (self->members, action);
    }

  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, actions->len);

  return TRUE;
}

static GType
get_item_type (GListModel *model)
{
  return JOBS_TYPE_ACTION;
}

static guint
get_n_items (GListModel *model)
{
  return JOBS_SEQUENCE (model)->actions->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  JobsSequence *self = JOBS_SEQUENCE (model);

  if (position >= self->actions->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->actions, position));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
jobs_sequence_dispose (GObject *object)
{
  JobsSequence *self = JOBS_SEQUENCE (object);

  g_hash_table_remove_all (self->members);
  g_ptr_array_set_size (self->actions, 0);
  g_clear_pointer (&self->kept, g_ptr_array_unref);
  g_clear_weak_pointer (&self->engine);

  G_OBJECT_CLASS (jobs_sequence_parent_class)->dispose (object);
}

static void
jobs_sequence_finalize (GObject *object)
{
  JobsSequence *self = JOBS_SEQUENCE (object);

  g_hash_table_unref (self->members);
  g_ptr_array_unref (self->actions);

  G_OBJECT_CLASS (jobs_sequence_parent_class)->finalize (object);
}

static void
jobs_sequence_class_init (JobsSequenceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = jobs_sequence_dispose;
  object_class->finalize = jobs_sequence_finalize;
}

static void
jobs_sequence_init (JobsSequence *self)
{
  self->actions = g_ptr_array_new_with_free_func (g_object_unref);
  self->members = g_hash_table_new (NULL, NULL);
}

/**
 * jobs_sequence_new:
 *
 * Makes an empty sequence.
 *
 * Returns: (transfer full): a new sequence
 *
 * Since: 1.0
 */
JobsSequence *
jobs_sequence_new (void)
{
  return g_object_new (JOBS_TYPE_SEQUENCE, NULL);
}

/**
 * jobs_sequence_append:
 * @self: a sequence
 * @action: (transfer none): the action that comes last from now on
 *
 * Appends an action, which requires the one that was last until now.
 *
 * Where it requires that one already, that requirement keeps its condition. If the
 * sequence is in an engine, the action is added to it.
 *
 * Returns: %TRUE where it was appended; %FALSE, with nothing changed, where it is in
 *   the sequence already, is what that requires, belongs to another engine, or has
 *   started
 *
 * Since: 1.0
 */
gboolean
jobs_sequence_append (JobsSequence *self,
                      JobsAction   *action)
{
  g_autoptr (GPtrArray) actions = NULL;

  g_return_val_if_fail (JOBS_IS_SEQUENCE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);

  actions = g_ptr_array_new ();
  g_ptr_array_add (actions, action);

  return append_all (self, actions);
}

/**
 * jobs_sequence_append_sequence:
 * @self: a sequence
 * @other: (transfer none): another one
 *
 * Appends all actions of another sequence, the first of which requires our last
 * one.
 *
 * The other sequence is not changed; what is appended to it later does not come
 * to this one.
 *
 * Returns: %TRUE where they were appended, or there were none; %FALSE, with nothing
 *   changed, for the reasons given in [method@Sequence.append]
 *
 * Since: 1.0
 */
gboolean
jobs_sequence_append_sequence (JobsSequence *self,
                               JobsSequence *other)
{
  g_return_val_if_fail (JOBS_IS_SEQUENCE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_SEQUENCE (other), FALSE);

  return append_all (self, other->actions);
}

/**
 * jobs_sequence_requires:
 * @self: a sequence
 * @other: (nullable): an action
 *
 * Has the first action of the sequence require @other; where there is none yet,
 * the first one that comes. %NULL has no effect.
 *
 * Since: 1.0
 */
void
jobs_sequence_requires (JobsSequence *self,
                        JobsAction   *other)
{
  g_return_if_fail (JOBS_IS_SEQUENCE (self));
  g_return_if_fail (other == NULL || JOBS_IS_ACTION (other));

  if (other == NULL)
    return;

  if (self->actions->len > 0)
    {
      jobs_action_requires (g_ptr_array_index (self->actions, 0), other);
      return;
    }

  if (self->kept == NULL)
    self->kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->kept, g_object_ref (other));
}

/**
 * jobs_sequence_requires_sequence:
 * @self: a sequence
 * @other: (nullable): another one
 *
 * Has the first action of the sequence require the last one of @other. An empty
 * sequence, %NULL and @self have no effect.
 *
 * Since: 1.0
 */
void
jobs_sequence_requires_sequence (JobsSequence *self,
                                 JobsSequence *other)
{
  g_return_if_fail (JOBS_IS_SEQUENCE (self));
  g_return_if_fail (other == NULL || JOBS_IS_SEQUENCE (other));

  if (other != NULL && other != self)
    jobs_sequence_requires (self, jobs_sequence_get_last (other));
}

/**
 * jobs_sequence_get_first:
 * @self: a sequence
 *
 * The action that has the requirements of the sequence.
 *
 * Returns: (transfer none) (nullable): the first action, %NULL where there is none
 *
 * Since: 1.0
 */
JobsAction *
jobs_sequence_get_first (JobsSequence *self)
{
  g_return_val_if_fail (JOBS_IS_SEQUENCE (self), NULL);

  return self->actions->len > 0 ? g_ptr_array_index (self->actions, 0) : NULL;
}

/**
 * jobs_sequence_get_last:
 * @self: a sequence
 *
 * The action that is required by what requires the sequence.
 *
 * Returns: (transfer none) (nullable): the last action, %NULL where there is none
 *
 * Since: 1.0
 */
JobsAction *
jobs_sequence_get_last (JobsSequence *self)
{
  guint n_actions;

  g_return_val_if_fail (JOBS_IS_SEQUENCE (self), NULL);

  n_actions = self->actions->len;

  return n_actions > 0 ? g_ptr_array_index (self->actions, n_actions - 1) : NULL;
}

/**
 * jobs_sequence_get_engine:
 * @self: a sequence
 *
 * The engine that it was added to, and to which goes what is appended.
 *
 * Returns: (transfer none) (nullable): the engine
 *
 * Since: 1.0
 */
JobsEngine *
jobs_sequence_get_engine (JobsSequence *self)
{
  g_return_val_if_fail (JOBS_IS_SEQUENCE (self), NULL);

  return self->engine;
}

void
jobs_sequence_set_engine (JobsSequence *self,
                          JobsEngine   *engine)
{
  g_set_weak_pointer (&self->engine, engine);
}
