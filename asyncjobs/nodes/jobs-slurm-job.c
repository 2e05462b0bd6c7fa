/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-client.h"
#include "jobs-process-private.h"
#include "jobs-script.h"
#include "jobs-slurm-cluster.h"
#include "jobs-slurm-job.h"
#include "jobs-slurm-orphans.h"
#include "jobs-types.h"

/* How much of its output is handed on at once */
#define CHUNK (32 * 1024)

/* For how long it may be pending for a reason that does not go by itself: somebody
 * may be about to change a limit, ms */
#define HOPELESS_LIMIT 20000

enum
{
  FILE_INPUT,
  FILE_OUTPUT,
  FILE_ERROR,
  N_FILES,
};

struct _JobsSlurmJob
{
  JobsProcess      *process;
  JobsSlurmCluster *cluster;
  char             *node;
  char             *folder;
  char             *files[N_FILES];
  goffset           n_read[N_FILES];
  gint64            id;
  gboolean          is_running;
  gboolean          is_asking; /* sacct */
  int               signum;    /* asked for */
  gboolean          was_killed; /* in an earlier look already */
  gint64            hopeless_since;
  char             *refusal; /* why it is cancelled */
};

static G_DEFINE_QUARK (jobs-slurm-job, job)

static void
job_free (JobsSlurmJob *self)
{
  for (guint i = 0; i < N_FILES; i++)
    {
      if (self->files[i] != NULL)
        g_unlink (self->files[i]);
      g_free (self->files[i]);
    }
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_object_set_qdata (G_OBJECT (self->process), job_quark (), NULL);
  jobs_slurm_cluster_unref (self->cluster);
  g_clear_object (&self->process);
  g_free (self->refusal);
  g_free (self->folder);
  g_free (self->node);
  g_free (self);
}

/* Takes error (nullable), and the job */
static void
job_end (JobsSlurmJob *self,
         int           wait_status,
         GError       *error)
{
  g_autoptr (JobsProcess) process = g_object_ref (self->process);
  g_autoptr (GError) reason = error;

  jobs_slurm_cluster_forget (self->cluster, self);
  job_free (self);
  if (reason != NULL)
    jobs_process_fail (process, reason);
  else
    jobs_process_end (process, wait_status);
}

/* Its output */

/* What has come since the last time. It is opened each time: that is what makes a shared
 * file system look whether there is more, and many jobs take no descriptors. FALSE: it
 * cannot be read */
