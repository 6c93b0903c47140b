// The audit chain shows an edit, a deletion, a reordering and a truncation.
#include "cloud/api/audit.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "samples.h"
#include "tests/support/temp_dir.h"

using namespace tocsin;
using namespace tocsin::cloud;
using samples::done;

namespace {

// Five lines in a file, and the head that was noted after them.
struct Chain {
  test::TempDir dir;
  AuditHead head;

  Chain() {
    const auto store = open();
    REQUIRE(done(*store, [&] {
      for (const char* who : {"a", "b", "c", "d", "e"}) {
        const auto line = append_to_audit(*store, {0, samples::noon, who, "ack", "alarm", "text", {}});
        head = {line.number, line.hash};
      }
    }));
  }
  std::unique_ptr<Store> open() { return std::move(open_sqlite_store(file()).value()); }
  std::filesystem::path file() const { return dir.path() / "cloud.db"; }
  void tamper(const std::string& sql) {
    SQLite::Database database(file().string(), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
  AuditReport report(bool anchored = true) {
    AuditReport found;
    const auto store = open();
    REQUIRE(
        done(*store, [&] { found = verify_audit(*store, anchored ? std::optional(head) : std::nullopt); }));
    return found;
  }
};

}  // namespace

TEST_CASE("an untouched chain is whole, and may be longer than its anchor") {
  Chain chain;
  CHECK_FALSE(chain.report().broken_at);
  CHECK_FALSE(chain.report().truncated);
  CHECK(chain.report().head.hash == chain.head.hash);
  const auto store = chain.open();
  CHECK(done(*store, [&] {
    append_to_audit(*store, {0, samples::noon, "f", "ack", "alarm", "", {}});
    CHECK_FALSE(verify_audit(*store, chain.head).truncated);
  }));
}

TEST_CASE("each forgery is found") {
  Chain chain;
  SUBCASE("an edit of any member") {
    for (const std::string member : {"who", "action", "subject", "detail", "hash"}) {
      Chain another;
      another.tamper("UPDATE audit SET " + member + "='x' WHERE number=3");
      CHECK(another.report().broken_at == 3);
    }
    chain.tamper("UPDATE audit SET at=at+1 WHERE number=3");
    CHECK(chain.report().broken_at == 3);
  }
  SUBCASE("a deletion") {
    chain.tamper("DELETE FROM audit WHERE number=2");
    CHECK(chain.report().broken_at == 3);
  }
  SUBCASE("a deletion with the numbers closed up") {
    chain.tamper("DELETE FROM audit WHERE number=2; UPDATE audit SET number=number-1 WHERE number>2");
    CHECK(chain.report().broken_at == 2);
  }
  SUBCASE("a reordering") {
    chain.tamper(
        "UPDATE audit SET number=99 WHERE number=2; UPDATE audit SET number=2 WHERE number=3;"
        "UPDATE audit SET number=3 WHERE number=99");
    CHECK(chain.report().broken_at == 2);
  }
  SUBCASE("a truncation, which only the anchor shows") {
    chain.tamper("DELETE FROM audit WHERE number>3");
    CHECK_FALSE(chain.report(false).broken_at);
    CHECK(chain.report().truncated);
  }
  SUBCASE("everything gone") {
    chain.tamper("DELETE FROM audit");
    CHECK(chain.report().truncated);
  }
  SUBCASE("a whole new chain of the same length") {
    chain.tamper("DELETE FROM audit");
    {
      const auto store = chain.open();
      REQUIRE(done(*store, [&] {
        for (int i = 0; i < 5; ++i) append_to_audit(*store, {0, samples::noon, "x", "ack", "y", "", {}});
      }));
    }
    CHECK_FALSE(chain.report(false).broken_at);
    CHECK(chain.report().truncated);
  }
}

TEST_CASE("a head is written as text and read back; nonsense is none") {
  const AuditHead head{12, std::string(64, 'a')};
  CHECK(audit_head_from(to_text(head))->number == 12);
  CHECK(audit_head_from(to_text(head))->hash == head.hash);
  for (const char* text : {"", "12", "x aa", "0 aa", "12 aa"}) CHECK_FALSE(audit_head_from(text));
}
