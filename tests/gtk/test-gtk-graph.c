/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gtk-support.h"

/* The graph, as its users see it */

/* A point of it in a picture of the widget */
static void
get_pixel (GtkWidget *widget,
           int        x,
           int        y,
           guchar    *pixel)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  memset (pixel, 0, 4);
  /* Nothing is drawn yet */
  if (node == NULL)
    return;
  texture = gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT ((float) x, (float) y, 1, 1));
  gdk_texture_download (texture, pixel, 4);
}

/* How many points of it are drawn on, more or less */
static guint
count_drawn (GtkWidget *widget)
{
  guint n = 0;

  for (int y = 0; y < gtk_widget_get_height (widget); y += 7)
    for (int x = 0; x < gtk_widget_get_width (widget); x += 7)
      {
        guchar pixel[4];

        get_pixel (widget, x, y, pixel);
        n += pixel[3] > 0;
      }

  return n;
}

static void
wait_drawn (GtkWidget *graph)
{
  guint n;

  do
    {
      draw (graph);
      n = count_drawn (graph);
    }
  while (n == 0);
}

static void
test_life (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  GtkWidget *graph = jobs_gtk_graph_new (board);
  GtkWidget *window = show (graph, 300, 200);
  Run run;

  g_test_summary ("A graph grows with its engine, keeps none alive, and goes");

  spin_until (find_label (graph, "No jobs") != NULL);
  add_delay (engine, "one", 1);
  spin_until (find_label (graph, "No jobs") == NULL);
  wait_drawn (graph);
  begin (&run, engine, NULL);
  end (&run, engine, NULL);

  g_object_add_weak_pointer (G_OBJECT (engine), (gpointer *) &engine);
  g_object_unref (engine);
  g_assert_null (engine);
  spin_until (find_label (graph, "No jobs") != NULL);
  jobs_gtk_graph_set_board (JOBS_GTK_GRAPH (graph), NULL);

  g_object_add_weak_pointer (G_OBJECT (graph), (gpointer *) &graph);
  gtk_window_destroy (GTK_WINDOW (window));
  spin_until (graph == NULL);
}

static void
test_gone_while_drawn (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *graph, *window;

  g_test_summary ("A graph may go while Graphviz is at work");

  add_delay (engine, "one", 1);
  board = jobs_engine_board_new (engine);
  graph = jobs_gtk_graph_new (board);
  window = show (graph, 300, 200);
  g_object_add_weak_pointer (G_OBJECT (graph), (gpointer *) &graph);
  gtk_window_destroy (GTK_WINDOW (window));
  spin_until (graph == NULL);
}

/* And waits until the graph has this zoom, but for rounding */
static void
press_key (GtkWidget  *graph,
           const char *key,
           double      zoom)
{
  g_autofree char *words = g_strconcat ("key ", key, NULL);

  xdotool (words);
  spin_until (ABS (jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph)) - zoom) < 1e-6);
}

static void
test_keys (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *graph, *window;
  double all;

  g_test_summary ("Keys show it bigger, smaller, as it is, and all of it");

  for (guint i = 0; i < 20; i++)
    add_delay (engine, "one of many", 1);
  board = jobs_engine_board_new (engine);
  graph = jobs_gtk_graph_new (board);
  window = show (graph, 300, 200);
  wait_drawn (graph);
  all = jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph));
  g_assert_cmpfloat (all, <, 0.9);

  xdotool ("mousemove --sync 5 5 click 1");
  spin_until (gtk_widget_has_focus (graph));
  press_key (graph, "plus", all * 1.2);
  press_key (graph, "equal", all * 1.44);
  press_key (graph, "minus", all * 1.2);
  press_key (graph, "1", 1);
  press_key (graph, "0", all);
  press_key (graph, "KP_Add", all * 1.2);
  press_key (graph, "KP_Subtract", all);

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
selected_cb (guint *n)
{
  (*n)++;
}

