/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "live.h"

#if JOBS_HAS_TERMINAL

struct _Live
{
  JobsBoard *board;
  JobsTerminalMonitor *monitor;
  Forecast *forecast; /* nullable */
  void (*quit) (gpointer data);
  gpointer data;
};

static gboolean
is_wanted (const RunOptions *options,
           gboolean          is_free)
{
  const char *term = g_getenv ("TERM"), *ci = g_getenv ("CI");

  if (options->progress != PROGRESS_AUTO)
    return options->progress == PROGRESS_LIVE;

  /* Who asks for lines, or for commands, wants to see them */
  return is_free && isatty (STDOUT_FILENO) && !options->output_set && !options->verbose &&
         term != NULL && *term != '\0' && !g_str_equal (term, "dumb") && (ci == NULL || *ci == '\0');
}

int
live_choose_terminal (const RunOptions *options,
                      gboolean          is_free)
{
  if (!is_wanted (options, is_free))
    return -1;

  return isatty (STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
}

static void
say (const char *line,
     gpointer    data)
{
  Live *self = data;
  const char *text = strstr (line, ": ");
  g_autofree char *word = g_strdup (text != NULL ? text + 2 : line);

  jobs_terminal_monitor_say (self->monitor, g_strchomp (word));
}

static void
quit_cb (Live *self)
{
  self->quit (self->data);
}

static void
look_ahead (Live *self)
{
  gint64 left;

  if (forecast_get_left (self->forecast, &left))
    jobs_board_set_time_left (self->board, left);
}

Live *
live_new (const RunOptions *options,
          JobsEngine       *engine,
          const char       *title,
          Forecast         *forecast,
          int               fd,
          gboolean          color,
          void (*quit) (gpointer data),
          gpointer          data)
{
  g_autoptr (Live) self = g_new0 (Live, 1);
  g_autoptr (GError) error = NULL;

  self->forecast = forecast;
  self->quit = quit;
  self->data = data;
  self->board = jobs_engine_board_new (engine);
  jobs_board_set_title (self->board, title);
  self->monitor = jobs_terminal_monitor_new (self->board, fd, &error);
  if (self->monitor == NULL)
    {
      if (options->progress == PROGRESS_LIVE)
        tool_note ("--progress live: %s", error->message);
      return NULL;
    }

  jobs_terminal_monitor_set_color (self->monitor, color);
  g_signal_connect_swapped (self->monitor, "quit", G_CALLBACK (quit_cb), self);
  tool_notes_hold (say, self);
  if (self->forecast != NULL)
    {
      g_signal_connect_swapped (self->board, "notify::elapsed", G_CALLBACK (look_ahead), self);
      look_ahead (self);
    }

  return g_steal_pointer (&self);
}

void
live_suspend (Live *self)
{
  jobs_terminal_monitor_suspend (self->monitor);
}

void
live_resume (Live *self)
{
  jobs_terminal_monitor_resume (self->monitor);
}

void
live_free (Live *self)
{
  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  if (self->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->monitor, self);
      jobs_terminal_monitor_detach (self->monitor);
      tool_notes_release ();
    }
  g_clear_object (&self->monitor);
  g_clear_object (&self->board);
  g_clear_pointer (&self->forecast, forecast_free);
  g_free (self);
}

void
live_restore_now (void)
{
  jobs_terminal_monitor_restore_now ();
}

#else

int
live_choose_terminal (const RunOptions *options,
                      gboolean          is_free)
{
  if (options->progress == PROGRESS_LIVE)
    tool_note ("--progress live: %s", _("this was built without it"));

  return -1;
}

Live *
live_new (const RunOptions *options,
          JobsEngine       *engine,
          const char       *title,
          Forecast         *forecast,
          int               fd,
          gboolean          color,
          void (*quit) (gpointer data),
          gpointer          data)
{
  g_clear_pointer (&forecast, forecast_free);

  return NULL;
}

void
live_suspend (Live *self)
{
}

void
live_resume (Live *self)
{
}

void
live_free (Live *self)
{
}

void
live_restore_now (void)
{
}

#endif
