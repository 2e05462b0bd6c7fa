/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine.h"
#include "jobs-action-private.h"
#include "jobs-graph.h"

G_BEGIN_DECLS

typedef struct
{
  JobsGraph *graph;
  JobsAction **actions; /* (owned), by number; NULL where one was removed */
  guint32 actions_size;
  guint32 *places;      /* the numbers in their order; NULL while none was removed */
  guint32 places_size;
  guint n_items;
  GPtrArray *unsettled; /* (borrowed): those with JOBS_ACTION_UNSETTLED: they may have loose
                         * requirements */
  GHashTable *labels;   /* label → the first action of that name (borrowed); made when asked */
  guint counts[JOBS_STATE_SKIPPED + 1];
  guint n_clean_up;
  guint n_alone;
  guint64 serial;
  JobsRun *run;
} JobsEnginePrivate;

enum
{
  JOBS_ENGINE_PROP_0,
  JOBS_ENGINE_PROP_WINDOW,
  JOBS_ENGINE_PROP_ON_FAILURE,
  JOBS_ENGINE_PROP_GRACE,
  JOBS_ENGINE_PROP_SHUTDOWN_TIMEOUT,
  JOBS_ENGINE_PROP_SOURCE_PRIORITY,
  JOBS_ENGINE_PROP_N_STUCK,
  JOBS_ENGINE_N_PROPS
};

extern GParamSpec *jobs_engine_properties[];
extern int jobs_engine_private_offset;

static inline JobsEnginePrivate *
jobs_engine_get_private (JobsEngine *self)
{
  return (JobsEnginePrivate *) G_STRUCT_MEMBER_P (self, jobs_engine_private_offset);
}

static inline guint32
place_to_index (JobsEnginePrivate *priv,
                guint              place)
{
  return priv->places != NULL ? priv->places[place] : place;
}

/* The graph, with all requirements in it that can be: those that lead to an
 * action of another engine, or of none, are not. Borrowed */
JobsGraph  *jobs_engine_get_graph          (JobsEngine *self);
/* The same, without a look whether more can be in it now */
static inline JobsGraph *
jobs_engine_peek_graph (JobsEngine *self)
{
  return jobs_engine_get_private (self)->graph;
}

/* NULL where the number is a removed one. Borrowed */
static inline JobsAction *
jobs_engine_peek (JobsEngine *self,
                  guint32     index)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  return index < priv->graph->n_nodes ? priv->actions[index] : NULL;
}

/* Tells whoever watches the list, if anybody does */
void        jobs_engine_items_changed      (JobsEngine *self,
                                            guint       place,
                                            guint       n_removed,
                                            guint       n_added);
/* Where in the list the action is, from 0 */
guint       jobs_engine_get_place          (JobsEngine *self,
                                            JobsAction *action);
/* Tells engines apart, in order of their making */
guint64     jobs_engine_get_serial         (JobsEngine *self);
gboolean    jobs_engine_has_run            (JobsEngine *self);
gboolean    jobs_engine_has_dangling       (JobsEngine *self);
JobsRun    *jobs_engine_get_run            (JobsEngine *self);
/* How many of its actions run alone; meanwhile it cannot run itself */
void        jobs_engine_count_alone        (JobsEngine *self,
                                            int         change);
gboolean    jobs_engine_is_held            (JobsEngine *self);
/* How many of its actions are of a class that cleans up */
guint       jobs_engine_get_n_clean_up     (JobsEngine *self);

/* Requirements that lead out of the engine: for each action that has such,
 * (action, other). AFTER ones are no concern. Stops where func returns FALSE */
typedef gboolean (*JobsEngineDanglingFunc) (JobsAction *action,
                                            JobsAction *other,
                                            gpointer    data);
void        jobs_engine_foreach_dangling   (JobsEngine            *self,
                                            JobsEngineDanglingFunc func,
                                            gpointer               data);
/* Drops those; returns how many. Of this engine only, not of nested ones */
guint       jobs_engine_drop_dangling      (JobsEngine *self);
/* Removes each action with marks[index] == 0 in one pass, with one items-changed
 * over all of them. Not while it runs */
void        jobs_engine_keep_marked        (JobsEngine   *self,
                                            const guint8 *marks);

/* Requirements beside the graph: jobs-engine-loose.c. Puts into the graph what can be
 * in it by now; takes one, or all of an action, out of it; has those of one looked at
 * that has come, and of one that goes no more */
void        jobs_engine_settle             (JobsEngine *self);
void        jobs_engine_unsettle_edge      (JobsEngine *self,
                                            JobsAction *action,
                                            JobsAction *other);
void        jobs_engine_unsettle_action    (JobsEngine *self,
                                            JobsAction *action);
void        jobs_engine_note_unsettled     (JobsEngine *self,
                                            JobsAction *action);
void        jobs_engine_forget_unsettled   (JobsEngine *self,
                                            JobsAction *action);
/* Whether it is the other one, or in it */
gboolean    jobs_engine_is_inside          (JobsEngine *self,
                                            JobsAction *other);
/* Whether an action that comes, or one in it, requires the engine or one around it:
 * these would keep each other alive */
gboolean    jobs_engine_is_required_by     (JobsEngine *self,
                                            JobsAction *action);

/* Takes all actions out at once, with the graph: both are the caller's, who drops as
 * many as the graph has nodes, little by little if it likes. Nobody is told */
JobsAction **jobs_engine_steal_actions     (JobsEngine *self,
                                            JobsGraph **graph);
/* Lets go of the first n; each is told that it is in no engine */
void        jobs_engine_drop_actions       (JobsAction **actions,
                                            guint        n);

/* For its actions */
gboolean    jobs_engine_set_requirement    (JobsEngine   *self,
                                            JobsAction   *action,
                                            JobsAction   *other,
                                            JobsCondition condition,
                                            GError      **error);
gboolean    jobs_engine_drop_requirement   (JobsEngine *self,
                                            JobsAction *action,
                                            JobsAction *other);
void        jobs_engine_forget_labels      (JobsEngine *self);
static inline void
jobs_engine_count_state (JobsEngine *self,
                         JobsState   old_state,
                         JobsState   new_state)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  priv->counts[old_state]--;
  priv->counts[new_state]++;
}

/* Whether anybody is connected to what follows, be it to an engine around it */
gboolean    jobs_engine_is_heard           (JobsEngine *self);
/* Signals, on this engine and on those around it; user code is called */
void        jobs_engine_emit_state_changed (JobsEngine *self,
                                            JobsAction *action,
                                            JobsState   old_state,
                                            JobsState   new_state);
void        jobs_engine_emit_progress      (JobsEngine *self,
                                            JobsAction *action);
void        jobs_engine_emit_started       (JobsEngine *self);
void        jobs_engine_emit_finished      (JobsEngine *self,
                                            gboolean    success);
void        jobs_engine_notify_n_stuck     (JobsEngine *self);

/* The enclosing run wants it to have ended by then (monotonic µs, 0 = no limit) */
void        jobs_engine_limit_grace        (JobsEngine *self,
                                            gint64      due);

G_END_DECLS
