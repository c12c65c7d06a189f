"""JPEG 2000 files that state the lengths of their packets and tile-parts (PLT, TLM), rightly and wrongly. The
pixels are those that opj_decompress gives, which takes no notice of either."""

import struct

from image_kit import photo, run
from jp2_images import LAYERS, OFFSET, PRECINCTS, SMALL_PRECINCTS, TILE_OFFSET, TILES, VARIANTS, packet_lengths
from jp2_kit import decoded_levels, expect_levels, segment, source_pnm

SIZE = (421, 303)
BOTH = ["-PLT", "-TLM"]
TRUE = {
    "whole": ["-PLT"], "lossy": ["-PLT", "-I", "-r", "12", *PRECINCTS], "sop_eph": [*BOTH, *VARIANTS["sop_eph"]],
    "poc": [*BOTH, *VARIANTS["poc"], *PRECINCTS],
    "poc_tiles": [*BOTH, *LAYERS, *TILES, "-n", "4", "-POC", "/".join(f"T{t}=0,0,3,2,3,RLCP/T{t}=2,0,3,4,3,CPRL" for t in range(1, 17))],
    "parts_r": [*BOTH, "-TP", "R", *TILES, *LAYERS], "parts_l": [*BOTH, "-TP", "L", *LAYERS],
    "parts_c": [*BOTH, "-TP", "C", "-p", "CPRL"], "styles": [*BOTH, "-M", "63", *LAYERS, *PRECINCTS],
    # Of a kind whose code-blocks OpenJPEG decodes, from a part of the codestream.
    "excerpts": ["-PLT", "-M", "1", "-ROI", "c=1,U=5", *LAYERS, *PRECINCTS],
}
for order in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL"):
    TRUE[f"{order.lower()}"] = ["-p", order, *LAYERS, *PRECINCTS, *OFFSET, "-PLT"]
    TRUE[f"{order.lower()}_tiles"] = ["-p", order, *LAYERS, *TILE_OFFSET, *SMALL_PRECINCTS, *BOTH]


def decoded(images, name, options):
    decompositions = int(options[options.index("-n") + 1]) - 1 if "-n" in options else 5
    offset = tuple(map(int, options[options.index("-d") + 1].split(","))) if "-d" in options else (0, 0)
    return decoded_levels(images, name, SIZE, decompositions, offset=offset)


def true_lengths(images, source):
    for name, options in TRUE.items():
        run("opj_compress", "-i", source, "-o", images.path(f"jp2_lengths_{name}.jp2"), *options)
        expect_levels(images, f"jp2_lengths_{name}.jp2", decoded(images, f"jp2_lengths_{name}.jp2", options))


def with_packet_lengths(codestream, lengths, number=0, tail=b""):
    """With another PLT in the header of its only tile-part."""
    start = codestream.index(b"\xff\x90")
    _, data = packet_lengths(codestream)
    content = bytes([number])
    for length in lengths:
        groups = [length >> shift & 0x7F for shift in range(28, -1, -7)]
        while len(groups) > 1 and groups[0] == 0:
            groups.pop(0)
        content += bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])
    plt = segment(0xFF58, content + tail)
    body = codestream[data:-2]
    length = struct.pack(">I", 12 + len(plt) + 2 + len(body))
    return codestream[:start + 6] + length + codestream[start + 10:start + 12] + plt + b"\xff\x93" + body + b"\xff\xd9"


