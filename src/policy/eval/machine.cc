#include "policy/eval/machine.h"

#include "policy/eval/gave_up.h"

namespace writ::rego {
namespace {

constexpr std::int64_t kStepsPerCheck = 4096;
constexpr std::size_t kMostBuiltinErrors = 10;
constexpr std::size_t kChunkTerms = 4096;

// Takes rows for the answer.
class Rows final : public Sink {
 public:
  Rows(const Query& query, std::vector<Solution>& out) : query_(query), out_(out) {}

  Flow accept(Machine&, const Term* frame) override {
    Solution row;
    for (const Query::Binding& binding : query_.bindings) {
      row.bindings.push_back(frame[binding.slot]);
    }
    for (const Query::Expression& expression : query_.expressions) {
      row.values.push_back(expression.value.in(frame));
    }
    out_.push_back(std::move(row));
    return Flow::back;
  }

 private:
  const Query& query_;
  std::vector<Solution>& out_;
};

}  // namespace

Term* FrameStack::push(std::size_t slots) {
  while (top_.chunk < chunks_.size() && chunks_[top_.chunk].size - top_.used < slots) {
    ++top_.chunk;
    top_.used = 0;
  }
  if (top_.chunk == chunks_.size()) {
    const std::size_t size = std::max(slots, kChunkTerms);
    chunks_.push_back({std::make_unique<Term[]>(size), size});
  }
  Term* const out = chunks_[top_.chunk].terms.get() + top_.used;
  top_.used += slots;
  return out;
}

void Machine::begin(const Query& query, const EvalInput& input) {
  arena_.reset();
  arena_.set_limit(input.limits.memory_bytes);
  frames_.pop({});
  depth_ = 0;
  values_.clear();
  observed_.clear();
  answer_.rows.clear();
  answer_.error.reset();
  answer_.builtin_errors.clear();
  input_ = &input;
  program_ = query.program.get();
  file_ = nullptr;
  fuel_ = 0;
  steps_left_ = input.limits.steps;
  stack_end_ = static_cast<const std::byte*>(__builtin_frame_address(0)) - input.limits.stack_bytes;
  env_.arena = &arena_;
  env_.services = input.services;
  env_.cache = &call_cache_;
  env_.print = input.print ? &input.print : nullptr;
  env_.note = nullptr;
  if (input.observer != nullptr) {
    note_ = [this](std::string_view text) { observer()->note(text); };
    env_.note = &note_;
  }
  env_.now_ns = input.services->clock->wall().micros * 1000;
  deadline_ = input.services->clock->steady() + input.limits.time;
  if (!env_.stopped) {
    env_.stopped = [this] {
      return input_->stop.stop_requested() || input_->services->clock->steady() > deadline_;
    };
  }
  Scope& scope = push_scope();
  scope.input = input.input;
  scope.data = input.data;
  scope_ = &scope;
}

const Answer& Machine::evaluate(const Query& query, const EvalInput& input) {
  begin(query, input);
  Rows rows(query, answer_.rows);
  solve(query.body, frames_.push(query.slots), rows);
  if (!failed()) fuel_ = 0, refuel();
  if (failed()) answer_.rows.clear();
  return answer_;
}

bool Machine::has_stack() const {
  return static_cast<const std::byte*>(__builtin_frame_address(0)) > stack_end_;
}

bool Machine::refuel() {
  if (failed()) return false;
  const auto refuse = [&](std::string_view message) {
    fail(kCancelError, Position{}, std::string(message));
    return false;
  };
  if (input_->stop.stop_requested()) return refuse("caller cancelled query execution");
  if (input_->services->clock->steady() > deadline_) return refuse(kTookTooLong);
  if (arena_.exhausted()) return refuse(kTooMuchMemory);
  if (arena_.too_deep()) return refuse(kValueTooDeep);
  if (steps_left_ == 0) return refuse(kTooManySteps);
  const auto portion = std::min<std::uint64_t>(steps_left_, kStepsPerCheck);
  steps_left_ -= portion;
  fuel_ = static_cast<std::int64_t>(portion);
  return true;
}

Scope& Machine::push_scope() {
  if (depth_ == scopes_.size()) scopes_.push_back(std::make_unique<Scope>());
  Scope& scope = *scopes_[depth_];
  scope.clear();
  scope.outer = depth_ > 0 ? scope_ : nullptr;
  if (depth_ > 0) {
    scope.input = scope_->input;
    scope.data = scope_->data;
    scope.masks = scope_->masks;
    scope.stand_ins = scope_->stand_ins;
  }
  ++depth_;
  return scope;
}

void Machine::pop_scope() {
  --depth_;
  scope_ = scopes_[depth_]->outer;
}

Flow Machine::fail(std::string_view code, Position at, std::string message) {
  if (!failed()) {
    answer_.error = PolicyError{
        std::string(code), std::move(message), file_ != nullptr ? *file_ : std::string(), at, {}};
  }
  return Flow::stop;
}

Flow Machine::fail(std::string_view code, const Definition& at, std::string message) {
  file_ = at.file;
  return fail(code, at.at, std::move(message));
}

Flow Machine::builtin_failed(const BuiltinError& problem, Position at) {
  if (problem.kind == BuiltinError::Kind::conflict)
    return fail(kConflictError, at, problem.message);
  const std::string_view code =
      problem.kind == BuiltinError::Kind::type ? kEvalTypeError : kBuiltinError;
  if (input_->strict_builtin_errors) return fail(code, at, problem.message);
  if (answer_.builtin_errors.size() < kMostBuiltinErrors) {
    answer_.builtin_errors.push_back(
        {std::string(code), problem.message, file_ != nullptr ? *file_ : std::string(), at, {}});
  }
  return Flow::back;
}

Evaluator::Evaluator() : machine_(std::make_unique<Machine>()) {}
Evaluator::~Evaluator() = default;

const Answer& Evaluator::evaluate(const Query& query, const EvalInput& input) {
  return machine_->evaluate(query, input);
}

std::vector<NdCall> Evaluator::nd_calls() const { return machine_->nd_calls(); }

}  // namespace writ::rego
