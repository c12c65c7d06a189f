"""Directives: wrong values stop configtest with a line that says what would be right; settings
merge from server to section to .htaccess."""
import json
import re
import subprocess

import pytest
from conftest import service
from private_httpd import HTTPD, REPOSITORY, Server

# directive, its arguments, the end of the line that configtest prints
WRONG = [
    ("IIPFilesystemPrefix", "/no/such/directory", "'/no/such/directory' is not a directory that exists"),
    ("IIPFilesystemPrefix", "/dev/null", "'/dev/null' is not a directory that exists"),
    ("IIPFilesystemSuffix", "/etc", "'/etc' is not the end of a file name, without '/'"),
    ("IIPProtocol", "IIIF3", "'IIIF3' is not one of auto, IIP, IIIF, DeepZoom, Zoomify"),
    ("IIPJPEGQuality", "0", "'0' is not an integer from 1 to 100"),
    ("IIPJPEGQuality", "101", "'101' is not an integer from 1 to 100"),
    ("IIPJPEGQuality", "75%", "'75%' is not an integer from 1 to 100"),
    ("IIPJPEGQuality", "99999999999999999999", "'99999999999999999999' is not an integer from 1 to 100"),
    ("IIPPNGQuality", "10", "'10' is not an integer from 0 to 9"),
    ("IIPPNGQuality", "-1", "'-1' is not an integer from 0 to 9"),
    ("IIPWebPQuality", "-2", "'-2' is not an integer from -1 to 100"),
    ("IIPWebPQuality", "101", "'101' is not an integer from -1 to 100"),
    ("IIPAVIFQuality", "-2", "'-2' is not an integer from -1 to 100"),
    ("IIPAVIFQuality", "101", "'101' is not an integer from -1 to 100"),
    ("IIPAVIFCodec", "dav1d", "'dav1d' is not one of auto, aom, rav1e, svt"),
    ("IIPAVIFCodec", "4", "'4' is not one of auto, aom, rav1e, svt"),
    ("IIPTIFFCompression", "lzma", "'lzma' is not one of none, lzw, deflate, jpeg, webp, zstd"),
    ("IIPTIFFCompression", "6", "'6' is not one of none, lzw, deflate, jpeg, webp, zstd"),
    ("IIPTIFFQuality", "-1", "'-1' is not an integer from 0 to 100"),
    ("IIPTIFFQuality", "101", "'101' is not an integer from 0 to 100"),
    ("IIPJPEGOptimise", "1", "'1' is not On or Off"),
    ("IIPColour", "Adobe", "'Adobe' is not keep or sRGB"),
    ("IIPFilenamePattern", "a/b", "'a/b' is not a part of a file name, without '/'"),
    ("IIPIIIFExtensions", "1", "'1' is not On or Off"),
    ("IIPIIIFDelimiter", '"\x1b"', "is not text without control characters"),
    ("IIPWatermark", "/no/such/file", "'/no/such/file' is not a picture that can be read: It can not be opened"),
    ("IIPWatermark", "/dev/null", "'/dev/null' is not a picture that can be read: "),
    ("IIPWatermark", "/etc/passwd", "'/etc/passwd' is not a picture that can be read: "),
    ("IIPWatermarkProbability", "1.5", "'1.5' is not a number from 0 to 1"),
    ("IIPWatermarkProbability", "nan", "'nan' is not a number from 0 to 1"),
    ("IIPWatermarkOpacity", "-0.1", "'-0.1' is not a number from 0 to 1"),
    ("IIPWatermarkOpacity", "half", "'half' is not a number from 0 to 1"),
    ("IIPMaxCVT", "0", "'0' is not an integer from 1 to 2147483647, or -1 for no limit"),
    ("IIPMaxCVT", "-2", "'-2' is not an integer from 1 to 2147483647, or -1 for no limit"),
    ("IIPAllowUpscaling", "maybe", "'maybe' is not On or Off"),
    ("IIPInterpolation", "1", "'1' is not one of nearest, bilinear, bicubic, lanczos"),
    ("IIPCORS", "", "'' is not off, *, or origins of the form scheme://host[:port]"),
    ("IIPCORS", "example.org", "'example.org' is not off, *, or origins of the form scheme://host[:port]"),
    ("IIPCORS", "* https://a.org", "'*' is not off, *, or origins of the form scheme://host[:port]"),
    ("IIPCORS", "https://a.org/path", "'https://a.org/path' is not off, *, or origins of the form scheme://host[:port]"),
    ("IIPBaseURL", "/images", "'/images' is not an http:// or https:// URL, or none"),
    ("IIPBaseURL", "ftp://a.org/", "'ftp://a.org/' is not an http:// or https:// URL, or none"),
    ("IIPBaseURL", "https:///x", "'https:///x' is not an http:// or https:// URL, or none"),
    ("IIPMaxICC", "-2", "'-2' is not an integer from 0 to 9223372036854775807, or -1 for no limit"),
    ("IIPCodecPassthrough", "1", "'1' is not On or Off"),
    ("IIPMaxLayers", "-2", "'-2' is not an integer from -1 to 65535"),
    ("IIPIIIFVersion", "1", "'1' is not an integer from 2 to 3"),
    ("IIPIIIFVersion", "3.0", "'3.0' is not an integer from 2 to 3"),
    ("IIPIIIFExtraInfo", "'\"a\": '", "'\"a\": ' is not a JSON object, the members of one, or none"),
    ("IIPIIIFExtraInfo", "'[1]'", "'[1]' is not a JSON object, the members of one, or none"),
    ("IIPIIIFExtraInfo", "'\"a\":1}, {\"b\":2'", "is not a JSON object, the members of one, or none"),
    ("IIPCodecPassthrough", "yes", "'yes' is not On or Off"),
    ("IIPRenderTimeout", "-1", "'-1' is not an integer from 0 to 86400"),
    ("IIPMaxRenders", "some", "'some' is not an integer from 0 to 1000"),
    ("IIPLogFile", "|", "'|' is not a path, or '|' and a program"),
    ("IIPVerbosity", "6", "'6' is not an integer from 0 to 5"),
    ("IIPMaxSourcePixels", "0", "'0' is not an integer of at least 1"),
    ("IIPMaxImageCacheSize", "-1", "'-1' is not an integer from 0 to 1048576"),
    ("IIPMaxImageCacheSize", "64MB", "'64MB' is not an integer from 0 to 1048576"),
    ("IIPMaxMetadataCacheSize", "-1", "'-1' is not an integer from 0 to 10000000"),
    ("IIPMaxRequestMemory", "0", "'0' is not an integer from 1 to 1048576"),
    ("IIPMemcachedServers", "", "'' is not a list of different servers, each HOST, HOST:PORT, [IPV6]:PORT or /SOCKET, or none"),
    ("IIPMemcachedServers", "a b:0", "'b:0' is not a list of different servers"),
    ("IIPMemcachedServers", "::1", "'::1' is not a list of different servers"),
    ("IIPMemcachedServers", "cache a Cache:11211", "'Cache:11211' is not a list of different servers"),
    ("IIPMemcachedTimeout", "2592001", "'2592001' is not an integer from 0 to 2592000"),
    ("IIPMemcachedDeadline", "0", "'0' is not an integer from 1 to 10000"),
    ("IIPMemcachedSecret", "fifteen-letters", "'...' is not at least 16 characters without control characters, or none"),
    ("IIPMaxRenderMemory", "2000000", "'2000000' is not an integer from 1 to 1048576"),
]

