"""What is seen: the status page in its formats, the section of mod_status, notes and timings, and
that counts are exact and cover all children."""
import html.parser
import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import service
from memcached import Memcached
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from private_httpd import Server, free_port
from status_site import INFO, REGION, STATUS, STORED, TILE, growth, name_of, report, requests_of, vhost
from waiting import wait_for

# ---- Formats


def start_with_some_work(server, pictures):
    server.start(service(pictures) + STATUS)
    for target in (INFO, STORED, REGION, REGION):
        assert server.get(target).status == 200


def test_json_is_the_default(server, pictures):
    start_with_some_work(server, pictures)
    found = report(server)
    assert set(found) == {"host", "totals", "virtual_hosts", "memcached"}
    assert found["virtual_hosts"] == {name_of(server): found["totals"]}
    assert found["totals"]["requests"] == 4
    assert found["host"]["cache_capacity_bytes"] > 60 << 20


def test_text_for_machines(server, pictures):
    start_with_some_work(server, pictures)
    answer = server.get("/iip-status?auto")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = [re.fullmatch(r"([A-Za-z0-9\[\]]+): (\S+)", line) for line in answer.text.splitlines()]
    assert all(lines), answer.text
    values = {line[1]: line[2] for line in lines}
    assert len(values) == len(lines)
    assert values["IIPTotalRequests"] == "4"
    assert values["IIPVirtualHost[0]Name"] == name_of(server)
    assert values["IIPVirtualHost[0]Documents"] == "1"


@pytest.mark.parametrize("target, headers", [
    ("/iip-status?metrics", {}),
    ("/iip-status", {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}),
])
def test_openmetrics(server, pictures, target, headers):
    start_with_some_work(server, pictures)
    answer = server.get(target, headers)
    assert answer["Content-Type"] == \
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert all(family.documentation for family in families.values())
    # Who watches a server knows the figures by their texts, which stay when the code changes its words.
    assert families["iip_admission_waiting"].documentation == "Requests that wait for a place"
    vhost = {"vhost": name_of(server)}
    (requests,) = families["iip_requests"].samples
    assert (requests.name, requests.labels, requests.value) == ("iip_requests_total", vhost, 4)
    assert families["iip_requests"].type == "counter"
    assert families["iip_cache_capacity_bytes"].type == "gauge"
    # Seconds there, microseconds in the other formats.
    (seconds,) = families["iip_render_seconds"].samples
    assert seconds.value == report(server)["totals"]["render_microseconds"] / 1e6 > 0


def test_names_of_virtual_hosts_are_escaped(server, pictures):
    """httpd takes nearly anything for a ServerName."""
    odd = r'a"b\c<d>&e'
    server.start(f"""
<VirtualHost *:{server.port}>
    ServerName '{odd}'
    {service(pictures)}
    {STATUS}
</VirtualHost>
""")
    assert server.get(INFO).status == 200
    (name,) = report(server)["virtual_hosts"]
    assert name.startswith(odd.lower()) or name.startswith(odd)
    families = text_string_to_metric_families(server.get("/iip-status?metrics").text)
    (sample,) = next(family for family in families if family.name == "iip_requests").samples
    assert sample.labels == {"vhost": name}
    page = server.get("/server-status").text
    assert odd not in page and "a&quot;b\\c&lt;d&gt;&amp;e" in page


class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells = []
        self.inside = False

    def handle_starttag(self, tag, _):
        self.inside = tag in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.cells.append(data)


def test_section_of_mod_status(server, pictures):
    start_with_some_work(server, pictures)
    page = server.get("/server-status").text
    cells = Cells()
    cells.feed(page[page.index("<h2>IIP</h2>"):])
    at = cells.cells.index(name_of(server))
    assert cells.cells[at + 1 : at + 3] == ["4", "1"]  # requests, documents
    assert "<pre>IIPCacheCapacityBytes: " in server.get("/server-status?notable").text
    assert "\nIIPTotalRequests: 4\n" in server.get("/server-status?auto").text


def test_methods(server, pictures):
    server.start(service(pictures) + STATUS)
    head = server.request("HEAD", "/iip-status")
    assert head.status == 200 and head.body == b""
    refused = server.request("PUT", "/iip-status", body=b"x")
    assert refused.status == 405 and refused["Allow"] == "GET, HEAD, POST"


def test_access_is_httpds(server, pictures):
    server.start(service(pictures) + """
<Location "/iip-status">
    SetHandler iip-status
    Require ip 192.0.2.1
</Location>
""")
    assert server.get("/iip-status").status == 403
    server.expect_log("AH01630")


