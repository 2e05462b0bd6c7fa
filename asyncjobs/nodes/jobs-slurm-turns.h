/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Work of many that is done in pieces, one after the other, so that all of it together
 * does not hold the main loop */
typedef struct _JobsSlurmTurns JobsSlurmTurns;

JobsSlurmTurns *jobs_slurm_turns_new   (GMainContext   *context);
void            jobs_slurm_turns_unref (JobsSlurmTurns *self);
/* @func: does a small piece; TRUE: there is more. user_data has to stay until then */
void            jobs_slurm_turns_add   (JobsSlurmTurns *self,
                                        GSourceFunc     func,
                                        gpointer        user_data);

G_END_DECLS
