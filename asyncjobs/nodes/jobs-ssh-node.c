/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-attempt-private.h"
#include "jobs-process-private.h"
#include "jobs-resource.h"
#include "jobs-ssh-link.h"
#include "jobs-ssh-node.h"

/**
 * JobsSshNode:
 *
 * Runs commands on another machine, by the OpenSSH client.
 *
 * There is one connection to the machine: the first action that needs it opens it,
 * others wait for that, and it is closed after the last one. Your ssh configuration,
 * agent and known hosts are respected; host keys are checked, and nobody is ever
 * asked for a password. A node can be reached through another one, its
 * [property@SshNode:gateway], to any depth; gateways are opened first and closed
 * last.
 *
 * A command has its environment, directory and input over there as it would have
 * here, and none of these is seen in a list of processes. Its exit status or signal
 * is the true one. A signal reaches all that it has started, and so does its end: it
 * does not outlive the connection or the program that asked for it.
 *
 * No more commands run at once than [property@SshNode:max-sessions], and than the
 * server allows; others wait, and have [enum@State] `RUNNING` meanwhile.
 *
 * Where there is no connection to be had the error is %JOBS_ERROR_UNREACHABLE, and
 * its message says whether the name, the network, the key or the host key is in the
 * way. Where one is lost, the commands that ran over it fail with %JOBS_ERROR_LOST,
 * after fifteen to twenty seconds without a sign of life. What had not begun waits for
 * another connection, for about half a minute.
 *
 * The far side needs a POSIX shell, `perl` or else `setsid`, `mktemp`, and a `head -c`
 * that reads no further than it is told to, as those of GNU do. Where it has no `perl`,
 * an exit status above 128 is taken for the signal which a shell shows so.
 *
 * A node is used in one main context at a time.
 *
 * Since: 1.0
 */
struct _JobsSshNode
{
  JobsNode parent_instance;

  JobsSshNode *gateway;
  char        *destination;
  char        *config_file;
  GPtrArray   *options; /* NULL-terminated */
  guint        max_sessions;
  guint        connect_timeout;

  JobsSshPeer  peer; /* borrows from the above */
  JobsSshLink *link;
};

