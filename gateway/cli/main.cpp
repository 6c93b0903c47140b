#include <clocale>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "gateway/cli/commands.h"
#include "gateway/cli/decode/decode_command.h"

namespace {

using tocsin::cli::Context;

constexpr const char* examples = R"(Examples:
  tocsin check --config gateway.toml --profiles /usr/share/tocsin/profiles
  tocsin status
  tocsin read smoke-3f-01
  tocsin write stair-door-3f open
  tocsin alarms
  tocsin alarms reset --zone 3F
  tocsin plan --config gateway.toml
  tocsin bus smoke-3f-01 --trace
  tocsin ledger --cloud https://cloud.example --token-file ~/token
  tocsin linkage test --config gateway.toml --scenario fire-on-3F.toml
  tocsin decode modbus-rtu 01020000000479c9)";

// Arguments and result of whichever subcommand was chosen.
struct Chosen {
  Context context;
  std::string target, word, zone, config, profiles = "/usr/share/tocsin/profiles";
  std::vector<std::string> scenarios;
  int count = 0;
  std::string reason;
  std::string cloud, token_file;
  tocsin::cli::BusQuestion bus;
  bool end = false;
  int exit_code = 0;
};

void add_alarms(CLI::App& app, Chosen& chosen) {
  using namespace tocsin::cli;
  auto* alarms = app.add_subcommand("alarms", "open alarms; or act on them: ack, silence, reset");
  alarms->require_subcommand(0, 1);
  alarms->add_subcommand("list", "open alarms (exit 1 when there are any)");
  auto* ack = alarms->add_subcommand("ack", "acknowledge an alarm: somebody is on the way");
  ack->add_option("ID", chosen.target, "alarm id")->required();
  ack->callback([&] { chosen.exit_code = run_acknowledge(chosen.context, chosen.target); });
  auto* silence = alarms->add_subcommand("silence", "silence sounders and lamps until the next alarm");
  silence->callback([&] { chosen.exit_code = run_silence(chosen.context); });
  auto* reset = alarms->add_subcommand(
      "reset", "clear the latch of an alarm, or of a whole zone; refused while the cause is present");
  auto* id = reset->add_option("ID", chosen.target, "alarm id");
  auto* zone = reset->add_option("--zone", chosen.zone, "every latched alarm of this zone");
  id->excludes(zone);
  reset->callback([&] {
    if (chosen.target.empty() && chosen.zone.empty())
      throw CLI::ValidationError("reset", "name an alarm ID or --zone ZONE");
    chosen.exit_code = run_reset(chosen.context, chosen.target, chosen.zone);
  });
  auto* disable = alarms->add_subcommand(
      "disable", "take a device out of service for a while: it counts for nothing, and is reported");
  disable->add_option("DEVICE", chosen.target, "device")->required();
  disable->add_option("--minutes", chosen.count, "for so long, at most 480")
      ->required()
      ->check(CLI::Range(1, 480));
  disable->add_option("--reason", chosen.reason, "why; goes into the record")->required();
  disable->callback(
      [&] { chosen.exit_code = run_disable(chosen.context, chosen.target, chosen.count, chosen.reason); });
  auto* enable = alarms->add_subcommand("enable", "put a disabled device into service again");
  enable->add_option("DEVICE", chosen.target, "device")->required();
  enable->callback([&] { chosen.exit_code = run_enable(chosen.context, chosen.target); });
  alarms->callback([&, alarms] {
    const auto parsed = alarms->get_subcommands();
    if (parsed.empty() || parsed.front()->get_name() == "list") chosen.exit_code = run_alarms(chosen.context);
  });
}

void add_walk_test(CLI::App& app, Chosen& chosen) {
  auto* walk = app.add_subcommand(
      "walktest", "put a zone in test: its alarms are recorded, marked, and not sent to the city");
  walk->add_option("ZONE", chosen.zone, "zone")->required();
  auto* minutes =
      walk->add_option("--minutes", chosen.count, "for so long, at most 60")->check(CLI::Range(1, 60));
  auto* end = walk->add_flag("--end", chosen.end, "end it now");
  minutes->excludes(end);
  walk->callback([&] {
    if (chosen.count == 0 && !chosen.end) throw CLI::ValidationError("walktest", "say --minutes N, or --end");
    chosen.exit_code = tocsin::cli::run_walk_test(chosen.context, chosen.zone, chosen.end ? 0 : chosen.count);
  });
}

