# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Actions in Python and JavaScript."""

from ..house import HERE
from ..measure import Entry, ratio
from ..topic import Table, Topic
from .graphs import RUN


class Bindings(Topic):
    name = "bindings"
    title = "Python and JavaScript"

    SHAPES = ("independent", "layered")
    OURS = (
        ("PyGObject", "bench-python.py", "coroutine", "Python, async def"),
        ("PyGObject", "bench-python.py", "function", "Python, a function"),
        ("PyGObject", "bench-python.py", "class", "Python, an own class"),
        ("GJS", "bench-gjs.js", "function", "GJS, a function"),
        ("GJS", "bench-gjs.js", "class", "GJS, an own class"),
    )

    # In a chain, without an engine
    BARE = "bound/gtask"

    def _peer_key(self, shape):
        return f"bound/taskgroup/{shape}"

    def entries(self):
        n = self.scale.bound
        yield Entry(self.BARE, [self.house.bench("async"), "--shape", "chain", "--n", n, "--reps", self.scale.reps(n)])
        for shape in self.SHAPES:
            asked = ["--shape", shape, "--n", self.scale.bound]
            yield Entry(self._peer_key(shape),
                        [self.house.python, HERE / "peer-python.py", *asked],
                        peer="asyncio and graphlib")
            for peer, program, variant, _ in self.OURS:
                if peer not in self.house.there:
                    continue
                yield Entry(f"bound/{program}/{variant}/{shape}",
                            [*self.house.bound(program), *asked, "--variant", variant], peer=peer)

    def _row(self, results, shape, key, text):
        parts = [results.get(key, name) for name in RUN]
        whole = results.get(key, *RUN)
        return [text, shape, *(part and part / 1000 for part in parts),
                whole and f"{1e9 / whole:,.0f}"]

    def tables(self, results):
        rows = []
        for shape in self.SHAPES:
            rows += [self._row(results, shape, f"bound/{program}/{variant}/{shape}", text)
                     for _, program, variant, text in self.OURS]
            rows.append(self._row(results, shape, self._peer_key(shape), "Python's TaskGroup"))
        return {"bindings": Table(["actions", "shape", "build", "run", "actions a second"], rows)}

    def figures(self, results):
        # What we may take: half of what the peer does, and what comes and goes through the main
        # loop: 5 us where the targets were set
        bare = results.series(self.BARE, "bare_ns_per_job")
        allowed = [peer / 2 + 4 * task for peer, task in zip(results.series(self._peer_key("layered"), *RUN), bare)]
        ours = results.series("bound/bench-python.py/coroutine/layered", *RUN)
        return {"python.coroutine": ratio(ours, allowed)}
