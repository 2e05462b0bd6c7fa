/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../monitors/jobs-visible.h"

#include "jobs-gtk-look.h"
#include "jobs-gtk-output.h"

struct _JobsGtkOutput
{
  GtkWidget parent_instance;

  GtkWidget *head;
  GtkWidget *title;
  GtkWidget *details;
  GtkWidget *scroller;
  GtkWidget *text;

  JobsBoard *board;
  JobsLine  *line;
  char      *shown; /* of the line's output, as it came */
};

G_DEFINE_FINAL_TYPE (JobsGtkOutput, jobs_gtk_output, GTK_TYPE_WIDGET)

/* The end of an escape sequence that only colours or erases; NULL: it is another */
static const char *
skip_colors (const char *text,
             const char *end)
{
  if (end - text < 3 || text[0] != '\033' || text[1] != '[')
    return NULL;
  for (text += 2; text < end && (g_ascii_isdigit (*text) || *text == ';'); text++)
    ;

  return text < end && (*text == 'm' || *text == 'K') ? text + 1 : NULL;
}

static void
append_clean_line (GString    *to,
                   const char *text,
                   const char *end)
{
  const char *begin = text;

  /* A bar that is drawn over and over is seen as it is drawn last */
  while (end > text && end[-1] == '\r')
    end--;
  for (const char *p = end; p > text; p--)
    if (p[-1] == '\r')
      {
        begin = text = p;
        break;
      }

  while (text < end)
    {
      const char *after = skip_colors (text, end);

      if (after == NULL)
        {
          text++;
          continue;
        }
      jobs_visible_append (to, begin, text - begin);
      begin = text = after;
    }
  jobs_visible_append (to, begin, end - begin);
}

char *
jobs_gtk_output_clean (const char *text)
{
  GString *clean = g_string_new (NULL);
  const char *newline;

  while ((newline = strchr (text, '\n')) != NULL)
    {
      append_clean_line (clean, text, newline);
      g_string_append_c (clean, '\n');
      text = newline + 1;
    }
  append_clean_line (clean, text, text + strlen (text));

  return g_string_free (clean, FALSE);
}

/* Appends where that is enough: a MiB of text is not laid out again for each line. What
 * is on the last line may yet be written over, so it is shown anew */
static void
update_text (JobsGtkOutput *self,
             const char    *output)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  const char *newline = self->shown != NULL ? strrchr (self->shown, '\n') : NULL;
  gsize kept = newline != NULL ? (gsize) (newline + 1 - self->shown) : 0;
  g_autofree char *clean = NULL;
  GtkTextIter begin, end;

  if (g_strcmp0 (self->shown, output) == 0)
    return;

  if (kept > 0 && strncmp (self->shown, output, kept) == 0)
    {
      gtk_text_buffer_get_end_iter (buffer, &begin);
      gtk_text_iter_set_line_offset (&begin, 0);
    }
  else
    {
      kept = 0;
      gtk_text_buffer_get_start_iter (buffer, &begin);
    }

  clean = jobs_gtk_output_clean (output + kept);
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_delete (buffer, &begin, &end);
  gtk_text_buffer_insert (buffer, &begin, clean, -1);
  g_free (self->shown);
  self->shown = g_strdup (output);
}

static void
update_head (JobsGtkOutput *self)
{
  g_autoptr (GString) title = g_string_new (NULL);
  g_autoptr (GString) details = g_string_new (NULL);
  g_autofree char *news = jobs_gtk_look_dup_news (self->line);
  const char *text = jobs_line_get_details (self->line);

  jobs_visible_append (title, jobs_line_get_path (self->line), -1);
  gtk_label_set_text (GTK_LABEL (self->title), title->str);
  if (text != NULL)
    {
      const char *newline = strchr (text, '\n');

      jobs_visible_append (details, text, newline != NULL ? newline - text : -1);
    }
  if (jobs_line_get_error (self->line) != NULL)
    g_string_append_printf (details, "%s%s", details->len > 0 ? " — " : "", news);
  gtk_label_set_text (GTK_LABEL (self->details), details->str);
  gtk_widget_set_visible (self->details, details->len > 0);
}

/* Whoever has scrolled up wants to read there */
static gboolean
is_at_end (JobsGtkOutput *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >=
         gtk_adjustment_get_upper (adjustment) - 1;
}

static void
line_changed_cb (JobsGtkOutput *self)
{
  const char *output = jobs_line_get_output (self->line);
  gboolean at_end = is_at_end (self);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));

  update_head (self);
  update_text (self, output != NULL ? output : "");
  if (at_end)
    gtk_text_view_scroll_mark_onscreen (GTK_TEXT_VIEW (self->text), gtk_text_buffer_get_insert (buffer));
}

static void
close_cb (JobsGtkOutput *self)
{
  jobs_gtk_output_show (self, NULL, NULL);
}

static void
jobs_gtk_output_dispose (GObject *object)
{
  JobsGtkOutput *self = JOBS_GTK_OUTPUT (object);
  GtkWidget *child;

  if (self->line != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->line, self);
      jobs_board_follow (self->board, self->line, FALSE);
    }
  g_clear_object (&self->line);
  g_clear_object (&self->board);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (jobs_gtk_output_parent_class)->dispose (object);
}

static void
jobs_gtk_output_finalize (GObject *object)
{
  g_free (JOBS_GTK_OUTPUT (object)->shown);

  G_OBJECT_CLASS (jobs_gtk_output_parent_class)->finalize (object);
}

static void
jobs_gtk_output_class_init (JobsGtkOutputClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = jobs_gtk_output_dispose;
  G_OBJECT_CLASS (klass)->finalize = jobs_gtk_output_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/asyncjobs/gtk/output.ui");
  gtk_widget_class_bind_template_child (widget_class, JobsGtkOutput, head);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkOutput, title);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkOutput, details);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkOutput, scroller);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkOutput, text);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
}

static void
jobs_gtk_output_init (JobsGtkOutput *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter end;

  gtk_widget_init_template (GTK_WIDGET (self));

  /* The mark for insertions stays at the end, where the view follows it */
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_place_cursor (buffer, &end);
}

void
jobs_gtk_output_show (JobsGtkOutput *self,
                      JobsBoard     *board,
                      JobsLine      *line)
{
  if (line != NULL && line == self->line)
    return;

  if (self->line != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->line, self);
      jobs_board_follow (self->board, self->line, FALSE);
    }
  g_set_object (&self->board, board);
  g_set_object (&self->line, line);
  gtk_widget_set_visible (GTK_WIDGET (self), line != NULL);
  if (line == NULL)
    return;

  g_signal_connect_swapped (line, "notify::output", G_CALLBACK (line_changed_cb), self);
  g_signal_connect_swapped (line, "notify::state", G_CALLBACK (line_changed_cb), self);
  jobs_board_follow (board, line, TRUE);
  line_changed_cb (self);
}

JobsLine *
jobs_gtk_output_get_line (JobsGtkOutput *self)
{
  return self->line;
}
