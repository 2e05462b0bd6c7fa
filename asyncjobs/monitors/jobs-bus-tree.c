/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-columns.h"
#include "jobs-bus-tree.h"
#include "jobs-bus-words.h"

struct _JobsBusTree
{
  GListStore *lines;      /* those of the run itself */
  GHashTable *branches;   /* number of an engine → GListStore */
  GHashTable *by_number;  /* number → JobsLine */
  GPtrArray  *changed;    /* JobsLine, since they were taken */
  GQueue      active;     /* JobsBusItem, unowned, in order of their start */
};

G_DEFINE_FINAL_TYPE (JobsBusItem, jobs_bus_item, G_TYPE_OBJECT)

static void
jobs_bus_item_finalize (GObject *object)
{
  JobsBusItem *self = JOBS_BUS_ITEM (object);

  g_clear_object (&self->follow);
  g_clear_pointer (&self->others, g_array_unref);

  G_OBJECT_CLASS (jobs_bus_item_parent_class)->finalize (object);
}

static void
jobs_bus_item_class_init (JobsBusItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_bus_item_finalize;
}

static void
jobs_bus_item_init (JobsBusItem *self)
{
  self->link.data = self;
}

JobsBusItem *
jobs_bus_item_of (JobsLine *line)
{
  return JOBS_BUS_ITEM (jobs_line_get_source (line));
}

void
jobs_bus_item_stop_following (JobsBusItem *self)
{
  if (self->follow != NULL)
    g_cancellable_cancel (self->follow);
  g_clear_object (&self->follow);
}

/* What runs */

static void
set_active (JobsBusTree *self,
            JobsBusItem *item,
            gboolean     active)
{
  GList *before;

  if (item->is_active)
    g_queue_unlink (&self->active, &item->link);
  item->is_active = active;
  if (!active)
    return;

  before = self->active.tail;
  while (before != NULL && jobs_line_get_start_time (((JobsBusItem *) before->data)->line) >
                             jobs_line_get_start_time (item->line))
    before = before->prev;
  if (before == NULL)
    g_queue_push_head_link (&self->active, &item->link);
  else
    g_queue_insert_after_link (&self->active, before, &item->link);
}

static void
note_change (JobsBusTree *self,
             JobsLine    *line)
{
  JobsBusItem *item = jobs_bus_item_of (line);
  gboolean active = jobs_state_is_active (jobs_line_get_state (line));

  if (jobs_line_get_children (line) == NULL && (active || item->is_active))
    set_active (self, item, active);
  g_ptr_array_add (self->changed, g_object_ref (line));
}

/* Lines */

static int
compare_lines (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  guint one = jobs_bus_item_of ((JobsLine *) a)->number;
  guint other = jobs_bus_item_of ((JobsLine *) b)->number;

  return (one > other) - (one < other);
}

/* Of an engine that may not be known yet */
static GListStore *
ensure_branch (JobsBusTree *self,
               guint        number)
{
  GListStore *branch;

  if (number == 0)
    return self->lines;

  branch = g_hash_table_lookup (self->branches, GUINT_TO_POINTER (number));
  if (branch == NULL)
    {
      branch = g_list_store_new (JOBS_TYPE_LINE);
      g_hash_table_insert (self->branches, GUINT_TO_POINTER (number), branch);
    }

  return branch;
}

static void
add_line (JobsBusTree         *self,
          guint                number,
          guint                parent,
          const JobsLineFacts *facts,
          const JobsLineNews  *news,
          gboolean             is_engine)
{
  g_autoptr (JobsBusItem) item = g_object_new (JOBS_TYPE_BUS_ITEM, NULL);
  GListModel *children = is_engine ? G_LIST_MODEL (ensure_branch (self, number)) : NULL;
  g_autoptr (JobsLine) line = jobs_line_new (G_OBJECT (item), facts, news, children);

  item->number = number;
  item->parent = parent;
  item->line = line;
  g_hash_table_insert (self->by_number, GUINT_TO_POINTER (number), g_object_ref (line));
  note_change (self, line);
  g_list_store_insert_sorted (ensure_branch (self, parent), line, compare_lines, NULL);
}

