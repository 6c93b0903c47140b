#pragma once
// Columns on a terminal, with Chinese characters counted as two cells; colour only on a terminal and without
// NO_COLOR.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::cli {

enum class Colour : std::uint8_t { none, red, yellow, green, dim, bold };
std::string paint(std::string_view text, Colour colour);

struct Cell {
  std::string text;
  Colour colour = Colour::none;
};

class Table {
 public:
  explicit Table(std::vector<std::string> head) : head_(std::move(head)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string text() const;  // with a line for the head

 private:
  std::vector<std::string> head_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace tocsin::cli
