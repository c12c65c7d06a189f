"""Files that say one thing in one place and another elsewhere, or lead their reader round in circles.

Each is answered with the right status, within the limits of one request, with the child still there,
and with one line of the log where it is refused."""
import io
import os
import re
import struct
import sys

import numpy as np
import pytest
from conftest import REPOSITORY, service
from costly_files import LONG, Tiff, picture
from one_child import ONE_CHILD, Child
from PIL import Image
from private_httpd import Server

sys.path.insert(0, str(REPOSITORY / "scripts"))

from jp2_kit import box, wrap  # noqa: E402

MOST_SECONDS = 2
MOST_MEGABYTES = 300
GREY = 128

# ---- JPEG


def plain_jpeg(side=8):
    """Grey, with the tables of the standard."""
    out = io.BytesIO()
    Image.new("L", (side, side), GREY).save(out, "JPEG", quality=75)
    return bytearray(out.getvalue())


def frame_header(data):
    """Where the frame's height stands; its width is behind it."""
    return data.index(b"\xff\xc0") + 5


def with_dnl(stated, later, number=None):
    """The frame says `stated` lines, a DNL marker behind the first scan says `later`; `number` of its
    bytes are there."""
    data = plain_jpeg(16)
    struct.pack_into(">H", data, frame_header(data), stated)
    marker = struct.pack(">HHH", 0xFFDC, 4, later)[:number]
    return bytes(data[:-2] + marker + data[-2:])


# One block of the standard's tables: no difference to the one before, nothing else, and 1 to the end
# of the byte. It is the same grey, as long as the first is.
SAME_AGAIN = b"\x2b"


