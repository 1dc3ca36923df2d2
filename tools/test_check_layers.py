"""Each violation is found, and what is allowed is not. Run: python3 -m unittest discover tools"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_layers.py")


class CheckLayers(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.layers('{"base": [], "store": ["base"], "ledger": ["base", "store"], "app": ["*"]}')
        self.write("src/base/result.h", "#pragma once\n")
        self.write("src/base/testing/fake_clock.h", '#include "base/result.h"\n')

    def layers(self, text):
        self.write("tools/layers.json", text)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_check(self):
        run = subprocess.run([sys.executable, "-B", SCRIPT, "--root", self.root],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout.splitlines()

    def assert_clean(self):
        self.assertEqual(self.run_check(), (0, []))

    def assert_found(self, *expected):
        code, lines = self.run_check()
        self.assertEqual(code, 1)
        self.assertEqual(len(lines), len(expected), lines)
        for line, start in zip(lines, expected):
            self.assertTrue(line.startswith(start), line)

    def test_allows_own_module_and_listed_ones(self):
        self.write("src/store/store.cc",
                   '#include "store/store.h"\n#include <sqlite3.h>\n#include "base/result.h"\n')
        self.write("src/app/main.cc", '#include "store/store.h"\n')
        self.assert_clean()

    def test_holds_the_sdk_to_its_layers_too(self):
        self.layers('{"base": [], "store": ["base"], "sdk": ["base"]}')
        self.write("sdk/cpp/src/convert.h", '#include <writ/sdk/value.h>\n#include "base/result.h"\n')
        self.write("sdk/cpp/src/local.cc", '#include "convert.h"\n#include "store/store.h"\n')
        self.assert_found('sdk/cpp/src/local.cc:2: sdk may not include "store/store.h"')

    def test_finds_an_undeclared_edge_with_its_line(self):
        self.write("src/base/result.cc", '#include <map>\n\n  #  include "store/store.h"\n')
        self.assert_found('src/base/result.cc:3: base may not include "store/store.h"')

    def test_finds_an_undeclared_edge_in_a_test(self):
        self.write("src/base/sub/result_test.cc", '#include "store/store.h"\n')
        self.assert_found("src/base/sub/result_test.cc:1: base may not include")

    def test_allows_tests_what_test_depends_lists(self):
        self.write("src/base/CMakeLists.txt",
                   "writ_module(NAME base  # the lowest\n  TESTS a_test.cc\n  TEST_DEPENDS store)\n")
        self.write("src/base/a_test.cc", '#include "store/store.h"\n')
        self.assert_clean()
        self.write("src/base/a.cc", '#include "store/store.h"\n')
        self.assert_found("src/base/a.cc:1:")

    def test_keeps_testing_headers_to_tests(self):
        self.write("src/store/a_test.cc", '#include "base/testing/fake_clock.h"\n')
        self.write("src/store/testing/fake.h", '#include "base/testing/fake_clock.h"\n')
        self.assert_clean()
        self.write("src/store/a.cc", '#include "base/testing/fake_clock.h"\n')
        self.assert_found('src/store/a.cc:1: "base/testing/fake_clock.h" is for tests only')

    def test_finds_depends_beyond_the_layers(self):
        self.write("src/store/a.cc", "")
        self.write("src/store/CMakeLists.txt",
                   "writ_module(NAME store\n  DEPENDS base\n    ledger\n  SOURCES a.cc)\n")
        self.assert_found("src/store/CMakeLists.txt:3: store may not depend on ledger")

    def test_finds_an_unknown_module(self):
        self.write("src/extra/a.cc", "")
        self.write("src/store/a.cc", '#include "extra/a.h"\n#include "plain.h"\n')
        self.assert_found("src/extra/a.cc:1: tools/layers.json does not know the module extra",
                          'src/store/a.cc:1: "extra/a.h" begins with no module',
                          'src/store/a.cc:2: "plain.h" begins with no module')

    def test_finds_cycles_and_unknown_names_in_the_declaration(self):
        self.layers('{"base": ["ledger"], "store": ["base"], "ledger": ["store", "ghost"]}')
        self.assert_found("tools/layers.json:1: ledger lists the unknown module ghost",
                          "tools/layers.json:1: cycle: base -> ledger -> store -> base")

    def test_passes_over_comments_and_literals(self):
        self.write("src/base/a_test.cc", '''
// #include "store/a.h"
/*
#include "store/b.h"
*/
const char* kQuote = "/*";
const int kMany = 1'000'000;
const char kMark = '"';
const char* kCode = R"cc(
#include "store/c.h"
)cc";
#include "store/d.h"
''')
        self.assert_found('src/base/a_test.cc:12: base may not include "store/d.h"')


if __name__ == "__main__":
    unittest.main()
