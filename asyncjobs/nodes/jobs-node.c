/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-attempt.h"
#include "jobs-node.h"
#include "jobs-resource.h"

/**
 * JobsNode:
 *
 * Where commands run: this machine, or another one.
 *
 * A node is a resource: what it needs, a connection for instance, is opened for
 * the first command of a run and closed after the last one. Give one node to as
 * many [class@CommandAction] as there are to run on it.
 *
 * To make a node of a new kind, derive from this class and implement both of its
 * virtual methods, and [iface@Resource] where there is something to open.
 *
 * Since: 1.0
 */

/**
 * JobsNodeClass::begin:
 * @self: a node
 * @process: what is to run, and who is told of it
 * @error: return location for an error
 *
 * Begins to run a process, without blocking.
 *
 * Keep a reference to @process, give it its output as that comes, and in the end one
 * [method@Process.end] or [method@Process.fail], in the same main context.
 *
 * Returns: %FALSE with an error where nothing runs; nothing more is said to @process
 *
 * Since: 1.0
 */

/**
 * JobsNodeClass::kill:
 * @self: a node
 * @process: what it has begun
 * @signum: the number of a signal
 * @error: return location for an error
 *
 * Sends a signal to the process and to all that it has started, and does not wait for
 * what comes of it. One that has ended already is no error.
 *
 * Returns: %FALSE with an error where it cannot be sent
 *
 * Since: 1.0
 */

/**
 * JobsNodeClass::copy:
 * @self: a node
 * @process: who is told of it
 * @push: whether to the node, else from it
 * @from: (type filename): the file, or the folder with all that is in it
 * @to: (type filename): where it is to be
 * @error: return location for an error
 *
 * Begins to copy, without blocking; the end is told to @process as for a command.
 *
 * Signals reach what does it, and how far it is may be told by
 * [method@Process.progress]. Without it, the node cannot copy.
 *
 * Returns: %FALSE with an error where nothing is copied
 *
 * Since: 1.0
 */

typedef struct
{
  char *name;
} JobsNodePrivate;

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static void jobs_node_resource_init (JobsResourceInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (JobsNode, jobs_node, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (JobsNode)
                                  G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE,
                                                         jobs_node_resource_init))

static gboolean
jobs_node_open (JobsResource *resource,
                JobsAttempt  *attempt,
                GError      **error)
{
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static void
jobs_node_finalize (GObject *object)
{
  JobsNodePrivate *priv = jobs_node_get_instance_private (JOBS_NODE (object));

  g_free (priv->name);

  G_OBJECT_CLASS (jobs_node_parent_class)->finalize (object);
}

static void
jobs_node_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  JobsNode *self = JOBS_NODE (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, jobs_node_get_name (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_node_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  JobsNodePrivate *priv = jobs_node_get_instance_private (JOBS_NODE (object));

  switch (prop_id)
    {
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_node_class_init (JobsNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = jobs_node_finalize;
  object_class->get_property = jobs_node_get_property;
  object_class->set_property = jobs_node_set_property;

  /**
   * JobsNode:name: (getter get_name)
   *
   * What the node is called, in messages and lists.
   *
   * Since: 1.0
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_node_init (JobsNode *self)
{
}

static void
jobs_node_resource_init (JobsResourceInterface *iface)
{
  iface->open = jobs_node_open;
}

/**
 * jobs_node_get_name:
 * @self: a node
 *
 * What the node is called. Any thread may ask.
 *
 * Returns: (nullable) (transfer none): its name
 *
 * Since: 1.0
 */
const char *
jobs_node_get_name (JobsNode *self)
{
  JobsNodePrivate *priv = jobs_node_get_instance_private (self);

  g_return_val_if_fail (JOBS_IS_NODE (self), NULL);

  return priv->name;
}
