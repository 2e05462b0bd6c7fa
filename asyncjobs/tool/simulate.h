/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "plan.h"

G_BEGIN_DECLS

/* A run in virtual time: when each job would start and end if all goes well and each takes
 * as long as the plan says. Windows, pools and priorities are obeyed as by an engine */
typedef struct _Simulation Simulation;

typedef struct
{
  PlanNode *node;
  gint64 start; /* µs */
  gint64 end;
} SimulationStep;

Simulation *simulation_new             (Plan *plan);
void        simulation_free            (Simulation *self);
/* (element-type SimulationStep): of those that are no engines, as they start */
GArray     *simulation_get_steps       (Simulation *self);
gint64      simulation_get_length      (Simulation *self);
/* For what the jobs that decide about the length have waited longest, apart from each
 * other. @engine: for its window; @pool: for that; neither: for nothing else */
void        simulation_find_bottleneck (Simulation *self,
                                        JobsEngine **engine,
                                        JobsPool   **pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Simulation, simulation_free)

G_END_DECLS
