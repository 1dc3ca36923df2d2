// A finished run with every kind of record, and somebody who changes one byte of what is kept of
// it: `writ verify` says 7. And the lies that need no changed byte: old reports, words about
// something else, the runner who approves.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "crypto/digest.h"
#include "evidence/bundle.h"
#include "execution/run_archive.h"
#include "execution/verify.h"
#include "project.h"
#include "protocol/plan.h"
#include "store/key.h"
#include "store/open.h"

namespace writ::chaos {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 16u << 20;  // of the files that are read here

std::string said_by(const FaultyRun& run) {
  return "exit " + std::to_string(run.exit_code) + "\n" + run.output + run.errors;
}

// What `verify BUNDLE --trust` exits with, in this process.
int exit_of_verify(std::string bytes, const identity::Trust& trust) {
  const auto verify = [&]() -> Result<int> {
    WRIT_TRY(const evidence::Bundle bundle, evidence::parse_bundle(std::move(bytes)));
    WRIT_TRY(const execution::RunArchive archive, execution::from_bundle(bundle));
    WRIT_TRY(const execution::VerifyReport found, execution::verify_run(archive, trust));
    return found.is_attested ? 0 : 7;
  };
  const Result<int> code = verify();
  return code ? *code : error_row(code.error().code).exit_code;
}

// A row of a store, and the SQLite file it is in.
struct RawRow {
  std::string table;
  std::string key;
  std::string value;
};

class RawStore {
 public:
  explicit RawStore(const Project& project) {
    const std::string path = (project.writ_directory() / "writ.db").string();
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
  }
  ~RawStore() { sqlite3_close(db_); }
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  std::vector<RawRow> rows() {
    std::vector<RawRow> out;
    for (const RawRow& table :
         query("SELECT name, '' FROM sqlite_master WHERE type = 'table' AND name GLOB 't_*'")) {
      for (RawRow& row : query("SELECT k, v FROM " + table.key)) {
        row.table = table.key;
        out.push_back(std::move(row));
      }
    }
    return out;
  }
  void replace(const RawRow& old, const std::string& key, const std::string& value) {
    sqlite3_stmt* statement = prepare("UPDATE " + old.table + " SET k = ?, v = ? WHERE k = ?");
    bind(statement, 1, key);
    bind(statement, 2, value);
    bind(statement, 3, old.key);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(db_);
    EXPECT_EQ(sqlite3_changes(db_), 1);
    sqlite3_finalize(statement);
  }
  void erase(const RawRow& row) {
    sqlite3_stmt* statement = prepare("DELETE FROM " + row.table + " WHERE k = ?");
    bind(statement, 1, row.key);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(db_);
    sqlite3_finalize(statement);
  }

 private:
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
    return statement;
  }
  static void bind(sqlite3_stmt* statement, int at, const std::string& bytes) {
    sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_TRANSIENT);
  }
  std::vector<RawRow> query(const std::string& sql) {
    sqlite3_stmt* statement = prepare(sql);
    std::vector<RawRow> out;
    const auto column = [&](int at) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, at));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
      return bytes == nullptr ? std::string() : std::string(bytes, size);
    };
    while (sqlite3_step(statement) == SQLITE_ROW) out.push_back({"", column(0), column(1)});
    sqlite3_finalize(statement);
    return out;
  }

  sqlite3* db_ = nullptr;
};

// Tables that no verification looks at, because nothing that a run proves rests on them.
constexpr std::string_view kHints[] = {
    "t_run_lease",        // who drives now; a wrong one costs waiting until it runs out
    "t_run_process",      // where to look for what a crash left running, beside the token
    "t_writ_clock",       // keeps the store's clock from running backwards
    "t_writ_migrations",  // the shape of the tables; a foreign one is refused on opening
};

bool is_hint(const std::string& table) {
  return std::find(std::begin(kHints), std::end(kHints), table) != std::end(kHints);
}

