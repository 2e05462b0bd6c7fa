/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "jobs-script.h"
#include "jobs-slurm-batch.h"
#include "jobs-types.h"

/* Slurm sends the whole script to the machine of each of them */
#define SCRIPT_MAX (64 * 1024)

typedef struct
{
  char *name;
  char *body; /* of its script */
} Part;

struct _JobsSlurmBatch
{
  guint      n_refs;
  char      *above;
  char      *run;
  char     **options;
  char      *folder;
  GPtrArray *parts; /* (element-type Part), by number */
  gsize      size;  /* of their bodies */
};

static void
part_free (gpointer data)
{
  Part *self = data;

  g_free (self->name);
  g_free (self->body);
  g_free (self);
}

JobsSlurmBatch *
jobs_slurm_batch_new (const char        *node,
                      const char        *above,
                      const char        *run,
                      const char *const *options,
                      GError           **error)
{
  JobsSlurmBatch *self;
  g_autofree char *name = g_strconcat (run != NULL ? run : "", run != NULL ? "." : "", "XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (above, name, NULL);

  if (g_mkdir_with_parents (above, 0700) != 0 || g_mkdtemp (folder) == NULL)
    {
      int saved_errno = errno;

      g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
                   /* Translators: a folder, a node, an error */
                   _("cannot make “%s” for a job on %s: %s"), folder, node, g_strerror (saved_errno));
      return NULL;
    }

  self = g_new0 (JobsSlurmBatch, 1);
  self->n_refs = 1;
  self->above = g_strdup (above);
  self->run = g_strdup (run);
  self->options = g_strdupv ((char **) options);
  self->folder = g_steal_pointer (&folder);
  self->parts = g_ptr_array_new_with_free_func (part_free);

  return self;
}

JobsSlurmBatch *
jobs_slurm_batch_ref (JobsSlurmBatch *self)
{
  self->n_refs++;

  return self;
}

void
jobs_slurm_batch_unref (JobsSlurmBatch *self)
{
  self->n_refs--;
  if (self->n_refs > 0)
    return;

  g_rmdir (self->folder);
  g_ptr_array_unref (self->parts);
  g_free (self->folder);
  g_strfreev (self->options);
  g_free (self->run);
  g_free (self->above);
  g_free (self);
}

guint
jobs_slurm_batch_count_refs (JobsSlurmBatch *self)
{
  return self->n_refs;
}

gboolean
jobs_slurm_batch_takes (JobsSlurmBatch    *self,
                        guint              max,
                        const char        *above,
                        const char        *run,
                        const char *const *options)
{
  return self->parts->len < max && self->size < SCRIPT_MAX && g_str_equal (self->above, above) &&
         g_strcmp0 (self->run, run) == 0 && g_strv_equal ((const char *const *) self->options, options);
}

/* It becomes the command, so that Slurm knows how that ends */
static char *
make_body (JobsProcess *process,
           guint        number,
           GError     **error)
{
  g_autoptr (GString) body = g_string_new (NULL);
  const char *directory = jobs_process_get_directory (process);
  const char *const *argv = jobs_process_get_argv (process);

  if (directory != NULL)
    {
      g_string_append (body, "cd -- ");
      jobs_script_append_word (body, directory);
      g_string_append_printf (body, " 2>/dev/null || fail %u 'its directory cannot be entered'\n", number);
    }
  if (!jobs_script_append_environment (body, jobs_process_get_environment (process), error))
    return NULL;
  g_string_append (body, "set --");
  for (; *argv != NULL; argv++)
    {
      g_string_append_c (body, ' ');
      jobs_script_append_word (body, *argv);
    }
  g_string_append_printf (body, "\ncommand -v -- \"$1\" >/dev/null || fail %u 'its program is not there'\n"
                                "exec \"$@\"\n", number);
  /* sbatch takes no script with line ends of DOS; all of these are between quotes */
  g_string_replace (body, "\r\n", "\r''\n", 0);

  return g_string_free (g_steal_pointer (&body), FALSE);
}

gboolean
jobs_slurm_batch_add (JobsSlurmBatch *self,
                      JobsProcess    *process,
                      char           *name,
                      guint          *number,
                      GError        **error)
{
  g_autofree char *own_name = name;
  g_autofree char *body = make_body (process, self->parts->len, error);
  Part *part;

  if (body == NULL)
    return FALSE;

  *number = self->parts->len;
  part = g_new0 (Part, 1);
  part->name = g_steal_pointer (&own_name);
  self->size += strlen (body);
  part->body = g_steal_pointer (&body);
  g_ptr_array_add (self->parts, part);

  return TRUE;
}

