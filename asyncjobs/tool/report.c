/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "monitors/jobs-visible.h"
#include "secrets.h"
#include "tool.h"

static void
hide_secrets (JsonNode *node)
{
  g_autofree char *hidden = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) values = json_object_get_values (json_node_get_object (node));

      for (GList *l = values; l != NULL; l = l->next)
        hide_secrets (l->data);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      g_autoptr (GList) values = json_array_get_elements (json_node_get_array (node));

      for (GList *l = values; l != NULL; l = l->next)
        hide_secrets (l->data);
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      hidden = secrets_hide (json_node_get_string (node));
      json_node_set_string (node, hidden);
    }
}

static char *
make_json (JobsEngine *engine)
{
  g_autoptr (GVariant) report = jobs_engine_dup_report (engine);
  g_autoptr (JsonNode) root = json_gvariant_serialize (report);

  hide_secrets (root);

  return g_string_free (tool_make_json (root, TRUE), FALSE);
}

/* XML can hold no control characters, not even escaped ones; what it should not
 * hold are secrets */
static char *
escape (const char *text)
{
  g_autoptr (GString) safe = g_string_new (NULL);
  g_autofree char *hidden = secrets_hide (text);
  g_auto (GStrv) lines = g_strsplit (hidden, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (safe, '\n');
      jobs_visible_append (safe, lines[i], -1);
    }

  return g_markup_escape_text (safe->str, safe->len);
}

static double
seconds_of (JobsAction *action)
{
  gint64 start = jobs_action_get_start_time (action);
  gint64 end = jobs_action_get_end_time (action);

  return start > 0 && end >= start ? (end - start) / (double) G_USEC_PER_SEC : 0;
}

static void
append_outcome (GString    *to,
                JobsAction *action)
{
  JobsState state = jobs_action_get_state (action);
  const GError *error = jobs_action_get_error (action);
  g_autofree char *message = escape (error != NULL ? error->message : jobs_state_get_nick (state));
  g_autofree char *tail = NULL;
  g_autofree char *safe_tail = NULL;
  const char *element = state == JOBS_STATE_FAILED ? "failure" : "error";

  if (state == JOBS_STATE_FINISHED)
    return;

  if (state != JOBS_STATE_FAILED && state != JOBS_STATE_TIMED_OUT)
    {
      g_string_append_printf (to, "      <skipped message=\"%s\"/>\n", message);
      return;
    }

  if (JOBS_IS_COMMAND_ACTION (action))
    tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));
  safe_tail = escape (tail != NULL ? tail : "");
  g_string_append_printf (to, "      <%s message=\"%s\">%s</%s>\n",
                          element, message, safe_tail, element);
}

static void
append_case (GString    *to,
             JobsAction *action,
             const char *suite)
{
  JobsEngine *engine = jobs_action_get_engine (action);
  g_autofree char *label = jobs_action_dup_display_label (action);
  g_autofree char *name = escape (label);
  g_autofree char *path = NULL;
  g_autofree char *group = NULL;

  /* The path of the engine, where it is a nested one */
  if (engine != NULL && jobs_action_get_engine (JOBS_ACTION (engine)) != NULL)
    path = jobs_action_dup_path (JOBS_ACTION (engine));
  group = escape (path != NULL ? path : suite);

  g_string_append_printf (to, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.6f\">\n",
                          group, name, seconds_of (action));
  append_outcome (to, action);
  g_string_append (to, "    </testcase>\n");
}

/* JUnit's form, as continuous integration reads it: a job is a test case */
static char *
make_junit (JobsEngine *engine,
            const char *suite)
{
  g_autoptr (GPtrArray) jobs = tool_dup_jobs (engine);
  g_autofree char *name = escape (suite);
  g_autoptr (GString) cases = g_string_new (NULL);
  guint counts[JOBS_STATE_SKIPPED + 1] = { 0 };
  guint failures, errors;

  for (guint i = 0; i < jobs->len; i++)
    {
      JobsAction *action = g_ptr_array_index (jobs, i);

      counts[jobs_action_get_state (action)]++;
      append_case (cases, action, suite);
    }

  failures = counts[JOBS_STATE_FAILED];
  errors = counts[JOBS_STATE_TIMED_OUT];

  return g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<testsuites>\n"
                          "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\""
                          " skipped=\"%u\" time=\"%.6f\">\n"
                          "%s"
                          "  </testsuite>\n"
                          "</testsuites>\n",
                          name, jobs->len, failures, errors,
                          jobs->len - failures - errors - counts[JOBS_STATE_FINISHED],
                          seconds_of (JOBS_ACTION (engine)), cases->str);
}

gboolean
tool_report_is_known (const char *filename)
{
  return g_str_has_suffix (filename, ".json") || g_str_has_suffix (filename, ".xml");
}

/* A device or a pipe is written to, not replaced by a file */
static gboolean
is_special (const char *filename)
{
  GStatBuf info;

  return g_stat (filename, &info) == 0 && !S_ISREG (info.st_mode);
}

gboolean
tool_report_check (const char *filename,
                   GError    **error)
{
  g_autofree char *folder = g_path_get_dirname (filename);
  g_autofree char *name = g_filename_display_name (filename);
  int saved_errno;

  if (g_access (is_special (filename) ? filename : folder, W_OK) == 0)
    return TRUE;

  saved_errno = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
               _("cannot write to %s: %s"), name, g_strerror (saved_errno));

  return FALSE;
}

gboolean
tool_report_write (JobsEngine *engine,
                   const char *name,
                   const char *filename,
                   GError    **error)
{
  g_autofree char *text = NULL;

  if (g_str_has_suffix (filename, ".json"))
    text = make_json (engine);
  else
    text = make_junit (engine, name);

  if (is_special (filename))
    {
      g_autoptr (ToolStream) to = tool_stream_new_file (filename, error);

      if (to == NULL)
        return FALSE;
      tool_stream_put (to, text, -1);
      if (tool_stream_finish (to))
        return TRUE;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("the report is lost"));
      return FALSE;
    }

  return g_file_set_contents_full (filename, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
}
