// The plan as JSON and back.
#include <limits>

#include "protocol/enum_text.h"
#include "protocol/plan_fields.h"
#include "protocol/plan_value.h"

namespace writ::protocol {
namespace {

constexpr std::string_view kFormat = "writ.plan/v1";

template <typename T>
concept Named = requires(T value, std::string_view text) { parse_text(text, value); };

template <typename T, typename Archive>
concept Struct = requires(Archive& archive, T& value) { fields(archive, value); };

enum class Detail : std::uint8_t { whole, digested };

template <typename T>
bool says_something(const std::vector<T>& values) {
  return !values.empty();
}
template <typename T>
bool says_something(const std::optional<T>& value) {
  return value.has_value();
}

class Writer {
 public:
  explicit Writer(Detail detail) : detail_(detail) {}

  template <typename T>
  void operator()(std::string_view key, T& value) {
    object_.append(std::string(key), write(value));
  }
  template <typename T>
  void local(std::string_view key, T& value) {
    if (detail_ == Detail::whole) (*this)(key, value);
  }
  template <typename T>
  void since_then(std::string_view key, T& value) {
    if (says_something(value)) (*this)(key, value);
  }
  void protocols(std::string_view key, std::vector<BoundDocument>& documents) {
    Array array;
    for (BoundDocument& document : documents) {
      BoundProtocol protocol{document};
      array.push_back(write(protocol));
    }
    object_.append(std::string(key), std::move(array));
  }
  Object take() { return std::move(object_); }

 private:
  template <Named T>
  Value write(T& value) {
    return to_text(value);
  }
  template <typename T>
    requires Struct<T, Writer>
  Value write(T& value) {
    Writer inner(detail_);
    fields(inner, value);
    return inner.take();
  }
  template <typename T>
  Value write(std::vector<T>& values) {
    Array array;
    for (T& value : values) array.push_back(write(value));
    return array;
  }
  template <typename T>
  Value write(std::optional<T>& value) {
    return value ? write(*value) : Value();
  }
  template <typename T>
  Value write(std::map<std::string, T>& values) {
    Object object;
    for (auto& [key, value] : values) object.append(key, write(value));
    return object;
  }
  Value write(policy::Gate& gate) { return gate.to_value(); }
  Value write(Duration& value) { return static_cast<std::int64_t>(value.count()); }
  Value write(std::string& value) { return value; }
  Value write(std::uint32_t& value) { return value; }
  Value write(std::uint64_t& value) { return value; }
  Value write(bool& value) { return value; }
  Value write(Value& value) { return value; }

  Detail detail_;
  Object object_;
};

// Strict: every member must be there, of its type, and nothing else.
class Reader {
 public:
  explicit Reader(const Value& value) : value_(value) {}

  template <typename T>
  void operator()(std::string_view key, T& out) {
    ++expected_;
    const Value* member = value_.find(key);
    if (member == nullptr || !read(*member, out)) refuse(key);
  }
  template <typename T>
  void local(std::string_view key, T& out) {
    (*this)(key, out);
  }
  template <typename T>
  void since_then(std::string_view key, T& out) {
    if (value_.find(key) == nullptr) return;
    (*this)(key, out);
    if (!says_something(out)) refuse(key);
  }
  void protocols(std::string_view key, std::vector<BoundDocument>& out) {
    ++expected_;
    const Value* member = value_.find(key);
    if (member == nullptr || !member->is_array()) return refuse(key);
    for (const Value& element : member->as_array()) {
      BoundProtocol protocol{out.emplace_back()};
      if (!read(element, protocol)) return refuse(key);
    }
  }
  // The first member that is wrong, as a path; empty when all is well.
  std::string finish() {
    if (broken_.empty() && (!value_.is_object() || value_.as_object().size() != expected_)) {
      broken_ = "an unknown member";
    }
    return broken_;
  }

 private:
  void refuse(std::string_view key) {
    if (broken_.empty()) broken_ = std::string(key) + (inner_.empty() ? "" : "." + inner_);
  }

