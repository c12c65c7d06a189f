"""Known answers: what is asked again and again is answered without being worked out, and as if it
were; and whatever decides an answer is noticed when it changes."""
import contextlib
import os
import shutil
import subprocess

import pytest
from conftest import service, wait_until_settled
from fire import PIXELS_AT, flat_colour, flat_pixels, flat_tiff, meaning_of
from private_httpd import HTTPD, Server
from status_site import growth, STATUS

# One process, so that each request finds what those before have left.
ALONE = """
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
MinSpareThreads 1
MaxSpareThreads 8
"""
PICTURE = "/iiif/coffee.tif/256,0,256,256/128,/0/default.jpg"
JSON_LD = {"Accept": 'application/ld+json;profile="http://iiif.io/api/image/2/context.json"'}


@pytest.fixture
def tree(tmp_path, pictures):
    folder = tmp_path / "tree"
    folder.mkdir()
    shutil.copy(pictures / "coffee.tif", folder)
    wait_until_settled()
    return folder


def facts(answer):
    """All of an answer that does not tell when it was given."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "Date"]
    return answer.status, headers, answer.body


def known(server, target, headers=None, host=None):
    """An answer to what was asked for often enough to be known; all of them are alike."""
    answers = [server.get(target, headers, host=host) for _ in range(5)]
    assert all(facts(answer) == facts(answers[0]) for answer in answers)
    assert answers[0].status == 200, answers[0].text
    return answers[0]


@pytest.mark.parametrize("target, headers", [
    (PICTURE, {}),
    ("/iiif/coffee.tif/full/max/0/gray.png", {}),
    ("/iiif/coffee.tif/info.json", {}),
    ("/iiif/coffee.tif/info.json", JSON_LD),
    ("/iip?FIF=coffee.tif&CNT=1.2&JTL=1,0", {}),
    ("/iip?DeepZoom=coffee.tif_files/9/0_0.jpg", {}),
    ("/iip?IIIF=coffee.tif/full/100,/90/default.jpg", {}),
])
def test_what_is_known_is_answered_as_at_first(server, tree, target, headers):
    server.start(ALONE + service(tree) + service(tree, path="/iip"))
    known(server, target, headers)


def test_the_file_is_not_opened_again(tmp_path, tree):
    server = Server(tmp_path / "server")
    server.write_config(service(tree))
    trace = tmp_path / "trace"
    traced = subprocess.Popen(
        ["strace", "-f", "-e", "trace=openat,openat2", "-o", trace, HTTPD, "-f", server.config, "-X"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )

    def opened():
        return trace.read_text(errors="replace").count("coffee.tif\"")

    try:
        server.wait_until_up()
        server.get(PICTURE)
        first = opened()
        known(server, PICTURE)
        then = opened()
        known(server, PICTURE)
        assert first > 0 and opened() == then
        # By another question it is.
        server.get(PICTURE + "?another")
        assert opened() > then
    finally:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(server.pid(), 15)
        traced.wait(30)
    server.check_log()


def test_each_name_of_the_server_is_in_its_own_links(server, tree):
    server.start(ALONE + service(tree, "IIPIIIFVersion 3"))
    for host in ("one.example", "two.example", "one.example"):
        answer = known(server, PICTURE, host=host)
        assert f"<http://{host}:{server.port}/iiif/coffee.tif" in answer["Link"]


def test_versions_by_the_accept_header(server, tree):
    server.start(ALONE + service(tree))
    for _ in range(2):
        assert b"http://iiif.io/api/image/3" in known(server, "/iiif/coffee.tif/info.json").body
        assert b"http://iiif.io/api/image/2" in known(server, "/iiif/coffee.tif/info.json", JSON_LD).body


FLAT = "/iiif/0.tif/full/max/0/default.png"


@pytest.fixture
def flat(tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (folder / "0.tif").write_bytes(flat_tiff(0, 0))
    wait_until_settled()
    return folder


def replace_by_rename(file):
    fresh = file.with_name("fresh")
    fresh.write_bytes(flat_tiff(0, 1))
    fresh.rename(file)


def rewrite_in_place(file):
    with file.open("r+b") as opened:
        os.pwrite(opened.fileno(), flat_pixels(0, 1), PIXELS_AT)


def rewrite_and_set_times_back(file):
    before = file.stat()
    rewrite_in_place(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("replace", [replace_by_rename, rewrite_in_place, rewrite_and_set_times_back])
def test_another_version_of_the_file(server, flat, replace):
    server.start(ALONE + service(flat))
    before = known(server, FLAT)
    replace(flat / "0.tif")
    after = server.get(FLAT)
    assert flat_colour(after.body) != flat_colour(before.body)
    assert meaning_of(flat_colour(after.body)) == (0, 1)
    wait_until_settled()
    assert known(server, FLAT).body == after.body


def test_access_is_asked_each_time(server, tree):
    server.start(ALONE + service(tree) + f'<Directory "{tree}">\nAllowOverride All\n</Directory>\n')
    known(server, PICTURE)
    rules = tree / ".htaccess"
    rules.write_text("Require all denied\n")
    assert server.get(PICTURE).status == 403
    rules.unlink()
    known(server, PICTURE)
    file = tree / "coffee.tif"
    file.chmod(0)
    server.expect_log("denied by server configuration|may not be read")
    assert server.get(PICTURE).status == 403
    file.chmod(0o644)
    wait_until_settled()
    known(server, PICTURE)
    file.rename(tree / "tea.tif")
    assert server.get(PICTURE).status == 404


def test_links_are_looked_at_each_time(server, tree, pictures):
    server.start(ALONE + service(tree) + f"""
