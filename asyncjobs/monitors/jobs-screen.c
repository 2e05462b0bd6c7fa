/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1

#include "config.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../jobs-types.h"
#include "../nodes/jobs-timer.h"

#include "jobs-alarm.h"
#include "jobs-screen.h"
#include "jobs-terminfo.h"
#include "jobs-tty.h"

/* The rest of a key that begins with an escape comes at once, or it is none, ms */
#define ESCAPE_DELAY 25
/* How long the terminal may take for the last frame, ms */
#define PATIENCE 500

struct _JobsScreen
{
  const JobsScreenFuncs *funcs;
  gpointer data;

  JobsTty *tty;
  SCREEN *curses;
  FILE *input;
  FILE *frame;     /* what curses writes, in memory */
  GByteArray *out; /* what the terminal has not taken yet */
  gboolean is_suspended;
  gboolean is_colorful; /* the terminal */
  gboolean color;       /* wanted */

  JobsWatch *keys; /* to poll a terminal itself takes a microsecond, at each turn */
  GSource *room;   /* NULL: nothing waits for it */
  GSource *resize;
};

static JobsScreen *live;

/* To the terminal, and never longer than that takes it */

static gboolean
write_out (JobsScreen *self)
{
  while (self->out->len > 0)
    {
      gssize written = write (jobs_tty_get_fd (self->tty), self->out->data, self->out->len);

      if (written > 0)
        g_byte_array_remove_range (self->out, 0, written);
      else if (written < 0 && errno == EAGAIN)
        return FALSE;
      else if (written == 0 || errno != EINTR)
        /* It has gone: whoever reads its keys will hear of that */
        g_byte_array_set_size (self->out, 0);
    }

  return TRUE;
}

static gboolean
room_cb (int          fd,
         GIOCondition condition,
         gpointer     user_data)
{
  JobsScreen *self = user_data;

  if ((condition & (G_IO_HUP | G_IO_ERR)) != 0)
    g_byte_array_set_size (self->out, 0);
  else if (!write_out (self))
    return G_SOURCE_CONTINUE;

  jobs_timer_clear (&self->room);
  self->funcs->draw (self->data);

  return G_SOURCE_REMOVE;
}

/* What curses has written since the last time */
static void
take_frame (JobsScreen *self)
{
  int fd = fileno (self->frame);
  off_t size;
  guint before = self->out->len;

  fflush (self->frame);
  size = lseek (fd, 0, SEEK_CUR);
  if (size <= 0)
    return;

  g_byte_array_set_size (self->out, before + size);
  if (pread (fd, self->out->data + before, size, 0) != size)
    g_byte_array_set_size (self->out, before);
  if (lseek (fd, 0, SEEK_SET) != 0 || ftruncate (fd, 0) != 0)
    g_warning ("cannot rewind a frame: %s", g_strerror (errno));
}

static void
flush (JobsScreen *self)
{
  take_frame (self);
  if (self->room != NULL || write_out (self))
    return;

  self->room = g_unix_fd_source_new (jobs_tty_get_fd (self->tty), G_IO_OUT | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->room, G_SOURCE_FUNC (room_cb), self, NULL);
  g_source_set_static_name (self->room, "[asyncjobs] terminal");
  g_source_attach (self->room, g_main_context_get_thread_default ());
}

/* The last frame has to be there before others write; but one that is stopped by Ctrl-S
 * stops nobody */
static void
flush_all (JobsScreen *self)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE * G_TIME_SPAN_MILLISECOND;

  take_frame (self);
  jobs_timer_clear (&self->room);
  while (!write_out (self))
    {
      struct pollfd pfd = { .fd = jobs_tty_get_fd (self->tty), .events = POLLOUT };
      gint64 left = deadline - g_get_monotonic_time ();

      if (left <= 0)
        break;
      poll (&pfd, 1, (int) (left / 1000) + 1);
    }
  g_byte_array_set_size (self->out, 0);
}

/* Keys */

