/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-pool-private.h"

/**
 * JobsPool:
 *
 * A named budget that actions draw on while they run: two GPUs, three
 * downloads, 64 GB of memory.
 *
 * An action says with [method@Action.add_pool] what it needs, and starts when
 * all its pools have room for it, in one step. Until then it holds nothing. Who
 * waits is served by priority, then in the order of becoming ready, so that an
 * action that needs much is not starved by those that need little.
 *
 * A pool may be shared by engines in different threads: all its functions may be
 * called from any thread.
 *
 * Since: 1.0
 */

struct _JobsPool
{
  GObject    parent_instance;

  char      *name;

  /* under the lock */
  guint      capacity;
  guint      in_use;
  GSequence *queue; /* of JobsPoolClaim, those that wait, the first to be served first */
};

typedef struct
{
  JobsPool      *pool;
  guint          amount;
  GSequenceIter *place; /* in the queue of the pool, NULL while it does not wait */
} Need;

struct _JobsPoolClaim
{
  JobsPoolClaimFunc func;
  gpointer          data;

  int               priority;
  guint             index;
  gint64            ready_time;
  guint64           serial;

  gboolean          is_waiting;
  gboolean          is_held;
  gboolean          is_told; /* func was called since the last try */

  guint             n_needs;
  Need              needs[];
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_CAPACITY,
  PROP_IN_USE,
  PROP_N_WAITING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* One for all pools: a claim changes several of them in one step */
static GMutex lock;

G_DEFINE_FINAL_TYPE (JobsPool, jobs_pool, G_TYPE_OBJECT)

/* A total order, the same in all queues: the first claim of all is first in each
 * of its pools, so that somebody can always go on */
static int
claim_compare (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  const JobsPoolClaim *one = a, *two = b;

  if (one->priority != two->priority)
    return one->priority > two->priority ? -1 : 1;
  if (one->ready_time != two->ready_time)
    return one->ready_time < two->ready_time ? -1 : 1;
  if (one->serial != two->serial)
    return one->serial < two->serial ? -1 : 1;
  if (one->index != two->index)
    return one->index < two->index ? -1 : 1;
  return 0;
}

static JobsPoolClaim *
peek_first (JobsPool *pool)
{
  GSequenceIter *first = g_sequence_get_begin_iter (pool->queue);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

static gboolean
has_room (const Need *need)
{
  const JobsPool *pool = need->pool;

  /* More may be in use than there is, where the capacity was lowered */
  return need->amount <= pool->capacity && pool->in_use <= pool->capacity - need->amount;
}

static gboolean
can_be_served (JobsPoolClaim *claim)
{
  for (guint i = 0; i < claim->n_needs; i++)
    {
      JobsPoolClaim *first = peek_first (claim->needs[i].pool);

      if (first != NULL && first != claim && claim_compare (first, claim, NULL) <= 0)
        return FALSE;
      if (!has_room (&claim->needs[i]))
        return FALSE;
    }

  return TRUE;
}

/* To be called after whatever may have made room or another first one. Only the
 * first one can have gained by it, since all others wait behind it here */
static void
tell_first (JobsPool *pool)
{
  JobsPoolClaim *first = peek_first (pool);

  if (first == NULL || first->is_told || !can_be_served (first))
    return;

  first->is_told = TRUE;
  first->func (first->data);
}

static void
tell_firsts (JobsPoolClaim *claim)
{
  for (guint i = 0; i < claim->n_needs; i++)
    tell_first (claim->needs[i].pool);
}

static void
enter_queues (JobsPoolClaim *claim)
{
  for (guint i = 0; i < claim->n_needs; i++)
    {
      Need *need = &claim->needs[i];

      need->place = g_sequence_insert_sorted (need->pool->queue, claim, claim_compare, NULL);
    }
  claim->is_waiting = TRUE;
}

static void
leave_queues (JobsPoolClaim *claim)
{
  for (guint i = 0; i < claim->n_needs; i++)
    g_clear_pointer (&claim->needs[i].place, g_sequence_remove);
  claim->is_waiting = FALSE;
}

static void
give_back (JobsPoolClaim *claim)
{
  for (guint i = 0; i < claim->n_needs; i++)
    {
      g_assert (claim->needs[i].pool->in_use >= claim->needs[i].amount);
      claim->needs[i].pool->in_use -= claim->needs[i].amount;
    }
  claim->is_held = FALSE;
}

static void
jobs_pool_finalize (GObject *object)
{
  JobsPool *self = JOBS_POOL (object);

  /* Each claim holds a reference to its pools */
  g_assert (g_sequence_is_empty (self->queue));

  g_sequence_free (self->queue);
  g_free (self->name);

  G_OBJECT_CLASS (jobs_pool_parent_class)->finalize (object);
}

static void
jobs_pool_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  JobsPool *self = JOBS_POOL (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CAPACITY:
      g_value_set_uint (value, jobs_pool_get_capacity (self));
      break;
    case PROP_IN_USE:
      g_value_set_uint (value, jobs_pool_get_in_use (self));
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, jobs_pool_get_n_waiting (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_pool_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  JobsPool *self = JOBS_POOL (object);

  switch (prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_CAPACITY:
      jobs_pool_set_capacity (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_pool_class_init (JobsPoolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = jobs_pool_finalize;
  object_class->get_property = jobs_pool_get_property;
  object_class->set_property = jobs_pool_set_property;

  /**
   * JobsPool:name: (getter get_name)
   *
   * What it is called, in messages and reports.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * JobsPool:capacity: (getter get_capacity) (setter set_capacity)
   *
   * How much there is of it; 0: nothing that draws on it may start.
   *
   * Since: 1.0
   */
  properties[PROP_CAPACITY] =
    g_param_spec_uint ("capacity", NULL, NULL, 0, G_MAXUINT, 1,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
                       G_PARAM_EXPLICIT_NOTIFY);

  /**
   * JobsPool:in-use: (getter get_in_use)
   *
   * How much of it the running actions hold.
   *
   * It changes in any thread and is not notified.
   *
   * Since: 1.0
   */
  properties[PROP_IN_USE] =
    g_param_spec_uint ("in-use", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * JobsPool:n-waiting: (getter get_n_waiting)
   *
   * How many actions wait for it.
   *
   * It changes in any thread and is not notified.
   *
   * Since: 1.0
   */
  properties[PROP_N_WAITING] =
    g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_pool_init (JobsPool *self)
{
  self->queue = g_sequence_new (NULL);
}

/**
 * jobs_pool_new:
 * @name: (nullable): what it is called
 * @capacity: how much there is; 0: nothing may start
 *
 * Makes a pool.
 *
 * Returns: (transfer full): a new pool
 *
 * Since: 1.0
 */
JobsPool *
jobs_pool_new (const char *name,
               guint       capacity)
{
  return g_object_new (JOBS_TYPE_POOL, "name", name, "capacity", capacity, NULL);
}

/**
 * jobs_pool_get_name: (get-property name)
 * @self: a pool
 *
 * What it is called. May be called from any thread.
 *
 * Returns: (transfer none) (nullable): the name
 *
 * Since: 1.0
 */
const char *
jobs_pool_get_name (JobsPool *self)
{
  g_return_val_if_fail (JOBS_IS_POOL (self), NULL);

  return self->name;
}

const char *
jobs_pool_get_display_name (JobsPool *self)
{
  /* Translators: in the place of the name of a pool that has none */
  return self->name != NULL ? self->name : _("(no name)");
}

/**
 * jobs_pool_get_capacity: (get-property capacity)
 * @self: a pool
 *
 * How much there is of it. May be called from any thread.
 *
 * Returns: the capacity
 *
 * Since: 1.0
 */
guint
jobs_pool_get_capacity (JobsPool *self)
{
  guint capacity;

  g_return_val_if_fail (JOBS_IS_POOL (self), 0);

  g_mutex_lock (&lock);
  capacity = self->capacity;
  g_mutex_unlock (&lock);

  return capacity;
}

/**
 * jobs_pool_set_capacity: (set-property capacity)
 * @self: a pool
 * @capacity: how much there is from now on; 0: nothing may start
 *
 * Makes it larger or smaller, also while it is in use.
 *
 * What runs is not disturbed: where less is left than is in use, nothing starts
 * until enough was given back. An action that needs more than there is waits
 * until there is more, and those behind it wait with it.
 *
 * May be called from any thread; the property is notified in that thread.
 *
 * Since: 1.0
 */
void
jobs_pool_set_capacity (JobsPool *self,
                        guint     capacity)
{
  gboolean changed;

  g_return_if_fail (JOBS_IS_POOL (self));

  g_mutex_lock (&lock);
  changed = self->capacity != capacity;
  if (changed)
    {
      self->capacity = capacity;
      tell_first (self);
    }
  g_mutex_unlock (&lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAPACITY]);
}

/**
 * jobs_pool_get_in_use: (get-property in-use)
 * @self: a pool
 *
 * How much of it the running actions hold at this moment. May be called from
 * any thread.
 *
 * Returns: the sum of what they hold
 *
 * Since: 1.0
 */
guint
jobs_pool_get_in_use (JobsPool *self)
{
  guint in_use;

  g_return_val_if_fail (JOBS_IS_POOL (self), 0);

  g_mutex_lock (&lock);
  in_use = self->in_use;
  g_mutex_unlock (&lock);

  return in_use;
}

/**
 * jobs_pool_get_n_waiting: (get-property n-waiting)
 * @self: a pool
 *
 * How many actions wait for it at this moment, because it has no room or because
 * another pool that they need has none. May be called from any thread.
 *
 * Returns: the number of actions
 *
 * Since: 1.0
 */
guint
jobs_pool_get_n_waiting (JobsPool *self)
{
  guint n_waiting;

  g_return_val_if_fail (JOBS_IS_POOL (self), 0);

  g_mutex_lock (&lock);
  n_waiting = g_sequence_get_length (self->queue);
  g_mutex_unlock (&lock);

  return n_waiting;
}

JobsPoolClaim *
jobs_pool_claim_new (const JobsPoolNeed *needs,
                     guint               n_needs,
                     int                 priority,
                     gint64              ready_time,
                     guint64             serial,
                     guint               index,
                     JobsPoolClaimFunc   func,
                     gpointer            data)
{
  JobsPoolClaim *self = g_malloc0 (sizeof (JobsPoolClaim) + n_needs * sizeof (Need));

  self->func = func;
  self->data = data;
  self->priority = priority;
  self->index = index;
  self->ready_time = ready_time;
  self->serial = serial;
  self->n_needs = n_needs;

  for (guint i = 0; i < n_needs; i++)
    {
      /* Twice in one queue, it would wait for itself */
      for (guint j = 0; j < i; j++)
        g_assert (needs[j].pool != needs[i].pool);

      self->needs[i].pool = g_object_ref (needs[i].pool);
      self->needs[i].amount = needs[i].amount;
    }

  return self;
}

void
jobs_pool_claim_free (JobsPoolClaim *self)
{
  jobs_pool_claim_leave (self);
  jobs_pool_claim_release (self);

  for (guint i = 0; i < self->n_needs; i++)
    g_object_unref (self->needs[i].pool);
  g_free (self);
}

gboolean
jobs_pool_claim_try (JobsPoolClaim *self)
{
  gboolean served;

  g_mutex_lock (&lock);

  g_assert (!self->is_held);
  self->is_told = FALSE;

  served = can_be_served (self);
  if (served)
    {
      leave_queues (self);
      for (guint i = 0; i < self->n_needs; i++)
        self->needs[i].pool->in_use += self->needs[i].amount;
      self->is_held = TRUE;
      tell_firsts (self);
    }
  else if (!self->is_waiting)
    {
      enter_queues (self);
    }

  g_mutex_unlock (&lock);

  return served;
}

void
jobs_pool_claim_leave (JobsPoolClaim *self)
{
  g_mutex_lock (&lock);

  if (self->is_waiting)
    {
      leave_queues (self);
      tell_firsts (self);
    }

  g_mutex_unlock (&lock);
}

void
jobs_pool_claim_release (JobsPoolClaim *self)
{
  g_mutex_lock (&lock);

  if (self->is_held)
    {
      give_back (self);
      tell_firsts (self);
    }

  g_mutex_unlock (&lock);
}

gboolean
jobs_pool_claim_is_held (JobsPoolClaim *self)
{
  gboolean is_held;

  g_mutex_lock (&lock);
  is_held = self->is_held;
  g_mutex_unlock (&lock);

  return is_held;
}

gboolean
jobs_pool_claim_is_waiting (JobsPoolClaim *self)
{
  gboolean is_waiting;

  g_mutex_lock (&lock);
  is_waiting = self->is_waiting;
  g_mutex_unlock (&lock);

  return is_waiting;
}

gboolean
jobs_pool_claim_holds (JobsPoolClaim *self,
                       JobsPool      *pool)
{
  if (!jobs_pool_claim_is_held (self))
    return FALSE;

  for (guint i = 0; i < self->n_needs; i++)
    if (self->needs[i].pool == pool && self->needs[i].amount > 0)
      return TRUE;

  return FALSE;
}

JobsPool *
jobs_pool_claim_find_obstacle (JobsPoolClaim *self,
                               guint         *amount)
{
  const Need *obstacle = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; i < self->n_needs && obstacle == NULL; i++)
    if (!has_room (&self->needs[i]))
      obstacle = &self->needs[i];
  for (guint i = 0; i < self->n_needs && obstacle == NULL; i++)
    {
      JobsPoolClaim *first = peek_first (self->needs[i].pool);

      if (first != NULL && first != self && claim_compare (first, self, NULL) <= 0)
        obstacle = &self->needs[i];
    }
  g_mutex_unlock (&lock);

  if (obstacle == NULL)
    return NULL;
  if (amount != NULL)
    *amount = obstacle->amount;

  return obstacle->pool;
}
