"""What is untidy is found, and what was found tidy is not looked at again."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_tidy.py")


class CheckTidy(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.write(".clang-tidy", "Checks: '-*,readability-identifier-naming'\n"
                                  "WarningsAsErrors: '*'\nHeaderFilterRegex: '/src/.*'\n"
                                  "CheckOptions: {readability-identifier-naming.FunctionCase: "
                                  "lower_case}\n")
        self.write(".gitignore", "/build/\n")
        self.write("src/m/a.h", "int good();\n")
        self.write("src/m/a.cc", '#include "m/a.h"\nint good() { return 1; }\n')
        self.write("src/m/b.cc", "int also_good() { return 1; }\n")
        self.write("src/m/b_test.cc", "int BadButATest() { return 1; }\n")
        commands = [{"directory": str(self.root), "file": str(self.root / name),
                     "command": f"g++ -std=c++23 -I{self.root}/src -c {self.root / name}"}
                    for name in ("src/m/a.cc", "src/m/b.cc", "src/m/b_test.cc")]
        self.write("build/nopch/compile_commands.json", json.dumps(commands))
        for words in (["init", "-q"], ["add", "-A"],
                      ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
            subprocess.run(["git", "-C", self.root, *words], check=True)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, *words):
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root, *words],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    def test_tidy_sources(self):
        self.assertEqual(self.check(), (0, "2 of 2 sources are tidy\n"))

    def test_an_untidy_header_is_said_once_with_its_position(self):
        self.check()
        self.write("src/m/a.h", "int Bad();\nint good();\n")
        self.write("src/m/b.cc", '#include "m/a.h"\nint also_good() { return 1; }\n')
        code, said = self.check()
        self.assertEqual(code, 1)
        self.assertEqual(said.count("src/m/a.h:1:5: "), 1, said)
        self.assertIn("0 of 2 sources are tidy", said)

    def test_only_what_changed(self):
        self.write("src/m/b.cc", "int Bad() { return 1; }\n")
        code, said = self.check("HEAD")
        self.assertEqual(code, 1)
        self.assertIn("0 of 1 sources are tidy", said)

    def test_what_was_tidy_is_not_looked_at_again(self):
        self.check()
        # The tool is not there any more, so anything that called it would fail.
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root],
                             capture_output=True, text=True, check=False,
                             env={"PATH": self.path_without_clang_tidy()})
        self.assertEqual((run.returncode, run.stdout), (0, "2 of 2 sources are tidy\n"))

    def path_without_clang_tidy(self):
        tools = self.root / "build/tools"
        tools.mkdir()
        git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True,
                             check=True).stdout.strip()
        (tools / "git").symlink_to(git)
        return str(tools)

    def test_a_limit_says_what_it_leaves_out(self):
        self.write("src/m/b.cc", "int Bad() { return 1; }\n")
        code, said = self.check("--limit", "1")
        self.assertEqual(code, 1)
        self.assertIn("0 of 2 sources are tidy, 1 left out (the longest unchanged)", said)


if __name__ == "__main__":
    unittest.main()
