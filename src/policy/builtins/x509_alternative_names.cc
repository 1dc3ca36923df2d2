// The list of extensions, and the names that one of them holds.
#include <set>

#include "policy/builtins/net_address.h"
#include "policy/builtins/url_parts.h"
#include "policy/builtins/x509_parts.h"

namespace writ::rego {
namespace {

std::unexpected<Error> invalid(std::string_view what) {
  return fail(Code::invalid_input, "x509: invalid " + std::string(what));
}

Term uri_term(Arena& arena, const UrlParts& url) {
  ObjectBuilder out(arena);
  return out.add("Scheme", std::string_view(url.scheme))
      .add("Opaque", std::string_view(url.opaque))
      .add("User", url.has_user ? empty_object() : Term::null())
      .add("Host", std::string_view(url.host))
      .add("Path", std::string_view(url.path))
      .add("RawPath", std::string_view(url.raw_path))
      .add("OmitHost", Term::boolean(false))
      .add("ForceQuery", Term::boolean(url.force_query))
      .add("RawQuery", std::string_view(url.query))
      .add("Fragment", std::string_view(url.fragment))
      .add("RawFragment", std::string_view(url.raw_fragment))
      .build();
}

}  // namespace

Result<std::vector<Extension>> read_extensions(DerReader sequence) {
  std::vector<Extension> out;
  std::set<std::string> seen;
  while (!sequence.empty()) {
    auto one = sequence.inside(der::sequence);
    if (!one) return malformed_x509("extension");
    const auto oid = one->next(der::object_id);
    if (!oid || !oid_numbers(oid->content)) return malformed_x509("extension OID field");
    Extension extension{oid_text(oid->content), oid->content, false, {}};
    if (one->at(der::boolean)) {
      const auto critical = one->boolean();
      if (!critical) return malformed_x509("extension critical field");
      extension.critical = *critical;
    }
    const auto value = one->next(der::octet_string);
    if (!value) return malformed_x509("extension value field");
    extension.value = value->content;
    if (!seen.insert(extension.oid).second) {
      return fail(
          Code::invalid_input,
          "x509: certificate contains duplicate extension with OID \"" + extension.oid + "\"");
    }
    out.push_back(std::move(extension));
  }
  return out;
}

Term extensions_term(Arena& arena, const std::vector<Extension>& extensions) {
  std::vector<Term> out;
  for (const Extension& extension : extensions) {
    ObjectBuilder one(arena);
    out.push_back(one.add("Id", oid_term(arena, extension.oid_der))
                      .add("Critical", Term::boolean(extension.critical))
                      .add("Value", base64_term(arena, extension.value))
                      .build());
  }
  return list_or_null(arena, out);
}

Result<AlternativeNames> read_alternative_names(Arena& arena, std::string_view value) {
  auto sequence = DerReader(value).inside(der::sequence);
  if (!sequence) return invalid("subject alternative names");
  AlternativeNames out;
  while (!sequence->empty()) {
    const auto name = sequence->next();
    if (!name) return invalid("subject alternative name");
    const Term text = make_string(arena, name->content);
    if (name->tag == der::context(1)) out.emails.push_back(text);
    if (name->tag == der::context(2)) out.dns.push_back(text);
    if (name->tag == der::context(6)) {
      WRIT_TRY(const UrlParts url, parse_url(name->content));
      out.uris.push_back(uri_term(arena, url));
      out.uri_texts.push_back(text);
    }
    if (name->tag == der::context(7)) {
      const auto address = IpAddress::from_bytes(name->content);
      if (!address) {
        return fail(Code::invalid_input, "x509: cannot parse IP address of length " +
                                             std::to_string(name->content.size()));
      }
      out.addresses.push_back(make_string(arena, address->text()));
    }
  }
  return out;
}

void add_alternative_names(Arena& arena, const AlternativeNames& names, ObjectBuilder& out) {
  out.add("DNSNames", list_or_null(arena, names.dns))
      .add("EmailAddresses", list_or_null(arena, names.emails))
      .add("IPAddresses", list_or_null(arena, names.addresses))
      .add("URIs", list_or_null(arena, names.uris));
}

}  // namespace writ::rego
