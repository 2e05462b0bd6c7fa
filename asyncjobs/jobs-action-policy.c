/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-action-private.h"
#include "jobs-resource.h"
#include "jobs-run.h"

/* How an action is to be run: what its users set. */

static void
need_clear (gpointer data)
{
  g_clear_object (&((JobsPoolNeed *) data)->pool);
}

/**
 * jobs_action_get_critical: (attributes org.gtk.Method.get_property=critical)
 * @self: an action
 *
 * Whether a failure of the action is a failure of the run.
 *
 * Returns: %TRUE by default
 *
 * Since: 1.0
 */
gboolean
jobs_action_get_critical (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  return !jobs_action_has_flag (self, JOBS_ACTION_NON_CRITICAL);
}

/**
 * jobs_action_set_critical: (attributes org.gtk.Method.set_property=critical)
 * @self: an action
 * @critical: the new value
 *
 * Sets whether a failure of the action is a failure of the run.
 *
 * One that is not critical counts as ended when it has failed, and changes nothing
 * else.
 *
 * Since: 1.0
 */
void
jobs_action_set_critical (JobsAction *self,
                          gboolean    critical)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  critical = !!critical;
  if (critical == jobs_action_get_critical (self))
    return;

  if (critical)
    jobs_action_unset_flag (self, JOBS_ACTION_NON_CRITICAL);
  else
    jobs_action_set_flag (self, JOBS_ACTION_NON_CRITICAL);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_CRITICAL]);
}

/**
 * jobs_action_get_idempotent: (attributes org.gtk.Method.get_property=idempotent)
 * @self: an action
 *
 * Whether doing it twice does no harm.
 *
 * Returns: %FALSE by default
 *
 * Since: 1.0
 */
gboolean
jobs_action_get_idempotent (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  return jobs_action_has_flag (self, JOBS_ACTION_IDEMPOTENT);
}

/**
 * jobs_action_set_idempotent: (attributes org.gtk.Method.set_property=idempotent)
 * @self: an action
 * @idempotent: the new value
 *
 * Sets whether doing it twice does no harm.
 *
 * Only then is an attempt that failed with %JOBS_ERROR_LOST, and may still go on
 * somewhere, followed by another one, where there are [property@Action:retries].
 *
 * Since: 1.0
 */
void
jobs_action_set_idempotent (JobsAction *self,
                            gboolean    idempotent)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  idempotent = !!idempotent;
  if (idempotent == jobs_action_get_idempotent (self))
    return;

  if (idempotent)
    jobs_action_set_flag (self, JOBS_ACTION_IDEMPOTENT);
  else
    jobs_action_unset_flag (self, JOBS_ACTION_IDEMPOTENT);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_IDEMPOTENT]);
}

/**
 * jobs_action_get_forever: (attributes org.gtk.Method.get_property=forever)
 * @self: an action
 *
 * Whether the action is not meant to end.
 *
 * Returns: %FALSE by default
 *
 * Since: 1.0
 */
gboolean
jobs_action_get_forever (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  return jobs_action_has_flag (self, JOBS_ACTION_FOREVER);
}

/**
 * jobs_action_set_forever: (attributes org.gtk.Method.set_property=forever)
 * @self: an action
 * @forever: the new value
 *
 * Sets whether the action is not meant to end: a server, a log that is followed.
 *
 * A run does not wait for such an action, but cancels it once all others have
 * ended. It takes no slot of the window. It cannot be changed while its engine
 * runs.
 *
 * Since: 1.0
 */
void
jobs_action_set_forever (JobsAction *self,
                         gboolean    forever)
{
  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (!jobs_action_has_flag (self, JOBS_ACTION_IN_RUN) || jobs_state_is_terminal (jobs_action_peek_state (self)));

  forever = !!forever;
  if (forever == jobs_action_get_forever (self))
    return;

  if (forever)
    jobs_action_set_flag (self, JOBS_ACTION_FOREVER);
  else
    jobs_action_unset_flag (self, JOBS_ACTION_FOREVER);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_FOREVER]);
}

/**
 * jobs_action_get_timeout: (attributes org.gtk.Method.get_property=timeout)
 * @self: an action
 *
 * How long an attempt may take.
 *
 * Returns: milliseconds; 0, the default: no limit
 *
 * Since: 1.0
 */
guint
jobs_action_get_timeout (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->timeout : 0;
}

/**
 * jobs_action_set_timeout: (attributes org.gtk.Method.set_property=timeout)
 * @self: an action
 * @timeout: the new value
 *
 * Sets how long an attempt may take, from its start to its outcome; for an engine,
 * a run until its last action has ended.
 *
 * It takes effect with the next attempt. One that takes longer is cancelled, and
 * is then %JOBS_STATE_TIMED_OUT, whatever it says.
 *
 * Since: 1.0
 */
