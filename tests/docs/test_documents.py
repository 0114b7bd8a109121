"""What documents, comments and messages name is there: paths, links with their anchors, tests, decisions, terms."""

from __future__ import annotations

import ast
import functools
import io
import re
import subprocess
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.place import PROJECT_DIR, ROOT

DECISIONS = ROOT / "docs" / "decisions"
TESTBED = ROOT / "testbed"
# Rooms of testbed from which instruments are made; all others are such.
MATERIAL = {"bucket", "city", "cluster", "compose", "power", "prometheus", "landing", "warehouse"}
SECTIONS = (
    *("What it proves", "What it does not prove", "How", "How to run it", "What it costs"),
    *("How to read its report", "How to extend it"),
)
# Where a path of the repository can begin; those of the dbt project are often written from its folder on.
_TOP = "contract|simulator|local|ingest|dbt_project|profiles|testbed|tests|benchmarks|docs"
_PATH = re.compile(rf"(?<![\w./<>*…{{}}$%-])(?:{_TOP}|models|macros|seeds|intermediate)/[\w./<>*…{{}}$%-]*")
_PLACEHOLDER = re.compile(r"[<>*…{}$%]|\.\.\.")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMENTS = {".sql": r"--[^\n]*|\{#.*?#\}", ".yml": r"(?:^|\s)#[^\n]*", ".toml": r"(?:^|\s)#[^\n]*"}


