/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-terminal-keys.h"

#define CONTROL(letter) ((letter) & 0x1f)
#define FILTER_MAX 256

static void
say (JobsTerminalView *self,
     char             *status)
{
  g_free (self->status);
  self->status = status;
}

static JobsLine *
get_line (JobsTerminalView *self)
{
  return self->page != NULL ? jobs_terminal_page_get_line (self->page) : jobs_terminal_list_get_selected (self->list);
}

/* What is done to a job, or to the run */

static void
cancel_line (JobsTerminalView *self)
{
  g_autoptr (JobsLine) line = get_line (self) != NULL ? g_object_ref (get_line (self)) : NULL;

  if (line == NULL)
    say (self, g_strdup (_("choose a job first, by the arrow keys")));
  else if (jobs_state_is_terminal (jobs_line_get_state (line)))
    say (self, g_strdup_printf (_("%s has ended already"), jobs_line_get_path (line)));
  else
    {
      say (self, g_strdup_printf (_("%s: told to end"), jobs_line_get_path (line)));
      jobs_board_cancel_line (self->board, line);
    }
}

static void
retry_line (JobsTerminalView *self)
{
  g_autoptr (JobsLine) line = get_line (self) != NULL ? g_object_ref (get_line (self)) : NULL;

  if (line == NULL)
    {
      say (self, g_strdup (_("choose a job first, by the arrow keys")));
      return;
    }

  /* Where that cannot be, the board says so, and that comes after this */
  say (self, g_strdup_printf (_("%s: to be tried again"), jobs_line_get_path (line)));
  jobs_board_retry_line (self->board, line);
}

static void
pause_or_resume (JobsTerminalView *self)
{
  if (jobs_state_is_terminal (jobs_board_get_state (self->board)))
    say (self, g_strdup (_("the run has ended")));
  else if (jobs_board_get_paused (self->board))
    {
      say (self, g_strdup (_("the run goes on")));
      jobs_board_resume (self->board);
    }
  else
    {
      say (self, g_strdup (_("no more jobs are started; Space goes on")));
      jobs_board_pause (self->board);
    }
}

/* Where one is */

static void
open_page (JobsTerminalView *self)
{
  JobsLine *line;

  if (jobs_terminal_list_get_selected (self->list) == NULL)
    jobs_terminal_list_move (self->list, 1);
  line = jobs_terminal_list_get_selected (self->list);
  if (line == NULL)
    return;
  /* An engine writes nothing itself */
  if (jobs_terminal_list_toggle (self->list))
    return;

  self->page = jobs_terminal_page_new (line);
  jobs_board_follow (self->board, line, TRUE);
}

void
jobs_terminal_keys_back (JobsTerminalView *self)
{
  JobsTerminalPage *page = g_steal_pointer (&self->page);

  if (page == NULL)
    return;

  jobs_board_follow (self->board, jobs_terminal_page_get_line (page), FALSE);
  jobs_terminal_page_free (page);
}

static void
move (JobsTerminalView *self,
      int               rows)
{
  if (self->page != NULL)
    jobs_terminal_page_scroll (self->page, rows);
  else
    jobs_terminal_list_move (self->list, rows);
}

static void
jump (JobsTerminalView *self,
      gboolean          end)
{
  if (self->page != NULL)
    jobs_terminal_page_jump (self->page, end);
  else
    jobs_terminal_list_move_to_end (self->list, end);
}

static void
fold (JobsTerminalView *self,
      gboolean          open)
{
  if (self->page == NULL)
    jobs_terminal_list_fold (self->list, open);
  else if (!open)
    jobs_terminal_keys_back (self);
}

static void
set_filter (JobsTerminalView *self,
            void (*found) (gpointer data),
            gpointer          data)
{
  jobs_terminal_list_filter (self->list, self->filter->str, found, data);
}

/* One step back of all that one may have done */
static void
escape (JobsTerminalView *self)
{
  if (self->page != NULL)
    jobs_terminal_keys_back (self);
  else if (self->filter->len > 0)
    {
      g_string_truncate (self->filter, 0);
      set_filter (self, NULL, NULL);
    }
  else
    jobs_terminal_list_unselect (self->list);
}

/* Keys, by what is asked */