// A plan's digest leaves out where in which file its lines stand: that is for messages alone, and
// nothing that a run proves rests on it.
bool is_same_plan(std::string_view a, std::string_view b) {
  const auto digest_of = [](std::string_view text) -> Result<std::string> {
    WRIT_TRY(const Value value, parse_json(text, "plan"));
    WRIT_TRY(const protocol::Plan plan, protocol::Plan::from_value(value));
    return plan.digest();
  };
  const auto first = digest_of(a);
  const auto second = digest_of(b);
  return first && second && *first == *second;
}

// Rows that may go: the log's name is made again from the project's, and of heads that were
// signed earlier the newest one proves the same.
bool may_go(const RawRow& row, const std::vector<RawRow>& rows) {
  if (row.table == "t_ledger_head") return row.key == "origin";
  if (row.table != "t_ledger_checkpoints") return false;
  return std::any_of(rows.begin(), rows.end(), [&](const RawRow& other) {
    return other.table == row.table && other.key > row.key;
  });
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

class Tamper : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    kept_ = std::make_unique<TemporaryDirectory>();
    pristine_.emplace(Project::create(kept_->path() / "pristine"));
    finished_.emplace(pristine_->copy_to(kept_->path() / "finished"));
    finish(*finished_);
  }
  static void TearDownTestSuite() {
    finished_.reset();
    pristine_.reset();
    kept_.reset();
  }

  static void expect_exit(const Project& project, const std::vector<std::string>& words, int code) {
    const FaultyRun said = project.writ(words);
    ASSERT_EQ(said.exit_code, code) << words.front() << ": " << said_by(said);
  }

  // A run with a blocker, tests, a scan, submitted evidence and an approval.
  static void finish(const Project& project) {
    const std::string key = project.reviewer_key().string();
    project.shell(
        "echo '// TO"
        "DO later' >> code.cc");
    expect_exit(project, {"apply", kEverythingSpec}, 3);
    project.shell("echo 'int answer() { return 42; }' > code.cc");
    expect_exit(project, {"resume"}, 6);
    project.shell("echo it works > out/note.txt");
    expect_exit(project,
                {"submit", "latest", "main/note", "--key", key, "--evidence", "out/note.txt"}, 0);
    expect_exit(project, {"resume"}, 6);
    expect_exit(project, {"approve", "latest", "main/review", "--key", key}, 0);
    expect_exit(project, {"resume"}, 0);
    expect_exit(project, {"verify"}, 0);
    expect_exit(project, {"export", "--out", "../run.bundle"}, 0);
  }

  static std::string bundle() {
    return read_file(kept_->path() / "finished" / "run.bundle", kLargest).value();
  }
  static identity::Trust trust() {
    const auto document = load_document(pristine_->writ_directory() / "trust.yaml");
    return identity::Trust::parse(document.value()).value();
  }
  Project copy_of_finished(const std::string& name) const {
    return finished_->copy_to(here_.path() / name);
  }

  static std::unique_ptr<TemporaryDirectory> kept_;
  static std::optional<Project> pristine_;
  static std::optional<Project> finished_;
  TemporaryDirectory here_;
};

std::unique_ptr<TemporaryDirectory> Tamper::kept_;
std::optional<Project> Tamper::pristine_;
std::optional<Project> Tamper::finished_;

// Every byte of the tar's headers and of its manifest, and every few of the rest.
std::vector<std::size_t> positions_of(const std::string& bytes) {
  constexpr std::size_t kBlock = 512;
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / 4000);
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t block = at / kBlock * kBlock;
    const bool is_header = bytes.compare(block + 257, 5, "ustar") == 0;
    if (is_header || at % step == 0 || at + kBlock >= bytes.size()) out.push_back(at);
  }
  return out;
}

