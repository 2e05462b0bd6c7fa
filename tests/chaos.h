/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <unistd.h>

#include "asyncjobs/jobs-action-private.h"

/* A world of engines full of scripted actions, with a record of each that knows what
 * may not happen to it. Whatever is against the law prints the seed, and aborts. */

#define WATCHDOG 20 /* s */

typedef struct _World  World;
typedef struct _Record Record;

typedef enum
{
  HOW_NOW,
  HOW_IDLE,
  HOW_THREAD,
  HOW_DELAY,
  HOW_NEVER, /* until it is stopped */
  HOW_ABANDON,
  HOW_REFUSE,
  HOW_REFUSE_SILENTLY,
  HOW_END_AND_REFUSE,
  HOW_NO_RESOURCES, /* the first time */
  N_HOW,
} How;

typedef enum
{
  STOP_FAIL, /* as cancelled, by the way that How says */
  STOP_SUCCEED,
  STOP_BY_CANCELLABLE,
  STOP_BY_DEFAULT,
  STOP_REFUSE,
  STOP_IGNORE, /* it ends later, by itself */
  N_STOP,
} Stop;

typedef struct
{
  How how;
  Stop stop;
  How clean_up;
  guint n_failures; /* of the first so many attempts */
  gboolean gives_up; /* fails as cancelled */
  gboolean ends_twice;
  gboolean reports;
  gboolean readies;
  guint delay; /* ms */
} Script;

struct _Record
{
  World *world;
  JobsAction *action; /* borrowed; to be looked at only while it is there */
  GWeakRef weak;
  JobsAction *held;   /* (owned) (nullable) */
  guint number;
  JobsState state;
  guint n_ends;       /* in this run */
  guint n_clean_ups;  /* likewise */
  gboolean may_reset;
  gboolean is_late;   /* added while its engine ran */
  gboolean is_busy;   /* of an engine: an attempt of the last run goes on */
  gboolean is_bad;    /* of an engine: a critical action did not end well */
  GPtrArray *items;   /* of an engine: (element-type JobsAction), borrowed; as it was told of */
};

struct _World
{
  guint32 seed;
  const char *name;
  GRand *rand;
  gboolean is_wild;
  guint n_ops;          /* that may still be done */
  GPtrArray *records;
  JobsEngine *root;
  JobsPool *pools[3];
  int n_alive;          /* actions; atomic */
  int n_pending;        /* completions under way in threads and sources; atomic */
  guint n_tasks;
  JobsEngine *retried;  /* (borrowed): by the last of them */
  guint n_retrying;     /* calls of jobs_engine_retry() on the stack */
  GThreadPool *threads;
  void (*op) (World *world);
};

static World *the_world; /* for the last words */
static int n_warnings;   /* of second outcomes; atomic */

/* Whether jobs_action_run_async() goes on */
static gboolean
is_alone (JobsAction *action)
{
  JobsActionMore *more = jobs_action_peek_more (action);

  return more != NULL && more->alone != NULL;
}

static void
world_describe (World *world)
{
  g_printerr ("# %s, seed %u\n", world->name, world->seed);
  for (guint i = 0; i < world->records->len; i++)
    {
      Record *record = g_ptr_array_index (world->records, i);
      g_autoptr (JobsAction) action = g_weak_ref_get (&record->weak);
      g_autofree char *text = action != NULL ? jobs_action_to_string (action) : NULL;
      g_autofree char *path = action != NULL ? jobs_action_dup_path (action) : NULL;
      g_autofree char *why = JOBS_IS_ENGINE (action) ? jobs_engine_why (JOBS_ENGINE (action)) : NULL;

      if (text != NULL)
        g_printerr ("# %s (%x)%s%s%s%s: %s %s\n", path,
                    jobs_action_peek (action)->flags,
                    jobs_action_get_critical (action) ? "" : " (non-critical)",
                    jobs_action_get_forever (action) ? " (forever)" : "",
                    ((Record *) g_ptr_array_index (world->records, i))->is_late ? " (late)" : "",
                    is_alone (action) ? " (alone)" : "",
                    text, why != NULL ? why : "");
    }
}

