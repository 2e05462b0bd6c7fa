/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "monitors/jobs-dot.h"

/* One action of the picture. A nested engine is a cluster. Edges can only lead
 * from node to node and be cut off at the border of a cluster, so each engine
 * has a node in it for those that come and one for those that go */
typedef struct
{
  JobsAction *action; /* borrowed */
  guint parent;
  guint head;
  guint tail;
} Item;

typedef struct
{
  GString *text;
  Item *items;
  guint n_items;
  GHashTable *numbers; /* JobsAction → its place in items */
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
      else if (g_unichar_iscntrl (c) || c == 0xfffe || c == 0xffff)
        g_string_append_unichar (text, 0xfffd);
      else
        g_string_append_unichar (text, c);
    }
  g_string_append_c (text, '"');
}

static void
append_indent (Drawing *drawing,
               guint    depth)
{
  /* Deep nesting is not to make the text grow with the square of it */
  g_string_append_printf (drawing->text, "%*s", 2 * (int) MIN (depth, 20), "");
}

static char *
dup_label (JobsAction *action)
{
  g_autofree char *path = NULL;
  char *label = jobs_action_dup_display_label (action);
  const char *slash;

  if (label != NULL)
    return label;

  path = jobs_action_dup_path (action);
  slash = strrchr (path, '/');

  return g_strdup (slash != NULL ? slash + 1 : path);
}

static const char *
get_color (JobsState state)
{
  switch (state)
    {
    case JOBS_STATE_SCHEDULED:
      return "lightyellow";
    case JOBS_STATE_RUNNING:
      return "lightskyblue";
    case JOBS_STATE_CANCELLING:
      return "plum";
    case JOBS_STATE_FINISHED:
      return "palegreen";
    case JOBS_STATE_FAILED:
      return "salmon";
    case JOBS_STATE_TIMED_OUT:
      return "orange";
    case JOBS_STATE_CANCELLED:
      return "thistle";
    case JOBS_STATE_SKIPPED:
      return "gainsboro";
    case JOBS_STATE_IDLE:
    default:
      return NULL;
    }
}

/* For a node and for a cluster alike */
static void
append_look (Drawing    *drawing,
             JobsAction *action,
             const char *separator)
{
  GString *text = drawing->text;
  JobsState state = jobs_action_get_state (action);
  const char *color = get_color (state);
  const GError *error = jobs_action_get_error (action);
  g_autofree char *label = dup_label (action);
  g_autofree char *tooltip = g_strdup_printf ("%s%s%s", jobs_state_get_nick (state),
                                              error != NULL ? ": " : "",
                                              error != NULL ? error->message : "");

  g_string_append (text, "label=");
  append_quoted (text, label);
  g_string_append (text, separator);
  g_string_append (text, "tooltip=");
  append_quoted (text, tooltip);
  g_string_append_printf (text, "%sstyle=\"%s%s%s\"", separator,
                          JOBS_IS_ENGINE (action) ? "solid" : "rounded",
                          jobs_action_get_forever (action) ? ",dashed" : "",
                          color != NULL ? ",filled" : "");
  if (color != NULL)
    g_string_append_printf (text, "%sfillcolor=%s", separator, color);
  if (jobs_action_get_critical (action))
    g_string_append_printf (text, "%scolor=red%spenwidth=2", separator, separator);
  else
    g_string_append_printf (text, "%scolor=black%spenwidth=0.5", separator, separator);
}

static void
append_edge (Drawing      *drawing,
             guint         number,
             guint         other,
             JobsCondition condition)
{
  static const char *const looks[] = {
    [JOBS_CONDITION_DONE] = "",
    [JOBS_CONDITION_SUCCESS] = ", label=success, color=darkgreen",
    [JOBS_CONDITION_FAILURE] = ", label=failure, color=red",
    [JOBS_CONDITION_READY] = ", label=ready, color=blue",
    [JOBS_CONDITION_AFTER] = ", label=after, style=dotted",
  };
  const Item *from = &drawing->items[other], *to = &drawing->items[number];
  g_autoptr (GString) look = g_string_new (NULL);

  if (JOBS_IS_ENGINE (from->action))
    g_string_append_printf (look, ", ltail=cluster_%u", other);
  if (JOBS_IS_ENGINE (to->action))
    g_string_append_printf (look, ", lhead=cluster_%u", number);
  g_string_append (look, looks[condition]);

  g_string_append_printf (drawing->text, "  n%u -> n%u", from->tail, to->head);
  if (look->len > 0)
    g_string_append_printf (drawing->text, " [%s]", look->str + strlen (", "));
  g_string_append (drawing->text, ";\n");
}

