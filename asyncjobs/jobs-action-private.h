/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-action.h"
#include "jobs-pool-private.h"

G_BEGIN_DECLS

typedef struct _JobsRun    JobsRun;
typedef struct _JobsTicket JobsTicket;

/* What every action has fits into 16 bytes, to which GObject would round it up
 * anyway; whatever most actions do not have is in a JobsActionMore, made on
 * first use. A million jobs are 64 MB so, and not 300. */
typedef struct _JobsActionMore JobsActionMore;

typedef struct
{
  gpointer home;  /* the JobsActionMore where there is one, else the engine (borrowed, nullable) */
  guint32 index;  /* the number in the engine's graph */
  guint32 flags;
} JobsActionPrivate;

enum
{
  JOBS_ACTION_STATE_MASK   = 0xf,     /* a JobsState */
  JOBS_ACTION_HAS_MORE     = 1 << 4,
  JOBS_ACTION_NON_CRITICAL = 1 << 5,
  JOBS_ACTION_FOREVER      = 1 << 6,
  JOBS_ACTION_HAS_NEEDS    = 1 << 7,  /* pools or resources */
  JOBS_ACTION_IN_RUN       = 1 << 8,  /* counted by the run of its engine */
  JOBS_ACTION_READY        = 1 << 9,  /* said so in this attempt, or FINISHED after it */
  JOBS_ACTION_SETTLED      = 1 << 10, /* those behind it have been told of its end */
  JOBS_ACTION_TAINTED      = 1 << 11, /* skipped because of a critical failure */
  JOBS_ACTION_ALONE        = 1 << 12, /* cancelled singly, not with the run */
  JOBS_ACTION_DOOMED       = 1 << 13, /* in the queue of those to be skipped */
  JOBS_ACTION_BAD          = 1 << 14, /* its end makes the verdict FALSE */
  JOBS_ACTION_IS_ENGINE    = 1 << 15, /* a look at the type would be a call of GObject's */
  JOBS_ACTION_REQUIRED     = 1 << 16, /* has been, beside a graph */
  JOBS_ACTION_IDEMPOTENT   = 1 << 17,
  JOBS_ACTION_UNSETTLED    = 1 << 18, /* its engine looks for requirements beside the graph */

  /* What a new run forgets */
  JOBS_ACTION_OF_RUN = JOBS_ACTION_IN_RUN | JOBS_ACTION_READY | JOBS_ACTION_SETTLED |
                       JOBS_ACTION_TAINTED | JOBS_ACTION_ALONE | JOBS_ACTION_DOOMED |
                       JOBS_ACTION_BAD,
};

/* A requirement that is in no graph: one of the two is in no engine, or in another
 * one; or it has not been looked at since that is not so any more */
typedef struct
{
  JobsAction *other; /* (owned) */
  JobsCondition condition;
} JobsLoose;

struct _JobsActionMore
{
  JobsEngine *engine; /* borrowed, nullable */

  char *label;
  char *details;
  guint timeout;
  guint retries;
  guint retry_delay;
  guint retry_delay_max;
  int priority;
  GArray *needs;        /* (element-type JobsPoolNeed) (nullable) */
  GPtrArray *resources; /* (element-type JobsResource) (nullable) */
  GArray *loose;        /* (element-type JobsLoose) (nullable) */
  GHashTable *places;   /* JobsAction → 1 + place in loose, where they are many */

  GValue result;
  GError *error;
  gint64 start_time;
  gint64 end_time;
  guint attempts;
  double progress;
  char *message;
  JobsTicket *ticket; /* while it is under way; owned by the run */
  JobsRun *alone;     /* while it runs alone */
};

/* What an action has forgotten, and nobody has been told of yet */
typedef struct
{
  JobsAction *action;
  JobsState old_state;
  gboolean had_error;
  gboolean was_tried;
} JobsActionNews;

enum
{
  JOBS_ACTION_PROP_0,
  JOBS_ACTION_PROP_LABEL,
  JOBS_ACTION_PROP_DETAILS,
  JOBS_ACTION_PROP_ENGINE,
  JOBS_ACTION_PROP_CRITICAL,
  JOBS_ACTION_PROP_FOREVER,
  JOBS_ACTION_PROP_TIMEOUT,
  JOBS_ACTION_PROP_RETRIES,
  JOBS_ACTION_PROP_RETRY_DELAY,
  JOBS_ACTION_PROP_RETRY_DELAY_MAX,
  JOBS_ACTION_PROP_IDEMPOTENT,
  JOBS_ACTION_PROP_PRIORITY,
  JOBS_ACTION_PROP_STATE,
  JOBS_ACTION_PROP_START_TIME,
  JOBS_ACTION_PROP_END_TIME,
  JOBS_ACTION_PROP_ATTEMPTS,
  JOBS_ACTION_PROP_PROGRESS,
  JOBS_ACTION_PROP_MESSAGE,
  JOBS_ACTION_PROP_ERROR,
  JOBS_ACTION_N_PROPS
};

extern GParamSpec *jobs_action_properties[];
extern int jobs_action_private_offset;

static inline JobsActionPrivate *
jobs_action_peek (JobsAction *self)
{
  return (JobsActionPrivate *) G_STRUCT_MEMBER_P (self, jobs_action_private_offset);
}