RIGHT = [
    "IIPFilesystemPrefix {folder}",
    "IIPFilesystemPrefix {folder}/",
    "IIPFilesystemPrefix htdocs",  # below ServerRoot
    "IIPFilesystemSuffix .tif",
    "IIPFilesystemSuffix none",
    "IIPProtocol auto", "IIPProtocol iip", "IIPProtocol IIIF", "IIPProtocol deepzoom",
    "IIPProtocol Zoomify",
    "IIPJPEGQuality 1", "IIPJPEGQuality 100",
    "IIPPNGQuality 0", "IIPPNGQuality 9",
    "IIPWebPQuality -1", "IIPWebPQuality 100", "IIPAVIFQuality -1", "IIPAVIFQuality 100",
    "IIPAVIFCodec auto", "IIPAVIFCodec AOM", "IIPAVIFCodec rav1e", "IIPAVIFCodec svt",
    "IIPAVIFCodec 0", "IIPAVIFCodec 3",
    "IIPTIFFCompression none", "IIPTIFFCompression LZW", "IIPTIFFCompression deflate",
    "IIPTIFFCompression jpeg", "IIPTIFFCompression webp", "IIPTIFFCompression zstd",
    "IIPTIFFCompression 0", "IIPTIFFCompression 5",
    "IIPTIFFQuality 0", "IIPTIFFQuality 100",
    "IIPJPEGOptimise On",
    "IIPColour keep", "IIPColour srgb",
    "IIPFilenamePattern _v_", "IIPFilenamePattern none",
    "IIPIIIFExtensions On",
    "IIPIIIFDelimiter ;", "IIPIIIFDelimiter page=", "IIPIIIFDelimiter none",
    "IIPWatermark {folder}/coffee.png", "IIPWatermark {folder}/coffee.tif", "IIPWatermark none",
    "IIPWatermarkProbability 0", "IIPWatermarkProbability 0.25", "IIPWatermarkOpacity 1",
    "IIPMaxCVT -1", "IIPMaxCVT 1", "IIPMaxCVT 2147483647",
    "IIPAllowUpscaling off",
    "IIPInterpolation nearest", "IIPInterpolation Lanczos",
    "IIPCORS off", "IIPCORS *", "IIPCORS https://a.org http://b.org:8080",
    "IIPBaseURL https://images.example.org/iiif",
    "IIPBaseURL https://example.org/fcgi-bin/iipsrv.fcgi?IIIF=",
    "IIPCacheControl \"max-age=60, public\"", "IIPCacheControl none",
    "IIPMaxICC -1", "IIPMaxICC 0", "IIPMaxICC 100000",
    "IIPCodecPassthrough Off",
    "IIPMaxLayers -1", "IIPMaxLayers 0", "IIPMaxLayers 5",
    "IIPIIIFVersion 2", "IIPIIIFVersion 3",
    "IIPRenderTimeout 60",
    "IIPIIIFExtraInfo '\"a\": 1, \"b\": [2]'", "IIPIIIFExtraInfo '{\"a\": {\"b\": null}}'",
    "IIPMaxRenders 8",
    "IIPCopyright \"© A Museum\"",
    "IIPLogFile logs/iip.log", "IIPLogFile \"|/bin/cat\"",
    "IIPVerbosity 0", "IIPVerbosity 5",
    "IIPMaxSourcePixels 1", "IIPMaxSourcePixels 1000000000000",
    "IIPMaxImageCacheSize 0", "IIPMaxImageCacheSize 1", "IIPMaxImageCacheSize 1048576",
    "IIPMaxMetadataCacheSize 0", "IIPMaxMetadataCacheSize 1000",
    "IIPMemcachedServers 127.0.0.1", "IIPMemcachedServers none",
    "IIPMemcachedServers cache.invalid:11300 [::1] [2001:db8::1]:11212 /run/memcached.sock",
    "IIPMemcachedTimeout 0", "IIPMemcachedTimeout 2592000", "IIPMemcachedDeadline 10000",
    "IIPMemcachedSecret \"sixteen letters!\"", "IIPMemcachedSecret none",
    "IIPMemcachedNamespace images.example.org", "IIPMemcachedNamespace none",
    "IIPMaxRequestMemory 1", "IIPMaxRenderMemory 1048576",
]


