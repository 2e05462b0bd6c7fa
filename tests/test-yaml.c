/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenario/jobs-duration.h"
#include "scenario/jobs-suggest.h"
#include "scenario/jobs-yaml.h"

#include <string.h>

/* What the parser of job files makes of bytes, below any knowledge of jobs */

static void
assert_fails (const char *data,
              gssize      length,
              const char *expected)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;
  g_autoptr (GError) error = NULL;

  yaml = jobs_yaml_parse (data, length < 0 ? strlen (data) : (gsize) length, problems);
  error = jobs_problems_dup_error (problems);
  g_assert_null (yaml);
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, expected);
}

static JobsYaml *
parse (const char   *data,
       JobsProblems *problems)
{
  JobsYaml *yaml = jobs_yaml_parse (data, strlen (data), problems);

  g_assert_nonnull (yaml);

  return yaml;
}

static void
test_tree (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;
  const JobsYamlNode *node;

  g_test_summary ("Maps, lists and texts keep their order and their places");

  yaml = parse ("a: 1\nb:\n  - 'x'\n  - {c: [d, \"é\", e]}\nf:\n", problems);
  node = jobs_yaml_get_root (yaml);
  g_assert_cmpint (node->kind, ==, JOBS_YAML_MAP);
  g_assert_null (node->key);
  g_assert_cmpuint (node->n_nodes, ==, 10);

  node = node->first;
  g_assert_cmpstr (node->key, ==, "a");
  g_assert_cmpstr (node->text, ==, "1");
  g_assert_true (node->plain);
  g_assert_cmpuint (node->key_place.column, ==, 1);
  g_assert_cmpuint (node->place.column, ==, 4);

  node = node->next;
  g_assert_cmpint (node->kind, ==, JOBS_YAML_LIST);
  g_assert_cmpuint (node->key_place.line, ==, 2);
  g_assert_cmpstr (node->first->text, ==, "x");
  g_assert_false (node->first->plain);
  g_assert_null (node->first->key);

  /* Columns count characters, not bytes */
  g_assert_cmpstr (node->first->next->first->first->next->text, ==, "é");
  g_assert_cmpuint (node->first->next->first->first->next->next->place.column, ==, 18);

  node = node->next;
  g_assert_cmpstr (node->text, ==, "");
  g_assert_true (node->plain);
  g_assert_null (node->next);
  g_assert_cmpuint (jobs_problems_count (problems), ==, 0);
}

static void
test_json (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;

  g_test_summary ("JSON is YAML, and a byte order mark is nothing");

  yaml = parse ("\xef\xbb\xbf{\"a\":[1,2],\"b\":{\"c\":true}}", problems);
  g_assert_cmpstr (jobs_yaml_get_root (yaml)->first->next->first->text, ==, "true");
  g_assert_cmpuint (jobs_yaml_get_root (yaml)->place.column, ==, 1);
}

static void
test_aliases (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;
  const JobsYamlNode *node;

  g_test_summary ("An alias is what its anchor marks, in a place of its own");

  yaml = parse ("a: &x [1, &y two]\nb: *x\n*y : *y\n", problems);
  node = jobs_yaml_get_root (yaml)->first->next;
  g_assert_cmpint (node->kind, ==, JOBS_YAML_LIST);
  g_assert_cmpuint (node->n_nodes, ==, 3);
  g_assert_cmpuint (node->place.line, ==, 2);
  g_assert_true (node->first == jobs_yaml_get_root (yaml)->first->first);
  node = node->next;
  g_assert_cmpstr (node->key, ==, "two");
  g_assert_cmpstr (node->text, ==, "two");
  g_assert_null (node->next);

  assert_fails ("a: *x\n", -1, "f:1:4: no anchor '&x' stands before this alias");
  assert_fails ("a: &x [1, *x]\n", -1, "f:1:11: the alias '*x' stands for what it is a part of");
}

