"""What processes share, under fire: a thousand clients for one cold tile, killed children, and
pictures that are replaced while they are asked for.

Longer: IIP_FIRE_SECONDS=60 for the killing, IIP_FIRE_REQUESTS=1000000 IIP_FIRE_IMAGES=1000 for the
replacing."""
import json
import os
import pathlib
import random
import re
import selectors
import signal
import socket
import threading
import time

import pytest
from conftest import service, vips, wait_until_settled
from fire import (PIXELS_AT, Connection, Gone, colour_of, flat_colour, flat_pixels, flat_tiff,
                  meaning_of)
from private_httpd import Server

SECONDS = int(os.environ.get("IIP_FIRE_SECONDS", "10"))
REQUESTS = int(os.environ.get("IIP_FIRE_REQUESTS", "20000"))
IMAGES = int(os.environ.get("IIP_FIRE_IMAGES", "200"))
SEED = int(os.environ.get("IIP_FIRE_SEED", "1"))

STATUS = '<Location "/iip-status">\nSetHandler iip-status\n</Location>\n'


def module_lines(server):
    """What the module said last, to explain a failure."""
    return [line for line in server.error_log().splitlines() if "IIP: " in line][-10:]


def totals(server):
    return json.loads(server.get("/iip-status").text)["totals"]

# ---- One cold tile


@pytest.fixture(scope="module")
def slow_picture(module_folder):
    """36 megapixels without smaller levels, so that any view of the whole takes a while."""
    folder = module_folder / "slow"
    folder.mkdir()
    vips("black", folder / "black.v", "6000", "6000", "--bands", "3")
    vips("tiffsave", folder / "black.v", folder / "slow.tif", "--tile", "--compression", "deflate")
    wait_until_settled()
    return folder


class Crowd:
    """Connections that send the same request at the same moment."""

    def __init__(self, port, count):
        self.sockets = [socket.create_connection(("127.0.0.1", port), 60) for _ in range(count)]

    def ask(self, target):
        """The answers, each as (status, body)."""
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        for connection in self.sockets:
            connection.sendall(request)
        answers, waiting = {connection: b"" for connection in self.sockets}, selectors.DefaultSelector()
        for connection in self.sockets:
            waiting.register(connection, selectors.EVENT_READ)
        open_ones = len(self.sockets)
        while open_ones:
            ready = waiting.select(60)
            assert ready, f"{open_ones} of {len(self.sockets)} got no answer"
            for key, _ in ready:
                if chunk := key.fileobj.recv(65536):
                    answers[key.fileobj] += chunk
                else:
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()
                    open_ones -= 1
        return [parse(answer) for answer in answers.values()]


