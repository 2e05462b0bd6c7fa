/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-alarm.h"
#include "jobs-board-private.h"
#include "jobs-bus-callers.h"
#include "jobs-bus-guard.h"

/* In one answer */
#define CHANGES_MAX 1000
/* Who has not come back within that, µs, is not waited for */
#define BACK_TIME (2 * G_TIME_SPAN_SECOND)
/* Most that ever called have gone again: not more than so many are remembered */
#define KNOWN_MAX 1000

struct _JobsBusCallers
{
  JobsBusTable *table; /* (unowned) */
  JobsBoard    *board; /* (unowned) */
  GPtrArray    *waits; /* Wait */
  GHashTable   *known; /* unique name → Caller */
  gint64        told;  /* when, last, those who had all that there was; up to a tenth of the interval before that */
  guint         last;  /* the number of the last action then */
  JobsAlarm    *alarm; /* set: they are about to be told again */
  gboolean      is_hurried;
};

/* A call that there is no answer to yet */
typedef struct
{
  GDBusMethodInvocation *invocation;
  guint64                since;
  guint                  known;
  guint                  max;
} Wait;

typedef struct
{
  guint    n_asked;
  gint64   answered; /* when, since the last call; 0: not */
  gboolean has_more; /* to be told of, since the last answer */
} Caller;

static void
refuse (Wait *wait)
{
  jobs_bus_tell_gone (wait->invocation);
}

static Caller *
ensure_caller (JobsBusCallers        *self,
               GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  Caller *caller;

  /* Between two alone there are no names */
  if (sender == NULL)
    sender = "";
  caller = g_hash_table_lookup (self->known, sender);
  if (caller == NULL)
    {
      if (g_hash_table_size (self->known) >= KNOWN_MAX)
        g_hash_table_remove_all (self->known);
      caller = g_new0 (Caller, 1);
      g_hash_table_insert (self->known, g_strdup (sender), caller);
    }

  return caller;
}

/* Between two times that those are answered who had all that there was, µs, at every second turn of the
 * board: a person looks at it, and each answer has the bus, our thread of it and him at work beside
 * the run */
static gint64
get_interval (JobsBusCallers *self)
{
  return 2 * jobs_board_get_interval (self->board) * G_TIME_SPAN_MILLISECOND;
}

/* When those are answered whom there is something to tell, and the board says nothing: it mostly does
 * before, and a timer that rings at the same time would wake the main loop once more */
static gint64
get_latest (JobsBusCallers *self)
{
  return self->told + get_interval (self) * 5 / 4;
}

static gboolean
is_time (JobsBusCallers *self)
{
  return self->is_hurried || self->told + get_interval (self) <= g_get_monotonic_time ();
}

/* Of what was there before, and what others have been told of, he is told at once, page by page */
static gboolean
is_behind (JobsBusCallers *self,
           Wait           *wait,
           Caller         *caller)
{
  return caller->has_more || wait->since == 0 || wait->known < self->last;
}

static void
set_told (JobsBusCallers *self,
          gint64          now)
{
  gint64 due = self->told + get_interval (self);

  /* A board that tells of something each time may be so late, and still be in time for the next one */
  if (due <= now)
    self->told = MAX (due, now - get_interval (self) / 10);
  else if (self->is_hurried)
    self->told = now;
  self->last = jobs_bus_table_get_last (self->table);
}

static void alarm_cb (gpointer data);

/* FALSE: there is nothing, or it is too early */
static gboolean
answer (JobsBusCallers *self,
        Wait           *wait,
        gboolean        in_time)
{
  Caller *caller;
  GVariant *changes;
  gint64 now;

  if (!jobs_bus_table_is_news (self->table, wait->since, wait->known))
    return FALSE;

  caller = ensure_caller (self, wait->invocation);
  now = g_get_monotonic_time ();
  if (!is_behind (self, wait, caller))
    {
      if (!in_time)
        {
          jobs_alarm_set (&self->alarm, g_main_context_get_thread_default (), get_latest (self), alarm_cb, self);
          return FALSE;
        }
      set_told (self, now);
    }

  caller->answered = now;
  changes = jobs_bus_table_get_changes (self->table, wait->since, wait->known, wait->max, &caller->has_more);
  g_dbus_method_invocation_return_value (wait->invocation, changes);

  return TRUE;
}

/* All at one time: two who follow may be of one connection */
static void
answer_all (JobsBusCallers *self)
{
  gboolean in_time = is_time (self);

  /* All who can be told something are */
  if (in_time)
    jobs_alarm_unset (self->alarm);
  for (guint i = self->waits->len; i > 0; i--)
    if (answer (self, self->waits->pdata[i - 1], in_time))
      g_ptr_array_remove_index_fast (self->waits, i - 1);
}

void
jobs_bus_callers_ask (JobsBusCallers        *self,
                      guint64                since,
                      guint                  known,
                      guint                  max,
                      GDBusMethodInvocation *invocation)
{
  Wait wait = { invocation, since, known, CLAMP (max, 1, CHANGES_MAX) };
  Caller *caller = ensure_caller (self, invocation);
  gboolean in_time = is_time (self);

  caller->n_asked++;
  caller->answered = 0;
  jobs_bus_table_extend (self->table, wait.max);
  /* Those who wait come before who makes it too early for them once more */
  if (in_time)
    answer_all (self);
  if (!answer (self, &wait, in_time))
    g_ptr_array_add (self->waits, g_memdup2 (&wait, sizeof wait));
}

static void
alarm_cb (gpointer data)
{
  answer_all (data);
}

void
jobs_bus_callers_answer (JobsBusCallers *self,
                         gboolean        is_hurried)
{
  self->is_hurried = is_hurried;
  answer_all (self);
}

gboolean
jobs_bus_callers_have_heard (JobsBusCallers *self)
{
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  Caller *caller;

  /* Who has asked but once only wanted a look */
  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &caller))
    if (caller->n_asked > 1 && caller->answered != 0 && now - caller->answered < BACK_TIME)
      return FALSE;

  return TRUE;
}

JobsBusCallers *
jobs_bus_callers_new (JobsBusTable *table,
                      JobsBoard    *board)
{
  JobsBusCallers *self = g_new0 (JobsBusCallers, 1);

  self->table = table;
  self->board = board;
  self->waits = g_ptr_array_new_with_free_func (g_free);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
jobs_bus_callers_free (JobsBusCallers *self)
{
  jobs_alarm_clear (&self->alarm);
  g_ptr_array_foreach (self->waits, (GFunc) refuse, NULL);
  g_ptr_array_unref (self->waits);
  g_hash_table_unref (self->known);
  g_free (self);
}
