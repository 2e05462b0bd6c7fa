/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-alarm.h"
#include "jobs-board-private.h"
#include "jobs-line-private.h"

/**
 * JobsBoard:
 *
 * What a monitor shows of a run: a line for each action.
 *
 * Where the run is, the kind of the board knows: a [class@EngineBoard] shows an engine
 * of this program. So one monitor serves all of them.
 *
 * A board is a list of [class@Line], of those actions that are in no nested engine;
 * a nested engine's line has [property@Line:children]. Lines are made when they
 * are asked for and live as long as somebody has them: a list view over a million of
 * actions makes as many as it shows.
 *
 * Whatever happens in the run is told of at most ten times a second, and where it is more than
 * anybody reads, less often, down to five times in two seconds; a run in another process half as
 * often. First comes each property of a line that changed, then [signal@Board::changed].
 *
 * A board keeps no engine alive. It belongs in the context in which it was made, which
 * is that of the run.
 *
 * Since: 1.0
 */

typedef struct
{
  GListModel *lines;
  char       *title;
  JobsState   state;
  char       *why;
  gboolean    paused;
  gint64      start_time;
  gint64      end_time;
  gint64      time_left; /* at time_left_at */
  gint64      time_left_at;

  GMainContext *context;
  JobsAlarm    *alarm;
  gboolean      is_touched; /* since then */
  gint64        updated;    /* the last time */
  guint         interval;   /* until the next time, ms */
  gint64        told;       /* up to which second of the run */
} JobsBoardPrivate;

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_STATE,
  PROP_WHY,
  PROP_PAUSED,
  PROP_START_TIME,
  PROP_END_TIME,
  PROP_ELAPSED,
  PROP_TIME_LEFT,
  N_PROPS
};

enum
{
  CHANGED,
  TROUBLE,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void jobs_board_list_model_init (GListModelInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (JobsBoard, jobs_board, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (JobsBoard)
                                  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, jobs_board_list_model_init))

static GType
jobs_board_get_item_type (GListModel *model)
{
  return JOBS_TYPE_LINE;
}

static guint
jobs_board_get_n_items (GListModel *model)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (JOBS_BOARD (model));

  return priv->lines != NULL ? g_list_model_get_n_items (priv->lines) : 0;
}

static gpointer
jobs_board_get_item (GListModel *model,
                     guint       position)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (JOBS_BOARD (model));

  return priv->lines != NULL ? g_list_model_get_item (priv->lines, position) : NULL;
}

static void
jobs_board_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = jobs_board_get_item_type;
  iface->get_n_items = jobs_board_get_n_items;
  iface->get_item = jobs_board_get_item;
}

void
jobs_board_set_lines (JobsBoard  *self,
                      GListModel *lines)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  g_assert (priv->lines == NULL);
  priv->lines = g_object_ref (lines);
  g_signal_connect_object (lines, "items-changed", G_CALLBACK (g_list_model_items_changed), self,
                           G_CONNECT_SWAPPED);
}

/* When it is told of */

guint
jobs_board_get_interval (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  return priv->interval;
}

static void alarm_cb (gpointer data);

void
jobs_board_touch (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  if (priv->is_touched && jobs_alarm_is_set (priv->alarm))
    return;

  priv->is_touched = TRUE;
  jobs_alarm_set (&priv->alarm, priv->context, priv->updated + priv->interval * G_TIME_SPAN_MILLISECOND, alarm_cb,
                  self);
}

/* At the end of a second of the run: a clock that ticked at other times would be behind, and
 * the run seem to be shorter than what is in it. What was touched is told of first, and the
 * time with it */
static void
tell_the_time (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);
  gint64 elapsed = g_get_monotonic_time () - priv->start_time;
  gint64 second = priv->start_time + elapsed / G_USEC_PER_SEC * G_USEC_PER_SEC;

  if (priv->lines == NULL || priv->start_time == 0 || !jobs_state_is_active (priv->state))
    return;

  if (!priv->is_touched)
    jobs_alarm_set (&priv->alarm, priv->context, second + G_USEC_PER_SEC, alarm_cb, self);
  if (second == priv->told)
    return;
  priv->told = second;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ELAPSED]);
}

