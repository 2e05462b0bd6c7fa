/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-level.h"

G_BEGIN_DECLS

/* Hands what jobs capture on to each command that is behind them, by any
 * requirement but a weak one, through nested engines too. The levels have been
 * resolved without a problem. Two captures of one name for one job are a problem */
void jobs_captures_hand_on (JobsLevel    *top,
                            JobsProblems *problems);

G_END_DECLS
