// Replays the corpus of every fuzz target: an input that once broke a parser never does again, without clang.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/sample_config.h"

using Target = int(const std::uint8_t* data, std::size_t size);
extern "C" Target fuzz_modbus, fuzz_dlt645, fuzz_cjt188, fuzz_mbus, fuzz_osdp, fuzz_wiegand, fuzz_gb26875,
    fuzz_exchange, fuzz_wire, fuzz_config, fuzz_request;

namespace {

void replay(const std::string& name, Target& target) {
  const std::filesystem::path folder = tocsin::test::source_dir() + "/tests/fuzz/corpus/" + name;
  int inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    INFO(file.path().string());
    CHECK(target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) == 0);
    ++inputs;
  }
  CHECK(inputs > 0);
}

}  // namespace

TEST_CASE("the corpus of the field protocols breaks nothing") {
  replay("modbus", fuzz_modbus);
  replay("dlt645", fuzz_dlt645);
  replay("cjt188", fuzz_cjt188);
  replay("mbus", fuzz_mbus);
  replay("osdp", fuzz_osdp);
  replay("wiegand", fuzz_wiegand);
  replay("gb26875", fuzz_gb26875);
  replay("exchange", fuzz_exchange);
}

TEST_CASE("the corpus of messages, configurations and requests breaks nothing") {
  replay("wire", fuzz_wire);
  replay("config", fuzz_config);
  replay("request", fuzz_request);
}
