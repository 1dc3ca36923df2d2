#include "policy/builtins/families.h"
#include "policy/builtins/time_chunk.h"
#include "policy/builtins/time_layout.h"
#include "policy/builtins/time_zone.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::string_view kWanted = "either number (ns) or [number (ns), string (tz)]";
constexpr std::int64_t kMostYears = 1'000'000;

Outcome ns_of(Call& call, const Instant& instant) {
  const auto ns = instant.to_ns();
  if (!ns) return call.error("time outside of valid range");
  return Term::integer(*ns);
}

// A point in time and where it is looked at from.
struct Moment {
  Instant instant;
  std::shared_ptr<const TimeZone> zone;
  Term layout;  // undefined: not given
};

using Zone = Result<TimeZone>;

bool read_zone(Call& call, std::string_view name, Moment& out) {
  const auto loaded = call.cached<Zone>(
      "time.zone", name, [&] { return std::make_shared<const Zone>(TimeZone::load(name)); });
  if (!loaded->has_value()) {
    call.error(loaded->error().message);
    return false;
  }
  out.zone = std::shared_ptr<const TimeZone>(loaded, &**loaded);
  return true;
}

// An argument that is a number, or an array of number, zone and layout. False: the error has
// been prepared.
bool read_moment(Call& call, std::size_t i, Moment& out) {
  const Term& arg = call.arg(i);
  if (!arg.is_number() && (!arg.is_array() || arg.size() == 0)) {
    call.wrong_type(0, kWanted);
    return false;
  }
  const auto parts = arg.is_array() ? arg.items() : std::span<const Term>(&arg, 1);
  for (std::size_t k = 0; k < std::min<std::size_t>(parts.size(), 3); ++k) {
    const Kind wanted = k == 0 ? Kind::number : Kind::string;
    if (parts[k].kind() == wanted) continue;
    call.bad_operand(0, "must be " + std::string(kind_name(wanted)) + " but got " +
                            std::string(kind_name(parts[k].kind())));
    return false;
  }
  if (!read_zone(call, parts.size() > 1 ? parts[1].text() : "", out)) return false;
  const auto ns = to_int64(parts[0]);
  if (!ns) {
    call.error("timestamp too big");
    return false;
  }
  out.instant = Instant::from_ns(*ns);
  if (parts.size() > 2) out.layout = parts[2];
  return true;
}

Outcome now_ns(Call& call) { return Term::integer(call.now_ns()); }

Outcome parse_with(Call& call, std::string_view layout, std::string_view text) {
  const auto instant = parse_time(layout, text);
  if (!instant) return call.error(instant.error().message);
  return ns_of(call, *instant);
}

Outcome parse_ns(Call& call) {
  return parse_with(call, named_layout(call.arg(0).text()), call.arg(1).text());
}

Outcome parse_rfc3339_ns(Call& call) {
  return parse_with(call, named_layout("RFC3339"), call.arg(0).text());
}

Outcome parse_duration_ns(Call& call) {
  const auto ns = parse_duration(call.arg(0).text());
  if (!ns) return call.error(ns.error().message);
  return Term::integer(*ns);
}

Outcome format(Call& call) {
  Moment moment;
  if (!read_moment(call, 0, moment)) return call.failed();
  const bool has_layout = moment.layout.is_defined() && !moment.layout.text().empty();
  const std::string_view layout =
      has_layout ? named_layout(moment.layout.text()) : named_layout("RFC3339Nano");
  return call.string(format_time(moment.instant, *moment.zone, layout));
}

Outcome numbers(Call& call, std::initializer_list<std::int64_t> values) {
  std::vector<Term> items;
  for (const std::int64_t value : values) items.push_back(Term::integer(value));
  return make_array(call.arena(), items);
}

Outcome date(Call& call) {
  Moment moment;
  if (!read_moment(call, 0, moment)) return call.failed();
  const CivilTime civil = moment.zone->local(moment.instant.seconds);
  return numbers(call, {civil.year, civil.month, civil.day});
}

