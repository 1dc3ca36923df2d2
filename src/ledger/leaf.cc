#include "ledger/leaf.h"

#include <array>
#include <charconv>

#include "base/encoding.h"

namespace writ::ledger {
namespace {

struct LeafMember {
  std::string_view name;
  std::string_view LeafFields::* field;
};

// In the order of RFC 8785, which is the order they are written and must be found in.
constexpr LeafMember kMembers[] = {
    {"actor", &LeafFields::actor},
    {"causation", &LeafFields::causation},
    {"correlation", &LeafFields::correlation},
    {"id", &LeafFields::id},
    {"payload_digest", &LeafFields::payload_digest},
    {"run", &LeafFields::run},
    {"seq", &LeafFields::seq},
    {"source", &LeafFields::source},
    {"subject", &LeafFields::subject},
    {"time", &LeafFields::time},
    {"type", &LeafFields::type},
};

// RFC 8785 section 3.2.2.2.
constexpr std::string_view kEscaped = "\b\t\n\f\r\"\\";
constexpr std::string_view kEscapes = "btnfr\"\\";
constexpr std::string_view kHexDigits = "0123456789abcdef";

// RFC 3339 has no years before 0000 or after 9999.
constexpr WallTime kFirstTime{-62'167'219'200'000'000};
constexpr WallTime kLastTime{253'402'300'799'999'999};

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') {
      out += c;
    } else if (const std::size_t at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kEscapes[at];
    } else {
      const auto code = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kHexDigits[code >> 4];
      out += kHexDigits[code & 15];
    }
  }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += out.size() == 1 ? "\"" : ",\"";
  out += name;
  out += "\":\"";
  append_escaped(out, text);
  out += '"';
}

std::unexpected<Error> foreign() {
  return fail(Code::tampered, "a leaf has a form that Writ never writes");
}

// Takes `"name":"text"` off `rest` if it is there.
bool take_member(std::string_view& rest, std::string_view name, std::string_view& text) {
  const std::size_t head = name.size() + 4;
  if (rest.size() < head || rest[0] != '"' || rest.substr(1, name.size()) != name ||
      rest.substr(name.size() + 1, 3) != "\":\"") {
    return false;
  }
  std::size_t end = head;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  if (end >= rest.size()) return false;
  text = rest.substr(head, end - head);
  rest.remove_prefix(end + 1);
  return true;
}

Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return foreign();
  return number;
}

Result<Entry> decode(const LeafFields& fields) {
  Entry entry;
  WRIT_TRY(entry.id, EventId::parse(fields.id));
  WRIT_TRY(entry.time, parse_rfc3339(fields.time));
  if (!fields.run.empty()) {
    WRIT_TRY(entry.run, RunId::parse(fields.run));
    WRIT_TRY(entry.seq, parse_decimal(fields.seq));
  }
  entry.type = unescape_leaf_text(fields.type);
  entry.source = unescape_leaf_text(fields.source);
  entry.subject = unescape_leaf_text(fields.subject);
  entry.actor = unescape_leaf_text(fields.actor);
  entry.correlation = unescape_leaf_text(fields.correlation);
  entry.causation = unescape_leaf_text(fields.causation);
  return entry;
}

}  // namespace

std::string leaf_bytes(const Event& event) {
  const Entry& entry = event.entry;
  std::string out = "{";
  out.reserve(640);
  append_member(out, "actor", entry.actor);
  append_member(out, "causation", entry.causation);
  append_member(out, "correlation", entry.correlation);
  append_member(out, "id", entry.id.text());
  append_member(out, "payload_digest", event.payload_digest.hex());
  if (!entry.run.uuid.is_nil()) {
    append_member(out, "run", entry.run.text());
    append_member(out, "seq", std::to_string(entry.seq));
  }
  append_member(out, "source", entry.source);
  append_member(out, "subject", entry.subject);
  append_member(out, "time", to_rfc3339(entry.time));
  append_member(out, "type", entry.type);
  out += '}';
  return out;
}

Result<LeafFields> split_leaf(std::string_view leaf) {
  LeafFields fields;
  if (!leaf.starts_with('{')) return foreign();
  std::string_view rest = leaf.substr(1);
  for (const LeafMember& member : kMembers) {
    if (!take_member(rest, member.name, fields.*member.field)) continue;
    if (rest.starts_with(',')) rest.remove_prefix(1);
  }
  if (rest != "}" || fields.id.empty() || fields.type.empty()) return foreign();
  return fields;
}

std::string unescape_leaf_text(std::string_view escaped) {
  std::string out;
  out.reserve(escaped.size());
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\\' || i + 1 == escaped.size()) {
      out += escaped[i];
    } else if (const std::size_t at = kEscapes.find(escaped[++i]); at != std::string_view::npos) {
      out += kEscaped[at];
    } else {
      // \u00xy; anything else cannot come from leaf_bytes and fails parse_leaf's comparison.
      const std::string_view digits = escaped.substr(i + 1, 4);
      unsigned code = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      out += static_cast<char>(code & 0x1f);
      i += digits.size();
    }
  }
  return out;
}

Result<Event> parse_leaf(std::string_view leaf) {
  WRIT_TRY(const LeafFields fields, split_leaf(leaf));
  Event event;
  Result<Entry> entry = decode(fields);
  if (!entry) return foreign();
  event.entry = *std::move(entry);
  const Result<Digest> digest = Digest::parse_hex(fields.payload_digest);
  if (!digest) return foreign();
  event.payload_digest = *digest;
  if (leaf_bytes(event) != leaf) return foreign();
  return event;
}

Digest payload_digest(std::string_view salt, std::string_view payload) {
  std::string bytes;
  bytes.reserve(salt.size() + payload.size());
  bytes += salt;
  bytes += payload;
  return crypto::sha256(bytes);
}

Result<void> check_entry(const Entry& entry) {
  if (entry.id.uuid.is_nil()) return fail(Code::invalid_input, "an event needs an id");
  if (entry.type.empty()) return fail(Code::invalid_input, "an event needs a type");
  if (entry.source.empty()) return fail(Code::invalid_input, "an event needs a source");
  if (entry.run.uuid.is_nil() != (entry.seq == 0)) {
    return fail(Code::invalid_input, "an event of a run has a seq from 1; another one has none");
  }
  for (const std::string* text : {&entry.type, &entry.source, &entry.subject, &entry.actor,
                                  &entry.correlation, &entry.causation}) {
    if (!is_utf8(*text)) return fail(Code::invalid_input, "an event's texts are UTF-8");
  }
  if (entry.time < kFirstTime || entry.time > kLastTime) {
    return fail(Code::invalid_input, "an event's time lies in the years 0000 to 9999");
  }
  return {};
}

}  // namespace writ::ledger
