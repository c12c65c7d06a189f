"""TIFF files whose blocks hold fewer pixels than they should, or more, and files of all kinds that are cut off.

Where it is certain what must be shown it is in the list of expected pixels: what the data hold, and white (of
bilevel images) or grey in place of the rest. Of the others it only matters that they show nothing else.
"""

import io
import struct
import zlib

import numpy
from PIL import Image

import tiff_writer as tw
from image_kit import gradient, photo, run
from png_images import RGB, chunk, png

CODECS = ("none", "lzw", "lzw:2", "zip", "zip:2", "packbits", "lzma", "zstd", "zstd:2", "lerc", "jpeg")
BILEVEL_CODECS = ("g3", "g3:2d", "g3:fill", "g4", "jbig", "lzw", "zip", "packbits")
GREY = 128


def read_directory(path):
    """The tags and blocks of the first directory of a little-endian classic TIFF."""
    data = path.read_bytes()
    at = struct.unpack_from("<I", data, 4)[0]
    tags = {}
    for entry in range(struct.unpack_from("<H", data, at)[0]):
        number, kind, count = struct.unpack_from("<HHI", data, at + 2 + 12 * entry)
        size = count * tw.WIDTHS[kind]
        place = at + 10 + 12 * entry
        if size > 4:
            place = struct.unpack_from("<I", data, place)[0]
        if kind in tw.FORMATS:
            tags[number] = (kind, list(struct.unpack_from(f"<{count}{tw.FORMATS[kind]}", data, place)))
        elif kind in (tw.BYTE, tw.ASCII, tw.UNDEFINED):
            tags[number] = (kind, data[place : place + size])
    tiled = 324 in tags
    offsets, lengths = (tags.pop(number)[1] for number in ((324, 325) if tiled else (273, 279)))
    return tags, [data[offset : offset + length] for offset, length in zip(offsets, lengths)], tiled


