"""Machines that share their pictures through memcached, and a memcached in every state. Whatever it
does, each answer is right, and comes in time."""
import collections
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

from cluster import (COLOURS, LONG, PATIENT, SECRET, TILES, UNHURRIED, get_all, images, machines, right)
from memcached import Memcached
from private_httpd import MODULE
from waiting import wait_for


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


def test_the_client_is_that_of_apr():
    """What httpd's distribution mends is what is used."""
    def run(*command):
        return subprocess.run([*command, MODULE], capture_output=True, text=True, check=True).stdout

    wanted = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--undefined-only").splitlines()}
    assert {"apr_memcache_server_create", "apr_memcache_multgetp", "apr_memcache_set"} <= wanted
    assert "libaprutil" in run("ldd")


def test_a_child_ends_at_once_while_memcached_stalls(machines):
    """In the midst of a call into the library. Prefork's children do not wait for threads of httpd's
    own, as those of event do for half a second and more."""
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", UNHURRIED, mpm="prefork")
        server.expect_log("AH00161")  # there is one child at a time
        for target in TILES[:5]:
            get_all(server, TILES[-1:])
            child, = server.children()
            memcached.stop()
            get_all(server, [target])  # not there in time, and then it waits to be sent
            start = time.monotonic()
            os.kill(child, signal.SIGTERM)
            while child in server.children():
                assert time.monotonic() - start < 1
                time.sleep(0.005)
            memcached.resume()
            wait_for("there is another one", server.children)


def test_restarts_leave_nothing_behind(machines):
    """IIP_RESTARTS=1000 for longer."""
    def state(pid):
        folder = pathlib.Path(f"/proc/{pid}")
        status = (folder / "status").read_text()
        return {"descriptors": len(list((folder / "fd").iterdir())),
                "threads": len(list((folder / "task").iterdir())),
                "children": len(server.children()),
                "resident": int(re.search(r"VmRSS:\s+(\d+)", status)[1])}

    def restart():
        before = set(server.children())
        server.graceful()
        wait_for("the old child has ended, and there is a new one",
                 lambda: server.children() and not before & set(server.children()))
        assert right(server.get(TILES[0]), TILES[0])

    restarts = int(os.environ.get("IIP_RESTARTS", "10"))
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}")
        # There is one child at a time: the next one waits for the place of the one before.
        server.expect_log("AH03490")
        get_all(server)
        memcached.stop()
        for _ in range(5):
            restart()
        before = state(server.pid())
        for _ in range(restarts):
            restart()
        after = state(server.pid())
        print(before, after)
        memcached.resume()
    for what in ("descriptors", "threads", "children"):
        assert after[what] == before[what], (before, after)
    # What a restart of httpd itself leaves is a few kilobytes at most.
    assert after["resident"] - before["resident"] < 4096 + 8 * restarts, (before, after)


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
    """They are made in the children, whatever the number of virtual hosts."""
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