static void
append_edges (Drawing *drawing,
              guint    number)
{
  JobsAction *action = drawing->items[number].action;
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    {
      JobsCondition condition = JOBS_CONDITION_DONE;
      gpointer other;

      /* Only one beside it: a line out of its engine would lead into nowhere */
      if (jobs_action_get_engine (requirements->pdata[i]) != jobs_action_get_engine (action) ||
          !g_hash_table_lookup_extended (drawing->numbers, requirements->pdata[i], NULL, &other))
        continue;

      jobs_action_get_requirement (action, requirements->pdata[i], &condition);
      append_edge (drawing, number, GPOINTER_TO_UINT (other), condition);
    }
}

static void
append_items (Drawing *drawing)
{
  guint open = 0; /* the engine that is being drawn */
  guint depth = 1;

  for (guint i = 1; i < drawing->n_items; i++)
    {
      const Item *item = &drawing->items[i];

      for (; open != item->parent; open = drawing->items[open].parent)
        {
          append_indent (drawing, --depth);
          g_string_append (drawing->text, "}\n");
        }

      append_indent (drawing, depth);
      if (JOBS_IS_ENGINE (item->action))
        {
          g_string_append_printf (drawing->text, "subgraph cluster_%u { ", i);
          append_look (drawing, item->action, "; ");
          g_string_append (drawing->text, ";\n");
          open = i;
          depth++;
          if (item->head != i)
            continue;

          append_indent (drawing, depth);
          g_string_append_printf (drawing->text,
                                  "n%u [label=\"\", style=invis, width=0.3, height=0.2];\n", i);
        }
      else
        {
          g_string_append_printf (drawing->text, "n%u [", i);
          append_look (drawing, item->action, ", ");
          g_string_append (drawing->text, "];\n");
        }
    }

  for (; open != 0; open = drawing->items[open].parent)
    {
      append_indent (drawing, --depth);
      g_string_append (drawing->text, "}\n");
    }
}

static const Item *
get_item (Drawing    *drawing,
          JobsAction *action)
{
  return &drawing->items[GPOINTER_TO_UINT (g_hash_table_lookup (drawing->numbers, action))];
}

/* From the last to the first, so that what is in an engine comes before it */
static void
find_heads_and_tails (Drawing *drawing)
{
  for (guint i = drawing->n_items; i-- > 0;)
    {
      Item *item = &drawing->items[i];
      g_autoptr (GPtrArray) entries = NULL;
      g_autoptr (GPtrArray) exits = NULL;

      item->head = item->tail = i;
      if (i == 0 || !JOBS_IS_ENGINE (item->action) ||
          i + 1 == drawing->n_items || drawing->items[i + 1].parent != i)
        continue;

      entries = jobs_engine_dup_entries (JOBS_ENGINE (item->action));
      exits = jobs_engine_dup_exits (JOBS_ENGINE (item->action), TRUE);
      /* There are none where all is one circle */
      item->head = drawing->items[i + 1].head;
      item->tail = drawing->items[i + 1].tail;
      if (entries->len > 0)
        item->head = get_item (drawing, entries->pdata[0])->head;
      if (exits->len > 0)
        item->tail = get_item (drawing, exits->pdata[0])->tail;
    }
}

/**
 * jobs_engine_to_dot:
 * @self: an engine
 *
 * A picture of the engine as text for Graphviz's `dot`.
 *
 * Arrows lead from what is required to what requires it, and are labelled where
 * the condition is another than the end. Critical actions have a thick red border,
 * forever ones a dashed one, and the colour tells the state once there is one to
 * tell. Nested engines are clusters. Requirements that lead out of their engine
 * are not drawn.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
jobs_engine_to_dot (JobsEngine *self)
{
  g_autoptr (GPtrArray) actions = NULL;
  g_autoptr (GHashTable) numbers = NULL;
  g_autofree Item *items = NULL;
  g_autofree char *label = NULL;
  Drawing drawing;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  actions = jobs_engine_dup_all (self, TRUE);
  numbers = g_hash_table_new (NULL, NULL);
  items = g_new0 (Item, actions->len);
  for (guint i = 0; i < actions->len; i++)
    {
      JobsEngine *engine = jobs_action_get_engine (actions->pdata[i]);

      items[i].action = actions->pdata[i];
      items[i].parent = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, engine));
      g_hash_table_insert (numbers, actions->pdata[i], GUINT_TO_POINTER (i));
    }

  drawing = (Drawing) { g_string_new ("digraph jobs {\n"), items, actions->len, numbers };
  find_heads_and_tails (&drawing);

  g_string_append (drawing.text, "  compound=true;\n  node [shape=box];\n");
  label = jobs_action_dup_display_label (JOBS_ACTION (self));
  if (label != NULL)
    {
      g_string_append (drawing.text, "  label=");
      append_quoted (drawing.text, label);
      g_string_append (drawing.text, ";\n");
    }

  append_items (&drawing);
  for (guint i = 1; i < drawing.n_items; i++)
    append_edges (&drawing, i);
  g_string_append (drawing.text, "}\n");

  return g_string_free (drawing.text, FALSE);
}
