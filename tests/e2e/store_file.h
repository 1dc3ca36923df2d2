#pragma once
// The store's file as somebody sees it who writes into it behind Writ's back.
#include <filesystem>
#include <functional>
#include <string>

namespace writ::e2e {

// Calls `change` with the rows of `table` in turn until it returns true, having changed the value;
// that row is written back. False when no row was changed.
bool change_row(const std::filesystem::path& file, const std::string& table,
                const std::function<bool(std::string& value)>& change);

}  // namespace writ::e2e
