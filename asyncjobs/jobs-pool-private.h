/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-pool.h"

G_BEGIN_DECLS

/* What one action wants of all its pools, to be had in one step or not at all.
 *
 * A claim is outside, or waits in the queue of each of its pools, or holds its
 * amounts. The functions may be called from any thread, one thread at a time
 * for one claim. One lock for all pools makes the step over several of them
 * atomic. */
typedef struct _JobsPoolClaim JobsPoolClaim;

/* Called under the lock of the pools, from any thread, when it is worth trying
 * again: it may only queue something and return. Called again only after
 * another try */
typedef void (*JobsPoolClaimFunc) (gpointer data);

typedef struct
{
  JobsPool *pool; /* (owned) by whoever has the array */
  guint     amount;
} JobsPoolNeed;

/* The order in which claims are served: by priority, the highest first, then
 * the time, the serial of the engine and the index in it, the lowest first */
JobsPoolClaim *jobs_pool_claim_new     (const JobsPoolNeed *needs,
                                        guint               n_needs,
                                        int                 priority,
                                        gint64              ready_time,
                                        guint64             serial,
                                        guint               index,
                                        JobsPoolClaimFunc   func,
                                        gpointer            data);
/* Leaves or gives back first, where need be */
void           jobs_pool_claim_free    (JobsPoolClaim *self);
/* Takes all amounts where it is first in each pool and all have room: TRUE.
 * Otherwise waits in each queue, and func will be called: FALSE */
gboolean       jobs_pool_claim_try     (JobsPoolClaim *self);
/* Leaves the queues without anything, so that those behind it are served */
void           jobs_pool_claim_leave   (JobsPoolClaim *self);
/* Gives back what it holds */
void           jobs_pool_claim_release (JobsPoolClaim *self);
gboolean       jobs_pool_claim_is_held (JobsPoolClaim *self);
gboolean       jobs_pool_claim_is_waiting (JobsPoolClaim *self);
gboolean       jobs_pool_claim_holds   (JobsPoolClaim *self,
                                        JobsPool      *pool);
/* Which of its pools keeps it from being served: the first without room for it, else
 * the first that has another one before it, else NULL. amount (optional): what it wants
 * of that. Borrowed */
JobsPool      *jobs_pool_claim_find_obstacle (JobsPoolClaim *self,
                                              guint         *amount);
/* For messages: never NULL */
const char    *jobs_pool_get_display_name (JobsPool *self);

G_END_DECLS
