"""A child process that had no memory to make its service: it answers 503 and says so in the log, and
serves all else. The next child is as ever."""
import os
import signal
import subprocess

import pytest
from conftest import service
from one_child import ONE_CHILD
from private_httpd import Server
from status_site import STATUS, report
from waiting import wait_for

# Allocations of C++ fail in whatever process it is loaded into, while there is a file of that name.
NO_MEMORY = """
#include <cstdlib>
#include <new>
#include <unistd.h>
void* operator new(std::size_t size) {
  const char* name = std::getenv("IIP_TEST_NO_MEMORY");
  if (name != nullptr && ::access(name, F_OK) == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
"""


@pytest.fixture(scope="module")
def library(module_folder):
    source, library = module_folder / "no_memory.cpp", module_folder / "no_memory.so"
    source.write_text(NO_MEMORY)
    subprocess.run(["c++", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


@pytest.mark.parametrize("mpm", sorted(ONE_CHILD))
def test_a_child_without_a_service(tmp_path, monkeypatch, pictures, library, mpm):
    shortage = tmp_path / "shortage"
    server = Server(tmp_path / "server", mpm)
    (server.docs / "coffee.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    (server.docs / "plain.txt").write_text("text")
    with monkeypatch.context() as environment:
        environment.setenv("LD_PRELOAD", str(library))
        environment.setenv("IIP_TEST_NO_MEMORY", str(shortage))
        server.start(ONE_CHILD[mpm] + "AddHandler iip-image .tif\n" + service(pictures) + STATUS)
    server.expect_log("the child process can not start|no process for decoders"
                      "|MaxRequestWorkers|exit signal Killed")
    assert server.get("/iiif/coffee.tif/info.json").status == 200

    def replace_child():
        old = server.children()
        for child in old:
            os.kill(child, signal.SIGKILL)
        server.wait_until_gone(old)

    shortage.touch()
    replace_child()
    server.wait_for_log("the child process can not start: std::bad_alloc")
    shortage.unlink()
    (child,) = server.children()
    for target in ("/iiif/coffee.tif/info.json", "/iiif/coffee.tif/full/100,/0/default.jpg",
                   "/coffee.tif?WID=100&CVT=jpeg", "/coffee.tif/info.json"):
        lines = server.error_log().count("no service")
        assert server.get(target).status == 503, target
        server.wait_for_log("coffee.tif")
        wait_for(server.error_log, lambda: server.error_log().count("no service") == lines + 1)
    assert server.get("/plain.txt").status == 200
    assert report(server)["host"]["admission_places"] == 0
    assert server.get("/server-status").status == 200
    assert server.children() == [child], "it ended"

    replace_child()
    assert server.get("/iiif/coffee.tif/full/100,/0/default.jpg").status == 200
    server.stop()
