#!/usr/bin/python3
"""Makes the picture files that the tests read, and the pixels that must come out of them.

    make_test_images.py FOLDER

The expected pixels never come from the code under test: for lossless files they are the numbers
the file was made from, for lossy ones what vips or Pillow decode. `manifest.txt` lists them:

    file level width height channels type tolerance expected-file

where the type is one of u8, u16, u32 and f32, and the expected file holds such numbers.

The work is done once: a stamp in FOLDER names the version of these scripts that filled it.
"""

import concurrent.futures
import hashlib
import io
import pathlib
import shutil
import subprocess
import sys

import numpy
from PIL import Image

import depth_images
import jp2_images
import jpeg_images
import old_jpeg_writer as oj
import png_images
import stack_images
import tiff_writer as tw

ROOT = pathlib.Path(__file__).resolve().parent.parent
PHOTOS = ROOT / "samples" / "photos"
COMPRESSIONS = ["none", "lzw", "lzw:2", "zip", "zip:2", "packbits", "lzma", "zstd", "lerc"]
LAYOUTS = {
    "t16": ["-t", "-w", "16", "-l", "16"],
    "t256": ["-t", "-w", "256", "-l", "256"],
    "t240x112": ["-t", "-w", "240", "-l", "112"],
    "s7": ["-s", "-r", "7"],
}
TYPES = {"uint8": "u8", "uint16": "u16", "uint32": "u32", "float32": "f32"}
ENCODINGS = {"le": ["-L"], "be": ["-B"], "big": ["-8", "-L"], "bigbe": ["-8", "-B"]}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr}")


def photo(name, width, height):
    """Part of a photograph, repeated by mirroring where it is too small."""
    pixels = numpy.asarray(Image.open(PHOTOS / name).convert("RGB"))
    rows, columns = pixels.shape[:2]
    pixels = numpy.pad(pixels, ((0, max(0, height - rows)), (0, max(0, width - columns)), (0, 0)), mode="symmetric")
    return numpy.ascontiguousarray(pixels[:height, :width])


