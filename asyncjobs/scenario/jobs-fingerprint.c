/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "actions/jobs-command-action-private.h"
#include "jobs-fingerprint.h"

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* In no order: that in which they are said changes nothing */
static void
add_requirements (GChecksum  *checksum,
                  JobsAction *action)
{
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < others->len; i++)
    {
      JobsAction *other = g_ptr_array_index (others, i);
      g_autofree char *path = jobs_action_dup_path (other);
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (action, other, &condition);
      g_ptr_array_add (texts, g_strdup_printf ("%d %s", (int) condition, path));
    }
  g_ptr_array_sort (texts, compare_texts);
  for (guint i = 0; i < texts->len; i++)
    jobs_checksum_add (checksum, g_ptr_array_index (texts, i));
}

char *
jobs_fingerprint (JobsAction *action)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  jobs_checksum_add (checksum, G_OBJECT_TYPE_NAME (action));
  if (JOBS_IS_COMMAND_ACTION (action))
    jobs_command_action_add_to_checksum (JOBS_COMMAND_ACTION (action), checksum);
  add_requirements (checksum, action);

  return g_strdup (g_checksum_get_string (checksum));
}
