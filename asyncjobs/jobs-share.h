/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-attempt-private.h"
#include "jobs-resource.h"

G_BEGIN_DECLS

/* The library's side of a resource: closed or open, by whom, who waits for it. A
 * resource has one from its first use on. While it is in use it belongs to one
 * context, and its functions are for that context. */
typedef struct _JobsShare JobsShare;

/* In the context, also from within jobs_share_want() */
typedef void (*JobsShareOpenedFunc) (gpointer      data,
                                     const GError *error);

/* Waits for some shares to be closed */
typedef struct _JobsShareCloser JobsShareCloser;

struct _JobsShareCloser
{
  void      (*func) (JobsShareCloser *closer); /* when shares has become empty */
  GHashTable *shares;                          /* those that it waits for */
  GPtrArray  *errors;                          /* of GError: what went wrong */
};

/* Counts one user more of the resource and, where it had none, of its parent, and
 * so on. Opens nothing. Fails with JOBS_ERROR_BUSY where one of them is in use in
 * another context, and with JOBS_ERROR_CYCLE */
JobsShare    *jobs_share_take         (JobsResource *resource,
                                       JobsPump     *pump,
                                       GError      **error);
/* One user less. After the last one it is closed, before its parent, and each of
 * the closers (element-type JobsShareCloser) (nullable) waits for that */
void          jobs_share_drop         (JobsShare *self,
                                       GPtrArray *closers);
/* Opens it and its parents where they are not; one that is just being closed is
 * opened again where somebody waits for it */
void          jobs_share_want         (JobsShare *self);
/* Has func called when it has been opened or has failed to */
void          jobs_share_wait         (JobsShare          *self,
                                       JobsShareOpenedFunc func,
                                       gpointer            data);
gboolean      jobs_share_is_open      (JobsShare *self);
JobsResource *jobs_share_get_resource (JobsShare *self);
/* For messages: its class, and its name where it has one. A getter of it may be called */
char         *jobs_share_dup_name     (JobsShare *self);
/* The closer waits no longer. Returns what still goes on (nullable), to be cancelled */
JobsAttempt  *jobs_share_leave        (JobsShare       *self,
                                       JobsShareCloser *closer);
/* Any thread */
gboolean      jobs_share_resource_is_open (JobsResource *resource);

G_END_DECLS
