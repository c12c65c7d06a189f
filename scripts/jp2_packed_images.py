"""JPEG 2000 files whose packet headers are packed into the header of the codestream (PPM) or those of its tile-parts
(PPT), which opj_compress does not write: its files, written anew. The pixels are those that opj_decompress gives of
the file before."""

import struct

from image_kit import photo, run
from jp2_images import LAYERS, OFFSET, PRECINCTS, SMALL_PRECINCTS, TILE_OFFSET, TILES, VARIANTS
from jp2_kit import decoded, decoded_levels, expect_levels, levels_of, segment, source_pnm

SIZE = (421, 303)
SOP, EPH, SOD = b"\xff\x91", b"\xff\x92", b"\xff\x93"
KEEPS_SOP, KEEPS_EPH = 2, 4  # flags of COD
# name: (how, what opj_compress is told, what is kept in the file, the most bytes of headers in a segment)
FILES = {
    "ppt": ("ppt", [], 0, 60000), "ppm": ("ppm", [], 0, 60000),
    "ppt_sop": ("ppt", LAYERS, KEEPS_SOP, 200), "ppt_eph": ("ppt", LAYERS, KEEPS_EPH, 200),
    "ppm_sop_eph": ("ppm", [*LAYERS, *PRECINCTS], KEEPS_SOP | KEEPS_EPH, 150),
    "ppt_precincts": ("ppt", [*LAYERS, *PRECINCTS, "-p", "RPCL"], 0, 100),
    "ppt_tiles": ("ppt", [*TILES, *LAYERS], 0, 50), "ppm_tiles": ("ppm", [*TILES, *LAYERS], 0, 300),
    "ppt_parts": ("ppt", ["-TP", "R", *TILES, *LAYERS], 0, 50), "ppm_parts": ("ppm", ["-TP", "R", *TILES, *LAYERS], 0, 120),
    "ppt_own_parts": ("ppt_own", ["-TP", "L", *LAYERS], KEEPS_EPH, 50),
    "ppt_out_of_order": ("ppt", ["-p", "PCRL", *LAYERS, *TILE_OFFSET, *SMALL_PRECINCTS], 0, 20),
    "ppm_out_of_order": ("ppm", ["-p", "CPRL", *LAYERS, *TILE_OFFSET, *SMALL_PRECINCTS], KEEPS_SOP, 100),
    # Headers of packets are cut anywhere, and their lengths too.
    "ppm_cut": ("ppm_cut", ["-TP", "R", *TILES], KEEPS_EPH, 23),
    "ppt_poc": ("ppt", VARIANTS["poc_tiles"], 0, 40), "ppm_styles": ("ppm", ["-M", "61", *LAYERS, *OFFSET], 0, 500),
    # Of a kind whose code-blocks OpenJPEG decodes, from a part of the codestream.
    "ppt_excerpts": ("ppt", ["-M", "1", "-ROI", "c=1,U=5", *LAYERS, *PRECINCTS], 0, 400),
}


def packets(data):
    """Of a tile-part: what stands before each header, its header, and its body. No header or body holds a marker."""
    at, found = 0, []
    while at < len(data):
        assert data[at:at + 2] == SOP
        end = data.index(EPH, at + 6)
        behind = data.find(SOP, end + 2)
        behind = len(data) if behind < 0 else behind
        found.append((data[at:at + 6], data[at + 6:end], data[end + 2:behind]))
        at = behind
    return found


def tile_parts(codestream):
    """Head up to SOT, and of each tile-part the tile, the number, the count, its segments and its data."""
    at = codestream.index(b"\xff\x90\x00\x0a")
    head, found = codestream[:at], []
    while codestream[at:at + 2] == b"\xff\x90":
        tile, length, number, count = struct.unpack_from(">HIBB", codestream, at + 4)
        start = at + 12
        while codestream[start:start + 2] != SOD:
            start += 2 + struct.unpack_from(">H", codestream, start + 2)[0]
        found.append((tile, number, count, codestream[at + 12:start], codestream[start + 2:at + length]))
        at += length
    assert codestream[at:] == b"\xff\xd9"
    return head, found


