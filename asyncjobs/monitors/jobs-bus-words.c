/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-words.h"

const char *
jobs_bus_text (const char *text,
               char      **buffer)
{
  if (text == NULL)
    return "";
  if (g_utf8_validate (text, -1, NULL))
    return text;

  return *buffer = g_utf8_make_valid (text, -1);
}

const char *
jobs_bus_or_null (const char *text)
{
  return *text != '\0' ? text : NULL;
}

JobsState
jobs_bus_parse_state (const char *word)
{
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    if (g_str_equal (jobs_state_get_nick (state), word))
      return state;

  return JOBS_STATE_IDLE;
}

const char *
jobs_bus_get_word (JobsCondition condition)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (JOBS_TYPE_CONDITION);

  return g_enum_get_value (klass, condition)->value_nick;
}

JobsCondition
jobs_bus_parse_condition (const char *word)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (JOBS_TYPE_CONDITION);
  GEnumValue *value = g_enum_get_value_by_nick (klass, word);

  return value != NULL ? (JobsCondition) value->value : JOBS_CONDITION_AFTER;
}
