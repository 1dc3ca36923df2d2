// writ doctor: everything that Writ needs here, looked at once, each with what to do about it.
#include <sys/statvfs.h>

#include <array>
#include <filesystem>
#include <functional>
#include <ostream>

#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/server_place.h"
#include "cli/settings.h"
#include "cli/style.h"
#include "cli/version.h"
#include "cli/wiring.h"
#include "contract/validate_document.h"

namespace writ::cli {
namespace {

enum class Health : std::uint8_t { good, warning, bad };
constexpr EnumNames<Health, 3> kHealth{{"good", "warning", "bad"}};

struct Finding {
  Health health = Health::good;
  std::string text;
  std::string remedy = {};
};

Finding bad(const Error& error) {
  return {Health::bad, error.message, std::string(error.remedy())};
}

// What is looked at; the project is opened by the look that is about it.
struct Patient {
  const CommandContext& context;
  std::unique_ptr<Project> project = nullptr;
};

Finding look_at_repository(Patient& patient) {
  const auto repo = repo::Repo::open(patient.context.global.directory);
  if (!repo) return bad(repo.error());
  return {Health::good, repo->root().string()};
}

Finding look_at_config(Patient& patient) {
  const auto repo = repo::Repo::open(patient.context.global.directory);
  if (!repo) return bad(repo.error());
  const auto config = load_document(ProjectPaths{repo->root()}.config());
  if (!config) return bad(config.error());
  if (const auto valid = contract::validate_document("config", *config, contract::Values::hidden);
      !valid) {
    return bad(valid.error());
  }
  return {Health::good, "project " + printable(config->root.string_or("project", ""))};
}

Finding look_at_settings(Patient& patient) {
  const auto settings = load_settings(patient.context, {});
  if (!settings) return bad(settings.error());
  const auto is_set = [](const contract::Setting& s) {
    return s.origin != contract::Origin::preset;
  };
  const auto count = std::ranges::count_if(settings->all(), is_set);
  return {Health::good, counted(static_cast<std::size_t>(count), "setting", "settings") +
                            " other than the defaults"};
}

Finding look_at_letters(Patient& patient) {
  const auto settings = load_settings(patient.context, {});
  if (!settings) return {Health::warning, "not looked at: the settings are not valid"};
  const auto found = patient.context.wiring.look_at_mail(*settings);
  if (!found) return bad(found.error());
  const std::string at = found->value_or("");
  if (at.empty()) return {Health::good, "become files: no mail server is set (mail.smtp.host)"};
  return {Health::good, "the mail server " + at + " takes them"};
}

Finding look_at_directories(Patient& patient) {
  const auto settings = load_settings(patient.context, {});
  if (!settings) return {Health::warning, "not looked at: the settings are not valid"};
  const auto place = find_server_place(patient.context);
  if (!place) return {Health::warning, "not looked at: there is no store"};
  const auto found = patient.context.wiring.look_at_directories(*settings, place->directory);
  if (!found) return bad(found.error());
  if (found->empty()) return {Health::good, "accounts follow none (identity.directories)"};
  std::string names;
  for (const std::string& one : *found) names += (names.empty() ? "" : ", ") + one;
  return {Health::good, names + " can be read"};
}

Finding look_at_store(Patient& patient) {
  auto project = open_project(patient.context);
  if (!project) return bad(project.error());
  patient.project = *std::move(project);
  if (const auto whole = patient.project->store().check(); !whole) return bad(whole.error());
  return {Health::good, "whole, and of this version's shape"};
}

Finding look_at_ledger(Patient& patient) {
  if (patient.project == nullptr) return {Health::warning, "not looked at: there is no store"};
  std::vector<crypto::PublicKey> keys;
  for (const crypto::KeyInfo& key : patient.project->keyring().list()) keys.push_back(key.key);
  const auto report = patient.project->ledger().verify(keys);
  if (!report) return bad(report.error());
  return {Health::good, std::to_string(report->events) + " events, " +
                            std::to_string(report->pending) + " pending"};
}

Finding look_at_keys(Patient& patient) {
  if (patient.project == nullptr) return {Health::warning, "not looked at: there is no store"};
  const auto key = patient.project->runner_key();
  if (!key) return bad(key.error());
  return {Health::good, "the active key is " + key->id().short_text()};
}

Finding look_at_disk(Patient& patient) {
  constexpr std::uint64_t kLow = std::uint64_t{256} << 20;
  struct statvfs disk{};
  if (::statvfs(patient.context.global.directory.c_str(), &disk) != 0) {
    return {Health::bad, "the file system does not answer", "Check the disk"};
  }
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const std::string text = std::to_string(free >> 20) + " MiB free";
  if (free >= kLow) return {Health::good, text};
  return {Health::warning, text, "Free disk space: docs/runbooks/disk-full.md"};
}

// Whether a program of that name is on the PATH.
bool is_installed(const CommandContext& context, std::string_view program) {
  const auto path = context.wiring.environment.find("PATH");
  if (path == context.wiring.environment.end()) return false;
  for (std::size_t from = 0; from <= path->second.size();) {
    const std::size_t end = std::min(path->second.find(':', from), path->second.size());
    std::error_code ignored;
    const auto file = std::filesystem::path(path->second.substr(from, end - from)) / program;
    if (std::filesystem::is_regular_file(file, ignored)) return true;
    from = end + 1;
  }
  return false;
}

Finding look_at_isolation(Patient& patient) {
  if (is_installed(patient.context, "bwrap")) return {Health::good, "bubblewrap is installed"};
  return {Health::warning, "bubblewrap is not installed: commands run in process groups alone",
          "Install Debian's package bubblewrap"};
}

struct Look {
  std::string_view name;
  Finding (*at)(Patient& patient);
};

// In the order in which they need each other.
constexpr std::array<Look, 10> kLooks = {{{"repository", &look_at_repository},
                                          {"config", &look_at_config},
                                          {"settings", &look_at_settings},
                                          {"store", &look_at_store},
                                          {"ledger", &look_at_ledger},
                                          {"keys", &look_at_keys},
                                          {"letters", &look_at_letters},
                                          {"directory", &look_at_directories},
                                          {"disk", &look_at_disk},
                                          {"isolation", &look_at_isolation}}};

void print(const CommandContext& context, std::string_view name, const Finding& finding) {
  constexpr std::array<Tone, 3> kTones = {Tone::good, Tone::warn, Tone::bad};
  const Style style(context.global.has_color);
  const auto tone = kTones[static_cast<std::size_t>(finding.health)];
  context.wiring.out << style(tone, pad(kHealth.name(finding.health), 7)) << "  " << pad(name, 10)
                     << "  " << printable(finding.text) << "\n";
  if (!finding.remedy.empty()) {
    context.wiring.out << "                     " << printable(finding.remedy) << "\n";
  }
}

}  // namespace

Result<int> doctor(const CommandContext& context) {
  Patient patient{context};
  Array rows;
  Health worst = Health::good;
  for (const Look& look : kLooks) {
    const Finding finding = look.at(patient);
    worst = std::max(worst, finding.health);
    Object row{
        {"name", look.name}, {"health", kHealth.name(finding.health)}, {"text", finding.text}};
    if (!finding.remedy.empty()) row.append("remedy", finding.remedy);
    rows.emplace_back(std::move(row));
    if (!context.global.is_json && !context.global.is_quiet) print(context, look.name, finding);
  }
  const Value report{Object{
      {"version", kVersion}, {"health", kHealth.name(worst)}, {"findings", std::move(rows)}}};
  if (context.global.is_json) context.wiring.out << to_pretty_json(report);
  if (const auto file = context.arguments.value("--bundle")) {
    WRIT_CHECK(replace_file(context.path(*file), to_pretty_json(report)));
  }
  constexpr int kNotWell = 1;
  return worst == Health::bad ? kNotWell : 0;
}

}  // namespace writ::cli
