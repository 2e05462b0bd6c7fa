/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-action-private.h"
#include "jobs-attempt-private.h"
#include "jobs-check.h"
#include "jobs-deadlines.h"
#include "jobs-engine-private.h"
#include "jobs-ready.h"
#include "jobs-resource-private.h"

G_BEGIN_DECLS

#define JOBS_RETRY_DELAY_MAX          60000 /* ms */
#define JOBS_DEFAULT_GRACE            10000 /* ms */
#define JOBS_DEFAULT_SHUTDOWN_TIMEOUT 1000  /* ms */
#define JOBS_DEFAULT_SOURCE_PRIORITY  (G_PRIORITY_HIGH_IDLE + 20)

typedef enum
{
  JOBS_RUN_OFF,
  JOBS_RUN_COMPILING, /* nothing has started yet */
  JOBS_RUN_GOING,
  JOBS_RUN_CLEANING,  /* all actions have ended; clean_up goes on */
  JOBS_RUN_CLOSING,   /* resources are closed; the outermost run only */
} JobsRunPhase;

/* How a run has begun to end; a later one of these replaces a former one */
typedef enum
{
  JOBS_RUN_GOES_ON,
  JOBS_RUN_DRAINS,       /* starts nothing, except what waits for a failure */
  JOBS_RUN_ABORTS,       /* and cancelled what ran */
  JOBS_RUN_FINITE_ENDED, /* only forever actions are left, and were cancelled */
  JOBS_RUN_TIMED_OUT,    /* starts nothing at all */
  JOBS_RUN_CANCELLED,
} JobsRunEnding;

/* A run of an engine, or of one action alone. An engine has one for all its runs.
 *
 * All happens in the pump's context. What changes something only changes the books
 * and posts; what calls user code does so from the pump, holds references to the
 * engine and the action meanwhile, and looks at everything anew afterwards. */
struct _JobsRun
{
  JobsEngine *engine; /* borrowed; NULL for an action alone */
  JobsAction *alone;  /* (owned) (nullable) */
  JobsRun *parent;    /* the run around it, or NULL */
  GQueue children;    /* nested runs that are active, by their link */
  GList link;

  /* policy */
  guint window;
  JobsOnFailure on_failure;
  guint grace;
  guint shutdown_timeout;
  int source_priority;

  JobsRunPhase phase;
  JobsRunEnding ending;
  JobsRunEnding cause; /* the first of them, FINITE_ENDED aside: what the verdict is about */
  gboolean verdict;
  gboolean has_run;
  gboolean is_retry;   /* keeps the outcomes that are there */
  gboolean is_restored; /* those are of an earlier program: the run is its second half */
  gboolean is_stale;   /* inside are outcomes of a run that is to be forgotten */
  gboolean is_checked; /* in COMPILING: the graph is in order */
  GError *error;       /* why the verdict is FALSE */
  GError *refusal;     /* why nothing was started */
  JobsAction *culprit; /* (owned) (nullable): see jobs_run_get_culprit () */

  JobsPump *pump;
  JobsDeadlines *deadlines;
  JobsLeases *leases;  /* the outermost run's */
  JobsPost step;
  JobsCheck *check;    /* in COMPILING, while it is under way */

  /* who waits for it: one of the two */
  GTask *task;
  JobsAttempt *attempt;
  GSource *cancellable_source;

  /* books. Actions with a number below limit belong to the run, except those that
   * are without JOBS_ACTION_IN_RUN */
  guint32 limit;
  guint32 cursor;       /* of the slices of compiling and sweeping */
  gboolean sweeps;      /* those that have not started are being skipped */
  guint32 *pending;     /* requirements that are not met yet */
  guint32 pending_size;
  JobsReady ready;
  JobsReady ready_forever;
  JobsReady skips;      /* will not run; still to be told so */
  JobsReady fresh;      /* their requirements are met; still to be told so */
  JobsReady starved;    /* the system had no room for them */
  gboolean has_listened; /* in this step: what follows is known */
  gboolean is_heard;    /* somebody is connected to the engine, or to one around it */
  gboolean may_feed;    /* but may have now, for one */
  gboolean has_priorities; /* some action has another one than 0 */
  GPtrArray *cancelled_early; /* (element-type JobsAction) (nullable): before the books knew them */
  GPtrArray *removed;   /* (element-type JobsAction) (nullable): until nobody can be at work on them */
  GArray *news;         /* (element-type JobsActionNews) (nullable): resets, some still to be told of */
  guint n_told;         /* of them */
  guint n_left;         /* have not ended */
  guint n_finite;
  guint n_finite_left;
  guint n_slots;        /* attempts that take a slot, stuck ones included */
  guint n_bad;          /* critical actions whose end makes the verdict FALSE */
  guint n_stuck;
  GQueue tickets;       /* under way, by their link */
  GQueue stopping;      /* likewise, and asked to end */
  guint32 n_in_flight;  /* attempts that go on and are not stuck */
  guint32 n_at_work;    /* those that will end by themselves, of all runs inside too: in the outermost */

