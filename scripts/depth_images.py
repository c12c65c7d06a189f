"""The TIFF files of other depths, types and colours than 8-bit RGB, with the numbers they were made from.

File names begin with `d_`, then come kind and bits: u for unsigned, i for signed, f for floats.
"""

import concurrent.futures

import numpy

import tiff_writer as tw
from image_kit import run

WIDTH, HEIGHT = 83, 45
BLOCK = (32, 16)
UNSIGNED = [1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 24, 32]
SIGNED = [8, 12, 16, 24, 32]
FLOATS = [16, 24, 32, 64]


def numbers(kind, bits, channels, seed=1, height=HEIGHT, width=WIDTH):
    """Random numbers of the whole range, its ends among them."""
    random = numpy.random.default_rng(seed)
    shape = (height, width, channels)
    if kind == "f":
        values = random.normal(0, 1000, shape).astype(f"f{max(4, bits // 8)}")
        values[0, :4, 0] = [0, numpy.inf, -numpy.inf, 1]
        # Floats of 24 bits: those of 32 whose last 7 bits of fraction are clear.
        if bits == 24:
            values = (values.view(numpy.uint32) & 0xFFFFFF80).view(numpy.float32)
        return values.astype(numpy.float16) if bits == 16 else values
    low, high = (-(1 << bits - 1), 1 << bits - 1) if kind == "i" else (0, 1 << bits)
    values = random.integers(low, high, shape)
    values[0, :2, 0] = [low, high - 1]
    return values.astype(f"{kind}{8 if bits > 32 else 4 if bits > 16 else 2 if bits > 8 else 1}")


def replicated(values, bits):
    """Fewer than 8 bits over the range of a byte, by repeating the bits."""
    text = {value: int((format(value, f"0{bits}b") * 8)[:8], 2) for value in range(1 << bits)}
    return numpy.vectorize(text.get)(values.astype(int)).astype(numpy.uint8)


def expected(values, bits):
    if values.dtype.kind == "f":
        return values.astype(numpy.float32)
    if bits < 8:
        return replicated(values, bits)
    wide = values.astype(numpy.int64) + (1 << bits - 1 if values.dtype.kind == "i" else 0)
    return wide.astype(numpy.uint8 if bits == 8 else numpy.uint16 if bits <= 16 else numpy.uint32)


def turned(values, bits):
    """0 is white."""
    pixels = expected(values, bits)
    most = 255 if bits <= 8 else (1 << bits) - 1
    return (most - pixels.astype(numpy.int64)).astype(pixels.dtype)


def layouts(images):
    """Every depth and type in tiles, strips and planes, in both byte orders, plain and deflated."""
    ways = {
        "tile": {"scheme": 1},
        "tile_be": {"scheme": 1, "order": ">"},
        "zip_be": {"scheme": 8, "order": ">"},
        "zip_strip": {"scheme": 8, "tiled": False, "block": (0, 7)},
        "planes": {"scheme": 8, "separate": True},
        "planes_be": {"scheme": 1, "separate": True, "order": ">"},
    }
    kinds = [("u", bits) for bits in UNSIGNED] + [("i", bits) for bits in SIGNED] + [("f", bits) for bits in FLOATS]
    for kind, bits in kinds:
        for name, channels, photometric in (("grey", 1, 1), ("rgb", 3, 2), ("white0", 1, 0)):
            values = numbers(kind, bits, channels)
            turn = photometric == 0 and kind != "f"
            seen = turned(values, bits) if turn else expected(values, bits)
            for way, how in ways.items():
                if channels == 1 and way.startswith("planes") or photometric == 0 and not way.startswith("zip"):
                    continue
                how = {"block": BLOCK, **how}
                path = f"d_{kind}{bits}_{name}_{way}.tif"
                directory = tw.directory_of(values, photometric, bits=bits, **how)
                images.write(path, [directory], big_endian=how.get("order") == ">")
                images.expect(path, 0, seen)


