/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A whole terminal, drawn on by curses, that never holds up who draws: a frame is made in
 * memory, and goes to the terminal as that takes it. There is one at a time */
typedef struct _JobsScreen JobsScreen;

/* Beside characters, for JobsScreenFuncs.key */
typedef enum
{
  JOBS_KEY_UP = 0x110000,
  JOBS_KEY_DOWN,
  JOBS_KEY_LEFT,
  JOBS_KEY_RIGHT,
  JOBS_KEY_PAGE_UP,
  JOBS_KEY_PAGE_DOWN,
  JOBS_KEY_HOME,
  JOBS_KEY_END,
  JOBS_KEY_ENTER,
  JOBS_KEY_BACKSPACE,
  JOBS_KEY_ESCAPE,
} JobsKey;

typedef enum
{
  JOBS_STYLE_PLAIN,
  JOBS_STYLE_STRONG,
  JOBS_STYLE_FAINT,
  JOBS_STYLE_BLUE,
  JOBS_STYLE_GREEN,
  JOBS_STYLE_RED,
  JOBS_STYLE_YELLOW,
  JOBS_STYLE_CHOSEN, /* of a line that a key would act on */
} JobsStyle;

typedef struct
{
  void (*key)  (gunichar key,
                gpointer data);
  /* Draw: something has come in, the size is another one, or the last frame was taken */
  void (*draw) (gpointer data);
  /* The terminal has gone, for good */
  void (*gone) (gpointer data);
} JobsScreenFuncs;

/* fd: of a terminal; it is not kept */
JobsScreen *jobs_screen_new         (int                    fd,
                                     const JobsScreenFuncs *funcs,
                                     gpointer               data,
                                     GError               **error);
/* Leaves the terminal as it was */
void        jobs_screen_free        (JobsScreen *self);
/* Nothing may be drawn before the last frame was taken */
gboolean    jobs_screen_is_ready    (JobsScreen *self);
void        jobs_screen_get_size    (JobsScreen *self,
                                     guint      *rows,
                                     guint      *columns);
void        jobs_screen_set_color   (JobsScreen *self,
                                     gboolean    color);
gboolean    jobs_screen_has_color   (JobsScreen *self);
/* Begins a frame, which is empty, and shows it */
void        jobs_screen_begin       (JobsScreen *self);
void        jobs_screen_show        (JobsScreen *self);
/* The next frame is drawn from scratch: others have written to the terminal */
void        jobs_screen_repaint     (JobsScreen *self);
/* Gives the terminal back for a while; nothing is drawn until resume() */
void        jobs_screen_suspend     (JobsScreen *self);
void        jobs_screen_resume      (JobsScreen *self);
/* At once, from a handler of signals too: no screen is of use after that */
void        jobs_screen_restore_now (void);

/* Drawing. Text is made harmless, and cut, with a sign, to what fits into width; the
 * columns used are returned */
guint       jobs_screen_put         (JobsScreen *self,
                                     guint       row,
                                     guint       column,
                                     guint       width,
                                     const char *text,
                                     JobsStyle   style);
/* Not harmless by itself: a character of ours, or its substitute where the locale lacks it */
guint       jobs_screen_put_sign    (JobsScreen *self,
                                     guint       row,
                                     guint       column,
                                     const char *sign,
                                     char        substitute,
                                     JobsStyle   style);
void        jobs_screen_put_bar     (JobsScreen *self,
                                     guint       row,
                                     guint       column,
                                     guint       width,
                                     double      fraction,
                                     JobsStyle   style);
void        jobs_screen_clear       (JobsScreen *self,
                                     guint       row);
/* A line as it is, whose parts keep their colours */
void        jobs_screen_choose      (JobsScreen *self,
                                     guint       row);
/* Where a person types */
void        jobs_screen_put_cursor  (JobsScreen *self,
                                     guint       row,
                                     guint       column);

G_END_DECLS
