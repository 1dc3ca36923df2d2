#include <fmt/format.h>

#include "policy/builtins/pkey.h"
#include "policy/builtins/x509_parts.h"
#include "policy/builtins/x509_shape.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// The elements of a certificate, read in order and still DER.
struct Certificate {
  std::string_view whole, signed_part;
  std::int64_t version = 1;
  std::string_view serial;
  AlgorithmIdentifier algorithm;
  std::string_view issuer, subject, public_key;
  std::string not_before, not_after;
  std::vector<Extension> extensions;
  std::string signature;
};

Result<void> read_version_and_serial(DerReader& signed_part, Certificate& out) {
  auto version = signed_part.inside_optional(der::constructed(0));
  if (!version) return malformed_x509("version");
  if (!version->empty()) {
    const auto number = version->small_integer();
    if (!number || *number > 2) return malformed_x509("version");
    out.version = *number + 1;
  }
  const auto serial = signed_part.next(der::integer);
  if (!serial || serial->content.empty()) return malformed_x509("serial number");
  if (static_cast<unsigned char>(serial->content[0]) >= 0x80) {
    return fail(Code::invalid_input, "x509: negative serial number");
  }
  out.serial = serial->content;
  return {};
}

Result<void> read_algorithms(DerReader& signed_part, DerReader& outside, Certificate& out) {
  const auto inner = signed_part.next(der::sequence);
  if (!inner) return malformed_x509("signature algorithm identifier");
  const auto outer = outside.next(der::sequence);
  if (!outer) return malformed_x509("algorithm identifier");
  if (inner->content != outer->content) {
    return fail(Code::invalid_input,
                "x509: inner and outer signature algorithm identifiers don't match");
  }
  WRIT_TRY(out.algorithm, read_algorithm(DerReader(inner->content)));
  return {};
}

Result<std::string> read_time(DerReader& validity) {
  const auto element = validity.next();
  auto text = element ? time_text(*element) : std::nullopt;
  if (text) return *std::move(text);
  if (element && element->tag == der::utc_time) return malformed_x509("UTCTime");
  if (element && element->tag == der::generalized_time) return malformed_x509("GeneralizedTime");
  return fail(Code::invalid_input, "x509: unsupported time format");
}

Result<void> read_parties(DerReader& signed_part, Certificate& out) {
  const auto issuer = signed_part.next(der::sequence);
  if (!issuer) return malformed_x509("issuer");
  out.issuer = issuer->whole;
  auto validity = signed_part.inside(der::sequence);
  if (!validity) return malformed_x509("validity");
  WRIT_TRY(out.not_before, read_time(*validity));
  WRIT_TRY(out.not_after, read_time(*validity));
  const auto subject = signed_part.next(der::sequence);
  if (!subject) return malformed_x509("issuer");
  out.subject = subject->whole;
  const auto key = signed_part.next(der::sequence);
  if (!key) return malformed_x509("spki");
  out.public_key = key->whole;
  return {};
}

Result<void> read_tail(DerReader& signed_part, Certificate& out) {
  if (out.version < 2) return {};
  for (const std::uint8_t unique_id : {der::context(1), der::context(2)}) {
    if (signed_part.at(unique_id) && !signed_part.next()) return malformed_x509("unique ID");
  }
  auto tagged = signed_part.inside_optional(der::constructed(3));
  if (!tagged) return malformed_x509("extensions");
  if (out.version < 3 || tagged->empty()) return {};
  const auto sequence = tagged->inside(der::sequence);
  if (!sequence) return malformed_x509("extensions");
  WRIT_TRY(out.extensions, read_extensions(*sequence));
  return {};
}

Result<Certificate> read_certificate(std::string_view der_bytes) {
  DerReader bytes(der_bytes);
  const auto whole = bytes.next(der::sequence);
  if (!whole) return malformed_x509("certificate");
  DerReader outside(whole->content);
  const auto signed_part = outside.next(der::sequence);
  if (!signed_part) return malformed_x509("tbs certificate");
  Certificate out;
  out.whole = whole->whole;
  out.signed_part = signed_part->whole;
  DerReader reader(signed_part->content);
  WRIT_CHECK(read_version_and_serial(reader, out));
  WRIT_CHECK(read_algorithms(reader, outside, out));
  WRIT_CHECK(read_parties(reader, out));
  WRIT_CHECK(read_tail(reader, out));
  const auto bits = outside.next(der::bit_string);
  auto signature = bits ? bit_string_bytes(bits->content) : std::nullopt;
  if (!signature) return malformed_x509("signature");
  out.signature = *std::move(signature);
  return out;
}

}  // namespace

Result<std::vector<std::string_view>> split_certificates(std::string_view bytes) {
  std::vector<std::string_view> out;
  DerReader reader(bytes);
  while (!reader.empty()) {
    const auto one = reader.next(der::sequence);
    if (!one) return malformed_x509("certificate");
    out.push_back(one->whole);
  }
  return out;
}

Result<Term> certificate_term(Arena& arena, std::string_view bytes, Shape shape) {
  WRIT_TRY(const Certificate certificate, read_certificate(bytes));
  WRIT_TRY(const Term issuer, name_term(arena, certificate.issuer));
  WRIT_TRY(const Term subject, name_term(arena, certificate.subject));
  WRIT_TRY(const PublicKeyInfo key, read_public_key(arena, certificate.public_key));
  ObjectBuilder out(arena);
  out.add("Raw", base64_term(arena, certificate.whole))
      .add("RawTBSCertificate", base64_term(arena, certificate.signed_part))
      .add("RawSubjectPublicKeyInfo", base64_term(arena, certificate.public_key))
      .add("RawSubject", base64_term(arena, certificate.subject))
      .add("RawIssuer", base64_term(arena, certificate.issuer))
      .add("Signature", base64_term(arena, certificate.signature))
      .add("SignatureAlgorithm", Term::integer(signature_algorithm_number(certificate.algorithm)))
      .add("PublicKeyAlgorithm", Term::integer(key.algorithm))
      .add("PublicKey", key.key)
      .add("Version", Term::integer(certificate.version))
      .add("SerialNumber", make_number(arena, std::string_view(integer_text(certificate.serial))))
      .add("Issuer", issuer)
      .add("Subject", subject)
      .add("NotBefore", std::string_view(certificate.not_before))
      .add("NotAfter", std::string_view(certificate.not_after));
  WRIT_CHECK(add_extensions(arena, certificate.extensions, shape == Shape::uris, out));
  return out.build();
}

Result<std::vector<int>> extended_key_usages(std::string_view bytes) {
  WRIT_TRY(const Certificate certificate, read_certificate(bytes));
  std::vector<int> out;
  for (const Extension& extension : certificate.extensions) {
    if (extension.oid != "2.5.29.37") continue;
    auto sequence = DerReader(extension.value).inside(der::sequence);
    while (sequence && !sequence->empty()) {
      const auto oid = sequence->next(der::object_id);
      if (!oid) return fail(Code::invalid_input, "x509: invalid extended key usages");
      out.push_back(extended_key_usage_number(oid_text(oid->content)));
    }
  }
  return out;
}

}  // namespace writ::rego
