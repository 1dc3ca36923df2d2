#!/usr/bin/env python3
"""Holds docs/traceability.yaml to the tree.

Every row names a requirement of the catalogue at the head of the file, once; its sources exist and
so do its tests, given as `path: Suite.Name` where the test stands in a GoogleTest source, or as a
path alone. `implemented` needs tests; `partial` says what is missing. Tests that pages below
docs/security name, as `Suite.Name`, stand somewhere in src or tests. Prints file:line and exits
with 1 if anything does not hold.
"""
import argparse
import pathlib
import re
import sys

import yaml

TEST = re.compile(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
NAMED = re.compile(r"`([A-Z]\w*\.[A-Z]\w*)`")
KEYS = {"id", "status", "sources", "tests", "missing"}
STATUS = {"implemented", "partial"}


class Lines(yaml.SafeLoader):
    """Mappings know the line that they begin on."""


def mapping(loader, node):
    return {**loader.construct_mapping(node, deep=True), "__line__": node.start_mark.line + 1}


Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


def tests_of(path, known):
    if path not in known:
        known[path] = {f"{suite}.{name}" for suite, name in TEST.findall(path.read_text())}
    return known[path]


def test_problem(root, test, known):
    """What is wrong with a row's test, or None."""
    if isinstance(test, str):
        return None if (root / test).is_file() else f"there is no {test}"
    names = [(path, name) for path, name in test.items() if path != "__line__"]
    for path, name in names:
        if not (root / path).is_file():
            return f"there is no {path}"
        if name not in tests_of(root / path, known):
            return f"{path} has no test {name}"
    return None if len(names) == 1 else "a test is one `path: Suite.Name`"


def row_problems(root, row, catalogue, seen, known):
    name = row.get("id")
    if name not in catalogue:
        yield f"the catalogue has no {name}"
    if name in seen:
        yield f"{name} has a row at line {seen[name]} already"
    seen[name] = row["__line__"]
    for key in sorted(set(row) - KEYS - {"__line__"}):
        yield f"{name}: unknown key {key}"
    if row.get("status") not in STATUS:
        yield f"{name}: status is one of {', '.join(sorted(STATUS))}"
    if row.get("status") == "partial" and not row.get("missing"):
        yield f"{name}: say under `missing` what is missing"
    if row.get("status") == "implemented" and row.get("missing"):
        yield f"{name}: something is missing, so it is partial"
    for key in ("sources", "tests"):
        if not row.get(key):
            yield f"{name}: no {key}"
    for source in row.get("sources") or []:
        if not (root / source).exists():
            yield f"{name}: there is no {source}"
    for test in row.get("tests") or []:
        if problem := test_problem(root, test, known):
            yield f"{name}: {problem}"


def page_problems(root, known):
    pages = sorted((root / "docs/security").glob("*.md"))
    if not pages:
        return
    everywhere = set()
    for folder in ("src", "tests"):
        for path in (root / folder).rglob("*_test.cc"):
            everywhere |= tests_of(path, known)
    for page in pages:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for name in NAMED.findall(line):
                if name not in everywhere:
                    yield f"{page.relative_to(root)}:{number}: no test is {name}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    matrix = "docs/traceability.yaml"
    try:
        document = yaml.load((root / matrix).read_text(), Lines)
    except yaml.YAMLError as error:
        print(f"{matrix}: {error}")
        return 1
    catalogue = {f"{area}-{number:02}" for area, count in document["catalogue"].items()
                 if area != "__line__" for number in range(1, count + 1)}
    seen, known, problems = {}, {}, []
    for row in document["requirements"]:
        problems += [f"{matrix}:{row['__line__']}: {problem}"
                     for problem in row_problems(root, row, catalogue, seen, known)]
    problems += page_problems(root, known)
    for problem in problems:
        print(problem)
    done = sum(row.get("status") == "implemented" for row in document["requirements"])
    if not problems:
        print(f"{len(seen)} of {len(catalogue)} requirements are traced, {done} implemented")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
