/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-workers-private.h"

/**
 * JobsWorkers:
 *
 * A number of threads that [class@ThreadAction]s share.
 *
 * Threads are started when there is work for them, and at most as many work at
 * once as the size says; what is beyond that waits, running, in the order of its
 * start. To have it wait unstarted, so that its timeout does not run, use the window
 * of the engine or a [class@Pool].
 *
 * All functions may be called from any thread.
 *
 * Since: 1.0
 */

struct _JobsWorkers
{
  GObject      parent_instance;

  GThreadPool *threads;
};

enum
{
  PROP_0,
  PROP_SIZE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsWorkers, jobs_workers, G_TYPE_OBJECT)

/* Most of what runs in threads waits for something, so that more threads than
 * processors are of use */
static guint
get_default_size (void)
{
  return MAX (16, 4 * g_get_num_processors ());
}

static void
thread_cb (gpointer data,
           gpointer user_data)
{
  JobsWork *work = data;

  work->func (work);
}

static void
jobs_workers_finalize (GObject *object)
{
  JobsWorkers *self = JOBS_WORKERS (object);

  /* Neither stops what goes on nor waits for it */
  g_thread_pool_free (self->threads, FALSE, FALSE);

  G_OBJECT_CLASS (jobs_workers_parent_class)->finalize (object);
}

static void
jobs_workers_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  JobsWorkers *self = JOBS_WORKERS (object);

  switch (prop_id)
    {
    case PROP_SIZE:
      g_value_set_uint (value, jobs_workers_get_size (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_workers_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  JobsWorkers *self = JOBS_WORKERS (object);

  switch (prop_id)
    {
    case PROP_SIZE:
      jobs_workers_set_size (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_workers_class_init (JobsWorkersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = jobs_workers_finalize;
  object_class->get_property = jobs_workers_get_property;
  object_class->set_property = jobs_workers_set_property;

  /**
   * JobsWorkers:size: (getter get_size) (setter set_size)
   *
   * How many may work at once; the default is 4 for each processor, at least 16.
   *
   * Since: 1.0
   */
  properties[PROP_SIZE] =
    g_param_spec_uint ("size", NULL, NULL, 1, G_MAXINT, get_default_size (),
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_workers_init (JobsWorkers *self)
{
  /* Not exclusive: idle threads are left to the program, and none is started here */
  self->threads = g_thread_pool_new (thread_cb, NULL, get_default_size (), FALSE, NULL);
}

/**
 * jobs_workers_new:
 * @size: how many may work at once, at least 1
 *
 * Makes a set of workers of its own, for actions that should not wait behind others.
 *
 * Returns: (transfer full): new workers
 *
 * Since: 1.0
 */
JobsWorkers *
jobs_workers_new (guint size)
{
  g_return_val_if_fail (size >= 1 && size <= G_MAXINT, NULL);

  return g_object_new (JOBS_TYPE_WORKERS, "size", size, NULL);
}

/**
 * jobs_workers_get_default:
 *
 * The workers of all actions that were not given others.
 *
 * Returns: (transfer none): the same ones each time, for the life of the program
 *
 * Since: 1.0
 */
JobsWorkers *
jobs_workers_get_default (void)
{
  static JobsWorkers *workers;

  if (g_once_init_enter (&workers))
    g_once_init_leave (&workers, g_object_new (JOBS_TYPE_WORKERS, NULL));

  return workers;
}

/**
 * jobs_workers_get_size: (get-property size)
 * @self: workers
 *
 * How many may work at once.
 *
 * Returns: the number of threads
 *
 * Since: 1.0
 */
guint
jobs_workers_get_size (JobsWorkers *self)
{
  g_return_val_if_fail (JOBS_IS_WORKERS (self), 0);

  return g_thread_pool_get_max_threads (self->threads);
}

/**
 * jobs_workers_set_size: (set-property size)
 * @self: workers
 * @size: how many may work at once, at least 1
 *
 * Sets how many may work at once. It takes effect immediately; what goes on is not
 * disturbed.
 *
 * The property is notified in the thread of the caller.
 *
 * Since: 1.0
 */
void
jobs_workers_set_size (JobsWorkers *self,
                       guint        size)
{
  g_return_if_fail (JOBS_IS_WORKERS (self));
  g_return_if_fail (size >= 1 && size <= G_MAXINT);

  if (size == jobs_workers_get_size (self))
    return;

  /* Where no thread can be had for what waits, those that are there go on with it */
  g_thread_pool_set_max_threads (self->threads, size, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIZE]);
}

gboolean
jobs_workers_push (JobsWorkers *self,
                   JobsWork    *work,
                   GError     **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_thread_pool_push (self->threads, work, &cause))
    return TRUE;

  if (g_thread_pool_get_num_threads (self->threads) > 0)
    return TRUE;

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES,
               _("No thread could be started: %s"), cause->message);
  return FALSE;
}
