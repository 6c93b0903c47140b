// Runs the decode command alone, so that a vector file can be checked without the whole program:
// tocsin-decode-check decode <protocol> <hex> [options].

#include <iostream>

#include "gateway/cli/decode/decode_command.h"

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.empty() || words[0] != "decode") {
    std::cerr << "usage: tocsin-decode-check decode <protocol> <hex> [options]\n";
    return 2;
  }
  return tocsin::decode::run_decode({words.begin() + 1, words.end()}, std::cout, std::cerr);
}
