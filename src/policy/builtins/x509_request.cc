#include <fmt/format.h>

#include "policy/builtins/x509_parts.h"
#include "policy/builtins/x509_shape.h"

namespace writ::rego {
namespace {

constexpr std::string_view kExtensionRequest = "1.2.840.113549.1.9.14";

// What Go's encoding/asn1 says of bytes that do not begin with a sequence.
std::unexpected<Error> no_sequence(std::string_view bytes) {
  if (bytes.size() < 2)
    return fail(Code::invalid_input, "asn1: syntax error: truncated tag or length");
  const auto tag = static_cast<unsigned char>(bytes[0]);
  if (tag == der::sequence) return fail(Code::invalid_input, "asn1: syntax error: data truncated");
  return fail(Code::invalid_input,
              fmt::format("asn1: structure error: tags don't match (16 vs {{class:{} tag:{} "
                          "length:{} isCompound:{}}})",
                          tag >> 6, tag & 0x1f, static_cast<unsigned char>(bytes[1]) & 0x7f,
                          (tag & 0x20) != 0));
}

std::unexpected<Error> bad_structure(std::string_view what) {
  return fail(Code::invalid_input, "asn1: structure error: " + std::string(what));
}

// pkix.AttributeTypeAndValueSET: a type, and a set of sequences of type and value. Undefined for
// an attribute that is no such thing (a challenge password).
Term attribute_term(Arena& arena, const DerElement& type, DerReader set) {
  std::vector<Term> rows;
  while (!set.empty()) {
    auto sequence = set.inside(der::sequence);
    if (!sequence) return {};
    std::vector<Term> pairs;
    while (!sequence->empty()) {
      auto pair = sequence->inside(der::sequence);
      const auto oid = pair ? pair->next(der::object_id) : std::nullopt;
      const auto value = oid ? pair->next() : std::nullopt;
      const Term numbers = value ? oid_term(arena, oid->content) : Term();
      const Term content = value ? any_value_term(arena, *value) : Term();
      if (!numbers.is_defined() || !content.is_defined()) return {};
      ObjectBuilder out(arena);
      pairs.push_back(out.add("Type", numbers).add("Value", content).build());
    }
    rows.push_back(make_array(arena, pairs));
  }
  ObjectBuilder out(arena);
  return out.add("Type", oid_term(arena, type.content))
      .add("Value", make_array(arena, rows))
      .build();
}

struct Attributes {
  std::vector<Term> terms;
  std::vector<Extension> extensions;
};

Result<Attributes> read_attributes(Arena& arena, DerReader list) {
  Attributes out;
  while (!list.empty()) {
    auto one = list.inside(der::sequence);
    const auto type = one ? one->next(der::object_id) : std::nullopt;
    const auto values = type ? one->inside(der::set) : std::nullopt;
    if (!values) return bad_structure("malformed attribute");
    const Term term = attribute_term(arena, *type, *values);
    if (term.is_defined()) out.terms.push_back(term);
    if (oid_text(type->content) != kExtensionRequest) continue;
    DerReader inside = *values;
    const auto sequence = inside.inside(der::sequence);
    if (!sequence) return bad_structure("malformed extension request");
    WRIT_TRY(out.extensions, read_extensions(*sequence));
  }
  return out;
}

// CertificationRequest (RFC 2986), still DER.
struct Request {
  std::string_view whole, signed_part, subject, public_key;
  std::int64_t version = 0;
  DerReader attributes;
  AlgorithmIdentifier algorithm;
  std::string signature;
};

Result<Request> read_request(std::string_view bytes) {
  DerReader reader(bytes);
  const auto whole = reader.next(der::sequence);
  if (!whole) return no_sequence(bytes);
  if (!reader.empty()) return fail(Code::invalid_input, "asn1: syntax error: trailing data");
  DerReader outside(whole->content);
  const auto signed_part = outside.next(der::sequence);
  if (!signed_part) return bad_structure("malformed request info");
  DerReader inside(signed_part->content);
  const auto version = inside.small_integer();
  const auto subject = version ? inside.next(der::sequence) : std::nullopt;
  const auto key = subject ? inside.next(der::sequence) : std::nullopt;
  const auto attributes = key ? inside.inside_optional(der::constructed(0)) : std::nullopt;
  if (!attributes) return bad_structure("malformed request info");
  const auto algorithm = outside.inside(der::sequence);
  const auto bits = algorithm ? outside.next(der::bit_string) : std::nullopt;
  auto signature = bits ? bit_string_bytes(bits->content) : std::nullopt;
  if (!signature) return bad_structure("malformed signature");
  Request out{whole->whole, signed_part->whole,   subject->whole, key->whole, *version, *attributes,
              {},           *std::move(signature)};
  WRIT_TRY(out.algorithm, read_algorithm(*algorithm));
  return out;
}

}  // namespace

Result<Term> certificate_request_term(Arena& arena, std::string_view bytes) {
  WRIT_TRY(const Request request, read_request(bytes));
  WRIT_TRY(const Term subject, name_term(arena, request.subject));
  WRIT_TRY(const PublicKeyInfo key, read_public_key(arena, request.public_key));
  WRIT_TRY(const Attributes attributes, read_attributes(arena, request.attributes));
  AlternativeNames names;
  for (const Extension& extension : attributes.extensions) {
    if (extension.oid != "2.5.29.17") continue;
    WRIT_TRY(names, read_alternative_names(arena, extension.value));
  }
  ObjectBuilder out(arena);
  out.add("Raw", base64_term(arena, request.whole))
      .add("RawTBSCertificateRequest", base64_term(arena, request.signed_part))
      .add("RawSubjectPublicKeyInfo", base64_term(arena, request.public_key))
      .add("RawSubject", base64_term(arena, request.subject))
      .add("Version", Term::integer(request.version))
      .add("Signature", base64_term(arena, request.signature))
      .add("SignatureAlgorithm", Term::integer(signature_algorithm_number(request.algorithm)))
      .add("PublicKeyAlgorithm", Term::integer(key.algorithm))
      .add("PublicKey", key.key)
      .add("Subject", subject)
      .add("Attributes", list_or_null(arena, attributes.terms))
      .add("Extensions", extensions_term(arena, attributes.extensions))
      .add("ExtraExtensions", Term::null());
  add_alternative_names(arena, names, out);
  return out.build();
}

}  // namespace writ::rego
