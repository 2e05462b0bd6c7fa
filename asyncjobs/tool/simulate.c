/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "simulate.h"

typedef struct _Job Job;

/* First in an engine and in a pool: one that is to be looked at, once, in its turn among
 * all, as the posts of an engine's pump. Who comes first at one moment follows from that */
typedef struct
{
  gboolean is_pool;
  gboolean is_posted;
} Post;

typedef struct
{
  Post post;
  JobsPool *pool;
  guint in_use;
  GSequence *queue;  /* (element-type Job), the first to be served first */
  Job *freed_by;     /* who has given back some of it last */
  gint64 blamed;     /* the waits for it that have decided about the length, µs */
} Budget;

typedef struct
{
  Budget *budget;
  guint amount;
  GSequenceIter *place; /* in its queue; NULL: it does not wait there */
} Need;

struct _Job
{
  Post post;
  PlanNode *node;
  guint n_unmet;        /* requirements */
  gint64 ready;
  gint64 turn;          /* when it had a slot to take for the first time */
  guint64 ready_serial; /* more than those of all that came before */
  guint64 turn_serial;  /* likewise; 0: not yet */
  gint64 start;
  gint64 end;
  GArray *needs;        /* (element-type Need) (nullable) */
  Budget *refused_by;   /* (nullable): the pool it waits or has waited for */
  gboolean is_waiting;  /* for a slot, and not for pools alone */
  Job *via;             /* (nullable): whose end has let it start; else the engine's start */

  /* Of an engine */
  GSequence *waiting;   /* (element-type Job): ready, and without a slot */
  guint n_slots;        /* taken */
  guint n_left;         /* members that have not ended */
  Job *freed_by;        /* who has given back a slot last */
  Job *last;            /* the member that has ended last */
  gint64 blamed;
};

struct _Simulation
{
  Job *jobs;            /* by the index of their nodes */
  guint n_jobs;
  GHashTable *budgets;  /* JobsPool → Budget */
  GSequence *running;   /* (element-type Job), what ends first first */
  GQueue posts;         /* (element-type Post) */
  gint64 now;
  guint64 last_serial;
  GArray *steps;        /* (element-type SimulationStep) */
};

static int
compare_by (const Job *one,
            const Job *two,
            guint64    serial_of_one,
            guint64    serial_of_two)
{
  int priority_of_one = jobs_action_get_priority (one->node->action);
  int priority_of_two = jobs_action_get_priority (two->node->action);

  if (priority_of_one != priority_of_two)
    return priority_of_one > priority_of_two ? -1 : 1;

  return serial_of_one < serial_of_two ? -1 : serial_of_one > serial_of_two;
}

/* At an engine: by priority, then as they became ready */
static int
compare_ready (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  return compare_by (a, b, ((const Job *) a)->ready_serial, ((const Job *) b)->ready_serial);
}

/* At a pool: by priority, then as they had a slot to take for the first time */
static int
compare_turns (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  return compare_by (a, b, ((const Job *) a)->turn_serial, ((const Job *) b)->turn_serial);
}

static int
compare_ends (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const Job *one = a, *two = b;

  if (one->end != two->end)
    return one->end < two->end ? -1 : 1;

  return one->node->index < two->node->index ? -1 : one->node->index > two->node->index;
}

static void
post (Simulation *self,
      gpointer    engine_or_budget)
{
  Post *one = engine_or_budget;

  if (one->is_posted)
    return;

  one->is_posted = TRUE;
  g_queue_push_tail (&self->posts, one);
}

static Job *
get_job (Simulation *self,
         PlanNode   *node)
{
  return &self->jobs[node->index];
}

static Job *
get_around (Simulation *self,
            Job        *job)
{
  return job->node->around != NULL ? get_job (self, job->node->around) : NULL;
}

static gboolean
has_room (const Job *engine)
{
  guint window = jobs_engine_get_window (JOBS_ENGINE (engine->node->action));

  return window == 0 || engine->n_slots < window;
}

/* Pools: all that a job needs in one step, or nothing */

