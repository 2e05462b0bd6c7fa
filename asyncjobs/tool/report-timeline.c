/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "monitors/jobs-lanes.h"
#include "report-timeline.h"

/* Times are parts of the width and lanes are pixels, so that the picture fills the page
 * and text in it keeps its shape */

#define AXIS 22
#define MAX_HEIGHT 900
#define MAX_LANE 20
#define MIN_LANE 3
/* From such a height on there is room for names, in bars of such a part of the width */
#define NAMED_LANE 15
#define NAMED_WIDTH 3.0
/* Narrower bars could not be seen, % */
#define MIN_WIDTH 0.08
/* More steps than that are a black sheet */
#define MAX_STEPS 40

typedef struct
{
  guint job;
  const AccountAttempt *attempt;
  gint64 end;
  guint lane;
} Bar;

typedef struct
{
  Account *account;
  GArray *bars;      /* (element-type Bar), in the order of their starts */
  guint n_lanes;
  double lane;       /* height of one */
  gint64 span;       /* the whole width, µs */
} Timeline;

static int
compare_bars (gconstpointer a,
              gconstpointer b)
{
  const Bar *one = a, *two = b;

  if (one->attempt->start != two->attempt->start)
    return one->attempt->start < two->attempt->start ? -1 : 1;

  return one->job < two->job ? -1 : one->job > two->job;
}

/* What holds others above what is held */
static void
timeline_take (Timeline *self,
               gboolean  engines)
{
  g_autoptr (JobsLanes) lanes = jobs_lanes_new ();
  guint first = self->bars->len;

  for (guint i = 0; i < self->account->jobs->len; i++)
    {
      const AccountJob *job = g_ptr_array_index (self->account->jobs, i);

      for (guint j = 0; job->is_engine == engines && j < job->attempts->len; j++)
        {
          const AccountAttempt *attempt = &g_array_index (job->attempts, AccountAttempt, j);
          Bar bar = { i, attempt, account_get_end (self->account, attempt) };

          g_array_append_val (self->bars, bar);
          self->span = MAX (self->span, bar.end);
        }
    }

  if (self->bars->len > first)
    qsort (&g_array_index (self->bars, Bar, first), self->bars->len - first, sizeof (Bar), compare_bars);
  for (guint i = first; i < self->bars->len; i++)
    {
      Bar *bar = &g_array_index (self->bars, Bar, i);
      guint lane = jobs_lanes_take (lanes, bar->attempt->start);

      jobs_lanes_give (lanes, lane, MAX (bar->end, bar->attempt->start + 1));
      bar->lane = self->n_lanes + lane;
    }
  self->n_lanes += jobs_lanes_count (lanes);
}

static double
to_percent (const Timeline *self,
            gint64          time)
{
  return 100.0 * time / self->span;
}

static double
get_y (const Timeline *self,
       const Bar      *bar)
{
  return AXIS + bar->lane * self->lane;
}

/* 1, 2 or 5 of a power of ten, so that there are some six of them */
static gint64
get_tick (gint64 span)
{
  gint64 tick = 1;

  while (tick * 8 < span)
    {
      if (tick * 16 >= span)
        return tick * 2;
      if (tick * 40 >= span)
        return tick * 5;
      tick *= 10;
    }

  return tick;
}

static char *
format_tick (gint64 time,
             gint64 tick)
{
  if (tick >= 60 * G_USEC_PER_SEC)
    return g_strdup_printf (_("%d min"), (int) (time / (60 * G_USEC_PER_SEC)));
  if (tick >= G_USEC_PER_SEC)
    return g_strdup_printf (_("%d s"), (int) (time / G_USEC_PER_SEC));
  if (tick >= G_USEC_PER_SEC / 10)
    return g_strdup_printf (_("%.1f s"), time / (double) G_USEC_PER_SEC);
  if (tick >= 1000)
    return g_strdup_printf (_("%d ms"), (int) (time / 1000));

  return g_strdup_printf (_("%d µs"), (int) time);
}

static void
append_axis (GString        *to,
             const Timeline *self,
             double          height)
{
  gint64 tick = get_tick (self->span);

  for (gint64 time = 0; time <= self->span; time += tick)
    {
      g_autofree char *text = format_tick (time, tick);
      double x = to_percent (self, time);

      g_string_append_printf (to, "<line class=\"tick\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%d\" y2=\"%.0f\"/>\n", x, x,
                              AXIS - 4, height);
      /* At the right edge there is no room behind the line */
      if (x < 94)
        g_string_append_printf (to, "<text class=\"time\" x=\"%.3f%%\" y=\"14\">%s</text>\n", x, text);
    }
}

