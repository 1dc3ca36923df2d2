#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <span>
#include <spanstream>

#include "base/encoding.h"
#include "policy/builtins/yaml_text.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// What libyaml, which OPA's reader follows, says of what yaml-cpp found.
struct Translation {
  std::string_view original;
  std::string_view message;
};
const Translation kTranslations[] = {
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "did not find expected alphabetic or numeric character"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "did not find expected alphabetic or numeric character"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "block sequence entries are not allowed in this context"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "did not find expected comment or line break"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "found unexpected document indicator"},
    {YAML::ErrorMsg::END_OF_MAP, "did not find expected key"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "did not find expected ',' or '}'"},
    {YAML::ErrorMsg::END_OF_SEQ, "did not find expected '-' indicator"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "did not find expected ',' or ']'"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "found unexpected end of stream"},
    {YAML::ErrorMsg::FLOW_END, "did not find expected node content"},
    {YAML::ErrorMsg::INVALID_ESCAPE, "found unknown escape character"},
    {YAML::ErrorMsg::INVALID_HEX, "did not find expected hexdecimal number"},
    {YAML::ErrorMsg::INVALID_UNICODE, "found invalid Unicode character escape code"},
    {YAML::ErrorMsg::MAP_KEY, "mapping keys are not allowed in this context"},
    {YAML::ErrorMsg::MAP_VALUE, "mapping values are not allowed in this context"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "found character that cannot start any token"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "unknown anchor referenced"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "found character that cannot start any token"},
};

std::string translate(const YAML::Exception& error) {
  std::string_view message = error.msg;
  std::size_t longest = 0;
  for (const Translation& row : kTranslations) {
    // The longest match: one message begins another.
    if (row.original.size() < longest || !error.msg.starts_with(row.original)) continue;
    longest = row.original.size();
    message = row.message;
  }
  const int line = error.mark.is_null() ? 0 : error.mark.line;
  return fmt::format("yaml: line {}: {}", line + 1, message);
}

// Makes terms of events. After a problem the rest of the text is only passed over: what calls
// these functions knows no way to be stopped but exceptions.
class TermCollector final : public YAML::EventHandler {
 public:
  explicit TermCollector(Arena& arena) : arena_(arena) {}

  const Term& root() const { return root_; }
  const std::string& problem() const { return problem_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add(Term::null(), anchor); }

  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
    const Term target = anchor <= anchors_.size() ? anchors_[anchor - 1] : Term();
    if (!target.is_defined()) return refuse("yaml: anchor value contains itself");
    add(target, YAML::NullAnchor);
  }

  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!problem_.empty()) return;
    if (!is_utf8(value)) return refuse("yaml: invalid UTF-8");
    const bool is_plain = tag == "?";
    if (is_plain && value == "<<" && at_key()) {
      open_.back().merges = true;
      return;
    }
    const Term term =
        is_plain || is_resolved(tag) ? plain_yaml_value(arena_, value) : make_string(arena_, value);
    if (!term.is_defined()) return refuse("json: unsupported value: " + value);
    add(term, anchor);
  }

  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({.anchor = anchor, .is_map = false});
  }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({.anchor = anchor, .is_map = true});
  }
  void OnSequenceEnd() override {
    const Open done = close();
    add(make_array(arena_, done.items), done.anchor);
  }
  void OnMapEnd() override {
    Open done = close();
    // Merged members come first, so that the map's own ones replace them.
    done.merged.insert(done.merged.end(), done.members.begin(), done.members.end());
    add(make_object(arena_, std::move(done.merged)), done.anchor);
  }

 private:
  struct Open {
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool is_map = false;
    std::vector<Term> items = {};      // of a sequence
    std::vector<Member> members = {};  // of a map; without a value yet: at the last one's
    std::vector<Member> merged = {};   // of maps behind "<<"
    bool merges = false;               // the next value
  };

  static bool is_resolved(std::string_view tag) {
    return tag.starts_with("tag:yaml.org,2002:") && !tag.ends_with(":str");
  }

  bool at_key() const {
    if (open_.empty() || !open_.back().is_map || open_.back().merges) return false;
    return open_.back().members.empty() || open_.back().members.back().value.is_defined();
  }

  void refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  Open close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return done;
  }

  void add(const Term& term, YAML::anchor_t anchor) {
    if (!problem_.empty()) return;
    if (anchor != YAML::NullAnchor) {
      if (anchors_.size() < anchor) anchors_.resize(anchor);
      anchors_[anchor - 1] = term;
    }
    if (open_.empty()) {
      root_ = term;
    } else if (!open_.back().is_map) {
      open_.back().items.push_back(term);
    } else if (open_.back().merges) {
      open_.back().merges = false;
      merge(term);
    } else if (at_key()) {
      open_.back().members.push_back({key_of(term), Term()});
    } else {
      open_.back().members.back().value = term;
    }
  }

  // JSON's keys are strings.
  Term key_of(const Term& term) {
    if (term.is_string()) return term;
    if (term.is_number()) return make_string(arena_, number_text(term));
    if (term.is_boolean()) return make_string(arena_, term.as_boolean() ? "true" : "false");
    refuse("yaml: unsupported map key of type: " + std::string(kind_name(term.kind())));
    return make_string(arena_, "");
  }

  // Of several maps the first one's members count.
  void merge(const Term& term) {
    std::vector<Member>& merged = open_.back().merged;
    const auto put = [&](const Term& map) {
      if (!map.is_object()) {
        return refuse("yaml: map merge requires map or sequence of maps as the value");
      }
      for (std::size_t i = 0; i < map.size(); ++i) {
        merged.push_back({map.keys()[i], map.values()[i]});
      }
    };
    if (!term.is_array()) return put(term);
    for (std::size_t i = term.size(); i > 0; --i) put(term.items()[i - 1]);
  }

  Arena& arena_;
  std::vector<Open> open_;
  std::vector<Term> anchors_;  // by number; undefined: not closed yet
  Term root_ = Term::null();
  std::string problem_;
};

// What libyaml's reader refuses and yaml-cpp would pass over, or take for its own end mark.
bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
}

}  // namespace

std::optional<Term> read_yaml(Arena& arena, std::string_view text, std::string& problem) {
  TermCollector collector(arena);
  try {
    if (has_controls(text)) {
      problem = "yaml: control characters are not allowed";
      return std::nullopt;
    }
    std::ispanstream in(std::span<const char>(text.data(), text.size()));
    YAML::Parser(in).HandleNextDocument(collector);
    problem = collector.problem();
  } catch (const YAML::DeepRecursion&) {
    problem = "yaml: exceeded max depth";
  } catch (const YAML::Exception& error) {
    problem = translate(error);
  } catch (const std::exception& error) {
    problem = std::string("yaml: ") + error.what();
  }
  if (!problem.empty()) return std::nullopt;
  return collector.root();
}

}  // namespace writ::rego
