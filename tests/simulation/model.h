/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* What an engine must do, said as plainly as it can be: no books, no queues, no
 * counters that could be wrong. Whatever happens, all requirements of all actions are
 * judged anew until nothing changes any more. It knows no engine and no main loop. */

typedef enum
{
  OUTCOME_GOOD,
  OUTCOME_BAD,
  OUTCOME_QUIT, /* as cancelled */
  OUTCOME_DROP, /* the attempt is forgotten */
  N_OUTCOMES,
  OUTCOME_LATE = N_OUTCOMES, /* of an engine, whose time was over */
} Outcome;

/* What an attempt does that is asked to end */
typedef enum
{
  ANSWER_QUIT,
  ANSWER_WIN,
  ANSWER_LOSE,
  ANSWER_STAY,
  N_ANSWERS,
} Answer;

/* Why it was asked */
typedef enum
{
  REASON_NONE,
  REASON_TIMEOUT,
  REASON_SINGLY,
  REASON_RUN,
} Reason;

/* How a run has begun to end; a later one of these replaces a former one */
typedef enum
{
  ENDING_NONE,
  ENDING_DRAIN,
  ENDING_ABORT,
  ENDING_FINITE, /* only forever actions were left */
  ENDING_TIMEOUT,
  ENDING_CANCEL,
} Ending;

typedef struct _Node Node;

typedef struct
{
  Node *other;
  JobsCondition condition;
} Need;

/* An action, or an engine */
struct _Node
{
  guint number;
  Node *engine;     /* that it is in, or NULL */
  GArray *needs;    /* (element-type Need) */

  /* its policy */
  gboolean is_critical;
  gboolean is_forever;
  int priority;
  guint timeout;    /* ms, as all that follow */
  guint retries;
  guint retry_delay;
  guint retry_delay_max;
  Answer answer;

  /* its life in the run */
  JobsState state;
  gboolean is_in_run;
  gboolean is_leaving; /* removed, while an attempt goes on */
  guint attempts;
  Reason reason;       /* of the attempt's early end */
  gboolean is_ready;   /* said so in this attempt */
  gboolean is_single;  /* cancelled singly, or gave itself up */
  gboolean is_tainted; /* skipped because of a critical failure before it */
  gboolean is_bad;     /* makes the verdict FALSE */
  gboolean is_stuck;
  gboolean is_delayed; /* until another attempt */
  gboolean is_doomed;  /* will not run, whatever becomes of its needs */
  gboolean has_outcome; /* given, and not heard of yet */
  gboolean is_met;     /* all that it requires */
  gboolean is_spared;  /* although the run ends: the failure that it is for may come */
  gboolean is_never;   /* it will not run */
  guint64 since;       /* since when, by the count of events */
  guint moment;        /* and by that of moments: settled points */
  gint64 due;          /* of its timeout, grace or delay, µs; 0 for none */
  gint64 clock_left;   /* of its timeout, while that stands still */

  /* an engine, and its run */
  GPtrArray *actions;  /* (element-type Node) (nullable): in the order of insertion */
  GPtrArray *leaving;  /* (element-type Node) (nullable) */
  JobsOnFailure on_failure;
  guint window;
  guint grace;
  gboolean is_paused;
  gboolean holds_clocks;
  gboolean is_active;
  gboolean is_retry;   /* the next run keeps what has ended well */
  guint begun;         /* the moment of that */
  gboolean is_woken;   /* it is to be looked at */
  gboolean had_finite;
  gboolean is_sweeping; /* it has just begun to end */
  Ending ending;
  Ending cause;
  guint n_bad;
  gint64 run_due;
  gint64 run_clock_left;
  gint64 grace_due;    /* the patience of the engine around it */
};

typedef struct
{
  gint64 now;
  guint64 n_events;
  guint moment;        /* the count of settled points */
  GArray *tangled;     /* (element-type gboolean): those in which several things happened */
  const GArray *witness; /* (element-type guint): what the engine has started in it */
  gboolean is_unsure;  /* what has happened may have come out otherwise as well */
  double jitter;
  GQueue posts;        /* to be done */
  GArray *starts;      /* (element-type guint): numbers, since it was last emptied */
  GPtrArray *nodes;    /* (element-type Node) (owned): all */
  Node *root;
} Model;

Model    *model_new     (gint64 now);
void      model_free    (Model *model);
Node     *model_add     (Model   *model,
                         gboolean is_engine);
void      model_put     (Node *engine,
                         Node *node);
void      model_require (Node         *node,
                         Node         *other,
                         JobsCondition condition);

/* What happens; nothing comes of it before model_settle() */
void      model_run     (Model *model);
void      model_end     (Model  *model,
                         Node   *node,
                         Outcome outcome);
void      model_ready   (Model *model,
                         Node  *node);
void      model_cancel  (Model *model,
                         Node  *node);
void      model_advance (Model *model,
                         gint64 now);
void      model_pause   (Model   *model,
                         Node    *engine,
                         gboolean is_paused,
                         gboolean holds_clocks);
void      model_insert  (Model *model,
                         Node  *engine,
                         Node  *node);
void      model_remove  (Model *model,
                         Node  *node);
gboolean  model_retry   (Model *model,
                         Node  *node);
gboolean  model_demand  (Model        *model,
                         Node         *node,
                         Node         *other,
                         JobsCondition condition);
gboolean  model_drop    (Model *model,
                         Node  *node,
                         Node  *other);

/* Until nothing happens any more without another outcome, or time */
void      model_settle  (Model *model);

/* The next time at which something is due, or 0; is_tie: two things that are not the
 * grace of the same asking, so that nobody can say which comes first */
gint64    model_get_due (Model    *model,
                         gboolean *is_tie);
gboolean  model_is_under_way (const Node *node);
guint     model_count_stuck  (const Node *engine);

G_END_DECLS