def gradient(width, height):
    y, x = numpy.mgrid[0:height, 0:width]
    return ((x * 255 // max(1, width - 1)) ^ (y * 7 & 255)).astype(numpy.uint8)[:, :, None]


def shrink(pixels, width, height):
    """A level of its own pixels: what matters is that it is not the level above."""
    image = Image.fromarray(pixels.squeeze())
    return numpy.asarray(image.resize((width, height), Image.BOX)).reshape(height, width, -1)


def colour_map():
    """768 16-bit values that are not multiples of 257."""
    index = numpy.arange(256)
    return [int(v) for v in numpy.concatenate([index * 256 + 37, 65535 - index * 199, (index * 7919) % 65536])]


def map_to_bytes(values):
    return numpy.round(numpy.array(values).reshape(3, 256).T * 255 / 65535).astype(numpy.uint8)


class Images:
    types = TYPES

    def __init__(self, folder):
        self.folder = folder
        self.lines = []
        self.expected = {}

    def path(self, name):
        return self.folder / name

    def expect(self, name, level, pixels, tolerance=0):
        if str(pixels.dtype) not in TYPES:
            pixels = pixels.astype(numpy.uint8)
        pixels = numpy.ascontiguousarray(pixels)
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        height, width, channels = pixels.shape
        raw = pixels.tobytes()
        key = hashlib.sha256(raw).hexdigest()[:20] + ".raw"
        if key not in self.expected:
            self.expected[key] = True
            self.path(key).write_bytes(raw)
        kind = TYPES[str(pixels.dtype)]
        self.lines.append(f"{name} {level} {width} {height} {channels} {kind} {tolerance} {key}")

    def expect_by_vips(self, name, levels, option="page"):
        """What libtiff and the codec make of the file, by way of vips."""
        for level in range(levels):
            pixels = vips_pixels(self.path(name), self.level_option(level, option))
            self.expect(name, level, pixels)

    @staticmethod
    def level_option(level, option):
        return "" if level == 0 else f"[{option}={level if option == 'page' else level - 1}]"

    def write(self, name, directories, **how):
        tw.Writer(**how).write(self.path(name), directories)


def vips_pixels(path, options=""):
    portable = pathlib.Path(f"{path}.pnm")
    run("vips", "copy", f"{path}{options}", portable)
    pixels = numpy.asarray(Image.open(portable))
    portable.unlink()
    return pixels


def unpremultiply(pixels):
    alpha = pixels[:, :, -1:].astype(numpy.int64)
    colour = pixels[:, :, :-1].astype(numpy.int64)
    plain = numpy.where(alpha == 0, 0, numpy.minimum(255, (colour * 255 + alpha // 2) // numpy.maximum(alpha, 1)))
    return numpy.concatenate([plain, alpha], axis=2).astype(numpy.uint8)


def kinds(width, height):
    """name: (stored pixels, photometric, extra tags, expected pixels)"""
    rgb = photo("coffee.jpg", width, height)
    grey = gradient(width, height)
    alpha = gradient(width, height)[:, ::-1]
    rgba = numpy.concatenate([rgb, alpha], axis=2)
    premultiplied = numpy.concatenate([(rgb.astype(int) * alpha // 255).astype(numpy.uint8), alpha], axis=2)
    grey_alpha = numpy.concatenate([grey, alpha], axis=2)
    extra = lambda *values: {338: (tw.SHORT, list(values))}
    return {
        "grey": (grey, 1, {}, grey),
        "white0": (grey, 0, {}, 255 - grey),
        "rgb": (rgb, 2, {}, rgb),
        "palette": (grey, 3, {320: (tw.SHORT, colour_map())}, map_to_bytes(colour_map())[grey[:, :, 0]]),
        "rgba": (rgba, 2, extra(2), rgba),
        "rgba_associated": (premultiplied, 2, extra(1), unpremultiply(premultiplied)),
        "rgb_unspecified": (rgba, 2, extra(0), rgba),
        "grey_alpha": (grey_alpha, 1, extra(2), grey_alpha),
        "grey_unspecified": (grey_alpha, 1, extra(0), grey_alpha),
        "white0_alpha": (grey_alpha, 0, extra(2), numpy.concatenate([255 - grey, alpha], axis=2)),
        # The first of the two that are not colour is alpha: it comes out as the last.
        "five": (
            numpy.concatenate([rgba, grey], axis=2), 2, extra(2, 0), numpy.concatenate([rgb, grey, alpha], axis=2)
        ),
    }


def codec_matrix(images):
    """Every codec, layout and byte order, through tiffcp."""
    jobs = []
    for kind, (stored, photometric, tags, expected) in kinds(257, 129).items():
        base = f"base_{kind}.tif"
        images.write(base, [tw.directory_of(stored, photometric, block=(64, 32), tags=tags)])
        images.expect(base, 0, expected)
        plain = images.path(base)

        def add(name, *options):
            jobs.append(["tiffcp", *options, plain, images.path(name)])
            images.expect(name, 0, expected)

        full = kind in ("grey", "rgb", "palette", "rgba")
        for compression in COMPRESSIONS:
            for layout in LAYOUTS if full else ["t240x112"]:
                add(f"m_{kind}_{compression.replace(':', 'p')}_{layout}.tif", "-c", compression, *LAYOUTS[layout])
        for encoding, options in ENCODINGS.items():
            for compression in ("none", "zip:2"):
                name = f"e_{kind}_{compression.replace(':', 'p')}_{encoding}.tif"
                add(name, "-c", compression, *options, *LAYOUTS["t16"])
        if stored.shape[2] > 1:
            for compression in ("none", "lzw:2", "zstd"):
                for layout in ("t240x112", "s7"):
                    name = f"p_{kind}_{compression.replace(':', 'p')}_{layout}.tif"
                    add(name, "-p", "separate", "-c", compression, *LAYOUTS[layout])
    for compression in ("none", "lzw", "zip:2"):
        base = images.path("base_rgb.tif")
        name = f"f_rgb_{compression.replace(':', 'p')}_lsb.tif"
        jobs.append(["tiffcp", "-f", "lsb2msb", "-c", compression, *LAYOUTS["t16"], base, images.path(name)])
        images.expect(name, 0, kinds(257, 129)["rgb"][3])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job: run(*job), jobs))


def odd_sizes(images):
    for width, height in ((1, 1), (1, 5000), (5000, 1), (257, 513), (1000, 701)):
        rgb = photo("hubble.jpg", width, height)
        for scheme in (1, 8, 32773, 32946):
            name = f"size_{width}x{height}_{scheme}.tif"
            images.write(name, [tw.directory_of(rgb, 2, scheme, (256, 256))])
            images.expect(name, 0, rgb)
            name = f"size_{width}x{height}_{scheme}_strip.tif"
            images.write(name, [tw.directory_of(rgb, 2, scheme, (0, max(1, height // 3)), tiled=False)])
            images.expect(name, 0, rgb)
        source = images.path(f"size_{width}x{height}_1.tif")
        name = f"size_{width}x{height}_jpeg.tif"
        run("vips", "tiffsave", source, images.path(name), "--tile", "--compression", "jpeg", "--Q", "90",
            "--tile-width", "128", "--tile-height", "128")
        images.expect_by_vips(name, 1)
        name = f"size_{width}x{height}_webp.tif"
        run("vips", "tiffsave", source, images.path(name), "--tile", "--compression", "webp", "--Q", "90")
        images.expect_by_vips(name, 1)


def ycbcr_units(ycc, horizontal, vertical):
    """TIFF 6.0 section 21: for each unit its luma row by row, then Cb, then Cr."""
    height, width = ycc.shape[:2]
    ycc = numpy.pad(ycc, ((0, -height % vertical), (0, -width % horizontal), (0, 0)), mode="edge")
    rows, columns = ycc.shape[0] // vertical, ycc.shape[1] // horizontal
    units = ycc.reshape(rows, vertical, columns, horizontal, 3).transpose(0, 2, 1, 3, 4)
    luma = units[..., 0].reshape(rows, columns, -1)
    chroma = units[:, :, 0, 0, 1:]
    seen = units.copy()
    seen[..., 1:] = units[:, :, :1, :1, 1:]
    seen = seen.transpose(0, 2, 1, 3, 4).reshape(rows * vertical, columns * horizontal, 3)
    return numpy.concatenate([luma, chroma], axis=2).tobytes(), seen[:height, :width]


def ycbcr_to_rgb(ycc, coefficients, levels):
    """The arithmetic of TIFF 6.0, section 21."""
    red, green, blue = coefficients
    code = lambda i, span: (ycc[:, :, i].astype(float) - levels[2 * i]) * span / (levels[2 * i + 1] - levels[2 * i])
    y, cb, cr = code(0, 255), code(1, 127), code(2, 127)
    r = y + cr * (2 - 2 * red)
    b = y + cb * (2 - 2 * blue)
    g = (y - blue * b - red * r) / green
    return numpy.clip(numpy.floor(numpy.stack([r, g, b], axis=2) + 0.5), 0, 255).astype(numpy.uint8)


def ycbcr(images):
    rgb = photo("chelsea.jpg", 203, 117)
    ycc = numpy.asarray(Image.fromarray(rgb).convert("YCbCr"))
    full = [0, 255, 128, 255, 128, 255]
    studio = [16, 235, 128, 240, 128, 240]
    rec601, rec709 = (0.299, 0.587, 0.114), (0.2125, 0.7154, 0.0721)
    variants = {"full": (rec601, full), "studio": (rec709, studio)}
    for horizontal in (1, 2, 4):
        for vertical in (1, 2, 4):
            for variant, (coefficients, levels) in variants.items():
                for tiled, block in ((True, (48, 32)), (False, (203, 20))):
                    blocks, expected = [], numpy.zeros_like(ycc)
                    places = [(x, y) for y in range(0, 117, block[1]) for x in range(0, 203, block[0])]
                    for (x, y), part in zip(places, tw.cut(ycc, *block, tiled)):
                        data, seen = ycbcr_units(part, horizontal, vertical)
                        blocks.append(tw.compress(data, 8, 0))
                        seen = seen[: 117 - y, : 203 - x]
                        expected[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
                    tags = tw.image_tags(ycc, 6, 8, block, tiled)
                    tags[530] = (tw.SHORT, [horizontal, vertical])
                    if variant != "full":
                        tags[529] = (tw.RATIONAL, [(round(c * 10000), 10000) for c in coefficients])
                        tags[532] = (tw.RATIONAL, [(v, 1) for v in levels])
                    name = f"ycc_{horizontal}{vertical}_{variant}_{'tile' if tiled else 'strip'}.tif"
                    images.write(name, [tw.Directory(tags, blocks, tiled)])
                    # 1: values that fall between two bytes may be rounded either way.
                    images.expect(name, 0, ycbcr_to_rgb(expected, coefficients, levels), 1)
    name = "ycc_separate.tif"
    images.write(name, [tw.directory_of(ycc, 6, 8, (64, 64), separate=True, tags={530: (tw.SHORT, [1, 1])})])
    images.expect(name, 0, ycbcr_to_rgb(ycc, rec601, full), 1)


def jpeg_bytes(block, mode, **options):
    out = io.BytesIO()
    Image.fromarray(block.squeeze(), mode).save(out, "JPEG", **{"quality": 85, **options})
    return out.getvalue()


def decoded_mosaic(blocks, width, height, block, channels):
    """What Pillow's libjpeg makes of each JPEG, put together and cut to the image."""
    out = numpy.zeros((height, width, channels), numpy.uint8)
    places = [(x, y) for y in range(0, height, block[1]) for x in range(0, width, block[0])]
    for (x, y), data in zip(places, blocks):
        pixels = numpy.asarray(Image.open(io.BytesIO(data))).reshape(-1, block[0], channels)
        pixels = pixels[: height - y, : width - x]
        out[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    return out


def jpeg_matrix(images):
    rgb, grey = photo("astronaut.jpg", 500, 333), gradient(500, 333)
    for kind, pixels, photometric in (("rgb", rgb, 2), ("grey", grey, 1), ("white0", grey, 0)):
        base = f"jpegbase_{kind}.tif"
        images.write(base, [tw.directory_of(pixels, photometric)])
        for mode in ("jpeg", "jpeg:r") if kind == "rgb" else ("jpeg",):
            for layout in ("t16", "t240x112", "s7"):
                # A JPEG strip is a whole number of 8-row blocks.
                options = ["-s", "-r", "16"] if layout == "s7" else LAYOUTS[layout]
                name = f"j_{kind}_{mode.replace(':', '_')}_{layout}.tif"
                run("tiffcp", "-c", mode + ":80", *options,
                    images.path(base), images.path(name))
                images.expect_by_vips(name, 1)
    block = (128, 96)
    for name, photometric, tag, options in (
        ("own_444", 6, [1, 1], {"subsampling": 0}),
        ("own_422", 6, [2, 1], {"subsampling": 1}),
        ("own_420", 6, [2, 2], {"subsampling": 2}),
        ("own_wrong_tag", 6, [2, 2], {"subsampling": 0}),
        ("own_progressive", 6, [2, 2], {"subsampling": 2, "progressive": True}),
    ):
        blocks = [jpeg_bytes(part, "RGB", **options) for part in tw.cut(rgb, *block, True)]
        tags = tw.image_tags(rgb, photometric, 7, block, True)
        tags[530] = (tw.SHORT, tag)
        images.write(f"j_{name}.tif", [tw.Directory(tags, blocks)])
        images.expect(f"j_{name}.tif", 0, decoded_mosaic(blocks, 500, 333, block, 3))
    blocks = [jpeg_bytes(part, "L") for part in tw.cut(grey, *block, True)]
    images.write("j_own_grey.tif", [tw.Directory(tw.image_tags(grey, 1, 7, block, True), blocks)])
    images.expect("j_own_grey.tif", 0, decoded_mosaic(blocks, 500, 333, block, 1))

    planes = [[jpeg_bytes(part, "L") for part in tw.cut(rgb[:, :, i : i + 1], *block, True)] for i in range(3)]
    tags = tw.image_tags(rgb, 2, 7, block, True, separate=True)
    images.write("j_own_separate.tif", [tw.Directory(tags, sum(planes, []))])
    channels = [decoded_mosaic(plane, 500, 333, block, 1) for plane in planes]
    images.expect("j_own_separate.tif", 0, numpy.concatenate(channels, axis=2))


def old_jpegs(images):
    """Old-style JPEG in each of the ways that files of the time have it."""
    width, height = 203, 117
    rgb, grey = photo("chelsea.jpg", width, height), gradient(width, height)
    encode = lambda pixels, mode, **options: [oj.Stream(jpeg_bytes(part, mode, **options)) for part in pixels]
    strips = lambda pixels, rows: list(tw.cut(pixels, width, rows, False))

    def add(name, tags, blocks, attached, expected, block=None, libtiff=True, tolerance=0, tiled=False, **how):
        shape = numpy.broadcast_to(numpy.uint8(0), (height, width, expected.shape[2]))
        block = block or (width, height)
        tags = {**tw.image_tags(shape, 6 if shape.shape[2] == 3 else 1, 6, block, tiled), 512: (tw.SHORT, [1]), **tags}
        tags = {tag: value for tag, value in tags.items() if value is not None}
        path = images.path(name + ".tif")
        oj.OldJpegWriter(**how).write_old_jpeg(path, tags, blocks, tiled, attached)
        images.expect(name + ".tif", 0, expected, tolerance)
        if libtiff:
            confirm_by_libtiff(path, expected)

    chroma = lambda *factors: {530: (tw.SHORT, list(factors))}
    mosaic = lambda streams, block, channels=3: decoded_mosaic([s.whole for s in streams], width, height, block, channels)
    bare = lambda streams: [s.scan for s in streams]
    shared = lambda streams, channels: oj.table_tags([streams[0]] * channels, [0, 1, 1][:channels])

    # Tables alone, and blocks of bare data.
    streams = encode(strips(rgb, 16), "RGB", subsampling=0)
    expected = mosaic(streams, (width, 16))
    # Of big-endian files libtiff 4.5 takes every second strip.
    for name, how in (("", {}), ("_be", {"big_endian": True}), ("_bigbe", {"big_endian": True, "big_tiff": True})):
        add("old_tables_444_strips" + name, chroma(1, 1), bare(streams), shared(streams, 3), expected, (width, 16),
            libtiff=not how, **how)
    # Of tiles libtiff reads one column.
    for block in ((208, 32), (48, 32)):
        streams = encode(tw.cut(rgb, *block, True), "RGB", subsampling=2)
        add(f"old_tables_420_tiles_{block[0]}", chroma(2, 2), bare(streams), shared(streams, 3), mosaic(streams, block),
            block, tiled=True, libtiff=block[0] > width)
    streams = encode([grey], "L")
    add("old_tables_grey", {}, bare(streams), shared(streams, 1), mosaic(streams, (width, height), 1))
    ycc = numpy.asarray(Image.fromarray(rgb).convert("YCbCr"))
    planes = []
    for i, quality in enumerate((90, 70, 50)):
        planes.append(oj.Stream(jpeg_bytes(ycc[:, :, i], "L", quality=quality)))
    seen = numpy.concatenate([mosaic([plane], (width, height), 1) for plane in planes], axis=2)
    expected = ycbcr_to_rgb(seen, (0.299, 0.587, 0.114), [0, 255, 128, 255, 128, 255])
    add("old_tables_separate", {**chroma(1, 1), 284: (tw.SHORT, [2])}, bare(planes), oj.table_tags(planes, [0, 0, 0]),
        expected, tolerance=1, libtiff=False)

    # A stream that has the headers.
    (whole,) = encode([rgb], "RGB", subsampling=2)
    expected = mosaic([whole], (width, height))
    add("old_stream_header", chroma(2, 2), [whole.scan], {513: [whole.header()]}, expected)
    add("old_stream_called_rgb", {262: (tw.SHORT, [2]), 258: None}, [whole.scan], {513: [whole.header()]}, expected)
    add("old_stream_whole", chroma(2, 2), [whole.whole], {513: [whole.whole]}, expected)
    add("old_stream_alone", {}, [], {513: [whole.whole]}, expected, libtiff=False)
    scan = whole.header().rindex(bytes([0xFF, oj.SCAN]))
    add("old_stream_scan_in_strip", {}, [whole.whole[scan:-2]], {513: [whole.whole[:scan]]}, expected)
    for rows in (8, 32):
        # A restart marker behind each row of blocks. libtiff takes strips of just that for granted.
        picture = images.path("old_restarts.ppm")
        Image.fromarray(rgb).save(picture)
        run("cjpeg", "-quality", "85", "-sample", "1x1", "-restart", "1", "-outfile", images.path("old_restarts.jpg"), picture)
        whole = oj.Stream(images.path("old_restarts.jpg").read_bytes())
        intervals = whole.intervals()
        assert len(intervals) == -(-height // 8)
        blocks = []
        for first in range(0, len(intervals), rows // 8):
            parts = intervals[first : first + rows // 8]
            marks = [bytes([0xFF, 0xD0 + (first + i) % 8]) for i in range(len(parts))]
            blocks.append(b"".join(part + mark for part, mark in zip(parts, marks))[:-2])
        add(f"old_stream_restarts_{rows}", chroma(1, 1), blocks, {513: [whole.header()]}, mosaic([whole], (width, height)),
            (width, rows), libtiff=rows == 8)

    # Whole streams in every strip.
    streams = encode(strips(rgb, 40), "RGB", subsampling=1)
    add("old_whole_strips", {}, [s.whole for s in streams], {}, mosaic(streams, (width, 40)), (width, 40), libtiff=False)


def confirm_by_libtiff(path, expected):
    """That the file is one that libtiff takes for such a picture. It repeats chroma; Pillow smoothes it."""
    plain = pathlib.Path(f"{path}.rgba")
    run("tiff2rgba", "-n", "-c", "none", path, plain)
    pixels = numpy.asarray(Image.open(plain).convert("RGB")).astype(int)
    plain.unlink()
    mean = numpy.abs(pixels - expected.astype(int)).mean()
    if mean > 2:
        raise RuntimeError(f"libtiff sees another picture in {path}: mean difference {mean}")


def pyramids(images):
    source = images.path("pyramid_source.tif")
    rgb = photo("astronaut.jpg", 1000, 701)
    images.write("pyramid_source.tif", [tw.directory_of(rgb, 2, 8)])
    for name, levels, option, flags in (
        ("pyr_jpeg", 4, "page", ["--compression", "jpeg", "--Q", "88"]),
        # From this quality on vips stores RGB, not YCbCr.
        ("pyr_jpeg_rgb", 4, "page", ["--compression", "jpeg", "--Q", "95"]),
        ("pyr_deflate_big", 4, "page", ["--compression", "deflate", "--predictor", "horizontal", "--bigtiff"]),
        ("pyr_subifd", 4, "subifd", ["--compression", "lzw", "--subifd"]),
        ("pyr_onepixel", 10, "page", ["--compression", "deflate", "--depth", "onepixel"]),
    ):
        run("vips", "tiffsave", source, images.path(name + ".tif"), "--tile", "--pyramid",
            "--tile-width", "128", "--tile-height", "128", *flags)
        images.expect_by_vips(name + ".tif", levels, option)

    def level(pixels, **more):
        return tw.directory_of(pixels, 2, 8, (64, 64), **more)

    def kind(value):
        return {254: (tw.LONG, [value])}

    up = [rgb] + [shrink(rgb, -(-1000 // n), -(-701 // n)) for n in (2, 4, 8)]
    down = [rgb] + [shrink(rgb, 1000 // n, 701 // n) for n in (4, 16)]
    label = photo("coffee.jpg", 300, 280)
    macro = photo("coffee.jpg", 400, 120)
    mask = numpy.zeros((350, 500, 1), numpy.uint8)
    cases = {
        # Unmarked levels rounded up, the smallest first in the chain behind the full size.
        "pyr_up": ([level(up[0]), level(up[3]), level(up[1]), level(up[2])], up),
        # As slide scanners write it: thumbnail second, then levels by 4, then label and macro image.
        "pyr_slide": (
            [level(down[0]),
             tw.directory_of(shrink(rgb, 250, 175), 2, 8, (0, 16), tiled=False),
             level(down[1]), level(down[2]),
             tw.directory_of(label, 2, 8, (0, 280), tiled=False, tags=kind(1)),
             tw.directory_of(macro, 2, 8, (0, 120), tiled=False, tags=kind(9))],
            down),
        # Masks between the levels, for the full size and the reduced one.
        "pyr_mask": (
            [level(up[0]),
             tw.directory_of(numpy.zeros((701, 1000, 1), numpy.uint8), 4, 8, tags=kind(4)),
             level(up[1], tags=kind(1)),
             tw.directory_of(mask, 1, 8, tags=kind(5))],
            up[:2]),
        # Further pages, one of half the size: marked as pages, so they are none of its levels.
        "pyr_pages": ([level(rgb, tags=kind(2)), level(255 - rgb, tags=kind(2)), level(up[1], tags=kind(2))], up[:1]),
        "pyr_equal": ([level(rgb), level(255 - rgb)], up[:1]),
        # A tiled picture of other proportions and one of other channels.
        "pyr_label": ([level(rgb), level(label), tw.directory_of(up[1][:, :, :1], 1, 8), level(up[1])], up[:2]),
        # Levels by thirds: not halved, but marked.
        "pyr_thirds": ([level(rgb), level(shrink(rgb, 333, 234), tags=kind(1))], [rgb, shrink(rgb, 333, 234)]),
        "pyr_children": ([level(rgb, children=[level(up[1], tags=kind(1)), level(up[2], tags=kind(1))]),
                          level(up[3], tags=kind(1))], up[:3]),
    }
    for name, (directories, expected) in cases.items():
        for encoding, how in (("", {}), ("_bigbe", {"big_endian": True, "big_tiff": True})):
            images.write(f"{name}{encoding}.tif", directories, **how)
            for number, pixels in enumerate(expected):
                images.expect(f"{name}{encoding}.tif", number, pixels)


def tiny(images):
    """Files of a few kilobytes in every codec and colour: also what a fuzzer should start from."""
    for kind, (stored, photometric, tags, expected) in kinds(35, 21).items():
        name = f"tiny_{kind}.tif"
        images.write(name, [tw.directory_of(stored, photometric, block=(16, 16), tags=tags)])
        images.expect(name, 0, expected)
    rgb = photo("coffee.jpg", 35, 21)
    for codec in COMPRESSIONS:
        name = f"tiny_{codec.replace(':', 'p')}.tif"
        run("tiffcp", "-c", codec, *LAYOUTS["t16"], images.path("tiny_rgb.tif"), images.path(name))
        images.expect(name, 0, rgb)
    for codec in ("jpeg", "webp"):
        name = f"tiny_{codec}.tif"
        run("tiffcp", "-c", codec, *LAYOUTS["t16"], images.path("tiny_rgb.tif"), images.path(name))
        images.expect_by_vips(name, 1)
    streams = [oj.Stream(jpeg_bytes(part, "RGB")) for part in tw.cut(rgb, 35, 16, False)]
    tags = {**tw.image_tags(rgb, 6, 6, (35, 16), False), 530: (tw.SHORT, [2, 2])}
    expected = decoded_mosaic([stream.whole for stream in streams], 35, 21, (35, 16), 3)
    for name, attached in (
        ("tables", oj.table_tags([streams[0]] * 3, [0, 1, 1])),
        ("stream", {513: [streams[0].header()]}),
    ):
        name = f"tiny_old_jpeg_{name}.tif"
        blocks = [stream.scan for stream in streams]
        oj.OldJpegWriter().write_old_jpeg(images.path(name), tags, blocks, False, attached)
        images.expect(name, 0, expected)
    levels = [rgb, shrink(rgb, 18, 11), shrink(rgb, 9, 6)]
    directories = [tw.directory_of(pixels, 2, 8, (16, 16)) for pixels in levels]
    for name, how in (("tiny_pyramid", {}), ("tiny_pyramid_bigbe", {"big_endian": True, "big_tiff": True})):
        images.write(name + ".tif", directories, **how)
        for number, pixels in enumerate(levels):
            images.expect(name + ".tif", number, pixels)


def special(images):
    """Sparse tiles, short colour maps, texts."""
    for name, photometric, value in (("sparse_rgb", 2, 0), ("sparse_white0", 0, 255)):
        pixels = photo("rocket.jpg", 200, 150) if photometric == 2 else gradient(200, 150)
        directory = tw.directory_of(pixels, photometric, 8)
        directory.blocks[1] = None
        expected = pixels.copy() if photometric == 2 else 255 - pixels
        expected[:64, 64:128] = value
        images.write(name + ".tif", [directory])
        images.expect(name + ".tif", 0, expected)

    grey = gradient(120, 90)
    narrow = [int(v) for v in numpy.concatenate([numpy.arange(256), 255 - numpy.arange(256), numpy.full(256, 7)])]
    images.write("palette_narrow.tif", [tw.directory_of(grey, 3, tags={320: (tw.SHORT, narrow)})])
    images.expect("palette_narrow.tif", 0, numpy.array(narrow, numpy.uint8).reshape(3, 256).T[grey[:, :, 0]])

    rgb = photo("brick.jpg", 90, 70)
    text = lambda value: (tw.ASCII, value + b"\0")
    tags = {
        269: text("Title \u00e9".encode()), 270: text(b"A <b>\"description\"</b>"), 271: text(b"Maker"),
        272: text(b"Model"), 285: text(b"Page"), 305: text(b"Software"), 306: text(b"2020:01:02 03:04:05"),
        315: text(b"Andr\xe9"), 33432: text(b"(c) nobody"), 700: (tw.BYTE, b"<x:xmpmeta/>"),
        34675: (tw.UNDEFINED, bytes(range(200))), 282: (tw.RATIONAL, [(300, 1)]), 283: (tw.RATIONAL, [(150, 1)]),
        296: (tw.SHORT, [2]), 340: (tw.SHORT, [10, 11, 12]), 341: (tw.SHORT, [200, 201, 202]),
    }
    for encoding, how in (("le", {}), ("bigbe", {"big_endian": True, "big_tiff": True})):
        images.write(f"texts_{encoding}.tif", [tw.directory_of(rgb, 2, tags=tags)], **how)
        images.expect(f"texts_{encoding}.tif", 0, rgb)


def jpeg_files(images):
    jpeg_images.jpeg_files(images, photo)


def png_files(images):
    png_images.png_files(images, photo)


def depths(images):
    depth_images.depth_files(images, run)


def stacks(images):
    stack_images.page_files(images, photo, shrink)
    stack_images.turned_files(images, photo, shrink)
    stack_images.telling_files(images, photo)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    here = pathlib.Path(__file__).resolve()
    modules = ["depth_images.py", "jp2_images.py", "jpeg_images.py", "old_jpeg_writer.py", "png_images.py", "stack_images.py",
               "tiff_writer.py"]
    scripts = [here, *(here.parent / module for module in modules)]
    version = hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()
    stamp = folder / "stamp"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    images = Images(folder)
    parts = (codec_matrix, odd_sizes, ycbcr, jpeg_matrix, old_jpegs, pyramids, tiny, special, depths, stacks, jpeg_files, png_files)
    for part in parts:
        part(images)
    jp2_images.jpeg2000(images, photo, gradient)
    (folder / "manifest.txt").write_text("\n".join(images.lines) + "\n")
    stamp.write_text(version)


if __name__ == "__main__":
    main()
