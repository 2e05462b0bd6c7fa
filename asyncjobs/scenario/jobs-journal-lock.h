/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who writes to a journal: the lock is the kernel's, so that it goes with whoever had
 * it. It is on a file of its own: SQLite's locks and ours would get into each
 * other's way */

/* Two names of one file have one lock: the name in which links are followed */
char  *jobs_journal_lock_dup_name    (const char *filename);

/* Filename: such a name. A descriptor, to be closed; -1: JOBS_ERROR_BUSY, and the
 * message has the pid of who has it, or JOBS_ERROR_JOURNAL */
int    jobs_journal_lock_take        (const char *filename,
                                      GError    **error);

/* Filename: any name. The pid of who has it; 0: nobody; -1: it does not say */
gint64 jobs_journal_lock_find_holder (const char *filename);

G_END_DECLS