@pytest.fixture(scope="module")
def checker(module_folder):
    folder = module_folder
    return Server(folder)


@pytest.mark.parametrize("directive, arguments, complaint", WRONG)
def test_wrong_value(checker, directive, arguments, complaint):
    status, printed = checker.configtest(f"{directive} {arguments}\n")
    assert status != 0
    assert f"{directive}: " in printed
    assert complaint in printed
    assert "Syntax error on line" in printed


@pytest.mark.parametrize("line", RIGHT)
def test_right_value(checker, pictures, line):
    status, printed = checker.configtest(line.replace("{folder}", str(pictures)) + "\n")
    assert status == 0, printed


SERVER_ONLY = ["IIPMemcachedServers a", "IIPMemcachedSecret none", "IIPLogFile x", "IIPVerbosity 1", "IIPMaxSourcePixels 1", "IIPMaxMetadataCacheSize 1"]


@pytest.mark.parametrize("line", SERVER_ONLY)
def test_server_directives_have_no_place_in_sections(checker, line):
    status, printed = checker.configtest(f"<Location />\n{line}\n</Location>\n")
    assert status != 0
    assert f"{line.split()[0]} not allowed in <Location> context" in printed


@pytest.mark.parametrize("line", ["IIPMaxMetadataCacheSize 1", "IIPMaxRequestMemory 1",
                                  "IIPMaxRenderMemory 1", "IIPMaxImageCacheSize 1"])
def test_global_directives_have_no_place_in_virtual_hosts(checker, line):
    status, printed = checker.configtest(f"<VirtualHost *>\n{line}\n</VirtualHost>\n")
    assert status != 0
    assert f"{line.split()[0]} cannot occur within <VirtualHost> section" in printed


def test_every_directive_is_listed_with_help(checker):
    checker.write_config("")
    listed = subprocess.run(
        [HTTPD, "-f", checker.config, "-L"], capture_output=True, text=True, check=True
    ).stdout
    for name in {row[0] for row in WRONG} | {line.split()[0] for line in RIGHT}:
        assert f"{name} (mod_iip.cpp)" in listed


def info(server, target, host=None):
    return json.loads(server.get(target, host=host).body)


