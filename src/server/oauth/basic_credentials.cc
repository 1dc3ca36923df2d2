#include "server/oauth/basic_credentials.h"

#include <string>

#include "base/encoding.h"
#include "net/http.h"

namespace writ::server {
namespace {

constexpr std::string_view kBasic = "Basic ";

}  // namespace

std::optional<identity::ClientProof> parse_basic(std::string_view field) {
  if (field.size() < kBasic.size() ||
      !net::equals_ignoring_case(field.substr(0, kBasic.size()), kBasic)) {
    return std::nullopt;
  }
  const auto text = parse_base64(field.substr(kBasic.size()), Padding::optional);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto id = net::form_decode(std::string_view(*text).substr(0, colon));
  const auto secret = net::form_decode(std::string_view(*text).substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return identity::ClientProof{.id = *id, .secret = *secret};
}

}  // namespace writ::server
