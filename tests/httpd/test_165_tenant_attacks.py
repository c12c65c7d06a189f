"""What somebody may not do who writes a .htaccess: end a child, hold it up, see the figures of the other
virtual hosts."""
import json

import pytest
from private_httpd import MODULES_FOLDER, Server
from tenant_site import STATUS, settings


@pytest.fixture(scope="module", params=["event", "prefork"])
def tenant(request, module_folder, pictures):
    """A server whose document root is a customer's."""
    server = Server(module_folder / request.param, request.param)
    tree = server.docs
    (tree / "coffee.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    (tree / "page.txt").write_text("a page")
    (tree / "operators").mkdir()
    (tree / "operators/page.txt").write_text("a page")
    server.start(f"""
LoadModule actions_module {MODULES_FOLDER}/mod_actions.so
<Directory "{tree}">
    AllowOverride All
    AddHandler iip-image .tif
</Directory>
<Directory "{tree}/operators">
    SetHandler iip-status
</Directory>
<Location "/secret-status">
    SetHandler iip-status
    Require ip 192.0.2.1
</Location>
""" + STATUS)
    yield server
    settings(server, "")
    server.stop()


def info_of(server):
    return server.get("/coffee.tif/info.json")


def nested(opening, closing, depth):
    inner = "1" if opening.endswith(":") else ""
    return f'"deep": {opening * depth}{inner}{closing * depth}'


def test_deep_nesting_ends_no_child(tenant):
    before = tenant.children()
    tenant.expect_log("IIPIIIFExtraInfo: ")
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        # httpd takes lines of 8192 bytes in a .htaccess.
        for depth, status in ((63, 200), (64, 500), (1_000, 500), (8_000 // (len(opening) + 1), 500)):
            settings(tenant, f"IIPIIIFExtraInfo '{nested(opening, closing, depth)}'")
            answer = info_of(tenant)
            assert answer.status == status, (opening, depth)
            if status == 200:
                assert "deep" in json.loads(answer.body)
            if status == 500 and depth == 64:
                tenant.wait_for_log("with at most 500 values nested at most 64 deep")
    settings(tenant, "")
    assert info_of(tenant).status == 200
    # None ended: a dead one would have been replaced by another.
    assert set(before) <= set(tenant.children())


TOO_MUCH = [
    ("many values", "IIPIIIFExtraInfo '\"a\": [" + ",".join(["1"] * 500) + "]'"),
    ("many members", "IIPIIIFExtraInfo '" + ",".join(f'"a{i}":1' for i in range(501)) + "'"),
    ("copyright", 'IIPCopyright "' + "c" * 4_097 + '"'),
    ("cache control", 'IIPCacheControl "' + "c" * 1_025 + '"'),
    ("delimiter", 'IIPIIIFDelimiter "' + ";" * 65 + '"'),
    ("pattern", 'IIPFilenamePattern "' + "_" * 129 + '"'),
    ("base URL", "IIPBaseURL http://a.example/" + "a" * 2_048),
    ("origin", "IIPCORS https://" + "a" * 512),
    ("a wrong value", "IIPJPEGQuality " + "9" * 8_000),
    ("many directives", "IIPJPEGQuality 50\n" * 501),
    ("many texts", ('IIPCopyright "' + "c" * 4_000 + '"\n') * 9),
    ("many sections", ("<Files *>\nIIPCopyright \"" + "c" * 4_000 + "\"\n</Files>\n") * 9),
    ("many conditions", ("<If \"true\">\nIIPCORS " + "https://a.example " * 50 + "\n</If>\n") * 40),
]


@pytest.mark.parametrize("text", [row[1] for row in TOO_MUCH], ids=[row[0] for row in TOO_MUCH])
def test_what_is_too_much_for_a_htaccess(tenant, text):
    tenant.expect_log(r"\.htaccess: IIP")
    settings(tenant, text)
    answer = info_of(tenant)
    assert answer.status == 500
    settings(tenant, "")
    assert info_of(tenant).status == 200
    # What is said of it is no longer than a line.
    assert max(map(len, tenant.error_log().splitlines())) < 2_000


def test_limits_hold_in_the_configuration_too(module_folder):
    """There httpd takes lines of 16 MB."""
    checker = Server(module_folder / "checker")
    for text, complaint in (
            (nested("[", "]", 1_000_000), "the value is longer than 16384 bytes"),
            (nested("[", "]", 8_000), "with at most 500 values nested at most 64 deep"),
            (nested("[", "", 16_000), "with at most 500 values nested at most 64 deep")):
        status, printed = checker.configtest(f"IIPIIIFExtraInfo '{text}'\n")
        assert status != 0 and "IIPIIIFExtraInfo: " in printed and complaint in printed


def test_the_files_of_all_folders_count_together(tenant):
    texts = ('IIPCopyright "' + "c" * 4_000 + '"\n') * 5
    (tenant.docs / "inner").mkdir(exist_ok=True)
    (tenant.docs / "inner/coffee.tif").write_bytes((tenant.docs / "coffee.tif").read_bytes())
    tenant.expect_log("in .htaccess")
    settings(tenant, texts)
    assert tenant.get("/inner/coffee.tif/info.json").status == 200
    settings(tenant, texts, "inner")
    assert tenant.get("/inner/coffee.tif/info.json").status == 500
    settings(tenant, "")
    assert tenant.get("/inner/coffee.tif/info.json").status == 200


def test_what_is_much_and_allowed(tenant):
    members = ",".join(f'"member{i}":"{i:020}"' for i in range(200))
    settings(tenant, f"IIPIIIFExtraInfo '{members}'\n" + 'IIPCopyright "' + "c" * 4_000 + '"\n'
             + "IIPJPEGQuality 50\n" * 400)
    answer = info_of(tenant)
    assert answer.status == 200
    assert json.loads(answer.body)["member199"] == f"{199:020}"
    settings(tenant, "")


# ---- The operator's page

WAYS = {
    "SetHandler": "SetHandler iip-status",
    "other letters": "SetHandler IIP-Status",
    "Files": "<Files page.txt>\nSetHandler iip-status\n</Files>",
    "If": '<If "true">\nSetHandler iip-status\n</If>',
    "Files within If": '<If "true">\n<Files *>\nSetHandler iip-status\n</Files>\n</If>',
    "expression": 'SetEnvIf Host . PAGE=iip-status\nSetHandler "%{env:PAGE}"',
    "AddHandler": "AddHandler iip-status .txt",
    "ForceType": "ForceType iip-status",
    "AddType": "AddType iip-status .txt",
    "RewriteRule": "RewriteEngine On\nRewriteRule .* - [H=iip-status]",
    "RewriteRule of a type": "RewriteEngine On\nRewriteRule .* - [T=iip-status]",
}


def shows_figures(answer):
    return b"virtual_hosts" in answer.body or b"IIPTotal" in answer.body or b"iip_requests" in answer.body


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_the_status_page_is_the_operators(tenant, text):
    tenant.expect_log("There is no status page here")
    settings(tenant, text)
    # One that no handler takes is answered as the file that it is.
    for target in ("/page.txt", "/page.txt?auto", "/page.txt?metrics"):
        answer = tenant.get(target)
        assert answer.status in (200, 403, 404) and not shows_figures(answer), target
    purged = tenant.request("POST", "/page.txt", body=b"purge=*")
    assert b"purged" not in purged.body
    settings(tenant, "")


def test_a_refused_status_page_is_logged(tenant):
    tenant.expect_log("There is no status page here")
    settings(tenant, "SetHandler iip-status")
    assert tenant.get("/page.txt").status == 403
    tenant.wait_for_log("SetHandler iip-status works in the configuration of the server, not in .htaccess")
    settings(tenant, "")


def test_a_tenant_does_not_get_round_the_operators_require(tenant):
    tenant.expect_log("AH01630")
    settings(tenant, "ErrorDocument 404 /secret-status")
    assert not shows_figures(tenant.get("/none.txt"))
    settings(tenant, "Action figures /secret-status virtual\nSetHandler figures")
    assert not shows_figures(tenant.get("/page.txt"))
    settings(tenant, "RewriteEngine On\nRewriteRule page /secret-status [L]")
    assert not shows_figures(tenant.get("/page.txt"))
    settings(tenant, "")


def test_the_section_in_a_tenants_server_status(tenant):
    for text in ("SetHandler server-status", "AddHandler server-status .txt",
                 "ForceType application/x-httpd-status"):
        settings(tenant, text)
        answer = tenant.get("/page.txt")
        assert b"Apache Server Status" in answer.body, "mod_status's own page"
        assert b"<h2>IIP</h2>" not in answer.body
        assert not shows_figures(tenant.get("/page.txt?auto"))
    settings(tenant, "")


def test_a_tenants_word_does_not_become_the_operators(tenant):
    """In a folder that the operator has made a status page, the .htaccess says the same."""
    assert shows_figures(tenant.get("/operators/page.txt"))
    settings(tenant, "JunkDirective", "operators")
    tenant.expect_log("JunkDirective")
    assert tenant.get("/operators/page.txt").status == 500
    settings(tenant, "SetHandler iip-status", "operators")
    tenant.expect_log("There is no status page here")
    assert tenant.get("/operators/page.txt").status == 403
    (tenant.docs / "operators/.htaccess").unlink()


OPERATORS = {
    "Location": '<Location "/a.txt">\nSetHandler iip-status\n</Location>',
    "LocationMatch": '<LocationMatch "^/a">\nSetHandler iip-status\n</LocationMatch>',
    "Directory": '<Directory "{docs}">\nSetHandler iip-status\n</Directory>',
    "Files": '<Files "a.txt">\nSetHandler iip-status\n</Files>',
    "Files within Directory": '<Directory "{docs}">\n<Files "a.txt">\nSetHandler IIP-status\n</Files>\n</Directory>',
    "If": '<If "%{{REQUEST_URI}} =~ m#^/a#">\nSetHandler iip-status\n</If>',
    "If within Location": '<Location "/a.txt">\n<If "true">\nSetHandler iip-status\n</If>\n</Location>',
    "server": "SetHandler iip-status",
    "VirtualHost": "<VirtualHost *:{port}>\nServerName one\nSetHandler iip-status\n</VirtualHost>",
    "expression": '<Location "/a.txt">\nSetHandler "%{{reqenv:NONE}}iip-status"\n</Location>',
}


@pytest.mark.parametrize("text", OPERATORS.values(), ids=OPERATORS)
def test_wherever_the_operator_sets_it(server, text):
    (server.docs / "a.txt").write_text("a page")
    server.start(text.format(docs=server.docs, port=server.port))
    for restarted in (False, True):
        answer = server.get("/a.txt", host="one")
        assert answer.status == 200 and shows_figures(answer), restarted
        if not restarted:
            children = server.children()
            server.graceful()
            server.wait_until_gone(children)
