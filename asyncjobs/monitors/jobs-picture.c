/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-picture-private.h"

/**
 * JobsPicture:
 *
 * What is in an engine, to be drawn.
 *
 * A picture shows the engine as it is when the picture is made: nested engines,
 * requirements with their conditions, what is critical, what goes on forever, and
 * the states. Of a run that is over or lives elsewhere, the states can be given
 * with [method@Picture.set_state].
 *
 * The longest path is marked: the row of actions, each of them behind the one
 * before, that takes longest. It goes by the durations of the run, else by
 * [method@Picture.set_estimate]; where nothing is known of an action it counts as
 * a microsecond, so that without any durations the path with most actions is it.
 * What was skipped, goes on forever, or is there for a failure that has not
 * happened counts nothing.
 *
 * [method@Picture.to_dot] and [method@Picture.to_mermaid] write the picture as
 * text for Graphviz and for Mermaid, in time linear in actions and requirements.
 * [method@Picture.render] makes a file that can be looked at.
 *
 * A picture is to be made in the context in which the engine runs.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (JobsPicture, jobs_picture, G_TYPE_OBJECT)

/* So many columns of a terminal in a line of a label, and so many lines */
#define MAX_WIDTH 32
#define MAX_LINES 8

static void
jobs_picture_finalize (GObject *object)
{
  JobsPicture *self = JOBS_PICTURE (object);

  for (guint i = 0; i < self->n_items; i++)
    {
      g_object_unref (self->items[i].action);
      g_free (self->items[i].word);
      g_free (self->items[i].message);
    }
  g_free (self->items);
  g_array_unref (self->edges);
  g_hash_table_unref (self->numbers);

  G_OBJECT_CLASS (jobs_picture_parent_class)->finalize (object);
}

static void
jobs_picture_class_init (JobsPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_picture_finalize;
}

static void
jobs_picture_init (JobsPicture *self)
{
  self->edges = g_array_new (FALSE, FALSE, sizeof (JobsPictureEdge));
  self->numbers = g_hash_table_new (NULL, NULL);
}

static gint64
measure (JobsAction *action,
         JobsState   state,
         gint64      now)
{
  gint64 start = jobs_action_get_start_time (action);
  gint64 end = jobs_action_get_end_time (action);

  if (start == 0)
    return -1;
  if (jobs_state_is_active (state))
    return now - start;

  return end >= start && jobs_state_is_terminal (state) ? end - start : -1;
}

static void
add_edges (JobsPicture *self,
           guint        number)
{
  JobsPictureItem *item = &self->items[number];
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (item->action);

  item->first_edge = self->edges->len;
  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = requirements->pdata[i];
      JobsPictureEdge edge = { 0, number, JOBS_CONDITION_DONE, FALSE };
      gpointer from;

      /* Only one beside it: a line out of its engine would lead into nowhere */
      if (jobs_action_get_engine (other) != jobs_action_get_engine (item->action) ||
          !g_hash_table_lookup_extended (self->numbers, other, NULL, &from))
        continue;

      edge.from = GPOINTER_TO_UINT (from);
      jobs_action_get_requirement (item->action, other, &edge.condition);
      g_array_append_val (self->edges, edge);
    }
  item->n_edges = self->edges->len - item->first_edge;
}

/**
 * jobs_picture_new:
 * @engine: an engine
 *
 * A picture of the engine as it is now.
 *
 * The picture keeps the actions, but not the engine, alive.
 *
 * Returns: (transfer full): the picture
 *
 * Since: 1.0
 */
JobsPicture *
jobs_picture_new (JobsEngine *engine)
{
  g_autoptr (GPtrArray) actions = NULL;
  JobsPicture *self;
  gint64 now = g_get_monotonic_time ();

  g_return_val_if_fail (JOBS_IS_ENGINE (engine), NULL);

  self = g_object_new (JOBS_TYPE_PICTURE, NULL);
  actions = jobs_engine_dup_all (engine, TRUE);
  self->n_items = actions->len;
  self->items = g_new0 (JobsPictureItem, actions->len);

  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = actions->pdata[i];
      JobsPictureItem *item = &self->items[i];
      const GError *error = jobs_action_get_error (action);

      item->action = g_object_ref (action);
      if (i > 0)
        item->parent = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, jobs_action_get_engine (action)));
      item->state = jobs_action_get_state (action);
      item->message = error != NULL ? g_strdup (error->message) : NULL;
      item->duration = measure (action, item->state, now);
      item->estimate = -1;
      item->is_engine = JOBS_IS_ENGINE (action);
      item->is_critical = jobs_action_get_critical (action);
      item->is_forever = jobs_action_get_forever (action);
      g_hash_table_insert (self->numbers, action, GUINT_TO_POINTER (i));
    }

  /* An engine that is nested requires nothing of those around the whole */
  for (guint i = 1; i < self->n_items; i++)
    add_edges (self, i);

  return self;
}

