// Events as CloudEvents 1.0 in JSON, https://github.com/cloudevents/spec; contract:
// contracts/event.schema.json, which describes every attribute.
#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/json.h"
#include "base/suggest.h"
#include "contract/canonical.h"
#include "ledger/entry.h"
#include "ledger/leaf.h"

namespace writ::ledger {
namespace {

constexpr std::string_view kAttributes[] = {"specversion",    "id",
                                            "source",         "type",
                                            "dataschema",     "subject",
                                            "time",           "data",
                                            "data_base64",    "datacontenttype",
                                            "correlationid",  "causationid",
                                            "writactor",      "writfidelity",
                                            "writinputs",     "writrevision",
                                            "writtags",       "writthread",
                                            "writtool",       "writrun",
                                            "writsignatures", "writseq",
                                            "writindex",      "writpayloaddigest",
                                            "writsalt",       "writerasedby"};

void append_text(Object& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.append(std::string(name), text);
}

// What the log adds: the place, and what binds the payload to the leaf.
void append_log_members(Object& out, const Event& event) {
  if (event.index) out.append("writindex", std::to_string(*event.index));
  out.append("writpayloaddigest", event.payload_digest.hex());
  if (!event.salt.empty()) out.append("writsalt", to_base64(event.salt));
  if (event.payload_state == Event::Payload::erased) {
    out.append("writerasedby", event.erased_by.text());
  }
}

// JSON as `data` where reading it back gives the same bytes; else the bytes themselves.
void append_payload(Object& out, const std::string& payload) {
  if (payload.empty()) return;
  auto value = parse_json(payload);
  const auto canonical = value ? contract::canonical_json(*value) : Result<std::string>("");
  if (!canonical || *canonical != payload) {
    out.append("data_base64", to_base64(payload));
    return;
  }
  out.append("datacontenttype", "application/json");
  out.append("data", *std::move(value));
}

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return fail(Code::invalid_input,
              "`" + std::string(name) + "` of a CloudEvent " + std::string(what));
}

// The attribute's text; nothing where it is absent or null.
Result<std::optional<std::string>> text_of(const Value& value, std::string_view name) {
  const Value* member = value.find(name);
  if (member == nullptr || member->is_null()) return std::optional<std::string>();
  if (!member->is_string()) return wrong(name, "is a string");
  if (member->as_string().empty()) return wrong(name, "is not empty");
  return std::optional(member->as_string());
}

Result<std::string> required_text(const Value& value, std::string_view name) {
  WRIT_TRY(auto text, text_of(value, name));
  if (!text) return wrong(name, "is missing");
  return *std::move(text);
}

Result<void> read_optional(const Value& value, std::string_view name, std::string& out) {
  WRIT_TRY(auto text, text_of(value, name));
  if (text) out = *std::move(text);
  return {};
}

Result<std::uint64_t> number_of(std::string_view name, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return wrong(name, "is a number in decimal");
}

// An attribute that has no place in the log is refused: it would be lost in silence.
Result<void> expect_known(const Object& object) {
  for (const Member& member : object) {
    if (std::ranges::find(kAttributes, member.key) != std::end(kAttributes)) continue;
    return fail(
        Code::invalid_input,
        "the log keeps no attribute `" + member.key + "`" + did_you_mean(member.key, kAttributes),
        "Put it into `data`");
  }
  return {};
}

Result<std::string> payload_of(const Value& value) {
  const Value* data = value.find("data");
  WRIT_TRY(const auto bytes, text_of(value, "data_base64"));
  if (data != nullptr && bytes) return wrong("data_base64", "and `data` exclude each other");
  if (bytes) return parse_base64(*bytes);
  if (data == nullptr) return std::string();
  WRIT_TRY(const auto type, text_of(value, "datacontenttype"));
  const bool is_json = !type || *type == "application/json" || type->ends_with("+json");
  if (!is_json) {
    return fail(Code::unsupported, "data of type " + *type + " cannot be kept",
                "Use application/json, or data_base64");
  }
  return contract::canonical_json(*data);
}

// Foreign ids are any text, unique for their source; ours are UUIDs. The derived one is the same
// for the same event, so that it is still taken once only.
EventId id_of(const std::string& source, const std::string& id) {
  const auto known = EventId::parse(id);
  return known ? *known : EventId{Uuid::v5(kWritNamespace, source + "\n" + id)};
}

Result<EventContext> context_of(const Value& value) {
  EventContext context;
  for (const auto& member : kContext<std::string>) {
    WRIT_CHECK(read_optional(value, member.attribute, context.*member.text));
  }
  context.inputs = sorted_words(context.inputs);
  context.tags = sorted_words(context.tags);
  return context;
}

Result<Entry> entry_of(const Value& value) {
  Entry entry;
  WRIT_TRY(const std::string version, required_text(value, "specversion"));
  if (version != "1.0") return wrong("specversion", "is 1.0");
  WRIT_TRY(const std::string id, required_text(value, "id"));
  WRIT_TRY(entry.source, required_text(value, "source"));
  entry.id = id_of(entry.source, id);
  WRIT_TRY(entry.type, required_text(value, "type"));
  WRIT_CHECK(read_optional(value, "subject", entry.subject));
  WRIT_CHECK(read_optional(value, "correlationid", entry.correlation));
  WRIT_CHECK(read_optional(value, "causationid", entry.causation));
  WRIT_CHECK(read_optional(value, "writactor", entry.actor));
  WRIT_TRY(entry.context, context_of(value));
  WRIT_CHECK(read_optional(value, "writsignatures", entry.signatures));
  entry.signatures = sorted_words(entry.signatures);
  WRIT_TRY(const auto time, text_of(value, "time"));
  if (time) {
    WRIT_TRY(entry.time, parse_rfc3339(*time));
  }
  WRIT_TRY(const auto run, text_of(value, "writrun"));
  WRIT_TRY(const auto seq, text_of(value, "writseq"));
  if (run.has_value() != seq.has_value()) return wrong("writseq", "goes with `writrun`");
  if (run) {
    WRIT_TRY(entry.run, RunId::parse(*run));
    WRIT_TRY(entry.seq, number_of("writseq", *seq));
  }
  WRIT_TRY(entry.payload, payload_of(value));
  WRIT_CHECK(check_entry(entry));
  return entry;
}

}  // namespace

