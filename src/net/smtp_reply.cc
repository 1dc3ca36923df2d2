#include "net/smtp_reply.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/http.h"

namespace writ::net {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> no_reply(const char* why) {
  return fail(Code::unavailable, std::string("what answers is no mail server: ") + why,
              "Check host, port and mail.smtp.security: `tls` is for port 465, `starttls` for 587");
}

struct Line {
  int code = 0;
  bool is_last = false;
  std::string_view text;
};

// One line without its end.
Result<Line> parse_line(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
      !is_digit(line[2])) {
    return no_reply("a line without a code");
  }
  const bool has_text = line.size() > 3;
  if (has_text && line[3] != ' ' && line[3] != '-') return no_reply("a code without an end");
  if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return no_reply("a line end that is none");
  }
  Line out;
  out.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  out.is_last = !has_text || line[3] == ' ';
  out.text = has_text ? line.substr(4) : std::string_view();
  return out;
}

// "5.1.1" at the beginning of `text`; empty: none (RFC 3463 section 2).
std::string_view enhanced_status(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 3; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return {};
      ++at;
    }
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at]) && at - from < 3) ++at;
    if (at == from) return {};
  }
  const bool has_ended = at == text.size() || text[at] == ' ';
  return has_ended ? text.substr(0, at) : std::string_view();
}

// The words of one line: "AUTH PLAIN LOGIN".
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) out.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

bool names(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::any_of(words,
                             [&](std::string_view one) { return equals_ignoring_case(one, word); });
}

// A size of 0 says that there is no fixed one (RFC 1870 section 4).
std::optional<std::uint64_t> size_in(const std::vector<std::string_view>& words) {
  if (words.size() < 2) return std::nullopt;
  std::uint64_t size = 0;
  const std::string_view text = words[1];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size == 0) return std::nullopt;
  return size;
}

}  // namespace

std::string SmtpReply::status() const {
  std::string out = std::to_string(code);
  const std::string_view enhanced = lines.empty() ? "" : enhanced_status(lines.front());
  if (!enhanced.empty()) out += " " + std::string(enhanced);
  return out;
}

Result<std::optional<ParsedReply>> parse_smtp_reply(std::string_view bytes) {
  ParsedReply out;
  for (;;) {
    const std::string_view rest = bytes.substr(out.size);
    const std::size_t end = rest.find("\r\n");
    if (std::min(end, rest.size()) > kReplyLine || out.size > kReplyBytes) {
      return no_reply("it does not come to an end");
    }
    if (end == std::string_view::npos) {
      // Before a line is whole: something else speaks first, of which no line may ever end.
      if (rest.size() >= 3 && !parse_line(rest.substr(0, 3))) return no_reply("it has no code");
      return std::nullopt;
    }
    WRIT_TRY(const Line line, parse_line(rest.substr(0, end)));
    if (!out.reply.lines.empty() && line.code != out.reply.code) {
      return no_reply("two codes in one answer");
    }
    out.reply.code = line.code;
    out.reply.lines.emplace_back(line.text);
    out.size += end + 2;
    if (line.is_last) return std::optional(std::move(out));
  }
}

SmtpExtensions extensions_of(const SmtpReply& reply) {
  SmtpExtensions out;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {  // the first greets
    const auto words = words_of(reply.lines[i]);
    if (words.empty()) continue;
    const auto is = [&](std::string_view name) { return equals_ignoring_case(words[0], name); };
    if (is("STARTTLS")) out.has_starttls = true;
    if (is("8BITMIME")) out.has_eight_bit = true;
    if (is("SMTPUTF8")) out.has_utf8 = true;
    if (is("SIZE")) out.most_bytes = size_in(words);
    if (is("AUTH")) {
      out.has_plain = out.has_plain || names(words, "PLAIN");
      out.has_login = out.has_login || names(words, "LOGIN");
    }
  }
  return out;
}

}  // namespace writ::net
