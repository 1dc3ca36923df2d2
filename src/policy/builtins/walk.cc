// walk: every value inside a value with the path to it. A relation: one result each.
#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

class Walker {
 public:
  explicit Walker(Call& call) : call_(call) {}

  Term run(const Term& root) {
    visit(root);
    return make_array(call_.arena(), found_);
  }

 private:
  void visit(const Term& at) {
    if (!call_.keep_going()) return;
    Arena& arena = call_.arena();
    found_.push_back(make_array(arena, {make_array(arena, path_), at}));
    switch (at.kind()) {
      case Kind::array:
        for (std::size_t i = 0; i < at.size(); ++i) {
          step(Term::integer(static_cast<std::int64_t>(i)), at.items()[i]);
        }
        return;
      case Kind::object:
        for (std::size_t i = 0; i < at.size(); ++i) step(at.keys()[i], at.values()[i]);
        return;
      case Kind::set:
        for (const Term& member : at.items()) step(member, member);
        return;
      default:
        return;
    }
  }

  void step(const Term& key, const Term& value) {
    path_.push_back(key);
    visit(value);
    path_.pop_back();
  }

  Call& call_;
  std::vector<Term> path_;
  std::vector<Term> found_;
};

Outcome walk(Call& call) { return Walker(call).run(call.arg(0)); }

constexpr Builtin kWalk[] = {
    {"walk", "(x: any) => (output: array<array[any], any>)", &walk, Trait::relation},
};

}  // namespace

std::span<const Builtin> walk_builtins() { return kWalk; }

}  // namespace writ::rego
