"""TIFF files in YCbCr, and those whose blocks are JPEG: of today, and in each of the old-style ways."""

import io
import pathlib

import numpy
from PIL import Image

import old_jpeg_writer as oj
import tiff_writer as tw
from image_kit import LAYOUTS, gradient, photo, run


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


def tiny_old_jpegs(images):
    rgb = photo("coffee.jpg", 35, 21)
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


def confirm_by_libtiff(path, expected):
    """That the file is one that libtiff takes for such a picture. It repeats chroma; Pillow smoothes it."""
    plain = pathlib.Path(f"{path}.rgba")
    run("tiff2rgba", "-n", "-c", "none", path, plain)
    pixels = numpy.asarray(Image.open(plain).convert("RGB")).astype(int)
    plain.unlink()
    mean = numpy.abs(pixels - expected.astype(int)).mean()
    if mean > 2:
        raise RuntimeError(f"libtiff sees another picture in {path}: mean difference {mean}")
