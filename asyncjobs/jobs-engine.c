/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"

/**
 * JobsEngine:
 *
 * An action that holds actions, and runs them.
 *
 * What can start starts, what must wait waits: each action starts when its
 * requirements are met, as many at once as [property@Engine:window] allows. The
 * run ends when all of them have ended, those aside that are not meant to
 * ([property@Action:forever]), which are cancelled then. Its verdict is whether
 * no critical action failed; [method@Engine.why] says it in words.
 *
 * An engine is an action itself, so that engines nest. It is a list model of its
 * actions, in the order in which they were added; that is their order wherever
 * nothing else decides.
 *
 * It runs in the thread-default main context of the caller of
 * [method@Engine.orchestrate_async], about a millisecond at a time and at a
 * priority below that of redrawing. All calls but [method@Engine.cancel] belong
 * into that context's thread.
 *
 * Since: 1.0
 */

enum
{
  STARTED,
  ACTION_STATE_CHANGED,
  ACTION_PROGRESS,
  FINISHED,
  N_SIGNALS
};

GParamSpec *jobs_engine_properties[JOBS_ENGINE_N_PROPS];
static guint signals[N_SIGNALS];

int jobs_engine_private_offset;

static void jobs_engine_list_model_init (GListModelInterface *iface);

G_DEFINE_TYPE_WITH_CODE (JobsEngine, jobs_engine, JOBS_TYPE_ACTION,
                         G_ADD_PRIVATE (JobsEngine)
                         G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, jobs_engine_list_model_init))

static GType
jobs_engine_get_item_type (GListModel *model)
{
  return JOBS_TYPE_ACTION;
}

static guint
jobs_engine_get_n_items (GListModel *model)
{
  return jobs_engine_get_private (JOBS_ENGINE (model))->n_items;
}

static gpointer
jobs_engine_get_item (GListModel *model,
                      guint       position)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (JOBS_ENGINE (model));

  return position < priv->n_items ? g_object_ref (priv->actions[place_to_index (priv, position)])
                                  : NULL;
}

static void
jobs_engine_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = jobs_engine_get_item_type;
  iface->get_n_items = jobs_engine_get_n_items;
  iface->get_item = jobs_engine_get_item;
}

JobsGraph *
jobs_engine_get_graph (JobsEngine *self)
{
  jobs_engine_settle (self);

  return jobs_engine_get_private (self)->graph;
}

guint64
jobs_engine_get_serial (JobsEngine *self)
{
  return jobs_engine_get_private (self)->serial;
}

gboolean
jobs_engine_has_run (JobsEngine *self)
{
  return jobs_engine_get_private (self)->run->has_run;
}

JobsRun *
jobs_engine_get_run (JobsEngine *self)
{
  return jobs_engine_get_private (self)->run;
}

void
jobs_engine_count_alone (JobsEngine *self,
                         int         change)
{
  jobs_engine_get_private (self)->n_alone += change;
}

gboolean
jobs_engine_is_held (JobsEngine *self)
{
  return jobs_engine_get_private (self)->n_alone > 0;
}

guint
jobs_engine_get_n_clean_up (JobsEngine *self)
{
  return jobs_engine_get_private (self)->n_clean_up;
}

void
jobs_engine_limit_grace (JobsEngine *self,
                         gint64      due)
{
  jobs_run_limit_grace (jobs_engine_get_private (self)->run, due);
}

/* Signals */

gboolean
jobs_engine_is_heard (JobsEngine *self)
{
  for (; self != NULL; self = jobs_action_peek_engine (JOBS_ACTION (self)))
    if (g_signal_has_handler_pending (self, signals[ACTION_STATE_CHANGED], 0, TRUE))
      return TRUE;

  return FALSE;
}

/* Where there is no handler GObject takes 12 ns for it, and 18 ns to tell that there is
 * none; it looks after the instance itself */
