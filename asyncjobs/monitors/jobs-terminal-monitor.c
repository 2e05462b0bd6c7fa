/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <unistd.h>

#include "jobs-alarm.h"
#include "jobs-terminal-keys.h"
#include "jobs-terminal-monitor.h"

/**
 * JobsTerminalMonitor:
 *
 * Shows a run on a whole terminal, and takes keys.
 *
 * On top are counts, a bar and times; below, a line for each job, those that run first,
 * and what nested engines hold, indented. A job can be chosen, its output read, and it can
 * be cancelled or tried again; `?` lists the keys.
 *
 * It shows any [class@Board], so a run of this program as well as one elsewhere. It is
 * drawn at most five times a second, or when a key is pressed. A terminal that is slow, or
 * was stopped by Ctrl-S, holds up nothing: what it does not take is not drawn.
 *
 * While it is there, the terminal is its own: whoever else writes to it spoils the picture
 * (Ctrl-L mends it). What jobs write is made harmless. The terminal is given back when the
 * monitor is disposed of or detached, when the program exits, and when a signal ends it for
 * which it has no handler; only a KILL leaves it as it is. Ctrl-C and Ctrl-Z send their
 * signals as ever; who takes TSTP calls [method@TerminalMonitor.suspend] before it stops,
 * and [method@TerminalMonitor.resume] after. A program must have called `setlocale()` to
 * show more than ASCII.
 *
 * It belongs in the context of its board. There can be one at a time.
 *
 * Since: 1.0
 */

/* Between two frames, but for those after keys, ms: who reads sees no more */
#define INTERVAL 200
/* When nobody else has a frame drawn: the last word goes, the terminal may be ours again, ms */
#define TICK 1000
/* How long the last word stays, µs */
#define STATUS_TIME (5 * G_USEC_PER_SEC)

struct _JobsTerminalMonitor
{
  GObject parent_instance;

  JobsTerminalView view; /* its screen is NULL: detached */
  gboolean color;
  gboolean is_suspended; /* by who uses us */
  gint64 said;           /* when view.status was */
  gint64 drawn;          /* when the last frame was */
  JobsAlarm *alarm;      /* for the next frame */
  gboolean is_soon;      /* it comes before a tick, for there is news */
};

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_COLOR,
  N_PROPS
};

enum
{
  QUIT,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsTerminalMonitor, jobs_terminal_monitor, G_TYPE_OBJECT)

static void
draw (JobsTerminalMonitor *self)
{
  /* One that is not ready asks for it once it is */
  if (self->view.screen == NULL || !jobs_screen_is_ready (self->view.screen))
    return;

  self->drawn = g_get_monotonic_time ();
  if (self->view.status != NULL && g_get_monotonic_time () - self->said > STATUS_TIME)
    g_clear_pointer (&self->view.status, g_free);
  jobs_terminal_view_draw (&self->view);
}

static void draw_after (JobsTerminalMonitor *self,
                        gint64               time,
                        guint                interval);

static void
alarm_cb (gpointer data)
{
  JobsTerminalMonitor *self = data;

  self->is_soon = FALSE;
  draw_after (self, g_get_monotonic_time (), TICK);

  /* A shell that had us in the background may have brought us back, and tells nobody */
  if (!self->is_suspended)
    jobs_screen_resume (self->view.screen);
  draw (self);
}

static void
draw_after (JobsTerminalMonitor *self,
            gint64               time,
            guint                interval)
{
  jobs_alarm_set (&self->alarm, g_main_context_get_thread_default (),
                  time + interval * G_TIME_SPAN_MILLISECOND, alarm_cb, self);
}

/* Not within what tells of it */
static void
draw_soon (gpointer data)
{
  JobsTerminalMonitor *self = data;

  if (self->is_soon || self->view.screen == NULL)
    return;

  self->is_soon = TRUE;
  draw_after (self, self->drawn, INTERVAL);
}

/* What the screen tells */

static void
screen_key_cb (gunichar key,
               gpointer data)
{
  JobsTerminalMonitor *self = data;
  g_autoptr (JobsTerminalMonitor) kept = g_object_ref (self);
  gboolean quit = jobs_terminal_keys_take (&self->view, key, draw_soon, self);

  self->said = g_get_monotonic_time ();
  if (quit)
    g_signal_emit (self, signals[QUIT], 0);
}

static void
screen_draw_cb (gpointer data)
{
  draw (data);
}

