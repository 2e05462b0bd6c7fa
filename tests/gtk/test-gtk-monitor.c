/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gtk-support.h"

/* The list: what it shows, what it keeps and what it costs */

static GListModel *
get_model (GtkWidget *monitor)
{
  return G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (find_widget (monitor, GTK_TYPE_COLUMN_VIEW))));
}

static void
test_life (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *monitor, *window;
  Run run;

  g_test_summary ("A monitor comes in the middle of a run, keeps no engine, and may be given another board");

  add_delay (engine, "one", 1);
  add_delay (engine, "two", 100);
  begin (&run, engine, NULL);
  board = jobs_engine_board_new (engine);
  monitor = jobs_gtk_monitor_new (board);
  g_assert_true (jobs_gtk_monitor_get_board (JOBS_GTK_MONITOR (monitor)) == board);
  window = show (monitor, 700, 300);
  spin_until (find_label (monitor, "one") != NULL && find_label (monitor, "finished") != NULL);
  jobs_gtk_monitor_set_board (JOBS_GTK_MONITOR (monitor), NULL);
  spin_until (find_label (monitor, "No jobs") != NULL);
  jobs_gtk_monitor_set_board (JOBS_GTK_MONITOR (monitor), board);
  end (&run, engine, NULL);
  spin_until (find_label (monitor, "two") != NULL);

  g_object_add_weak_pointer (G_OBJECT (engine), (gpointer *) &engine);
  g_object_unref (engine);
  g_assert_null (engine);
  spin_until (find_label (monitor, "No jobs") != NULL);

  g_object_add_weak_pointer (G_OBJECT (monitor), (gpointer *) &monitor);
  gtk_window_destroy (GTK_WINDOW (window));
  spin_until (monitor == NULL);
  g_assert_finalize_object (g_steal_pointer (&board));
}

static void
test_states (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  GtkWidget *monitor = jobs_gtk_monitor_new (board);
  GtkWidget *window = show (monitor, 900, 300);
  GtkWidget *icon, *label;
  Run run;

  g_test_summary ("A row tells state and error in words, in a colour, and to those who do not see it");

  jobs_action_set_critical (add_command (engine, "broken", "echo said; exit 3"), FALSE);
  spin_until (find_label (monitor, "broken") != NULL);
  g_assert_nonnull (find_label (monitor, "idle"));
  begin (&run, engine, NULL);
  end (&run, engine, NULL);
  spin_until (find_label (monitor, "failed") != NULL);

  label = find_label (monitor, "failed");
  g_assert_true (gtk_widget_has_css_class (label, "jobs-failed"));
  g_assert_false (gtk_widget_has_css_class (label, "jobs-idle"));
  g_assert_nonnull (find_label (monitor, "exited with status 3"));
  icon = find_widget (gtk_widget_get_parent (find_label (monitor, "broken")), GTK_TYPE_IMAGE);
  g_assert_cmpstr (gtk_image_get_icon_name (GTK_IMAGE (icon)), ==, "jobs-failed-symbolic");
  gtk_test_accessible_assert_role (icon, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (icon, GTK_ACCESSIBLE_PROPERTY_LABEL, "failed");
  g_assert_true (gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (gtk_widget_get_display (icon)),
                                          "jobs-failed-symbolic"));

  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
report_cb (gpointer data)
{
  JobsAttempt *attempt = data;

  jobs_attempt_report (attempt, g_random_double (), "goes on");

  return G_SOURCE_CONTINUE;
}

static void
changed_cb (guint *n)
{
  (*n)++;
}

#define TEST_TYPE_BUSY (test_busy_get_type ())
G_DECLARE_FINAL_TYPE (TestBusy, test_busy, TEST, BUSY, JobsAction)

/* Reports a thousand times in a second */
struct _TestBusy
{
  JobsAction   parent_instance;
  JobsAttempt *attempt;
  guint        source;
};

G_DEFINE_FINAL_TYPE (TestBusy, test_busy, JOBS_TYPE_ACTION)

static gboolean
end_cb (gpointer data)
{
  TestBusy *self = data;
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&self->attempt);

  g_source_remove (self->source);
  jobs_attempt_complete (attempt, NULL);

  return G_SOURCE_REMOVE;
}

static gboolean
test_busy_start (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  TestBusy *self = TEST_BUSY (action);

  self->attempt = g_object_ref (attempt);
  self->source = g_timeout_add (1, report_cb, attempt);
  g_timeout_add (1000, end_cb, self);

  return TRUE;
}

static void
test_busy_class_init (TestBusyClass *klass)
{
  JOBS_ACTION_CLASS (klass)->start = test_busy_start;
}

static void
test_busy_init (TestBusy *self)
{
}

