/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../actions/jobs-command-action.h"
#include "../jobs-engine.h"

#include "jobs-bus-columns.h"
#include "jobs-bus-table.h"
#include "jobs-bus-words.h"
#include "jobs-engine-board-private.h"
#include "jobs-line-private.h"

/* The actions of the run, or of a nested engine */
typedef struct
{
  JobsBusTable *table;
  JobsEngine   *engine; /* weak */
  guint         parent;
  guint         next;
  gulong        handler;
  gboolean      is_unread; /* in part */
} Branch;

/* A row that has gone, and when */
typedef struct
{
  guint64 when;
  guint   number;
} Gap;

struct _JobsBusTable
{
  JobsEngineBoard *board;
  GPtrArray       *rows;      /* (nullable) JobsBusRow, by number - 1 */
  GHashTable      *by_action; /* JobsAction → JobsBusRow, which keeps it */
  GQueue           order;     /* of links, by their last change */
  GList           *stopped;   /* the link of the next one, where an answer did not tell of all; nullable */
  GArray          *gaps;      /* Gap */
  guint64          now;       /* one more with each change of anything */
  GVariant        *run;       /* (nullable) */
  gboolean         is_wanted; /* all of it is */

  GPtrArray *branches; /* Branch; none: not all are wanted */
  GQueue     unread;   /* of those that are */
  guint      sight;    /* one more each time when all are looked at */
  gboolean   is_stale;
};

/* Rows */

static void
row_free (JobsBusRow *row)
{
  g_clear_object (&row->line);
  g_object_unref (row->action);
  g_free (row);
}

static JobsBusRow *
add_row (JobsBusTable *self,
         JobsAction   *action,
         guint         parent)
{
  JobsBusRow *row = g_new0 (JobsBusRow, 1);

  g_ptr_array_add (self->rows, row);
  row->number = self->rows->len;
  row->parent = parent;
  row->action = g_object_ref (action);
  row->sighted = self->sight;
  row->link.data = row;
  g_queue_push_head_link (&self->order, &row->link);
  g_hash_table_insert (self->by_action, action, row);

  return row;
}

static void
remove_row (JobsBusTable *self,
            JobsBusRow   *row)
{
  if (self->stopped == &row->link)
    self->stopped = NULL;
  g_hash_table_remove (self->by_action, row->action);
  g_queue_unlink (&self->order, &row->link);
  self->rows->pdata[row->number - 1] = NULL;
  row_free (row);
}

/* A line hears of all that its action says, which costs more than a short job has to say */
static void
keep_line (JobsBusTable *self,
           JobsBusRow   *row)
{
  if (!row->has_object && !jobs_state_is_active (jobs_action_get_state (row->action)))
    g_clear_object (&row->line);
  else if (row->line == NULL)
    row->line = jobs_engine_board_dup_line (self->board, row->action);
}

void
jobs_bus_table_set_object (JobsBusTable *self,
                           JobsBusRow   *row,
                           gboolean      has_object)
{
  row->has_object = has_object;
  keep_line (self, row);
}

JobsBusRow *
jobs_bus_table_get (JobsBusTable *self,
                    guint         number)
{
  return number >= 1 && number <= self->rows->len ? self->rows->pdata[number - 1] : NULL;
}

guint
jobs_bus_table_get_last (JobsBusTable *self)
{
  return self->rows->len;
}

JobsBusRow *
jobs_bus_table_find (JobsBusTable *self,
                     JobsAction   *action)
{
  return g_hash_table_lookup (self->by_action, action);
}

JobsBusRow *
jobs_bus_table_ensure (JobsBusTable *self,
                       JobsAction   *action)
{
  JobsBusRow *row = jobs_bus_table_find (self, action);
  JobsEngine *engine;
  guint parent = 0;

  if (row != NULL || jobs_bus_table_is_extended (self))
    return row;

  engine = jobs_action_get_engine (action);
  if (engine != NULL && engine != jobs_engine_board_get_engine (self->board))
    parent = jobs_bus_table_ensure (self, JOBS_ACTION (engine))->number;

  return add_row (self, action, parent);
}

void
jobs_bus_table_release (JobsBusTable *self,
                        guint         number)
{
  JobsBusRow *row = jobs_bus_table_get (self, number);

  if (row != NULL && !jobs_bus_table_is_extended (self))
    remove_row (self, row);
}

