/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "../actions/jobs-command-action.h"

#include "jobs-active.h"
#include "jobs-board-private.h"
#include "jobs-branch.h"
#include "jobs-engine-board-private.h"
#include "jobs-last-line.h"
#include "jobs-line-private.h"

/**
 * JobsEngineBoard:
 *
 * What a monitor shows of an engine of this program.
 *
 * It can be made before a run or in the middle of one. A change of an action's state is
 * only noted at first, in the handler of one signal; while nobody has lines of it, all that
 * comes later is a look into some hash tables, for many changes at a time.
 *
 * Since: 1.0
 */

/* The most changes that wait to be looked at */
#define CHANGED_MAX 256

struct _JobsEngineBoard
{
  JobsBoard parent_instance;

  JobsEngine *engine;    /* weak */
  GPtrArray  *nested;    /* JobsEngine, (owned) */
  gboolean    is_stale;  /* something was removed: nested and active are to be made anew */

  GPtrArray  *changed;   /* JobsAction (owned): their states did, and nobody has looked yet */
  guint       n_changes; /* of states, and reports, since the last update */
  GArray     *listeners; /* Listener */
  GHashTable *entries;   /* JobsAction → Entry: of those that have a line */
  GPtrArray  *dirty;     /* JobsAction (owned), in the order in which they changed */
  GHashTable *is_dirty;  /* the same ones */
  JobsActive *active;
};

/* One line, and what it needs beside its action */
typedef struct
{
  JobsEngineBoard *board;
  JobsAction      *action; /* the line keeps it */
  JobsLine        *line;   /* weak */
  gulong           handler;
  JobsLastLine     last;   /* of its output, what its message is; empty: no command */
  gint64           begun;  /* the attempt whose output that is */
} Entry;

typedef struct
{
  JobsEngineBoardFunc func;
  gpointer            data;
} Listener;

enum
{
  PROP_0,
  PROP_ENGINE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsEngineBoard, jobs_engine_board, JOBS_TYPE_BOARD)

static void
mark (JobsEngineBoard *self,
      JobsAction      *action)
{
  if (g_hash_table_add (self->is_dirty, action))
    g_ptr_array_add (self->dirty, g_object_ref (action));
}

/* Lines */

static void
entry_free (Entry *entry)
{
  jobs_last_line_clear (&entry->last);
  g_free (entry);
}

/* Its action goes on until the line has let go of it, which is later */
static void
line_gone_cb (gpointer data,
              GObject *line)
{
  Entry *entry = data;

  g_clear_signal_handler (&entry->handler, entry->action);
  g_hash_table_remove (entry->board->entries, entry->action);
  entry_free (entry);
}

/* One that is tried again has not said anything yet */
static void
forget_former (Entry *entry)
{
  gint64 begun = jobs_action_get_start_time (entry->action);

  if (entry->begun != begun)
    jobs_last_line_forget (&entry->last);
  entry->begun = begun;
}

static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           Entry             *entry)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  forget_former (entry);
  jobs_last_line_take (&entry->last, data, size);
  if (jobs_line_is_followed (entry->line))
    jobs_line_append_output (entry->line, data, size);
  mark (entry->board, JOBS_ACTION (action));
  jobs_board_touch (JOBS_BOARD (entry->board));
}

/* The message is valid as long as *text, which may be that */
static void
read_news (JobsAction   *action,
           Entry        *entry,
           JobsLineNews *news,
           char        **text)
{
  const GError *error = jobs_action_get_error (action);

  forget_former (entry);
  *news = (JobsLineNews) {
    .state = jobs_action_get_state (action),
    .start_time = jobs_action_get_start_time (action),
    .end_time = jobs_action_get_end_time (action),
    .attempts = jobs_action_get_attempts (action),
    .progress = jobs_action_get_progress (action),
    .message = jobs_action_get_message (action),
    .error = error != NULL ? error->message : NULL,
  };
  if (news->message == NULL && news->state != JOBS_STATE_IDLE)
    news->message = *text = jobs_last_line_dup_text (&entry->last);
}

static gpointer
get_line (JobsAction *action,
          gpointer    owner)
{
  return jobs_engine_board_dup_line (owner, action);
}

