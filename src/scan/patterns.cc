#include "scan/patterns.h"

#include <re2/re2.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <utility>

#include "scan/keywords.h"
#include "scan/rules.h"

namespace writ::scan {
namespace {

constexpr std::uint8_t kRemark = kComment | kText;

// The markers are words of their own; a hyphen after them belongs to a name ("hack-free").
// Lower case counts only where the word stands as a marker: at the start, or before : or (.
// A class of one letter keeps a pattern from finding itself.
constexpr Pattern kPatterns[] = {
    {"todo-comment", kRemark, Where::everywhere, "todo",
     R"((?-i:(?:^|[^\w-])(TODO)\b)|^\W*(todo)(?:[:(\s]|$)|(?:^|[^\w-])(todo)\s*[:(])"},
    {"fixme-comment", kRemark, Where::everywhere, "fixme", R"((?:^|[^\w-])(fixme)(?:[^\w-]|$))"},
    {"hack-comment", kRemark, Where::everywhere, "hack|klu?udge|dirty",
     R"((?:^|[^\w-])(hack(?:s|y|ish)?|klu?udge|quick[- ]and[- ]dirty)(?:[^\w-]|-\s|$))"},
    {"xxx-comment", kRemark, Where::everywhere, "xxx",
     R"((?-i:(?:^|[\s(/*#;])(XXX)(?:[\s:,.;!?)(]|$)))"},
    {"placeholder-text", kRemark | kString, Where::everywhere,
     R"(lorem|place-?holder|here\b|change[-_ ]?me|replace[-_]?me|tbd)",
     R"(\b(lorem\s+ipsum|place-?holder\s+(?:implementation|code|value|text|function|logic|data|)"
     R"(until|for\s+now|only)|(?:just|only|simple|temporary)\s+(?:a\s+)?place-?holder\b|(?:this|it)\s+is\s+a\s+place-?holder)"
     R"((?:\s*[.,;!)]|\s*$)|)"
     R"((?:your|insert|put|add|paste)[-_ ](?:your[-_ ])?(?:api[-_ ]|own[-_ ]|actual[-_ ]|real[-_ ])?)"
     R"((?:code|key|token|secret|password|text|content|value|logic|implementation|name|url|domain))"
     R"([-_ ]?here|change[-_ ]?me|replace[-_]?me|(?-i:TB[D]))\b)"},
    {"not-implemented", kComment | kString | kText, Where::everywhere, "implement",
     R"((?:^|[^\w])(?:(un-?[i]mplemented|)"
     R"(not[-_ ]?(?:yet[-_ ])?(?:been[-_ ])?(?:fully[-_ ])?implemented(?:[-_ ]yet)?)|)"
     R"((?:needs?|yet|still|has|have)[ ]to[ ]be[ ]implemented)\b)"},
    {"not-implemented", kCode | kText, Where::everywhere, "implemented|todo",
     R"(\b(Not[I]mplemented(?:Error|Exception)|un[i]mplemented\s*!|(?-i:todo)!\s*\(|)"
     R"(throw\s+[\w:]*not_?implemented\w*))"},
    {"stub-comment", kRemark, Where::everywhere, "stub",
     R"((?:^|[^\w-])(stub(?:bed)?\s*(?::|\bfor\s+now|\bimplementation|\bversion|\bonly|\bout\b|)"
     R"(\buntil)|(?:is|as|just|only|currently|still|now)\s+(?:an?\s+)?(?:\w+\s+)?stub(?:s|bed)?\b|)"
     R"((?-i:STUB)\b))"},
    {"mock-in-source", kCode, Where::outside_tests, "mock",
     R"(\b((?-i:MOCK_METHOD\w*|Mock[A-Z]\w*|Mock\b|[A-Za-z]\w*Mock)|mock_\w+|g?mock/\w+|)"
     R"(unittest\s*\.\s*mock|jest\.mock|vi\.mock|sinon\.stub)\b)"},
    {"mock-in-source", kString, Where::outside_tests, "gmock", R"((gmock/[\w-]+\.h))"},
    {"temporary-comment", kRemark, Where::everywhere,
     R"(temporar|for\s+now|moment|time\s+being|remove\s+this|stop-?gap|until\s+we|throw-?away|quick)",
     R"(\b((?:temporary|temporarily|quick)\s+(?:\w+\s+)?(?:fix|solution|implementation|code|)"
     R"(measure|patch|disabled?|commented|return|returns|hard-?coded|stand-?in|substitute)\b|)"
     R"(temporarily\s+(?:here|until|for)\b|(?:is|this|only)\s+temporary\b|for\s+now\b|for\s+the\s+(?:moment|time\s+being)|)"
     R"(remove\s+this\s+(?:later|before|when|once|after|as\s+soon)|until\s+we\s+(?:implement|add)|)"
     R"(stop-?gap|throw-?away\s+(?:code|implementation)))"},
    {"deferred-work", kRemark, Where::everywhere,
     R"(later|future|follow-?up|subsequent|soon|to\s+be|will\s+be|next|deferred|left\s|remains)",
     R"(\b((?:implement|handle|add|fix|do|support|finish|complete|improve|refactor|replace|revisit|)"
     R"(clean\s+up|optimi[sz]e|wire|extend|address)(?:ed|d)?\s+(?:this\s+|that\s+|it\s+|up\s+|them\s+)?)"
     R"((?:later\b(?:\s*[.!,;)]|\s*$|\s+on\b)|in\s+(?:a|the)\s+(?:future|later|follow|next|subsequent))|)"
     R"(in\s+(?:a|the|some)\s+(?:future|later|follow-?up|subsequent|next)\s+(?:phase|version|pr\b|pull|)"
     R"(change|commit|release|iteration|step|sprint|milestone|patch)|)"
     R"((?:to\s+be|will\s+be)\s+(?:done|implemented|added|completed|decided|determined|written|)"
     R"(fixed|filled|wired)(?:\s+(?:later|soon)\b|\s+in\s+(?:a|the)\s+(?:future|later|follow|next))|)"
     R"(left\s+(?:as\s+an\s+exercise|for\s+(?:later|a\s+follow|the\s+future|future))|)"
     R"(follow-?up\s+(?:pr\b|change|ticket|task|work)|deferred\s+to\s+(?:a|the|later|phase|future|)"
     R"(v?\d)|(?:a|as|for|is)\s+future\s+(?:work|improvement|enhancement)|)"
     R"(coming\s+soon|remains\s+to\s+be\s+(?:implemented|written)))"},
    {"workaround-comment", kRemark, Where::everywhere, R"(around)",
     R"((?:^|[^\w-])(work(?:-|ing\s|s\s|\s)?around(?:s)?)(?:[^\w-]|-\s|$))"},
    {"demo-data", kRemark | kString, Where::outside_tests,
     R"(demo|dummy|fake|mock|made-?up|bogus|hard-?coded|doe\b|123\s+main|password12[3])",
     R"(\b((?:demo|dummy|fake|mock|made-?up|bogus)[-_ ](?:data|values?|users?|accounts?|customers?|)"
     R"(records?|results?|responses?|entries|content|password|email|orders?|products?|prices?)|)"
     R"(hard-?coded\s+(?:for\s+(?:the\s+)?demo|sample|example|test)|(?:john|jane)[ ._]doe|)"
     R"(123\s+main\s+st(?:reet)?|password12[3])\b)"},
    {"demo-data", kCode | kText, Where::outside_tests, "demo|dummy|fake|mock",
     R"(\b((?:demo|dummy|fake|mock)_?(?:data|users?|accounts?|customers?|records?|responses?))\b)"},
    {"limitation-note", kRemark, Where::everywhere,
     R"(limitation|known|yet|currently|partial|incomplete|unfinished|naive|simplified|unsupported|only\s+works)",
     R"(\b(known\s+(?:limitation|bug|issue|problem|defect)s?|limitations?\s*:|)"
     R"((?:do(?:es)?\s+not|doesn't|don't|can(?:not|'t))\s+(?:yet|currently)\s+\w+|)"
     R"(not\s+(?:yet|currently)\s+(?:supported|handled|done|used|complete|working|)"
     R"(tested|wired)|not\s+(?:supported|handled|tested|working)\s+yet\b|)"
     R"(currently\s+(?:un\w+ed|ignored?s?|broken|missing|only\s+(?:works?|supports?|handles?))|)"
     R"((?:partial|incomplete|naive|simplified)\s+(?:implementation|version|solution|support)|)"
     R"((?:implementation|support|this)\s+is\s+(?:still\s+)?(?:incomplete|partial|unfinished)|)"
     R"(unsupported\s+for\s+now|only\s+works\s+(?:for|with|on|in|when|if)))"},
};

// Several patterns may share keywords; the one pass looks for each once.
std::vector<Keyword> keywords_of(std::span<const Pattern* const> patterns) {
  std::vector<Keyword> all;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    for (std::string_view rest = patterns[i]->keywords; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find('|'));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      const auto known = std::ranges::find(all, word, &Keyword::pattern);
      const auto owner = std::uint32_t{1} << i;
      if (known != all.end()) {
        known->owners |= owner;
      } else {
        all.push_back({word, owner});
      }
    }
  }
  return all;
}

