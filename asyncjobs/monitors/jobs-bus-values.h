/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "../jobs-types.h"

G_BEGIN_DECLS

/* Values as a bus wants them. Those that are in nearly all that is told of actions, such as
 * states and empty texts, are made once: a short job is told of by a third faster so than by a
 * format, 0.9 and 1.3 µs.
 *
 * What is returned is for a container, which takes it: either floating, or kept here */
typedef struct _JobsBusValues JobsBusValues;

JobsBusValues *jobs_bus_values_new      (void);
void           jobs_bus_values_free     (JobsBusValues *self);

GVariant      *jobs_bus_values_flag     (JobsBusValues *self,
                                         gboolean       flag);
GVariant      *jobs_bus_values_number   (JobsBusValues *self,
                                         guint          number);
/* µs; 0: never */
GVariant      *jobs_bus_values_time     (JobsBusValues *self,
                                         gint64         time);
GVariant      *jobs_bus_values_progress (JobsBusValues *self,
                                         double         progress);
GVariant      *jobs_bus_values_state    (JobsBusValues *self,
                                         JobsState      state);
/* Any bytes; NULL is empty */
GVariant      *jobs_bus_values_text     (JobsBusValues *self,
                                         const char    *text);

/* The word for it on a bus */
const char    *jobs_bus_get_word        (JobsCondition  condition);
/* Text as a bus wants it: valid, and there */
const char    *jobs_bus_text            (const char    *text,
                                         char         **buffer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusValues, jobs_bus_values_free)

G_END_DECLS