static void
test_coalescing (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsAction) busy = g_object_new (TEST_TYPE_BUSY, "label", "busy", NULL);
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *monitor, *window, *bar;
  Run run;
  guint n = 0;

  g_test_summary ("A thousand reports in a second move a bar ten times");

  jobs_engine_add (engine, busy);
  board = jobs_engine_board_new (engine);
  monitor = jobs_gtk_monitor_new (board);
  window = show (monitor, 700, 300);
  spin_until (find_label (monitor, "busy") != NULL);
  bar = find_widget (monitor, GTK_TYPE_PROGRESS_BAR);
  g_signal_connect_swapped (bar, "notify::fraction", G_CALLBACK (changed_cb), &n);
  begin (&run, engine, NULL);
  end (&run, engine, NULL);
  g_assert_cmpuint (n, >=, 2);
  g_assert_cmpuint (n, <=, 12);

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_nested (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *outer = add_engine (engine, "outer");
  JobsEngine *inner = add_engine (outer, "inner");
  JobsAction *leaf = add_delay (inner, "leaf", 1);
  g_autoptr (JobsBoard) board = NULL;
  g_autoptr (JobsLine) line = NULL;
  g_autoptr (JobsLine) seen = NULL;
  GtkWidget *monitor, *window;

  g_test_summary ("To select a job opens the engines that it is in, and no engine to unselect it");

  for (guint i = 0; i < 500; i++)
    add_delay (inner, "other", 1);
  board = jobs_engine_board_new (engine);
  monitor = jobs_gtk_monitor_new (board);
  window = show (monitor, 700, 300);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (monitor)), ==, 1);

  line = jobs_engine_board_dup_line (JOBS_ENGINE_BOARD (board), leaf);
  jobs_gtk_monitor_set_selected (JOBS_GTK_MONITOR (monitor), line);
  g_assert_true (jobs_gtk_monitor_get_selected (JOBS_GTK_MONITOR (monitor)) == line);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (monitor)), ==, 503);
  spin_until (find_label (monitor, "leaf") != NULL);

  g_object_set (monitor, "selected", NULL, NULL);
  g_object_get (monitor, "selected", &seen, NULL);
  g_assert_null (seen);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (monitor)), ==, 503);

  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
do_nothing (JobsAction *action,
            gpointer    data,
            GError    **error)
{
  return TRUE;
}

/* A million jobs in a window */
typedef struct
{
  JobsEngine    *engine;
  JobsAction   **actions;
  JobsBoard     *board;
  GtkWidget     *monitor;
  GtkWidget     *window;
  GtkAdjustment *adjustment;
} Million;

enum
{
  MILLION = 1000000,
  /* Of lines: more than GTK has rows for, few enough that one left behind by each row is seen */
  FEW = 1000,
};

static void
million_setup (Million      *million,
               gconstpointer data)
{
  g_autoptr (GTimer) timer = NULL;
  GtkWidget *scroller;

  million->engine = jobs_engine_new ();
  million->actions = g_new (JobsAction *, MILLION);
  for (guint i = 0; i < MILLION; i++)
    {
      char label[16];

      g_snprintf (label, sizeof label, "job %u", i);
      million->actions[i] = jobs_callback_action_new (label, do_nothing, NULL, NULL);
    }
  jobs_engine_add_many (million->engine, million->actions, MILLION);
  for (guint i = 0; i < MILLION; i++)
    g_object_unref (million->actions[i]);
  million->board = jobs_engine_board_new (million->engine);

  timer = g_timer_new ();
  million->monitor = jobs_gtk_monitor_new (million->board);
  million->window = show (million->monitor, 700, 500);
  draw (million->monitor);
  g_test_message ("opened in %.2f s", g_timer_elapsed (timer, NULL));
  scroller = gtk_widget_get_ancestor (find_widget (million->monitor, GTK_TYPE_COLUMN_VIEW), GTK_TYPE_SCROLLED_WINDOW);
  million->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
}

static void
million_teardown (Million      *million,
                  gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (million->window));
  g_object_unref (million->board);
  g_object_unref (million->engine);
  g_free (million->actions);
}

/* An action that has a line is held by it */
static guint
count_lines (Million *million)
{
  guint n = 0;

  for (guint i = 0; i < MILLION; i++)
    n += G_OBJECT (million->actions[i])->ref_count > 1;

  return n;
}

static void
test_million (Million      *million,
              gconstpointer data)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  Run run;

  g_test_summary ("A million jobs are opened, scrolled and run with lines for those on the screen alone");

  g_assert_cmpuint (g_list_model_get_n_items (get_model (million->monitor)), ==, MILLION);
  g_assert_cmpuint (count_lines (million), <, FEW);

  g_timer_start (timer);
  for (guint i = 1; i <= 20; i++)
    {
      gtk_adjustment_set_value (million->adjustment, gtk_adjustment_get_upper (million->adjustment) * i / 20);
      draw (million->monitor);
    }
  g_test_message ("twenty scrolls in %.2f s", g_timer_elapsed (timer, NULL));
  spin_until (find_label (million->monitor, "job 999999") != NULL);
  g_assert_cmpuint (count_lines (million), <, FEW);

  g_timer_start (timer);
  begin (&run, million->engine, NULL);
  end (&run, million->engine, NULL);
  g_test_message ("run in %.2f s", g_timer_elapsed (timer, NULL));
  spin_until (find_label (million->monitor, "finished") != NULL);
  g_assert_cmpuint (count_lines (million), <, FEW);
}

