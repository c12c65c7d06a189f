"""Graceful restarts under load: no request fails, nothing grows."""
import os
import pathlib
import re

from conftest import service
from load import Load
from waiting import wait_for

RESTARTS = int(os.environ.get("IIP_RESTARTS", "1000"))
TARGETS = [
    "/iiif/coffee.tif/info.json",
    "/iiif/coffee.tif/0,0,256,256/256,/0/default.jpg",
    "/iiif/astronaut.tif/10,20,100,100/50,/0/default.jpg",
]


def generation(server):
    return len(re.findall("resuming normal operations", server.error_log()))


def resident(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def shared_mappings(pid):
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    return sum(" rw-s " in line for line in maps.splitlines())


def module_mappings(pid):
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    return sum("mod_iip.so" in line for line in maps.splitlines())


def segments(pid):
    """System V segments that a process has made."""
    lines = [line.split() for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()]
    maker = lines[0].index("cpid")
    return sum(int(line[maker]) == pid for line in lines[1:])


def named_memory():
    """POSIX shared memory of the whole machine."""
    return {entry.name for entry in pathlib.Path("/dev/shm").iterdir()}


def measure(server):
    pid = server.pid()
    return {
        "descriptors": descriptors(pid),
        "shared mappings": shared_mappings(pid),
        "mappings of the module": module_mappings(pid),
        "segments": segments(pid),
    }


def restart(server):
    """One graceful restart, waited for: signals that come faster are folded into one."""
    before = generation(server)
    server.graceful()
    wait_for(lambda: "no restart\n" + server.error_log()[-2000:],
             lambda: generation(server) != before, pause=0.01)


def test_graceful_restarts(server, pictures):
    server.start("LogLevel mpm_event:notice\nStartServers 1\nThreadsPerChild 8\n"
                 "MaxRequestWorkers 32\nMinSpareThreads 1\nMaxSpareThreads 16\n"
                 + service(pictures))
    expected = {target: server.get(target).body for target in TARGETS}
    parent = server.pid()
    warm_up = max(RESTARTS // 10, 5)
    with Load(server.port, expected, clients=2) as load:
        for _ in range(warm_up):
            restart(server)
        counts, memory, names = measure(server), resident(parent), named_memory()
        for _ in range(RESTARTS - warm_up):
            restart(server)
    assert not load.failures, load.failures[:10]
    assert load.count > RESTARTS  # there was load
    assert server.pid() == parent
    assert measure(server) == counts
    # Programs that other tests run may have some for a while.
    wait_for(lambda: named_memory() - names, lambda: not named_memory() - names, pause=0.5)
    # A leak of 1 KB a restart would show; the allocator's own play is some hundred KB.
    assert resident(parent) - memory < 1 << 20
