/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-process.h"

G_BEGIN_DECLS

/* How far scp is with what it copies, which its process is told of while that goes on.
 *
 * Without a terminal scp says nothing. But the kernel counts what it reads, or writes:
 * one number, whatever is copied, that costs scp nothing. How much there is to copy is
 * looked up meanwhile, here or over there. Where one of the two is not known, nothing is
 * told. */
typedef struct _JobsSshProgress JobsSshProgress;

typedef void (*JobsSshProgressFunc) (gpointer user_data);

/* @client: the scp that copies, which has begun, for @process, from @from */
JobsSshProgress *jobs_ssh_progress_new (JobsProcess *process,
                                        JobsProcess *client,
                                        gboolean     push,
                                        const char  *from);
/* Ends it, and frees it; @func is called once nothing of it goes on any more, maybe
 * before this returns */
void             jobs_ssh_progress_end (JobsSshProgress     *self,
                                        JobsSshProgressFunc  func,
                                        gpointer             user_data);

G_END_DECLS