def test_state_of_memcached(server, pictures):
    """One child, since each finds out for itself which servers can be used."""
    one_child = "ServerLimit 1\nStartServers 1\nThreadsPerChild 8\nMaxRequestWorkers 8\n"
    one_child += "MinSpareThreads 1\nMaxSpareThreads 8\n"
    with Memcached() as memcached:
        nobody = f"127.0.0.1:{free_port()}"
        server.start(f"IIPMemcachedServers {memcached.name} {nobody}\n"
                     "IIPMemcachedDeadline 5000\nIIPMaxImageCacheSize 0\n" + one_child
                     + service(pictures) + STATUS)
        assert report(server)["memcached"] == {memcached.name: "in use", nobody: "in use"}
        for width in range(40, 60):
            assert server.get(f"/iiif/coffee.tif/full/{width},/0/default.jpg").status == 200
        wait_for("all that it has is counted", lambda: 0 < memcached.count("curr_items")
                 <= report(server)["totals"]["memcached_stored"])
        found = report(server)
        assert found["memcached"] == {memcached.name: "in use", nobody: "left out"}
        totals = found["totals"]
        assert totals["memcached_broken"] >= 1 and totals["memcached_hits"] == 0
        assert totals["memcached_stored"] == memcached.count("cmd_set")
        stored = totals["memcached_stored"]
        for width in range(40, 60):
            assert server.get(f"/iiif/coffee.tif/full/{width},/0/default.jpg").status == 200
        totals = report(server)["totals"]
        assert totals["memcached_hits"] == totals["remote_hits"] == memcached.count("get_hits")
        assert totals["memcached_hits"] >= stored

        families = text_string_to_metric_families(server.get("/iip-status?metrics").text)
        (in_use,) = [family for family in families if family.name == "iip_memcached_in_use"]
        assert {sample.labels["server"]: sample.value for sample in in_use.samples} == {
            memcached.name: 1, nobody: 0}
        text = server.get("/iip-status?auto").text
        assert f"IIPMemcached[0]Server: {memcached.name}\nIIPMemcached[0]State: in use\n" in text
        assert f"<th>memcached {nobody}</th><td>left out</td>" in server.get("/server-status").text


# ---- Counts


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_counts_are_exact(tmp_path, pictures, mpm):
    server = Server(tmp_path / "server", mpm)
    # The conditional requests, which are those of the rounds only.
    server.start(f"""StartServers 4
LogFormat %P pid
CustomLog {server.logs}/pids pid "expr=-n req('If-None-Match')"
""" + service(pictures) + STATUS)
    try:
        etag = server.get(INFO)["ETag"]
        bytes_of = {target: len(server.get(target).body) for target in (INFO, STORED, TILE, REGION)}
        assert report(server)["totals"]["tiles_made"] == 1
        assert report(server)["totals"]["regions_made"] == 1

        rounds = 0

        def more_than_one_child_counts():
            nonlocal rounds
            rounds += 1
            conditional = {"If-None-Match": etag}
            todo = [(INFO, {})] * 20 + [(INFO, conditional)] * 20 + [(STORED, {})] * 20
            todo += [(TILE, {})] * 20 + [(REGION, {})] * 20 + [("/iiif/none.tif/info.json", {})] * 20
            with ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(lambda one: server.get(*one).status, todo))
            assert statuses == [200] * 20 + [304] * 20 + [200] * 60 + [404] * 20
            return len(set((server.logs / "pids").read_text().split())) > 1

        # Which child gets a connection is up to the system, which may give all to one for a while.
        grown = growth(server, lambda: wait_for("one child answers all", more_than_one_child_counts))
        assert grown == {name: rounds * count for name, count in {
            "requests": 120, "documents": 20, "not_modified": 20, "stored_tiles": 20,
            "cache_hits": 40, "bytes_sent": 20 * sum(bytes_of.values()),
        }.items()}
    finally:
        server.stop()


