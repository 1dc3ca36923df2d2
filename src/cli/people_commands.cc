// writ identity users, agents, roles, directories: administration of a server, for scripts and for
// those without a browser. Everything is asked of the server, with the token of whoever asks.
#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/report.h"
#include "cli/server_client.h"
#include "cli/wiring.h"
#include "net/http.h"

namespace writ::cli {
namespace {

using net::Method;

constexpr int kPage = 100;

// Of an option that has to be there.
std::string said(const CommandContext& context, std::string_view option) {
  return context.arguments.value(option).value_or("");
}

std::string segment(std::string_view text) { return "/" + net::percent_encode(text); }

// How one of them is shown to people.
using Line = std::string (*)(const Value& item);

std::string line_of_user(const Value& user) {
  std::string out = fmt::format("{}  {}", user.string_or("id", ""), user.string_or("email", ""));
  if (user.bool_or("is_superuser", false)) out += "  administrator";
  if (!user.bool_or("is_active", true)) out += "  off";
  if (!user.bool_or("is_verified", true)) out += "  address not verified";
  return out + "\n";
}

std::string line_of_agent(const Value& agent) {
  return fmt::format("{}  {}  {}  sponsor {}{}\n", agent.string_or("id", ""),
                     agent.string_or("name", ""), agent.string_or("model", ""),
                     agent.string_or("sponsor", ""),
                     agent.bool_or("is_active", true) ? "" : "  off");
}

std::string names_in(const Value& list) {
  std::string out;
  for (const Value& name : list.as_array()) {
    out.append(out.empty() ? "" : ", ").append(name.as_string());
  }
  return out;
}

std::string line_of_role(const Value& role) {
  std::string out = std::string(role.string_or("name", ""));
  if (const auto description = role.string_or("description", ""); !description.empty()) {
    out.append("  ").append(description);
  }
  for (const auto& [member, word] : {std::pair{"parents", "holds"}, {"members", "held by"}}) {
    const Value* const list = role.find(member);
    if (list == nullptr || list->as_array().empty()) continue;
    out += fmt::format("\n  {} {}", word, names_in(*list));
  }
  return out + "\n";
}

// What was asked for, which --quiet does not leave out: a key is shown this once.
void show(const CommandContext& context, const Value& json, std::string_view text) {
  context.wiring.out << (context.global.is_json ? to_json(json) + "\n" : std::string(text));
}

// Every page of a list, `member` of each answer.
Result<Array> all_of(ServerClient& server, const std::string& path, std::string_view member) {
  Array out;
  for (std::string after;;) {
    std::string query = fmt::format("?limit={}", kPage);
    if (!after.empty()) query += "&after=" + net::percent_encode(after);
    WRIT_TRY(const Value page, server.call(Method::GET, path + query));
    const Value* const items = page.find(member);
    if (items == nullptr || !items->is_array()) {
      return fail(Code::unavailable, "the server's answer holds no " + std::string(member));
    }
    out.insert(out.end(), items->as_array().begin(), items->as_array().end());
    const std::string next(page.string_or("next", ""));
    if (next.empty() || next == after) return out;
    after = next;
  }
}

Result<int> show_all(const CommandContext& context, const std::string& path,
                     std::string_view member, Line line) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(Array items, all_of(*server, path, member));
  std::string text;
  for (const Value& item : items) text += line(item);
  show(context, Object{{std::string(member), std::move(items)}}, text);
  return 0;
}

// One request, and what comes back.
Result<int> ask_one(const CommandContext& context, Method method, const std::string& path,
                    const Value& body, Line line) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const Value answer, server->call(method, path, body));
  show(context, answer, line(answer));
  return 0;
}

// One that leaves nothing to show.
Result<int> delete_one(const CommandContext& context, const std::string& path,
                       std::string_view name) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const Value nothing, server->call(Method::DELETE, path));
  report(context, Object{{"deleted", name}}, fmt::format("{} is deleted\n", name));
  return 0;
}

// A user's id; of an address the one of whoever has it.
Result<std::string> user_of(ServerClient& server, const std::string& named) {
  if (named.find('@') == named.npos) return named;
  WRIT_TRY(const Array users, all_of(server, "/users", "items"));
  for (const Value& user : users) {
    if (user.string_or("email", "") == named) return std::string(user.string_or("id", ""));
  }
  return fail(Code::not_found, "nobody has the address " + named,
              "`writ identity users list` shows who is there");
}

Result<int> change_user(const CommandContext& context, Method method, std::string_view act,
                        const Value& body) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string id, user_of(*server, context.arguments.positional("USER")));
  WRIT_TRY(const Value user, server->call(method, "/users" + segment(id) + std::string(act), body));
  report(context, user, line_of_user(user));
  return 0;
}

