"""What changed in a working tree of git, for the checks that look at that first."""
import subprocess
import sys


def git(root, *words):
    run = subprocess.run(["git", "-C", root, *words], capture_output=True, check=False)
    if run.returncode != 0:
        sys.exit("git: " + run.stderr.decode(errors="replace").strip())
    return [name for name in run.stdout.decode().split("\0") if name]


def changed_since(root, revision):
    new = git(root, "ls-files", "-z", "--others", "--exclude-standard")
    return set(new + git(root, "diff", "-z", "--name-only", "--relative", "--diff-filter=d",
                         revision))


def last_changed_first(root, names):
    """Uncommitted changes come first, then the newest commits."""
    rank = {}
    for name in sorted(changed_since(root, "HEAD")):
        rank.setdefault(name, len(rank))
    for line in git(root, "log", "-z", "--name-only", "--relative", "--format="):
        rank.setdefault(line.strip(), len(rank))
    return sorted(names, key=lambda name: (rank.get(name, len(rank)), name))
