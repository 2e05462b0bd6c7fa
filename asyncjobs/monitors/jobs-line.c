/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-line-private.h"

/**
 * JobsLine:
 *
 * What a monitor shows of one action, wherever that action runs.
 *
 * It is made by a [class@Board], which keeps it up to date as long as somebody has
 * it, at most ten times a second: what is read here may be up to 0.4 seconds older than the
 * action, or a second where it runs in another process, and all of it is of the same moment. Each
 * property that has changed is told of by `notify`.
 *
 * It belongs in the context of its board, like all that shows it.
 *
 * Since: 1.0
 */

/* Of a job's output, bytes: some ten thousand lines */
#define OUTPUT_MAX (1024 * 1024)

struct _JobsLine
{
  GObject parent_instance;

  GObject    *source;
  GListModel *children;
  char       *path;
  char       *label;
  char       *details;
  gboolean    critical;
  gboolean    forever;

  JobsState state;
  gint64    start_time;
  gint64    end_time;
  guint     attempts;
  double    progress;
  char     *message;
  char     *error;

  guint    n_followers;
  GString *output; /* any bytes; NULL: not followed */
  char    *text;   /* that, as text, once it was asked for */
};

enum
{
  PROP_0,
  PROP_PATH,
  PROP_LABEL,
  PROP_DETAILS,
  PROP_CRITICAL,
  PROP_FOREVER,
  PROP_CHILDREN,
  PROP_SOURCE,
  PROP_STATE,
  PROP_START_TIME,
  PROP_END_TIME,
  PROP_ATTEMPTS,
  PROP_PROGRESS,
  PROP_MESSAGE,
  PROP_ERROR,
  PROP_OUTPUT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsLine, jobs_line, G_TYPE_OBJECT)

static void
jobs_line_finalize (GObject *object)
{
  JobsLine *self = JOBS_LINE (object);

  g_clear_object (&self->source);
  g_clear_object (&self->children);
  g_free (self->path);
  g_free (self->label);
  g_free (self->details);
  g_free (self->message);
  g_free (self->error);
  if (self->output != NULL)
    g_string_free (self->output, TRUE);
  g_free (self->text);

  G_OBJECT_CLASS (jobs_line_parent_class)->finalize (object);
}

static void
jobs_line_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  JobsLine *self = JOBS_LINE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_DETAILS:
      g_value_set_string (value, self->details);
      break;
    case PROP_CRITICAL:
      g_value_set_boolean (value, self->critical);
      break;
    case PROP_FOREVER:
      g_value_set_boolean (value, self->forever);
      break;
    case PROP_CHILDREN:
      g_value_set_object (value, self->children);
      break;
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_START_TIME:
      g_value_set_int64 (value, self->start_time);
      break;
    case PROP_END_TIME:
      g_value_set_int64 (value, self->end_time);
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, self->attempts);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_OUTPUT:
      g_value_set_string (value, jobs_line_get_output (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_facts (void)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * JobsLine:path: (getter get_path)
   *
   * The path of the action within its run.
   *
   * Since: 1.0
   */
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);

  /**
   * JobsLine:label: (getter get_label)
   *
   * The label of the action, for people.
   *
   * Since: 1.0
   */
  props[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);

  /**
   * JobsLine:details: (getter get_details)
   *
   * What the action does, for people: for a command, the command.
   *
   * Since: 1.0
   */
  props[PROP_DETAILS] = g_param_spec_string ("details", NULL, NULL, NULL, flags);

  /**
   * JobsLine:critical: (getter get_critical)
   *
   * Whether a failure of the action is one of its engine.
   *
   * Since: 1.0
   */
  props[PROP_CRITICAL] = g_param_spec_boolean ("critical", NULL, NULL, FALSE, flags);

  /**
   * JobsLine:forever: (getter get_forever)
   *
   * Whether the action is not waited for.
   *
   * Since: 1.0
   */
  props[PROP_FOREVER] = g_param_spec_boolean ("forever", NULL, NULL, FALSE, flags);

  /**
   * JobsLine:children: (getter get_children)
   *
   * The lines of what a nested engine holds; %NULL for any other action.
   *
   * Since: 1.0
   */
  props[PROP_CHILDREN] = g_param_spec_object ("children", NULL, NULL, G_TYPE_LIST_MODEL, flags);

  /**
   * JobsLine:source: (getter get_source)
   *
   * The action itself, or what stands for it here.
   *
   * Since: 1.0
   */
  props[PROP_SOURCE] = g_param_spec_object ("source", NULL, NULL, G_TYPE_OBJECT, flags);
}

