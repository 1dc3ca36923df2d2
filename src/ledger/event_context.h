#pragma once
// What an event may say of where it comes from and how it is to be taken. All are texts that may
// be empty; each is a member of the leaf and an attribute of the CloudEvent.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::ledger {

// Declared in the order of names, which is that of rows.
template <typename Text>
struct BasicContext {
  Text fidelity = {};  // empty: live; else replayed, degraded or demo
  Text inputs = {};    // digests of what it was made from: "sha256:<hex>", sorted, a space between
  Text revision = {};  // commit of the code that it was made with or speaks of
  Text schema = {};    // URI of the payload's schema, with its version
  Text tags = {};      // classification: words, sorted, a space between
  Text thread = {};    // the conversation or matter that it belongs to
  Text tool = {};      // program and version that made it: "writ/0.1.0"

  bool operator==(const BasicContext&) const = default;
};
using EventContext = BasicContext<std::string>;
using EventContextView = BasicContext<std::string_view>;

template <typename Text>
struct ContextMember {
  std::string_view attribute;  // of the CloudEvent
  Text BasicContext<Text>::* text;
};
template <typename Text>
inline constexpr ContextMember<Text> kContext[] = {
    {"writfidelity", &BasicContext<Text>::fidelity}, {"writinputs", &BasicContext<Text>::inputs},
    {"writrevision", &BasicContext<Text>::revision}, {"dataschema", &BasicContext<Text>::schema},
    {"writtags", &BasicContext<Text>::tags},         {"writthread", &BasicContext<Text>::thread},
    {"writtool", &BasicContext<Text>::tool}};

// Words sorted, each once, a space between: how `inputs` and `tags` are kept.
std::string sorted_words(std::string_view words);
// Errors: invalid_input naming the member.
Result<void> check_context(const EventContext& context);

}  // namespace writ::ledger