void
jobs_bus_table_touch (JobsBusTable *self,
                      JobsBusRow   *row)
{
  row->changed = ++self->now;
  g_queue_unlink (&self->order, &row->link);
  g_queue_push_tail_link (&self->order, &row->link);
}

void
jobs_bus_table_set_run (JobsBusTable *self,
                        GVariant     *run)
{
  if (self->run != NULL && g_variant_equal (self->run, run))
    return;

  g_clear_pointer (&self->run, g_variant_unref);
  self->run = g_variant_ref (run);
  self->now++;
}

/* What changes, of all of them */

static void
actions_changed_cb (GPtrArray *actions,
                    gpointer   data)
{
  JobsBusTable *self = data;

  for (guint i = 0; i < actions->len; i++)
    {
      JobsBusRow *row = jobs_bus_table_find (self, actions->pdata[i]);

      if (row == NULL)
        continue;
      keep_line (self, row);
      jobs_bus_table_touch (self, row);
    }
}

/* Looking at all */

static void
set_unread (Branch *branch)
{
  if (!branch->is_unread)
    g_queue_push_tail (&branch->table->unread, branch);
  branch->is_unread = TRUE;
}

/* What comes at the end, as most do, is read next; all else has all of them looked at once more */
static void
items_changed_cb (GListModel *engine,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    data)
{
  Branch *branch = data;

  if (removed > 0 || position < branch->next)
    branch->table->is_stale = TRUE;
  else
    set_unread (branch);
}

static void
branch_free (gpointer data)
{
  Branch *branch = data;

  if (branch->engine != NULL)
    g_signal_handler_disconnect (branch->engine, branch->handler);
  g_clear_weak_pointer (&branch->engine);
  g_free (branch);
}

static void
add_branch (JobsBusTable *self,
            JobsEngine   *engine,
            guint         parent)
{
  Branch *branch = g_new0 (Branch, 1);

  branch->table = self;
  g_set_weak_pointer (&branch->engine, engine);
  branch->parent = parent;
  branch->handler = g_signal_connect (engine, "items-changed", G_CALLBACK (items_changed_cb), branch);
  g_ptr_array_add (self->branches, branch);
  set_unread (branch);
}

/* FALSE: there are more than *n */
static gboolean
read_branch (JobsBusTable *self,
             Branch       *branch,
             guint        *n)
{
  for (; branch->engine != NULL && branch->next < g_list_model_get_n_items (G_LIST_MODEL (branch->engine));
       branch->next++)
    {
      g_autoptr (JobsAction) action = NULL;
      JobsBusRow *row;

      if (*n == 0)
        return FALSE;

      action = g_list_model_get_item (G_LIST_MODEL (branch->engine), branch->next);
      row = jobs_bus_table_find (self, action);
      if (row == NULL)
        {
          row = add_row (self, action, branch->parent);
          keep_line (self, row);
          (*n)--;
        }
      row->sighted = self->sight;
      if (JOBS_IS_ENGINE (action))
        add_branch (self, JOBS_ENGINE (action), row->number);
    }

  return TRUE;
}

gboolean
jobs_bus_table_is_extended (JobsBusTable *self)
{
  return self->is_wanted;
}

gboolean
jobs_bus_table_extend (JobsBusTable *self,
                       guint         n)
{
  JobsEngine *run = jobs_engine_board_get_engine (self->board);
  Branch *branch;

  if (!self->is_wanted)
    jobs_engine_board_listen (self->board, actions_changed_cb, self);
  self->is_wanted = TRUE;
  /* Of one that has gone there is nothing more */
  if (run == NULL)
    {
      g_queue_clear (&self->unread);
      return TRUE;
    }
  if (self->branches->len == 0)
    add_branch (self, run, 0);

  while ((branch = g_queue_peek_head (&self->unread)) != NULL)
    {
      if (!read_branch (self, branch, &n))
        return FALSE;
      branch->is_unread = FALSE;
      g_queue_pop_head (&self->unread);
    }

  return TRUE;
}