static void
install_news (void)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsLine:state: (getter get_state)
   *
   * The state of the action.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, JOBS_TYPE_STATE, JOBS_STATE_IDLE, flags);

  /**
   * JobsLine:start-time: (getter get_start_time)
   *
   * When its last attempt began, on the monotonic clock of this machine in
   * microseconds; 0 where that is not known.
   *
   * Since: 1.0
   */
  props[PROP_START_TIME] = g_param_spec_int64 ("start-time", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * JobsLine:end-time: (getter get_end_time)
   *
   * When its last attempt ended, likewise; 0 where it has not.
   *
   * Since: 1.0
   */
  props[PROP_END_TIME] = g_param_spec_int64 ("end-time", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * JobsLine:attempts: (getter get_attempts)
   *
   * How many attempts were made in this run.
   *
   * Since: 1.0
   */
  props[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsLine:progress: (getter get_progress)
   *
   * How much is done, from 0.0 to 1.0; negative where it is not known.
   *
   * Since: 1.0
   */
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1.0, 1.0, -1.0, flags);

  /**
   * JobsLine:message: (getter get_message)
   *
   * What the action last reported; of a command that reports nothing, the last line
   * that it wrote. It comes from outside: whoever shows it has to see to it that
   * control characters do no harm.
   *
   * Since: 1.0
   */
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);

  /**
   * JobsLine:error: (getter get_error)
   *
   * Why it did not end well, for people.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);

  /**
   * JobsLine:output: (getter get_output)
   *
   * What the action has written, its end, while it is followed.
   *
   * Since: 1.0
   */
  props[PROP_OUTPUT] = g_param_spec_string ("output", NULL, NULL, NULL, flags);
}

static void
jobs_line_class_init (JobsLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = jobs_line_finalize;
  object_class->get_property = jobs_line_get_property;

  install_facts ();
  install_news ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_line_init (JobsLine *self)
{
  self->progress = -1.0;
}

JobsLine *
jobs_line_new (GObject             *source,
               const JobsLineFacts *facts,
               const JobsLineNews  *news,
               GListModel          *children)
{
  JobsLine *self = g_object_new (JOBS_TYPE_LINE, NULL);

  self->source = g_object_ref (source);
  g_set_object (&self->children, children);
  self->path = g_strdup (facts->path);
  self->label = g_strdup (facts->label);
  self->details = g_strdup (facts->details);
  self->critical = facts->critical;
  self->forever = facts->forever;
  jobs_line_update (self, news);

  return self;
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
jobs_line_update (JobsLine           *self,
                  const JobsLineNews *news)
{
  gboolean changed[N_PROPS] = { FALSE };

  changed[PROP_STATE] = self->state != news->state;
  changed[PROP_START_TIME] = self->start_time != news->start_time;
  changed[PROP_END_TIME] = self->end_time != news->end_time;
  changed[PROP_ATTEMPTS] = self->attempts != news->attempts;
  changed[PROP_PROGRESS] = self->progress != news->progress;
  changed[PROP_MESSAGE] = set_text (&self->message, news->message);
  changed[PROP_ERROR] = set_text (&self->error, news->error);
  self->state = news->state;
  self->start_time = news->start_time;
  self->end_time = news->end_time;
  self->attempts = news->attempts;
  self->progress = news->progress;

  for (guint i = 0; i < N_PROPS; i++)
    if (changed[i])
      g_object_notify_by_pspec (G_OBJECT (self), props[i]);
}

void
jobs_line_set_output (JobsLine   *self,
                      const char *text)
{
  if (text == NULL)
    {
      if (self->output != NULL)
        g_string_free (self->output, TRUE);
      self->output = NULL;
    }
  else
    {
      if (self->output == NULL)
        self->output = g_string_new (NULL);
      g_string_truncate (self->output, 0);
      jobs_line_append_output (self, text, strlen (text));
    }

  jobs_line_tell_output (self);
}

void
jobs_line_append_output (JobsLine   *self,
                         const void *bytes,
                         gsize       size)
{
  const char *newline;
  gsize cut;

  g_string_append_len (self->output, bytes, (gssize) size);
  /* Half as much again, so that not each piece moves all of it */
  if (self->output->len <= OUTPUT_MAX + OUTPUT_MAX / 2)
    return;

  cut = self->output->len - OUTPUT_MAX;
  newline = memchr (self->output->str + cut, '\n', self->output->len - cut);
  g_string_erase (self->output, 0, newline != NULL ? newline + 1 - self->output->str : (gssize) cut);
}

void
jobs_line_tell_output (JobsLine *self)
{
  g_clear_pointer (&self->text, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OUTPUT]);
}

gboolean
jobs_line_is_followed (JobsLine *self)
{
  return self->output != NULL;
}

gboolean
jobs_line_count_follower (JobsLine *self,
                          gboolean  follow)
{
  if (follow)
    return self->n_followers++ == 0;

  return self->n_followers > 0 && --self->n_followers == 0;
}

/**
 * jobs_line_get_path:
 * @self: a line
 *
 * The path of the action within its run: `tests/unit`.
 *
 * Returns: (transfer none): its path
 *
 * Since: 1.0
 */
const char *
jobs_line_get_path (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->path;
}

/**
 * jobs_line_get_label:
 * @self: a line
 *
 * The label of the action, for people.
 *
 * Returns: (transfer none): its label
 *
 * Since: 1.0
 */
const char *
jobs_line_get_label (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->label;
}

/**
 * jobs_line_get_details:
 * @self: a line
 *
 * What the action does, for people: for a command, the command.
 *
 * Returns: (transfer none) (nullable): its details
 *
 * Since: 1.0
 */
const char *
jobs_line_get_details (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->details;
}

/**
 * jobs_line_get_critical:
 * @self: a line
 *
 * Whether a failure of the action is one of its engine.
 *
 * Returns: whether it is critical
 *
 * Since: 1.0
 */
gboolean
jobs_line_get_critical (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), FALSE);

  return self->critical;
}

