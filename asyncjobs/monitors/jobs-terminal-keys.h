/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-terminal-view.h"

G_BEGIN_DECLS

/* What a key does to what is seen and to the run. TRUE: the monitor is to be left. What is
 * found of a filter later is told by found */
gboolean jobs_terminal_keys_take (JobsTerminalView *view,
                                  gunichar          key,
                                  void (*found) (gpointer data),
                                  gpointer          data);
/* Back from the page to the list */
void     jobs_terminal_keys_back (JobsTerminalView *view);

G_END_DECLS
