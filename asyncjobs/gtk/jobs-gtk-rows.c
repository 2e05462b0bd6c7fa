/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-gtk-look.h"
#include "jobs-gtk-rows.h"

enum
{
  COLUMN_JOB,
  COLUMN_STATE,
  COLUMN_PROGRESS,
  COLUMN_TIME,
  COLUMN_MESSAGE,
  N_COLUMNS
};

/* For "100 %" */
#define NUMBER_CHARS 5

/* A line on the screen: what is between factory and line in each column */
typedef struct
{
  GtkWidget *cells[N_COLUMNS];
  guint      n_cells;
} Row;

struct _JobsGtkRows
{
  GObject parent_instance;

  GHashTable *rows;    /* JobsLine (owned) → Row */
  GHashTable *engines; /* JobsLine: those of them that are engines of this process */
};

typedef struct
{
  const char *title;
  int         width;   /* fixed, pixels; -1: as it needs, 0: what is left */
  GtkWidget *(*create) (void);
  void        (*update) (GtkWidget *cell,
                         JobsLine  *line);
  int         (*compare) (JobsLine *one,
                          JobsLine *other);
} Column;

G_DEFINE_FINAL_TYPE (JobsGtkRows, jobs_gtk_rows, G_TYPE_OBJECT)

/* Texts are in inscriptions: for a label that says something else, its row is measured anew,
 * and the list with it */

static GtkWidget *
create_text (float xalign)
{
  GtkWidget *text = gtk_inscription_new (NULL);

  gtk_inscription_set_xalign (GTK_INSCRIPTION (text), xalign);
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (text), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);

  return text;
}

/* Leaves only the class of one state */
static void
set_state_class (GtkWidget *widget,
                 JobsState  state)
{
  for (guint i = 0; i < JOBS_GTK_N_STATES; i++)
    if (i != (guint) state)
      gtk_widget_remove_css_class (widget, jobs_gtk_look_get_class (i));
  gtk_widget_add_css_class (widget, jobs_gtk_look_get_class (state));
}

static GtkWidget *
create_words (void)
{
  GtkWidget *text = create_text (0);

  gtk_inscription_set_min_chars (GTK_INSCRIPTION (text), 4);

  return text;
}

/* The job: where it is in the tree, its state as a picture, its name */

static GtkWidget *
create_job (void)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = create_words ();

  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (box), name);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);

  return expander;
}

static void
update_job (GtkWidget *cell,
            JobsLine  *line)
{
  GtkWidget *box = gtk_tree_expander_get_child (GTK_TREE_EXPANDER (cell));
  GtkWidget *image = gtk_widget_get_first_child (box);
  JobsState state = jobs_line_get_state (line);
  const char *icon = jobs_gtk_look_get_icon (state);
  g_autofree char *name = jobs_gtk_look_dup_name (line);

  gtk_inscription_set_text (GTK_INSCRIPTION (gtk_widget_get_last_child (box)), name);
  if (g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (image)), icon) == 0)
    return;

  gtk_image_set_from_icon_name (GTK_IMAGE (image), icon);
  set_state_class (image, state);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  jobs_gtk_look_get_word (state), -1);
}

static int
compare_job (JobsLine *one,
             JobsLine *other)
{
  return g_utf8_collate (jobs_line_get_path (one), jobs_line_get_path (other));
}

/* Its state, in words */

static void
update_state (GtkWidget *cell,
              JobsLine  *line)
{
  JobsState state = jobs_line_get_state (line);
  guint attempts = jobs_line_get_attempts (line);
  g_autofree char *text = NULL;

  if (attempts > 1)
    /* Translators: a state, and at which attempt */
    text = g_strdup_printf (_("%s (%u)"), jobs_gtk_look_get_word (state), attempts);
  else
    text = g_strdup (jobs_gtk_look_get_word (state));
  gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
  set_state_class (cell, state);
}

/* What asks for attention comes first */
static int
get_rank (JobsState state)
{
  static const int ranks[JOBS_GTK_N_STATES] = {
    [JOBS_STATE_FAILED] = 0,     [JOBS_STATE_TIMED_OUT] = 1, [JOBS_STATE_CANCELLING] = 2,
    [JOBS_STATE_RUNNING] = 3,    [JOBS_STATE_SCHEDULED] = 4, [JOBS_STATE_IDLE] = 5,
    [JOBS_STATE_CANCELLED] = 6,  [JOBS_STATE_SKIPPED] = 7,   [JOBS_STATE_FINISHED] = 8,
  };

  return ranks[state];
}