#define assert_law(record, law)                                                               \
  G_STMT_START                                                                                \
  {                                                                                           \
    if (!(law))                                                                               \
      {                                                                                       \
        world_describe ((record)->world);                                                     \
        g_error ("%s:%d: seed %u, action %u: %s", __FILE__, __LINE__, (record)->world->seed,  \
                 (record)->number, #law);                                                     \
      }                                                                                       \
  }                                                                                           \
  G_STMT_END

static inline gboolean
chance (World *world,
        guint  percent)
{
  return (guint) g_rand_int_range (world->rand, 0, 100) < percent;
}

static inline guint
any (World *world,
     guint  n)
{
  return (guint) g_rand_int_range (world->rand, 0, (gint32) n);
}

static inline Record *
record_of (gpointer action)
{
  return g_object_get_data (G_OBJECT (action), "record");
}

static inline void
world_op (World *world)
{
  if (world->is_wild && world->n_ops > 0 && chance (world, 15))
    {
      world->n_ops--;
      world->op (world);
    }
}

/* The actions */

typedef struct
{
  JobsAction parent_instance;

  World *world;
  Script script;
  int n_performed;
} Chaos;

typedef JobsActionClass ChaosClass;
typedef Chaos Cleaner;
typedef ChaosClass CleanerClass;
typedef Chaos Performer;
typedef ChaosClass PerformerClass;
typedef Chaos CleaningPerformer;
typedef ChaosClass CleaningPerformerClass;

static GType chaos_get_type (void);
static GType cleaner_get_type (void);
static GType performer_get_type (void);
static GType cleaning_performer_get_type (void);

G_DEFINE_TYPE (Chaos, chaos, JOBS_TYPE_ACTION)
G_DEFINE_TYPE (Cleaner, cleaner, chaos_get_type ())
G_DEFINE_TYPE (Performer, performer, JOBS_TYPE_ACTION)
G_DEFINE_TYPE (CleaningPerformer, cleaning_performer, JOBS_TYPE_ACTION)

static void
fail_as (JobsAttempt *attempt,
         int          code)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, code, "chaos");

  jobs_attempt_fail (attempt, error);
}

/* Any thread */
static void
chaos_end (Chaos       *self,
           JobsAttempt *attempt)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT);
  g_value_set_uint (&value, jobs_attempt_get_number (attempt));
  if (self->script.readies)
    jobs_attempt_ready (attempt);
  if (self->script.reports)
    jobs_attempt_report (attempt, 0.5, "half");

  if (self->script.gives_up)
    fail_as (attempt, G_IO_ERROR_CANCELLED);
  else if (jobs_attempt_get_number (attempt) <= self->script.n_failures &&
           jobs_attempt_get_number (attempt) > 0)
    fail_as (attempt, G_IO_ERROR_FAILED);
  else
    jobs_attempt_complete (attempt, &value);
  if (self->script.ends_twice)
    jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);
}

static void
ending_done (World       *world,
             JobsAttempt *attempt)
{
  g_object_unref (attempt);
  g_atomic_int_add (&world->n_pending, -1);
  g_main_context_wakeup (NULL);
}

static gboolean
ending_source_cb (gpointer data)
{
  JobsAttempt *attempt = data;
  Chaos *self = (Chaos *) jobs_attempt_get_action (attempt);
  World *world = self->world;

  chaos_end (self, attempt);
  ending_done (world, attempt);
  world_op (world);

  return G_SOURCE_REMOVE;
}

static void
ending_thread_cb (gpointer data,
                  gpointer user_data)
{
  JobsAttempt *attempt = data;

  chaos_end ((Chaos *) jobs_attempt_get_action (attempt), attempt);
  ending_done (user_data, attempt);
}

/* Ends it at some time from now on */
static void
chaos_end_somehow (Chaos       *self,
                   JobsAttempt *attempt,
                   How          how)
{
  if (how == HOW_NOW)
    {
      chaos_end (self, attempt);
      return;
    }

  g_object_ref (attempt);
  g_atomic_int_inc (&self->world->n_pending);
  if (how == HOW_THREAD)
    g_thread_pool_push (self->world->threads, attempt, NULL);
  else if (how == HOW_IDLE)
    g_idle_add_full (G_PRIORITY_DEFAULT, ending_source_cb, attempt, NULL);
  else
    g_timeout_add (self->script.delay, ending_source_cb, attempt);
}

static void
cancelled_cb (GCancellable *cancellable,
              JobsAttempt  *attempt)
{
  fail_as (attempt, G_IO_ERROR_CANCELLED);
  g_signal_handlers_disconnect_by_func (cancellable, cancelled_cb, attempt);
}

static void
attempt_gone (gpointer  data,
              GClosure *closure)
{
  JobsAttempt *attempt = data;

  ending_done (((Chaos *) jobs_attempt_get_action (attempt))->world, attempt);
}

