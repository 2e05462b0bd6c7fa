/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "jobs-alarm.h"

struct _JobsAlarm
{
  GSource source;
  int fd;     /* -1: there was none */
  gint64 due; /* 0: it is not set */
};

static void
set_due (JobsAlarm *self,
         gint64     due)
{
  const struct itimerspec when = {
    .it_value = { .tv_sec = due / G_USEC_PER_SEC, .tv_nsec = due % G_USEC_PER_SEC * 1000 },
  };

  self->due = due;
  if (self->fd < 0)
    g_source_set_ready_time (&self->source, due > 0 ? due : -1);
  else
    timerfd_settime (self->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static gboolean
jobs_alarm_dispatch (GSource    *source,
                     GSourceFunc callback,
                     gpointer    data)
{
  JobsAlarm *self = (JobsAlarm *) source;

  /* What came before in this turn may have set it to another time */
  if (self->due == 0 || self->due > g_get_monotonic_time ())
    return G_SOURCE_CONTINUE;

  set_due (self, 0);
  ((JobsAlarmFunc) callback) (data);

  return G_SOURCE_CONTINUE;
}

static void
jobs_alarm_finalize (GSource *source)
{
  JobsAlarm *self = (JobsAlarm *) source;

  if (self->fd >= 0)
    close (self->fd);
}

static GSourceFuncs alarm_funcs = {
  .dispatch = jobs_alarm_dispatch,
  .finalize = jobs_alarm_finalize,
};

static JobsAlarm *
jobs_alarm_new (GMainContext *context,
                JobsAlarmFunc func,
                gpointer      data)
{
  GSource *source = g_source_new (&alarm_funcs, sizeof (JobsAlarm));
  JobsAlarm *self = (JobsAlarm *) source;

  self->fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->fd >= 0)
    g_source_add_unix_fd (source, self->fd, G_IO_IN);
  g_source_set_callback (source, (GSourceFunc) func, data, NULL);
  g_source_set_static_name (source, "[asyncjobs] alarm");
  g_source_attach (source, context);

  return self;
}

/* One whose context has gone is in none */
static gboolean
is_in (JobsAlarm    *self,
       GMainContext *context)
{
  return !g_source_is_destroyed (&self->source) &&
         g_source_get_context (&self->source) == (context != NULL ? context : g_main_context_default ());
}

void
jobs_alarm_set (JobsAlarm   **alarm,
                GMainContext *context,
                gint64        due,
                JobsAlarmFunc func,
                gpointer      data)
{
  if (*alarm != NULL && !is_in (*alarm, context))
    jobs_alarm_clear (alarm);
  if (*alarm == NULL)
    *alarm = jobs_alarm_new (context, func, data);

  set_due (*alarm, MAX (due, 1));
}

gboolean
jobs_alarm_is_set (JobsAlarm *alarm)
{
  return alarm != NULL && alarm->due > 0;
}

void
jobs_alarm_unset (JobsAlarm *alarm)
{
  if (jobs_alarm_is_set (alarm))
    set_due (alarm, 0);
}

void
jobs_alarm_clear (JobsAlarm **alarm)
{
  JobsAlarm *self = g_steal_pointer (alarm);

  if (self == NULL)
    return;

  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}
