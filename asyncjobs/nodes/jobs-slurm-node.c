/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-slurm-job.h"
#include "jobs-slurm-node-private.h"

/**
 * JobsSlurmNode:
 *
 * Runs commands as jobs of a cluster, by Slurm's own commands.
 *
 * Each command is a batch job: `sbatch` submits it, one `squeue` at a time looks at
 * all of them, quickly while something changes and less often while nothing does,
 * and `scancel` signals them. Those that begin in one turn of the main loop, in folders
 * and with options that are the same, are submitted as an array. Which cluster that is, and who may use it, is settled
 * where these commands are, as by `SLURM_CONF`.
 *
 * What a command writes goes to files in [property@SlurmNode:folder], is read from
 * there as it comes, and removed at the end. On a machine of the cluster that does not
 * share that folder it cannot begin: %JOBS_ERROR_NODE_FAILED.
 *
 * The exit status and the signal are the true ones. What else ends a job has an error
 * of its own: %JOBS_ERROR_SPAWN where its program or directory is not there;
 * %JOBS_ERROR_TIME_LIMIT, %JOBS_ERROR_OUT_OF_MEMORY,
 * %JOBS_ERROR_NODE_FAILED, %JOBS_ERROR_PREEMPTED; %JOBS_ERROR_REFUSED where Slurm does
 * not take it, or would leave it pending for ever; %JOBS_ERROR_LOST where Slurm does
 * not know it any more, and its accounting does not either. While the controller does
 * not answer nothing is known, and nothing fails.
 *
 * A job has a name of its own, `asyncjobs:` with what follows; an array has that of its
 * first one. It goes on where the program that waits for it ends without having
 * cancelled it.
 *
 * Since: 1.0
 */
struct _JobsSlurmNode
{
  JobsNode parent_instance;

  GPtrArray *options; /* NULL-terminated */
  char      *folder;
};

enum
{
  PROP_0,
  PROP_FOLDER,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsSlurmNode, jobs_slurm_node, JOBS_TYPE_NODE)

char *
jobs_slurm_node_dup_real_folder (JobsSlurmNode *self)
{
  if (self->folder != NULL)
    return g_strdup (self->folder);

  return g_build_filename (g_get_user_cache_dir (), "asyncjobs", "slurm", NULL);
}

static gboolean
jobs_slurm_node_begin (JobsNode    *node,
                       JobsProcess *process,
                       GError     **error)
{
  JobsSlurmNode *self = JOBS_SLURM_NODE (node);
  g_autofree char *folder = jobs_slurm_node_dup_real_folder (self);

  return jobs_slurm_job_begin (process, jobs_node_get_name (node), folder,
                               (const char *const *) self->options->pdata, error);
}

static gboolean
jobs_slurm_node_copy (JobsNode    *node,
                      JobsProcess *process,
                      gboolean     push,
                      const char  *from,
                      const char  *to,
                      GError     **error)
{
  g_set_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
               /* Translators: a file, a node */
               _("“%s” cannot be copied to or from %s: its machines share folders; copy it there beforehand"),
               from, jobs_node_get_name (node));

  return FALSE;
}

static gboolean
jobs_slurm_node_kill (JobsNode    *node,
                      JobsProcess *process,
                      int          signum,
                      GError     **error)
{
  jobs_slurm_job_kill (process, signum);

  return TRUE;
}

static void
jobs_slurm_node_finalize (GObject *object)
{
  JobsSlurmNode *self = JOBS_SLURM_NODE (object);

  g_ptr_array_unref (self->options);
  g_free (self->folder);

  G_OBJECT_CLASS (jobs_slurm_node_parent_class)->finalize (object);
}

static void
jobs_slurm_node_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  JobsSlurmNode *self = JOBS_SLURM_NODE (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_slurm_node_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  JobsSlurmNode *self = JOBS_SLURM_NODE (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      jobs_slurm_node_set_folder (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_slurm_node_class_init (JobsSlurmNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsNodeClass *node_class = JOBS_NODE_CLASS (klass);

  object_class->finalize = jobs_slurm_node_finalize;
  object_class->get_property = jobs_slurm_node_get_property;
  object_class->set_property = jobs_slurm_node_set_property;
  node_class->begin = jobs_slurm_node_begin;
  node_class->copy = jobs_slurm_node_copy;
  node_class->kill = jobs_slurm_node_kill;

  /**
   * JobsSlurmNode:folder: (getter get_folder) (setter set_folder)
   *
   * Where the files of its jobs are; %NULL for one in the user's cache.
   *
   * Since: 1.0
   */
  props[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL,
                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_slurm_node_init (JobsSlurmNode *self)
{
  self->options = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->options, NULL);
}

/**
 * jobs_slurm_node_new:
 * @name: (nullable): what it is called
 *
 * Makes a node that runs commands in a cluster.
 *
 * Returns: (transfer full) (type JobsSlurmNode): a new node
 *
 * Since: 1.0
 */
JobsNode *
jobs_slurm_node_new (const char *name)
{
  return g_object_new (JOBS_TYPE_SLURM_NODE, "name", name != NULL ? name : "slurm", NULL);
}

/**
 * jobs_slurm_node_add_option:
 * @self: a node
 * @option: as for `sbatch`: `--partition=main`
 *
 * Adds an option for the jobs that are submitted from now on. Of several for one
 * thing the last one counts. What the node needs for itself is not to be chosen: the
 * name, the files of input and output, arrays.
 *
 * Since: 1.0
 */
void
jobs_slurm_node_add_option (JobsSlurmNode *self,
                            const char    *option)
{
  g_return_if_fail (JOBS_IS_SLURM_NODE (self));
  g_return_if_fail (option != NULL && *option == '-');

  g_ptr_array_insert (self->options, (int) self->options->len - 1, g_strdup (option));
}

/**
 * jobs_slurm_node_get_folder:
 * @self: a node
 *
 * Where the files of its jobs are.
 *
 * Returns: (transfer none) (nullable) (type filename): the folder; %NULL for one in
 *   the user's cache
 *
 * Since: 1.0
 */
const char *
jobs_slurm_node_get_folder (JobsSlurmNode *self)
{
  g_return_val_if_fail (JOBS_IS_SLURM_NODE (self), NULL);

  return self->folder;
}

/**
 * jobs_slurm_node_set_folder:
 * @self: a node
 * @folder: (nullable) (type filename): the folder, which is made where it is not
 *   there; %NULL for one in the user's cache
 *
 * Sets where the files of its jobs are. All machines of the cluster should see it
 * under this name.
 *
 * Since: 1.0
 */
void
jobs_slurm_node_set_folder (JobsSlurmNode *self,
                            const char    *folder)
{
  g_return_if_fail (JOBS_IS_SLURM_NODE (self));

  if (g_strcmp0 (self->folder, folder) == 0)
    return;

  g_free (self->folder);
  /* sbatch may change to another one */
  self->folder = folder != NULL ? g_canonicalize_filename (folder, NULL) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOLDER]);
}
