/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-engine.h"

G_BEGIN_DECLS

/* What has become of an action, as it was then: an attempt may follow, and its error and times
 * be those of another one. Times are monotonic, in µs; start_time and end_time may be 0 */
typedef struct
{
  JobsAction *action;
  JobsState old_state;
  JobsState new_state;
  gint64 time;
  gint64 start_time;
  gint64 end_time;
  guint attempts;
  GError *error; /* nullable */
  char *path;    /* NULL: see jobs_change_get_path () */
} JobsChange;

/* As it is now, for one that is told of as if it had changed */
void        jobs_change_init     (JobsChange *self,
                                  JobsAction *action,
                                  JobsState   old_state,
                                  JobsState   new_state);
void        jobs_change_clear    (JobsChange *self);
const char *jobs_change_get_path (JobsChange *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (JobsChange, jobs_change_clear)

/* The changes of all actions of an engine, many at a time.
 *
 * A job drives out of the processor's caches what it finds there, and so code that is needed
 * once for each job takes several times as long as it should. What happens is only noted
 * then; what there is to do about it is done ten times a second at most, at once where nothing
 * has been for so long. */
typedef struct _JobsChanges JobsChanges;

/* May do whatever it likes, and let go of the changes */
typedef void (*JobsChangesFunc) (JobsChange *changes,
                                 guint       n,
                                 gpointer    user_data);

/* Does not keep the engine; data is to stay until it is freed */
JobsChanges *jobs_changes_new           (JobsEngine      *engine,
                                         JobsChangesFunc  func,
                                         gpointer         data);
/* What has not been told of is dropped */
void         jobs_changes_free          (JobsChanges *self);
/* Whether each is told of at once; not so at first */
void         jobs_changes_set_immediate (JobsChanges *self,
                                         gboolean     immediate);
/* Tells of all up to here, unless it is called by the one who is told */
void         jobs_changes_flush         (JobsChanges *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsChanges, jobs_changes_free)

G_END_DECLS
