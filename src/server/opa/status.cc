#include "server/opa/status.h"

#include <utility>

#include "server/opa/bundle_status.h"
#include "server/opa/service.h"

namespace writ::server {

using rego::Arena;
using rego::borrow_string;
using rego::Member;
using rego::Term;

Term labels_of(Arena& arena, const OpaOptions& options) {
  std::vector<Member> members{{borrow_string("id"), borrow_string(options.id)},
                              {borrow_string("version"), borrow_string(options.version)}};
  for (const auto& [name, text] : options.labels) {
    if (name == "id" || name == "version") continue;  // are this process's own
    members.push_back({borrow_string(name), borrow_string(text)});
  }
  return make_object(arena, std::move(members));
}

Term status_of(Arena& arena, const OpaService& service, const rego::Snapshot& snapshot) {
  const bundles::BundleBoard* const board = service.options().bundles;
  const Term bundles = bundle_statuses(arena, snapshot, board);
  std::vector<Member> plugins;
  std::vector<Member> members{{borrow_string("labels"), labels_of(arena, service.options())},
                              {borrow_string("bundles"), bundles}};
  if (bundles.size() > 0) {
    const Term state =
        make_object(arena, {{borrow_string("state"), borrow_string(bundle_plugin_state(board))}});
    plugins.push_back({borrow_string("bundle"), state});
  }
  if (const Decisions* const decisions = service.decisions(); decisions != nullptr) {
    members.push_back({borrow_string("decision_logs"), decisions->status(arena)});
    plugins.push_back({borrow_string("decision_logs"), decisions->plugin_state(arena)});
  }
  if (!plugins.empty()) {
    members.push_back({borrow_string("plugins"), make_object(arena, std::move(plugins))});
  }
  return make_object(arena, std::move(members));
}

Term news_of(Arena& arena, const Term& status) {
  std::vector<Member> bundles;
  if (const Term* const all = status.find("bundles")) {
    for (std::size_t i = 0; i < all->size(); ++i) {
      Term bundle = all->values()[i];
      for (const char* const name : {"last_request", "last_successful_request", "metrics"}) {
        bundle = without_member(arena, bundle, borrow_string(name));
      }
      bundles.push_back({all->keys()[i], bundle});
    }
  }
  std::vector<Member> members{{borrow_string("bundles"), make_object(arena, std::move(bundles))}};
  for (const char* const name : {"labels", "plugins"}) {
    if (const Term* const part = status.find(name)) {
      members.push_back({borrow_string(name), *part});
    }
  }
  return make_object(arena, std::move(members));
}

}  // namespace writ::server
