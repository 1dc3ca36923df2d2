#include "evidence/record.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "base/suggest.h"
#include "contract/canonical.h"
#include "evidence/fields.h"

namespace writ::evidence {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 19> kKinds{
    "command",  "tests",     "file",     "scan",          "approval",   "benchmark", "diff",
    "context",  "statement", "note",     "test_evidence", "acceptance", "risk",      "baseline",
    "deferral", "usage",     "artifact", "imports",       "register"};

Value blob_list(const std::vector<store::BlobRef>& blobs) {
  Array list;
  for (const store::BlobRef& blob : blobs) {
    list.push_back(Object{{"digest", digest_text(blob.digest)}, {"size", large_number(blob.size)}});
  }
  return list;
}

Result<store::BlobRef> blob_from(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "blob of an evidence record"));
  store::BlobRef blob;
  WRIT_TRY(blob.digest, fields.digest("digest"));
  WRIT_TRY(blob.size, fields.large("size"));
  WRIT_CHECK(fields.finish());
  return blob;
}

Value fact_object(const std::map<std::string, Value>& facts) {
  Object object;
  for (const auto& [name, value] : facts) object.append(name, value);
  return object;
}

Result<void> check_name(std::string_view what, std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (text.size() > kMaxNameBytes) {
    return fail(Code::invalid_input, std::string(what) + " of an evidence record is longer than " +
                                         std::to_string(kMaxNameBytes) + " bytes");
  }
  if (text.empty() || std::any_of(text.begin(), text.end(), is_control)) {
    return fail(Code::invalid_input,
                std::string(what) + " of an evidence record is empty or has control characters");
  }
  return {};
}

Result<void> check_size(std::string_view what, const Value& value, std::size_t limit) {
  const std::size_t size = to_json(value).size();
  if (size <= limit) return {};
  return fail(Code::invalid_input,
              std::string(what) + " of an evidence record has " + std::to_string(size) +
                  " bytes, more than " + std::to_string(limit),
              "Keep a summary in the record and the rest in a blob");
}

}  // namespace

std::span<const std::string_view> kind_names() { return kKinds; }

std::string_view kind_name(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<Kind> parse_kind(std::string_view name) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found != kKinds.end()) return static_cast<Kind>(found - kKinds.begin());
  return fail(Code::invalid_input, "no kind of evidence is called `" + std::string(name) + "`" +
                                       did_you_mean(name, kKinds));
}

EvidenceId make_evidence_id(RunId run, std::string_view step, std::uint32_t attempt, Kind kind,
                            std::string_view name) {
  const Array key{run.text(), step, attempt, kind_name(kind), name};
  return {Uuid::v5(kWritNamespace, "evidence" + to_json(key))};
}

Value Record::to_value() const {
  return Object{{"id", id.text()},
                {"run", run.text()},
                {"step", step},
                {"attempt", attempt},
                {"kind", kind_name(kind)},
                {"name", name},
                {"tree", digest_text(tree)},
                {"at", to_rfc3339(at)},
                {"data", data},
                {"facts", fact_object(facts)},
                {"blobs", blob_list(blobs)}};
}

Result<Record> Record::from_value(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "evidence record"));
  Record record;
  WRIT_TRY(const std::string id, fields.text("id"));
  WRIT_TRY(record.id, EvidenceId::parse(id));
  WRIT_TRY(const std::string run, fields.text("run"));
  WRIT_TRY(record.run, RunId::parse(run));
  WRIT_TRY(record.step, fields.text("step"));
  WRIT_TRY(const std::uint64_t attempt, fields.count("attempt"));
  record.attempt = static_cast<std::uint32_t>(attempt);
  WRIT_TRY(const std::string kind, fields.text("kind"));
  WRIT_TRY(record.kind, parse_kind(kind));
  WRIT_TRY(record.name, fields.text("name"));
  WRIT_TRY(record.tree, fields.digest("tree"));
  WRIT_TRY(record.at, fields.time("at"));
  WRIT_TRY(const Value* data, fields.any("data"));
  record.data = *data;
  WRIT_TRY(const Object* facts, fields.object("facts"));
  for (const Member& fact : *facts) record.facts.emplace(fact.key, fact.value);
  WRIT_TRY(const Array* blobs, fields.list("blobs"));
  for (const Value& blob : *blobs) {
    WRIT_TRY(record.blobs.emplace_back(), blob_from(blob));
  }
  WRIT_CHECK(fields.finish());
  if (attempt != record.attempt) {
    return fail(Code::invalid_input, "evidence record: `attempt` is too large");
  }
  WRIT_CHECK(record.check());
  return record;
}

Result<void> Record::check() const {
  if (id != make_evidence_id(run, step, attempt, kind, name)) {
    return fail(Code::invalid_input, "evidence record: `id` is not the one its key gives");
  }
  if (attempt == 0) return fail(Code::invalid_input, "evidence record: attempts count from 1");
  WRIT_CHECK(check_name("the step", step));
  WRIT_CHECK(check_name("the name", name));
  WRIT_CHECK(check_size("the data", data, kMaxDataBytes));
  WRIT_CHECK(check_size("the facts", fact_object(facts), kMaxFactsBytes));
  for (const auto& [fact, value] : facts) {
    if (value.is_bool() || value.is_number() || value.is_string()) continue;
    return fail(Code::invalid_input, "evidence record: fact `" + fact + "` is no plain value");
  }
  if (blobs.size() > kMaxBlobs) {
    return fail(Code::invalid_input,
                "an evidence record has at most " + std::to_string(kMaxBlobs) + " blobs");
  }
  WRIT_CHECK(contract::canonical_json(to_value()));
  return {};
}

crypto::Digest Record::digest() const {
  const auto canonical = contract::canonical_json(to_value());
  WRIT_ASSERT(canonical.has_value());
  return crypto::sha256(*canonical);
}

}  // namespace writ::evidence
