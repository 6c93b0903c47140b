#pragma once
// One GET from the cloud's API, with a bearer token. Blocks, for at most ten seconds.

#include <string>

#include "core/result/result.h"

namespace tocsin::cli {

// `url`: http://HOST[:PORT]/PATH or https://…, whose certificate must fit the system's authorities. Gives the
// body of an answer 200; any other status is Fault::refused with the body as its detail.
Result<std::string> fetch(const std::string& url, const std::string& token);

}  // namespace tocsin::cli
