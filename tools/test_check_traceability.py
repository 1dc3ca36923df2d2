"""Each false row is found, and true ones are not. Run: python3 -m unittest discover tools"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_traceability.py")
GOOD = """catalogue: {LAW: 2}
requirements:
  - id: LAW-01
    status: implemented
    sources: [src/a.cc]
    tests:
      - src/a_test.cc: Suite.ReadsWhatIsThere
      - tests/demo.sh
"""


class CheckTraceability(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.write("src/a.cc", "")
        self.write("src/a_test.cc", "TEST(Suite, ReadsWhatIsThere) {}\n")
        self.write("tests/demo.sh", "")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, matrix):
        self.write("docs/traceability.yaml", matrix)
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout.splitlines()

    def assert_found(self, matrix, problem):
        self.assertEqual(self.check(matrix), (1, ["docs/traceability.yaml:3: " + problem]))

    def test_a_true_matrix(self):
        self.assertEqual(self.check(GOOD),
                         (0, ["1 of 2 requirements are traced, 1 implemented"]))

    def test_tests_that_a_page_names(self):
        self.write("docs/security/asvs.md", "| 6.2 | it does | `Suite.ReadsWhatIsThere` |\n")
        self.assertEqual(self.check(GOOD)[0], 0)
        self.write("docs/security/asvs.md", "| 6.2 | it does | `Suite.Dreams` |\n")
        self.assertEqual(self.check(GOOD),
                         (1, ["docs/security/asvs.md:1: no test is Suite.Dreams"]))

    def test_ids_out_of_the_catalogue(self):
        self.assert_found(GOOD.replace("LAW-01", "LAW-03"), "the catalogue has no LAW-03")

    def test_ids_that_come_twice(self):
        code, lines = self.check(GOOD + GOOD.split("requirements:\n")[1])
        self.assertEqual((code, lines),
                         (1, ["docs/traceability.yaml:9: LAW-01 has a row at line 3 already"]))

    def test_sources_and_tests_that_are_not_there(self):
        self.assert_found(GOOD.replace("src/a.cc", "src/b.cc"), "LAW-01: there is no src/b.cc")
        self.assert_found(GOOD.replace("ReadsWhat", "Forgets"),
                          "LAW-01: src/a_test.cc has no test Suite.ForgetsIsThere")
        self.assert_found(GOOD.replace("demo.sh", "gone.sh"), "LAW-01: there is no tests/gone.sh")

    def test_partial_says_what_is_missing(self):
        partial = GOOD.replace("implemented", "partial")
        self.assert_found(partial, "LAW-01: say under `missing` what is missing")
        self.assertEqual(self.check(partial + "    missing: the rest\n")[0], 0)
        self.assert_found(GOOD + "    missing: the rest\n",
                          "LAW-01: something is missing, so it is partial")

    def test_a_row_without_tests(self):
        self.assert_found(GOOD.split("    tests:")[0], "LAW-01: no tests")

    def test_unknown_keys_and_statuses(self):
        self.assert_found(GOOD + "    note: x\n", "LAW-01: unknown key note")
        self.assert_found(GOOD.replace("implemented", "done"),
                          "LAW-01: status is one of implemented, partial")


if __name__ == "__main__":
    unittest.main()
