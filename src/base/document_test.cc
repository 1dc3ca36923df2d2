#include "base/document.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace writ {
namespace {

TEST(Document, IsJsonByItsNameAndYamlOtherwise) {
  EXPECT_EQ(parse_document("a.json", "{\"a\": 1}").value().root, Value(Object{{"a", 1}}));
  EXPECT_EQ(parse_document("a.yaml", "a: 1").value().root, Value(Object{{"a", 1}}));
  EXPECT_EQ(parse_document("spec", "a: 1").value().root, Value(Object{{"a", 1}}));
  EXPECT_FALSE(parse_document("a.json", "a: 1"));
}

TEST(Document, KeepsNameAndTextForItsDiagnostics) {
  const Document document = parse_document("dir/a.yaml", "a: 1\n").value();
  EXPECT_EQ(document.name, "dir/a.yaml");
  EXPECT_EQ(document.text, "a: 1\n");
  const Diagnostic found = document.diagnostic({1, 4}, "too small", "Raise it");
  EXPECT_EQ(found.file, "dir/a.yaml");
  EXPECT_EQ(found.at, (Position{1, 4}));
  EXPECT_EQ(found.message, "too small");
  EXPECT_EQ(found.remedy, "Raise it");
}

TEST(Document, LoadsAFile) {
  const TemporaryDirectory directory;
  const auto path = directory.write("a.json", "[true]");
  const auto document = load_document(path);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->name, path.string());
  EXPECT_EQ(document->root, Value(Array{true}));
}

TEST(Document, NamesFileAndPositionOfWhatIsWrong) {
  const TemporaryDirectory directory;
  const auto path = directory.write("a.json", "[\n 1,]");
  const auto document = load_document(path);
  ASSERT_FALSE(document);
  ASSERT_EQ(document.error().diagnostics.size(), 1u);
  EXPECT_EQ(document.error().diagnostics[0].file, path.string());
  EXPECT_EQ(document.error().diagnostics[0].at, (Position{2, 3}));
}

TEST(Document, RefusesAHundredMegabytesBySizeAlone) {
  const TemporaryDirectory directory;
  const auto path = directory.write("a.yaml", "");
  ASSERT_EQ(::truncate(path.c_str(), 100 << 20), 0);
  const auto document = load_document(path);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::invalid_input);
  ASSERT_EQ(document.error().diagnostics.size(), 1u);
  EXPECT_EQ(document.error().diagnostics[0].file, path.string());
  EXPECT_NE(document.error().message.find("larger than 8388608 bytes"), std::string::npos);
  EXPECT_FALSE(document.error().diagnostics[0].remedy.empty());
}

TEST(Document, SaysThatAFileIsMissing) {
  const auto document = load_document("/nowhere/a.yaml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::not_found);
}

}  // namespace
}  // namespace writ
