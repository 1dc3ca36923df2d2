// Tokens from arbitrary text: three lines are a header, a payload and a key. As they come they are
// a token; signed with a secret, the token that is made verifies, and does not with another secret.
#include <array>
#include <string>

#include "base/encoding.h"
#include "budgeted_calls.h"
#include "policy/builtins/base64_text.h"

namespace {

using writ::rego::Term;

constexpr std::array<std::string_view, 13> kVerifiers = {
    "io.jwt.verify_eddsa", "io.jwt.verify_es256", "io.jwt.verify_es384", "io.jwt.verify_es512",
    "io.jwt.verify_hs256", "io.jwt.verify_hs384", "io.jwt.verify_hs512", "io.jwt.verify_ps256",
    "io.jwt.verify_ps384", "io.jwt.verify_ps512", "io.jwt.verify_rs256", "io.jwt.verify_rs384",
    "io.jwt.verify_rs512"};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void check_token(BudgetedCalls& calls, const Term& token, const Term& key) {
  calls.with("io.jwt.decode", {token});
  for (const std::string_view verifier : kVerifiers) {
    WRIT_ASSERT(!calls.with(verifier, {token, key}).is_true());
  }
  const Term constraints =
      make_object(calls.arena(), {{calls.text("cert"), key}, {calls.text("aud"), calls.text("a")}});
  const Term verified = calls.with("io.jwt.decode_verify", {token, constraints}).value;
  WRIT_ASSERT(!verified.is_defined() || verified.items()[0].is_false());
}

void check_signed(BudgetedCalls& calls, std::string_view payload) {
  const Term header = calls.text(R"({"alg":"HS256","typ":"JWT"})");
  const Term key = calls.text(R"({"kty":"oct","k":"c2VjcmV0"})");
  const Term token = calls.with("io.jwt.encode_sign_raw", {header, calls.text(payload), key}).value;
  if (!token.is_defined()) return;  // no JSON
  const auto verify = [&](std::string_view secret) {
    return calls.with("io.jwt.verify_hs256", {token, calls.text(secret)}).is_true();
  };
  WRIT_ASSERT(verify("secret") && !verify("another"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = writ::as_text({data, size});
  const std::string_view header = take_line(rest);
  const std::string_view payload = take_line(rest);
  BudgetedCalls calls;
  const Term key = calls.text(rest);
  check_token(calls, calls.text(header), key);
  const std::string token = writ::rego::encode_base64url_unpadded(header) + "." +
                            writ::rego::encode_base64url_unpadded(payload) + ".AAAA";
  check_token(calls, calls.text(token), key);
  calls.with("io.jwt.encode_sign_raw", {calls.text(header), calls.text(payload), key});
  check_signed(calls, payload);
  return 0;
}