void
jobs_engine_emit_state_changed (JobsEngine *self,
                                JobsAction *action,
                                JobsState   old_state,
                                JobsState   new_state)
{
  g_autoptr (JobsEngine) outer = NULL;

  g_set_object (&outer, jobs_action_peek_engine (JOBS_ACTION (self)));
  g_signal_emit (self, signals[ACTION_STATE_CHANGED], 0, action, old_state, new_state);
  if (outer != NULL)
    jobs_engine_emit_state_changed (outer, action, old_state, new_state);
}

void
jobs_engine_emit_progress (JobsEngine *self,
                           JobsAction *action)
{
  g_autoptr (JobsEngine) engine = g_object_ref (self);

  while (engine != NULL)
    {
      JobsEngine *outer = jobs_action_peek_engine (JOBS_ACTION (engine));
      g_autoptr (JobsEngine) next = outer != NULL ? g_object_ref (outer) : NULL;

      g_signal_emit (engine, signals[ACTION_PROGRESS], 0, action);
      g_set_object (&engine, next);
    }
}

void
jobs_engine_emit_started (JobsEngine *self)
{
  g_signal_emit (self, signals[STARTED], 0);
}

void
jobs_engine_emit_finished (JobsEngine *self,
                           gboolean    success)
{
  g_signal_emit (self, signals[FINISHED], 0, success);
}

void
jobs_engine_notify_n_stuck (JobsEngine *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_N_STUCK]);
}

static gboolean
jobs_engine_start (JobsAction  *action,
                   JobsAttempt *attempt,
                   GError     **error)
{
  return jobs_run_begin_nested (jobs_engine_get_private (JOBS_ENGINE (action))->run, attempt, error);
}

static gboolean
jobs_engine_stop (JobsAction  *action,
                  JobsAttempt *attempt,
                  GError     **error)
{
  jobs_run_stop (jobs_engine_get_private (JOBS_ENGINE (action))->run);

  return TRUE;
}

static void
jobs_engine_dispose (GObject *object)
{
  JobsEngine *self = JOBS_ENGINE (object);
  g_autofree JobsAction **actions = NULL;
  JobsGraph *graph;

  actions = jobs_engine_steal_actions (self, &graph);
  jobs_engine_drop_actions (actions, graph->n_nodes);
  jobs_graph_free (graph);

  G_OBJECT_CLASS (jobs_engine_parent_class)->dispose (object);
}

static void
jobs_engine_finalize (GObject *object)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (JOBS_ENGINE (object));

  jobs_run_free (priv->run);
  jobs_graph_free (priv->graph);

  G_OBJECT_CLASS (jobs_engine_parent_class)->finalize (object);
}

