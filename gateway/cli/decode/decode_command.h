#pragma once
// The command `tocsin decode <protocol> <hex> [--json] [--bits N] [--code N] [--direction D] [--s-enc H]
// [--s-mac1 H]
// [--s-mac2 H] [--prev-mac H]`.

#include <ostream>
#include <string>
#include <vector>

namespace tocsin::decode {

// `args` follow the word "decode". Exit code: 0 a valid frame, 1 a frame to reject, 2 wrong use.
int run_decode(const std::vector<std::string>& args, std::ostream& out, std::ostream& err);

}  // namespace tocsin::decode
