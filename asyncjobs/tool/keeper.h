/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "run-options.h"

G_BEGIN_DECLS

/* What a run leaves on the disk: its journal, and what each attempt printed, byte for
 * byte but for secrets */
typedef struct _Keeper Keeper;

/* Opens the journal of @options; NULL where none is wanted (*status is then 0), or:
 * leave with *status, all has been said */
Keeper     *keeper_open        (const RunOptions *options,
                                int              *status);
/* Likewise one that exists, to go on from its last run; it is called @name where the command
 * was given */
Keeper     *keeper_open_again  (const char *filename,
                                const char *name,
                                gboolean    strict,
                                int        *status);
/* Where, and with which arguments, its last run was made. FALSE: likewise */
gboolean    keeper_get_command (Keeper  *self,
                                char   **directory,
                                char  ***arguments,
                                int     *status);
/* Before the run begins. FALSE: leave with *status, all has been said */
gboolean    keeper_begin       (Keeper           *self,
                                JobsScenario     *scenario,
                                const RunOptions *options,
                                int              *status);
/* What of an earlier run would be kept is taken as done in the engine, and told of: nothing
 * is written. FALSE: likewise */
gboolean    keeper_look_ahead  (Keeper     *self,
                                JobsEngine *engine,
                                int        *status);
/* FALSE: something could not be written, which has been said */
gboolean    keeper_finish      (Keeper *self);
/* Where the output is; NULL: there was none */
const char *keeper_get_logs    (Keeper *self);
void        keeper_free        (Keeper *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keeper, keeper_free)

G_END_DECLS