const char *
jobs_slurm_batch_get_folder (JobsSlurmBatch *self)
{
  return self->folder;
}

static const char *const file_names[JOBS_SLURM_N_FILES] = { "in", "out", "err", "why" };

char *
jobs_slurm_batch_dup_file (JobsSlurmBatch *self,
                           guint           which,
                           guint           number)
{
  g_autofree char *name = g_strdup_printf ("%s.%u", file_names[which], number);

  return g_build_filename (self->folder, name, NULL);
}

static const Part *
first_part (JobsSlurmBatch *self,
            GArray         *numbers)
{
  return g_ptr_array_index (self->parts, g_array_index (numbers, guint, 0));
}

const char *
jobs_slurm_batch_get_name (JobsSlurmBatch *self,
                           GArray         *numbers)
{
  return first_part (self, numbers)->name;
}

/* As --array takes them: 0-3,5 */
static char *
dup_ranges (GArray *numbers)
{
  GString *ranges = g_string_new ("--array=");
  guint last;

  for (guint i = 0; i < numbers->len; i = last + 1)
    {
      guint number = g_array_index (numbers, guint, i);

      last = i;
      while (last + 1 < numbers->len && g_array_index (numbers, guint, last + 1) == number + (last + 1 - i))
        last++;
      g_string_append_printf (ranges, "%s%u", i > 0 ? "," : "", number);
      if (last > i)
        g_string_append_printf (ranges, "-%u", number + (last - i));
    }

  return g_string_free (ranges, FALSE);
}

/* sbatch replaces %a and such in it */
static char *
dup_file_option (JobsSlurmBatch *self,
                 const char     *option,
                 guint           which,
                 const char     *number)
{
  g_auto (GStrv) pieces = g_strsplit (self->folder, "%", -1);
  g_autofree char *quoted = g_strjoinv ("%%", pieces);

  return g_strconcat (option, quoted, "/", file_names[which], ".", number, NULL);
}

char **
jobs_slurm_batch_dup_argv (JobsSlurmBatch *self,
                           GArray         *numbers)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *number =
    numbers->len > 1 ? g_strdup ("%a") : g_strdup_printf ("%u", g_array_index (numbers, guint, 0));
  g_autofree char *name = g_strconcat ("--job-name=", jobs_slurm_batch_get_name (self, numbers), NULL);
  g_autofree char *in = dup_file_option (self, "--input=", JOBS_SLURM_STDIN, number);
  g_autofree char *out = dup_file_option (self, "--output=", JOBS_SLURM_STDOUT, number);
  g_autofree char *err = dup_file_option (self, "--error=", JOBS_SLURM_STDERR, number);
  g_autofree char *ranges = dup_ranges (numbers);

  g_strv_builder_add_many (builder, "sbatch", "--no-requeue", NULL);
  g_strv_builder_addv (builder, (const char **) self->options);
  /* The last one counts, and without these nothing could be known of it */
  g_strv_builder_add_many (builder, "--parsable", name, in, out, err, NULL);
  if (numbers->len > 1)
    g_strv_builder_add (builder, ranges);

  return g_strv_builder_end (builder);
}

GBytes *
jobs_slurm_batch_make_script (JobsSlurmBatch *self,
                              GArray         *numbers)
{
  g_autoptr (GString) script = g_string_new ("#!/bin/sh\nfail () { printf %s \"$2\" >");
  g_autofree char *file = g_build_filename (self->folder, file_names[JOBS_SLURM_WHY], NULL);

  jobs_script_append_word (script, file);
  g_string_replace (script, "\r\n", "\r''\n", 0);
  g_string_append (script, ".\"$1\"; exit 127; }\n");
  if (numbers->len == 1)
    {
      g_string_append (script, first_part (self, numbers)->body);
      return g_string_free_to_bytes (g_steal_pointer (&script));
    }

  /* A command is to find the same, in whatever company it comes */
  g_string_append (script,
                   "set -- \"$SLURM_ARRAY_TASK_ID\"\n"
                   "unset SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_COUNT SLURM_ARRAY_TASK_ID\n"
                   "unset SLURM_ARRAY_TASK_MAX SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_STEP\n"
                   "case $1 in\n");
  for (guint i = 0; i < numbers->len; i++)
    {
      guint number = g_array_index (numbers, guint, i);
      const Part *part = g_ptr_array_index (self->parts, number);

      g_string_append_printf (script, "%u)\n%s;;\n", number, part->body);
    }
  g_string_append (script, "esac\n");

  return g_string_free_to_bytes (g_steal_pointer (&script));
}
