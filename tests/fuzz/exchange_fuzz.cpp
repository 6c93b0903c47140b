// What the gateway does with answers: a conversation of every protocol, read and write, is answered with the
// input. Whatever comes, it ends, and its samples are points of the profile with a value or a fault.

#include <algorithm>
#include <memory>

#include "drivers/io/registry.h"
#include "tests/fuzz/require.h"

using namespace tocsin;

namespace {

using Source = std::map<std::string, Value>;

driver::PlannedDevice device(std::string protocol, std::string address, const std::vector<Source>& sources) {
  auto profile = std::make_shared<driver::Profile>();
  profile->protocol = std::move(protocol);
  for (const Source& source : sources) {
    driver::PointSpec point;
    point.name = "p" + std::to_string(profile->points.size());
    point.source = source;
    point.invalid = {65535};
    point.max = 1000;
    point.life_safety = profile->points.size() % 2 == 0;
    profile->points.push_back(std::move(point));
  }
  profile->points.back().writable = true;
  driver::DeviceSpec spec;
  spec.name = "fuzzed";
  spec.profile = std::move(profile);
  spec.address = std::move(address);
  return io::make_device(spec).value();
}

driver::PlannedDevice modbus_device() {
  std::vector<Source> sources;
  for (const char* type : {"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"})
    sources.push_back({{"table", std::string("holding")},
                       {"address", static_cast<std::int64_t>(sources.size() * 4)},
                       {"type", std::string(type)}});
  sources.push_back({{"table", std::string("discrete")}, {"address", std::int64_t{9}}});
  sources.push_back({{"table", std::string("coil")}, {"address", std::int64_t{3}}});
  return device("modbus", "17", sources);
}

const std::vector<driver::PlannedDevice>& devices() {
  static const std::vector<driver::PlannedDevice> all{
      modbus_device(),
      device("modbus", "17", {{{"table", std::string("holding")}, {"address", std::int64_t{0}}}}),
      device("dlt645", "123456789012", {{{"id", std::string("00010000")}}}),
      device("cjt188", "12345678901234", {{{"field", std::string("current_total")}}}),
      device("mbus", "5", {{{"vif", std::string("13")}}}),
  };
  return all;
}

// One byte says how long the next answer is.
void play(const driver::PlannedDevice& device, driver::Exchange& exchange, ByteView input) {
  driver::Step step = exchange.start();
  for (int turns = 0; turns < 8 && !input.empty(); ++turns) {
    if (std::holds_alternative<driver::Done>(step) || std::holds_alternative<Error>(step)) break;
    const std::size_t size = std::min<std::size_t>(input[0], input.size() - 1);
    step = exchange.on_frame(input.subspan(1, size));
    input = input.subspan(1 + size);
  }
  const auto* done = std::get_if<driver::Done>(&step);
  if (done == nullptr) return;
  for (const driver::Sample& sample : done->samples) {
    fuzz::require(sample.point < device.spec.profile->points.size());
    fuzz::require((sample.quality == Quality::bad) == sample.fault.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const driver::PlannedDevice& chosen = devices()[data[0] % devices().size()];
  const ByteView input(data + 1, size - 1);
  const auto items = chosen.driver->items();
  for (const driver::PollItem& item : items)
    play(chosen, *chosen.driver->read({item.space, item.first, item.count, {item.point}}), input);
  for (std::size_t i = 0; i < chosen.spec.profile->points.size(); ++i)
    for (const Value& value : {Value(true), Value(std::int64_t{7})})
      if (auto write = chosen.driver->write(i, value)) play(chosen, **write, input);
  return 0;
}
