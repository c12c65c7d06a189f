#!/usr/bin/python3
"""Runs clang-tidy, by .clang-tidy, on every source of sources.list.

    tidy.py FOLDER   FOLDER is a build by clang: its compile_commands.json is used

Most of clang-tidy's time goes into the headers of the system, which nearly all sources include. So
those that are compiled by one command are read together, written into one file: some checks, and the
analyzer, look at the main file only. Sources that have a name in common in their unnamed namespaces
go into different batches, and those of a batch that does not compile, or that is found fault with,
are read each alone.

A source that passed is passed over until it, a header or .clang-tidy changes.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_IN_A_BATCH = 12
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.DOTALL | re.MULTILINE)
# What clang-format leaves at the beginning of a line is a declaration of the namespace itself.
DECLARED = re.compile(
    r"^(?:struct|class|enum class|enum|union|using) (\w+)|^[A-Za-z][^\n(={]*?[ *&](\w+)(?= ?[(={\[;])",
    re.MULTILINE)


def stamp_of(folder, source):
    return folder / source.replace("/", ",")


def waiting_sources(stamps):
    """The sources that have not passed since they, a header or the settings changed."""
    settings = [ROOT / ".clang-tidy", *(ROOT / "engine").rglob("*.h"), *(ROOT / "httpd").rglob("*.h")]
    newest = max(path.stat().st_mtime for path in settings)
    for source in (ROOT / "sources.list").read_text().split("\n"):
        if not source.endswith(".cpp"):
            continue
        stamp = stamp_of(stamps, source)
        changed = max(newest, (ROOT / source).stat().st_mtime)
        if not stamp.exists() or stamp.stat().st_mtime < changed:
            yield source


def commands_of(build):
    """For every source its compiler's arguments, without the names of source and object."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if not source.is_relative_to(ROOT):
            continue
        words = shlex.split(entry["command"])
        while not pathlib.Path(words[0]).name.startswith("clang"):
            words.pop(0)  # a launcher
        object_at = words.index("-o")
        del words[object_at:object_at + 2]
        words.remove("-c")
        words.remove(entry["file"])
        while "-Xclang" in words:  # precompiled headers
            at = words.index("-Xclang")
            del words[at:at + 2]
        commands[str(source.relative_to(ROOT))] = tuple(words[1:])
    return commands


def unnamed_names(source):
    """The names that the source declares in unnamed namespaces."""
    text = (ROOT / source).read_text()
    return {left or right for block in UNNAMED.findall(text)
            for left, right in DECLARED.findall(block)}


def batches_of(sources, commands):
    """Parts the sources into lists of one command and of no common name."""
    names = {source: unnamed_names(source) for source in sources}

    def rivals(source):
        return sum(commands[source] == commands[other] and bool(names[source] & names[other])
                   for other in sources)

    batches = []
    # Those with most rivals open the batches, which the others then fill evenly.
    for source in sorted(sources, key=rivals, reverse=True):
        fitting = [batch for batch in batches
                   if commands[batch[0]] == commands[source] and len(batch) < MOST_IN_A_BATCH
                   and not any(names[source] & names[member] for member in batch)]
        if fitting:
            min(fitting, key=len).append(source)
        else:
            batches.append([source])
    return sorted(batches, key=len, reverse=True)


def run_clang_tidy(path, arguments):
    run = subprocess.run(["clang-tidy", "--quiet", str(path), "--", *arguments], cwd=ROOT,
                         capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stdout + run.stderr


def check_alone(source, commands, stamps):
    passed, said = run_clang_tidy(ROOT / source, commands[source])
    if not passed:
        return said
    stamp_of(stamps, source).touch()
    return ""


def check_batch(members, commands, stamps):
    """What clang-tidy objects to in the sources; nothing where they pass."""
    if len(members) > 1:
        together = stamps / ("batch-" + members[0].replace("/", ","))
        together.write_text("\n".join((ROOT / source).read_text() for source in members))
        # A parameter may well have the name of something in another source.
        passed, _ = run_clang_tidy(together, [*commands[members[0]], "-Wno-shadow"])
        if passed:
            for source in members:
                stamp_of(stamps, source).touch()
            return ""
    return "".join(check_alone(source, commands, stamps) for source in members)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    stamps = build / "tidy"
    stamps.mkdir(exist_ok=True)
    sources = list(waiting_sources(stamps))
    commands = commands_of(build)
    batches = batches_of(sources, commands)
    print(f"clang-tidy: {len(sources)} files in {len(batches)} batches", flush=True)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda members: check_batch(members, commands, stamps), batches):
            failed = failed or bool(said)
            print(said, end="", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