static void
jobs_engine_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  JobsEngine *self = JOBS_ENGINE (object);

  switch (prop_id)
    {
    case JOBS_ENGINE_PROP_WINDOW:
      g_value_set_uint (value, jobs_engine_get_window (self));
      break;
    case JOBS_ENGINE_PROP_ON_FAILURE:
      g_value_set_enum (value, jobs_engine_get_on_failure (self));
      break;
    case JOBS_ENGINE_PROP_GRACE:
      g_value_set_uint (value, jobs_engine_get_grace (self));
      break;
    case JOBS_ENGINE_PROP_SHUTDOWN_TIMEOUT:
      g_value_set_uint (value, jobs_engine_get_shutdown_timeout (self));
      break;
    case JOBS_ENGINE_PROP_SOURCE_PRIORITY:
      g_value_set_int (value, jobs_engine_get_source_priority (self));
      break;
    case JOBS_ENGINE_PROP_N_STUCK:
      g_value_set_uint (value, jobs_engine_get_n_stuck (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_engine_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  JobsEngine *self = JOBS_ENGINE (object);

  switch (prop_id)
    {
    case JOBS_ENGINE_PROP_WINDOW:
      jobs_engine_set_window (self, g_value_get_uint (value));
      break;
    case JOBS_ENGINE_PROP_ON_FAILURE:
      jobs_engine_set_on_failure (self, g_value_get_enum (value));
      break;
    case JOBS_ENGINE_PROP_GRACE:
      jobs_engine_set_grace (self, g_value_get_uint (value));
      break;
    case JOBS_ENGINE_PROP_SHUTDOWN_TIMEOUT:
      jobs_engine_set_shutdown_timeout (self, g_value_get_uint (value));
      break;
    case JOBS_ENGINE_PROP_SOURCE_PRIORITY:
      jobs_engine_set_source_priority (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsEngine:window: (attributes org.gtk.Property.get=jobs_engine_get_window org.gtk.Property.set=jobs_engine_set_window)
   *
   * How many actions may run at once; 0 for no limit.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_WINDOW] = g_param_spec_uint ("window", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsEngine:on-failure: (attributes org.gtk.Property.get=jobs_engine_get_on_failure org.gtk.Property.set=jobs_engine_set_on_failure)
   *
   * What happens when a critical action fails.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_ON_FAILURE] = g_param_spec_enum ("on-failure", NULL, NULL, JOBS_TYPE_ON_FAILURE,
                                                   JOBS_ON_FAILURE_ABORT, flags);

  /**
   * JobsEngine:grace: (attributes org.gtk.Property.get=jobs_engine_get_grace org.gtk.Property.set=jobs_engine_set_grace)
   *
   * How long a run waits for an action that was asked to end, in milliseconds; 0
   * for no limit.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_GRACE] =
    g_param_spec_uint ("grace", NULL, NULL, 0, G_MAXUINT, JOBS_DEFAULT_GRACE, flags);

  /**
   * JobsEngine:shutdown-timeout: (attributes org.gtk.Property.get=jobs_engine_get_shutdown_timeout org.gtk.Property.set=jobs_engine_set_shutdown_timeout)
   *
   * How long the clean-up of all actions may take, in milliseconds; 0 for no
   * limit.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_SHUTDOWN_TIMEOUT] =
    g_param_spec_uint ("shutdown-timeout", NULL, NULL, 0, G_MAXUINT,
                       JOBS_DEFAULT_SHUTDOWN_TIMEOUT, flags);

  /**
   * JobsEngine:source-priority: (attributes org.gtk.Property.get=jobs_engine_get_source_priority org.gtk.Property.set=jobs_engine_set_source_priority)
   *
   * The priority of the outermost run in its main context.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_SOURCE_PRIORITY] =
    g_param_spec_int ("source-priority", NULL, NULL, G_MININT, G_MAXINT,
                      JOBS_DEFAULT_SOURCE_PRIORITY, flags);

  /**
   * JobsEngine:n-stuck: (attributes org.gtk.Property.get=jobs_engine_get_n_stuck)
   *
   * How many attempts go on that the last run has given up waiting for.
   *
   * Since: 1.0
   */
  jobs_engine_properties[JOBS_ENGINE_PROP_N_STUCK] =
    g_param_spec_uint ("n-stuck", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, JOBS_ENGINE_N_PROPS, jobs_engine_properties);
}

typedef void (*StateChangedFunc) (gpointer    first,
                                  JobsAction *action,
                                  int         old_state,
                                  int         new_state,
                                  gpointer    last);

static void
call_state_changed (GClosure   *closure,
                    gpointer    marshal_data,
                    gpointer    instance,
                    JobsAction *action,
                    int         old_state,
                    int         new_state)
{
  StateChangedFunc callback =
    (StateChangedFunc) (marshal_data != NULL ? marshal_data : ((GCClosure *) closure)->callback);

  if (G_CCLOSURE_SWAP_DATA (closure))
    callback (closure->data, action, old_state, new_state, instance);
  else
    callback (instance, action, old_state, new_state, closure->data);
}

/* The one for all signals describes each call to libffi anew. Of what a monitor costs a
 * short job that is a third */
static void
state_changed_marshal (GClosure     *closure,
                       GValue       *return_value,
                       guint         n_values,
                       const GValue *values,
                       gpointer      hint,
                       gpointer      marshal_data)
{
  call_state_changed (closure, marshal_data, g_value_peek_pointer (&values[0]), g_value_get_object (&values[1]),
                      g_value_get_enum (&values[2]), g_value_get_enum (&values[3]));
}

/* Where one handler alone is connected */
static void
state_changed_va_marshal (GClosure *closure,
                          GValue   *return_value,
                          gpointer  instance,
                          va_list   args,
                          gpointer  marshal_data,
                          int       n_params,
                          GType    *param_types)
{
  g_autoptr (JobsAction) action = NULL;
  int old_state, new_state;
  va_list copy;

  G_VA_COPY (copy, args);
  action = g_object_ref (va_arg (copy, JobsAction *));
  old_state = va_arg (copy, int);
  new_state = va_arg (copy, int);
  va_end (copy);

  call_state_changed (closure, marshal_data, instance, action, old_state, new_state);
}

static void
install_signals (GType type)
{
  /**
   * JobsEngine::started:
   * @self: the engine
   *
   * A run begins; nothing has started yet.
   *
   * All signals are emitted in the context of the run. Handlers may do with the
   * engine what they like; what they do takes effect after them.
   *
   * Since: 1.0
   */
  signals[STARTED] =
    g_signal_new ("started", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * JobsEngine::action-state-changed:
   * @self: the engine
   * @action: one of its actions, or of an engine inside it
   * @old_state: the state before
   * @new_state: the state now
   *
   * An action has got another state.
   *
   * It is emitted in the context of the run, when all books are in order: handlers may
   * do with the engine what they like.
   *
   * Whoever connects while the engine is at work, from a function that it has called, may
   * miss %JOBS_STATE_RUNNING of those that work within one call until the main loop
   * has its turn.
   *
   * Since: 1.0
   */
  signals[ACTION_STATE_CHANGED] =
    g_signal_new ("action-state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, state_changed_marshal,
                  G_TYPE_NONE, 3, JOBS_TYPE_ACTION, JOBS_TYPE_STATE, JOBS_TYPE_STATE);
  g_signal_set_va_marshaller (signals[ACTION_STATE_CHANGED], type, state_changed_va_marshal);

  /**
   * JobsEngine::action-progress:
   * @self: the engine
   * @action: one of its actions, or of an engine inside it
   *
   * An action has reported its progress.
   *
   * It is emitted in the context of the run, once for all that was reported since the
   * main loop had its turn; handlers may do with the engine what they like.
   *
   * Since: 1.0
   */
  signals[ACTION_PROGRESS] =
    g_signal_new ("action-progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, JOBS_TYPE_ACTION);

  /**
   * JobsEngine::finished:
   * @self: the engine
   * @success: the verdict
   *
   * A run has ended, its clean-up included.
   *
   * It is emitted in the context of the run, before whoever waits for the run is told.
   * Handlers may do with the engine what they like, and run it again.
   *
   * Since: 1.0
   */
  signals[FINISHED] =
    g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
jobs_engine_class_init (JobsEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  jobs_engine_private_offset = g_type_class_get_instance_private_offset (klass);

  object_class->dispose = jobs_engine_dispose;
  object_class->finalize = jobs_engine_finalize;
  object_class->get_property = jobs_engine_get_property;
  object_class->set_property = jobs_engine_set_property;

  action_class->start = jobs_engine_start;
  action_class->stop = jobs_engine_stop;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
jobs_engine_init (JobsEngine *self)
{
  static gsize last_serial; /* engines are made in any thread */
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  jobs_action_set_flag (JOBS_ACTION (self), JOBS_ACTION_IS_ENGINE);
  priv->serial = (guint64) g_atomic_pointer_add (&last_serial, 1) + 1;
  priv->graph = jobs_graph_new ();
  priv->run = jobs_run_new (self);
}

/**
 * jobs_engine_new:
 *
 * Makes an empty engine.
 *
 * Returns: (transfer full): the engine
 *
 * Since: 1.0
 */
JobsEngine *
jobs_engine_new (void)
{
  return g_object_new (JOBS_TYPE_ENGINE, NULL);
}

/**
 * jobs_engine_count:
 * @self: an engine
 * @state: a state
 *
 * How many actions of @self are in @state; those inside engines in it do not
 * count. It takes no time.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
jobs_engine_count (JobsEngine *self,
                   JobsState   state)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);
  g_return_val_if_fail (state <= JOBS_STATE_SKIPPED, 0);

  return jobs_engine_get_private (self)->counts[state];
}
