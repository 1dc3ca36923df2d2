#include <algorithm>

#include "policy/builtins/families.h"
#include "policy/builtins/hosts.h"
#include "policy/builtins/net_address.h"

namespace writ::rego {
namespace {

// Addresses that one expansion may have: a /12 of IPv4.
constexpr std::size_t kMostAddresses = std::size_t{1} << 20;

bool read_block(Call& call, std::string_view text, CidrBlock& out) {
  const auto block = CidrBlock::parse(text);
  if (block) out = *block;
  if (!block) call.error("invalid CIDR address: " + std::string(text));
  return block.has_value();
}

Outcome intersects(Call& call) {
  CidrBlock a, b;
  if (!read_block(call, call.arg(0).text(), a) || !read_block(call, call.arg(1).text(), b)) {
    return call.failed();
  }
  return Term::boolean(a.contains(b.address) || b.contains(a.address));
}

// Whether `block` contains an address or all of a block. Nothing: `text` is neither.
std::optional<bool> contains_text(const CidrBlock& block, std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return block.contains(*address);
  const auto other = CidrBlock::parse(text);
  if (!other) return std::nullopt;
  return block.contains(other->address) && block.contains(other->last());
}

Outcome neither(Call& call, std::string_view text) {
  return call.error("not a valid textual representation of an IP address or CIDR: " +
                    std::string(text));
}

Outcome contains(Call& call) {
  CidrBlock block;
  if (!read_block(call, call.arg(0).text(), block)) return call.failed();
  const auto inside = contains_text(block, call.arg(1).text());
  if (!inside) return neither(call, call.arg(1).text());
  return Term::boolean(*inside);
}

// A text to compare and the term that stands for it in the result.
struct Candidate {
  Term text;
  Term index;
};

bool read_candidate(Call& call, std::size_t operand, const Term& value, const Term& index,
                    std::vector<Candidate>& out) {
  const bool is_array = value.is_array() && value.size() > 0;
  if (!value.is_string() && !is_array) {
    call.error("operand " + std::to_string(operand + 1) +
               ": element must be string or non-empty array");
    return false;
  }
  const Term text = is_array ? value.items()[0] : value;
  if (!text.is_string()) {
    call.bad_operand(0, "must be string but got " + std::string(kind_name(text.kind())));
    return false;
  }
  out.push_back({text, index});
  return true;
}

// The texts of an operand: itself, or the elements of an array (by position), of an object (by
// key) or of a set (by themselves); an element may be an array that begins with the text.
bool read_candidates(Call& call, std::size_t operand, std::vector<Candidate>& out) {
  const Term& arg = call.arg(operand);
  if (arg.is_string()) {
    out.push_back({arg, arg});
    return true;
  }
  if (!arg.is_collection()) return true;
  const auto values = arg.is_object() ? arg.values() : arg.items();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Term index = arg.is_object()  ? arg.keys()[i]
                       : arg.is_array() ? Term::integer(static_cast<std::int64_t>(i))
                                        : values[i];
    if (!read_candidate(call, operand, values[i], index, out)) return false;
  }
  return true;
}

Outcome contains_matches(Call& call) {
  std::vector<Candidate> blocks, texts;
  if (!read_candidates(call, 0, blocks)) return call.failed();
  if (!blocks.empty() && !read_candidates(call, 1, texts)) return call.failed();
  std::vector<Term> found;
  for (const Candidate& one : texts.empty() ? std::span<Candidate>() : std::span(blocks)) {
    CidrBlock block;
    if (!read_block(call, one.text.text(), block)) return call.failed();
    for (const Candidate& other : texts) {
      const auto inside = contains_text(block, other.text.text());
      if (!inside) return neither(call, other.text.text());
      if (*inside) found.push_back(make_array(call.arena(), {one.index, other.index}));
    }
    if (!call.keep_going()) return Outcome::undefined();
  }
  return make_set(call.arena(), std::move(found));
}

Outcome expand(Call& call) {
  CidrBlock block;
  if (!read_block(call, call.arg(0).text(), block)) return call.failed();
  if (block.address.size() * 8 - block.prefix > 20) {
    return call.error("CIDR has more than " + std::to_string(kMostAddresses) + " addresses");
  }
  std::vector<Term> out;
  IpAddress at = block.address;
  do {
    out.push_back(call.string(at.text()));
    if (out.size() % 1024 == 0 && !call.keep_going()) return Outcome::undefined();
  } while (at.increment() && block.contains(at));
  return make_set(call.arena(), std::move(out));
}

Outcome is_valid(Call& call) {
  const Term& text = call.arg(0);
  return Term::boolean(text.is_string() && CidrBlock::parse(text.text()).has_value());
}

// The network that an address without prefix belonged to before there were prefixes.
std::size_t default_prefix(const IpAddress& address) {
  const unsigned first = address.bytes()[0];
  return first < 0x80 ? 8 : first < 0xc0 ? 16 : 24;
}

// A block that may be written with any of its addresses.
struct Network {
  CidrBlock block;
  std::string text;
};

bool read_network(Call& call, const Term& element, Network& out) {
  if (!element.is_string()) {
    call.error("element must be string");
    return false;
  }
  const auto address = IpAddress::parse(element.text());
  if (!address) {
    if (!read_block(call, element.text(), out.block)) return false;
    out.text = out.block.text();
    return true;
  }
  if (!address->is_v4()) {
    call.error("IPv6 invalid: needs prefix length");
    return false;
  }
  const std::size_t prefix = default_prefix(*address);
  out.block = {address->first(prefix), prefix};
  out.text = address->text() + "/" + std::to_string(prefix);
  return true;
}

struct Range {
  IpAddress first, last;
  std::string text;  // how it was written; empty: joined from several
};

// Joins ranges that overlap or touch. `ranges` are sorted by their first address.
std::vector<Range> join(const std::vector<Range>& ranges) {
  std::vector<Range> out;
  for (const Range& range : ranges) {
    IpAddress after = out.empty() ? range.first : out.back().last;
    const bool touches = !out.empty() && after.size() == range.first.size() &&
                         (!after.increment() || range.first <= after);
    if (!touches) {
      out.push_back(range);
      continue;
    }
    out.back().last = std::max(out.back().last, range.last);
    out.back().text.clear();
  }
  return out;
}

// The range as it was written, or the fewest blocks that make it up.
void append_blocks(Call& call, const Range& range, std::vector<Term>& out) {
  if (!range.text.empty()) {
    out.push_back(call.string(range.text));
    return;
  }
  IpAddress at = range.first;
  while (at <= range.last) {
    std::size_t prefix = at.size() * 8;
    while (prefix > 0 && at.first(prefix - 1) == at && at.last(prefix - 1) <= range.last) --prefix;
    out.push_back(call.string(CidrBlock{at, prefix}.text()));
    at = at.last(prefix);
    if (!at.increment()) break;
  }
}

Outcome merge(Call& call) {
  const Term& of = call.arg(0);
  if (!of.is_array() && !of.is_set()) return call.error("operand must be an array");
  std::vector<Range> ranges;
  for (const Term& element : of.items()) {
    Network network;
    if (!read_network(call, element, network)) return call.failed();
    ranges.push_back({network.block.address, network.block.last(), network.text});
  }
  std::ranges::sort(ranges, {}, &Range::first);
  std::vector<Term> out;
  for (const Range& range : join(ranges)) append_blocks(call, range, out);
  return make_set(call.arena(), std::move(out));
}

Outcome lookup(Call& call) {
  const Term& name = call.arg(0);
  const std::string_view host = name.text();
  if (const auto address = IpAddress::parse(host)) {
    return make_set(call.arena(), {call.string(address->text())});
  }
  // RFC 6761 section 6.3: never asks anybody.
  if (host == "localhost" || host.ends_with(".localhost")) {
    return make_set(call.arena(), {call.string("127.0.0.1"), call.string("::1")});
  }
  if (!may_reach(call.services(), host)) return call.error(unallowed(host));
  if (call.services().network == nullptr) return call.error("network is not available");
  const auto found = call.services().network->resolve(host);
  if (!found) return call.error(found.error().message);
  std::vector<Term> out;
  for (const std::string& address : *found) out.push_back(call.string(address));
  return make_set(call.arena(), std::move(out));
}

constexpr std::string_view kCompare = "(cidr1: string, cidr2: string) => (result: boolean)";

constexpr Builtin kNet[] = {
    {"net.cidr_contains", "(cidr: string, cidr_or_ip: string) => (result: boolean)", &contains},
    {"net.cidr_contains_matches",
     "(cidrs: any<string, array[any<string, array[any]>], object[string: any<string, "
     "array[any]>], set[any<string, array[any]>]>, cidrs_or_ips: any<string, array[any<string, "
     "array[any]>], object[string: any<string, array[any]>], set[any<string, array[any]>]>) => "
     "(output: set[array<any, any>])",
     &contains_matches},
    {"net.cidr_expand", "(cidr: string) => (hosts: set[string])", &expand},
    {"net.cidr_intersects", kCompare, &intersects},
    {"net.cidr_is_valid", "(cidr: string) => (result: boolean)", &is_valid, Trait::checks_operands},
    {"net.cidr_merge", "(addrs: any<array[any<string>], set[string]>) => (output: set[string])",
     &merge},
    {"net.cidr_overlap", kCompare, &contains, Trait::deprecated},
    {"net.lookup_ip_addr", "(name: string) => (addrs: set[string])", &lookup,
     Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> net_builtins() { return kNet; }

}  // namespace writ::rego
