#include "policy/bundle/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <functional>

namespace writ::rego {
namespace {

// A gzipped tar of entries as a test wants them.
std::string packed(const std::function<void(archive*)>& add) {
  std::string out;
  archive* const to = archive_write_new();
  archive_write_set_format_pax_restricted(to);
  archive_write_add_filter_gzip(to);
  archive_write_open(
      to, &out, nullptr,
      [](archive*, void* sink, const void* bytes, std::size_t size) {
        static_cast<std::string*>(sink)->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
      },
      nullptr);
  add(to);
  archive_write_close(to);
  archive_write_free(to);
  return out;
}

void add_entry(archive* to, const std::string& path, const std::string& bytes,
               unsigned type = AE_IFREG, const char* link = nullptr) {
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, path.c_str());
  archive_entry_set_filetype(entry, type);
  archive_entry_set_perm(entry, 0644);
  if (link != nullptr) archive_entry_set_symlink(entry, link);
  archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
  archive_write_header(to, entry);
  archive_write_data(to, bytes.data(), bytes.size());
  archive_entry_free(entry);
}

TEST(Archive, GivesBackWhatWasWritten) {
  const std::vector<ArchiveFile> files = {
      {"app/policy.rego", "package app"}, {"data.json", std::string(100'000, 'x')}, {"empty", ""}};
  const std::string bytes = write_archive(files).value();
  EXPECT_EQ(write_archive(files).value(), bytes) << "not the same bytes twice";
  const auto back = read_archive(bytes);
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ((*back)[i].path, files[i].path);
    EXPECT_EQ((*back)[i].bytes, files[i].bytes);
  }
}

TEST(Archive, KnowsOneNameForAPathHoweverItIsWritten) {
  const std::string bytes = packed([](archive* to) {
    add_entry(to, "./", "", AE_IFDIR);
    add_entry(to, "./a//b.rego", "1");
    add_entry(to, "/c.rego", "2");
    add_entry(to, std::string(300, 'd') + "/e.rego", "3");
  });
  const auto files = read_archive(bytes).value();
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, "a/b.rego");
  EXPECT_EQ(files[1].path, "c.rego");
  EXPECT_EQ(files[2].path, std::string(300, 'd') + "/e.rego");
}

TEST(Archive, RefusesWhatHasNoPlaceInABundle) {
  struct Case {
    const char* what;
    std::function<void(archive*)> add;
    const char* message;
  };
  const Case cases[] = {
      {"parent", [](archive* to) { add_entry(to, "a/../../b", "x"); }, "leaves the archive"},
      {"link", [](archive* to) { add_entry(to, "a", "", AE_IFLNK, "/etc/passwd"); },
       "no regular file"},
      {"device", [](archive* to) { add_entry(to, "a", "", AE_IFIFO); }, "no regular file"},
      {"twice",
       [](archive* to) {
         add_entry(to, "a", "x");
         add_entry(to, "./a", "y");
       },
       "twice"},
  };
  for (const Case& c : cases) {
    const auto files = read_archive(packed(c.add));
    ASSERT_FALSE(files) << c.what;
    EXPECT_EQ(files.error().code, Code::invalid_input) << c.what;
    EXPECT_NE(files.error().message.find(c.message), std::string::npos) << files.error().message;
  }
}

TEST(Archive, NoticesThatBytesAreMissing) {
  const std::string bytes = write_archive({{"a", std::string(50'000, 'y')}, {"b", "z"}}).value();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, bytes.size() / 2, bytes.size() - 20}) {
    const auto files = read_archive(bytes.substr(0, size));
    ASSERT_FALSE(files) << size;
    EXPECT_EQ(files.error().code, Code::invalid_input) << size;
  }
  EXPECT_FALSE(read_archive("this is no archive at all"));
}

TEST(Archive, StopsAtItsLimits) {
  const std::string bytes =
      write_archive({{"a", std::string(5000, 'y')}, {"b", std::string(5000, 'z')}}).value();
  const auto code_under = [&](const std::function<void(ArchiveLimits&)>& set) {
    ArchiveLimits limits;
    set(limits);
    const auto files = read_archive(bytes, limits);
    return files ? std::string("fine") : std::string(error_row(files.error().code).name);
  };
  EXPECT_EQ(code_under([](ArchiveLimits& l) { l.packed = 10; }), "overloaded");
  EXPECT_EQ(code_under([](ArchiveLimits& l) { l.unpacked = 9'999; }), "overloaded");
  EXPECT_EQ(code_under([](ArchiveLimits& l) { l.unpacked = 10'000; }), "fine");
  EXPECT_EQ(code_under([](ArchiveLimits& l) { l.file = 4'999; }), "overloaded");
  EXPECT_EQ(code_under([](ArchiveLimits& l) { l.files = 1; }), "overloaded");
}

TEST(Archive, DefusesABomb) {
  const std::string bytes = write_archive({{"bomb", std::string(40u << 20, '0')}}).value();
  EXPECT_LT(bytes.size(), 60'000u);
  ArchiveLimits limits;
  limits.ratio = 100;
  const auto files = read_archive(bytes, limits);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Code::overloaded);
}

}  // namespace
}  // namespace writ::rego
