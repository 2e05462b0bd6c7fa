# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The graph of a job file, in each form: test-tool-graph.py PATH-OF-ASYNCJOBS"""

import json
import os
import pty
import re
import shutil
import signal
import sys
import xml.etree.ElementTree

import pngs
from toolkit import Skip, contains, environment, jobs, main, running, test, tool

# What has finished, failed and was skipped has these colours
STATES = "#9adbc5", "#ee8a55", "#e8e8e8"


@test
def graphs():
    jobs('"a\\"#]": {run: \'true\'}\nt: {requires: {"a\\"#]": success}, jobs: {u: {}}}\n'
         "b: {after: t, run: 'true'}\nc: {run: 'true'}")
    contains(tool("graph", "jobs.yaml").out, "digraph")
    assert tool("graph", "jobs.yaml").out == tool("graph", "--format=dot", "jobs.yaml").out
    graph = json.loads(tool("graph", "--format", "json", "jobs.yaml").out)
    assert [job["path"] for job in graph["jobs"]] == ['a"#]', "t", "b", "c"]
    assert graph["version"] == 1 and "state" not in graph["jobs"][0]
    assert [job["longest-path"] for job in graph["jobs"]] == [True, False, True, False]
    assert graph["jobs"][1]["requires"] == [{"job": 'a"#]', "condition": "success"}]
    assert graph["jobs"][1]["jobs"][0]["path"] == "t/u"
    out = tool("graph", "-fmermaid", "jobs.yaml").out
    contains(out, "flowchart TD\n", 'n1["a#34;#35;]"]', 'subgraph n2["t"]', 'n3["u"]', "end\n",
             "n1 ==>|success| n2", "n2 ==>|after| n4")
    tool("graph", "-o", "g.json", "jobs.yaml")
    with open("g.json") as file:
        assert json.load(file) == graph


# What Mermaid's own grammar allows, as far as we use it
FLOWCHART = [re.compile(pattern) for pattern in (
    r'(subgraph )?n[0-9]+\["[^"\0-\x1f\x7f]+"\]',
    r"end",
    r"n[0-9]+ (-->|==>|-\.->)(\|[a-z]+\|)? n[0-9]+",
    r"classDef [a-z-]+ [a-z-]+:[^,;]+(,[a-z-]+:[^,;]+)*",
    r"class n[0-9]+(,n[0-9]+)* [a-z-]+",
)]


@test
def mermaid():
    jobs('"say \\"hi\\" <script>&amp;\\n1. `x`": {run: "true"}\nend: {jobs: {graph: {jobs: {}}, '
         '"a;b%%c": {after: graph}}}\n"]--> |x| {y}": {requires: {end: failure}, forever: true, run: x}')
    lines = tool("graph", "-f", "mermaid", "jobs.yaml").out.splitlines()
    assert lines[0] == "flowchart TD"
    for line in lines[1:]:
        assert any(pattern.fullmatch(line.strip()) for pattern in FLOWCHART), line
    assert sum(line.strip().startswith("subgraph ") for line in lines) == lines.count("    end") + \
        lines.count("  end") == 2
    contains("\n".join(lines), "say #34;hi#34; #60;script#62;#38;amp;<br/>1#46; #96;x#96;")


def has_dot():
    return shutil.which("dot") is not None


def needs_dot():
    if not has_dot():
        raise Skip("dot is not installed")


def texts_of(svg):
    """What can be read in it, in the order of the file; it is an error where it is no XML"""
    root = xml.etree.ElementTree.fromstring(svg)
    return [text.text.replace("\xa0", " ") for text in root.iter("{http://www.w3.org/2000/svg}text")]


