/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../actions/jobs-command-action.h"
#include "../actions/jobs-progress.h"
#include "jobs-loader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  READY_DELAY,
  READY_OUTPUT,
  READY_RUN,
  READY_WITHIN,
  N_READY_KEYS,
};

static const JobsSchemaKey ready_keys[N_READY_KEYS] = {
  [READY_DELAY] = { "delay", JOBS_SCHEMA_DURATION, 1 },
  [READY_OUTPUT] = { "output", JOBS_SCHEMA_FILLED, 1 },
  [READY_RUN] = { "run", JOBS_SCHEMA_FILLED, 1 },
  [READY_WITHIN] = { "within", JOBS_SCHEMA_DURATION, 1 },
};

enum
{
  RUN_ARGS,
  RUN_SCRIPT,
  N_RUN_KEYS,
};

static const JobsSchemaKey run_keys[N_RUN_KEYS] = {
  [RUN_ARGS] = { "args", JOBS_SCHEMA_ANY, 1 },
  [RUN_SCRIPT] = { "script", JOBS_SCHEMA_FILLED, 1 },
};

/* FALSE where it is not right; a file that is not there may be made by another job */
static gboolean
read_script (const JobsYamlNode *run,
             JobsSchemaValue    *values,
             JobsProblems       *problems)
{
  const JobsYamlNode *args;
  /* Translators: a key of job files, in quotation marks */
  gboolean good = jobs_schema_read (run_keys, N_RUN_KEYS, 1, _ ("'run'"), run, values, problems);

  args = values[RUN_ARGS].node;
  if (args != NULL)
    good &= jobs_schema_check_all (JOBS_YAML_LIST, JOBS_SCHEMA_TEXT, args, problems);
  if (good && values[RUN_SCRIPT].node == NULL)
    {
      jobs_problems_add (problems, run->place, JOBS_ERROR_SCHEMA,
                         _ ("'run' needs a 'script' for its 'args'"));
      good = FALSE;
    }

  return good;
}

static gboolean
check_run (JobsLoader         *self,
           const JobsYamlNode *run)
{
  if (run->kind == JOBS_YAML_TEXT && *run->text != '\0')
    return TRUE;

  if (run->kind == JOBS_YAML_MAP && run->first != NULL)
    {
      JobsSchemaValue values[N_RUN_KEYS];

      return read_script (run, values, self->problems);
    }

  if (run->kind == JOBS_YAML_LIST && run->first != NULL)
    return jobs_schema_check (JOBS_SCHEMA_FILLED, run->first, NULL, self->problems) &
           jobs_schema_check_all (JOBS_YAML_LIST, JOBS_SCHEMA_TEXT, run, self->problems);

  jobs_schema_mismatch (run, _ ("a command for sh, a list of a program and its arguments, or {script: FILE}"),
                        self->problems);

  return FALSE;
}

static gboolean
check_remote (JobsLoader            *self,
              const JobsSchemaValue *values)
{
  const JobsYamlNode *on = values[JOBS_KEY_ON].node;
  const JobsYamlNode *files[] = { values[JOBS_KEY_PUSH].node, values[JOBS_KEY_PULL].node };
  gboolean good = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if (files[i] == NULL)
        continue;

      good &= jobs_schema_check_all (JOBS_YAML_MAP, JOBS_SCHEMA_FILLED, files[i], self->problems);
      if (on == NULL)
        {
          jobs_problems_add (self->problems, files[i]->key_place, JOBS_ERROR_SCHEMA,
                             /* Translators: a key of job files, twice */
                             _ ("'%s' is for a job on another node, and this one runs here: give "
                                "it 'on', or take '%s' away"),
                             files[i]->key, files[i]->key);
          good = FALSE;
        }
    }

  return good;
}

static gboolean
read_exits (JobsLoader         *self,
            const JobsYamlNode *node,
            GByteArray         *exits)
{
  const char *expected = _ ("a status from 0 to 255, or a list of them");
  const JobsYamlNode *status = node->kind == JOBS_YAML_LIST ? node->first : node;

  if (status == NULL)
    jobs_schema_mismatch (node, expected, self->problems);

  while (status != NULL)
    {
      guint64 number;
      guint8 byte;

      if (status->kind != JOBS_YAML_TEXT || !status->plain ||
          !g_ascii_string_to_unsigned (status->text, 10, 0, G_MAXUINT8, &number, NULL))
        {
          jobs_schema_mismatch (status, expected, self->problems);
          return FALSE;
        }

      byte = number;
      g_byte_array_append (exits, &byte, 1);
      status = status == node ? NULL : status->next;
    }

  return exits->len > 0;
}

/* Whether they are set is asked when the run begins: to look at a file needs no secret */
static gboolean
check_secrets (JobsLoader         *self,
               const JobsYamlNode *node)
{
  const JobsYamlNode *name = node->kind == JOBS_YAML_LIST ? node->first : node;
  gboolean good = TRUE;

  while (name != NULL)
    {
      if (jobs_schema_check (JOBS_SCHEMA_VARIABLE, name, NULL, self->problems))
        g_hash_table_add (self->secrets, g_strdup (name->text));
      else
        good = FALSE;

      name = name == node ? NULL : name->next;
    }

  return good;
}

