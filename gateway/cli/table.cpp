#include "gateway/cli/table.h"

#include <algorithm>
#include <cstdlib>
#include <cwchar>

#include <unistd.h>

namespace tocsin::cli {
namespace {

bool colours() {
  static const bool on = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return on;
}

// Cells on the terminal; needs setlocale(LC_CTYPE, "").
std::size_t width_of(const std::string& text) {
  std::mbstate_t state{};
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    wchar_t wide = 0;
    const auto used = std::mbrtowc(&wide, text.data() + i, text.size() - i, &state);
    if (used == 0 || used > text.size()) return text.size();
    const int cells = ::wcwidth(wide);
    width += cells > 0 ? static_cast<std::size_t>(cells) : 0;
    i += used;
  }
  return width;
}

std::string padded(const std::string& text, std::size_t width) {
  const auto have = width_of(text);
  return have >= width ? text : text + std::string(width - have, ' ');
}

}  // namespace

std::string paint(std::string_view text, Colour colour) {
  constexpr const char* codes[] = {"", "31", "33", "32", "2", "1"};
  if (colour == Colour::none || !colours()) return std::string(text);
  return "\x1b[" + std::string(codes[static_cast<std::size_t>(colour)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& title : head_) widths.push_back(width_of(title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i].text));
  std::string out;
  for (std::size_t i = 0; i < head_.size(); ++i)
    out += paint(i + 1 == head_.size() ? head_[i] : padded(head_[i], widths[i] + 2), Colour::dim);
  out += "\n";
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      out += paint(i + 1 == row.size() ? row[i].text : padded(row[i].text, widths[i] + 2), row[i].colour);
    out += "\n";
  }
  return out;
}

}  // namespace tocsin::cli
