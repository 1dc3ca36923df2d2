#include "scan/imports.h"

#include <gtest/gtest.h>

#include "scan/import_targets.h"

namespace writ::scan {
namespace {

// "2:10 name (part part)" of each import.
std::vector<std::string> imports_of(std::string_view path, std::string_view text) {
  std::vector<std::string> out;
  for (const Import& found : read_imports(path, text)) {
    std::string line =
        std::to_string(found.at.line) + ":" + std::to_string(found.at.column) + " " + found.name;
    for (const std::string& part : found.parts) line += " " + part;
    out.push_back(line);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(Imports, AreReadFromCAndCpp) {
  EXPECT_EQ(imports_of("a.cc",
                       "#include <vector>\n"
                       "  # include \"store/tx.h\"  // why\n"
                       "// #include \"no.h\"\n"
                       "const char* s = \"#include <no>\";\n"
                       "#if X\n#include_next <b.h>\n#endif\n"),
            (Lines{"1:11 vector", "2:14 store/tx.h", "6:16 b.h"}));
}

TEST(Imports, AreReadFromJavaScriptAndTypeScript) {
  EXPECT_EQ(imports_of("a.ts",
                       "import a, {b} from './a.js';\n"
                       "import \"side\";\n"
                       "import type {C} from \"@scope/c\";\n"
                       "export * from '../d';\n"
                       "const e = require('e'), f = await import( \"f\" );\n"
                       "x.require('no'); const t = 'from'; g('no');\n"
                       "import {\n  h,\n} from /* it */ 'h';\n"
                       "// import 'no'\n"),
            (Lines{"1:21 ./a.js", "2:9 side", "3:23 @scope/c", "4:16 ../d", "5:20 e", "5:44 f",
                   "9:18 h"}));
}

TEST(Imports, AreReadFromPython) {
  EXPECT_EQ(imports_of("a.py",
                       "import os, app.store as st; import sys\n"
                       "from app.net import (\n    client,  # why\n    server as s,\n)\n"
                       "from . import here\n"
                       "from ..up import x\n"
                       "\"\"\"\nimport no\n\"\"\"\n"
                       "try: import json\n"
                       "def f():\n    import late\n    yield from no\n    raise E from no\n"
                       "important = 1\n"),
            (Lines{"1:8 os", "1:12 app.store", "1:36 sys",
                   "2:6 app.net app.net.client "
                   "app.net.server",
                   "6:6 . .here", "7:6 ..up ..up.x", "11:13 json", "13:12 late"}));
}

TEST(Imports, AreReadFromGo) {
  EXPECT_EQ(imports_of("a.go",
                       "package a\nimport \"fmt\"\nimport x \"y/z\"\n"
                       "import ( // several\n\t\"os\"\n\t. \"dot\"\n\t_ \"blank\" // why\n)\n"
                       "var s = \"no\"\nfunc f() { g(\"no\") }\n"),
            (Lines{"2:9 fmt", "3:11 y/z", "5:3 os", "6:5 dot", "7:5 blank"}));
}

TEST(Imports, AreNotReadFromOtherFiles) {
  for (const char* path : {"README.md", "a.rs", "go", "a.css"}) {
    EXPECT_EQ(import_style(path), std::nullopt) << path;
    EXPECT_EQ(imports_of(path, "import \"a\"\n"), Lines{}) << path;
  }
}

TEST(Imports, OfBrokenSourcesEndWithThem) {
  EXPECT_EQ(imports_of("a.cc", "#include \"cut"), Lines{});
  EXPECT_EQ(imports_of("a.py", "from a import"), Lines{});
  EXPECT_EQ(imports_of("b.py", "from a import ("), Lines{"1:6 a"});
  EXPECT_EQ(imports_of("a.go", "import ("), Lines{});
}

std::vector<std::string> targets(const ImportTargets& tree, std::string_view from,
                                 std::string_view text) {
  std::vector<std::string> out;
  for (const Import& found : read_imports(from, text)) {
    for (std::string& path : tree.targets_of(from, found)) out.push_back(std::move(path));
  }
  return out;
}

TEST(ImportTargets, AreTheFilesThatANameMeans) {
  const std::vector<std::string> paths{
      "app/net/__init__.py", "app/net/client.py", "app/store.py",    "go.mod",
      "lib/a/x.h",           "lib/b/x.h",         "pkg/q/q.go",      "src/net/x.h",
      "src/store/tx.h",      "web/a.ts",          "web/lib/index.ts"};
  const ImportTargets tree(paths, {{"", "example.com/m"}});
  EXPECT_EQ(targets(tree, "src/net/c.cc",
                    "#include \"x.h\"\n#include \"store/tx.h\"\n"
                    "#include <vector>\n#include \"../store/tx.h\"\n"),
            (Lines{"src/net/x.h", "src/store/tx.h", "src/store/tx.h"}));
  EXPECT_EQ(targets(tree, "lib/b/c.cc", "#include <x.h>\n"), Lines{"lib/b/x.h"});
  EXPECT_EQ(targets(tree, "lib/c.cc", "#include \"x.h\"\n"), (Lines{"lib/a/x.h", "lib/b/x.h"}));
  EXPECT_EQ(targets(tree, "web/b.ts",
                    "import './a'\nimport './a.js'\nimport './lib'\n"
                    "import 'a'\nimport '../../out'\n"),
            (Lines{"web/a.ts", "web/a.ts", "web/lib/index.ts"}));
  EXPECT_EQ(targets(tree, "app/main.py", "from .net import client, other\nimport app.store\n"),
            (Lines{"app/net/__init__.py", "app/net/client.py", "app/store.py"}));
  EXPECT_EQ(targets(tree, "main.go", "import \"example.com/m/pkg/q\"\nimport \"fmt\"\n"),
            Lines{"pkg/q/q.go"});
}

TEST(ImportTargets, KnowAnImportByEveryNameOfIt) {
  const std::vector<std::string> paths{"app/store.py"};
  const ImportTargets tree(paths);
  const auto found = read_imports("app/main.py", "from app.store import tx\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(tree.names_of("app/main.py", found[0]),
            (Lines{"app.store", "app.store.tx", "app/store", "app/store/tx", "app/store.py"}));
}

}  // namespace
}  // namespace writ::scan
