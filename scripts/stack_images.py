"""TIFF files of several pages, turned ones, and ones that say much about themselves, with what must come of them.

The pixels of page N of FILE, other than the first, are those of `FILE@N` in the manifest.
"""

import numpy
from PIL import Image, ImageOps

import tiff_writer as tw
from image_kit import photo, shrink


def page_files(images):
    first = photo("astronaut.jpg", 300, 200)
    pages = [first, 255 - first, first[:, ::-1]]
    halves = [shrink(page, 150, 100) for page in pages]
    text = lambda value: (tw.ASCII, value.encode() + b"\0")
    kind = lambda value: {254: (tw.LONG, [value])}
    level = lambda pixels, **more: tw.directory_of(pixels, 2, 8, (64, 64), **more)
    names = [{269: text("One")}, {285: text("Two"), 37439: (tw.DOUBLE, [0.25])}, {}]
    other = photo("coffee.jpg", 120, 90)
    mask = numpy.zeros((200, 300, 1), numpy.uint8)
    cases = {
        "plain": ([level(page, tags=tags) for page, tags in zip(pages, names)], [[page] for page in pages]),
        "levels": (
            [level(page, children=[level(half, tags=kind(1))]) for page, half in zip(pages, halves)],
            [[page, half] for page, half in zip(pages, halves)],
        ),
        # Pages of their own sizes, as from a scanner, and one of another depth.
        "marked": (
            [
                level(first, tags=kind(2)),
                level(other, tags=kind(2)),
                tw.directory_of(mask[:50, :40].astype(numpy.uint16) + 700, 1, bits=16, tags=kind(2)),
            ],
            [[first], [other], [mask[:50, :40].astype(numpy.uint16) + 700]],
        ),
        # Masks, labels and what can not be read are no pages.
        "others": (
            [
                level(pages[0]),
                tw.directory_of(mask, 4, 8, tags=kind(4)),
                level(other),
                level(pages[1]),
                tw.directory_of(mask, 1, 8),
                tw.Directory({256: (tw.LONG, [300]), 257: (tw.LONG, [200])}, []),
            ],
            [[page] for page in pages[:2]],
        ),
        # Levels in the chain: whose are they, if the chain holds a second picture?
        "none": ([level(pages[0]), level(halves[0], tags=kind(1)), level(pages[1])], [[pages[0], halves[0]]]),
    }
    for name, (directories, expected) in cases.items():
        for suffix, how in (("", {}), ("_bigbe", {"big_endian": True, "big_tiff": True})):
            if suffix and name == "marked":
                continue
            path = f"stack_{name}{suffix}.tif"
            images.write(path, directories, **how)
            for page, levels in enumerate(expected):
                for number, pixels in enumerate(levels):
                    images.expect(path if page == 0 else f"{path}@{page}", number, pixels)


def turned(pixels, orientation):
    """As Pillow turns what Exif says."""
    exif = Image.Exif()
    exif[274] = orientation
    channels = []
    for channel in range(pixels.shape[2]):
        image = Image.fromarray(pixels[:, :, channel].astype(numpy.int32))
        image.info["exif"] = exif.tobytes()
        channels.append(numpy.asarray(ImageOps.exif_transpose(image)))
    return numpy.stack(channels, axis=2).astype(pixels.dtype)


def turned_files(images):
    full = photo("astronaut.jpg", 300, 200)
    levels = [full, shrink(full, 150, 100)]
    for orientation in range(10):  # 0 and 9 mean nothing
        tags = {274: (tw.SHORT, [orientation])}
        images.write(f"turned_{orientation}.tif", [tw.directory_of(pixels, 2, 8, tags=tags) for pixels in levels])
        for number, pixels in enumerate(levels):
            seen = turned(pixels, orientation) if 1 < orientation < 9 else pixels
            images.expect(f"turned_{orientation}.tif", number, seen)
    bands = numpy.random.default_rng(1).integers(0, 65536, (40, 70, 5)).astype(numpy.uint16)
    tags = {274: (tw.SHORT, [7]), 282: (tw.RATIONAL, [(300, 1)]), 283: (tw.RATIONAL, [(150, 1)])}
    images.write("turned_bands.tif", [tw.directory_of(bands, 1, 8, bits=16, tags=tags)])
    images.expect("turned_bands.tif", 0, turned(bands, 7))


def photoshop(iptc):
    """Image resources: one of an odd length before the one with the records."""
    block = lambda number, name, data: (
        b"8BIM" + number.to_bytes(2, "big") + name + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
    )
    return block(0x03ED, b"\0\0", b"resolution!") + block(0x0404, b"\x04name\0", iptc) + block(0x0406, b"\0\0", b"x")


def telling_files(images):
    """Exif, GPS and IPTC, in a TIFF of either kind and in a JPEG."""
    rgb = photo("brick.jpg", 40, 30)
    iptc = b"\x1c\x02\x78\x00\x07Caption"
    exif = tw.Directory(
        {
            33434: (tw.RATIONAL, [(1, 250)]),  # ExposureTime
            34855: (tw.SHORT, [400]),  # ISOSpeedRatings
            36864: (tw.UNDEFINED, b"0230"),  # ExifVersion
            36867: (tw.ASCII, b"2019:08:07 06:05:04\0"),  # DateTimeOriginal
            37380: (tw.SRATIONAL, [(-1, 3)]),  # ExposureBiasValue
            37500: (tw.UNDEFINED, b"the maker's own notes"),
        },
        [],
    )
    gps = tw.Directory({1: (tw.ASCII, b"N\0"), 2: (tw.RATIONAL, [(52, 1), (30, 1), (15, 1)])}, [])
    for name, how in (("le", {}), ("be", {"big_endian": True}), ("big", {"big_tiff": True})):
        tags = {34665: exif, 34853: gps, 33723: (tw.UNDEFINED, iptc)}
        images.write(f"telling_{name}.tif", [tw.directory_of(rgb, 2, tags=tags)], **how)
        images.expect(f"telling_{name}.tif", 0, rgb)
    tags = {34665: exif, 34377: (tw.BYTE, photoshop(iptc))}
    images.write("telling_photoshop.tif", [tw.directory_of(rgb, 2, tags=tags)])
    images.expect("telling_photoshop.tif", 0, rgb)

    exif = Image.Exif()
    exif.update({274: 6, 271: "Maker", 34855: 400})
    Image.fromarray(rgb).save(images.path("telling_plain.jpg"), "JPEG", exif=exif)
    plain = images.path("telling_plain.jpg").read_bytes()
    resources = photoshop(iptc)
    pieces = [resources[:20], resources[20:]]
    segments = b""
    for piece in pieces:
        content = b"Photoshop 3.0\0" + piece
        segments += b"\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content
    images.path("telling.jpg").write_bytes(plain[:2] + segments + plain[2:])
