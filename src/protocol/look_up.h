#pragma once
// Look-up tables of a protocol (LAW-01): where a model lives, who owns a module. What the document
// says elsewhere refers to a cell as `{{table.row.column}}`. Private to the module.
#include "protocol/reading.h"

namespace writ::protocol {

// Reads and types the tables of the document into `tables`, and puts the cells in the place of
// every reference to one. Reports cells that are missing or not of their column's type, and
// references to what is not there. A document without tables is left as it is.
void look_up_tables(SourceDocument& source, std::vector<LookupTable>& tables,
                    std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