def codecs(images):
    """Through libtiff's encoders."""
    jobs = []
    tiles = ["-t", "-w", "32", "-l", "16"]
    strips = ["-s", "-r", "10"]
    integers = ["lzw", "lzw:2", "zip:2", "packbits", "lzma:2", "zstd:2"]
    floats = ["lzw", "lzw:2", "zip:3", "zstd:3", "packbits"]
    cases = [
        ("u", 16, integers + ["lerc"], tiles),
        ("i", 16, ["zip:2", "lerc"], tiles),
        ("i", 8, ["zip:2", "lerc"], tiles),
        ("u", 32, integers + ["lerc"], tiles),
        ("i", 32, ["zip:2", "lerc"], strips),
        ("f", 32, floats + ["lerc"], tiles),
        ("f", 64, ["lzw:2", "zip:3", "lerc"], strips),
        ("f", 16, ["lzw", "zip:2", "zip:3"], strips),
        ("f", 24, ["lzw", "zip:3"], strips),
        ("u", 12, ["lzw", "packbits", "zip"], strips),
        ("u", 4, ["lzw", "packbits", "zip"], strips),
        ("u", 1, ["lzw", "packbits", "zip"], strips),
    ]
    for kind, bits, schemes, layout in cases:
        values = numbers(kind, bits, 3 if bits >= 8 else 1, seed=2)
        base = f"d_{kind}{bits}_codecs.tif"
        images.write(base, [tw.directory_of(values, 2 if bits >= 8 else 1, tiled=False, block=(0, 10), bits=bits)])
        for scheme in schemes:
            # LERC has no place for numbers that are none.
            finite = numpy.nan_to_num(values, posinf=7, neginf=-7) if scheme == "lerc" and kind == "f" else values
            source = base
            if finite is not values:
                source = f"d_{kind}{bits}_finite.tif"
                images.write(source, [tw.directory_of(finite, 2, tiled=False, block=(0, 10), bits=bits)])
            # Of big-endian floats libtiff's encoders take the bytes in the wrong order.
            one_way = kind == "f" and scheme in ("zip:3", "zstd:3", "lerc")
            for order in ("-L",) if one_way else ("-L", "-B"):
                name = f"d_{kind}{bits}_{scheme.replace(':', 'p')}{'' if order == '-L' else '_be'}.tif"
                jobs.append(["tiffcp", order, "-c", scheme, *layout, images.path(source), images.path(name)])
                images.expect(name, 0, expected(finite, bits))
    bilevel(images, jobs)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job: run(*job), jobs))