  /* clocks */
  JobsDeadline deadline;
  JobsPost deadline_post;
  JobsDeadline starved_deadline;
  gint64 starved_delay; /* between two tries, ms */
  gint64 starved_time;  /* of tries in vain while nothing was at work, ms */
  gint64 clock_left;    /* of the timeout, while paused; 0 = none */
  gint64 grace_due;     /* the enclosing run's limit on ours; 0 = none */
  gboolean is_paused;
  JobsPauseFlags pause_flags;

  /* from any thread */
  GMutex lock;          /* of pump, where another thread cancels */
  JobsPost cancel_post;
  int is_cancel_asked;  /* atomic: before cancel_post has its turn nothing more starts */

  /* clean-up */
  GHashTable *cleaning; /* JobsAttempt, borrowed until its outcome is heard of → its place */
  gboolean is_cleaning; /* they are being started */
  gboolean is_cut;      /* their time is up, and they were asked to end */
  gboolean is_closed;
  JobsDeadline shutdown_deadline;
  JobsPost shutdown_post;
  GPtrArray *clean_up_failures; /* (element-type utf8) (nullable) */
};

JobsRun    *jobs_run_new             (JobsEngine *engine);
void        jobs_run_free            (JobsRun *self);

/* Entry points */
void        jobs_run_begin           (JobsRun            *self,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data,
                                      gpointer            tag);
gboolean    jobs_run_begin_nested    (JobsRun     *self,
                                      JobsAttempt *attempt,
                                      GError     **error);
