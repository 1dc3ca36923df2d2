#include "base/yaml_events.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <spanstream>

#include "base/encoding.h"
#include "base/text_check.h"

namespace writ {
namespace {

// Thrown by the collector through yaml-cpp, which has no other way to be stopped, and caught in
// read_yaml_events.
struct Refused {
  Diagnostic found;
};

// What yaml-cpp's messages mean to the author of a document.
struct Translation {
  std::string_view original;  // the message, or how it begins
  std::string_view message;
  std::string_view remedy;
};
constexpr std::string_view kNotClosed = "is not closed, or a comma is missing";
const Translation kTranslations[] = {
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "`*` without the name of an anchor", "Quote the text"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "`&` without the name of an anchor", "Quote the text"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "`- ` where no sequence may begin",
     "Begin the sequence on a line of its own, or quote the text"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "text behind `|` or `>`", "Begin the text on the next line"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "`---` or `...` inside of a quoted text",
     "Close the quotes, or indent the line"},
    {YAML::ErrorMsg::END_OF_MAP, "this does not go on with the mapping above",
     "Check the indentation here and above"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, kNotClosed,
     "Close it with `}` and separate members with commas"},
    {YAML::ErrorMsg::END_OF_SEQ, "this does not go on with the sequence above",
     "Check the indentation here and above"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, kNotClosed,
     "Close it with `]` and separate items with commas"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "a quoted text without end", "Add the closing quote"},
    {YAML::ErrorMsg::FLOW_END, "a closing bracket that nothing opened",
     "Remove it, or quote the text"},
    {YAML::ErrorMsg::INVALID_ESCAPE, "an escape that YAML does not know",
     "Write a backslash as \\\\ or use single quotes"},
    {YAML::ErrorMsg::INVALID_HEX, "an escape without its hexadecimal digits",
     "Write them as in \\u00e9"},
    {YAML::ErrorMsg::INVALID_UNICODE, "an escape that is no character",
     "Write the character itself"},
    {YAML::ErrorMsg::MAP_KEY, "`? ` where no key may stand", "Quote the text"},
    {YAML::ErrorMsg::MAP_VALUE, "`: ` where no value may stand", "Quote text that has `: ` in it"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation", "Indent with spaces"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "an alias without an anchor before it",
     "Define it with &name, or quote the text"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a character that no value begins with", "Quote the text"},
};

Position mark_position(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

Diagnostic translate(const YAML::Exception& error, std::string_view name) {
  Diagnostic found{std::string(name), mark_position(error.mark), "no YAML: " + error.msg,
                   "Correct the text at this position"};
  for (const Translation& row : kTranslations) {
    // The longest match: one message begins another.
    if (!error.msg.starts_with(row.original)) continue;
    found.message = row.message;
    found.remedy = row.remedy;
    if (error.msg.size() == row.original.size()) break;
  }
  return found;
}

// What yaml-cpp would pass over in silence or pay for dearly.
std::optional<Diagnostic> check_yaml_text(std::string_view text, std::string_view name,
                                          const DocumentLimits& limits) {
  std::size_t indicators = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto found = [&](std::string message, std::string remedy) {
      return Diagnostic{std::string(name), position_of(text, i), std::move(message),
                        std::move(remedy)};
    };
    // A directive between mappings is dropped together with its line.
    if (c == '%' && (i == 0 || text[i - 1] == '\n')) {
      return found("a line that begins with `%`", "Remove the directive, or indent the text");
    }
    // A carriage return breaks a line in YAML, but not in yaml-cpp.
    if (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) {
      return found("a carriage return without a line feed", "Save the file with \\n line ends");
    }
    // YAML has no control characters, and EOT (4) is yaml-cpp's mark for the end.
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
      return found("a control character", "Write it as an escape in double quotes");
    }
    // A flow collection is kept as 100 to 250 bytes for each of these before its first event.
    if ((c == '[' || c == '{' || c == ',') && ++indicators > 2 * limits.max_nodes) {
      return too_many_nodes(name, position_of(text, i), limits);
    }
  }
  return std::nullopt;
}

class Collector final : public YAML::EventHandler {
 public:
  Collector(std::string_view text, std::string_view name, const DocumentLimits& limits)
      : text_(text), name_(name), limits_(limits) {}

  std::vector<YamlEvent> take() { return std::move(events_); }

