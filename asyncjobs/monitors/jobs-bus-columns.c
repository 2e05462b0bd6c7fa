/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-columns.h"
#include "jobs-bus-words.h"

#define N_STATES (JOBS_STATE_SKIPPED + 1)

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
  GArray    *numbers;
  GArray    *parents;
  GArray    *kinds;
  GPtrArray *paths;
  GPtrArray *labels;
  GPtrArray *details;

  Group           groups[N_STATES];
  GVariantBuilder said;
};

/* Making it */

static void
append_text (GPtrArray  *to,
             const char *text)
{
  g_ptr_array_add (to, g_utf8_make_valid (text != NULL ? text : "", -1));
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
  append_text (self->paths, g_strcmp0 (facts->path, facts->label) != 0 ? facts->path : NULL);
  append_text (self->labels, facts->label);
  append_text (self->details, facts->details);
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
    g_variant_builder_add (&self->said, "{u(dss)}", number, news->progress, jobs_bus_text (news->message, &message),
                           jobs_bus_text (news->error, &error));
}

static GVariant *
make_column (const char *type,
             GArray     *values)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE (type), values->data, values->len, g_array_get_element_size (values));
}

static GVariant *
make_texts (GPtrArray *texts)
{
  return g_variant_new_strv ((const char *const *) texts->pdata, texts->len);
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

  *added = g_variant_new ("(@au@au@ay@as@as@as)", make_column ("u", self->numbers), make_column ("u", self->parents),
                          make_column ("y", self->kinds), make_texts (self->paths), make_texts (self->labels),
                          make_texts (self->details));
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
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->labels = g_ptr_array_new_with_free_func (g_free);
  self->details = g_ptr_array_new_with_free_func (g_free);
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
  g_ptr_array_unref (self->paths);
  g_ptr_array_unref (self->labels);
  g_ptr_array_unref (self->details);
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

/* (transfer container) */
static const char **
read_texts (GVariant *columns,
            guint     i,
            gsize    *n)
{
  g_autoptr (GVariant) column = g_variant_get_child_value (columns, i);
  gsize n_here;
  const char **texts = g_variant_get_strv (column, &n_here);

  *n = MIN (*n, n_here);

  return texts;
}

void
jobs_bus_columns_read_added (GVariant        *added,
                             JobsBusAddedFunc func,
                             gpointer         data)
{
  gsize n = G_MAXSIZE;
  const guint32 *numbers, *parents;
  const guint8 *kinds;
  g_autofree const char **paths = NULL, **labels = NULL, **details = NULL;

  make_whole (added);
  numbers = read_column (added, 0, sizeof *numbers, &n);
  parents = read_column (added, 1, sizeof *parents, &n);
  kinds = read_column (added, 2, sizeof *kinds, &n);
  paths = read_texts (added, 3, &n);
  labels = read_texts (added, 4, &n);
  details = read_texts (added, 5, &n);

  for (gsize i = 0; i < n; i++)
    {
      JobsLineFacts facts = {
        *paths[i] != '\0' ? paths[i] : labels[i], labels[i], jobs_bus_or_null (details[i]),
        (kinds[i] & KIND_CRITICAL) != 0, (kinds[i] & KIND_FOREVER) != 0,
      };

      func (numbers[i], parents[i], (kinds[i] & KIND_ENGINE) != 0, &facts, data);
    }
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
      JobsLineNews news = { state, start_times[i], end_times[i], attempts[i], -1 };
      Said *one = said != NULL ? g_hash_table_lookup (said, GUINT_TO_POINTER (numbers[i])) : NULL;

      if (one != NULL)
        {
          news.progress = one->progress;
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
