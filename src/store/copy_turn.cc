#include "store/copy_turn.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "store/key.h"
#include "store/make_tables.h"

namespace writ::store {
namespace {

// A store that has this module is a copy under way.
constexpr std::string_view kModule = "copy";
constexpr Table kCopyTable{"writ_copy"};
constexpr std::string_view kAnother = "another process makes this copy";
// Keys of its rows: whose turn it is, and how far it has come.
constexpr std::string_view kTurn;
constexpr std::string_view kStep = "step";

// The store that was meant, and not one that the same name leads to from elsewhere.
Result<void> expect_target(const std::optional<Turn>& turn, const CopyClaim& claim) {
  if ((turn ? turn->target : std::string()) == claim.target) return {};
  return fail(Code::tampered, "the store to copy to is not the one that the copy was begun in",
              "Let its name lead every server to the same store, or take the change back");
}

}  // namespace

Result<bool> has_begun(Tx& to) {
  WRIT_TRY(const auto version, to.get(kMigrationsTable, kModule));
  return version.has_value();
}

Result<void> begin_turns(SchemaTx& to) {
  WRIT_CHECK(migrate(to, make_tables(kModule, "a copy under way", {kCopyTable})));
  return {};
}

Result<void> end_turns(SchemaTx& to) {
  WRIT_CHECK(to.drop_table(kCopyTable));
  WRIT_CHECK(to.erase(kMigrationsTable, kModule));
  return {};
}

Result<std::optional<Turn>> load_turn(Tx& to) {
  WRIT_TRY(const bool is_under_way, has_begun(to));
  if (!is_under_way) {
    return fail(Code::conflict, "there is no copy under way: it has been finished",
                "Open the store as any other");
  }
  WRIT_TRY(const auto row, to.get(kCopyTable, kTurn));
  if (!row) return std::nullopt;
  KeyReader reader(*row);
  Turn out;
  WRIT_TRY(out.holder, reader.text());
  WRIT_TRY(out.of, reader.text());
  WRIT_TRY(out.target, reader.text());
  WRIT_TRY(const std::uint64_t until, reader.number());
  out.until = {static_cast<std::int64_t>(until)};
  return std::optional(std::move(out));
}

Result<void> save_turn(Tx& to, const CopyClaim& claim) {
  WRIT_TRY(const WallTime now, to.now());
  const std::int64_t lease =
      std::chrono::duration_cast<std::chrono::microseconds>(claim.lease).count();
  return to.put(kCopyTable, kTurn,
                Key()
                    .text(claim.holder)
                    .text(claim.of)
                    .text(claim.target)
                    .number(static_cast<std::uint64_t>(now.micros + lease))
                    .bytes());
}

Result<void> keep_turn(Tx& to, const CopyClaim& claim) {
  WRIT_TRY(const auto turn, load_turn(to));
  WRIT_CHECK(expect_target(turn, claim));
  if (!turn || turn->holder != claim.holder || turn->of != claim.of) {
    return fail(Code::conflict, "another process has taken the copy over",
                "Look how far it is, and wait for it");
  }
  return save_turn(to, claim);
}

Result<void> take_turn(Tx& to, const CopyClaim& claim) {
  WRIT_TRY(const auto turn, load_turn(to));
  WRIT_CHECK(expect_target(turn, claim));
  WRIT_TRY(const WallTime now, to.now());
  const bool is_free = !turn || turn->holder == claim.holder || turn->until <= now;
  if (!is_free) {
    return fail(Code::unavailable, std::string(kAnother), "Look how far it is, and wait for it");
  }
  return save_turn(to, claim);
}

bool says_another_copies(const Error& error) {
  return error.code == Code::unavailable && error.message == kAnother;
}

Result<std::string> load_step(Tx& to) {
  WRIT_TRY(auto step, to.get(kCopyTable, kStep));
  return std::move(step).value_or(std::string());
}

Result<void> save_step(Tx& to, std::string_view step) { return to.put(kCopyTable, kStep, step); }

}  // namespace writ::store
