/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-share.h"

typedef enum
{
  CLOSED,
  OPENING, /* or waiting for the parent to open, where there is no attempt */
  OPEN,
  CLOSING,
} State;

typedef struct
{
  JobsShareOpenedFunc func;
  gpointer            data;
} Waiter;

struct _JobsShare
{
  JobsResource *resource; /* (owned) while it is in use */
  GMainContext *context;  /* under the lock; NULL while it is not */
  JobsPump     *pump;     /* held; of the run that used it first */
  JobsShare    *parent;   /* the child counts as a user of it */
  guint         n_users;
  int           state;    /* a State; atomic, since anyone may ask */
  gboolean      given_up; /* its opening was cancelled because nobody wanted it */
  JobsAttempt  *attempt;  /* (unowned), while opening or closing */
  GArray       *waiters;  /* of Waiter, for it to open */
  GPtrArray    *closers;  /* of JobsShareCloser */
};

static GMutex lock; /* of JobsShare.context, and of making a share */

static void closed (JobsShare    *self,
                    const GError *error);
static void opened (JobsShare    *self,
                    const GError *error);

static G_DEFINE_QUARK (jobs-share, share)

static void
share_free (gpointer data)
{
  JobsShare *self = data;

  g_assert (self->context == NULL);

  g_array_unref (self->waiters);
  g_ptr_array_unref (self->closers);
  g_free (self);
}

static State
get_state (JobsShare *self)
{
  return g_atomic_int_get (&self->state);
}

static void
set_state (JobsShare *self,
           State      state)
{
  g_atomic_int_set (&self->state, state);
}

/* Waiters */

static void
settle_waiters (JobsShare    *self,
                const GError *error)
{
  g_autoptr (GArray) waiters = self->waiters;

  self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));

  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = &g_array_index (waiters, Waiter, i);

      waiter->func (waiter->data, error);
    }
}

static void
remove_waiter (JobsShare *self,
               gpointer   data)
{
  for (guint i = 0; i < self->waiters->len; i++)
    if (g_array_index (self->waiters, Waiter, i).data == data)
      {
        g_array_remove_index (self->waiters, i);
        return;
      }
}

/* Closers */

static void
add_closers (JobsShare *self,
             GPtrArray *closers)
{
  for (guint i = 0; closers != NULL && i < closers->len; i++)
    {
      JobsShareCloser *closer = g_ptr_array_index (closers, i);

      if (g_hash_table_add (closer->shares, self))
        g_ptr_array_add (self->closers, closer);
    }
}

static GPtrArray *
steal_closers (JobsShare *self)
{
  GPtrArray *closers = self->closers;

  self->closers = g_ptr_array_new ();

  return closers;
}

char *
jobs_share_dup_name (JobsShare *self)
{
  GObject *resource = G_OBJECT (self->resource);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (resource), "name");
  g_autofree char *name = NULL;

  if (pspec != NULL && pspec->value_type == G_TYPE_STRING && pspec->flags & G_PARAM_READABLE)
    g_object_get (resource, "name", &name, NULL);

  return name != NULL ? g_strdup_printf ("%s %s", G_OBJECT_TYPE_NAME (resource), name)
                      : g_strdup (G_OBJECT_TYPE_NAME (resource));
}

static GError *
make_close_error (JobsShare    *self,
                  const GError *error)
{
  g_autofree char *name = jobs_share_dup_name (self);

  /* Translators: the class of a resource, and perhaps its name; what went wrong */
  return g_error_new (error->domain, error->code, _("A resource (%s) was not closed well: %s"), name,
                      error->message);
}

static void
tell_closers (JobsShare    *self,
              GPtrArray    *closers,
              const GError *error)
{
  for (guint i = 0; i < closers->len; i++)
    {
      JobsShareCloser *closer = g_ptr_array_index (closers, i);

      if (error != NULL)
        g_ptr_array_add (closer->errors, make_close_error (self, error));

      g_hash_table_remove (closer->shares, self);
      if (g_hash_table_size (closer->shares) == 0)
        closer->func (closer);
    }
}

/* Its use: from claim to release it belongs to one context */

