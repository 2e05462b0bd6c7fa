/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-attempt.h"
#include "jobs-command-action.h"

G_BEGIN_DECLS

/* One attempt at a command: its processes one after the other, what they write,
 * and the outcome. Frees itself when it has given that. */

gboolean jobs_command_run_start    (JobsCommandAction *action,
                                    JobsAttempt       *attempt,
                                    GError           **error);
gboolean jobs_command_run_clean_up (JobsCommandAction *action,
                                    JobsAttempt       *attempt,
                                    GError           **error);
/* Of either of them */
gboolean jobs_command_run_stop     (JobsAttempt *attempt,
                                    GError     **error);

G_END_DECLS