<Directory "{tree}">
    AllowOverride All
    Options FollowSymLinks
</Directory>
""")
    server.expect_log("link")
    link = tree / "link.tif"
    link.symlink_to("coffee.tif")
    target = PICTURE.replace("coffee", "link")
    coffee = known(server, target).body
    rules = tree / ".htaccess"
    rules.write_text("Options None\n")
    assert server.get(target).status in (403, 404)
    rules.unlink()
    assert known(server, target).body == coffee
    shutil.copy(pictures / "astronaut.tif", tree)
    link.unlink()
    link.symlink_to("astronaut.tif")
    assert server.get(target).body not in (b"", coffee)
    link.unlink()
    link.symlink_to("/etc/passwd")
    assert server.get(target).status in (403, 404)


def test_settings_beside_the_picture(server, tree):
    """Of .htaccess nothing is known from before: it may change with each request."""
    server.start(ALONE + service(tree) + f'<Directory "{tree}">\nAllowOverride All\n</Directory>\n')
    plain = known(server, PICTURE).body
    rules = tree / ".htaccess"
    sizes = []
    for quality in (10, 50, 90):
        rules.write_text(f"IIPJPEGQuality {quality}\n")
        sizes.append(len(known(server, PICTURE).body))
    assert sizes == sorted(set(sizes))
    rules.unlink()
    assert known(server, PICTURE).body == plain


def test_settings_by_the_request(server, tree):
    server.start(ALONE + service(tree) + f"""
<If "req('X-Line') == 'slow'">
    IIPJPEGQuality 10
</If>
<Directory "{tree}">
    <If "req('X-Line') == 'slower'">
        IIPJPEGQuality 5
    </If>
</Directory>
""")
    sizes = [len(known(server, PICTURE, {"X-Line": line}).body)
             for line in ("fast", "slow", "slower") * 2]
    assert sizes[:3] == sizes[3:] and sizes[0] > sizes[1] > sizes[2]


def test_virtual_hosts(server, tree):
    hosts = "".join(f"""
<VirtualHost *:{server.port}>
    ServerName {name}
    IIPJPEGQuality {quality}
    {service(tree)}
</VirtualHost>
""" for name, quality in (("one.example", 90), ("two.example", 20)))
    server.start(ALONE + hosts)
    sizes = [len(known(server, PICTURE, host=host).body)
             for host in ("one.example", "two.example") * 2]
    assert sizes[:2] == sizes[2:] and sizes[0] > sizes[1]


def test_rewritten_urls(server, tree):
    """Two URLs that become one, and one that becomes two."""
    server.start(ALONE + service(tree) + """
RewriteEngine On
RewriteCond %{HTTP:X-Other} yes
RewriteRule ^/short$ /iiif/coffee.tif/0,0,256,256/64,/0/default.jpg [PT]
RewriteRule ^/short$ /iiif/coffee.tif/256,0,256,256/128,/0/default.jpg [PT]
""")
    long = known(server, PICTURE).body
    for _ in range(2):
        assert known(server, "/short").body == long
        assert known(server, "/short", {"X-Other": "yes"}).body != long


def test_conditions_ranges_and_head(server, tree):
    server.start(ALONE + service(tree))
    whole = known(server, PICTURE)
    etag = whole["ETag"]
    assert etag.startswith('"')
    for _ in range(3):
        fresh = server.get(PICTURE, {"If-None-Match": etag})
        assert (fresh.status, fresh.body, fresh["ETag"]) == (304, b"", etag)
        assert server.get(PICTURE, {"If-Modified-Since": whole["Last-Modified"]}).status == 304
        assert server.get(PICTURE, {"If-Match": '"other"'}).status == 412
        part = server.get(PICTURE, {"Range": "bytes=10-19"})
        assert (part.status, part.body) == (206, whole.body[10:20])
        head = server.request("HEAD", PICTURE)
        assert (head.status, head.body, head["ETag"]) == (200, b"", etag)
        assert head["Content-Length"] == whole["Content-Length"]
        assert server.request("POST", PICTURE).status == 405


def test_what_is_purged_is_made_anew(server, tree):
    server.start(ALONE + service(tree) + STATUS.replace(
        "SetHandler iip-status", "SetHandler iip-status\n    IIPStatusPurge On", 1))
    before = known(server, PICTURE)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert server.request("POST", "/iip-status", form, f"purge={tree}".encode()).status == 200
    assert growth(server, lambda: server.get(PICTURE))["tiles_made"] == 1
    after = known(server, PICTURE)
    assert after.body == before.body and after["ETag"] != before["ETag"]


def test_what_was_dropped_from_the_cache_is_made_again(server, tree):
    server.start(ALONE + "IIPMaxImageCacheSize 1\n" + service(tree) + STATUS)
    before = known(server, PICTURE)
    made = 0
    for round in range(20):
        # Asked for again, they are worth as much to the cache.
        for target in [f"/iiif/coffee.tif/{x},{round},500,300/200,/0/default.png" for x in range(30)] * 2:
            assert server.get(target).status == 200
        made += growth(server, lambda: server.get(PICTURE)).get("tiles_made", 0)
        if made > 0:
            break
    assert made > 0
    assert facts(known(server, PICTURE)) == facts(before)
