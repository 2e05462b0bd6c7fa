/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* test-roundtrip TOOL HELPER COUNT: random arguments and variables reach a program
 * byte for byte. Each of COUNT vectors is a process of its own: a small helper that
 * writes down what it was given. On a slow machine there are fewer of them */

#include <asyncjobs.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* Linux allows 128 KiB for one argument, and 2 MiB for all where the stack is 8 MiB */
#define MAX_LENGTH 100000
#define MAX_TOTAL  500000

/* Vectors that are made, run and compared at once */
#define BATCH 500

/* When those of one kind are enough, s */
#define ENOUGH 120

static const char *tool, *helper;
static guint n_vectors;

typedef struct
{
  GPtrArray *arguments; /* of GString, and so are the variables, as NAME=VALUE */
  GPtrArray *variables;
  GByteArray *output;
} Vector;

/* Any text that ends with a NUL, or only what YAML can have */
typedef void (*AppendFunc) (GString *to,
                            GRand   *rand);

static void
free_text (gpointer text)
{
  g_string_free (text, TRUE);
}

static void
vector_free (gpointer data)
{
  Vector *self = data;

  g_ptr_array_unref (self->arguments);
  g_ptr_array_unref (self->variables);
  g_byte_array_unref (self->output);
  g_free (self);
}

static void
append_byte (GString *to,
             GRand   *rand)
{
  g_string_append_c (to, g_rand_int_range (rand, 1, 256));
}

static void
append_char (GString *to,
             GRand   *rand)
{
  static const gunichar ends[] = { 0x80, 0x80, 0x80, 0x100, 0x3000, 0x10000, 0x110000 };
  gunichar end = ends[g_rand_int_range (rand, 0, G_N_ELEMENTS (ends))], c;

  do
    c = g_rand_int_range (rand, 1, end);
  while (c >= 0xd800 && c < 0xe000);

  g_string_append_unichar (to, c);
}

/* Mostly short, sometimes what means something to a shell, to us or to printf,
 * rarely long */
static GString *
make_text (GRand     *rand,
           AppendFunc append,
           gsize     *left)
{
  static const char *const traps[] = {
    "", "", "", " ", "\n", "\t", "--", "-e", "-", "=", "$HOME", "$(x)", "`x`", "*", "~", "\\", "\"",
    "'", "#", "%s", "%n", "{}", "[x]", "&a", "*a", "!x", "|", ">", "no", "null", "0777", "1:30", "a: b",
    "- a", ";", "\r\n", " a ", "\\n", "\\", "@", "\x7f", "\x1b[2J", ": ", " #",
  };
  GString *text = g_string_new (NULL);
  gsize length = g_rand_int_range (rand, 0, 30), longest = g_rand_int_range (rand, 0, MAX_LENGTH / 4);

  if (g_rand_int_range (rand, 0, 5) == 0)
    g_string_append (text, traps[g_rand_int_range (rand, 0, G_N_ELEMENTS (traps))]);
  else if (g_rand_int_range (rand, 0, 500) == 0)
    length = MIN (longest, *left / 4);

  while (length-- > 0 && text->len < *left)
    append (text, rand);
  *left -= MIN (text->len + 1, *left);

  return text;
}

static Vector *
make_vector (GRand     *rand,
             AppendFunc append)
{
  Vector *self = g_new0 (Vector, 1);
  gboolean many = g_rand_int_range (rand, 0, 200) == 0;
  guint n_arguments = g_rand_int_range (rand, 0, many ? 3000 : 10);
  guint n_variables = g_rand_int_range (rand, 0, 4);
  gsize left = MAX_TOTAL;

  self->arguments = g_ptr_array_new_with_free_func (free_text);
  self->variables = g_ptr_array_new_with_free_func (free_text);
  self->output = g_byte_array_new ();
  for (guint i = 0; i < n_arguments; i++)
    g_ptr_array_add (self->arguments, make_text (rand, append, &left));
  for (guint i = 0; i < n_variables; i++)
    {
      GString *text = make_text (rand, append, &left);
      g_autofree char *name = g_strdup_printf ("RT_%u=", i);

      g_string_prepend (text, name);
      g_ptr_array_add (self->variables, text);
    }

  return self;
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  const GString *one = *(const GString *const *) a, *two = *(const GString *const *) b;

  return strcmp (one->str, two->str);
}

static void
append_texts (GByteArray *to,
              GPtrArray  *texts)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const GString *text = g_ptr_array_index (texts, i);

      g_byte_array_append (to, (const guint8 *) text->str, text->len + 1);
    }
}

/* The order of variables is nobody's business */
static void
sort_variables (GByteArray *bytes,
                guint       n_arguments)
{
  g_autoptr (GPtrArray) variables = g_ptr_array_new_with_free_func (free_text);
  gsize start = 0;

  for (guint i = 0; i <= n_arguments && start < bytes->len; i++)
    start += strlen ((const char *) bytes->data + start) + 1;
  for (gsize i = start; i < bytes->len; i += strlen ((const char *) bytes->data + i) + 1)
    g_ptr_array_add (variables, g_string_new ((const char *) bytes->data + i));

  g_ptr_array_sort (variables, compare_texts);
  g_byte_array_set_size (bytes, MIN (start, bytes->len));
  append_texts (bytes, variables);
}

