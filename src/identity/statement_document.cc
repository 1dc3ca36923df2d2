#include "identity/statement_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/encoding.h"
#include "base/json.h"
#include "contract/canonical.h"
#include "identity/trust_document.h"

namespace writ::identity {
namespace {

constexpr std::size_t kMaxText = 1u << 20;
constexpr std::size_t kMaxReason = 4096;
constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kMaxClaims = 1000;

struct KindRow {
  StatementKind kind;
  std::string_view name;
  Act act;
  bool needs_reason;
};

constexpr KindRow kKinds[] = {
    {StatementKind::approval, "approval", Act::approve, false},
    {StatementKind::rejection, "rejection", Act::approve, true},
    {StatementKind::resolution, "resolution", Act::resolve, true},
    {StatementKind::submission, "submission", Act::submit, false},
    {StatementKind::assumption, "assumption", Act::submit, false},
    {StatementKind::deferral, "deferral", Act::submit, false},
    {StatementKind::closure, "closure", Act::resolve, true},
    {StatementKind::claim, "claim", Act::submit, false},
};

const KindRow& row_of(StatementKind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [&](const KindRow& row) { return row.kind == kind; });
}

std::unexpected<Error> bad(std::string_view why) {
  return fail(Code::invalid_input, fmt::format("not a statement: {}", why),
              "Make it with `writ approve`, `reject`, `resolve`, `claim`, `submit`, `assume` or "
              "`deferral`");
}

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPath && is_utf8(text);
}

Result<void> check_claims(const Statement& s) {
  const bool is_submission = s.kind == StatementKind::submission;
  if (s.evidence.empty() == is_submission) {
    return bad("`evidence` belongs to a submission, and a submission has some");
  }
  if (s.evidence.size() > kMaxClaims) return bad("too many pieces of evidence");
  const bool holds = std::all_of(s.evidence.begin(), s.evidence.end(), [](const auto& claim) {
    return is_one_line(claim.kind) && is_path(claim.path);
  });
  if (!holds) return bad("a piece of evidence lacks `kind` or `path`");
  return {};
}

Result<void> check(const Statement& s) {
  const KindRow& row = row_of(s.kind);
  if (!is_path(s.step)) return bad("`step` is missing");
  if (s.attempt == 0) return bad("`attempt` counts from 1");
  const bool may_lack_role = row.act == Act::submit && s.role.empty();
  if (!may_lack_role && !is_role_name(s.role)) return bad("`role` is no role name");
  if (s.reason.size() > kMaxReason || !is_utf8(s.reason)) {
    return bad(fmt::format("`reason` is text of at most {} bytes", kMaxReason));
  }
  if (row.needs_reason && s.reason.empty()) {
    return fail(Code::invalid_input, fmt::format("a {} needs a reason", row.name),
                "Say why with --reason");
  }
  if (s.blocker.has_value() != (s.kind == StatementKind::resolution)) {
    return bad("`blocker` belongs to a resolution, and a resolution has one");
  }
  const bool is_about_something = s.kind == StatementKind::assumption ||
                                  s.kind == StatementKind::deferral ||
                                  s.kind == StatementKind::closure;
  if (s.subject.has_value() != is_about_something) {
    return bad("`subject` belongs to an assumption, a deferral or a closure, and each has one");
  }
  return check_claims(s);
}

Value to_value(const Statement& s) {
  Object object{{"v", 1},
                {"kind", statement_kind_name(s.kind)},
                {"run", s.run.text()},
                {"step", s.step},
                {"attempt", s.attempt},
                {"tree", s.tree.hex()},
                {"plan", s.plan.hex()},
                {"role", s.role},
                {"reason", s.reason},
                {"at", to_rfc3339(s.at)}};
  if (s.blocker) object.append("blocker", s.blocker->text());
  if (s.subject) object.append("subject", s.subject->hex());
  if (!s.evidence.empty()) {
    Array claims;
    for (const EvidenceClaim& claim : s.evidence) {
      claims.push_back(
          Object{{"kind", claim.kind}, {"path", claim.path}, {"sha256", claim.digest.hex()}});
    }
    object.append("evidence", std::move(claims));
  }
  return object;
}

// The reader need not refuse unknown members or odd spellings: parse_statement compares what it
// read with what serialize would write.
Result<Statement> from_value(const Value& value) {
  if (value.integer_or("v", 0) != 1) return bad("`v` is not 1");
  Statement s;
  const auto kind = find_statement_kind(value.string_or("kind", ""));
  if (!kind) return bad("unknown `kind`");
  s.kind = *kind;
  WRIT_TRY(s.run, RunId::parse(value.string_or("run", "")));
  s.step = value.string_or("step", "");
  const std::int64_t attempt = value.integer_or("attempt", 0);
  if (attempt < 1 || attempt > std::numeric_limits<std::uint32_t>::max()) {
    return bad("`attempt` is no attempt");
  }
  s.attempt = static_cast<std::uint32_t>(attempt);
  WRIT_TRY(s.tree, crypto::Digest::parse_hex(value.string_or("tree", "")));
  WRIT_TRY(s.plan, crypto::Digest::parse_hex(value.string_or("plan", "")));
  s.role = value.string_or("role", "");
  s.reason = value.string_or("reason", "");
  WRIT_TRY(s.at, parse_rfc3339(value.string_or("at", "")));
  if (const Value* blocker = value.find("blocker"); blocker != nullptr && blocker->is_string()) {
    WRIT_TRY(s.blocker, BlockerId::parse(blocker->as_string()));
  }
  if (const Value* subject = value.find("subject"); subject != nullptr && subject->is_string()) {
    WRIT_TRY(s.subject, crypto::Digest::parse_hex(subject->as_string()));
  }
  const Value* claims = value.find("evidence");
  if (claims == nullptr || !claims->is_array()) return s;
  for (const Value& item : claims->as_array()) {
    EvidenceClaim claim;
    claim.kind = item.string_or("kind", "");
    claim.path = item.string_or("path", "");
    WRIT_TRY(claim.digest, crypto::Digest::parse_hex(item.string_or("sha256", "")));
    s.evidence.push_back(std::move(claim));
  }
  return s;
}

}  // namespace

std::string_view statement_kind_name(StatementKind kind) { return row_of(kind).name; }

std::optional<StatementKind> find_statement_kind(std::string_view name) {
  const auto row = std::ranges::find(kKinds, name, &KindRow::name);
  if (row == std::end(kKinds)) return std::nullopt;
  return row->kind;
}

Act act_of(StatementKind kind) { return row_of(kind).act; }

Result<std::string> serialize_statement(const Statement& statement) {
  WRIT_CHECK(check(statement));
  return contract::canonical_json(to_value(statement));
}

Result<Statement> parse_statement(std::string_view text) {
  if (text.size() > kMaxText) return bad("larger than 1 MiB");
  const auto value = parse_json(text);
  if (!value || !value->is_object()) return bad("not a JSON object");
  auto statement = from_value(*value);
  if (!statement) return bad(statement.error().message);
  WRIT_TRY(const std::string written, serialize_statement(*statement));
  if (written != text) return bad("it has other members or another spelling than the contract");
  return statement;
}

}  // namespace writ::identity
