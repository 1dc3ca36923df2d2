#include <algorithm>

#include "base/encoding.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/object_builder.h"
#include "policy/builtins/pem.h"
#include "policy/builtins/pkey.h"
#include "policy/builtins/x509_shape.h"
#include "policy/builtins/x509_verify.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::string_view kBegin = "-----BEGIN";

Result<std::string> certificates_of_pem(std::string_view text) {
  std::string out;
  while (const auto block = take_pem_block(text)) {
    if (block->type != "CERTIFICATE") {
      return fail(Code::invalid_input,
                  "PEM block type is '" + block->type + "', expected CERTIFICATE");
    }
    out += block->bytes;
  }
  return out;
}

// The DER of certificates that are given as PEM, as PEM in base64 or as DER in base64.
Result<std::string> certificate_bytes(std::string_view text) {
  if (text.starts_with(kBegin)) return certificates_of_pem(text);
  WRIT_TRY(std::string decoded, decode_base64(text));
  if (decoded.starts_with(kBegin)) return certificates_of_pem(decoded);
  return decoded;
}

template <typename Bytes>
Result<Term> certificate_terms(Arena& arena, const std::vector<Bytes>& certificates, Shape shape) {
  std::vector<Term> out;
  for (const auto& bytes : certificates) {
    WRIT_TRY(const Term one, certificate_term(arena, bytes, shape));
    out.push_back(one);
  }
  return make_array(arena, out);
}

Outcome outcome_of(Call& call, const Result<Term>& result) {
  if (!result) return call.error(result.error().message);
  return *result;
}

Outcome parse_certificates(Call& call) {
  const auto bytes = certificate_bytes(call.arg(0).text());
  if (!bytes) return call.error(bytes.error().message);
  const auto certificates = split_certificates(*bytes);
  if (!certificates) return call.error(certificates.error().message);
  return outcome_of(call, certificate_terms(call.arena(), *certificates, Shape::uris));
}

Result<Term> verified_terms(Arena& arena, std::string_view text, const ChainOptions& options,
                            Shape shape) {
  WRIT_TRY(const std::string bytes, certificate_bytes(text));
  WRIT_TRY(const auto certificates, split_certificates(bytes));
  WRIT_TRY(const auto chain, verify_chain(certificates, options));
  return certificate_terms(arena, chain, shape);
}

// A chain that does not hold is an answer, not an error.
Outcome verify(Call& call, const ChainOptions& options, Shape shape) {
  const auto terms = verified_terms(call.arena(), call.arg(0).text(), options, shape);
  return make_array(call.arena(),
                    {Term::boolean(terms.has_value()), terms.has_value() ? *terms : empty_array()});
}