Outcome clock(Call& call) {
  Moment moment;
  if (!read_moment(call, 0, moment)) return call.failed();
  const CivilTime civil = moment.zone->local(moment.instant.seconds);
  return numbers(call, {civil.hour, civil.minute, civil.second});
}

Outcome weekday(Call& call) {
  Moment moment;
  if (!read_moment(call, 0, moment)) return call.failed();
  const std::int64_t seconds = moment.instant.seconds;
  const int day = weekday_of(seconds + moment.zone->at(seconds).offset);
  return call.string(kWeekdays[static_cast<std::size_t>(day)]);
}

Outcome add_date(Call& call) {
  Moment moment;
  if (!read_moment(call, 0, moment)) return call.failed();
  CivilTime civil = moment.zone->local(moment.instant.seconds);
  std::int64_t* const fields[] = {&civil.year, &civil.month, &civil.day};
  static constexpr std::int64_t kMost[] = {kMostYears, kMostYears * 12, kMostYears * 366};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto more = call.integer(i + 1);
    if (!more) return call.failed();
    if (*more > kMost[i] || *more < -kMost[i]) return call.error("time outside of valid range");
    *fields[i] += *more;
  }
  return ns_of(call, {moment.zone->instant(civil), moment.instant.nanos});
}

// Years, months, days, hours, minutes and seconds between two clocks of one zone: as one counts
// with a calendar in hand, borrowing from the next larger unit.
Outcome difference(Call& call) {
  Moment from, to;
  if (!read_moment(call, 0, from) || !read_moment(call, 1, to)) return call.failed();
  const auto zone = from.zone;
  if (from.instant.to_ns() > to.instant.to_ns()) std::swap(from, to);
  const CivilTime a = zone->local(from.instant.seconds);
  const CivilTime b = zone->local(to.instant.seconds);
  std::int64_t second = b.second - a.second, minute = b.minute - a.minute, hour = b.hour - a.hour;
  std::int64_t day = b.day - a.day, month = b.month - a.month, year = b.year - a.year;
  const auto borrow = [](std::int64_t& small, std::int64_t& large, std::int64_t size) {
    if (small >= 0) return;
    small += size;
    --large;
  };
  borrow(second, minute, 60);
  borrow(minute, hour, 60);
  borrow(hour, day, 24);
  borrow(day, month, days_in_month(a.month, a.year));
  borrow(month, year, 12);
  return numbers(call, {year, month, day, hour, minute, second});
}

constexpr Builtin kTime[] = {
    {"time.add_date",
     "(ns: number, years: number, months: number, days: number) => (output: number)", &add_date,
     Trait::checks_operands},
    {"time.clock",
     "(x: any<number, array<number, string>>) => (output: array<number, number, number>)", &clock},
    {"time.date",
     "(x: any<number, array<number, string>>) => (date: array<number, number, number>)", &date},
    {"time.diff",
     "(ns1: any<number, array<number, string>>, ns2: any<number, array<number, string>>) => "
     "(output: array<number, number, number, number, number, number>)",
     &difference},
    {"time.format",
     "(x: any<number, array<number, string>, array<number, string, string>>) => "
     "(formatted timestamp: string)",
     &format},
    {"time.now_ns", "() => (now: number)", &now_ns, Trait::nondeterministic},
    {"time.parse_duration_ns", "(duration: string) => (ns: number)", &parse_duration_ns},
    {"time.parse_ns", "(layout: string, value: string) => (ns: number)", &parse_ns},
    {"time.parse_rfc3339_ns", "(value: string) => (ns: number)", &parse_rfc3339_ns},
    {"time.weekday", "(x: any<number, array<number, string>>) => (day: string)", &weekday},
};

}  // namespace

std::span<const Builtin> time_builtins() { return kTime; }

}  // namespace writ::rego