static gboolean
chaos_begin (Chaos       *self,
             JobsAttempt *attempt,
             How          how,
             GError     **error)
{
  switch (how)
    {
    case HOW_NEVER:
      if (self->script.stop == STOP_BY_CANCELLABLE)
        {
          g_atomic_int_inc (&self->world->n_pending);
          g_signal_connect_data (jobs_attempt_get_cancellable (attempt), "cancelled",
                                 G_CALLBACK (cancelled_cb), g_object_ref (attempt), attempt_gone, 0);
        }
      else
        g_object_set_data_full (G_OBJECT (self), "attempt", g_object_ref (attempt), g_object_unref);
      return TRUE;
    case HOW_ABANDON:
      return TRUE;
    case HOW_REFUSE:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "refused");
      return FALSE;
    case HOW_REFUSE_SILENTLY:
      return FALSE;
    case HOW_END_AND_REFUSE:
      chaos_end (self, attempt);
      return FALSE;
    case HOW_NO_RESOURCES:
      if (self->n_performed++ % 2 == 0)
        {
          g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES, "none");
          return FALSE;
        }
      chaos_end (self, attempt);
      return TRUE;
    default:
      chaos_end_somehow (self, attempt, how);
      return TRUE;
    }
}

static gboolean
chaos_start (JobsAction  *action,
             JobsAttempt *attempt,
             GError     **error)
{
  Chaos *self = (Chaos *) action;

  world_op (self->world);
  if (self->script.reports)
    jobs_attempt_report (attempt, 0.1, "begun");
  if (self->script.readies)
    jobs_attempt_ready (attempt);

  return chaos_begin (self, attempt, self->script.how, error);
}

static gboolean
chaos_stop (JobsAction  *action,
            JobsAttempt *attempt,
            GError     **error)
{
  Chaos *self = (Chaos *) action;

  /* The last reference goes, where start() has kept one here */
  if (g_object_get_data (G_OBJECT (self), "attempt") == (gpointer) attempt)
    g_object_set_data (G_OBJECT (self), "attempt", NULL);

  world_op (self->world);
  switch (self->script.stop)
    {
    case STOP_FAIL:
      fail_as (attempt, G_IO_ERROR_CANCELLED);
      break;
    case STOP_SUCCEED:
      jobs_attempt_complete (attempt, NULL);
      break;
    case STOP_BY_CANCELLABLE:
    case STOP_BY_DEFAULT:
      if (!JOBS_ACTION_CLASS (chaos_parent_class)->stop (action, attempt, error))
        return FALSE;
      break;
    case STOP_REFUSE:
      chaos_end_somehow (self, attempt, HOW_DELAY);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot stop");
      return FALSE;
    case STOP_IGNORE:
    default:
      chaos_end_somehow (self, attempt, HOW_DELAY);
      break;
    }

  return TRUE;
}

static gboolean
chaos_perform (JobsAction *action,
               GError    **error)
{
  Chaos *self = (Chaos *) action;
  GValue value = G_VALUE_INIT;
  gboolean ends_well = self->script.n_failures == 0 ||
                       (guint) self->n_performed++ % (self->script.n_failures + 1) == self->script.n_failures;

  world_op (self->world);
  if (self->script.gives_up || (!ends_well && self->script.how != HOW_REFUSE_SILENTLY))
    {
      g_set_error_literal (error, G_IO_ERROR,
                           self->script.gives_up ? G_IO_ERROR_CANCELLED : G_IO_ERROR_FAILED, "chaos");
      return FALSE;
    }

  g_value_init (&value, G_TYPE_UINT);
  jobs_action_take_result (action, &value);
  g_value_unset (&value);

  return ends_well;
}

static gboolean
chaos_clean_up (JobsAction  *action,
                JobsAttempt *attempt,
                GError     **error)
{
  Chaos *self = (Chaos *) action;

  assert_law (record_of (action), jobs_attempt_get_number (attempt) == 0);
  assert_law (record_of (action), ++record_of (action)->n_clean_ups == 1);
  world_op (self->world);

  return chaos_begin (self, attempt, self->script.clean_up, error);
}

static void
chaos_class_init (ChaosClass *klass)
{
  klass->start = chaos_start;
  klass->stop = chaos_stop;
}

static void
cleaner_class_init (CleanerClass *klass)
{
  klass->clean_up = chaos_clean_up;
}

static void
performer_class_init (PerformerClass *klass)
{
  klass->perform = chaos_perform;
}

static void
cleaning_performer_class_init (CleaningPerformerClass *klass)
{
  performer_class_init (klass);
  klass->stop = chaos_stop;
  klass->clean_up = chaos_clean_up;
}

static void
chaos_init (Chaos *self)
{
}

static void
cleaner_init (Cleaner *self)
{
}

static void
performer_init (Performer *self)
{
}

