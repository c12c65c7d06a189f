"""What a tenant, or a client, does not get by asking: more than the operator's limits, a picture that was
made for another virtual host, a place that nobody holds any more."""
import contextlib
import io
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import service, wait_until_settled
from PIL import Image, ImageCms
from private_httpd import Server
from status_site import report
from tenant_site import STATUS, settings
from waiting import wait_for


@pytest.fixture(scope="module", params=["event", "prefork"])
def limited(request, module_folder, pictures):
    """Virtual hosts over one tree: `strict` has limits, `free` has none, `own` has a limit that a
    section of the operator lifts, `located` sets upscaling for a URL."""
    server = Server(module_folder / f"limited-{request.param}", request.param)
    docs = server.docs
    (docs / "coffee.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    (docs / "inner").mkdir()
    (docs / "inner/coffee.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    picture = Image.open(docs / "coffee.tif").convert("RGB")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(docs / "profiled.tif", icc_profile=profile)
    picture.save(docs / "layers.ppm")
    subprocess.run(["opj_compress", "-i", docs / "layers.ppm", "-o", docs / "layers.jp2",
                    "-r", "100,20,1"], check=True, capture_output=True)

    def host(name, *directives):
        lines = "\n    ".join(directives)
        return f"<VirtualHost *:{server.port}>\n    ServerName {name}\n    {lines}\n</VirtualHost>\n"

    server.start(f"""
AddHandler iip-image .tif .jp2
IIPMaxCVT 1500
<Directory "{docs}">
    AllowOverride All
</Directory>
""" + host("strict", "IIPAllowUpscaling Off", "IIPMaxICC 0", "IIPMaxLayers 1")
    + host("free")
    + host("own", "IIPAllowUpscaling Off",
           f'<Directory "{docs}">\nIIPAllowUpscaling On\n</Directory>')
    + host("located", '<Location "/coffee.tif">\nIIPAllowUpscaling On\n</Location>')
    + host("small", "IIPMaxCVT 500"))
    wait_until_settled()
    yield server
    server.stop()


def enlarged(server, host, target="/coffee.tif"):
    return server.get(f"{target}/full/^1200,/0/default.jpg", host=host).status


ON = ["IIPAllowUpscaling On", "<Files *>\nIIPAllowUpscaling On\n</Files>",
      '<If "true">\nIIPAllowUpscaling On\n</If>']
OFF = [text.replace("On", "Off") for text in ON]


@pytest.mark.parametrize("text", ON, ids=["plain", "Files", "If"])
def test_upscaling_is_not_switched_on_against_the_server(limited, text):
    settings(limited, text)
    assert enlarged(limited, "strict") == 501
    features = json.loads(limited.get("/coffee.tif/info.json", host="strict").body)["extraFeatures"]
    assert "sizeUpscaling" not in features
    for host in ("free", "own", "located"):
        assert enlarged(limited, host) == 200
    settings(limited, "")


@pytest.mark.parametrize("text", OFF, ids=["plain", "Files", "If"])
def test_upscaling_may_be_switched_off(limited, text):
    settings(limited, text)
    for host in ("strict", "free", "own", "located"):
        assert enlarged(limited, host) == 501, host
    # What is off stays off below.
    settings(limited, "IIPAllowUpscaling On", "inner")
    assert enlarged(limited, "free", "/inner/coffee.tif") == 501
    settings(limited, "")
    assert enlarged(limited, "free", "/inner/coffee.tif") == 200
    assert enlarged(limited, "strict", "/inner/coffee.tif") == 501
    (limited.docs / "inner/.htaccess").unlink()


def profile_of(server, host):
    answer = server.get("/profiled.tif/full/300,/0/default.jpg", host=host)
    assert answer.status == 200
    return Image.open(io.BytesIO(answer.body)).info.get("icc_profile")


def test_larger_profiles_are_not_embedded_against_the_server(limited):
    settings(limited, "")
    assert profile_of(limited, "free") and not profile_of(limited, "strict")
    settings(limited, "IIPMaxICC -1")
    assert profile_of(limited, "free") and not profile_of(limited, "strict")
    settings(limited, "IIPMaxICC 0")
    assert not profile_of(limited, "free") and not profile_of(limited, "strict")
    settings(limited, "")


def test_more_layers_are_not_decoded_against_the_server(limited):
    def picture(host):
        answer = limited.get("/layers.jp2/full/max/0/default.png", host=host)
        assert answer.status == 200
        return answer.body

    settings(limited, "")
    one, half = picture("strict"), picture("free")
    assert one != half
    settings(limited, "IIPMaxLayers -1")
    assert picture("strict") == one
    assert picture("free") not in (one, half)
    settings(limited, "IIPMaxLayers 2")
    assert picture("strict") == one
    settings(limited, "IIPMaxLayers 1")
    assert picture("free") == one
    settings(limited, "")


def test_a_turned_picture_is_within_the_limit(limited):
    def size(target):
        answer = limited.get(f"/coffee.tif{target}", host="small")
        return Image.open(io.BytesIO(answer.body)).size if answer.status == 200 else answer.status

    assert size("/full/500,/0/default.png") == (500, 333)
    assert size("/full/500,/90/default.png") == (333, 500)
    assert size("/full/500,/45/default.png") == 400
    for target in ("/full/max/45/default.png", "/full/^max/45/default.png",
                   "/full/!500,500/45/default.png", "?CVT=png&ROT=45", "?WID=500&CVT=png&ROT=45",
                   "?WID=500&ROT=45&CVT=png", "?WID=500&HEI=500&ROT=-45&CVT=png"):
        found = size(target)
        if not isinstance(found, int):
            assert 490 <= max(found) <= 500, target
        else:
            assert "?" in target and found == 400, (target, found)


# ---- What is shared


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_virtual_hosts_have_pictures_of_their_own(tmp_path, pictures, mpm):
    """The same file, the same ETag, and yet nothing in common in memory; after a graceful restart each
    finds its own again."""
    server = Server(tmp_path / "server", mpm)
    region = "/iiif/coffee.tif/10,10,300,300/200,/0/default.jpg"
    config = STATUS + "".join(
        f"<VirtualHost *:{server.port}>\nServerName {name}\n{service(pictures)}{STATUS}</VirtualHost>\n"
        for name in ("one", "two"))
    server.start(config)
    try:
        def made():
            hosts = report(server, host="one")["virtual_hosts"]
            return {name.split(":")[0]: (figures["tiles_made"], figures["cache_hits"])
                    for name, figures in hosts.items()}

        first = server.get(region, host="one")
        second = server.get(region, host="two")
        assert first["ETag"] == second["ETag"] and first.body == second.body
        assert made() == {"one": (1, 0), "two": (1, 0)}
        children = server.children()
        server.graceful()
        server.wait_until_gone(children)
        for name in ("one", "two"):
            assert server.get(region, host=name).body == first.body
        assert made() == {"one": (1, 1), "two": (1, 1)}
    finally:
        server.stop()


def test_the_secret_of_the_cluster_is_in_the_etag(server, pictures):
    secrets = {"one": "sixteen letters!", "same": "sixteen letters!", "other": "sixteen letters?",
               "none": "none"}
    server.start("".join(
        f"<VirtualHost *:{server.port}>\nServerName {name}\nIIPMemcachedSecret \"{secret}\"\n"
        f"{service(pictures, 'IIPBaseURL http://images.example.org/')}</VirtualHost>\n"
        for name, secret in secrets.items()))
    for target in ("/iiif/coffee.tif/info.json", "/iiif/coffee.tif/full/200,/0/default.jpg"):
        tags = {name: server.get(target, host=name)["ETag"] for name in secrets}
        assert tags["one"] == tags["same"]
        assert len({tags["one"], tags["other"], tags["none"]}) == 3


def is_running(process):
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(") ") + 2] not in "ZX"


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_the_places_of_a_killed_child_leave_the_figures_at_once(tmp_path, pictures, mpm):
    server = Server(tmp_path / "server", mpm)
    server.start(service(pictures) + STATUS)
    server.expect_log("exit signal Killed")
    try:
        def ask():
            with contextlib.suppress(OSError, Exception):
                server.get("/iiif/astronaut.tif/full/^3000,/0/default.avif")

        client = threading.Thread(target=ask)
        client.start()
        wait_for("a region is made", lambda: report(server)["host"]["admission_regions"] == 1)
        children = server.children()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        client.join()
        # A killed process closes its connections shortly before it has ended.
        wait_for("they have ended", lambda: not any(is_running(child) for child in children))
        host = report(server)["host"]
        assert host["admission_regions"] == host["admission_bytes"] == 0
    finally:
        server.stop()
