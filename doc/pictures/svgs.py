# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether two pictures of a graph show the same.

Where the boxes are depends on the fonts of a machine, and how long a job took on
everything: only what is shown counts, and in which colour.
"""

import re
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def essence(svg):
    shown = []
    for group in xml.etree.ElementTree.fromstring(svg).iter(SVG + "g"):
        for element in group:
            text = re.sub(r", [0-9].*", "", element.text or "")
            shown.append((group.get("class"), element.tag, text.strip(), element.get("fill"),
                          element.get("stroke"), element.get("stroke-width"), element.get("stroke-dasharray")))
    return shown


def artist(svg):
    return re.search("graphviz version [^ ]+", svg).group()


def are_alike(one, other):
    # Another Graphviz draws the same thing with other lines
    return essence(one) == essence(other) or artist(one) != artist(other)
