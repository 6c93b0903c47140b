#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/value/point.h"

namespace tocsin::config {

struct Node {
  enum class Kind : std::uint8_t { scalar, array, table };
  Kind kind = Kind::scalar;
  Value scalar;
  std::vector<std::shared_ptr<const Node>> items;  // of an array
  std::vector<std::pair<std::string, std::shared_ptr<const Node>>>
      members;  // of a table, in the file's order
  int line = 0;

  const Node* find(std::string_view key) const {
    for (const auto& [name, node] : members)
      if (name == key) return node.get();
    return nullptr;
  }
};

}  // namespace tocsin::config