static int
compare_state (JobsLine *one,
               JobsLine *other)
{
  return get_rank (jobs_line_get_state (one)) - get_rank (jobs_line_get_state (other));
}

/* How much of it is done */

static GtkWidget *
create_progress (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bar = gtk_progress_bar_new ();
  GtkWidget *number = create_text (1);

  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (number), NUMBER_CHARS);
  gtk_widget_add_css_class (number, "jobs-number");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_box_append (GTK_BOX (box), number);

  return box;
}

/* Of an engine of this process also what it has not said: how many have ended */
static double
get_progress (JobsLine *line,
              char    **text)
{
  double progress = jobs_line_get_progress (line);
  GObject *source = jobs_line_get_source (line);
  guint n, ended = 0;

  if (progress >= 0 || !JOBS_IS_ENGINE (source))
    {
      /* Translators: how much is done */
      *text = progress >= 0 ? g_strdup_printf (_("%d %%"), (int) (progress * 100)) : NULL;
      return progress;
    }

  n = g_list_model_get_n_items (G_LIST_MODEL (source));
  for (JobsState state = JOBS_STATE_FINISHED; state <= JOBS_STATE_SKIPPED; state++)
    ended += jobs_engine_count (JOBS_ENGINE (source), state);
  if (n == 0 || jobs_line_get_state (line) == JOBS_STATE_IDLE)
    return -1;
  *text = g_strdup_printf ("%u/%u", ended, n);

  return (double) ended / n;
}

static void
update_progress (GtkWidget *cell,
                 JobsLine  *line)
{
  GtkWidget *bar = gtk_widget_get_first_child (cell);
  GtkWidget *number = gtk_widget_get_last_child (cell);
  g_autofree char *text = NULL;
  double progress = get_progress (line, &text);
  JobsState state = jobs_line_get_state (line);

  gtk_widget_set_visible (cell, progress >= 0);
  if (progress < 0)
    return;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar), progress);
  set_state_class (bar, state);
  /* One of many jobs takes room from its bar */
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (number), MAX (NUMBER_CHARS, g_utf8_strlen (text, -1)));
  gtk_inscription_set_text (GTK_INSCRIPTION (number), text);
}

static int
compare_progress (JobsLine *one,
                  JobsLine *other)
{
  double a = jobs_line_get_progress (one), b = jobs_line_get_progress (other);

  return (a > b) - (a < b);
}

/* How long it took */

static GtkWidget *
create_time (void)
{
  GtkWidget *text = create_text (1);

  gtk_widget_add_css_class (text, "jobs-number");

  return text;
}

static void
update_time (GtkWidget *cell,
             JobsLine  *line)
{
  g_autofree char *text = jobs_gtk_look_dup_time (jobs_line_get_elapsed (line),
                                                  jobs_state_is_active (jobs_line_get_state (line)));

  gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
}

static int
compare_time (JobsLine *one,
              JobsLine *other)
{
  gint64 a = jobs_line_get_elapsed (one), b = jobs_line_get_elapsed (other);

  return (a > b) - (a < b);
}

/* What it says */

static void
update_message (GtkWidget *cell,
                JobsLine  *line)
{
  g_autofree char *text = jobs_gtk_look_dup_news (line);
  JobsState state = jobs_line_get_error (line) != NULL ? jobs_line_get_state (line) : JOBS_STATE_IDLE;

  gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
  set_state_class (cell, state);
}

static int
compare_message (JobsLine *one,
                 JobsLine *other)
{
  g_autofree char *a = jobs_gtk_look_dup_news (one);
  g_autofree char *b = jobs_gtk_look_dup_news (other);

  return g_utf8_collate (a, b);
}

static const Column columns[N_COLUMNS] = {
  /* Translators: headers of columns */
  { N_("Job"), 210, create_job, update_job, compare_job },
  /* Translators: the header of a column */
  { N_("State"), 96, create_words, update_state, compare_state },
  /* Translators: the header of a column */
  { N_("Progress"), 120, create_progress, update_progress, compare_progress },
  /* Translators: the header of a column: how long a job took, or takes */
  { N_("Time"), 76, create_time, update_time, compare_time },
  /* Translators: the header of a column: what a job said last, or why it failed */
  { N_("Message"), 0, create_words, update_message, compare_message },
};

