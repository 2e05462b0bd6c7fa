/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-bus-columns.h"
#include "jobs-bus-words.h"

#define N_STATES (JOBS_STATE_SKIPPED + 1)

/* Texts of so many bytes are enough for one message: a bus drops whose message is of more than
 * 128 MiB, or has an array of more than 64 MiB, and a command line may be of 2 MiB */
#define FULL (1024 * 1024)

/* What kind of action it is, bits on the bus */
enum
{
  KIND_CRITICAL = 1 << 0,
  KIND_FOREVER = 1 << 1,
  KIND_ENGINE = 1 << 2
};

/* What has changed to one state; NULL: nothing has */
typedef struct
{
  GArray *numbers;
  GArray *start_times;
  GArray *end_times;
  GArray *attempts;
} Group;

struct _JobsBusColumns
{
  GArray *numbers;
  GArray *parents;
  GArray *kinds;
  GArray *texts;

  Group           groups[N_STATES];
  GVariantBuilder said;
  gsize           n_said; /* bytes of it */
};

/* Making it */

static void
append_text (GArray     *to,
             const char *text)
{
  g_autofree char *buffer = NULL;

  text = jobs_bus_text (text, &buffer);
  g_array_append_vals (to, text, (guint) strlen (text) + 1);
}

void
jobs_bus_columns_add (JobsBusColumns      *self,
                      guint                number,
                      guint                parent,
                      gboolean             is_engine,
                      const JobsLineFacts *facts)
{
  guint8 kind = (facts->critical ? KIND_CRITICAL : 0) | (facts->forever ? KIND_FOREVER : 0) |
                (is_engine ? KIND_ENGINE : 0);

  g_array_append_val (self->numbers, number);
  g_array_append_val (self->parents, parent);
  g_array_append_val (self->kinds, kind);
  append_text (self->texts, g_strcmp0 (facts->path, facts->label) != 0 ? facts->path : NULL);
  append_text (self->texts, facts->label);
  append_text (self->texts, facts->details);
}

static Group *
ensure_group (JobsBusColumns *self,
              JobsState       state)
{
  Group *group = &self->groups[state];

  if (group->numbers == NULL)
    *group = (Group) {
      .numbers = g_array_new (FALSE, FALSE, sizeof (guint32)),
      .start_times = g_array_new (FALSE, FALSE, sizeof (gint64)),
      .end_times = g_array_new (FALSE, FALSE, sizeof (gint64)),
      .attempts = g_array_new (FALSE, FALSE, sizeof (guint32)),
    };

  return group;
}

void
jobs_bus_columns_change (JobsBusColumns     *self,
                         guint               number,
                         const JobsLineNews *news)
{
  Group *group = ensure_group (self, news->state);
  g_autofree char *message = NULL, *error = NULL;

  g_array_append_val (group->numbers, number);
  g_array_append_val (group->start_times, news->start_time);
  g_array_append_val (group->end_times, news->end_time);
  g_array_append_val (group->attempts, news->attempts);
  if (news->progress >= 0 || news->message != NULL || news->error != NULL)
    {
      const char *text = jobs_bus_text (news->message, &message), *reason = jobs_bus_text (news->error, &error);

      g_variant_builder_add (&self->said, "{u(dss)}", number, news->progress, text, reason);
      self->n_said += strlen (text) + strlen (reason);
    }
}

gboolean
jobs_bus_columns_are_full (JobsBusColumns *self)
{
  return self->texts->len + self->n_said >= FULL;
}

static GVariant *
make_column (const char *type,
             GArray     *values)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE (type), values->data, values->len, g_array_get_element_size (values));
}

void
jobs_bus_columns_end (JobsBusColumns *self,
                      GVariant      **added,
                      GVariant      **changed,
                      GVariant      **said)
{
  GVariantBuilder by_state;

  g_variant_builder_init (&by_state, G_VARIANT_TYPE (JOBS_BUS_CHANGED_TYPE));
  for (JobsState state = 0; state < N_STATES; state++)
    {
      Group *group = &self->groups[state];

      if (group->numbers != NULL)
        g_variant_builder_add (&by_state, "{s(@au@ax@ax@au)}", jobs_state_get_nick (state),
                               make_column ("u", group->numbers), make_column ("x", group->start_times),
                               make_column ("x", group->end_times), make_column ("u", group->attempts));
    }

  *added = g_variant_new ("(@au@au@ay@ay)", make_column ("u", self->numbers), make_column ("u", self->parents),
                          make_column ("y", self->kinds), make_column ("y", self->texts));
  *changed = g_variant_builder_end (&by_state);
  *said = g_variant_builder_end (&self->said);
}

JobsBusColumns *
jobs_bus_columns_new (void)
{
  JobsBusColumns *self = g_new0 (JobsBusColumns, 1);

  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->parents = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->kinds = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->texts = g_array_new (FALSE, FALSE, sizeof (char));
  g_variant_builder_init (&self->said, G_VARIANT_TYPE (JOBS_BUS_SAID_TYPE));

  return self;
}

void
jobs_bus_columns_free (JobsBusColumns *self)
{
  for (JobsState state = 0; state < N_STATES; state++)
    {
      g_clear_pointer (&self->groups[state].numbers, g_array_unref);
      g_clear_pointer (&self->groups[state].start_times, g_array_unref);
      g_clear_pointer (&self->groups[state].end_times, g_array_unref);
      g_clear_pointer (&self->groups[state].attempts, g_array_unref);
    }
  g_variant_builder_clear (&self->said);
  g_array_unref (self->numbers);
  g_array_unref (self->parents);
  g_array_unref (self->kinds);
  g_array_unref (self->texts);
  g_free (self);
}

