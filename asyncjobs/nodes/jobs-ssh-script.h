/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-process.h"

G_BEGIN_DECLS

/* What is run on the far side in the place of a command, and what it tells of it.
 *
 * The script comes by the standard input, behind it the file that is run, where that is
 * one of this machine, then what the command shall read, and then numbers of signals
 * for it, one in a line. The end of that input kills the command: so it does not
 * outlive who has asked for it, nor the connection. On both streams of output a mark
 * says that it has begun, and one that it has ended; the one on the second has the wait
 * status. */

/* Short, and the same for every login shell there is */
char   *jobs_ssh_script_dup_launcher (gsize script_size);
/* @file: (nullable): what is in the file that is run. NULL where the far side could not
 * be told: the error is JOBS_ERROR_UNSUPPORTED */
GBytes *jobs_ssh_script_new          (JobsProcess *process,
                                      const char  *token,
                                      GBytes      *file,
                                      GError     **error);
/* A token that no output has by chance */
char   *jobs_ssh_script_dup_token    (void);

/* Where the mark of a stream is looked for */
typedef struct
{
  const char *token;    /* borrowed */
  GString    *before;   /* what came before it has begun; no longer than a page */
  GString    *held;     /* what may be the beginning of a mark, or of its line */
  gboolean    has_begun;
  gboolean    has_ended;
  int         wait_status;
  char       *failure;  /* why it did not begin, of the far side's words; NULL */
} JobsSshReader;

typedef void (*JobsSshReaderFunc) (const guint8 *data,
                                   gsize         size,
                                   gpointer      user_data);

void jobs_ssh_reader_init  (JobsSshReader *self,
                            const char    *token);
void jobs_ssh_reader_clear (JobsSshReader *self);
/* @func is called with what the command itself has written */
void jobs_ssh_reader_feed  (JobsSshReader    *self,
                            const guint8     *data,
                            gsize             size,
                            JobsSshReaderFunc func,
                            gpointer          user_data);
/* No more comes: what was held was no mark */
void jobs_ssh_reader_flush (JobsSshReader    *self,
                            JobsSshReaderFunc func,
                            gpointer          user_data);

G_END_DECLS
