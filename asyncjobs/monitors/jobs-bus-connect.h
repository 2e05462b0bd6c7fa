/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connection of its own to the session bus: what the program does with the one that all of
 * it shares, as to have it end with that, is its own affair. The callback has no source.
 *
 * The thread in which GDBus works, if it comes about by this, takes no SIGCHLD */
void             jobs_bus_connect_async  (GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            data);
/* The errors are those of g_dbus_connection_new_for_address(), and
 * %G_IO_ERROR_FAILED where no thread can be had */
GDBusConnection *jobs_bus_connect_finish (GAsyncResult *result,
                                          GError      **error);

G_END_DECLS
