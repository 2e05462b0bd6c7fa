/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A terminal whose mode is changed, and given back whatever ends the program, except by a
 * KILL. There is one at a time that was entered */
typedef struct _JobsTty JobsTty;

/* fd: of a terminal. It is opened anew: that nothing here ever waits for it is then no
 * matter of who shares fd */
JobsTty *jobs_tty_new            (int      fd,
                                  GError **error);
void     jobs_tty_free           (JobsTty *self);
int      jobs_tty_get_fd         (JobsTty *self);
/* (transfer full): what is written when the program is ended by a signal, or by exit() */
void     jobs_tty_set_last_words (JobsTty *self,
                                  char    *words);
/* Whether we are who may use it now: not in the background of a shell */
gboolean jobs_tty_is_ours        (JobsTty *self);
/* Keys come one by one and are not shown; those of signals still send them */
void     jobs_tty_enter          (JobsTty *self);
void     jobs_tty_leave          (JobsTty *self);
/* From a handler of signals too */
void     jobs_tty_restore_now    (void);

G_END_DECLS
