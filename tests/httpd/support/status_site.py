"""The status page, asked as JSON, and what the tests of it ask a server for."""
import json

from conftest import service

INFO = "/iiif/coffee.tif/info.json"
STORED = "/iiif/coffee.tif/0,0,256,256/256,/0/default.jpg"
TILE = "/iiif/coffee.tif/256,0,256,256/128,/0/default.jpg"
REGION = "/iiif/coffee.tif/full/^1500,/0/default.jpg"
STATUS = """
<Location "/iip-status">
    SetHandler iip-status
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
"""


def report(server, host=None):
    answer = server.get("/iip-status", host=host)
    assert answer.status == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    return json.loads(answer.text)


def growth(server, requests):
    """What the totals grew by while `requests` ran."""
    before = report(server)["totals"]
    requests()
    after = report(server)["totals"]
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def name_of(server):
    return f"127.0.0.1:{server.port}"


def vhost(server, name, pictures):
    return f"""
<VirtualHost *:{server.port}>
    ServerName {name}
    {service(pictures)}
    {STATUS}
</VirtualHost>
"""


def requests_of(server, host=None):
    hosts = report(server, host)["virtual_hosts"]
    return {name.split(":")[0]: figures["requests"] for name, figures in hosts.items()}