re2::RE2::Options options() {
  re2::RE2::Options o;
  o.set_encoding(re2::RE2::Options::EncodingLatin1);  // bytes: source need not be UTF-8
  o.set_case_sensitive(false);
  o.set_log_errors(false);
  return o;
}

// The leftmost match at or after `from`: its first group that took part, else all of it.
std::pair<std::size_t, std::size_t> find(const re2::RE2& regex, std::string_view segment,
                                         std::size_t from) {
  constexpr int kGroups = 4;  // the whole match and at most three alternatives
  const re2::StringPiece piece(segment.data(), segment.size());
  re2::StringPiece groups[kGroups];
  const int count = std::min(kGroups, 1 + regex.NumberOfCapturingGroups());
  if (!regex.Match(piece, from, piece.size(), re2::RE2::UNANCHORED, groups, count)) return {0, 0};
  const re2::StringPiece* best = &groups[0];
  for (int g = count - 1; g > 0; --g) {
    if (groups[g].data() != nullptr) best = &groups[g];
  }
  return {static_cast<std::size_t>(best->data() - segment.data()), best->size()};
}

// Naming a rule is not breaking it: "not-implemented" as a whole word is its id.
bool names_a_rule(std::string_view segment, std::size_t begin, std::size_t length) {
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  constexpr std::size_t kLongestId = 32;
  const std::size_t low = begin > kLongestId ? begin - kLongestId : 0;
  std::size_t end = begin + length;
  const std::size_t high = std::min(segment.size(), end + kLongestId);
  while (begin > low && belongs(segment[begin - 1])) --begin;
  while (end < high && belongs(segment[end])) ++end;
  return find_rule(segment.substr(begin, end - begin)) != nullptr;
}

}  // namespace

