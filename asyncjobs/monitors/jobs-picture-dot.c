/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-picture-private.h"

/* What lines are drawn with; they are seen on white, and told apart by more than colour */
#define INK    "#202020"
#define FAINT  "#808080"
#define PATH   "#0060a8"

/* A nested engine is a cluster. Edges can only lead from node to node and be cut off at
 * the border of a cluster: so each engine has a node in it for those that come and one
 * for those that go */
typedef struct
{
  guint head;
  guint tail;
  gboolean is_required;
} Ends;

typedef struct
{
  JobsPicture *picture;
  GString *text;
  Ends *ends;
} Drawing;

/* Quoted, as a label. The text is shown as it is: neither dot's escapes nor
 * HTML's entities mean anything in it, and what XML cannot hold is replaced */
static void
append_quoted (GString    *text,
               const char *label)
{
  g_string_append_c (text, '"');
  for (const char *p = label; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '"' || c == '\\')
        g_string_append_printf (text, "\\%c", (char) c);
      else if (c == '&')
        g_string_append (text, "&amp;");
      else if (c == '\n')
        g_string_append (text, "\\n");
      else if (c == '\t')
        g_string_append_c (text, ' ');
      else if (jobs_picture_is_control (c))
        g_string_append_unichar (text, 0xfffd);
      else
        g_string_append_unichar (text, c);
    }
  g_string_append_c (text, '"');
}

static void
append_indent (Drawing *self,
               guint    depth)
{
  /* Deep nesting is not to make the text grow with the square of it */
  g_string_append_printf (self->text, "%*s", 2 * (int) MIN (depth, 20), "");
}

/* The state is told by a word too: not all who look see the colours */
static void
append_label (Drawing               *self,
              const JobsPictureItem *item)
{
  g_autofree char *label = jobs_picture_item_dup_label (item);
  g_autofree char *wrapped = jobs_picture_wrap (label);
  g_autofree char *words = jobs_picture_item_dup_words (item);
  g_autofree char *both = words != NULL ? g_strconcat (wrapped, "\n", words, NULL) : NULL;

  g_string_append (self->text, "label=");
  append_quoted (self->text, both != NULL ? both : wrapped);
}

/* What has no room in a box. Not the path: of those that are nested deeply it would be
 * most of the text */
static void
append_tooltip (Drawing               *self,
                const JobsPictureItem *item)
{
  g_autofree char *label = jobs_picture_item_dup_label (item);
  g_autofree char *tooltip = g_strconcat (label, ": ", jobs_picture_item_get_word (item),
                                          item->is_critical ? "" : ", ",
                                          item->is_critical ? "" : _("not critical"),
                                          item->is_forever ? ", " : "",
                                          /* Translators: of a job: it runs until all others have ended */
                                          item->is_forever ? _("forever") : "",
                                          item->message != NULL ? ": " : "",
                                          item->message, NULL);
  g_autofree char *valid = g_utf8_make_valid (tooltip, -1);

  g_string_append (self->text, "tooltip=");
  append_quoted (self->text, valid);
}

/* For a node and for a cluster alike, which has one border only */
static void
append_look (Drawing               *self,
             const JobsPictureItem *item,
             const char            *separator)
{
  const char *fill = jobs_picture_get_fill (item->state);

  append_label (self, item);
  g_string_append (self->text, separator);
  append_tooltip (self, item);
  g_string_append_printf (self->text, "%sstyle=\"%s%s%s\"", separator,
                          item->is_engine ? "solid" : "rounded",
                          item->is_forever ? ",dashed" : "",
                          fill != NULL ? ",filled" : "");
  if (fill != NULL)
    g_string_append_printf (self->text, "%sfillcolor=\"%s%s\"", separator, fill,
                            item->is_engine ? "60" : "");
  g_string_append_printf (self->text, "%scolor=\"%s\"%spenwidth=%s", separator,
                          item->is_on_path ? PATH : item->is_critical ? INK : FAINT,
                          separator, item->is_critical ? "2" : "0.8");
  if (item->is_on_path && !item->is_engine)
    g_string_append_printf (self->text, "%speripheries=2", separator);
}

static void
append_edge (Drawing               *self,
             const JobsPictureEdge *edge)
{
  /* The words of job files; blanks, not to have them touch the arrows */
  static const char *const looks[] = {
    [JOBS_CONDITION_DONE] = "",
    [JOBS_CONDITION_SUCCESS] = ", label=\" success \", fontcolor=\"#006b4c\"",
    [JOBS_CONDITION_FAILURE] = ", label=\" failure \", fontcolor=\"#a83a00\", arrowhead=box",
    [JOBS_CONDITION_READY] = ", label=\" ready \", fontcolor=\"#0060a8\", arrowhead=empty",
    [JOBS_CONDITION_AFTER] = ", label=\" after \", style=dashed, arrowhead=vee",
  };
  g_autoptr (GString) look = g_string_new (NULL);

  if (self->picture->items[edge->from].is_engine)
    g_string_append_printf (look, ", ltail=cluster_%u", edge->from);
  if (self->picture->items[edge->to].is_engine)
    g_string_append_printf (look, ", lhead=cluster_%u", edge->to);
  g_string_append (look, looks[edge->condition]);
  if (edge->is_on_path)
    g_string_append (look, ", color=\"" PATH "\", penwidth=3");

  g_string_append_printf (self->text, "  n%u -> n%u", self->ends[edge->from].tail,
                          self->ends[edge->to].head);
  if (look->len > 0)
    g_string_append_printf (self->text, " [%s]", look->str + strlen (", "));
  g_string_append (self->text, ";\n");
}

