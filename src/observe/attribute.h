#pragma once
// A name and a value that goes with a record, a span or a metric. Names carry their unit:
// "elapsed_ms", "size_bytes".
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace writ::observe {

using AttributeValue = std::variant<bool, std::int64_t, double, std::string_view>;

// Borrows its texts; lives as long as the call that it is an argument of.
struct Attribute {
  std::string_view name;
  AttributeValue value;

  Attribute(std::string_view n, bool v) : name(n), value(v) {}
  template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Attribute(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
  Attribute(std::string_view n, double v) : name(n), value(v) {}
  Attribute(std::string_view n, std::string_view v) : name(n), value(v) {}
  Attribute(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Attribute(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
};

using Attributes = std::initializer_list<Attribute>;

// The same, kept: what waits for an exporter.
struct KeptAttribute {
  std::string name;
  std::variant<bool, std::int64_t, double, std::string> value;

  explicit KeptAttribute(const Attribute& attribute);
};

std::vector<KeptAttribute> keep(std::span<const Attribute> attributes);

}  // namespace writ::observe
