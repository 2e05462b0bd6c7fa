/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-schema.h"

#include "jobs-duration.h"
#include "jobs-variable-name.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *
get_expected (JobsSchemaType type)
{
  switch (type)
    {
    case JOBS_SCHEMA_TEXT:
      /* Translators: as in "expected text, found a list"; so are those below */
      return _ ("text");
    case JOBS_SCHEMA_FILLED:
      return _ ("text that is not empty");
    case JOBS_SCHEMA_VARIABLE:
      return _ ("the name of a variable, of letters, digits and '_'");
    case JOBS_SCHEMA_MAP:
      return _ ("a map");
    case JOBS_SCHEMA_BOOLEAN:
      return _ ("true or false");
    case JOBS_SCHEMA_INTEGER:
      return _ ("a whole number");
    case JOBS_SCHEMA_COUNT:
      return _ ("a whole number from 0 on");
    case JOBS_SCHEMA_AMOUNT:
      return _ ("a whole number from 1 on");
    case JOBS_SCHEMA_DURATION:
      return _ ("a duration such as 500ms, 30s, 10m or 1h30m");
    case JOBS_SCHEMA_ON_FAILURE:
      return _ ("abort, drain or keep-going");
    case JOBS_SCHEMA_CONDITION:
      return _ ("done, success, failure or ready");
    case JOBS_SCHEMA_ANY:
    default:
      g_assert_not_reached ();
    }
}

static char *
describe (const JobsYamlNode *node)
{
  if (node->kind == JOBS_YAML_LIST)
    return g_strdup (node->first != NULL ? _ ("a list") : _ ("an empty list"));
  if (node->kind == JOBS_YAML_MAP)
    return g_strdup (node->first != NULL ? _ ("a map") : _ ("an empty map"));
  if (*node->text == '\0')
    /* Translators: as in "expected text, found nothing" */
    return g_strdup (node->plain ? _ ("nothing") : _ ("an empty text"));
  if (g_utf8_strlen (node->text, -1) > 60)
    return g_strdup (_ ("a long text"));
  if (node->plain)
    /* Translators: a value of a job file, as in "expected a number, found 'x'" */
    return g_strdup_printf (_ ("'%s'"), node->text);

  return g_strdup_printf (_ ("the text \"%s\""), node->text);
}

void
jobs_schema_mismatch (const JobsYamlNode *node,
                      const char         *expected,
                      JobsProblems       *problems)
{
  g_autofree char *found = describe (node);

  if (node->key != NULL)
    jobs_problems_add (problems, node->place, JOBS_ERROR_SCHEMA,
                       /* Translators: a key, what it takes, what stands there */
                       _ ("'%s': expected %s, found %s"), node->key, expected, found);
  else
    jobs_problems_add (problems, node->place, JOBS_ERROR_SCHEMA,
                       /* Translators: what belongs there, what stands there */
                       _ ("expected %s, found %s"), expected, found);
}

static gboolean
parse_number (const JobsYamlNode *node,
              gint64              min,
              gint64             *number)
{
  return node->plain &&
         g_ascii_string_to_signed (node->text, 10, min, G_MAXINT, number, NULL);
}

/* What is a boolean in YAML 1.1, but only where one is wanted */
static gboolean
parse_boolean (const JobsYamlNode *node,
               gint64             *number)
{
  static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES",
                                     "on",   "On",   "ON",   NULL };
  static const char *const no[] = { "false", "False", "FALSE", "no", "No", "NO",
                                    "off",   "Off",   "OFF",   NULL };

  *number = g_strv_contains (yes, node->text);

  return node->plain && (*number || g_strv_contains (no, node->text));
}

static gboolean
parse_nick (const JobsYamlNode *node,
            GType               type,
            gint64             *number)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (type);
  const GEnumValue *value = g_enum_get_value_by_nick (enum_class, node->text);

  *number = value != NULL ? value->value : -1;

  return value != NULL;
}

