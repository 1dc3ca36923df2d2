// Certificates, requests and keys for the builtins: PEM or base64 as it comes, and the same bytes
// as DER behind each of the labels, which reaches the readers behind PEM.
#include <array>
#include <string>

#include "base/encoding.h"
#include "budgeted_calls.h"

namespace {

constexpr std::array<std::string_view, 6> kLabels = {"CERTIFICATE",     "CERTIFICATE REQUEST",
                                                     "RSA PRIVATE KEY", "EC PRIVATE KEY",
                                                     "PRIVATE KEY",     "PUBLIC KEY"};

std::string pem(std::string_view label, std::string_view body) {
  const std::string name(label);
  return "-----BEGIN " + name + "-----\n" + std::string(body) + "\n-----END " + name + "-----\n";
}

std::string base64(std::string_view bytes) {
  BudgetedCalls calls;
  const writ::rego::Term out = calls.with("base64.encode", {calls.text(bytes)}).value;
  return std::string(out.text());
}

void read_all(std::string_view text) {
  BudgetedCalls calls;
  const writ::rego::Term term = calls.text(text);
  calls.with("crypto.x509.parse_certificates", {term});
  const writ::rego::Term chain =
      calls.with("crypto.x509.parse_and_verify_certificates", {term}).value;
  WRIT_ASSERT(chain.items()[0].is_true() == (chain.items()[1].size() > 0));
  calls.with("crypto.x509.parse_certificate_request", {term});
  calls.with("crypto.x509.parse_rsa_private_key", {term});
  calls.with("crypto.x509.parse_keypair", {term, term});
  calls.with("crypto.parse_private_keys", {term});
  calls.with("io.jwt.verify_rs256", {calls.text("e30.e30.AAAA"), term});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = writ::as_text({data, size});
  read_all(bytes);
  read_all(base64(bytes));
  if (size == 0) return 0;
  read_all(pem(kLabels[data[0] % kLabels.size()], base64(bytes.substr(1))));
  return 0;
}
