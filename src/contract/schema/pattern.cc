#include "contract/schema/pattern.h"

#include <utility>

#include <re2/re2.h>

#include "contract/schema/ecma_regex.h"

namespace writ::contract {

struct Pattern::Engine {
  explicit Engine(const std::string& translated, const RE2::Options& options)
      : re2(translated, options) {}
  RE2 re2;
};

Pattern::Pattern(std::string source) : source_(std::move(source)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view ecma) {
  WRIT_TRY(const std::string translated, translate_ecma_regex(ecma));
  Pattern pattern{std::string(ecma)};
  pattern.sequence_ = ClassSequence::compile(ecma);
  if (pattern.sequence_) return pattern;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  pattern.engine_ = std::make_unique<Engine>(translated, options);
  if (const RE2& re2 = pattern.engine_->re2; !re2.ok()) {
    return fail(Code::unsupported,
                "the pattern `" + std::string(ecma) + "` cannot be compiled: " + re2.error(),
                "Make it smaller");
  }
  return pattern;
}

bool Pattern::engine_matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine_->re2);
}

}  // namespace writ::contract
