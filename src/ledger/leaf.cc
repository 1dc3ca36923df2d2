#include "ledger/leaf.h"

#include "base/encoding.h"
#include "base/json.h"
#include "ledger/event_signature.h"

namespace writ::ledger {
namespace {

// RFC 3339 has no years before 0000 or after 9999.
constexpr WallTime kFirstTime{-62'167'219'200'000'000};
constexpr WallTime kLastTime{253'402'300'799'999'999};

// RFC 8785 section 3.2.2.2.
constexpr std::string_view kEscaped = "\b\t\n\f\r\"\\";
constexpr std::string_view kEscapes = "btnfr\"\\";
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_escape(std::string& out, char c) {
  if (const std::size_t at = kEscaped.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kEscapes[at];
    return;
  }
  const auto code = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHexDigits[code >> 4];
  out += kHexDigits[code & 15];
}

// Requires: UTF-8.
void append_escaped(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t plain = json_plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escape(out, text[0]);
    } else {
      out += text[0];
    }
    text.remove_prefix(1);
  }
}

// Writes members in the order of the calls, which has to be that of RFC 8785: by name.
class LeafWriter {
 public:
  explicit LeafWriter(std::string& out) : out_(out) {}

  // Absent rather than empty. `head` is `"name":"`.
  void text(std::string_view head, std::string_view text) {
    if (text.empty()) return;
    open(head);
    append_escaped(out_, text);
    out_ += '"';
  }
  // What needs no escape.
  void plain(std::string_view head, std::string_view text) {
    open(head);
    out_ += text;
    out_ += '"';
  }
  void finish() { out_ += '}'; }

 private:
  void open(std::string_view head) {
    out_ += is_first_ ? '{' : ',';
    is_first_ = false;
    out_ += head;
  }

  std::string& out_;
  bool is_first_ = true;
};

void append_leaf(std::string& out, const Entry& entry, const Digest& payload_digest) {
  out.reserve(out.size() + 384 + entry.type.size() + entry.source.size() + entry.subject.size() +
              entry.actor.size() + entry.correlation.size() + entry.causation.size());
  LeafWriter leaf(out);
  const EventContext& context = entry.context;
  const bool has_run = !entry.run.uuid.is_nil();
  leaf.text(R"("actor":")", entry.actor);
  leaf.text(R"("causation":")", entry.causation);
  leaf.text(R"("correlation":")", entry.correlation);
  leaf.text(R"("fidelity":")", context.fidelity);
  leaf.plain(R"("id":")", entry.id.text());
  leaf.text(R"("inputs":")", context.inputs);
  leaf.plain(R"("payload_digest":")", payload_digest.hex());
  leaf.text(R"("revision":")", context.revision);
  if (has_run) leaf.plain(R"("run":")", entry.run.text());
  leaf.text(R"("schema":")", context.schema);
  if (has_run) leaf.plain(R"("seq":")", std::to_string(entry.seq));
  leaf.text(R"("signatures":")", entry.signatures);
  leaf.text(R"("source":")", entry.source);
  leaf.text(R"("subject":")", entry.subject);
  leaf.text(R"("tags":")", context.tags);
  leaf.text(R"("thread":")", context.thread);
  leaf.plain(R"("time":")", to_rfc3339(entry.time));
  leaf.text(R"("tool":")", context.tool);
  leaf.text(R"("type":")", entry.type);
  leaf.finish();
}

}  // namespace

std::string leaf_bytes(const Event& event) {
  std::string out;
  append_leaf(out, event.entry, event.payload_digest);
  return out;
}

std::string hashed_leaf(const Entry& entry, const Digest& payload_digest) {
  std::string out(1, '\0');
  append_leaf(out, entry, payload_digest);
  return out;
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
  WRIT_CHECK(check_context(entry.context));
  WRIT_CHECK(check_signature_words(entry.signatures));
  if (entry.time < kFirstTime || entry.time > kLastTime) {
    return fail(Code::invalid_input, "an event's time lies in the years 0000 to 9999");
  }
  return {};
}

}  // namespace writ::ledger
