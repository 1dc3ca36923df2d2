#pragma once
// What certificates and certificate requests have in common. Private to x509_*.cc.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/builtins/der.h"
#include "policy/builtins/object_builder.h"
#include "policy/term/term.h"

namespace writ::rego {

std::unexpected<Error> malformed_x509(std::string_view what);

// Bytes as Go's JSON has them; a list that is null when it is empty.
Term base64_term(Arena& arena, std::string_view bytes);
Term list_or_null(Arena& arena, const std::vector<Term>& items);
// The numbers of an object identifier; undefined when it is malformed.
Term oid_term(Arena& arena, std::string_view oid);

// pkix.Name out of an RDNSequence (the whole element).
Result<Term> name_term(Arena& arena, std::string_view rdn_sequence);
// An attribute's value: text, number, boolean, bytes, … Undefined when it is malformed.
Term any_value_term(Arena& arena, const DerElement& element);

// Go's numbers for algorithms; 0: unknown.
struct AlgorithmIdentifier {
  std::string oid;              // "1.2.840.113549.1.1.11"
  std::string_view parameters;  // the whole element; may be empty
};
Result<AlgorithmIdentifier> read_algorithm(DerReader reader);
int signature_algorithm_number(const AlgorithmIdentifier& algorithm);
int key_algorithm_number(std::string_view oid);

struct PublicKeyInfo {
  int algorithm = 0;
  Term key;
};
// Errors: invalid_input. `spki`: the whole element.
Result<PublicKeyInfo> read_public_key(Arena& arena, std::string_view spki);

struct Extension {
  std::string oid;  // "2.5.29.17"
  std::string_view oid_der;
  bool critical = false;
  std::string_view value;
};
Result<std::vector<Extension>> read_extensions(DerReader sequence);
Term extensions_term(Arena& arena, const std::vector<Extension>& extensions);

struct AlternativeNames {
  std::vector<Term> dns, emails, addresses, uris, uri_texts;
  bool empty() const { return dns.empty() && emails.empty() && addresses.empty() && uris.empty(); }
};
Result<AlternativeNames> read_alternative_names(Arena& arena, std::string_view value);
void add_alternative_names(Arena& arena, const AlternativeNames& names, ObjectBuilder& out);

// The number that Go has for an extended key usage, -1 for none.
int extended_key_usage_number(std::string_view oid);

// Everything in a certificate that its extensions say.
Result<void> add_extensions(Arena& arena, const std::vector<Extension>& extensions, bool with_uris,
                            ObjectBuilder& out);

}  // namespace writ::rego
