/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-yaml.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <yaml.h>

/* Far more than a job file needs, far less than hurts */
#define MAX_DEPTH         100
#define MAX_NODES         4000000
#define MAX_ALIASED_NODES 100000
#define MAX_DIRECTIVES    100
#define MAX_ALIASED_BYTES JOBS_YAML_MAX_BYTES

/* Maps of more keys than this get a hash table to find duplicates */
#define MANY_KEYS 16

#define BLOCK_SIZE 1024

struct _JobsYaml
{
  JobsYamlNode *root;
  GPtrArray *blocks; /* of BLOCK_SIZE nodes each */
  guint n_nodes;
  GStringChunk *texts;
};

typedef struct
{
  JobsYamlNode *node;
  JobsYamlNode *last;
  const char *key; /* read already, its value not yet */
  JobsPlace key_place;
  guint n_children;
  GHashTable *keys; /* NULL up to MANY_KEYS */
} Frame;

typedef struct
{
  JobsYaml *yaml;
  JobsProblems *problems;
  GArray *frames;      /* of Frame, one per collection that is open */
  GHashTable *anchors; /* name → JobsYamlNode */
  guint n_aliased_nodes;
  guint n_aliased_bytes;
  gboolean ended; /* the first document */
} Builder;

static void
frame_clear (gpointer data)
{
  Frame *frame = data;

  g_clear_pointer (&frame->keys, g_hash_table_unref);
}

static JobsPlace
place_of_mark (const yaml_mark_t *mark)
{
  return (JobsPlace){ mark->line + 1, mark->column + 1 };
}

/* How many bytes end a line here, as YAML 1.1 has it; 0: none */
static gsize
get_break (const char *p,
           const char *end)
{
  static const char *const breaks[] = { "\r\n", "\n", "\r", "\xc2\x85", "\xe2\x80\xa8",
                                        "\xe2\x80\xa9" };

  if ((guchar) *p > '\r' && (guchar) *p < 0xc2)
    return 0;

  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
    {
      gsize length = strlen (breaks[i]);

      if ((gsize) (end - p) >= length && memcmp (p, breaks[i], length) == 0)
        return length;
    }

  return 0;
}

static JobsPlace
place_of_byte (const char *data,
               gsize       offset)
{
  JobsPlace place = { 1, 1 };
  const char *end = data + offset, *line = data;

  for (const char *p = data; p < end;)
    {
      gsize length = get_break (p, end);

      p += MAX (length, 1);
      if (length > 0)
        {
          place.line++;
          line = p;
        }
    }
  place.column += g_utf8_strlen (line, end - line);

  return place;
}

/* At the end of the data where there is no such place; *line: where its line begins */
static const char *
find_place (const char  *data,
            gsize        length,
            JobsPlace    place,
            const char **line)
{
  const char *end = data + length;

  for (guint i = 1; i < place.line && data < end;)
    {
      gsize n = get_break (data, end);

      data += MAX (n, 1);
      i += n > 0;
    }

  *line = data;
  for (guint column = 1; column < place.column && data < end; column++)
    data = g_utf8_next_char (data);

  return MIN (data, end);
}

static gboolean
fail (Builder           *self,
      const yaml_mark_t *mark,
      JobsError          code,
      const char        *text)
{
  jobs_problems_add (self->problems, place_of_mark (mark), code, "%s", text);

  return FALSE;
}

static Frame *
top_frame (Builder *self)
{
  return self->frames->len > 0 ? &g_array_index (self->frames, Frame, self->frames->len - 1) : NULL;
}

static gboolean
wants_key (Builder *self)
{
  Frame *frame = top_frame (self);

  return frame != NULL && frame->node->kind == JOBS_YAML_MAP && frame->key == NULL;
}

