/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-node.h"
#include "jobs-process.h"

G_BEGIN_DECLS

/* In its environment where it has a journal: says to which attempt it belongs, and all
 * that it starts */
#define JOBS_ATTEMPT_VARIABLE "ASYNCJOBS_ATTEMPT"

/* What the owner of a process hears, in the process's context */
typedef struct
{
  /* NULL: nobody wants the output, it goes nowhere */
  void (*output) (JobsProcess  *process,
                  guint         stream,
                  const guint8 *data,
                  gsize         size,
                  gpointer      owner);
  /* Once; with an error what became of the process is not known. May be called
   * before jobs_process_begin() returns */
  void (*ended)  (JobsProcess  *process,
                  int           wait_status,
                  const GError *error,
                  gpointer      owner);
  /* How much is copied, from 0.0 to 1.0; NULL: nobody wants to know */
  void (*progress) (JobsProcess *process,
                    double       fraction,
                    gpointer     owner);
} JobsProcessFuncs;

/* @environment: changes, as jobs_process_get_environment() has them; NULL: none.
 * @input: NULL: /dev/null. The owner must stay until it has heard of the end */
JobsProcess  *jobs_process_new         (JobsNode               *node,
                                        GMainContext           *context,
                                        const char *const      *argv,
                                        const char *const      *environment,
                                        const char             *directory,
                                        GBytes                 *input,
                                        const JobsProcessFuncs *funcs,
                                        gpointer                owner);
/* Its program, with its full name, is a file of this machine. Before it begins */
void          jobs_process_set_script  (JobsProcess *self);
/* FALSE: nothing runs, and the owner hears no more */
gboolean      jobs_process_begin       (JobsProcess *self,
                                        GError     **error);
/* Likewise, to copy something instead of running its argv */
gboolean      jobs_process_begin_copy  (JobsProcess *self,
                                        gboolean     push,
                                        const char  *from,
                                        const char  *to,
                                        GError     **error);
/* Of a process that runs here; 0: none, or somewhere else */
void          jobs_process_set_pid     (JobsProcess *self,
                                        gint64       pid);
gint64        jobs_process_get_pid     (JobsProcess *self);
/* To all that it has started too; harmless after its end */
gboolean      jobs_process_kill        (JobsProcess *self,
                                        int          signum,
                                        GError     **error);
/* TERM, and KILL after @grace ms; 0: KILL at once */
gboolean      jobs_process_terminate   (JobsProcess *self,
                                        guint        grace,
                                        GError     **error);
/* Where its node has to report */
GMainContext *jobs_process_get_context (JobsProcess *self);
JobsNode     *jobs_process_get_node    (JobsProcess *self);

G_END_DECLS
