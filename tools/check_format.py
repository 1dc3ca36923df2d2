#!/usr/bin/env python3
"""clang-format-19 --dry-run over all C++ files, or those changed since a revision.

    tools/check_format.py [REVISION]

Files that git does not track yet count as changed; what git ignores does not count. Exits with 1
if a file would be formatted otherwise; `clang-format-19 -i FILE` does that.
"""
import argparse
import pathlib
import subprocess
import sys

PATTERNS = ["*.cc", "*.h"]


def git(root, *words):
    run = subprocess.run(["git", "-C", root, *words, "--", *PATTERNS], capture_output=True,
                         check=False)
    if run.returncode != 0:
        sys.exit("check_format: " + run.stderr.decode(errors="replace").strip())
    return {name for name in run.stdout.decode().split("\0") if name}


def files(root, revision):
    new = git(root, "ls-files", "-z", "--others", "--exclude-standard")
    if revision:
        known = git(root, "diff", "-z", "--name-only", "--relative", "--diff-filter=d", revision)
    else:
        known = git(root, "ls-files", "-z")
    return sorted(name for name in known | new if (root / name).is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", nargs="?", help="default: all files")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    names = files(options.root, options.revision)
    failed = False
    for start in range(0, len(names), 100):  # below any limit on the length of a command
        run = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *names[start:start + 100]],
                             cwd=options.root, check=False)
        failed = failed or run.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
