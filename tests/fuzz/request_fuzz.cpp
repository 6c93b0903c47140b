// Fuzz target of what people's programs send: a line on the gateway's socket, and target, header and body of
// a request to the cloud.

#include "cloud/api/http.h"
#include "cloud/desk/act.h"
#include "gateway/control/request.h"
#include "tests/fuzz/require.h"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto request = control::parse_request(text)) {
    (void)control::text_of(*request, "op");
    const Duration time = control::minutes_of(*request);
    fuzz::require(time >= Duration{0} && time <= control::longest_time);
  }
  const auto end_of_target = std::min(text.find('\n'), text.size());
  const std::string target = text.substr(0, end_of_target);
  const std::string body = text.substr(end_of_target);
  if (const auto request = cloud::parse_target("POST", target, "Bearer " + body, body))
    fuzz::require(request->path.size() <= target.size());
  for (const char* act : {"ack", "comment", "assign"}) (void)cloud::parse_act(act, body);
  return 0;
}