/* Factories */

static guint
get_column (gpointer factory)
{
  return GPOINTER_TO_UINT (g_object_get_data (factory, "column"));
}

static void
update_cell (GtkWidget *cell,
             guint      column,
             JobsLine  *line)
{
  columns[column].update (cell, line);
}

static gboolean
query_tooltip_cb (GtkWidget   *cell,
                  int          x,
                  int          y,
                  gboolean     keyboard,
                  GtkTooltip  *tooltip,
                  GtkListItem *item)
{
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  g_autoptr (JobsLine) line = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  g_autofree char *tip = NULL;

  if (line == NULL)
    return FALSE;

  tip = jobs_gtk_look_dup_tip (line);
  gtk_tooltip_set_text (tooltip, tip);

  return TRUE;
}

static void
setup_cb (GtkListItemFactory *factory,
          GtkListItem        *item,
          JobsGtkRows        *self)
{
  GtkWidget *cell = columns[get_column (factory)].create ();

  g_object_set_data (G_OBJECT (cell), "item", item);
  gtk_widget_set_has_tooltip (cell, TRUE);
  g_signal_connect (cell, "query-tooltip", G_CALLBACK (query_tooltip_cb), item);
  gtk_list_item_set_child (item, cell);
}

static void
teardown_cb (GtkListItemFactory *factory,
             GtkListItem        *item,
             JobsGtkRows        *self)
{
  GtkWidget *cell = gtk_list_item_get_child (item);

  /* Somebody else may keep the cell for a while */
  if (cell != NULL)
    {
      g_object_set_data (G_OBJECT (cell), "item", NULL);
      g_signal_handlers_disconnect_by_func (cell, query_tooltip_cb, item);
    }
}

static void
bind_cb (GtkListItemFactory *factory,
         GtkListItem        *item,
         JobsGtkRows        *self)
{
  GtkTreeListRow *place = gtk_list_item_get_item (item);
  GtkWidget *cell = gtk_list_item_get_child (item);
  guint column = get_column (factory);
  g_autoptr (JobsLine) line = gtk_tree_list_row_get_item (place);
  Row *row;

  /* One whose engine went in this moment */
  if (line == NULL)
    return;

  row = g_hash_table_lookup (self->rows, line);
  if (row == NULL)
    {
      row = g_new0 (Row, 1);
      g_hash_table_insert (self->rows, g_object_ref (line), row);
      if (JOBS_IS_ENGINE (jobs_line_get_source (line)))
        g_hash_table_add (self->engines, line);
    }
  if (row->cells[column] == NULL)
    row->n_cells++;
  row->cells[column] = cell;
  g_object_set_data (G_OBJECT (cell), "line", line);

  if (column == COLUMN_JOB)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (cell), place);
  update_cell (cell, column, line);
}

static void
unbind_cb (GtkListItemFactory *factory,
           GtkListItem        *item,
           JobsGtkRows        *self)
{
  GtkWidget *cell = gtk_list_item_get_child (item);
  JobsLine *line = g_object_get_data (G_OBJECT (cell), "line");
  guint column = get_column (factory);
  Row *row = line != NULL ? g_hash_table_lookup (self->rows, line) : NULL;

  if (column == COLUMN_JOB)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (cell), NULL);
  g_object_set_data (G_OBJECT (cell), "line", NULL);

  /* The line may have another row by now: that one is not taken from it */
  if (row == NULL || row->cells[column] != cell)
    return;

  row->cells[column] = NULL;
  if (--row->n_cells > 0)
    return;

  g_hash_table_remove (self->engines, line);
  g_hash_table_remove (self->rows, line);
}

static int
compare_cb (gconstpointer one,
            gconstpointer other,
            gpointer      data)
{
  const Column *column = data;

  return column->compare ((JobsLine *) one, (JobsLine *) other);
}

static void
add_handler (GtkListItemFactory *factory,
             const char         *signal,
             GCallback           callback,
             JobsGtkRows        *self)
{
  g_signal_connect_data (factory, signal, callback, g_object_ref (self), (GClosureNotify) g_object_unref, 0);
}