static void
test_clicks (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *graph, *window;
  guint selected = 0, activated = 0;
  double zoom;

  g_test_summary ("Real clicks select and activate a node, the wheel zooms, dragging ends following");

  add_delay (engine, "the only one", 1);
  board = jobs_engine_board_new (engine);
  graph = jobs_gtk_graph_new (board);
  window = show (graph, 300, 200);
  wait_drawn (graph);
  g_signal_connect_swapped (graph, "notify::selected", G_CALLBACK (selected_cb), &selected);
  g_signal_connect_swapped (graph, "activated", G_CALLBACK (selected_cb), &activated);

  /* One node is in the middle */
  xdotool ("mousemove --sync 150 100 click 1");
  spin_until (selected == 1);
  g_assert_cmpstr (jobs_line_get_label (jobs_gtk_graph_get_selected (JOBS_GTK_GRAPH (graph))), ==, "the only one");
  gtk_test_accessible_assert_property (graph, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "the only one: idle");
  xdotool ("click --repeat 2 --delay 50 1");
  spin_until (activated >= 1);
  xdotool ("mousemove --sync 5 5 click 1");
  spin_until (selected == 2);
  g_assert_null (jobs_gtk_graph_get_selected (JOBS_GTK_GRAPH (graph)));

  zoom = jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph));
  xdotool ("keydown ctrl click 4 keyup ctrl");
  spin_until (jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph)) > zoom);
  jobs_gtk_graph_set_follow (JOBS_GTK_GRAPH (graph), TRUE);
  xdotool ("mousemove --sync 20 20 mousedown 1 mousemove --sync 60 40 mousemove --sync 90 60 mouseup 1");
  spin_until (!jobs_gtk_graph_get_follow (JOBS_GTK_GRAPH (graph)));
  jobs_gtk_graph_fit (JOBS_GTK_GRAPH (graph));
  g_assert_cmpfloat (jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph)), ==, zoom);

  gtk_window_destroy (GTK_WINDOW (window));
}

/* How much more red than blue a point is, as the graph has drawn it by itself */
static int
get_warmth (GtkWidget *graph,
            int        x,
            int        y)
{
  guchar pixel[4];

  /* BGRA */
  get_pixel (graph, x, y, pixel);

  return pixel[2] - pixel[0];
}

static void
test_colors (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsAction *action = add (engine, "this one fails for sure", NULL);
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  GtkWidget *graph = jobs_gtk_graph_new (board);
  GtkWidget *window = show (graph, 400, 200);
  int idle;
  Run run;

  g_test_summary ("A node has the colour of its state as soon as the run goes on, and nobody asks for it");

  jobs_action_set_critical (action, FALSE);
  wait_drawn (graph);
  /* Below the letters: grey, then blue, then red */
  idle = get_warmth (graph, 200, 111);
  begin (&run, engine, NULL);
  spin_until (get_warmth (graph, 200, 111) < idle - 8);
  g_assert_null (run.result);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_RUNNING);

  jobs_attempt_fail_message (test (action)->attempt, "no luck");
  spin_until (get_warmth (graph, 200, 111) > idle + 8);
  end (&run, engine, NULL);

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_follow (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = NULL;
  JobsAction *previous = NULL;
  GtkWidget *graph, *window;
  Run run;

  g_test_summary ("One that follows comes near enough to read, and has what runs in the middle of things");

  for (guint i = 0; i < 60; i++)
    {
      JobsAction *action = add_delay (engine, "step", i == 59 ? 2000 : 1);

      if (previous != NULL)
        jobs_action_requires (action, previous);
      previous = action;
    }
  board = jobs_engine_board_new (engine);
  graph = jobs_gtk_graph_new (board);
  window = show (graph, 300, 300);
  wait_drawn (graph);
  g_assert_cmpfloat (jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph)), <, 0.2);

  jobs_gtk_graph_set_follow (JOBS_GTK_GRAPH (graph), TRUE);
  begin (&run, engine, NULL);
  spin_until (jobs_action_get_state (previous) == JOBS_STATE_RUNNING &&
              jobs_gtk_graph_get_zoom (JOBS_GTK_GRAPH (graph)) >= 0.6);
  /* It glides there; only the last one is blue, and it is at the lower end */
  for (gboolean seen = FALSE; !seen && run.result == NULL;)
    {
      draw (graph);
      for (int y = 0; y < 300 && !seen; y += 3)
        {
          guchar pixel[4];

          get_pixel (graph, 150, y, pixel);
          seen = pixel[0] > pixel[2] + 40;
        }
    }
  g_assert_null (run.result);
  jobs_engine_cancel (engine);
  end (&run, engine, NULL);

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_too_many (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *graph, *window, *button;

  g_test_summary ("Too many jobs are not drawn, but a button collapses what they are in");

  for (guint i = 0; i < 2001; i++)
    add_delay (inner, "one", 1);
  board = jobs_engine_board_new (engine);
  graph = jobs_gtk_graph_new (board);
  window = show (graph, 400, 300);
  button = find_widget (graph, GTK_TYPE_BUTTON);
  spin_until (gtk_widget_get_mapped (button));
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (jobs_gtk_graph_get_collapsed (JOBS_GTK_GRAPH (graph)));
  spin_until (!gtk_widget_get_mapped (button));
  wait_drawn (graph);

  for (guint i = 0; i < 2001; i++)
    add_delay (engine, "one", 1);
  spin_until (find_label (graph, "There are too many jobs to draw. The list shows them all.") != NULL);
  g_assert_false (gtk_widget_get_mapped (button));

  gtk_window_destroy (GTK_WINDOW (window));
}

