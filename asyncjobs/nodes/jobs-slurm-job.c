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

/* How much of its output is handed on at once, and read in one turn */
#define CHUNK (32 * 1024)
#define PIECE (256 * 1024)

/* And of that which has been read, removed: some file systems take their time for it */
#define SHRED (16 * 1024 * 1024)

/* That of a script which could not become the command, and of what a shell does not find */
#define SCRIPT_STATUS 127

/* For how long it may be pending for a reason that does not go by itself: somebody
 * may be about to change a limit, ms */
#define HOPELESS_LIMIT 20000

struct _JobsSlurmJob
{
  JobsProcess      *process;
  JobsSlurmCluster *cluster;
  JobsSlurmBatch   *batch;
  char             *node;
  char             *files[JOBS_SLURM_N_FILES];
  goffset           n_read[JOBS_SLURM_N_FILES];
  char             *id;
  char             *name;
  char             *number; /* of its own, in an array; NULL: it has not begun */
  gboolean          is_running;
  gboolean          is_asking;  /* sacct */
  gboolean          is_reading; /* waits for its turn */
  int               signum;     /* asked for */
  gboolean          was_killed; /* in an earlier look already */
  gint64            hopeless_since;
  char             *refusal; /* why it is cancelled */
  gboolean          has_ended; /* and only its output is missing */
  gboolean          has_read;  /* all of it */
  int               wait_status;
  GError           *error;
};

static G_DEFINE_QUARK (jobs-slurm-job, job)

static void
job_free (JobsSlurmJob *self)
{
  for (guint i = 0; i < JOBS_SLURM_N_FILES; i++)
    {
      if (self->files[i] != NULL)
        g_unlink (self->files[i]);
      g_free (self->files[i]);
    }
  g_object_set_qdata (G_OBJECT (self->process), job_quark (), NULL);
  if (self->batch != NULL)
    jobs_slurm_cluster_unref_batch (self->cluster, self->batch);
  jobs_slurm_cluster_unref (self->cluster);
  g_clear_object (&self->process);
  g_clear_error (&self->error);
  g_free (self->refusal);
  g_free (self->number);
  g_free (self->name);
  g_free (self->id);
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

/* What has come since the last time, up to @left bytes. It is opened each time: that is what
 * makes a shared file system look whether there is more, and many jobs take no descriptors.
 * FALSE: it cannot be read */
static gboolean
read_file (JobsSlurmJob *self,
           guint         which,
           gsize        *left)
{
  g_autofree guint8 *data = NULL;
  gssize size = 0;
  int fd = open (self->files[which], O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return FALSE;

  data = g_malloc (CHUNK);
  do
    {
      size = pread (fd, data, MIN (CHUNK, *left), self->n_read[which]);
      if (size > 0)
        {
          self->n_read[which] += size;
          *left -= size;
          jobs_process_output (self->process, which, data, (gsize) size);
        }
    }
  while (*left > 0 && (size > 0 || (size < 0 && errno == EINTR)));
  close (fd);

  return size >= 0;
}

/* At its end, what is missing is said. FALSE: there is more */
static gboolean
read_files (JobsSlurmJob *self)
{
  gsize left = PIECE;

  for (guint which = JOBS_SLURM_STDOUT; which <= JOBS_SLURM_STDERR && left > 0; which++)
    if (!read_file (self, which, &left) && self->has_ended)
      {
        /* Translators: a file, an error */
        g_autofree char *note = g_strdup_printf (_("its output cannot be read from “%s”: %s\n"),
                                                 self->files[which], g_strerror (errno));

        jobs_process_output (self->process, STDERR_FILENO, (const guint8 *) note, strlen (note));
      }

  return left > 0;
}

/* FALSE: there is more */
static gboolean
shred_files (JobsSlurmJob *self)
{
  for (guint which = JOBS_SLURM_STDOUT; which <= JOBS_SLURM_STDERR; which++)
    if (self->n_read[which] > SHRED)
      {
        self->n_read[which] -= SHRED;
        return truncate (self->files[which], self->n_read[which]) != 0;
      }

  return TRUE;
}

static gboolean
read_cb (gpointer data)
{
  JobsSlurmJob *self = data;

  /* What it has left in the background may still write, and is not listened to */
  if (!self->has_read)
    {
      gboolean has_ended = self->has_ended;

      if (!read_files (self))
        return G_SOURCE_CONTINUE;
      self->has_read = has_ended;
    }
  if (self->has_read && !shred_files (self))
    return G_SOURCE_CONTINUE;

  self->is_reading = FALSE;
  if (self->has_read)
    job_end (self, self->wait_status, g_steal_pointer (&self->error));

  return G_SOURCE_REMOVE;
}

static void
read_output (JobsSlurmJob *self)
{
  if (self->is_reading)
    return;

  self->is_reading = TRUE;
  jobs_slurm_turns_add (jobs_slurm_cluster_get_turns (self->cluster), read_cb, self);
}

/* Once all of its output has been read. Takes error (nullable) */
static void
job_end_later (JobsSlurmJob *self,
               int           wait_status,
               GError       *error)
{
  self->has_ended = TRUE;
  self->wait_status = wait_status;
  self->error = error;
  jobs_slurm_cluster_forget (self->cluster, self);
  read_output (self);
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

/* NULL: its script became the command */
static GError *
make_script_error (JobsSlurmJob *self,
                   int           wait_status)
{
  g_autofree char *words = NULL;
  g_autofree char *valid = NULL;
  gsize size;

  if (!WIFEXITED (wait_status) || WEXITSTATUS (wait_status) != SCRIPT_STATUS ||
      !g_file_get_contents (self->files[JOBS_SLURM_WHY], &words, &size, NULL) || size == 0)
    return NULL;

  valid = g_utf8_make_valid (words, (gssize) size);

  return g_error_new (JOBS_ERROR, JOBS_ERROR_SPAWN,
                      /* Translators: a machine, what its shell says */
                      _("cannot run “%s” on %s: %s"), jobs_process_get_argv (self->process)[0], self->node,
                      jobs_script_translate (valid));
}

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
                             /* Translators: a node, a folder */
                             _("its machine could not begin it: all machines of %s should share “%s”, where its output "
                               "goes; choose another place by ‘folder’"),
                             self->node, jobs_slurm_batch_get_folder (self->batch));
      else
        error = make_script_error (self, wait_status);
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

  job_end_later (self, wait_status, error);

  return TRUE;
}

/* A line of sacct's: STATE|EXIT:SIGNAL|NAME. FALSE: it is about another job, or one that goes on */
static gboolean
take_account (JobsSlurmJob *self,
              const char   *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "|", 3);
  char *end = NULL;
  int exit_status, signum;

  /* Where Slurm has forgotten all, its numbers begin again */
  if (g_strv_length (fields) < 3 || !g_str_equal (fields[2], self->name))
    return FALSE;

  exit_status = (int) strtol (fields[1], &end, 10);
  signum = *end == ':' ? (int) strtol (end + 1, NULL, 10) : 0;

  return take_end (self, fields[0], (exit_status << 8) | signum);
}