Value to_cloud_event(const Event& event) {
  const Entry& entry = event.entry;
  Object out{{"specversion", "1.0"},
             {"id", entry.id.text()},
             {"source", entry.source},
             {"type", entry.type}};
  append_text(out, "subject", entry.subject);
  out.append("time", to_rfc3339(entry.time));
  append_text(out, "correlationid", entry.correlation);
  append_text(out, "causationid", entry.causation);
  append_text(out, "writactor", entry.actor);
  if (!entry.run.uuid.is_nil()) {
    out.append("writrun", entry.run.text());
    out.append("writseq", std::to_string(entry.seq));
  }
  for (const auto& member : kContext<std::string>) {
    append_text(out, member.attribute, entry.context.*member.text);
  }
  append_text(out, "writsignatures", entry.signatures);
  append_log_members(out, event);
  append_payload(out, entry.payload);
  return out;
}

Result<Event> from_cloud_event(const Value& value) {
  if (!value.is_object()) return fail(Code::invalid_input, "a CloudEvent is a JSON object");
  WRIT_CHECK(expect_known(value.as_object()));
  Event event;
  WRIT_TRY(event.entry, entry_of(value));
  WRIT_TRY(const auto index, text_of(value, "writindex"));
  if (index) {
    WRIT_TRY(event.index, number_of("writindex", *index));
  }
  WRIT_TRY(const auto digest, text_of(value, "writpayloaddigest"));
  if (digest) {
    WRIT_TRY(event.payload_digest, Digest::parse_hex(*digest));
  }
  WRIT_TRY(const auto salt, text_of(value, "writsalt"));
  if (salt) {
    WRIT_TRY(event.salt, parse_base64(*salt));
  }
  WRIT_TRY(const auto erased_by, text_of(value, "writerasedby"));
  if (erased_by) {
    WRIT_TRY(event.erased_by, EventId::parse(*erased_by));
    event.payload_state = Event::Payload::erased;
    return event;
  }
  const bool is_bound =
      digest && payload_digest(event.salt, event.entry.payload) == event.payload_digest;
  if (digest && !is_bound) event.payload_state = Event::Payload::missing;
  return event;
}

}  // namespace writ::ledger
