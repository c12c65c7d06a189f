"""The rooms of the source tree and the arrows between them.

An include may point only along the arrows, and httpd's and APR's headers are included only by the
adaptor, whose client of memcached knows APR alone. CMake's targets say the same of the engine's folders; this holds for every build.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Folder of the engine -> the folders it may include besides itself.
ARROWS = {
    "base": set(),
    "image": {"base"},
    "protocol": {"base"},
    "cache": {"base"},
    "remote": {"base"},
    "confined": {"base"},
    "source": {"base", "image", "confined"},
    "pipeline": {"base", "image"},
    "encode": {"base", "image"},
    "plan": {"base", "image", "protocol"},
    "describe": {"base", "image", "protocol"},
}
ARROWS["service"] = set(ARROWS)
# The client of memcached, and its tests, know APR and these folders of the engine, and not httpd.
CLIENT, CLIENT_TESTS = ("httpd", "memcache"), ("tests", "memcache")
CLIENT_ARROWS = {"base", "remote"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SERVER_HEADER = re.compile(r"^(httpd|http_\w+|ap_\w+|apr_\w+|apr|apu|apu_\w+|util_\w+|mod_\w+|mpm_\w+"
                           r"|unixd|scoreboard|os)\.h$")
SOURCES = {".h", ".hpp", ".cpp", ".cc", ".c"}


def source_files(root):
    for room in ("engine", "httpd", "tools", "tests/engine", "tests/fuzz", "tests/memcache"):
        yield from (p for p in sorted((root / room).rglob("*")) if p.suffix in SOURCES)
    yield from sorted(root.glob("*.cpp"))


def engine_folder(path):
    """The engine's folder that a file or an include belongs to, or None."""
    parts = Path(path).parts
    return parts[1] if len(parts) > 2 and parts[0] == "engine" else None


def fault_of_client(include):
    """The same in the client of memcached."""
    path = Path(include)
    if path.parts[0] == "httpd" and path.parts[:2] != CLIENT:
        return "the rest of the adaptor included by the client of memcached"
    if path.parts[0] == "engine" and engine_folder(include) not in CLIENT_ARROWS:
        return f"no arrow from the client of memcached to {engine_folder(include)}"
    if SERVER_HEADER.match(path.name) and path.parts[0] not in ("engine", "httpd") and (
            not path.name.startswith("apr")):
        return "a header of httpd in the client of memcached"
    return None


def fault(file, include):
    """What is wrong with an include in a file (both relative to the root), or None."""
    room = file.parts[0]
    target = Path(include).parts[0]
    here, there = engine_folder(file), engine_folder(include)
    if file.parts[:2] in (CLIENT, CLIENT_TESTS):
        return fault_of_client(include)
    if SERVER_HEADER.match(Path(include).name) and target not in ("engine", "httpd"):
        if room != "httpd" and str(file) != "mod_iip.cpp":
            return "a header of httpd or APR outside the adaptor"
    if target == "httpd" and room != "httpd" and str(file) != "mod_iip.cpp":
        return "the adaptor included from below"
    if target == "engine" and there not in ARROWS:
        return f"no such folder of the engine: {there}"
    if room == "engine":
        if here not in ARROWS:
            return f"no such folder of the engine: {here}"
        if there and there != here and there not in ARROWS[here]:
            return f"no arrow from {here} to {there}"
    return None


def faults(root):
    found = []
    for path in source_files(root):
        file = path.relative_to(root)
        for quote, include in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if quote == '"' and not include.startswith(("engine/", "httpd/", "tests/")):
                beside = (path.parent / include).resolve()
                if beside.is_file() and beside.is_relative_to(root):
                    include = str(beside.relative_to(root))
            wrong = fault(file, include)
            if wrong:
                found.append(f"{file}: {include}: {wrong}")
    return found


def test_the_tree_obeys_the_arrows():
    assert len(list(source_files(ROOT))) > 30
    assert faults(ROOT) == []


def test_every_folder_of_the_engine_is_known():
    assert {p.name for p in (ROOT / "engine").iterdir() if p.is_dir()} == set(ARROWS)


def write(root, file, line):
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n")


def test_an_include_against_an_arrow_is_found(tmp_path):
    write(tmp_path, "engine/base/text.h", '#include "engine/image/raster.h"')
    write(tmp_path, "engine/source/tiff.cpp", '#include "engine/encode/encode.h"')
    write(tmp_path, "engine/plan/plan.cpp", '#include "engine/protocol/request.h"')
    assert len(faults(tmp_path)) == 2


def test_an_include_by_a_name_relative_to_the_file_is_found(tmp_path):
    write(tmp_path, "engine/image/raster.h", "")
    write(tmp_path, "engine/base/text.h", '#include "../image/raster.h"')
    assert len(faults(tmp_path)) == 1


def test_a_server_header_in_the_engine_is_found(tmp_path):
    for number, header in enumerate(["<httpd.h>", "<apr_pools.h>", '"http_log.h"', "<util_filter.h>"]):
        write(tmp_path, f"engine/base/file{number}.cpp", f"#include {header}")
    write(tmp_path, "httpd/config.cpp", "#include <http_config.h>")
    assert len(faults(tmp_path)) == 4


def test_the_adaptor_included_by_the_engine_is_found(tmp_path):
    write(tmp_path, "engine/service/service.cpp", '#include "httpd/config.h"')
    write(tmp_path, "mod_iip.cpp", '#include "httpd/config.h"')
    assert len(faults(tmp_path)) == 1


def test_httpd_in_the_client_of_memcached_is_found(tmp_path):
    write(tmp_path, "httpd/memcache/session.cpp", "#include <httpd.h>")
    write(tmp_path, "httpd/memcache/server.cpp", '#include "httpd/config.h"')
    write(tmp_path, "httpd/memcache/store.cpp", '#include "engine/cache/tile_cache.h"')
    write(tmp_path, "httpd/memcache/clock.cpp", "#include <apr_memcache.h>")
    write(tmp_path, "httpd/memcached.cpp", '#include "httpd/memcache/store.h"')
    write(tmp_path, "tests/memcache/store_test.cpp", '#include "httpd/memcache/store.h"')
    assert len(faults(tmp_path)) == 3
