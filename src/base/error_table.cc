#include "base/error_table.h"

namespace writ {
namespace {

constexpr ErrorRow kRows[] = {
#define WRIT_ROW(code, http, exit, retry, remedy) \
  {Code::code, #code, http, exit, Retry::retry, remedy},
    WRIT_ERROR_TABLE(WRIT_ROW)
#undef WRIT_ROW
};

}  // namespace

const ErrorRow& error_row(Code code) { return kRows[static_cast<std::size_t>(code)]; }

}  // namespace writ
