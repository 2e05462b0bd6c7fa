/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include <gio/gio.h>

#include "../jobs-types.h"

G_BEGIN_DECLS

/* Which runs there are */
JOBS_AVAILABLE_IN_1_0
void        jobs_bus_list_runs_async   (GDBusConnection    *connection,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
char      **jobs_bus_list_runs_finish  (GDBusConnection *connection,
                                        GAsyncResult    *result,
                                        GError         **error);

G_END_DECLS