static gboolean
parse (JobsSchemaType      type,
       const JobsYamlNode *node,
       gint64             *number)
{
  guint duration;

  if (type == JOBS_SCHEMA_ANY)
    return TRUE;
  if (type == JOBS_SCHEMA_MAP)
    return node->kind == JOBS_YAML_MAP;
  if (node->kind != JOBS_YAML_TEXT)
    return FALSE;

  switch (type)
    {
    case JOBS_SCHEMA_FILLED:
      return *node->text != '\0';
    case JOBS_SCHEMA_VARIABLE:
      return jobs_variable_name_is_valid (node->text, strlen (node->text));
    case JOBS_SCHEMA_BOOLEAN:
      return parse_boolean (node, number);
    case JOBS_SCHEMA_INTEGER:
      return parse_number (node, G_MININT, number);
    case JOBS_SCHEMA_COUNT:
      return parse_number (node, 0, number);
    case JOBS_SCHEMA_AMOUNT:
      return parse_number (node, 1, number);
    case JOBS_SCHEMA_DURATION:
      if (!jobs_duration_parse (node->text, &duration))
        return FALSE;
      *number = duration;
      return TRUE;
    case JOBS_SCHEMA_ON_FAILURE:
      return parse_nick (node, JOBS_TYPE_ON_FAILURE, number);
    case JOBS_SCHEMA_CONDITION:
      return parse_nick (node, JOBS_TYPE_CONDITION, number) && *number != JOBS_CONDITION_AFTER;
    case JOBS_SCHEMA_ANY:
    case JOBS_SCHEMA_TEXT:
    case JOBS_SCHEMA_MAP:
    default:
      return TRUE;
    }
}

/* What people write who know other formats */
static const char *
get_advice (JobsSchemaType      type,
            const JobsYamlNode *node)
{
  static const char *const yes[] = { "yes", "on", "y", "1", "true", NULL };
  static const char *const no[] = { "no", "off", "n", "0", "false", NULL };
  g_autofree char *lower = NULL;

  if (type == JOBS_SCHEMA_MAP && node->kind == JOBS_YAML_LIST)
    {
      if (g_strcmp0 (node->key, "jobs") == 0)
        return _ ("; each job stands behind its name, as in 'jobs: {hello: {run: echo hello}}'");
      if (g_strcmp0 (node->key, "env") == 0)
        return _ ("; write 'env: {NAME: VALUE}'");
    }
  if (node->kind != JOBS_YAML_TEXT)
    return "";

  if (type == JOBS_SCHEMA_BOOLEAN)
    {
      lower = g_ascii_strdown (node->text, -1);
      if (g_strv_contains (yes, lower))
        return _ ("; write true, without quotes");
      if (g_strv_contains (no, lower))
        return _ ("; write false, without quotes");
    }
  else if (type == JOBS_SCHEMA_DURATION && *node->text == '-')
    return _ (", which is negative");
  else if (type == JOBS_SCHEMA_DURATION && g_ascii_isdigit (*node->text) &&
           strspn (node->text, "0123456789hms") == strlen (node->text))
    return _ ("; the units are h, m, s and ms, in this order, and no more than 49 days");
  else if (!node->plain && (type == JOBS_SCHEMA_INTEGER || type == JOBS_SCHEMA_COUNT ||
                            type == JOBS_SCHEMA_AMOUNT))
    return _ ("; write numbers without quotes");
  else if (type == JOBS_SCHEMA_CONDITION && g_str_equal (node->text, "after"))
    return _ ("; 'after' is a key beside 'requires'");

  return "";
}

gboolean
jobs_schema_check (JobsSchemaType      type,
                   const JobsYamlNode *node,
                   gint64             *number,
                   JobsProblems       *problems)
{
  g_autofree char *found = NULL;
  gint64 unused;

  if (parse (type, node, number != NULL ? number : &unused))
    return TRUE;

  found = describe (node);
  if (node->key != NULL)
    jobs_problems_add (problems, node->place, JOBS_ERROR_SCHEMA,
                       /* Translators: a key, what it takes, what stands there, advice or nothing */
                       _ ("'%s': expected %s, found %s%s"), node->key, get_expected (type), found,
                       get_advice (type, node));
  else
    jobs_problems_add (problems, node->place, JOBS_ERROR_SCHEMA,
                       /* Translators: what belongs there, what stands there, advice or nothing */
                       _ ("expected %s, found %s%s"),
                       get_expected (type), found, get_advice (type, node));

  return FALSE;
}