static_assert(std::size(kPatterns) <= std::numeric_limits<Matcher::Candidates>::digits);

std::span<const Pattern> pattern_table() { return kPatterns; }

struct Matcher::Compiled {
  explicit Compiled(std::vector<const Pattern*> chosen)
      : patterns(std::move(chosen)), keywords(keywords_of(patterns)) {
    for (const Pattern* pattern : patterns) {
      regexes.push_back(std::make_unique<re2::RE2>(
          re2::StringPiece(pattern->regex.data(), pattern->regex.size()), options()));
      WRIT_ASSERT(regexes.back()->ok());
    }
  }

  std::vector<const Pattern*> patterns;
  std::vector<std::unique_ptr<re2::RE2>> regexes;
  Keywords keywords;
};

Matcher::Matcher(std::span<const std::string_view> rules) {
  std::vector<const Pattern*> chosen;
  for (const Pattern& pattern : kPatterns) {
    if (std::ranges::find(rules, pattern.rule) != rules.end()) chosen.push_back(&pattern);
  }
  compiled_ = std::make_unique<Compiled>(std::move(chosen));
}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

void Matcher::each_line(std::string_view text,
                        const std::function<bool(std::size_t, Candidates)>& found) const {
  compiled_->keywords.each_line(text, found);
}

void Matcher::match(std::string_view segment, Candidates candidates, std::uint8_t region,
                    bool in_tests, const std::function<void(const Match&)>& found) const {
  for (Candidates rest = candidates; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(rest));
    const Pattern& pattern = *compiled_->patterns[i];
    if ((pattern.regions & region) == 0) continue;
    if (in_tests && pattern.where == Where::outside_tests) continue;
    for (std::size_t from = 0; from < segment.size();) {
      const auto [begin, length] = find(*compiled_->regexes[i], segment, from);
      if (length == 0) break;
      if (!names_a_rule(segment, begin, length)) {
        found({pattern.rule, begin, length});
        break;
      }
      from = begin + length;
    }
  }
}

}  // namespace writ::scan
