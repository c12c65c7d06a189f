"""Small files that claim, or refer to, far more than they hold: each of another kind.

FILES has a function for each, which gives its bytes; the same ones every time.
"""
import io
import lzma
import struct
import zlib

import PIL.Image

MEGABYTE = 1 << 20

SHORT, LONG, ASCII, UNDEFINED, LONG8 = 3, 4, 2, 7, 16
WIDTHS = {SHORT: 2, LONG: 4, ASCII: 1, UNDEFINED: 1, LONG8: 8}


class Tiff:
    """A chain of directories; what they refer to lies before them and may be shared."""

    def __init__(self, big=False):
        self.big = big
        self.data = bytearray(16 if big else 8)
        self.link = 8 if big else 4  # where the place of the next directory is to be written
        self.data[: self.link] = b"II+\0\x08\0\0\0" if big else b"II*\0"

    def put(self, data):
        """Where it lies."""
        at = len(self.data)
        self.data += data + b"\0" * (len(data) % 2)
        return at

    def directory(self, entries):
        """`entries`: by tag, type and values; or type, count and the place of the values."""
        self.write_link(len(self.data))
        word = "<Q" if self.big else "<I"
        room = struct.calcsize(word)
        self.data += struct.pack("<Q" if self.big else "<H", len(entries))
        for tag, entry in sorted(entries.items()):
            if len(entry) == 3:
                kind, count, place = entry
                value = struct.pack(word, place)
            else:
                kind, values = entry
                count = len(values)
                value = b"".join(number.to_bytes(WIDTHS[kind], "little") for number in values)
                assert len(value) <= room
            self.data += struct.pack("<HH", tag, kind) + struct.pack(word, count)
            self.data += value.ljust(room, b"\0")
        self.link = len(self.data)
        self.data += bytes(room)

    def write_link(self, place):
        struct.pack_into("<Q" if self.big else "<I", self.data, self.link, place)

    def bytes(self):
        return bytes(self.data)


def picture(side, place, length, samples=1, photometric=1, compression=1, bits=8):
    """The entries of a picture that is one tile, or one strip where it is not compressed."""
    entries = {
        254: (LONG, [2]), 256: (LONG, [side]), 257: (LONG, [side]),
        258: (SHORT, [bits]) if samples == 1 else (SHORT, samples, place),
        259: (SHORT, [compression]), 262: (SHORT, [photometric]), 277: (SHORT, [samples]),
    }
    if compression == 1:
        entries |= {273: (LONG, [place]), 278: (LONG, [side]), 279: (LONG, [length])}
    else:
        entries |= {322: (LONG, [side]), 323: (LONG, [side]), 324: (LONG, [place]),
                    325: (LONG, [length])}
    return entries


TEXTS = (269, 270, 271, 272, 285, 305, 306, 315, 33432)


def shared_texts(pages=1, big=False):
    """Texts, XMP, IPTC and profile are the same megabyte of control characters."""
    tiff = Tiff(big)
    text = tiff.put(b"\x01" * MEGABYTE)
    for _ in range(pages):
        entries = picture(64, text, 64 * 64)
        entries |= {tag: (ASCII, MEGABYTE, text) for tag in TEXTS}
        entries |= {tag: (UNDEFINED, MEGABYTE, text) for tag in (700, 33723, 34377, 34675)}
        tiff.directory(entries)
    return tiff.bytes()


def shared_exif():
    """Entries of the Exif and GPS directories are the same megabyte."""
    tiff = Tiff()
    text = tiff.put(b"a" * MEGABYTE)
    inner = len(tiff.data)
    tiff.directory({tag: (ASCII, MEGABYTE - 4096, text) for tag in range(400)})
    tiff.directory(picture(64, text, 64 * 64) | {34665: (LONG, [inner]), 34853: (LONG, [inner])})
    return tiff.bytes()