static void
test_alias_bomb (void)
{
  g_autoptr (GString) bomb = g_string_new ("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  g_autoptr (GString) fat = g_string_new ("a: &a ");

  g_test_summary ("Aliases of aliases are counted, not opened");

  for (guint i = 1; i < 30; i++)
    {
      g_string_append_printf (bomb, "a%u: &a%u [", i, i);
      for (guint j = 0; j < 10; j++)
        g_string_append_printf (bomb, "*a%u, ", i - 1);
      g_string_append (bomb, "]\n");
    }
  /* 110 + 1110 + 11110, and with the eighth 11111 of the fifth line it is too much */
  assert_fails (bomb->str, -1,
                "f:5:45: with this alias the aliases of the file make more than 100000 values");

  for (guint i = 0; i < 1024 * 1024; i++)
    g_string_append_c (fat, 'x');
  g_string_append (fat, "\nb:\n");
  for (guint i = 0; i < 17; i++)
    g_string_append (fat, "- *a\n");
  assert_fails (fat->str, -1,
                "f:19:3: with this alias the aliases of the file make more than 16 MiB of text");
}

static void
test_depth (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) lists = g_string_new (NULL);
  g_autofree char *spaces = g_strnfill (200, ' ');

  g_test_summary ("A hundred levels are enough for anybody");

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  assert_fails (deep->str, -1, "f:1:101: lists and maps stand more than 100 deep in one another");
  g_string_truncate (deep, 0);
  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "{a: ");
  assert_fails (deep->str, -1, "f:1:401: lists and maps stand more than 100 deep in one another");
  for (guint i = 0; i < 200; i++)
    g_string_append_printf (lists, "%.*sa:\n", i, spaces);
  assert_fails (lists->str, -1,
                "f:101:101: lists and maps stand more than 100 deep in one another");
}

static void
test_size (void)
{
  gsize size = 17 * 1024 * 1024;
  g_autofree char *big = g_malloc (size);
  g_autoptr (GString) many = g_string_new ("[");

  g_test_summary ("A file that is too big is refused before it is read");

  memset (big, 'x', size);
  assert_fails (big, size, "f:1:1: the file is larger than 16 MiB");

  for (guint i = 0; i < 5000000; i++)
    g_string_append (many, "a,");
  assert_fails (many->str, many->len, "f:1:8000000: the file has more than 4000000 values");
}

static void
test_bytes (void)
{
  g_test_summary ("Bytes that are no text are found with their place");

  assert_fails ("a: \xff\n", -1, "f:1:4: a byte that is not valid UTF-8");
  assert_fails ("a: é\nbé: \xc3\x28\n", -1, "f:2:5: a byte that is not valid UTF-8");
  assert_fails ("a: b\nc\0: d\n", 11, "f:2:2: a NUL byte: a job file is text");
  assert_fails ("a: b\nc: d\x01\n", -1, "f:2:5: control characters are not allowed");
  assert_fails ("\xff\xfe\x61\x00", 4, "f:1:1: the file is UTF-16 or UTF-32: save it as UTF-8");
  assert_fails ("\xfe\xff\x00\x61", 4, "f:1:1: the file is UTF-16 or UTF-32: save it as UTF-8");
  assert_fails ("\xff\x61", 2, "f:1:1: a byte that is not valid UTF-8");
  assert_fails ("\xef\xbb\xbf" "a\xff\n", -1, "f:1:2: a byte that is not valid UTF-8");
  assert_fails ("", 0, "f:1:1: the file is empty: begin it with 'version: 1' and 'jobs:'");
  assert_fails (NULL, 0, "f:1:1: the file is empty: begin it with 'version: 1' and 'jobs:'");
  assert_fails ("# nothing\n", -1,
                "f:1:1: the file is empty: begin it with 'version: 1' and 'jobs:'");
}

