#include "contract/schema/format.h"

#include <algorithm>
#include <iterator>

#include "contract/schema/ecma_regex.h"
#include "contract/schema/format_net.h"
#include "contract/schema/format_time.h"
#include "contract/schema/format_uri.h"
#include "contract/schema/pointer.h"

namespace writ::contract {
namespace {

bool is_pointer(std::string_view text) { return parse_pointer(text).has_value(); }

// A number of levels up, then # or a pointer.
bool is_relative_pointer(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  const std::string_view rest = text.substr(digits);
  return rest == "#" || is_pointer(rest);
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kShape.size() &&
         std::equal(text.begin(), text.end(), kShape.begin(), [](char c, char shape) {
           const bool is_hex =
               (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           return shape == 'x' ? is_hex : c == '-';
         });
}

// Sorted by name. `idn-hostname` is missing: IDNA needs tables of its own, so it never fails.
constexpr FormatCheck kFormats[] = {
    {"date", &is_date},
    {"date-time", &is_date_time},
    {"duration", &is_duration},
    {"email", &is_email},
    {"hostname", &is_hostname},
    {"idn-email", &is_idn_email},
    {"ipv4", &is_ipv4},
    {"ipv6", &is_ipv6},
    {"iri", &is_iri},
    {"iri-reference", &is_iri_reference},
    {"json-pointer", &is_pointer},
    {"regex", &is_ecma_regex},
    {"relative-json-pointer", &is_relative_pointer},
    {"time", &is_time},
    {"uri", &is_uri},
    {"uri-reference", &is_uri_reference},
    {"uri-template", &is_uri_template},
    {"uuid", &is_uuid},
};

}  // namespace

const FormatCheck* find_format(std::string_view name) {
  const auto* row = std::lower_bound(
      std::begin(kFormats), std::end(kFormats), name,
      [](const FormatCheck& check, std::string_view wanted) { return check.name < wanted; });
  return row != std::end(kFormats) && row->name == name ? row : nullptr;
}

}  // namespace writ::contract