void
jobs_bus_table_refresh (JobsBusTable *self)
{
  gboolean has_gone = jobs_engine_board_get_engine (self->board) == NULL;

  if ((!self->is_stale && !has_gone) || !jobs_bus_table_is_extended (self))
    return;

  self->is_stale = FALSE;
  g_queue_clear (&self->unread);
  g_ptr_array_set_size (self->branches, 0);
  self->sight++;
  jobs_bus_table_extend (self, G_MAXUINT);

  for (guint i = 0; i < self->rows->len; i++)
    {
      JobsBusRow *row = self->rows->pdata[i];

      if (row != NULL && row->sighted != self->sight)
        {
          Gap gap = { ++self->now, row->number };

          g_array_append_val (self->gaps, gap);
          remove_row (self, row);
        }
    }
}

/* Telling of it */

gboolean
jobs_bus_table_is_news (JobsBusTable *self,
                        guint64       since,
                        guint         known)
{
  return since < self->now || known < self->rows->len || !g_queue_is_empty (&self->unread);
}

/* Has neither said nor written anything, as most that have not begun, and short ones */
static gboolean
is_silent (JobsAction *action)
{
  g_autofree char *tail = NULL;

  if (jobs_action_get_message (action) != NULL || jobs_action_get_error (action) != NULL)
    return FALSE;
  if (JOBS_IS_COMMAND_ACTION (action))
    tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));

  return tail == NULL || *tail == '\0';
}

/* What the message of a row is, only its line knows, which is made for that where there is
 * none: the texts are valid as long as *kept */
static void
read_news (JobsBusTable *self,
           JobsBusRow   *row,
           JobsLineNews *news,
           JobsLine    **kept)
{
  JobsAction *action = row->action;
  JobsLine *line;

  if (row->line == NULL && is_silent (action))
    {
      *news = (JobsLineNews) {
        .state = jobs_action_get_state (action),
        .start_time = jobs_action_get_start_time (action),
        .end_time = jobs_action_get_end_time (action),
        .attempts = jobs_action_get_attempts (action),
        .progress = jobs_action_get_progress (action),
      };
      return;
    }

  line = *kept = jobs_engine_board_dup_line (self->board, action);
  *news = (JobsLineNews) {
    .state = jobs_line_get_state (line),
    .start_time = jobs_line_get_start_time (line),
    .end_time = jobs_line_get_end_time (line),
    .attempts = jobs_line_get_attempts (line),
    .progress = jobs_line_get_progress (line),
    .message = jobs_line_get_message (line),
    .error = jobs_line_get_error (line),
  };
}

static void
put_changed (JobsBusColumns *to,
             JobsBusTable   *self,
             JobsBusRow     *row)
{
  g_autoptr (JobsLine) line = NULL;
  JobsLineNews news;

  read_news (self, row, &news, &line);
  jobs_bus_columns_change (to, row->number, &news);
}

/* As all are at first */
static gboolean
is_fresh (JobsAction *action)
{
  return jobs_action_get_state (action) == JOBS_STATE_IDLE && jobs_action_get_start_time (action) == 0 &&
         jobs_action_get_end_time (action) == 0 && jobs_action_get_attempts (action) == 0 &&
         jobs_action_get_progress (action) < 0 && jobs_action_get_message (action) == NULL &&
         jobs_action_get_error (action) == NULL;
}

static void
put_added (JobsBusColumns *to,
           JobsBusTable   *self,
           JobsBusRow     *row)
{
  JobsAction *action = row->action;
  g_autofree char *path = jobs_action_dup_path (action);
  g_autofree char *label = jobs_action_dup_display_label (action);
  g_autofree char *details = jobs_action_dup_display_details (action);
  JobsLineFacts facts = {
    path, label, details, jobs_action_get_critical (action), jobs_action_get_forever (action),
  };

  jobs_bus_columns_add (to, row->number, row->parent, JOBS_IS_ENGINE (action), &facts);
  if (!is_fresh (action))
    put_changed (to, self, row);
}

static gboolean
has_changed (GList  *link,
             guint64 since)
{
  return ((JobsBusRow *) link->data)->changed > since;
}

/* (nullable): the first one. Whoever is far behind gets page after page, and each begins where
 * the one before stopped, unless somebody else was told something between */
static GList *
find_changed (JobsBusTable *self,
              guint64       since)
{
  GList *first = self->stopped;

  if (first != NULL && has_changed (first, since) && (first->prev == NULL || !has_changed (first->prev, since)))
    return first;

  first = NULL;
  for (GList *l = self->order.tail; l != NULL && has_changed (l, since); l = l->prev)
    first = l;

  return first;
}