static void
remove_line (JobsBusTree *self,
             guint        number)
{
  g_autoptr (JobsLine) line = NULL;
  JobsBusItem *item;
  GListStore *branch;
  guint position;

  line = g_hash_table_lookup (self->by_number, GUINT_TO_POINTER (number));
  if (line == NULL)
    return;

  g_object_ref (line);
  item = jobs_bus_item_of (line);
  jobs_bus_item_stop_following (item);
  if (item->is_active)
    set_active (self, item, FALSE);
  g_hash_table_remove (self->by_number, GUINT_TO_POINTER (number));
  branch = ensure_branch (self, item->parent);
  if (g_list_store_find (branch, line, &position))
    g_list_store_remove (branch, position);
  g_hash_table_remove (self->branches, GUINT_TO_POINTER (number));
}

/* What GetChanges tells */

/* Of one answer */
typedef struct
{
  JobsBusTree *tree;
  GHashTable  *fresh; /* number → JobsLineNews, whose texts are borrowed: of what has no line yet */
} Answer;

static void
changed_cb (guint               number,
            const JobsLineNews *news,
            gpointer            data)
{
  Answer *answer = data;
  g_autoptr (JobsLine) line = g_hash_table_lookup (answer->tree->by_number, GUINT_TO_POINTER (number));

  if (line == NULL)
    {
      g_hash_table_insert (answer->fresh, GUINT_TO_POINTER (number), g_memdup2 (news, sizeof *news));
      return;
    }

  g_object_ref (line);
  jobs_line_update (line, news);
  note_change (answer->tree, line);
}

static void
added_cb (guint                number,
          guint                parent,
          gboolean             is_engine,
          const JobsLineFacts *facts,
          gpointer             data)
{
  static const JobsLineNews none = { .state = JOBS_STATE_IDLE, .progress = -1 };
  Answer *answer = data;
  const JobsLineNews *news = g_hash_table_lookup (answer->fresh, GUINT_TO_POINTER (number));

  /* An engine is told of before what is in it */
  if (number > parent && !g_hash_table_contains (answer->tree->by_number, GUINT_TO_POINTER (number)))
    add_line (answer->tree, number, parent, facts, news != NULL ? news : &none, is_engine);
}

void
jobs_bus_tree_stop (JobsBusTree *self)
{
  gint64 now = g_get_monotonic_time ();

  while (self->active.head != NULL)
    {
      JobsBusItem *item = self->active.head->data;
      g_autoptr (JobsLine) line = g_object_ref (item->line);
      JobsLineNews news = {
        jobs_line_get_state (line), jobs_line_get_start_time (line), now,
        jobs_line_get_attempts (line), jobs_line_get_progress (line),
      };
      g_autofree char *message = g_strdup (jobs_line_get_message (line));

      set_active (self, item, FALSE);
      news.message = message;
      jobs_line_update (line, &news);
      g_ptr_array_add (self->changed, g_steal_pointer (&line));
    }
}

void
jobs_bus_tree_take (JobsBusTree  *self,
                    GVariant     *added,
                    GVariant     *changed,
                    GVariant     *said,
                    GVariantIter *removed)
{
  g_autoptr (GHashTable) fresh = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Answer answer = { self, fresh };
  guint number;

  jobs_bus_columns_read_changed (changed, said, changed_cb, &answer);
  jobs_bus_columns_read_added (added, added_cb, &answer);
  while (g_variant_iter_next (removed, "u", &number))
    remove_line (self, number);
}

/* What GetRequirements tells */

static gboolean
has_line (JobsBusTree *self,
          JobsLine    *line)
{
  GObject *source = jobs_line_get_source (line);

  return JOBS_IS_BUS_ITEM (source) &&
         g_hash_table_lookup (self->by_number, GUINT_TO_POINTER (JOBS_BUS_ITEM (source)->number)) == line;
}

