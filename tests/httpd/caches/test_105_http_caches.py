"""httpd's own caches in front: they keep tiles, heed Accept, and with CacheQuickHandler off the
access rules hold for what they keep."""
import json
import shutil
import time

import pytest
from conftest import service, wait_until_settled
from waiting import wait_for

TILE = "/iiif/coffee.tif/0,0,300,300/150,/0/default.jpg"
INFO = "/iiif/coffee.tif/info.json"
STATUS = '<Location "/iip-status">\nSetHandler iip-status\n</Location>\n'
V2 = {"Accept": 'application/ld+json;profile="http://iiif.io/api/image/2/context.json"'}
V3 = {"Accept": 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'}


@pytest.fixture
def tree(tmp_path, pictures):
    folder = tmp_path / "tree"
    folder.mkdir()
    shutil.copy(pictures / "coffee.tif", folder / "coffee.tif")
    wait_until_settled()
    return folder


def cache_config(server, kind, quick="Off"):
    """mod_cache over `kind`, and X-Cache: HIT or MISS in its answers."""
    store = server.root / "http-cache"
    store.mkdir(exist_ok=True)
    store.chmod(0o777)
    return f"""
CacheQuickHandler {quick}
CacheHeader On
CacheRoot {store}
CacheSocache shmcb
CacheSocacheMaxSize 1000000
CacheEnable {kind} /iiif
{STATUS}"""


def totals(server):
    return json.loads(server.get("/iip-status").text)["totals"]


def requests_seen(server):
    """How many came through to the module."""
    return totals(server)["requests"]


@pytest.fixture(params=["disk", "socache"])
def kind(request):
    return request.param


def hit(answer):
    return answer["X-Cache"].startswith("HIT")


def get_until_kept(server):
    """mod_cache finishes an entry after the answer has left."""
    first = server.get(TILE)
    assert first.status == 200
    again = []

    def is_kept():
        again.append(server.get(TILE))
        return hit(again[-1])

    wait_for("never kept", is_kept)
    return first, again[-1]


def test_tiles_are_kept(server, tree, kind):
    server.start(cache_config(server, kind) + service(tree))
    first, again = get_until_kept(server)
    assert not hit(first) and again.body == first.body
    for name in ("ETag", "Content-Type", "Cache-Control", "Last-Modified", "Link"):
        assert again[name] == first[name]
    seen = requests_seen(server)
    assert hit(server.get(TILE))
    assert requests_seen(server) == seen


def test_conditional_requests(server, tree, kind):
    server.start(cache_config(server, kind) + service(tree))
    first, _ = get_until_kept(server)
    seen = requests_seen(server)
    known = server.get(TILE, {"If-None-Match": first["ETag"]})
    assert known.status == 304 and known.body == b"" and known["ETag"] == first["ETag"]
    assert requests_seen(server) == seen
    other = server.get(TILE, {"If-None-Match": '"other"'})
    assert other.status == 200 and other.body == first.body


def test_what_is_stale_is_asked_for_again(server, tree, kind):
    """max-age=0: each request reaches the module, which says 304 and makes nothing."""
    server.start(cache_config(server, kind) + service(tree, 'IIPCacheControl "max-age=0"'))
    # mod_cache finishes an entry some time after the answer has left: where it had none yet, a
    # longer time is given to that of another tile.
    for attempt in range(8):
        tile = f"/iiif/coffee.tif/0,0,300,300/{100 + attempt},/0/default.jpg"
        first = server.get(tile)
        time.sleep(0.1 * 2 ** attempt)
        before = totals(server)
        again = server.get(tile)
        assert again.status == 200 and again.body == first.body
        after = totals(server)
        assert after["requests"] == before["requests"] + 1
        assert after["tiles_made"] == before["tiles_made"]
        if after["not_modified"] == before["not_modified"] + 1:
            return
    raise AssertionError("never kept")


def test_a_replaced_image(server, tree, pictures, kind):
    server.start(cache_config(server, kind) + service(tree, 'IIPCacheControl "max-age=0"'))
    first = server.get(TILE)
    shutil.copy(pictures / "astronaut.tif", tree / "new")
    (tree / "new").rename(tree / "coffee.tif")
    second = server.get(TILE)
    assert second.status == 200 and second["ETag"] != first["ETag"] and second.body != first.body


def test_info_json_by_accept(server, tree, kind):
    server.start(cache_config(server, kind) + service(tree))
    contexts = {}
    for _ in range(3):
        for headers in (V2, V3):
            answer = server.get(INFO, headers)
            contexts.setdefault(headers["Accept"], []).append(json.loads(answer.body)["@context"])
    assert contexts == {
        V2["Accept"]: ["http://iiif.io/api/image/2/context.json"] * 3,
        V3["Accept"]: ["http://iiif.io/api/image/3/context.json"] * 3,
    }


def test_errors_are_not_kept(server, tree, pictures, kind):
    server.start(cache_config(server, kind) + service(tree))
    late = TILE.replace("coffee", "late")
    assert server.get(late).status == 404
    shutil.copy(pictures / "coffee.tif", tree / "late.tif")
    assert server.get(late).status == 200


DENIED = """
<Directory "{tree}">
    AllowOverride AuthConfig
</Directory>
"""


def test_access_rules_hold_for_what_is_kept(server, tree, kind):
    server.start(cache_config(server, kind) + service(tree) + DENIED.format(tree=tree))
    get_until_kept(server)
    (tree / ".htaccess").write_text("Require ip 192.0.2.1\n")
    server.expect_log("AH01630|httpd denied access")
    assert server.get(TILE).status == 403
    (tree / ".htaccess").unlink()
    assert server.get(TILE).status == 200


def test_the_quick_handler_skips_access_rules(server, tree, kind):
    """Why the documentation warns of httpd's default."""
    server.start(cache_config(server, kind, quick="On") + service(tree)
                 + DENIED.format(tree=tree))
    get_until_kept(server)
    (tree / ".htaccess").write_text("Require ip 192.0.2.1\n")
    answer = server.get(TILE)
    assert answer.status == 200 and hit(answer)