enum
{
  PROP_0,
  PROP_DESTINATION,
  PROP_GATEWAY,
  PROP_CONFIG_FILE,
  PROP_MAX_SESSIONS,
  PROP_CONNECT_TIMEOUT,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static void jobs_ssh_node_resource_init (JobsResourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (JobsSshNode, jobs_ssh_node, JOBS_TYPE_NODE,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE,
                                                      jobs_ssh_node_resource_init))

static void
update_peer (JobsSshNode *self)
{
  self->peer = (JobsSshPeer) {
    .name = jobs_node_get_name (JOBS_NODE (self)),
    .destination = self->destination,
    .config_file = self->config_file,
    .options = (const char *const *) self->options->pdata,
    .connect_timeout = self->connect_timeout,
  };
}

/* As a resource */

static void
attempt_over_cb (const GError *error,
                 gpointer      user_data)
{
  g_autoptr (JobsAttempt) attempt = user_data;

  if (error != NULL)
    jobs_attempt_fail (attempt, error);
  else
    jobs_attempt_complete (attempt, NULL);
}

static void
open_cancelled_cb (JobsSshNode *self)
{
  jobs_ssh_link_cancel (self->link);
}

static gboolean
jobs_ssh_node_open (JobsResource *resource,
                    JobsAttempt  *attempt,
                    GError      **error)
{
  JobsSshNode *self = JOBS_SSH_NODE (resource);

  g_signal_connect_object (jobs_attempt_get_cancellable (attempt), "cancelled",
                           G_CALLBACK (open_cancelled_cb), self, G_CONNECT_SWAPPED);
  jobs_ssh_link_open (self->link, jobs_pump_get_context (jobs_attempt_get_pump (attempt)),
                      attempt_over_cb, g_object_ref (attempt));

  return TRUE;
}

static gboolean
jobs_ssh_node_close (JobsResource *resource,
                     JobsAttempt  *attempt,
                     GError      **error)
{
  JobsSshNode *self = JOBS_SSH_NODE (resource);

  jobs_ssh_link_close (self->link, attempt_over_cb, g_object_ref (attempt));

  return TRUE;
}

static JobsResource *
jobs_ssh_node_get_parent (JobsResource *resource)
{
  JobsSshNode *self = JOBS_SSH_NODE (resource);

  return self->gateway != NULL ? JOBS_RESOURCE (self->gateway) : NULL;
}

static void
jobs_ssh_node_resource_init (JobsResourceInterface *iface)
{
  iface->open = jobs_ssh_node_open;
  iface->close = jobs_ssh_node_close;
  iface->get_parent = jobs_ssh_node_get_parent;
}

/* As a node */

static gboolean
jobs_ssh_node_begin (JobsNode    *node,
                     JobsProcess *process,
                     GError     **error)
{
  return jobs_ssh_link_run (JOBS_SSH_NODE (node)->link, process, error);
}

static gboolean
jobs_ssh_node_copy (JobsNode    *node,
                    JobsProcess *process,
                    gboolean     push,
                    const char  *from,
                    const char  *to,
                    GError     **error)
{
  return jobs_ssh_link_copy (JOBS_SSH_NODE (node)->link, process, push, from, to, error);
}

static gboolean
jobs_ssh_node_kill (JobsNode    *node,
                    JobsProcess *process,
                    int          signum,
                    GError     **error)
{
  jobs_ssh_link_kill (JOBS_SSH_NODE (node)->link, process, signum);

  return TRUE;
}

/* The object */

static void
jobs_ssh_node_constructed (GObject *object)
{
  JobsSshNode *self = JOBS_SSH_NODE (object);

  G_OBJECT_CLASS (jobs_ssh_node_parent_class)->constructed (object);

  update_peer (self);
  self->link = jobs_ssh_link_new (&self->peer, self->gateway != NULL ? self->gateway->link : NULL);
  jobs_ssh_link_limit (self->link, self->max_sessions);
}

static void
jobs_ssh_node_finalize (GObject *object)
{
  JobsSshNode *self = JOBS_SSH_NODE (object);

  g_clear_pointer (&self->link, jobs_ssh_link_free);
  g_clear_object (&self->gateway);
  g_free (self->destination);
  g_free (self->config_file);
  g_ptr_array_unref (self->options);

  G_OBJECT_CLASS (jobs_ssh_node_parent_class)->finalize (object);
}

static void
jobs_ssh_node_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  JobsSshNode *self = JOBS_SSH_NODE (object);

