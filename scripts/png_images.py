"""The PNG files that the tests read, with the pixels they were made from."""

import struct
import zlib

import numpy

from image_kit import photo
from jpeg_images import averaged, TILE

PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(samples, bits):
    """Rows of samples (height, width * channels) as PNG stores them, each behind filter type 0."""
    height = samples.shape[0]
    if bits == 16:
        rows = samples.astype(">u2").view(numpy.uint8).reshape(height, -1)
    elif bits == 8:
        rows = samples.astype(numpy.uint8)
    else:
        planes = (samples[:, :, None] >> numpy.arange(bits - 1, -1, -1)) & 1
        rows = numpy.packbits(planes.reshape(height, -1).astype(numpy.uint8), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def png(samples, colour, bits, interlaced=False, chunks=b""):
    height, width = samples.shape[:2]
    samples = samples.reshape(height, width, -1)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    parts = [(0, 0, 1, 1)] if not interlaced else PASSES
    data = b""
    for x, y, across, down in parts:
        part = samples[y::down, x::across]
        if part.size:
            data += packed(part.reshape(part.shape[0], -1), bits)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", zlib.compress(data, 1)) + chunk(b"IEND", b"")


def shrunk(pixels, factor, alpha):
    """Means of blocks; colours are weighed by their alpha."""
    if not alpha or factor == 1:
        return averaged(pixels, factor) if factor > 1 else pixels
    opacity = pixels[:, :, -1:].astype(numpy.int64)
    height, width = pixels.shape[:2]
    rows, columns = numpy.arange(0, height, factor), numpy.arange(0, width, factor)
    total = lambda a: numpy.add.reduceat(numpy.add.reduceat(a, rows, 0), columns, 1)
    weight = total(opacity)
    colour = numpy.rint(total(pixels[:, :, :-1] * opacity) / numpy.maximum(weight, 1))
    return numpy.concatenate([colour, averaged(pixels[:, :, -1:], factor)], axis=2).astype(pixels.dtype)


def add(images, name, data, pixels, alpha=False, turn=lambda pixels: pixels):
    images.path(name).write_bytes(data)
    level = 0
    while True:
        images.expect(name, level, turn(shrunk(pixels, 1 << level, alpha)))
        if max(-(-pixels.shape[0] // (1 << level)), -(-pixels.shape[1] // (1 << level))) <= TILE:
            return
        level += 1


def seen(values, bits):
    """Fewer than 8 bits rounded to the nearest of 256, others as they are."""
    if bits == 16:
        return values.astype(numpy.uint16)
    most = (1 << bits) - 1
    return ((values.astype(numpy.int64) * 510 + most) // (2 * most)).astype(numpy.uint8)


def png_files(images, width=301, height=277):
    random = numpy.random.default_rng(1)
    rgb = photo("coffee.jpg", width, height)
    alpha = photo("chelsea.jpg", width, height)[:, :, :1]
    colours = random.integers(0, 256, (256, 3), dtype=numpy.uint8)
    opacities = random.integers(0, 256, 100, dtype=numpy.uint8)
    for interlaced in (False, True):
        suffix = "interlaced" if interlaced else "plain"
        for bits in (1, 2, 4, 8, 16):
            samples = random.integers(0, 1 << bits, (height, width, 1))
            grey = seen(samples, bits)
            add(images, f"png_grey{bits}_{suffix}.png", png(samples, GREY, bits, interlaced), grey)
            key = int(samples[0, 0, 0])
            opaque = 65535 if bits == 16 else 255
            keyed = numpy.concatenate([grey, numpy.where(samples == key, 0, opaque).astype(grey.dtype)], axis=2)
            transparent = chunk(b"tRNS", struct.pack(">H", key))
            add(images, f"png_key{bits}_{suffix}.png", png(samples, GREY, bits, interlaced, transparent), keyed, True)
        for bits in (1, 2, 4, 8):
            indices = random.integers(0, 1 << bits, (height, width, 1))
            palette = chunk(b"PLTE", colours[: 1 << bits].tobytes())
            plain = colours[indices[:, :, 0]]
            add(images, f"png_palette{bits}_{suffix}.png", png(indices, PALETTE, bits, interlaced, palette), plain)
            some = opacities[: 1 << bits]
            all_opacities = numpy.full(256, 255, numpy.uint8)
            all_opacities[: len(some)] = some
            clear = numpy.concatenate([plain, all_opacities[indices]], axis=2)
            chunks = palette + chunk(b"tRNS", some.tobytes())
            add(images, f"png_clear{bits}_{suffix}.png", png(indices, PALETTE, bits, interlaced, chunks), clear, True)
        for name, colour, samples in (
            ("rgb", RGB, rgb),
            ("rgba", RGBA, numpy.concatenate([rgb, alpha], axis=2)),
            ("grey_alpha", GREY_ALPHA, numpy.concatenate([rgb[:, :, :1], alpha], axis=2)),
        ):
            has_alpha = colour != RGB
            add(images, f"png_{name}8_{suffix}.png", png(samples, colour, 8, interlaced), samples, has_alpha)
            wide = samples.astype(numpy.int64) * 256 + random.integers(0, 256, samples.shape)
            add(images, f"png_{name}16_{suffix}.png", png(wide, colour, 16, interlaced), seen(wide, 16), has_alpha)
    for size in ((1, 1), (1, 1000), (1000, 1), (7, 5)):
        pixels = photo("chelsea.jpg", *size)
        add(images, f"png_{size[0]}x{size[1]}.png", png(pixels, RGB, 8, True), pixels)
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    data = png(rgb, RGB, 8, chunks=chunk(b"eXIf", exif))
    add(images, "png_oriented_6.png", data, rgb, turn=lambda pixels: numpy.rot90(pixels, -1))
    extras = chunk(b"pHYs", struct.pack(">IIB", 11811, 5906, 1)) + chunk(b"tEXt", b"Title\0A title")
    images.path("png_texts.png").write_bytes(png(rgb, RGB, 8, chunks=extras))
    for name in ("plain", "interlaced"):
        images.path(f"small_{name}.png").write_bytes(png(rgb[:9, :13], RGB, 8, name == "interlaced"))