static void
alarm_cb (gpointer data)
{
  JobsBoard *self = data;
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  if (priv->is_touched)
    jobs_board_update (self);
  else
    tell_the_time (self);
}

static gboolean
set_text (char      **field,
          const char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return FALSE;

  g_free (*field);
  *field = g_strdup (text);

  return TRUE;
}

void
jobs_board_take_news (JobsBoard           *self,
                      const JobsBoardNews *news,
                      GPtrArray           *lines)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);
  gboolean changed[N_PROPS] = { FALSE };
  guint64 in_interval;

  changed[PROP_STATE] = priv->state != news->state;
  changed[PROP_WHY] = set_text (&priv->why, news->why);
  changed[PROP_PAUSED] = priv->paused != news->paused;
  changed[PROP_START_TIME] = priv->start_time != news->start_time;
  changed[PROP_END_TIME] = priv->end_time != news->end_time;
  priv->state = news->state;
  priv->paused = news->paused;
  priv->start_time = news->start_time;
  priv->end_time = news->end_time;
  in_interval = (guint64) news->n_changes * JOBS_BOARD_INTERVAL / priv->interval;
  priv->interval = (guint) MIN (JOBS_BOARD_INTERVAL * (1 + in_interval / JOBS_BOARD_BUSY), JOBS_BOARD_INTERVAL_MAX);

  for (guint i = 0; i < N_PROPS; i++)
    if (changed[i])
      g_object_notify_by_pspec (G_OBJECT (self), props[i]);
  g_signal_emit (self, signals[CHANGED], 0, lines);
}

void
jobs_board_tell_trouble (JobsBoard  *self,
                         const char *message)
{
  g_signal_emit (self, signals[TROUBLE], 0, message);
}

/* The class */

static void
jobs_board_dispose (GObject *object)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (JOBS_BOARD (object));

  jobs_alarm_clear (&priv->alarm);
  g_clear_object (&priv->lines);

  G_OBJECT_CLASS (jobs_board_parent_class)->dispose (object);
}

static void
jobs_board_finalize (GObject *object)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (JOBS_BOARD (object));

  g_free (priv->title);
  g_free (priv->why);
  g_main_context_unref (priv->context);

  G_OBJECT_CLASS (jobs_board_parent_class)->finalize (object);
}