static gunichar
translate (int   kind,
           wint_t c)
{
  static const struct { int code; JobsKey key; } codes[] = {
    { KEY_UP, JOBS_KEY_UP }, { KEY_DOWN, JOBS_KEY_DOWN },
    { KEY_LEFT, JOBS_KEY_LEFT }, { KEY_RIGHT, JOBS_KEY_RIGHT },
    { KEY_PPAGE, JOBS_KEY_PAGE_UP }, { KEY_NPAGE, JOBS_KEY_PAGE_DOWN },
    { KEY_HOME, JOBS_KEY_HOME }, { KEY_END, JOBS_KEY_END },
    { KEY_ENTER, JOBS_KEY_ENTER }, { KEY_BACKSPACE, JOBS_KEY_BACKSPACE },
  };

  if (kind == KEY_CODE_YES)
    {
      for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
        if (codes[i].code == (int) c)
          return codes[i].key;
      return 0;
    }

  switch (c)
    {
    case '\r':
    case '\n':
      return JOBS_KEY_ENTER;
    case '\b':
    case 0x7f:
      return JOBS_KEY_BACKSPACE;
    case 0x1b:
      return JOBS_KEY_ESCAPE;
    default:
      return c;
    }
}

static void
keys_cb (gpointer user_data)
{
  JobsScreen *self = user_data;
  struct pollfd tty = { .fd = jobs_tty_get_fd (self->tty), .events = POLLIN };
  wint_t c;
  int kind;

  /* A terminal that has gone can be read from, too: its end */
  if (poll (&tty, 1, 0) > 0 && (tty.revents & (POLLHUP | POLLERR)) != 0)
    {
      jobs_watch_clear (&self->keys);
      self->funcs->gone (self->data);
      return;
    }

  /* A key may well lead to the end of us */
  while (live == self && !self->is_suspended && (kind = get_wch (&c)) != ERR)
    {
      gunichar key = translate (kind, c);

      if (key != 0)
        self->funcs->key (key, self->data);
    }
  if (live == self)
    self->funcs->draw (self->data);
}

/* Its size */

static void
adapt_size (JobsScreen *self)
{
  struct winsize size = { 0 };

  if (ioctl (jobs_tty_get_fd (self->tty), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
    size = (struct winsize) { .ws_row = 24, .ws_col = 80 };
  if (size.ws_row != LINES || size.ws_col != COLS)
    resizeterm (size.ws_row, size.ws_col);
}

static gboolean
resize_cb (gpointer user_data)
{
  JobsScreen *self = user_data;

  adapt_size (self);
  jobs_screen_repaint (self);
  self->funcs->draw (self->data);

  return G_SOURCE_CONTINUE;
}

/* Beginning and end */

/* curses takes signals for programs that have no handlers of their own; whose they are is
 * not for us to say */
static SCREEN *
start_curses (const char *term,
              FILE       *out,
              FILE       *in)
{
  static const int signums[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
  struct sigaction before[G_N_ELEMENTS (signums)];
  SCREEN *curses;

  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    sigaction (signums[i], NULL, &before[i]);
  /* It writes to memory, which has no size */
  use_env (FALSE);
  curses = newterm (term, out, in);
  for (guint i = 0; i < G_N_ELEMENTS (signums); i++)
    sigaction (signums[i], &before[i], NULL);

  return curses;
}

static void
set_up_curses (JobsScreen *self)
{
  nodelay (stdscr, TRUE);
  keypad (stdscr, TRUE);
  set_escdelay (ESCAPE_DELAY);
  typeahead (-1);
  curs_set (0);
  if (has_colors () && start_color () == OK && use_default_colors () == OK)
    {
      init_pair (JOBS_STYLE_BLUE, COLOR_CYAN, -1);
      init_pair (JOBS_STYLE_GREEN, COLOR_GREEN, -1);
      init_pair (JOBS_STYLE_RED, COLOR_RED, -1);
      init_pair (JOBS_STYLE_YELLOW, COLOR_YELLOW, -1);
      self->is_colorful = TRUE;
    }
}

static gboolean
open_files (JobsScreen *self,
            GError    **error)
{
  int frame = memfd_create ("asyncjobs-frame", MFD_CLOEXEC);
  int input = fcntl (jobs_tty_get_fd (self->tty), F_DUPFD_CLOEXEC, 3);

  if (frame >= 0)
    self->frame = fdopen (frame, "w+");
  if (input >= 0)
    self->input = fdopen (input, "r");
  if (self->frame != NULL && self->input != NULL)
    return TRUE;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("cannot use the terminal: %s"),
               g_strerror (errno));
  if (self->frame == NULL && frame >= 0)
    g_close (frame, NULL);
  if (self->input == NULL && input >= 0)
    g_close (input, NULL);

  return FALSE;
}

static gboolean
start (JobsScreen *self,
       GError    **error)
{
  const char *term = g_getenv ("TERM");

  if (term != NULL && jobs_terminfo_is_capable (term, jobs_tty_get_fd (self->tty)))
    self->curses = start_curses (term, self->frame, self->input);
  if (self->curses == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("no screen can be drawn on a terminal of the type ‘%s’"), term != NULL ? term : "");
      return FALSE;
    }

  set_up_curses (self);
  adapt_size (self);
  jobs_tty_set_last_words (self->tty, jobs_terminfo_dup_leave ());
  jobs_tty_enter (self->tty);
  self->keys = jobs_watch_new (g_main_context_get_thread_default (), jobs_tty_get_fd (self->tty), keys_cb, self);
  self->resize = g_unix_signal_source_new (SIGWINCH);
  g_source_set_callback (self->resize, resize_cb, self, NULL);
  g_source_attach (self->resize, g_main_context_get_thread_default ());

  return TRUE;
}

static void
stop (JobsScreen *self)
{
  jobs_watch_clear (&self->keys);
  jobs_timer_clear (&self->room);
  jobs_timer_clear (&self->resize);
  if (self->curses != NULL)
    {
      if (!self->is_suspended)
        jobs_screen_suspend (self);
      delscreen (self->curses);
    }
  g_clear_pointer (&self->tty, jobs_tty_free);
  g_clear_pointer (&self->input, fclose);
  g_clear_pointer (&self->frame, fclose);
  g_byte_array_unref (self->out);
  g_free (self);
}

JobsScreen *
jobs_screen_new (int                    fd,
                 const JobsScreenFuncs *funcs,
                 gpointer               data,
                 GError               **error)
{
  JobsScreen *self;

  if (live != NULL)
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY, _("this program draws on a terminal already"));
      return NULL;
    }

  self = g_new0 (JobsScreen, 1);
  self->funcs = funcs;
  self->data = data;
  self->out = g_byte_array_new ();
  self->tty = jobs_tty_new (fd, error);
  if (self->tty == NULL || !open_files (self, error) || !start (self, error))
    {
      /* Nothing that it has prepared is to be shown */
      self->is_suspended = TRUE;
      stop (self);
      return NULL;
    }
  live = self;

  return self;
}