def float_predictor(images):
    """Adobe's TIFF technical note 3: the bytes of a row, the most significant of all samples first, as differences."""
    for bits in FLOATS:
        for channels, order in ((1, "<"), (1, ">"), (3, ">")):
            values = numbers("f", bits, channels, seed=12)
            name = f"d_f{bits}_predictor3_{channels}{'_be' if order == '>' else ''}.tif"
            directory = tw.directory_of(values, 1 if channels == 1 else 2, 1, BLOCK, bits=bits, order=">")
            row_samples = BLOCK[0] * channels
            for i, block in enumerate(directory.blocks):
                rows = numpy.frombuffer(block, numpy.uint8).reshape(BLOCK[1], row_samples, bits // 8)
                planes = rows.transpose(0, 2, 1).reshape(BLOCK[1], -1)
                before = numpy.pad(planes, ((0, 0), (channels, 0)))[:, : planes.shape[1]]
                directory.blocks[i] = tw.compress((planes - before).tobytes(), 8, 0)
            directory.tags.update({259: (tw.SHORT, [8]), 317: (tw.SHORT, [3])})
            images.write(name, [directory], big_endian=order == ">")
            images.expect(name, 0, expected(values, bits))


def bilevel(images, jobs):
    random = numpy.random.default_rng(3)
    coarse = random.integers(0, 2, (15, 28, 1))
    page = numpy.kron(coarse, numpy.ones((5, 9, 1), int)).astype(numpy.uint8)  # runs, as on a page
    for photometric, name in ((0, "white0"), (1, "black0")):
        base = f"d_u1_page_{name}.tif"
        seen = turned(page, 1) if photometric == 0 else expected(page, 1)
        images.write(base, [tw.directory_of(page, photometric, tiled=False, block=(0, 75), bits=1)])
        images.expect(base, 0, seen)
        for scheme in ("g3", "g3:2d", "g3:1d:fill", "g4", "jbig"):
            for order in ("msb2lsb", "lsb2msb"):
                for rows in ("75",) if scheme == "jbig" else ("20", "75"):
                    path = f"d_u1_{scheme.replace(':', '_')}_{name}_{order}_{rows}.tif"
                    options = ["-f", order, "-c", scheme, "-s", "-r", rows]
                    jobs.append(["tiffcp", *options, images.path(base), images.path(path)])
                    images.expect(path, 0, seen)
        path = f"d_u1_g4_{name}_tiles.tif"
        jobs.append(["tiffcp", "-c", "g4", "-t", "-w", "64", "-l", "32", images.path(base), images.path(path)])
        images.expect(path, 0, seen)


def old_codecs(images):
    """NeXT's and ThunderScan's codecs in their plainest form: each run of pixels written out."""
    values = numbers("u", 2, 1, seed=4)
    rows = [tw.stored(row, 2) for row in values.reshape(HEIGHT, 1, WIDTH)]
    tags = tw.image_tags(values, 1, 32766, (WIDTH, HEIGHT), False, bits=2)
    images.write("d_u2_next.tif", [tw.Directory(tags, [b"".join(b"\0" + row for row in rows)], False)])
    images.expect("d_u2_next.tif", 0, expected(values, 2))
    values = numbers("u", 4, 1, seed=5)
    data = b"".join(bytes([0xC0 | value]) for value in values.ravel())
    tags = tw.image_tags(values, 1, 32809, (WIDTH, HEIGHT), False, bits=4)
    images.write("d_u4_thunder.tif", [tw.Directory(tags, [data], False)])
    images.expect("d_u4_thunder.tif", 0, expected(values, 4))


def palettes(images):
    random = numpy.random.default_rng(6)
    for bits in (1, 2, 4, 8, 16):
        indices = numbers("u", bits, 1, seed=bits)
        colours = random.integers(0, 65536, (3, 1 << bits))
        seen = numpy.round(colours.T * 255 / 65535).astype(numpy.uint8)[indices[:, :, 0]]
        name = f"d_palette{bits}.tif"
        tags = {320: (tw.SHORT, colours.ravel().tolist())}
        images.write(name, [tw.directory_of(indices, 3, 8, BLOCK, tags=tags, bits=bits)])
        images.expect(name, 0, seen)


def freed(colour, alpha, most):
    if colour.dtype.kind == "f":
        with numpy.errstate(divide="ignore", invalid="ignore"):
            return numpy.where(alpha == 0, 0, colour / alpha).astype(colour.dtype)
    wide = colour.astype(object)
    plain = (wide * most + alpha.astype(object) // 2) // numpy.maximum(alpha, 1).astype(object)
    return numpy.where(alpha == 0, 0, numpy.minimum(plain, most)).astype(colour.dtype)


def channels(images):
    """Alpha of both kinds, bands of no stated meaning, inks."""
    extra = lambda *values: {338: (tw.SHORT, list(values))}
    join = lambda *parts: numpy.concatenate(parts, axis=2)
    for kind, bits in (("u", 4), ("u", 12), ("u", 16), ("u", 32), ("f", 32)):
        most = 1 if kind == "f" else 255 if bits < 8 else (1 << bits) - 1
        stored = numbers(kind, bits, 9, seed=bits)
        if kind == "f":
            stored = numpy.random.default_rng(7).random((HEIGHT, WIDTH, 9), dtype=numpy.float32)
            stored[:3, :3, 3] = 0
        pixels = expected(stored, bits)
        rgb, alpha = pixels[:, :, :3], pixels[:, :, 3:4]
        grey_alpha, grey = pixels[:, :, :2], pixels[:, :, :1]
        cases = {
            "rgba": (4, 2, extra(2), pixels[:, :, :4]),
            "rgba_associated": (4, 2, extra(1), join(freed(rgb, alpha, most), alpha)),
            "grey_alpha": (2, 1, extra(2), grey_alpha),
            "grey_associated": (2, 1, extra(1), join(freed(grey, grey_alpha[:, :, 1:], most), grey_alpha[:, :, 1:])),
            "bands": (9, 1, extra(*[0] * 8), pixels),
            "unstated_bands": (6, 1, {}, pixels[:, :, :6]),
            "rgb_bands": (9, 2, extra(0, 0, 2, 0, 0, 1), pixels[:, :, [0, 1, 2, 3, 4, 6, 7, 8, 5]]),
        }
        if kind == "u" and bits <= 16:
            cases["inks"] = (6, 5, {332: (tw.SHORT, [2]), **extra(0, 0)}, pixels[:, :, :6])
            cases["cmyk"] = (4, 5, {}, pixels[:, :, :4])
            cases["cmyk_alpha"] = (5, 5, extra(2), pixels[:, :, :5])
            cases["cmyk_spot"] = (5, 5, extra(0), pixels[:, :, :5])
        for name, (count, photometric, tags, seen) in cases.items():
            for way, how in (("tile", {"scheme": 8}), ("planes", {"scheme": 1, "separate": True, "tiled": False})):
                path = f"d_{kind}{bits}_{name}_{way}.tif"
                directory = tw.directory_of(stored[:, :, :count], photometric, bits=bits, block=BLOCK, tags=tags, **how)
                images.write(path, [directory])
                images.expect(path, 0, seen)


def lab(images):
    """By the formulas of TIFF 6.0 section 23, Adobe's note on ICCLab and RFC 3949."""
    white = {318: (tw.RATIONAL, [(3127, 10000), (3290, 10000)])}
    decode = [(0, 1), (100, 1), (-21760, 255), (21590, 255), (-19200, 255), (31800, 255)]
    odd_decode = [(-5, 1), (105, 1), (-50, 1), (50, 1), (-100, 3), (200, 3)]
    between = lambda v, most, ends: numpy.stack(
        [ends[2 * i] + v[:, :, i] * (ends[2 * i + 1] - ends[2 * i]) / most for i in range(3)], axis=2
    )
    plain = lambda rationals: [top / bottom for top, bottom in rationals]
    for bits in (8, 16):
        most, unit = (1 << bits) - 1, 1 << bits - 8
        stored = numbers("u", bits, 4, seed=bits)
        v = stored[:, :, :3].astype(float)
        as_signed = stored[:, :, 1:3].astype(f"i{bits // 8}").astype(float)
        lightness = v[:, :, :1] * 100 / most
        icc = v[:, :, :1] * 100 / (65280 if bits == 16 else 255)
        cases = {
            "cielab": (8, {}, numpy.concatenate([lightness, as_signed / unit], axis=2)),
            "cielab_d65": (8, white, numpy.concatenate([lightness, as_signed / unit], axis=2)),
            "icclab": (9, {}, numpy.concatenate([icc, v[:, :, 1:] / unit - 128], axis=2)),
            "itulab_decode": (10, {433: (tw.SRATIONAL, odd_decode)}, between(v, most, plain(odd_decode))),
        }
        if bits == 8:
            cases["itulab"] = (10, {}, between(v, most, plain(decode)))
        for name, (photometric, tags, seen) in cases.items():
            for way, how in (("tile", {"scheme": 8}), ("planes_be", {"separate": True, "order": ">"})):
                path = f"d_lab{bits}_{name}_{way}.tif"
                how = {"block": BLOCK, "bits": bits, "tags": tags, **how}
                images.write(path, [tw.directory_of(stored[:, :, :3], photometric, **how)], big_endian="order" in how)
                images.expect(path, 0, seen.astype(numpy.float32), 1e-5)
        tags = {338: (tw.SHORT, [2])}
        images.write(f"d_lab{bits}_alpha.tif", [tw.directory_of(stored, 8, 8, BLOCK, tags=tags, bits=bits)])
        alpha = stored[:, :, 3:].astype(float) / most
        seen = numpy.concatenate([cases["cielab"][2], alpha], axis=2).astype(numpy.float32)
        images.expect(f"d_lab{bits}_alpha.tif", 0, seen, 1e-5)
    stored = numbers("f", 32, 3)
    images.write("d_lab32f_cielab.tif", [tw.directory_of(stored, 8, 8, BLOCK, bits=32)])
    images.expect("d_lab32f_cielab.tif", 0, stored)


def pyramids(images):
    """Levels are told apart by what their numbers mean, too."""
    full, half = numbers("u", 12, 1, 8, 200, 300), numbers("u", 12, 1, 9, 100, 150)
    other = numbers("u", 16, 1, 10, 50, 75)
    level = lambda pixels, bits: tw.directory_of(pixels, 1, 8, (64, 64), bits=bits)
    images.write("d_u12_pyramid.tif", [level(full, 12), level(half, 12), level(other, 16)])
    images.expect("d_u12_pyramid.tif", 0, full)
    images.expect("d_u12_pyramid.tif", 1, half)
    # libvips says of the full size only that its numbers are floats.
    full, half = numbers("f", 32, 1, 8, 200, 300), numbers("f", 32, 1, 9, 100, 150)
    smaller = level(half, 32)
    del smaller.tags[339]
    images.write("d_f32_pyramid.tif", [level(full, 32), smaller])
    images.expect("d_f32_pyramid.tif", 0, full)
    images.expect("d_f32_pyramid.tif", 1, half)


def sparse(images):
    for kind, bits, photometric, value in (("u", 16, 1, 0), ("i", 16, 1, 1 << 15), ("u", 12, 0, 4095), ("f", 32, 1, 0)):
        values = numbers(kind, bits, 1, seed=11)
        directory = tw.directory_of(values, photometric, 8, BLOCK, bits=bits)
        directory.blocks[1] = None
        seen = turned(values, bits) if photometric == 0 else expected(values, bits)
        seen[: BLOCK[1], BLOCK[0] : 2 * BLOCK[0]] = value
        images.write(f"d_{kind}{bits}_sparse.tif", [directory])
        images.expect(f"d_{kind}{bits}_sparse.tif", 0, seen)


def ranges(images):
    least_and_most = lambda kind, low, high: {340: (kind, low), 341: (kind, high)}
    for name, kind, bits, photometric, tags in (
        ("all", "u", 16, 2, least_and_most(tw.SHORT, [100], [5000])),
        ("each", "u", 16, 2, least_and_most(tw.SHORT, [10, 11, 12], [300, 301, 302])),
        ("white0", "u", 16, 0, least_and_most(tw.SHORT, [100], [5000])),
        ("older", "u", 16, 1, {280: (tw.SHORT, [100]), 281: (tw.SHORT, [5000])}),
        ("reversed", "u", 16, 1, least_and_most(tw.SHORT, [5000], [100])),
        ("all", "u", 4, 1, least_and_most(tw.BYTE, [2], [10])),
        ("all", "i", 16, 1, least_and_most(tw.SSHORT, [-500], [8848])),
        ("all", "f", 32, 1, least_and_most(tw.FLOAT, [-0.5], [1e6])),
        ("white0", "f", 32, 0, least_and_most(tw.FLOAT, [-0.5], [1e6])),
        ("nan", "f", 32, 1, least_and_most(tw.FLOAT, [numpy.nan], [numpy.inf])),
    ):
        values = numbers(kind, bits, 3 if photometric == 2 else 1)
        path = f"range_{kind}{bits}_{name}.tif"
        images.write(path, [tw.directory_of(values, photometric, 8, BLOCK, bits=bits, tags=tags)])


def confirm_by_vips(images):
    """That the writer's files are what other readers take them for."""
    for name in ("u16_rgb_tile_be", "u32_rgb_zip_be", "f32_rgb_zip_strip", "i16_grey_zip_be", "u16_cmyk_tile"):
        path, raw = images.path(f"d_{name}.tif"), images.path("vips.raw")
        run("vips", "rawsave", path, raw)
        line = next(line for line in images.lines if line.startswith(f"d_{name}.tif ")).split()
        dtype = {kind: dtype for dtype, kind in images.types.items()}[line[5]]
        seen = numpy.fromfile(raw, dtype)
        if name.startswith("i16"):
            seen ^= 0x8000
        if not numpy.array_equal(seen, numpy.fromfile(images.path(line[-1]), dtype)):
            raise RuntimeError(f"vips sees other numbers in {path}")
        raw.unlink()


def depth_files(images):
    for part in (layouts, float_predictor, old_codecs, palettes, channels, lab, pyramids, sparse, ranges):
        part(images)
    codecs(images)
    confirm_by_vips(images)
