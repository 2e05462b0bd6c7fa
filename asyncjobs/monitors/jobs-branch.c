/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-branch.h"
#include "jobs-line.h"

struct _JobsBranch
{
  GObject parent_instance;

  JobsEngine    *engine; /* weak */
  GObject       *owner;  /* weak */
  JobsBranchFunc func;
  guint          n_items; /* as told */
};

static void jobs_branch_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (JobsBranch, jobs_branch, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, jobs_branch_list_model_init))

static GType
jobs_branch_get_item_type (GListModel *model)
{
  return JOBS_TYPE_LINE;
}

static guint
jobs_branch_get_n_items (GListModel *model)
{
  return JOBS_BRANCH (model)->n_items;
}

static gpointer
jobs_branch_get_item (GListModel *model,
                      guint       position)
{
  JobsBranch *self = JOBS_BRANCH (model);
  g_autoptr (JobsAction) action = NULL;

  if (self->engine == NULL || self->owner == NULL)
    return NULL;

  action = g_list_model_get_item (G_LIST_MODEL (self->engine), position);

  return action != NULL ? self->func (action, self->owner) : NULL;
}

static void
jobs_branch_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = jobs_branch_get_item_type;
  iface->get_n_items = jobs_branch_get_n_items;
  iface->get_item = jobs_branch_get_item;
}

static void
items_changed_cb (GListModel *engine,
                  guint       position,
                  guint       removed,
                  guint       added,
                  JobsBranch *self)
{
  self->n_items = self->n_items - removed + added;
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
become_empty (JobsBranch *self)
{
  guint n_items = self->n_items;

  self->n_items = 0;
  if (n_items > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_items, 0);
}

static void
engine_gone_cb (gpointer data,
                GObject *engine)
{
  JobsBranch *self = data;

  self->engine = NULL;
  become_empty (self);
}

static void
owner_gone_cb (gpointer data,
               GObject *owner)
{
  JobsBranch *self = data;

  self->owner = NULL;
  if (self->engine != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->engine, self);
      g_object_weak_unref (G_OBJECT (self->engine), engine_gone_cb, self);
      self->engine = NULL;
    }
  become_empty (self);
}

static void
jobs_branch_dispose (GObject *object)
{
  JobsBranch *self = JOBS_BRANCH (object);

  if (self->engine != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->engine, self);
      g_object_weak_unref (G_OBJECT (self->engine), engine_gone_cb, self);
      self->engine = NULL;
    }
  if (self->owner != NULL)
    g_object_weak_unref (self->owner, owner_gone_cb, self);
  self->owner = NULL;

  G_OBJECT_CLASS (jobs_branch_parent_class)->dispose (object);
}

static void
jobs_branch_class_init (JobsBranchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = jobs_branch_dispose;
}

static void
jobs_branch_init (JobsBranch *self)
{
}

GListModel *
jobs_branch_new (JobsEngine    *engine,
                 GObject       *owner,
                 JobsBranchFunc func)
{
  JobsBranch *self = g_object_new (JOBS_TYPE_BRANCH, NULL);

  self->engine = engine;
  self->owner = owner;
  self->func = func;
  self->n_items = g_list_model_get_n_items (G_LIST_MODEL (engine));
  g_object_weak_ref (G_OBJECT (engine), engine_gone_cb, self);
  g_object_weak_ref (owner, owner_gone_cb, self);
  g_signal_connect (engine, "items-changed", G_CALLBACK (items_changed_cb), self);

  return G_LIST_MODEL (self);
}
