"""Writes TIFF files tag by tag, for tests: any byte order, classic or BigTIFF, any directory layout.

It shares nothing with the reader under test and nothing with libtiff, so it can also write what
libtiff would refuse to.
"""

import struct
import zlib

import numpy

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SSHORT, SLONG, SRATIONAL = 1, 2, 3, 4, 5, 7, 8, 9, 10
FLOAT, DOUBLE, IFD, LONG8 = 11, 12, 13, 16
WIDTHS = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, SSHORT: 2, SLONG: 4, SRATIONAL: 8}
WIDTHS.update({FLOAT: 4, DOUBLE: 8, IFD: 4, LONG8: 8})
FORMATS = {SHORT: "H", LONG: "I", SSHORT: "h", SLONG: "i", FLOAT: "f", DOUBLE: "d", IFD: "I", LONG8: "Q"}


class Directory:
    """One directory: tags {number: (type, values)}, and the blocks its offsets point to.

    `children` become SubIFDs. A block that is None is sparse (offset and length 0). A tag whose value is a directory
    points to it.
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
        if kind in (RATIONAL, SRATIONAL):
            flat = [part for value in values for part in value]
            return struct.pack(f"{self.order}{len(flat)}{'I' if kind == RATIONAL else 'i'}", *flat)
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

        for number, value in tags.items():
            if isinstance(value, Directory):
                tags[number] = (place, [self.add_directory(value)[0]])

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


def stored(samples, bits, order="<"):
    """Rows of numbers (height, samples in a row) as TIFF stores them."""
    kind = samples.dtype.kind
    if bits == 24:
        if kind == "f":
            samples = float_24(samples)
        whole = samples.astype(numpy.int64).astype(order + "i8").view(numpy.uint8).reshape(*samples.shape, 8)
        return numpy.ascontiguousarray(whole[..., :3] if order == "<" else whole[..., 5:]).tobytes()
    if bits in (8, 16, 32, 64):
        return samples.astype(f"{order}{kind}{bits // 8}").tobytes()
    places = (samples.astype(numpy.int64)[:, :, None] >> numpy.arange(bits - 1, -1, -1)) & 1
    return numpy.packbits(places.reshape(samples.shape[0], -1).astype(numpy.uint8), axis=1).tobytes()


def float_24(values):
    """The bits of floats of 7 bits of exponent and 16 of fraction, of numbers that fit."""
    bits = values.astype("<f4").view("<u4").astype(numpy.int64)
    sign, exponent, fraction = bits >> 31, bits >> 23 & 255, bits & 0x7FFFFF
    special = exponent == 255
    normal = (exponent > 127 - 63) & (exponent < 127 + 64)
    assert numpy.all((fraction & 127) == 0) and numpy.all(normal | special | (bits & 0x7FFFFFFF == 0))
    narrow = numpy.where(special, 127, numpy.where(normal, exponent - 64, 0))
    return sign << 23 | narrow << 16 | fraction >> 7


def image_tags(pixels, photometric, scheme, block, tiled, separate=False, bits=8):
    height, width, samples = pixels.shape
    tags = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [bits] * samples),
        259: (SHORT, [scheme]),
        262: (SHORT, [photometric]),
        277: (SHORT, [samples]),
        284: (SHORT, [2 if separate else 1]),
    }
    if pixels.dtype.kind in "if":
        tags[339] = (SHORT, [2 if pixels.dtype.kind == "i" else 3] * samples)
    if tiled:
        tags.update({322: (LONG, [block[0]]), 323: (LONG, [block[1]])})
    else:
        tags[278] = (LONG, [block[1]])
    return tags


def directory_of(
    pixels, photometric, scheme=1, block=(64, 64), tiled=True, separate=False, tags=(), children=(), bits=8, order="<"
):
    """A directory that holds `pixels` ([height, width, samples]) as they are.

    What they are, unsigned, signed or floats, says their type; in how many bits, `bits`. `order` is that of the
    writer.
    """
    width, samples = pixels.shape[1:]
    block = block if tiled else (width, block[1])
    planes = [pixels[:, :, i : i + 1] for i in range(samples)] if separate else [pixels]
    blocks = []
    for plane in planes:
        for part in cut(plane, *block, tiled):
            data = stored(part.reshape(part.shape[0], -1), bits, order)
            blocks.append(compress(data, scheme, len(data) // part.shape[0]))
    all_tags = image_tags(pixels, photometric, scheme, block, tiled, separate, bits)
    all_tags.update(dict(tags))
    return Directory(all_tags, blocks, tiled, children)
