#include "server/api/api.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "net/router.h"
#include "observe/current_span.h"
#include "server/api/access.h"
#include "server/api/answer_check.h"
#include "server/api/errors.h"
#include "server/api/operation_span.h"
#include "server/api/request_reader.h"
#include "server/api/security_headers.h"
#include "server/api/trace.h"
#include "server/opa/routes.h"
#include "store/request_scope.h"

namespace writ::server {
namespace {

using contract::DescribedOperation;

// Operations that take no body still get some: clients send `{}` with every POST.
constexpr std::size_t kLeastBody = 4096;

net::Route route_of(const DescribedOperation& operation, net::Handler handler, std::size_t tag) {
  net::Route route;
  // The contract's schema lets only these through.
  route.method = net::parse_method(operation.method).value_or(net::Method::GET);
  route.pattern = pattern_of(operation);
  route.handler = std::move(handler);
  route.runs = operation.runs_on_loop ? net::Runs::on_loop : net::Runs::on_pool;
  route.body_limit =
      operation.is_raw ? operation.body_limit : std::max(operation.body_limit, kLeastBody);
  route.timeout = std::chrono::milliseconds(operation.timeout_ms);
  route.tag = tag;
  return route;
}

Diagnostic defect(const DescribedOperation& operation, std::string message, std::string remedy) {
  return {"contracts/openapi.yaml", operation.at, std::move(message), std::move(remedy)};
}

// Everything in which contract and functions differ.
std::vector<Diagnostic> differences(const ApiOptions& options,
                                    const std::map<std::string_view, const Binding*>& bound,
                                    const std::vector<Binding>& bindings) {
  std::vector<Diagnostic> out;
  for (const DescribedOperation& operation : options.description.operations()) {
    const auto at = bound.find(operation.id);
    const bool is_on = options.families.contains(operation.family);
    if (is_on && at == bound.end()) {
      out.push_back(defect(operation, "nothing carries out `" + operation.id + "`",
                           "Bind it in the table of its family"));
    } else if (!is_on && at != bound.end()) {
      out.push_back(defect(operation,
                           "`" + operation.id + "` is bound and its family is switched off",
                           "Switch the family on, or leave its table out"));
    } else if (is_on &&
               operation.is_raw != std::holds_alternative<net::Handler>(at->second->function)) {
      out.push_back(defect(operation, "`" + operation.id + "` is raw on one side only",
                           "Bind an Operation, or add `x-raw: true`"));
    }
  }
  std::set<std::string_view> seen;
  for (const Binding& binding : bindings) {
    const std::string id(binding.operation);
    if (options.description.find(id) == nullptr) {
      out.push_back({"",
                     {},
                     "the contract has no operation `" + id + "`",
                     "Describe it in contracts/openapi.yaml"});
    }
    if (!seen.insert(binding.operation).second) {
      out.push_back({"", {}, "`" + id + "` is bound twice", "Bind it once"});
    }
  }
  return out;
}

// The part of a `traceparent` that is spoken of.
std::string_view trace_id_in(std::string_view traceparent) { return traceparent.substr(3, 32); }

// One operation, from request to answer.
class Endpoint {
 public:
  // What is the whole API's is borrowed.
  struct Shared {
    const ApiAccess& access;
    const ForeignOrigins& origins;
    observe::Tracer& tracer;
    observe::Log* log;
  };
  Endpoint(const DescribedOperation& operation, Operation function, RequestReader reader,
           const Shared& shared)
      : operation_(operation),
        function_(std::move(function)),
        reader_(std::move(reader)),
        shared_(shared) {}

  void check_answers(AnswerCheck check) { check_.emplace(std::move(check)); }

  Result<net::Answer> answer(const net::Request& request, net::Context& context) const {
    const bool looks_up = operation_.answers_clients && ForeignOrigins::are_asked(request);
    if (looks_up && operation_.runs_on_loop && !context.is_on_pool) return net::Elsewhere{};
    observe::Span span = begin_span(shared_.tracer, operation_, request);
    const observe::CurrentSpan current(span);
    const store::RequestScope request_scope;
    context.trace = span.context().traceparent();
    std::string_view problem;
    net::Answer out = carry_out(request, context, problem);
    net::Response* const whole = std::get_if<net::Response>(&out);
    if (whole != nullptr && check_) {
      if (auto wrong = check_->broken(*whole)) {
        *whole = render_error(operation_.errors, *wrong, {});
        problem = error_row(wrong->code).name;
        log_failure(*wrong, context.trace);
      }
    }
    if (whole != nullptr && operation_.answers_clients) shared_.origins.mark(request, *whole);
    describe_answer(span, out, problem);
    if (auto* const later = std::get_if<net::Subscription>(&out)) {
      add_security_headers(later->head, context.is_encrypted);
    } else if (whole != nullptr) {
      add_security_headers(*whole, context.is_encrypted);
    }
    return out;
  }

