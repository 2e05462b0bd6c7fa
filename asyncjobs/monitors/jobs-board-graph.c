/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-board.h"

/* What is known of the graph of a run, wherever that is: it has to be asked for */

/**
 * JobsBoardClass::list_requirements:
 * @self: a board
 * @task: (transfer full): what gets the answer; its data are the lines asked about
 *
 * Finds out what these lines require, as [method@Board.list_requirements_async]
 * returns it. Only the library has such classes.
 *
 * Since: 1.0
 */

/**
 * jobs_board_list_requirements_async:
 * @self: a board
 * @lines: (element-type JobsLine): lines, of which those that are not its own, or whose
 *   action has been removed, are passed over
 * @cancellable: (nullable): to give up
 * @callback: (nullable): called with what they require
 * @user_data: for the callback
 *
 * Asks what the actions of some lines require.
 *
 * A board does not tell when that changes. Actions that are added or removed are told of
 * by the lists of lines; then it is time to ask again.
 *
 * Since: 1.0
 */
void
jobs_board_list_requirements_async (JobsBoard          *self,
                                    GPtrArray          *lines,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data)
{
  GPtrArray *kept;
  GTask *task;

  g_return_if_fail (JOBS_IS_BOARD (self));
  g_return_if_fail (lines != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  kept = g_ptr_array_new_full (lines->len, g_object_unref);
  for (guint i = 0; i < lines->len; i++)
    g_ptr_array_add (kept, g_object_ref (lines->pdata[i]));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, jobs_board_list_requirements_async);
  g_task_set_task_data (task, kept, (GDestroyNotify) g_ptr_array_unref);
  JOBS_BOARD_GET_CLASS (self)->list_requirements (self, task);
}

/**
 * jobs_board_list_requirements_finish:
 * @self: a board
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends asking for requirements.
 *
 * They come in the order of the lines that were asked for, those of each in the order in
 * which they were said. Both ends are in the same engine, and the other end need not be
 * among those lines. Of a line whose action has been removed there are none, and none that
 * lead to it; nor of a line of another board, be it one of the same run.
 *
 * A board of this program always knows. Of another one it is %G_IO_ERROR_CLOSED where
 * that has gone, or shows its run no more, unless all of it was asked for before: then
 * it is as it was. Other errors are those of D-Bus.
 *
 * Returns: (transfer container) (element-type JobsRequirement): the requirements, or %NULL
 *   with an error
 *
 * Since: 1.0
 */
GPtrArray *
jobs_board_list_requirements_finish (JobsBoard    *self,
                                     GAsyncResult *result,
                                     GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
