/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

#include "jobs-board.h"

G_BEGIN_DECLS

#define JOBS_TYPE_ENGINE_BOARD (jobs_engine_board_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsEngineBoard, jobs_engine_board, JOBS, ENGINE_BOARD, JobsBoard)

JOBS_AVAILABLE_IN_1_0
JobsBoard  *jobs_engine_board_new        (JobsEngine      *engine);
JOBS_AVAILABLE_IN_1_0
JobsEngine *jobs_engine_board_get_engine (JobsEngineBoard *self);
JOBS_AVAILABLE_IN_1_0
JobsLine   *jobs_engine_board_dup_line   (JobsEngineBoard *self,
                                          JobsAction      *action);

G_END_DECLS
