/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-scenario.h"

#include "../actions/jobs-command-action.h"
#include "../actions/jobs-delay-action.h"
#include "jobs-loader.h"
#include "jobs-selection.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * JobsScenario:
 *
 * What a job file says: an engine, ready to run.
 *
 * A job file is YAML, and so may be JSON. It is read as a whole, and all that is
 * wrong with it is reported at once; there is no scenario of a file with errors.
 * What a command line may change, such as the jobs to run, is changed on the
 * scenario before its engine runs.
 *
 * A scenario belongs to the thread whose context runs its engine.
 *
 * Since: 1.0
 */
struct _JobsScenario
{
  GObject parent_instance;

  char *name;
  JobsEngine *engine;
  char **warnings;
  char **secrets;
  GPtrArray *nodes;
  GPtrArray *flexible; /* of JobsEngine: the file leaves their on-failure open */
  GHashTable *names;   /* path of a job with a matrix, later of any → GPtrArray of JobsAction */
  gboolean named;      /* the paths of all jobs are in there */
};

G_DEFINE_FINAL_TYPE (JobsScenario, jobs_scenario, G_TYPE_OBJECT)

static void
jobs_scenario_finalize (GObject *object)
{
  JobsScenario *self = JOBS_SCENARIO (object);

  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->flexible, g_ptr_array_unref);
  g_clear_object (&self->engine);
  g_strfreev (self->warnings);
  g_strfreev (self->secrets);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_free (self->name);

  G_OBJECT_CLASS (jobs_scenario_parent_class)->finalize (object);
}

static void
jobs_scenario_class_init (JobsScenarioClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = jobs_scenario_finalize;
}

static void
jobs_scenario_init (JobsScenario *self)
{
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char **
dup_sorted_keys (GHashTable *table)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}

/* "release.yaml" is about a release */
static char *
dup_base_name (const char *filename)
{
  char *base = g_path_get_basename (filename);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = '\0';

  return base;
}

static JobsScenario *
scenario_new (JobsYaml     *yaml,
              JobsProblems *problems,
              const char   *name,
              GError      **error)
{
  JobsLoader loader = { .problems = problems };
  JobsScenario *self = NULL;

  if (yaml != NULL && jobs_loader_load (&loader, jobs_yaml_get_root (yaml)))
    {
      self = g_object_new (JOBS_TYPE_SCENARIO, NULL);
      self->name = loader.name != NULL ? g_steal_pointer (&loader.name) : dup_base_name (name);
      self->engine = g_steal_pointer (&loader.engine);
      self->flexible = g_steal_pointer (&loader.flexible);
      self->names = g_steal_pointer (&loader.groups);
      self->secrets = dup_sorted_keys (loader.secrets);
      self->nodes = g_ptr_array_ref (loader.all_nodes);
      self->warnings = jobs_problems_dup_warnings (problems);
      jobs_action_set_label (JOBS_ACTION (self->engine), self->name);
    }
  else
    {
      g_propagate_error (error, jobs_problems_dup_error (problems));
    }

  jobs_loader_clear (&loader);

  return self;
}

static gboolean
fail_with_errno (const char *name,
                 GError    **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               /* Translators: a file and a message of the system */
               _ ("cannot read %s: %s"), name, g_strerror (code));

  return FALSE;
}

/* No more than one byte too many: the file may be endless */
static gboolean
read_fd (int         fd,
         const char *name,
         GByteArray *bytes,
         GError    **error)
{
  struct stat info;
  gssize n;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > JOBS_YAML_MAX_BYTES)
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA,
                   "%s:1:1: %s", name, _ ("the file is larger than 16 MiB"));
      return FALSE;
    }

  do
    {
      guint8 buffer[65536];

      do
        n = read (fd, buffer, sizeof buffer);
      while (n < 0 && errno == EINTR);

      if (n < 0)
        return fail_with_errno (name, error);
      g_byte_array_append (bytes, buffer, n);
    }
  while (n > 0 && bytes->len <= JOBS_YAML_MAX_BYTES);

  return TRUE;
}

/**
 * jobs_scenario_new_from_file:
 * @filename: (type filename): the path of a job file; `-` is the standard input
 * @error: return location for an error
 *
 * Reads a job file.
 *
 * Where the file is wrong the message of the error has all that is wrong, one
 * line each, `FILE:LINE:COLUMN: TEXT`, in the order of the file. The code is that
 * of the first of them: %JOBS_ERROR_SYNTAX where it is no YAML, %JOBS_ERROR_CYCLE,
 * %JOBS_ERROR_POOL, or %JOBS_ERROR_SCHEMA for all else. A file that cannot be read
 * is a %G_FILE_ERROR.
 *
 * This blocks until the file is read. Nothing else is opened and nothing is run.
 *
 * Returns: (transfer full): a new scenario, or %NULL with an error
 *
 * Since: 1.0
 */