void
jobs_screen_free (JobsScreen *self)
{
  live = NULL;
  stop (self);
}

gboolean
jobs_screen_is_ready (JobsScreen *self)
{
  return !self->is_suspended && self->out->len == 0;
}

void
jobs_screen_get_size (JobsScreen *self,
                      guint      *rows,
                      guint      *columns)
{
  *rows = LINES;
  *columns = COLS;
}

/* Whether it is wanted; the terminal may have none */
void
jobs_screen_set_color (JobsScreen *self,
                       gboolean    color)
{
  self->color = color;
}

gboolean
jobs_screen_has_color (JobsScreen *self)
{
  return self->color && self->is_colorful;
}

void
jobs_screen_repaint (JobsScreen *self)
{
  clearok (curscr, TRUE);
}

void
jobs_screen_suspend (JobsScreen *self)
{
  if (self->is_suspended)
    return;

  self->is_suspended = TRUE;
  /* What it was about to show has no use any more, but half of a sequence is no end */
  flush_all (self);
  endwin ();
  flush_all (self);
  jobs_tty_leave (self->tty);
}

void
jobs_screen_resume (JobsScreen *self)
{
  if (!self->is_suspended || !jobs_tty_is_ours (self->tty))
    return;

  self->is_suspended = FALSE;
  jobs_tty_enter (self->tty);
  adapt_size (self);
  jobs_screen_repaint (self);
  self->funcs->draw (self->data);
}

void
jobs_screen_restore_now (void)
{
  jobs_tty_restore_now ();
}

/* Frames */

void
jobs_screen_begin (JobsScreen *self)
{
  curs_set (0);
  erase ();
}

void
jobs_screen_show (JobsScreen *self)
{
  /* Whoever has the terminal now, such as the shell, is not to be disturbed */
  if (!jobs_tty_is_ours (self->tty))
    {
      self->is_suspended = TRUE;
      endwin ();
      take_frame (self);
      g_byte_array_set_size (self->out, 0);
      jobs_tty_leave (self->tty);
      return;
    }

  wnoutrefresh (stdscr);
  doupdate ();
  flush (self);
}
