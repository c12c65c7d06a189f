"""For tests under fire: a lean client, and pictures of one flat colour that say which they are."""
import io
import pathlib
import socket
import sys

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

import tiff_writer  # noqa: E402

SIDE = 32  # of a flat picture, in pixels: file and all, it fits into one page of memory


class Gone(Exception):
    """The connection ended before the answer was complete."""


class Connection:
    """One kept-alive connection. get() gives status and body; Gone where the server is gone."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local_port = self.socket.getsockname()[1]
        self.buffer = b""

    def close(self):
        self.socket.close()

    def receive(self):
        try:
            chunk = self.socket.recv(65536)
        except ConnectionError as error:
            raise Gone(repr(error)) from error
        if not chunk:
            raise Gone("closed")
        self.buffer += chunk

    def get(self, target):
        try:
            self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: fire\r\n\r\n".encode())
        except ConnectionError as error:
            raise Gone(repr(error)) from error
        return self.answer()

    def answer(self):
        """What comes next."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self.receive()
        head = self.buffer[:end].decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:])
        size = end + 4 + int(headers["content-length"])
        while len(self.buffer) < size:
            self.receive()
        body, self.buffer = self.buffer[end + 4 : size], self.buffer[size:]
        return int(head[0].split()[1]), body


# ---- Flat pictures. A colour holds the number of its picture (10 bits) and of its generation (14).


def colour_of(number, generation):
    return (number & 255, generation & 255, number >> 8 | (generation >> 8 & 63) << 2)


def meaning_of(colour):
    """Number and generation."""
    red, green, blue = colour
    return red | (blue & 3) << 8, green | (blue >> 2) << 8


def template():
    """The bytes of a flat picture, and where its pixels stand in them."""
    marker = numpy.arange(SIDE * SIDE * 3, dtype=numpy.uint32).astype(numpy.uint8)
    directory = tiff_writer.directory_of(marker.reshape(SIDE, SIDE, 3), 2, block=(SIDE, SIDE))
    writer = tiff_writer.Writer()
    writer.write("/dev/null", [directory])
    data = bytes(writer.out)
    return data, data.index(marker.tobytes())


TEMPLATE, PIXELS_AT = template()


def flat_pixels(number, generation):
    return bytes(colour_of(number, generation)) * (SIDE * SIDE)


def flat_tiff(number, generation):
    pixels = flat_pixels(number, generation)
    return TEMPLATE[:PIXELS_AT] + pixels + TEMPLATE[PIXELS_AT + len(pixels) :]


def flat_colour(body):
    """The colour of a PNG, or None where it has several."""
    extremes = Image.open(io.BytesIO(body)).convert("RGB").getextrema()
    if any(low != high for low, high in extremes):
        return None
    return tuple(low for low, _ in extremes)
