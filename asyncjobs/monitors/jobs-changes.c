/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-alarm.h"
#include "jobs-changes.h"

/* Between two times that changes are told, µs, and the most that wait for the next one */
#define INTERVAL (G_TIME_SPAN_SECOND / 10)
#define MAX_NOTED 256

struct _JobsChanges
{
  GWeakRef engine;
  JobsChangesFunc func; /* NULL: freed, while they were told */
  gpointer data;
  GArray *noted;        /* (element-type JobsChange) */
  GArray *spare;        /* for what comes next; NULL: those before are being told */
  JobsAlarm *alarm;
  gint64 told;          /* when, last */
  gboolean immediate;
};

/* A change */

/* To put a path together takes as long as all else about an event, and that of most
 * actions is their label: that one can wait */
static gboolean
is_path_label (JobsAction *action)
{
  JobsEngine *engine = jobs_action_get_engine (action);

  return engine != NULL && jobs_action_get_engine (JOBS_ACTION (engine)) == NULL;
}

void
jobs_change_init (JobsChange *self,
                  JobsAction *action,
                  JobsState   old_state,
                  JobsState   new_state)
{
  const GError *error;

  *self = (JobsChange) {
    .action = g_object_ref (action),
    .old_state = old_state,
    .new_state = new_state,
    .time = g_get_monotonic_time (),
  };
  if (!is_path_label (action))
    self->path = jobs_action_dup_path (action);

  /* Nothing of it is so of one that only becomes ready, and it is one change of three */
  if (old_state == JOBS_STATE_IDLE && new_state == JOBS_STATE_SCHEDULED)
    return;

  self->attempts = jobs_action_get_attempts (action);
  self->start_time = jobs_action_get_start_time (action);
  if (new_state == JOBS_STATE_RUNNING)
    return;

  self->end_time = jobs_action_get_end_time (action);
  error = jobs_action_get_error (action);
  if (error != NULL)
    self->error = g_error_copy (error);
}

void
jobs_change_clear (JobsChange *self)
{
  g_clear_object (&self->action);
  g_clear_error (&self->error);
  g_clear_pointer (&self->path, g_free);
}

const char *
jobs_change_get_path (JobsChange *self)
{
  const char *label = self->path == NULL ? jobs_action_get_label (self->action) : NULL;

  if (label != NULL)
    return label;

  if (self->path == NULL)
    self->path = jobs_action_dup_path (self->action);

  return self->path;
}

/* Telling */

static GArray *
new_list (void)
{
  GArray *list = g_array_sized_new (FALSE, FALSE, sizeof (JobsChange), MAX_NOTED);

  g_array_set_clear_func (list, (GDestroyNotify) jobs_change_clear);

  return list;
}

static void
free_now (JobsChanges *self)
{
  g_array_unref (self->noted);
  g_array_unref (self->spare);
  g_weak_ref_clear (&self->engine);
  g_free (self);
}

void
jobs_changes_flush (JobsChanges *self)
{
  /* In the middle of others, which are to be told whole before */
  if (self->spare == NULL)
    return;

  while (self->func != NULL && self->noted->len > 0)
    {
      GArray *list = self->noted;

      self->noted = g_steal_pointer (&self->spare);
      self->func ((JobsChange *) (gpointer) list->data, list->len, self->data);
      self->told = g_get_monotonic_time ();
      g_array_set_size (list, 0);
      self->spare = list;
    }
  jobs_alarm_unset (self->alarm);

  if (self->func == NULL)
    free_now (self);
}

static void
alarm_cb (gpointer data)
{
  jobs_changes_flush (data);
}

static void
flush_soon (JobsChanges *self)
{
  gint64 due = self->told + INTERVAL;

  if (self->immediate || self->noted->len >= MAX_NOTED)
    jobs_changes_flush (self);
  else if (jobs_alarm_is_set (self->alarm))
    return;
  else if (due <= g_get_monotonic_time ())
    jobs_changes_flush (self);
  else
    jobs_alarm_set (&self->alarm, g_main_context_get_thread_default (), due, alarm_cb, self);
}

static void
action_state_changed_cb (JobsEngine  *engine,
                         JobsAction  *action,
                         JobsState    old_state,
                         JobsState    new_state,
                         JobsChanges *self)
{
  guint index = self->noted->len;

  g_array_set_size (self->noted, index + 1);
  jobs_change_init (&g_array_index (self->noted, JobsChange, index), action, old_state, new_state);
  flush_soon (self);
}

/* Coming and going */

JobsChanges *
jobs_changes_new (JobsEngine      *engine,
                  JobsChangesFunc  func,
                  gpointer         data)
{
  JobsChanges *self = g_new0 (JobsChanges, 1);

  g_weak_ref_init (&self->engine, engine);
  self->func = func;
  self->data = data;
  self->noted = new_list ();
  self->spare = new_list ();
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);

  return self;
}

void
jobs_changes_free (JobsChanges *self)
{
  g_autoptr (JobsEngine) engine = g_weak_ref_get (&self->engine);

  if (engine != NULL)
    g_signal_handlers_disconnect_by_data (engine, self);
  jobs_alarm_clear (&self->alarm);
  self->func = NULL;
  if (self->spare != NULL)
    free_now (self);
}

void
jobs_changes_set_immediate (JobsChanges *self,
                            gboolean     immediate)
{
  self->immediate = immediate;
  if (immediate)
    jobs_changes_flush (self);
}
