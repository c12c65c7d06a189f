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
import pathlib
import shutil
import sys

import numpy

import depth_images
import jp2_images
import jp2_length_images
import jp2_packed_images
import jp2_photo_images
import jpeg_images
import png_images
import short_images
import stack_images
import tiff_jpeg_images
import tiff_writer as tw
from image_kit import LAYOUTS, Images, gradient, photo, run, shrink

COMPRESSIONS = ["none", "lzw", "lzw:2", "zip", "zip:2", "packbits", "lzma", "zstd", "lerc"]
ENCODINGS = {"le": ["-L"], "be": ["-B"], "big": ["-8", "-L"], "bigbe": ["-8", "-B"]}


def colour_map():
    """768 16-bit values that are not multiples of 257."""
    index = numpy.arange(256)
    return [int(v) for v in numpy.concatenate([index * 256 + 37, 65535 - index * 199, (index * 7919) % 65536])]


def map_to_bytes(values):
    return numpy.round(numpy.array(values).reshape(3, 256).T * 255 / 65535).astype(numpy.uint8)


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


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    here = pathlib.Path(__file__).resolve()
    modules = ["depth_images.py", "image_kit.py", "jp2_images.py", "jp2_kit.py", "jp2_length_images.py",
               "jp2_packed_images.py", "jp2_photo_images.py", "jpeg_images.py", "old_jpeg_writer.py", "png_images.py",
               "short_images.py", "stack_images.py", "tiff_jpeg_images.py", "tiff_writer.py"]
    scripts = [here, *(here.parent / module for module in modules)]
    version = hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()
    stamp = folder / "stamp"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    images = Images(folder)
    parts = (codec_matrix, odd_sizes, tiff_jpeg_images.ycbcr, tiff_jpeg_images.jpeg_matrix, tiff_jpeg_images.old_jpegs,
             tiff_jpeg_images.tiny_old_jpegs, pyramids, tiny, special, depth_images.depth_files,
             stack_images.page_files, stack_images.turned_files, stack_images.telling_files, jpeg_images.jpeg_files,
             png_images.png_files, jp2_images.jpeg2000, jp2_length_images.lengths, jp2_packed_images.packed_headers,
             jp2_photo_images.photographs, jp2_photo_images.drawings, short_images.short_files)
    for part in parts:
        part(images)
    (folder / "manifest.txt").write_text("\n".join(images.lines) + "\n")
    stamp.write_text(version)


if __name__ == "__main__":
    main()
