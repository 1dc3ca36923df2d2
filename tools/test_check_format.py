"""Badly formatted files are found, where they count. Run: python3 -m unittest discover tools"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_format.py")
GOOD = "int one();\n"
BAD = "int   one( ) ;\n"


@unittest.skipUnless(shutil.which("clang-format-19"), "clang-format-19 is not installed")
class CheckFormat(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write(".gitignore", "/build/\n")
        self.git("init", "-q")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def git(self, *words):
        subprocess.run(["git", "-C", self.root, "-c", "user.name=t", "-c", "user.email=t@example.org",
                        *words], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def run_check(self, *words):
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root, *words],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr

    def test_looks_at_all_files_and_not_at_ignored_ones(self):
        self.write("src/a.cc", GOOD)
        self.write("build/b.cc", BAD)
        self.commit()
        self.assertEqual(self.run_check(), (0, ""))
        self.write("src/c.h", BAD)
        code, said = self.run_check()
        self.assertEqual(code, 1)
        self.assertIn("src/c.h", said)

    def test_looks_only_at_what_changed_since_a_revision(self):
        self.write("src/old.cc", BAD)
        self.commit()
        self.assertEqual(self.run_check("HEAD"), (0, ""))
        self.assertEqual(self.run_check()[0], 1)
        self.write("src/old.cc", BAD + "\n")
        self.assertEqual(self.run_check("HEAD")[0], 1)

    def test_says_so_when_the_revision_is_unknown(self):
        self.write("src/a.cc", GOOD)
        self.commit()
        code, said = self.run_check("no-such-revision")
        self.assertEqual(code, 1)
        self.assertIn("no-such-revision", said)


if __name__ == "__main__":
    unittest.main()
