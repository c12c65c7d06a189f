"""Writes TIFF files tag by tag, for tests: any byte order, classic or BigTIFF, any directory layout.

It shares nothing with the reader under test and nothing with libtiff, so it can also write what
libtiff would refuse to.
"""

import struct
import zlib

import numpy

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, DOUBLE, IFD, LONG8 = 1, 2, 3, 4, 5, 7, 12, 13, 16
WIDTHS = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, DOUBLE: 8, IFD: 4, LONG8: 8}
FORMATS = {SHORT: "H", LONG: "I", DOUBLE: "d", IFD: "I", LONG8: "Q"}


class Directory:
    """One directory: tags {number: (type, values)}, and the blocks its offsets point to.

    `children` become SubIFDs. A block that is None is sparse (offset and length 0).
    """

    def __init__(self, tags, blocks, tiled=True, children=()):
        self.tags = dict(tags)
        self.blocks = blocks
        self.tiled = tiled
        self.children = list(children)


class Writer:
    def __init__(self, big_endian=False, big_tiff=False):
        self.order = ">" if big_endian else "<"
        self.big_tiff = big_tiff
        self.out = bytearray()

    def pack(self, kind, values):
        if kind in (BYTE, ASCII, UNDEFINED):
            return bytes(values)
        if kind == RATIONAL:
            flat = [part for value in values for part in value]
            return struct.pack(f"{self.order}{len(flat)}I", *flat)
        return struct.pack(f"{self.order}{len(values)}{FORMATS[kind]}", *values)

    def align(self):
        if len(self.out) % 2:
            self.out += b"\0"

    def add_directory(self, directory):
        """Writes blocks, values and entries; returns the offsets of the entries and of `next`."""
        offsets, lengths = [], []
        written = {}  # a block that is listed twice is written once
        for block in directory.blocks:
            if block is not None and id(block) not in written:
                self.align()
                written[id(block)] = len(self.out)
                self.out += block
            offsets.append(0 if block is None else written[id(block)])
            lengths.append(0 if block is None else len(block))
        tags = dict(directory.tags)
        place = LONG8 if self.big_tiff else LONG
        if directory.blocks:
            tags[324 if directory.tiled else 273] = (place, offsets)
            tags[325 if directory.tiled else 279] = (place, lengths)
        if directory.children:
            kind = LONG8 if self.big_tiff else IFD
            tags[330] = (kind, [self.add_directory(child)[0] for child in directory.children])

        word = 8 if self.big_tiff else 4
        letter = "Q" if self.big_tiff else "I"
        entries = b""
        for number in sorted(tags):
            kind, values = tags[number]
            packed = self.pack(kind, values)
            if len(packed) <= word:
                field = packed.ljust(word, b"\0")
            else:
                self.align()
                field = struct.pack(self.order + letter, len(self.out))
                self.out += packed
            count = len(packed) // WIDTHS[kind]
            entries += struct.pack(f"{self.order}HH{letter}", number, kind, count) + field
        self.align()
        at = len(self.out)
        self.out += struct.pack(self.order + ("Q" if self.big_tiff else "H"), len(tags)) + entries
        next_at = len(self.out)
        self.out += b"\0" * word
        return at, next_at

    def write(self, path, directories):
        mark = b"MM" if self.order == ">" else b"II"
        self.out = bytearray(mark)
        if self.big_tiff:
            self.out += struct.pack(self.order + "HHHQ", 43, 8, 0, 0)
            link, letter = 8, "Q"
        else:
            self.out += struct.pack(self.order + "HI", 42, 0)
            link, letter = 4, "I"
        for directory in directories:
            at, next_at = self.add_directory(directory)
            struct.pack_into(self.order + letter, self.out, link, at)
            link = next_at
        with open(path, "wb") as file:
            file.write(self.out)


def packbits(data, row_bytes):
    """PackBits with literal runs and repeats, row by row as TIFF asks."""
    out = bytearray()
    for start in range(0, len(data), row_bytes):
        row = data[start : start + row_bytes]
        at = 0
        while at < len(row):
            run = 1
            while at + run < len(row) and run < 128 and row[at + run] == row[at]:
                run += 1
            if run > 1:
                out += bytes([257 - run, row[at]])
                at += run
                continue
            end = at + 1
            while end < len(row) and end - at < 128 and (end + 1 >= len(row) or row[end] != row[end + 1]):
                end += 1
            out += bytes([end - at - 1]) + row[at:end]
            at = end
    return bytes(out)


def compress(data, scheme, row_bytes):
    if scheme == 1:
        return data
    if scheme in (8, 32946):
        return zlib.compress(data)
    if scheme == 32773:
        return packbits(data, row_bytes)
    raise ValueError(scheme)


def cut(pixels, block_width, block_height, tiled):
    """Blocks of an array [height, width, samples], tiles padded by repeating the edge."""
    height, width = pixels.shape[:2]
    for y in range(0, height, block_height):
        for x in range(0, width, block_width):
            block = pixels[y : y + block_height, x : x + block_width]
            if tiled:
                missing = (block_height - block.shape[0], block_width - block.shape[1])
                padding = ((0, missing[0]), (0, missing[1]), (0, 0))
                block = numpy.pad(block, padding, mode="edge")
            yield block


def image_tags(pixels, photometric, scheme, block, tiled, separate=False):
    height, width, samples = pixels.shape
    tags = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [8] * samples),
        259: (SHORT, [scheme]),
        262: (SHORT, [photometric]),
        277: (SHORT, [samples]),
        284: (SHORT, [2 if separate else 1]),
    }
    if tiled:
        tags.update({322: (LONG, [block[0]]), 323: (LONG, [block[1]])})
    else:
        tags[278] = (LONG, [block[1]])
    return tags


def directory_of(pixels, photometric, scheme=1, block=(64, 64), tiled=True, separate=False, tags=(), children=()):
    """A directory that holds `pixels` ([height, width, samples], 8 bits) as they are."""
    width, samples = pixels.shape[1:]
    block = block if tiled else (width, block[1])
    planes = [pixels[:, :, i : i + 1] for i in range(samples)] if separate else [pixels]
    blocks = [
        compress(part.tobytes(), scheme, part.shape[1] * part.shape[2])
        for plane in planes
        for part in cut(plane, *block, tiled)
    ]
    all_tags = image_tags(pixels, photometric, scheme, block, tiled, separate)
    all_tags.update(dict(tags))
    return Directory(all_tags, blocks, tiled, children)
