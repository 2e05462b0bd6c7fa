# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A trace as others read it: the panel "Performance" of Chromium's developer tools, and what that is made of"""

import json
import time

PAGE = "devtools://devtools/bundled/devtools_app.html"
PATIENCE = 60

# They are no interface that is promised: of another version, these names may be others
READ = """(async () => {
  const {TraceModel} = await import('./models/trace/trace.js');
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(%s, {});
  const {Meta, Renderer} = model.parsedTrace(0).data;
  return [...Renderer.processes].flatMap(([process, {threads}]) => [...threads].flatMap(
    ([thread, {name, entries}]) => entries.map(one => (
      {...one.args, name: one.name, node: Meta.processNames.get(process).args.name, track: name,
       start: one.ts, duration: one.dur}))));
})()"""
SHOW = """(async () => {
  const UI = await import('./ui/legacy/legacy.js');
  const {TimelinePanel} = await import('./panels/timeline/timeline.js');
  await UI.InspectorView.InspectorView.instance().showPanel('timeline');
  window.panel = TimelinePanel.TimelinePanel.instance();
  await panel.loadFromFile(new File([%s], 'trace.json', {type: 'application/json'}));
})()"""
# Everything of a page, in shadows too
FIND = """function find (matches, where = document.body) {
  for (const one of where.children) {
    const found = matches (one) ? one : find (matches, one) || one.shadowRoot && find (matches, one.shadowRoot);
    if (found)
      return found;
  }
}"""
CHART = "panel.getFlameChart().getMainFlameChart()"
PLACE = CHART + ".element"


class Changed(Exception):
    """This Chromium has other developer tools than those that are known here"""


def _open(chromium, script, trace, **options):
    chromium.open(PAGE, **options)
    try:
        return chromium.evaluate(script % json.dumps(trace))
    except AssertionError as error:
        raise Changed(str(error)) from error


def _wait(chromium, expression):
    until = time.monotonic() + PATIENCE
    while not chromium.evaluate(expression):
        assert time.monotonic() < until, expression
        time.sleep(0.05)


def read(chromium, events):
    """All bars of a trace, as a list of events, with the node and the track in which they are"""
    return _open(chromium, READ, events)


def show(chromium, text, **options):
    """A trace in the panel, with all its tracks open and nothing else"""
    _open(chromium, SHOW, text, **options)
    chromium.evaluate(FIND)
    _wait(chromium, "%s.timelineData()?.groups.length > 0" % CHART)
    # It greets who is there for the first time
    _wait(chromium, "!!find(one => one.tagName == 'DIALOG' && one.open)")
    chromium.evaluate("find(one => one.tagName == 'DIALOG' && one.open).close()")
    chromium.evaluate("find(one => one.ariaLabel == 'Hide sidebar')?.click()")
    chromium.evaluate("%s.timelineData().groups.forEach((group, i) => group.expanded || %s.toggleGroupExpand(i))"
                      % (CHART, CHART))
    chromium.evaluate("%s.scrollGroupIntoView(0)" % CHART)
    # Until nothing moves any more
    chromium.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    chromium.evaluate("new Promise(done => setTimeout(done, 500))")
