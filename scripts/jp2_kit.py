"""How JPEG 2000 files are taken apart and put together, and what opj_decompress makes of them."""

import struct

import numpy
from PIL import Image

from image_kit import run

TILE = 256


def ceil_div(value, divisor):
    return -(-value // divisor)


def to_pixels(values, bits, signed=False, depth=None):
    """The nearest steps of a depth, their own unless another is given; of a byte where that is below 8."""
    most, white = (1 << bits) - 1, (1 << max(depth or bits, 8)) - 1
    values = values.astype(numpy.int64) + ((1 << (bits - 1)) if signed else 0)
    return ((values * white + most // 2) // most).astype(numpy.uint8 if white == 255 else numpy.uint16)


def levels_of(size, decompositions, offset=(0, 0)):
    """The sizes of the codestream's resolutions."""
    width, height = size
    x, y = offset
    return [(ceil_div(x + width, 1 << r) - ceil_div(x, 1 << r), ceil_div(y + height, 1 << r) - ceil_div(y, 1 << r))
            for r in range(decompositions + 1)]


def halved(pixels, times):
    """Means of squares of 2^times pixels, of fewer at the far edges; halves to even."""
    side = 1 << times
    height, width, channels = pixels.shape
    rows, columns = numpy.arange(0, height, side), numpy.arange(0, width, side)
    sums = numpy.add.reduceat(numpy.add.reduceat(pixels.astype(numpy.int64), rows, 0), columns, 1)
    down = numpy.minimum(rows + side, height) - rows
    across = numpy.minimum(columns + side, width) - columns
    count = (down[:, None] * across[None, :])[:, :, None]
    return numpy.rint(sums / count).astype(pixels.dtype)


def decoded(path, reduce, sizes, bits, signed, layers=0):
    """The components that opj_decompress writes; `sizes` are theirs."""
    raw = path.with_name(f"{path.name}.{reduce}.{layers}.rawl")
    run("opj_decompress", "-i", path, "-o", raw, "-r", reduce, "-l", layers)
    values = numpy.frombuffer(raw.read_bytes(), "u1" if bits <= 8 else "<u2").astype(numpy.int64)
    if signed:
        # Only the bits of the sample are written.
        values = (values + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))
    raw.unlink()
    planes = []
    for width, height in sizes:
        planes.append(values[:width * height].reshape(height, width))
        values = values[width * height:]
    assert values.size == 0, path
    return planes


def source_pnm(images, name, pixels):
    path = images.path(name)
    Image.fromarray(pixels.squeeze()).save(path, format="PPM")
    return path


def source_raw(images, name, planes, bits):
    path = images.path(name)
    path.write_bytes(b"".join(plane.astype("u1" if bits <= 8 else ">u2").tobytes() for plane in planes))
    return path


def expect_levels(images, name, levels):
    """And the halvings of the smallest, down to a tile."""
    for number, pixels in enumerate(levels):
        images.expect(name, number, pixels)
    height, width = levels[-1].shape[:2]
    for times in range(1, 32):
        if max(width, height) <= TILE:
            return
        width, height = ceil_div(width, 2), ceil_div(height, 2)
        images.expect(name, len(levels) + times - 1, halved(levels[-1], times))


def decoded_levels(images, name, size, decompositions, components=3, bits=8, signed=False, offset=(0, 0)):
    levels = []
    for reduce, level in enumerate(levels_of(size, decompositions, offset)):
        planes = decoded(images.path(name), reduce, [level] * components, bits, signed)
        levels.append(numpy.stack([to_pixels(plane, bits, signed) for plane in planes], axis=2))
    return levels


def expect_decoded(images, name, *what):
    expect_levels(images, name, decoded_levels(images, name, *what))


def box(kind, *content):
    content = b"".join(content)
    return struct.pack(">I", len(content) + 8) + kind + content


def wrap(codestream, size, components, *header_boxes, more=b""):
    """A JP2 file by hand, for what opj_compress does not write."""
    width, height = size
    return (box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ") +
            box(b"jp2h", box(b"ihdr", struct.pack(">IIHBBBB", height, width, components, 7, 7, 0, 0)), *header_boxes) +
            more + box(b"jp2c", codestream))


def enumerated(space):
    return box(b"colr", bytes([1, 0, 0]), struct.pack(">I", space))


def segments(codestream):
    """(marker, content) of the main header, then the data of the only tile-part."""
    at, found = 2, []
    while True:
        marker, length = struct.unpack_from(">HH", codestream, at)
        if marker == 0xFF90:
            break
        found.append((marker, codestream[at + 4:at + 2 + length]))
        at += 2 + length
    length = struct.unpack_from(">I", codestream, at + 6)[0]
    start = codestream.index(b"\xff\x93", at) + 2
    return found, codestream[start:at + length]


def segment(marker, content):
    return struct.pack(">HH", marker, len(content) + 2) + content


def join_components(codestreams, size, offset, steps, depths=None):
    """One codestream out of several with a component each: in CPRL, packets simply follow."""
    parts = [segments(codestream) for codestream in codestreams]
    end = (offset[0] + size[0], offset[1] + size[1])
    siz = struct.pack(">HIIIIIIIIH", 0, *end, *offset, *end, 0, 0, len(parts))
    siz += b"".join(struct.pack(">BBB", bits - 1, *step) for bits, step in zip(depths or [8] * len(steps), steps))
    others = b"".join(segment(marker, content) for marker, content in parts[0][0] if marker in (0xFF52, 0xFF5C))
    for number, (header, _) in enumerate(parts[1:], 1):  # QCC
        others += b"".join(segment(0xFF5D, bytes([number]) + content) for marker, content in header if marker == 0xFF5C)
    data = b"".join(body for _, body in parts)
    sot = struct.pack(">HHHIBB", 0xFF90, 10, 0, len(data) + 14, 0, 1)
    return b"\xff\x4f" + segment(0xFF51, siz) + others + sot + b"\xff\x93" + data + b"\xff\xd9"
