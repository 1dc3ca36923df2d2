"""A header that leans on others is found. Run: python3 -m unittest discover tools"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_headers.py")


class CheckHeaders(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name).resolve()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_check(self, *options):
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root, *options],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def test_allows_headers_that_stand_alone(self):
        self.write("src/base/a.h", "#pragma once\n#include <string>\nstd::string name();\n")
        self.write("src/store/b.h", '#pragma once\n#include "base/a.h"\n')
        self.assertEqual(self.run_check(), (0, "2 of 2 headers stand alone\n"))

    def test_a_limit_keeps_the_last_changed(self):
        self.write("src/base/a.h", "#pragma once\nstd::string name();\n")
        subprocess.run(["git", "-C", self.root, "init", "-q"], check=True)
        subprocess.run(["git", "-C", self.root, "add", "."], check=True)
        subprocess.run(["git", "-C", self.root, "-c", "user.name=a", "-c", "user.email=a@b", "commit",
                        "-qm", "first"], check=True)
        self.write("src/base/b.h", "#pragma once\nint number();\n")
        self.assertEqual(self.run_check("--limit", "1"), (
            0, "1 of 2 headers stand alone, 1 left out (the longest unchanged)\n"))
        self.assertEqual(self.run_check("--limit", "2")[0], 1)

    def test_finds_a_missing_include(self):
        self.write("src/base/a.h", "#pragma once\nstd::string name();\n")
        code, said = self.run_check()
        self.assertEqual(code, 1)
        self.assertIn("src/base/a.h: does not compile alone\n", said)
        self.assertIn("0 of 1 headers stand alone\n", said)

    def test_finds_a_missing_guard(self):
        self.write("src/base/a.h", "struct Twice {};\n")
        self.assertEqual(self.run_check()[0], 1)

    def test_takes_the_flags_of_the_module_but_not_its_precompiled_header(self):
        self.write("src/base/a.h", "#pragma once\nstatic_assert(ANSWER == 42);\n")
        self.write("build/dev/compile_commands.json", json.dumps([{
            "directory": str(self.root), "file": "src/base/a.cc",
            "command": "/usr/bin/ccache /usr/bin/c++ -DANSWER=42 -Winvalid-pch -include none.hxx "
                       "-std=c++23 -Werror -o a.o -c src/base/a.cc"}]))
        self.assertEqual(self.run_check(), (0, "1 of 1 headers stand alone\n"))


if __name__ == "__main__":
    unittest.main()
