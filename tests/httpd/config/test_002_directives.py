"""The documentation and the example say of each directive what the module's own table says."""
import re
import subprocess
from typing import NamedTuple

import pytest
from private_httpd import HTTPD, REPOSITORY, Server


class Entry(NamedTuple):
    name: str
    context: str
    usual: str
    syntax: str
    range: str


class Section(NamedTuple):
    facts: dict
    prose: str


@pytest.fixture(scope="module")
def table(module_folder):
    server = Server(module_folder)
    server.write_config("")
    listed = subprocess.run(
        [HTTPD, "-f", server.config, "-t", "-D", "DUMP_IIP_DIRECTIVES"],
        capture_output=True, text=True, check=True,
    ).stdout
    entries = [Entry(*line.split("\t")) for line in listed.splitlines() if line.startswith("IIP")]
    return {entry.name: entry for entry in entries}


@pytest.fixture(scope="module")
def document():
    return (REPOSITORY / "docs" / "directives.md").read_text()


@pytest.fixture(scope="module")
def sections(document):
    found = {}
    for part in re.split(r"^#{2,3} ", document, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        if title.startswith("IIP"):
            facts = dict(re.findall(r"^\* \*\*(\w+)\*\* (.*)$", text, flags=re.MULTILINE))
            found[title] = Section(facts, " ".join(text.split()))
    return found


def test_the_module_lists_itself_only_when_asked(module_folder):
    server = Server(module_folder)
    status, printed = server.configtest("")
    assert status == 0
    assert "IIPJPEGQuality" not in printed


def test_each_directive_has_a_section(table, sections):
    assert len(table) > 40
    assert sections.keys() == table.keys()


def test_sections_say_what_the_table_says(table, sections):
    for name, entry in table.items():
        facts = sections[name].facts
        assert facts["Syntax"] == f"`{name} {entry.syntax}`"
        assert facts["Context"] == entry.context, name
        usual = facts["Default"].replace("`", "")
        assert re.fullmatch(re.escape(entry.usual) + r"( \(.*\)|: .*)?", usual), (name, usual)


def test_sections_say_the_range(table, sections):
    for name, entry in table.items():
        bounds = re.fullmatch(r"from (-?\d+) to (-?\d+)", entry.range)
        in_syntax = bounds and any(
            f"{bounds[1]}{between}{bounds[2]}" in entry.syntax for between in ("..", " | "))
        assert in_syntax or entry.range in sections[name].prose, (name, entry.range)


def test_the_summary_says_what_the_table_says(table, document):
    rows = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| (.*) \| (.*) \|$", document, flags=re.MULTILINE)
    assert sorted(row[0] for row in rows) == sorted(table)
    for name, anchor, usual, context in rows:
        assert anchor == name.lower()
        assert usual.replace("`", "") == table[name].usual, name
        assert context == table[name].context, name


# The example shows how these are used.
NOT_THE_DEFAULT = {"IIPBaseURL", "IIPCORS", "IIPMemcachedServers"}


def test_the_example_shows_defaults(table, module_folder):
    example = (REPOSITORY / "conf" / "iip.conf").read_text()
    lines = re.findall(r"^    #((IIP\w+) (.*))$", example, flags=re.MULTILINE)
    assert len(lines) > 20
    for _, name, value in lines:
        assert name in table
        if name not in NOT_THE_DEFAULT:
            assert value == table[name].usual, name
    status, printed = Server(module_folder).configtest("\n".join(line for line, _, _ in lines))
    assert status == 0, printed


def test_defaults_are_legal(table, module_folder):
    """What the table calls the default can be written where the scope says, but for words."""
    words = {"IIPFilesystemPrefix", "IIPTIFFQuality", "IIPCORS", "IIPLogFile", "IIPMemcachedNamespace"}
    lines = []
    for name, entry in table.items():
        if name in words:
            continue
        line = f"{name} {entry.usual}"
        lines.append(f"<Location />\n{line}\n</Location>" if entry.context == "directory" else line)
    assert len(lines) > 40
    status, printed = Server(module_folder).configtest("\n".join(lines) + "\n")
    assert status == 0, printed