std::string agent_path(const CommandContext& context, std::string_view act = {}) {
  return "/iam/ai-agents" + segment(context.arguments.positional("AGENT")) + std::string(act);
}

// Roles are of any subject; an address stands for the user who has it.
Result<std::string> roles_path(const CommandContext& context, ServerClient& server) {
  WRIT_TRY(const std::string subject, user_of(server, context.arguments.positional("SUBJECT")));
  return "/rbac/users" + segment(subject) + "/roles";
}

std::string dry_run_of(const CommandContext& context, std::string_view first = "?") {
  return context.arguments.has("--dry-run") ? std::string(first) + "dry_run=true" : "";
}

// What a change of access came to: {"assigned": true, "revision": 7, "difference": {…}}.
std::string told_change(const Value& change) {
  const Value* const difference = change.find("difference");  // of a dry run
  std::string out = difference != nullptr ? "nothing was changed" : "";
  for (const char* const what :
       {"added", "removed", "assigned", "unassigned", "created", "deleted"}) {
    const Value* const done = change.find(what);
    if (done == nullptr || difference != nullptr) continue;
    out = fmt::format("{}{}", done->as_bool() ? "" : "not ", what);
  }
  out += fmt::format(", revision {}\n", change.integer_or("revision", 0));
  if (difference == nullptr) return out;
  for (const auto& [member, word] : {std::pair{"gained", "gains"}, {"lost", "loses"}}) {
    const Value* const rows = difference->find(member);
    if (rows == nullptr) continue;
    for (const Value& row : rows->as_array()) {
      out += fmt::format("{} {} {} {}\n", row.string_or("subject", ""), word,
                         row.string_or("action", ""), row.string_or("object", ""));
    }
  }
  return out;
}

std::string line_of_directory(const Value& directory) {
  std::string out(directory.string_or("name", ""));
  if (directory.bool_or("is_running", false)) out += "  at work";
  const Value* const last = directory.find("last");
  if (last == nullptr) return out + "  not followed yet\n";
  out += fmt::format("  {} {}  people {}, changed {}, refused {}\n", last->string_or("outcome", ""),
                     last->string_or("ended_at", ""), last->integer_or("people", 0),
                     last->integer_or("changes", 0), last->integer_or("refused", 0));
  const std::string_view error = last->string_or("error", "");
  if (!error.empty()) out.append("  ").append(error).append("\n");
  return out;
}

// Whose account is made what the directory says: "created  ada@example.org  gains operator".
std::string line_of_person(const Value& person) {
  std::string out =
      fmt::format("{}  {}", person.string_or("fate", ""), person.string_or("email", ""));
  for (const auto& [member, word] : {std::pair{"roles_gained", "gains"}, {"roles_lost", "loses"}}) {
    const Value* const roles = person.find(member);
    if (roles == nullptr || roles->as_array().empty()) continue;
    out += fmt::format("  {} {}", word, names_in(*roles));
  }
  const std::string_view reason = person.string_or("reason", "");
  return out.append(reason.empty() ? "" : "  ").append(reason).append("\n");
}

std::string told_sync(const Value& report) {
  const std::int64_t people = report.integer_or("people", 0);
  std::string out = fmt::format("{}: {} {}", report.string_or("directory", ""), people,
                                people == 1 ? "person" : "people");
  if (const Value* const counts = report.find("counts"); counts != nullptr) {
    for (const auto& fate : counts->as_object()) {
      const std::int64_t count = counts->integer_or(fate.key, 0);
      if (count > 0) out += fmt::format(", {} {}", count, fate.key);
    }
  }
  out += report.bool_or("is_applied", false) ? "\n" : "; nothing was changed\n";
  if (const Value* const items = report.find("items"); items != nullptr) {
    for (const Value& person : items->as_array()) out += line_of_person(person);
  }
  if (report.bool_or("is_cut", false)) out += "and more\n";
  return out;
}

Value texts(const std::vector<std::string>& all) {
  Array out;
  for (const std::string& one : all) out.emplace_back(one);
  return out;
}

}  // namespace

Result<int> identity_users_list(const CommandContext& context) {
  return show_all(context, "/users", "items", &line_of_user);
}

Result<int> identity_users_show(const CommandContext& context) {
  return change_user(context, Method::GET, "", {});
}

Result<int> identity_users_disable(const CommandContext& context) {
  return change_user(context, Method::POST, "/disable", {});
}

Result<int> identity_users_enable(const CommandContext& context) {
  return change_user(context, Method::PATCH, "", Object{{"is_active", true}});
}

Result<int> identity_users_delete(const CommandContext& context) {
  const std::string named = context.arguments.positional("USER");
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string id, user_of(*server, named));
  return delete_one(context, "/users" + segment(id), named);
}

