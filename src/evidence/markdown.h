#pragma once
// Pieces of Markdown out of untrusted text: nothing in it can end a cell, open a link or a tag.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::evidence {

// One line of plain text: line breaks become spaces, what Markdown or HTML would read is escaped.
std::string markdown_text(std::string_view text);
// As code, in as many backticks as it needs.
std::string markdown_code(std::string_view text);
// Cells are Markdown already. Every row has as many as `head`.
std::string markdown_table(std::span<const std::string> head,
                           std::span<const std::vector<std::string>> rows);

}  // namespace writ::evidence