/**
 * jobs_line_get_forever:
 * @self: a line
 *
 * Whether the action is not waited for.
 *
 * Returns: whether it is forever
 *
 * Since: 1.0
 */
gboolean
jobs_line_get_forever (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), FALSE);

  return self->forever;
}

/**
 * jobs_line_get_children:
 * @self: a line
 *
 * The lines of what a nested engine holds.
 *
 * Returns: (transfer none) (nullable): a list of [class@Line]; %NULL where the action
 *   is no engine
 *
 * Since: 1.0
 */
GListModel *
jobs_line_get_children (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->children;
}

/**
 * jobs_line_get_source:
 * @self: a line
 *
 * The action itself, or what stands for it here.
 *
 * Returns: (transfer none): of a [class@EngineBoard], the [class@Action]
 *
 * Since: 1.0
 */
GObject *
jobs_line_get_source (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->source;
}

/**
 * jobs_line_get_state:
 * @self: a line
 *
 * The state of the action.
 *
 * Returns: its state
 *
 * Since: 1.0
 */
JobsState
jobs_line_get_state (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), JOBS_STATE_IDLE);

  return self->state;
}

/**
 * jobs_line_get_start_time:
 * @self: a line
 *
 * When the last attempt at the action began.
 *
 * Returns: the time on the monotonic clock of this machine, in microseconds; 0 where
 *   that is not known
 *
 * Since: 1.0
 */
gint64
jobs_line_get_start_time (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), 0);

  return self->start_time;
}

/**
 * jobs_line_get_end_time:
 * @self: a line
 *
 * When the last attempt at the action ended.
 *
 * Returns: the time on the monotonic clock of this machine, in microseconds; 0 where
 *   it has not, or where that is not known
 *
 * Since: 1.0
 */
gint64
jobs_line_get_end_time (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), 0);

  return self->end_time;
}

/**
 * jobs_line_get_elapsed:
 * @self: a line
 *
 * How long the last attempt at the action took, or has taken until now.
 *
 * Returns: microseconds; -1 where there was none, or where that is not known
 *
 * Since: 1.0
 */
gint64
jobs_line_get_elapsed (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), -1);

  if (self->start_time == 0)
    return -1;
  if (self->end_time >= self->start_time)
    return self->end_time - self->start_time;
  if (self->state != JOBS_STATE_RUNNING && self->state != JOBS_STATE_CANCELLING)
    return -1;

  return MAX (g_get_monotonic_time () - self->start_time, 0);
}

/**
 * jobs_line_get_attempts:
 * @self: a line
 *
 * How many attempts were made in this run.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
jobs_line_get_attempts (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), 0);

  return self->attempts;
}

/**
 * jobs_line_get_progress:
 * @self: a line
 *
 * How much is done.
 *
 * Returns: from 0.0 to 1.0; negative where it is not known
 *
 * Since: 1.0
 */
double
jobs_line_get_progress (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), -1.0);

  return self->progress;
}

/**
 * jobs_line_get_message:
 * @self: a line
 *
 * What the action last reported; of a command that reports nothing, the last line
 * that it wrote.
 *
 * Returns: (transfer none) (nullable): text that comes from outside
 *
 * Since: 1.0
 */
const char *
jobs_line_get_message (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->message;
}

/**
 * jobs_line_get_error:
 * @self: a line
 *
 * Why the action did not end well.
 *
 * Returns: (transfer none) (nullable): a message for people
 *
 * Since: 1.0
 */
const char *
jobs_line_get_error (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  return self->error;
}

/**
 * jobs_line_get_output:
 * @self: a line
 *
 * What the action has written, while it is followed ([method@Board.follow]): the last
 * MiB of it, of what came before it was followed perhaps less.
 *
 * Returns: (transfer none) (nullable): text that comes from outside, valid UTF-8;
 *   %NULL where it is not followed
 *
 * Since: 1.0
 */
const char *
jobs_line_get_output (JobsLine *self)
{
  g_return_val_if_fail (JOBS_IS_LINE (self), NULL);

  if (self->output == NULL)
    return NULL;
  if (self->text == NULL)
    self->text = g_utf8_make_valid (self->output->str, (gssize) self->output->len);

  return self->text;
}
