/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../nodes/jobs-spawn.h"
#include "jobs-command-action-private.h"

/* What a command runs, and where */

/**
 * jobs_command_action_new:
 * @label: (nullable): its label
 * @node: (nullable): where it runs; %NULL: on this machine
 * @argv: (array zero-terminated=1) (element-type filename): the program, and its
 *   arguments, any bytes. A program without a slash is looked for in the `PATH`
 *   of its environment
 *
 * Makes an action that runs a program.
 *
 * Returns: (transfer full) (type JobsCommandAction): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_command_action_new (const char        *label,
                         JobsNode          *node,
                         const char *const *argv)
{
  g_return_val_if_fail (node == NULL || JOBS_IS_NODE (node), NULL);
  g_return_val_if_fail (argv != NULL && argv[0] != NULL, NULL);

  return g_object_new (JOBS_TYPE_COMMAND_ACTION,
                       "label", label,
                       "node", node,
                       "argv", argv,
                       NULL);
}

/**
 * jobs_command_action_new_shell:
 * @label: (nullable): its label
 * @node: (nullable): where it runs; %NULL: on this machine
 * @command: what `/bin/sh -c` is given
 *
 * Makes an action that runs a shell command. Values reach it best as variables,
 * with [method@CommandAction.setenv] and [method@CommandAction.add_input]: so
 * none of them can become code.
 *
 * Returns: (transfer full) (type JobsCommandAction): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_command_action_new_shell (const char *label,
                               JobsNode   *node,
                               const char *command)
{
  g_return_val_if_fail (node == NULL || JOBS_IS_NODE (node), NULL);
  g_return_val_if_fail (command != NULL, NULL);

  return g_object_new (JOBS_TYPE_COMMAND_ACTION,
                       "label", label,
                       "node", node,
                       "command", command,
                       NULL);
}

/**
 * jobs_command_action_new_script:
 * @label: (nullable): its label
 * @node: (nullable): where it runs; %NULL: on this machine
 * @filename: (type filename): an executable file of this machine: mostly a script,
 *   whose first line names its interpreter
 * @arguments: (nullable) (array zero-terminated=1) (element-type filename): its
 *   arguments, any bytes; %NULL: none
 *
 * Makes an action that runs a file of this machine.
 *
 * Another machine that is reached by ssh is given a copy, with the command itself. It
 * is there while it runs, in a folder that only its user can enter, and under its own
 * name; only those that share folders with this machine, as those of a cluster, run the
 * file itself. It is read anew at each attempt, and has at most 16 MiB. Where it does not
 * exist or is not executable the action fails with %JOBS_ERROR_SPAWN before anything
 * else.
 *
 * Returns: (transfer full) (type JobsCommandAction): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_command_action_new_script (const char        *label,
                                JobsNode          *node,
                                const char        *filename,
                                const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = NULL;

  g_return_val_if_fail (node == NULL || JOBS_IS_NODE (node), NULL);
  g_return_val_if_fail (filename != NULL && *filename != '\0', NULL);

  argv = g_ptr_array_new ();
  g_ptr_array_add (argv, (gpointer) filename);
  for (; arguments != NULL && *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);

  return g_object_new (JOBS_TYPE_COMMAND_ACTION,
                       "label", label,
                       "node", node,
                       "argv", argv->pdata,
                       "is-script", TRUE,
                       NULL);
}

/**
 * jobs_command_action_get_node:
 * @self: a command action
 *
 * Where it runs.
 *
 * Returns: (transfer none): its node
 *
 * Since: 1.0
 */
JobsNode *
jobs_command_action_get_node (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return self->node;
}

/**
 * jobs_command_action_get_argv:
 * @self: a command action
 *
 * The program and its arguments.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1) (element-type filename):
 *   %NULL where it runs a shell command
 *
 * Since: 1.0
 */
const char *const *
jobs_command_action_get_argv (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return (const char *const *) self->argv;
}

/**
 * jobs_command_action_get_command:
 * @self: a command action
 *
 * The shell command.
 *
 * Returns: (transfer none) (nullable): %NULL where it runs a program
 *
 * Since: 1.0
 */
const char *
jobs_command_action_get_command (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), NULL);

  return self->command;
}

/**
 * jobs_command_action_get_is_script:
 * @self: a command action
 *
 * Whether its program is a file of this machine, wherever it runs.
 *
 * Returns: %TRUE where it is
 *
 * Since: 1.0
 */
gboolean
jobs_command_action_get_is_script (JobsCommandAction *self)
{
  g_return_val_if_fail (JOBS_IS_COMMAND_ACTION (self), FALSE);

  return self->is_script;
}

char *
jobs_command_action_dup_script (JobsCommandAction *self)
{
  g_autofree char *directory = NULL;

  if (!self->is_script || self->argv == NULL)
    return NULL;
  if (g_path_is_absolute (self->argv[0]))
    return g_strdup (self->argv[0]);

  directory = g_get_current_dir ();

  return g_build_filename (directory, self->argv[0], NULL);
}

char **
jobs_command_action_dup_argv (JobsCommandAction *self)
{
  char *script = jobs_command_action_dup_script (self);
  char **argv = g_strdupv (self->argv);

  if (script != NULL)
    {
      g_free (argv[0]);
      argv[0] = script;
    }

  return argv;
}

gboolean
jobs_command_action_check_script (JobsCommandAction *self,
                                  GError           **error)
{
  g_autofree char *filename = jobs_command_action_dup_script (self);

  return filename == NULL || jobs_spawn_check_script (filename, error);
}

JobsProcess *
jobs_command_action_make_process (JobsCommandAction      *self,
                                  GMainContext           *context,
                                  const char *const      *argv,
                                  GBytes                 *input,
                                  const JobsProcessFuncs *funcs,
                                  gpointer                owner)
{
  g_autoptr (GPtrArray) environment = jobs_variables_resolve (&self->variables);

  return jobs_process_new (self->node, context, argv, (const char *const *) environment->pdata,
                           self->directory, input, funcs, owner);
}
