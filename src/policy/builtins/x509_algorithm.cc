#include "base/encoding.h"
#include "policy/builtins/pkey.h"
#include "policy/builtins/x509_parts.h"

namespace writ::rego {
namespace {

struct Numbered {
  std::string_view oid;
  int number;
};

// Go's x509.SignatureAlgorithm.
constexpr Numbered kSignatures[] = {
    {"1.2.840.113549.1.1.2", 1},    // MD2-RSA
    {"1.2.840.113549.1.1.4", 2},    // MD5-RSA
    {"1.2.840.113549.1.1.5", 3},    // SHA1-RSA
    {"1.3.14.3.2.29", 3},           // the same by ISO
    {"1.2.840.113549.1.1.11", 4},   // SHA256-RSA
    {"1.2.840.113549.1.1.12", 5},   // SHA384-RSA
    {"1.2.840.113549.1.1.13", 6},   // SHA512-RSA
    {"1.2.840.10040.4.3", 7},       // DSA-SHA1
    {"2.16.840.1.101.3.4.3.2", 8},  // DSA-SHA256
    {"1.2.840.10045.4.1", 9},       // ECDSA-SHA1
    {"1.2.840.10045.4.3.2", 10},    // ECDSA-SHA256
    {"1.2.840.10045.4.3.3", 11},    // ECDSA-SHA384
    {"1.2.840.10045.4.3.4", 12},    // ECDSA-SHA512
    {"1.3.101.112", 16},            // Ed25519
};
constexpr std::string_view kRsaPss = "1.2.840.113549.1.1.10";
constexpr Numbered kPssHashes[] = {
    {"2.16.840.1.101.3.4.2.1", 13}, {"2.16.840.1.101.3.4.2.2", 14}, {"2.16.840.1.101.3.4.2.3", 15}};

// Go's x509.PublicKeyAlgorithm.
constexpr Numbered kKeys[] = {{"1.2.840.113549.1.1.1", 1},
                              {"1.2.840.10040.4.1", 2},
                              {"1.2.840.10045.2.1", 3},
                              {"1.3.101.112", 4}};

// Go's x509.ExtKeyUsage.
constexpr Numbered kUsages[] = {
    {"2.5.29.37.0", 0},
    {"1.3.6.1.5.5.7.3.1", 1},
    {"1.3.6.1.5.5.7.3.2", 2},
    {"1.3.6.1.5.5.7.3.3", 3},
    {"1.3.6.1.5.5.7.3.4", 4},
    {"1.3.6.1.5.5.7.3.5", 5},
    {"1.3.6.1.5.5.7.3.6", 6},
    {"1.3.6.1.5.5.7.3.7", 7},
    {"1.3.6.1.5.5.7.3.8", 8},
    {"1.3.6.1.5.5.7.3.9", 9},
    {"1.3.6.1.4.1.311.10.3.3", 10},
    {"2.16.840.1.113730.4.1", 11},
    {"1.3.6.1.4.1.311.2.1.22", 12},
    {"1.3.6.1.4.1.311.61.1.1", 13},
};

template <std::size_t N>
int number_of(const Numbered (&table)[N], std::string_view oid, int otherwise) {
  for (const Numbered& row : table) {
    if (row.oid == oid) return row.number;
  }
  return otherwise;
}

// The hash in the parameters of RSA-PSS: RSASSA-PSS-params, [0] hashAlgorithm.
int pss_number(std::string_view parameters) {
  auto sequence = DerReader(parameters).inside(der::sequence);
  auto tagged = sequence ? sequence->inside(der::constructed(0)) : std::nullopt;
  auto hash = tagged ? tagged->inside(der::sequence) : std::nullopt;
  const auto oid = hash ? hash->next(der::object_id) : std::nullopt;
  return oid ? number_of(kPssHashes, oid_text(oid->content), 0) : 0;
}

}  // namespace

std::unexpected<Error> malformed_x509(std::string_view what) {
  return fail(Code::invalid_input, "x509: malformed " + std::string(what));
}

Term base64_term(Arena& arena, std::string_view bytes) {
  return make_string(arena, to_base64(bytes));
}

Term list_or_null(Arena& arena, const std::vector<Term>& items) {
  return items.empty() ? Term::null() : make_array(arena, items);
}

Term oid_term(Arena& arena, std::string_view oid) {
  const auto numbers = oid_numbers(oid);
  if (!numbers) return {};
  std::vector<Term> out;
  for (const std::uint64_t number : *numbers) {
    out.push_back(Term::integer(static_cast<std::int64_t>(number)));
  }
  return make_array(arena, out);
}

Result<AlgorithmIdentifier> read_algorithm(DerReader reader) {
  const auto oid = reader.next(der::object_id);
  if (!oid || !oid_numbers(oid->content)) return malformed_x509("OID");
  AlgorithmIdentifier out{oid_text(oid->content), {}};
  if (reader.empty()) return out;
  const auto parameters = reader.next();
  if (!parameters) return malformed_x509("parameters");
  out.parameters = parameters->whole;
  return out;
}

int signature_algorithm_number(const AlgorithmIdentifier& algorithm) {
  if (algorithm.oid == kRsaPss) return pss_number(algorithm.parameters);
  return number_of(kSignatures, algorithm.oid, 0);
}

int key_algorithm_number(std::string_view oid) { return number_of(kKeys, oid, 0); }

int extended_key_usage_number(std::string_view oid) { return number_of(kUsages, oid, -1); }

Result<PublicKeyInfo> read_public_key(Arena& arena, std::string_view spki) {
  auto sequence = DerReader(spki).inside(der::sequence);
  if (!sequence) return malformed_x509("spki");
  const auto identifier = sequence->inside(der::sequence);
  if (!identifier) return malformed_x509("public key algorithm identifier");
  WRIT_TRY(const AlgorithmIdentifier algorithm, read_algorithm(*identifier));
  const auto bits = sequence->next(der::bit_string);
  if (!bits || !bit_string_bytes(bits->content)) return malformed_x509("subjectPublicKey");
  PublicKeyInfo out{key_algorithm_number(algorithm.oid), Term::null()};
  if (out.algorithm == 0) return out;
  WRIT_TRY(const Pkey key, parse_public_key(spki));
  out.key = public_key_term(arena, key);
  return out;
}

}  // namespace writ::rego
