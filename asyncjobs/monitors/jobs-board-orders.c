/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-board.h"
#include "jobs-line.h"

/* What can be done about a run and its actions, wherever that is */

/**
 * jobs_board_pause:
 * @self: a board
 *
 * Has the run start nothing until [method@Board.resume]; see [method@Engine.pause].
 *
 * Since: 1.0
 */
void
jobs_board_pause (JobsBoard *self)
{
  g_return_if_fail (JOBS_IS_BOARD (self));

  JOBS_BOARD_GET_CLASS (self)->pause (self);
}

/**
 * jobs_board_resume:
 * @self: a board
 *
 * Has a paused run go on.
 *
 * Since: 1.0
 */
void
jobs_board_resume (JobsBoard *self)
{
  g_return_if_fail (JOBS_IS_BOARD (self));

  JOBS_BOARD_GET_CLASS (self)->resume (self);
}

/**
 * jobs_board_cancel:
 * @self: a board
 *
 * Cancels the run; see [method@Engine.cancel].
 *
 * Since: 1.0
 */
void
jobs_board_cancel (JobsBoard *self)
{
  g_return_if_fail (JOBS_IS_BOARD (self));

  JOBS_BOARD_GET_CLASS (self)->cancel (self);
}

/**
 * jobs_board_cancel_line:
 * @self: a board
 * @line: one of its lines
 *
 * Cancels an action; see [method@Action.cancel].
 *
 * Since: 1.0
 */
void
jobs_board_cancel_line (JobsBoard *self,
                        JobsLine  *line)
{
  g_return_if_fail (JOBS_IS_BOARD (self));
  g_return_if_fail (JOBS_IS_LINE (line));

  JOBS_BOARD_GET_CLASS (self)->cancel_line (self, line);
}

/**
 * jobs_board_retry_line:
 * @self: a board
 * @line: one of its lines
 *
 * Tries an action again that has ended badly, and the engines around it that have ended;
 * see [method@Engine.retry]. Where one of them cannot be, [signal@Board::trouble] says why,
 * and all is left as it is.
 *
 * Since: 1.0
 */
void
jobs_board_retry_line (JobsBoard *self,
                       JobsLine  *line)
{
  g_return_if_fail (JOBS_IS_BOARD (self));
  g_return_if_fail (JOBS_IS_LINE (line));

  JOBS_BOARD_GET_CLASS (self)->retry_line (self, line);
}