static JobsYamlNode *
new_node (Builder           *self,
          JobsYamlKind       kind,
          const yaml_mark_t *mark)
{
  JobsYaml *yaml = self->yaml;
  guint used = yaml->n_nodes % BLOCK_SIZE;
  JobsYamlNode *block, *node;

  if (used == 0)
    g_ptr_array_add (yaml->blocks, g_new0 (JobsYamlNode, BLOCK_SIZE));
  block = g_ptr_array_index (yaml->blocks, yaml->blocks->len - 1);
  yaml->n_nodes++;

  node = &block[used];
  node->kind = kind;
  node->place = place_of_mark (mark);
  node->n_nodes = 1;

  return node;
}

static const JobsYamlNode *
find_key (Frame      *frame,
          const char *key)
{
  if (frame->n_children < MANY_KEYS)
    {
      for (const JobsYamlNode *child = frame->node->first; child != NULL; child = child->next)
        if (g_str_equal (child->key, key))
          return child;
      return NULL;
    }

  if (frame->keys == NULL)
    {
      frame->keys = g_hash_table_new (g_str_hash, g_str_equal);
      for (JobsYamlNode *child = frame->node->first; child != NULL; child = child->next)
        g_hash_table_insert (frame->keys, (gpointer) child->key, child);
    }

  return g_hash_table_lookup (frame->keys, key);
}

static void
take_key (Builder           *self,
          const char        *key,
          const yaml_mark_t *mark)
{
  Frame *frame = top_frame (self);
  const JobsYamlNode *other = find_key (frame, key);

  if (other != NULL)
    jobs_problems_add (self->problems, place_of_mark (mark), JOBS_ERROR_SCHEMA,
                       /* Translators: a key of a map, and a number */
                       _ ("duplicate key '%s': it stands in line %u already"),
                       key, other->key_place.line);
  frame->key = key;
  frame->key_place = place_of_mark (mark);
}

/* Puts a node where it belongs in the collection that is open */
static void
attach (Builder      *self,
        JobsYamlNode *node)
{
  Frame *frame = top_frame (self);

  if (frame == NULL)
    {
      self->yaml->root = node;
      return;
    }

  node->key = frame->key;
  node->key_place = frame->key != NULL ? frame->key_place : node->place;
  frame->key = NULL;
  if (frame->keys != NULL)
    g_hash_table_insert (frame->keys, (gpointer) node->key, node);

  if (frame->last != NULL)
    frame->last->next = node;
  else
    frame->node->first = node;
  frame->last = node;
  frame->n_children++;
}

/* What a collection is made of is known when its last part is */
static void
add_to_parent (Builder            *self,
               const JobsYamlNode *node)
{
  Frame *frame = top_frame (self);

  if (frame != NULL)
    {
      frame->node->n_nodes += node->n_nodes;
      frame->node->n_bytes += node->n_bytes;
    }
}

static void
set_anchor (Builder           *self,
            const yaml_char_t *anchor,
            JobsYamlNode      *node)
{
  if (anchor != NULL)
    g_hash_table_insert (self->anchors, g_strdup ((const char *) anchor), node);
}

static gboolean
check_tag (Builder            *self,
           const yaml_event_t *event,
           const yaml_char_t  *tag,
           const char         *expected)
{
  if (tag != NULL && !g_str_equal (tag, "!") && !g_str_equal (tag, expected))
    jobs_problems_add (self->problems, place_of_mark (&event->start_mark), JOBS_ERROR_SCHEMA,
                       _ ("a job file has no tags: take '%s' away"), (const char *) tag);

  return tag != NULL;
}

static gboolean
add_text (Builder            *self,
          const yaml_event_t *event)
{
  gsize length = event->data.scalar.length;
  const char *text = (const char *) event->data.scalar.value;
  gboolean tagged = check_tag (self, event, event->data.scalar.tag, YAML_STR_TAG);
  JobsYamlNode *node;

  if (memchr (text, '\0', length) != NULL)
    jobs_problems_add (self->problems, place_of_mark (&event->start_mark), JOBS_ERROR_SCHEMA,
                       _ ("a text with a NUL character: no name and no command can have one"));

  text = g_string_chunk_insert_len (self->yaml->texts, text, length);
  node = new_node (self, JOBS_YAML_TEXT, &event->start_mark);
  node->text = text;
  node->n_bytes = length;
  node->plain = !tagged && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  set_anchor (self, event->data.scalar.anchor, node);

  if (wants_key (self))
    take_key (self, text, &event->start_mark);
  else
    {
      attach (self, node);
      add_to_parent (self, node);
    }

  return TRUE;
}