static JobsLine *
make_line (JobsEngineBoard *self,
           JobsAction      *action,
           Entry           *entry)
{
  g_autofree char *path = jobs_action_dup_path (action);
  g_autofree char *label = jobs_action_dup_display_label (action);
  g_autofree char *details = jobs_action_dup_display_details (action);
  g_autofree char *text = NULL;
  g_autoptr (GListModel) children =
    JOBS_IS_ENGINE (action) ? jobs_branch_new (JOBS_ENGINE (action), G_OBJECT (self), get_line) : NULL;
  JobsLineFacts facts = {
    path, label, details, jobs_action_get_critical (action), jobs_action_get_forever (action),
  };
  JobsLineNews news;

  read_news (action, entry, &news, &text);

  return jobs_line_new (G_OBJECT (action), &facts, &news, children);
}

static void
update_line (Entry *entry)
{
  g_autofree char *text = NULL;
  JobsLineNews news;

  read_news (entry->action, entry, &news, &text);
  jobs_line_update (entry->line, &news);
}

/**
 * jobs_engine_board_dup_line:
 * @self: a board
 * @action: an action of its engine, or of one nested in that
 *
 * The line of an action.
 *
 * Returns: (transfer full): its line
 *
 * Since: 1.0
 */
JobsLine *
jobs_engine_board_dup_line (JobsEngineBoard *self,
                            JobsAction      *action)
{
  Entry *entry;
  JobsLine *line;

  g_return_val_if_fail (JOBS_IS_ENGINE_BOARD (self), NULL);
  g_return_val_if_fail (JOBS_IS_ACTION (action), NULL);

  entry = g_hash_table_lookup (self->entries, action);
  if (entry != NULL)
    return g_object_ref (entry->line);

  entry = g_new0 (Entry, 1);
  entry->board = self;
  entry->action = action;
  entry->begun = jobs_action_get_start_time (action);
  if (JOBS_IS_COMMAND_ACTION (action))
    {
      g_autofree char *tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));

      jobs_last_line_init (&entry->last);
      jobs_last_line_take (&entry->last, tail, strlen (tail));
      entry->handler = g_signal_connect (action, "output", G_CALLBACK (output_cb), entry);
    }
  line = entry->line = make_line (self, action, entry);
  g_hash_table_insert (self->entries, action, entry);
  g_object_weak_ref (G_OBJECT (line), line_gone_cb, entry);

  return line;
}

/* What runs */

static GPtrArray *
new_changed (void)
{
  return g_ptr_array_new_full (CHANGED_MAX, g_object_unref);
}

/* No signal comes of the end of one that is removed */
static gboolean
is_here (JobsEngineBoard *self,
         JobsAction      *action)
{
  JobsEngine *engine = jobs_action_get_engine (action);

  while (engine != NULL && engine != self->engine)
    engine = jobs_action_get_engine (JOBS_ACTION (engine));

  return engine != NULL;
}

/* Of others nothing is told */
static gboolean
is_seen (JobsEngineBoard *self,
         gpointer         action)
{
  return g_hash_table_contains (self->entries, action) || jobs_active_contains (self->active, action);
}

/* In the order of their changes; what has become of one since then counts. Who has a line
 * made of one later has it as it is then */
static void
look_at_changed (JobsEngineBoard *self)
{
  g_autoptr (GPtrArray) changed = NULL;

  if (self->changed->len == 0)
    return;

  changed = g_steal_pointer (&self->changed);
  self->changed = new_changed ();
  for (guint i = 0; i < self->listeners->len; i++)
    {
      Listener *listener = &g_array_index (self->listeners, Listener, i);

      listener->func (changed, listener->data);
    }
  for (guint i = 0; i < changed->len; i++)
    {
      JobsAction *action = g_ptr_array_index (changed, i);

      if (!JOBS_IS_ENGINE (action) && is_here (self, action))
        jobs_active_note (self->active, action);
      if (is_seen (self, action))
        mark (self, action);
    }
}

void
jobs_engine_board_listen (JobsEngineBoard    *self,
                          JobsEngineBoardFunc func,
                          gpointer            data)
{
  Listener listener = { func, data };

  g_array_append_val (self->listeners, listener);
}

