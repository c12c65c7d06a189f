"""The rooms of the source tree and the arrows between them.

An include may point only along the arrows, and httpd's and APR's headers are included only by the
adaptor, whose client of memcached knows APR alone. CMake's targets say the same of the engine's folders; this holds for every build.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Folder of the engine -> the folders it may include besides itself. Those of formats/ read and write
# one format each; formats itself knows which there are.
ARROWS = {
    "base": set(),
    "model": {"base"},
    "image": {"base"},
    "files": {"base", "model"},
    "protocol": {"base", "model"},
    "cache": {"base"},
    "remote": {"base"},
    "confined": {"base"},
    "source": {"base", "image", "confined"},
    "encode": {"base", "model", "image"},
    "pipeline": {"base", "model", "image"},
    "pipeline/colour": {"base", "model", "image", "pipeline"},
    "plan": {"base", "model", "image", "protocol"},
    "describe": {"base", "model", "image", "protocol"},
}
FORMAT = {"base", "model", "image", "confined", "source", "encode", "formats/metadata"}
CODESTREAM, INDEX = "formats/jpeg2000/codestream", "formats/jpeg2000/index"
ARROWS |= {
    "formats/metadata": FORMAT - {"formats/metadata"} | {"formats/tiff/structure"},
    "formats/tiff/structure": {"base"},
    "formats/tiff": FORMAT | {"formats/tiff/structure", "formats/jpeg"},
    "formats/jpeg": FORMAT,
    CODESTREAM: {"base", "image", "source"},
    INDEX: {"base", "image", "source", CODESTREAM},
    "formats/jpeg2000/decode": {"base", "image", "source", CODESTREAM, INDEX},
    "formats/jpeg2000/openjpeg": {"base", "image", "source", "confined", CODESTREAM, INDEX},
    "formats/png": FORMAT,
    "formats/webp": FORMAT,
    "formats/avif": FORMAT,
}
ARROWS["formats/jpeg2000"] = FORMAT | {f for f in ARROWS if f.startswith("formats/jpeg2000/")}
ARROWS["formats"] = FORMAT | {f for f in ARROWS if f.startswith("formats/")}
ARROWS["service"] = set(ARROWS) - {f for f in ARROWS if f.startswith("formats/")} | {"formats/jpeg"}
# Folder of the adaptor -> those it may include besides itself.
ADAPTOR_ARROWS = {
    "apr": set(),
    "config": {"apr", "memcache"},
    "server": {"apr", "config", "memcache"},
    "request": {"apr", "config", "server"},
    "response": {"apr", "config", "memcache", "server", "request"},
    "status": {"apr", "config", "memcache", "server", "request", "response"},
}
# The client of memcached, and its tests, know APR and these folders of the engine, and not httpd.
CLIENT, CLIENT_TESTS = ("httpd", "memcache"), ("tests", "memcache")
CLIENT_ARROWS = {"base", "remote"}

# The front door of the engine: what lies behind it knows what is passed through, and not the door.
DOOR = "engine/service/service.h"

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
    return "/".join(parts[1:-1]) if len(parts) > 2 and parts[0] == "engine" else None


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


def fault_of_adaptor(file, include):
    """What is wrong with one folder of the adaptor including another."""
    here, there = file.parts[1], Path(include).parts[1]
    if here not in ADAPTOR_ARROWS:
        return f"no such folder of the adaptor: {here}"
    if there != here and there not in ADAPTOR_ARROWS[here]:
        return f"no arrow from {here} to {there}"
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
    if target == "httpd" and room == "httpd":
        return fault_of_adaptor(file, include)
    if target == "engine" and there not in ARROWS:
        return f"no such folder of the engine: {there}"
    if room == "engine":
        if include == DOOR and str(file) not in (DOOR, DOOR.replace(".h", ".cpp")):
            return "the front door of the engine included from behind it"
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
    engine = ROOT / "engine"
    assert {str(p.parent.relative_to(engine)) for p in engine.rglob("*.h")} == set(ARROWS)


def write(root, file, line):
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n")


def test_an_include_against_an_arrow_is_found(tmp_path):
    write(tmp_path, "engine/base/text.h", '#include "engine/image/raster.h"')
    write(tmp_path, "engine/source/tiff.cpp", '#include "engine/formats/encode_raster.h"')
    write(tmp_path, "engine/plan/plan.cpp", '#include "engine/protocol/request.h"')
    assert len(faults(tmp_path)) == 2


def test_an_include_by_a_name_relative_to_the_file_is_found(tmp_path):
    write(tmp_path, "engine/image/raster.h", "")
    write(tmp_path, "engine/base/text.h", '#include "../image/raster.h"')
    assert len(faults(tmp_path)) == 1


def test_a_server_header_in_the_engine_is_found(tmp_path):
    for number, header in enumerate(["<httpd.h>", "<apr_pools.h>", '"http_log.h"', "<util_filter.h>"]):
        write(tmp_path, f"engine/base/file{number}.cpp", f"#include {header}")
    write(tmp_path, "httpd/config/config.cpp", "#include <http_config.h>")
    assert len(faults(tmp_path)) == 4


def test_the_adaptor_included_by_the_engine_is_found(tmp_path):
    write(tmp_path, "engine/service/service.cpp", '#include "httpd/config/config.h"')
    write(tmp_path, "mod_iip.cpp", '#include "httpd/config/config.h"')
    assert len(faults(tmp_path)) == 1


def test_the_front_door_included_from_behind_is_found(tmp_path):
    for file in ("engine/service/service.cpp", "engine/service/picture.h", "engine/plan/plan.h",
                 "tools/iip.cpp", "tests/engine/service/service_test.cpp", "mod_iip.cpp"):
        write(tmp_path, file, '#include "engine/service/service.h"')
    assert len([f for f in faults(tmp_path) if "front door" in f]) == 2


def test_an_include_against_an_arrow_of_the_adaptor_is_found(tmp_path):
    write(tmp_path, "httpd/config/config.cpp", '#include "httpd/request/state.h"')
    write(tmp_path, "httpd/status/status.cpp", '#include "httpd/response/response.h"')
    write(tmp_path, "httpd/handler.cpp", '#include "httpd/apr/apache.h"')
    assert len(faults(tmp_path)) == 2


def test_httpd_in_the_client_of_memcached_is_found(tmp_path):
    write(tmp_path, "httpd/memcache/session.cpp", "#include <httpd.h>")
    write(tmp_path, "httpd/memcache/server.cpp", '#include "httpd/config/config.h"')
    write(tmp_path, "httpd/memcache/store.cpp", '#include "engine/cache/tile_cache.h"')
    write(tmp_path, "httpd/memcache/clock.cpp", "#include <apr_memcache.h>")
    write(tmp_path, "httpd/server/memcached.cpp", '#include "httpd/memcache/store.h"')
    write(tmp_path, "tests/memcache/store_test.cpp", '#include "httpd/memcache/store.h"')
    assert len(faults(tmp_path)) == 3
