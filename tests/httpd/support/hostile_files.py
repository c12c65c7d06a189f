"""Files that make libraries of Debian's abort. Each is found by a search that is the same every time,
and by the library's own program, which has to abort over it."""
import ctypes
import random
import signal
import struct
import subprocess

import numpy as np
from PIL import Image

SIDE = 64
LERC = 34887
LERC_HEADER = 98  # bytes before what the decoder of floats reads


def aborts(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == -signal.SIGABRT


# ---- HTJ2K


def write_htj2k(path, width=SIDE):
    """With a single code-block, which is all of the codestream's end."""
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, width), dtype=np.uint8)
    Image.fromarray(noise).save(path.with_suffix(".pgm"))
    subprocess.run(["ojph_compress", "-i", path.with_suffix(".pgm"), "-o", path,
                    "-num_decomps", "0", "-reversible", "true", "-block_size", "{64,64}"],
                   check=True, capture_output=True)


def write_damaged_htj2k(path):
    """Two bytes 0xFF where the block's MEL data begin, which no encoder writes: the block's last bytes
    say how long that part is. Whether OpenJPEG's assertion sees both depends on where they lie in
    memory."""
    for width in range(SIDE - 7, SIDE):
        write_htj2k(path, width)
        data = bytearray(path.read_bytes())
        assert data[-2:] == b"\xff\xd9"
        start = len(data) - 2 - ((data[-3] << 4) + (data[-4] & 15))
        data[start:start + 2] = b"\xff\xff"
        path.write_bytes(data)
        if aborts("opj_decompress", "-i", path, "-o", path.with_suffix(".out.pgm")):
            return
    raise AssertionError("no damage makes this OpenJPEG abort")


# ---- LERC


def lerc_of_floats():
    """Of version 6, which packs floats without loss as libtiff never writes and does read them."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    values = np.sin(x / 7.0) * y * 100 + np.random.default_rng(1).random((SIDE, SIDE))
    floats = np.ascontiguousarray(values.astype(np.float32))
    out = (ctypes.c_ubyte * (8 * floats.nbytes))()
    written = ctypes.c_uint(0)
    kind, depth, bands, masks = 6, 1, 1, 0
    failed = ctypes.CDLL("libLerc.so.4").lerc_encode(
        floats.ctypes.data_as(ctypes.c_void_p), kind, depth, SIDE, SIDE, bands, masks, None,
        ctypes.c_double(0), out, len(out), ctypes.byref(written))
    assert not failed
    return bytes(out[: written.value])


def fletcher32(data):
    """As libLerc computes it: over pairs of bytes, the first the higher one."""
    sums = [0xFFFF, 0xFFFF]
    for start in range(0, len(data) // 2 * 2, 2 * 359):
        for i in range(start, min(start + 2 * 359, len(data) // 2 * 2), 2):
            sums[0] += (data[i] << 8) + data[i + 1]
            sums[1] += sums[0]
        sums = [(part & 0xFFFF) + (part >> 16) for part in sums]
    if len(data) % 2:
        sums[0] += data[-1] << 8
        sums[1] += sums[0]
    sums = [(part & 0xFFFF) + (part >> 16) for part in sums]
    return (sums[1] << 16 | sums[0]) & 0xFFFFFFFF


def write_lerc_tiff(path, blob):
    short, long = 3, 4
    entries = [(256, short, 1, SIDE), (257, short, 1, SIDE), (258, short, 1, 32),
               (259, short, 1, LERC), (262, short, 1, 1), (273, long, 1, None),
               (277, short, 1, 1), (278, short, 1, SIDE), (279, long, 1, len(blob)),
               (339, short, 1, 3), (50674, long, 2, None)]
    parameters = 8 + 2 + 12 * len(entries) + 4
    places = {273: parameters + 8, 50674: parameters}
    data = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    for tag, kind, count, value in entries:
        data += struct.pack("<HHI", tag, kind, count)
        value = places.get(tag, value)
        data += struct.pack("<HH", value, 0) if kind == short else struct.pack("<I", value)
    path.write_bytes(data + struct.pack("<III", 0, 4, 0) + blob)


def write_damaged_lerc(path):
    """Some bytes changed, and the checksum made right."""
    blob, dice = lerc_of_floats(), random.Random(1)
    for _ in range(2000):
        data = bytearray(blob)
        for _ in range(dice.choice([1, 1, 2, 4])):
            data[dice.randrange(LERC_HEADER - 4, LERC_HEADER + 42)] = dice.randrange(256)
        struct.pack_into("<I", data, 10, fletcher32(data[14:]))
        write_lerc_tiff(path, bytes(data))
        if aborts("tiffcp", "-c", "none", path, path.with_suffix(".out.tif")):
            return
    raise AssertionError("no damage makes this libLerc abort")
