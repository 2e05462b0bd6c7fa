/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-resource-private.h"
#include "jobs-share.h"

struct _JobsLeases
{
  JobsPump           *pump;
  GPtrArray          *shares; /* of JobsShare, those that were asked for, in that order */
  GHashTable         *set;    /* JobsResource → its JobsShare, the same ones */
  GHashTable         *waits;  /* data → Wait */

  /* while closing */
  gboolean            is_closing;
  JobsShareCloser     closer;
  JobsLeasesCloseFunc func;
  gpointer            data;
  JobsPost            post;
  JobsDeadlines      *deadlines;
  JobsDeadline        deadline;
};

/* A user that waits for its resources; also where it has been forgotten, until
 * the last of them has settled */
typedef struct
{
  JobsPost           post;
  JobsLeases        *leases; /* NULL once it is forgotten */
  JobsLeasesOpenFunc func;
  gpointer           data;
  guint              n_pending;
  GError            *error;
} Wait;

static void
wait_free (Wait *wait)
{
  g_clear_error (&wait->error);
  g_free (wait);
}

static void
wait_post_cb (JobsPost *post)
{
  Wait *wait = JOBS_POST_CONTAINER (post, Wait, post);

  g_hash_table_remove (wait->leases->waits, wait->data);
  wait->func (wait->data, wait->error);
  wait_free (wait);
}

/* One is pending that stands for the call that makes it, since opening may call
 * foreign code, in which a part of it settles */
static Wait *
wait_new (JobsLeases        *leases,
          JobsLeasesOpenFunc func,
          gpointer           data)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->post.func = wait_post_cb;
  wait->leases = leases;
  wait->func = func;
  wait->data = data;
  wait->n_pending = 1;

  return wait;
}

static void
wait_settled (gpointer      data,
              const GError *error)
{
  Wait *wait = data;

  if (error != NULL && wait->error == NULL)
    wait->error = g_error_copy (error);

  if (--wait->n_pending > 0)
    return;

  if (wait->leases != NULL)
    jobs_pump_post (wait->leases->pump, &wait->post);
  else
    wait_free (wait);
}

static void
wait_forget (Wait *wait)
{
  JobsLeases *leases = g_steal_pointer (&wait->leases);

  if (wait->n_pending == 0)
    {
      jobs_pump_withdraw (leases->pump, &wait->post);
      wait_free (wait);
    }
}

static void
drop_from (JobsLeases *self,
           guint       first,
           GPtrArray  *closers)
{
  while (self->shares->len > first)
    {
      JobsShare *share = g_ptr_array_steal_index (self->shares, first);

      g_hash_table_remove (self->set, jobs_share_get_resource (share));
      jobs_share_drop (share, closers);
    }
}

static gboolean
take (JobsLeases   *self,
      JobsResource *resource,
      GError      **error)
{
  JobsShare *share;

  if (g_hash_table_contains (self->set, resource))
    return TRUE;

  share = jobs_share_take (resource, self->pump, error);
  if (share == NULL)
    return FALSE;

  g_ptr_array_add (self->shares, share);
  g_hash_table_insert (self->set, resource, share);

  return TRUE;
}

static void
arm (JobsLeases *self,
     gint64      due)
{
  if (self->deadlines == NULL)
    self->deadlines = jobs_deadlines_ref_for_context (jobs_pump_get_context (self->pump));
  jobs_deadlines_arm (self->deadlines, &self->deadline, due);
}

static void
finish (JobsLeases *self)
{
  g_autoptr (GHashTable) shares = g_steal_pointer (&self->closer.shares);
  g_autoptr (GPtrArray) errors = g_steal_pointer (&self->closer.errors);
  g_autoptr (GPtrArray) late = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  JobsShare *share;

  self->is_closing = FALSE;
  if (self->deadlines != NULL)
    {
      jobs_deadlines_disarm (self->deadlines, &self->deadline);
      g_clear_pointer (&self->deadlines, jobs_deadlines_unref);
    }

  g_hash_table_iter_init (&iter, shares);
  while (g_hash_table_iter_next (&iter, (gpointer *) &share, NULL))
    {
      JobsAttempt *attempt = jobs_share_leave (share, &self->closer);
      g_autofree char *name = jobs_share_dup_name (share);

      if (attempt != NULL)
        g_ptr_array_add (late, attempt);
      g_ptr_array_add (errors,
                       g_error_new (JOBS_ERROR, JOBS_ERROR_TIMED_OUT,
                                    /* Translators: the class of a resource, and perhaps its name */
                                    _("A resource (%s) was not closed in time; it may "
                                      "still be open"),
                                    name));
    }

  /* Nobody waits for them any longer, but they are told to be quick. Last, since
   * cancelling calls foreign code */
  for (guint i = 0; i < late->len; i++)
    jobs_attempt_cancel (g_ptr_array_index (late, i));

  self->func (self->data, errors->len > 0 ? errors : NULL);
}

