#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""How long it takes to get a page, on one of the clients: testbed-measure.py FOLDER"""

import os
import sys
import time
from urllib.request import urlopen

times = int(os.environ["times"])
url = "http://%(SERVER)s:%(PORT)s/page" % os.environ
start = time.monotonic()
for _ in range(times):
    urlopen(url).read()
each = (time.monotonic() - start) * 1000 / times
with open("%s/%d" % (sys.argv[1], times), "w", encoding="utf-8") as results:
    print("%d times: %.1f ms each" % (times, each), file=results)