static void
test_syntax (void)
{
  g_test_summary ("What is no YAML is an error with a place");

  assert_fails ("a:\n\tb: 1\n", -1, "f:2:1: a tab cannot stand here: YAML is indented with spaces");
  assert_fails ("a: [1, 2\nb: 3\n", -1,
                "f:2:2: did not find expected ',' or ']', while parsing a flow sequence from line "
                "1 on");
  assert_fails ("a: 'x\n", -1,
                "f:2:1: found unexpected end of stream, while scanning a quoted scalar from line "
                "1 on; the quote at its end is missing");
  assert_fails ("{\"a\": \"\\ud83d\\ude00\"}", -1,
                "f:1:10: no character has this code: write the character itself, or '\\U' and "
                "eight digits");
  assert_fails ("a: 1\n---\nb: 2\n", -1,
                "f:2:1: a second document begins here: a job file is one document");
  assert_fails ("{a: 1, [b]: 2}\n", -1, "f:1:8: expected text as a key, found a list or a map");
  assert_fails ("a: &x [1]\n*x : 2\n", -1,
                "f:2:1: expected text as a key, found an alias of a list or a map");
}

static void
test_advice (void)
{
  static const char *const texts[][2] = {
    { "a: echo b: c\n", "text with ': ' in it goes in quotes" },
    { "a: {b: c: d}\n", "text with ': ' in it goes in quotes" },
    { "a: b\n  c: d\n", "keys of one map begin in the same column" },
    { "a:\n  b: c\n d: e\n", "keys of one map begin in the same column" },
    { "a: 'b\nc: 'd'\n", "is a quote missing before it?" },
    { "a: \"b\" c\n", "Text that begins with a quote or a bracket goes in quotes" },
    { "a: *.c\n", "text with such a character goes in quotes" },
    { "a: &&\n", "text with such a character goes in quotes" },
    { "a: `b`\n", "text with such a character goes in quotes" },
    { "a: [b\n", "f:2:1: did not find expected ',' or ']', while parsing a flow sequence from line 1 on" },
  };

  g_test_summary ("What a shell has and YAML takes for its own is told how to write");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
      g_autoptr (JobsYaml) yaml = jobs_yaml_parse (texts[i][0], strlen (texts[i][0]), problems);
      g_autoptr (GError) error = jobs_problems_dup_error (problems);

      g_assert_null (yaml);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, texts[i][1]));
    }
}

static void
test_line_ends (void)
{
  static const char *const breaks[] = { "\n", "\r", "\r\n", "\xc2\x85", "\xe2\x80\xa8",
                                        "\xe2\x80\xa9" };

  g_test_summary ("Lines are counted alike in all errors, whatever ends them");

  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
    {
      g_autofree char *bytes = g_strconcat ("a: é", breaks[i], "b: é\xff", NULL);
      g_autofree char *tab = g_strconcat ("a:", breaks[i], "\tb: 1", NULL);
      g_autofree char *key = g_strconcat ("a: 1", breaks[i], " b: 1", NULL);

      assert_fails (bytes, -1, "f:2:5: a byte that is not valid UTF-8");
      assert_fails (tab, -1, "f:2:1: a tab cannot stand here: YAML is indented with spaces");
      assert_fails (key, -1, "f:2:3: mapping values are not allowed in this context; keys of one map begin in "
                    "the same column");
    }
}

static void
test_directives (void)
{
  g_autoptr (GString) many = g_string_new ("%YAML 1.1\n");
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;

  g_test_summary ("Directives are read, but not without end");

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (many, "%%TAG !t%u! x\n", i);
  g_string_append (many, "---\na: '%TAG'\n");
  yaml = parse (many->str, problems);
  g_assert_cmpstr (jobs_yaml_get_root (yaml)->first->text, ==, "%TAG");
  g_assert_cmpuint (jobs_problems_count (problems), ==, 0);

  g_string_append (many, "...\n%TAG ! x\n");
  assert_fails (many->str, -1, "f:105:1: more than 100 times %TAG: a job file has no tags");
  g_string_assign (many, "");
  for (guint i = 0; i < 200000; i++)
    g_string_append_printf (many, "%%TAG !t%u! x\n", i);
  assert_fails (many->str, -1, "f:101:1: more than 100 times %TAG: a job file has no tags");
}