GVariant *
jobs_bus_table_get_changes (JobsBusTable *self,
                            guint64       since,
                            guint         known,
                            guint         max,
                            gboolean     *more)
{
  g_autoptr (JobsBusColumns) columns = jobs_bus_columns_new ();
  GVariant *added, *changed, *said;
  g_auto (GVariantBuilder) removed = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("au"));
  guint64 serial = since > 0 ? since : self->now;
  guint before = known;
  GList *link = NULL;

  for (; known < self->rows->len && max > 0; known++)
    if (self->rows->pdata[known] != NULL)
      {
        put_added (columns, self, self->rows->pdata[known]);
        max = jobs_bus_columns_are_full (columns) ? 0 : max - 1;
      }

  /* Changes only of what the caller has: those of the rest come with it */
  if (max > 0)
    {
      for (link = find_changed (self, serial); link != NULL && max > 0; link = link->next)
        {
          JobsBusRow *row = link->data;

          serial = row->changed;
          if (row->number > before)
            continue;
          put_changed (columns, self, row);
          max = jobs_bus_columns_are_full (columns) ? 0 : max - 1;
        }
    }

  self->stopped = link;

  /* Who has seen nothing misses nothing. Some may be told of twice, which is harmless */
  for (guint i = self->gaps->len; i > 0 && since > 0; i--)
    {
      Gap *gap = &g_array_index (self->gaps, Gap, i - 1);

      if (gap->when <= since)
        break;
      g_variant_builder_add (&removed, "u", gap->number);
    }

  *more = known < self->rows->len || link != NULL || !g_queue_is_empty (&self->unread);
  if (max > 0)
    serial = self->now;

  jobs_bus_columns_end (columns, &added, &changed, &said);

  return g_variant_new (JOBS_BUS_ANSWER_FORMAT, serial, known, self->run, added, changed, said, &removed, *more);
}

/* Of one answer, which is made in one go; those of one action always come together */
#define REQUIREMENTS_MAX 5000

/* How many there are */
static guint
append_requirements (GVariantBuilder *to,
                     JobsBusTable    *self,
                     JobsBusRow      *row)
{
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (row->action);

  for (guint i = 0; i < others->len; i++)
    {
      JobsBusRow *other = jobs_bus_table_find (self, others->pdata[i]);
      JobsCondition condition;

      /* What was not told of yet has no number; requirements lead to what is beside */
      if (other != NULL && other->parent == row->parent &&
          jobs_action_get_requirement (row->action, others->pdata[i], &condition))
        g_variant_builder_add (to, "(uus)", row->number, other->number, jobs_bus_get_word (condition));
    }

  return others->len;
}

GVariant *
jobs_bus_table_get_requirements (JobsBusTable *self,
                                 GVariant     *numbers,
                                 guint         max)
{
  g_auto (GVariantBuilder) requirements = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(uus)"));
  guint n_told = 0, told = 0;
  const guint32 *number;
  gsize n_numbers;

  max = MIN (max, REQUIREMENTS_MAX);
  number = g_variant_get_fixed_array (numbers, &n_numbers, sizeof *number);
  for (; told < n_numbers && (told == 0 || n_told < max); told++)
    {
      JobsBusRow *row = jobs_bus_table_get (self, number[told]);

      n_told += 1 + (row != NULL ? append_requirements (&requirements, self, row) : 0);
    }

  return g_variant_new ("(a(uus)u)", &requirements, told);
}

/* The table */

JobsBusTable *
jobs_bus_table_new (JobsEngineBoard *board)
{
  JobsBusTable *self = g_new0 (JobsBusTable, 1);

  self->board = g_object_ref (board);
  self->rows = g_ptr_array_new ();
  self->by_action = g_hash_table_new (NULL, NULL);
  self->gaps = g_array_new (FALSE, FALSE, sizeof (Gap));
  self->branches = g_ptr_array_new_with_free_func (branch_free);

  return self;
}

void
jobs_bus_table_free (JobsBusTable *self)
{
  jobs_engine_board_unlisten (self->board, self);
  g_queue_clear (&self->unread);
  g_ptr_array_unref (self->branches);
  for (guint i = 0; i < self->rows->len; i++)
    if (self->rows->pdata[i] != NULL)
      row_free (self->rows->pdata[i]);
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->by_action);
  g_array_unref (self->gaps);
  g_clear_pointer (&self->run, g_variant_unref);
  g_object_unref (self->board);
  g_free (self);
}