  Diagnostic explain(const YAML::Exception& error) const {
    Diagnostic found = translate(error, name_);
    const Position end = position_of(text_, text_.size());
    // At the end of the text yaml-cpp sets its column back, or runs ahead in an escape.
    if (error.mark.pos >= static_cast<std::ptrdiff_t>(text_.size())) found.at = end;
    if (found.message == kNotClosed && !open_.empty()) {
      found.message =
          "the bracket of " + spoken(events_[open_.back().event].at) + " " + found.message;
    }
    return found;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      refuse(mark, "more text after the document",
             "Keep one document in the file, and check the indentation of this line");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!open_.empty() && open_.back().is_flow_sequence && character_at(mark) == ',') {
      refuse(mark, "an empty item", "Write the item, or remove the comma");
    }
    refuse_tag(mark, "?");
    add(YamlEvent::Kind::null, mark, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // Anchors are numbered from 1 in the order of their nodes.
    const std::size_t target = anchor <= anchors_.size() ? anchors_[anchor - 1] : kOpen;
    if (target == kOpen) {
      refuse(mark, "an alias inside of what it stands for", "Write the value out");
    }
    add(YamlEvent::Kind::alias, mark, YAML::NullAnchor);
    events_.back().target = target;
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    // \N and \_ come as single bytes.
    if (!is_utf8(value)) {
      refuse(mark, "a text with the escape \\N or \\_", "Write the character itself");
    }
    add(tag == "?" ? YamlEvent::Kind::plain : YamlEvent::Kind::quoted, mark, anchor);
    events_.back().text = value;
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    enter(YamlEvent::Kind::sequence, mark, tag, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    enter(YamlEvent::Kind::map, mark, tag, anchor, false);
  }
  void OnSequenceEnd() override { leave(); }
  void OnMapEnd() override { leave(); }

 private:
  static constexpr std::size_t kOpen = static_cast<std::size_t>(-1);

  struct Open {
    std::size_t event;
    YAML::anchor_t anchor;
    bool is_flow_sequence;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string message, std::string remedy) const {
    throw Refused{{std::string(name_), mark_position(mark), std::move(message), std::move(remedy)}};
  }

  char character_at(const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(mark.pos);
    return mark.pos >= 0 && at < text_.size() ? text_[at] : '\0';
  }

  // "?" and "!" are what yaml-cpp calls untagged plain and quoted scalars.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (character_at(mark) == '!' || (tag != "?" && tag != "!")) {
      refuse(mark, "a tag", "Remove it; quote what must be a string");
    }
  }

  void add(YamlEvent::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (++nodes_ > 2 * limits_.max_nodes) {
      throw Refused{too_many_nodes(name_, mark_position(mark), limits_)};
    }
    if (anchor != YAML::NullAnchor) set_anchor(anchor, events_.size());
    events_.push_back({kind, mark_position(mark)});
  }

  void set_anchor(YAML::anchor_t anchor, std::size_t event) {
    if (anchors_.size() < anchor) anchors_.resize(anchor, kOpen);
    anchors_[anchor - 1] = event;
  }

  void enter(YamlEvent::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor, bool is_flow_sequence) {
    refuse_tag(mark, tag);
    if (open_.size() >= limits_.max_depth) {
      throw Refused{too_deep(name_, mark_position(mark), limits_)};
    }
    open_.push_back({events_.size(), anchor, is_flow_sequence});
    add(kind, mark, YAML::NullAnchor);  // the anchor holds from the end on
  }

  void leave() {
    const Open open = open_.back();
    open_.pop_back();
    events_.push_back({YamlEvent::Kind::end, {}});
    events_[open.event].target = events_.size();
    if (open.anchor != YAML::NullAnchor) set_anchor(open.anchor, open.event);
  }

  std::string_view text_;
  std::string_view name_;
  const DocumentLimits& limits_;
  std::vector<YamlEvent> events_;
  std::vector<std::size_t> anchors_;  // by number: the event, or kOpen
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
};

// Throws what yaml-cpp and the collector throw.
void collect(std::string_view text, Collector& collector) {
  std::ispanstream in(std::span<const char>(text.data(), text.size()));
  YAML::Parser parser(in);
  while (parser.HandleNextDocument(collector)) {
  }
}

}  // namespace

Result<std::vector<YamlEvent>> read_yaml_events(std::string_view text, std::string_view name,
                                                const DocumentLimits& limits) {
  DocumentLimits bounded = limits;
  bounded.max_depth = std::min(limits.max_depth, kDeepestNesting);
  if (auto found = check_text(text, name, bounded)) return fail({*std::move(found)});
  if (auto found = check_yaml_text(text, name, bounded)) return fail({*std::move(found)});
  Collector collector(text, name, bounded);
  try {
    collect(text, collector);
  } catch (Refused& refused) {
    return fail({std::move(refused.found)});
  } catch (const YAML::DeepRecursion& error) {
    return fail({too_deep(name, mark_position(error.mark), bounded)});
  } catch (const YAML::Exception& error) {
    return fail({collector.explain(error)});
  } catch (const std::exception& error) {
    return fail(Code::internal, std::string("the YAML parser failed: ") + error.what());
  }
  std::vector<YamlEvent> events = collector.take();
  if (!events.empty()) return events;
  return fail({{std::string(name), {1, 1}, "the document is empty", "Write what it is to say"}});
}

}  // namespace writ