/* NULL where another context has it */
static JobsShare *
claim (JobsResource *resource,
       JobsPump     *pump,
       gboolean     *was_unused)
{
  GMainContext *context = jobs_pump_get_context (pump);
  JobsShare *self;

  g_mutex_lock (&lock);

  self = g_object_get_qdata (G_OBJECT (resource), share_quark ());
  if (self == NULL)
    {
      self = g_new0 (JobsShare, 1);
      self->resource = resource;
      self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
      self->closers = g_ptr_array_new ();
      g_object_set_qdata_full (G_OBJECT (resource), share_quark (), self, share_free);
    }

  *was_unused = self->context == NULL;
  if (*was_unused)
    self->context = context;
  else if (self->context != context)
    self = NULL;

  g_mutex_unlock (&lock);

  if (*was_unused)
    {
      /* An opening or a closing may outlast the run that asked for it */
      self->pump = jobs_pump_ref (pump);
      jobs_pump_hold (pump);
      g_object_ref (resource);
    }

  return self;
}

static void
release (JobsShare    *self,
         const GError *error)
{
  g_autoptr (GPtrArray) closers = steal_closers (self);
  JobsShare *parent = g_steal_pointer (&self->parent);
  JobsPump *pump = g_steal_pointer (&self->pump);
  JobsResource *resource = self->resource;

  g_assert (self->n_users == 0 && get_state (self) == CLOSED);
  self->given_up = FALSE;

  /* Only those can be left that lost interest: each other one has a user */
  settle_waiters (self, NULL);

  /* The parent first: a closer that waits for both must not think it is through */
  if (parent != NULL)
    jobs_share_drop (parent, closers);
  tell_closers (self, closers, error);

  g_mutex_lock (&lock);
  self->context = NULL;
  g_mutex_unlock (&lock);

  jobs_pump_release (pump);
  jobs_pump_unref (pump);
  g_object_unref (resource);
}

/* Opening and closing */

/* NULL where it has none, or one that is about to be told of as abandoned */
static JobsAttempt *
ref_attempt (JobsShare *self)
{
  return self->attempt != NULL ? jobs_attempt_ref_if_alive (self->attempt) : NULL;
}

static void
attempt_cb (JobsAttempt      *attempt,
            JobsAttemptEvents events,
            gpointer          owner)
{
  JobsShare *self = owner;
  g_autoptr (GError) error = NULL;

  if ((events & JOBS_ATTEMPT_OUTCOME) == 0)
    return;

  self->attempt = NULL;
  error = jobs_attempt_steal_error (attempt);

  if (get_state (self) == OPENING)
    opened (self, error);
  else
    closed (self, error);
}

/* Nothing is touched after the call: in it a main loop may have run */
static void
call (JobsShare  *self,
      const char *what,
      gboolean  (*begin) (JobsResource *resource,
                          JobsAttempt  *attempt,
                          GError      **error))
{
  g_autoptr (JobsResource) resource = g_object_ref (self->resource);
  g_autoptr (JobsAttempt) attempt = jobs_attempt_new (self->pump, NULL, 0, attempt_cb, self);
  GError *error = NULL;

  self->attempt = attempt;
  if (!begin (resource, attempt, &error))
    jobs_attempt_take_refusal (attempt, what, error);
}

static void
begin_open (JobsShare *self)
{
  JobsResourceInterface *iface = JOBS_RESOURCE_GET_IFACE (self->resource);

  if (iface->open != NULL)
    call (self, "open", iface->open);
  else
    opened (self, NULL);
}

static void
parent_opened (gpointer      data,
               const GError *error)
{
  JobsShare *self = data;

  if (error == NULL)
    begin_open (self);
  else
    opened (self, error);
}

static void
begin_close (JobsShare *self)
{
  JobsResourceInterface *iface = JOBS_RESOURCE_GET_IFACE (self->resource);

  set_state (self, CLOSING);

  if (iface->close != NULL)
    call (self, "close", iface->close);
  else
    closed (self, NULL);
}

static void
closed (JobsShare    *self,
        const GError *error)
{
  g_autoptr (GPtrArray) closers = NULL;

  set_state (self, CLOSED);

  if (self->n_users == 0)
    {
      release (self, error);
      return;
    }

  closers = steal_closers (self);
  tell_closers (self, closers, error);
  if (self->waiters->len > 0)
    jobs_share_want (self);
}

