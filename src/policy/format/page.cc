#include "policy/format/page.h"

#include <algorithm>
#include <utility>

#include "policy/format/same_syntax.h"

namespace writ::rego {
namespace {

bool opens_metadata(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text == "METADATA";
}

}  // namespace

Page::Page(const ast::Module& module) : source_(module.source) {
  lines_.push_back(0);
  for (std::size_t i = 0; i < source_.size(); ++i) {
    if (source_[i] == '\n') lines_.push_back(i + 1);
  }
  for (const ast::Comment& comment : module.comments) {
    std::string text(trimmed_comment(comment.text));
    const std::size_t offset = offset_of(comment.at);
    comments_.push_back(
        {offset, row_of(offset), comment.at.column, begins_line(offset), std::move(text)});
  }
}

std::size_t Page::row_of(std::size_t offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(lines_, offset) - lines_.begin());
}

bool Page::begins_line(std::size_t offset) const {
  const std::size_t begin = lines_[row_of(offset) - 1];
  return source_.substr(begin, offset - begin).find_first_not_of(" \t\r") == std::string_view::npos;
}

void Page::start_line(std::size_t offset) {
  lead(offset);
  write_indent();
  attach(row_of(offset));
}

// Annotations are comments on lines that follow each other, one below the other; what was no part
// of such a block must not become one.
void Page::lead(std::size_t offset) {
  const Comment* last = nullptr;
  bool is_in_block = false;  // `last` belongs to a block of annotations
  std::uint32_t block = 0;   // the column of that block
  for (; next_ < comments_.size() && comments_[next_].offset < offset; ++next_) {
    const Comment& comment = comments_[next_];
    const bool follows = last != nullptr && comment.row == last->row + 1;
    const bool opens = opens_metadata(comment.text);
    if (last != nullptr && comment.row > last->row + 1) blank_line();
    const bool leaves = comment.column != block;
    if (follows && is_in_block && (opens || leaves)) blank_line();
    is_in_block = opens || (is_in_block && follows && !leaves);
    if (opens) block = comment.column;
    write_indent();
    write_comment(comment);
    out_ += '\n';
    last = &comment;
  }
  if (last != nullptr && offset != kNowhere && row_of(offset) > last->row + 1) blank_line();
}

void Page::at(std::size_t offset) {
  if (has_comment_before(offset)) has_failed_ = true;
  attach(row_of(offset));
}

void Page::attach(std::size_t row) {
  while (next_ < comments_.size() && comments_[next_].row == row &&
         comments_[next_].offset < limit_) {
    if (line_end_) has_failed_ = true;
    line_end_ = next_++;
  }
}

void Page::end_line() {
  if (line_end_) {
    out_ += ' ';
    write_comment(comments_[*line_end_]);
    line_end_.reset();
  }
  out_ += '\n';
}

void Page::break_line(std::size_t next) {
  const bool is_free = next_ < comments_.size() && !line_end_;
  if (is_free && !comments_[next_].is_own_line && comments_[next_].offset < next) {
    line_end_ = next_++;
  }
  std::optional<std::size_t> held;
  if (line_end_ && comments_[*line_end_].offset > next) held = std::exchange(line_end_, {});
  end_line();
  line_end_ = held;
}

void Page::blank_line() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

bool Page::has_own_lines(std::size_t begin, std::size_t end) const {
  for (std::size_t i = next_; i < comments_.size() && comments_[i].offset < end; ++i) {
    if (comments_[i].is_own_line && comments_[i].offset >= begin) return true;
  }
  return false;
}

bool Page::has_comment_before(std::size_t end) const {
  return next_ < comments_.size() && comments_[next_].offset < end;
}

void Page::write_comment(const Comment& comment) {
  out_ += '#';
  out_ += comment.text;
}

void Page::write_verbatim(const Mark& mark, std::size_t begin, std::size_t end) {
  has_failed_ = false;
  out_.resize(mark.size);
  next_ = mark.next;
  line_end_ = mark.line_end;
  level_ = mark.level;
  if (line_end_ && comments_[*line_end_].offset > begin) {
    next_ = std::min(next_, *line_end_);
    line_end_.reset();
  }
  out_ += source_.substr(begin, end - begin);
  while (has_comment_before(end)) ++next_;
  attach(last_row(end));
}

}  // namespace writ::rego
