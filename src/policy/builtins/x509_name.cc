#include <array>

#include "base/encoding.h"
#include "policy/builtins/x509_parts.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// Attributes that pkix.Name has a field for: lists, but for the first two.
struct NameField {
  std::string_view oid;
  std::string_view name;
  bool is_list = true;
};
constexpr std::array<NameField, 9> kFields = {{
    {"2.5.4.3", "CommonName", false},
    {"2.5.4.5", "SerialNumber", false},
    {"2.5.4.6", "Country"},
    {"2.5.4.7", "Locality"},
    {"2.5.4.8", "Province"},
    {"2.5.4.9", "StreetAddress"},
    {"2.5.4.10", "Organization"},
    {"2.5.4.11", "OrganizationalUnit"},
    {"2.5.4.17", "PostalCode"},
}};

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

std::optional<std::string> wide_text(std::string_view bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  if (bytes.ends_with(std::string_view("\0\0", 2))) bytes.remove_suffix(2);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t point = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]))
                                    << 8 |
                                static_cast<unsigned char>(bytes[i + 1]);
    if (point >= 0xd800 && point <= 0xdfff) return std::nullopt;
    append_utf8(out, point);
  }
  return out;
}

// The text of a string element; nothing if it is no string, or not well-formed.
std::optional<std::string> string_of(const DerElement& element) {
  const std::string_view bytes = element.content;
  switch (element.tag) {
    case der::utf8_string:
      if (!is_utf8(bytes)) return std::nullopt;
      return std::string(bytes);
    case der::printable_string:
    case der::numeric_string:
    case der::ia5_string:
      for (const char c : bytes) {
        if (static_cast<unsigned char>(c) >= 0x80) return std::nullopt;
      }
      return std::string(bytes);
    case der::t61_string: {
      std::string out;
      for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
      return out;
    }
    case der::bmp_string:
      return wide_text(bytes);
    default:
      return std::nullopt;
  }
}

Term raw_value(Arena& arena, const DerElement& element) {
  ObjectBuilder out(arena);
  out.add("Class", Term::integer(element.tag >> 6))
      .add("Tag", Term::integer(element.tag & 0x1f))
      .add("IsCompound", Term::boolean((element.tag & 0x20) != 0))
      .add("Bytes", base64_term(arena, element.content))
      .add("FullBytes", base64_term(arena, element.whole));
  return out.build();
}

// The fields of a name while they are read.
struct NameBuilder {
  explicit NameBuilder(Arena& memory) : arena(memory) {}

  void add(std::string_view oid, const Term& type, const Term& value) {
    ObjectBuilder pair(arena);
    names.push_back(pair.add("Type", type).add("Value", value).build());
    if (!value.is_string()) return;
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (kFields[i].oid != oid) continue;
      if (!kFields[i].is_list) fields[i].clear();
      fields[i].push_back(value);
    }
  }
  Term build() {
    ObjectBuilder out(arena);
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (kFields[i].is_list) {
        out.add(kFields[i].name, list_or_null(arena, fields[i]));
      } else {
        out.add(kFields[i].name, fields[i].empty() ? borrow_string("") : fields[i][0]);
      }
    }
    return out.add("Names", list_or_null(arena, names)).add("ExtraNames", Term::null()).build();
  }

  Arena& arena;
  std::array<std::vector<Term>, kFields.size()> fields;
  std::vector<Term> names;
};

}  // namespace

Term any_value_term(Arena& arena, const DerElement& element) {
  switch (element.tag) {
    case der::boolean: {
      const auto value = DerReader(element.whole).boolean();
      return value ? Term::boolean(*value) : Term();
    }
    case der::integer:
      return make_number(arena, std::string_view(integer_text(element.content)));
    case der::octet_string:
      return base64_term(arena, element.content);
    case der::object_id:
      return oid_term(arena, element.content);
    case der::null:
      return Term::null();
    case der::utc_time:
    case der::generalized_time: {
      const auto text = time_text(element);
      return text ? make_string(arena, *text) : Term();
    }
    case der::utf8_string:
    case der::printable_string:
    case der::numeric_string:
    case der::ia5_string:
    case der::t61_string:
    case der::bmp_string: {
      const auto text = string_of(element);
      return text ? make_string(arena, *text) : Term();
    }
    default:
      return raw_value(arena, element);
  }
}

Result<Term> name_term(Arena& arena, std::string_view rdn_sequence) {
  auto sequence = DerReader(rdn_sequence).inside(der::sequence);
  if (!sequence) return fail(Code::invalid_input, "x509: invalid RDNSequence");
  NameBuilder out(arena);
  while (!sequence->empty()) {
    auto set = sequence->inside(der::set);
    if (!set) return fail(Code::invalid_input, "x509: invalid RDNSequence");
    while (!set->empty()) {
      auto attribute = set->inside(der::sequence);
      const auto type = attribute ? attribute->next(der::object_id) : std::nullopt;
      const Term oid = type ? oid_term(arena, type->content) : Term();
      if (!oid.is_defined()) {
        return fail(Code::invalid_input, "x509: invalid RDNSequence: invalid attribute type");
      }
      const auto element = attribute->next();
      const Term value = element ? any_value_term(arena, *element) : Term();
      if (!value.is_defined()) {
        return fail(Code::invalid_input, "x509: invalid RDNSequence: invalid attribute value");
      }
      out.add(oid_text(type->content), oid, value);
    }
  }
  return out.build();
}

}  // namespace writ::rego
