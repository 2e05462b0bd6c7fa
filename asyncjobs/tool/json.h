/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A document and a newline. Unlike what JSON-GLib writes it has no character in
 * it that a terminal would obey */
GString    *tool_make_json         (JsonNode *root,
                                    gboolean  pretty);

/* NULL: it is no object */
JsonObject *tool_json_parse_object (const char *text);

/* A member of the object that is built; text of any bytes, and none where it is NULL */
void        tool_json_add_text     (JsonBuilder *builder,
                                    const char  *name,
                                    const char  *text);
void        tool_json_add_number   (JsonBuilder *builder,
                                    const char  *name,
                                    gint64       number);
void        tool_json_add_flag     (JsonBuilder *builder,
                                    const char  *name,
                                    gboolean     flag);

G_END_DECLS
