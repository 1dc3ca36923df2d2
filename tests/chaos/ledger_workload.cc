#include "ledger_workload.h"

#include <vector>

namespace writ::ledger {

Result<std::unique_ptr<OpenLog>> OpenLog::open(const std::string& path, const std::string& vfs) {
  store::OpenOptions options;
  options.sqlite_vfs = vfs;
  return open_url("sqlite:" + path, options);
}

Result<std::unique_ptr<OpenLog>> OpenLog::open_url(const std::string& url,
                                                   const store::OpenOptions& options) {
  auto log = std::make_unique<OpenLog>();
  WRIT_TRY(log->store, store::open(url, options));
  WRIT_CHECK(log->store->migrate(ledger_migrations(), store::DryRun::no));
  WRIT_TRY(log->ledger, Ledger::open(*log->store, log->clock, log->random,
                                     {.origin = "example.org/chaos", .round_limit = 7}));
  return log;
}

const crypto::SecretKey& log_key() {
  static const auto key = crypto::SecretKey::from_seed(std::string(32, 'k')).value();
  return key;
}

Entry workload_entry(std::uint64_t number) {
  Entry entry;
  entry.id = {Uuid::v5(kWritNamespace, "chaos " + std::to_string(number))};
  entry.type = "writ.step.completed";
  entry.source = "writ:project/chaos";
  entry.subject = "run/" + std::to_string(number / 10) + "/step/s";
  entry.time = {1'767'225'600'000'000 + static_cast<std::int64_t>(number)};
  entry.run = {Uuid::v5(kWritNamespace, "chaos run " + std::to_string(number / 10))};
  entry.seq = number % 10 + 1;
  entry.actor = "key:chaos";
  entry.payload = std::string(number % 4 == 3 ? 5'000 : 50, 'p');
  return entry;
}

Result<void> run_workload(OpenLog& log, std::uint64_t from, std::uint64_t to,
                          const std::function<void(std::uint64_t)>& acknowledge) {
  for (std::uint64_t i = from; i < to;) {
    std::vector<Entry> entries;
    for (std::uint64_t n = 0; n <= i % 3 && i + n < to; ++n) {
      entries.push_back(workload_entry(i + n));
    }
    WRIT_CHECK(
        log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); }));
    for (std::size_t n = 0; n < entries.size(); ++n) acknowledge(i + n);
    i += entries.size();
    if (i % 5 == 0) WRIT_CHECK(log.ledger->sequence());
    if (i % 9 == 0) WRIT_CHECK(log.ledger->checkpoint(log_key()));
  }
  return {};
}

Result<std::uint64_t> recover(const std::string& path) {
  WRIT_TRY(const auto log, OpenLog::open(path));
  const std::span<const crypto::PublicKey> keys{&log_key().public_key(), 1};
  WRIT_CHECK(log->ledger->verify(keys));
  WRIT_CHECK(log->ledger->checkpoint(log_key()));
  WRIT_TRY(const LedgerReport report, log->ledger->verify(keys));
  if (report.pending != 0) return fail(Code::internal, "something is pending after sequencing");
  return report.events;
}

Result<bool> has_all(const std::string& path, std::uint64_t count) {
  WRIT_TRY(const auto log, OpenLog::open(path));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto event = log->ledger->get(workload_entry(i).id);
    if (!event || event->entry.payload != workload_entry(i).payload) return false;
  }
  return true;
}

}  // namespace writ::ledger