static void
take_while_filtering (JobsTerminalView *self,
                      gunichar          key,
                      void (*found) (gpointer data),
                      gpointer          data)
{
  switch (key)
    {
    case JOBS_KEY_ENTER:
    case JOBS_KEY_DOWN:
    case JOBS_KEY_UP:
      self->mode = JOBS_TERMINAL_BROWSES;
      if (key != JOBS_KEY_ENTER)
        move (self, 1);
      return;
    case JOBS_KEY_ESCAPE:
      self->mode = JOBS_TERMINAL_BROWSES;
      g_string_truncate (self->filter, 0);
      break;
    case JOBS_KEY_BACKSPACE:
      if (self->filter->len == 0)
        self->mode = JOBS_TERMINAL_BROWSES;
      else
        g_string_truncate (self->filter,
                           g_utf8_prev_char (self->filter->str + self->filter->len) - self->filter->str);
      break;
    case CONTROL ('U'):
      g_string_truncate (self->filter, 0);
      break;
    default:
      if (key >= JOBS_KEY_UP || !g_unichar_isprint (key) || self->filter->len >= FILTER_MAX)
        return;
      g_string_append_unichar (self->filter, key);
      break;
    }
  set_filter (self, found, data);
}

static gboolean
take_while_quitting (JobsTerminalView *self,
                     gunichar          key)
{
  self->mode = JOBS_TERMINAL_BROWSES;
  switch (key)
    {
    case 'y':
    case 'Y':
      return TRUE;
    case 'c':
    case 'C':
      say (self, g_strdup (_("the run is told to end")));
      jobs_board_cancel (self->board);
      return FALSE;
    default:
      return FALSE;
    }
}

static gboolean
ask_to_quit (JobsTerminalView *self)
{
  /* Nothing is left running by that */
  if (jobs_state_is_terminal (jobs_board_get_state (self->board)))
    return TRUE;

  self->mode = JOBS_TERMINAL_QUITS;

  return FALSE;
}

static void
take_to_move (JobsTerminalView *self,
              gunichar          key)
{
  int page = (int) MAX (jobs_terminal_view_get_height (self), 2) - 1;

  switch (key)
    {
    case JOBS_KEY_UP:
    case 'k':
      move (self, -1);
      break;
    case JOBS_KEY_DOWN:
    case 'j':
      move (self, 1);
      break;
    case JOBS_KEY_PAGE_UP:
    case CONTROL ('B'):
      move (self, -page);
      break;
    case JOBS_KEY_PAGE_DOWN:
    case CONTROL ('F'):
      move (self, page);
      break;
    case JOBS_KEY_HOME:
    case 'g':
      jump (self, FALSE);
      break;
    case JOBS_KEY_END:
    case 'G':
      jump (self, TRUE);
      break;
    case JOBS_KEY_LEFT:
    case '-':
      fold (self, FALSE);
      break;
    case JOBS_KEY_RIGHT:
    case '+':
      fold (self, TRUE);
      break;
    default:
      break;
    }
}

static gboolean
take_while_browsing (JobsTerminalView *self,
                     gunichar          key)
{
  switch (key)
    {
    case JOBS_KEY_ENTER:
      if (self->page == NULL)
        open_page (self);
      break;
    case JOBS_KEY_ESCAPE:
    case JOBS_KEY_BACKSPACE:
      escape (self);
      break;
    case '/':
      jobs_terminal_keys_back (self);
      self->mode = JOBS_TERMINAL_FILTERS;
      break;
    case 'c':
      cancel_line (self);
      break;
    case 'r':
      retry_line (self);
      break;
    case ' ':
      pause_or_resume (self);
      break;
    case '?':
    case 'h':
      self->mode = JOBS_TERMINAL_HELPS;
      break;
    case CONTROL ('L'):
      jobs_screen_repaint (self->screen);
      break;
    case 'q':
      return ask_to_quit (self);
    default:
      take_to_move (self, key);
      break;
    }

  return FALSE;
}

gboolean
jobs_terminal_keys_take (JobsTerminalView *self,
                         gunichar          key,
                         void (*found) (gpointer data),
                         gpointer          data)
{
  g_clear_pointer (&self->status, g_free);
  switch (self->mode)
    {
    case JOBS_TERMINAL_FILTERS:
      take_while_filtering (self, key, found, data);
      return FALSE;
    case JOBS_TERMINAL_QUITS:
      return take_while_quitting (self, key);
    case JOBS_TERMINAL_HELPS:
      self->mode = JOBS_TERMINAL_BROWSES;
      return FALSE;
    case JOBS_TERMINAL_BROWSES:
    default:
      return take_while_browsing (self, key);
    }
}
