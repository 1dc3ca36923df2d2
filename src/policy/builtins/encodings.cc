// base64, base64url, hex and urlquery, with the faults that Go's decoders report.
#include "base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "policy/builtins/families.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

enum class Alphabet : bool { standard, url };

// 0 to 63, or -1.
int sextet(char c, Alphabet alphabet) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (alphabet == Alphabet::standard ? '+' : '-')) return 62;
  if (c == (alphabet == Alphabet::standard ? '/' : '_')) return 63;
  return -1;
}

// Decodes padded base64, line ends ignored.
class Base64Decoder {
 public:
  Base64Decoder(std::string_view text, Alphabet alphabet) : text_(text), alphabet_(alphabet) {}

  // False: `fault` is where it goes wrong.
  bool run() {
    while (true) {
      int sextets[4];
      int count = 0;
      while (count < 4) {
        skip_line_ends();
        if (at_ == text_.size()) {
          if (count == 0) return true;
          at_ -= static_cast<std::size_t>(count);
          return false;
        }
        const char c = text_[at_];
        if (c == '=') return end(sextets, count);
        const int value = sextet(c, alphabet_);
        if (value < 0) return false;
        sextets[count++] = value;
        ++at_;
      }
      put(sextets, 4);
    }
  }

  std::size_t fault() const { return at_; }
  const std::string& bytes() const { return out_; }

 private:
  void skip_line_ends() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  // At the first '=' after `count` sextets: only padding may follow.
  bool end(int (&sextets)[4], int count) {
    if (count < 2) return false;
    ++at_;
    skip_line_ends();
    if (count == 2) {
      if (at_ == text_.size()) return false;
      if (text_[at_] != '=') {
        --at_;
        return false;
      }
      ++at_;
      skip_line_ends();
    }
    if (at_ != text_.size()) return false;
    put(sextets, count);
    return true;
  }

  void put(const int (&sextets)[4], int count) {
    unsigned bits = 0;
    for (int i = 0; i < 4; ++i) {
      bits = bits << 6 | (i < count ? static_cast<unsigned>(sextets[i]) : 0U);
    }
    for (int i = 0; i + 1 < count; ++i) out_ += static_cast<char>(bits >> (16 - 8 * i));
  }

  std::string_view text_;
  Alphabet alphabet_;
  std::size_t at_ = 0;
  std::string out_;
};

Outcome decoded(Call& call, std::string_view text, Alphabet alphabet) {
  Base64Decoder decoder(text, alphabet);
  if (decoder.run()) return call.string(decoder.bytes());
  return call.error(fmt::format("illegal base64 data at input byte {}", decoder.fault()));
}

Outcome base64_decode(Call& call) { return decoded(call, call.arg(0).text(), Alphabet::standard); }

Outcome base64_is_valid(Call& call) {
  const Term& text = call.arg(0);
  return Term::boolean(text.is_string() && Base64Decoder(text.text(), Alphabet::standard).run());
}

Outcome base64_encode(Call& call) { return call.string(to_base64(call.arg(0).text())); }

std::string to_base64_url(std::string_view bytes) {
  std::string out = to_base64(bytes);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

Outcome base64url_encode(Call& call) { return call.string(to_base64_url(call.arg(0).text())); }

Outcome base64url_encode_no_pad(Call& call) {
  std::string out = to_base64_url(call.arg(0).text());
  while (out.ends_with('=')) out.pop_back();
  return call.string(out);
}

// The padding may be left out (RFC 7515 appendix C).
Outcome base64url_decode(Call& call) {
  std::string text(call.arg(0).text());
  if (!text.ends_with('=')) {
    if (text.size() % 4 == 1) return call.error("illegal base64url string: " + text);
    text.append((4 - text.size() % 4) % 4, '=');
  }
  return decoded(call, text, Alphabet::url);
}

Outcome hex_encode(Call& call) { return call.string(to_hex(as_bytes(call.arg(0).text()))); }

// 0 to 15, or -1.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A byte in a message of Go: U+0067 'g'.
std::string spelled_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  std::string out = fmt::format("U+{:04X}", byte);
  if (!is_printable(byte)) return out;
  out += " '";
  append_rune(out, byte);
  return out += '\'';
}

