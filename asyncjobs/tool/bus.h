/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* What `asyncjobs run --bus` shows on the session bus. Where there is none, that is said
 * once, and no more comes of it */
typedef struct _Bus Bus;

Bus  *bus_new           (JobsEngine *engine,
                         const char *title);
/* Whoever watches sees the end; turns the main loop for half a second at most */
void  bus_finish        (Bus        *self);
void  bus_free          (Bus        *self);
/* That there is no session bus, which the system has said in its words, and what can be done */
char *bus_describe_lack (const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bus, bus_free)

G_END_DECLS