def palettes(pages=512, sides=(32,)):
    """Directories with a palette of 65536 colours, all the same one: pages, or sizes of one."""
    tiff = Tiff()
    colours = tiff.put(bytes(range(256)) * (3 * 65536 * 2 // 256))
    for i in range(pages):
        entries = picture(sides[i % len(sides)], colours, 32 * 32 * 2, photometric=3, bits=16)
        if len(sides) > 1:
            entries[254] = (LONG, [int(i > 0)])
        tiff.directory(entries | {320: (SHORT, 3 * 65536, colours)})
    return tiff.bytes()


def windows(pages=8, side=8192):
    """Tiles of 64 MB in two kilobytes, each with a window as large."""
    frame = bytearray(struct.pack("<IBB", 0xFD2FB528, 0, (26 - 10) << 3))
    block = 1 << 17
    for i in range(side * side // block):
        last = i == side * side // block - 1
        frame += (block << 3 | 1 << 1 | last).to_bytes(3, "little") + b"\x55"
    tiff = Tiff()
    place = tiff.put(bytes(frame))
    for _ in range(pages):
        tiff.directory(picture(side, place, len(frame), compression=50000))
    return tiff.bytes()


def large_dictionary(fill_order=1):
    """A tile of 64 kB in a stream of two blocks, of which the second claims 1.5 GB."""
    half = 256 * 256 // 2
    streams = [
        lzma.compress(bytes(half), check=lzma.CHECK_NONE,
                      filters=[{"id": lzma.FILTER_LZMA2, "dict_size": size}])
        for size in (MEGABYTE, 1536 * MEGABYTE)
    ]
    # A stream is a header of 12 bytes, blocks, an index, which begins by a 0, and a footer of 12.
    first, second = (
        stream[12:-12 - (struct.unpack("<I", stream[-8:-4])[0] + 1) * 4] for stream in streams)
    compressed = streams[0][:12] + first + second + b"\0" * 16
    if fill_order == 2:
        compressed = bytes(int(f"{byte:08b}"[::-1], 2) for byte in compressed)
    tiff = Tiff()
    place = tiff.put(compressed)
    entries = picture(256, place, len(compressed), compression=34925)
    tiff.directory(entries | {266: (SHORT, [fill_order])})
    return tiff.bytes()


def dictionaries(pages=16):
    """Tiles of 64 kB whose streams claim a dictionary of 64 MB each."""
    compressed = lzma.compress(bytes(256 * 256), check=lzma.CHECK_NONE,
                               filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 64 * MEGABYTE}])
    tiff = Tiff()
    place = tiff.put(compressed)
    for _ in range(pages):
        tiff.directory(picture(256, place, len(compressed), compression=34925))
    return tiff.bytes()


def profile(tag, content, space=b"CMYK", tags=1):
    """An ICC profile of an output device, with that tag and a white point."""
    head = bytearray(128)
    struct.pack_into(">I4x I4s4s4s", head, 0, 0, 0x04300000, b"prtr", space, b"XYZ ")
    head[36:40] = b"acsp"
    struct.pack_into(">3I", head, 68, 0xF6D6, 0x10000, 0xD32D)
    white = b"XYZ " + struct.pack(">4x3I", 0xF6D6, 0x10000, 0xD32D)
    start = 132 + 12 * (tags + 1)
    table = struct.pack(">I", tags + 1)
    for i in range(tags):
        name = tag[:3] + bytes([tag[3] + i]) if tags > 1 else tag
        table += name + struct.pack(">2I", start, len(content))
    table += b"wtpt" + struct.pack(">2I", start + len(content), len(white))
    out = bytes(head) + table + content + white
    return struct.pack(">I", len(out)) + out[4:]


def shared_elements(count):
    """A pipeline whose elements all are one and the same matrix."""
    matrix = b"matf" + struct.pack(">4x2H", 4, 4) + struct.pack(">20f", *([0.0] * 20))
    last = b"matf" + struct.pack(">4x2H", 4, 3) + struct.pack(">15f", *([0.0] * 15))
    at = 16 + 8 * (count + 1)
    table = struct.pack(">2I", at, len(matrix)) * count
    table += struct.pack(">2I", at + len(matrix), len(last))
    return b"mpet" + struct.pack(">4x2HI", 4, 3, count + 1) + table + matrix + last


def profiled(icc):
    tiff = Tiff()
    bits = tiff.put(struct.pack("<4H", 8, 8, 8, 8))
    pixels = tiff.put(bytes(256 * 256 * 4))
    place = tiff.put(icc)
    entries = picture(256, pixels, 256 * 256 * 4, samples=4, photometric=5)
    entries[258] = (SHORT, 4, bits)
    tiff.directory(entries | {34675: (UNDEFINED, len(icc), place)})
    return tiff.bytes()


def large_grid():
    """Colours of a grid of 255 x 255 x 255 x 255, where there are a few."""
    lut = b"mft2" + struct.pack(">4x4B", 4, 3, 255, 0) + struct.pack(">9I", *([0] * 9))
    return profiled(profile(b"A2B0", lut + struct.pack(">2H", 2, 2) + bytes(4000)))


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content))


def png(chunks):
    pixels = zlib.compress(bytes(64 * 65))
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">2I5B", 64, 64, 8, 0, 0, 0, 0)),
                     chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b"")])


def inflating_texts():
    """A gigabyte of texts, of every kind that may be compressed."""
    packed = zlib.compress(b"a" * (8 * MEGABYTE), 9)
    return png((chunk(b"zTXt", b"Title\0\0" + packed) + chunk(b"zTXt", b"Other\0\0" + packed)
                + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)
                + chunk(b"iCCP", b"Profile\0\0" + packed)) * 30)


def exif_entries():
    """Entries of Exif that all are the same megabyte."""
    entries, length = 512, MEGABYTE - 8192
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", entries)
    behind = len(block) + 12 * entries + 4
    tags = (270, 271, 272, 305, 306, 315, 33432)
    for i in range(entries):
        block += struct.pack("<HHII", tags[i % len(tags)], ASCII, length, behind)
    return png(chunk(b"eXIf", block + bytes(4) + b"\xe4" * length))