 private:
  // `problem`: the code of what it failed with.
  net::Answer carry_out(const net::Request& request, net::Context& context,
                        std::string_view& problem) const {
    const std::string_view trace = trace_id_in(context.trace);
    ApiAccess::Verdict verdict = shared_.access.judge(operation_, request, context, trace);
    if (verdict.refusal) {
      problem = error_row(verdict.why).name;
      return std::move(*verdict.refusal);
    }
    ReadRequest read = reader_.read(request, context.parameters);
    if (read.has_no_such_path) {
      problem = error_row(Code::not_found).name;
      return failed(Code::not_found, "there is no such " + operation_.family, trace);
    }
    if (read.has_wrong_media || !read.faults.empty()) {
      problem = error_row(Code::invalid_input).name;
      if (read.has_wrong_media) return wrong_media(trace);
      return render_faults(operation_.errors, read.faults, trace);
    }
    const Call call{request,   context,         verdict.caller ? &*verdict.caller : nullptr,
                    read.body, read.parameters, trace};
    Result<net::Answer> answer = function_(call);
    if (answer) return *std::move(answer);
    problem = error_row(answer.error().code).name;
    log_failure(answer.error(), context.trace);
    return render_error(operation_.errors, answer.error(), trace);
  }

  // What a caller did wrong, or asks for too often, is theirs to read.
  void log_failure(const Error& error, std::string_view traceparent) const {
    if (shared_.log == nullptr || error_row(error.code).http_status < 500) return;
    const auto trace = observe::parse_trace_context(traceparent);
    shared_.log->write_error("server", "request.failed", error,
                             trace.value_or(observe::TraceContext()),
                             {{"operation", operation_.id}});
  }

  net::Response failed(Code code, std::string message, std::string_view trace) const {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return render_error(operation_.errors, error, trace);
  }

  net::Response wrong_media(std::string_view trace) const {
    std::string taken;
    for (const contract::DescribedBody& body : operation_.bodies) {
      taken += (taken.empty() ? "" : ", ") + body.media_type;
    }
    return unsupported_media(operation_.errors, taken, trace);
  }

  const DescribedOperation& operation_;
  const Operation function_;
  const RequestReader reader_;
  const Shared shared_;
  std::optional<AnswerCheck> check_;
};

}  // namespace

std::string pattern_of(const DescribedOperation& operation) {
  std::string out = operation.path;
  for (const contract::DescribedParameter& one : operation.parameters) {
    if (!one.takes_rest) continue;
    const std::string name = "{" + one.name + "}";
    if (const std::size_t at = out.find(name); at != std::string::npos) {
      out.replace(at, name.size(), "{" + one.name + "...}");
    }
  }
  return out;
}

class Api::Impl {
 public:
  explicit Impl(ApiOptions options)
      : options_(std::move(options)),
        rates_(options_.rates, options_.clock),
        no_tracer_(options_.clock, options_.random, [](const observe::SpanRecord&) {}),
        tracer_(options_.tracer != nullptr ? *options_.tracer : no_tracer_),
        access_(
            {options_.doorkeeper, rates_, options_.trusted_proxies, options_.resource_metadata}),
        origins_(options_.allows_origin) {}

  Result<void> bind(const std::vector<Binding>& bindings);
  Result<void> add(const DescribedOperation& operation, Binding binding);
  void add_preflights();
  Result<void> index();

