/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-problems.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A hostile file could otherwise make a report of gigabytes */
#define MAX_PROBLEMS 10000
#define MAX_BYTES    (1024 * 1024)
#define MAX_LENGTH   2000

typedef struct
{
  JobsPlace place;
  JobsError code;
  char *text;
} Problem;

typedef struct
{
  GArray *problems; /* of Problem */
  gsize n_bytes;
  guint n_left_out;
} Heap;

struct _JobsProblems
{
  char *name;
  Heap errors;
  Heap warnings;
};

static void
problem_clear (gpointer data)
{
  Problem *problem = data;

  g_free (problem->text);
}

static GArray *
make_array (void)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Problem));

  g_array_set_clear_func (array, problem_clear);

  return array;
}

/* One line of bounded length that no terminal acts upon, whatever names the
 * file has */
static char *
tame (const char *text)
{
  GString *tamed = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (tamed->len > MAX_LENGTH)
        {
          g_string_append (tamed, "…");
          break;
        }

      if (c == '\n')
        g_string_append (tamed, "\\n");
      else if (c == '\t')
        g_string_append (tamed, "\\t");
      else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        g_string_append_printf (tamed, "\\u%04x", c);
      else
        g_string_append_unichar (tamed, c);
    }

  return g_string_free (tamed, FALSE);
}

static void heap_add (Heap       *heap,
                      JobsPlace   place,
                      JobsError   code,
                      const char *format,
                      va_list     args) G_GNUC_PRINTF (4, 0);

static void
heap_add (Heap       *heap,
          JobsPlace   place,
          JobsError   code,
          const char *format,
          va_list     args)
{
  g_autofree char *text = NULL;
  Problem problem = { place, code, NULL };

  if (heap->problems->len >= MAX_PROBLEMS || heap->n_bytes > MAX_BYTES)
    {
      heap->n_left_out++;
      return;
    }

  text = g_strdup_vprintf (format, args);
  problem.text = tame (text);
  heap->n_bytes += strlen (problem.text);
  g_array_append_val (heap->problems, problem);
}

static int
compare_problems (gconstpointer a,
                  gconstpointer b)
{
  const Problem *one = a, *two = b;

  if (one->place.line != two->place.line)
    return one->place.line < two->place.line ? -1 : 1;
  if (one->place.column != two->place.column)
    return one->place.column < two->place.column ? -1 : 1;
  return 0;
}

/* The same text in the same place comes from what is read more than once: an
 * alias, the jobs inside of each member of a matrix */
static char **
heap_dup_lines (Heap       *heap,
                const char *name,
                const char *prefix)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  const Problem *last = NULL;

  g_array_sort (heap->problems, compare_problems);

  for (guint i = 0; i < heap->problems->len; i++)
    {
      const Problem *problem = &g_array_index (heap->problems, Problem, i);

      if (last != NULL && compare_problems (last, problem) == 0 &&
          g_str_equal (last->text, problem->text))
        continue;

      g_ptr_array_add (lines, g_strdup_printf ("%s:%u:%u: %s%s", name, problem->place.line,
                                               problem->place.column, prefix, problem->text));
      last = problem;
    }

  if (heap->n_left_out > 0)
    g_ptr_array_add (lines,
                     /* Translators: a file, a line, a column */
                     g_strdup_printf (_ ("%s:%u:%u: that is not all: what comes behind is left out"),
                                      name, last->place.line, last->place.column));

  g_ptr_array_add (lines, NULL);

  return (char **) g_ptr_array_steal (lines, NULL);
}

JobsProblems *
jobs_problems_new (const char *name)
{
  JobsProblems *self = g_new0 (JobsProblems, 1);

  self->name = tame (name);
  self->errors.problems = make_array ();
  self->warnings.problems = make_array ();

  return self;
}

void
jobs_problems_free (JobsProblems *self)
{
  g_array_unref (self->errors.problems);
  g_array_unref (self->warnings.problems);
  g_free (self->name);
  g_free (self);
}

void
jobs_problems_add (JobsProblems *self,
                   JobsPlace     place,
                   JobsError     code,
                   const char   *format,
                   ...)
{
  va_list args;

  va_start (args, format);
  heap_add (&self->errors, place, code, format, args);
  va_end (args);
}

void
jobs_problems_warn (JobsProblems *self,
                    JobsPlace     place,
                    const char   *format,
                    ...)
{
  va_list args;

  va_start (args, format);
  heap_add (&self->warnings, place, JOBS_ERROR_SCHEMA, format, args);
  va_end (args);
}

guint
jobs_problems_count (JobsProblems *self)
{
  return self->errors.problems->len + self->errors.n_left_out;
}

gboolean
jobs_problems_is_full (JobsProblems *self)
{
  return self->errors.n_left_out > 0;
}

GError *
jobs_problems_dup_error (JobsProblems *self)
{
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  if (self->errors.problems->len == 0)
    return NULL;

  lines = heap_dup_lines (&self->errors, self->name, "");
  text = g_strjoinv ("\n", lines);

  return g_error_new_literal (JOBS_ERROR,
                              g_array_index (self->errors.problems, Problem, 0).code, text);
}

char **
jobs_problems_dup_warnings (JobsProblems *self)
{
  return heap_dup_lines (&self->warnings, self->name,
                         /* Translators: what is odd in a file follows, and so there is a blank at the end */
                         _ ("warning: "));
}