  switch (prop_id)
    {
    case PROP_DESTINATION:
      g_value_set_string (value, self->destination);
      break;

    case PROP_GATEWAY:
      g_value_set_object (value, self->gateway);
      break;

    case PROP_CONFIG_FILE:
      g_value_set_string (value, self->config_file);
      break;

    case PROP_MAX_SESSIONS:
      g_value_set_uint (value, self->max_sessions);
      break;

    case PROP_CONNECT_TIMEOUT:
      g_value_set_uint (value, self->connect_timeout);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_ssh_node_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  JobsSshNode *self = JOBS_SSH_NODE (object);

  switch (prop_id)
    {
    case PROP_DESTINATION:
      self->destination = g_value_dup_string (value);
      break;

    case PROP_GATEWAY:
      self->gateway = g_value_dup_object (value);
      break;

    case PROP_CONFIG_FILE:
      jobs_ssh_node_set_config_file (self, g_value_get_string (value));
      break;

    case PROP_MAX_SESSIONS:
      jobs_ssh_node_set_max_sessions (self, g_value_get_uint (value));
      break;

    case PROP_CONNECT_TIMEOUT:
      jobs_ssh_node_set_connect_timeout (self, g_value_get_uint (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_ssh_node_class_init (JobsSshNodeClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_CONSTRUCT_ONLY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsNodeClass *node_class = JOBS_NODE_CLASS (klass);

  object_class->constructed = jobs_ssh_node_constructed;
  object_class->finalize = jobs_ssh_node_finalize;
  object_class->get_property = jobs_ssh_node_get_property;
  object_class->set_property = jobs_ssh_node_set_property;
  node_class->begin = jobs_ssh_node_begin;
  node_class->copy = jobs_ssh_node_copy;
  node_class->kill = jobs_ssh_node_kill;

  /**
   * JobsSshNode:destination: (getter get_destination)
   *
   * Which machine: `HOST` or `USER@HOST`, as `ssh` takes it.
   *
   * Since: 1.0
   */
  props[PROP_DESTINATION] = g_param_spec_string ("destination", NULL, NULL, NULL, construct);

  /**
   * JobsSshNode:gateway: (getter get_gateway)
   *
   * The node through which it is reached; %NULL for none, or what the ssh
   * configuration says.
   *
   * Since: 1.0
   */
  props[PROP_GATEWAY] = g_param_spec_object ("gateway", NULL, NULL, JOBS_TYPE_SSH_NODE, construct);

  /**
   * JobsSshNode:config-file: (getter get_config_file) (setter set_config_file)
   *
   * The ssh configuration; %NULL for that of the user and the system.
   *
   * Since: 1.0
   */
  props[PROP_CONFIG_FILE] = g_param_spec_string ("config-file", NULL, NULL, NULL, flags);

  /**
   * JobsSshNode:max-sessions: (getter get_max_sessions) (setter set_max_sessions)
   *
   * How many commands may run on it at once.
   *
   * Since: 1.0
   */
  props[PROP_MAX_SESSIONS] = g_param_spec_uint ("max-sessions", NULL, NULL, 1, G_MAXUINT,
                                                JOBS_SSH_NODE_MAX_SESSIONS, flags);

  /**
   * JobsSshNode:connect-timeout: (getter get_connect_timeout) (setter set_connect_timeout)
   *
   * How long connecting may take, ms. Shorter ones than a second count as one.
   *
   * Since: 1.0
   */
  props[PROP_CONNECT_TIMEOUT] = g_param_spec_uint ("connect-timeout", NULL, NULL, 1, G_MAXINT,
                                                   JOBS_SSH_NODE_CONNECT_TIMEOUT, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_ssh_node_init (JobsSshNode *self)
{
  self->options = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->options, NULL);
  self->max_sessions = JOBS_SSH_NODE_MAX_SESSIONS;
  self->connect_timeout = JOBS_SSH_NODE_CONNECT_TIMEOUT;
}

/**
 * jobs_ssh_node_new:
 * @name: (nullable): what it is called; %NULL for the destination
 * @destination: which machine: `HOST` or `USER@HOST`, where the host may also be one
 *   of the ssh configuration; it begins with no dash
 * @gateway: (nullable): through which other node it is reached
 *
 * Makes a node that runs commands on another machine. Nothing is opened yet.
 *
 * Returns: (transfer full) (type JobsSshNode): a new node
 *
 * Since: 1.0
 */
JobsNode *
jobs_ssh_node_new (const char  *name,
                   const char  *destination,
                   JobsSshNode *gateway)
{
  g_return_val_if_fail (destination != NULL && *destination != '\0' && *destination != '-', NULL);
  g_return_val_if_fail (gateway == NULL || JOBS_IS_SSH_NODE (gateway), NULL);

  return g_object_new (JOBS_TYPE_SSH_NODE, "name", name != NULL ? name : destination,
                       "destination", destination, "gateway", gateway, NULL);
}

/**
 * jobs_ssh_node_get_destination:
 * @self: a node
 *
 * Which machine it is.
 *
 * Returns: (transfer none): as it was given to [ctor@SshNode.new]
 *
 * Since: 1.0
 */
const char *
jobs_ssh_node_get_destination (JobsSshNode *self)
{
  g_return_val_if_fail (JOBS_IS_SSH_NODE (self), NULL);

  return self->destination;
}

/**
 * jobs_ssh_node_get_gateway:
 * @self: a node
 *
 * Through which other node it is reached.
 *
 * Returns: (transfer none) (nullable): the gateway
 *
 * Since: 1.0
 */
JobsSshNode *
jobs_ssh_node_get_gateway (JobsSshNode *self)
{
  g_return_val_if_fail (JOBS_IS_SSH_NODE (self), NULL);

  return self->gateway;
}

/**
 * jobs_ssh_node_get_config_file:
 * @self: a node
 *
 * Which ssh configuration is used.
 *
 * Returns: (transfer none) (nullable) (type filename): the file, %NULL for that of the
 *   user and the system
 *
 * Since: 1.0
 */
const char *
jobs_ssh_node_get_config_file (JobsSshNode *self)
{
  g_return_val_if_fail (JOBS_IS_SSH_NODE (self), NULL);

  return self->config_file;
}

/**
 * jobs_ssh_node_set_config_file:
 * @self: a node
 * @config_file: (nullable) (type filename): the file, as for `ssh -F`
 *
 * Sets which ssh configuration is used instead of that of the user and the system,
 * from the next connection on.
 *
 * Since: 1.0
 */
void
jobs_ssh_node_set_config_file (JobsSshNode *self,
                               const char  *config_file)
{
  g_return_if_fail (JOBS_IS_SSH_NODE (self));

  if (g_strcmp0 (self->config_file, config_file) == 0)
    return;

  g_free (self->config_file);
  self->config_file = g_strdup (config_file);
  update_peer (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CONFIG_FILE]);
}

/**
 * jobs_ssh_node_add_option:
 * @self: a node
 * @option: as for `ssh -o`: `Port=2222`
 *
 * Adds an option for the next connections. Of several for one thing, and of the ssh
 * configuration, the first one that was added counts. What the node needs to work,
 * such as `BatchMode`, stays as it is.
 *
 * Since: 1.0
 */
void
jobs_ssh_node_add_option (JobsSshNode *self,
                          const char  *option)
{
  g_return_if_fail (JOBS_IS_SSH_NODE (self));
  g_return_if_fail (option != NULL);

  g_ptr_array_insert (self->options, (int) self->options->len - 1, g_strdup (option));
  update_peer (self);
}

/**
 * jobs_ssh_node_get_max_sessions:
 * @self: a node
 *
 * How many commands may run on it at once.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
jobs_ssh_node_get_max_sessions (JobsSshNode *self)
{
  g_return_val_if_fail (JOBS_IS_SSH_NODE (self), 0);

  return self->max_sessions;
}

/**
 * jobs_ssh_node_set_max_sessions:
 * @self: a node
 * @max_sessions: the number, at least 1
 *
 * Sets how many commands may run on it at once. Where its server allows fewer, they
 * are fewer, and none fails for it.
 *
 * Since: 1.0
 */
void
jobs_ssh_node_set_max_sessions (JobsSshNode *self,
                                guint        max_sessions)
{
  g_return_if_fail (JOBS_IS_SSH_NODE (self));
  g_return_if_fail (max_sessions > 0);

  if (self->max_sessions == max_sessions)
    return;

  self->max_sessions = max_sessions;
  if (self->link != NULL)
    jobs_ssh_link_limit (self->link, max_sessions);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_SESSIONS]);
}

/**
 * jobs_ssh_node_get_connect_timeout:
 * @self: a node
 *
 * How long connecting may take.
 *
 * Returns: the time, ms
 *
 * Since: 1.0
 */
guint
jobs_ssh_node_get_connect_timeout (JobsSshNode *self)
{
  g_return_val_if_fail (JOBS_IS_SSH_NODE (self), 0);

  return self->connect_timeout;
}

/**
 * jobs_ssh_node_set_connect_timeout:
 * @self: a node
 * @connect_timeout: the time, ms; at least 1
 *
 * Sets how long connecting may take, from the next connection on.
 *
 * Since: 1.0
 */
void
jobs_ssh_node_set_connect_timeout (JobsSshNode *self,
                                   guint        connect_timeout)
{
  g_return_if_fail (JOBS_IS_SSH_NODE (self));
  g_return_if_fail (connect_timeout > 0);

  if (self->connect_timeout == connect_timeout)
    return;

  self->connect_timeout = connect_timeout;
  update_peer (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CONNECT_TIMEOUT]);
}
