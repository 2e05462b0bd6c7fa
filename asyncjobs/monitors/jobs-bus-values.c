/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-values.h"

#define N_STATES (JOBS_STATE_SKIPPED + 1)
/* So many are attempts mostly */
#define N_NUMBERS 2

struct _JobsBusValues
{
  GVariant *flags[2];
  GVariant *numbers[N_NUMBERS];
  GVariant *never;
  GVariant *unknown; /* progress */
  GVariant *states[N_STATES];
  GVariant *nothing; /* no text */
};

GVariant *
jobs_bus_values_flag (JobsBusValues *self,
                      gboolean       flag)
{
  return self->flags[flag ? 1 : 0];
}

GVariant *
jobs_bus_values_number (JobsBusValues *self,
                        guint          number)
{
  return number < N_NUMBERS ? self->numbers[number] : g_variant_new_uint32 (number);
}

GVariant *
jobs_bus_values_time (JobsBusValues *self,
                      gint64         time)
{
  return time == 0 ? self->never : g_variant_new_int64 (time);
}

GVariant *
jobs_bus_values_progress (JobsBusValues *self,
                          double         progress)
{
  return progress < 0 ? self->unknown : g_variant_new_double (progress);
}

GVariant *
jobs_bus_values_state (JobsBusValues *self,
                       JobsState      state)
{
  return self->states[state];
}

GVariant *
jobs_bus_values_text (JobsBusValues *self,
                      const char    *text)
{
  g_autofree char *valid = NULL;

  return text == NULL || *text == '\0' ? self->nothing : g_variant_new_string (jobs_bus_text (text, &valid));
}

const char *
jobs_bus_get_word (JobsCondition condition)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (JOBS_TYPE_CONDITION);

  return g_enum_get_value (klass, condition)->value_nick;
}

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

JobsBusValues *
jobs_bus_values_new (void)
{
  JobsBusValues *self = g_new0 (JobsBusValues, 1);

  for (guint i = 0; i < G_N_ELEMENTS (self->flags); i++)
    self->flags[i] = g_variant_ref_sink (g_variant_new_boolean (i > 0));
  for (guint i = 0; i < N_NUMBERS; i++)
    self->numbers[i] = g_variant_ref_sink (g_variant_new_uint32 (i));
  self->never = g_variant_ref_sink (g_variant_new_int64 (0));
  self->unknown = g_variant_ref_sink (g_variant_new_double (-1));
  for (JobsState state = 0; state < N_STATES; state++)
    self->states[state] = g_variant_ref_sink (g_variant_new_string (jobs_state_get_nick (state)));
  self->nothing = g_variant_ref_sink (g_variant_new_string (""));

  return self;
}

void
jobs_bus_values_free (JobsBusValues *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->flags); i++)
    g_variant_unref (self->flags[i]);
  for (guint i = 0; i < N_NUMBERS; i++)
    g_variant_unref (self->numbers[i]);
  g_variant_unref (self->never);
  g_variant_unref (self->unknown);
  for (JobsState state = 0; state < N_STATES; state++)
    g_variant_unref (self->states[state]);
  g_variant_unref (self->nothing);
  g_free (self);
}