/* Reading it: what another process sends has the right types, and nothing else is sure. So columns
 * are as long as the shortest of them */

/* One piece of memory, which what is got from it points into as long as it is there */
static void
make_whole (GVariant *value)
{
  g_variant_get_data (value);
}

static gconstpointer
read_column (GVariant *columns,
             guint     i,
             gsize     size,
             gsize    *n)
{
  g_autoptr (GVariant) column = g_variant_get_child_value (columns, i);
  gsize n_here;
  gconstpointer values = g_variant_get_fixed_array (column, &n_here, size);

  *n = MIN (*n, n_here);

  return values;
}

/* Those that are left */
typedef struct
{
  const char *at;
  gsize       size;
} Texts;

/* NULL: there are no more, each of which has its end */
static const char *
read_text (Texts *texts)
{
  const char *text = texts->at;
  const char *end = texts->size > 0 ? memchr (text, '\0', texts->size) : NULL;

  if (end == NULL)
    {
      texts->size = 0;
      return NULL;
    }

  texts->size -= (gsize) (end - text) + 1;
  texts->at = end + 1;

  return text;
}

/* Calls func, unless the texts have come to their end before */
static gboolean
read_one (guint            number,
          guint            parent,
          guint8           kind,
          Texts           *texts,
          JobsBusAddedFunc func,
          gpointer         data)
{
  const char *path = read_text (texts), *label = read_text (texts), *details = read_text (texts);
  g_autofree char *valid_path = NULL, *valid_label = NULL, *valid_details = NULL;
  JobsLineFacts facts;

  if (details == NULL)
    return FALSE;

  label = jobs_bus_text (label, &valid_label);
  facts = (JobsLineFacts) {
    *path != '\0' ? jobs_bus_text (path, &valid_path) : label,
    label,
    jobs_bus_or_null (jobs_bus_text (details, &valid_details)),
    (kind & KIND_CRITICAL) != 0,
    (kind & KIND_FOREVER) != 0,
  };
  func (number, parent, (kind & KIND_ENGINE) != 0, &facts, data);

  return TRUE;
}

void
jobs_bus_columns_read_added (GVariant        *added,
                             JobsBusAddedFunc func,
                             gpointer         data)
{
  gsize n = G_MAXSIZE;
  const guint32 *numbers, *parents;
  const guint8 *kinds;
  Texts texts = { .size = G_MAXSIZE };

  make_whole (added);
  numbers = read_column (added, 0, sizeof *numbers, &n);
  parents = read_column (added, 1, sizeof *parents, &n);
  kinds = read_column (added, 2, sizeof *kinds, &n);
  texts.at = read_column (added, 3, 1, &texts.size);

  for (gsize i = 0; i < n; i++)
    if (!read_one (numbers[i], parents[i], kinds[i], &texts, func, data))
      break;
}

/* What one of them has said */
typedef struct
{
  double      progress;
  const char *message;
  const char *error;
} Said;

/* (nullable) (transfer full): number → Said */
static GHashTable *
read_said (GVariant *said)
{
  GHashTable *by_number;
  GVariantIter iter;
  guint number;
  Said one;

  if (g_variant_iter_init (&iter, said) == 0)
    return NULL;

  by_number = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  while (g_variant_iter_next (&iter, "{u(d&s&s)}", &number, &one.progress, &one.message, &one.error))
    g_hash_table_insert (by_number, GUINT_TO_POINTER (number), g_memdup2 (&one, sizeof one));

  return by_number;
}

static void
read_group (const char        *word,
            GVariant          *columns,
            GHashTable        *said,
            JobsBusChangedFunc func,
            gpointer           data)
{
  gsize n = G_MAXSIZE;
  const guint32 *numbers = read_column (columns, 0, sizeof *numbers, &n);
  const gint64 *start_times = read_column (columns, 1, sizeof *start_times, &n);
  const gint64 *end_times = read_column (columns, 2, sizeof *end_times, &n);
  const guint32 *attempts = read_column (columns, 3, sizeof *attempts, &n);
  JobsState state = jobs_bus_parse_state (word);

  for (gsize i = 0; i < n; i++)
    {
      JobsLineNews news = { state, MAX (start_times[i], 0), MAX (end_times[i], 0), attempts[i], -1 };
      Said *one = said != NULL ? g_hash_table_lookup (said, GUINT_TO_POINTER (numbers[i])) : NULL;

      if (one != NULL)
        {
          /* Anything, from another program */
          news.progress = one->progress >= 0 ? MIN (one->progress, 1) : -1;
          news.message = jobs_bus_or_null (one->message);
          news.error = jobs_bus_or_null (one->error);
        }
      func (numbers[i], &news, data);
    }
}

void
jobs_bus_columns_read_changed (GVariant          *changed,
                               GVariant          *said,
                               JobsBusChangedFunc func,
                               gpointer           data)
{
  g_autoptr (GHashTable) by_number = NULL;
  const char *word;
  GVariant *columns;
  GVariantIter iter;

  make_whole (changed);
  make_whole (said);
  by_number = read_said (said);
  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_next (&iter, "{&s@(auaxaxau)}", &word, &columns))
    {
      read_group (word, columns, by_number, func, data);
      g_variant_unref (columns);
    }
}
