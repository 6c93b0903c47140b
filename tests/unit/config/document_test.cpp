#include "core/config/document.h"

#include <doctest/doctest.h>

using namespace tocsin;
using config::Problems;

namespace {

std::string all(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems.list()) text += to_string(problem) + "\n";
  return text;
}

}  // namespace

TEST_CASE("values are read with their types") {
  Problems problems;
  const auto root = config::parse(
      "a = 3\nb = \"电梯\"\nc = 1.5\nd = true\ne = \"500ms\"\n[bus.x]\nk = [1, 2]\n[[row]]\nt = [\"u\"]\n",
      "f.toml", problems);
  REQUIRE(root);
  CHECK(root->integer("a", 0, 9) == 3);
  CHECK(root->text("b") == "电梯");
  CHECK(root->number("c") == 1.5);
  CHECK(root->number("a") == 3.0);
  CHECK(root->boolean_or("d", false));
  CHECK(root->duration_or("e", 1s, 0s, 1s) == 500ms);
  REQUIRE(root->tables("bus").size() == 1);
  CHECK(root->tables("bus")[0].second.integers_or("k", {}) == std::vector<std::int64_t>{1, 2});
  CHECK(root->list("row").at(0).texts_or("t", {}) == std::vector<std::string>{"u"});
  CHECK_MESSAGE(problems.ok(), all(problems));
}

TEST_CASE("every problem is collected with file, line, found and expected") {
  Problems problems;
  const auto root = config::parse("a = \"x\"\nb = 300\n\n[t]\nz = 1\n", "f.toml", problems);
  REQUIRE(root);
  CHECK(root->integer("a", 1, 247) == 1);
  root->integer("b", 1, 247);
  root->text("missing");
  root->only({"a", "b"});
  problems.sort();
  CHECK(all(problems) ==
        "f.toml:1: a: found \"x\", expected a whole number from 1 to 247\n"
        "f.toml:1: missing: found nothing, expected a text in quotes\n"
        "f.toml:2: b: found 300, expected a whole number from 1 to 247\n"
        "f.toml:4: t: found an unknown key, expected one of a, b\n");
  CHECK_FALSE(problems.ok());
}

TEST_CASE("hostile files give one clear problem and no value") {
  for (const std::string& text :
       {std::string("\x27\xc0\x27\x26\x27\x30"), std::string("a = 1\nb = \xff\n"),
        std::string("a = 1\na = 2\n"), std::string("[x\n"), std::string(2 << 20, 'a')}) {
    Problems problems;
    CHECK_FALSE(config::parse(text, "f.toml", problems).has_value());
    REQUIRE(problems.list().size() == 1);
    CHECK_FALSE(problems.ok());
    CHECK(problems.list()[0].line >= 1);
  }
  Problems problems;
  (void)config::parse("a = 1\nb = \xff\n", "f.toml", problems);
  CHECK(problems.list().at(0).line == 2);
}

TEST_CASE("a warning does not refuse the file") {
  Problems problems;
  const auto root = config::parse("a = 1\n", "f.toml", problems);
  REQUIRE(root);
  root->warning("a", "something better");
  CHECK(problems.ok());
  CHECK(all(problems) == "f.toml:1: warning: a: found 1, expected something better\n");
}