static void
test_duplicates (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;
  g_autoptr (GString) wide = g_string_new ("b: 1\n");
  g_autoptr (GError) error = NULL;

  g_test_summary ("Each key stands once in a map, in small ones and in large ones");

  for (guint i = 0; i < 50; i++)
    g_string_append_printf (wide, "a%u: {b: 1}\n", i);
  g_string_append (wide, "a7: 1\nc: {b: 1, d: 2, b: 3}\nc: 2\n");
  yaml = parse (wide->str, problems);
  error = jobs_problems_dup_error (problems);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "f:52:1: duplicate key 'a7': it stands in line 9 already\n"
                   "f:53:17: duplicate key 'b': it stands in line 53 already\n"
                   "f:54:1: duplicate key 'c': it stands in line 53 already");
}

static void
test_tags (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A text that is tagged as one is one, and other tags are refused");

  yaml = parse ("a: !!str 5\nb: ! 6\nc: !!int 7\nd: !!map {}\ne: !mine [\"\\0\"]\n", problems);
  g_assert_false (jobs_yaml_get_root (yaml)->first->plain);
  g_assert_false (jobs_yaml_get_root (yaml)->first->next->plain);
  error = jobs_problems_dup_error (problems);
  g_assert_cmpstr (error->message, ==,
                   "f:3:4: a job file has no tags: take 'tag:yaml.org,2002:int' away\n"
                   "f:5:4: a job file has no tags: take '!mine' away\n"
                   "f:5:11: a text with a NUL character: no name and no command can have one");
}

static void
test_durations (void)
{
  static const struct
  {
    const char *text;
    guint duration;
  } good[] = {
    { "0", 0 },          { "500ms", 500 },       { "30s", 30000 },     { "10m", 600000 },
    { "2h", 7200000 },   { "1h30m", 5400000 },   { "1.5s", 1500 },     { "1.5", 1500 },
    { "7", 7000 },       { "1m1ms", 60001 },     { "0.5h", 1800000 },  { "0.1ms", 1 },
    { "1.0001s", 1001 }, { "1h2m3s4ms", 3723004 }, { "010s", 10000 },  { "0.0s", 0 },
    { "1193h", 4294800000u }, { "4294967295ms", G_MAXUINT32 }, { "0.000001", 1 },
  };
  static const char *const bad[] = {
    "", "-1s", "x", "s", "1d", "1 s", " 1s", "1s ", "1m1h", "1s1s", "1.s", ".5s", "1.5.5s", "1h30",
    "1e3", "+1s", "0x10", "1,5s", "1194h", "4294967296ms", "99999999999999999999", "1ss", "1S",
    "99999999999999h", "1h1194h",
  };

  g_test_summary ("Durations are what people write");

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      guint duration = 12345;

      if (!jobs_duration_parse (good[i].text, &duration) || duration != good[i].duration)
        g_error ("%s is %u, expected %u", good[i].text, duration, good[i].duration);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint duration;

      if (jobs_duration_parse (bad[i], &duration))
        g_error ("%s is no duration, yet it is %u", bad[i], duration);
    }
}

static const char *
suggest (const char *word,
         ...)
{
  JobsSuggestion suggestion;
  const char *candidate;
  va_list args;

  jobs_suggestion_init (&suggestion, word);
  va_start (args, word);
  while ((candidate = va_arg (args, const char *)) != NULL)
    jobs_suggestion_offer (&suggestion, candidate);
  va_end (args);

  return suggestion.best;
}