static gboolean
count_alias (Builder            *self,
             const JobsYamlNode *target,
             const yaml_mark_t  *mark)
{
  self->n_aliased_nodes += target->n_nodes;
  self->n_aliased_bytes += target->n_bytes;

  if (self->n_aliased_nodes > MAX_ALIASED_NODES)
    return fail (self, mark, JOBS_ERROR_SCHEMA,
                 _ ("with this alias the aliases of the file make more than 100000 values"));
  if (self->n_aliased_bytes > MAX_ALIASED_BYTES)
    return fail (self, mark, JOBS_ERROR_SCHEMA,
                 _ ("with this alias the aliases of the file make more than 16 MiB of text"));

  return TRUE;
}

static gboolean
add_alias (Builder            *self,
           const yaml_event_t *event)
{
  const char *anchor = (const char *) event->data.alias.anchor;
  const JobsYamlNode *target = g_hash_table_lookup (self->anchors, anchor);
  JobsYamlNode *node;

  if (target == NULL || target->open)
    {
      jobs_problems_add (self->problems, place_of_mark (&event->start_mark), JOBS_ERROR_SYNTAX,
                         target == NULL ? _ ("no anchor '&%s' stands before this alias")
                                        : _ ("the alias '*%s' stands for what it is a part of"),
                         anchor);
      return FALSE;
    }

  if (!count_alias (self, target, &event->start_mark))
    return FALSE;

  if (wants_key (self))
    {
      if (target->kind != JOBS_YAML_TEXT)
        return fail (self, &event->start_mark, JOBS_ERROR_SCHEMA,
                     _ ("expected text as a key, found an alias of a list or a map"));

      take_key (self, target->text, &event->start_mark);
      return TRUE;
    }

  node = new_node (self, target->kind, &event->start_mark);
  node->text = target->text;
  node->first = target->first;
  node->n_nodes = target->n_nodes;
  node->n_bytes = target->n_bytes;
  node->plain = target->plain;
  attach (self, node);
  add_to_parent (self, node);

  return TRUE;
}

static gboolean
open_collection (Builder            *self,
                 const yaml_event_t *event,
                 JobsYamlKind        kind,
                 const yaml_char_t  *tag,
                 const yaml_char_t  *anchor)
{
  Frame frame = { NULL };

  if (wants_key (self))
    return fail (self, &event->start_mark, JOBS_ERROR_SCHEMA,
                 _ ("expected text as a key, found a list or a map"));
  if (self->frames->len >= MAX_DEPTH)
    return fail (self, &event->start_mark, JOBS_ERROR_SCHEMA,
                 _ ("lists and maps stand more than 100 deep in one another"));

  check_tag (self, event, tag, kind == JOBS_YAML_MAP ? YAML_MAP_TAG : YAML_SEQ_TAG);

  frame.node = new_node (self, kind, &event->start_mark);
  frame.node->open = TRUE;
  set_anchor (self, anchor, frame.node);
  attach (self, frame.node);
  g_array_append_val (self->frames, frame);

  return TRUE;
}

static gboolean
close_collection (Builder *self)
{
  JobsYamlNode *node = top_frame (self)->node;

  node->open = FALSE;
  g_array_set_size (self->frames, self->frames->len - 1);
  add_to_parent (self, node);

  return TRUE;
}

