#include "gateway/cli/decode/decode_command.h"

#include <algorithm>
#include <charconv>

#include <boost/json/serialize.hpp>

#include "core/bytes/hex.h"
#include "gateway/cli/decode/decode.h"

namespace tocsin::decode {
namespace {

enum ExitCode { accepted = 0, rejected = 1, wrong_use = 2 };

struct Command {
  std::vector<std::string> words;  // protocol, hex
  bool json = false;
  DecodeOptions options;
};

Status set_number(std::optional<int>& target, const std::string& text) {
  int number = 0;
  const bool hex = text.starts_with("0x");
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + (hex ? 2 : 0), end, number, hex ? 16 : 10);
  if (error != std::errc{} || stop != end) return fail(Fault::bad_input, "not a number: " + text);
  target = number;
  return {};
}

Status set_bytes(std::optional<Bytes>& target, const std::string& text) {
  auto data = bytes::from_hex(text);
  if (!data) return data.error();
  target = std::move(*data);
  return {};
}

Status set_option(Command& command, const std::string& name, const std::string& value) {
  DecodeOptions& options = command.options;
  if (name == "--bits") return set_number(options.bits, value);
  if (name == "--code") return set_number(options.code, value);
  if (name == "--s-enc") return set_bytes(options.s_enc, value);
  if (name == "--s-mac1") return set_bytes(options.s_mac1, value);
  if (name == "--s-mac2") return set_bytes(options.s_mac2, value);
  if (name == "--prev-mac") return set_bytes(options.prev_mac, value);
  if (name != "--direction") return fail(Fault::bad_input, "unknown option " + name);
  options.direction = value;
  return {};
}

Result<Command> parse(const std::vector<std::string>& args) {
  Command command;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json") {
      command.json = true;
    } else if (!args[i].starts_with("--")) {
      command.words.push_back(args[i]);
    } else if (i + 1 == args.size()) {
      return fail(Fault::bad_input, args[i] + " needs a value");
    } else if (auto status = set_option(command, args[i], args[i + 1]); !status) {
      return status.error();
    } else {
      ++i;
    }
  }
  if (command.words.size() != 2)
    return fail(Fault::bad_input, "a protocol and one hexadecimal text are needed");
  const auto names = protocol_names();
  if (std::find(names.begin(), names.end(), command.words[0]) == names.end()) {
    return fail(Fault::bad_input, "unknown protocol " + command.words[0]);
  }
  return command;
}

// The bits of a Wiegand capture are one number, written with as many digits as it needs.
Result<Bytes> input_bytes(std::string_view protocol, std::string_view text) {
  auto data = bytes::from_hex(text);
  if (data || protocol != "wiegand") return data;
  if (text.starts_with("0x")) text.remove_prefix(2);
  return bytes::from_hex("0" + std::string(text));
}

int refuse(const Error& error, std::ostream& err) {
  err << "tocsin decode: " << error.detail << "\nusage: tocsin decode <protocol> <hex> [--json]\nprotocols:";
  for (const std::string_view name : protocol_names()) err << ' ' << name;
  err << '\n';
  return wrong_use;
}

}  // namespace

int run_decode(const std::vector<std::string>& args, std::ostream& out, std::ostream& err) {
  const auto command = parse(args);
  if (!command) return refuse(command.error(), err);
  const auto data = input_bytes(command->words[0], command->words[1]);
  if (!data) return refuse(data.error(), err);
  const Decoded decoded = decode(command->words[0], *data, command->options);
  if (command->json) {
    out << boost::json::serialize(decoded.json) << '\n';
  } else {
    out << decoded.text;
  }
  return decoded.valid ? accepted : rejected;
}

}  // namespace tocsin::decode
