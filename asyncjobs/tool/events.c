/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <fcntl.h>
#include <glib/gi18n.h>

#include "events.h"
#include "json.h"
#include "secrets.h"

#define EVENTS_VERSION 1

struct _Events
{
  JobsEngine *engine;
  ToolStream *to;
};

static JsonBuilder *
begin_event (Events     *self,
             const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);

  return builder;
}

/* What may hold anything, a secret too */
static void
add_message (JsonBuilder *builder,
             const char  *name,
             const char  *text)
{
  g_autofree char *hidden = secrets_hide (text);

  tool_json_add_text (builder, name, hidden);
}

static void
add_time (Events      *self,
          JsonBuilder *builder)
{
  gint64 start = jobs_action_get_start_time (JOBS_ACTION (self->engine));

  tool_json_add_number (builder, "us", start > 0 ? g_get_monotonic_time () - start : 0);
}

static void
add_job (JsonBuilder *builder,
         JobsAction  *action)
{
  g_autofree char *path = jobs_action_dup_path (action);

  tool_json_add_text (builder, "job", path);
}

static void
end_event (Events      *self,
           JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GString) line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = tool_make_json (root, FALSE);

  /* In one write, so that a reader never sees half a line */
  tool_stream_put (self->to, line->str, line->len);
}

static void
add_error (JsonBuilder  *builder,
           const GError *error)
{
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  tool_json_add_text (builder, "domain", g_quark_to_string (error->domain));
  tool_json_add_number (builder, "code", error->code);
  add_message (builder, "message", error->message);
  json_builder_end_object (builder);
}

static void
add_outcome (JsonBuilder *builder,
             JobsAction  *action)
{
  gint64 start = jobs_action_get_start_time (action);
  gint64 end = jobs_action_get_end_time (action);

  if (start > 0 && end >= start)
    tool_json_add_number (builder, "duration-us", end - start);
  if (jobs_action_get_error (action) != NULL)
    add_error (builder, jobs_action_get_error (action));
  if (!JOBS_IS_COMMAND_ACTION (action))
    return;

  if (jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action)) >= 0)
    tool_json_add_number (builder, "exit-status",
                          jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action)));
  if (jobs_command_action_get_term_signal (JOBS_COMMAND_ACTION (action)) > 0)
    tool_json_add_number (builder, "term-signal",
                          jobs_command_action_get_term_signal (JOBS_COMMAND_ACTION (action)));
}

static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         Events     *self)
{
  g_autoptr (JsonBuilder) builder = begin_event (self, "state");
  guint attempts = jobs_action_get_attempts (action);

  add_time (self, builder);
  add_job (builder, action);
  tool_json_add_text (builder, "state", jobs_state_get_nick (new_state));
  tool_json_add_text (builder, "from", jobs_state_get_nick (old_state));
  if (attempts > 0)
    tool_json_add_number (builder, "attempt", attempts);
  if (jobs_state_is_terminal (new_state))
    add_outcome (builder, action);
  end_event (self, builder);
}

static void
action_progress_cb (JobsEngine *engine,
                    JobsAction *action,
                    Events     *self)
{
  g_autoptr (JsonBuilder) builder = begin_event (self, "progress");
  double fraction = jobs_action_get_progress (action);
  const char *message = jobs_action_get_message (action);

  add_time (self, builder);
  add_job (builder, action);
  if (fraction >= 0)
    {
      json_builder_set_member_name (builder, "fraction");
      json_builder_add_double_value (builder, fraction);
    }
  if (message != NULL)
    add_message (builder, "message", message);
  end_event (self, builder);
}

ToolStream *
events_open (const char *target,
             GError    **error)
{
  g_autofree char *name = NULL;
  guint64 fd;

  if (!g_str_has_prefix (target, "fd:"))
    return tool_stream_new_file (target, error);

  if (!g_ascii_string_to_unsigned (target + 3, 10, 0, G_MAXINT, &fd, error))
    return NULL;

  name = g_strdup_printf (_("descriptor %d"), (int) fd);
  if (fcntl (fd, F_GETFD) == -1 || (fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   /* Translators: the name of a descriptor, its number; what follows "as in" is for
                    * a shell */
                   _("%s is not open for writing; open it in the shell, as in %d>events.json"),
                   name, (int) fd);
      return NULL;
    }

  /* Standard ones are ours already; the jobs are to have none of the others */
  if (fd > 2)
    fcntl (fd, F_SETFD, FD_CLOEXEC);

  return tool_stream_new (fd, fd > 2, name);
}

Events *
events_new (JobsEngine *engine,
            ToolStream *to)
{
  Events *self = g_new0 (Events, 1);

  self->engine = g_object_ref (engine);
  self->to = g_object_ref (to);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);
  g_signal_connect (engine, "action-progress", G_CALLBACK (action_progress_cb), self);

  return self;
}

void
events_begin (Events     *self,
              const char *file,
              const char *name)
{
  g_autoptr (JsonBuilder) builder = begin_event (self, "start");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format_iso8601 (now);
  g_autoptr (GPtrArray) jobs = tool_dup_jobs (self->engine);

  tool_json_add_number (builder, "version", EVENTS_VERSION);
  tool_json_add_text (builder, "program", "asyncjobs " PACKAGE_VERSION);
  tool_json_add_text (builder, "date", date);
  tool_json_add_text (builder, "file", file);
  tool_json_add_text (builder, "name", name);
  tool_json_add_number (builder, "jobs", jobs->len);
  end_event (self, builder);
}

void
events_end (Events        *self,
            const Verdict *verdict)
{
  g_autoptr (JsonBuilder) builder = begin_event (self, "end");

  add_time (self, builder);
  tool_json_add_number (builder, "duration-us", verdict->duration);
  tool_json_add_flag (builder, "success", verdict->success);
  tool_json_add_number (builder, "exit", verdict->status);

  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < N_STATES; i++)
    if (verdict->counts.states[i] > 0)
      tool_json_add_number (builder, jobs_state_get_nick (i), verdict->counts.states[i]);
  json_builder_end_object (builder);

  if (verdict->cause != NULL)
    {
      g_autofree char *path = jobs_action_dup_path (verdict->cause);

      tool_json_add_text (builder, "cause", path);
    }
  if (verdict->why != NULL)
    add_message (builder, "why", verdict->why);
  end_event (self, builder);
}

void
events_free (Events *self)
{
  g_signal_handlers_disconnect_by_data (self->engine, self);
  g_object_unref (self->engine);
  g_object_unref (self->to);
  g_free (self);
}
