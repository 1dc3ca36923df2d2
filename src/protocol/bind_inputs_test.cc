#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "crypto/digest.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

std::string spec(std::string_view inputs) {
  return "writ: 1\nkind: Spec\nmodule: {id: m}\ninputs:\n  design: " + std::string(inputs) +
         "\nsteps: [{run: make}]\n";
}

std::string digest_of(std::string_view text) { return "sha256:" + crypto::sha256(text).hex(); }

TEST(BindInputs, AUriNeedsADigestAndACopyThatHasIt) {
  const Repository repository;
  repository.write("copies/design.md", "# Design\n");
  const std::string uri = "uri: \"https://example.org/design.md\"";
  EXPECT_EQ(problems_of(repository.load(spec("{" + uri + "}"))),
            "5:11 input design: https://example.org/design.md is not fetched, and no digest says "
            "what it must be");
  const std::string declared = uri + ", digest: \"" + digest_of("# Design\n") + "\"";
  EXPECT_EQ(problems_of(repository.load(spec("{" + declared + "}"))),
            "5:11 input design: https://example.org/design.md is not fetched, and there is no copy "
            "of it here");
  const auto plan = repository.load(spec("{" + declared + ", copy: copies/design.md}"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->inputs[0].uri, "https://example.org/design.md");
  EXPECT_EQ(plan->inputs[0].path, "copies/design.md");
  EXPECT_EQ("sha256:" + plan->inputs[0].digest, digest_of("# Design\n"));
}

TEST(BindInputs, TheCommandLineSaysWhereAndTheSpecWhat) {
  const Repository repository;
  repository.write("copies/design.md", "# Design\n");
  repository.write("copies/other.md", "# Other\n");
  const std::string text =
      spec("{uri: \"https://example.org/d\", digest: \"" + digest_of("# Design\n") + "\"}");
  const auto plan = repository.load(text, {{"design", "copies/design.md"}});
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->inputs[0].uri, "https://example.org/d");
  EXPECT_EQ(problems_of(repository.load(text, {{"design", "copies/other.md"}})),
            "--input:0:0 input design: copies/other.md has the digest " + digest_of("# Other\n") +
                ", declared is " + digest_of("# Design\n"));
}

TEST(BindInputs, AFileUriIsReadWhereItLies) {
  const Repository repository;
  const TemporaryDirectory elsewhere;
  const std::string path = (elsewhere.path() / "a design.md").string();
  ASSERT_TRUE(replace_file(path, "# Design\n"));
  std::string encoded = path;
  encoded.replace(encoded.find(' '), 1, "%20");
  const auto plan = repository.load(spec("\"file://" + encoded + "\""));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->inputs[0].path, path);
  EXPECT_EQ(problems_of(repository.load(spec("file:docs/none.md"))),
            "5:11 input design: there is no file docs/none.md");
  EXPECT_EQ(problems_of(repository.load(spec("\"file://elsewhere/etc/x\""))),
            "5:11 input design: file://elsewhere/etc/x is on another host");
  EXPECT_EQ(problems_of(repository.load(spec("\"file:///x%zz\""))),
            "5:11 input design: file:///x%zz has a broken percent-encoding");
  EXPECT_NE(problems_of(repository.load(spec("file:../x"))), "");
}

TEST(BindInputs, ADigestHoldsAPathToWhatWasMeant) {
  const Repository repository;
  repository.write("design.md", "# Design\n");
  const std::string pinned = "{path: design.md, digest: \"" + digest_of("# Design\n") + "\"}";
  ASSERT_EQ(problems_of(repository.load(spec(pinned))), "");
  repository.write("design.md", "# Edited\n");
  EXPECT_NE(problems_of(repository.load(spec(pinned))), "");
}

TEST(BindInputs, TheTypeThatAProtocolAsksForIsHeldTo) {
  const Repository repository;
  repository.write_protocol(
      "a",
      "writ: 1\nkind: Protocol\nid: a\nversion: 1.0.0\nauthority: default\nrequires:\n"
      "  inputs:\n    - {name: design, title: System design, type: data}\n");
  const auto with = [](std::string_view inputs) {
    return "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [a@1]\n" + std::string(inputs) +
           "steps: [{run: make}]\n";
  };
  EXPECT_EQ(problems_of(repository.load(with(""))),
            "1:1 a@1.0.0 asks for the input `design` (System design), and nothing binds it");
  repository.write("design.md", "# Design\n");
  EXPECT_EQ(problems_of(repository.load(with("inputs: {design: design.md}\n"))),
            "5:18 input design: the document is no YAML or JSON mapping; a@1.0.0 asks for data");
  repository.write("design.yaml", "parts: [a]\n");
  EXPECT_EQ(problems_of(repository.load(with("inputs: {design: design.yaml}\n"))), "");
}

}  // namespace
}  // namespace writ::protocol
