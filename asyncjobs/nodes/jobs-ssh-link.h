/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-ssh-command.h"

G_BEGIN_DECLS

/* A node's way to the far side: one connection at most, opened where somebody needs
 * it and again where it was lost, and the commands that run over it or wait for it */
typedef struct _JobsSshLink JobsSshLink;

/* With NULL: it is open, or closed */
typedef void (*JobsSshLinkFunc) (const GError *error,
                                 gpointer      user_data);

/* What is in @peer may change until it connects; its gateway is not looked at */
JobsSshLink *jobs_ssh_link_new   (const JobsSshPeer *peer,
                                  JobsSshLink       *gateway);
/* What it does then goes to its end by itself */
void         jobs_ssh_link_free  (JobsSshLink *self);
/* One try. @func is called later, in @context, unless this is called again before */
void         jobs_ssh_link_open  (JobsSshLink     *self,
                                  GMainContext    *context,
                                  JobsSshLinkFunc  func,
                                  gpointer         user_data);
/* It is not to go on with opening: @func is called soon */
void         jobs_ssh_link_cancel (JobsSshLink     *self);
void         jobs_ssh_link_close (JobsSshLink     *self,
                                  JobsSshLinkFunc  func,
                                  gpointer         user_data);
/* Never more at once */
void         jobs_ssh_link_limit (JobsSshLink *self,
                                  guint        max_sessions);
/* At once or when there is a session for it. FALSE: it is none of ours any more, and
 * its owner has to hear of it by the error */
gboolean     jobs_ssh_link_run   (JobsSshLink *self,
                                  JobsProcess *process,
                                  GError     **error);
gboolean     jobs_ssh_link_copy  (JobsSshLink *self,
                                  JobsProcess *process,
                                  gboolean     push,
                                  const char  *from,
                                  const char  *to,
                                  GError     **error);
void         jobs_ssh_link_kill  (JobsSshLink *self,
                                  JobsProcess *process,
                                  int          signum);

G_END_DECLS
