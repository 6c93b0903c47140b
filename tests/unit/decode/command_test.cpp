#include <sstream>

#include <doctest/doctest.h>

#include "gateway/cli/decode/decode_command.h"

namespace tocsin::decode {
namespace {

struct Run {
  int code;
  std::string out;
  std::string err;
};

Run run(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  const int code = run_decode(args, out, err);
  return {code, out.str(), err.str()};
}

constexpr auto read_request = "010300000002c40b";

}  // namespace

TEST_CASE("a valid frame is annotated byte by byte") {
  const Run result = run({"modbus-rtu", read_request});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out ==
        "0000  01                       unit 1\n"
        "0001  03                       read holding registers\n"
        "0002  00 00                    address 0, counted from 0\n"
        "0004  00 02                    count 2\n"
        "0006  c4 0b                    CRC, good\n");
}

TEST_CASE("JSON is one line on request") {
  const Run result = run({"--json", "modbus-rtu", read_request});
  CHECK(result.code == 0);
  CHECK(result.out == R"({"valid":true,"frame_offset":0,"slave":1,"function":3,"start":0,"count":2})"
                      "\n");
}

TEST_CASE("a damaged frame is told from wrong use") {
  const Run damaged = run({"modbus-rtu", "010300000002c40c", "--json"});
  CHECK(damaged.code == 1);
  CHECK(damaged.out == "{\"valid\":false,\"reason\":\"checksum\"}\n");
  const Run damaged_text = run({"modbus-rtu", "010300000002c40c"});
  CHECK(damaged_text.out.starts_with("rejected: checksum"));
  for (const auto& args : std::vector<std::vector<std::string>>{
           {},
           {"modbus-rtu"},
           {"modbus-rtu", read_request, "more"},
           {"modbus", read_request},
           {"modbus-rtu", "01030"},
           {"modbus-rtu", "xy"},
           {"modbus-rtu", read_request, "--unknown", "1"},
           {"modbus-rtu", read_request, "--bits"},
           {"modbus-rtu", read_request, "--bits", "2x"},
           {"modbus-rtu", read_request, "--s-enc", "0"},
       }) {
    const Run wrong = run(args);
    CHECK(wrong.code == 2);
    CHECK(wrong.out.empty());
    CHECK(wrong.err.find("usage:") != std::string::npos);
    CHECK(wrong.err.find("gb26875.3-appdata") != std::string::npos);
  }
}

TEST_CASE("the bits of a card may have an odd number of digits") {
  CHECK(run({"wiegand", "0x2ff0006", "--bits", "26", "--json"}).out ==
        run({"wiegand", "02ff0006", "--bits", "26", "--json"}).out);
  CHECK(run({"wiegand", "2ffx006", "--bits", "26"}).code == 2);
}

TEST_CASE("a direction settles what the bytes alone do not") {
  // Eight bytes that are both: a read of 1 bit at 0300H, and an answer with three bytes of bits.
  const std::string both = "010103000001fd8e";
  const Run request = run({"modbus-rtu", both, "--json", "--direction", "request"});
  const Run response = run({"modbus-rtu", both, "--json", "--direction", "response"});
  CHECK(request.out.find("\"start\":768") != std::string::npos);
  CHECK(response.out.find("\"bits\":[16]") != std::string::npos);
}

}  // namespace tocsin::decode
