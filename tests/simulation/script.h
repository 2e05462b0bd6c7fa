/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "model.h"

G_BEGIN_DECLS

/* An action that begins, and goes on until the world gives it an outcome. Asked to end,
 * it does what its answer says */
#define SIM_TYPE_ACTION (sim_action_get_type ())
G_DECLARE_FINAL_TYPE (SimAction, sim_action, SIM, ACTION, JobsAction)

/* Its number is noted in starts each time that it begins */
SimAction *sim_action_new    (guint   number,
                              Answer  answer,
                              GArray *starts);
/* Whether there is an attempt that waits for its outcome */
gboolean   sim_action_is_open (SimAction *self);
void       sim_action_end    (SimAction *self,
                              Outcome    outcome,
                              gboolean   in_thread);
void       sim_action_ready  (SimAction *self,
                              gboolean   in_thread);
/* Another outcome for the last attempt that has got one, or FALSE where there is none */
gboolean   sim_action_end_again (SimAction *self);
/* Of its attempts, which have references to it */
void       sim_action_let_go (SimAction *self);

G_END_DECLS
