#include <algorithm>

#include "policy/builtins/net_address.h"
#include "policy/builtins/x509_parts.h"

namespace writ::rego {
namespace {

std::unexpected<Error> invalid(std::string_view what) {
  return fail(Code::invalid_input, "x509: invalid " + std::string(what));
}

// What the extensions of a certificate say; everything is there, said or not.
struct Details {
  std::int64_t key_usage = 0;
  bool has_basic_constraints = false, is_ca = false;
  std::int64_t max_path_length = 0;
  Term subject_key_id = Term::null(), authority_key_id = Term::null();
  AlternativeNames names;
  std::vector<Term> usages, unknown_usages, ocsp_servers, issuing_urls, crl_points;
  bool has_policies = false;
  std::vector<Term> policies, policy_oids, policy_mappings, unhandled;
  bool names_critical = false;
  // Name constraints by kind (dns, addresses, emails, uris), permitted and excluded.
  std::vector<Term> permitted[4], excluded[4];
  std::int64_t explicit_policy = 0, no_mapping = 0, no_any_policy = 0;
  bool explicit_policy_zero = false, no_mapping_zero = false, no_any_policy_zero = false;
};

// One extension: Handled::no means that Go does not know all of it.
enum class Handled : std::uint8_t { yes, no };
using Reader = Result<Handled> (*)(Arena& arena, const Extension& extension, Details& out);

Result<Handled> read_key_usage(Arena&, const Extension& extension, Details& out) {
  const auto bits = DerReader(extension.value).next(der::bit_string);
  if (!bits || bits->content.size() < 2) return invalid("key usage");
  // Bit 0 is the highest one of the first byte.
  for (unsigned i = 0; i < 9 && 1 + i / 8 < bits->content.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bits->content[1 + i / 8]);
    if ((byte >> (7 - i % 8) & 1) != 0) out.key_usage |= std::int64_t{1} << i;
  }
  return Handled::yes;
}

Result<Handled> read_basic_constraints(Arena&, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("basic constraints");
  out.has_basic_constraints = true;
  out.max_path_length = -1;
  if (sequence->at(der::boolean)) {
    const auto is_ca = sequence->boolean();
    if (!is_ca) return invalid("basic constraints");
    out.is_ca = *is_ca;
  }
  if (sequence->at(der::integer)) {
    const auto length = sequence->small_integer();
    if (!length) return invalid("basic constraints");
    out.max_path_length = *length;
  }
  return Handled::yes;
}

Result<Handled> read_names(Arena& arena, const Extension& extension, Details& out) {
  WRIT_TRY(out.names, read_alternative_names(arena, extension.value));
  return out.names.empty() ? Handled::no : Handled::yes;
}

Term constrained_range(Arena& arena, const IpAddress& address, std::string_view mask) {
  ObjectBuilder out(arena);
  return out.add("IP", std::string_view(address.text()))
      .add("Mask", base64_term(arena, mask))
      .build();
}

Result<Handled> read_subtrees(Arena& arena, DerReader subtrees, std::vector<Term> (&out)[4]) {
  Handled handled = Handled::yes;
  while (!subtrees.empty()) {
    auto subtree = subtrees.inside(der::sequence);
    const auto base = subtree ? subtree->next() : std::nullopt;
    if (!base) return invalid("NameConstraints extension");
    const std::size_t half = base->content.size() / 2;
    const auto address = IpAddress::from_bytes(base->content.substr(0, half));
    if (base->tag == der::context(2)) {
      out[0].push_back(make_string(arena, base->content));
    } else if (base->tag == der::context(7) && address) {
      out[1].push_back(constrained_range(arena, *address, base->content.substr(half)));
    } else if (base->tag == der::context(1)) {
      out[2].push_back(make_string(arena, base->content));
    } else if (base->tag == der::context(6)) {
      out[3].push_back(make_string(arena, base->content));
    } else {
      handled = Handled::no;
    }
  }
  return handled;
}

Result<Handled> read_name_constraints(Arena& arena, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  auto permitted = sequence ? sequence->inside_optional(der::constructed(0)) : std::nullopt;
  auto excluded = permitted ? sequence->inside_optional(der::constructed(1)) : std::nullopt;
  if (!excluded || !sequence->empty()) return invalid("NameConstraints extension");
  out.names_critical = extension.critical;
  WRIT_TRY(const Handled first, read_subtrees(arena, *permitted, out.permitted));
  WRIT_TRY(const Handled second, read_subtrees(arena, *excluded, out.excluded));
  return first == Handled::yes ? second : first;
}

Result<Handled> read_crl_points(Arena& arena, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("CRL distribution points");
  while (!sequence->empty()) {
    auto point = sequence->inside(der::sequence);
    auto name = point ? point->inside_optional(der::constructed(0)) : std::nullopt;
    if (!name) return invalid("CRL distribution point");
    if (name->empty()) continue;
    auto full = name->inside(der::constructed(0));
    if (!full) return invalid("CRL distribution point");
    while (full->at(der::context(6))) {
      const auto uri = full->next();
      if (!uri) return invalid("CRL distribution point");
      out.crl_points.push_back(make_string(arena, uri->content));
    }
  }
  return Handled::yes;
}

Result<Handled> read_policies(Arena& arena, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("certificate policies");
  out.has_policies = true;
  while (!sequence->empty()) {
    auto policy = sequence->inside(der::sequence);
    const auto oid = policy ? policy->next(der::object_id) : std::nullopt;
    if (!oid) return invalid("certificate policies");
    const Term numbers = oid_term(arena, oid->content);
    if (!numbers.is_defined()) return invalid("certificate policies");
    out.policy_oids.push_back(numbers);
    out.policies.push_back(make_string(arena, oid_text(oid->content)));
  }
  return Handled::yes;
}

Result<Handled> read_policy_mappings(Arena& arena, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("policy mappings extension");
  while (!sequence->empty()) {
    auto mapping = sequence->inside(der::sequence);
    const auto issuer = mapping ? mapping->next(der::object_id) : std::nullopt;
    const auto subject = issuer ? mapping->next(der::object_id) : std::nullopt;
    if (!subject) return invalid("policy mappings extension");
    ObjectBuilder pair(arena);
    out.policy_mappings.push_back(
        pair.add("IssuerDomainPolicy", std::string_view(oid_text(issuer->content)))
            .add("SubjectDomainPolicy", std::string_view(oid_text(subject->content)))
            .build());
  }
  return Handled::yes;
}

Result<Handled> read_authority_key(Arena& arena, const Extension& extension, Details& out) {
  if (extension.critical) {
    return fail(Code::invalid_input, "x509: authority key identifier incorrectly marked critical");
  }
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("authority key identifier");
  if (!sequence->at(der::context(0))) return Handled::yes;
  const auto id = sequence->next();
  if (!id) return invalid("authority key identifier");
  out.authority_key_id = base64_term(arena, id->content);
  return Handled::yes;
}

Result<Handled> read_subject_key(Arena& arena, const Extension& extension, Details& out) {
  if (extension.critical) {
    return fail(Code::invalid_input, "x509: subject key identifier incorrectly marked critical");
  }
  const auto id = DerReader(extension.value).next(der::octet_string);
  if (!id) return invalid("subject key identifier");
  out.subject_key_id = base64_term(arena, id->content);
  return Handled::yes;
}

// A small number under a context tag.
Result<void> read_tagged(DerReader& reader, std::uint8_t tag, std::int64_t& out, bool& is_zero) {
  if (!reader.at(tag)) return {};
  const auto element = reader.next();
  if (!element || element->content.empty() || element->content.size() > 4) {
    return invalid("policy constraints extension");
  }
  for (const char c : element->content) out = out << 8 | static_cast<unsigned char>(c);
  is_zero = out == 0;
  return {};
}

Result<Handled> read_policy_constraints(Arena&, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("policy constraints extension");
  WRIT_CHECK(
      read_tagged(*sequence, der::context(0), out.explicit_policy, out.explicit_policy_zero));
  WRIT_CHECK(read_tagged(*sequence, der::context(1), out.no_mapping, out.no_mapping_zero));
  return Handled::yes;
}

Result<Handled> read_no_any_policy(Arena&, const Extension& extension, Details& out) {
  const auto skip = DerReader(extension.value).small_integer();
  if (!skip) return invalid("inhibit any policy extension");
  out.no_any_policy = *skip;
  out.no_any_policy_zero = *skip == 0;
  return Handled::yes;
}

Result<Handled> read_usages(Arena& arena, const Extension& extension, Details& out) {
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("extended key usages");
  while (!sequence->empty()) {
    const auto oid = sequence->next(der::object_id);
    if (!oid) return invalid("extended key usages");
    const Term numbers = oid_term(arena, oid->content);
    if (!numbers.is_defined()) return invalid("extended key usages");
    const int usage = extended_key_usage_number(oid_text(oid->content));
    if (usage >= 0) {
      out.usages.push_back(Term::integer(usage));
    } else {
      out.unknown_usages.push_back(numbers);
    }
  }
  return Handled::yes;
}

Result<Handled> read_authority_access(Arena& arena, const Extension& extension, Details& out) {
  if (extension.critical) {
    return fail(Code::invalid_input, "x509: authority info access incorrectly marked critical");
  }
  auto sequence = DerReader(extension.value).inside(der::sequence);
  if (!sequence) return invalid("authority info access");
  while (!sequence->empty()) {
    auto access = sequence->inside(der::sequence);
    const auto method = access ? access->next(der::object_id) : std::nullopt;
    if (!method) return invalid("authority info access");
    if (!access->at(der::context(6))) continue;
    const auto uri = access->next();
    if (!uri) return invalid("authority info access");
    const std::string oid = oid_text(method->content);
    const Term text = make_string(arena, uri->content);
    if (oid == "1.3.6.1.5.5.7.48.1") out.ocsp_servers.push_back(text);
    if (oid == "1.3.6.1.5.5.7.48.2") out.issuing_urls.push_back(text);
  }
  return Handled::yes;
}

struct Known {
  std::string_view oid;
  Reader read;
};
constexpr Known kKnown[] = {
    {"1.3.6.1.5.5.7.1.1", &read_authority_access},
    {"2.5.29.14", &read_subject_key},
    {"2.5.29.15", &read_key_usage},
    {"2.5.29.17", &read_names},
    {"2.5.29.19", &read_basic_constraints},
    {"2.5.29.30", &read_name_constraints},
    {"2.5.29.31", &read_crl_points},
    {"2.5.29.32", &read_policies},
    {"2.5.29.33", &read_policy_mappings},
    {"2.5.29.35", &read_authority_key},
    {"2.5.29.36", &read_policy_constraints},
    {"2.5.29.37", &read_usages},
    {"2.5.29.54", &read_no_any_policy},
};

Result<void> read_one(Arena& arena, const Extension& extension, Details& out) {
  const auto* const known = std::ranges::find(kKnown, extension.oid, &Known::oid);
  Handled handled = Handled::no;
  if (known != std::end(kKnown)) {
    WRIT_TRY(handled, known->read(arena, extension, out));
  }
  if (handled == Handled::no && extension.critical) {
    out.unhandled.push_back(oid_term(arena, extension.oid_der));
  }
  return {};
}

void add_constraints(Arena& arena, const Details& details, ObjectBuilder& out) {
  static constexpr std::string_view kPermitted[] = {
      "PermittedDNSDomains", "PermittedIPRanges", "PermittedEmailAddresses", "PermittedURIDomains"};
  static constexpr std::string_view kExcluded[] = {"ExcludedDNSDomains", "ExcludedIPRanges",
                                                   "ExcludedEmailAddresses", "ExcludedURIDomains"};
  for (std::size_t i = 0; i < 4; ++i) {
    out.add(kPermitted[i], list_or_null(arena, details.permitted[i]));
    out.add(kExcluded[i], list_or_null(arena, details.excluded[i]));
  }
  out.add("PermittedDNSDomainsCritical", Term::boolean(details.names_critical));
}

void add_policies(Arena& arena, const Details& details, ObjectBuilder& out) {
  out.add("Policies", list_or_null(arena, details.policies))
      .add("PolicyIdentifiers",
           details.has_policies ? make_array(arena, details.policy_oids) : Term::null())
      .add("PolicyMappings", list_or_null(arena, details.policy_mappings))
      .add("InhibitAnyPolicy", Term::integer(details.no_any_policy))
      .add("InhibitAnyPolicyZero", Term::boolean(details.no_any_policy_zero))
      .add("InhibitPolicyMapping", Term::integer(details.no_mapping))
      .add("InhibitPolicyMappingZero", Term::boolean(details.no_mapping_zero))
      .add("RequireExplicitPolicy", Term::integer(details.explicit_policy))
      .add("RequireExplicitPolicyZero", Term::boolean(details.explicit_policy_zero));
}

}  // namespace

