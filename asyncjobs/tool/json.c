/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json.h"

/* DEL and the controls of 8 bits; JSON asks to escape only those below a blank, of which
 * JSON-GLib forgets the last one (1.6) */
static gboolean
is_control (const char *c)
{
  const guchar *bytes = (const guchar *) c;

  return bytes[0] == 0x1f || bytes[0] == 0x7f || (bytes[0] == 0xc2 && bytes[1] < 0xa0);
}

GString *
tool_make_json (JsonNode *root,
                gboolean  pretty)
{
  g_autofree char *text = json_to_string (root, pretty);
  GString *safe = g_string_new (NULL);
  const char *rest = text;

  while (*rest != '\0')
    {
      const char *plain = rest;

      while (*rest != '\0' && !is_control (rest))
        rest++;
      g_string_append_len (safe, plain, rest - plain);
      if (*rest == '\0')
        break;

      g_string_append_printf (safe, "\\u%04x", g_utf8_get_char (rest));
      rest = g_utf8_next_char (rest);
    }
  g_string_append_c (safe, '\n');

  return safe;
}

JsonObject *
tool_json_parse_object (const char *text)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);

  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_dup_object (root) : NULL;
}

void
tool_json_add_text (JsonBuilder *builder,
                    const char  *name,
                    const char  *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;

  valid = g_utf8_make_valid (text, -1);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

void
tool_json_add_number (JsonBuilder *builder,
                      const char  *name,
                      gint64       number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

void
tool_json_add_flag (JsonBuilder *builder,
                    const char  *name,
                    gboolean     flag)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, flag);
}