static gboolean
read_ready (JobsLoader         *self,
            const JobsYamlNode *node,
            JobsCommandAction  *command)
{
  JobsSchemaValue values[N_READY_KEYS];
  guint n = 0;

  /* Translators: a key of job files, in quotation marks */
  if (!jobs_schema_read (ready_keys, N_READY_KEYS, 1, _ ("'ready'"), node, values, self->problems))
    return FALSE;

  for (guint i = 0; i < N_READY_KEYS; i++)
    n += i != READY_WITHIN && values[i].node != NULL;
  if (n != 1)
    {
      jobs_problems_add (self->problems, node->place, JOBS_ERROR_SCHEMA,
                         _ ("'ready' needs one of 'output', 'run' and 'delay'"));
      return FALSE;
    }

  if (command == NULL)
    return TRUE;

  if (values[READY_OUTPUT].node != NULL)
    jobs_command_action_set_ready_output (command, values[READY_OUTPUT].node->text);
  if (values[READY_RUN].node != NULL)
    jobs_command_action_set_ready_command (command, values[READY_RUN].node->text);
  if (values[READY_DELAY].node != NULL)
    jobs_command_action_set_ready_delay (command, values[READY_DELAY].number);
  if (values[READY_WITHIN].node != NULL)
    jobs_command_action_set_ready_within (command, values[READY_WITHIN].number);

  return TRUE;
}

/* command NULL: it is only checked */
static gboolean
read_progress (JobsLoader         *self,
               const JobsYamlNode *node,
               JobsCommandAction  *command)
{
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) error = NULL;

  if (command != NULL)
    return jobs_command_action_set_progress (command, node->text, NULL);

  regex = jobs_progress_compile (node->text, &error);
  if (regex == NULL)
    jobs_problems_add (self->problems, node->place, JOBS_ERROR_SCHEMA,
                       /* Translators: a text, an error */
                       _ ("'%s' is no regular expression: %s"), node->text, error->message);

  return regex != NULL;
}

gboolean
jobs_loader_check_command (JobsLoader            *self,
                           const JobsSchemaValue *values)
{
  gboolean good = check_remote (self, values);

  if (values[JOBS_KEY_RUN].node != NULL)
    good &= check_run (self, values[JOBS_KEY_RUN].node);
  if (values[JOBS_KEY_ENV].node != NULL)
    good &= jobs_loader_check_env (self, values[JOBS_KEY_ENV].node);
  if (values[JOBS_KEY_SECRET_ENV].node != NULL)
    good &= check_secrets (self, values[JOBS_KEY_SECRET_ENV].node);
  if (values[JOBS_KEY_READY].node != NULL)
    good &= read_ready (self, values[JOBS_KEY_READY].node, NULL);
  if (values[JOBS_KEY_PROGRESS].node != NULL)
    good &= read_progress (self, values[JOBS_KEY_PROGRESS].node, NULL);
  if (values[JOBS_KEY_ALLOWED_EXITS].node != NULL)
    {
      g_autoptr (GByteArray) exits = g_byte_array_new ();

      good &= read_exits (self, values[JOBS_KEY_ALLOWED_EXITS].node, exits);
    }

  return good;
}

static void
set_variables (JobsCommandAction *command,
               const char       **variables)
{
  for (guint i = 0; variables != NULL && variables[i] != NULL; i += 2)
    jobs_command_action_setenv (command, variables[i], variables[i + 1]);
}

static void
set_env (JobsCommandAction  *command,
         const JobsYamlNode *env)
{
  if (env == NULL)
    return;

  for (const JobsYamlNode *variable = env->first; variable != NULL; variable = variable->next)
    jobs_command_action_setenv (command, variable->key, variable->text);
}

/* From the outermost level in, as the last call for a variable wins */
static void
set_level_env (JobsCommandAction *command,
               JobsLevel         *level)
{
  if (level->parent != NULL)
    set_level_env (command, level->parent);

  set_env (command, level->env);
  set_variables (command, level->variables);
}

static void
set_grace (JobsLoader            *self,
           JobsLevel             *level,
           const JobsSchemaValue *value,
           JobsCommandAction     *command)
{
  guint around = jobs_engine_get_grace (level->engine);

  jobs_command_action_set_grace (command, value->number);
  if (around > 0 && value->number >= around)
    jobs_problems_warn (self->problems, value->node->place,
                        _ ("this 'grace' is not shorter than that of the engine around it, %u ms: "
                           "the job would be given up as stuck before it is killed"),
                        around);
}

/* The strings are not copied. @list: (nullable) */
static const char **
dup_words (const JobsYamlNode *list)
{
  GPtrArray *words = g_ptr_array_new ();

  for (const JobsYamlNode *word = list != NULL ? list->first : NULL; word != NULL; word = word->next)
    g_ptr_array_add (words, (gpointer) word->text);
  g_ptr_array_add (words, NULL);

  return (const char **) g_ptr_array_free (words, FALSE);
}