static void
screen_gone_cb (gpointer data)
{
  JobsTerminalMonitor *self = data;
  g_autoptr (JobsTerminalMonitor) kept = g_object_ref (self);

  jobs_terminal_monitor_detach (self);
  g_signal_emit (self, signals[QUIT], 0);
}

static const JobsScreenFuncs screen_funcs = { screen_key_cb, screen_draw_cb, screen_gone_cb };

/* What the board tells */

static void
board_changed_cb (JobsBoard           *board,
                  GPtrArray           *lines,
                  JobsTerminalMonitor *self)
{
  if (self->view.list != NULL)
    jobs_terminal_list_touch (self->view.list);
  draw_soon (self);
}

static void
board_trouble_cb (JobsBoard           *board,
                  const char          *message,
                  JobsTerminalMonitor *self)
{
  jobs_terminal_monitor_say (self, message);
}

static gboolean
attach (JobsTerminalMonitor *self,
        JobsBoard           *board,
        int                  fd,
        GError             **error)
{
  self->view.screen = jobs_screen_new (fd, &screen_funcs, self, error);
  if (self->view.screen == NULL)
    return FALSE;

  jobs_screen_set_color (self->view.screen, self->color);
  self->view.board = g_object_ref (board);
  self->view.list = jobs_terminal_list_new (board);
  g_signal_connect_object (board, "changed", G_CALLBACK (board_changed_cb), self, 0);
  g_signal_connect_object (board, "trouble", G_CALLBACK (board_trouble_cb), self, 0);
  draw_after (self, g_get_monotonic_time (), TICK);
  draw (self);

  return TRUE;
}

/* The class */

static void
jobs_terminal_monitor_dispose (GObject *object)
{
  JobsTerminalMonitor *self = JOBS_TERMINAL_MONITOR (object);

  jobs_terminal_monitor_detach (self);
  g_clear_object (&self->view.board);

  G_OBJECT_CLASS (jobs_terminal_monitor_parent_class)->dispose (object);
}

static void
jobs_terminal_monitor_finalize (GObject *object)
{
  JobsTerminalMonitor *self = JOBS_TERMINAL_MONITOR (object);

  g_string_free (self->view.filter, TRUE);
  g_free (self->view.status);

  G_OBJECT_CLASS (jobs_terminal_monitor_parent_class)->finalize (object);
}

