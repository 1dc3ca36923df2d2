#!/usr/bin/env python3
"""Checks every include under src/ and sdk/cpp/ against tools/layers.json.

A file of src/<module>/ may include its own module and those that layers.json lists for it.
Tests (*_test.cc, and what is below testing/) may also include testing/ headers and the modules
of TEST_DEPENDS in the module's CMakeLists.txt. Modules that layers.json does not know, cycles in
it, and DEPENDS beyond it are refused. Prints file:line and exits with 1 if anything is wrong.
"""
import argparse
import json
import pathlib
import re
import sys

# Comments and literals are matched to be passed over: tests hold C++ in raw strings.
TOKENS = re.compile(
    r'''^[ \t]*\#[ \t]*include[ \t]*"(?P<include>[^"\n]+)"
    | R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
    | "(?:\\.|[^"\\\n])*"
    | '(?:\\[^\n]{1,9}?|[^'\\\n])'
    | /\*.*?\*/
    | //[^\n]*''',
    re.MULTILINE | re.DOTALL | re.VERBOSE)
KEYWORDS = {"NAME", "DEPENDS", "LIBRARIES", "SOURCES", "TESTS", "TEST_DEPENDS"}


def includes(text):
    """(line, path) of every quoted include."""
    for match in TOKENS.finditer(text):
        if match["include"]:
            yield text.count("\n", 0, match.start("include")) + 1, match["include"]


def module_lists(text):
    """The lists of the writ_module(...) call in a CMakeLists.txt by keyword, with line numbers."""
    text = re.sub(r"#[^\n]*", "", text)
    call = re.search(r"\bwrit_module\(([^()]*)\)", text)
    lists, key = {}, None
    for word in re.finditer(r"\S+", call[1]) if call else ():
        if word[0] in KEYWORDS:
            key = word[0]
        else:
            line = text.count("\n", 0, call.start(1) + word.start()) + 1
            lists.setdefault(key, []).append((line, word[0]))
    return lists


def find_cycle(layers):
    """A list of modules that leads back to its first, or None."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        path.append(module)
        for below in layers[module]:
            if below in layers and (cycle := visit(below)):
                return cycle
        path.pop()
        done.add(module)
        return None

    for module in layers:
        if cycle := visit(module):
            return cycle
    return None


class Checker:
    def __init__(self, root):
        self.root = root
        self.problems = []
        declared = json.loads((root / "tools/layers.json").read_text())
        self.layers = {name: set(declared) - {name} if below == ["*"] else set(below)
                       for name, below in declared.items()}

    def problem(self, path, line, message):
        self.problems.append(f"{path.relative_to(self.root)}:{line}: {message}")

    def check(self):
        self.check_declaration()
        for directory in sorted((self.root / "src").iterdir()):
            if directory.is_dir():
                self.check_module(directory)
        if (self.root / "sdk/cpp").is_dir():
            self.check_module(self.root / "sdk/cpp", "sdk")
        return self.problems

    def check_declaration(self):
        path = self.root / "tools/layers.json"
        for module, below in self.layers.items():
            for name in sorted(below - set(self.layers)):
                self.problem(path, 1, f"{module} lists the unknown module {name}")
        if cycle := find_cycle(self.layers):
            self.problem(path, 1, "cycle: " + " -> ".join(cycle))

    def check_module(self, directory, module=None):
        files = sorted(p for p in directory.rglob("*") if p.suffix in (".h", ".cc"))
        if not files:
            return
        module = module or directory.name
        if module not in self.layers:
            self.problem(files[0], 1, f"tools/layers.json does not know the module {module}")
            return
        test_depends = self.check_lists(directory / "CMakeLists.txt", module)
        for path in files:
            for line, include in includes(path.read_text()):
                self.check_include(path, line, include, module, test_depends)

    def check_lists(self, path, module):
        """DEPENDS against the layers; returns TEST_DEPENDS."""
        lists = module_lists(path.read_text()) if path.exists() else {}
        for line, name in lists.get("DEPENDS", []):
            if name not in self.layers[module]:
                self.problem(path, line, f"{module} may not depend on {name} (tools/layers.json)")
        for line, name in lists.get("TEST_DEPENDS", []):
            if name not in self.layers:
                self.problem(path, line, f"unknown module {name}")
        return {name for _, name in lists.get("TEST_DEPENDS", [])}

    def check_include(self, path, line, include, module, test_depends):
        parts = pathlib.PurePosixPath(include).parts
        is_test = path.name.endswith("_test.cc") or "testing" in path.parent.parts
        allowed = self.layers[module] | {module} | (test_depends if is_test else set())
        if module == "sdk" and len(parts) == 1 and (path.parent / include).is_file():
            return  # private to it, beside its sources
        if len(parts) < 2 or parts[0] not in self.layers:
            self.problem(path, line, f'"{include}" begins with no module; headers of Writ are '
                                     'included as "module/file.h", others with <>')
        elif parts[0] not in allowed:
            self.problem(path, line, f'{module} may not include "{include}" (tools/layers.json'
                                     f'{", or TEST_DEPENDS" if is_test else ""})')
        elif "testing" in parts[:-1] and not is_test:
            self.problem(path, line, f'"{include}" is for tests only')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    problems = Checker(parser.parse_args().root.resolve()).check()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