def each_block_restarts(side, marker=lambda i: 0xD0 + i % 8):
    """As many restart markers as blocks, by number of the block; a `marker` of 0 is left out."""
    data = plain_jpeg()
    struct.pack_into(">HH", data, frame_header(data), side, side)
    scan = data.index(b"\xff\xda")
    start = scan + 2 + struct.unpack_from(">H", data, scan + 2)[0]
    blocks = ((side + 7) // 8) ** 2
    if marker is None:
        entropy = SAME_AGAIN * blocks
    else:
        cycle = b"".join(SAME_AGAIN + bytes([0xFF, marker(i)]) for i in range(8))
        entropy = (cycle * (blocks // 8 + 1))[: 3 * blocks - 2]
    interval = struct.pack(">HHH", 0xFFDD, 4, 1)
    return bytes(data[:scan] + interval + data[scan:start] + entropy + b"\xff\xd9")


# ---- TIFF


def with_sub_directories(links):
    """Pictures of 16x16 pixels; links[i] says which are SubIFDs of number i. Only the first one is in
    the chain."""
    tiff = Tiff()
    pixels = tiff.put(bytes([GREY]) * 256)
    places, fields, ends = [], [], []  # of directories, of their lists of SubIFDs, of the next one's place
    for targets in links:
        entries = picture(16, pixels, 256)
        entries[330] = (LONG, [0])
        if len(targets) > 1:
            entries[330] = (LONG, len(targets), tiff.put(bytes(4 * len(targets))))
        places.append(len(tiff.data))
        tiff.directory(entries)
        entry = places[-1] + 2 + 12 * sorted(entries).index(330) + 8
        fields.append(entry if len(targets) == 1 else entries[330][2])
        ends.append(tiff.link)
    for end in ends:
        struct.pack_into("<I", tiff.data, end, 0)
    for targets, field in zip(links, fields):
        for i, target in enumerate(targets):
            struct.pack_into("<I", tiff.data, field + 4 * i, places[target])
    return tiff.bytes()


DEEP = 1000
LARGE = 8192

# The bytes, and the status of the description and of the picture.
FILES = {
    "dnl.jpg": (with_dnl(0, 16), 501, 501),
    "dnl_without_its_number.jpg": (with_dnl(0, 16, 3), 501, 501),
    "dnl_of_more.jpg": (with_dnl(16, 65535), 200, 200),
    "dnl_of_none.jpg": (with_dnl(16, 0), 200, 200),
    "restarts.jpg": (each_block_restarts(LARGE), 200, 200),
    "restarts_in_disorder.jpg": (each_block_restarts(2048, lambda i: 0xD0 + (7 * i + 3) % 8), 200, 500),
    "restarts_left_out.jpg": (each_block_restarts(2048, None), 200, 500),
    "sub_ifd_of_itself.tif": (with_sub_directories([[0]]), 200, 200),
    "sub_ifds_in_a_circle.tif": (with_sub_directories([[1], [2], [0]]), 200, 200),
    "sub_ifds_of_each_other.tif": (with_sub_directories([list(range(32))] * 32), 200, 200),
    "sub_ifds_far_down.tif": (with_sub_directories([[i + 1] for i in range(DEEP)] + [[0]]), 200, 200),
}


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    for name, (data, *_) in FILES.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1_600_000_000, 1_600_000_000))
    return folder


@pytest.fixture(scope="module", params=sorted(ONE_CHILD))
def server(request, module_folder, folder):
    server = Server(module_folder / f"server-{request.param}", request.param)
    server.expect_log(r"\[iip:error\]")  # of the pictures that are refused
    server.expect_log("consider raising the MaxRequestWorkers setting")
    server.start(ONE_CHILD[request.param] + "LogLevel iip:info\n" + service(folder)
                 + service(folder, path="/fcgi"))
    server.get("/iiif/nothing/info.json")  # the child is there
    yield server
    server.stop()


REQUESTS = ["/iiif/{}/info.json", "/fcgi?FIF={}&OBJ=metadata", "/iiif/{}/full/16,/0/default.png",
            "/iiif/{}/pct:90,90,1,1/max/0/default.png", "/iiif/{}/full/16,/0/default.png"]


@pytest.mark.parametrize("name", FILES)
def test_it_is_answered_within_the_limits(server, name):
    child = Child(server)
    _, of_description, of_picture = FILES[name]
    for form in REQUESTS:
        target = form.format(name)
        child.forget_peak()
        seconds, megabytes = child.seconds(), child.megabytes("VmRSS")
        lines = server.error_log().count(name)
        answer = server.get(target)
        seconds = child.seconds() - seconds
        megabytes = child.megabytes("VmHWM") - megabytes
        line = f"{target}: {answer.status}, {seconds:.2f} s, {megabytes:.0f} MB"
        print(line)
        is_picture = target.endswith(".png")
        assert answer.status == (of_picture if is_picture else of_description), line
        assert seconds < MOST_SECONDS and megabytes < MOST_MEGABYTES, line
        if answer.status != 200:
            server.wait_for_log(re.escape(name))
            assert server.error_log().count(name) == lines + 1
        elif is_picture:
            pixels = np.asarray(Image.open(io.BytesIO(answer.body)).convert("L")).astype(int)
            assert abs(pixels - GREY).max() <= 1
    assert server.children() == [child.pid]


def test_a_nul_of_a_file_does_not_end_the_line_of_the_log(server, folder):
    """A colour profile that is for the space 'a', NUL, line end, escape."""
    profile = bytes(16) + b"a\0\n\x1b" + bytes(200)
    Image.new("L", (16, 16), GREY).save(folder / "plain.jp2")
    data = (folder / "plain.jp2").read_bytes()
    (folder / "nul.jp2").write_bytes(wrap(data[data.index(b"\xff\x4f\xff\x51"):], (16, 16), 1,
                                          box(b"colr", bytes([2, 0, 0]), profile)))
    assert server.get("/iiif/nul.jp2/info.json").status == 501
    server.wait_for_log("nul.jp2")
    (line,) = [line for line in server.error_log().splitlines() if "nul.jp2" in line]
    assert line.endswith(r"JP2: colour space of an ICC profile for 'a\\x00\n\x1b'"), line