  template <Named T>
  bool read(const Value& value, T& out) {
    return value.is_string() && parse_text(value.as_string(), out);
  }
  template <typename T>
    requires Struct<T, Reader>
  bool read(const Value& value, T& out) {
    Reader inner(value);
    fields(inner, out);
    inner_ = inner.finish();
    return inner_.empty();
  }
  template <typename T>
  bool read(const Value& value, std::vector<T>& out) {
    if (!value.is_array()) return false;
    for (const Value& element : value.as_array()) {
      if (!read(element, out.emplace_back())) return false;
    }
    return true;
  }
  template <typename T>
  bool read(const Value& value, std::optional<T>& out) {
    return value.is_null() || read(value, out.emplace());
  }
  template <typename T>
  bool read(const Value& value, std::map<std::string, T>& out) {
    if (!value.is_object()) return false;
    for (const Member& member : value.as_object()) {
      if (!read(member.value, out[member.key])) return false;
    }
    return true;
  }
  bool read(const Value& value, policy::Gate& out) {
    auto gate = policy::Gate::from_value(value);
    if (!gate) return false;
    out = *std::move(gate);
    return true;
  }
  bool read(const Value& value, Duration& out) {
    if (!value.is_integer() || value.as_integer() < 0) return false;
    out = Duration(value.as_integer());
    return true;
  }
  bool read(const Value& value, std::string& out) {
    if (value.is_string()) out = value.as_string();
    return value.is_string();
  }
  bool read(const Value& value, std::uint32_t& out) {
    if (!value.is_integer() || value.as_integer() < 0 ||
        value.as_integer() > std::numeric_limits<std::uint32_t>::max()) {
      return false;
    }
    out = static_cast<std::uint32_t>(value.as_integer());
    return true;
  }
  bool read(const Value& value, std::uint64_t& out) {
    if (!value.is_integer() || value.as_integer() < 0) return false;
    out = static_cast<std::uint64_t>(value.as_integer());
    return true;
  }
  bool read(const Value& value, bool& out) {
    if (value.is_bool()) out = value.as_bool();
    return value.is_bool();
  }
  bool read(const Value& value, Value& out) {
    out = value;
    return true;
  }

  const Value& value_;
  std::size_t expected_ = 0;
  std::string broken_;
  std::string inner_;
};

template <typename T>
Value written(const T& value, Detail detail) {
  Writer writer(detail);
  // The walk is shared with the reader, which needs references it may write to.
  fields(writer, const_cast<T&>(value));
  return writer.take();
}

// What the engine relies on without looking again.
std::string broken_order(const Plan& plan) {
  std::map<std::string_view, std::size_t> seen;
  for (const PlanStep& step : plan.steps) {
    for (const std::string& need : step.needs) {
      if (!seen.contains(need)) return "step " + step.path + " needs what does not come before it";
    }
    if (step.gate.has_value() == step.gate_over.empty()) {
      return "step " + step.path + " has a gate over nothing, or no gate over something";
    }
    if (!seen.emplace(step.path, seen.size()).second) return "two steps are called " + step.path;
  }
  return {};
}

}  // namespace

Value digested_value(const Plan& plan) { return written(plan, Detail::digested); }
Value digested_value(const PlanStep& step) { return written(step, Detail::digested); }

Value Plan::to_value() const {
  Object value{{"format", kFormat}};
  Value plan = written(*this, Detail::whole);
  value.append("plan", std::move(plan));
  return value;
}

Result<Plan> Plan::from_value(const Value& value) {
  const Value* body = value.find("plan");
  if (value.string_or("format", "") != kFormat || body == nullptr) {
    return fail(Code::tampered, "this is no stored plan of the format writ.plan/v1");
  }
  Plan plan;
  Reader reader(*body);
  fields(reader, plan);
  if (const std::string broken = reader.finish(); !broken.empty()) {
    return fail(Code::tampered, "the stored plan is broken at " + broken);
  }
  if (const std::string broken = broken_order(plan); !broken.empty()) {
    return fail(Code::tampered, "the stored plan is broken: " + broken);
  }
  return plan;
}

}  // namespace writ::protocol
