"""The JPEG 2000 files that the tests read, made by opj_compress and ojph_compress, and the pixels
that must come out of them: what opj_decompress gives at each resolution, fewer than 8 bits spread over
a byte, more as they are, signed ones from 0 up; or for what its tools do not write themselves, what numpy
makes of its components.
"""

import concurrent.futures
import struct

import numpy
from PIL import Image

from image_kit import gradient, photo, run
from jp2_kit import (box, ceil_div, decoded, decoded_levels, enumerated, expect_decoded, expect_levels,
                     join_components, levels_of, source_pnm, source_raw, to_pixels, wrap)

OFFSET = ["-d", "37,21"]
TILES = ["-t", "190,130"]
TILE_OFFSET = ["-d", "37,21", "-T", "5,13", "-t", "160,170"]
LAYERS = ["-r", "40,15,4"]
PRECINCTS = ["-c", "[128,128],[128,128],[64,64],[64,64],[32,32],[32,32]"]
SMALL_PRECINCTS = ["-c", "[64,32],[32,64],[16,16]", "-b", "32,32"]

VARIANTS = {
    "plain": [], "lossy": ["-I", "-r", "12"], "near_lossless": ["-I", "-r", "2"],
    "offset": OFFSET, "tiles": TILES, "tile_offset": TILE_OFFSET, "tile_offset_lossy": [*TILE_OFFSET, "-I", "-r", "10"],
    "layers": LAYERS, "layers_lossy": [*LAYERS, "-I"],
    "precincts": PRECINCTS, "small_precincts": SMALL_PRECINCTS,
    "sop": ["-SOP"], "eph": ["-EPH"], "sop_eph": ["-SOP", "-EPH", *LAYERS, *PRECINCTS],
    "plt": ["-PLT", *PRECINCTS, *LAYERS], "tlm": ["-TLM", *TILES],
    "parts_r": ["-TP", "R", *TILES], "parts_l": ["-TP", "L", *LAYERS], "parts_c": ["-TP", "C", "-p", "CPRL"],
    "bypass": ["-M", "1", *LAYERS], "reset": ["-M", "2"], "terminate": ["-M", "4", *LAYERS], "causal": ["-M", "8"],
    "predictable": ["-M", "16"], "segments": ["-M", "32"], "bypass_terminate": ["-M", "5"], "all_styles": ["-M", "63", *LAYERS],
    "narrow_blocks": ["-b", "128,8"], "tall_blocks": ["-b", "4,256"],
    "no_levels": ["-n", "1"], "one_level": ["-n", "2"], "eight_levels": ["-n", "9"],
    "roi": ["-ROI", "c=1,U=5"], "no_mct": ["-mct", "0"], "mct_lossy_tiles": ["-I", "-r", "8", *TILES, *PRECINCTS],
    "poc": [*LAYERS, "-n", "6", "-POC", "T1=0,0,3,3,3,RLCP/T1=3,0,3,6,3,CPRL"],
    "poc_tiles": [*LAYERS, *TILES, "-n", "4", "-POC",
                  "/".join(f"T{t}=0,0,1,4,3,LRCP/T{t}=0,0,3,2,3,RPCL/T{t}=0,0,3,4,3,PCRL" for t in range(1, 17))],
}
for order in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL"):
    VARIANTS[f"order_{order.lower()}"] = ["-p", order, *LAYERS]
    VARIANTS[f"order_{order.lower()}_precincts"] = ["-p", order, *LAYERS, *PRECINCTS, *OFFSET]
    VARIANTS[f"order_{order.lower()}_tiles"] = ["-p", order, *LAYERS, *TILE_OFFSET, *SMALL_PRECINCTS]