static void
post_cb (JobsPost *post)
{
  finish (JOBS_POST_CONTAINER (post, JobsLeases, post));
}

static void
closer_cb (JobsShareCloser *closer)
{
  JobsLeases *self = (JobsLeases *) ((guint8 *) closer - G_STRUCT_OFFSET (JobsLeases, closer));

  jobs_pump_post (self->pump, &self->post);
}

static void
deadline_cb (JobsDeadline *deadline)
{
  JobsLeases *self = JOBS_DEADLINE_CONTAINER (deadline, JobsLeases, deadline);

  jobs_pump_post (self->pump, &self->post);
}

JobsLeases *
jobs_leases_new (JobsPump *pump)
{
  JobsLeases *self = g_new0 (JobsLeases, 1);

  self->pump = jobs_pump_ref (pump);
  self->shares = g_ptr_array_new ();
  self->set = g_hash_table_new (NULL, NULL);
  self->waits = g_hash_table_new (NULL, NULL);
  self->closer.func = closer_cb;
  self->post.func = post_cb;
  self->deadline.func = deadline_cb;

  return self;
}

void
jobs_leases_free (JobsLeases *self)
{
  g_assert (jobs_leases_is_empty (self));

  g_ptr_array_unref (self->shares);
  g_hash_table_unref (self->set);
  g_hash_table_unref (self->waits);
  jobs_pump_unref (self->pump);
  g_free (self);
}

JobsLeasesAnswer
jobs_leases_open (JobsLeases        *self,
                  GPtrArray         *resources,
                  JobsLeasesOpenFunc func,
                  gpointer           data,
                  GError           **error)
{
  guint n_shares = self->shares->len;
  guint n_resources = resources->len; /* an open() may add one for the next time */
  Wait *wait = NULL;

  g_assert (!self->is_closing);

  /* All are taken before the first is opened: it may be that one cannot be */
  for (guint i = 0; i < n_resources; i++)
    if (!take (self, g_ptr_array_index (resources, i), error))
      {
        drop_from (self, n_shares, NULL);
        return JOBS_LEASES_REFUSED;
      }

  for (guint i = 0; i < n_resources; i++)
    {
      JobsShare *share = g_hash_table_lookup (self->set, g_ptr_array_index (resources, i));

      jobs_share_want (share);
      if (jobs_share_is_open (share))
        continue;

      if (wait == NULL)
        {
          wait = wait_new (self, func, data);
          g_hash_table_insert (self->waits, data, wait);
        }
      wait->n_pending++;
      jobs_share_wait (share, wait_settled, wait);
    }

  if (wait == NULL)
    return JOBS_LEASES_OPEN;

  wait_settled (wait, NULL);
  return JOBS_LEASES_WAIT;
}

void
jobs_leases_forget (JobsLeases *self,
                    gpointer    data)
{
  Wait *wait;

  if (g_hash_table_steal_extended (self->waits, data, NULL, (gpointer *) &wait))
    wait_forget (wait);
}

void
jobs_leases_close (JobsLeases         *self,
                   gint64              due,
                   JobsLeasesCloseFunc func,
                   gpointer            data)
{
  g_autoptr (GPtrArray) closers = g_ptr_array_new ();
  GHashTableIter iter;
  Wait *wait;

  g_assert (!self->is_closing);

  g_hash_table_iter_init (&iter, self->waits);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &wait))
    wait_forget (wait);
  g_hash_table_remove_all (self->waits);

  self->is_closing = TRUE;
  self->func = func;
  self->data = data;
  self->closer.shares = g_hash_table_new (NULL, NULL);
  self->closer.errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_ptr_array_add (closers, &self->closer);
  drop_from (self, 0, closers);

  /* The first ones may have been closed before the others were looked at */
  jobs_pump_withdraw (self->pump, &self->post);

  if (g_hash_table_size (self->closer.shares) == 0)
    finish (self);
  else if (due != 0)
    arm (self, due);
}

void
jobs_leases_hurry (JobsLeases *self,
                   gint64      due)
{
  if (!self->is_closing || due == 0)
    return;

  if (!jobs_deadline_is_armed (&self->deadline) || due < self->deadline.due)
    arm (self, due);
}

gboolean
jobs_leases_is_empty (JobsLeases *self)
{
  return !self->is_closing && self->shares->len == 0;
}