/* FALSE: it is not said how it ended, now or at all */
static gboolean
take_accounts (JobsSlurmJob *self,
               int           status,
               const char   *out)
{
  g_auto (GStrv) lines = g_strsplit (out, "\n", -1);

  for (guint i = 0; status == 0 && lines[i] != NULL; i++)
    if (take_account (self, lines[i]))
      return TRUE;

  return FALSE;
}

static void
completed_cb (int         status,
              const char *out,
              const char *err,
              gpointer    user_data)
{
  g_autoptr (JobsProcess) process = user_data;
  JobsSlurmJob *self = g_object_get_qdata (G_OBJECT (process), job_quark ());

  if (self == NULL || self->has_ended)
    return;

  if (!take_accounts (self, status, out))
    job_end_later (self, 0,
                   g_error_new (JOBS_ERROR, JOBS_ERROR_LOST,
                                _("Slurm knows nothing of its job %s any more, and how it ended is not known"),
                                self->id));
}

static void
ask_sacct (JobsSlurmJob  *self,
           const char    *source,
           const char    *id,
           JobsClientFunc func)
{
  g_autofree char *option = g_strconcat ("--jobs=", id, NULL);
  const char *argv[] = { "sacct", source, "--noheader", "--parsable2", "--duplicates", option,
                         "--format=State,ExitCode,JobName", NULL };

  jobs_client_run (jobs_process_get_context (self->process), argv, NULL, NULL, func, g_object_ref (self->process));
}

static void
accounted_cb (int         status,
              const char *out,
              const char *err,
              gpointer    user_data)
{
  g_autoptr (JobsProcess) process = user_data;
  JobsSlurmJob *self = g_object_get_qdata (G_OBJECT (process), job_quark ());

  if (self == NULL || self->has_ended)
    return;

  if (status != 0 && jobs_slurm_cluster_is_away (err))
    /* The next look will ask again */
    self->is_asking = FALSE;
  else if (!take_accounts (self, status, out))
    ask_sacct (self, "--completion", self->number != NULL ? self->number : self->id, completed_cb);
}

/* Slurm has dropped it from its queue: what it keeps for longer, if it does, is its
 * accounting, or a file of those that have completed */