Result<void> add_extensions(Arena& arena, const std::vector<Extension>& extensions, bool with_uris,
                            ObjectBuilder& out) {
  Details details;
  for (const Extension& extension : extensions) {
    WRIT_CHECK(read_one(arena, extension, details));
  }
  out.add("Extensions", extensions_term(arena, extensions))
      .add("ExtraExtensions", Term::null())
      .add("UnhandledCriticalExtensions", list_or_null(arena, details.unhandled))
      .add("KeyUsage", Term::integer(details.key_usage))
      .add("ExtKeyUsage", list_or_null(arena, details.usages))
      .add("UnknownExtKeyUsage", list_or_null(arena, details.unknown_usages))
      .add("BasicConstraintsValid", Term::boolean(details.has_basic_constraints))
      .add("IsCA", Term::boolean(details.is_ca))
      .add("MaxPathLen", Term::integer(details.max_path_length))
      .add("MaxPathLenZero",
           Term::boolean(details.has_basic_constraints && details.max_path_length == 0))
      .add("SubjectKeyId", details.subject_key_id)
      .add("AuthorityKeyId", details.authority_key_id)
      .add("OCSPServer", list_or_null(arena, details.ocsp_servers))
      .add("IssuingCertificateURL", list_or_null(arena, details.issuing_urls))
      .add("CRLDistributionPoints", list_or_null(arena, details.crl_points));
  add_alternative_names(arena, details.names, out);
  if (with_uris) out.add("URIStrings", list_or_null(arena, details.names.uri_texts));
  add_constraints(arena, details, out);
  add_policies(arena, details, out);
  return {};
}

}  // namespace writ::rego