static void
append_items (Drawing *self)
{
  JobsPicture *picture = self->picture;
  guint open = 0; /* the engine that is being drawn */
  guint depth = 1;

  for (guint i = 1; i <= picture->n_items; i++)
    {
      const JobsPictureItem *item = &picture->items[i];
      guint parent = i < picture->n_items ? item->parent : 0;

      for (; open != parent; open = picture->items[open].parent)
        {
          append_indent (self, --depth);
          g_string_append (self->text, "}\n");
        }
      if (i == picture->n_items)
        break;

      append_indent (self, depth);
      if (!item->is_engine)
        {
          g_string_append_printf (self->text, "n%u [", i);
          append_look (self, item, ", ");
          g_string_append (self->text, "];\n");
          continue;
        }

      g_string_append_printf (self->text, "subgraph cluster_%u { ", i);
      append_look (self, item, "; ");
      g_string_append (self->text, ";\n");
      open = i;
      depth++;
      if (self->ends[i].head != i)
        continue;
      append_indent (self, depth);
      g_string_append_printf (self->text, "n%u [label=\"\", style=invis, width=0.3, height=0.2];\n", i);
    }
}

/* From the last to the first, so that what is in an engine comes before it: its first one
 * that requires nothing there, and its first one that nothing there requires, or just its
 * first one where all is one circle */
static void
find_ends (Drawing *self)
{
  JobsPicture *picture = self->picture;
  g_autofree Ends *fallback = g_new0 (Ends, picture->n_items);

  for (guint i = 0; i < picture->edges->len; i++)
    self->ends[g_array_index (picture->edges, JobsPictureEdge, i).from].is_required = TRUE;

  for (guint i = picture->n_items; i-- > 1;)
    {
      Ends *ends = &self->ends[i];
      guint parent = picture->items[i].parent;

      if (ends->head == 0)
        ends->head = fallback[i].head != 0 ? fallback[i].head : i;
      if (ends->tail == 0)
        ends->tail = fallback[i].tail != 0 ? fallback[i].tail : i;

      fallback[parent] = *ends;
      if (picture->items[i].n_edges == 0)
        self->ends[parent].head = ends->head;
      if (!ends->is_required)
        self->ends[parent].tail = ends->tail;
    }
}

/**
 * jobs_picture_to_dot:
 * @self: a picture
 *
 * The picture as text for Graphviz's `dot`.
 *
 * Nested engines are clusters, also where nothing is in them. Arrows lead from what
 * is required to what requires it, and are labelled where the condition is another
 * than the end; one of %JOBS_CONDITION_AFTER is dashed. Critical actions have a thick
 * border, others a thin one, forever ones a dashed one. The longest path is blue: its
 * arrows are thick and its actions have a double border. The state is told by the
 * colour and by a word in the box, and how long it took where that is known; what
 * became of an action, by a tooltip. Requirements that lead out of their engine are
 * not drawn.
 *
 * Any text can be a label: long ones go over several lines.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
jobs_picture_to_dot (JobsPicture *self)
{
  g_autofree Ends *ends = NULL;
  g_autofree char *label = NULL;
  Drawing drawing = { self };

  g_return_val_if_fail (JOBS_IS_PICTURE (self), NULL);

  jobs_picture_ensure_path (self);
  ends = g_new0 (Ends, self->n_items);
  drawing.ends = ends;
  drawing.text = g_string_new ("digraph jobs {\n"
                               "  compound=true; fontname=\"sans-serif\";\n"
                               "  node [shape=box, fontname=\"sans-serif\", fontsize=12];\n"
                               "  edge [fontname=\"sans-serif\", fontsize=10, color=\"" INK "\"];\n");
  find_ends (&drawing);

  label = jobs_action_dup_display_label (self->items[0].action);
  if (label != NULL)
    {
      g_string_append (drawing.text, "  labelloc=t; ");
      append_label (&drawing, &self->items[0]);
      g_string_append (drawing.text, ";\n");
    }

  append_items (&drawing);
  for (guint i = 0; i < self->edges->len; i++)
    append_edge (&drawing, &g_array_index (self->edges, JobsPictureEdge, i));
  g_string_append (drawing.text, "}\n");

  return g_string_free (drawing.text, FALSE);
}