def test_merging(server, pictures):
    """Server, virtual host, location, directory: the innermost wins, the rest is inherited."""
    server.start(f"""
IIPIIIFVersion 2
IIPCacheControl outer
IIPCORS https://outer.example
<VirtualHost *:{server.port}>
    ServerName one
    IIPCacheControl vhost
    {service(pictures)}
    {service(pictures, "IIPIIIFVersion 3", 'IIPCacheControl none', "IIPCORS off", path="/inner")}
</VirtualHost>
<VirtualHost *:{server.port}>
    ServerName two
    {service(pictures)}
    <Directory "{pictures}">
        IIPCacheControl directory
    </Directory>
</VirtualHost>
""")
    origin = {"Origin": "https://outer.example"}
    outer = server.get("/iiif/coffee.tif/info.json", origin, host="one")
    assert json.loads(outer.body)["@context"].endswith("/image/2/context.json")
    assert outer["Cache-Control"] == "vhost"
    assert outer["Access-Control-Allow-Origin"] == "https://outer.example"

    inner = server.get("/inner/coffee.tif/info.json", origin, host="one")
    assert json.loads(inner.body)["@context"].endswith("/image/3/context.json")
    assert inner["Cache-Control"] is None
    assert inner["Access-Control-Allow-Origin"] is None

    other = server.get("/iiif/coffee.tif/info.json", origin, host="two")
    assert json.loads(other.body)["@context"].endswith("/image/2/context.json")
    assert other["Cache-Control"] == "directory"


def test_htaccess_beside_the_pictures(server, pictures, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "coffee.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    settings = tree / ".htaccess"
    settings.write_text('IIPCopyright "https://rights.example/1"\nIIPCacheControl album\n')
    server.start(service(tree) + f"""
<Directory "{tree}">
    AllowOverride FileInfo
</Directory>
""")
    answer = server.get("/iiif/coffee.tif/info.json")
    assert json.loads(answer.body)["rights"] == "https://rights.example/1"
    assert answer["Cache-Control"] == "album"

    # What a tenant may not choose.
    for line in ("IIPFilesystemPrefix /etc", "IIPMaxCVT -1", "IIPMaxSourcePixels 1"):
        settings.write_text(line)
        assert server.get("/iiif/coffee.tif/info.json").status == 500
        server.wait_for_log(f"{line.split()[0]} not allowed here")
    server.expect_log("not allowed here")


def test_extra_info_and_base_url(server, pictures):
    server.start(service(pictures, """IIPIIIFExtraInfo '{"service": {"id": "x"}}'""",
                         "IIPBaseURL https://images.example.org/a"))
    said = info(server, "/iiif/coffee.tif/info.json")
    assert said["service"] == {"id": "x"}
    assert said["id"] == "https://images.example.org/a/coffee.tif"


def test_base_url_of_a_query(server, pictures):
    server.start(service(pictures, "IIPBaseURL https://a.org/fcgi-bin/iipsrv.fcgi?IIIF=", path="/x"))
    assert info(server, "/x?IIIF=coffee.tif/info.json")["id"] == (
        "https://a.org/fcgi-bin/iipsrv.fcgi?IIIF=coffee.tif")


def test_log_file(server, pictures):
    server.start(service(pictures) + "IIPLogFile logs/iip.log\nIIPVerbosity 3\n")
    server.get("/iiif/none.tif/info.json")
    log = server.logs / "iip.log"
    assert "[info] [client 127.0.0.1] none.tif: " in log.read_text()
    # A line break in a name stays in its line.
    server.get("/iiif/a%0Ab.tif/info.json")
    assert len(log.read_text().splitlines()) == 2
    assert "IIP:" not in server.error_log()


def test_limit_of_source_pixels(server, pictures):
    server.start(service(pictures) + f"IIPMaxSourcePixels {600 * 400 - 1}\n")
    assert server.get("/iiif/coffee.tif/info.json").status == 413
    server.stop()
    server.start(service(pictures) + f"IIPMaxSourcePixels {600 * 400}\n")
    assert server.get("/iiif/coffee.tif/info.json").status == 200


CONFIGURATIONS = sorted((REPOSITORY / "conf").rglob("*.conf"))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_configurations_that_we_ship(checker, pictures, path):
    """As they are, and with the lines that are examples switched on."""
    text = path.read_text().replace("/srv/images", str(pictures))
    examples = re.sub(r"^( *)#(<|    ?[A-Z]|IIP|AddHandler)", r"\1\2", text, flags=re.M)
    for version in (text, examples):
        status, printed = checker.configtest(version)
        assert status == 0, printed
    assert examples != text or path.name != "iip.conf"