static gboolean
read_file (JobsSlurmJob *self,
           guint         which)
{
  g_autofree guint8 *data = NULL;
  gssize size = 0;
  int fd = open (self->files[which], O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return FALSE;

  data = g_malloc (CHUNK);
  do
    {
      size = pread (fd, data, CHUNK, self->n_read[which]);
      if (size > 0)
        {
          self->n_read[which] += size;
          jobs_process_output (self->process, which, data, (gsize) size);
        }
    }
  while (size > 0 || (size < 0 && errno == EINTR));
  close (fd);

  return size == 0;
}

/* At its end, what is missing is said */
static void
read_output (JobsSlurmJob *self,
             gboolean      has_ended)
{
  for (guint which = FILE_OUTPUT; which <= FILE_ERROR; which++)
    if (!read_file (self, which) && has_ended)
      {
        /* Translators: a file, an error */
        g_autofree char *note = g_strdup_printf (_("its output cannot be read from “%s”: %s\n"),
                                                 self->files[which], g_strerror (errno));

        jobs_process_output (self->process, STDERR_FILENO, (const guint8 *) note, strlen (note));
      }
}

/* Its end */

static const struct
{
  const char *state; /* as squeue and sacct call them: squeue(1), JOB STATE CODES */
  JobsError   code;
  const char *text;
} failures[] = {
  { "TIMEOUT", JOBS_ERROR_TIME_LIMIT, N_("it reached its limit of time in Slurm: give it more by ‘time’") },
  { "DEADLINE", JOBS_ERROR_TIME_LIMIT, N_("it reached its deadline in Slurm") },
  { "OUT_OF_MEMORY", JOBS_ERROR_OUT_OF_MEMORY, N_("it took more memory than it had asked for: give it more by ‘memory’") },
  { "NODE_FAIL", JOBS_ERROR_NODE_FAILED, N_("the machine on which it ran has failed") },
  { "BOOT_FAIL", JOBS_ERROR_NODE_FAILED, N_("the machine on which it should run did not start") },
  { "PREEMPTED", JOBS_ERROR_PREEMPTED, N_("it had to make room for another job of Slurm") },
  { "CANCELLED", JOBS_ERROR_SIGNALED, N_("it was cancelled in Slurm, and not from here") },
  { "REVOKED", JOBS_ERROR_SIGNALED, N_("it was cancelled in Slurm, and not from here") },
};

/* FALSE: it goes on */
static gboolean
take_end (JobsSlurmJob *self,
          const char   *state,
          int           wait_status)
{
  GError *error = NULL;

  if (g_str_equal (state, "COMPLETED") || g_str_equal (state, "FAILED"))
    {
      /* Something in Slurm itself */
      if (g_str_equal (state, "FAILED") && wait_status == 0)
        error = g_error_new_literal (JOBS_ERROR, JOBS_ERROR_NODE_FAILED, _("Slurm could not run it"));
      /* No process has both of them: it is the number of an error of Slurm's own */
      else if (WIFSIGNALED (wait_status) && WEXITSTATUS (wait_status) != 0)
        error = g_error_new (JOBS_ERROR, JOBS_ERROR_NODE_FAILED,
                             /* Translators: a folder, a node */
                             _("its machine could not begin it: all machines of %s should share “%s”, where its output "
                               "goes; choose another place by ‘folder’"),
                             self->node, self->folder);
    }
  else
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (failures) && !g_str_has_prefix (state, failures[i].state))
        i++;
      if (i == G_N_ELEMENTS (failures))
        return FALSE;
      if (self->refusal != NULL && failures[i].code == JOBS_ERROR_SIGNALED)
        error = g_error_new (JOBS_ERROR, JOBS_ERROR_REFUSED,
                             /* Translators: a word of Slurm's */
                             _("Slurm would leave it pending for ever: %s; change what it asks for"), self->refusal);
      else if (failures[i].code != JOBS_ERROR_SIGNALED || self->signum == 0)
        error = g_error_new_literal (JOBS_ERROR, failures[i].code, _(failures[i].text));
      else
        wait_status = self->signum;
    }

  read_output (self, TRUE);
  job_end (self, wait_status, error);

  return TRUE;
}

/* Slurm has dropped it from its queue: what it keeps for longer, if it does */
static void
accounted_cb (int         status,
              const char *out,
              const char *err,
              gpointer    user_data)
{
  g_autoptr (JobsProcess) process = user_data;
  JobsSlurmJob *self = g_object_get_qdata (G_OBJECT (process), job_quark ());
  g_auto (GStrv) fields = g_strsplit (out, "|", 2);

  if (self == NULL)
    return;

  self->is_asking = FALSE;
  /* The next look will ask again */
  if (status != 0 && jobs_slurm_cluster_is_away (err))
    return;

  if (status == 0 && g_strv_length (fields) == 2)
    {
      /* EXIT:SIGNAL */
      char *end = NULL;
      int exit_status = (int) strtol (fields[1], &end, 10);
      int signum = *end == ':' ? (int) strtol (end + 1, NULL, 10) : 0;

      if (take_end (self, fields[0], (exit_status << 8) | signum))
        return;
    }

  job_end (self, 0,
           g_error_new (JOBS_ERROR, JOBS_ERROR_LOST,
                        _("Slurm knows nothing of its job %" G_GINT64_FORMAT " any more, and how it ended is not known"),
                        self->id));
}

static void
ask_accounting (JobsSlurmJob *self)
{
  g_autofree char *number = g_strdup_printf ("--jobs=%" G_GINT64_FORMAT, self->id);
  const char *argv[] = { "sacct", "--noheader", "--parsable2", "--allocations", number,
                         "--format=State,ExitCode", NULL };

  if (self->is_asking)
    return;

  self->is_asking = TRUE;
  jobs_client_run (jobs_process_get_context (self->process), argv, NULL, accounted_cb,
                   g_object_ref (self->process));
}

