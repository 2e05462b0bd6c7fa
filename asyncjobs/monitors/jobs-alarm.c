/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "jobs-alarm.h"

/* What rings all alarms of one context: each descriptor that is polled costs a run of short
 * commands a sixth of a percent */
typedef struct
{
  GSource source;
  GMainContext *context; /* only to be compared: it may have gone */
  int fd;                /* -1: there was none */
  gint64 next;           /* when it rings; 0: never. It may be for nothing */
  GQueue set;            /* JobsAlarm, the next one first */
  guint n_alarms;        /* with those that are not set; it goes with the last one */
} Bell;

struct _JobsAlarm
{
  Bell *bell; /* owned */
  GList link; /* of those that are set */
  gint64 due; /* 0: it is not set */
  JobsAlarmFunc func;
  gpointer data;
};

/* GMainContext → Bell: those that have one */
static GHashTable *bells;
G_LOCK_DEFINE_STATIC (bells);

/* The bell of a context */

static void
bell_set_next (Bell  *self,
               gint64 next)
{
  const struct itimerspec when = {
    .it_value = { .tv_sec = next / G_USEC_PER_SEC, .tv_nsec = next % G_USEC_PER_SEC * 1000 },
  };

  self->next = next;
  if (self->fd < 0)
    g_source_set_ready_time (&self->source, next > 0 ? next : -1);
  else
    timerfd_settime (self->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* One alarm a turn: it may do what it likes, with others as well */
static gboolean
bell_dispatch (GSource    *source,
               GSourceFunc callback,
               gpointer    data)
{
  Bell *self = (Bell *) source;
  JobsAlarm *first = g_queue_peek_head (&self->set);
  JobsAlarmFunc func = NULL;

  if (first != NULL && first->due <= g_get_monotonic_time ())
    {
      func = first->func;
      data = first->data;
      jobs_alarm_unset (first);
      first = g_queue_peek_head (&self->set);
    }
  bell_set_next (self, first != NULL ? first->due : 0);
  if (func != NULL)
    func (data);

  return G_SOURCE_CONTINUE;
}

static void
bell_finalize (GSource *source)
{
  Bell *self = (Bell *) source;

  if (self->fd >= 0)
    close (self->fd);
}

static GSourceFuncs bell_funcs = {
  .dispatch = bell_dispatch,
  .finalize = bell_finalize,
};

static Bell *
bell_new (GMainContext *context)
{
  GSource *source = g_source_new (&bell_funcs, sizeof (Bell));
  Bell *self = (Bell *) source;

  self->context = context;
  self->fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->fd >= 0)
    g_source_add_unix_fd (source, self->fd, G_IO_IN);
  g_queue_init (&self->set);
  g_source_set_static_name (source, "[asyncjobs] alarms");
  /* Who rings may run the loop, and wait there for another one */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);

  return self;
}

/* A context that has gone has destroyed its bell, and another one may be in its place */
static Bell *
bell_get (GMainContext *context)
{
  Bell *self;

  G_LOCK (bells);
  if (bells == NULL)
    bells = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (bells, context);
  if (self == NULL || g_source_is_destroyed (&self->source))
    {
      self = bell_new (context);
      g_hash_table_insert (bells, context, self);
    }
  else
    {
      g_source_ref (&self->source);
    }
  self->n_alarms++;
  G_UNLOCK (bells);

  return self;
}

static void
bell_drop (Bell *self)
{
  G_LOCK (bells);
  if (--self->n_alarms == 0)
    {
      if (g_hash_table_lookup (bells, self->context) == self)
        g_hash_table_remove (bells, self->context);
      g_source_destroy (&self->source);
    }
  G_UNLOCK (bells);

  g_source_unref (&self->source);
}

/* Alarms */

/* They are few, and what is set is mostly the last one */
static void
queue (Bell      *bell,
       JobsAlarm *self)
{
  GList *before = bell->set.tail;

  while (before != NULL && ((JobsAlarm *) before->data)->due > self->due)
    before = before->prev;
  if (before != NULL)
    g_queue_insert_after_link (&bell->set, before, &self->link);
  else
    g_queue_push_head_link (&bell->set, &self->link);

  if (bell->next == 0 || self->due < bell->next)
    bell_set_next (bell, self->due);
}

static gboolean
is_in (JobsAlarm    *self,
       GMainContext *context)
{
  return self->bell->context == context && !g_source_is_destroyed (&self->bell->source);
}

void
jobs_alarm_set (JobsAlarm   **alarm,
                GMainContext *context,
                gint64        due,
                JobsAlarmFunc func,
                gpointer      data)
{
  JobsAlarm *self;

  if (context == NULL)
    context = g_main_context_default ();
  if (*alarm != NULL && !is_in (*alarm, context))
    jobs_alarm_clear (alarm);
  if (*alarm == NULL)
    {
      *alarm = g_new0 (JobsAlarm, 1);
      (*alarm)->bell = bell_get (context);
      (*alarm)->link.data = *alarm;
    }

  self = *alarm;
  jobs_alarm_unset (self);
  self->due = MAX (due, 1);
  self->func = func;
  self->data = data;
  queue (self->bell, self);
}

gboolean
jobs_alarm_is_set (JobsAlarm *alarm)
{
  return alarm != NULL && alarm->due > 0 && !g_source_is_destroyed (&alarm->bell->source);
}

/* The bell may ring for nothing then: that is less than to set it each time */
void
jobs_alarm_unset (JobsAlarm *alarm)
{
  if (alarm == NULL || alarm->due == 0)
    return;

  g_queue_unlink (&alarm->bell->set, &alarm->link);
  alarm->due = 0;
}

void
jobs_alarm_clear (JobsAlarm **alarm)
{
  JobsAlarm *self = g_steal_pointer (alarm);

  if (self == NULL)
    return;

  jobs_alarm_unset (self);
  bell_drop (self->bell);
  g_free (self);
}
