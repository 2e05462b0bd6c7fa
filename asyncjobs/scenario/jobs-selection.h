/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-engine.h"

G_BEGIN_DECLS

/* Adds each action on all levels by its path to what names mean (name →
 * GPtrArray of JobsAction), beside the groups that have names of their own */
void       jobs_selection_add_paths (JobsEngine *engine,
                                     GHashTable *names);
/* The actions that are meant, less those that are in the engine no more. NULL with
 * an error that has a line for each unknown name */
GPtrArray *jobs_selection_find      (JobsEngine        *engine,
                                     GHashTable        *names,
                                     const char *const *wanted,
                                     GError           **error);
/* Removes all others, but for the engines around them and, where wanted, what any
 * of these requires */
void       jobs_selection_keep      (JobsEngine *engine,
                                     GPtrArray  *actions,
                                     gboolean    with_requirements);
/* Removes them; what is behind them waits for what is before them */
void       jobs_selection_drop      (JobsEngine *engine,
                                     GPtrArray  *actions);

G_END_DECLS