static void
jobs_board_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  JobsBoard *self = JOBS_BOARD (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, jobs_board_get_title (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, jobs_board_get_state (self));
      break;
    case PROP_WHY:
      g_value_set_string (value, jobs_board_get_why (self));
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, jobs_board_get_paused (self));
      break;
    case PROP_START_TIME:
      g_value_set_int64 (value, jobs_board_get_start_time (self));
      break;
    case PROP_END_TIME:
      g_value_set_int64 (value, jobs_board_get_end_time (self));
      break;
    case PROP_ELAPSED:
      g_value_set_int64 (value, jobs_board_get_elapsed (self));
      break;
    case PROP_TIME_LEFT:
      g_value_set_int64 (value, jobs_board_get_time_left (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_board_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  JobsBoard *self = JOBS_BOARD (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      jobs_board_set_title (self, g_value_get_string (value));
      break;
    case PROP_TIME_LEFT:
      jobs_board_set_time_left (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * JobsBoard:title: (getter get_title) (setter set_title)
   *
   * What the run is called; %NULL where it has no name.
   *
   * Since: 1.0
   */
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, writable);

  /**
   * JobsBoard:state: (getter get_state)
   *
   * The state of the run.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, JOBS_TYPE_STATE, JOBS_STATE_IDLE, readable);

  /**
   * JobsBoard:why: (getter get_why)
   *
   * How the run ended, or what it waits for, in words.
   *
   * Since: 1.0
   */
  props[PROP_WHY] = g_param_spec_string ("why", NULL, NULL, NULL, readable);

  /**
   * JobsBoard:paused: (getter get_paused)
   *
   * Whether nothing is started for the time being.
   *
   * Since: 1.0
   */
  props[PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, readable);

  /**
   * JobsBoard:start-time: (getter get_start_time)
   *
   * When the run began, on the monotonic clock of this machine in microseconds; 0
   * where it has not.
   *
   * Since: 1.0
   */
  props[PROP_START_TIME] = g_param_spec_int64 ("start-time", NULL, NULL, 0, G_MAXINT64, 0, readable);

  /**
   * JobsBoard:end-time: (getter get_end_time)
   *
   * When it ended, likewise.
   *
   * Since: 1.0
   */
  props[PROP_END_TIME] = g_param_spec_int64 ("end-time", NULL, NULL, 0, G_MAXINT64, 0, readable);

  /**
   * JobsBoard:elapsed: (getter get_elapsed)
   *
   * How long the run took, or has taken until now, in microseconds; -1 where it has not
   * begun. That of a run which goes on is notified at the end of each of its seconds, for
   * those who show how long something has run.
   *
   * Since: 1.0
   */
  props[PROP_ELAPSED] = g_param_spec_int64 ("elapsed", NULL, NULL, -1, G_MAXINT64, -1, readable);

  /**
   * JobsBoard:time-left: (getter get_time_left) (setter set_time_left)
   *
   * How long the run is expected to go on, in microseconds; -1 where nobody knows.
   * Whoever knows, as from earlier runs, sets it; it goes down by itself.
   *
   * Since: 1.0
   */
  props[PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, writable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_board_class_init (JobsBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = jobs_board_dispose;
  object_class->finalize = jobs_board_finalize;
  object_class->get_property = jobs_board_get_property;
  object_class->set_property = jobs_board_set_property;

  install_properties (object_class);

  /**
   * JobsBoard::changed:
   * @self: the board
   * @lines: (element-type JobsLine): those that may have changed, of those that
   *   somebody has and of those whose action runs
   *
   * Something has changed: lines, counts, or the run as a whole.
   *
   * Since: 1.0
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);

  /**
   * JobsBoard::trouble:
   * @self: the board
   * @message: why, for people
   *
   * Something that was asked for by this board cannot be done: a retry of what cannot
   * be tried again, or anything of a run that cannot be reached any more.
   *
   * It is emitted in the context of the board, be it before the function that asked
   * returns. Handlers may do with the board what they like.
   *
   * Since: 1.0
   */
  signals[TROUBLE] = g_signal_new ("trouble", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
jobs_board_init (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  priv->context = g_main_context_ref_thread_default ();
  priv->time_left = -1;
  priv->interval = JOBS_BOARD_INTERVAL;
}

/**
 * jobs_board_get_title:
 * @self: a board
 *
 * What the run is called.
 *
 * Returns: (transfer none) (nullable): its name, if it has one
 *
 * Since: 1.0
 */
const char *
jobs_board_get_title (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), NULL);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->title;
}

/**
 * jobs_board_set_title:
 * @self: a board
 * @title: (nullable): its name
 *
 * Sets what the run is called, where monitors show it.
 *
 * Since: 1.0
 */
void
jobs_board_set_title (JobsBoard  *self,
                      const char *title)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  g_return_if_fail (JOBS_IS_BOARD (self));

  if (set_text (&priv->title, title))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

/**
 * jobs_board_get_state:
 * @self: a board
 *
 * The state of the run, which is that of its engine.
 *
 * Returns: its state
 *
 * Since: 1.0
 */
JobsState
jobs_board_get_state (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), JOBS_STATE_IDLE);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->state;
}

/**
 * jobs_board_get_why:
 * @self: a board
 *
 * How the run ended, in words.
 *
 * Returns: (transfer none) (nullable): a sentence; %NULL where it has not ended
 *
 * Since: 1.0
 */
const char *
jobs_board_get_why (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), NULL);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->why;
}

/**
 * jobs_board_get_paused:
 * @self: a board
 *
 * Whether nothing is started for the time being.
 *
 * Returns: whether the run is paused
 *
 * Since: 1.0
 */
gboolean
jobs_board_get_paused (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), FALSE);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->paused;
}

/**
 * jobs_board_get_start_time:
 * @self: a board
 *
 * When the run began.
 *
 * Returns: the time on the monotonic clock of this machine, in microseconds; 0 where
 *   it has not
 *
 * Since: 1.0
 */
gint64
jobs_board_get_start_time (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), 0);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->start_time;
}

/**
 * jobs_board_get_end_time:
 * @self: a board
 *
 * When the run ended.
 *
 * Returns: the time on the monotonic clock of this machine, in microseconds; 0 where
 *   it has not
 *
 * Since: 1.0
 */
