#include "project/backends.h"

#include <utility>

#include "base/document.h"
#include "base/file.h"
#include "contract/settings.h"

namespace writ::project {
namespace {

constexpr std::string_view kOwn = "sqlite";
constexpr std::string_view kFile = "file:";
constexpr std::size_t kMostBytes = 4096;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

Result<std::string> url_at(const std::string& place) {
  if (!place.starts_with(kFile)) return place;
  WRIT_TRY(std::string text, read_file(place.substr(kFile.size()), kMostBytes));
  return trimmed(std::move(text));
}

}  // namespace

Result<Backends> Backends::parse(const std::vector<std::string>& listed, const std::string& own) {
  Backends out;
  if (!own.empty()) out.places_.emplace(kOwn, own);
  for (const std::string& line : listed) {
    const std::size_t equals = line.find('=');
    std::string name = line.substr(0, equals);
    if (equals == line.npos || name.empty()) {
      return fail(Code::invalid_input, "`storage.backends` has a line without a name",
                  "Write NAME=URL, or NAME=file:PATH");
    }
    if (!out.places_.emplace(name, line.substr(equals + 1)).second) {
      return fail(Code::invalid_input, "`storage.backends` has " + name + " more than once",
                  "Give each store a name of its own; `sqlite` is the project's own file");
    }
  }
  return out;
}

Result<Backends> Backends::load(const std::filesystem::path& settings,
                                const std::map<std::string, std::string>& environment,
                                const std::string& own) {
  auto file = load_document(settings);
  if (!file && file.error().code != Code::not_found) {
    return std::unexpected(std::move(file).error());
  }
  WRIT_TRY(const auto laid, contract::Settings::lay("settings", {.file = file ? &*file : nullptr,
                                                                 .environment = &environment}));
  return parse(laid.texts("storage.backends"), own);
}

std::vector<std::string> Backends::names() const {
  std::vector<std::string> out;
  for (const auto& [name, place] : places_) out.push_back(name);
  return out;
}

Result<std::string> Backends::url(std::string_view name) const {
  const auto at = places_.find(name);
  if (at != places_.end()) {
    auto url = url_at(at->second);
    if (url) return url;
    return std::unexpected(std::move(url).error().context("the store " + std::string(name)));
  }
  std::string known;
  for (const std::string& one : names()) known += (known.empty() ? "" : ", ") + one;
  return fail(Code::not_found, "there is no store named " + std::string(name),
              known.empty() ? "Name stores in the setting `storage.backends`: NAME=URL"
                            : "Name one of those there are: " + known +
                                  "; the setting `storage.backends` lists them");
}

std::string Backends::name_of(std::string_view url) const {
  for (const auto& [name, place] : places_) {
    const auto its = url_at(place);
    if (its && *its == url) return name;
  }
  return {};
}

}  // namespace writ::project