static void
append_title (GString          *to,
              const Timeline   *self,
              const Bar        *bar,
              const AccountJob *job)
{
  g_autofree char *duration = tool_format_duration (bar->end - bar->attempt->start);

  g_string_append (to, "<title>");
  report_append_text (to, job->path);
  g_string_append_printf (to, " – %s, %s", account_get_word (self->account, bar->attempt->state), duration);
  if (bar->attempt->number > 1)
    g_string_append_printf (to, _(", attempt %u"), bar->attempt->number);
  g_string_append (to, "</title>");
}

static void
append_bar (GString        *to,
            const Timeline *self,
            const Bar      *bar)
{
  const AccountJob *job = g_ptr_array_index (self->account->jobs, bar->job);
  const char *state = account_get_nick (self->account, bar->attempt->state);
  double x = to_percent (self, bar->attempt->start);
  double width = MAX (to_percent (self, bar->end) - x, MIN_WIDTH);
  double y = get_y (self, bar), height = self->lane - (self->lane > 6 ? 2 : 0.5);

  g_string_append_printf (to, "<rect class=\"%s %s%s\" data-job=\"%u\" x=\"%.3f%%\" y=\"%.1f\" width=\"%.3f%%\""
                          " height=\"%.1f\">",
                          job->is_engine ? "engine" : "bar", state, job->place > 0 ? " longest" : "",
                          bar->job + 1, MIN (x, 100 - MIN_WIDTH), y, width, height);
  append_title (to, self, bar, job);
  g_string_append (to, "</rect>\n");

  /* A picture within the picture cuts the name off at the end of the bar */
  if (height + 2 >= NAMED_LANE && width >= NAMED_WIDTH)
    {
      g_string_append_printf (to, "<svg x=\"%.3f%%\" y=\"%.1f\" width=\"%.3f%%\" height=\"%.1f\" overflow=\"hidden\">"
                              "<text class=\"name %s\" x=\"5\" y=\"%.1f\">",
                              x, y, width, height, job->is_engine ? "around" : state, height / 2 + 4);
      report_append_text (to, job->label);
      g_string_append (to, "</text></svg>\n");
    }
}

static void
append_step (GString *to,
             double   x1,
             double   y1,
             double   x2,
             double   y2)
{
  g_string_append_printf (to, "<line class=\"step\" x1=\"%.3f%%\" y1=\"%.1f\" x2=\"%.3f%%\" y2=\"%.1f\"/>\n", x1, y1,
                          x2, y2);
}

/* Down the end of one, where names of others do not begin, and over to the next */
static void
append_corner (GString        *to,
               const Timeline *self,
               const Bar      *from,
               const Bar      *next)
{
  double end = to_percent (self, from->end), start = to_percent (self, next->attempt->start);
  double below = get_y (self, next) + self->lane / 2 - 1;

  append_step (to, end, get_y (self, from) + self->lane / 2 - 1, end, below);
  if (start - end > MIN_WIDTH)
    append_step (to, end, below, start, below);
}

/* From each job of the longest path to the next one */
static void
append_steps (GString        *to,
              const Timeline *self)
{
  g_autofree const Bar **steps = g_new0 (const Bar *, self->account->longest->len + 1);
  g_autofree const Bar **firsts = g_new0 (const Bar *, self->account->longest->len + 1);

  if (self->account->longest->len > MAX_STEPS)
    return;

  for (guint i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = &g_array_index (self->bars, Bar, i);
      const AccountJob *job = g_ptr_array_index (self->account->jobs, bar->job);

      if (job->place == 0)
        continue;
      steps[job->place - 1] = bar;
      if (firsts[job->place - 1] == NULL)
        firsts[job->place - 1] = bar;
    }
  for (guint i = 1; i < self->account->longest->len; i++)
    if (steps[i - 1] != NULL && firsts[i] != NULL)
      append_corner (to, self, steps[i - 1], firsts[i]);
}

void
report_append_timeline (GString *to,
                        Account *account)
{
  g_autoptr (GArray) bars = g_array_new (FALSE, FALSE, sizeof (Bar));
  Timeline self = { .account = account, .bars = bars, .span = MAX (account->duration, 1) };
  double height;

  timeline_take (&self, TRUE);
  timeline_take (&self, FALSE);
  if (bars->len == 0)
    return;

  self.lane = CLAMP ((double) MAX_HEIGHT / self.n_lanes, MIN_LANE, MAX_LANE);
  height = AXIS + self.n_lanes * self.lane + 8;
  g_string_append_printf (to, "<div class=\"timeline\">\n<svg width=\"100%%\" height=\"%.0f\" role=\"img\" aria-label=\"%s\">\n",
                          height, _("When each attempt ran"));
  append_axis (to, &self, height);
  for (guint i = 0; i < bars->len; i++)
    append_bar (to, &self, &g_array_index (bars, Bar, i));
  append_steps (to, &self);
  g_string_append (to, "</svg>\n</div>\n");
}
