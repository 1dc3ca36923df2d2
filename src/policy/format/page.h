#pragma once
// The page that a formatter writes on: lines, indentation, and where the comments of the source go.
//
// Offsets are bytes of the source. A comment is printed on a line of its own when the next thing at
// the beginning of a line stands behind it, and at the end of a line when the line holds something
// that stood on the comment's line. Where a comment has neither place (two for one line, or one in
// the middle of a line), `attempt` prints that part of the source as it is.
// Private to policy/format.
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/parse/ast.h"

namespace writ::rego {

inline constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

class Page {
 public:
  explicit Page(const ast::Module& module);

  std::size_t offset_of(Position at) const { return lines_[at.line - 1] + at.column - 1; }
  std::size_t row_of(std::size_t offset) const;
  // Row of the last byte before `end`.
  std::size_t last_row(std::size_t end) const { return row_of(end == 0 ? 0 : end - 1); }
  std::string_view source() const { return source_; }
  // Whether only white space stands before `offset` on its line.
  bool begins_line(std::size_t offset) const;

  void write(std::string_view text) { out_ += text; }
  std::size_t size() const { return out_.size(); }
  std::string_view text() const { return out_; }
  std::string take() { return std::move(out_); }
  // Takes away what was written from `begin` on.
  std::string cut(std::size_t begin) {
    std::string out = out_.substr(begin);
    out_.resize(begin);
    return out;
  }

  void indent() { ++level_; }
  void outdent() { --level_; }

  // Begins a line for what stands at `offset`: the comments before it first.
  void start_line(std::size_t offset);
  // Comments before `offset` on lines of their own.
  void lead(std::size_t offset);
  // What is written now, within a line, stands at `offset`.
  void at(std::size_t offset);
  // Ends the line with the comment that belongs to it.
  void end_line();
  // Ends the line behind an opening sign. A comment that stands behind what comes next, at
  // `next`, goes with that.
  void break_line(std::size_t next);
  // Makes sure of one empty line, unless nothing has been written.
  void blank_line();

  // Whether comments on lines of their own stand in [begin, end) and are still to be printed.
  bool has_own_lines(std::size_t begin, std::size_t end) const;
  // Whether any comment is still to be printed that stands before `end`.
  bool has_comment_before(std::size_t end) const;
  bool has_line_end() const { return line_end_.has_value(); }

  // Comments from `offset` on belong to what comes later, while the object lives.
  class Limit {
   public:
    Limit(Page& page, std::size_t offset) : page_(page), before_(page.limit_) {
      if (offset < before_) page.limit_ = offset;
    }
    ~Limit() { page_.limit_ = before_; }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

   private:
    Page& page_;
    std::size_t before_;
  };

  // Writes what stands in [begin, end) by `write`; if a comment finds no place, as it stands.
  template <typename Write>
  void attempt(std::size_t begin, std::size_t end, Write write) {
    if (has_failed_) return;
    const Mark mark{out_.size(), next_, line_end_, level_};
    write();
    if (has_failed_) write_verbatim(mark, begin, end);
  }

 private:
  struct Comment {
    std::size_t offset;
    std::size_t row;
    std::uint32_t column;
    bool is_own_line;
    std::string text;
  };
  struct Mark {
    std::size_t size;
    std::size_t next;
    std::optional<std::size_t> line_end;
    int level;
  };

  void write_indent() { out_.append(static_cast<std::size_t>(level_), '\t'); }
  void attach(std::size_t row);
  void write_comment(const Comment& comment);
  void write_verbatim(const Mark& mark, std::size_t begin, std::size_t end);

  std::string_view source_;
  std::vector<std::size_t> lines_;  // offset of each line
  std::vector<Comment> comments_;
  std::string out_;
  int level_ = 0;
  std::size_t next_ = 0;                 // the first comment that has not been taken
  std::optional<std::size_t> line_end_;  // the comment that the line ends with
  std::size_t limit_ = kNowhere;
  bool has_failed_ = false;
};

}  // namespace writ::rego