static void
cleaning_performer_init (CleaningPerformer *self)
{
}

/* The law */

static gboolean
is_legal (Record   *record,
          JobsState old,
          JobsState new)
{
  switch (old)
    {
    case JOBS_STATE_IDLE:
      /* SCHEDULED is one that has to wait */
      return new == JOBS_STATE_SCHEDULED || new == JOBS_STATE_RUNNING || new == JOBS_STATE_SKIPPED ||
             new == JOBS_STATE_CANCELLED;
    case JOBS_STATE_SCHEDULED:
      /* IDLE: a requirement has come */
      return new == JOBS_STATE_RUNNING || new == JOBS_STATE_SKIPPED ||
             new == JOBS_STATE_CANCELLED || new == JOBS_STATE_IDLE;
    case JOBS_STATE_RUNNING:
      return new == JOBS_STATE_CANCELLING || new == JOBS_STATE_SCHEDULED ||
             (jobs_state_is_terminal (new) && new != JOBS_STATE_SKIPPED);
    case JOBS_STATE_CANCELLING:
      return (new == JOBS_STATE_SCHEDULED && jobs_action_get_retries (record->action) > 0) ||
             (jobs_state_is_terminal (new) && new != JOBS_STATE_SKIPPED);
    default:
      return new == JOBS_STATE_IDLE &&
             (record->may_reset ||
              (record->world->n_retrying > 0 &&
               (old != JOBS_STATE_FINISHED || jobs_action_get_engine (record->action) != record->world->retried)));
    }
}

/* Whether a requirement lets an action start, by what everybody can see */
static gboolean
is_met (JobsEngine   *engine,
        JobsAction   *other,
        JobsCondition condition)
{
  JobsState state = jobs_action_get_state (other);
  gboolean has_failed = state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT;
  gboolean keeps_going = jobs_engine_get_on_failure (engine) == JOBS_ON_FAILURE_KEEP_GOING;

  switch (condition)
    {
    case JOBS_CONDITION_DONE:
      return jobs_state_is_terminal (state) &&
             !(keeps_going && has_failed && jobs_action_get_critical (other));
    case JOBS_CONDITION_SUCCESS:
      return state == JOBS_STATE_FINISHED;
    case JOBS_CONDITION_FAILURE:
      return has_failed;
    case JOBS_CONDITION_READY:
      return (jobs_action_is_ready (other) && !jobs_state_is_terminal (state)) ||
             state == JOBS_STATE_FINISHED;
    case JOBS_CONDITION_AFTER:
    default:
      return jobs_state_is_terminal (state);
    }
}

/* Those within the engine; others have no effect */
static gboolean
all_met (JobsAction *action)
{
  JobsEngine *engine = jobs_action_get_engine (action);
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = g_ptr_array_index (requirements, i);
      JobsCondition condition = JOBS_CONDITION_DONE;

      g_assert_true (jobs_action_get_requirement (action, other, &condition));
      if (jobs_action_get_engine (other) == engine && !is_met (engine, other, condition))
        return FALSE;
    }

  return TRUE;
}

static guint
count_slots (JobsEngine *engine)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);
      JobsState state = jobs_action_get_state (action);

      n += (state == JOBS_STATE_RUNNING || state == JOBS_STATE_CANCELLING) &&
           !jobs_action_get_forever (action) && !is_alone (action);
    }

  return n;
}

static void
check_start (Record *record)
{
  JobsEngine *engine = jobs_action_get_engine (record->action);
  guint window;

  if (engine == NULL || is_alone (record->action) || !jobs_engine_is_active (engine))
    return;

  /* Another attempt does not ask again */
  assert_law (record, jobs_action_get_attempts (record->action) > 1 || all_met (record->action));
  assert_law (record, !jobs_engine_is_paused (engine));
  window = jobs_engine_get_window (engine);
  assert_law (record, window == 0 || jobs_action_get_forever (record->action) ||
                      count_slots (engine) <= window);
}

/* What makes a verdict FALSE, where nobody interferes */
static void
note_end (Record   *record,
          JobsState old)
{
  JobsEngine *engine = jobs_action_get_engine (record->action);
  JobsState state = record->state;
  gboolean is_own = old == JOBS_STATE_RUNNING ||
                    (state == JOBS_STATE_TIMED_OUT && !JOBS_IS_ENGINE (record->action));

  if (engine != NULL && !is_alone (record->action) && is_own && jobs_action_get_critical (record->action) &&
      state != JOBS_STATE_FINISHED && state != JOBS_STATE_SKIPPED)
    record_of (engine)->is_bad = TRUE;
}

