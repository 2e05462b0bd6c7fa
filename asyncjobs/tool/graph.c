/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "json.h"
#include "tool.h"

static void
append_mermaid_label (GString    *to,
                      const char *label)
{
  g_string_append_c (to, '"');
  for (const char *c = label; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      /* An entity is the only escape there is */
      if (g_unichar_iscntrl (u) || strchr ("\"#&<>`\\", (int) MIN (u, 0x7f)) != NULL)
        g_string_append_printf (to, "#%u;", u);
      else
        g_string_append_unichar (to, u);
    }
  g_string_append_c (to, '"');
}

static void
append_mermaid_nodes (GString    *to,
                      JobsEngine *engine,
                      GHashTable *numbers,
                      guint       depth)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);
      g_autofree char *label = jobs_action_dup_display_label (action);
      guint number = g_hash_table_size (numbers);

      g_hash_table_insert (numbers, action, GUINT_TO_POINTER (number));
      g_string_append_printf (to, "%*s%sn%u[", (int) depth * 2, "",
                              JOBS_IS_ENGINE (action) ? "subgraph " : "", number);
      append_mermaid_label (to, label);
      g_string_append (to, "]\n");

      if (JOBS_IS_ENGINE (action))
        {
          append_mermaid_nodes (to, JOBS_ENGINE (action), numbers, depth + 1);
          g_string_append_printf (to, "%*send\n", (int) depth * 2, "");
        }
    }
}

static void
append_mermaid_edges (GString    *to,
                      GHashTable *numbers,
                      GPtrArray  *actions)
{
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

      for (guint j = 0; j < requirements->len; j++)
        {
          JobsAction *other = g_ptr_array_index (requirements, j);
          JobsCondition condition = JOBS_CONDITION_DONE;

          jobs_action_get_requirement (action, other, &condition);
          g_string_append_printf (to, "  n%u %s",
                                  GPOINTER_TO_UINT (g_hash_table_lookup (numbers, other)),
                                  condition == JOBS_CONDITION_AFTER ? "-.->" : "-->");
          if (condition != JOBS_CONDITION_DONE)
            g_string_append_printf (to, "|%s|", tool_condition_nick (condition));
          g_string_append_printf (to, " n%u\n",
                                  GPOINTER_TO_UINT (g_hash_table_lookup (numbers, action)));
        }
    }
}

static char *
make_mermaid (JobsEngine *engine)
{
  GString *text = g_string_new ("flowchart TD\n");
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);

  append_mermaid_nodes (text, engine, numbers, 1);
  append_mermaid_edges (text, numbers, actions);

  return g_string_free (text, FALSE);
}

static void
build_requirements (JsonBuilder *builder,
                    JobsAction  *action)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  json_builder_set_member_name (builder, "requires");
  json_builder_begin_array (builder);
  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = g_ptr_array_index (requirements, i);
      g_autofree char *path = jobs_action_dup_path (other);
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (action, other, &condition);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "job");
      json_builder_add_string_value (builder, path);
      json_builder_set_member_name (builder, "condition");
      json_builder_add_string_value (builder, tool_condition_nick (condition));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
build_number (JsonBuilder *builder,
              const char  *name,
              gint64       number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
build_text (JsonBuilder *builder,
            const char  *name,
            const char  *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
build_flag (JsonBuilder *builder,
            const char  *name,
            gboolean     flag)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, flag);
}

static void
build_jobs (JsonBuilder *builder,
            JobsEngine  *engine)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  build_number (builder, "window", jobs_engine_get_window (engine));
  build_text (builder, "on-failure", tool_on_failure_nick (jobs_engine_get_on_failure (engine)));
  json_builder_set_member_name (builder, "jobs");
  json_builder_begin_array (builder);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);
      g_autofree char *path = jobs_action_dup_path (action);
      g_autofree char *details = jobs_action_dup_display_details (action);

      json_builder_begin_object (builder);
      build_text (builder, "path", path);
      if (details != NULL)
        build_text (builder, "details", details);
      build_requirements (builder, action);
      build_flag (builder, "critical", jobs_action_get_critical (action));
      build_flag (builder, "forever", jobs_action_get_forever (action));
      build_number (builder, "timeout-ms", jobs_action_get_timeout (action));
      build_number (builder, "retries", jobs_action_get_retries (action));
      build_number (builder, "priority", jobs_action_get_priority (action));
      if (JOBS_IS_ENGINE (action))
        build_jobs (builder, JOBS_ENGINE (action));
      json_builder_end_object (builder);
    }

  json_builder_end_array (builder);
}

