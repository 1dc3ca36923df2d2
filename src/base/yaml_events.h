#pragma once
// YAML text as a flat list of events: all that yaml-cpp does for Writ. What JSON cannot say at
// all (tags, several documents) is refused here; keys, scalars and aliases get their meaning in
// yaml_parse.cc. Private to base.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"

namespace writ {

struct YamlEvent {
  enum class Kind : std::uint8_t { null, plain, quoted, alias, sequence, map, end };

  Kind kind;
  Position at;
  std::string text = {};  // of a scalar; quoted: anything but a plain scalar
  // sequence and map: the index behind their `end`. alias: the index of what it stands for.
  std::size_t target = 0;
};

// The events of the one document in `text`. Lists are nested at most limits.max_depth deep, and
// there are at most two scalars and collections (key and value) for each of limits.max_nodes.
// Errors: invalid_input with position and remedy; internal, should yaml-cpp fail otherwise.
Result<std::vector<YamlEvent>> read_yaml_events(std::string_view text, std::string_view name,
                                                const DocumentLimits& limits);

}  // namespace writ