TEST_F(Tamper, OfABundlesBytesIsFound) {
  const std::string bytes = bundle();
  ASSERT_EQ(exit_of_verify(bytes, trust()), 0);
  const std::vector<std::size_t> positions = positions_of(bytes);
  EXPECT_GE(positions.size(), 2000u);
  for (const std::size_t at : positions) {
    ASSERT_EQ(exit_of_verify(flipped(bytes, at), trust()), 7) << "byte " << at;
  }
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 200) {
    ASSERT_EQ(exit_of_verify(bytes.substr(0, size), trust()), 7) << "cut at " << size;
  }
}

TEST_F(Tamper, OfABundlesBytesIsFoundByTheBinary) {
  const std::string bytes = bundle();
  const Project project = copy_of_finished("other");
  const auto verify = [&](const std::string& changed) {
    std::ofstream(project.root() / "changed.bundle", std::ios::binary) << changed;
    return project.writ({"verify", "changed.bundle", "--trust", ".writ/trust.yaml"});
  };
  const FaultyRun whole = verify(bytes);
  ASSERT_EQ(whole.exit_code, 0) << said_by(whole);
  for (std::size_t i = 0; i < 24; ++i) {
    const std::size_t at = i * bytes.size() / 24;
    const FaultyRun said = verify(flipped(bytes, at));
    EXPECT_EQ(said.exit_code, 7) << "byte " << at << ": " << said_by(said);
  }
}

// Who changes a member can write a manifest that fits. What is inside must then disagree.
TEST_F(Tamper, OfAMemberIsFoundUnderAFreshManifest) {
  const evidence::Bundle whole = evidence::parse_bundle(bundle()).value();
  const auto rebuilt = [&](std::string_view changed, const std::string& bytes) {
    evidence::BundleWriter writer;
    for (const std::string_view name : whole.names()) {
      const std::string content = name == changed ? bytes : std::string(whole.get(name).value());
      if (name.starts_with("blobs/")) {
        writer.add_blob(content);
      } else {
        EXPECT_TRUE(writer.add(name, content).has_value());
      }
    }
    return writer.finish().value();
  };
  ASSERT_EQ(exit_of_verify(rebuilt("", ""), trust()), 0);
  for (const std::string_view name : whole.names()) {
    const std::string content(whole.get(name).value());
    const std::size_t step = std::max<std::size_t>(1, content.size() / 120);
    for (std::size_t at = 0; at < content.size(); at += step) {
      const std::string changed = flipped(content, at);
      const int code = exit_of_verify(rebuilt(name, changed), trust());
      if (name == "plan.json" && code == 0 && is_same_plan(content, changed)) continue;
      EXPECT_TRUE(code == 7 || code == 8) << code << " for " << name << " byte " << at << ": "
                                          << changed.substr(at < 40 ? 0 : at - 40, 80);
    }
  }
}

TEST_F(Tamper, OfAMissingMemberIsFoundUnderAFreshManifest) {
  const evidence::Bundle whole = evidence::parse_bundle(bundle()).value();
  for (const std::string_view left_out : whole.names()) {
    evidence::BundleWriter writer;
    for (const std::string_view name : whole.names()) {
      if (name == left_out) continue;
      const std::string content(whole.get(name).value());
      if (name.starts_with("blobs/")) {
        writer.add_blob(content);
      } else {
        EXPECT_TRUE(writer.add(name, content).has_value());
      }
    }
    const auto bytes = writer.finish();
    if (!bytes) continue;  // a required member: nobody can write such a bundle
    EXPECT_EQ(exit_of_verify(*bytes, trust()), 7) << left_out;
  }
}