/* Of a reason that will not go by itself: squeue(1), JOB REASON CODES */
static gboolean
is_hopeless (const char *reason)
{
  static const char *const reasons[] = {
    "BadConstraints", "DependencyNeverSatisfied", "InvalidAccount", "InvalidQOS", "JobHeldAdmin",
    "JobHeldUser", "PartitionConfig", "PartitionDown", "PartitionInactive", "PartitionNodeLimit",
    "PartitionTimeLimit", "AccountNotAllowed", "QOSNotAllowed", "ReservationDeleted",
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reason, reasons[i]))
      return TRUE;

  /* Each user's, account's and job's limit has a name of its own */
  return g_str_has_suffix (reason, "PerJob") || g_str_has_suffix (reason, "PerJobLimit");
}

static void
take_pending (JobsSlurmJob *self,
              const char   *reason)
{
  gint64 now = g_get_monotonic_time ();

  if (!is_hopeless (reason))
    {
      self->hopeless_since = 0;
      return;
    }
  if (self->hopeless_since == 0)
    self->hopeless_since = now;
  if (now - self->hopeless_since < HOPELESS_LIMIT * 1000)
    return;

  /* It ends once that is done: nothing of it may be left behind */
  if (self->refusal == NULL)
    self->refusal = g_strdup (reason);
  jobs_slurm_cluster_signal (self->cluster, self->id, 0);
}

static void
looked_cb (const char *state,
           const char *reason,
           int         wait_status,
           gpointer    user_data)
{
  JobsSlurmJob *self = user_data;

  if (state == NULL)
    {
      ask_accounting (self);
      return;
    }

  self->is_running = !g_str_equal (state, "PENDING") && !g_str_equal (state, "CONFIGURING");
  if (take_end (self, state, wait_status))
    return;

  /* A signal does not reach one that has not started, nor one that was about to */
  if (self->signum != 0 && (!self->is_running || self->was_killed))
    jobs_slurm_cluster_signal (self->cluster, self->id, 0);
  self->was_killed = self->signum == SIGKILL;
  if (g_str_equal (state, "PENDING"))
    take_pending (self, reason);
  else
    read_output (self, FALSE);
}

static void
submitted_cb (gint64      id,
              const char *reason,
              gpointer    user_data)
{
  JobsSlurmJob *self = user_data;
  g_autofree char *words = NULL;

  self->id = id;
  if (id > 0)
    {
      /* It was to be killed meanwhile */
      if (self->signum != 0)
        jobs_slurm_cluster_signal (self->cluster, id, 0);
    }
  else if (self->signum != 0)
    {
      jobs_slurm_cluster_withdraw (self->cluster, self);
      job_end (self, self->signum, NULL);
    }
  else if (reason != NULL)
    {
      words = g_utf8_make_valid (reason, -1);
      job_end (self, 0, g_error_new (JOBS_ERROR, JOBS_ERROR_REFUSED, _("%s does not take it: %s"), self->node,
                                     g_strstrip (words)));
    }
}

/* Its begin */

static void
set_file_error (JobsSlurmJob *self,
                const char   *filename,
                GError      **error)
{
  int saved_errno = errno;

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
               _("cannot make “%s” for a job on %s: %s"), filename, self->node, g_strerror (saved_errno));
}

/* All are there from the beginning: what a shared file system knows not to be there, it
 * does not look for again so soon */
static gboolean
make_files (JobsSlurmJob *self,
            const char   *above,
            GError      **error)
{
  static const char *const names[N_FILES] = { "in", "out", "err" };
  GBytes *input = jobs_process_get_stdin (self->process);
  g_autofree char *folder = g_build_filename (above, "XXXXXX", NULL);

  if (g_mkdir_with_parents (above, 0700) != 0 || g_mkdtemp (folder) == NULL)
    {
      set_file_error (self, folder, error);
      return FALSE;
    }
  self->folder = g_steal_pointer (&folder);
  for (guint i = 0; i < N_FILES; i++)
    {
      gsize size = 0;
      const char *data = i == FILE_INPUT && input != NULL ? g_bytes_get_data (input, &size) : NULL;

      self->files[i] = g_build_filename (self->folder, names[i], NULL);
      if (!g_file_set_contents_full (self->files[i], data != NULL ? data : "", (gssize) size,
                                     G_FILE_SET_CONTENTS_NONE, 0600, error))
        return FALSE;
    }

  return TRUE;
}

