"""Writes TIFF files with old-style JPEG (compression 6; TIFF 6.0, section 22), which libtiff reads
but does not write, out of JPEG streams of the baseline process.
"""

import struct

import tiff_writer as tw

START, END, SCAN, QUANTISATION, HUFFMAN, RESTARTS = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD


class Stream:
    """A JPEG stream taken apart: its segments up to the scan, whole, and the data of its only scan."""

    def __init__(self, data):
        self.whole = data
        self.segments = []  # (marker, content)
        at = 2
        while not self.segments or self.segments[-1][0] != SCAN:
            assert data[at] == 0xFF
            (length,) = struct.unpack_from(">H", data, at + 2)
            self.segments.append((data[at + 1], data[at + 4 : at + 2 + length]))
            at += 2 + length
        self.scan_at = at
        assert data[-2:] == bytes([0xFF, END])
        self.scan = data[at:-2]

    def contents(self, marker):
        return b"".join(content for of, content in self.segments if of == marker)

    def header(self):
        return self.whole[: self.scan_at]

    def quantisation(self):
        """slot: 64 bytes"""
        tables = self.contents(QUANTISATION)
        return {tables[i]: tables[i + 1 : i + 65] for i in range(0, len(tables), 65)}

    def huffman(self):
        """(class, slot): 16 counts and the values"""
        tables, found, at = self.contents(HUFFMAN), {}, 0
        while at < len(tables):
            size = 16 + sum(tables[at + 1 : at + 17])
            found[tables[at] >> 4, tables[at] & 15] = tables[at + 1 : at + 1 + size]
            at += 1 + size
        return found

    def intervals(self):
        """The scan data between its restart markers."""
        parts, start, at = [], 0, 0
        while at < len(self.scan):
            if self.scan[at] == 0xFF and 0xD0 <= self.scan[at + 1] <= 0xD7:
                parts.append(self.scan[start:at])
                start = at = at + 2
            else:
                at += 1
        return parts + [self.scan[start:]]


class OldJpegWriter(tw.Writer):
    """One directory. `attached`, {tag: [bytes, ...]}, are bytes that tags point to (513, 519 to 521). Tag
    514 follows from 513.
    """

    def write_old_jpeg(self, path, tags, blocks, tiled, attached):
        self.attached = attached
        self.write(path, [tw.Directory(tags, blocks, tiled)])

    def add_directory(self, directory):
        places = {}
        for tag, values in self.attached.items():
            offsets = []
            for value in values:
                if id(value) not in places:
                    self.align()
                    places[id(value)] = len(self.out)
                    self.out += value
                offsets.append(places[id(value)])
            directory.tags[tag] = (tw.LONG, offsets)
            if tag == 513:
                directory.tags[514] = (tw.LONG, [len(value) for value in values])
        return super().add_directory(directory)


def table_tags(streams, slots):
    """Tags 519 to 521 for components that take the tables of these slots of (their) streams."""
    picked = {519: [], 520: [], 521: []}
    for stream, slot in zip(streams, slots):
        picked[519].append(stream.quantisation()[slot])
        picked[520].append(stream.huffman()[0, slot])
        picked[521].append(stream.huffman()[1, slot])
    return picked