Result<int> identity_agents_list(const CommandContext& context) {
  return show_all(context, "/iam/ai-agents", "items", &line_of_agent);
}

Result<int> identity_agents_show(const CommandContext& context) {
  return ask_one(context, Method::GET, agent_path(context), {}, &line_of_agent);
}

Result<int> identity_agents_add(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string sponsor, user_of(*server, said(context, "--sponsor")));
  Object body{{"name", context.arguments.positional("NAME")},
              {"sponsor", sponsor},
              {"provider", said(context, "--provider")},
              {"model", said(context, "--model")}};
  if (const auto text = context.arguments.value("--description")) body.append("description", *text);
  WRIT_TRY(const Value agent, server->call(Method::POST, "/iam/ai-agents", body));
  report(context, agent, line_of_agent(agent));
  return 0;
}

Result<int> identity_agents_disable(const CommandContext& context) {
  return ask_one(context, Method::POST, agent_path(context, "/disable"), {}, &line_of_agent);
}

Result<int> identity_agents_enable(const CommandContext& context) {
  return ask_one(context, Method::POST, agent_path(context, "/enable"), {}, &line_of_agent);
}

Result<int> identity_agents_delete(const CommandContext& context) {
  return delete_one(context, agent_path(context), context.arguments.positional("AGENT"));
}

// The text of a key is shown this once.
Result<int> identity_agents_key(const CommandContext& context) {
  const Object body{{"purpose", said(context, "--purpose")},
                    {"scopes", texts(context.arguments.values("--scope"))}};
  return ask_one(context, Method::POST, agent_path(context, "/keys"), body,
                 [](const Value& key) { return fmt::format("{}\n", key.string_or("key", "")); });
}

Result<int> identity_roles_list(const CommandContext& context) {
  return show_all(context, "/rbac/roles", "roles", &line_of_role);
}

Result<int> identity_roles_show(const CommandContext& context) {
  const std::string path = "/rbac/roles" + segment(context.arguments.positional("ROLE"));
  return ask_one(context, Method::GET, path, {}, &line_of_role);
}

Result<int> identity_roles_add(const CommandContext& context) {
  Object body{{"name", context.arguments.positional("ROLE")}};
  if (const auto text = context.arguments.value("--description")) body.append("description", *text);
  const auto parents = context.arguments.values("--parent");
  if (!parents.empty()) body.append("parents", texts(parents));
  return ask_one(context, Method::POST, "/rbac/roles" + dry_run_of(context), body, &told_change);
}

Result<int> identity_roles_delete(const CommandContext& context) {
  const std::string path = "/rbac/roles" + segment(context.arguments.positional("ROLE"));
  return ask_one(context, Method::DELETE, path + dry_run_of(context), {}, &told_change);
}

Result<int> identity_roles_assign(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string path, roles_path(context, *server));
  const Object body{{"role", context.arguments.positional("ROLE")}};
  WRIT_TRY(const Value change, server->call(Method::POST, path + dry_run_of(context), body));
  report(context, change, told_change(change));
  return 0;
}

Result<int> identity_roles_unassign(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string path, roles_path(context, *server));
  const std::string role = net::percent_encode(context.arguments.positional("ROLE"));
  WRIT_TRY(const Value change,
           server->call(Method::DELETE, path + "?role=" + role + dry_run_of(context, "&")));
  report(context, change, told_change(change));
  return 0;
}

// Those that it holds by other roles, too.
Result<int> identity_roles_of(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const std::string path, roles_path(context, *server));
  WRIT_TRY(const Value answer, server->call(Method::GET, path + "/implicit"));
  std::string text;
  if (const Value* const roles = answer.find("roles"); roles != nullptr) {
    for (const Value& role : roles->as_array()) text += role.as_string() + "\n";
  }
  show(context, answer, text);
  return 0;
}

Result<int> identity_directories_list(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const Value answer, server->call(Method::GET, "/iam/sync"));
  std::string text;
  if (const Value* const items = answer.find("items"); items != nullptr) {
    for (const Value& directory : items->as_array()) text += line_of_directory(directory);
  }
  show(context, answer, text);
  return 0;
}

Result<int> identity_directories_sync(const CommandContext& context) {
  std::string query = context.arguments.has("--apply") ? "?apply=true" : "?apply=false";
  const std::string directory = context.arguments.positional("DIRECTORY");
  if (!directory.empty()) query += "&directory=" + net::percent_encode(directory);
  const std::string may_lose = said(context, "--may-lose");
  if (!may_lose.empty()) query += "&may_lose=" + net::percent_encode(may_lose);
  WRIT_TRY(const auto server, ServerClient::find_as_person(context));
  WRIT_TRY(const Value report, server->long_call(Method::POST, "/iam/sync/run" + query));
  show(context, report, told_sync(report));
  return 0;
}

}  // namespace writ::cli
