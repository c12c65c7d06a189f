"""Machines that share their pictures through memcached: two servers, each with memory of its own,
and a memcached in every state. Whatever it does, each answer is right, and comes in time.

Each image is noise around a colour of its own, so that a picture tells by itself which image it
shows."""
import collections
import concurrent.futures
import contextlib
import io
import os
import re
import time

import numpy
import pytest
from conftest import public_folder, service, vips, wait_until_settled
from memcached import FakeMemcached, Memcached, honest
from PIL import Image
from private_httpd import Server

COLOURS = {
    "red": (200, 40, 40), "green": (40, 190, 60), "blue": (50, 60, 210), "grey": (128, 128, 128),
    "pink": (220, 130, 180), "gold": (205, 170, 40), "teal": (30, 130, 130), "dark": (35, 30, 40),
}
TILES = [f"/iiif/{name}.tif/{x},{y},256,256/{width},/0/default.jpg"
         for name in COLOURS for x, y, width in ((0, 0, 256), (256, 128, 200))]
SECRET = 'IIPMemcachedSecret "known to both machines"'

# For tests that count what memcached is asked: on a busy machine 25 ms may not do.
PATIENT = "IIPMemcachedDeadline 5000"

# For tests of servers in trouble: no other is to be taken for one.
UNHURRIED = "IIPMemcachedDeadline 250"

# Much more than any wait with an end takes, and less than one without.
LONG = 30


@pytest.fixture(scope="module")
def images():
    """Deflate pyramids, so that no stored tile goes out as it is."""
    with public_folder() as folder:
        random = numpy.random.default_rng(1)
        for name, colour in COLOURS.items():
            noise = random.integers(-20, 21, (512, 512, 3))
            Image.fromarray((noise + colour).astype("uint8")).save(folder / f"{name}.png")
            vips("tiffsave", folder / f"{name}.png", folder / f"{name}.tif", "--tile", "--pyramid",
                 "--compression", "deflate", "--tile-width", "256", "--tile-height", "256")
        wait_until_settled()
        yield folder


def right(answer, target):
    """Whether the answer shows what `target` asks for."""
    assert answer.status == 200, answer.body
    name = re.match("/iiif/([a-z]+)[.]tif/", target)[1]
    picture = numpy.asarray(Image.open(io.BytesIO(answer.body)).convert("RGB"), dtype=float)
    width = int(re.search("/([0-9]+),/", target)[1])
    assert picture.shape == (width, width, 3), target
    mean = picture.mean(axis=(0, 1))
    assert abs(mean - COLOURS[name]).max() < 3, f"{target} shows {mean}"
    return True


def get_all(server, targets=TILES):
    """All of them, each right; the time that it took."""
    start = time.monotonic()
    for target in targets:
        assert right(server.get(target), target)
    return time.monotonic() - start


@pytest.fixture
def machines(tmp_path, images):
    """machine(configuration...) starts a server whose pictures are all asked for in memcached: it
    keeps none itself."""
    servers = []

    def machine(*lines, cache=0, processes=1, mpm="event"):
        server = Server(tmp_path / f"machine{len(servers)}", mpm)
        servers.append(server)
        settings = [f"IIPMaxImageCacheSize {cache}", f"StartServers {processes}",
                    f"ServerLimit {processes}"]
        if mpm == "prefork":
            settings += [f"MaxRequestWorkers {processes}"]
        else:
            settings += ["ThreadsPerChild 25", f"MaxRequestWorkers {25 * processes}",
                         "MinSpareThreads 1", f"MaxSpareThreads {25 * processes}"]
        return server.start(service(images, "IIPProtocol IIIF") +
                            "\n".join([*settings, *lines]) + "\n")

    yield machine
    with concurrent.futures.ThreadPoolExecutor() as stoppers:
        for stopped in [stoppers.submit(server.stop) for server in servers]:
            stopped.result()


def wait_for(what, done):
    deadline = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def left_out(server):
    return len(re.findall("IIP: memcached .*: it is left out until it does", server.error_log()))


def in_use_again(server):
    return len(re.findall("IIP: memcached .* is in use again", server.error_log()))


