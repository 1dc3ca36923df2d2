#!/usr/bin/env python3
"""Compiles every header under src/ alone, with the flags of its module.

The flags come from <build>/compile_commands.json, without precompiled headers, so that a missing
include shows. Prints the compiler's words for each header that does not stand alone, and exits
with 1 if there is any. Through ccache where there is one: unchanged headers cost nothing. With
--limit at most so many headers are compiled, the last changed first.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from changes import last_changed_first

# Flags worth keeping, by how they begin; -isystem takes a second word.
KEPT = ("-D", "-I", "-W", "-f", "-m", "-std=", "-isystem")
DROPPED = ("-Winvalid-pch", "-fpch-preprocess", "-fsanitize")
DEFAULT = ["g++", "-std=c++23", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
           "-Werror"]


def useful(command):
    """The compiler and the flags that matter for a header, of a whole compile command."""
    words = shlex.split(command)
    start = next((i for i, word in enumerate(words)
                  if pathlib.Path(word).name in ("c++", "g++", "clang++", "clang++-19")), None)
    if start is None:
        return None
    kept, rest = [words[start]], iter(words[start + 1:])
    for word in rest:
        if word.startswith(KEPT) and not word.startswith(DROPPED):
            kept.append(word)
            if word == "-isystem":
                kept.append(next(rest, ""))
    return kept


def flags_by_module(root, build):
    """Module to compiler and flags; tests' flags under `<module>/test`."""
    commands = build / "compile_commands.json"
    found = {}
    for entry in json.loads(commands.read_text()) if commands.exists() else []:
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if not path.is_relative_to(root / "src"):
            continue
        module = path.relative_to(root / "src").parts[0]
        key = module + ("/test" if path.name.endswith("_test.cc") else "")
        if key not in found and (flags := useful(entry["command"])):
            found[key] = flags
    return found


def compile_alone(root, header, flags, scratch):
    """Empty if `header` compiles alone, and a second time behind itself; else what was said."""
    include = header.relative_to(root / "src").as_posix()
    source = scratch / (include.replace("/", "+") + ".cc")
    source.write_text(f'#include "{include}"\n#include "{include}"\n')
    cache = ["ccache"] if shutil.which("ccache") else []
    run = subprocess.run(
        [*cache, *flags, "-O0", "-I", root / "src", "-c", source, "-o", source.with_suffix(".o")],
        capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else f"src/{include}: does not compile alone\n{run.stderr}"


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--build", type=pathlib.Path, help="default: build/dev below the root")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=int, default=0, help="default: none")
    options = parser.parse_args()
    root = options.root.resolve()
    build = options.build or root / "build/dev"
    known = flags_by_module(root, build)

    def flags_of(header):
        parts = header.relative_to(root / "src").parts
        key = parts[0] + "/test" if "testing" in parts else parts[0]
        return known.get(key) or known.get(parts[0]) or DEFAULT

    every = sorted((root / "src").rglob("*.h"))
    headers = every
    if options.limit and options.limit < len(every):
        names = last_changed_first(root, [path.relative_to(root).as_posix() for path in every])
        headers = [root / name for name in names[:options.limit]]
    # A place that does not change from run to run, or the cache would never be hit.
    scratch = build / "headers" if build.exists() else pathlib.Path(tempfile.mkdtemp())
    scratch.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        answers = list(pool.map(
            lambda header: compile_alone(root, header, flags_of(header), scratch), headers))
    if not build.exists():
        shutil.rmtree(scratch)
    failures = [answer for answer in answers if answer]
    print("".join(failures), end="")
    left_out = len(every) - len(headers)
    rest = f", {left_out} left out (the longest unchanged)" if left_out else ""
    print(f"{len(headers) - len(failures)} of {len(every)} headers stand alone{rest}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
