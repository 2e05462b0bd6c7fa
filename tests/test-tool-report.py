# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Reports and traces of real runs, seen by Chromium: test-tool-report.py PATH-OF-ASYNCJOBS"""

import html.parser
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

import browser
import devtools
import pages
from toolkit import (PATIENCE, TOOL, Skip, contains, environment, jobs, lacks, main, running, test, tool, write)

# Some of everything that can become of a job; a name that would end a script
ALL = """
fetch: {run: sleep 0.05}
compile:
  requires: fetch
  jobs:
    core: {run: sleep 0.3}
    tool: {requires: core, run: sleep 0.05}
doc: {requires: fetch, run: sleep 0.02}
server: {forever: true, run: 'echo ready; exec sleep 60', ready: {output: ready}}
client: {requires: {server: ready}, run: 'true'}
flaky: {requires: compile, retries: 1, retry-delay: 1ms, run: 'test -e ok || { touch ok; exit 1; }'}
lint: {requires: fetch, run: 'printf "\\033[31m<b>&amp;</b>\\033[0m\\n"; echo "</script><script>window.hacked = 1</script>"; exit 2'}
slow: {requires: fetch, timeout: 50ms, critical: false, run: exec sleep 60}
package: {requires: [compile, doc, lint], run: 'true'}
"""
HEAD = "name: release <1>\non-failure: keep-going\nwindow: 3\n"
N_ALL = 11


def run(*arguments, **options):
    return tool("run", "--progress=none", "--output=none", *arguments, **options)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def load(name):
    return json.loads(read(name))


def run_all(*arguments):
    jobs(ALL, HEAD)
    run(*arguments, "jobs.yaml", expect=1)


# The page


class Page(html.parser.HTMLParser):
    """A page as it is without its script"""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.rows = []
        self.text = ""
        self._inside = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr" and "id" in dict(attrs):
            self.rows.append(dict(attrs))
        self._inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"style", "script"} & set(self._inside):
            self.text += data


def count(page, tag):
    return sum(1 for name, _ in page.tags if name == tag)


def look(function):
    program = browser.find()
    if program is None:
        raise Skip("there is no Chromium")
    with browser.browser(program) as chromium:
        return function(chromium)


def open_page(chromium, name, **options):
    url = "file://" + os.path.abspath(name)
    chromium.open(url, **options)
    assert chromium.requests == [url], chromium.requests
    assert not chromium.complaints, chromium.complaints
    assert chromium.evaluate("document.querySelector('.tools').hidden") is False, "the script did not run"


@test
def page_shows_all():
    run_all("--report", "run.html")
    tool("report", "-o", "journal.html")
    assert tool("report").out == read("journal.html")

    def check(chromium):
        for name in "run.html", "journal.html":
            open_page(chromium, name)
            assert chromium.evaluate("document.querySelectorAll('tbody tr').length") == N_ALL
            assert chromium.evaluate("document.querySelector('.verdict').textContent") == "failed"
            assert chromium.evaluate("document.title") == "release <1>"
            contains(chromium.evaluate("document.querySelector('.cause').textContent"), "lint: exited with status 2")
            counts = chromium.evaluate("[...document.querySelectorAll('.counts li:has(.state)')]"
                                       ".map(count => count.innerText.replace(/\\s+/g, ' '))")
            # The words of the summary
            assert counts == ["1failed", "1timed out (not critical)", "7finished", "1ended with the run",
                              "1skipped"], counts
            contains(chromium.evaluate("document.querySelector('dd.longest').textContent"),
                     "fetch (", "compile/core (", "compile/tool (", "flaky (")
            contains(chromium.evaluate("document.querySelector('details.failed pre').textContent"),
                     "<b>&amp;</b>\n</script>")
            # An attempt has a bar each, and each job of the longest path is marked
            assert chromium.evaluate("document.querySelectorAll('.timeline rect').length") == 11
            marked = chromium.evaluate("[...new Set([...document.querySelectorAll('rect.longest')]"
                                       ".map(bar => bar.dataset.job))].length")
            assert marked == 4, marked
            states = chromium.evaluate("[...document.querySelectorAll('tbody tr')].map(row => row.dataset.state)")
            assert sorted(set(states)) == ["cancelled", "failed", "finished", "skipped", "timed-out"], states
            # Nothing hangs out at the side, on a telephone either
            for width in 1280, 400:
                open_page(chromium, name, width=width)
                assert chromium.evaluate("document.documentElement.scrollWidth") <= width

    look(check)


