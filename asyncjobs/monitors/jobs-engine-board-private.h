/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine-board.h"

G_BEGIN_DECLS

/* Is told of all actions (element-type JobsAction) whose states have changed, those without a line,
 * too: one for each change, in their order, many at a time, and before the board tells of them. It
 * may neither call these two functions nor let go of the board. (Another handler of the engine's
 * signal would be dearer: with a single one, GLib need not make values of its arguments) */
typedef void (*JobsEngineBoardFunc) (GPtrArray *actions,
                                     gpointer   data);

void     jobs_engine_board_listen            (JobsEngineBoard    *self,
                                              JobsEngineBoardFunc func,
                                              gpointer            data);
void     jobs_engine_board_unlisten          (JobsEngineBoard    *self,
                                              gpointer            data);

/* For its class */
void     jobs_engine_board_list_requirements (JobsBoard  *board,
                                              GTask      *task);
/* Tries an action again, and the engines around it that have ended: these begin again only
 * as actions of the one around them */
gboolean jobs_engine_board_retry             (JobsAction *action,
                                              GError    **error);

G_END_DECLS
