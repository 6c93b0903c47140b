#include "core/config/document.h"

#include <algorithm>
#include <set>

#include "core/config/node.h"

namespace tocsin::config {
namespace {

std::string shown(const Node* node) {
  if (node == nullptr) return "nothing";
  if (node->kind == Node::Kind::array) return "a list";
  if (node->kind == Node::Kind::table) return "a table";
  if (const auto* text = std::get_if<std::string>(&node->scalar)) return '"' + *text + '"';
  return has_value(node->scalar) ? tocsin::to_string(node->scalar) : "a date";
}

std::string joined(std::initializer_list<std::string_view> words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::string range_text(std::int64_t min, std::int64_t max) {
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

template <class T>
const T* scalar_as(const Node* node) {
  return node != nullptr && node->kind == Node::Kind::scalar ? std::get_if<T>(&node->scalar) : nullptr;
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file + ":" + std::to_string(problem.line) + ": ";
  if (problem.warning) text += "warning: ";
  if (!problem.where.empty()) text += problem.where + ": ";
  if (problem.expected.empty()) return text + problem.found;
  if (!problem.found.empty()) text += "found " + problem.found + ", ";
  return text + "expected " + problem.expected;
}

bool Problems::ok() const {
  return std::all_of(list_.begin(), list_.end(), [](const Problem& p) { return p.warning; });
}

void Problems::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
}

Table::Table(std::shared_ptr<const Node> node, std::string path, std::string file, Problems& problems)
    : node_(std::move(node)), path_(std::move(path)), file_(std::move(file)), problems_(&problems) {}

const Node* Table::find(std::string_view key) const {
  return node_->find(key);
}
bool Table::has(std::string_view key) const {
  return find(key) != nullptr;
}

std::string Table::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

int Table::line(std::string_view key) const {
  const Node* node = key.empty() ? node_.get() : find(key);
  return node != nullptr ? node->line : node_->line;
}

void Table::report(std::string_view key, std::string expected, bool warning) const {
  const Node* node = find(key);
  const bool whole_table = key.empty();
  problems_->add(
      {file_, line(key), path_of(key), whole_table ? "" : shown(node), std::move(expected), warning});
}

void Table::problem(std::string_view key, std::string expected) const {
  report(key, std::move(expected), false);
}
void Table::warning(std::string_view key, std::string expected) const {
  report(key, std::move(expected), true);
}

std::string Table::text(std::string_view key) const {
  if (const auto* value = scalar_as<std::string>(find(key)); value != nullptr && !value->empty())
    return *value;
  problem(key, "a text in quotes");
  return {};
}

std::string Table::text_or(std::string_view key, std::string fallback) const {
  return has(key) ? text(key) : fallback;
}

std::string Table::name(std::string_view key) const {
  const auto* value = scalar_as<std::string>(find(key));
  if (value != nullptr && is_name(*value)) return *value;
  problem(key, "a name of letters, digits, dot, dash or underscore, at most 48");
  return {};
}

std::int64_t Table::integer(std::string_view key, std::int64_t min, std::int64_t max) const {
  const auto* value = scalar_as<std::int64_t>(find(key));
  if (value != nullptr && *value >= min && *value <= max) return *value;
  problem(key, range_text(min, max));
  return min;
}

std::int64_t Table::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min,
                               std::int64_t max) const {
  return has(key) ? integer(key, min, max) : fallback;
}

std::optional<double> Table::number_if(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return number(key);
}

double Table::number(std::string_view key) const {
  const Node* node = find(key);
  if (node != nullptr && node->kind == Node::Kind::scalar && !std::holds_alternative<bool>(node->scalar))
    if (const auto value = as_number(node->scalar)) return *value;
  problem(key, "a number");
  return 0;
}

double Table::number_or(std::string_view key, double fallback) const {
  return has(key) ? number(key) : fallback;
}

bool Table::boolean_or(std::string_view key, bool fallback) const {
  if (!has(key)) return fallback;
  if (const auto* value = scalar_as<bool>(find(key))) return *value;
  problem(key, "true or false");
  return fallback;
}

Duration Table::duration_or(std::string_view key, Duration fallback, Duration min, Duration max) const {
  if (!has(key)) return fallback;
  const std::string expected =
      "a duration from " + tocsin::to_string(min) + " to " + tocsin::to_string(max) + ", such as \"3s\"";
  if (const auto* value = scalar_as<std::string>(find(key))) {
    const auto duration = parse_duration(*value);
    if (duration && *duration >= min && *duration <= max) return *duration;
  }
  problem(key, expected);
  return fallback;
}

std::string Table::choice(std::string_view key, std::initializer_list<std::string_view> allowed) const {
  const auto* value = scalar_as<std::string>(find(key));
  if (value != nullptr && std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return *value;
  problem(key, "one of " + joined(allowed));
  return std::string(*allowed.begin());
}

std::string Table::choice_or(std::string_view key, std::string_view fallback,
                             std::initializer_list<std::string_view> allowed) const {
  return has(key) ? choice(key, allowed) : std::string(fallback);
}

std::vector<std::string> Table::texts_or(std::string_view key, std::vector<std::string> fallback) const {
  const Node* node = find(key);
  if (node == nullptr) return fallback;
  std::vector<std::string> texts;
  for (const auto& item : node->items)
    if (const auto* text = scalar_as<std::string>(item.get())) texts.push_back(*text);
  if (node->kind == Node::Kind::array && texts.size() == node->items.size()) return texts;
  problem(key, "a list of texts in quotes");
  return fallback;
}

std::vector<std::int64_t> Table::integers_or(std::string_view key, std::vector<std::int64_t> fallback) const {
  const Node* node = find(key);
  if (node == nullptr) return fallback;
  std::vector<std::int64_t> numbers;
  for (const auto& item : node->items)
    if (const auto* number = scalar_as<std::int64_t>(item.get())) numbers.push_back(*number);
  if (node->kind == Node::Kind::array && numbers.size() == node->items.size()) return numbers;
  problem(key, "a list of whole numbers");
  return fallback;
}

std::vector<std::string> Table::keys() const {
  std::vector<std::string> found;
  for (const auto& [key, node] : node_->members) found.push_back(key);
  return found;
}

std::map<std::string, Value> Table::scalars() const {
  std::map<std::string, Value> values;
  for (const auto& [key, node] : node_->members)
    if (node->kind == Node::Kind::scalar && has_value(node->scalar))
      values.emplace(key, node->scalar);
    else
      problem(key, "a text, a number, true or false");
  return values;
}

std::map<std::string, std::string> Table::texts() const {
  std::map<std::string, std::string> values;
  for (const auto& [key, node] : node_->members) values.emplace(key, text(key));
  return values;
}

std::optional<Table> Table::table(std::string_view key) const {
  for (const auto& [name, node] : node_->members) {
    if (name != key) continue;
    if (node->kind == Node::Kind::table) return Table(node, path_of(key), file_, *problems_);
    problem(key, "a table");
  }
  return std::nullopt;
}

Table Table::required_table(std::string_view key) const {
  if (auto found = table(key)) return *found;
  if (!has(key)) problem(key, "a table [" + path_of(key) + "]");
  auto empty = std::make_shared<Node>();
  empty->kind = Node::Kind::table;
  empty->line = node_->line;
  return {empty, path_of(key), file_, *problems_};
}

std::vector<std::pair<std::string, Table>> Table::tables(std::string_view key) const {
  std::vector<std::pair<std::string, Table>> found;
  const auto parent = table(key);
  if (!parent) return found;
  for (const auto& [name, node] : parent->node_->members) {
    if (!is_name(name))
      parent->problem(name, "a name of letters, digits, dot, dash or underscore, at most 48");
    else if (node->kind != Node::Kind::table)
      parent->problem(name, "a table [" + parent->path_of(name) + "]");
    else
      found.emplace_back(name, Table(node, parent->path_of(name), file_, *problems_));
  }
  return found;
}

std::vector<Table> Table::list(std::string_view key) const {
  std::vector<Table> found;
  const Node* node = find(key);
  if (node == nullptr) return found;
  for (std::size_t i = 0; i < node->items.size(); ++i)
    if (node->items[i]->kind == Node::Kind::table)
      found.emplace_back(node->items[i], path_of(key) + "[" + std::to_string(i + 1) + "]", file_, *problems_);
  if (node->kind != Node::Kind::array || found.size() != node->items.size())
    problem(key, "tables written as [[" + path_of(key) + "]]");
  return found;
}

void Table::only(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, node] : node_->members)
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      problems_->add({file_, node->line, path_of(key), "an unknown key", "one of " + joined(keys), false});
}

}  // namespace tocsin::config