void
jobs_engine_board_unlisten (JobsEngineBoard *self,
                            gpointer         data)
{
  for (guint i = self->listeners->len; i > 0; i--)
    if (g_array_index (self->listeners, Listener, i - 1).data == data)
      g_array_remove_index (self->listeners, i - 1);
}

/* It is called three times for each job, which drives out of the processor's caches what is
 * there: the tables are looked into for many at a time */
static void
action_state_changed_cb (JobsEngine      *engine,
                         JobsAction      *action,
                         JobsState        old_state,
                         JobsState        new_state,
                         JobsEngineBoard *self)
{
  self->n_changes++;
  g_ptr_array_add (self->changed, g_object_ref (action));
  if (self->changed->len >= CHANGED_MAX)
    look_at_changed (self);
  jobs_board_touch (JOBS_BOARD (self));
}

static void
action_progress_cb (JobsEngine      *engine,
                    JobsAction      *action,
                    JobsEngineBoard *self)
{
  self->n_changes++;
  mark (self, action);
  jobs_board_touch (JOBS_BOARD (self));
}

/* What the engine holds */

static void items_changed_cb (JobsEngine      *engine,
                              guint            position,
                              guint            removed,
                              guint            added,
                              JobsEngineBoard *self);

static void
drop_nested (gpointer         data,
             JobsEngineBoard *self)
{
  g_signal_handlers_disconnect_by_func (data, items_changed_cb, self);
  g_object_unref (data);
}

/* Looks at those from position on in engine, and at what is nested in them; found takes
 * what runs */
static void
learn (JobsEngineBoard *self,
       JobsEngine      *engine,
       guint            position,
       guint            n_items,
       GPtrArray       *found)
{
  guint next = self->nested->len;

  for (;;)
    {
      for (guint i = position; i < position + n_items; i++)
        {
          g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

          if (JOBS_IS_ENGINE (action))
            {
              g_signal_connect (action, "items-changed", G_CALLBACK (items_changed_cb), self);
              g_ptr_array_add (self->nested, g_steal_pointer (&action));
            }
          else if (jobs_state_is_active (jobs_action_get_state (action)))
            g_ptr_array_add (found, g_steal_pointer (&action));
        }
      if (next == self->nested->len)
        return;

      engine = g_ptr_array_index (self->nested, next++);
      position = 0;
      n_items = g_list_model_get_n_items (G_LIST_MODEL (engine));
    }
}

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  gint64 one = jobs_action_get_start_time (*(JobsAction **) a);
  gint64 other = jobs_action_get_start_time (*(JobsAction **) b);

  return (one > other) - (one < other);
}

static void
learn_all (JobsEngineBoard *self)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);

  self->is_stale = FALSE;
  jobs_active_clear (self->active);
  g_ptr_array_foreach (self->nested, (GFunc) drop_nested, self);
  g_ptr_array_set_size (self->nested, 0);
  if (self->engine == NULL)
    return;

  learn (self, self->engine, 0, g_list_model_get_n_items (G_LIST_MODEL (self->engine)), found);
  g_ptr_array_sort (found, compare_starts);
  for (guint i = 0; i < found->len; i++)
    jobs_active_note (self->active, g_ptr_array_index (found, i));
}

static void
items_changed_cb (JobsEngine      *engine,
                  guint            position,
                  guint            removed,
                  guint            added,
                  JobsEngineBoard *self)
{
  if (removed > 0)
    {
      self->is_stale = TRUE;
    }
  else if (!self->is_stale)
    {
      g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);

      /* One that runs cannot be added */
      learn (self, engine, position, added, found);
    }
  jobs_board_touch (JOBS_BOARD (self));
}

static void
run_changed_cb (JobsEngineBoard *self)
{
  jobs_board_touch (JOBS_BOARD (self));
}

static void
engine_gone_cb (gpointer data,
                GObject *engine)
{
  JobsEngineBoard *self = data;

  self->engine = NULL;
  learn_all (self);
  jobs_board_touch (JOBS_BOARD (self));
}

/* The board */

