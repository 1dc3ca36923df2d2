#!/usr/bin/env python3
"""Checks that what the documentation refers to is there.

In Markdown files: relative links, and the heading behind a `#`. In all text files: mentions of
`docs/….md`, `docs/….yaml` and `contracts/….json`, which messages of Writ point people to. Prints
file:line and exits with 1 if anything is missing.
"""
import argparse
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]\n]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
MENTION = re.compile(r"(?<![\w./-])((?:docs|contracts)/[\w./-]+\.(?:md|yaml|json))\b")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
TEXT = {".cc", ".h", ".md", ".py", ".sh", ".txt", ".yaml", ".json", ".cmake"}
# Text that shows made-up paths: data of tests, and specs of other projects.
NOT_OURS = ("tests/fuzz/corpus/", "/testdata/", "examples/", "_test.cc", "/testing/", "test_check_")


# Named as an example by a message.
MADE_UP = {"docs/design.md"}


def slug(heading):
    """As GitHub makes anchors of headings."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", lambda m: m[1] or "", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(text):
    """(line number, line) without fenced code."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line


def anchors(path, known):
    if path not in known:
        found = set()
        for _, line in prose(path.read_text()):
            if heading := HEADING.match(line):
                name, n = slug(heading[1]), 0
                while (f"{name}-{n}" if n else name) in found:
                    n += 1
                found.add(f"{name}-{n}" if n else name)
        known[path] = found
    return known[path]


def broken_links(root, path, known):
    for number, line in prose(path.read_text()):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            name, _, anchor = target.partition("#")
            to = (path.parent / name).resolve() if name else path
            if not to.exists() or not to.is_relative_to(root):
                yield number, f"there is no {target}"
            elif anchor and to.suffix == ".md" and anchor not in anchors(to, known):
                yield number, f"{name or 'this page'} has no heading #{anchor}"


def broken_mentions(root, path):
    text = path.read_text(errors="replace")
    lines = prose(text) if path.suffix == ".md" else enumerate(text.splitlines(), 1)
    for number, line in lines:
        for name in MENTION.findall(LINK.sub("", line)):
            if name not in MADE_UP and not (root / name).exists():
                yield number, f"mentions {name}, which is not there"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True).stdout
    problems, pages, known = [], 0, {}
    for name in sorted(filter(None, listed.split("\0"))):
        path = root / name
        if not path.is_file() or path.is_symlink() or path.suffix not in TEXT:
            continue
        found = []
        if path.suffix == ".md":
            pages += 1
            found += broken_links(root, path, known)
        if not any(part in name for part in NOT_OURS):
            found += broken_mentions(root, path)
        problems += [f"{name}:{line}: {what}" for line, what in sorted(set(found))]
    print("\n".join(problems) if problems else f"every link of {pages} pages leads somewhere")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