@functools.cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def pages() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def unfenced(text: str) -> str:
    """A page without its fenced code, which is what somebody types or sees."""
    return re.sub(r"^(```|~~~).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)


def comments(path: Path) -> str:
    """The comments of a file; of Python also docstrings, and outside tests all texts, which may be messages."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        pattern = _COMMENTS.get(path.suffix, r"(?:^|\s)#[^\n]*")
        return "\n".join(re.findall(pattern, text, re.MULTILINE | re.DOTALL))
    found = [t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT]
    is_test = path.is_relative_to(ROOT / "tests")
    for node in ast.walk(ast.parse(text)):
        if is_test and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            found.append(ast.get_docstring(node) or "")
        elif not is_test and isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return "\n".join(found)


def ignored(names: set[str]) -> set[str]:
    """Those of the names that git ignores, as files or as folders: what is made here, and nowhere tracked."""
    asked = "\n".join([*names, *(f"{name}/" for name in names)])
    command = ["git", "check-ignore", "--stdin"]
    found = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=False).stdout
    return {name.rstrip("/") for name in found.splitlines()}


def missing_paths(text: str, page: Path) -> list[str]:
    """The paths of the repository that a text names and that are not there; of one with a placeholder its folder."""
    absent = {}
    for name in (found.rstrip(".-/") for found in _PATH.findall(text)):
        placeholder = _PLACEHOLDER.search(name)
        literal = name[: placeholder.start()].rpartition("/")[0] if placeholder else name
        places = (ROOT, PROJECT_DIR, PROJECT_DIR / "models", page.parent)
        if not any((place / literal).exists() for place in places):
            absent[literal] = name
    made_here = ignored(set(absent)) if absent else set()
    return sorted(name for literal, name in absent.items() if literal not in made_here)


@functools.cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    count, found = Counter[str](), set()
    for heading in re.findall(r"^#+ (.+)$", unfenced(page.read_text(encoding="utf-8")), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(f"{anchor}-{count[anchor]}" if count[anchor] else anchor)
        count[anchor] += 1
    return frozenset(found)


def broken_links(text: str, page: Path) -> list[str]:
    """The relative links of a page that lead to no file or to no heading."""
    broken = []
    for target in _LINK.findall(unfenced(text)):
        if re.match(r"[a-z]+:|#!", target):  # elsewhere, or within dbt's docs site
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    return broken


def _decisions() -> Iterator[tuple[int, str, str]]:
    """Number, title and text of each record."""
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        yield int(path.name[:4]), text.splitlines()[0].partition(". ")[2], text


def test_each_path_that_a_page_names_exists() -> None:
    found = {page.relative_to(ROOT).as_posix(): missing_paths(unfenced(page.read_text()), page) for page in pages()}
    assert {page: names for page, names in found.items() if names} == {}


def test_each_path_that_a_comment_or_a_message_names_exists() -> None:
    code = [path for path in tracked() if path.suffix in (".py", ".sql", ".yml", ".toml", ".sh", ".sqlfluff")]
    code += [path for path in tracked() if path.name in ("Makefile", "Dockerfile", ".sqlfluff", ".dockerignore")]
    found = {path.relative_to(ROOT).as_posix(): missing_paths(comments(path), path) for path in code}
    assert {path: names for path, names in found.items() if names} == {}


def test_each_link_leads_to_a_file_and_a_heading() -> None:
    whole = [page for page in pages() if not page.name.endswith(".in.md")]  # a template's links are its page's
    found = {page.relative_to(ROOT).as_posix(): broken_links(page.read_text(), page) for page in whole}
    assert {page: links for page, links in found.items() if links} == {}


def test_each_test_that_a_page_names_exists() -> None:
    files = [path for path in tracked() if path.suffix == ".py"]
    known = {name for path in files for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)}
    known |= {path.name for path in files}
    for page in pages():
        named = re.findall(r"(?<![\w/])test_\w+(?:\.py)?", unfenced(page.read_text()))
        assert set(named) - known == set(), page.name


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("see `docs/definitions.md`, dbt_project/models/staging/ and models/_fields.md.", []),
        ("see docs/definitons.md", ["docs/definitons.md"]),
        ("`macros/no_such_folder/<name>.sql`", ["macros/no_such_folder/<name>.sql"]),
        ("`models/staging/<domain>/` and `docs/*.md`", []),
        ("dbt_project/target/static_index.html is made here; https://example.org/docs/none.md is elsewhere", []),
    ],
)
def test_a_path_that_is_not_there_is_found(text: str, missing: list[str]) -> None:
    assert missing_paths(text, ROOT / "docs" / "page.md") == missing


def test_a_broken_link_is_found() -> None:
    text = "[a](style.md#glossary) [b](style.md#no-such-heading) [c](no.md) [d](https://example.org/#x) [e](#here)"
    assert broken_links(text, ROOT / "docs" / "architecture.md") == ["style.md#no-such-heading", "no.md", "#here"]


def test_no_file_has_the_marks_of_a_merge() -> None:
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert marks.search("<" * 7 + " HEAD")
    texts = [path for path in tracked() if path.suffix in {".md", ".py", ".sql", ".yml", ".toml", ".sh", ""}]
    assert [path for path in texts if marks.search(path.read_text())] == []


def test_the_tree_of_the_readme_has_each_folder() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme.split("\n## Where things are\n")[1].split("```")[1]
    named = set(re.findall(r"^([a-z_]+)/ ", tree, re.MULTILINE))
    parts = [path.relative_to(ROOT).parts for path in tracked()]
    folders = {part[0] for part in parts if len(part) > 1 and not part[0].startswith(".")}
    assert named - ignored(named) == folders


def _rooms() -> list[str]:
    return sorted(folder.name for folder in TESTBED.iterdir() if any(folder.glob("*.py")))


@pytest.mark.parametrize("room", _rooms())
def test_each_room_of_testbed_has_a_page_with_its_sections(room: str) -> None:
    page = TESTBED / room / "README.md"
    assert page.exists(), f"{room} has no README.md: testbed/README.md has the sections of a page"
    sections = re.findall(r"^## (.+)$", unfenced(page.read_text(encoding="utf-8")), re.MULTILINE)
    assert sections == list(("What it holds", "Entry points") if room in MATERIAL else SECTIONS)


@pytest.mark.parametrize("page", ["testbed/README.md", "docs/architecture.md"])
def test_each_room_of_testbed_has_a_row_that_links_its_page(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = re.findall(r"^\| \[[^\]]*\]\((?:\.\./testbed/)?(\w+)/README\.md\) \|", text, re.MULTILINE)
    assert sorted(linked) == _rooms()


def test_the_glossary_has_at_most_30_terms() -> None:
    glossary = (ROOT / "docs" / "style.md").read_text(encoding="utf-8").split("\n## Glossary\n")[1].split("\n## ")[0]
    terms = [line.split("|")[1].strip() for line in glossary.splitlines() if line.startswith("|")][2:]
    assert 10 < len(terms) <= 30
    assert terms == sorted(set(terms))


def test_there_are_ten_tasks() -> None:
    tasks = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("\n## Where do I change")[1]
    assert [int(number) for number in re.findall(r"^### (\d+)\. ", tasks, re.MULTILINE)] == list(range(1, 11))


def test_decision_records_have_one_heading_style() -> None:
    for number, title, text in _decisions():
        assert re.match(rf"# {number}\. [A-Za-z].*[^.]\n\n\*\*Choice\.\*\* ", text), title
        for part in ("Reason", "Price", "Revisit"):
            assert f"**{part}" in text, f"{number} has no {part}."


def test_decision_records_are_numbered_without_a_gap_and_in_the_index() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d+)\]\((\d{4})-[a-z0-9-]+\.md\) \| (.+?) \|", index, re.MULTILINE)
    assert [(int(shown), int(file), title) for shown, file, title in rows] == [
        (number, number, title) for number, title, _ in _decisions()
    ]
    assert [number for number, *_ in _decisions()] == list(range(1, len(rows) + 1))


def test_records_that_change_each_other_link_to_each_other() -> None:
    texts = {number: text for number, _, text in _decisions()}
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    changed = re.findall(r"^\| \[(\d+)\].*(?:extended|superseded) by ([\d, and]+)", index, re.MULTILINE)
    assert changed
    for number, others in changed:
        for other in re.findall(r"\d+", others):
            assert f"({int(other):04d}-" in texts[int(number)], f"{number} does not link to {other}."
            assert f"({int(number):04d}-" in texts[int(other)], f"{other} does not link to {number}."


def test_nothing_cites_the_brief_that_lies_outside_the_repository() -> None:
    word = "DES" + "IGN"
    found = subprocess.run(["git", "grep", "-n", "-w", word], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout == ""