void add_live(CLI::App& app, Chosen& chosen) {
  using namespace tocsin::cli;
  app.add_subcommand("status", "the gateway at a glance (exit 1 when something is wrong)")->callback([&] {
    chosen.exit_code = run_status(chosen.context);
  });
  auto* read = app.add_subcommand("read", "read a device now, on the bus");
  read->add_option("TARGET", chosen.target, "DEVICE or DEVICE/POINT")->required();
  read->callback([&] { chosen.exit_code = run_read(chosen.context, chosen.target); });
  auto* write = app.add_subcommand(
      "write", "hold the output of an effect by hand; before the matrix, never before a fire's release");
  write->add_option("TARGET", chosen.target, "effect, or its output DEVICE/POINT")->required();
  auto* word = write->add_option("WORD", chosen.word, "a word of the effect, such as open");
  auto* release = write->add_flag("--release", chosen.end, "give it back to the matrix and the cloud");
  word->excludes(release);
  write->footer("Example:\n  tocsin write stair-door-3f open\n  tocsin write stair-door-3f --release");
  write->callback([&] {
    if (chosen.word.empty() && !chosen.end) throw CLI::ValidationError("write", "say a WORD, or --release");
    chosen.exit_code = run_write(chosen.context, chosen.target, chosen.end ? "" : chosen.word);
  });
  auto* watch = app.add_subcommand("watch", "follow readings as they come; end with Ctrl-C");
  watch->add_option("TARGET", chosen.target, "only this DEVICE or DEVICE/POINT");
  watch->add_option("--count", chosen.count, "end after so many lines")->check(CLI::NonNegativeNumber);
  watch->callback([&] { chosen.exit_code = run_watch(chosen.context, chosen.target, chosen.count); });
  auto* bus = app.add_subcommand("bus", "health of every bus and device");
  bus->add_option("DEVICE", chosen.bus.device, "only this device");
  bus->add_flag("--trace", chosen.bus.trace,
                "the newest frames on the wire, as in `tocsin bus smoke-1 --trace`");
  bus->add_flag("--metrics", chosen.bus.metrics,
                "in Prometheus' text format, for a file that its agent collects");
  bus->callback([&] { chosen.exit_code = run_bus(chosen.context, chosen.bus); });
  app.add_subcommand("buffer", "what waits for the cloud, how old it is, and when the disk will be full")
      ->callback([&] { chosen.exit_code = run_buffer(chosen.context); });
  auto* ledger = app.add_subcommand(
      "ledger", "up to where the cloud has every record, and each gap with its cause (exit 1: they differ)");
  auto* token = ledger->add_option("--token-file", chosen.token_file, "file with a token of the cloud's API");
  ledger->add_option("--cloud", chosen.cloud, "ask the cloud too: https://HOST[:PORT]")->needs(token);
  ledger->callback([&] { chosen.exit_code = run_ledger(chosen.context, chosen.cloud, chosen.token_file); });
}

void add_check(CLI::App& app, Chosen& chosen) {
  auto* check = app.add_subcommand(
      "check", "check a configuration; a running daemon is not touched (exit 2 when refused)");
  check->add_option("--config", chosen.config, "configuration file")->required();
  check->add_option("--profiles", chosen.profiles, "folder of device profiles");
  check->callback(
      [&] { chosen.exit_code = tocsin::cli::run_check(chosen.context, chosen.config, chosen.profiles); });
}

void add_plan(CLI::App& app, Chosen& chosen) {
  auto* plan = app.add_subcommand(
      "plan", "worst-case detection and actuation times of every bus (exit 1 when a deadline can be missed)");
  plan->add_option("--config", chosen.config, "configuration file")->required();
  plan->add_option("--profiles", chosen.profiles, "folder of device profiles");
  plan->callback(
      [&] { chosen.exit_code = tocsin::cli::run_plan(chosen.context, chosen.config, chosen.profiles); });
}

void add_linkage(CLI::App& app, Chosen& chosen) {
  using namespace tocsin::cli;
  auto* linkage =
      app.add_subcommand("linkage", "the cause-and-effect matrix of a configuration: show or test");
  linkage->require_subcommand(1);
  auto* show = linkage->add_subcommand("show", "the matrix as a table");
  auto* test = linkage->add_subcommand(
      "test", "try out every row and play scenarios, without a bus (exit 1 when one fails)");
  for (auto* command : {show, test}) {
    command->add_option("--config", chosen.config, "configuration file")->required();
    command->add_option("--profiles", chosen.profiles, "folder of device profiles");
  }
  test->add_option("--scenario", chosen.scenarios, "scenario file; may be given more than once");
  show->callback(
      [&] { chosen.exit_code = run_linkage_show(chosen.context, chosen.config, chosen.profiles); });
  test->callback([&] {
    chosen.exit_code = run_linkage_test(chosen.context, chosen.config, chosen.profiles, chosen.scenarios);
  });
}

// What follows `decode`, when that is the subcommand; global options may stand before it.
std::optional<std::vector<std::string>> arguments_of_decode(int argc, char** argv) {
  std::vector<std::string> before;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      before.emplace_back(word);
    } else if (word == "--socket") {
      ++i;
    } else if (word == "decode") {
      std::vector<std::string> after(argv + i + 1, argv + argc);
      after.insert(after.end(), before.begin(), before.end());
      return after;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");
  if (const auto decode_args = arguments_of_decode(argc, argv))  // its own options, and no daemon
    return tocsin::decode::run_decode(*decode_args, std::cout, std::cerr);

  CLI::App app{"tocsin: the installer's tool of the Tocsin gateway"};
  Chosen chosen;
  chosen.context.socket = "/run/tocsin/control";
  app.add_option("--socket", chosen.context.socket, "control socket of the daemon")->capture_default_str();
  app.add_flag("--json", chosen.context.json, "print one JSON object");
  app.set_version_flag("--version", TOCSIN_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(examples);
  add_live(app, chosen);
  add_alarms(app, chosen);
  add_walk_test(app, chosen);
  add_check(app, chosen);
  add_plan(app, chosen);
  add_linkage(app, chosen);
  app.add_subcommand("decode", "explain a captured frame: tocsin decode <protocol> <hex>");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return chosen.exit_code;
}