void
jobs_action_set_timeout (JobsAction *self,
                         guint       timeout)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  if (timeout == jobs_action_get_timeout (self))
    return;

  jobs_action_get_more (self)->timeout = timeout;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_TIMEOUT]);
}

/**
 * jobs_action_get_retries: (attributes org.gtk.Method.get_property=retries)
 * @self: an action
 *
 * How many more attempts are made after one that failed or timed out.
 *
 * Returns: the number; 0 by default
 *
 * Since: 1.0
 */
guint
jobs_action_get_retries (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->retries : 0;
}

/**
 * jobs_action_set_retries: (attributes org.gtk.Method.set_property=retries)
 * @self: an action
 * @retries: the new value
 *
 * Sets how many more attempts are made after one that failed, timed out or was
 * abandoned.
 *
 * Only the last failure counts for the run and is seen by those behind. A
 * cancelled action is not tried again.
 *
 * Since: 1.0
 */
void
jobs_action_set_retries (JobsAction *self,
                         guint       retries)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  if (retries == jobs_action_get_retries (self))
    return;

  jobs_action_get_more (self)->retries = retries;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_RETRIES]);
}

/**
 * jobs_action_get_retry_delay: (attributes org.gtk.Method.get_property=retry-delay)
 * @self: an action
 *
 * The time before the second attempt.
 *
 * Returns: milliseconds; 0 by default
 *
 * Since: 1.0
 */
guint
jobs_action_get_retry_delay (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->retry_delay : 0;
}

/**
 * jobs_action_set_retry_delay: (attributes org.gtk.Method.set_property=retry-delay)
 * @self: an action
 * @delay: the new value
 *
 * Sets the time before the second attempt.
 *
 * It doubles for each further one up to [property@Action:retry-delay-max], and is
 * shortened by a random part of up to a quarter, so that many that failed
 * together do not come back together. Slots and pools are free meanwhile.
 *
 * Since: 1.0
 */
void
jobs_action_set_retry_delay (JobsAction *self,
                             guint       delay)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  if (delay == jobs_action_get_retry_delay (self))
    return;

  jobs_action_get_more (self)->retry_delay = delay;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_RETRY_DELAY]);
}

/**
 * jobs_action_get_retry_delay_max: (attributes org.gtk.Method.get_property=retry-delay-max)
 * @self: an action
 *
 * What the time between attempts does not grow beyond.
 *
 * Returns: milliseconds; 60000 by default
 *
 * Since: 1.0
 */
guint
jobs_action_get_retry_delay_max (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), JOBS_RETRY_DELAY_MAX);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->retry_delay_max : JOBS_RETRY_DELAY_MAX;
}

/**
 * jobs_action_set_retry_delay_max: (attributes org.gtk.Method.set_property=retry-delay-max)
 * @self: an action
 * @delay: the new value
 *
 * Sets what the time between attempts does not grow beyond.
 *
 * Since: 1.0
 */
void
jobs_action_set_retry_delay_max (JobsAction *self,
                                 guint       delay)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  if (delay == jobs_action_get_retry_delay_max (self))
    return;

  jobs_action_get_more (self)->retry_delay_max = delay;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_RETRY_DELAY_MAX]);
}

/**
 * jobs_action_get_priority: (attributes org.gtk.Method.get_property=priority)
 * @self: an action
 *
 * Which of the actions that may start goes first.
 *
 * Returns: the priority; 0 by default
 *
 * Since: 1.0
 */
int
jobs_action_get_priority (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->priority : 0;
}

/**
 * jobs_action_set_priority: (attributes org.gtk.Method.set_property=priority)
 * @self: an action
 * @priority: the new value
 *
 * Sets which of the actions that may start goes first: the one of the highest
 * priority, then the one that could start for the longest time.
 *
 * It takes effect when the action may start the next time.
 *
 * Since: 1.0
 */
void
jobs_action_set_priority (JobsAction *self,
                          int         priority)
{
  g_return_if_fail (JOBS_IS_ACTION (self));

  if (priority == jobs_action_get_priority (self))
    return;

  jobs_action_get_more (self)->priority = priority;
  if (jobs_action_peek_engine (self) != NULL)
    jobs_engine_get_run (jobs_action_peek_engine (self))->has_priorities = TRUE;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_PRIORITY]);
}

/**
 * jobs_action_add_pool:
 * @self: an action
 * @pool: a pool
 * @amount: how much of it an attempt takes; 0 is nothing
 *
 * An attempt at @self takes @amount of @pool, as long as it goes on.
 *
 * A later call for the same pool replaces the amount. It takes effect when the
 * action may start the next time.
 *
 * Since: 1.0
 */