def test_refusals_and_failures_are_counted(server, pictures, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    whole = (pictures / "coffee.tif").read_bytes()
    (tree / "coffee.tif").write_bytes(whole)
    (tree / "cut.tif").write_bytes(whole[: len(whole) // 2])
    server.start("IIPMaxRequestMemory 1\n" + service(tree) + STATUS)
    server.expect_log("cut.tif: ")
    conditional = {"If-None-Match": server.get(INFO)["ETag"]}

    def requests():
        assert server.get(REGION).status == 413
        assert server.get("/iiif/cut.tif/full/max/0/default.jpg").status == 500
        assert server.request("HEAD", STORED).status == 200
        assert server.get(INFO, conditional).status == 304
        assert server.get("/iiif/coffee.tif").status == 303
        # Neither is a request for an image.
        assert server.request("OPTIONS", INFO).status == 204
        assert server.request("DELETE", INFO).status == 405

    grown = growth(server, requests)
    assert (grown["requests"], grown["not_modified"]) == (5, 1)
    assert (grown["refused_too_large"], grown["failures"]) == (1, 1)
    assert "bytes_sent" not in grown and "documents" not in grown


def test_virtual_hosts_are_counted_apart(server, pictures):
    server.start(vhost(server, "one", pictures) + vhost(server, "two", pictures)
                 + vhost(server, "idle", pictures))
    for host in ("one", "two", "two"):
        assert server.get(REGION, host=host).status == 200
    found = report(server)["virtual_hosts"]
    one, two = found[f"one:{server.port}"], found[f"two:{server.port}"]
    assert requests_of(server) == {"one": 1, "two": 2}
    # They serve the same file, and what one made is not there for the other.
    assert (one["regions_made"], two["regions_made"], two["cache_hits"]) == (1, 1, 1)
    assert (one["cache_entries"], two["cache_entries"]) == (1, 1)


def test_virtual_hosts_of_the_same_name(server, pictures):
    """They can differ in their addresses; the later ones are numbered."""
    server.start(f"""
<VirtualHost 127.0.0.1:{server.port}>
    ServerName same:{server.port}
    {service(pictures)}
    {STATUS}
</VirtualHost>
<VirtualHost 127.0.0.2:{server.port}>
    ServerName same:{server.port}
    {service(pictures)}
</VirtualHost>
Listen 127.0.0.2:{server.port}
""")
    assert server.get(INFO).status == 200
    request = f"GET {INFO} HTTP/1.0\r\nHost: same\r\n\r\n".encode()
    for _ in range(2):
        with socket.create_connection(("127.0.0.2", server.port), 10) as connection:
            connection.sendall(request)
            assert b" 200 " in connection.recv(100)
    hosts = report(server)["virtual_hosts"]
    assert {name: figures["requests"] for name, figures in hosts.items()} == {
        f"same:{server.port}": 1, f"same:{server.port}#2": 2}


# ---- Notes, timings, logs


def test_notes_for_the_access_log(server, pictures):
    server.start(f"""
LogFormat "%r|%>s|%{{iip-path}}n|%{{iip-cache}}n|%{{iip-us}}n" iip
CustomLog {server.logs}/access iip
""" + service(pictures))
    etag = server.get(INFO)["ETag"]
    server.get(STORED)
    server.get(TILE)
    server.get(TILE)
    server.get(REGION)
    server.get(INFO, {"If-None-Match": etag})
    server.request("HEAD", TILE)
    server.get("/iiif/coffee.tif")
    server.get("/iiif/none.tif/info.json")
    server.get("/index.html")
    def lines():
        return (server.logs / "access").read_text().splitlines()

    wait_for(lines, lambda: len(lines()) >= 10)
    fields = [line.split("|")[1:] for line in sorted(lines())]
    assert sorted(field[:3] for field in fields) == sorted([
        ["200", "document", "none"], ["200", "stored", "none"], ["200", "tile", "miss"],
        ["200", "tile", "hit"], ["200", "region", "miss"], ["304", "not-modified", "none"],
        ["200", "head", "none"], ["303", "redirect", "none"], ["404", "error", "none"],
        ["404", "-", "-"],
    ])
    microseconds = [int(field[3]) for field in fields if field[1] != "-"]
    assert all(0 <= us < 60e6 for us in microseconds) and max(microseconds) > 100


def test_server_timing(server, pictures):
    server.start(service(pictures, "IIPServerTiming On") + service(pictures, path="/plain"))
    entries = [server.get(REGION)["Server-Timing"] for _ in range(2)]
    form = r"cache;desc=(\w+), wait;dur=(\d+\.\d{3}), render;dur=(\d+\.\d{3}), total;dur=(\d+\.\d{3})"
    made, found = (re.fullmatch(form, entry).groups() for entry in entries)
    assert (made[0], found[0]) == ("miss", "hit")
    assert float(made[3]) >= float(made[2]) > 0.1  # milliseconds: 1.5 megapixels are scaled
    assert float(found[2]) == 0
    assert server.get(REGION.replace("/iiif", "/plain"))["Server-Timing"] is None


@pytest.mark.parametrize("level, seen, unseen", [
    ("debug", "region, cache miss", "level 0"),
    ("trace1", "level 0, 0.0,0.0 600.0x400.0 to 1500x1000, scaled", "inode"),
    ("trace2", "inode {inode}, ", None),
])
def test_log_levels(server, pictures, level, seen, unseen):
    server.start(f"LogLevel iip:{level}\n" + service(pictures))
    assert server.get(REGION).status == 200
    server.wait_for_log("IIP: coffee.tif: region, cache miss, [0-9]+ bytes; waited")
    log = server.error_log()
    assert seen.format(inode=os.stat(pictures / "coffee.tif").st_ino) in log
    assert unseen is None or unseen not in log
