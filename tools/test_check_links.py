"""Each dead link is found, and live ones are not. Run: python3 -m unittest discover tools"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_links.py")


class CheckLinks(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write("docs/page.md", "# The page\n\n## Why `it` is so\n\n## Twice\n\n## Twice\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def found(self):
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        self.assertIn(run.returncode, (0, 1))
        return run.stdout.splitlines() if run.returncode else []

    def test_files_and_headings_that_are_there(self):
        self.write("README.md", "[a](docs/page.md) [b](docs/page.md#why-it-is-so) [c](docs) "
                                "[d](#here) [e](https://example.org/x) [f](docs/page.md#twice-1)\n"
                                "\n# Here\n")
        self.assertEqual(self.found(), [])

    def test_missing_files_and_headings(self):
        self.write("README.md", "\n[a](docs/none.md)\n[b](docs/page.md#nowhere)\n[c](../up.md)\n")
        self.assertEqual(self.found(), ["README.md:2: there is no docs/none.md",
                                        "README.md:3: docs/page.md has no heading #nowhere",
                                        "README.md:4: there is no ../up.md"])

    def test_code_is_no_link(self):
        self.write("README.md", "`[a](none.md)`\n\n    [b](none.md)\n\n```\n[c](none.md)\n```\n")
        self.assertEqual(self.found(), [])

    def test_pages_that_sources_point_to(self):
        self.write("src/a.cc", '// docs/page.md\nauto x = "see docs/gone.md";\n')
        self.write("src/a_test.cc", '// docs/gone.md in a test is data\n')
        self.assertEqual(self.found(), ["src/a.cc:2: mentions docs/gone.md, which is not there"])


if __name__ == "__main__":
    unittest.main()