def variants(images):
    """How a codestream may be laid out, in colour."""
    size = (421, 303)
    source = source_pnm(images, "jp2_source.ppm", photo("coffee.jpg", *size))

    def make(item):
        name, options = item
        run("opj_compress", "-i", source, "-o", images.path(f"jp2_{name}.jp2"), *options)
        decompositions = int(options[options.index("-n") + 1]) - 1 if "-n" in options else 5
        offset = tuple(map(int, options[options.index("-d") + 1].split(","))) if "-d" in options else (0, 0)
        return f"jp2_{name}.jp2", decoded_levels(images, f"jp2_{name}.jp2", size, decompositions, offset=offset)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for name, levels in pool.map(make, VARIANTS.items()):
            expect_levels(images, name, levels)
    for name in ("layers", "layers_lossy", "bypass", "terminate", "all_styles"):
        for layers in (1, 2, 3):
            planes = decoded(images.path(f"jp2_{name}.jp2"), 0, [size] * 3, 8, False, layers)
            images.path(f"jp2_{name}.jp2.layers{layers}.raw").write_bytes(
                to_pixels(numpy.stack(planes, axis=2), 8).tobytes())
    run("opj_compress", "-i", source, "-o", images.path("jp2_raw.j2k"))
    expect_decoded(images, "jp2_raw.j2k", size, 5)


