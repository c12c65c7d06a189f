#!/usr/bin/python3
"""What the largest .htaccess that is accepted costs a request, in milliseconds of a processor of httpd.

    bench/htaccess.py     after a build in build/ (or IIP_BUILD)

For each kind of .htaccess: the processor time of a request for a picture in the tile cache, and for its
info.json, connection included, beyond the time with an empty .htaccess, which comes first.
"""
import os
import pathlib
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests/httpd"), str(REPOSITORY / "tests/httpd/support")]
from conftest import wait_until_settled  # noqa: E402
from private_httpd import Server  # noqa: E402

REQUESTS = 500
ALONE = """StartServers 1
ServerLimit 1
MaxRequestWorkers 1
MinSpareServers 1
MaxSpareServers 1
"""


def values(text):
    return f"IIPIIIFExtraInfo '{text}'\n"


KINDS = {
    "empty": "",
    "deep": values('"a":' + "[" * 62 + "]" * 62),
    "many values": values('"a":[' + ",".join("1" for _ in range(498)) + "]"),
    "many members": values(",".join(f'"member{i:03}":{i}' for i in range(499))),
    "members of the same length, thrice": values(",".join(f'"{i:07}":1' for i in range(499))) * 3,
    "one long text": values('"a":"' + "x" * 8_000 + '"'),
    "escapes": values('"a":"' + r"\u00e9" * 1_300 + '"') * 4,
    "texts": ('IIPCopyright "' + "c" * 4_000 + '"\n') * 8,
    "origins": ("IIPCORS " + " ".join(f"https://{i:03}.example.org" for i in range(60)) + "\n") * 20,
    "500 directives": "IIPJPEGQuality 50\n" * 500,
    "500 sections": "<Files *>\nIIPJPEGQuality 50\n</Files>\n" * 500,
    "250 conditions": '<If "true">\nIIPJPEGQuality 50\n</If>\n' * 250,
    "500 sections of httpd alone": "<Files *>\nDefaultType None\n</Files>\n" * 500,
    "500 directives of httpd alone": "DefaultType None\n" * 500,
}


def processor_time(server):
    ticks = 0
    for child in server.children():
        fields = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cost(server, target):
    for _ in range(5):
        assert server.get(target).status == 200, server.error_log()[-2000:]
    before = processor_time(server)
    for _ in range(REQUESTS):
        server.get(target)
    return (processor_time(server) - before) / REQUESTS * 1000


def main():
    with tempfile.TemporaryDirectory(prefix="iip-") as folder:
        os.chmod(folder, 0o755)
        server = Server(pathlib.Path(folder) / "server", "prefork")
        picture = sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "samples/photos/coffee.jpg"
        (server.docs / "picture.jpg").write_bytes(pathlib.Path(picture).read_bytes())
        server.start(ALONE + f"""
<Directory "{server.docs}">
    AllowOverride FileInfo
    AddHandler iip-image .jpg
</Directory>
""")
        server.expect_log("AH00161")  # one client, one child
        wait_until_settled()
        try:
            print(f"{'':36} {'tile':>8} {'info.json':>10}")
            base = [0, 0]
            for name, text in KINDS.items():
                (server.docs / ".htaccess").write_text(text)
                found = [cost(server, f"/picture.jpg/{rest}")
                         for rest in ("0,0,256,256/200,/0/default.jpg", "info.json")]
                print(f"{name:36} {found[0] - base[0]:8.2f} {found[1] - base[1]:10.2f}")
                base = found if name == "empty" else base
        finally:
            server.stop()


if __name__ == "__main__":
    main()
