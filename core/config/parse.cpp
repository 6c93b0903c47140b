#include <algorithm>

#include <toml.hpp>

#include "core/config/document.h"
#include "core/config/node.h"

namespace tocsin::config {
namespace {

constexpr std::size_t largest_file = 1 << 20;

// The parser reads beyond its buffer on broken UTF-8 (facts of this library version), so broken text never
// reaches it. Gives the offset of the first bad byte, or npos.
std::size_t first_bad_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80       ? 1
                               : lead >> 5 == 6  ? 2
                               : lead >> 4 == 14 ? 3
                               : lead >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || i + length > text.size()) return i;
    std::uint32_t code = length == 1 ? lead : lead & (0x7F >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return i;
      code = code << 6 | (next & 0x3F);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return i;
    i += length;
  }
  return std::string_view::npos;
}

int line_at(std::string_view text, std::size_t offset) {
  return 1 +
         static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

using Toml = toml::basic_value<toml::discard_comments, std::unordered_map, std::vector>;

std::shared_ptr<const Node> convert(const Toml& value) {
  auto node = std::make_shared<Node>();
  node->line = static_cast<int>(value.location().line());
  if (value.is_table()) {
    node->kind = Node::Kind::table;
    for (const auto& [key, member] : value.as_table()) node->members.emplace_back(key, convert(member));
    std::sort(node->members.begin(), node->members.end(), [](const auto& a, const auto& b) {
      return std::tie(a.second->line, a.first) < std::tie(b.second->line, b.first);
    });
  } else if (value.is_array()) {
    node->kind = Node::Kind::array;
    for (const auto& item : value.as_array()) node->items.push_back(convert(item));
  } else if (value.is_boolean()) {
    node->scalar = value.as_boolean();
  } else if (value.is_integer()) {
    node->scalar = static_cast<std::int64_t>(value.as_integer());
  } else if (value.is_floating()) {
    node->scalar = value.as_floating();
  } else if (value.is_string()) {
    node->scalar = value.as_string().str;
  }  // dates are not used: they stay without a value and are reported by whoever reads them
  return node;
}

// The parser's messages are several lines with a drawing; the first line says what, the location says where.
std::string first_line(std::string text) {
  if (const auto end = text.find('\n'); end != std::string::npos) text.resize(end);
  for (const std::string_view noise : {"[error] ", "toml::"})
    if (text.starts_with(noise)) text.erase(0, noise.size());
  return text;
}

}  // namespace

std::optional<Table> parse(const std::string& text, const std::string& file, Problems& problems) {
  if (text.size() > largest_file) {
    problems.add({file, 1, "", std::to_string(text.size()) + " bytes", "a file of at most 1 MiB"});
    return std::nullopt;
  }
  if (const auto bad = first_bad_utf8(text); bad != std::string_view::npos) {
    problems.add({file, line_at(text, bad), "", "bytes that are no UTF-8", "a text file saved as UTF-8"});
    return std::nullopt;
  }
  try {
    std::istringstream stream(text);
    const Toml value = toml::parse<toml::discard_comments>(stream, file);
    return Table(convert(value), "", file, problems);
  } catch (const toml::exception& error) {
    problems.add(
        {file, static_cast<int>(error.location().line()), "", first_line(error.what()), "valid TOML"});
  } catch (const std::exception& error) {
    problems.add({file, 1, "", first_line(error.what()), "valid TOML"});
  }
  return std::nullopt;
}

}  // namespace tocsin::config