def parse(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    assert len(body) == length
    return int(head.split()[1]), body


@pytest.mark.parametrize("mpm, processes, clients", [("event", 8, 1000), ("prefork", 64, 60)])
def test_one_render_for_one_cold_tile(tmp_path, slow_picture, mpm, processes, clients):
    """Whatever process they come to: one makes it, the others wait for that."""
    server = Server(tmp_path / "server", mpm)
    threads = "ThreadLimit 128\nThreadsPerChild 128\n" if mpm == "event" else ""
    workers = processes * 128 if mpm == "event" else processes
    spare = "Threads" if mpm == "event" else "Servers"
    server.start(f"""
ServerLimit {processes}
StartServers {processes}
{threads}MaxRequestWorkers {workers}
MinSpare{spare} 1
MaxSpare{spare} {workers}
ListenBacklog 2048
""" + service(slow_picture) + STATUS)
    server.expect_log("AH10159|AH00161")  # most of the workers are busy
    try:
        for size in ("200,", "201,", "202,"):
            before = totals(server)
            answers = Crowd(server.port, clients).ask(f"/iiif/slow.tif/full/{size}/0/default.png")
            assert {status for status, _ in answers} == {200}
            assert len({body for _, body in answers}) == 1
            assert flat_colour(answers[0][1]) == (0, 0, 0)
            after = totals(server)
            grown = {name: after[name] - before[name] for name in after}
            assert grown["tiles_made"] + grown["regions_made"] == 1
            assert grown["requests"] == clients
            assert grown["cache_hits"] + grown["cache_misses"] == clients
            # They did wait, in the same process and in others.
            assert grown["shared_pictures"] > 0 if mpm == "event" else grown["flight_waits"] > 0
            if mpm == "event":
                assert grown["flight_waits"] > 0
    finally:
        server.stop()


# ---- Killed children


def write_flat(folder, count):
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.tif").write_bytes(flat_tiff(number, 0))
    wait_until_settled()


def ports_of(pid, server_port):
    """The client's ports of the connections that a process has accepted."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(fd))
        if found:
            inodes.add(found[1])
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            local, remote = (int(address.rpartition(":")[2], 16) for address in fields[1:3])
            if fields[9] in inodes and local == server_port and remote:
                ports.add(remote)
    return ports


def state_of(task):
    """As ps says it: R, S, T, Z ..."""
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def is_zombie(pid):
    return state_of(pathlib.Path(f"/proc/{pid}")) == "Z"


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{pid}/task")
    while {state_of(task) for task in tasks.iterdir()} != {"T"}:
        time.sleep(0.0001)


class Siege:
    """Clients that ask at random and check each answer. `broken` holds the local ports of the
    connections that ended early."""

    def __init__(self, port, targets, clients):
        self.port = port
        self.targets = targets
        self.broken = []
        self.failures = []
        self.slowest = 0.0
        self.count = 0
        self.running = True
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join()

    def run(self, number):
        choice = random.Random(SEED + number)
        connection = Connection(self.port)
        while self.running and not self.failures:
            target, colour = choice.choice(self.targets)
            start = time.monotonic()
            try:
                status, body = connection.get(target)
            except Gone:
                self.broken.append(connection.local_port)
                connection.close()
                connection = Connection(self.port)
                continue
            self.slowest = max(self.slowest, time.monotonic() - start)
            self.count += 1
            if status != 200 or flat_colour(body) != colour:
                self.failures.append(f"{target}: {status}, {body[:100]}")
        connection.close()


def test_killed_children(tmp_path):
    folder = tmp_path / "flat"
    write_flat(folder, 100)
    server = Server(tmp_path / "server")
    server.start("""
IIPMaxImageCacheSize 1
StartServers 4
ThreadsPerChild 32
MaxRequestWorkers 128
MinSpareThreads 64
MaxSpareThreads 128
MaxKeepAliveRequests 0
KeepAliveTimeout 300
""" + service(folder) + STATUS)
    server.expect_log("exit signal Killed|AH10159")
    # More than the cache holds, so that it is always being filled, asked and emptied.
    targets = [(f"/iiif/{n}.tif/{region}/{size}/0/default.png", colour_of(n, 0))
               for n in range(100) for region in ("full", "0,0,9,9", "3,5,20,20")
               for size in ("^40,", "^64,", "^200,", "^400,")]
    choice = random.Random(SEED)
    of_the_dead, kills = set(), 0
    try:
        with Siege(server.port, targets, clients=24) as siege:
            end = time.monotonic() + SECONDS
            at_the_latest = end + 60  # a busy machine may need more time for the same

            def enough():
                return siege.count > 10 * SECONDS and kills >= SECONDS and siege.broken

            while not siege.failures and time.monotonic() < (end if enough() else at_the_latest):
                time.sleep(choice.uniform(0.02, 0.5))
                alive = [child for child in server.children() if not is_zombie(child)]
                if len(alive) < 2:
                    continue  # httpd starts new ones once a second
                victim = choice.choice(alive)
                # Stopped first, so that what it had accepted is known exactly.
                stop(victim)
                of_the_dead |= ports_of(victim, server.port)
                os.kill(victim, signal.SIGKILL)
                kills += 1
        assert not siege.failures, siege.failures[:3] + module_lines(server)
        assert enough()
        assert set(siege.broken) <= of_the_dead
        # Nobody waited for somebody who is dead: patience would be 15 seconds.
        assert siege.slowest < 10
        check_that_all_is_well(server, targets)
    finally:
        server.stop()


def check_that_all_is_well(server, targets):
    """The cache answers, no lock is stuck, and all places to render are free."""
    report = json.loads(server.get("/iip-status").text)
    assert report["host"]["cache_damages"] == report["host"]["cache_bad_checksums"] == 0
    assert report["totals"]["failures"] == report["totals"]["refused_busy"] == 0
    connection = Connection(server.port)
    for target, colour in targets:
        start = time.monotonic()
        for _ in range(2):
            status, body = connection.get(target)
            assert status == 200 and flat_colour(body) == colour
        assert time.monotonic() - start < 5, target
    connection.close()
    after = json.loads(server.get("/iip-status").text)
    hits = after["totals"]["cache_hits"] - report["totals"]["cache_hits"]
    assert hits >= len(targets)
    assert after["host"]["cache_refusals"] == report["host"]["cache_refusals"]


# ---- Replaced pictures


class Gallery:
    """Flat pictures that are replaced by new generations, each noted with its time.

    One in eight is written in place; one in eight has its times set back after it was replaced; the
    others are renamed into place."""

    def __init__(self, folder, count):
        self.folder = folder
        write_flat(folder, count)
        # For each picture, for each generation: when its coming began, and when it was there.
        self.history = [[(0.0, 0.0)] for _ in range(count)]

    def file(self, number):
        return self.folder / f"{number}.tif"

    @staticmethod
    def is_written_in_place(number):
        return number % 8 == 0

    def replace(self, number):
        generation = len(self.history[number])
        start = time.monotonic()
        self.history[number].append((start, float("inf")))
        if self.is_written_in_place(number):
            with open(self.file(number), "r+b", buffering=0) as file:
                os.pwrite(file.fileno(), flat_pixels(number, generation), PIXELS_AT)
        else:
            fresh = self.folder / f"{number}.new"
            fresh.write_bytes(flat_tiff(number, generation))
            if number % 8 == 1:
                os.utime(fresh, (1e9, 1e9))
            fresh.rename(self.file(number))
        self.history[number][generation] = (start, time.monotonic())

    def complaint(self, number, start, end, status, body):
        """What is wrong with an answer that was asked for at `start` and had at `end`; else None."""
        history = list(self.history[number])
        in_place = self.is_written_in_place(number)
        written_meanwhile = in_place and any(began <= end and start <= done
                                             for began, done in history[1:])
        if status == 503 and in_place:
            return None  # "is being replaced"
        if status != 200:
            return f"status {status}: {body[:200]}"
        colour = flat_colour(body)
        if colour is None:
            return None if written_meanwhile else "several colours"
        shown, generation = meaning_of(colour)
        if shown != number:
            return f"the colour of picture {shown}"
        if generation >= len(history) or history[generation][0] > end:
            return f"generation {generation} from nowhere"
        if generation + 1 < len(history) and history[generation + 1][1] < start:
            return f"generation {generation}, of {len(history) - 1}, is stale"
        return None


def test_replaced_pictures(tmp_path):
    gallery = Gallery(tmp_path / "flat", IMAGES)
    server = Server(tmp_path / "server")
    server.start("""
IIPMaxImageCacheSize 1
StartServers 4
ThreadsPerChild 40
MaxRequestWorkers 160
MinSpareThreads 80
MaxSpareThreads 160
MaxKeepAliveRequests 0
KeepAliveTimeout 300
""" + service(gallery.folder) + STATUS)
    wrong, done = [], [0] * 64
    running = True

    def ask(client):
        choice = random.Random(SEED * 1000 + client)
        connection = Connection(server.port)
        regions = ("full", "full", "0,0,16,16", "5,3,20,22")
        sizes = ("max", "16,", "9,9", "^48,", "^64,")
        while done[client] < REQUESTS // 64 and not wrong:
            number = choice.randrange(IMAGES) if choice.random() < 0.7 else choice.randrange(9)
            size = choice.choice(sizes)
            target = f"/iiif/{number}.tif/{choice.choice(regions)}/{size}/0/default.png"
            start = time.monotonic()
            try:
                status, body = connection.get(target)
            except Gone:  # a server may end a connection between two answers
                connection.close()
                connection = Connection(server.port)
                continue
            complaint = gallery.complaint(number, start, time.monotonic(), status, body)
            if complaint:
                wrong.append(f"{target}: {complaint}")
            done[client] += 1
        connection.close()

    def replace():
        choice = random.Random(SEED)
        while running:
            number = choice.randrange(IMAGES) if choice.random() < 0.7 else choice.randrange(9)
            gallery.replace(number)
            time.sleep(choice.uniform(0, 0.02))

    try:
        replacer = threading.Thread(target=replace)
        clients = [threading.Thread(target=ask, args=(i,)) for i in range(64)]
        for thread in [replacer, *clients]:
            thread.start()
        for thread in clients:
            thread.join()
        running = False
        replacer.join()
        assert not wrong, wrong[:10] + module_lines(server)
        assert sum(done) == REQUESTS // 64 * 64
        grown = totals(server)
        assert grown["cache_hits"] > REQUESTS // 20  # it was the cache that was under fire
        assert sum(len(history) for history in gallery.history) > IMAGES + 20
    finally:
        server.stop()