static JobsPictureItem *
jobs_picture_find (JobsPicture *self,
                   JobsAction  *action)
{
  gpointer number;

  if (!g_hash_table_lookup_extended (self->numbers, action, NULL, &number))
    return NULL;

  return &self->items[GPOINTER_TO_UINT (number)];
}

/**
 * jobs_picture_set_state:
 * @self: a picture
 * @action: an action that is in it
 * @state: the state to be shown
 * @word: (nullable): what is to be said in the place of the state's name, such as
 *   “interrupted”
 * @duration: how long the action took, or has taken by now, in microseconds; -1
 *   where that is not known
 *
 * Shows another state than the action's own: one that a journal tells of.
 *
 * Since: 1.0
 */
void
jobs_picture_set_state (JobsPicture *self,
                        JobsAction  *action,
                        JobsState    state,
                        const char  *word,
                        gint64       duration)
{
  JobsPictureItem *item;

  g_return_if_fail (JOBS_IS_PICTURE (self));
  g_return_if_fail (JOBS_IS_ACTION (action));
  g_return_if_fail (state <= JOBS_STATE_SKIPPED);

  item = jobs_picture_find (self, action);
  g_return_if_fail (item != NULL);

  item->state = state;
  item->duration = MAX (duration, -1);
  g_free (item->word);
  item->word = g_strdup (word);
  g_clear_pointer (&item->message, g_free);
  self->has_path = FALSE;
}

/**
 * jobs_picture_set_estimate:
 * @self: a picture
 * @action: an action that is in it
 * @duration: how long it is expected to take, in microseconds; -1: nobody knows
 *
 * Says how long an action is expected to take, to find the longest path before
 * it has run.
 *
 * Since: 1.0
 */
void
jobs_picture_set_estimate (JobsPicture *self,
                           JobsAction  *action,
                           gint64       duration)
{
  JobsPictureItem *item;

  g_return_if_fail (JOBS_IS_PICTURE (self));
  g_return_if_fail (JOBS_IS_ACTION (action));

  item = jobs_picture_find (self, action);
  g_return_if_fail (item != NULL);

  item->estimate = MAX (duration, -1);
  self->has_path = FALSE;
}

/**
 * jobs_picture_dup_longest_path:
 * @self: a picture
 *
 * The actions on the longest path, without the engines that they are in.
 *
 * There is none where all is one circle, and none where no durations are known and
 * no action requires another one: then no path is longer than the others.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions, in the
 *   order of the picture
 *
 * Since: 1.0
 */
GPtrArray *
jobs_picture_dup_longest_path (JobsPicture *self)
{
  GPtrArray *actions;

  g_return_val_if_fail (JOBS_IS_PICTURE (self), NULL);

  jobs_picture_ensure_path (self);
  actions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].is_on_path && !self->items[i].is_engine)
      g_ptr_array_add (actions, g_object_ref (self->items[i].action));

  return actions;
}

/* What is shown */

char *
jobs_picture_item_dup_label (const JobsPictureItem *item)
{
  g_autofree char *path = NULL;
  char *label = jobs_action_dup_display_label (item->action);
  const char *slash;

  if (label != NULL)
    return label;

  path = jobs_action_dup_path (item->action);
  slash = strrchr (path, '/');

  return g_strdup (slash != NULL ? slash + 1 : path);
}

