#pragma once
// The files that the build puts into the binary (cmake/WritEmbed.cmake).
#include <span>

#include "base/embedded_file.h"

namespace writ::embedded {

std::span<const EmbeddedFile> contracts();    // contracts/*.schema.json
std::span<const EmbeddedFile> api();          // contracts/openapi.yaml
std::span<const EmbeddedFile> metaschemas();  // src/contract/metaschemas/*.json

}  // namespace writ::embedded
