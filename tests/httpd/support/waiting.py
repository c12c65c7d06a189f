"""Waiting for what comes by itself: within moments, unless the machine has much else to do."""
import time

PATIENCE = 120  # seconds


def wait_for(what, done, pause=0.02):
    """`what` is said where it does not come: a text, or a function that gives one."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(pause)