TEST_F(Tamper, OfARowOfTheStoreIsFound) {
  std::map<std::string, int> changed;
  const std::vector<RawRow> rows = RawStore(*finished_).rows();
  const fs::path database = finished_->writ_directory() / "writ.db";
  const Project project = copy_of_finished("changed");
  const auto expect_found = [&](const std::string& what, const auto& change) {
    fs::copy_file(database, project.writ_directory() / "writ.db",
                  fs::copy_options::overwrite_existing);
    {
      RawStore store(project);
      change(store);
    }
    const FaultyRun said = project.writ({"verify"});
    EXPECT_EQ(said.exit_code, 7) << what << ": " << said_by(said);
  };
  for (const RawRow& row : rows) {
    if (is_hint(row.table)) continue;
    const std::string name = row.table + " row " + std::to_string(changed[row.table]++);
    expect_found(name + " key", [&](RawStore& store) {
      store.replace(row, flipped(row.key, row.key.size() / 2), row.value);
    });
    for (const std::size_t at : {row.value.size() / 3, row.value.size() * 2 / 3}) {
      if (at >= row.value.size()) continue;
      const std::string value = flipped(row.value, at);
      if (row.table == "t_run_plan" && is_same_plan(row.value, value)) continue;
      expect_found(name + " byte " + std::to_string(at),
                   [&](RawStore& store) { store.replace(row, row.key, flipped(row.value, at)); });
    }
    if (may_go(row, rows)) continue;
    expect_found(name + " gone", [&](RawStore& store) { store.erase(row); });
  }
  for (const char* table :
       {"t_run", "t_run_head", "t_run_step", "t_run_blocker", "t_run_plan", "t_run_decision",
        "t_run_statement", "t_evidence", "t_evidence_ids", "t_blob_references", "t_ledger_events",
        "t_ledger_ids", "t_ledger_runs", "t_ledger_head", "t_ledger_checkpoints"}) {
    EXPECT_GT(changed[table], 0) << table << " had no row to change";
  }
}

TEST_F(Tamper, OfABlobIsFound) {
  const Project project = copy_of_finished("blobs");
  int blobs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(project.writ_directory() / "blobs")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".zst") continue;
    ++blobs;
    const std::string bytes = read_file(entry.path(), kLargest).value();
    for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      std::ofstream(entry.path(), std::ios::binary) << flipped(bytes, at);
      const FaultyRun said = project.writ({"verify"});
      EXPECT_EQ(said.exit_code, 7) << entry.path() << " byte " << at << ": " << said_by(said);
    }
    fs::remove(entry.path());
    const FaultyRun said = project.writ({"verify"});
    EXPECT_EQ(said.exit_code, 7) << entry.path() << " gone: " << said_by(said);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
  EXPECT_GE(blobs, 4);  // output, report, note, attestation
  expect_exit(project, {"verify"}, 0);
}

TEST_F(Tamper, ByTheRunnerWhoApprovesIsRefused) {
  const Project project = pristine_->copy_to(here_.path() / "runner");
  expect_exit(project, {"apply", kApprovalSpec}, 6);
  expect_exit(project, {"approve", "latest", "main/review"}, 8);
  expect_exit(project, {"resume"}, 6);
  expect_exit(project, {"verify"}, 0);
}

TEST_F(Tamper, WithAReportThatWasThereBeforeLeavesTheGateShut) {
  const Project project = pristine_->copy_to(here_.path() / "stale");
  project.shell("sh ./report.sh");
  expect_exit(project, {"apply", kStaleSpec}, 4);
  const auto look = look_at(project);
  ASSERT_TRUE(look) << look.error().text();
  EXPECT_EQ(look->steps.at("main/tests").status, "shut");
}

TEST_F(Tamper, WithTheTreeAfterTheTestsRunsThemAgain) {
  const Project project = pristine_->copy_to(here_.path() / "edited");
  const std::string key = project.reviewer_key().string();
  expect_exit(project, {"apply", kApprovalSpec}, 6);
  expect_exit(project, {"approve", "latest", "main/review", "--key", key}, 0);
  const auto before = look_at(project);
  ASSERT_TRUE(before) << before.error().text();
  project.shell("echo 'int question() { return 6 * 9; }' >> code.cc");
  // What was approved is not what is there now.
  expect_exit(project, {"resume"}, 6);
  EXPECT_EQ(project.marks().size(), 2u);
  expect_exit(project, {"approve", "latest", "main/review", "--key", key}, 0);
  expect_exit(project, {"resume"}, 0);
  expect_exit(project, {"verify"}, 0);
  const auto after = look_at(project);
  ASSERT_TRUE(after) << after.error().text();
  EXPECT_NE(after->tree, before->tree);
  const FaultyRun verified = project.writ({"verify", "--json"});
  EXPECT_NE(verified.output.find(after->tree), std::string::npos) << said_by(verified);
}

