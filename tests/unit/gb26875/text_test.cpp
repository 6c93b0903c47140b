#include "drivers/gb26875/text.h"

#include <doctest/doctest.h>

#include "core/bytes/hex.h"

namespace tocsin::gb26875 {
namespace {

Bytes hex(std::string_view text) {
  return bytes::from_hex(text).value();
}

}  // namespace

TEST_CASE("text of public captures") {
  // source: vectors dev-124 and dev-112; the second has a zero inside, where the text for display ends
  CHECK(to_utf8(hex("d5e2cac7d2bbb8f6d7aac2ebb2e2cad40000000000")) == "这是一个转码测试");
  CHECK(to_utf8(hex("31bac5bdd3bfdab0e531bbd8c2b731bac500bac5d6f7bbfa")) == "1号接口板1回路1号");
}

TEST_CASE("blanks at the end are fill, inside they are text") {
  CHECK(to_utf8(hex("41204220202020")) == "A B");
  CHECK(to_utf8({}).empty());
  CHECK(to_utf8(hex("0000")).empty());
}

TEST_CASE("bad bytes become a replacement character and the rest stays readable") {
  CHECK(to_utf8(hex("41ff42")) ==
        "A\uFFFD"
        "B");
  CHECK(to_utf8(hex("d5e2ca")) == "这\uFFFD");  // cut by the end of the field
  CHECK(to_utf8(hex("d5208130ff")) ==
        "\uFFFD \uFFFD"
        "0\uFFFD");
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second)  // never an exception, never endless
      CHECK(to_utf8(Bytes{static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)}).size() <= 6);
}

TEST_CASE("four-byte characters come back") {
  const Bytes clef = from_utf8("\U0001D11E", 31);
  CHECK(clef.size() == 4);
  CHECK(to_utf8(clef) == "\U0001D11E");
}

TEST_CASE("text is written up to the field's size, never half a character") {
  CHECK(from_utf8("1号接口板", 31) == hex("31bac5bdd3bfdab0e5"));
  CHECK(from_utf8("1号接口板", 4) == hex("31bac5"));
  CHECK(from_utf8("abc", 2) == hex("6162"));
  CHECK(from_utf8("a\xFF"
                  "b",
                  31) == hex("613f62"));
  CHECK(from_utf8("", 31).empty());
}

}  // namespace tocsin::gb26875