Outcome verify_certificates(Call& call) {
  return verify(call, {{}, call.now_ns() / 1'000'000'000, {}}, Shape::uris);
}

constexpr std::string_view kUsages[] = {
    "KeyUsageAny",
    "KeyUsageServerAuth",
    "KeyUsageClientAuth",
    "KeyUsageCodeSigning",
    "KeyUsageEmailProtection",
    "KeyUsageIPSECEndSystem",
    "KeyUsageIPSECTunnel",
    "KeyUsageIPSECUser",
    "KeyUsageTimeStamping",
    "KeyUsageOCSPSigning",
    "KeyUsageMicrosoftServerGatedCrypto",
    "KeyUsageNetscapeServerGatedCrypto",
    "KeyUsageMicrosoftCommercialCodeSigning",
    "KeyUsageMicrosoftKernelCodeSigning",
};

Result<void> read_usages(const Term& value, ChainOptions& out) {
  if (!value.is_array() && !value.is_set()) {
    return fail(Code::invalid_input, "'KeyUsages' should be an Array or Set");
  }
  std::string unknown;
  for (const Term& usage : value.items()) {
    if (!usage.is_string()) continue;
    const auto* const found = std::ranges::find(kUsages, usage.text());
    if (found == std::end(kUsages)) {
      unknown += (unknown.empty() ? "" : " ") + std::string(usage.text());
    } else {
      out.usages.push_back(static_cast<int>(found - std::begin(kUsages)));
    }
  }
  if (unknown.empty()) return {};
  return fail(Code::invalid_input, "invalid entries for 'KeyUsages' found: [" + unknown + "]");
}

Result<void> read_option(const Term& key, const Term& value, ChainOptions& out) {
  if (key.text() == "DNSName") {
    if (!value.is_string()) return fail(Code::invalid_input, "'DNSName' should be a string");
    out.dns_name = value.text();
    return {};
  }
  if (key.text() == "KeyUsages") return read_usages(value, out);
  const bool is_time = key.text() == "CurrentTime";
  if (!is_time && key.text() != "MaxConstraintComparisons") {
    return fail(Code::invalid_input, "invalid key option");
  }
  const std::string name = "'" + std::string(key.text()) + "'";
  if (!value.is_number()) return fail(Code::invalid_input, name + " should be a number");
  const auto number = to_int64(value);
  if (!number) {
    return fail(Code::invalid_input,
                name + (is_time ? " should be a valid int64 number" : " should be a valid number"));
  }
  // OpenSSL bounds the comparisons of name constraints by itself.
  if (is_time) out.at_seconds = *number / 1'000'000'000;
  return {};
}

Outcome verify_with_options(Call& call) {
  ChainOptions options{{}, call.now_ns() / 1'000'000'000, {}};
  const Term& given = call.arg(1);
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given.keys()[i].is_string()) continue;
    const auto read = read_option(given.keys()[i], given.values()[i], options);
    if (!read) return call.error(read.error().message);
  }
  return verify(call, options, Shape::plain);
}

Outcome parse_request(Call& call) {
  std::string_view text = call.arg(0).text();
  std::string bytes(text);
  if (!text.starts_with("-----BEGIN CERTIFICATE REQUEST-----")) {
    auto decoded = decode_base64(text);
    if (!decoded) return call.error(decoded.error().message);
    bytes = *std::move(decoded);
  }
  std::string_view rest = bytes;
  if (auto block = take_pem_block(rest)) {
    if (block->type != "CERTIFICATE REQUEST") {
      return call.error("invalid PEM-encoded certificate signing request");
    }
    bytes = std::move(block->bytes);
  }
  return outcome_of(call, certificate_request_term(call.arena(), bytes));
}

bool is_private_key(std::string_view type) {
  return type == "RSA PRIVATE KEY" || type == "PRIVATE KEY" || type == "EC PRIVATE KEY";
}

// All private keys in PEM, which may itself be in base64. Other blocks do not count.
Result<std::vector<Pkey>> private_keys(std::string_view text) {
  const auto decoded = decode_base64(text);
  std::string_view left = decoded ? std::string_view(*decoded) : text;
  std::vector<Pkey> out;
  while (const auto block = take_pem_block(left)) {
    if (!is_private_key(block->type)) continue;
    WRIT_TRY(Pkey key, parse_private_key(*block));
    out.push_back(std::move(key));
  }
  return out;
}

Outcome parse_private_keys(Call& call) {
  const std::string_view text = call.arg(0).text();
  if (text.empty()) return Term::null();
  const auto keys = private_keys(text);
  if (!keys) return call.error(keys.error().message);
  std::vector<Term> out;
  for (const Pkey& key : *keys) out.push_back(private_key_term(call.arena(), key));
  return make_array(call.arena(), out);
}

Outcome parse_rsa_private_key(Call& call) {
  std::string text(call.arg(0).text());
  if (text.empty()) return call.error("input PEM data was empty");
  if (!text.starts_with(kBegin)) {
    auto decoded = decode_base64(text);
    if (!decoded) return call.error(decoded.error().message);
    text = *std::move(decoded);
  }
  const auto keys = private_keys(text);
  if (!keys) return call.error(keys.error().message);
  if (keys->empty()) return Term::null();
  return outcome_of(call, jwk_term(call.arena(), keys->front()));
}

// PEM that is given as it is or in base64; DER in base64 becomes a block of `type`.
Result<std::vector<PemBlock>> blocks_of(std::string_view text, std::string_view type) {
  std::string bytes(text);
  if (!text.starts_with("-----BEGIN ")) {
    WRIT_TRY(bytes, decode_base64(text));
    if (!bytes.starts_with("-----BEGIN ")) {
      return std::vector<PemBlock>{{std::string(type), bytes}};
    }
  }
  std::vector<PemBlock> out;
  std::string_view left = bytes;
  while (auto block = take_pem_block(left)) out.push_back(*std::move(block));
  return out;
}

Result<Pkey> key_of_pair(std::string_view text) {
  WRIT_TRY(const auto blocks, blocks_of(text, "PRIVATE KEY"));
  const auto found = std::ranges::find_if(
      blocks, [](const PemBlock& block) { return block.type.ends_with("PRIVATE KEY"); });
  if (found == blocks.end()) {
    return fail(Code::invalid_input, "tls: failed to find any PEM data in key input");
  }
  auto key = parse_private_key(*found);
  if (!key) return fail(Code::invalid_input, "tls: failed to parse private key");
  return key;
}

Result<Term> keypair_term(Arena& arena, std::string_view certificate, std::string_view key_text) {
  WRIT_TRY(const auto blocks, blocks_of(certificate, "CERTIFICATE"));
  std::vector<Term> certificates;
  Pkey public_key;
  Term leaf;
  for (const PemBlock& block : blocks) {
    if (block.type != "CERTIFICATE") continue;
    certificates.push_back(make_string(arena, to_base64(block.bytes)));
    if (certificates.size() > 1) continue;
    WRIT_TRY(leaf, certificate_term(arena, block.bytes, Shape::plain));
    WRIT_TRY(public_key, certificate_key(block.bytes));
  }
  if (certificates.empty()) {
    return fail(Code::invalid_input, "tls: failed to find any PEM data in certificate input");
  }
  WRIT_TRY(const Pkey key, key_of_pair(key_text));
  if (kind_of(key) != kind_of(public_key)) {
    return fail(Code::invalid_input, "tls: private key type does not match public key type");
  }
  if (!same_public_key(key, public_key)) {
    return fail(Code::invalid_input, "tls: private key does not match public key");
  }
  ObjectBuilder out(arena);
  return out.add("Certificate", make_array(arena, certificates))
      .add("PrivateKey", private_key_term(arena, key))
      .add("SupportedSignatureAlgorithms", Term::null())
      .add("OCSPStaple", Term::null())
      .add("SignedCertificateTimestamps", Term::null())
      .add("Leaf", leaf)
      .build();
}

Outcome parse_keypair(Call& call) {
  return outcome_of(call, keypair_term(call.arena(), call.arg(0).text(), call.arg(1).text()));
}

constexpr Builtin kX509[] = {
    {"crypto.parse_private_keys", "(keys: string) => (output: array[object[string: any]])",
     &parse_private_keys},
    {"crypto.x509.parse_and_verify_certificates",
     "(certs: string) => (output: array<boolean, array[object[string: any]]>)",
     &verify_certificates},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "(certs: string, options: object[string: any]) => "
     "(output: array<boolean, array[object[string: any]]>)",
     &verify_with_options},
    {"crypto.x509.parse_certificate_request", "(csr: string) => (output: object[string: any])",
     &parse_request},
    {"crypto.x509.parse_certificates", "(certs: string) => (output: array[object[string: any]])",
     &parse_certificates},
    {"crypto.x509.parse_keypair", "(cert: string, pem: string) => (output: object[string: any])",
     &parse_keypair},
    {"crypto.x509.parse_rsa_private_key", "(pem: string) => (output: object[string: any])",
     &parse_rsa_private_key},
};

}  // namespace

std::span<const Builtin> x509_builtins() { return kX509; }

}  // namespace writ::rego
