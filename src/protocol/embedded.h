#pragma once
// The protocol packs that the build puts into the binary (cmake/WritEmbed.cmake).
#include <span>

#include "base/embedded_file.h"

namespace writ::embedded {

std::span<const EmbeddedFile> packs();  // protocols/*.yaml

}  // namespace writ::embedded