@test
def page_sorts_and_filters():
    run_all("--report", "run.html")
    rows = "[...document.querySelectorAll('tbody tr')].filter(row => !row.hidden)"

    def check(chromium):
        open_page(chromium, "run.html")
        took = rows + ".map(row => Number(row.cells[4].dataset.value))"
        chromium.click("document.querySelectorAll('thead button')[4]")
        values = chromium.evaluate(took)
        assert len(values) == N_ALL and values == sorted(values), values
        chromium.click("document.querySelectorAll('thead button')[4]")
        assert chromium.evaluate(took) == sorted(values, reverse=True)
        # By keys as well: from the header to the next one
        chromium.press("Tab", 9)
        chromium.press("Enter", 13, "\r")
        attempts = chromium.evaluate(rows + ".map(row => Number(row.cells[5].dataset.value))")
        assert attempts == sorted(attempts) and attempts[0] == 0 and attempts[-1] == 2, attempts

        chromium.click("document.querySelector('#text')")
        chromium.type("COMPILE")
        assert chromium.evaluate(rows + ".length") == 3
        for _ in "COMPILE":
            chromium.press("Backspace", 8)
        assert chromium.evaluate(rows + ".length") == N_ALL
        chromium.press("Tab", 9)
        for _ in range(chromium.evaluate("state.length")):
            if chromium.evaluate("state.value") != "failed":
                chromium.press("ArrowDown", 40)
        assert chromium.evaluate(rows + ".map(row => row.cells[1].textContent)") == ["lint"]
        chromium.press("Home", 36)
        assert chromium.evaluate("state.value") == "" and chromium.evaluate(rows + ".length") == N_ALL

        # From a bar to its row, though that was filtered out
        chromium.click("document.querySelector('#text')")
        chromium.type("doc")
        assert chromium.evaluate(rows + ".map(row => row.cells[1].textContent)") == ["doc"]
        chromium.click("document.querySelector('rect.failed[data-job]')")
        contains(chromium.evaluate("document.querySelector('tr.chosen').textContent"), "lint")
        assert chromium.evaluate("document.querySelector('tr.chosen').hidden") is False
        assert not chromium.complaints, chromium.complaints

    look(check)


def brightness(color):
    """Of what CSS says, from 0 to 1"""
    red, green, blue = map(int, re.findall(r"\d+", color)[:3])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