def many_scans(side=5000, scans=490):
    """Scans that say nothing of any block, again and again."""
    out = io.BytesIO()
    PIL.Image.new("L", (side, side), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    before, *parts = data.split(b"\xff\xda")
    shortest = min(parts[:-1], key=len)
    return b"\xff\xda".join([before, *parts[:-1], *[shortest] * scans, parts[-1]])


def scans_of_a_tile(side=4096, scans=80):
    """A tile of JPEG that is progressive, as no writer makes them."""
    stream = many_scans(side, scans)
    tiff = Tiff()
    place = tiff.put(stream)
    tiff.directory(picture(side, place, len(stream), compression=7))
    return tiff.bytes()


def large_claim():
    """A progressive picture of 65500 x 65500 in a few hundred bytes."""
    out = io.BytesIO()
    PIL.Image.new("RGB", (64, 64)).save(out, "JPEG", progressive=True)
    data = bytearray(out.getvalue())
    struct.pack_into(">2H", data, data.index(b"\xff\xc2") + 5, 65500, 65500)
    return bytes(data)


def many_blocks(width, height, block, data, pages=1, compression=8, channels=1):
    """Blocks that all are the same bytes: tiles, or strips as wide as the picture where they are
    one row high. Each channel is stored on its own."""
    tiff = Tiff(big=True)
    place = tiff.put(data)
    count = -(-width // block[0]) * -(-height // block[1]) * channels
    entries = {
        256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [8] * channels),
        259: (SHORT, [compression]), 262: (SHORT, [2 if channels == 3 else 1]),
        277: (SHORT, [channels]), 284: (SHORT, [2 if channels > 1 else 1]),
    }
    if count > 1:
        offsets = tiff.put(struct.pack("<Q", place) * count)
        lengths = tiff.put(struct.pack("<Q", len(data)) * count)
        places = {324: (LONG8, count, offsets), 325: (LONG8, count, lengths)}
    else:
        places = {324: (LONG8, [place]), 325: (LONG8, [len(data)])}
    if block[1] == 1:
        entries |= {273: places[324], 278: (LONG, [1]), 279: places[325]}
    else:
        entries |= {322: (LONG, [block[0]]), 323: (LONG, [block[1]])} | places
    for _ in range(pages):
        tiff.directory(entries)
    return tiff.bytes()


def zeros(count):
    return zlib.compress(bytes(count), 9)


# By name: what makes it, and a request that is refused.
TOO_MUCH_WORK = {
    "large_pages.tif": (
        lambda: many_blocks(8192, 8192, (8192, 8192), zeros(8192 * 8192), pages=64),
        "/fcgi?FIF={}&SPECTRA=0,0,0,0"),
    "small_tiles.tif": (
        lambda: many_blocks(17000, 17000, (16, 16), zeros(256)), "/iiif/{}/full/64,/0/default.jpg"),
    "small_tiles_of_planes.tif": (
        lambda: many_blocks(10000, 10000, (16, 16), bytes(256), compression=1, channels=3),
        "/iiif/{}/full/64,/0/default.jpg"),
    "strips_of_a_pixel.tif": (
        lambda: many_blocks(1, 1_100_000, (1, 1), b"\x55", compression=1),
        "/fcgi?FIF={}&HEI=100&CVT=jpeg"),
    "large_tiles.tif": (
        lambda: many_blocks(100_000, 100_000, (8192, 8192), zeros(8192 * 8192)),
        "/iiif/{}/full/64,/0/default.jpg"),
}

FILES = {
    "shared_texts.tif": shared_texts,
    "shared_texts_big.tif": lambda: shared_texts(big=True),
    "shared_texts_64.tif": lambda: shared_texts(pages=64),
    "shared_exif.tif": shared_exif,
    "palettes.tif": palettes,
    "palettes_of_levels.tif": lambda: palettes(sides=(64, 32)),
    "windows.tif": windows,
    "dictionaries.tif": dictionaries,
    "large_dictionary.tif": large_dictionary,
    "large_dictionary_reversed.tif": lambda: large_dictionary(fill_order=2),
    "elements_2000.tif": lambda: profiled(profile(b"D2B0", shared_elements(2000))),
    "elements_90000.tif": lambda: profiled(profile(b"D2B1", shared_elements(90000))),
    "elements_of_tags.tif": lambda: profiled(profile(b"D2B0", shared_elements(2000), tags=4)),
    "large_grid.tif": large_grid,
    "texts.png": inflating_texts,
    "exif.png": exif_entries,
    "scans.jpg": many_scans,
    "scans.tif": scans_of_a_tile,
    "large_claim.jpg": large_claim,
    **{name: make for name, (make, _) in TOO_MUCH_WORK.items()},
}