static void
ask_accounting (JobsSlurmJob *self)
{
  if (self->is_asking)
    return;

  self->is_asking = TRUE;
  ask_sacct (self, "--allocations", self->id, accounted_cb);
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
           const char *number,
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
  if (self->is_running && self->number == NULL)
    self->number = g_strdup (number);
  if (take_end (self, state, wait_status))
    return;

  /* A signal does not reach one that has not started, nor one that was about to */
  if (self->signum != 0 && (!self->is_running || self->was_killed))
    jobs_slurm_cluster_signal (self->cluster, self->id, 0);
  self->was_killed = self->signum == SIGKILL;
  if (g_str_equal (state, "PENDING"))
    take_pending (self, reason);
  else
    read_output (self);
}

static void
submitted_cb (const char *id,
              const char *name,
              const char *reason,
              gpointer    user_data)
{
  JobsSlurmJob *self = user_data;
  g_autofree char *words = NULL;

  if (id != NULL)
    {
      self->id = g_strdup (id);
      self->name = g_strdup (name);
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
      /* Translators: a node, what Slurm says */
      job_end (self, 0, g_error_new (JOBS_ERROR, JOBS_ERROR_REFUSED, _("%s does not take it: %s"), self->node,
                                     g_strstrip (words)));
    }
}

/* Its begin */

/* All are there from the beginning: what a shared file system knows not to be there, it
 * does not look for again so soon. The last one is looked for once */
static gboolean
make_files (JobsSlurmJob *self,
            guint         number,
            GError      **error)
{
  GBytes *input = jobs_process_get_stdin (self->process);

  for (guint i = 0; i < JOBS_SLURM_N_FILES; i++)
    {
      gsize size = 0;
      const char *data = i == JOBS_SLURM_STDIN && input != NULL ? g_bytes_get_data (input, &size) : NULL;

      self->files[i] = jobs_slurm_batch_dup_file (self->batch, i, number);
      if (i != JOBS_SLURM_WHY &&
          !g_file_set_contents_full (self->files[i], data != NULL ? data : "", (gssize) size,
                                     G_FILE_SET_CONTENTS_NONE, 0600, error))
        return FALSE;
    }

  return TRUE;
}

/* To which attempt it belongs; NULL: that is not known */
static const char *
find_mark (JobsSlurmJob *self)
{
  const char *const *changes = jobs_process_get_environment (self->process);

  for (; *changes != NULL; changes++)
    if (g_str_has_prefix (*changes, JOBS_ATTEMPT_VARIABLE "="))
      {
        const char *mark = *changes + strlen (JOBS_ATTEMPT_VARIABLE "=");

        return mark[strspn (mark, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-/")] == '\0' ? mark : NULL;
      }

  return NULL;
}

static gboolean
submit (JobsSlurmJob      *self,
        const char        *above,
        const char *const *options,
        GError           **error)
{
  static const JobsSlurmFuncs funcs = { submitted_cb, looked_cb };
  const char *mark = find_mark (self);
  g_autofree char *run = mark != NULL ? g_strndup (mark, strcspn (mark, "/")) : NULL;
  g_autofree char *unique = g_uuid_string_random ();
  char *name = g_strconcat (JOBS_SLURM_NAME_PREFIX, mark != NULL ? mark : "", mark != NULL ? "/" : "", unique, NULL);
  guint number;

  self->batch = jobs_slurm_cluster_ref_batch (self->cluster, self->node, above, run, options, error);
  if (self->batch == NULL)
    g_free (name);
  else if (jobs_slurm_batch_add (self->batch, self->process, name, &number, error) &&
           make_files (self, number, error))
    {
      jobs_slurm_cluster_submit (self->cluster, self->batch, number, &funcs, self);
      return TRUE;
    }

  return FALSE;
}

gboolean
jobs_slurm_job_begin (JobsProcess       *process,
                      const char        *node,
                      const char        *folder,
                      const char *const *options,
                      GError           **error)
{
  JobsSlurmJob *self = g_new0 (JobsSlurmJob, 1);

  self->process = g_object_ref (process);
  self->cluster = jobs_slurm_cluster_ref_for_context (jobs_process_get_context (process));
  self->node = g_strdup (node);
  g_object_set_qdata (G_OBJECT (process), job_quark (), self);
  if (submit (self, folder, options, error))
    return TRUE;

  job_free (self);

  return FALSE;
}

void
jobs_slurm_job_kill (JobsProcess *process,
                     int          signum)
{
  JobsSlurmJob *self = g_object_get_qdata (G_OBJECT (process), job_quark ());

  if (self == NULL || self->has_ended)
    return;

  if (signum != SIGCONT && signum != SIGSTOP && signum != SIGTSTP)
    self->signum = signum;
  if (self->id == NULL)
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
