/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A timer for one who nearly always has one set.
 *
 * While a main loop has a timer, each of its polls has a limit, for which the kernel sets a
 * timer and takes it back: of a run of short commands that is a third of a percent. This one
 * is set once, behind a descriptor that all of a context share; where there is none for it,
 * it is as others are. It is used in the thread of its context. */
typedef struct _JobsAlarm JobsAlarm;

/* May do whatever it likes: clear the alarm, or run the loop, in which it rings again */
typedef void (*JobsAlarmFunc) (gpointer data);

/* Makes it where there is none yet in that context; NULL is the default one. It rings once,
 * when due has come, which is monotonic, in µs; at the next turn where that has passed. It
 * does not keep the context, and data has to be there until it rings, or is not set */
void     jobs_alarm_set    (JobsAlarm   **alarm,
                            GMainContext *context,
                            gint64        due,
                            JobsAlarmFunc func,
                            gpointer      data);
/* Of one that was not made, too. One whose context has gone is not set any more */
gboolean jobs_alarm_is_set (JobsAlarm    *alarm);
void     jobs_alarm_unset  (JobsAlarm    *alarm);
void     jobs_alarm_clear  (JobsAlarm   **alarm);

/* A descriptor of one who mostly has nothing to read from it. It is behind that of the
 * alarms, too, so that a poll does not have to look at it */
typedef struct _JobsWatch JobsWatch;

/* func is called at each turn of @context while there is something to read, or fd was hung
 * up. It may do what it likes, too. fd has to be open until this is cleared */
JobsWatch *jobs_watch_new   (GMainContext *context,
                             int           fd,
                             JobsAlarmFunc func,
                             gpointer      data);
void       jobs_watch_clear (JobsWatch   **watch);

G_END_DECLS
