/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine-board.h"

G_BEGIN_DECLS

/* For its class */
void     jobs_engine_board_list_requirements (JobsBoard  *board,
                                              GTask      *task);
/* Tries an action again, and the engines around it that have ended: these begin again only
 * as actions of the one around them */
gboolean jobs_engine_board_retry             (JobsAction *action,
                                              GError    **error);

G_END_DECLS