gboolean
jobs_schema_check_all (JobsYamlKind        kind,
                       JobsSchemaType      type,
                       const JobsYamlNode *node,
                       JobsProblems       *problems)
{
  gboolean good = TRUE;

  if (node->kind != kind)
    {
      jobs_schema_mismatch (node, kind == JOBS_YAML_MAP ? _ ("a map") : _ ("a list"), problems);
      return FALSE;
    }

  for (const JobsYamlNode *child = node->first; child != NULL; child = child->next)
    good &= jobs_schema_check (type, child, NULL, problems);

  return good;
}

void
jobs_schema_no_job (const JobsYamlNode *node,
                    JobsProblems       *problems)
{
  g_autofree char *found = describe (node);
  /* Without quotes and what else would end a text in braces */
  gboolean is_plain = node->kind == JOBS_YAML_TEXT && node->plain && strlen (node->text) <= 60 &&
                      strpbrk (node->text, ",[]{}#:\n") == NULL;

  jobs_problems_add (problems, node->place, JOBS_ERROR_SCHEMA,
                     /* Translators: the name of a job, what stands there, the name again, a command;
                      * what is in braces is what to write */
                     _ ("'%s': expected a map, found %s; write '%s: {run: %s}'"), node->key, found,
                     node->key,
                     /* Translators: stands for the command of a job, as in '{run: COMMAND}' */
                     is_plain ? node->text : _ ("COMMAND"));
}

char *
jobs_schema_dup_hint (const JobsSuggestion *suggestion)
{
  if (suggestion->best == NULL)
    return g_strdup ("");

  return g_strdup_printf (_ ("; did you mean '%s'?"), suggestion->best);
}

static void
report_unknown (const JobsSchemaKey *keys,
                guint                n_keys,
                guint                where,
                const char          *what,
                const JobsYamlNode  *node,
                JobsProblems        *problems)
{
  g_autofree char *hint = NULL;
  JobsSuggestion suggestion;

  jobs_suggestion_init (&suggestion, node->key);
  for (guint i = 0; i < n_keys; i++)
    {
      if (keys[i].where & where)
        jobs_suggestion_offer_key (&suggestion, keys[i].name);
      else if (g_str_equal (keys[i].name, node->key))
        {
          jobs_problems_add (problems, node->key_place, JOBS_ERROR_SCHEMA,
                             /* Translators: a key, such as run, and the map in which it stands */
                             _ ("the key '%s' has no meaning in %s"), node->key, what);
          return;
        }
    }

  hint = jobs_schema_dup_hint (&suggestion);
  jobs_problems_add (problems, node->key_place, JOBS_ERROR_SCHEMA,
                     /* Translators: a key, the map in which it stands, a suggestion or nothing */
                     _ ("unknown key '%s' in %s%s"), node->key, what, hint);
}

gboolean
jobs_schema_read (const JobsSchemaKey *keys,
                  guint                n_keys,
                  guint                where,
                  const char          *what,
                  const JobsYamlNode  *node,
                  JobsSchemaValue     *values,
                  JobsProblems        *problems)
{
  gboolean good = TRUE;

  memset (values, 0, n_keys * sizeof (JobsSchemaValue));

  if (node->kind != JOBS_YAML_MAP)
    {
      jobs_schema_mismatch (node, _ ("a map"), problems);
      return FALSE;
    }

  /* To look for keys that are alike takes longer than all else */
  for (const JobsYamlNode *child = node->first; child != NULL && !jobs_problems_is_full (problems);
       child = child->next)
    {
      gint64 number = 0;
      guint i = 0;

      while (i < n_keys && !((keys[i].where & where) && g_str_equal (keys[i].name, child->key)))
        i++;

      if (i == n_keys)
        {
          report_unknown (keys, n_keys, where, what, child, problems);
          good = FALSE;
        }
      else if (jobs_schema_check (keys[i].type, child, &number, problems))
        values[i] = (JobsSchemaValue){ child, number };
      else
        good = FALSE;
    }

  return good;
}