def in_segments(marker, pieces, most, number, reverse):
    """Segments with whole pieces, as many as fit; of each the next number."""
    contents = [b""]
    for piece in pieces:
        if contents[-1] and len(contents[-1]) + len(piece) > most:
            contents.append(b"")
        contents[-1] += piece
    made = [segment(marker, bytes([number + i]) + content) for i, content in enumerate(contents)]
    return b"".join(made[::-1] if reverse else made), number + len(made)


def packed(codestream, how, keeps, most, reverse):
    head, parts = tile_parts(codestream)
    at = head.index(b"\xff\x52") + 4
    head = head[:at] + bytes([head[at] & 1 | keeps]) + head[at + 1:]
    in_main, out, numbers = [], b"", {}
    for tile, number, count, own, data in parts:
        found = packets(data)
        headers = [header + (EPH if keeps & KEEPS_EPH else b"") for _, header, _ in found]
        body = b"".join((start if keeps & KEEPS_SOP else b"") + body for start, _, body in found)
        if how in ("ppm", "ppm_cut"):
            of_part = struct.pack(">I", sum(map(len, headers))) + b"".join(headers)
            in_main += [of_part[i:i + most] for i in range(0, len(of_part), most)]
        else:
            first = 0 if how == "ppt_own" else numbers.get(tile, 0)
            more, numbers[tile] = in_segments(0xFF61, headers, most, first, reverse)
            own += more
        out += struct.pack(">HHHIBB", 0xFF90, 10, tile, 14 + len(own) + len(body), number, count) + own + SOD + body
    if how == "ppm_cut":
        joined = b"".join(in_main)
        in_main = [joined[i:i + most] for i in range(0, len(joined), most)]
    if in_main:
        head += in_segments(0xFF60, in_main, most, 0, reverse)[0]
    return head + out + b"\xff\xd9"


def one(images, source, size, name, how, options, keeps, most):
    before = images.path(f"jp2_before_{name}.j2k")
    run("opj_compress", "-i", source, "-o", before, "-SOP", "-EPH", *options)
    decompositions = int(options[options.index("-n") + 1]) - 1 if "-n" in options else 5
    offset = tuple(map(int, options[options.index("-d") + 1].split(","))) if "-d" in options else (0, 0)
    after = images.path(f"jp2_{name}.j2k")
    after.write_bytes(packed(before.read_bytes(), how, keeps, most, "out_of_order" in name))
    levels = decoded_levels(images, before.name, size, decompositions, offset=offset)
    # So the file is right by OpenJPEG, too. That one takes no second PPT of one number in a tile, and no length that is
    # cut.
    if how in ("ppt", "ppm"):
        sizes = [levels_of(size, 0, offset)[0]] * 3
        assert all((a == b).all() for a, b in zip(decoded(before, 0, sizes, 8, False), decoded(after, 0, sizes, 8, False)))
    expect_levels(images, after.name, levels)


def packed_headers(images):
    source = source_pnm(images, "jp2_packed.ppm", photo("coffee.jpg", *SIZE))
    for name, what in FILES.items():
        one(images, source, SIZE, f"packed_{name}", *what)
    # For a fuzzer to start from, like the other tiny ones.
    source = source_pnm(images, "jp2_tiny_packed.ppm", photo("coffee.jpg", 40, 30))
    tiny = ["-n", "3", "-r", "8,3", "-c", "[16,16],[8,8]", "-b", "8,8", "-t", "27,30"]
    one(images, source, (40, 30), "tiny_ppt", "ppt", tiny, KEEPS_SOP, 40)
    one(images, source, (40, 30), "tiny_ppm", "ppm", tiny, KEEPS_EPH, 60)