static gboolean
take_event (Builder            *self,
            const yaml_event_t *event)
{
  if (self->yaml->n_nodes >= MAX_NODES)
    return fail (self, &event->start_mark, JOBS_ERROR_SCHEMA,
                 _ ("the file has more than 4000000 values"));
  if (jobs_problems_is_full (self->problems))
    return FALSE;

  switch (event->type)
    {
    case YAML_DOCUMENT_START_EVENT:
      if (self->ended)
        return fail (self, &event->start_mark, JOBS_ERROR_SYNTAX,
                     _ ("a second document begins here: a job file is one document"));
      return TRUE;

    case YAML_DOCUMENT_END_EVENT:
      self->ended = TRUE;
      return TRUE;

    case YAML_SCALAR_EVENT:
      return add_text (self, event);

    case YAML_ALIAS_EVENT:
      return add_alias (self, event);

    case YAML_SEQUENCE_START_EVENT:
      return open_collection (self, event, JOBS_YAML_LIST, event->data.sequence_start.tag,
                              event->data.sequence_start.anchor);

    case YAML_MAPPING_START_EVENT:
      return open_collection (self, event, JOBS_YAML_MAP, event->data.mapping_start.tag,
                              event->data.mapping_start.anchor);

    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return close_collection (self);

    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    default:
      return TRUE;
    }
}

/* Shell commands are full of what means something in YAML: libyaml says what it has
 * found, and this what to do about it. "" where there is nothing to add */
static const char *
get_advice (const yaml_parser_t *parser,
            const char          *found,
            const char          *line,
            const char          *end)
{
  gboolean is_colon = found < end && *found == ':';
  g_autofree char *before = g_strndup (line, (gsize) (found - line));
  const char *context = parser->context != NULL ? parser->context : "";
  gboolean is_first = before[strspn (before, " ")] == '\0';

  if (is_colon && strstr (before, ": ") != NULL)
    return _ ("; text with ': ' in it goes in quotes, or on the lines behind 'run: |'");
  if (strstr (parser->problem, "mapping values") != NULL ||
      (is_first && strstr (context, "block mapping") != NULL))
    return _ ("; keys of one map begin in the same column");
  if (strstr (context, "quoted scalar") != NULL && strstr (parser->problem, "end of stream") != NULL)
    return _ ("; the quote at its end is missing");
  if (strstr (context, "block mapping") != NULL)
    return _ ("; is a quote missing before it? Text that begins with a quote or a bracket goes in "
              "quotes as a whole, or on the lines behind 'run: |'");
  if (strstr (parser->problem, "cannot start any token") != NULL || strstr (context, "an alias") != NULL ||
      strstr (context, "an anchor") != NULL)
    return _ ("; text with such a character goes in quotes, or on the lines behind 'run: |'");

  return "";
}

static void
report_parser (const yaml_parser_t *parser,
               const char          *data,
               gsize                length,
               JobsProblems        *problems)
{
  JobsPlace place = place_of_mark (&parser->problem_mark);
  const char *line, *found = find_place (data, length, place, &line);

  if (parser->error == YAML_MEMORY_ERROR)
    g_error ("%s: failed to allocate memory", G_STRLOC);

  if (parser->error == YAML_READER_ERROR)
    jobs_problems_add (problems, place_of_byte (data, MIN (parser->problem_offset, length)),
                       JOBS_ERROR_SYNTAX, "%s", parser->problem);
  else if (found < data + length && *found == '\t')
    jobs_problems_add (problems, place, JOBS_ERROR_SYNTAX,
                       _ ("a tab cannot stand here: YAML is indented with spaces"));
  /* JSON writes a character beyond U+FFFF as two of these, YAML does not */
  else if (g_str_equal (parser->problem, "found invalid Unicode character escape code"))
    jobs_problems_add (problems, place, JOBS_ERROR_SYNTAX,
                       _ ("no character has this code: write the character itself, or '\\U' and "
                          "eight digits"));
  else if (parser->context != NULL)
    jobs_problems_add (problems, place, JOBS_ERROR_SYNTAX,
                       /* Translators: a message of libyaml, what it was doing, a line, and advice
                        * or nothing */
                       _ ("%s, %s from line %u on%s"), parser->problem, parser->context,
                       (guint) parser->context_mark.line + 1, get_advice (parser, found, line, data + length));
  else
    jobs_problems_add (problems, place, JOBS_ERROR_SYNTAX, "%s%s", parser->problem,
                       get_advice (parser, found, line, data + length));
}

