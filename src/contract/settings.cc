#include "contract/settings.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/suggest.h"
#include "contract/embedded.h"
#include "contract/validate_document.h"

namespace writ::contract {
namespace {

constexpr std::string_view kPrefix = "WRIT_";

const Value* resolve(const Value& root, const Value& schema) {
  constexpr std::string_view kLocal = "#/$defs/";
  const std::string_view reference = schema.string_or("$ref", "");
  if (!reference.starts_with(kLocal)) return &schema;
  return root.at_path({"$defs", reference.substr(kLocal.size())});
}

// A plain value of the schema: where it is described, and the schema that says its type.
struct Leaf {
  Setting setting;
  std::string type;  // "string", "integer", "boolean", "array"
};

void collect(const Value& root, const Value& schema, const std::string& path,
             std::vector<Leaf>& out) {
  const Value* properties = schema.find("properties");
  if (properties != nullptr) {
    for (const Member& member : properties->as_object()) {
      collect(root, member.value, path.empty() ? member.key : path + "." + member.key, out);
    }
    return;
  }
  const Value* typed = resolve(root, schema);
  const Value* preset = schema.find("default");
  Leaf leaf;
  leaf.setting.name = path;
  if (preset != nullptr) leaf.setting.value = *preset;
  leaf.setting.summary = schema.string_or("description", "");
  leaf.setting.is_reloadable = schema.bool_or("x-reload", false);
  leaf.setting.is_secret = schema.bool_or("writeOnly", false);
  leaf.type = typed == nullptr ? "" : typed->string_or("type", "");
  out.push_back(std::move(leaf));
}

Result<std::vector<Leaf>> leaves_of(std::string_view contract) {
  const std::string file_name = std::string(contract) + ".schema.json";
  for (const EmbeddedFile& file : embedded::contracts()) {
    if (file.path != file_name) continue;
    WRIT_TRY(const Value root, parse_json(file.bytes, file.path));
    std::vector<Leaf> out;
    collect(root, root, "", out);
    return out;
  }
  return fail(Code::not_found, "there is no contract `" + std::string(contract) + "`");
}

// Text of a variable or option in the type that the schema asks for. nullopt: it cannot be that.
std::optional<Value> read_as(const std::string& type, const std::string& text) {
  if (type == "string") return Value(text);
  if (type == "boolean") {
    if (text == "true" || text == "false") return Value(text == "true");
    return std::nullopt;
  }
  if (type == "integer") {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return Value(number);
  }
  if (type != "array") return std::nullopt;
  Array items;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    items.emplace_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return Value(std::move(items));
}

// The value at "log.level" in nested objects, and where it is put.
const Value* look_up(const Value& root, std::string_view name) {
  const Value* at = &root;
  while (at != nullptr && !name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    at = at->find(name.substr(0, dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return at;
}

void put(Object& root, std::string_view name, const Value& value) {
  const std::size_t dot = name.find('.');
  if (dot == name.npos) {
    root.set(std::string(name), value);
    return;
  }
  const std::string_view first = name.substr(0, dot);
  Value* inner = root.find(first);
  if (inner == nullptr) inner = &root.set(std::string(first), Value(Object()));
  put(inner->as_object(), name.substr(dot + 1), value);
}

// "/log/level" → "log.level"; of an item of a list the list's name.
std::string name_at(std::string_view pointer, std::span<const Leaf> leaves) {
  std::string name(pointer.empty() ? pointer : pointer.substr(1));
  std::ranges::replace(name, '/', '.');
  for (const Leaf& leaf : leaves) {
    if (name == leaf.setting.name || name.starts_with(leaf.setting.name + ".")) {
      return leaf.setting.name;
    }
  }
  return name;
}

class Layering {
 public:
  Layering(std::string_view contract, std::vector<Leaf> leaves)
      : contract_(contract), leaves_(std::move(leaves)) {}

  Result<void> add_file(const Document& file) {
    WRIT_CHECK(validate_document(contract_, file));
    for (Leaf& leaf : leaves_) {
      const Value* value = look_up(file.root, leaf.setting.name);
      if (value == nullptr) continue;
      set(leaf, *value, Origin::file, file.name + ":" + std::to_string(value->at().line));
    }
    return {};
  }

  void add_environment(const std::map<std::string, std::string>& environment) {
    for (Leaf& leaf : leaves_) {
      const std::string variable = environment_name(leaf.setting.name);
      const auto found = environment.find(variable);
      if (found != environment.end()) set_text(leaf, found->second, Origin::environment, variable);
    }
  }

  void add_option(const std::string& option) {
    const std::size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const auto leaf =
        std::ranges::find(leaves_, name, [](const Leaf& l) { return l.setting.name; });
    if (equals == option.npos || leaf == leaves_.end()) {
      std::vector<std::string_view> names;
      for (const Leaf& one : leaves_) names.push_back(one.setting.name);
      complain("there is no setting " + name + did_you_mean(name, names),
               "`writ config show` lists them; write NAME=VALUE");
      return;
    }
    set_text(*leaf, option.substr(equals + 1), Origin::option, name);
  }

  // All of it held to the contract once more: the file was, variables and options were not.
  Result<std::vector<Setting>> finish() {
    Document whole;
    Object root;
    for (const Leaf& leaf : leaves_) put(root, leaf.setting.name, leaf.setting.value);
    whole.root = Value(std::move(root));
    if (problems_.empty()) {
      WRIT_TRY(const Schema schema, load_contract(contract_));
      for (const Violation& violation : schema.validate(whole.root).violations) {
        complain(where(name_at(violation.instance, leaves_)) + violation.message, violation.remedy);
      }
    }
    if (!problems_.empty()) return fail(std::move(problems_));
    std::vector<Setting> out;
    for (Leaf& leaf : leaves_) out.push_back(std::move(leaf.setting));
    return out;
  }

 private:
  void set(Leaf& leaf, Value value, Origin origin, std::string place) {
    leaf.setting.value = std::move(value);
    leaf.setting.origin = origin;
    leaf.setting.place = std::move(place);
  }

  // A secret's text is not repeated in what is said of it.
  void set_text(Leaf& leaf, const std::string& text, Origin origin, const std::string& place) {
    auto value = read_as(leaf.type, text);
    if (value) return set(leaf, *std::move(value), origin, place);
    const std::string shown = leaf.setting.is_secret ? "its value" : "`" + text + "`";
    complain(place + ": " + shown + " is no " + leaf.type, leaf.setting.summary);
  }

  std::string where(const std::string& name) const {
    for (const Leaf& leaf : leaves_) {
      if (leaf.setting.name == name && !leaf.setting.place.empty())
        return leaf.setting.place + ": ";
    }
    return name + ": ";
  }

  void complain(std::string message, std::string remedy) {
    problems_.push_back(
        {.file = {}, .at = {}, .message = std::move(message), .remedy = std::move(remedy)});
  }

  std::string contract_;
  std::vector<Leaf> leaves_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::string environment_name(std::string_view setting) {
  std::string out(kPrefix);
  for (const char c : setting) {
    out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return out;
}

Result<Settings> Settings::lay(std::string_view contract, const SettingsLayers& layers) {
  WRIT_TRY(std::vector<Leaf> leaves, leaves_of(contract));
  Layering layering(contract, std::move(leaves));
  if (layers.file != nullptr) WRIT_CHECK(layering.add_file(*layers.file));
  if (layers.environment != nullptr) layering.add_environment(*layers.environment);
  for (const std::string& option : layers.options) layering.add_option(option);
  Settings out;
  WRIT_TRY(out.settings_, layering.finish());
  return out;
}

const Setting* Settings::find(std::string_view name) const {
  const auto found = std::ranges::find(settings_, name, &Setting::name);
  return found == settings_.end() ? nullptr : &*found;
}

const std::string& Settings::text(std::string_view name) const {
  const Setting* setting = find(name);
  WRIT_ASSERT(setting != nullptr && setting->value.is_string());
  return setting->value.as_string();
}

std::int64_t Settings::integer(std::string_view name) const {
  const Setting* setting = find(name);
  WRIT_ASSERT(setting != nullptr && setting->value.is_integer());
  return setting->value.as_integer();
}

bool Settings::flag(std::string_view name) const {
  const Setting* setting = find(name);
  WRIT_ASSERT(setting != nullptr && setting->value.is_bool());
  return setting->value.as_bool();
}

std::vector<std::string> Settings::texts(std::string_view name) const {
  const Setting* setting = find(name);
  WRIT_ASSERT(setting != nullptr && setting->value.is_array());
  std::vector<std::string> out;
  for (const Value& item : setting->value.as_array()) out.push_back(item.as_string());
  return out;
}

Duration Settings::duration(std::string_view name) const {
  const auto duration = parse_duration(text(name));
  WRIT_ASSERT(duration.has_value());  // the contract's pattern allows nothing else
  return *duration;
}

std::vector<std::string> Settings::changed_since(const Settings& older) const {
  std::vector<std::string> out;
  for (const Setting& setting : settings_) {
    const Setting* was = older.find(setting.name);
    if (was == nullptr || !(was->value == setting.value)) out.push_back(setting.name);
  }
  return out;
}

}  // namespace writ::contract
