# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is in a PNG, so that one of nothing is told from one of something."""

import collections
import struct
import zlib


def foretell(kind, left, above, corner):
    """What a byte is foretold to be from those to the left, above, and above that"""
    if kind < 4:
        return (0, left, above, (left + above) // 2)[kind]
    distances = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
    return (left, above, corner)[distances.index(min(distances))]


def unpack(packed, width, height, step):
    """Its lines: what is in the file is how each byte differs from what it is foretold to be"""
    data = zlib.decompress(packed)
    assert len(data) == height * (1 + width * step), len(data)
    above = bytes(width * step)
    for y in range(height):
        begin = y * (1 + width * step) + 1
        kind, line = data[begin - 1], bytearray(data[begin:begin + width * step])
        if kind != 0:
            for x, byte in enumerate(line):
                left, corner = (line[x - step], above[x - step]) if x >= step else (0, 0)
                line[x] = (byte + foretell(kind, left, above[x], corner)) & 255
        yield line
        above = line


def look(filename):
    """Its width, its height, and how many points have which colour, as "#8ecaf0"; of 8 bits"""
    with open(filename, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    width, height, depth, kind, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8 and kind in (2, 6) and interlace == 0, (depth, kind, interlace)
    step = 3 if kind == 2 else 4

    packed, place = b"", 8
    while place < len(data):
        size, name = struct.unpack(">I4s", data[place:place + 8])
        if name == b"IDAT":
            packed += data[place + 8:place + 8 + size]
        place += 12 + size

    colors = collections.Counter()
    for line in unpack(packed, width, height, step):
        colors.update(zip(line[0::step], line[1::step], line[2::step]))
    return width, height, {"#%02x%02x%02x" % color: n for color, n in colors.items()}