void        jobs_run_begin_alone     (JobsAction         *action,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
void        jobs_run_cancel          (JobsRun *self); /* any thread */
void        jobs_run_stop            (JobsRun *self); /* for the run around it */
void        jobs_run_cancel_action   (JobsAction *action);
/* The run around it wants it to have ended by then (monotonic µs, 0 = no limit) */
void        jobs_run_limit_grace     (JobsRun *self,
                                      gint64   due);
void        jobs_run_pause           (JobsRun       *self,
                                      gboolean       is_paused,
                                      JobsPauseFlags flags);
gboolean    jobs_run_can_retry       (JobsRun    *self,
                                      JobsAction *action,
                                      GError    **error);
gboolean    jobs_run_retry           (JobsRun    *self,
                                      JobsAction *action,
                                      GError    **error);
/* Its end in an earlier run, which the next one keeps; between runs */
void        jobs_run_restore         (JobsRun      *self,
                                      JobsAction   *action,
                                      const GValue *result);

/* What happens to the graph while it runs; user code is not called. What the added
 * ones forget is to be told of afterwards */
void        jobs_run_added           (JobsRun *self,
                                      guint32  first,
                                      guint32  n);
void        jobs_run_removing        (JobsRun    *self,
                                      JobsAction *action);
/* Takes the engine's reference to an action that is out of its books */
void        jobs_run_take_removed    (JobsRun    *self,
                                      JobsAction *action);
void        jobs_run_edge_changing   (JobsRun *self,
                                      guint32  index,
                                      guint32  other,
                                      int      old_condition,
                                      int      new_condition);
gboolean    jobs_run_has_started     (JobsRun    *self,
                                      JobsAction *action);

static inline gboolean
jobs_run_is_active (const JobsRun *self)
{
  return self->phase != JOBS_RUN_OFF;
}

/* Any thread. Whether it may be steered from this one: jobs_engine_cancel () is all that
 * another may do */
gboolean    jobs_run_is_in_its_thread (JobsRun *self);

static inline gboolean
jobs_engine_is_in_its_thread (JobsEngine *self)
{
  JobsRun *run = jobs_engine_get_private (self)->run;

  return G_LIKELY (!jobs_run_is_active (run)) || jobs_run_is_in_its_thread (run);
}

/* For the life of one action in it */
JobsAction *jobs_run_peek            (JobsRun *self,
                                      guint32  index);
JobsRun    *jobs_run_get_outermost   (JobsRun *self);
gboolean    jobs_run_is_held_up      (JobsRun *self);
gboolean    jobs_run_are_clocks_held (JobsRun *self);
void        jobs_run_wake            (JobsRun *self);
/* Nothing but what the ending allows is to start, and what runs is stopped with it */
void        jobs_run_end             (JobsRun      *self,
                                      JobsRunEnding ending);
void        jobs_run_init_stops      (JobsRun *self);
/* Whether the run has not ended for it: all, or only what waits for a failure */
gboolean    jobs_run_may_start       (JobsRun    *self,
                                      JobsAction *action);
/* Whether there is a slot for it now */
gboolean    jobs_run_has_room        (JobsRun    *self,
                                      JobsAction *action);
/* The system had no room to start it: when something has ended, or after a while */
void        jobs_run_starve          (JobsRun              *self,
                                      const JobsReadyEntry *entry);
/* Whether there is no hope of room any more */
gboolean    jobs_run_is_starved_out  (JobsRun *self);
/* After the last stuck attempt of a run that is over */
void        jobs_run_forget_pump     (JobsRun *self);
/* The action has its requirements met and waits for its turn (again) */
void        jobs_run_queue           (JobsRun              *self,
                                      JobsAction           *action,
                                      const JobsReadyEntry *entry);
/* Its terminal state: what is behind it is judged, and the run's policy asked.
 * is_excused: the run had asked it to end, so it does not count. Takes value and
 * error. User code is called */
void        jobs_run_action_ended    (JobsRun    *self,
                                      JobsAction *action,
                                      JobsState   state,
                                      GValue     *value,
                                      GError     *error,
                                      gint64      end_time,
                                      gboolean    is_excused);
/* READY was said, or is taken back for another attempt */
void        jobs_run_action_ready    (JobsRun    *self,
                                      JobsAction *action);
void        jobs_run_action_unready  (JobsRun    *self,
                                      JobsAction *action);

/* Its books: jobs-books.c. No user code is called */
gboolean    jobs_run_is_waiting      (JobsRun    *self,
                                      JobsAction *action);
void        jobs_run_doom            (JobsRun    *self,
                                      JobsAction *action,
                                      gboolean    is_tainted);
void        jobs_run_settle          (JobsRun    *self,
                                      JobsAction *action,
                                      JobsState   state);
/* Whether it waits for a failure, which has come or, if asked, may still come */
gboolean    jobs_run_waits_for_failure (JobsRun    *self,
                                        JobsAction *action,
                                        gboolean    may_come);
void        jobs_run_grow_pending    (JobsRun *self,
                                      guint32  size);
void        jobs_run_enter           (JobsRun    *self,
                                      JobsAction *action,
                                      guint32     index);
/* What it waits for, from the beginning */
void        jobs_run_count_requirements (JobsRun    *self,
                                         JobsAction *action,
                                         guint32     index);
/* Before a run, for an action and all that is in it */
void        jobs_run_forget          (JobsRun    *self,
                                      JobsAction *action);
/* Tells of what was forgotten, when the books are in order: before anything else is
 * told of those actions. User code is called */
void        jobs_run_tell            (JobsRun    *self);

/* The end of a run: jobs-shutdown.c */
void        jobs_shutdown_begin      (JobsRun *self);
void        jobs_shutdown_hurry      (JobsRun *self);
/* And its verdict: jobs-run-end.c */
void        jobs_run_finish          (JobsRun *self);
/* The first critical action that did not end well, or NULL */
JobsAction *jobs_run_get_culprit     (JobsRun *self);

/* One action under way: jobs-ticket.c */
typedef enum
{
  JOBS_TICKET_WAITS,    /* for a pool, a resource, a retry delay, or its turn */
  JOBS_TICKET_RUNS,
  JOBS_TICKET_STOPPING,
  JOBS_TICKET_STUCK,    /* reported as ended; the attempt goes on */
} JobsTicketPhase;

typedef enum
{
  JOBS_STOP_NONE,
  JOBS_STOP_TIMEOUT, /* its own */
  JOBS_STOP_ALONE,   /* it was cancelled singly */
  JOBS_STOP_RUN,     /* the run ends */
} JobsStopReason;

struct _JobsTicket
{
  JobsRun *run;
  JobsAction *action;     /* (owned) */
  GList link;             /* in tickets or stopping of the run */
  JobsTicketPhase phase;
  JobsStopReason reason;
  gboolean has_slot;
  gboolean is_removed;    /* the action has left the engine */
  gboolean is_starting;   /* start() is on the stack */
  gboolean is_asking;     /* open() of a resource is */
  gboolean is_gone;       /* to be freed after that */
  gboolean waits_for_resources;
  gboolean has_resources;
  JobsReadyEntry entry;   /* its place among the ready ones */
  gint64 ready_time;
  JobsAttempt *attempt;   /* borrowed; until its outcome is heard of */
  JobsPoolClaim *claim;
  JobsPost claim_post;
  JobsDeadline deadline;  /* timeout, grace or retry delay, by the phase */
  JobsPost deadline_post;
  gint64 clock_left;      /* of the timeout, while the clocks are held */
};

/* The action has its turn, and a slot if it needs one */
void jobs_ticket_try           (JobsRun              *run,
                                JobsAction           *action,
                                const JobsReadyEntry *entry);
/* It does not wait any longer, since it does not run in this run, or not yet; it is freed */
void jobs_ticket_withdraw      (JobsTicket *self);
/* Not for one that waits. User code is called */
void jobs_ticket_stop          (JobsTicket    *self,
                                JobsStopReason reason);
/* One that was asked to end has until then, or less */
void jobs_ticket_tighten       (JobsTicket *self,
                                gint64      due);
/* (nullable): it was asked to end because all others have ended, that it runs for */
gboolean jobs_ticket_is_dismissed (JobsTicket *self);
void jobs_ticket_hold_clock    (JobsTicket *self);
void jobs_ticket_release_clock (JobsTicket *self);
/* The engine goes while it is stuck */
void jobs_ticket_orphan        (JobsTicket *self);

G_END_DECLS