/* Event by event: no recursion, whatever the depth of the file */
static gboolean
build (Builder    *self,
       const char *data,
       gsize       length)
{
  yaml_parser_t parser;
  gboolean good = TRUE, ended = FALSE;

  if (!yaml_parser_initialize (&parser))
    g_error ("%s: failed to allocate memory", G_STRLOC);
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const guchar *) data, length);

  while (good && !ended)
    {
      yaml_event_t event;

      if (yaml_parser_parse (&parser, &event))
        {
          good = take_event (self, &event);
          ended = event.type == YAML_STREAM_END_EVENT;
          yaml_event_delete (&event);
        }
      else
        {
          report_parser (&parser, data, length, self->problems);
          good = FALSE;
        }
    }

  yaml_parser_delete (&parser);

  return good;
}

/* For each %TAG libyaml looks at all those before it */
static gboolean
check_directives (const char   *data,
                  gsize         length,
                  JobsProblems *problems)
{
  guint n = 0;

  for (const char *p = data; (p = memchr (p, '%', data + length - p)) != NULL; p++)
    {
      gboolean begins_line = p == data || strchr ("\n\r\x85\xa8\xa9", p[-1]) != NULL;

      if (begins_line && data + length - p >= 4 && memcmp (p, "%TAG", 4) == 0 && ++n > MAX_DIRECTIVES)
        {
          jobs_problems_add (problems, place_of_byte (data, p - data), JOBS_ERROR_SYNTAX,
                             _ ("more than 100 times %%TAG: a job file has no tags"));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_bytes (const char   *data,
             gsize         length,
             JobsProblems *problems)
{
  const char *end;

  if (length > JOBS_YAML_MAX_BYTES)
    {
      jobs_problems_add (problems, (JobsPlace){ 1, 1 }, JOBS_ERROR_SCHEMA,
                         _ ("the file is larger than 16 MiB"));
      return FALSE;
    }

  if (length >= 2 && (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0))
    {
      jobs_problems_add (problems, (JobsPlace){ 1, 1 }, JOBS_ERROR_SYNTAX,
                         _ ("the file is UTF-16 or UTF-32: save it as UTF-8"));
      return FALSE;
    }

  if (!g_utf8_validate_len (data, length, &end))
    {
      jobs_problems_add (problems, place_of_byte (data, end - data), JOBS_ERROR_SYNTAX,
                         *end == '\0' ? _ ("a NUL byte: a job file is text")
                                      : _ ("a byte that is not valid UTF-8"));
      return FALSE;
    }

  return check_directives (data, length, problems);
}

JobsYaml *
jobs_yaml_parse (const char   *data,
                 gsize         length,
                 JobsProblems *problems)
{
  g_autoptr (JobsYaml) self = g_new0 (JobsYaml, 1);
  Builder builder = { .yaml = self, .problems = problems };
  gboolean good;

  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->texts = g_string_chunk_new (4096);
  /* What is empty may be NULL, which libyaml does not take */
  data = length > 0 ? data : "";

  /* A mark that says that this is UTF-8 is nothing of the first line */
  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      length -= 3;
    }

  if (!check_bytes (data, length, problems))
    return NULL;

  builder.frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  g_array_set_clear_func (builder.frames, frame_clear);
  builder.anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  good = build (&builder, data, length);
  g_hash_table_unref (builder.anchors);
  g_array_unref (builder.frames);

  if (good && self->root == NULL)
    {
      jobs_problems_add (problems, (JobsPlace){ 1, 1 }, JOBS_ERROR_SCHEMA,
                         _ ("the file is empty: begin it with 'version: 1' and 'jobs:'"));
      good = FALSE;
    }

  return good ? g_steal_pointer (&self) : NULL;
}

void
jobs_yaml_free (JobsYaml *self)
{
  g_ptr_array_unref (self->blocks);
  g_string_chunk_free (self->texts);
  g_free (self);
}

const JobsYamlNode *
jobs_yaml_get_root (JobsYaml *self)
{
  return self->root;
}
