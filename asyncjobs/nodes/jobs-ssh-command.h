/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-process.h"
#include "jobs-ssh-master.h"

G_BEGIN_DECLS

/* One process of a node over its connection: a client here that holds it, and the
 * script over there that runs it */
typedef struct _JobsSshCommand JobsSshCommand;

typedef enum
{
  JOBS_SSH_COMMAND_OVER,       /* what is known of its end is to be reported */
  JOBS_SSH_COMMAND_REFUSED,    /* it has not begun: the server allows no more at once */
  JOBS_SSH_COMMAND_NO_SESSION, /* it has not begun: the connection was gone */
} JobsSshCommandEnd;

/* Once for each that has begun; after that it may begin again, or is reported */
typedef void (*JobsSshCommandFunc) (JobsSshCommand   *command,
                                    JobsSshCommandEnd end,
                                    gpointer          user_data);

/* @name: of the node, for messages. NULL: it cannot be run over there */
JobsSshCommand *jobs_ssh_command_new    (JobsProcess        *process,
                                         const char         *name,
                                         JobsSshCommandFunc  func,
                                         gpointer            user_data,
                                         GError            **error);
/* Likewise for what is copied, by scp */
JobsSshCommand *jobs_ssh_command_new_copy (JobsProcess        *process,
                                           const char         *name,
                                           gboolean            push,
                                           const char         *from,
                                           const char         *to,
                                           JobsSshCommandFunc  func,
                                           gpointer            user_data);
/* FALSE: nothing runs */
gboolean        jobs_ssh_command_begin  (JobsSshCommand *self,
                                         JobsSshMaster  *master,
                                         GError        **error);
/* A signal for all that it has started over there */
void            jobs_ssh_command_kill   (JobsSshCommand *self,
                                         int             signum);
/* Whether a signal ends what has not begun */
gboolean        jobs_ssh_command_is_ended_by (int signum);
/* Tells the owner of the process how it ended, and frees itself */
void            jobs_ssh_command_report (JobsSshCommand *self);
/* Likewise, of one that does not go on: that a signal has ended it, or the error */
void            jobs_ssh_command_end    (JobsSshCommand *self,
                                         int             signum,
                                         const GError   *error);
/* Where its begin was refused and the owner of the process knows */
void            jobs_ssh_command_free   (JobsSshCommand *self);

G_END_DECLS
