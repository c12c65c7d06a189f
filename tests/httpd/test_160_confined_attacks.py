"""Damaged HTJ2K and LERC that make their libraries abort, and what else may become of the processes that
decode."""
import contextlib
import os
import pathlib
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from conftest import service
from hostile_files import (SIDE, lerc_of_floats, write_damaged_htj2k, write_damaged_lerc,
                           write_htj2k, write_lerc_tiff)
from private_httpd import Server
from status_site import STATUS, report
from waiting import wait_for

FEW_CHILDREN = {
    "event": "StartServers 1\nThreadsPerChild 16\nMinSpareThreads 1\nMaxSpareThreads 200\n",
    "prefork": "StartServers 1\nMinSpareServers 1\nMaxSpareServers 20\n",
}
PICTURE = "/iiif/{}/full/max/0/default.png"
ABORTED = r"the decoder ended by signal 6 \(SIGABRT\)"


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    write_htj2k(folder / "sound.j2c")
    write_damaged_htj2k(folder / "damaged.j2c")
    write_lerc_tiff(folder / "sound.tif", lerc_of_floats())
    write_damaged_lerc(folder / "damaged.tif")
    Image.new("L", (SIDE, SIDE)).save(folder / "other.png")
    return folder


@pytest.fixture(params=["event", "prefork"])
def server(request, tmp_path, folder):
    server = Server(tmp_path / "server", request.param)
    server.start(FEW_CHILDREN[request.param] + "IIPMaxImageCacheSize 0\n" + service(folder) + STATUS)
    yield server
    server.stop()


