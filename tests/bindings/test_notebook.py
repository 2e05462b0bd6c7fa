#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Engines in a real kernel of Jupyter: what is displayed, and when.

    test_notebook.py UNINSTALLED OVERRIDES EXAMPLE
"""

import os
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import tap

UNINSTALLED, OVERRIDES, EXAMPLE = (os.path.abspath(path) for path in sys.argv[1:4])
del sys.argv[1:4]
PATIENCE = 60

try:
    import ipykernel_launcher
    import jupyter_client
    import nbclient
    import nbformat
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit()
if shutil.which("dot") is None:
    print("1..0 # SKIP Graphviz is not installed")
    sys.exit()

BEGIN = """
import asyncio, os, gi
gi.require_version("Jobs", "1")
from gi.repository import Jobs

async def wait_for(name):
    while not os.path.exists(name):
        await asyncio.sleep(0.01)

a = Jobs.Action(lambda: wait_for("a"), label="a")
b = Jobs.Action(lambda: wait_for("b"), label="b <&> 'c'", requires=a)
engine = Jobs.Engine(a, b, label="whole")
"""


def new_kernel(**env):
    manager = jupyter_client.KernelManager()
    manager.kernel_spec.argv = [sys.executable, UNINSTALLED, OVERRIDES,
                                ipykernel_launcher.__file__, "-f", "{connection_file}"]
    # The debugger that is in each kernel has a warning for everybody
    manager.start_kernel(env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **env})
    return manager


def texts_of(data):
    root = xml.etree.ElementTree.fromstring(data["image/svg+xml"])
    return [text.text.replace("\xa0", " ").split(",")[0]
            for text in root.iter("{http://www.w3.org/2000/svg}text")]


class Notebook(unittest.TestCase):
    env = {}

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        os.chdir(directory.name)
        self.addCleanup(os.chdir, "/")
        self.manager = new_kernel(**self.env)
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.client = self.manager.client()
        self.client.start_channels()
        self.addCleanup(self.client.stop_channels)
        self.client.wait_for_ready(PATIENCE)
        self.assertEqual(list(self.run_cell(BEGIN)), [])

    def run_cell(self, code):
        """Each output of the cell at the moment when it comes: kind and content."""
        number = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "error":
                self.fail("\n".join(content["traceback"]))
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind not in ("status", "execute_input"):
                yield kind, content

    def follow(self, code):
        """Lets the jobs end as they are seen to run; returns what was seen."""
        seen = []
        places = set()
        for kind, content in self.run_cell(code):
            if kind == "execute_result":
                self.assertEqual(content["data"]["text/plain"], "True")
                continue
            self.assertEqual(kind, "update_display_data" if seen else "display_data")
            places.add(content["transient"]["display_id"])
            texts = texts_of(content["data"])
            seen.append(texts)
            if texts[2:4] == ["a", "running"]:
                open("a", "w").close()
            if texts[-1] == "running":
                open("b", "w").close()
        self.assertEqual(len(places), 1)
        return seen

    def check_live(self, code):
        seen = self.follow(code)
        name = "b <&> 'c'"
        self.assertEqual(seen[0], ["whole", "a", name])
        self.assertIn(["whole", "running", "a", "running", name], seen)
        self.assertIn(["whole", "running", "a", "finished", name, "running"], seen)
        self.assertEqual(seen[-1], ["whole", "finished", "a", "finished", name, "finished"])

    def test_await(self):
        self.check_live("engine.show(0.1)\nawait engine.orchestrate_async()")

    def test_block(self):
        self.check_live("engine.show(0.1)\nengine.orchestrate()")

    def test_in_another_cell(self):
        (_, content), = self.run_cell("engine.show(0.1)")
        place = content["transient"]["display_id"]
        open("a", "w").close()
        open("b", "w").close()
        updates = [content for kind, content in self.run_cell("await engine.orchestrate_async()")
                   if kind == "update_display_data"]
        self.assertEqual({update["transient"]["display_id"] for update in updates}, {place})
        self.assertEqual(texts_of(updates[-1]["data"])[:2], ["whole", "finished"])

    def test_stops_after_the_run(self):
        open("a", "w").close()
        open("b", "w").close()
        kinds = [kind for kind, _ in self.run_cell("engine.show()\nengine.orchestrate()\nengine.orchestrate()")]
        self.assertEqual(kinds[0], "display_data")
        # The last picture is the one that comes with the end; no second run is shown
        again = [kind for kind, _ in self.run_cell("engine.orchestrate()")]
        self.assertEqual(again, ["execute_result"])

    def test_is_not_kept(self):
        out = list(self.run_cell("""
import gc
inner = Jobs.Engine(label="loose")
inner.show()
gone = []
inner.weak_ref(lambda: gone.append(True))
del inner
gc.collect()
gone"""))
        self.assertEqual(out[-1][1]["data"]["text/plain"], "[True]")

    def test_at_rest(self):
        (kind, content), = self.run_cell("engine")
        self.assertEqual(kind, "execute_result")
        self.assertEqual(texts_of(content["data"]), ["whole", "a", "b <&> 'c'"])
        self.assertNotIn("text/html", content["data"])


class WithoutGraphviz(Notebook):
    """In words, and no traceback."""

    env = {"PATH": "/nowhere"}

    def check_live(self, code):
        open("a", "w").close()
        open("b", "w").close()
        outputs = list(self.run_cell(code))
        self.assertIn("graphviz", outputs[0][1]["data"]["text/plain"])
        last = [content for kind, content in outputs if kind == "update_display_data"][-1]
        self.assertEqual(list(last["data"]), ["text/plain"])
        self.assertRegex(last["data"]["text/plain"], "(?s)finished.*finished.*graphviz")

    # What makes no difference
    test_in_another_cell = test_is_not_kept = None

    def test_at_rest(self):
        (_, content), = self.run_cell("engine")
        self.assertNotIn("image/svg+xml", content["data"])
        self.assertRegex(content["data"]["text/html"], "(?s)^<pre>.*b &lt;&amp;&gt; &#x27;c&#x27;.*graphviz.*</pre>$")


class Example(unittest.TestCase):

    def test_example(self):
        notebook = nbformat.read(EXAMPLE, as_version=4)
        manager = new_kernel()
        self.addCleanup(manager.shutdown_kernel, now=True)
        nbclient.NotebookClient(notebook, km=manager, timeout=PATIENCE).execute()
        pictures = [texts_of(output["data"]) for cell in notebook.cells if cell.cell_type == "code"
                    for output in cell.outputs if "image/svg+xml" in output.get("data", ())]
        self.assertGreaterEqual(len(pictures), 2)
        self.assertNotIn("finished", pictures[0])
        self.assertIn("finished", pictures[-1])


tap.main()
