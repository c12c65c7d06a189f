"""The memory that the processes share: it outlives graceful restarts, with what it holds."""
import resource
import subprocess

import pytest
from conftest import service
from private_httpd import HTTPD, Server
from status_site import INFO, REGION, STATUS, report, requests_of, vhost


def graceful(server, config):
    """Restarts with another configuration, and waits until the old children have gone."""
    old = server.children()
    server.write_config(config)
    server.graceful()
    server.wait_until_gone(old)
    server.wait_until_up()


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_graceful_restart_keeps_cache_and_counters(tmp_path, pictures, mpm):
    server = Server(tmp_path / "server", mpm)
    config = service(pictures) + STATUS
    server.start(config)
    try:
        picture = server.get(REGION).body
        before = report(server)
        for _ in range(3):
            graceful(server, config)
            assert report(server) == before
        assert server.get(REGION).body == picture
        after = report(server)["totals"]
        assert (after["regions_made"], after["cache_hits"]) == (1, 1)
    finally:
        server.stop()


def shared_mappings(pid):
    with open(f"/proc/{pid}/smaps") as maps:
        return [line for line in maps if " rw-s " in line and "/dev/zero (deleted)" in line]


def test_another_size_starts_anew(server, pictures):
    config = service(pictures) + STATUS
    server.start("IIPMaxImageCacheSize 8\n" + config)
    assert server.get(REGION).status == 200
    blocks = len(shared_mappings(server.pid()))
    small = report(server)["host"]["cache_capacity_bytes"]
    assert 7 << 20 < small < 8 << 20
    graceful(server, "IIPMaxImageCacheSize 16\n" + config)
    after = report(server)
    assert 15 << 20 < after["host"]["cache_capacity_bytes"] < 16 << 20
    assert after["totals"]["requests"] == after["totals"]["cache_entries"] == 0
    # The parent has let go of the old block.
    assert len(shared_mappings(server.pid())) == blocks
    assert server.get(REGION).status == 200
    assert report(server)["totals"]["regions_made"] == 1
    graceful(server, "IIPMaxImageCacheSize 0\n" + config)
    assert server.get(REGION).status == server.get(REGION).status == 200
    after = report(server)
    assert after["host"]["cache_capacity_bytes"] == 0
    assert after["totals"]["regions_made"] == 2


def test_virtual_hosts_come_and_go(server, pictures):
    """Each keeps its counters whatever becomes of the others; what is new starts at zero."""
    server.start(vhost(server, "one", pictures) + vhost(server, "two", pictures))
    for host in ("one", "two", "two"):
        server.get(INFO, host=host)
    graceful(server, vhost(server, "three", pictures) + vhost(server, "two", pictures))
    assert requests_of(server) == {"two": 2}
    server.get(INFO, host="three")
    assert requests_of(server) == {"three": 1, "two": 2}
    # Its number was not given away.
    graceful(server, vhost(server, "two", pictures) + vhost(server, "one", pictures))
    assert requests_of(server) == {"two": 2, "one": 1}


def test_more_virtual_hosts_than_counters_of_old(server, pictures):
    few = [vhost(server, f"h{i}", pictures) for i in range(60)]
    server.start("".join(few))
    server.get(INFO, host="h7")
    many = "".join(vhost(server, f"n{i}", pictures) for i in range(140)) + few[7]
    graceful(server, many)
    for i in range(140):
        assert server.get(INFO, host=f"n{i}").status == 200
    assert requests_of(server) == {f"n{i}": 1 for i in range(140)}


def test_no_memory_no_start(server, pictures):
    server.write_config("IIPMaxImageCacheSize 8192\n" + service(pictures))

    def small_address_space():
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

    run = subprocess.run([HTTPD, "-f", server.config, "-D", "FOREGROUND"], capture_output=True,
                         text=True, check=False, timeout=60, preexec_fn=small_address_space)
    assert run.returncode != 0
    told = run.stderr + server.error_log()
    assert "IIP: no shared memory for a cache of 8192 MB (IIPMaxImageCacheSize)" in told
    assert "Cannot allocate memory" in told
    assert not (server.root / "httpd.pid").exists()
    server.expect_log("no shared memory|AH00020|Configuration Failed")
