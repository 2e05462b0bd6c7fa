/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dlfcn.h>
#include <glib-object.h>
#include <sanitizer/tsan_interface.h>

/* ThreadSanitizer does not see what GLib's own locks order: GLib is not compiled with
 * it, and a GMutex is no pthread mutex. This comes between our code and GLib, does
 * what GLib does, and tells ThreadSanitizer what is before what. It is loaded with
 * LD_PRELOAD; nothing but the order of what GLib documents is told. */

#define REAL(function)                                                \
  static __typeof__ (function) *real;                                 \
  if (G_UNLIKELY (real == NULL))                                      \
    real = (__typeof__ (real)) dlsym (RTLD_NEXT, G_STRINGIFY (function))

/* Not the macros of the same names */
#undef g_object_ref
#undef g_once_init_enter
#undef g_once_init_leave

#define BEFORE(address) __tsan_release ((void *) (address))
#define AFTER(address)  __tsan_acquire ((void *) (address))

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);
  real (mutex);
  AFTER (mutex);
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);
  BEFORE (mutex);
  real (mutex);
}

void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  REAL (g_cond_wait);
  BEFORE (mutex);
  real (cond, mutex);
  AFTER (mutex);
}

gboolean
g_cond_wait_until (GCond  *cond,
                   GMutex *mutex,
                   gint64  end_time)
{
  gboolean was_signalled;

  REAL (g_cond_wait_until);
  BEFORE (mutex);
  was_signalled = real (cond, mutex, end_time);
  AFTER (mutex);

  return was_signalled;
}

void
g_bit_lock (volatile gint *address,
            gint           bit)
{
  REAL (g_bit_lock);
  real (address, bit);
  AFTER (address);
}

void
g_bit_unlock (volatile gint *address,
              gint           bit)
{
  REAL (g_bit_unlock);
  BEFORE (address);
  real (address, bit);
}

gboolean
g_once_init_enter (volatile void *location)
{
  gboolean is_first;

  REAL (g_once_init_enter);
  is_first = real (location);
  if (!is_first)
    AFTER (location);

  return is_first;
}

void
g_once_init_leave (volatile void *location,
                   gsize          result)
{
  REAL (g_once_init_leave);
  BEFORE (location);
  real (location, result);
}

/* What was done with an object is before its end */
void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  BEFORE (object);
  AFTER (object);
  real (object);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  gboolean is_last;

  REAL (g_atomic_ref_count_dec);
  BEFORE (count);
  is_last = real (count);
  if (is_last)
    AFTER (count);

  return is_last;
}

void
g_async_queue_push (GAsyncQueue *queue,
                    gpointer     data)
{
  REAL (g_async_queue_push);
  BEFORE (data);
  real (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data;

  REAL (g_async_queue_pop);
  data = real (queue);
  AFTER (data);

  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data;

  REAL (g_async_queue_try_pop);
  data = real (queue);
  if (data != NULL)
    AFTER (data);

  return data;
}

/* Calls that come out of GLib in another thread */

typedef struct
{
  GFunc func;
  gpointer data;
} Worker;

static void
work (gpointer data,
      gpointer user_data)
{
  Worker *worker = user_data;

  AFTER (data);
  worker->func (data, worker->data);
}

/* What tells of them lives as long as the process: a pool may be freed while it works */
GThreadPool *
g_thread_pool_new (GFunc    func,
                   gpointer user_data,
                   gint     max_threads,
                   gboolean exclusive,
                   GError **error)
{
  Worker *worker = g_new (Worker, 1);

  REAL (g_thread_pool_new);
  *worker = (Worker) { func, user_data };
  BEFORE (worker);
  /* A thread of an earlier pool may come to this one, find all work done, and be the
   * last to leave: it would free what it was never told of */
  g_thread_pool_set_max_unused_threads (0);

  return real (work, worker, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool,
                    gpointer     data,
                    GError     **error)
{
  REAL (g_thread_pool_push);
  BEFORE (data);

  return real (pool, data, error);
}

typedef struct
{
  GSource *source;
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Callback;

static gboolean
call (gpointer data)
{
  Callback *callback = data;

  AFTER (callback->source);

  return callback->func (callback->data);
}

static void
callback_free (gpointer data)
{
  Callback *callback = data;

  if (callback->notify != NULL)
    callback->notify (callback->data);
  g_free (callback);
}

void
g_source_set_callback (GSource       *source,
                       GSourceFunc    func,
                       gpointer       data,
                       GDestroyNotify notify)
{
  Callback *callback;

  REAL (g_source_set_callback);
  /* Others call back with more */
  if (source->source_funcs != &g_idle_funcs && source->source_funcs != &g_timeout_funcs)
    {
      real (source, func, data, notify);
      return;
    }

  callback = g_new (Callback, 1);
  *callback = (Callback) { source, func, data, notify };
  real (source, call, callback, callback_free);
}

guint
g_source_attach (GSource      *source,
                 GMainContext *context)
{
  REAL (g_source_attach);
  BEFORE (source);

  return real (source, context);
}
