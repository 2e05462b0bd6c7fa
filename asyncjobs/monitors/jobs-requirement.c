/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-requirement-private.h"

G_DEFINE_BOXED_TYPE (JobsRequirement, jobs_requirement, jobs_requirement_copy, jobs_requirement_free)

JobsRequirement *
jobs_requirement_new (JobsLine     *line,
                      JobsLine     *other,
                      JobsCondition condition)
{
  JobsRequirement *self = g_new (JobsRequirement, 1);

  self->line = g_object_ref (line);
  self->other = g_object_ref (other);
  self->condition = condition;

  return self;
}

GPtrArray *
jobs_requirements_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) jobs_requirement_free);
}

/**
 * jobs_requirement_copy:
 * @self: a requirement
 *
 * Copies it; the lines are the same.
 *
 * Returns: (transfer full): a copy
 *
 * Since: 1.0
 */
JobsRequirement *
jobs_requirement_copy (const JobsRequirement *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return jobs_requirement_new (self->line, self->other, self->condition);
}

/**
 * jobs_requirement_free:
 * @self: (transfer full): a requirement
 *
 * Frees it, and lets go of its lines.
 *
 * Since: 1.0
 */
void
jobs_requirement_free (JobsRequirement *self)
{
  g_return_if_fail (self != NULL);

  g_object_unref (self->line);
  g_object_unref (self->other);
  g_free (self);
}