static void
state_cb (JobsAction *action,
          GParamSpec *pspec,
          Record     *record)
{
  World *world = record->world;
  JobsState old = record->state;

  record->state = jobs_action_get_state (action);
  if (!is_legal (record, old, record->state))
    g_printerr ("# %u: from %s to %s\n", record->number, jobs_state_get_nick (old),
                jobs_state_get_nick (record->state));
  assert_law (record, is_legal (record, old, record->state));
  if (jobs_state_is_terminal (old))
    {
      record->may_reset = FALSE;
      record->n_ends = 0;
    }
  if (jobs_state_is_terminal (record->state))
    {
      assert_law (record, ++record->n_ends == 1);
      note_end (record, old);
    }
  if (record->state == JOBS_STATE_RUNNING)
    check_start (record);
  for (guint i = 0; i < G_N_ELEMENTS (world->pools); i++)
    assert_law (record, jobs_pool_get_in_use (world->pools[i]) <= jobs_pool_get_capacity (world->pools[i]));
}

static void
allow_reset (Record *record)
{
  if (jobs_state_is_terminal (record->state))
    record->may_reset = TRUE;
}

static void
foreach_item (JobsEngine *engine,
              void      (*func) (Record *record))
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      func (record_of (action));
    }
}

/* A run forgets also what is inside engines that it may not come to */
static void
enter_run (Record *record)
{
  if (JOBS_IS_ENGINE (record->action) && !jobs_engine_is_active (JOBS_ENGINE (record->action)))
    foreach_item (JOBS_ENGINE (record->action), enter_run);
  allow_reset (record);
  record->n_clean_ups = 0;
  record->is_late = FALSE;
}

static void
started_cb (JobsEngine *engine,
            Record     *record)
{
  record->is_bad = FALSE;
  foreach_item (engine, enter_run);
  world_op (record->world);
}

/* The end of an action as it is explained by those that it requires */
static void
check_end (Record *record)
{
  JobsEngine *engine = jobs_action_get_engine (record->action);
  gboolean cleans_up = JOBS_ACTION_GET_CLASS (record->action)->clean_up != NULL;
  gboolean success = jobs_engine_get_verdict (engine);

  if (record->is_late)
    {
      assert_law (record, record->state == JOBS_STATE_IDLE || jobs_state_is_terminal (record->state));
      return;
    }

  assert_law (record, jobs_state_is_terminal (record->state));
  /* One that ran alone, before a retry of others, was cleaned up after then */
  assert_law (record, !cleans_up || record->n_clean_ups == 1 ||
                      !jobs_action_has_flag (record->action, JOBS_ACTION_IN_RUN));
  if (record->world->is_wild)
    return;

  if (jobs_action_is_done (record->action))
    {
      g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (record->action);

      for (guint i = 0; i < requirements->len; i++)
        {
          JobsAction *other = g_ptr_array_index (requirements, i);
          JobsCondition condition;

          jobs_action_get_requirement (record->action, other, &condition);
          assert_law (record, condition == JOBS_CONDITION_READY ||
                              jobs_action_get_engine (other) != engine || is_met (engine, other, condition));
        }
    }
  else if (success && record->state == JOBS_STATE_SKIPPED && !jobs_action_get_forever (record->action))
    {
      assert_law (record, !all_met (record->action));
    }
}

static void
check_counts (JobsEngine *engine)
{
  guint counts[JOBS_STATE_SKIPPED + 1] = { 0 };
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  assert_law (record_of (engine), n == record_of (engine)->items->len);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      assert_law (record_of (engine), g_ptr_array_index (record_of (engine)->items, i) == (gpointer) action);
      counts[jobs_action_get_state (action)]++;
    }
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    assert_law (record_of (engine), jobs_engine_count (engine, state) == counts[state]);
}

static void
finished_cb (JobsEngine *engine,
             gboolean    success,
             Record     *record)
{
  World *world = record->world;

  foreach_item (engine, check_end);
  check_counts (engine);
  if (!world->is_wild)
    {
      gboolean may_fail = record->is_bad || record->state == JOBS_STATE_CANCELLING ||
                          jobs_action_get_timeout (JOBS_ACTION (engine)) > 0;

      assert_law (record, !record->is_bad || !success);
      assert_law (record, success || may_fail);
    }
  world_op (world);
}

static void
items_changed_cb (JobsEngine *engine,
                  guint       place,
                  guint       n_removed,
                  guint       n_added,
                  Record     *record)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (record->items, place, n_removed);
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), place + i);

      g_ptr_array_insert (record->items, (int) (place + i), action);
    }
  check_counts (engine);
  world_op (record->world);
}
