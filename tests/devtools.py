# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A trace as others read it: the panel "Performance" of Chromium's developer tools, and what that is made of"""

import json
import time

PAGE = "devtools://devtools/bundled/devtools_app.html"
PATIENCE = 60

# They are no interface that is promised: of another version, these names may be others
CAN_READ = """(async () => {
  const {TraceModel} = await import('./models/trace/trace.js');
  return typeof TraceModel.Model.createWithAllHandlers == 'function';
})()"""
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
CAN_SHOW = """(async () => {
  const UI = await import('./ui/legacy/legacy.js');
  const {TimelinePanel} = await import('./panels/timeline/timeline.js');
  await UI.InspectorView.InspectorView.instance().showPanel('timeline');
  window.panel = TimelinePanel.TimelinePanel.instance();
  const chart = panel.getFlameChart().getMainFlameChart();
  return [panel.loadFromFile, chart.timelineData, chart.toggleGroupExpand, chart.scrollGroupIntoView].every(
    one => typeof one == 'function');
})()"""
SHOW = "panel.loadFromFile(new File([%s], 'trace.json', {type: 'application/json'}))"
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


def _open(chromium, can, **options):
    chromium.open(PAGE, **options)
    try:
        is_known = chromium.evaluate(can)
    except AssertionError as error:
        # What an exception in the page is described by; else, the browser itself has failed
        if not isinstance(error.args[0], dict):
            raise
        raise Changed(error.args[0]["exception"].get("description")) from error
    if not is_known:
        raise Changed("something has another name")


def _wait(chromium, expression, patience=PATIENCE):
    until = time.monotonic() + patience
    while not chromium.evaluate(expression):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def read(chromium, events):
    """All bars of a trace, as a list of events, with the node and the track in which they are"""
    _open(chromium, CAN_READ)
    return chromium.evaluate(READ % json.dumps(events))


def show(chromium, text, **options):
    """A trace in the panel, with all its tracks open and nothing else"""
    _open(chromium, CAN_SHOW, **options)
    chromium.evaluate(SHOW % json.dumps(text))
    chromium.evaluate(FIND)
    assert _wait(chromium, "%s.timelineData()?.groups.length > 0" % CHART), "it shows nothing"
    # It greets who is there for the first time
    if _wait(chromium, "!!find(one => one.tagName == 'DIALOG' && one.open)", 5):
        chromium.evaluate("find(one => one.tagName == 'DIALOG' && one.open).close()")
    chromium.evaluate("find(one => one.ariaLabel == 'Hide sidebar')?.click()")
    chromium.evaluate("%s.timelineData().groups.forEach((group, i) => group.expanded || %s.toggleGroupExpand(i))"
                      % (CHART, CHART))
    chromium.evaluate("%s.scrollGroupIntoView(0)" % CHART)
    # Until nothing moves any more
    chromium.evaluate("new Promise(done => setTimeout(done, 500))")
