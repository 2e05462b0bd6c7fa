/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-picture-private.h"

static gboolean
is_list_mark (const char *text,
              gsize       length)
{
  if (length == 0)
    return strchr ("-+*", *text) != NULL;

  return *text == '.' || *text == ')';
}

/* An entity is the only escape there is. Mermaid reads Markdown too: what would begin a
 * list there does not begin one here */
static void
append_text (GString    *to,
             const char *label)
{
  gsize n_digits = 0; /* since the line began, and nothing else */
  gboolean begins = TRUE;

  for (const char *c = label; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (u == '\n')
        g_string_append (to, "<br/>");
      else if (jobs_picture_is_control (u))
        g_string_append_unichar (to, 0xfffd);
      else if ((u < 0x80 && strchr ("\"#&<>`\\*", (int) u) != NULL) ||
               (begins && is_list_mark (c, n_digits)))
        g_string_append_printf (to, "#%u;", u);
      else
        g_string_append_unichar (to, u);

      n_digits = u == '\n' ? 0 : n_digits + 1;
      begins = u == '\n' || (begins && u < 0x80 && g_ascii_isdigit ((char) u));
    }
}

static void
append_item (GString               *to,
             const JobsPictureItem *item,
             guint                  number)
{
  g_autofree char *label = jobs_picture_item_dup_label (item);
  g_autofree char *wrapped = jobs_picture_wrap (label);
  g_autofree char *words = jobs_picture_item_dup_words (item);

  /* There is room for one line only above what is in a subgraph */
  if (item->is_engine)
    g_strdelimit (wrapped, "\n", ' ');

  g_string_append_printf (to, "%sn%u[\"", item->is_engine ? "subgraph " : "", number);
  /* A box without a label is no box */
  append_text (to, *wrapped != '\0' ? wrapped : " ");
  if (words != NULL)
    {
      g_string_append (to, item->is_engine ? ": " : "<br/>");
      append_text (to, words);
    }
  g_string_append (to, "\"]\n");
}

static void
append_indent (GString *to,
               guint    depth)
{
  g_string_append_printf (to, "%*s", 2 * (int) MIN (depth, 20), "");
}

static void
append_items (JobsPicture *self,
              GString     *to)
{
  guint open = 0;
  guint depth = 1;

  for (guint i = 1; i <= self->n_items; i++)
    {
      guint parent = i < self->n_items ? self->items[i].parent : 0;

      for (; open != parent; open = self->items[open].parent)
        {
          append_indent (to, --depth);
          g_string_append (to, "end\n");
        }
      if (i == self->n_items)
        break;

      append_indent (to, depth);
      append_item (to, &self->items[i], i);
      if (self->items[i].is_engine)
        {
          open = i;
          depth++;
        }
    }
}

static const char *
get_condition_nick (JobsCondition condition)
{
  static const char *const nicks[] = {
    [JOBS_CONDITION_SUCCESS] = "success",
    [JOBS_CONDITION_FAILURE] = "failure",
    [JOBS_CONDITION_READY] = "ready",
    [JOBS_CONDITION_AFTER] = "after",
  };

  return nicks[condition];
}

static void
append_edges (JobsPicture *self,
              GString     *to)
{
  for (guint i = 0; i < self->edges->len; i++)
    {
      const JobsPictureEdge *edge = &g_array_index (self->edges, JobsPictureEdge, i);
      const char *nick = get_condition_nick (edge->condition);

      g_string_append_printf (to, "  n%u %s", edge->from,
                              edge->is_on_path ? "==>"
                              : edge->condition == JOBS_CONDITION_AFTER ? "-.->" : "-->");
      if (nick != NULL)
        g_string_append_printf (to, "|%s|", nick);
      g_string_append_printf (to, " n%u\n", edge->to);
    }
}

/* A line for each class that somebody has; what it looks like, and who has it */
static void
append_class (JobsPicture *self,
              GString     *to,
              const char  *name,
              const char  *look,
              gboolean   (*has) (const JobsPictureItem *item,
                                 int                    data),
              int          data)
{
  guint n = 0;

  for (guint i = 1; i < self->n_items; i++)
    {
      if (!has (&self->items[i], data))
        continue;
      if (n++ == 0)
        g_string_append_printf (to, "  classDef %s %s\n  class ", name, look);
      else
        g_string_append_c (to, ',');
      g_string_append_printf (to, "n%u", i);
    }
  if (n > 0)
    g_string_append_printf (to, " %s\n", name);
}

static gboolean
has_state (const JobsPictureItem *item,
           int                    state)
{
  return (int) item->state == state;
}

static gboolean
is_critical (const JobsPictureItem *item,
             int                    critical)
{
  return item->is_critical == critical;
}

static gboolean
is_forever (const JobsPictureItem *item,
            int                    data)
{
  return item->is_forever;
}

static gboolean
is_on_path (const JobsPictureItem *item,
            int                    data)
{
  return item->is_on_path;
}

static void
append_classes (JobsPicture *self,
                GString     *to)
{
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    {
      const char *fill = jobs_picture_get_fill (state);
      g_autofree char *look = NULL;

      if (fill == NULL)
        continue;
      look = g_strconcat ("fill:", fill, ",color:#000,stroke:#202020", NULL);
      append_class (self, to, jobs_state_get_nick (state), look, has_state, (int) state);
    }

  append_class (self, to, "critical", "stroke-width:2px", is_critical, TRUE);
  append_class (self, to, "uncritical", "stroke-width:0.8px", is_critical, FALSE);
  append_class (self, to, "forever", "stroke-dasharray:5 3", is_forever, 0);
  append_class (self, to, "longest", "stroke:#0060a8,stroke-width:4px", is_on_path, 0);
}

/**
 * jobs_picture_to_mermaid:
 * @self: a picture
 *
 * The picture as text for Mermaid, which many a web page draws by itself.
 *
 * It is a flowchart with the nested engines as subgraphs. What can be seen is what
 * [method@Picture.to_dot] shows, apart from the tooltips: states, and all that is
 * told by borders, are classes, whose looks stand in the text and can be changed there.
 * The longest path has thick arrows.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
jobs_picture_to_mermaid (JobsPicture *self)
{
  GString *text;

  g_return_val_if_fail (JOBS_IS_PICTURE (self), NULL);

  jobs_picture_ensure_path (self);
  text = g_string_new ("flowchart TD\n");
  append_items (self, text);
  append_edges (self, text);
  append_classes (self, text);

  return g_string_free (text, FALSE);
}
