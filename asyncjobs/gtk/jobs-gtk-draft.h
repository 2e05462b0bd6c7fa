/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-gtk-plan.h"

G_BEGIN_DECLS

/* Has Graphviz place what is in a plan. It is the program dot that is run, not its library:
 * a layout takes long enough to want another process, one that may be ended or may crash,
 * and nobody needs Graphviz who looks at no graph. */

/* Takes the plan */
void         jobs_gtk_draft_async  (JobsGtkPlan        *plan,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            data);
/* (transfer full); G_IO_ERROR_NOT_FOUND: there is no dot */
JobsGtkPlan *jobs_gtk_draft_finish (GAsyncResult       *result,
                                    GError            **error);

G_END_DECLS