gint64
jobs_board_get_end_time (JobsBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), 0);

  return ((JobsBoardPrivate *) jobs_board_get_instance_private (self))->end_time;
}

/**
 * jobs_board_get_elapsed:
 * @self: a board
 *
 * How long the run took, or has taken until now.
 *
 * Returns: microseconds; -1 where it has not begun
 *
 * Since: 1.0
 */
gint64
jobs_board_get_elapsed (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  g_return_val_if_fail (JOBS_IS_BOARD (self), -1);

  if (priv->start_time == 0)
    return -1;

  return (priv->end_time >= priv->start_time ? priv->end_time : g_get_monotonic_time ()) - priv->start_time;
}

/**
 * jobs_board_get_time_left:
 * @self: a board
 *
 * How long the run is expected to go on.
 *
 * Returns: microseconds; 0 where it should have ended; -1 where nobody knows
 *
 * Since: 1.0
 */
gint64
jobs_board_get_time_left (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  g_return_val_if_fail (JOBS_IS_BOARD (self), -1);

  if (priv->time_left < 0)
    return -1;

  return MAX (priv->time_left - (g_get_monotonic_time () - priv->time_left_at), 0);
}

/**
 * jobs_board_set_time_left:
 * @self: a board
 * @time_left: microseconds from now; -1 where nobody knows
 *
 * Sets how long the run is expected to go on.
 *
 * Since: 1.0
 */
void
jobs_board_set_time_left (JobsBoard *self,
                          gint64     time_left)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);

  g_return_if_fail (JOBS_IS_BOARD (self));
  g_return_if_fail (time_left >= -1);

  if (time_left < 0 && priv->time_left < 0)
    return;

  priv->time_left = time_left;
  priv->time_left_at = g_get_monotonic_time ();
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TIME_LEFT]);
}

/**
 * jobs_board_count:
 * @self: a board
 * @state: a state
 *
 * How many actions are in a state, those of nested engines among them; the engines
 * themselves are not counted.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
jobs_board_count (JobsBoard *self,
                  JobsState  state)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), 0);

  return JOBS_BOARD_GET_CLASS (self)->count (self, state);
}

/**
 * jobs_board_dup_active:
 * @self: a board
 * @max: how many of them at most
 *
 * The lines of the actions that run, from the one that has run for longest. Engines
 * are not among them.
 *
 * Returns: (transfer container) (element-type JobsLine): the first of them
 *
 * Since: 1.0
 */
GPtrArray *
jobs_board_dup_active (JobsBoard *self,
                       guint      max)
{
  g_return_val_if_fail (JOBS_IS_BOARD (self), NULL);

  return JOBS_BOARD_GET_CLASS (self)->dup_active (self, max);
}

/**
 * jobs_board_update:
 * @self: a board
 *
 * Brings all lines up to date now, as for the last look at a run that has ended. Of a run
 * in another process that is what this one has heard.
 *
 * Since: 1.0
 */
void
jobs_board_update (JobsBoard *self)
{
  JobsBoardPrivate *priv = jobs_board_get_instance_private (self);
  g_autoptr (JobsBoard) kept = NULL;

  g_return_if_fail (JOBS_IS_BOARD (self));

  kept = g_object_ref (self);
  jobs_alarm_unset (priv->alarm);
  priv->is_touched = FALSE;
  priv->updated = g_get_monotonic_time ();
  JOBS_BOARD_GET_CLASS (self)->update (self);
  tell_the_time (self);
}

/**
 * jobs_board_follow:
 * @self: a board
 * @line: one of its lines
 * @follow: whether to
 *
 * Begins, or ends, to keep [property@Line:output] up to date. Each who has begun ends
 * it once; it is kept up to date until the last one has.
 *
 * Since: 1.0
 */
void
jobs_board_follow (JobsBoard *self,
                   JobsLine  *line,
                   gboolean   follow)
{
  g_return_if_fail (JOBS_IS_BOARD (self));
  g_return_if_fail (JOBS_IS_LINE (line));

  if (jobs_line_count_follower (line, follow))
    JOBS_BOARD_GET_CLASS (self)->follow (self, line, follow);
}