static void
jobs_terminal_monitor_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  JobsTerminalMonitor *self = JOBS_TERMINAL_MONITOR (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->view.board);
      break;
    case PROP_COLOR:
      g_value_set_boolean (value, self->color);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_terminal_monitor_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_COLOR:
      jobs_terminal_monitor_set_color (JOBS_TERMINAL_MONITOR (object), g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_terminal_monitor_class_init (JobsTerminalMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = jobs_terminal_monitor_dispose;
  object_class->finalize = jobs_terminal_monitor_finalize;
  object_class->get_property = jobs_terminal_monitor_get_property;
  object_class->set_property = jobs_terminal_monitor_set_property;

  /**
   * JobsTerminalMonitor:board: (getter get_board)
   *
   * What is shown.
   *
   * Since: 1.0
   */
  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, JOBS_TYPE_BOARD, readable);

  /**
   * JobsTerminalMonitor:color: (getter get_color) (setter set_color)
   *
   * Whether states are coloured, where the terminal has colours. They are told by signs
   * and words too.
   *
   * Since: 1.0
   */
  props[PROP_COLOR] = g_param_spec_boolean ("color", NULL, NULL, TRUE,
                                            readable | G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * JobsTerminalMonitor::quit:
   * @self: the monitor
   *
   * A person wants to leave, and the run to go on; or the terminal has gone. Whoever has
   * the monitor lets go of it, be it in a handler.
   *
   * It is emitted in the context of the board.
   *
   * Since: 1.0
   */
  signals[QUIT] = g_signal_new ("quit", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
jobs_terminal_monitor_init (JobsTerminalMonitor *self)
{
  self->color = TRUE;
  self->view.filter = g_string_new (NULL);
}

/**
 * jobs_terminal_monitor_new:
 * @board: what to show; its run may go on already
 * @fd: a descriptor of the terminal, such as 1; it is not kept
 * @error: (out) (optional): return location for an error
 *
 * Begins to show a run on a terminal.
 *
 * Errors: `G_IO_ERROR_NOT_SUPPORTED` where @fd is no terminal, or one on which nothing can
 * be drawn, by `TERM`; `G_IO_ERROR_BUSY` where the program is in the background of its
 * shell; `JOBS_ERROR_BUSY` where there is such a monitor already; what the system says
 * where it gives no access to the terminal.
 *
 * Returns: (transfer full): a monitor, or %NULL with an error
 *
 * Since: 1.0
 */
JobsTerminalMonitor *
jobs_terminal_monitor_new (JobsBoard *board,
                           int        fd,
                           GError   **error)
{
  g_autoptr (JobsTerminalMonitor) self = NULL;

  g_return_val_if_fail (JOBS_IS_BOARD (board), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_object_new (JOBS_TYPE_TERMINAL_MONITOR, NULL);

  return attach (self, board, fd, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * jobs_terminal_monitor_get_board:
 * @self: a terminal monitor
 *
 * What is shown.
 *
 * Returns: (transfer none): the board
 *
 * Since: 1.0
 */
JobsBoard *
jobs_terminal_monitor_get_board (JobsTerminalMonitor *self)
{
  g_return_val_if_fail (JOBS_IS_TERMINAL_MONITOR (self), NULL);

  return self->view.board;
}

/**
 * jobs_terminal_monitor_get_color:
 * @self: a terminal monitor
 *
 * Whether states are coloured, where the terminal has colours.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
jobs_terminal_monitor_get_color (JobsTerminalMonitor *self)
{
  g_return_val_if_fail (JOBS_IS_TERMINAL_MONITOR (self), FALSE);

  return self->color;
}

/**
 * jobs_terminal_monitor_set_color:
 * @self: a terminal monitor
 * @color: whether to colour states
 *
 * Sets whether states are coloured, where the terminal has colours. The default is to;
 * whether a person wants none, as by `NO_COLOR`, is for the caller to know.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_set_color (JobsTerminalMonitor *self,
                                 gboolean             color)
{
  g_return_if_fail (JOBS_IS_TERMINAL_MONITOR (self));

  color = !!color;
  if (self->color == color)
    return;

  self->color = color;
  if (self->view.screen != NULL)
    {
      jobs_screen_set_color (self->view.screen, color);
      draw (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COLOR]);
}

/**
 * jobs_terminal_monitor_say:
 * @self: a terminal monitor
 * @text: one line
 *
 * Shows something for a few seconds, in the last line.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_say (JobsTerminalMonitor *self,
                           const char          *text)
{
  g_return_if_fail (JOBS_IS_TERMINAL_MONITOR (self));
  g_return_if_fail (text != NULL);

  g_free (self->view.status);
  self->view.status = g_strdup (text);
  self->said = g_get_monotonic_time ();
  draw (self);
}

/**
 * jobs_terminal_monitor_suspend:
 * @self: a terminal monitor
 *
 * Gives the terminal back for a while, as before the program is stopped or another one is
 * run in it. Twice is harmless.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_suspend (JobsTerminalMonitor *self)
{
  g_return_if_fail (JOBS_IS_TERMINAL_MONITOR (self));

  self->is_suspended = TRUE;
  if (self->view.screen != NULL)
    jobs_screen_suspend (self->view.screen);
}

/**
 * jobs_terminal_monitor_resume:
 * @self: a terminal monitor
 *
 * Takes the terminal again. In the background of a shell, that happens once the shell has
 * brought the program back.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_resume (JobsTerminalMonitor *self)
{
  g_return_if_fail (JOBS_IS_TERMINAL_MONITOR (self));

  self->is_suspended = FALSE;
  if (self->view.screen != NULL)
    jobs_screen_resume (self->view.screen);
}

/**
 * jobs_terminal_monitor_detach:
 * @self: a terminal monitor
 *
 * Ends showing the run, and gives the terminal back as it was. Detaching twice is
 * harmless.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_detach (JobsTerminalMonitor *self)
{
  g_return_if_fail (JOBS_IS_TERMINAL_MONITOR (self));

  if (self->view.screen == NULL)
    return;

  jobs_alarm_clear (&self->alarm);
  g_signal_handlers_disconnect_by_data (self->view.board, self);
  jobs_terminal_keys_back (&self->view);
  g_clear_pointer (&self->view.list, jobs_terminal_list_free);
  g_clear_pointer (&self->view.screen, jobs_screen_free);
}

/**
 * jobs_terminal_monitor_restore_now:
 *
 * Gives the terminal back at once, if there is a monitor, which is of no use any more after
 * that. This can be called from a handler of a signal, before the program says its last
 * words; a program that has no such handler need not care.
 *
 * Since: 1.0
 */
void
jobs_terminal_monitor_restore_now (void)
{
  jobs_screen_restore_now ();
}