def deep_gradient(size, bits):
    """One whose lowest bits are in use, too."""
    ramp = gradient(*size)[:, :, 0].astype(numpy.int64) * ((1 << bits) - 1) // 255
    rows, columns = numpy.indices(ramp.shape)
    return ramp ^ ((rows * 7 + columns * 5 + rows * columns // 16) % (1 << max(0, bits - 8)))


def depths(images):
    size = (300, 211)
    for bits in (1, 2, 4, 7, 8, 9, 10, 12, 14, 15, 16):
        values = deep_gradient(size, bits)
        for sign in ("u", "s"):
            stored = values - ((1 << (bits - 1)) if sign == "s" else 0)
            stored = stored & (0xFF if bits <= 8 else 0xFFFF)
            source = source_raw(images, "jp2_depth.raw", [stored], bits)
            for extension, options in (("lossless", []), ("lossy", ["-I", "-r", "4"])):
                name = f"jp2_{bits}{sign}_{extension}.jp2"
                run("opj_compress", "-i", source, "-o", images.path(name), "-F", f"{size[0]},{size[1]},1,{bits},{sign}", *options)
                expect_decoded(images, name, size, 5, 1, bits, sign == "s")


def deep_colours(images):
    """Three components of 12 bits, through the component transforms; HTJ2K of 10 and 16."""
    size = (300, 211)
    colours = photo("coffee.jpg", *size).astype(numpy.int64)
    fine = deep_gradient(size, 12) % 16
    values = [colours[:, :, c] * 16 + fine for c in range(3)]
    for sign in ("u", "s"):
        stored = [(plane - (2048 if sign == "s" else 0)) & 0xFFFF for plane in values]
        source = source_raw(images, "jp2_deep.raw", stored, 12)
        for kind, options in (("lossless", []), ("lossy", ["-I", "-r", "6"]), ("tiles", ["-I", "-r", "9,3", *TILES])):
            name = f"jp2_rgb12{sign}_{kind}.jp2"
            run("opj_compress", "-i", source, "-o", images.path(name), "-F", f"{size[0]},{size[1]},3,12,{sign}", *options)
            expect_decoded(images, name, size, 5, 3, 12, sign == "s")
    for bits, options in ((10, ["-reversible", "true"]), (16, ["-reversible", "true"]), (12, ["-qstep", "0.0005"])):
        values = deep_gradient(size, bits)
        source = images.path("jp2_ht_deep.pgm")
        source.write_bytes(b"P5 %d %d %d\n" % (*size, (1 << bits) - 1) + values.astype(">u2").tobytes())
        name = f"jp2_ht_{bits}.j2k"
        run("ojph_compress", "-i", source, "-o", images.path(name), *options)
        expect_decoded(images, name, size, 5, 1, bits)


def mixed_depths(images):
    """Components and alpha of different depths, a palette of 12 bits, sYCC of 10, by what each is alone."""
    size = (300, 211)

    def alone(bits, turned=False):
        plane = deep_gradient(size, bits)
        path = images.path("jp2_mixed.j2k")
        run("opj_compress", "-i", source_raw(images, "jp2_mixed.raw", [plane[:, ::-1] if turned else plane], bits), "-o", path,
            "-F", f"{size[0]},{size[1]},1,{bits},u", "-n", "2", "-p", "CPRL")
        levels = [decoded(path, r, [level], bits, False)[0] for r, level in enumerate(levels_of(size, 1))]
        return path.read_bytes(), levels, bits

    def keep(name, components, depth, *boxes, convert=lambda planes: planes, tolerance=0):
        depths = [bits for _, _, bits in components]
        codestream = join_components([component[0] for component in components], size, (0, 0), [(1, 1)] * len(components), depths)
        images.path(f"{name}.jp2").write_bytes(wrap(codestream, size, len(components), *boxes))
        for number in (0, 1):
            planes = [to_pixels(levels[number], bits, depth=depth) for _, levels, bits in components]
            images.expect(f"{name}.jp2", number, convert(numpy.stack(planes, axis=2)), tolerance)

    def definitions(*entries):
        return box(b"cdef", struct.pack(">H", len(entries)), *(struct.pack(">HHH", *entry) for entry in entries))

    eight, ten, twelve, turned = alone(8), alone(10), alone(12), alone(10, True)
    keep("jp2_mixed_rgb", [ten, eight, twelve], 12, enumerated(16))
    keep("jp2_mixed_alpha", [twelve, eight], 12, enumerated(17), definitions((0, 0, 1), (1, 1, 0)))
    keep("jp2_mixed_deep_alpha", [eight, twelve], 8, enumerated(17), definitions((0, 0, 1), (1, 1, 0)))
    keep("jp2_mixed_sycc", [ten, turned, ten], 10, enumerated(18),
         convert=lambda planes: ycc_to_rgb(*(planes[:, :, c] for c in range(3)), bits=10), tolerance=1)
    table = numpy.stack([4095 - numpy.arange(256) * 13, numpy.arange(256) * 16, numpy.arange(256) * 7], axis=1).astype(">u2")
    keep("jp2_mixed_palette", [eight], 8, enumerated(16), box(b"pclr", struct.pack(">HB", 256, 3), bytes([11] * 3), table.tobytes()),
         box(b"cmap", *(struct.pack(">HBB", 0, 1, c) for c in range(3))),
         convert=lambda planes: table[planes[:, :, 0]].astype(numpy.uint16))


def ycc_to_rgb(y, cb, cr, bits=8):
    zero, most = 1 << (bits - 1), (1 << bits) - 1
    y, cb, cr = (plane.astype(numpy.float64) for plane in (y, cb, cr))
    rgb = [y + 1.402 * (cr - zero), y - 0.344136 * (cb - zero) - 0.714136 * (cr - zero), y + 1.772 * (cb - zero)]
    rgb = numpy.clip(numpy.floor(numpy.stack(rgb, axis=2) + 0.5), 0, most)
    return rgb.astype(numpy.uint8 if bits == 8 else numpy.uint16)


def spread(plane, size, offset, step):
    """Each pixel takes the sample at its place or the last before it, as far as there is one."""
    axes = []
    for axis in (0, 1):
        first = ceil_div(offset[axis], step[axis])
        at = numpy.arange(offset[axis], offset[axis] + size[axis]) // step[axis] - first
        axes.append(numpy.clip(at, 0, plane.shape[1 - axis] - 1))
    return plane[axes[1]][:, axes[0]]


def subsampled(images):
    """Each component is coded alone, and alone is what opj_decompress gives untouched."""
    for width, height in ((301, 202), (300, 203)):
        pixels = numpy.asarray(Image.fromarray(photo("coffee.jpg", width, height)).convert("YCbCr"))
        for step in ((2, 2), (2, 1), (1, 2), (4, 1)):
            for offset in ((0, 0), (1, 0), (0, 1), (3, 3)):
                one_subsampled(images, pixels, step, offset)


def one_subsampled(images, pixels, step, offset):
    height, width = pixels.shape[:2]
    name = f"jp2_ycc_{width}_{step[0]}x{step[1]}_{offset[0]}{offset[1]}"
    steps = [(1, 1), step, step]
    starts = [(ceil_div(offset[0], dx), ceil_div(offset[1], dy)) for dx, dy in steps]
    alone, shapes = [], []
    for c, (dx, dy) in enumerate(steps):
        plane = pixels[starts[c][1] * dy - offset[1]::dy, starts[c][0] * dx - offset[0]::dx, c]
        shapes.append(plane.shape[::-1])
        grey = source_raw(images, "jp2_alone.raw", [plane], 8)
        alone.append(images.path(f"jp2_alone_{c}.j2k"))
        run("opj_compress", "-i", grey, "-o", alone[-1], "-F", f"{plane.shape[1]},{plane.shape[0]},1,8,u", "-n", "4",
            "-p", "CPRL", "-d", f"{starts[c][0]},{starts[c][1]}")
    codestream = join_components([path.read_bytes() for path in alone], (width, height), offset, steps)
    images.path(f"{name}.jp2").write_bytes(wrap(codestream, (width, height), 3, enumerated(18)))
    for reduce in range(4):
        planes = [decoded(path, reduce, [levels_of(shape, 3, start)[reduce]], 8, False)[0]
                  for path, shape, start in zip(alone, shapes, starts)]
        here = tuple(ceil_div(o, 1 << reduce) for o in offset)
        size = planes[0].shape[::-1]
        rgb = ycc_to_rgb(planes[0], *(spread(plane, size, here, step) for plane in planes[1:]))
        # Fixed point arithmetic may round otherwise than floating point.
        images.expect(f"{name}.jp2", reduce, rgb, 1)


def channels(images):
    """Palettes, definitions, sYCC that is not subsampled."""
    size = (300, 211)
    rgb = photo("coffee.jpg", *size)
    grey = gradient(*size)
    alpha = gradient(*size)[:, ::-1]

    def code(name, planes, *options):
        raw = source_raw(images, "jp2_channels.raw", planes, 8)
        path = images.path(name + ".j2k")
        run("opj_compress", "-i", raw, "-o", path, "-F", f"{size[0]},{size[1]},{len(planes)},8,u", "-mct", "0", "-n", "2", *options)
        codestream = path.read_bytes()
        return codestream, [numpy.stack(decoded(path, r, [level] * len(planes), 8, False), axis=2)
                            for r, level in enumerate(levels_of(size, 1))]

    def keep(name, codestream, components, expected, *boxes, tolerance=0):
        images.path(name + ".jp2").write_bytes(wrap(codestream, size, components, *boxes))
        for number, pixels in enumerate(expected):
            images.expect(name + ".jp2", number, pixels, tolerance)

    def definitions(*entries):
        return box(b"cdef", struct.pack(">H", len(entries)), *(struct.pack(">HHH", *entry) for entry in entries))

    planes = [rgb[:, :, c] for c in range(3)]
    codestream, levels = code("jp2_one", [grey[:, :, 0]])
    table = numpy.stack([255 - numpy.arange(256), numpy.arange(256) * 7 % 256, numpy.arange(256) // 2], axis=1).astype(numpy.uint8)
    pclr = box(b"pclr", struct.pack(">HB", 256, 3), bytes([7, 7, 7]), table.tobytes())
    cmap = box(b"cmap", *(struct.pack(">HBB", 0, 1, c) for c in range(3)))
    keep("jp2_palette", codestream, 1, [table[level[:, :, 0]] for level in levels], enumerated(16), pclr, cmap)
    swapped = definitions((0, 0, 3), (1, 0, 2), (2, 0, 1))
    keep("jp2_palette_swapped", codestream, 1, [table[level[:, :, 0]][:, :, ::-1] for level in levels],
         enumerated(16), pclr, cmap, swapped)
    short = box(b"pclr", struct.pack(">HB", 100, 3), bytes([7, 7, 7]), table[:100].tobytes())
    keep("jp2_palette_short", codestream, 1, [table[numpy.minimum(level[:, :, 0], 99)] for level in levels],
         enumerated(16), short, cmap)

    codestream, levels = code("jp2_two", [grey[:, :, 0], alpha[:, :, 0]])
    keep("jp2_grey_alpha", codestream, 2, levels, enumerated(17), definitions((0, 0, 1), (1, 1, 0)))
    keep("jp2_grey_other", codestream, 2, [level[:, :, :1] for level in levels], enumerated(17))

    codestream, levels = code("jp2_three", planes)
    keep("jp2_bgr", codestream, 3, [level[:, :, ::-1] for level in levels], enumerated(16), swapped)
    keep("jp2_sycc", codestream, 3, [ycc_to_rgb(*(level[:, :, c] for c in range(3))) for level in levels],
         enumerated(18), tolerance=1)

    codestream, levels = code("jp2_four", [*planes, alpha[:, :, 0]])
    rgba = [(0, 0, 1), (1, 0, 2), (2, 0, 3)]
    keep("jp2_rgba", codestream, 4, levels, enumerated(16), definitions(*rgba, (3, 1, 0)))
    keep("jp2_rgb_other", codestream, 4, [level[:, :, :3] for level in levels], enumerated(16))
    codestream, levels = code("jp2_argb", [alpha[:, :, 0], *planes])
    argb = [(0, 1, 0), (1, 0, 1), (2, 0, 2), (3, 0, 3)]
    keep("jp2_argb", codestream, 4, [level[:, :, (1, 2, 3, 0)] for level in levels], enumerated(16), definitions(*argb))
    premultiplied = (rgb.astype(int) * alpha // 255).astype(numpy.uint8)
    codestream, levels = code("jp2_premultiplied", [premultiplied[:, :, 0], premultiplied[:, :, 1], premultiplied[:, :, 2],
                                                    alpha[:, :, 0]])
    plain = []
    for level in levels:
        colour, cover = level[:, :, :3].astype(int), level[:, :, 3:].astype(int)
        straight = numpy.where(cover == 0, 0, numpy.minimum(255, (colour * 255 + cover // 2) // numpy.maximum(cover, 1)))
        plain.append(numpy.concatenate([straight, cover], axis=2))
    keep("jp2_premultiplied", codestream, 4, plain, enumerated(16), definitions(*rgba, (3, 2, 0)))


def texts(images):
    """Profile, resolution and XMP, as the boxes of JP2 have them."""
    size = (90, 70)
    path = images.path("jp2_texts.j2k")
    run("opj_compress", "-i", source_raw(images, "jp2_texts.raw", [gradient(*size)[:, :, 0]], 8), "-o", path,
        "-F", f"{size[0]},{size[1]},1,8,u", "-n", "1")
    profile = bytearray(range(200))
    profile[16:20] = b"GRAY"
    resolution = box(b"res ", box(b"resd", struct.pack(">HHHHbb", 1, 1, 1, 1, 0, 0)),
                     box(b"resc", struct.pack(">HHHHbb", 50, 1, 118, 10, 2, 3)))
    xmp = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + b"<x:xmpmeta/>"
    images.path("jp2_texts.jp2").write_bytes(
        wrap(path.read_bytes(), size, 1, box(b"colr", bytes([2, 0, 0]), bytes(profile)), resolution,
             more=box(b"xml ", b"<other/>") + box(b"uuid", xmp)))


def tiny(images):
    """Small enough to be damaged at every byte: also what a fuzzer should start from."""
    size = (40, 30)
    source = source_pnm(images, "jp2_tiny.ppm", photo("coffee.jpg", *size))
    variants = {"": ["-r", "8,3", "-c", "[32,32],[16,16]", "-b", "16,16"], "_tiles": ["-t", "17,19", "-I", "-r", "10"],
                "_styles": ["-M", "61", "-SOP", "-EPH", "-r", "9,4"], "_order": ["-p", "PCRL", "-d", "3,5", "-PLT"]}
    for name, options in variants.items():
        run("opj_compress", "-i", source, "-o", images.path(f"jp2_tiny{name}.jp2"), "-n", "3", *options)
        offset = (3, 5) if "-d" in options else (0, 0)
        expect_levels(images, f"jp2_tiny{name}.jp2", decoded_levels(images, f"jp2_tiny{name}.jp2", size, 2, offset=offset))


def packet_lengths(codestream):
    """What PLT says, and where the first packet lies."""
    at = codestream.index(b"\xff\x90") + 12
    lengths, value = [], 0
    while True:
        marker, length = struct.unpack_from(">HH", codestream, at)
        if marker == 0xFF93:
            return lengths, at + 2
        if marker == 0xFF58:
            for byte in codestream[at + 5:at + 2 + length]:
                value = value << 7 | byte & 0x7F
                if byte < 0x80:
                    lengths.append(value)
                    value = 0
        at += 2 + length


def cut_short(images):
    """A tile that ends between packets, in the header of one and in its body. The tile-part says so, or
    that it goes on to the end of the codestream, or nothing and is longer than the file. What
    opj_decompress refuses is listed in cut.refused."""
    size = (200, 150)
    source = source_pnm(images, "cut.ppm", photo("coffee.jpg", *size))
    refused = []
    for order in ("LRCP", "RPCL"):
        whole = images.path("cut_whole.j2k")
        run("opj_compress", "-i", source, "-o", whole, "-n", "3", "-r", "20,8,3", "-p", order, "-PLT", "-c", "[64,64],[64,64]")
        codestream = whole.read_bytes()
        start = codestream.index(b"\xff\x90")
        lengths, first = packet_lengths(codestream)
        ends = [first + sum(lengths[:count]) for count in range(len(lengths) + 1)]
        assert ends[-1] == len(codestream) - 2
        for count in (1, len(lengths) // 3, len(lengths) * 2 // 3, len(lengths) - 1):
            large = max(range(count, min(count + 9, len(lengths))), key=lambda packet: lengths[packet])
            for place, end in (("between", ends[count]), ("header", ends[large] + 1), ("body", ends[large + 1] - 3)):
                for says, length, tail in (("length", end - start, b"\xff\xd9"), ("open", 0, b"\xff\xd9"), ("more", None, b"")):
                    head = codestream[:start + 6] + (codestream[start + 6:start + 10] if length is None else struct.pack(">I", length))
                    name = f"cut_{place}_{order.lower()}_{count}_{says}.j2k"
                    images.path(name).write_bytes(head + codestream[start + 10:end] + tail)
                    try:
                        expect_decoded(images, name, size, 2)
                    except RuntimeError:
                        refused.append(name)
    images.path("cut.refused").write_text("\n".join(refused) + "\n")


def high_throughput(images):
    size = (421, 303)
    source = source_pnm(images, "jp2_ht.ppm", photo("coffee.jpg", *size))
    variants = {
        "lossless": ["-reversible", "true"], "lossy": ["-qstep", "0.01"],
        "precincts": ["-reversible", "true", "-precincts", "{128,128},{256,256}"],
        "tiles": ["-qstep", "0.02", "-tile_size", "{200,150}"],
        "blocks": ["-reversible", "true", "-block_size", "{32,128}", "-prog_order", "LRCP"],
    }
    for name, options in variants.items():
        path = images.path(f"jp2_ht_{name}.j2k")
        run("ojph_compress", "-i", source, "-o", path, *options)
        expect_decoded(images, path.name, size, 5)


def jpeg2000(images):
    variants(images)
    depths(images)
    deep_colours(images)
    mixed_depths(images)
    subsampled(images)
    channels(images)
    texts(images)
    tiny(images)
    cut_short(images)
    high_throughput(images)
