/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "tool.h"

static void
limit_leaves (JobsEngine *engine,
              JobsPool   *pool)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      if (jobs_action_get_forever (action))
        continue;
      if (JOBS_IS_ENGINE (action))
        limit_leaves (JOBS_ENGINE (action), pool);
      else
        jobs_action_add_pool (action, pool, 1);
    }
}

void
tool_limit_jobs (JobsEngine *engine,
                 guint       n)
{
  gboolean nested = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)) && !nested; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      nested = JOBS_IS_ENGINE (action);
    }

  /* A window counts a nested engine as one, but who says -j4 means four
   * programs: a pool counts them on all levels */
  if (nested && n > 0)
    {
      g_autoptr (JobsPool) pool = jobs_pool_new ("-j", n);

      limit_leaves (engine, pool);
      n = 0;
    }

  jobs_engine_set_window (engine, n);
}