static JobsCommandAction *
new_command (JobsLoader         *self,
             const JobsYamlNode *run,
             const char         *label,
             JobsNode           *node)
{
  g_autofree const char **words = NULL;

  if (run->kind == JOBS_YAML_TEXT)
    return JOBS_COMMAND_ACTION (jobs_command_action_new_shell (label, node, run->text));

  if (run->kind == JOBS_YAML_MAP)
    {
      JobsSchemaValue values[N_RUN_KEYS];

      read_script (run, values, self->problems);
      words = dup_words (values[RUN_ARGS].node);

      return JOBS_COMMAND_ACTION (
        jobs_command_action_new_script (label, node, values[RUN_SCRIPT].node->text, words));
    }

  words = dup_words (run);

  return JOBS_COMMAND_ACTION (jobs_command_action_new (label, node, words));
}

static JobsCommandAction *
make_command (JobsLoader            *self,
              JobsLevel             *level,
              const JobsSchemaValue *values,
              const char            *label,
              JobsNode              *node,
              const char           **variables)
{
  JobsCommandAction *command = new_command (self, values[JOBS_KEY_RUN].node, label, node);
  const JobsSchemaValue *grace = &values[JOBS_KEY_GRACE], *dir = &values[JOBS_KEY_DIR];

  if (grace->node == NULL)
    grace = jobs_level_get_default (level, JOBS_KEY_GRACE);
  if (grace != NULL)
    set_grace (self, level, grace, command);
  if (dir->node == NULL)
    dir = jobs_level_get_default (level, JOBS_KEY_DIR);
  if (dir != NULL)
    jobs_command_action_set_directory (command, dir->node->text);

  set_level_env (command, level);
  set_env (command, values[JOBS_KEY_ENV].node);
  set_variables (command, variables);

  if (values[JOBS_KEY_CAPTURE].node != NULL)
    jobs_command_action_set_capture (command, TRUE);
  if (values[JOBS_KEY_OUTPUT].node != NULL)
    jobs_command_action_set_output_file (command, values[JOBS_KEY_OUTPUT].node->text);
  if (values[JOBS_KEY_UNLESS].node != NULL)
    jobs_command_action_set_unless (command, values[JOBS_KEY_UNLESS].node->text);
  if (values[JOBS_KEY_SHUTDOWN].node != NULL)
    jobs_command_action_set_shutdown (command, values[JOBS_KEY_SHUTDOWN].node->text);
  if (values[JOBS_KEY_READY].node != NULL)
    read_ready (self, values[JOBS_KEY_READY].node, command);
  if (values[JOBS_KEY_PROGRESS].node != NULL)
    read_progress (self, values[JOBS_KEY_PROGRESS].node, command);
  if (values[JOBS_KEY_STDIN].node != NULL)
    {
      const char *text = values[JOBS_KEY_STDIN].node->text;
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      jobs_command_action_set_stdin (command, bytes);
    }
  if (values[JOBS_KEY_ALLOWED_EXITS].node != NULL)
    {
      g_autoptr (GByteArray) exits = g_byte_array_new ();

      read_exits (self, values[JOBS_KEY_ALLOWED_EXITS].node, exits);
      jobs_command_action_set_allowed_exits (command, exits->data, exits->len);
    }

  return command;
}

/* What is for machines other than this one */
static void
set_remote (JobsCommandAction     *command,
            const JobsSchemaValue *values)
{
  const JobsYamlNode *secrets = values[JOBS_KEY_SECRET_ENV].node;

  if (values[JOBS_KEY_PUSH].node != NULL)
    for (const JobsYamlNode *file = values[JOBS_KEY_PUSH].node->first; file != NULL; file = file->next)
      jobs_command_action_add_push (command, file->key, file->text);
  if (values[JOBS_KEY_PULL].node != NULL)
    for (const JobsYamlNode *file = values[JOBS_KEY_PULL].node->first; file != NULL; file = file->next)
      jobs_command_action_add_pull (command, file->key, file->text);

  if (secrets != NULL && secrets->kind == JOBS_YAML_TEXT)
    jobs_command_action_pass_env (command, secrets->text);
  else if (secrets != NULL)
    for (const JobsYamlNode *name = secrets->first; name != NULL; name = name->next)
      jobs_command_action_pass_env (command, name->text);
}

JobsAction *
jobs_loader_make_command (JobsLoader            *self,
                          JobsLevel             *level,
                          const JobsSchemaValue *values,
                          const char            *label,
                          const char            *on,
                          const char           **variables)
{
  JobsNode *node = on != NULL ? jobs_loader_get_node (self, on) : NULL;
  JobsCommandAction *command;

  command = make_command (self, level, values, label, node, variables);
  if (node != NULL)
    set_remote (command, values);

  return JOBS_ACTION (command);
}