/* NULL where there is none */
static inline JobsActionMore *
jobs_action_peek_more (JobsAction *self)
{
  JobsActionPrivate *priv = jobs_action_peek (self);

  return priv->flags & JOBS_ACTION_HAS_MORE ? priv->home : NULL;
}

static inline JobsEngine *
jobs_action_peek_engine (JobsAction *self)
{
  JobsActionPrivate *priv = jobs_action_peek (self);

  return priv->flags & JOBS_ACTION_HAS_MORE ? ((JobsActionMore *) priv->home)->engine : priv->home;
}

static inline JobsState
jobs_action_peek_state (JobsAction *self)
{
  return jobs_action_peek (self)->flags & JOBS_ACTION_STATE_MASK;
}

static inline gboolean
jobs_action_has_flag (JobsAction *self,
                      guint       flag)
{
  return (jobs_action_peek (self)->flags & flag) != 0;
}

static inline void
jobs_action_set_flag (JobsAction *self,
                      guint       flag)
{
  jobs_action_peek (self)->flags |= flag;
}

static inline void
jobs_action_unset_flag (JobsAction *self,
                        guint       flag)
{
  jobs_action_peek (self)->flags &= ~flag;
}

static inline gboolean
jobs_action_has_loose (JobsAction *self)
{
  JobsActionMore *more = jobs_action_peek_more (self);

  return more != NULL && more->loose != NULL;
}

static inline JobsTicket *
jobs_action_peek_ticket (JobsAction *self)
{
  JobsActionMore *more = jobs_action_peek_more (self);

  return more != NULL ? more->ticket : NULL;
}

/* Whether something goes on for it, be it that an engine which it is not in any more
 * waits for its end */
static inline gboolean
jobs_action_is_under_way (JobsAction *self)
{
  JobsActionMore *more = jobs_action_peek_more (self);
  JobsState state = jobs_action_peek_state (self);

  return (more != NULL && (more->ticket != NULL || more->alone != NULL)) ||
         state == JOBS_STATE_RUNNING || state == JOBS_STATE_CANCELLING;
}

/* The number of the action in its engine; stays as long as it is in it */
guint32         jobs_action_get_index   (JobsAction *self);
/* Makes it where there is none */
JobsActionMore *jobs_action_get_more    (JobsAction *self);
/* Enters and leaves an engine (NULL); the engine keeps the rest of the books, and
 * has it notified when they are in order */
void            jobs_action_set_engine  (JobsAction *self,
                                         JobsEngine *engine,
                                         guint32     index);
void            jobs_action_notify_engine (JobsAction *self);

/* These change all that there is to change, then tell everybody. User code may run
 * in them, and take the action out of its engine: the caller holds references, and
 * looks at everything anew */
void            jobs_action_set_state   (JobsAction *self,
                                         JobsState   state);
/* RUNNING, for perform(). Where the engine has no handler it need not be asked once
 * more: that is a tenth of what such an action costs */
void            jobs_action_begin_perform (JobsAction *self,
                                           gboolean    is_heard);
/* Before a run: forgets the last one */
void            jobs_action_reset       (JobsAction *self);
/* Whether it has nothing to forget */
static inline gboolean
jobs_action_is_pristine (JobsAction *self)
{
  return (jobs_action_peek (self)->flags &
          (JOBS_ACTION_STATE_MASK | JOBS_ACTION_HAS_MORE | JOBS_ACTION_IS_ENGINE | JOBS_ACTION_OF_RUN)) == 0;
}

/* The same in two steps, with time for the books between them. FALSE where there is
 * nothing to tell */
gboolean        jobs_action_forget      (JobsAction     *self,
                                         JobsActionNews *news);
void            jobs_action_tell        (const JobsActionNews *news);
/* RUNNING */
void            jobs_action_begin_attempt (JobsAction *self,
                                           gint64      start_time);
/* A terminal state, or SCHEDULED before another attempt. Takes value and error; an
 * end_time of 0 is none */
void            jobs_action_end_attempt (JobsAction *self,
                                         JobsState   state,
                                         GValue     *value,
                                         GError     *error,
                                         gint64      end_time);
void            jobs_action_set_report  (JobsAction *self,
                                         double      fraction,
                                         char       *message);
const char     *jobs_condition_get_nick (JobsCondition condition);
/* Its requirements that are in no graph */
void            jobs_action_add_loose   (JobsAction   *self,
                                         JobsAction   *other,
                                         JobsCondition condition);
gboolean        jobs_action_drop_loose  (JobsAction *self,
                                         JobsAction *other);
gboolean        jobs_action_has_loose_to (JobsAction *self,
                                          JobsAction *other);
/* Those that are in the graph of the engine by now; some others are left */
void            jobs_action_drop_loose_into (JobsAction *self,
                                             JobsEngine *engine);
void            jobs_action_clear_loose (JobsAction *self);
/* What free_loose() takes */
GArray         *jobs_action_steal_loose (JobsAction *self);
void            jobs_action_free_loose  (GArray *loose);

/* Structured, with the path of the action (nullable) in JOBS_ACTION */
void            jobs_action_log         (JobsAction    *self,
                                         GLogLevelFlags level,
                                         const char    *format,
                                         ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
