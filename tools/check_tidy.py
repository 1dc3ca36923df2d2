#!/usr/bin/env python3
"""clang-tidy-19 over the sources under src/ and sdk/cpp/src/, without tests: those changed since a revision, or all.

    tools/check_tidy.py [REVISION] [--limit N]

Flags come from <build>/compile_commands.json of a build without precompiled headers
(`cmake --preset nopch`), which clang does not understand when GCC made them. A source that was
clean is not looked at again until it, a header of Writ that it includes, its flags or .clang-tidy
change. With --limit at most so many sources are looked at, the last changed first, and the answer
says how many were left out. Exits with 1 if clang-tidy has anything to say.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

from changes import changed_since, last_changed_first

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
# GCC knows warnings that clang does not, and its stable_sort is made with what its own header deprecates.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-deprecated-declarations"]


class Headers:
    """Digests of sources together with every header of Writ that they include."""

    def __init__(self, root):
        self.root = root
        self.includes = {}

    def reached(self, path, seen):
        if path in seen or not path.is_file():
            return
        seen.add(path)
        if path not in self.includes:
            found = (name.decode() for name in INCLUDE.findall(path.read_bytes()))
            self.includes[path] = [place / name for name in found
                                   for place in (self.root / "src", path.parent)]
        for below in self.includes[path]:
            self.reached(below, seen)

    def digest(self, source, *more):
        seen = set()
        self.reached(source, seen)
        whole = hashlib.sha256("\0".join(more).encode())
        for path in sorted(seen):
            whole.update(path.relative_to(self.root).as_posix().encode() + b"\0")
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()


def sources(root, build):
    """Path below the root to compile command, of all that is no test."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        is_ours = path.is_relative_to(root / "src") or path.is_relative_to(root / "sdk/cpp/src")
        if is_ours and not path.name.endswith("_test.cc"):
            if "testing" not in path.relative_to(root).parts:
                found[path.relative_to(root).as_posix()] = entry["command"]
    return found


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", nargs="?", help="default: all sources")
    parser.add_argument("--limit", type=int, default=0, help="default: none")
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--build", type=pathlib.Path, help="default: build/nopch below the root")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    root = options.root.resolve()
    build = (options.build or root / "build/nopch").resolve()
    known = sources(root, build)
    wanted = set(known)
    if options.revision:
        wanted &= changed_since(root, options.revision)

    done = build / "tidy"
    done.mkdir(exist_ok=True)
    config = (root / ".clang-tidy").read_text()
    headers = Headers(root)
    marks = {name: done / headers.digest(root / name, known[name], config) for name in wanted}
    names = [name for name in last_changed_first(root, wanted) if not marks[name].exists()]
    left_out = names[options.limit:] if options.limit else []
    names = names[:options.limit] if options.limit else names

    def look_at(name):
        run = subprocess.run(["clang-tidy-19", "-p", build, "--quiet", *EXTRA, name], cwd=root,
                             capture_output=True, text=True, check=False)
        if run.returncode == 0:
            marks[name].touch()
            return ""
        return run.stdout or run.stderr

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        answers = [answer for answer in pool.map(look_at, names) if answer]
    # Headers are looked at with each source that includes them: say everything once.
    seen = set()
    for line in "".join(answers).splitlines():
        if re.match(r"/\S+:\d+:\d+: ", line):
            shown = line not in seen
            seen.add(line)
        elif not seen:
            shown = True
        if shown:
            print(line.removeprefix(str(root) + "/"))
    rest = f", {len(left_out)} left out (the longest unchanged)" if left_out else ""
    print(f"{len(wanted) - len(left_out) - len(answers)} of {len(wanted)} sources are tidy{rest}")
    return 1 if answers else 0


if __name__ == "__main__":
    sys.exit(main())