/* The jobs whose labels can be read; there are rows above and below that GTK keeps at hand */
typedef struct
{
  guint first;
  guint last;
} Sight;

static void
look_at (GtkWidget *widget,
         Sight     *sight)
{
  const char *text = peek_text (widget);

  if (text != NULL && g_str_has_prefix (text, "job ") && gtk_widget_get_mapped (widget))
    {
      GtkWidget *rows = gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_VIEW);
      guint job = g_ascii_strtoull (text + strlen ("job "), NULL, 10);
      graphene_rect_t place;

      if (gtk_widget_compute_bounds (widget, rows, &place) && place.origin.y > -1 &&
          place.origin.y + place.size.height < gtk_widget_get_height (rows) + 1)
        {
          sight->first = MIN (sight->first, job);
          sight->last = MAX (sight->last, job);
        }
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look_at (child, sight);
}

static Sight
look (Million *million)
{
  Sight sight = { G_MAXUINT, 0 };

  /* Before that, rows may have other jobs but not yet another place */
  draw (million->monitor);
  look_at (million->monitor, &sight);

  return sight;
}

/* The real one, until this job is seen. Each click is to bring others, and to leave out none.
 * It is seen before the next: where many come within a frame, any list of GTK 4.8 jumps far */
static void
turn_wheel (Million *million,
            gboolean down,
            guint    job)
{
  /* One for all clicks: to fork with a million actions takes longer than to scroll */
  FILE *mouse = popen ("xdotool -", "w");
  Sight sight = look (million);

  g_assert_nonnull (mouse);
  while (job < sight.first || job > sight.last)
    {
      double value = gtk_adjustment_get_value (million->adjustment);
      Sight before = sight;

      fprintf (mouse, "click --delay 1 %d\n", down ? 5 : 4);
      fflush (mouse);
      spin_until (gtk_adjustment_get_value (million->adjustment) != value);
      sight = look (million);
      if (down)
        g_assert_true (sight.last > before.last && sight.first <= before.last + 1);
      else
        g_assert_true (sight.first < before.first && sight.last + 1 >= before.first);
    }
  g_assert_cmpint (pclose (mouse), ==, 0);
}

static void
test_wheel (Million      *million,
            gconstpointer data)
{
  /* Of jobs: more than GTK has rows for */
  const guint distance = 300;
  g_autoptr (GTimer) timer = NULL;
  guint n_lines;

  g_test_summary ("The mouse wheel goes through a million jobs, at both ends, and back");

  xdotool ("mousemove --sync 200 250");
  g_assert_cmpuint (look (million).first, ==, 0);
  g_assert_cmpuint (look (million).last, <, distance / 10);
  n_lines = count_lines (million);
  g_assert_cmpuint (n_lines, <, distance);

  timer = g_timer_new ();
  turn_wheel (million, TRUE, distance);
  g_assert_cmpuint (look (million).first, >, distance / 2);
  g_assert_cmpuint (count_lines (million), <, n_lines + distance / 2);
  turn_wheel (million, FALSE, 0);
  g_assert_cmpuint (look (million).first, ==, 0);
  g_assert_cmpuint (count_lines (million), <, n_lines + distance / 2);

  gtk_adjustment_set_value (million->adjustment, gtk_adjustment_get_upper (million->adjustment));
  g_assert_cmpuint (look (million).last, ==, MILLION - 1);
  turn_wheel (million, FALSE, MILLION - 1 - distance);
  turn_wheel (million, TRUE, MILLION - 1);
  g_assert_cmpuint (count_lines (million), <, n_lines + distance / 2);
  g_test_message ("four times %u jobs in %.2f s", distance, g_timer_elapsed (timer, NULL));
}

static void
test_trouble (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsAction *action = add_delay (engine, "one", 1);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsLine) line = jobs_engine_board_dup_line (JOBS_ENGINE_BOARD (board), action);
  GtkWidget *monitor = jobs_gtk_monitor_new (board);
  GtkWidget *window = show (monitor, 700, 300);
  GtkWidget *bar = find_widget (monitor, GTK_TYPE_INFO_BAR);

  g_test_summary ("What cannot be done is said");

  g_assert_false (gtk_info_bar_get_revealed (GTK_INFO_BAR (bar)));
  jobs_board_retry_line (board, line);
  g_assert_true (gtk_info_bar_get_revealed (GTK_INFO_BAR (bar)));

  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  setup (&argc, &argv);

  g_test_add_func ("/jobs/gtk-monitor/life", test_life);
  g_test_add_func ("/jobs/gtk-monitor/states", test_states);
  g_test_add_func ("/jobs/gtk-monitor/coalescing", test_coalescing);
  g_test_add_func ("/jobs/gtk-monitor/nested", test_nested);
  g_test_add_func ("/jobs/gtk-monitor/trouble", test_trouble);
  g_test_add ("/jobs/gtk-monitor/million", Million, NULL, million_setup, test_million, million_teardown);
  g_test_add ("/jobs/gtk-monitor/wheel", Million, NULL, million_setup, test_wheel, million_teardown);

  return g_test_run ();
}
