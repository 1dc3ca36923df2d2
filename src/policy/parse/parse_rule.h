#pragma once
// Rules and their heads. Private to policy/parse.
#include "policy/parse/token_stream.h"

namespace writ::rego {

// One rule as it stands in the text. In v0 a rule may have several bodies: each is a rule of its
// own, so there may be more than one in `out`.
bool parse_rule(TokenStream& in, std::vector<ast::Rule>& out);

}  // namespace writ::rego