GPtrArray *
jobs_bus_tree_dup_own (JobsBusTree *self,
                       GPtrArray   *lines)
{
  GPtrArray *own = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < lines->len; i++)
    if (has_line (self, lines->pdata[i]))
      g_ptr_array_add (own, g_object_ref (lines->pdata[i]));

  return own;
}

void
jobs_bus_tree_take_requirements (JobsBusTree *self,
                                 GPtrArray   *lines,
                                 guint        from,
                                 guint        n,
                                 GVariant    *requirements)
{
  GVariantIter iter;
  const char *word;
  guint number;
  g_autoptr (GHashTable) asked = g_hash_table_new (NULL, NULL);
  JobsBusOther other;

  for (guint i = from; i < from + n; i++)
    {
      JobsBusItem *item = jobs_bus_item_of (lines->pdata[i]);

      g_hash_table_add (asked, item);
      g_clear_pointer (&item->others, g_array_unref);
      item->others = g_array_new (FALSE, FALSE, sizeof (JobsBusOther));
    }

  g_variant_iter_init (&iter, requirements);
  while (g_variant_iter_next (&iter, "(uu&s)", &number, &other.number, &word))
    {
      JobsLine *line = g_hash_table_lookup (self->by_number, GUINT_TO_POINTER (number));

      other.condition = jobs_bus_parse_condition (word);
      if (line != NULL && g_hash_table_contains (asked, jobs_bus_item_of (line)))
        g_array_append_val (jobs_bus_item_of (line)->others, other);
    }
}

GPtrArray *
jobs_bus_tree_dup_requirements (JobsBusTree *self,
                                GPtrArray   *lines)
{
  g_autoptr (GPtrArray) requirements = jobs_requirements_new ();

  for (guint i = 0; i < lines->len; i++)
    {
      GArray *others = jobs_bus_item_of (lines->pdata[i])->others;

      /* One may have been removed meanwhile */
      if (!has_line (self, lines->pdata[i]))
        continue;
      if (others == NULL)
        return NULL;

      for (guint j = 0; j < others->len; j++)
        {
          JobsBusOther *other = &g_array_index (others, JobsBusOther, j);
          JobsLine *line = g_hash_table_lookup (self->by_number, GUINT_TO_POINTER (other->number));

          if (line != NULL)
            g_ptr_array_add (requirements, jobs_requirement_new (lines->pdata[i], line, other->condition));
        }
    }

  return g_steal_pointer (&requirements);
}

/* The tree */

GListModel *
jobs_bus_tree_get_lines (JobsBusTree *self)
{
  return G_LIST_MODEL (self->lines);
}

GPtrArray *
jobs_bus_tree_take_changed (JobsBusTree *self)
{
  GPtrArray *lines = g_steal_pointer (&self->changed);

  self->changed = g_ptr_array_new_with_free_func (g_object_unref);

  return lines;
}

GPtrArray *
jobs_bus_tree_dup_active (JobsBusTree *self,
                          guint        max)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *link = self->active.head; link != NULL && lines->len < max; link = link->next)
    g_ptr_array_add (lines, g_object_ref (((JobsBusItem *) link->data)->line));

  return lines;
}

JobsBusTree *
jobs_bus_tree_new (void)
{
  JobsBusTree *self = g_new0 (JobsBusTree, 1);

  self->lines = g_list_store_new (JOBS_TYPE_LINE);
  self->branches = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->by_number = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->changed = g_ptr_array_new_with_free_func (g_object_unref);

  return self;
}

void
jobs_bus_tree_free (JobsBusTree *self)
{
  GHashTableIter iter;
  JobsLine *line;

  /* Lines may live on without us */
  g_hash_table_iter_init (&iter, self->by_number);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &line))
    {
      jobs_bus_item_stop_following (jobs_bus_item_of (line));
      jobs_bus_item_of (line)->is_active = FALSE;
    }

  g_hash_table_unref (self->by_number);
  g_hash_table_unref (self->branches);
  g_object_unref (self->lines);
  g_ptr_array_unref (self->changed);
  g_free (self);
}
