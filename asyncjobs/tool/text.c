/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "monitors/jobs-visible.h"
#include "secrets.h"
#include "tool.h"

GPtrArray *
tool_dup_jobs (JobsEngine *engine)
{
  GPtrArray *jobs = jobs_engine_dup_all (engine, TRUE);

  g_ptr_array_remove (jobs, engine);

  return jobs;
}

char *
tool_format_duration (gint64 usec)
{
  double seconds = usec / (double) G_USEC_PER_SEC;

  if (seconds < 10)
    /* Translators: a duration in seconds */
    return g_strdup_printf (_("%.3f s"), seconds);
  if (seconds < 60)
    return g_strdup_printf (_("%.2f s"), seconds);
  if (seconds < 3600)
    /* Translators: a duration in minutes and seconds */
    return g_strdup_printf (_("%d min %.1f s"), (int) seconds / 60,
                            seconds - (int) seconds / 60 * 60);

  /* Translators: a duration in hours and minutes */
  return g_strdup_printf (_("%d h %d min"), (int) (usec / G_USEC_PER_SEC / 3600),
                          (int) (usec / G_USEC_PER_SEC / 60 % 60));
}

const char *
tool_get_state_word (JobsState state)
{
  static const char *const words[N_STATES] = {
    N_("not started"), N_("waiting"), N_("running"), N_("being cancelled"), N_("finished"),
    N_("failed"), N_("timed out"), N_("cancelled"), N_("skipped"),
  };

  return _(words[state]);
}

/* As a job file has it: 500ms, 30s, 1h30m */
static char *
format_limit (guint milliseconds)
{
  GString *text = g_string_new (NULL);
  guint seconds = milliseconds / 1000;

  if (seconds >= 3600)
    g_string_append_printf (text, "%uh", seconds / 3600);
  if (seconds % 3600 >= 60)
    g_string_append_printf (text, "%um", seconds % 3600 / 60);
  if (seconds % 60 > 0)
    g_string_append_printf (text, "%us", seconds % 60);
  if (milliseconds % 1000 > 0)
    g_string_append_printf (text, "%ums", milliseconds % 1000);

  return g_string_free (text, FALSE);
}

void
tool_append_line (GString    *to,
                  const char *text)
{
  g_autofree char *hidden = secrets_hide (text);
  const char *newline = strchr (hidden, '\n');

  if (newline == NULL)
    {
      jobs_visible_append (to, hidden, -1);
      return;
    }

  jobs_visible_append (to, hidden, newline - hidden);
  if (newline[1] != '\0')
    g_string_append (to, " …");
}

void
tool_append_lines (GString    *to,
                   const char *text,
                   const char *prefix)
{
  g_autofree char *hidden = secrets_hide (text);
  g_auto (GStrv) lines = g_strsplit (hidden, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      /* The last newline ends a line and begins none */
      if (lines[i + 1] == NULL && lines[i][0] == '\0')
        break;

      g_string_append (to, prefix);
      jobs_visible_append (to, lines[i], -1);
      g_string_append_c (to, '\n');
    }
}

static const char *
get_nick (GType type,
          int   value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);

  return g_enum_get_value (klass, value)->value_nick;
}

const char *
tool_condition_nick (JobsCondition condition)
{
  return get_nick (JOBS_TYPE_CONDITION, condition);
}

const char *
tool_on_failure_nick (JobsOnFailure on_failure)
{
  return get_nick (JOBS_TYPE_ON_FAILURE, on_failure);
}

static void
append_item (GString    *to,
             const char *format,
             ...) G_GNUC_PRINTF (2, 3);

static void
append_item (GString    *to,
             const char *format,
             ...)
{
  va_list args;

  g_string_append (to, "; ");
  va_start (args, format);
  g_string_append_vprintf (to, format, args);
  va_end (args);
}

static void
append_pools (GString    *to,
              JobsAction *action)
{
  g_autoptr (GPtrArray) pools = jobs_action_dup_pools (action);

  for (guint i = 0; i < pools->len; i++)
    {
      JobsPool *pool = g_ptr_array_index (pools, i);
      g_autoptr (GString) name = g_string_new (NULL);

      jobs_visible_append (name, jobs_pool_get_name (pool), -1);
      /* Translators: the name of a pool, how much of it a job takes */
      append_item (to, _("pool %s: %u"), name->str, jobs_action_get_pool_amount (action, pool));
    }
}

void
tool_append_policy (GString    *to,
                    JobsAction *action)
{
  guint timeout = jobs_action_get_timeout (action);
  guint retries = jobs_action_get_retries (action);
  int priority = jobs_action_get_priority (action);

  if (JOBS_IS_ENGINE (action))
    {
      JobsEngine *engine = JOBS_ENGINE (action);

      if (jobs_engine_get_window (engine) > 0)
        append_item (to, _("at most %u at once"), jobs_engine_get_window (engine));
      append_item (to, _("on failure: %s"),
                   tool_on_failure_nick (jobs_engine_get_on_failure (engine)));
    }
  if (!jobs_action_get_critical (action))
    append_item (to, "%s", _("not critical"));
  if (jobs_action_get_forever (action))
    /* Translators: of a job: it runs until all others have ended */
    append_item (to, "%s", _("forever"));
  if (timeout > 0)
    {
      g_autofree char *text = format_limit (timeout);

      append_item (to, _("timeout %s"), text);
    }
  if (retries > 0)
    append_item (to, g_dngettext (GETTEXT_PACKAGE, "%u retry", "%u retries", retries), retries);
  if (priority != 0)
    append_item (to, _("priority %d"), priority);
  append_pools (to, action);
}

void
tool_put_names (ToolStream        *to,
                const char *const *names,
                gboolean           with_nul)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      tool_stream_put (to, names[i], -1);
      tool_stream_put (to, with_nul ? "" : "\n", 1);
    }
}

char *
tool_shell_word (const char *text)
{
  /* Most names need no quotes, and are easier to read without */
  if (*text != '\0' && text[strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./+-")] == '\0')
    return g_strdup (text);

  return g_shell_quote (text);
}
