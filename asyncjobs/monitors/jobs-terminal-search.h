/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-line.h"

G_BEGIN_DECLS

#define JOBS_TYPE_TERMINAL_SEARCH (jobs_terminal_search_get_type ())

/* Those lines whose path has some text, as a flat list that grows while they are looked
 * for, by and by. Lines are not kept: only where they are */
G_DECLARE_FINAL_TYPE (JobsTerminalSearch, jobs_terminal_search, JOBS, TERMINAL_SEARCH, GObject)

JobsTerminalSearch *jobs_terminal_search_new     (GListModel *lines,
                                                  const char *text);
/* Something has moved: from the beginning */
void                jobs_terminal_search_restart (JobsTerminalSearch *self);
gboolean            jobs_terminal_search_is_over (JobsTerminalSearch *self);
gboolean            jobs_terminal_search_matches (JobsTerminalSearch *self,
                                                  JobsLine           *line);

G_END_DECLS
