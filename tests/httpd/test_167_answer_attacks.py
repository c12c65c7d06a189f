"""What answering costs: nobody's picture is made to its end, and no answer takes memory that is not
counted. Under event and prefork."""
import contextlib
import http.client
import io
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import time

import numpy as np
import pytest
from conftest import PHOTOS, service, tiff, vips, wait_until_settled
from PIL import Image
from private_httpd import Server
from status_site import STATUS, report
from waiting import wait_for

SIDE = 5000
# One picture at a time; levels of compression that take the longest, which only the server can allow.
SETTINGS = """
IIPMaxRenders 1
IIPMaxRequestMemory 1000
IIPMaxRenderMemory 2000
IIPRenderTimeout {timeout}
IIPPNGQuality 9
IIPTIFFCompression zstd
IIPTIFFQuality 19
"""
LONG = {
    "zstd": "/iip?FIF=large.tif&QLT=zstd:19&CVT=tif",
    "png": "/iip?FIF=large.tif&QLT=9&CVT=png",
    "webp": "/iip?FIF=large.tif&QLT=-1&CVT=webp",
    "turned": "/iip?FIF=large.tif&ROT=33&CVT=png",
    "convolved": "/iip?FIF=large.tif&CNV=1,1,1;1,1,1;1,1,1&CNT=1.1&CVT=png",
}
SMALL = "/iip?FIF=small.tif&WID=50&CVT=jpeg"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(server):
    """Of all child processes together."""
    seconds = 0
    for child in server.children():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def peak_megabytes(server):
    """Of the child process that has had the most."""
    def peak(child):
        status = pathlib.Path(f"/proc/{child}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    return max(peak(child) for child in server.children())


@pytest.fixture(scope="module")
def tree(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    vips("thumbnail", PHOTOS / "coffee.jpg", folder / "large.v", str(SIDE), "--height", str(SIDE),
         "--size", "force")
    tiff(folder / "large.v", folder / "large.tif", "--compression", "jpeg", "--Q", "90")
    (folder / "large.v").unlink()
    tiff(PHOTOS / "astronaut.jpg", folder / "small.tif", "--compression", "deflate")
    write_repeated(folder / "noise.tif", 512, noise(512), 256)
    write_repeated(folder / "padded.tif", 16, noise(16)[:-2] + bytes(1 << 20) + b"\xff\xd9", 256)
    write_repeated(folder / "huge.tif", 4096, noise(4096), 1)
    wait_until_settled()
    return folder


def noise(side):
    """A JPEG picture that compresses badly."""
    samples = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "JPEG", quality=98, subsampling="4:2:0")
    data = out.getvalue()
    # Without JFIF's segment, which a tile of a TIFF file does not have.
    assert data[2:4] == b"\xff\xe0"
    return data[:2] + data[4 + struct.unpack(">H", data[4:6])[0]:]


def write_repeated(path, side, jpeg, count):
    """A TIFF file of `count` tiles that are all the same bytes of the file."""
    entries = [(256, 4, [side * count]), (257, 4, [side]), (258, 3, [8, 8, 8]), (259, 3, [7]),
               (262, 3, [6]), (277, 3, [3]), (284, 3, [1]), (322, 4, [side]), (323, 4, [side]),
               (324, 4, [8] * count), (325, 4, [len(jpeg)] * count), (530, 3, [2, 2])]
    body = bytearray(b"II*\0" + bytes(4) + jpeg)
    fields = []
    for tag, kind, values in entries:
        data = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(data) > 4:
            body += bytes(len(body) % 2)
            fields.append(struct.pack("<HHII", tag, kind, len(values), len(body)))
            body += data
        else:
            fields.append(struct.pack("<HHI", tag, kind, len(values)) + data.ljust(4, b"\0"))
    body += bytes(len(body) % 2)
    struct.pack_into("<I", body, 4, len(body))
    body += struct.pack("<H", len(fields)) + b"".join(fields) + bytes(4)
    path.write_bytes(body)


@pytest.fixture(params=["event", "prefork"])
def started(request, tmp_path, tree):
    server = Server(tmp_path / "server", request.param)

    def start(settings, extra=""):
        # One child under event, so that its figures are those of the request.
        children = "StartServers 1\nServerLimit 1\nMaxRequestWorkers 25\nMinSpareThreads 1\n" if request.param == "event" else ""
        server.start(settings + children + service(tree, "IIPMaxCVT 5000", path="/iip") + extra)
        return server

    yield start
    server.stop()


def send(server, target):
    connection = socket.create_connection(("127.0.0.1", server.port), 120)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def encoder_has_memory(server):
    """WebP takes six times what the picture does; it is decoded whole before."""
    idle = peak_megabytes(server)
    return lambda: peak_megabytes(server) > idle + 200


def much_is_done(server):
    """The others take half a minute and more for all rows: decoded, made and encoded side by side."""
    before = cpu_seconds(server)
    return lambda: cpu_seconds(server) > before + 0.5


@contextlib.contextmanager
def stopped_while_encoding(server, kind):
    """Asks for the picture, and stops all children while it is being encoded: however fast the
    machine is, what is done within comes before the picture's end. Gives the connection."""
    begun = encoder_has_memory(server) if kind == "webp" else much_is_done(server)
    connection = send(server, LONG[kind])
    # Where the machine is so slow that the time is over before, there is an answer by then.
    wait_for("nothing is made",
             lambda: begun() or select.select([connection], [], [], 0)[0], pause=0.002)
    children = server.children()
    for child in children:
        os.kill(child, signal.SIGSTOP)
    try:
        yield connection
    finally:
        for child in children:
            os.kill(child, signal.SIGCONT)


def expect_that_nothing_goes_on(server, since):
    # Some hundredths of a second; to the end it would be half a minute, of all but WebP.
    assert cpu_seconds(server) < since + 5
    assert report(server)["host"]["admission_regions"] == 0
    assert server.get(SMALL.replace("50", "51")).status == 200, "its place is free"


@pytest.mark.parametrize("kind", LONG)
def test_a_picture_that_nobody_waits_for_is_not_made(started, kind):
    server = started(SETTINGS.format(timeout=0), STATUS)
    assert server.get(SMALL).status == 200
    with stopped_while_encoding(server, kind) as connection:
        connection.close()
        left = cpu_seconds(server)
    # One that is made to its end is none of those, whether anybody is there to take it or not.
    wait_for("it is made to its end", lambda: report(server)["totals"]["clients_gone"] == 1)
    expect_that_nothing_goes_on(server, left)


@pytest.mark.parametrize("kind", LONG)
def test_a_picture_that_takes_too_long_ends(started, kind):
    timeout = 2
    server = started(SETTINGS.format(timeout=timeout), STATUS)
    server.expect_log("IIPRenderTimeout")
    assert server.get(SMALL).status == 200
    with stopped_while_encoding(server, kind) as connection:
        time.sleep(timeout)
        over = cpu_seconds(server)
    with connection:
        answer = http.client.HTTPResponse(connection)
        answer.begin()
    assert answer.status == 503 and answer.headers["Retry-After"]
    server.wait_for_log("large.tif: .*IIPRenderTimeout")
    expect_that_nothing_goes_on(server, over)


def test_levels_without_loss_are_the_servers(started):
    server = started("")
    for less, more in (("QLT=1&CVT=png", "QLT=9&CVT=png"),
                       ("QLT=zstd:1&CVT=tif", "QLT=zstd:19&CVT=tif"),
                       ("QLT=deflate:1&CVT=tif", "QLT=deflate:9&CVT=tif")):
        first, second = (server.get(f"/iip?FIF=small.tif&WID=200&{q}") for q in (less, more))
        assert first.status == second.status == 200
        assert first.body == second.body and first["ETag"] == second["ETag"]


def test_many_tiles_in_one_answer(started):
    server = started("")
    server.get(SMALL)
    idle = peak_megabytes(server)
    server.expect_log("longer than one request may ask for|an answer of more than")
    assert server.get("/iip?FIF=noise.tif&TIL=0,0-255").status == 413
    few = server.get("/iip?FIF=noise.tif&TIL=0,0-9")
    assert few.status == 200 and few.body.count(b"Tile,0,") == 10
    # What is no part of the picture is not sent, a megabyte for each tile of 16x16.
    padded = server.get("/iip?FIF=padded.tif&TIL=0,0-255")
    assert padded.status in (200, 500)
    assert len(padded.body) < 1 << 20
    assert peak_megabytes(server) < idle + 100


def test_a_stored_tile_over_http2(started):
    """What is passed on is copied there: it has a bound."""
    server = started("")
    server.get(SMALL)
    idle = peak_megabytes(server)
    url = f"http://127.0.0.1:{server.port}/iip?FIF=huge.tif&JTL=0,0"
    size = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-o", "/dev/null", "-w",
                           "%{http_code} %{size_download}", url],
                          capture_output=True, text=True, check=True).stdout.split()
    assert size[0] == "200" and 0 < int(size[1]) < 16 << 20, "it was encoded anew"
    assert peak_megabytes(server) < idle + 250
