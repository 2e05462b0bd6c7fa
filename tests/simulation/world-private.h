/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "clock.h"
#include "jobs-deadlines.h"
#include "model.h"
#include "script.h"
#include "world.h"

G_BEGIN_DECLS

#define MAX_ACTIONS 200

/* An engine and its model, to which the same things happen */
typedef struct
{
  guint64 seed;
  GRand *rand;
  GString *story;
  GString *graph;
  gboolean is_verbose;

  GMainContext *context;
  JobsDeadlines *deadlines; /* kept, so that its source is the same one all the time */
  JobsEngine *root;
  GPtrArray *actions;       /* (element-type JobsAction) (owned): by their number */
  GArray *starts;           /* (element-type guint), by the engine */
  gboolean is_running;
  gboolean is_left;         /* nobody can say what comes next, as two things are due at the same time */
  GError *error;            /* of the last run */
  guint n_durations;        /* so that no two are the same */

  Model *model;
  Tally *tally;
} World;

guint       world_any      (World *world,
                            guint  n);
gboolean    world_chance   (World *world,
                            guint  percent);
void        world_tell     (World      *world,
                            const char *format,
                            ...) G_GNUC_PRINTF (2, 3);
JobsAction *world_peek     (World      *world,
                            const Node *node);

/* Something random in both: world-build.c, world-ops.c */
void        world_build    (World *world);
Node       *world_new_leaf (World *world);
void        world_require_any (World *world,
                               Node  *node,
                               Node  *other);
void        world_op       (World *world);

G_END_DECLS