def test_a_picture_is_made_once_in_the_cluster(machines):
    with Memcached() as memcached:
        cluster = [f"IIPMemcachedServers {memcached.name}", PATIENT, SECRET,
                   'CustomLog logs/origins.log "%{iip-cache}n"']
        here, there = machines(*cluster), machines(*cluster)
        assert here.port != there.port
        made = {target: here.get(target) for target in TILES}
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
        assert memcached.count("get_hits") == 0

        for target in TILES:
            answer = there.get(target)
            assert right(answer, target)
            assert answer.body == made[target].body
            assert answer["ETag"] == made[target]["ETag"]
        assert memcached.count("get_hits") == len(TILES)
        assert memcached.count("cmd_set") == len(TILES), "the second one has made some too"

    def origins(server):
        return (server.logs / "origins.log").read_text().split()
    assert origins(here) == ["miss"] * len(TILES)
    wait_for("the log is written", lambda: origins(there) == ["remote"] * len(TILES))


def test_own_memory_is_asked_first(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT, cache=16)
        get_all(server)
        asked = memcached.count("cmd_get")
        assert asked == len(TILES)
        get_all(server)
        assert memcached.count("cmd_get") == asked


def test_what_needs_no_render_is_not_asked_for(machines, images):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT)
        etag = server.get(TILES[0])["ETag"]
        wait_for("it is stored", lambda: memcached.count("cmd_set") == 1)
        asked = memcached.count("cmd_get")
        assert server.get(TILES[0], {"If-None-Match": etag}).status == 304
        assert server.request("HEAD", TILES[0]).status == 200
        assert server.get("/iiif/red.tif/info.json").status == 200
        assert server.get("/iiif/nothing.tif/info.json").status == 404
        assert memcached.count("cmd_get") == asked


def test_access_is_decided_first(machines, images):
    with Memcached() as memcached:
        servers = f"IIPMemcachedServers {memcached.name}", PATIENT
        open_to_all = machines(*servers)
        closed = machines(*servers,
                          f'<Directory "{images}">\nRequire all denied\n</Directory>')
        closed.expect_log("AH01630|denied")
        get_all(open_to_all)
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
        for target in TILES:
            assert closed.get(target).status == 403
        assert memcached.count("get_hits") == 0


def test_pictures_over_the_limit_stay_here(machines):
    large = "/iiif/red.tif/full/^1400,/0/default.png"
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT, "IIPMaxCVT 2000")
        body = server.get(large).body
        assert len(body) > 1_000_000
        assert right(server.get(TILES[0]), TILES[0])
        wait_for("the small one is stored", lambda: memcached.count("curr_items") == 1)
        assert memcached.count("cmd_set") == 1
        assert server.get(large).body == body


# ---- Trouble

def test_down_from_the_start_then_there(machines):
    memcached = Memcached()
    memcached.kill()
    server = machines(f"IIPMemcachedServers {memcached.name}", UNHURRIED)
    assert get_all(server) + get_all(server) < LONG
    server.wait_for_log("it is left out until it does")
    with memcached:
        memcached.start()
        wait_for("it is used again", lambda: get_all(server) and memcached.count("curr_items"))
        get_all(server)
    assert left_out(server) == 1
    assert in_use_again(server) == 1