static Job *
peek_first (GSequence *sequence)
{
  GSequenceIter *first = g_sequence_get_begin_iter (sequence);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

/* NULL: all its pools have room, and it has its turn at each */
static Budget *
find_refusal (const Job *job)
{
  for (guint i = 0; job->needs != NULL && i < job->needs->len; i++)
    {
      const Need *need = &g_array_index (job->needs, Need, i);
      Job *first = peek_first (need->budget->queue);

      if ((first != NULL && first != job && compare_turns (first, job, NULL) < 0) ||
          need->budget->in_use + need->amount > jobs_pool_get_capacity (need->budget->pool))
        return need->budget;
    }

  return NULL;
}

static void
enter_queues (Job *job)
{
  for (guint i = 0; i < job->needs->len; i++)
    {
      Need *need = &g_array_index (job->needs, Need, i);

      if (need->place == NULL)
        need->place = g_sequence_insert_sorted (need->budget->queue, job, compare_turns, NULL);
    }
}

/* Those behind it come nearer */
static void
leave_queues (Simulation *self,
              Job        *job)
{
  for (guint i = 0; job->needs != NULL && i < job->needs->len; i++)
    {
      Need *need = &g_array_index (job->needs, Need, i);

      if (need->place == NULL)
        continue;
      g_clear_pointer (&need->place, g_sequence_remove);
      post (self, need->budget);
    }
}

/* A job: it becomes ready, starts, ends */

static void
wait_for_slot (Simulation *self,
               Job        *job)
{
  Job *engine = get_around (self, job);

  job->is_waiting = TRUE;
  g_sequence_insert_sorted (engine->waiting, job, compare_ready, NULL);
  post (self, engine);
}

static void
make_ready (Simulation *self,
            Job        *job,
            Job        *via)
{
  job->ready = self->now;
  job->ready_serial = ++self->last_serial;
  job->via = via;
  if (job->node->is_skipped)
    {
      job->start = job->end = self->now;
      g_sequence_insert_sorted (self->running, job, compare_ends, NULL);
    }
  else
    {
      wait_for_slot (self, job);
    }
}

static void
meet (Simulation *self,
      Job        *job,
      gboolean    by_start)
{
  GArray *dependents = job->node->dependents;

  for (guint i = 0; i < dependents->len; i++)
    {
      const PlanEdge *edge = &g_array_index (dependents, PlanEdge, i);
      Job *other = get_job (self, edge->to);

      if (job->node->is_skipped ? by_start : (edge->condition == JOBS_CONDITION_READY) != by_start)
        continue;
      if (--other->n_unmet == 0)
        make_ready (self, other, job);
    }
}

static void
start_members (Simulation *self,
               Job        *engine)
{
  GPtrArray *members = engine->node->members;

  engine->n_left = members->len;
  for (guint i = 0; i < members->len; i++)
    {
      Job *member = get_job (self, g_ptr_array_index (members, i));

      if (member->n_unmet == 0)
        make_ready (self, member, NULL);
    }
  if (engine->n_left == 0)
    g_sequence_insert_sorted (self->running, engine, compare_ends, NULL);
}

static void
start (Simulation *self,
       Job        *job)
{
  Job *engine = get_around (self, job);

  leave_queues (self, job);
  for (guint i = 0; job->needs != NULL && i < job->needs->len; i++)
    g_array_index (job->needs, Need, i).budget->in_use += g_array_index (job->needs, Need, i).amount;
  if (engine != NULL)
    engine->n_slots++;

  job->start = self->now;
  job->end = self->now + job->node->duration;
  /* It has waited for more than its requirements: it goes on from who gave that back */
  if (job->start > job->ready && engine != NULL)
    job->via = job->refused_by != NULL ? job->refused_by->freed_by : engine->freed_by;

  meet (self, job, TRUE);
  if (job->node->members != NULL)
    {
      start_members (self, job);
    }
  else
    {
      SimulationStep step = { job->node, job->start, job->end };

      g_array_append_val (self->steps, step);
      g_sequence_insert_sorted (self->running, job, compare_ends, NULL);
    }
}

static void
give_back (Simulation *self,
           Job        *job,
           Job        *engine)
{
  for (guint i = 0; job->needs != NULL && i < job->needs->len; i++)
    {
      Need *need = &g_array_index (job->needs, Need, i);

      need->budget->in_use -= need->amount;
      need->budget->freed_by = job;
      post (self, need->budget);
    }
  engine->n_slots--;
  engine->freed_by = job;
  post (self, engine);
}

static void
end (Simulation *self,
     Job        *job)
{
  Job *engine = get_around (self, job);

  if (engine == NULL)
    return;

  if (!job->node->is_skipped)
    give_back (self, job, engine);
  meet (self, job, FALSE);
  engine->last = job;
  if (--engine->n_left == 0)
    {
      engine->end = self->now;
      g_sequence_insert_sorted (self->running, engine, compare_ends, NULL);
    }
}

/* Who may start now */

static void
serve_engine (Simulation *self,
              Job        *engine)
{
  Job *job;

  while (has_room (engine) && (job = peek_first (engine->waiting)) != NULL)
    {
      Budget *refusal;

      g_sequence_remove (g_sequence_get_begin_iter (engine->waiting));
      job->is_waiting = FALSE;
      if (job->turn_serial == 0)
        {
          job->turn = self->now;
          job->turn_serial = ++self->last_serial;
        }
      refusal = find_refusal (job);
      if (refusal == NULL)
        {
          start (self, job);
          continue;
        }
      /* It holds no slot while it waits, and others go first here */
      job->refused_by = refusal;
      enter_queues (job);
    }
}

/* The first one has its turn here, and goes by its place among all at its engine. Where
 * no slot is free there it lets others go first here */
static void
serve_pool (Simulation *self,
            Budget     *budget)
{
  Job *job = peek_first (budget->queue);

  if (job == NULL || job->is_waiting || find_refusal (job) != NULL)
    return;

  if (!has_room (get_around (self, job)))
    {
      leave_queues (self, job);
      job->refused_by = NULL;
    }
  wait_for_slot (self, job);
}

static void
serve (Simulation *self)
{
  Post *one;

  while ((one = g_queue_pop_head (&self->posts)) != NULL)
    {
      one->is_posted = FALSE;
      if (one->is_pool)
        serve_pool (self, (Budget *) one);
      else
        serve_engine (self, (Job *) one);
    }
}

static void
simulation_run (Simulation *self)
{
  Job *job;

  start (self, &self->jobs[0]);
  serve (self);
  while ((job = peek_first (self->running)) != NULL)
    {
      g_sequence_remove (g_sequence_get_begin_iter (self->running));
      self->now = job->end;
      end (self, job);
      serve (self);
    }
}

static void
budget_free (gpointer data)
{
  Budget *self = data;

  g_sequence_free (self->queue);
  g_object_unref (self->pool);
  g_free (self);
}

static void
add_needs (Simulation *self,
           Job        *job)
{
  g_autoptr (GPtrArray) pools = jobs_action_dup_pools (job->node->action);

  if (pools->len == 0)
    return;

  job->needs = g_array_new (FALSE, FALSE, sizeof (Need));
  for (guint i = 0; i < pools->len; i++)
    {
      JobsPool *pool = g_ptr_array_index (pools, i);
      Need need = { g_hash_table_lookup (self->budgets, pool), jobs_action_get_pool_amount (job->node->action, pool) };

      if (need.budget == NULL)
        {
          need.budget = g_new0 (Budget, 1);
          need.budget->post.is_pool = TRUE;
          need.budget->pool = g_object_ref (pool);
          need.budget->queue = g_sequence_new (NULL);
          g_hash_table_insert (self->budgets, pool, need.budget);
        }
      g_array_append_val (job->needs, need);
    }
}

Simulation *
simulation_new (Plan *plan)
{
  Simulation *self = g_new0 (Simulation, 1);

  self->n_jobs = plan->nodes->len;
  self->jobs = g_new0 (Job, self->n_jobs);
  self->budgets = g_hash_table_new_full (NULL, NULL, NULL, budget_free);
  self->running = g_sequence_new (NULL);
  self->steps = g_array_new (FALSE, FALSE, sizeof (SimulationStep));
  g_queue_init (&self->posts);

  for (guint i = 0; i < self->n_jobs; i++)
    {
      Job *job = &self->jobs[i];

      job->node = g_ptr_array_index (plan->nodes, i);
      job->n_unmet = job->node->requirements->len;
      if (job->node->members != NULL)
        job->waiting = g_sequence_new (NULL);
      add_needs (self, job);
    }
  simulation_run (self);

  return self;
}

void
simulation_free (Simulation *self)
{
  for (guint i = 0; i < self->n_jobs; i++)
    {
      g_clear_pointer (&self->jobs[i].waiting, g_sequence_free);
      g_clear_pointer (&self->jobs[i].needs, g_array_unref);
    }
  g_free (self->jobs);
  g_sequence_free (self->running);
  g_hash_table_unref (self->budgets);
  g_array_unref (self->steps);
  g_free (self);
}

GArray *
simulation_get_steps (Simulation *self)
{
  return self->steps;
}

gint64
simulation_get_length (Simulation *self)
{
  return self->jobs[0].end;
}

static void
blame (Simulation *self,
       Job        *job)
{
  Job *engine = get_around (self, job);
  gint64 until = job->refused_by != NULL ? job->turn : job->start;

  if (engine == NULL)
    return;
  engine->blamed += until - job->ready;
  if (job->refused_by != NULL)
    job->refused_by->blamed += job->start - job->turn;
}

/* Back from the end, over those without whom it would have been earlier */
static void
blame_all (Simulation *self)
{
  Job *job = &self->jobs[0];

  while (job != NULL)
    {
      while (job->last != NULL)
        job = job->last;
      blame (self, job);
      while (job != NULL && job->via == NULL)
        {
          job = get_around (self, job);
          if (job != NULL)
            blame (self, job);
        }
      if (job != NULL)
        job = job->via;
    }
}

void
simulation_find_bottleneck (Simulation  *self,
                            JobsEngine **engine,
                            JobsPool   **pool)
{
  GHashTableIter iter;
  gpointer value;
  gint64 most = 0;

  *engine = NULL;
  *pool = NULL;
  blame_all (self);

  for (guint i = 0; i < self->n_jobs; i++)
    if (self->jobs[i].blamed > most)
      {
        most = self->jobs[i].blamed;
        *engine = JOBS_ENGINE (self->jobs[i].node->action);
      }

  g_hash_table_iter_init (&iter, self->budgets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Budget *budget = value;

      if (budget->blamed <= most)
        continue;
      most = budget->blamed;
      *engine = NULL;
      *pool = budget->pool;
    }
}
