// Rules about imports and folders, look-up tables and addenda by kind of module (LAW-01), through
// the real binary.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kLaw = R"(writ: 1
kind: Protocol
id: layers
version: 1.0.0
authority: enforced
tables:
- name: owners
  title: Who owns what
  columns: {part: text, folder: path}
  rows:
  - {part: core, folder: src/core}
rules:
  imports:
    no-sockets: {in: "src/**", forbid: [sys/socket.h, socket, net, "node:net"], because: Only net talks}
    tests: {in: "**/*_test.cc", require: [gtest/gtest.h]}
  architecture:
    core: {in: "{{owners.core.folder}}/**", may_import: ["{{owners.core.folder}}/**"]}
addenda:
- {id: executors, when: {module_kind: executor}, rules: {imports: {no-threads: {forbid: [thread]}}}}
phases:
- {id: look, stage: validate, steps: [{id: imports, check: imports, with: {scope: tree}, blocks: FIX_REQUIRED}]}
attest: [imports_held]
)";

class ImportTest : public WritTest {
 protected:
  Ran start(const std::string& kind) {
    write(".writ/protocols/layers.yaml", kLaw);
    set_up();
    return apply(spec_of("protocols: [layers@1]\nsteps:\n  - {id: work, run: \"true\"}\n",
                         "id: demo" + kind));
  }
};

TEST_F(ImportTest, ThatBreaksARuleBlocksWithItsPositionInEveryLanguage) {
  write("src/core/a.cc",
        "#include <vector>\n#include \"app/main.h\"\n// #include <sys/socket.h>\n");
  write("src/app/main.h", "#include <sys/socket.h>\n");
  write("src/web/a.ts", "import x from './b.js';\nconst n = require('node:net');\n");
  write("src/web/b.ts", "export const text = \"import 'node:net'\";\n");
  write("src/a.py", "import os, socket as s\n");
  write("src/a.go", "package a\nimport (\n\t\"fmt\"\n\t\"net\"\n)\n");
  write("src/core/a_test.cc", "#include <vector>\n");
  const Ran ran = start("");
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "6 imports that break a rule")) << ran.out;
  const Ran why = writ_expecting(0, {"explain", "look/imports", "--json"});
  for (const char* part :
       {"imports app/main.h, and may not import from src/app/main.h",
        "imports sys/socket.h, which is forbidden here (Only net talks)",
        "imports node:net, which is forbidden here", "imports socket, which is forbidden here",
        "imports net, which is forbidden here", "does not import gtest/gtest.h"}) {
    EXPECT_TRUE(contains(why.out + ran.out, part)) << part << why.out << ran.out;
  }
  for (const char* place : {"src/core/a.cc:2:11", "src/app/main.h:1:11", "src/web/a.ts:2:20",
                            "src/a.py:1:12", "src/a.go:4:3", "src/core/a_test.cc:1:1"}) {
    EXPECT_TRUE(contains(ran.out, place)) << place << ran.out;
  }
}

TEST_F(ImportTest, OpensTheGateOnceItIsMended) {
  write("src/core/a.cc", "#include <sys/socket.h>\n");
  EXPECT_EQ(start("").exit, 3);
  write("src/core/a.cc", "#include <vector>\n");
  writ_expecting(0, {"resume"});
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "imports_held")) << verified.out;
}

TEST_F(ImportTest, OfAnAddendumIsHeldForItsKindOfModuleAlone) {
  write("src/core/a.cc", "#include <thread>\n");
  EXPECT_EQ(start("").exit, 0);
  const Ran shown = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(shown.out, "addendum executors  the spec gives no module.kind"))
      << shown.out;
  EXPECT_TRUE(contains(shown.out, "table owners\n  Who owns what")) << shown.out;
  EXPECT_TRUE(contains(shown.out, "in src/core/**; of this tree only src/core/**")) << shown.out;
  const Ran held = start(", kind: executor");
  EXPECT_EQ(held.exit, 3) << held.text();
  EXPECT_TRUE(contains(held.out, "src/core/a.cc:1:11  imports.no-threads")) << held.out;
  const Ran plan = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(plan.out, "addenda that hold\n  executors  module.kind is executor"))
      << plan.out;
}

}  // namespace
}  // namespace writ::e2e