/* It becomes the command, so that Slurm knows how that ends */
static GBytes *
make_script (JobsSlurmJob *self,
             GError      **error)
{
  g_autoptr (GString) script = g_string_new ("#!/bin/sh\n");
  const char *directory = jobs_process_get_directory (self->process);
  const char *const *argv = jobs_process_get_argv (self->process);

  if (directory != NULL)
    {
      g_string_append (script, "cd -- ");
      jobs_script_append_word (script, directory);
      g_string_append (script, " || exit 1\n");
    }
  if (!jobs_script_append_environment (script, jobs_process_get_environment (self->process), error))
    return NULL;
  g_string_append (script, "exec");
  for (; *argv != NULL; argv++)
    {
      g_string_append_c (script, ' ');
      jobs_script_append_word (script, *argv);
    }
  g_string_append_c (script, '\n');
  /* sbatch takes no script with line ends of DOS; all of these are between quotes */
  g_string_replace (script, "\r\n", "\r''\n", 0);

  return g_string_free_to_bytes (g_steal_pointer (&script));
}

static char *
dup_name (JobsSlurmJob *self)
{
  const char *const *changes = jobs_process_get_environment (self->process);
  g_autofree char *unique = g_uuid_string_random ();

  for (; *changes != NULL; changes++)
    if (g_str_has_prefix (*changes, JOBS_ATTEMPT_VARIABLE "="))
      return g_strconcat (JOBS_SLURM_NAME_PREFIX, *changes + strlen (JOBS_ATTEMPT_VARIABLE "="), NULL);

  return g_strconcat (JOBS_SLURM_NAME_PREFIX, unique, NULL);
}

/* In which sbatch replaces %j and such */
static char *
dup_file_option (JobsSlurmJob *self,
                 const char   *option,
                 guint         which)
{
  g_auto (GStrv) pieces = g_strsplit (self->files[which], "%", -1);
  g_autofree char *quoted = g_strjoinv ("%%", pieces);

  return g_strconcat (option, quoted, NULL);
}

static void
submit (JobsSlurmJob      *self,
        const char *const *options,
        GBytes            *script)
{
  static const JobsSlurmFuncs funcs = { submitted_cb, looked_cb };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autofree char *name = dup_name (self);
  g_autofree char *job_name = g_strconcat ("--job-name=", name, NULL);
  g_autofree char *in = dup_file_option (self, "--input=", FILE_INPUT);
  g_autofree char *out = dup_file_option (self, "--output=", FILE_OUTPUT);
  g_autofree char *err = dup_file_option (self, "--error=", FILE_ERROR);

  g_strv_builder_add_many (builder, "sbatch", "--parsable", "--no-requeue", job_name, in, out, err, NULL);
  g_strv_builder_addv (builder, (const char **) options);
  argv = g_strv_builder_end (builder);
  jobs_slurm_cluster_submit (self->cluster, (const char *const *) argv, script, &funcs, self);
}

gboolean
jobs_slurm_job_begin (JobsProcess       *process,
                      const char        *node,
                      const char        *folder,
                      const char *const *options,
                      GError           **error)
{
  JobsSlurmJob *self = g_new0 (JobsSlurmJob, 1);
  g_autoptr (GBytes) script = NULL;

  self->process = g_object_ref (process);
  self->cluster = jobs_slurm_cluster_ref_for_context (jobs_process_get_context (process));
  self->node = g_strdup (node);
  g_object_set_qdata (G_OBJECT (process), job_quark (), self);

  if (make_files (self, folder, error))
    script = make_script (self, error);
  if (script == NULL)
    {
      job_free (self);
      return FALSE;
    }
  submit (self, options, script);

  return TRUE;
}

void
jobs_slurm_job_kill (JobsProcess *process,
                     int          signum)
{
  JobsSlurmJob *self = g_object_get_qdata (G_OBJECT (process), job_quark ());

  if (self == NULL)
    return;

  if (signum != SIGCONT && signum != SIGSTOP && signum != SIGTSTP)
    self->signum = signum;
  if (self->id == 0)
    {
      /* Where sbatch goes on, what it says is waited for: nothing may be left behind */
      if (self->signum != 0 && jobs_slurm_cluster_withdraw (self->cluster, self))
        job_end (self, signum, NULL);
    }
  else if (self->is_running)
    jobs_slurm_cluster_signal (self->cluster, self->id, signum);
  else if (self->signum != 0)
    jobs_slurm_cluster_signal (self->cluster, self->id, 0);
}