static void
test_suggestions (void)
{
  g_autofree char *longer = g_strnfill (100, 'a');

  g_test_summary ("A slip of the finger is recognized, another word is not");

  g_assert_cmpuint (jobs_suggest_distance ("", "", 3), ==, 0);
  g_assert_cmpuint (jobs_suggest_distance ("abc", "", 5), ==, 3);
  g_assert_cmpuint (jobs_suggest_distance ("abc", "acb", 3), ==, 1);
  g_assert_cmpuint (jobs_suggest_distance ("kitten", "sitting", 5), ==, 3);
  g_assert_cmpuint (jobs_suggest_distance ("kitten", "sitting", 1), ==, 2);

  g_assert_cmpstr (suggest ("require", "run", "requires", "retries", NULL), ==, "requires");
  g_assert_cmpstr (suggest ("requries", "run", "retries", "requires", NULL), ==, "requires");
  g_assert_cmpstr (suggest ("time-out", "timeout", NULL), ==, "timeout");
  g_assert_cmpstr (suggest ("aa", "ab", "ac", NULL), ==, "ab");
  g_assert_null (suggest ("color", "jobs", "critical", NULL));
  g_assert_null (suggest ("x", "y", NULL));
  g_assert_null (suggest ("", "y", NULL));
  g_assert_null (suggest (longer, longer + 1, NULL));
}

static void
test_problems (void)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("a\nb");
  g_autofree char *longer = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  g_test_summary ("Problems are sorted, tame, each said once, and not without end");

  g_assert_null (jobs_problems_dup_error (problems));
  jobs_problems_add (problems, (JobsPlace){ 3, 1 }, JOBS_ERROR_SCHEMA, "%s", "\x1b[2J\n\t\u2028é");
  jobs_problems_add (problems, (JobsPlace){ 1, 9 }, JOBS_ERROR_CYCLE, "first");
  jobs_problems_add (problems, (JobsPlace){ 3, 1 }, JOBS_ERROR_SCHEMA, "other");
  jobs_problems_add (problems, (JobsPlace){ 1, 9 }, JOBS_ERROR_CYCLE, "first");
  jobs_problems_warn (problems, (JobsPlace){ 1, 1 }, "odd");
  g_assert_cmpuint (jobs_problems_count (problems), ==, 4);

  error = jobs_problems_dup_error (problems);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_cmpstr (error->message, ==,
                   "a\\nb:1:9: first\na\\nb:3:1: \\u001b[2J\\n\\t\\u2028é\na\\nb:3:1: other");
  lines = jobs_problems_dup_warnings (problems);
  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  g_assert_cmpstr (lines[0], ==, "a\\nb:1:1: warning: odd");
  g_clear_error (&error);

  for (guint i = 0; i < 20000; i++)
    jobs_problems_add (problems, (JobsPlace){ i + 10, 1 }, JOBS_ERROR_SCHEMA, "%s", longer);
  error = jobs_problems_dup_error (problems);
  g_assert_cmpuint (strlen (error->message), <, 1100000);
  g_assert_true (g_str_has_suffix (error->message,
                                   ": that is not all: what comes behind is left out"));
  g_assert_true (jobs_problems_is_full (problems));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/yaml/tree", test_tree);
  g_test_add_func ("/jobs/yaml/json", test_json);
  g_test_add_func ("/jobs/yaml/aliases", test_aliases);
  g_test_add_func ("/jobs/yaml/alias-bomb", test_alias_bomb);
  g_test_add_func ("/jobs/yaml/depth", test_depth);
  g_test_add_func ("/jobs/yaml/size", test_size);
  g_test_add_func ("/jobs/yaml/bytes", test_bytes);
  g_test_add_func ("/jobs/yaml/syntax", test_syntax);
  g_test_add_func ("/jobs/yaml/advice", test_advice);
  g_test_add_func ("/jobs/yaml/line-ends", test_line_ends);
  g_test_add_func ("/jobs/yaml/directives", test_directives);
  g_test_add_func ("/jobs/yaml/duplicates", test_duplicates);
  g_test_add_func ("/jobs/yaml/tags", test_tags);
  g_test_add_func ("/jobs/schema/durations", test_durations);
  g_test_add_func ("/jobs/schema/suggestions", test_suggestions);
  g_test_add_func ("/jobs/schema/problems", test_problems);

  return g_test_run ();
}