static void
add_column (JobsGtkRows   *self,
            GtkColumnView *view,
            GMenuModel    *menu,
            guint          number)
{
  const Column *column = &columns[number];
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) added = gtk_column_view_column_new (_(column->title), factory);
  g_autoptr (GtkSorter) sorter =
    GTK_SORTER (gtk_custom_sorter_new (compare_cb, (gpointer) column, NULL));

  g_object_set_data (G_OBJECT (factory), "column", GUINT_TO_POINTER (number));
  add_handler (factory, "setup", G_CALLBACK (setup_cb), self);
  add_handler (factory, "teardown", G_CALLBACK (teardown_cb), self);
  add_handler (factory, "bind", G_CALLBACK (bind_cb), self);
  add_handler (factory, "unbind", G_CALLBACK (unbind_cb), self);

  gtk_column_view_column_set_sorter (added, sorter);
  gtk_column_view_column_set_header_menu (added, menu);
  gtk_column_view_column_set_resizable (added, TRUE);
  gtk_column_view_column_set_expand (added, column->width == 0);
  if (column->width > 0)
    gtk_column_view_column_set_fixed_width (added, column->width);
  gtk_column_view_append_column (view, added);
}

static void
jobs_gtk_rows_finalize (GObject *object)
{
  JobsGtkRows *self = JOBS_GTK_ROWS (object);

  g_hash_table_unref (self->engines);
  g_hash_table_unref (self->rows);

  G_OBJECT_CLASS (jobs_gtk_rows_parent_class)->finalize (object);
}

static void
jobs_gtk_rows_class_init (JobsGtkRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_gtk_rows_finalize;
}

static void
jobs_gtk_rows_init (JobsGtkRows *self)
{
  self->rows = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  self->engines = g_hash_table_new (NULL, NULL);
}

JobsGtkRows *
jobs_gtk_rows_new (GtkColumnView *view,
                   GMenuModel    *menu)
{
  JobsGtkRows *self = g_object_new (JOBS_GTK_TYPE_ROWS, NULL);

  for (guint i = 0; i < N_COLUMNS; i++)
    add_column (self, view, menu, i);

  return self;
}

static void
update_row (Row      *row,
            JobsLine *line)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    if (row->cells[i] != NULL)
      update_cell (row->cells[i], i, line);
}

void
jobs_gtk_rows_update (JobsGtkRows *self,
                      GPtrArray   *lines)
{
  GHashTableIter iter;
  JobsLine *line;
  Row *row;

  if (lines == NULL)
    {
      g_hash_table_iter_init (&iter, self->rows);
      while (g_hash_table_iter_next (&iter, (gpointer *) &line, (gpointer *) &row))
        update_row (row, line);
      return;
    }

  for (guint i = 0; i < lines->len; i++)
    {
      row = g_hash_table_lookup (self->rows, lines->pdata[i]);
      if (row != NULL)
        update_row (row, lines->pdata[i]);
    }

  /* How much of an engine is done is a matter of what is in it */
  g_hash_table_iter_init (&iter, self->engines);
  while (g_hash_table_iter_next (&iter, (gpointer *) &line, NULL))
    {
      row = g_hash_table_lookup (self->rows, line);
      if (row->cells[COLUMN_PROGRESS] != NULL)
        update_cell (row->cells[COLUMN_PROGRESS], COLUMN_PROGRESS, line);
    }
}

void
jobs_gtk_rows_tick (JobsGtkRows *self)
{
  GHashTableIter iter;
  JobsLine *line;
  Row *row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, (gpointer *) &line, (gpointer *) &row))
    if (row->cells[COLUMN_TIME] != NULL && jobs_state_is_active (jobs_line_get_state (line)))
      update_cell (row->cells[COLUMN_TIME], COLUMN_TIME, line);
}

GtkListItem *
jobs_gtk_rows_find_item (GtkWidget *widget)
{
  for (; widget != NULL && !GTK_IS_LIST_VIEW (widget); widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *inner = widget;

      /* Around our cells is what GTK makes of a row: the row, and its own cells */
      for (guint depth = 0; inner != NULL && depth < 3; depth++)
        {
          GtkListItem *item = g_object_get_data (G_OBJECT (inner), "item");

          if (item != NULL)
            return item;
          inner = gtk_widget_get_first_child (inner);
        }
    }

  return NULL;
}

GtkWidget *
jobs_gtk_rows_peek_widget (JobsGtkRows *self,
                           JobsLine    *line)
{
  Row *row = g_hash_table_lookup (self->rows, line);

  return row != NULL ? row->cells[COLUMN_JOB] : NULL;
}
