/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-local-node.h"

G_BEGIN_DECLS

/* For processes through which another one is held: their standard input stays open
 * behind what they are given to read, until they end, or we do. Before it begins */
void     jobs_local_process_hold_input     (JobsProcess *process);
/* More to read for one of those; after its end that goes nowhere */
void     jobs_local_process_feed           (JobsProcess *process,
                                            const char  *text);
/* Whether it has not been given all of that yet */
gboolean jobs_local_process_has_input_left (JobsProcess *process);

G_END_DECLS
