/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_RESOURCE (jobs_resource_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (JobsResource, jobs_resource, JOBS, RESOURCE, GObject)

/**
 * JobsResourceInterface:
 * @open: begins to open the resource without blocking; give the attempt one
 *   outcome, now or later, from any thread. %FALSE with an error is the outcome
 *   itself. The attempt has no action
 * @close: begins to close it, likewise; the default has nothing to do
 * @get_parent: what must be open as long as this one is: a gateway
 *
 * What actions share: a connection, say.
 *
 * Since: 1.0
 */
struct _JobsResourceInterface
{
  GTypeInterface parent_iface;

  gboolean       (*open)       (JobsResource *self,
                                JobsAttempt  *attempt,
                                GError      **error);
  gboolean       (*close)      (JobsResource *self,
                                JobsAttempt  *attempt,
                                GError      **error);
  JobsResource * (*get_parent) (JobsResource *self);

  /*< private >*/
  gpointer padding[4];
};

JOBS_AVAILABLE_IN_1_0
JobsResource *jobs_resource_get_parent (JobsResource *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_resource_is_open    (JobsResource *self);

G_END_DECLS