  ApiOptions options_;
  RateLimits rates_;
  observe::Tracer no_tracer_;  // makes ids, and tells nobody
  observe::Tracer& tracer_;
  ApiAccess access_;
  ForeignOrigins origins_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<net::Route> routes_;
  std::vector<net::Route> raw_;
  std::vector<const DescribedOperation*> described_;  // by the tags of `router_`
  std::optional<net::Router> router_;                 // whose operation a request is meant for
};

Result<void> Api::Impl::bind(const std::vector<Binding>& bindings) {
  std::map<std::string_view, const Binding*> bound;
  for (const Binding& binding : bindings) bound.emplace(binding.operation, &binding);
  std::vector<Diagnostic> wrong = differences(options_, bound, bindings);
  if (!wrong.empty()) return fail(std::move(wrong));
  for (const DescribedOperation& operation : options_.description.operations()) {
    const auto at = bound.find(operation.id);
    if (at == bound.end()) continue;
    if (auto added = add(operation, *at->second); !added) {
      return std::unexpected(std::move(added).error().context("binding " + operation.id));
    }
  }
  add_preflights();
  return index();
}

Result<void> Api::Impl::add(const DescribedOperation& operation, Binding binding) {
  described_.push_back(&operation);
  if (operation.is_raw) {
    net::Handler handler = [inner = std::get<net::Handler>(std::move(binding.function))](
                               const net::Request& request, net::Context& context) {
      const store::RequestScope request_scope;
      return inner(request, context);
    };
    if (options_.tracer != nullptr) handler = with_spans(tracer_, operation, std::move(handler));
    raw_.push_back(route_of(operation, std::move(handler), binding.tag));
    return {};
  }
  WRIT_TRY(RequestReader reader, RequestReader::compile(options_.description, operation));
  auto endpoint = std::make_unique<Endpoint>(
      operation, std::get<Operation>(std::move(binding.function)), std::move(reader),
      Endpoint::Shared{access_, origins_, tracer_, options_.log});
  if (options_.checks_answers) {
    WRIT_TRY(AnswerCheck check, AnswerCheck::compile(options_.description, operation));
    endpoint->check_answers(std::move(check));
  }
  net::Handler handler = [&endpoint = *endpoint](const net::Request& request,
                                                 net::Context& context) {
    return endpoint.answer(request, context);
  };
  endpoints_.push_back(std::move(endpoint));
  routes_.push_back(route_of(operation, std::move(handler), binding.tag));
  return {};
}

// Of every path that has something for clients: what a browser asks before. No operation of the
// contract: it says nothing but what the contract says.
void Api::Impl::add_preflights() {
  std::map<std::string, std::vector<std::string>> methods;  // by pattern
  for (const DescribedOperation* const one : described_) {
    if (one->answers_clients) methods[pattern_of(*one)].push_back(one->method);
  }
  for (const auto& [pattern, all] : methods) {
    net::Route route;
    route.method = net::Method::OPTIONS;
    route.pattern = pattern;
    route.handler = [this, all](const net::Request& request,
                                net::Context& context) -> Result<net::Answer> {
      if (auto late = access_.limit_stranger(request, context)) return *std::move(late);
      net::Response out = origins_.preflight(request, all);
      add_security_headers(out, context.is_encrypted);
      return out;
    };
    routes_.push_back(std::move(route));
  }
}

Result<void> Api::Impl::index() {
  std::vector<net::Route> all;
  for (std::size_t i = 0; i < described_.size(); ++i) {
    all.push_back(route_of(*described_[i], {}, i));
  }
  WRIT_TRY(router_, net::Router::build(std::move(all)));
  return {};
}

Result<std::unique_ptr<Api>> Api::build(const std::vector<Binding>& bindings, ApiOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  WRIT_CHECK(impl->bind(bindings));
  return std::unique_ptr<Api>(new Api(std::move(impl)));
}

Api::Api(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Api::~Api() = default;

std::vector<net::Route> Api::routes() const { return impl_->routes_; }
std::vector<net::Route> Api::raw_routes() const { return impl_->raw_; }

net::Response Api::render(const Error& error, const net::Request& request, int status) const {
  contract::ErrorShape shape = impl_->options_.elsewhere;
  if (const std::optional<net::Router>& router = impl_->router_; router) {
    const auto match = router->find(request.method, request.path);
    const bool is_known = match && match->route != nullptr;
    if (is_known) {
      shape = impl_->described_[match->route->tag]->errors;
    } else {
      tell_of_refusal(impl_->tracer_, request, error, status);
    }
  }
  if (shape == contract::ErrorShape::opa) return render_for_opa(error, request, status);
  net::Response response =
      render_error(shape, error, trace_of(request, impl_->options_.random), status);
  add_security_headers(response, false);
  return response;
}

}  // namespace writ::server