@test
def page_is_dark_in_the_dark():
    run_all("--report", "run.html")

    def check(chromium):
        for dark in False, True:
            open_page(chromium, "run.html", dark=dark)
            paper = brightness(chromium.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert paper < 0.2 if dark else paper > 0.8, paper
            # Whatever has a text of its own, but what is on a colour
            inks = chromium.evaluate("[...document.querySelectorAll('h1, h2, dt, dd, td, th, a, pre, .when, .note, "
                                     ".timeline .time, .name.around')].map(element => { "
                                     "const style = getComputedStyle(element); "
                                     "return element.closest('svg') ? style.fill : style.color; })")
            assert len(inks) > 100
            assert not [ink for ink in inks if abs(brightness(ink) - paper) < 0.3], set(inks)

    look(check)


@test
def page_without_script():
    run_all("--report", "run.html")
    page = Page(read("run.html"))
    assert len(page.rows) == N_ALL
    assert count(page, "script") == 1 and count(page, "style") == 1 and count(page, "rect") == 11
    assert not [attrs for _, attrs in page.tags if {"src", "onclick", "onload", "style"} & set(attrs)]
    assert all(attrs["href"].startswith("#job-") for _, attrs in page.tags if "href" in attrs)
    contains(page.text, "release <1>", "failed", "first cause", "lint", "longest path", "to go on",
             "asyncjobs resume jobs.yaml", "timed out")


HOSTILE = ["<script>window.hacked = 1<\\script>", "<img src=x onerror='window.hacked = 1'>",
           "\" onmouseover=\"window.hacked = 1\" x=\"", "'><svg onload=window.hacked=1>", "a&lt;b", "--><!--",
           "\u202eevil\u202c", "]]>", "{{x}}", "\u00e9\u4e2d\U0001f600"]


@test
def hostile_names_are_harmless():
    values = json.dumps(HOSTILE, ensure_ascii=False)
    # No name of a job has a slash
    name = "</title></script><script>window.hacked = 1</script>"
    write("version: 1\nname: %s\non-failure: keep-going\njobs:\n  bad:\n    matrix: {x: %s}\n"
          "    run: ['sh', '-c', 'printf \"%%s</pre></script><script>window.hacked = 1</script>\\n\" \"$1\"; printf \"\\033]0;x\\007\\200\"; exit 1', 'sh', '${x}']\n"
          % (json.dumps(name), values))
    run("--report", "run.html", "--trace", "trace.json", "jobs.yaml", expect=1)
    tool("report", "-o", "journal.html")
    tool("report", "-o", "journal.xml")
    for file in "run.html", "journal.html":
        page = Page(read(file))
        assert len(page.rows) == len(HOSTILE)
        assert count(page, "script") == 1 and count(page, "img") == 0, page.tags
        lacks(read(file), "\u202e", "\033", "\007")
        contains(page.text, "<U+202E>evil")
    suite = xml.etree.ElementTree.parse("journal.xml").getroot()[0]
    assert suite.get("name") == name and len(suite) == len(HOSTILE)
    names = {event["args"]["path"] for event in load("trace.json") if event["ph"] == "X"}
    assert "bad[%s]" % HOSTILE[1] in names, names

    def check(chromium):
        for page in "run.html", "journal.html":
            open_page(chromium, page)
            assert chromium.evaluate("document.title") == name
            assert chromium.evaluate("typeof window.hacked") == "undefined"
            assert chromium.evaluate("document.querySelectorAll('tbody tr').length") == len(HOSTILE)
            assert chromium.evaluate("document.querySelectorAll('body script').length") == 1

    look(check)


@test
def ten_thousand_jobs():
    n = 10_000
    jobs("".join("job-%d: {%s}\n" % (i, "requires: job-%d" % (i - 100) if i >= 100 else "") for i in range(n)))
    run("--report", "run.html", "jobs.yaml")
    begin = time.monotonic()
    tool("report", "-o", "journal.html")
    made = time.monotonic() - begin
    size = os.path.getsize("journal.html")
    assert size < 10 * 1024 * 1024, size

    def check(chromium):
        begin = time.monotonic()
        open_page(chromium, "journal.html")
        spent = time.monotonic() - begin
        assert chromium.evaluate("document.querySelectorAll('tbody tr').length") == n
        assert chromium.evaluate("document.querySelectorAll('rect').length") == n
        return "made in %.1f s, %.1f MiB, opened in %.1f s" % (made, size / 2**20, spent)

    return look(check)


# For programs


@test
def junit():
    run_all("--report", "run.xml")
    tool("report", "-f", "junit", "-o", "journal.out")
    for name in "run.xml", "journal.out":
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", name], check=True)
        root = xml.etree.ElementTree.parse(name).getroot()
        assert root.tag == "testsuites" and [suite.tag for suite in root] == ["testsuite"]
        suite = root[0]
        assert suite.get("name") == "release <1>" and float(suite.get("time")) > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")), suite.attrib
        assert [int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")] == [N_ALL, 1, 1, 2]
        assert len(suite) == N_ALL and {case.tag for case in suite} == {"testcase"}
        cases = {(case.get("classname"), case.get("name")): case for case in suite}
        assert len(cases) == N_ALL and float(cases["compile", "core"].get("time")) >= 0.1
        failure = cases["release <1>", "lint"].find("failure")
        assert failure.get("message") == "exited with status 2"
        contains(failure.text, "^[[31m<b>&amp;</b>", "</script>")
        assert cases["release <1>", "slow"].find("error") is not None
        assert cases["release <1>", "package"].find("skipped") is not None


@test
def json_is_the_same_for_all():
    run_all("--report", "run.json")
    tool("report", "-o", "journal.json")
    ours, theirs = load("run.json"), load("journal.json")
    for report in ours, theirs:
        assert report["version"] == 1 and report["verdict"] == "failed" and report["name"] == "release <1>"
        assert report["cause"] == "lint" and report["duration-us"] > 0
        assert report["jobs-by-state"] == {"finished": 7, "failed": 1, "timed-out": 1, "cancelled": 1, "skipped": 1}
        assert report["longest-path"] == ["fetch", "compile/core", "compile/tool", "flaky"]
        assert report["longest-path-us"] >= 200_000
        assert report["resume"].startswith("asyncjobs resume ")
        assert len(report["jobs"]) == N_ALL
        found = {job["job"]: job for job in report["jobs"]}
        assert [a["state"] for a in found["flaky"]["attempts"]] == ["failed", "finished"]
        assert [a["attempt"] for a in found["flaky"]["attempts"]] == [1, 2]
        assert found["client"]["requires"] == [{"job": "server", "condition": "ready"}]
        assert found["package"]["attempts"] == [] and found["package"]["state"] == "skipped"
        contains(found["lint"]["output"], "</script>")
    for one, other in zip(ours["jobs"], theirs["jobs"]):
        for key in "job", "state", "requires":
            assert one[key] == other[key], (one, other)
    # All that the engine tells besides
    assert [action["label"] for action in ours["actions"]][:2] == ["fetch", "compile"]


@test
def reports_of_runs_that_go_on():
    jobs("done: {run: 'true'}\njob: {requires: done, run: 'echo ready $$; exec sleep 60'}\nlast: {requires: job}")
    with running("jobs.yaml") as (process, pid):
        report = json.loads(tool("report", "-f", "json").out)
        assert report["verdict"] == "running" and report["jobs-by-state"]["running"] == 1
        contains(Page(tool("report").out).text, "goes on", "running")
        process.kill()
        process.wait()
        report = json.loads(tool("report", "-f", "json").out)
        os.kill(pid, 9)
    assert report["verdict"] == "interrupted" and report["jobs-by-state"]["interrupted"] == 1
    assert report["resume"] == "asyncjobs resume " + os.path.abspath("jobs.yaml")
    page = Page(tool("report").out)
    contains(page.text, "interrupted", "to go on", "What went wrong", "job", "ready %d" % pid)
    # What the file says now it did not say then
    time.sleep(0.01)
    jobs("done: {run: 'true'}")
    report = json.loads(tool("report", "-f", "json").out)
    assert "longest-path" not in report and len(report["jobs"]) == 3
    contains(Page(tool("report").out).text, "longest path", "not known: ", "has changed since")


@test
def reports_of_resumed_runs():
    jobs("one: {run: 'true'}\ntwo: {requires: one, run: 'test -e ok'}")
    run("jobs.yaml", expect=1)
    write("", "ok")
    tool("resume", "jobs.yaml", "--report", "run.json")
    for report in load("run.json"), json.loads(tool("report", "-f", "json").out):
        one, two = report["jobs"]
        assert one["kept"] is True and one["attempts"] == [] and one["state"] == "finished", one
        assert len(two["attempts"]) == 1 and report["verdict"] == "succeeded"
        assert "resume" not in report and "cause" not in report
    contains(Page(tool("report").out).text, "succeeded", "done by an earlier run")


@test
def secrets_are_in_none():
    jobs("a: {run: 'echo \"<$TOKEN>\"; exit 1', secret-env: [TOKEN], capture: RESULT}\n"
         "b: {run: [\"./hush-hush\"], critical: false, secret-env: [TOKEN]}", head="on-failure: keep-going\n")
    for name in "r.html", "r.json", "r.xml":
        run("--report", name, "--trace", "t.json", "jobs.yaml", expect=1, env=environment(TOKEN="hush-hush"))
        text = read(name)
        lacks(text, "hush-hush")
        contains(text, "***")
        errors = [event["args"]["error"] for event in load("t.json") if "error" in event.get("args", {})]
        assert len(errors) >= 2, errors
        assert not [error for error in errors if "hush-hush" in error], errors
        lacks(tool("report", "-o", "j-" + name).err, "hush")
        lacks(read("j-" + name), "hush-hush")


@test
def wrong_usage():
    jobs("a: {run: 'true'}")
    contains(tool("report", expect=4).err, ".asyncjobs")
    run("jobs.yaml")
    contains(run("--report", "r.pdf", "jobs.yaml", expect=2).err, ".html", "r.pdf")
    contains(tool("report", "-o", "r.pdf", expect=2).err, "r.pdf", "--format")
    contains(tool("report", "-f", "pdf", expect=2).err, "pdf", "junit")
    contains(tool("report", "jobs.yaml", "more", expect=2).err, "one journal")
    contains(tool("report", "-o", "nowhere/r.html", expect=5).err, "nowhere")
    tool("report", stdout=open("/dev/full", "wb"), expect=5)
    tool("report", "-f", "html", "-o", "r.out")
    contains(read("r.out"), "<!DOCTYPE html>")

    master, slave = pty.openpty()
    for arguments, status in ([], 2), (["-f", "json"], 0), (["-o", "r.html"], 0):
        done = subprocess.run([TOOL, "report", *arguments], stdin=subprocess.DEVNULL, stdout=slave,
                              stderr=subprocess.PIPE, env=environment(), timeout=PATIENCE, check=False)
        assert done.returncode == status, (arguments, done)
    os.close(slave)
    os.close(master)


# The example, as doc/reports.md shows it

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def pattern(shown):
    """Times and places are others each time"""
    return ".*".join(map(re.escape, shown.split("…")))


@test
def page_of_the_documentation():
    commands, _, lines = pages.read(SOURCE / "doc/reports.md")
    shutil.copy(SOURCE / "examples/report.yaml", ".")
    # Of this build, in the place of one that is installed
    script = "asyncjobs () { %s \"$@\"; }\n" % shlex.quote(TOOL)
    script += "".join(re.findall(r"^\$ (.*\n)", commands.text, re.MULTILINE))
    done = subprocess.run(["sh", "-c", script], env=environment(NO_COLOR="1"), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=True)
    shown = re.sub(r"^\$ .*\n", "", commands.text, flags=re.MULTILINE)
    assert re.fullmatch(pattern(shown), done.stdout), done.stdout

    for line in lines.text.splitlines():
        assert re.search(r"^ *%s$" % pattern(line), read("report.xml"), re.MULTILINE), line
    suite = xml.etree.ElementTree.parse("report.xml").getroot()[0]
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["lint"]
    assert sorted(case.get("name") for case in suite if case.find("skipped") is not None) == ["server", "upload"]

    report = load("report.json")
    assert report["verdict"] == "failed" and report["cause"] == "lint"
    assert report["jobs-by-state"] == {"finished": 11, "failed": 1, "cancelled": 1, "skipped": 1}
    found = {job["job"]: job for job in report["jobs"]}
    assert [attempt["state"] for attempt in found["remote"]["attempts"]] == ["failed", "finished"]

    page = Page(read("report.html"))
    assert [row["data-state"] for row in page.rows].count("failed") == 1 and len(page.rows) == len(suite)
    contains(page.text, "failed", "lint", "1 problem in 212 files", "Timeline")


# Traces


def check_trace(events, report):
    """Against what the report of the same run says"""
    slices = [event for event in events if event["ph"] == "X"]
    attempts = [(job["job"], attempt["attempt"], attempt["state"]) for job in report["jobs"] for attempt in job["attempts"]]
    found = [(s["args"]["path"], s["args"]["attempt"], s["args"]["state"]) for s in slices]
    # The run itself is no job
    whole = [s for s in slices if s["cat"] == "engine" and s["ts"] == 0]
    assert len(whole) == 1 and whole[0]["dur"] >= max(s["dur"] for s in slices), whole
    found.remove((whole[0]["args"]["path"], 1, whole[0]["args"]["state"]))
    assert sorted(found) == sorted(attempts), (found, attempts)

    tracks = {}
    for one in slices:
        tracks.setdefault((one["pid"], one["tid"]), []).append((one["ts"], one["ts"] + one["dur"]))
    names = {(e["pid"], e["tid"]) for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    assert set(tracks) <= names
    for bars in tracks.values():
        bars.sort()
        for (_, end), (start, _) in zip(bars, bars[1:]):
            assert end <= start, bars

    def bar_at(event):
        bars = [s for s in slices if (s["pid"], s["tid"]) == (event["pid"], event["tid"]) and
                s["ts"] <= event["ts"] < s["ts"] + s["dur"]]
        assert len(bars) == 1, event
        return bars[0]["args"]["path"]

    arrows = {}
    for event in events:
        if event["ph"] in "sf":
            arrows.setdefault(event["id"], {})[event["ph"]] = event
    links = sorted((bar_at(arrow["s"]), bar_at(arrow["f"])) for arrow in arrows.values())
    ran = {job["job"] for job in report["jobs"] if job["attempts"]}
    needs = sorted((need["job"], job["job"]) for job in report["jobs"] for need in job["requires"]
                   if need["job"] in ran and job["job"] in ran)
    assert links == needs, (links, needs)
    assert all(arrow["s"]["ts"] <= arrow["f"]["ts"] for arrow in arrows.values())

    for wait in [event for event in events if event["ph"] == "b"]:
        ends = [e for e in events if e["ph"] == "e" and e["id"] == wait["id"]]
        assert len(ends) == 1 and ends[0]["ts"] > wait["ts"], wait


@test
def trace_of_all():
    run_all("--trace", "trace.json", "--report", "run.json")
    events = load("trace.json")
    check_trace(events, load("run.json"))
    places = {e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    assert places == {"engines", "local"}, places
    retry = [e for e in events if e["ph"] == "b" and e["name"] == "waits for a retry"]
    assert [e["args"]["path"] for e in retry] == ["flaky"]
    lint = [e for e in events if e["ph"] == "X" and e["args"]["path"] == "lint"][0]
    assert lint["args"]["error"] == "exited with status 2"


@test
def trace_seen_by_others():
    run_all("--trace", "trace.json")
    events = load("trace.json")
    names = {(e["name"], e["pid"], e["tid"]): e["args"]["name"] for e in events if e["ph"] == "M" and "name" in e["args"]}
    written = [(names["process_name", e["pid"], 0], names["thread_name", e["pid"], e["tid"]], e["name"], e["ts"], e["dur"],
                e["args"]) for e in events if e["ph"] == "X"]
    assert len(written) > N_ALL, written

    def read(chromium):
        try:
            return devtools.read(chromium, events)
        except devtools.Changed as error:
            raise Skip("the developer tools of this Chromium are others") from error

    found = [tuple(bar.pop(key) for key in ("node", "track", "name", "start", "duration")) + (bar,) for bar in look(read)]
    assert sorted(found, key=str) == sorted(written, key=str), (found, written)


@test
def trace_of_many():
    jobs("".join("job-%d: {run: [\"true\"]%s}\n" % (i, ", requires: job-%d" % (i // 2) if i else "")
                 for i in range(300)))
    run("-j3", "--trace", "trace.json", "--report", "run.json", "jobs.yaml")
    check_trace(load("trace.json"), load("run.json"))


@test
def trace_that_was_cut_off():
    jobs("done: {run: 'true'}\njob: {requires: done, run: 'echo ready $$; exec sleep 60'}")
    with running("--trace", "trace.json", "jobs.yaml") as (process, pid):
        until = time.monotonic() + PATIENCE
        while '"path":"done"' not in read("trace.json"):
            assert time.monotonic() < until, "never written"
            time.sleep(0.01)
        process.kill()
        process.wait()
        os.kill(pid, 9)
    events = json.loads(read("trace.json") + "]")
    assert [e["args"]["path"] for e in events if e["ph"] == "X"] == ["done"]


@test
def trace_that_is_lost():
    jobs("one: {run: touch one}")
    contains(run("--trace", "nowhere/t.json", "jobs.yaml", expect=5).err, "--trace", "nowhere/t.json")
    assert not os.path.exists("one")
    contains(run("--trace", "/dev/full", "jobs.yaml", expect=5).err, "/dev/full")
    assert os.path.exists("one")
    run("-n", "--trace", "nowhere/t.json", "jobs.yaml")


if __name__ == "__main__":
    sys.exit(main("tool-report"))