static void
jobs_engine_board_update (JobsBoard *board)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);
  g_autoptr (GPtrArray) dirty = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *why = NULL;
  JobsBoardNews news = { JOBS_STATE_IDLE, .n_changes = self->n_changes };

  self->n_changes = 0;
  look_at_changed (self);
  dirty = g_steal_pointer (&self->dirty);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_remove_all (self->is_dirty);
  if (self->is_stale)
    learn_all (self);

  /* First all of them: whoever is told of one may drop others */
  for (guint i = 0; i < dirty->len; i++)
    {
      gpointer action = g_ptr_array_index (dirty, i);

      if (is_seen (self, action))
        g_ptr_array_add (lines, jobs_engine_board_dup_line (self, action));
    }
  for (guint i = 0; i < lines->len; i++)
    {
      Entry *entry = g_hash_table_lookup (self->entries, jobs_line_get_source (lines->pdata[i]));

      /* Whoever was told of one before may have disposed of the board */
      if (entry == NULL)
        return;

      update_line (entry);
      if (jobs_line_is_followed (entry->line))
        jobs_line_tell_output (entry->line);
    }

  if (self->engine != NULL)
    {
      JobsAction *run = JOBS_ACTION (self->engine);

      news.state = jobs_action_get_state (run);
      news.paused = jobs_engine_is_paused (self->engine);
      news.start_time = jobs_action_get_start_time (run);
      news.end_time = jobs_action_get_end_time (run);
      if (jobs_state_is_terminal (news.state))
        news.why = why = jobs_engine_why (self->engine);
    }
  jobs_board_take_news (board, &news, lines);
}

static guint
jobs_engine_board_count (JobsBoard *board,
                         JobsState  state)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);
  guint n;

  if (self->is_stale)
    learn_all (self);
  if (self->engine == NULL)
    return 0;

  n = jobs_engine_count (self->engine, state);
  for (guint i = 0; i < self->nested->len; i++)
    {
      JobsEngine *engine = g_ptr_array_index (self->nested, i);

      n += jobs_engine_count (engine, state);
      if (jobs_action_get_state (JOBS_ACTION (engine)) == state)
        n--;
    }

  return n;
}

static GPtrArray *
jobs_engine_board_dup_active (JobsBoard *board,
                              guint      max)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_object_unref);

  look_at_changed (self);
  if (self->is_stale)
    learn_all (self);
  for (GList *link = jobs_active_get_first (self->active); link != NULL && lines->len < max; link = link->next)
    g_ptr_array_add (lines, jobs_engine_board_dup_line (self, link->data));

  return lines;
}

static void
jobs_engine_board_pause (JobsBoard *board)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);

  if (self->engine != NULL)
    jobs_engine_pause (self->engine, JOBS_PAUSE_DEFAULT);
  jobs_board_touch (board);
}

static void
jobs_engine_board_resume (JobsBoard *board)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);

  if (self->engine != NULL)
    jobs_engine_resume (self->engine);
  jobs_board_touch (board);
}

static void
jobs_engine_board_cancel (JobsBoard *board)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (board);

  if (self->engine != NULL)
    jobs_engine_cancel (self->engine);
}

static void
jobs_engine_board_cancel_line (JobsBoard *board,
                               JobsLine  *line)
{
  jobs_action_cancel (JOBS_ACTION (jobs_line_get_source (line)));
}

static void
jobs_engine_board_retry_line (JobsBoard *board,
                              JobsLine  *line)
{
  g_autoptr (GError) error = NULL;

  if (!jobs_engine_board_retry (JOBS_ACTION (jobs_line_get_source (line)), &error))
    jobs_board_tell_trouble (board, error->message);
}

static void
jobs_engine_board_follow (JobsBoard *board,
                          JobsLine  *line,
                          gboolean   follow)
{
  GObject *action = jobs_line_get_source (line);
  g_autofree char *tail = NULL;

  if (follow == jobs_line_is_followed (line))
    return;

  if (follow)
    tail = JOBS_IS_COMMAND_ACTION (action) ? jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action))
                                           : g_strdup ("");
  jobs_line_set_output (line, tail);
}

static void
watch (JobsEngineBoard *self,
       JobsEngine      *engine)
{
  g_autoptr (GListModel) lines = jobs_branch_new (engine, G_OBJECT (self), get_line);
  JobsBoard *board = JOBS_BOARD (self);

  self->engine = engine;
  g_object_weak_ref (G_OBJECT (engine), engine_gone_cb, self);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);
  g_signal_connect (engine, "action-progress", G_CALLBACK (action_progress_cb), self);
  g_signal_connect (engine, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_connect_swapped (engine, "notify::state", G_CALLBACK (run_changed_cb), self);
  jobs_board_set_lines (board, lines);
  jobs_board_set_title (board, jobs_action_get_label (JOBS_ACTION (engine)));
  learn_all (self);
  jobs_board_update (board);
}