/* Its last user has gone */
static void
wind_up (JobsShare *self)
{
  g_autoptr (JobsAttempt) attempt = NULL;

  switch (get_state (self))
    {
    case CLOSED:
      release (self, NULL);
      break;

    case OPENING:
      if (self->attempt == NULL)
        {
          remove_waiter (self->parent, self);
          set_state (self, CLOSED);
          release (self, NULL);
          break;
        }

      self->given_up = TRUE;
      attempt = ref_attempt (self);
      if (attempt != NULL)
        jobs_attempt_cancel (attempt);
      break;

    case OPEN:
      begin_close (self);
      break;

    case CLOSING:
    default:
      break;
    }
}

static void
opened (JobsShare    *self,
        const GError *error)
{
  g_autoptr (GPtrArray) closers = NULL;
  gboolean given_up = self->given_up;

  self->given_up = FALSE;
  set_state (self, error != NULL ? CLOSED : OPEN);

  if (self->n_users == 0)
    {
      wind_up (self);
      return;
    }

  closers = steal_closers (self);
  tell_closers (self, closers, NULL);

  /* Who came after its opening was cancelled has a right to a try of its own */
  if (error != NULL && given_up)
    jobs_share_want (self);
  else
    settle_waiters (self, error);
}

JobsShare *
jobs_share_take (JobsResource *resource,
                 JobsPump     *pump,
                 GError      **error)
{
  JobsShare *first = NULL, *last = NULL;

  for (JobsResource *at = resource; at != NULL; at = jobs_resource_get_parent (at))
    {
      gboolean was_unused, is_cycle = FALSE;
      JobsShare *self = claim (at, pump, &was_unused);

      for (JobsShare *child = first; child != NULL; child = child->parent)
        is_cycle |= child == self;

      if (self == NULL)
        g_set_error (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                     /* Translators: %s is the name of a class */
                     _("A resource (%s) is in use by a run in another main context; wait for the "
                       "end of that run, or use another resource"),
                     G_OBJECT_TYPE_NAME (at));
      else if (is_cycle)
        g_set_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE,
                     /* Translators: %s is the name of a class */
                     _("A resource (%s) is among its own parents"), G_OBJECT_TYPE_NAME (at));

      if (self == NULL || is_cycle)
        {
          if (first != NULL)
            release (first, NULL);
          return NULL;
        }

      if (last != NULL)
        {
          last->parent = self;
          self->n_users++;
        }
      else
        {
          first = self;
        }
      last = self;

      /* What is in use has its parents already */
      if (!was_unused)
        break;
    }

  first->n_users++;

  return first;
}

void
jobs_share_drop (JobsShare *self,
                 GPtrArray *closers)
{
  g_assert (self->n_users > 0);

  if (--self->n_users > 0)
    return;

  add_closers (self, closers);
  wind_up (self);
}

void
jobs_share_want (JobsShare *self)
{
  if (get_state (self) != CLOSED)
    return;

  set_state (self, OPENING);

  if (self->parent == NULL || get_state (self->parent) == OPEN)
    {
      begin_open (self);
    }
  else
    {
      jobs_share_wait (self->parent, parent_opened, self);
      jobs_share_want (self->parent);
    }
}

void
jobs_share_wait (JobsShare          *self,
                 JobsShareOpenedFunc func,
                 gpointer            data)
{
  Waiter waiter = { func, data };

  g_array_append_val (self->waiters, waiter);
}

gboolean
jobs_share_is_open (JobsShare *self)
{
  return get_state (self) == OPEN;
}

JobsResource *
jobs_share_get_resource (JobsShare *self)
{
  return self->resource;
}

JobsAttempt *
jobs_share_leave (JobsShare       *self,
                  JobsShareCloser *closer)
{
  g_ptr_array_remove (self->closers, closer);

  return ref_attempt (self);
}

gboolean
jobs_share_resource_is_open (JobsResource *resource)
{
  JobsShare *self = g_object_get_qdata (G_OBJECT (resource), share_quark ());

  return self != NULL && get_state (self) == OPEN;
}
