/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-share.h"

/**
 * JobsResource:
 *
 * What several actions share: a connection, a temporary directory, a server.
 *
 * An action says with [method@Action.use] what it uses. The first user of a run
 * opens it and the others wait for that; it is closed once, after the run. What a
 * resource itself needs, its parent (the gateway of a connection), is opened
 * before it and closed after it.
 *
 * A resource that failed to open fails the actions that waited for it; the next
 * one that wants it tries again. Runs in one main context may share it at the
 * same time; for a run in another context it is %JOBS_ERROR_BUSY.
 *
 * Since: 1.0
 */

/**
 * JobsResourceInterface::open:
 * @self: a resource
 * @attempt: what is to get the outcome; it has no action
 * @error: return location for an error
 *
 * Begins to open the resource, without blocking.
 *
 * Give @attempt one outcome, now or later, from any thread. It is called in the
 * context of the run, when its parent is open.
 *
 * Returns: %FALSE with an error, which is the outcome, where it failed
 *
 * Since: 1.0
 */

/**
 * JobsResourceInterface::close:
 * @self: a resource
 * @attempt: what is to get the outcome; it has no action
 * @error: return location for an error
 *
 * Begins to close the resource, likewise; the default has nothing to do.
 *
 * It is called when no run uses the resource any more, before its parent is closed.
 * What goes wrong does not change the verdict: see
 * [method@Engine.dup_clean_up_failures].
 *
 * Returns: %FALSE with an error, which is the outcome, where it failed
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (JobsResource, jobs_resource, G_TYPE_OBJECT)

static void
jobs_resource_default_init (JobsResourceInterface *iface)
{
}

/**
 * jobs_resource_get_parent:
 * @self: a resource
 *
 * What must be open as long as this one is.
 *
 * Returns: (transfer none) (nullable): the parent
 *
 * Since: 1.0
 */
JobsResource *
jobs_resource_get_parent (JobsResource *self)
{
  JobsResourceInterface *iface;

  g_return_val_if_fail (JOBS_IS_RESOURCE (self), NULL);

  iface = JOBS_RESOURCE_GET_IFACE (self);

  return iface->get_parent != NULL ? iface->get_parent (self) : NULL;
}

/**
 * jobs_resource_is_open:
 * @self: a resource
 *
 * Whether it was opened by a run and is not yet being closed.
 *
 * May be called from any thread; the answer is certain only in an action that
 * uses it.
 *
 * Returns: %TRUE while it is open
 *
 * Since: 1.0
 */
gboolean
jobs_resource_is_open (JobsResource *self)
{
  g_return_val_if_fail (JOBS_IS_RESOURCE (self), FALSE);

  return jobs_share_resource_is_open (self);
}
