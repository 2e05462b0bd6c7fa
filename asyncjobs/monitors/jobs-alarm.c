/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "jobs-alarm.h"

/* What rings all alarms of one context: each descriptor that is polled costs a run of short
 * commands a sixth of a percent, and the tenth one a page of memory at each poll */
typedef struct
{
  GSource source;
  GMainContext *context; /* only to be compared: it may have gone */
  int poll_fd;           /* an epoll around all that there is; -1: there was none */
  int timer_fd;          /* in it */
  gint64 next;           /* when it rings; 0: never. It may be for nothing */
  GQueue set;            /* JobsAlarm, the next one first */
  guint n_users;         /* with alarms that are not set; it goes with the last one */
} Bell;

struct _JobsAlarm
{
  Bell *bell; /* owned */
  GList link; /* of those that are set */
  gint64 due; /* 0: it is not set */
  JobsAlarmFunc func;
  gpointer data;
};

struct _JobsWatch
{
  Bell *bell; /* owned */
  int fd;
  GSource *source; /* where the bell has no descriptor */
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
  if (self->poll_fd < 0)
    g_source_set_ready_time (&self->source, next > 0 ? next : -1);
  else
    timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* One of them a turn: it may do what it likes, with others as well */
static gboolean
bell_dispatch (GSource    *source,
               GSourceFunc callback,
               gpointer    user_data)
{
  Bell *self = (Bell *) source;
  JobsAlarm *first = g_queue_peek_head (&self->set);
  struct epoll_event event = { 0 };
  JobsAlarmFunc func = NULL;
  gpointer data = NULL;

  if (self->poll_fd >= 0 && epoll_wait (self->poll_fd, &event, 1, 0) > 0 && event.data.ptr != NULL)
    {
      JobsWatch *watch = event.data.ptr;

      watch->func (watch->data);
      return G_SOURCE_CONTINUE;
    }

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
bell_close (Bell *self)
{
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  if (self->poll_fd >= 0)
    close (self->poll_fd);
  self->timer_fd = self->poll_fd = -1;
}

static void
bell_finalize (GSource *source)
{
  bell_close ((Bell *) source);
}

static GSourceFuncs bell_funcs = {
  .dispatch = bell_dispatch,
  .finalize = bell_finalize,
};

/* FALSE: it is not looked at */
static gboolean
bell_look_at (Bell      *self,
              int        fd,
              JobsWatch *watch)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

  return epoll_ctl (self->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
bell_open (Bell *self)
{
  self->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  self->poll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->timer_fd < 0 || self->poll_fd < 0 || !bell_look_at (self, self->timer_fd, NULL))
    bell_close (self);
}

static Bell *
bell_new (GMainContext *context)
{
  GSource *source = g_source_new (&bell_funcs, sizeof (Bell));
  Bell *self = (Bell *) source;

  self->context = context;
  bell_open (self);
  if (self->poll_fd >= 0)
    g_source_add_unix_fd (source, self->poll_fd, G_IO_IN);
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
  self->n_users++;
  G_UNLOCK (bells);

  return self;
}

static void
bell_drop (Bell *self)
{
  G_LOCK (bells);
  if (--self->n_users == 0)
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

/* Watches */

static gboolean
readable_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  JobsWatch *self = user_data;

  self->func (self->data);

  return G_SOURCE_CONTINUE;
}

JobsWatch *
jobs_watch_new (GMainContext *context,
                int           fd,
                JobsAlarmFunc func,
                gpointer      data)
{
  JobsWatch *self = g_new0 (JobsWatch, 1);

  self->bell = bell_get (context != NULL ? context : g_main_context_default ());
  self->fd = fd;
  self->func = func;
  self->data = data;
  if (self->bell->poll_fd >= 0 && bell_look_at (self->bell, fd, self))
    return self;

  self->source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->source, G_SOURCE_FUNC (readable_cb), self, NULL);
  g_source_set_static_name (self->source, "[asyncjobs] watch");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, context);

  return self;
}

void
jobs_watch_clear (JobsWatch **watch)
{
  JobsWatch *self = g_steal_pointer (watch);

  if (self == NULL)
    return;

  if (self->source == NULL)
    epoll_ctl (self->bell->poll_fd, EPOLL_CTL_DEL, self->fd, NULL);
  else
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  bell_drop (self->bell);
  g_free (self);
}