Outcome hex_decode(Call& call) {
  const std::string_view text = call.arg(0).text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return call.error("encoding/hex: invalid byte: " + spelled_byte(text[i]));
    if (i % 2 == 0) {
      out += static_cast<char>(digit << 4);
    } else {
      out.back() = static_cast<char>(out.back() | digit);
    }
  }
  if (text.size() % 2 == 1) return call.error("encoding/hex: odd length hex string");
  return call.string(out);
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view("-_.~").contains(c);
    if (is_plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

Outcome url_encode(Call& call) {
  std::string out;
  append_escaped(out, call.arg(0).text());
  return call.string(out);
}

// Without a value `fault` is the escape that is none.
std::optional<std::string> unescaped(std::string_view text, std::string& fault) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      fault = fmt::format("invalid URL escape \"{}\"", text.substr(i, 3));
      return std::nullopt;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

Outcome url_decode(Call& call) {
  std::string fault;
  const auto out = unescaped(call.arg(0).text(), fault);
  return out ? Outcome(call.string(*out)) : call.error(fault);
}

Outcome url_encode_object(Call& call) {
  constexpr std::string_view kWanted = "values must be string, array[string], or set[string]";
  const Term& object = call.arg(0);
  std::string out;
  const auto add = [&](const Term& key, const Term& value) {
    if (!key.is_string() || !value.is_string()) return false;
    if (!out.empty()) out += '&';
    append_escaped(out, key.text());
    out += '=';
    append_escaped(out, value.text());
    return true;
  };
  for (std::size_t i = 0; i < object.size(); ++i) {
    const Term& key = object.keys()[i];
    const Term& value = object.values()[i];
    if (value.is_array() || value.is_set()) {
      for (const Term& item : value.items()) {
        if (!add(key, item)) return call.bad_operand(0, kWanted);
      }
    } else if (!add(key, value)) {
      return call.bad_operand(0, kWanted);
    }
  }
  return call.string(out);
}

Outcome url_decode_object(Call& call) {
  std::map<std::string, std::vector<Term>> values;
  std::string fault;
  for (std::string_view rest = call.arg(0).text(); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    if (pair.contains(';')) return call.error("invalid semicolon separator in query");
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = unescaped(pair.substr(0, equals), fault);
    const auto value = unescaped(pair.substr(std::min(equals + 1, pair.size())), fault);
    if (!key || !value) return call.error(fault);
    values[*key].push_back(call.string(*value));
  }
  std::vector<Member> members;
  members.reserve(values.size());
  for (const auto& [key, list] : values) {
    members.push_back({call.string(key), make_array(call.arena(), list)});
  }
  return make_object(call.arena(), std::move(members));
}

constexpr std::string_view kText = "(x: string) => (y: string)";
constexpr std::string_view kIsValid = "(x: string) => (result: boolean)";
constexpr Builtin kEncodings[] = {
    {"base64.decode", kText, &base64_decode},
    {"base64.encode", kText, &base64_encode},
    {"base64.is_valid", kIsValid, &base64_is_valid, Trait::checks_operands},
    {"base64url.decode", kText, &base64url_decode},
    {"base64url.encode", kText, &base64url_encode},
    {"base64url.encode_no_pad", kText, &base64url_encode_no_pad},
    {"hex.decode", kText, &hex_decode},
    {"hex.encode", kText, &hex_encode},
    {"urlquery.decode", kText, &url_decode},
    {"urlquery.decode_object", "(x: string) => (object: object[string: array[string]])",
     &url_decode_object},
    {"urlquery.encode", kText, &url_encode},
    {"urlquery.encode_object",
     "(object: object[string: any<string, array[string], set[string]>]) => (y: string)",
     &url_encode_object},
};

}  // namespace

std::span<const Builtin> encoding_builtins() { return kEncodings; }

}  // namespace writ::rego
