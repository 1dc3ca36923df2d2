#include "cli/log_desk.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/document.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/project.h"
#include "cli/remote_run.h"
#include "cli/server_client.h"
#include "cli/wiring.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "identity/trust.h"
#include "ledger/checkpoint.h"
#include "ledger/log_check.h"
#include "net/http.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

constexpr std::size_t kPage = 1000;  // that the contract allows

std::vector<crypto::PublicKey> keys_of(const crypto::Keyring& keyring) {
  std::vector<crypto::PublicKey> keys;
  for (const crypto::KeyInfo& key : keyring.list()) keys.push_back(key.key);
  return keys;
}

class LocalLog final : public LogDesk {
 public:
  explicit LocalLog(std::unique_ptr<Project> project) : project_(std::move(project)) {}

  Result<RunId> resolve_run(std::string_view run) override { return project_->resolve_run(run); }
  Result<std::vector<ledger::Event>> list(const ledger::Filter& filter) override {
    WRIT_CHECK(project_->ledger().sequence());
    return project_->ledger().list(filter);
  }
  Result<ledger::Event> get(EventId id) override { return project_->ledger().get(id); }
  Result<ledger::Receipt> receipt(EventId id) override {
    WRIT_CHECK(project_->ledger().sequence());
    return project_->ledger().receipt(id);
  }
  Result<std::vector<crypto::PublicKey>> keys() override { return keys_of(project_->keyring()); }
  Result<CheckedLog> verify(const std::vector<crypto::PublicKey>& keys) override {
    WRIT_TRY(ledger::LedgerReport report, project_->ledger().verify(keys));
    return CheckedLog{std::move(report)};
  }
  Result<ledger::Checkpoint> sign_head() override {
    WRIT_TRY(const crypto::SecretKey key, project_->runner_key());
    return project_->ledger().checkpoint(key);
  }
  Result<ledger::LogPages> pages(const std::vector<crypto::PublicKey>& keys) override {
    WRIT_TRY(ledger::Checkpoint head, sign_head());
    WRIT_CHECK(ledger::verify_checkpoint(head, keys));
    return ledger::pages_of(project_->ledger(), std::move(head));
  }

 private:
  std::unique_ptr<Project> project_;
};

void add(std::string& query, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  query += (query.empty() ? "?" : "&") + std::string(name) + "=" + net::percent_encode(value);
}

// As GET /writ/v1/events takes it.
std::string query_of(const ledger::Filter& filter, std::size_t limit) {
  std::string query;
  if (filter.run) add(query, "run", filter.run->text());
  add(query, "type", filter.type);
  add(query, "subject", filter.subject);
  add(query, "actor", filter.actor);
  add(query, "correlation", filter.correlation);
  add(query, "thread", filter.thread);
  if (filter.from) add(query, "from", to_rfc3339(*filter.from));
  if (filter.to) add(query, "to", to_rfc3339(*filter.to));
  add(query, "text", filter.text);
  add(query, "after", std::to_string(filter.after));
  add(query, "limit", std::to_string(limit));
  return query;
}

// The head that a server showed when its log was last verified here: one that was set back since,
// or written anew, does not go on from it. Kept in the repository around the command; elsewhere
// nothing is remembered.
class SeenHead {
 public:
  SeenHead(const CommandContext& context, std::string_view server) {
    const auto repo = repo::Repo::open(context.global.directory);
    if (!repo) return;
    const std::string name = crypto::sha256(server).hex().substr(0, 32);
    file_ = ProjectPaths{repo->root()}.seen_heads() / name;
  }

  // Errors: tampered (what is kept cannot be read).
  Result<std::optional<ledger::Checkpoint>> recall() const {
    if (file_.empty()) return std::optional<ledger::Checkpoint>();
    const Result<std::string> note = read_file(file_, kMaxNote);
    if (!note && note.error().code == Code::not_found) return std::optional<ledger::Checkpoint>();
    if (!note) return std::unexpected(note.error());
    auto head = ledger::parse_checkpoint(*note);
    if (head) return std::optional(*std::move(head));
    return fail(
        Code::tampered, file_.string() + " is not the head that was kept: " + head.error().message,
        "Delete the file, if you know what became of it; the next head is then taken as it is");
  }
  Result<void> keep(const ledger::Checkpoint& head) const {
    if (file_.empty()) return {};
    WRIT_CHECK(make_directory(file_.parent_path()));
    return replace_file(file_, head.note);
  }

 private:
  static constexpr std::size_t kMaxNote = 64u << 10;
  std::filesystem::path file_;
};

class RemoteLog final : public LogDesk {
 public:
  RemoteLog(const CommandContext& context, std::unique_ptr<ServerClient> server)
      : context_(context), server_(std::move(server)) {}

  Result<RunId> resolve_run(std::string_view run) override { return resolve_run_at(*server_, run); }

  Result<std::vector<ledger::Event>> list(const ledger::Filter& filter) override {
    std::vector<ledger::Event> out;
    ledger::Filter rest = filter;
    while (out.size() < filter.limit) {
      WRIT_TRY(const Page page, page_of(rest, std::min(kPage, filter.limit - out.size())));
      out.insert(out.end(), page.events.begin(), page.events.end());
      if (!page.next) break;
      rest.after = *page.next;
    }
    return out;
  }

