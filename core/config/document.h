#pragma once
// The one TOML reader. Typed access that collects every problem with its file and line instead of stopping at
// the first, so that an installer corrects a file once. Text in, values out: reading the file is the
// caller's.

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/value/point.h"

namespace tocsin::config {

struct Problem {
  std::string file;
  int line = 0;
  std::string where;     // "device.smoke-3f-01.address"
  std::string found;     // what stands there
  std::string expected;  // what belongs there; empty when `found` is a whole sentence
  bool warning = false;
};
// "gateway.toml:12: device.smoke-3f-01.address: found "abc", expected a whole number from 1 to 247"
std::string to_string(const Problem& problem);

class Problems {
 public:
  void add(Problem problem) { list_.push_back(std::move(problem)); }
  bool ok() const;  // warnings do not count
  const std::vector<Problem>& list() const { return list_; }
  void sort();  // by file and line

 private:
  std::vector<Problem> list_;
};

struct Node;  // one value with the line it stands on

// One table of a document. A missing or wrong value is reported and a harmless value returned; check
// Problems::ok() at the end.
class Table {
 public:
  Table(std::shared_ptr<const Node> node, std::string path, std::string file, Problems& problems);

  bool has(std::string_view key) const;
  std::string text(std::string_view key) const;  // required
  std::string text_or(std::string_view key, std::string fallback) const;
  std::string name(std::string_view key) const;  // required, [A-Za-z0-9._-]{1,48}
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max) const;
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t min,
                          std::int64_t max) const;
  double number(std::string_view key) const;
  double number_or(std::string_view key, double fallback) const;
  std::optional<double> number_if(std::string_view key) const;
  bool boolean_or(std::string_view key, bool fallback) const;
  Duration duration_or(std::string_view key, Duration fallback, Duration min, Duration max) const;
  std::string choice(std::string_view key,
                     std::initializer_list<std::string_view> allowed) const;  // required
  std::string choice_or(std::string_view key, std::string_view fallback,
                        std::initializer_list<std::string_view> allowed) const;
  std::vector<std::string> texts_or(std::string_view key, std::vector<std::string> fallback) const;
  std::vector<std::int64_t> integers_or(std::string_view key, std::vector<std::int64_t> fallback) const;
  std::vector<std::string> keys() const;             // in the file's order
  std::map<std::string, Value> scalars() const;      // every scalar of this table
  std::map<std::string, std::string> texts() const;  // every value must be text

  std::optional<Table> table(std::string_view key) const;  // nothing when absent
  Table required_table(std::string_view key) const;
  std::vector<std::pair<std::string, Table>> tables(
      std::string_view key) const;                      // [device.NAME]: names are checked
  std::vector<Table> list(std::string_view key) const;  // [[linkage]]

  // Any other key is a problem: a typo must not be a silent default.
  void only(std::initializer_list<std::string_view> keys) const;

  void problem(std::string_view key, std::string expected) const;  // found: what stands at key
  void warning(std::string_view key, std::string expected) const;
  int line(std::string_view key = {}) const;  // of the key, or of the table
  const std::string& path() const { return path_; }
  const std::string& file() const { return file_; }

 private:
  const Node* find(std::string_view key) const;
  std::string path_of(std::string_view key) const;
  void report(std::string_view key, std::string expected, bool warning) const;

  std::shared_ptr<const Node> node_;
  std::string path_;
  std::string file_;
  Problems* problems_;
};

// Nothing when the text is no TOML (or no UTF-8, or above 1 MiB): the problem says where.
std::optional<Table> parse(const std::string& text, const std::string& file, Problems& problems);

}  // namespace tocsin::config