// A signed word that is put where it does not belong opens nothing.
class TransplantedWord : public Tamper {
 protected:
  struct Place {
    std::string run;
    std::string step;
    std::uint32_t attempt = 1;
  };

  // The row of the finished run's word of this kind.
  static Value word(const std::string& kind) {
    for (const RawRow& row : RawStore(*finished_).rows()) {
      if (row.table != "t_run_statement") continue;
      Value value = parse_json(row.value).value();
      if (value.string_or("kind", "") == kind) return value;
    }
    ADD_FAILURE() << "there is no " << kind;
    return {};
  }

  // Puts a word of the finished run into the store as a word about `place`, tree and all.
  static void transplant(const Project& project, Value row, const Place& place) {
    const auto look = look_at(project).value();
    row.as_object().set("step", place.step);
    row.as_object().set("attempt", place.attempt);
    row.as_object().set("tree", look.tree);
    store::Key key;
    key.id(RunId::parse(place.run).value()).text(place.step).number(place.attempt);
    key.text(row.string_or("kind", "")).text(row.string_or("key_id", ""));
    key.text(crypto::sha256(row.string_or("envelope", "")).hex());
    const auto store =
        store::open("sqlite:" + (project.writ_directory() / "writ.db").string()).value();
    const auto written = store->write([&](store::Tx& tx) {
      return tx.put(store::Table{"run_statement"}, key.bytes(), to_json(row));
    });
    ASSERT_TRUE(written) << written.error().text();
  }
};

TEST_F(TransplantedWord, OfAnotherRunApprovesNothing) {
  const Project project = pristine_->copy_to(here_.path() / "run");
  expect_exit(project, {"apply", kApprovalSpec}, 6);
  const RunLook look = look_at(project).value();
  transplant(project, word("approval"), {look.id, "main/review"});
  const FaultyRun resumed = project.writ({"resume"});
  EXPECT_TRUE(resumed.exit_code == 7 || resumed.exit_code == 8) << said_by(resumed);
  expect_exit(project, {"verify"}, 7);
  EXPECT_NE(look_at(project).value().steps.at("main/review").status, "passed");
  // It cost one attempt and nothing else.
  expect_exit(project, {"resume"}, 6);
}

TEST_F(TransplantedWord, OfAnotherStepSubmitsNothing) {
  const Project project = pristine_->copy_to(here_.path() / "step");
  expect_exit(project, {"apply", kEverythingSpec}, 6);
  const RunLook look = look_at(project).value();
  transplant(project, word("submission"), {look.id, "main/note"});
  const FaultyRun resumed = project.writ({"resume"});
  EXPECT_TRUE(resumed.exit_code == 7 || resumed.exit_code == 8) << said_by(resumed);
  expect_exit(project, {"verify"}, 7);
  EXPECT_NE(look_at(project).value().steps.at("main/note").status, "passed");
}

// The word itself is whole and of this run and step; only the attempt it spoke of is over.
TEST_F(TransplantedWord, OfAnEarlierAttemptApprovesNothing) {
  const Project project = copy_of_finished("attempt");
  const auto look = look_at(project).value();
  for (const RawRow& row : RawStore(project).rows()) {
    if (row.table != "t_run_statement") continue;
    Value value = parse_json(row.value).value();
    value.as_object().set("attempt", 7);
    RawStore(project).replace(row, row.key, to_json(value));
  }
  expect_exit(project, {"verify"}, 7);
}

}  // namespace
}  // namespace writ::chaos
