#pragma once
// One schema, several places that a value may come from: a file, the environment, options. The
// schema is an object of objects down to plain values, each with a default; a value's name is its
// path, "log.level", which the environment spells WRIT_LOG_LEVEL and an option log.level=debug.
//
// Immutable once made; any number of threads may read.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "base/units.h"
#include "base/value.h"

namespace writ::contract {

// Later ones count before earlier ones.
enum class Origin : std::uint8_t { preset, file, environment, option };
inline constexpr EnumNames<Origin, 4> kOrigins{{"default", "file", "environment", "option"}};

struct Setting {
  std::string name;  // "log.level"
  Value value;
  Origin origin = Origin::preset;
  std::string place;           // "settings.yaml:12", "WRIT_LOG_LEVEL"; of a default empty
  std::string summary;         // the schema's description
  bool is_reloadable = false;  // `x-reload`
  bool is_secret = false;      // `writeOnly`: never shown
};

struct SettingsLayers {
  const Document* file = nullptr;                                   // null: there is none
  const std::map<std::string, std::string>* environment = nullptr;  // null: none
  std::vector<std::string> options = {};                            // "log.level=debug"
};

class Settings {
 public:
  // Of the contract `name`, as built into the binary.
  // Errors: invalid_input with a diagnostic for each thing that is wrong, at its line of the file
  // or by the name of its variable or option; not_found (no such contract).
  static Result<Settings> lay(std::string_view contract, const SettingsLayers& layers);

  // In the schema's order.
  std::span<const Setting> all() const { return settings_; }
  // nullptr when the schema has no such name.
  const Setting* find(std::string_view name) const;

  // Require: the schema has the name, with this type.
  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  Duration duration(std::string_view name) const;

  // Names whose values differ from those of `older`, which is of the same schema.
  std::vector<std::string> changed_since(const Settings& older) const;

 private:
  std::vector<Setting> settings_;
};

// "log.level" as the environment spells it: "WRIT_LOG_LEVEL".
std::string environment_name(std::string_view setting);

}  // namespace writ::contract