  Result<ledger::Event> get(EventId id) override {
    WRIT_TRY(const Value answer, server_->get("/events/" + id.text()));
    WRIT_TRY(ledger::Event event, ledger::from_cloud_event(answer));
    if (event.entry.id == id) return event;
    return fail(Code::tampered, "the server answers with another event than was asked for");
  }

  Result<ledger::Receipt> receipt(EventId id) override {
    WRIT_TRY(const Value answer, server_->get("/events/" + id.text() + "/proof"));
    return ledger::parse_receipt(answer.string_or("proof", ""));
  }

  // The trust file of this repository, as it stands, and its own keys: never the server's.
  Result<std::vector<crypto::PublicKey>> keys() override {
    const auto repo = repo::Repo::open(context_.global.directory);
    if (!repo) return none_known();
    const ProjectPaths paths{repo->root()};
    std::vector<crypto::PublicKey> keys;
    if (const auto document = load_document(paths.trust())) {
      WRIT_TRY(const identity::Trust trust, identity::Trust::parse(*document));
      keys = trust.public_keys();
    }
    if (const auto keyring = crypto::Keyring::open(paths.keys(), context_.wiring.clock)) {
      std::ranges::copy(keys_of(*keyring), std::back_inserter(keys));
    }
    if (keys.empty()) return none_known();
    return keys;
  }

  Result<CheckedLog> verify(const std::vector<crypto::PublicKey>& keys) override {
    WRIT_TRY(const Value told, server_->get("/checkpoint"));
    WRIT_TRY(ledger::Checkpoint head, ledger::parse_checkpoint(told.string_or("note", "")));
    const SeenHead memory(context_, server_->name());
    WRIT_TRY(const auto seen, memory.recall());
    WRIT_TRY(ledger::LogCheck check, ledger::LogCheck::begin(head, keys, seen));
    while (!check.is_complete()) WRIT_CHECK(take_page(check));
    WRIT_TRY(ledger::LedgerReport report, check.finish());
    WRIT_CHECK(memory.keep(head));
    CheckedLog out{.report = std::move(report), .knows_pending = false};
    out.rests_on.push_back("what " + server_->name() +
                           " handed over, up to the newest head that it showed: what came later is "
                           "not proved yet");
    if (!seen) out.rests_on.push_back("no head of an earlier time: none is remembered here");
    return out;
  }

  Result<ledger::Checkpoint> sign_head() override {
    WRIT_TRY(const Value signed_now, server_->post("/checkpoint", {}));
    return ledger::parse_checkpoint(signed_now.string_or("note", ""));
  }

  Result<ledger::LogPages> pages(const std::vector<crypto::PublicKey>& keys) override {
    Result<ledger::Checkpoint> head = sign_head();
    const bool may_not = !head && (head.error().code == Code::not_permitted ||
                                   head.error().code == Code::unsupported);
    if (may_not) {
      WRIT_TRY(const Value newest, server_->get("/checkpoint"));
      head = ledger::parse_checkpoint(newest.string_or("note", ""));
    }
    if (!head) return std::unexpected(std::move(head).error());
    WRIT_CHECK(ledger::verify_checkpoint(*head, keys));
    return ledger::LogPages{*std::move(head),
                            [this](const ledger::Filter& page) { return list(page); }};
  }

 private:
  struct Page {
    std::vector<ledger::Event> events;
    std::optional<std::uint64_t> next;
  };

  static std::unexpected<Error> none_known() {
    return fail(Code::not_found, "no key that may have signed this log is known here",
                "Name a trust file, or the public key, with --trust FILE");
  }

  Result<Page> page_of(const ledger::Filter& filter, std::size_t limit) {
    WRIT_TRY(const Value answer, server_->get("/events" + query_of(filter, limit)));
    const Value* const list = answer.find("events");
    if (list == nullptr || !list->is_array()) {
      return fail(Code::unavailable, "the server's answer holds no events");
    }
    Page page;
    for (const Value& item : list->as_array()) {
      WRIT_TRY(ledger::Event event, ledger::from_cloud_event(item));
      page.events.push_back(std::move(event));
    }
    const std::int64_t next = answer.integer_or("next", -1);
    // A cursor that stands still would be followed for ever.
    if (next > static_cast<std::int64_t>(filter.after)) {
      page.next = static_cast<std::uint64_t>(next);
    }
    return page;
  }

  Result<void> take_page(ledger::LogCheck& check) {
    ledger::Filter filter;
    filter.after = check.next();
    WRIT_TRY(const Page page, page_of(filter, kPage));
    if (page.events.empty()) {
      return fail(Code::tampered, "the server withholds event " + std::to_string(check.next()) +
                                      ", which is under the head that it shows");
    }
    for (const ledger::Event& event : page.events) {
      if (check.is_complete()) break;
      WRIT_CHECK(check.take(event));
    }
    return {};
  }

  const CommandContext& context_;
  std::unique_ptr<ServerClient> server_;
};

}  // namespace

Result<std::unique_ptr<LogDesk>> open_log_desk(const CommandContext& context, LogUse use) {
  WRIT_TRY(auto server,
           use == LogUse::verify ? ServerClient::find_named(context) : ServerClient::find(context));
  if (server != nullptr) return std::make_unique<RemoteLog>(context, std::move(server));
  WRIT_TRY(auto project, open_project(context));
  return std::make_unique<LocalLog>(std::move(project));
}

}  // namespace writ::cli
