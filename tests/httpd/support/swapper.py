"""Exchanges two names again and again, at random moments, until it is ended: swapper.py A B [A B ...]

For tests of what happens between the check of a path and its opening. As a program, so that it runs
beside the test's own threads."""
import ctypes
import os
import random
import subprocess
import sys
import time

AT_FDCWD, RENAME_EXCHANGE = -100, 2
LIBC = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    names = (os.fsencode(one), os.fsencode(other))
    if LIBC.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), f"exchanging {one} and {other}")


class Swapper:
    def __init__(self, *pairs):
        names = [str(name) for pair in pairs for name in pair]
        self.process = subprocess.Popen([sys.executable, __file__, *names])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.process.poll() is None, "the swapper has failed"
        self.process.kill()
        self.process.wait()


def main():
    pairs = list(zip(sys.argv[1::2], sys.argv[2::2]))
    choice = random.Random(1)
    while True:
        exchange(*choice.choice(pairs))
        pause = choice.choice((0, 20e-6, 100e-6, 500e-6, 2e-3)) * choice.random()
        end = time.perf_counter() + pause
        if pause > 200e-6:
            time.sleep(pause)
        while time.perf_counter() < end:
            pass


if __name__ == "__main__":
    main()
