"""The sizes of files and folders.

What is long has a second subject, and what holds many a second folder. A header and its source are one
subject, and so is a file of tests.
"""

import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
MOST_SUBJECTS = 30
CODE = {".h", ".cpp", ".py", ".sh", ".cmake", ".js", ".css", ".html", ".lua"}


def tracked_files():
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True)
    if names.returncode != 0:
        pytest.skip("not a checkout of git")
    return [Path(name) for name in names.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def crowded_folders(files):
    subjects = defaultdict(set)
    for file in files:
        subjects[file.parent].add(file.stem)
    return {str(folder): len(names) for folder, names in subjects.items()
            if len(names) > MOST_SUBJECTS}


def test_no_file_is_long():
    code = [file for file in tracked_files() if file.suffix in CODE]
    assert len(code) > 300
    assert {str(f): n for f in code if (n := lines_of(ROOT / f)) > MOST_LINES} == {}


def test_no_folder_is_crowded():
    # Inputs of the fuzzers and pictures are data, of which there may be any number.
    files = [file for file in tracked_files() if file.suffix in CODE]
    assert crowded_folders(files) == {}


def test_a_crowded_folder_is_found():
    files = [Path("engine") / f"part{n}.{ext}" for n in range(31) for ext in ("h", "cpp")]
    assert crowded_folders(files[:60]) == {}
    assert crowded_folders(files) == {"engine": 31}