/* A connection of its own */
static GDBusConnection *
join (GTestDBus *bus)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection =
    g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                            G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                              G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                            NULL, NULL, &error);

  g_assert_no_error (error);

  return connection;
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;

  *(JobsBoard **) data = jobs_bus_board_new_finish (result, &error);
  g_assert_no_error (error);
}

static void
test_on_a_bus (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (GDBusConnection) near = NULL, far = NULL;
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsBoard) copy = NULL, other = NULL;
  g_autoptr (JobsBusMonitor) monitor = NULL;
  GtkWidget *graph, *window;

  g_test_summary ("A run on the bus is drawn, and goes on to be when it has left");

  if (daemon == NULL)
    {
      g_test_skip ("there is no dbus-daemon");
      return;
    }

  jobs_action_requires (JOBS_ACTION (inner), add_delay (engine, "first", 1));
  jobs_action_requires (add_delay (inner, "b", 1), add_delay (inner, "a", 1));
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  near = join (bus);
  far = join (bus);
  monitor = jobs_bus_monitor_new (JOBS_ENGINE_BOARD (board), near);
  spin_until (jobs_bus_monitor_get_shown (monitor));
  jobs_bus_board_new_async (far, jobs_bus_monitor_get_name (monitor), NULL, opened_cb, &copy);
  jobs_bus_board_new_async (far, jobs_bus_monitor_get_name (monitor), NULL, opened_cb, &other);
  spin_until (copy != NULL && other != NULL);

  /* One that goes before the other process has answered */
  graph = jobs_gtk_graph_new (copy);
  window = show (graph, 300, 300);
  g_object_add_weak_pointer (G_OBJECT (graph), (gpointer *) &graph);
  gtk_window_destroy (GTK_WINDOW (window));
  spin_until (graph == NULL);

  graph = jobs_gtk_graph_new (copy);
  window = show (graph, 300, 300);
  wait_drawn (graph);
  jobs_bus_monitor_detach (monitor);
  spin_until (jobs_bus_board_get_gone (JOBS_BUS_BOARD (copy)) && jobs_bus_board_get_gone (JOBS_BUS_BOARD (other)));
  jobs_gtk_graph_set_board (JOBS_GTK_GRAPH (graph), NULL);
  jobs_gtk_graph_set_collapsed (JOBS_GTK_GRAPH (graph), TRUE);
  jobs_gtk_graph_set_board (JOBS_GTK_GRAPH (graph), copy);
  wait_drawn (graph);
  g_assert_null (find_label (graph, "The run is not shown any more"));
  jobs_gtk_graph_set_board (JOBS_GTK_GRAPH (graph), other);
  spin_until (find_label (graph, "The run is not shown any more") != NULL);

  gtk_window_destroy (GTK_WINDOW (window));
  g_clear_object (&copy);
  g_clear_object (&other);
  g_clear_object (&monitor);
  g_test_dbus_stop (bus);
}

int
main (int argc, char *argv[])
{
  setup (&argc, &argv);

  g_test_add_func ("/jobs/gtk-graph/life", test_life);
  g_test_add_func ("/jobs/gtk-graph/gone-while-drawn", test_gone_while_drawn);
  g_test_add_func ("/jobs/gtk-graph/clicks", test_clicks);
  g_test_add_func ("/jobs/gtk-graph/keys", test_keys);
  g_test_add_func ("/jobs/gtk-graph/colors", test_colors);
  g_test_add_func ("/jobs/gtk-graph/follow", test_follow);
  g_test_add_func ("/jobs/gtk-graph/too-many", test_too_many);
  g_test_add_func ("/jobs/gtk-graph/on-a-bus", test_on_a_bus);

  return g_test_run ();
}
