/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-line.h"

G_BEGIN_DECLS

/* What one job has written, by rows of a screen. It follows the end until one scrolls
 * up, and again from where one has scrolled down to it */
typedef struct _JobsTerminalPage JobsTerminalPage;

JobsTerminalPage *jobs_terminal_page_new      (JobsLine *line);
void              jobs_terminal_page_free     (JobsTerminalPage *self);
JobsLine         *jobs_terminal_page_get_line (JobsTerminalPage *self);
/* (element-type utf8): harmless, and none wider than width; valid until the next call */
GPtrArray        *jobs_terminal_page_lay_out  (JobsTerminalPage *self,
                                               guint             height,
                                               guint             width);
void              jobs_terminal_page_scroll   (JobsTerminalPage *self,
                                               int               rows);
void              jobs_terminal_page_jump     (JobsTerminalPage *self,
                                               gboolean          end);
gboolean          jobs_terminal_page_follows  (JobsTerminalPage *self);

G_END_DECLS