def lying_packet_lengths(images, source):
    base = images.path("jp2_honest_packets.j2k")
    options = [*LAYERS, *PRECINCTS, "-p", "RPCL"]
    run("opj_compress", "-i", source, "-o", base, *options, "-PLT")
    codestream = base.read_bytes()
    true, _ = packet_lengths(codestream)
    # Two packets in a row that have code-blocks.
    k = next(i for i in range(len(true) // 2, len(true)) if min(true[i:i + 2]) > 9 and true[i] != true[i + 1])
    head, a, b, tail = true[:k], true[k], true[k + 1], true[k + 2:]
    lies = {
        "swapped": ([*head, b, a, *tail],), "moved_on": ([*head, a + 1, b - 1, *tail],), "moved_back": ([*head, a - 1, b + 1, *tail],),
        "turned": (true[::-1],), "rotated": (true[1:] + true[:1],),
        "last_moved": (true[:-2] + [true[-2] + 1, true[-1] - 1],),
        "left_out": (true[:-1],), "too_many": ([*true, 1],), "too_long": ([*true[:-1], true[-1] + 1],),
        "nothing": ([*head, 0, a + b, *tail],), "merged": ([*head, a + b, *tail],), "huge": ([*head, 0xFFFFFFFF, b, *tail],),
        "order": (true, 1), "broken_off": (true, 0, b"\x81"), "empty": ([],),
    }
    levels = decoded(images, base.name, options)
    for name, lie in lies.items():
        images.path(f"jp2_lying_plt_{name}.j2k").write_bytes(with_packet_lengths(codestream, *lie))
        expect_levels(images, f"jp2_lying_plt_{name}.j2k", levels)


def with_part_lengths(codestream, entries, number=0):
    """With another TLM in the main header: tiles and lengths."""
    at = codestream.index(b"\xff\x55")
    length = struct.unpack_from(">H", codestream, at + 2)[0]
    content = bytes([number, 0x60]) + b"".join(struct.pack(">HI", *entry) for entry in entries)
    return codestream[:at] + segment(0xFF55, content) + codestream[at + 2 + length:]


def tile_parts(codestream):
    """Tiles and lengths, as the chain of SOT has them."""
    at, found = codestream.index(b"\xff\x90"), []
    while codestream[at:at + 2] == b"\xff\x90":
        tile, length = struct.unpack_from(">HI", codestream, at + 4)
        found.append((tile, length))
        at += length
    assert at == len(codestream) - 2
    return found


def lying_part_lengths(images, source):
    for kind, options in (("tiles", TILES), ("parts", [*TILES, *LAYERS, "-TP", "R"])):
        base = images.path(f"jp2_honest_{kind}.j2k")
        run("opj_compress", "-i", source, "-o", base, *options, "-TLM")
        codestream = base.read_bytes()
        true = tile_parts(codestream)
        (a, of_a), (b, of_b) = true[1], true[2]
        other = next(i for i, (tile, _) in enumerate(true) if tile != true[1][0] and i > 1)
        lies = {
            "true": (true,),
            "swapped": ([true[0], (a, of_b), (b, of_a), *true[3:]],),
            "moved_on": ([true[0], (a, of_a + 1), (b, of_b - 1), *true[3:]],),
            "tiles": ([true[0], (true[other][0], of_a), *true[2:other], (a, true[other][1]), *true[other + 1:]],),
            "another": ([true[0], (true[other][0], of_a), *true[2:]],),
            "of_none": ([true[0], (60000, of_a), *true[2:]],),
            "left_out": (true[:-1],), "too_many": ([*true, (0, 20)],), "too_long": ([*true[:-1], (true[-1][0], true[-1][1] + 100)],),
            "merged": ([true[0], (a, of_a + of_b), *true[3:]],), "order": (true, 1), "empty": ([],),
        }
        levels = decoded(images, base.name, options)
        for name, lie in lies.items():
            prefix = "jp2_lengths" if name == "true" else "jp2_lying"
            images.path(f"{prefix}_tlm_{kind}_{name}.j2k").write_bytes(with_part_lengths(codestream, *lie))
            expect_levels(images, f"{prefix}_tlm_{kind}_{name}.j2k", levels)


def tiny(images):
    """For a fuzzer to start from, like the other tiny ones."""
    size = (40, 30)
    source = source_pnm(images, "jp2_tiny_lengths.ppm", photo("coffee.jpg", *size))
    name = "jp2_tiny_lengths.jp2"
    run("opj_compress", "-i", source, "-o", images.path(name), "-n", "3", "-t", "27,30", "-r", "8,3", "-c", "[16,16],[8,8]",
        "-b", "8,8", "-p", "RPCL", *BOTH)
    expect_levels(images, name, decoded_levels(images, name, size, 2))


def lengths(images):
    source = source_pnm(images, "jp2_lengths.ppm", photo("coffee.jpg", *SIZE))
    true_lengths(images, source)
    lying_packet_lengths(images, source)
    lying_part_lengths(images, source)
    tiny(images)