static void
check_vector (Vector *self)
{
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autofree char *count = g_strdup_printf ("%u", self->arguments->len);

  g_byte_array_append (expected, (const guint8 *) count, strlen (count) + 1);
  append_texts (expected, self->arguments);
  g_ptr_array_sort (self->variables, compare_texts);
  append_texts (expected, self->variables);

  g_assert_cmpuint (self->output->len, >, 0);
  g_assert_cmpint (self->output->data[self->output->len - 1], ==, 0);
  sort_variables (self->output, self->arguments->len);
  g_assert_cmpmem (self->output->data, self->output->len, expected->data, expected->len);
}

static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           Vector            *vector)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  g_assert_cmpuint (stream, ==, 1);
  g_byte_array_append (vector->output, data, length);
}

static void
run_batch (JobsEngine *engine,
           GPtrArray  *vectors)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, vectors->len);
  for (guint i = 0; i < vectors->len; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_signal_connect (action, "output", G_CALLBACK (output_cb), g_ptr_array_index (vectors, i));
    }

  jobs_engine_set_window (engine, 2 * g_get_num_processors ());
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < vectors->len; i++)
    check_vector (g_ptr_array_index (vectors, i));
}

static JobsAction *
make_command (Vector *vector)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  JobsAction *action;

  g_ptr_array_add (argv, (gpointer) helper);
  for (guint i = 0; i < vector->arguments->len; i++)
    g_ptr_array_add (argv, ((GString *) g_ptr_array_index (vector->arguments, i))->str);
  g_ptr_array_add (argv, NULL);

  action = jobs_command_action_new ("command", NULL, (const char *const *) argv->pdata);
  for (guint i = 0; i < vector->variables->len; i++)
    {
      const char *text = ((GString *) g_ptr_array_index (vector->variables, i))->str;
      const char *equals = strchr (text, '=');
      g_autofree char *name = g_strndup (text, equals - text);

      jobs_command_action_setenv (JOBS_COMMAND_ACTION (action), name, equals + 1);
    }

  return action;
}

static GPtrArray *
make_batch (GRand     *rand,
            AppendFunc append,
            guint      n)
{
  GPtrArray *vectors = g_ptr_array_new_with_free_func (vector_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (vectors, make_vector (rand, append));

  return vectors;
}

static GRand *
make_rand (void)
{
  g_test_timer_start ();

  return g_rand_new_with_seed (g_test_rand_int ());
}

static gboolean
is_enough (guint n_done)
{
  if (n_done < n_vectors && (n_done == 0 || g_test_timer_elapsed () < ENOUGH))
    return FALSE;

  g_test_message ("%u vectors of %u", MIN (n_done, n_vectors), n_vectors);

  return TRUE;
}

static void
test_argv (void)
{
  g_autoptr (GRand) rand = make_rand ();

  g_test_summary ("Any bytes reach a program through the argv and environment of an action");

  for (guint done = 0; !is_enough (done); done += BATCH)
    {
      g_autoptr (GPtrArray) vectors = make_batch (rand, append_byte, MIN (BATCH, n_vectors - done));
      g_autoptr (JobsEngine) engine = jobs_engine_new ();

      for (guint i = 0; i < vectors->len; i++)
        jobs_engine_add (engine, make_command (g_ptr_array_index (vectors, i)));
      run_batch (engine, vectors);
    }
}

/* Characters that can stand in a YAML text as they are, without a meaning there */
static gboolean
is_plain (gunichar c)
{
  return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029) ||
         (c >= 0xe000 && c < 0xfffe && c != 0xfeff) || c >= 0x10000;
}

static void
append_escaped (GString *to,
                gunichar c,
                GRand   *rand)
{
  guint width = c < 0x100 ? 0 : c < 0x10000 ? 1 : 2;

  if (c == '"' || c == '\\')
    g_string_append_printf (to, "\\%c", (char) c);
  else if (is_plain (c) && g_rand_int_range (rand, 0, 8) > 0)
    g_string_append_unichar (to, c);
  else
    switch (g_rand_int_range (rand, width, 3))
      {
      case 0:
        g_string_append_printf (to, "\\x%02x", c);
        break;
      case 1:
        g_string_append_printf (to, "\\u%04X", c);
        break;
      default:
        g_string_append_printf (to, "\\U%08x", c);
      }
}