void
jobs_action_add_pool (JobsAction *self,
                      JobsPool   *pool,
                      guint       amount)
{
  JobsActionMore *more;
  JobsPoolNeed need = { pool, amount };

  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (JOBS_IS_POOL (pool));

  jobs_action_remove_pool (self, pool);
  if (amount == 0)
    return;

  more = jobs_action_get_more (self);
  if (more->needs == NULL)
    {
      more->needs = g_array_new (FALSE, FALSE, sizeof (JobsPoolNeed));
      g_array_set_clear_func (more->needs, need_clear);
    }
  g_object_ref (pool);
  g_array_append_val (more->needs, need);
  jobs_action_set_flag (self, JOBS_ACTION_HAS_NEEDS);
}

/**
 * jobs_action_remove_pool:
 * @self: an action
 * @pool: a pool
 *
 * An attempt at @self takes nothing of @pool any more.
 *
 * Returns: %FALSE where it did not
 *
 * Since: 1.0
 */
gboolean
jobs_action_remove_pool (JobsAction *self,
                         JobsPool   *pool)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);
  g_return_val_if_fail (JOBS_IS_POOL (pool), FALSE);

  more = jobs_action_peek_more (self);
  if (more == NULL || more->needs == NULL)
    return FALSE;

  for (guint i = 0; i < more->needs->len; i++)
    if (g_array_index (more->needs, JobsPoolNeed, i).pool == pool)
      {
        g_array_remove_index (more->needs, i);
        if (more->needs->len == 0 && more->resources == NULL)
          jobs_action_unset_flag (self, JOBS_ACTION_HAS_NEEDS);
        return TRUE;
      }

  return FALSE;
}

/**
 * jobs_action_dup_pools:
 * @self: an action
 *
 * The pools that an attempt at it draws on.
 *
 * Returns: (transfer container) (element-type JobsPool): the pools
 *
 * Since: 1.0
 */
GPtrArray *
jobs_action_dup_pools (JobsAction *self)
{
  GPtrArray *pools;
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  pools = g_ptr_array_new_with_free_func (g_object_unref);
  more = jobs_action_peek_more (self);
  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    g_ptr_array_add (pools, g_object_ref (g_array_index (more->needs, JobsPoolNeed, i).pool));

  return pools;
}

/**
 * jobs_action_get_pool_amount:
 * @self: an action
 * @pool: a pool
 *
 * How much of @pool an attempt at @self takes.
 *
 * Returns: the amount; 0 where it takes nothing
 *
 * Since: 1.0
 */
guint
jobs_action_get_pool_amount (JobsAction *self,
                             JobsPool   *pool)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);
  g_return_val_if_fail (JOBS_IS_POOL (pool), 0);

  more = jobs_action_peek_more (self);
  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    if (g_array_index (more->needs, JobsPoolNeed, i).pool == pool)
      return g_array_index (more->needs, JobsPoolNeed, i).amount;

  return 0;
}

/**
 * jobs_action_use:
 * @self: an action
 * @resource: what it needs: a connection, say
 *
 * @resource is open while @self runs.
 *
 * The first user of a run opens it and the others wait for that; it is closed once,
 * at the end of the outermost run. Where it cannot be opened the attempt has
 * failed.
 *
 * Since: 1.0
 */
void
jobs_action_use (JobsAction   *self,
                 JobsResource *resource)
{
  JobsActionMore *more;

  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (JOBS_IS_RESOURCE (resource));

  more = jobs_action_get_more (self);
  if (more->resources == NULL)
    more->resources = g_ptr_array_new_with_free_func (g_object_unref);
  if (!g_ptr_array_find (more->resources, resource, NULL))
    g_ptr_array_add (more->resources, g_object_ref (resource));
  jobs_action_set_flag (self, JOBS_ACTION_HAS_NEEDS);
}

/**
 * jobs_action_dup_resources:
 * @self: an action
 *
 * The resources that it uses.
 *
 * Returns: (transfer container) (element-type JobsResource): the resources
 *
 * Since: 1.0
 */
GPtrArray *
jobs_action_dup_resources (JobsAction *self)
{
  GPtrArray *resources;
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  resources = g_ptr_array_new_with_free_func (g_object_unref);
  more = jobs_action_peek_more (self);
  for (guint i = 0; more != NULL && more->resources != NULL && i < more->resources->len; i++)
    g_ptr_array_add (resources, g_object_ref (g_ptr_array_index (more->resources, i)));

  return resources;
}
