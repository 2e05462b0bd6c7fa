/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine-private.h"

G_BEGIN_DECLS

/* A look for what would keep an engine from running to its end, in the engines inside
 * it too. It is taken little by little, for a big graph takes longer than a frame */
typedef struct _JobsCheck JobsCheck;

JobsCheck *jobs_check_new    (JobsEngine *engine,
                              gboolean    with_warnings);
void       jobs_check_free   (JobsCheck *self);
/* Goes on until all is done (TRUE) or the time is up (monotonic µs; 0: no limit) */
gboolean   jobs_check_go_on  (JobsCheck *self,
                              gint64     until);
/* After that. TRUE where there is no error; the message has a line for each, and
 * warnings (nullable) gets NULL where there is none. Frees it */
gboolean   jobs_check_finish (JobsCheck *self,
                              char    ***warnings,
                              GError   **error);

G_END_DECLS