JobsScenario *
jobs_scenario_new_from_file (const char *filename,
                             GError    **error)
{
  g_autoptr (JobsProblems) problems = NULL;
  g_autoptr (JobsYaml) yaml = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *name = NULL;
  gboolean is_stdin, good;
  int fd;

  g_return_val_if_fail (filename != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  is_stdin = g_str_equal (filename, "-");
  name = is_stdin ? g_strdup ("<stdin>") : g_filename_display_name (filename);
  fd = is_stdin ? STDIN_FILENO : g_open (filename, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0)
    {
      fail_with_errno (name, error);
      return NULL;
    }

  bytes = g_byte_array_new ();
  good = read_fd (fd, name, bytes, error);
  if (!is_stdin)
    g_close (fd, NULL);

  if (!good)
    return NULL;

  problems = jobs_problems_new (name);
  yaml = jobs_yaml_parse ((const char *) bytes->data, bytes->len, problems);
  /* The tree has its own copies, and a large file makes many jobs from here on */
  g_clear_pointer (&bytes, g_byte_array_unref);

  return scenario_new (yaml, problems, name, error);
}

/**
 * jobs_scenario_new_from_bytes:
 * @bytes: what would stand in a job file
 * @name: what to call it in messages
 * @error: return location for an error
 *
 * Reads a job file from memory.
 *
 * Errors are those of [ctor@Scenario.new_from_file], with @name as the file.
 *
 * Returns: (transfer full): a new scenario, or %NULL with an error
 *
 * Since: 1.0
 */
JobsScenario *
jobs_scenario_new_from_bytes (GBytes     *bytes,
                              const char *name,
                              GError    **error)
{
  g_autoptr (JobsProblems) problems = NULL;
  g_autoptr (JobsYaml) yaml = NULL;
  gconstpointer data;
  gsize length;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL && g_utf8_validate (name, -1, NULL), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  data = g_bytes_get_data (bytes, &length);
  problems = jobs_problems_new (name);
  yaml = jobs_yaml_parse (data, length, problems);

  return scenario_new (yaml, problems, name, error);
}

/**
 * jobs_scenario_get_engine:
 * @self: a scenario
 *
 * The engine that the file describes, with all of its jobs.
 *
 * The label of a job is its name; `label` and `details` of the file are its
 * details. Run it, watch it, change it as any other engine.
 *
 * Returns: (transfer none): the engine
 *
 * Since: 1.0
 */
JobsEngine *
jobs_scenario_get_engine (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return self->engine;
}

/**
 * jobs_scenario_get_name:
 * @self: a scenario
 *
 * What the file calls itself, else its name without folder and suffix.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
jobs_scenario_get_name (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return self->name;
}

/**
 * jobs_scenario_dup_warnings:
 * @self: a scenario
 *
 * What is odd in the file but does not keep it from running, such as a job that
 * waits for the end of one that runs forever.
 *
 * Returns: (transfer full): one line each, `FILE:LINE:COLUMN: warning: TEXT`, where
 *   "warning" is translated; may be empty
 *
 * Since: 1.0
 */
char **
jobs_scenario_dup_warnings (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return g_strdupv (self->warnings);
}

/**
 * jobs_scenario_dup_secrets:
 * @self: a scenario
 *
 * The names of the variables that the file declares with `secret-env`.
 *
 * The file can be read where they are not set in the environment, but its jobs
 * count on them: whoever runs them sees to it that they are. Whoever writes about
 * a run keeps their values out of it.
 *
 * Returns: (transfer full): names, sorted; may be empty
 *
 * Since: 1.0
 */
char **
jobs_scenario_dup_secrets (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return g_strdupv (self->secrets);
}

/**
 * jobs_scenario_dup_nodes:
 * @self: a scenario
 *
 * The nodes that the file has, whether or not a job runs on them, in the order of
 * the file.
 *
 * Returns: (transfer container) (element-type JobsNode): the nodes; may be empty
 *
 * Since: 1.0
 */
GPtrArray *
jobs_scenario_dup_nodes (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return g_ptr_array_copy (self->nodes, (GCopyFunc) g_object_ref, NULL);
}

/**
 * jobs_scenario_setenv:
 * @self: a scenario
 * @name: the name of a variable, without `=`
 * @value: its value
 *
 * Sets a variable of every command, whatever any `env` of the file says.
 *
 * Since: 1.0
 */
void
jobs_scenario_setenv (JobsScenario *self,
                      const char   *name,
                      const char   *value)
{
  g_autoptr (GPtrArray) actions = NULL;

  g_return_if_fail (JOBS_IS_SCENARIO (self));
  g_return_if_fail (name != NULL && *name != '\0' && strchr (name, '=') == NULL);
  g_return_if_fail (value != NULL);

  actions = jobs_engine_dup_all (self->engine, FALSE);
  for (guint i = 0; i < actions->len; i++)
    if (JOBS_IS_COMMAND_ACTION (g_ptr_array_index (actions, i)))
      jobs_command_action_setenv (g_ptr_array_index (actions, i), name, value);
}

/**
 * jobs_scenario_set_on_failure:
 * @self: a scenario
 * @on_failure: what to do when a critical job fails
 *
 * Sets the failure policy of the engine, and of each nested one, where the file
 * does not set it.
 *
 * Since: 1.0
 */
void
jobs_scenario_set_on_failure (JobsScenario *self,
                              JobsOnFailure on_failure)
{
  g_return_if_fail (JOBS_IS_SCENARIO (self));

  for (guint i = 0; i < self->flexible->len; i++)
    jobs_engine_set_on_failure (g_ptr_array_index (self->flexible, i), on_failure);
}

/* On all levels, in the order of the file */
static GPtrArray *
dup_jobs (JobsScenario *self)
{
  GPtrArray *actions = jobs_engine_dup_all (self->engine, TRUE);

  g_ptr_array_remove (actions, self->engine);

  return actions;
}

/* Names stay known when what they mean is taken out */
static GHashTable *
get_names (JobsScenario *self)
{
  if (!self->named)
    jobs_selection_add_paths (self->engine, self->names);
  self->named = TRUE;

  return self->names;
}

static GPtrArray *
find_actions (JobsScenario      *self,
              const char *const *names,
              GError           **error)
{
  return jobs_selection_find (self->engine, get_names (self), names, error);
}

/**
 * jobs_scenario_dup_names:
 * @self: a scenario
 *
 * The names that [method@Scenario.select] and [method@Scenario.skip] know: the
 * paths of all jobs on all levels, and those of jobs with a matrix or on many
 * nodes, which mean all of their members.
 *
 * Returns: (transfer full): full names, sorted
 *
 * Since: 1.0
 */
char **
jobs_scenario_dup_names (JobsScenario *self)
{
  g_return_val_if_fail (JOBS_IS_SCENARIO (self), NULL);

  return dup_sorted_keys (get_names (self));
}

/**
 * jobs_scenario_select:
 * @self: a scenario
 * @names: (array zero-terminated=1): full names of jobs
 * @with_requirements: also keep what they require, and so on
 * @error: return location for an error
 *
 * Keeps only some jobs.
 *
 * The full name of a job in a nested engine is its path, `tests/unit`. The name of
 * a nested engine means all inside of it, that of a job with a matrix all of its
 * members. The engines around what is kept stay, as far as they are needed. What a
 * job only comes after, by `after`, is not kept because of it. The name of one that
 * an earlier selection has taken out means nothing any more, but is known.
 *
 * Fails with %JOBS_ERROR_SCHEMA where a name is unknown; then nothing is changed.
 *
 * Returns: %TRUE where all names are known
 *
 * Since: 1.0
 */
gboolean
jobs_scenario_select (JobsScenario      *self,
                      const char *const *names,
                      gboolean           with_requirements,
                      GError           **error)
{
  g_autoptr (GPtrArray) actions = NULL;

  g_return_val_if_fail (JOBS_IS_SCENARIO (self), FALSE);
  g_return_val_if_fail (names != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  actions = find_actions (self, names, error);
  if (actions == NULL)
    return FALSE;

  jobs_selection_keep (self->engine, actions, with_requirements);

  return TRUE;
}

/**
 * jobs_scenario_skip:
 * @self: a scenario
 * @names: (array zero-terminated=1): full names of jobs
 * @error: return location for an error
 *
 * Takes some jobs out; those behind them wait for those before them.
 *
 * Names are as in [method@Scenario.select]. Fails with %JOBS_ERROR_SCHEMA where
 * one is unknown; then nothing is changed.
 *
 * Returns: %TRUE where all names are known
 *
 * Since: 1.0
 */
gboolean
jobs_scenario_skip (JobsScenario      *self,
                    const char *const *names,
                    GError           **error)
{
  g_autoptr (GPtrArray) actions = NULL;

  g_return_val_if_fail (JOBS_IS_SCENARIO (self), FALSE);
  g_return_val_if_fail (names != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  actions = find_actions (self, names, error);
  if (actions == NULL)
    return FALSE;

  jobs_selection_drop (self->engine, actions);

  return TRUE;
}

/**
 * jobs_scenario_get_n_jobs:
 * @self: a scenario
 *
 * How many jobs there are on all levels; a nested engine is one, and so is each
 * member of a matrix.
 *
 * Returns: a number of jobs
 *
 * Since: 1.0
 */
guint
jobs_scenario_get_n_jobs (JobsScenario *self)
{
  g_autoptr (GPtrArray) actions = NULL;

  g_return_val_if_fail (JOBS_IS_SCENARIO (self), 0);

  actions = dup_jobs (self);

  return actions->len;
}

/**
 * jobs_scenario_get_n_requirements:
 * @self: a scenario
 *
 * How many requirements there are on all levels, weak ones included.
 *
 * Returns: a number of requirements
 *
 * Since: 1.0
 */
guint
jobs_scenario_get_n_requirements (JobsScenario *self)
{
  g_autoptr (GPtrArray) actions = NULL;
  guint n = 0;

  g_return_val_if_fail (JOBS_IS_SCENARIO (self), 0);

  actions = dup_jobs (self);
  for (guint i = 0; i < actions->len; i++)
    {
      g_autoptr (GPtrArray) others = jobs_action_dup_requirements (g_ptr_array_index (actions, i));

      n += others->len;
    }

  return n;
}

typedef struct
{
  gint64 duration; /* µs */
  guint n_jobs;
} Path;

static Path find_longest_path (JobsEngine *engine);

static Path
path_of_action (JobsAction *action)
{
  Path path = { 0, 1 };

  if (JOBS_IS_ENGINE (action))
    {
      path = find_longest_path (JOBS_ENGINE (action));
      path.n_jobs++;
    }
  else if (JOBS_IS_DELAY_ACTION (action) && !jobs_action_get_forever (action))
    {
      path.duration = (gint64) jobs_delay_action_get_delay (JOBS_DELAY_ACTION (action)) * 1000;
    }

  return path;
}

static Path
find_longest_path (JobsEngine *engine)
{
  g_autoptr (GPtrArray) order = jobs_engine_dup_order (engine, NULL);
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  g_autofree Path *paths = NULL;
  Path longest = { 0, 0 };

  /* The file had no circle, but whoever changed the engine may have made one */
  if (order == NULL)
    return longest;

  paths = g_new0 (Path, order->len);
  for (guint i = 0; i < order->len; i++)
    {
      JobsAction *action = g_ptr_array_index (order, i);
      g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);
      Path best = { 0, 0 }, own = path_of_action (action);

      for (guint j = 0; j < others->len; j++)
        {
          guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, others->pdata[j]));
          const Path *other = place > 0 ? &paths[place - 1] : &best;

          if (other->duration > best.duration ||
              (other->duration == best.duration && other->n_jobs > best.n_jobs))
            best = *other;
        }

      paths[i] = (Path){ best.duration + own.duration, best.n_jobs + own.n_jobs };
      g_hash_table_insert (places, action, GUINT_TO_POINTER (i + 1));
      if (paths[i].duration > longest.duration ||
          (paths[i].duration == longest.duration && paths[i].n_jobs > longest.n_jobs))
        longest = paths[i];
    }

  return longest;
}

/**
 * jobs_scenario_get_longest_path:
 * @self: a scenario
 * @duration: (out) (optional): the delays on it, one after the other, in µs
 *
 * The longest path of jobs that wait for one another, by the time of its delays,
 * and among equals by its number of jobs.
 *
 * No run can take less than @duration, whatever the window. How long commands take
 * is not known, so they count as instant. A nested engine is one job, and those
 * of the longest path inside of it come on top.
 *
 * Returns: the number of jobs on it
 *
 * Since: 1.0
 */
guint
jobs_scenario_get_longest_path (JobsScenario *self,
                                gint64       *duration)
{
  Path path;

  g_return_val_if_fail (JOBS_IS_SCENARIO (self), 0);

  path = find_longest_path (self->engine);
  if (duration != NULL)
    *duration = path.duration;

  return path.n_jobs;
}