@test
def pictures():
    jobs("a: {run: 'true'}")
    contains(tool("graph", "--format=svg", "jobs.yaml", env=environment(PATH="/nowhere"),
                  expect=5).err, "graphviz")
    needs_dot()
    assert texts_of(tool("graph", "--format=svg", "jobs.yaml").out) == ["jobs", "a"]
    tool("graph", "-o", "g.png", "jobs.yaml")
    width, height, colors = pngs.look("g.png")
    assert min(width, height) > 40 and len(colors) > 5 and not set(STATES) & set(colors), colors
    master, slave = pty.openpty()
    contains(tool("graph", "-fpng", "jobs.yaml", stdout=slave, expect=2).err, "--output")
    os.close(slave)
    os.close(master)
    jobs('"it\'s \\"a\\" <b>&lt; ]]><script>\\nline 2": {run: \'true\'}\nempty: {jobs: {}}',
         head='name: "</script> & \\"more\\""\n')
    assert texts_of(tool("graph", "--format=svg", "jobs.yaml").out) == \
        ['</script> & "more"', "empty", 'it\'s "a" <b>&lt; ]]><script>', "line 2"]


@test
def giant_pictures():
    needs_dot()
    jobs("\n".join("j%d: {}" % i for i in range(4001)))
    contains(tool("graph", "--format=svg", "jobs.yaml", expect=5).err, "format dot", "sfdp")
    contains(tool("graph", "jobs.yaml").out, "n4001 [")


@test
def graph_states():
    jobs("good: {run: 'true'}\nlong: {requires: good, run: sleep 0.3}\nalso: {requires: good, run: 'true'}\n"
         "in: {requires: [long, also], jobs: {bad: {run: exit 3}}}\nnever: {requires: in, run: 'true'}")
    contains(tool("graph", "--states", "jobs.yaml", expect=4).err, "journal")
    tool("run", "jobs.yaml", expect=1)
    graph = json.loads(tool("graph", "-s", "-fjson", "jobs.yaml").out)
    assert [job["state"] for job in graph["jobs"]] == ["finished", "finished", "finished", "failed", "skipped"]
    assert [job["longest-path"] for job in graph["jobs"]] == [True, True, False, False, False]
    if has_dot():
        tool("graph", "-s", "-o", "g.png", "jobs.yaml")
        colors = pngs.look("g.png")[2]
        assert all(colors.get(color, 0) > 100 for color in STATES), colors
    bad = graph["jobs"][3]["jobs"][0]
    assert bad["state"] == "failed" and bad["longest-path"] and bad["duration-us"] > 0 and bad["attempts"] == 1
    contains(tool("graph", "-s", "jobs.yaml").out, 'label="jobs\\nfailed', "good\\nfinished", "bad\\nfailed",
             "never\\nskipped")
    # Another journal, and a job that has come since
    os.rename(".asyncjobs", "elsewhere")
    journal = [name for name in os.listdir("elsewhere") if name.endswith(".journal")]
    with open("jobs.yaml", "a", encoding="utf-8") as file:
        file.write("  new: {run: 'true'}\n")
    graph = json.loads(tool("graph", "-fjson", "--journal", os.path.join("elsewhere", *journal), "jobs.yaml").out)
    assert graph["jobs"][5]["state"] == "idle" and graph["jobs"][4]["state"] == "skipped"


@test
def graph_of_a_run_that_goes_on():
    jobs("job: {run: 'echo ready $$; exec sleep 60'}\nbehind: {requires: job}")
    with running("jobs.yaml") as (process, pid):
        contains(tool("graph", "-s", "jobs.yaml").out, "jobs\\nrunning", "job\\nrunning", 'label="behind"')
        process.kill()
        process.wait()
        contains(tool("graph", "-s", "jobs.yaml").out, "jobs\\ninterrupted", "job\\ninterrupted")
        graph = json.loads(tool("graph", "-s", "-fjson", "jobs.yaml").out)
        assert [job["state"] for job in graph["jobs"]] == ["interrupted", "idle"]
        os.kill(pid, signal.SIGKILL)


sys.exit(main("tool-graph"))