def children_of(process):
    try:
        return [int(child) for child in
                pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def name_of(process):
    with contextlib.suppress(FileNotFoundError):
        return pathlib.Path(f"/proc/{process}/comm").read_text().strip()


def parents_of_helpers(server):
    """One of each child of httpd, once these have it."""
    def found():
        return [process for child in server.children() for process in children_of(child)
                if name_of(process) == "iip-helpers"]

    wait_for("a child has no parent of helpers",
             lambda: server.children() and len(found()) == len(server.children()))
    return found()


def wait_until_none_is_there(processes):
    """Not even as zombies."""
    wait_for(f"of {processes} one does not end",
             lambda: not any(pathlib.Path(f"/proc/{process}").exists() for process in processes))


def ask(server, name):
    return server.get(PICTURE.format(name)).status


@pytest.mark.parametrize("name", ["j2c", "tif"])
def test_a_decoder_that_aborts_is_one_failed_request(server, name):
    children = server.children()
    server.expect_log(ABORTED)
    assert ask(server, f"sound.{name}") == 200
    assert ask(server, f"damaged.{name}") == 500
    server.wait_for_log(rf"damaged\.{name}.*{ABORTED}")
    assert len(re.findall(ABORTED, server.error_log())) == 1
    assert ask(server, f"sound.{name}") == 200
    assert set(children) <= set(server.children())


def test_the_status_page_counts_them(server):
    """Each of these pictures is decoded by one process."""
    server.expect_log(ABORTED)
    for status, name in ((200, "sound.j2c"), (200, "sound.tif"), (500, "damaged.j2c")):
        assert ask(server, name) == status
    expected = {"helpers_started": 3, "helpers_ended_by_signal": 1, "helpers_ended_by_deadline": 0,
                "helpers_refused": 0}
    host = report(server)["host"]
    assert {name: host[name] for name in expected} == expected
    text = server.get("/iip-status?auto").text.splitlines()
    metrics = server.get("/iip-status?metrics").text.splitlines()
    table = server.get("/server-status").text
    for name, number in expected.items():
        assert f"IIP{name.title().replace('_', '')}: {number}" in text
        assert f"iip_{name}_total {number}" in metrics
        assert f"<th>{name.replace('_', ' ')}</th><td>{number}</td>" in table


def test_many_of_them_at_a_time(server):
    children = server.children()
    server.expect_log(ABORTED)
    with ThreadPoolExecutor(8) as clients:
        names = ["sound.j2c", "damaged.j2c", "sound.tif", "damaged.tif"] * 20
        answers = list(clients.map(lambda name: ask(server, name), names))
    assert answers == [200, 500] * 40
    assert set(children) <= set(server.children())
    wait_for("a helper stays behind", lambda: not any(map(children_of, parents_of_helpers(server))))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into them")
def test_helpers_hold_nothing_of_the_server(server):
    assert ask(server, "sound.j2c") == 200
    folder = pathlib.Path(f"/proc/{parents_of_helpers(server)[0]}")
    wait_for("it is not set up", lambda: os.readlink(folder / "cwd") == "/")
    wait_for("a helper stays behind", lambda: len(list((folder / "fd").iterdir())) == 4)
    files = [os.readlink(path) for path in (folder / "fd").iterdir()]
    assert sorted(re.sub(r":.*", "", file) for file in files) == ["/dev/null"] * 3 + ["socket"]
    own = re.search(r"socket:\[(\d+)\]", " ".join(files)).group(1)
    tcp = pathlib.Path("/proc/net/tcp").read_text() + pathlib.Path("/proc/net/tcp6").read_text()
    assert own not in tcp.split()
    # The scoreboard, the tile cache and its locks are shared between processes.
    maps = (folder / "maps").read_text().splitlines()
    assert [line for line in maps if line.split()[1][3] == "s"] == []


def test_silence_is_an_error_within_the_deadline(server):
    server.config.write_text(server.config.read_text() + "IIPRenderTimeout 1\n")
    old = server.children()
    server.run_httpd("graceful")
    server.wait_until_gone(old)
    wait_for(server.error_log, lambda: ask(server, "sound.j2c") == 200)
    server.expect_log("gave no answer within the time of one request")
    parents = parents_of_helpers(server)
    for parent in parents:
        os.kill(parent, signal.SIGSTOP)
    start = time.monotonic()
    try:
        assert ask(server, "sound.j2c") == 500
    finally:
        for parent in parents:
            os.kill(parent, signal.SIGCONT)
    assert time.monotonic() - start < 10
    server.wait_for_log(r"sound\.j2c.*the decoder gave no answer within the time")
    wait_for(server.error_log, lambda: ask(server, "sound.j2c") == 200)


def test_without_its_parent_of_helpers_a_child_goes_on_with_the_rest(server):
    old = server.children()
    for parent in parents_of_helpers(server):
        os.kill(parent, signal.SIGKILL)
    assert ask(server, "sound.j2c") == 503
    server.wait_for_log(r"the parent of helpers.* was ended")
    assert ask(server, "other.png") == 200
    server.graceful()
    server.wait_until_gone(old)
    wait_for(server.error_log, lambda: ask(server, "sound.j2c") == 200)


def test_none_outlives_its_child(server):
    parents = parents_of_helpers(server)
    for child in server.children():
        os.kill(child, signal.SIGKILL)
    wait_until_none_is_there(parents)
    wait_for(server.error_log, lambda: ask(server, "sound.j2c") == 200)


@pytest.mark.parametrize("restart", ["graceful", "restart"])
def test_none_outlives_a_restart(server, restart):
    children, parents = server.children(), parents_of_helpers(server)
    server.run_httpd(restart)
    server.wait_until_gone(children)
    wait_until_none_is_there(parents)
    wait_for(server.error_log, lambda: ask(server, "sound.j2c") == 200)
    assert not set(parents_of_helpers(server)) & set(parents)


def test_none_outlives_the_server(server):
    assert ask(server, "sound.j2c") == 200
    parents = parents_of_helpers(server)
    server.stop()
    wait_until_none_is_there(parents)


def test_signals_for_the_server_pass_helpers_by(server):
    assert ask(server, "sound.j2c") == 200
    parents = parents_of_helpers(server)
    for parent in parents:
        wait_for("it is not set up", lambda: os.getpgid(parent) != os.getpgid(server.pid()))
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP, signal.SIGWINCH):
            os.kill(parent, number)
    assert ask(server, "sound.j2c") == 200
    assert set(parents) <= set(parents_of_helpers(server))