def test_killed_and_restarted(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", UNHURRIED)
        get_all(server)
        memcached.kill()
        assert get_all(server) + get_all(server) < LONG
        memcached.start()
        wait_for("it is used again", lambda: get_all(server) and memcached.count("curr_items"))
    assert left_out(server) == 1
    assert in_use_again(server) == 1


def test_restarted_at_once_is_no_trouble(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", "IIPMemcachedDeadline 1000")
        get_all(server)
        memcached.kill()
        memcached.start()
        get_all(server)
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
    assert "memcached" not in server.error_log()


def test_stopped(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", UNHURRIED)
        get_all(server)
        memcached.stop()
        # 320 answers: each waiting for ever, or only for as long as a socket does, takes longer.
        assert sum(get_all(server) for _ in range(20)) < LONG
        assert left_out(server) == 1
        memcached.resume()
        wait_for("it is used again", lambda: get_all(server) and in_use_again(server))
    assert left_out(server) == 1


def test_one_of_two_stopped(machines):
    with Memcached() as one, Memcached() as two:
        servers = f"IIPMemcachedServers {one.name} {two.name}", UNHURRIED
        here, there = machines(*servers), machines(*servers)
        one.stop()
        for server in (here, there):
            wait_for("it is left out", lambda s=server: get_all(s) and left_out(s) == 1)
        # Its keys belong to the other one now.
        get_all(here)
        wait_for("all are stored", lambda: two.count("curr_items") == len(TILES))
        sets, hits = two.count("cmd_set"), two.count("get_hits")
        get_all(there)
        assert two.count("get_hits") == hits + len(TILES)
        assert two.count("cmd_set") == sets
        one.resume()


def test_the_end_is_not_held_up(machines):
    """Graceful restart and stop, while memcached stalls and pictures wait to be sent to it."""
    for mpm in ("event", "prefork"):
        with Memcached() as memcached:
            server = machines(f"IIPMemcachedServers {memcached.name}", mpm=mpm,
                              processes=8 if mpm == "prefork" else 1)
            get_all(server)
            memcached.stop()
            get_all(server, TILES[:2])
            before = set(server.children())
            server.graceful()
            wait_for("the old children have ended", lambda b=before: not b & set(server.children()))
            assert get_all(server) < LONG
            server.stop()


def test_full(machines):
    for options in (["-m", "2"], ["-m", "2", "-M"]):
        with Memcached(*options) as memcached:
            server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT)
            targets = [f"/iiif/{name}.tif/full/{width},/0/default.png"
                       for name in COLOURS for width in (300, 330, 360)]
            full = "store_no_memory" if "-M" in options else "evictions"
            wait_for("it has no more room",
                     lambda: get_all(server, targets) and memcached.count(full) > 10)
            get_all(server, targets)
            assert "memcached" not in server.error_log()


def test_emptied_all_the_time(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT)
        for target in TILES * 3:
            assert right(server.get(target), target)
            assert memcached.ask(b"flush_all", b"OK\r\n")
        assert "memcached" not in server.error_log()


# ---- Lies

def say(make):
    def behaviour(_, client, key, value, is_set):
        client.sendall(make(key, value or b"no value", is_set))
    return behaviour


def be_silent(fake, *_):
    fake.ended.wait()


def hang_up(*_):
    raise OSError


def drip(fake, client, key, value, is_set):
    for byte in honest(key, value, is_set):
        client.sendall(bytes([byte]))
        if fake.ended.wait(0.01):
            return


def half(_, client, key, value, is_set):
    reply = honest(key, value, is_set)
    client.sendall(reply[: len(reply) // 2])
    raise OSError


def endless(fake, client, key, *_):
    client.sendall(b"VALUE %s 0 4000000000\r\n" % key.encode())
    while not fake.ended.is_set():
        client.sendall(bytes(65536))


def late(fake, client, key, value, is_set):
    fake.ended.wait(0.6)
    client.sendall(honest(key, value, is_set))


def value_of_another(fake, client, key, value, is_set):
    others = [other for other in list(fake.kept) if other != key]
    client.sendall(honest(key, fake.kept[others[0]] if others else value, is_set))


def answer_about_another(fake, client, key, value, is_set):
    others = [other for other in list(fake.kept) if other != key] or [key]
    client.sendall(honest(others[0], fake.kept.get(others[0]), is_set))


def changed(value):
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]


LIES = {
    "silent": be_silent,
    "hangs up": hang_up,
    "drips": drip,
    "half, then hangs up": half,
    "endless": endless,
    "late": late,
    "value of another key": value_of_another,
    "answer about another key": answer_about_another,
    "one bit": say(lambda key, value, is_set: honest(key, changed(value), is_set)),
    "cut short": say(lambda key, value, is_set: honest(key, value[: len(value) // 2], is_set)),
    "empty value": say(lambda key, value, is_set: honest(key, b"", is_set)),
    "no flags": say(lambda key, *_: b"VALUE %s\r\nhello\r\nEND\r\n" % key.encode()),
    "huge length": say(lambda key, *_: b"VALUE %s 0 9000000000000000000\r\nx" % key.encode()),
    "line feeds": say(lambda *request: honest(*request).replace(b"\r\n", b"\n")),
    "no end": say(lambda *request: honest(*request).replace(b"\r\nEND\r\n", b"xx")),
    "http": say(lambda *_: b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "error": say(lambda *_: b"ERROR\r\n"),
    "twice": say(lambda *request: 2 * honest(*request)),
    "one stray answer": say(lambda *request: b"END\r\n" + honest(*request)),
    "noise": say(lambda *_: bytes(range(256)) * 8),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies(machines, lie):
    """Told from the beginning, and on connections that were in good use."""
    with FakeMemcached() as fake:
        server = machines(f"IIPMemcachedServers {fake.name}", UNHURRIED)
        wait_for("all are stored", lambda: get_all(server) and len(fake.kept) == len(TILES))
        fake.behaviour = LIES[lie]
        asked = fake.asked
        assert sum(get_all(server) for _ in range(3)) < LONG
        assert fake.asked > asked

        fresh = machines(f"IIPMemcachedServers {fake.name}", UNHURRIED)
        assert sum(get_all(fresh) for _ in range(3)) < LONG
        for each in (server, fresh):
            assert each.error_log().count("IIP:") <= 1, each.error_log()


def test_entries_in_each_others_place(machines):
    """Every one of them genuine, and none where it belongs."""
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT, SECRET)
        get_all(server)
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
        keys = memcached.keys()
        values = [memcached.get(key) for key in keys]
        for key, value in zip(keys, values[1:] + values[:1]):
            memcached.set(key, value)
        hits = memcached.count("get_hits")
        get_all(server)
        assert memcached.count("get_hits") >= hits + len(TILES), "they were asked for"


def test_entries_of_another_virtual_host(machines):
    """The same pictures, so that a virtual host could well show the other's; by hand under its keys,
    and sealed with the same secret."""
    def host(name, memcached):
        return (f"IIPMemcachedServers {memcached.name}", PATIENT, SECRET, f"IIPMemcachedNamespace {name}")

    with Memcached() as memcached:
        one, other = machines(*host("one", memcached)), machines(*host("other", memcached))
        get_all(one)
        wait_for("one's are stored", lambda: memcached.count("curr_items") == len(TILES))
        ones = {key: memcached.get(key) for key in memcached.keys()}
        get_all(other)
        wait_for("the other's too", lambda: memcached.count("curr_items") == 2 * len(TILES))
        assert memcached.count("get_hits") == len(ones), "of the two lines above"

        by_digest = {key.rsplit(":", 1)[1]: value for key, value in ones.items()}
        others = [key for key in memcached.keys() if key not in ones]
        assert {key.rsplit(":", 1)[1] for key in others} == set(by_digest)
        for key in others:
            memcached.set(key, by_digest[key.rsplit(":", 1)[1]])
        stored = memcached.count("cmd_set")
        get_all(other)
        wait_for("it has made its own again",
                 lambda: memcached.count("cmd_set") == stored + len(TILES))


def test_forged_without_the_secret(machines):
    with Memcached() as memcached:
        servers = f"IIPMemcachedServers {memcached.name}", PATIENT
        forger = machines(*servers, 'IIPMemcachedSecret "guessed, and wrongly so"')
        server = machines(*servers, SECRET)
        get_all(forger)
        wait_for("the forgeries are stored", lambda: memcached.count("curr_items") == len(TILES))
        stored = memcached.count("cmd_set")
        get_all(server)
        assert memcached.count("get_hits") == len(TILES), "they have the keys of the true ones"
        wait_for("they are replaced", lambda: memcached.count("cmd_set") == stored + len(TILES))


# ---- Configuration

def test_virtual_hosts(machines, images):
    """Servers are inherited, or taken back; sites go by ServerName."""
    with Memcached() as memcached:
        server = machines(f"""
IIPMemcachedServers {memcached.name}
{PATIENT}
<VirtualHost *>
    ServerName first.example.org
</VirtualHost>
<VirtualHost *>
    ServerName second.example.org
</VirtualHost>
<VirtualHost *>
    ServerName third.example.org
    IIPMemcachedServers none
</VirtualHost>
""")
        names = ["first.example.org", "second.example.org", "third.example.org"]
        for host in names:
            for target in TILES:
                assert right(server.get(target, host=host), target)
        wait_for("two hosts have stored", lambda: memcached.count("cmd_set") == 2 * len(TILES))
        per_site = collections.Counter(key.split(":")[1] for key in memcached.keys())
        assert sorted(per_site.values()) == [len(TILES), len(TILES)]
        assert memcached.count("get_hits") == 0


def test_a_name_that_nobody_knows(machines):
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers nobody.invalid {memcached.name}", PATIENT)
        get_all(server)
        assert server.error_log().count(
            "IIP: IIPMemcachedServers: no address for 'nobody.invalid:11211'") == 1
        wait_for("the other one has all", lambda: memcached.count("curr_items") == len(TILES))


def test_no_connection_belongs_to_two_processes(machines):
    """They are made in the children, and each has one thread for a server, whatever the number of
    virtual hosts."""
    def sockets(pid):
        links = (f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd"))
        found = set()
        for link in links:
            with contextlib.suppress(FileNotFoundError):
                found.add(os.readlink(link))
        return {link for link in found if link.startswith("socket:")}

    with Memcached() as memcached:
        hosts = "".join(f"<VirtualHost *>\nServerName h{i}.example.org\n</VirtualHost>\n"
                        for i in range(20))
        server = machines(f"IIPMemcachedServers {memcached.name}\n{hosts}", processes=2)
        for _ in range(8):
            get_all(server)
        children = server.children()
        assert len(children) == 2
        listening = sockets(server.pid())
        first, second = (sockets(child) - listening for child in children)
        assert first | second
        assert not first & second