def damaged_blocks(blocks):
    """name: the blocks, each of them damaged in that way"""
    return {
        "half": [block[: len(block) // 2] for block in blocks],
        "end": [block[: max(1, len(block) - 5)] for block in blocks],
        "head": [block[:12] for block in blocks],
        "zeros": [block[: len(block) // 3].ljust(len(block), b"\0") for block in blocks],
        "sparse": [None if i % 2 else block for i, block in enumerate(blocks)],
    }


def recoded(images):
    """Blocks as libtiff codes them, then cut off, or taken for larger or smaller ones."""
    rgb, grey = photo("coffee.jpg", 64, 64), gradient(64, 64)
    deep = grey.astype(numpy.uint16) * 15
    sources = {
        "rgb": (tw.directory_of(rgb, 2, block=(16, 16)), (*CODECS, "webp")),
        "grey": (tw.directory_of(grey, 1, block=(16, 16)), CODECS),
        "planes": (tw.directory_of(rgb, 2, block=(16, 16), separate=True), ("none", "lzw", "zip:2", "zstd")),
        "sixteen": (tw.directory_of(deep, 1, block=(16, 16), bits=16), ("none", "lzw:2", "zip:2", "zstd", "lerc")),
        "twelve": (tw.directory_of(deep, 1, block=(16, 16), bits=12), ("none", "lzw", "zip", "packbits")),
        "four": (tw.directory_of(grey // 16, 1, block=(16, 16), bits=4), ("none", "lzw", "zip", "packbits")),
        "white0": (tw.directory_of(grey // 128, 0, block=(0, 64), tiled=False, bits=1), BILEVEL_CODECS),
        "black0": (tw.directory_of(grey // 128, 1, block=(0, 64), tiled=False, bits=1), BILEVEL_CODECS),
    }
    for kind, (directory, codecs) in sources.items():
        plain = images.path(f"short_{kind}.tif")
        tw.Writer().write(plain, [directory])
        for codec in codecs:
            whole = images.path("short_whole.tif")
            layout = ["-t", "-w", "16", "-l", "16"] if directory.tiled else ["-s", "-r", "64" if codec == "jbig" else "16"]
            planes = ["-p", "separate"] if kind == "planes" else []
            run("tiffcp", "-c", codec, *layout, *planes, plain, whole)
            tags, blocks, tiled = read_directory(whole)
            name = f"short_{kind}_{codec.replace(':', '')}"
            for damage, damaged in damaged_blocks(blocks).items():
                images.write(f"{name}_{damage}.tif", [tw.Directory(tags, damaged, tiled)])
            # Of the tiles of 16x16 a quarter are taken for tiles of 32x32, and all for tiles of 16x8.
            sides = ((32, 32), (16, 8)) if tiled else ((0, 64), (0, 32), (0, 8))
            for width, height in sides:
                other = dict(tags)
                if tiled:
                    other.update({322: (tw.LONG, [width]), 323: (tw.LONG, [height])})
                else:
                    other[278] = (tw.LONG, [height])
                images.write(f"{name}_{width}x{height}.tif", [tw.Directory(other, blocks * 8, tiled)])
            whole.unlink()


def fax(images):
    """Data that end at once, or are of zeros only: what was coded of them, if anything, is white."""
    streams = {
        "g4_end": (4, bytes([0x80, 0, 0, 0, 0, 0, 0, 0])),
        "g4_zeros": (4, bytes(64)),
        "g3_zeros": (3, bytes(64)),
        "rle_zeros": (2, bytes(64)),
        "rlew_zeros": (32771, bytes(64)),
    }
    for name, (scheme, stream) in streams.items():
        for photometric in (0, 1):
            pixels = numpy.zeros((256, 96, 1), numpy.uint8)
            tags = tw.image_tags(pixels, photometric, scheme, (96, 128), False, bits=1)
            file = f"short_fax_{name}_{photometric}.tif"
            images.write(file, [tw.Directory(tags, [stream, stream + b"\0"], False)])
            if photometric == 0 and name == "g4_end":
                images.expect(file, 0, pixels + 255)
    # One line of 96 white pixels, by a header that says one line.
    header = bytes([0, 0, 1, 0]) + struct.pack(">III", 96, 1, 1) + bytes([0, 0, 0, 0])
    stream = bytes(int(f"{byte:08b}"[::-1], 2) for byte in header + bytes([0, 0, 0xFF, 2]))
    for photometric in (0, 1):
        pixels = numpy.zeros((256, 96, 1), numpy.uint8)
        tags = tw.image_tags(pixels, photometric, 34661, (96, 256), False, bits=1)
        images.write(f"short_jbig_line_{photometric}.tif", [tw.Directory(tags, [stream], False)])


def coded(pixels, kind, **options):
    out = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(out, kind, **options)
    return out.getvalue()


def pictures_in_tiles(images):
    """JPEG and WebP pictures of 16x16, or of another shape, in tiles of 128x128."""
    for channels in (1, 3):
        pixels = photo("coffee.jpg", 200, 200)[:, :, :channels]
        for width, height in ((16, 16), (128, 16), (16, 128), (200, 200), (128, 136)):
            for kind, scheme, options in (("JPEG", 7, {"subsampling": 0}), ("JPEG", 7, {"subsampling": 2}),
                                          ("JPEG", 7, {"progressive": True}), ("WEBP", 50001, {})):
                if kind == "WEBP" and channels == 1:
                    continue
                stream = coded(pixels[:height, :width], kind, **options)
                photometric = 1 if channels == 1 else 6 if kind == "JPEG" else 2
                seen = numpy.full((128, 128, channels), GREY, numpy.uint8)
                tags = tw.image_tags(seen, photometric, scheme, (128, 128), True)
                if photometric == 6:
                    tags[530] = (tw.SHORT, [2, 2] if options.get("subsampling") else [1, 1])
                name = f"short_{kind.lower()}_{channels}_{width}x{height}_{'_'.join(options)}"
                name += f"{options.get('subsampling', '')}"
                images.write(f"{name}.tif", [tw.Directory(tags, [stream], True)])
                images.write(f"{name}_cut.tif", [tw.Directory(tags, [stream[: len(stream) * 2 // 3]], True)])
                if kind == "JPEG" and max(width, height) <= 128 and options.get("subsampling") == 0:
                    decoded = numpy.asarray(Image.open(io.BytesIO(stream)))
                    seen[:height, :width] = decoded.reshape(height, width, channels)
                    images.expect(f"{name}.tif", 0, seen)


def deflate(images):
    """Streams of stored pieces, longer than the tile and shorter."""
    for name, samples, bits, tags in (("rgb", 3, 8, {}), ("grey", 1, 8, {}), ("predicted", 3, 8, {317: (tw.SHORT, [2])}),
                                      ("deep", 1, 16, {317: (tw.SHORT, [2])})):
        pixels = numpy.zeros((128, 128, samples), numpy.uint16 if bits == 16 else numpy.uint8)
        whole = 128 * 128 * samples * bits // 8
        for more in (-1000, 1000, 10000):
            stream = zlib.compress((b"\x91\x13\x77" * whole)[: whole + more], 0)
            for scheme in (8, 32946):
                all_tags = {**tw.image_tags(pixels, 2 if samples == 3 else 1, scheme, (128, 128), True, bits=bits), **tags}
                for order in (False, True):
                    file = f"short_stored_{name}_{more}_{scheme}_{'be' if order else 'le'}.tif"
                    images.write(file, [tw.Directory(all_tags, [stream], True)], big_endian=order)


def little_codecs(images):
    """ThunderScan, NeXT, PixarLog and the logarithms of SGI: arbitrary bytes, a few."""
    data = bytes((37 * i + i * i // 5) % 256 for i in range(600))
    for name, scheme, bits, photometric, samples in (
        ("thunder", 32809, 4, 1, 1), ("next", 32766, 2, 1, 1), ("pixar", 32909, 8, 2, 3), ("sgi", 34676, 16, 32845, 3),
        ("sgi24", 34677, 16, 32845, 3), ("sgi_grey", 34676, 16, 32844, 1),
    ):
        pixels = numpy.zeros((64, 64, samples), numpy.uint16 if bits == 16 else numpy.uint8)
        tags = tw.image_tags(pixels, photometric, scheme, (64, 64), False, bits=bits)
        for stream, block in (("bytes", data), ("zeros", bytes(600)), ("few", data[:20]), ("deflated", zlib.compress(data))):
            images.write(f"short_{name}_{stream}.tif", [tw.Directory(tags, [block], False)])


def cut_files(images):
    """Pictures of other formats that end early, PNG also within a stream that its chunk holds whole."""
    rgb = photo("astronaut.jpg", 150, 110)
    pictures = {
        "baseline.jpg": coded(rgb, "JPEG"),
        "progressive.jpg": coded(rgb, "JPEG", progressive=True),
        "grey.jpg": coded(rgb[:, :, 0], "JPEG", progressive=True),
        "plain.png": coded(rgb, "PNG"),
        "two_bits.png": coded(rgb[:, :, 0] // 64, "PNG", bits=2),
        "interlaced.png": png(rgb, RGB, 8, interlaced=True),
        "interlaced_deep.png": png(rgb.astype(numpy.uint16) * 257, RGB, 16, interlaced=True),
    }
    for name, data in pictures.items():
        stem, suffix = name.split(".")
        for part in (30, 60, 90, 99):
            images.path(f"short_{stem}_{part}.{suffix}").write_bytes(data[: len(data) * part // 100])
            zeroed = data[: len(data) * part // 100].ljust(len(data), b"\0")
            images.path(f"short_{stem}_{part}_zeros.{suffix}").write_bytes(zeroed)
    for interlaced in (False, True):
        whole = png(rgb, RGB, 8, interlaced)
        start = whole.index(b"IDAT") - 4
        length = struct.unpack_from(">I", whole, start)[0]
        lines = zlib.decompress(whole[start + 8 : start + 8 + length])
        for part in (0, 40, 95):
            piece = chunk(b"IDAT", zlib.compress(lines[: len(lines) * part // 100]))
            name = f"short_lines{part}_{'interlaced' if interlaced else 'plain'}.png"
            images.path(name).write_bytes(whole[:start] + piece + whole[start + 12 + length :])


def short_files(images):
    for part in (recoded, fax, pictures_in_tiles, deflate, little_codecs, cut_files):
        part(images)