const char *
jobs_picture_item_get_word (const JobsPictureItem *item)
{
  static const char *const words[] = {
    [JOBS_STATE_IDLE] = N_("idle"),
    [JOBS_STATE_SCHEDULED] = N_("scheduled"),
    [JOBS_STATE_RUNNING] = N_("running"),
    [JOBS_STATE_CANCELLING] = N_("cancelling"),
    [JOBS_STATE_FINISHED] = N_("finished"),
    [JOBS_STATE_FAILED] = N_("failed"),
    [JOBS_STATE_TIMED_OUT] = N_("timed out"),
    [JOBS_STATE_CANCELLED] = N_("cancelled"),
    [JOBS_STATE_SKIPPED] = N_("skipped"),
  };

  return item->word != NULL ? item->word : _(words[item->state]);
}

/* Units are not translated: their signs are the same everywhere */
char *
jobs_picture_item_dup_words (const JobsPictureItem *item)
{
  const char *word = jobs_picture_item_get_word (item);
  gint64 seconds = item->duration / G_USEC_PER_SEC;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (item->state == JOBS_STATE_IDLE && item->word == NULL)
    return NULL;

  /* One that goes on would be another picture each time, and one that has taken no
   * time to speak of has run for a reason of ours */
  if (!jobs_state_is_terminal (item->state) || item->duration < 1000)
    return g_strdup (word);
  if (seconds < 1)
    return g_strdup_printf ("%s, %d ms", word, (int) (item->duration / 1000));
  if (seconds < 60)
    return g_strdup_printf ("%s, %s s", word,
                            g_ascii_formatd (number, sizeof number, "%.1f", item->duration / (double) G_USEC_PER_SEC));
  if (seconds < 3600)
    return g_strdup_printf ("%s, %d min %d s", word, (int) (seconds / 60), (int) (seconds % 60));

  return g_strdup_printf ("%s, %d h %d min", word, (int) (seconds / 3600), (int) (seconds / 60 % 60));
}

/* After the palette of Okabe and Ito, paler, so that black stands out well against
 * each: no two of them differ by red against green alone */
const char *
jobs_picture_get_fill (JobsState state)
{
  static const char *const fills[] = {
    [JOBS_STATE_SCHEDULED] = "#fbf5b7",
    [JOBS_STATE_RUNNING] = "#8ecaf0",
    [JOBS_STATE_CANCELLING] = "#e2b5d2",
    [JOBS_STATE_FINISHED] = "#9adbc5",
    [JOBS_STATE_FAILED] = "#ee8a55",
    [JOBS_STATE_TIMED_OUT] = "#f5c35b",
    [JOBS_STATE_CANCELLED] = "#ecdbe6",
    [JOBS_STATE_SKIPPED] = "#e8e8e8",
  };

  return fills[state];
}

gboolean
jobs_picture_is_control (gunichar c)
{
  return g_unichar_iscntrl (c) || (c & 0xfffe) == 0xfffe ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Whether a line may end behind it: paths have no blanks */
static gboolean
may_end_behind (gunichar c)
{
  return c < 0x80 && strchr (" /-_,;:.", (int) c) != NULL;
}

char *
jobs_picture_wrap (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *lines = g_string_new (NULL);
  gsize end = 0; /* where the line may end; 0: not yet */
  guint n_lines = 1;
  guint width = 0, width_at_end = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      guint columns = g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;

      if (c == '\n' || width + columns > MAX_WIDTH)
        {
          if (n_lines == MAX_LINES)
            {
              g_string_append (lines, "…");
              break;
            }
          n_lines++;
          if (c == '\n' || end == 0)
            {
              g_string_append_c (lines, '\n');
              width = 0;
            }
          else
            {
              /* In the place of a blank, which nobody would see there */
              if (lines->str[end - 1] == ' ')
                lines->str[end - 1] = '\n';
              else
                g_string_insert_c (lines, (gssize) end, '\n');
              width -= width_at_end;
            }
          end = 0;
          if (c == '\n')
            continue;
        }

      g_string_append_unichar (lines, c);
      width += columns;
      if (may_end_behind (c))
        {
          end = lines->len;
          width_at_end = width;
        }
    }

  return g_string_free (lines, FALSE);
}

/**
 * jobs_engine_to_dot:
 * @self: an engine
 *
 * A picture of the engine as text for Graphviz's `dot`.
 *
 * This is [method@Picture.to_dot] of a picture that is made now.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
jobs_engine_to_dot (JobsEngine *self)
{
  g_autoptr (JobsPicture) picture = NULL;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  picture = jobs_picture_new (self);

  return jobs_picture_to_dot (picture);
}