static void
jobs_engine_board_dispose (GObject *object)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (object);
  GHashTableIter iter;
  Entry *entry;

  if (self->engine != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->engine, self);
      g_object_weak_unref (G_OBJECT (self->engine), engine_gone_cb, self);
      self->engine = NULL;
    }
  g_ptr_array_foreach (self->nested, (GFunc) drop_nested, self);
  g_ptr_array_set_size (self->nested, 0);
  jobs_active_clear (self->active);
  g_ptr_array_set_size (self->changed, 0);
  g_hash_table_remove_all (self->is_dirty);
  g_ptr_array_set_size (self->dirty, 0);

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      g_object_weak_unref (G_OBJECT (entry->line), line_gone_cb, entry);
      g_clear_signal_handler (&entry->handler, entry->action);
      entry_free (entry);
    }
  g_hash_table_remove_all (self->entries);

  G_OBJECT_CLASS (jobs_engine_board_parent_class)->dispose (object);
}

static void
jobs_engine_board_finalize (GObject *object)
{
  JobsEngineBoard *self = JOBS_ENGINE_BOARD (object);

  g_ptr_array_unref (self->nested);
  g_ptr_array_unref (self->changed);
  g_array_unref (self->listeners);
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->dirty);
  g_hash_table_unref (self->is_dirty);
  jobs_active_free (self->active);

  G_OBJECT_CLASS (jobs_engine_board_parent_class)->finalize (object);
}

static void
jobs_engine_board_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, JOBS_ENGINE_BOARD (object)->engine);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_engine_board_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_ENGINE:
      if (g_value_get_object (value) != NULL)
        watch (JOBS_ENGINE_BOARD (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_engine_board_class_init (JobsEngineBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsBoardClass *board_class = JOBS_BOARD_CLASS (klass);

  object_class->dispose = jobs_engine_board_dispose;
  object_class->finalize = jobs_engine_board_finalize;
  object_class->get_property = jobs_engine_board_get_property;
  object_class->set_property = jobs_engine_board_set_property;
  board_class->update = jobs_engine_board_update;
  board_class->count = jobs_engine_board_count;
  board_class->dup_active = jobs_engine_board_dup_active;
  board_class->list_requirements = jobs_engine_board_list_requirements;
  board_class->pause = jobs_engine_board_pause;
  board_class->resume = jobs_engine_board_resume;
  board_class->cancel = jobs_engine_board_cancel;
  board_class->cancel_line = jobs_engine_board_cancel_line;
  board_class->retry_line = jobs_engine_board_retry_line;
  board_class->follow = jobs_engine_board_follow;

  /**
   * JobsEngineBoard:engine: (getter get_engine)
   *
   * The engine that is shown, as long as it lives.
   *
   * Since: 1.0
   */
  props[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, JOBS_TYPE_ENGINE,
                                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_engine_board_init (JobsEngineBoard *self)
{
  self->nested = g_ptr_array_new ();
  self->changed = new_changed ();
  self->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  self->entries = g_hash_table_new (NULL, NULL);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  self->is_dirty = g_hash_table_new (NULL, NULL);
  self->active = jobs_active_new ();
}

/**
 * jobs_engine_board_new:
 * @engine: an engine; it may run already
 *
 * Makes a board that shows an engine.
 *
 * Returns: (transfer full) (type JobsEngineBoard): a new board
 *
 * Since: 1.0
 */
JobsBoard *
jobs_engine_board_new (JobsEngine *engine)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (engine), NULL);

  return g_object_new (JOBS_TYPE_ENGINE_BOARD, "engine", engine, NULL);
}

/**
 * jobs_engine_board_get_engine:
 * @self: a board
 *
 * The engine that is shown.
 *
 * Returns: (transfer none) (nullable): the engine, as long as it lives
 *
 * Since: 1.0
 */
JobsEngine *
jobs_engine_board_get_engine (JobsEngineBoard *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE_BOARD (self), NULL);

  return self->engine;
}