static void
append_quoted (GString    *to,
               const char *text,
               GRand      *rand)
{
  gboolean single = g_rand_boolean (rand);

  for (const char *p = text; single && *p != '\0'; p = g_utf8_next_char (p))
    single = is_plain (g_utf8_get_char (p));

  g_string_append_c (to, single ? '\'' : '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!single)
      append_escaped (to, g_utf8_get_char (p), rand);
    else if (*p == '\'')
      g_string_append (to, "''");
    else
      g_string_append_len (to, p, g_utf8_skip[(guchar) *p]);
  g_string_append_c (to, single ? '\'' : '"');
}

/* As a list in a line, which is JSON too, or as one below the other */
static void
append_job (GString *to,
            guint    number,
            Vector  *vector,
            GRand   *rand)
{
  gboolean flow = g_rand_boolean (rand);

  g_string_append_printf (to, "  j%u:\n    run:%s", number, flow ? " [" : "\n    - ");
  append_quoted (to, helper, rand);
  for (guint i = 0; i < vector->arguments->len; i++)
    {
      g_string_append (to, flow ? ", " : "\n    - ");
      append_quoted (to, ((GString *) g_ptr_array_index (vector->arguments, i))->str, rand);
    }
  g_string_append (to, flow ? "]\n    env:\n" : "\n    env:\n");

  g_string_append (to, "      UNUSED: ''\n");
  for (guint i = 0; i < vector->variables->len; i++)
    {
      const char *text = ((GString *) g_ptr_array_index (vector->variables, i))->str;
      const char *equals = strchr (text, '=');

      g_string_append_printf (to, "      %.*s: ", (int) (equals - text), text);
      append_quoted (to, equals + 1, rand);
      g_string_append_c (to, '\n');
    }
}

static void
test_file (void)
{
  g_autoptr (GRand) rand = make_rand ();

  g_test_summary ("Any text reaches a program through a job file");

  for (guint done = 0; !is_enough (done); done += BATCH)
    {
      g_autoptr (GPtrArray) vectors = make_batch (rand, append_char, MIN (BATCH, n_vectors - done));
      g_autoptr (JobsScenario) scenario = NULL;
      g_autoptr (GString) text = g_string_new ("version: 1\njobs:\n");
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < vectors->len; i++)
        append_job (text, i, g_ptr_array_index (vectors, i), rand);
      bytes = g_bytes_new (text->str, text->len);
      scenario = jobs_scenario_new_from_bytes (bytes, "f", &error);
      g_assert_no_error (error);
      run_batch (jobs_scenario_get_engine (scenario), vectors);
    }
}

/* One run of the command, with all of these as -e */
static void
run_tool (const char *filename,
          Vector     *vector)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GBytes) said = NULL;
  g_autoptr (GError) error = NULL;
  const char *const first[] = { tool, "run", "-q", "--output=stream", "--no-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (argv, (gpointer) first[i]);
  for (guint i = 0; i < vector->variables->len; i++)
    {
      g_ptr_array_add (argv, (gpointer) "-e");
      g_ptr_array_add (argv, ((GString *) g_ptr_array_index (vector->variables, i))->str);
    }
  g_ptr_array_add (argv, (gpointer) filename);
  g_ptr_array_add (argv, NULL);

  process = g_subprocess_newv ((const char *const *) argv->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &output, &said, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) != 0)
    g_error ("%.*s", (int) g_bytes_get_size (said), (const char *) g_bytes_get_data (said, NULL));
  g_byte_array_append (vector->output, g_bytes_get_data (output, NULL), g_bytes_get_size (output));
}

static void
test_options (void)
{
  g_autoptr (GRand) rand = make_rand ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("version: 1\njobs:\n  a: {run: [");
  g_autofree char *filename = NULL;
  int fd = g_file_open_tmp ("roundtrip-XXXXXX.yaml", &filename, &error);

  g_test_summary ("Any text reaches a program through -e, a hundred variables at once");

  g_assert_no_error (error);
  g_close (fd, NULL);
  append_quoted (text, helper, rand);
  g_string_append (text, "]}\n");
  g_file_set_contents (filename, text->str, text->len, &error);
  g_assert_no_error (error);

  for (guint done = 0; !is_enough (done); done += 100)
    {
      Vector *vector = make_vector (rand, append_char);
      gsize left = MAX_TOTAL;

      g_ptr_array_set_size (vector->arguments, 0);
      g_ptr_array_set_size (vector->variables, 0);
      for (guint i = 0; i < 100; i++)
        {
          GString *variable = make_text (rand, append_char, &left);
          g_autofree char *name = g_strdup_printf ("RT_%u=", i);

          g_string_prepend (variable, name);
          g_ptr_array_add (vector->variables, variable);
        }
      run_tool (filename, vector);
      check_vector (vector);
      vector_free (vector);
    }

  g_remove (filename);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (argc != 4)
    return 2;
  tool = argv[1];
  helper = argv[2];
  n_vectors = atoi (argv[3]);

  g_test_add_func ("/jobs/roundtrip/argv", test_argv);
  g_test_add_func ("/jobs/roundtrip/file", test_file);
  g_test_add_func ("/jobs/roundtrip/options", test_options);

  return g_test_run ();
}
