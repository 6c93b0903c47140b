#include "gateway/meter/counter_book.h"

#include <doctest/doctest.h>

#include "gateway/meter/state_codec.h"
#include "tests/unit/meter/stamps.h"

namespace tocsin::meter {
namespace {

using test::after;

constexpr Duration hour = std::chrono::hours(1), minute = std::chrono::minutes(1);

driver::DeviceSpec meter() {
  auto profile = std::make_shared<driver::Profile>();
  driver::PointSpec total, number, frozen, power;
  total.name = "import";
  total.unit = "kWh";
  total.counter = true;
  total.max_rate = 100;
  number.name = "number";
  number.identity = true;
  frozen.name = "import.frozen";
  frozen.freezes = "import";
  power.name = "power";
  profile->points = {total, number, frozen, power};
  return {"meter-1", profile, "1", {}, {}};
}

struct Book {
  StateRows rows;  // newest of each key
  CounterBook book{{meter()}, {}};
  std::vector<Note> notes;

  // Each batch is followed by a restart when `restarts` is set.
  bool restarts = false;
  std::vector<Reading> read(std::vector<Reading> readings) {
    notes = book.on_readings(readings);
    for (auto& [key, body] : book.take_changed()) {
      std::erase_if(rows, [key = key](const auto& row) { return row.first == key; });
      rows.emplace_back(key, std::move(body));
    }
    if (restarts) book = CounterBook({meter()}, rows);
    return readings;
  }
  Reading total(double value, const Stamp& at) { return read({reading("import", value, at)}).at(0); }
  static Reading reading(const std::string& point, Value value, const Stamp& at) {
    return {{"meter-1", point}, std::move(value), Quality::good, {}, {}, at};
  }
};

}  // namespace

TEST_CASE("a total that is not believed is bad without a value, with and without restarts between") {
  for (const bool restarts : {false, true}) {
    Book book;
    book.restarts = restarts;
    CHECK(book.total(1234.5, after(0s)).quality == Quality::good);
    const Reading zero = book.total(0, after(minute));
    CHECK(quality_text(zero) == "bad:not-agreed");
    CHECK_FALSE(has_value(zero.value));
    const Reading good = book.total(1234.6, after(2 * minute));
    CHECK(good.quality == Quality::good);
    CHECK(good.value == Value(1234.6));
    CHECK(book.notes.empty());
    book.total(7, after(3 * minute));
    const Reading reset = book.total(7.1, after(4 * minute));
    CHECK(reset.quality == Quality::uncertain);
    REQUIRE(book.notes.size() == 1);
    CHECK(book.notes[0].kind == "meter-reset");
    CHECK(book.notes[0].detail == "import from 1234.6 kWh to 7.1 kWh");
    CHECK(book.total(7.2, after(5 * minute)).quality == Quality::good);
  }
}

TEST_CASE("a failed read stays what it is and changes nothing") {
  Book book;
  book.total(100, after(0s));
  Reading failed = Book::reading("import", {}, after(minute));
  failed.quality = Quality::bad;
  failed.fault = Fault::timeout;
  const auto told = book.read({failed});
  CHECK(told.at(0) == failed);
  CHECK(book.total(100.1, after(2 * minute)).quality == Quality::good);
}

TEST_CASE("another meter is noticed when its number was read twice") {
  for (const bool restarts : {false, true}) {
    Book book;
    book.restarts = restarts;
    const auto both = [&](const char* number, double total, Duration at) {
      return book.read({Book::reading("import", total, after(at)),
                        Book::reading("number", std::string(number), after(at))});
    };
    CHECK(both("111", 5000, 0s).at(0).quality == Quality::good);
    CHECK(both("111", 5000.1, minute).at(0).quality == Quality::good);
    CHECK(both("222", 3, 2 * minute).at(0).quality == Quality::bad);
    CHECK(book.notes.empty());
    const auto replaced = both("222", 3.1, 3 * minute);
    REQUIRE(book.notes.size() == 1);
    CHECK(book.notes[0].kind == "meter-replaced");
    CHECK(book.notes[0].detail == "111 by 222");
    CHECK(replaced.at(0).quality == Quality::uncertain);
    CHECK(both("222", 3.2, 4 * minute).at(0).quality == Quality::good);
    CHECK(book.notes.empty());
  }
}

TEST_CASE("one wrong number is not another meter") {
  Book book;
  for (const char* number : {"111", "999", "111", "999", "111"}) {
    book.read({Book::reading("number", std::string(number), after(0s))});
    CHECK(book.notes.empty());
  }
}

TEST_CASE("the gateway's own total at midnight is uncertain, the meter's is good, on one point") {
  Book book;
  book.total(100, after(0s));
  const auto midnight = *from_rfc3339("2026-11-23T00:00:00.000+08:00");
  const auto own = book.read({Book::reading("import", 124.0, after(24 * hour))});
  REQUIRE(own.size() == 2);
  CHECK(own[1].id.point == "import.frozen");
  CHECK(own[1].quality == Quality::uncertain);
  CHECK(own[1].t_source == midnight);
  CHECK(*as_number(own[1].value) == doctest::Approx(114));
  REQUIRE(book.notes.size() == 1);
  CHECK(book.notes[0].kind == "day-substituted");

  Reading frozen = Book::reading("import.frozen", 113.9, after(24 * hour + minute));
  frozen.t_source = midnight;
  CHECK(book.read({frozen}).at(0) == frozen);
  CHECK(book.read({frozen}).empty());  // said once
}

TEST_CASE("a frozen total of another day, or that was never reached, is marked") {
  Book book;
  book.total(100, after(0s));
  Reading frozen = Book::reading("import.frozen", 90.0, after(minute));
  frozen.t_source = *from_rfc3339("2000-01-01T00:00:00.000+08:00");
  CHECK(book.read({frozen}).at(0).quality == Quality::uncertain);
  frozen.t_source = *from_rfc3339("2026-11-22T00:00:00.000+08:00");
  frozen.value = 150.0;
  CHECK(book.read({frozen}).at(0).quality == Quality::uncertain);
  frozen.value = 90.0;
  CHECK(book.read({frozen}).at(0).quality == Quality::good);
}

TEST_CASE("other points and other devices are left alone") {
  Book book;
  std::vector<Reading> readings{Book::reading("power", 0.0, after(0s)),
                                {{"smoke-1", "smoke"}, Value(true), Quality::good, {}, {}, after(0s)}};
  CHECK(book.read(readings) == readings);
  CHECK(book.rows.empty());
}

TEST_CASE("a stored state comes back as it was; a damaged one is not taken") {
  StoredCounter stored;
  stored.counter.last = Total{123.45, after(minute)};
  stored.counter.suspect = Total{0, after(2 * minute)};
  stored.days.base = Total{120, after(0s, ClockQuality::holdover)};
  stored.days.day = test::begin;
  const Bytes body = encode_state(stored);
  CHECK(decode_state(body) == stored);
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK_FALSE(decode_state(ByteView(body).first(size)).has_value());
  Bytes longer = body;
  longer.push_back(0);
  CHECK_FALSE(decode_state(longer).has_value());
}

}  // namespace tocsin::meter