static char *
make_json (JobsScenario *scenario)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  const char *name = jobs_scenario_get_name (scenario);

  json_builder_begin_object (builder);
  build_number (builder, "version", 1);
  if (name != NULL)
    build_text (builder, "name", name);
  build_jobs (builder, jobs_scenario_get_engine (scenario));
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return g_string_free (tool_make_json (root, TRUE), FALSE);
}

/* A picture, by the program dot */
static GBytes *
draw (JobsEngine *engine,
      const char *format,
      GError    **error)
{
  g_autofree char *source = jobs_engine_to_dot (engine);
  g_autofree char *option = g_strconcat ("-T", format, NULL);
  g_autoptr (GBytes) input = g_bytes_new_take (g_steal_pointer (&source), strlen (source));
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GSubprocess) dot = NULL;

  dot = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, error,
                          "dot", option, NULL);
  if (dot == NULL)
    {
      g_prefix_error (error, _("%s is drawn by the program dot of Graphviz; install the package "
                               "graphviz, or ask for the format dot, mermaid or json: "), format);
      return NULL;
    }

  if (!g_subprocess_communicate (dot, input, NULL, &output, NULL, error) ||
      !g_subprocess_wait_check (dot, NULL, error))
    {
      g_prefix_error (error, _("the program dot of Graphviz failed: "));
      return NULL;
    }

  return g_steal_pointer (&output);
}

static const char *const formats[] = { "dot", "svg", "png", "mermaid", "json", NULL };

static const char *
format_of (const char *filename)
{
  static const struct { const char *suffix, *format; } suffixes[] = {
    { ".dot", "dot" }, { ".gv", "dot" }, { ".svg", "svg" }, { ".png", "png" },
    { ".mmd", "mermaid" }, { ".mermaid", "mermaid" }, { ".json", "json" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (filename, suffixes[i].suffix))
      return suffixes[i].format;

  return NULL;
}

static GBytes *
render (JobsScenario *scenario,
        const char   *format,
        GError      **error)
{
  JobsEngine *engine = jobs_scenario_get_engine (scenario);
  char *text;

  if (g_str_equal (format, "svg") || g_str_equal (format, "png"))
    return draw (engine, format, error);

  if (g_str_equal (format, "dot"))
    text = jobs_engine_to_dot (engine);
  else if (g_str_equal (format, "mermaid"))
    text = make_mermaid (engine);
  else
    text = make_json (scenario);

  return g_bytes_new_take (text, strlen (text));
}

int
tool_graph (int    argc,
            char **argv)
{
  g_autofree char *format = NULL;
  g_autofree char *filename = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format,
      N_("dot, svg, png, mermaid or json; else by the suffix of the output, else dot"), N_("FORMAT") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &filename, N_("Write to this file"), N_("FILE") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (JobsScenario) scenario = NULL;
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GBytes) picture = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  const char *chosen;
  int status;

  if (!tool_parse (_("FILE"), _("Draws jobs and requirements; svg and png by the program dot of Graphviz."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one job file at a time, please"));

  chosen = format;
  if (chosen == NULL && filename != NULL)
    chosen = format_of (filename);
  if (chosen == NULL && filename != NULL)
    return tool_usage (_("the suffix of %s says no format; use --format"), filename);
  if (chosen == NULL)
    chosen = "dot";
  if (!g_strv_contains (formats, chosen))
    return tool_usage (_("there is no format ‘%s’; there are dot, svg, png, mermaid and json"), chosen);

  if (g_str_equal (chosen, "png") && filename == NULL && isatty (STDOUT_FILENO))
    return tool_usage (_("a png is nothing for a terminal; use --output, or redirect it"));

  scenario = tool_load (rest[1], &status);
  if (scenario == NULL)
    return status;

  picture = render (scenario, chosen, &error);
  if (picture != NULL)
    out = filename != NULL ? tool_stream_new_file (filename, &error)
                           : tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  if (out == NULL)
    {
      tool_note ("%s", error->message);
      return TOOL_EXIT_TROUBLE;
    }

  tool_stream_put (out, g_bytes_get_data (picture, NULL), g_bytes_get_size (picture));

  return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}
