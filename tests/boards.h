/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "test-support.h"

/* What the tests of boards do to know the graph that is in them */

static inline void
add_lines (GListModel *model,
           GPtrArray  *lines)
{
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      JobsLine *line = g_list_model_get_item (model, i);

      g_ptr_array_add (lines, line);
      if (jobs_line_get_children (line) != NULL)
        add_lines (jobs_line_get_children (line), lines);
    }
}

/* All of a board, an engine before what is in it */
static inline GPtrArray *
dup_lines (JobsBoard *board)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_object_unref);

  add_lines (G_LIST_MODEL (board), lines);

  return lines;
}

static inline void
take_result (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* In words, as in "last>first:success"; NULL with an error */
static inline char *
dup_requirements (JobsBoard *board,
                  GPtrArray *lines,
                  GError   **error)
{
  static const char *const words[] = { "done", "success", "failure", "ready", "after" };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) requirements = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  jobs_board_list_requirements_async (board, lines, NULL, take_result, &result);
  spin_until (result != NULL);
  requirements = jobs_board_list_requirements_finish (board, result, error);
  if (requirements == NULL)
    return NULL;

  for (guint i = 0; i < requirements->len; i++)
    {
      g_autoptr (JobsRequirement) copy = jobs_requirement_copy (requirements->pdata[i]);

      g_string_append_printf (text, "%s%s>%s:%s", i > 0 ? " " : "", jobs_line_get_path (copy->line),
                              jobs_line_get_path (copy->other), words[copy->condition]);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}
