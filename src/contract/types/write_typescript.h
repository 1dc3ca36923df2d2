#pragma once
// Types as TypeScript: interfaces and unions, erased when they are compiled.
#include <string>

#include "contract/types/model.h"
#include "contract/types/write_types.h"

namespace writ::contract {

std::string typescript(const TypeModel& model, const WriteOptions& options);

}  // namespace writ::contract
