/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "summary.h"

G_BEGIN_DECLS

/* The events of a run as JSON, one object on a line, for programs.
 *
 *  {"event":"start","version":1,"program":…,"date":…,"file":…,"name":…,"jobs":N}
 *  {"event":"state","us":T,"job":PATH,"state":NICK,"from":NICK,
 *   "attempt":N,"duration-us":D,"error":{"domain":…,"code":…,"message":…},
 *   "exit-status":N,"term-signal":N}      from "attempt" on where there is one
 *  {"event":"progress","us":T,"job":PATH,"fraction":F,"message":…}
 *  {"event":"end","us":T,"duration-us":D,"success":B,"exit":N,
 *   "counts":{NICK:N,…},"cause":PATH,"why":…}
 *
 * us: µs since the run began. New members may come within a version; readers
 * are to ignore what they do not know. What jobs print is in no event. */
typedef struct _Events Events;

/* FILE or fd:N; NULL: *error says why not */
ToolStream *events_open  (const char    *target,
                          GError       **error);
Events     *events_new   (JobsEngine    *engine,
                          ToolStream    *to);
void        events_begin (Events        *self,
                          const char    *file,
                          const char    *name);
void        events_end   (Events        *self,
                          const Verdict *verdict);
void        events_free  (Events        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Events, events_free)

G_END_DECLS
