// tocsin-sim: a whole building on one Modbus line, or the meters of a line. Orders come as lines on standard
// input, happenings leave as JSON lines on standard output.

#include <cstdio>
#include <iostream>
#include <optional>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <unistd.h>

#include "simulators/building/building.h"
#include "simulators/devices/modbus_lines.h"
#include "simulators/meters/program.h"

namespace {

namespace asio = boost::asio;
using namespace tocsin;
using Clock = std::chrono::steady_clock;

constexpr auto step_time = std::chrono::milliseconds(20);

void tell(const boost::json::object& line) {
  std::printf("%s\n", boost::json::serialize(line).c_str());
  std::fflush(stdout);
}

std::int64_t utc_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// ignite ZONE | extinguish ZONE | gas PERCENT_LEL | quit
bool obey(sim::Building& building, const std::string& line) {
  std::istringstream words(line);
  std::string order, argument;
  words >> order >> argument;
  if (order == "ignite")
    building.ignite(argument);
  else if (order == "extinguish")
    building.extinguish(argument);
  else if (order == "gas")
    building.leak_gas(std::atof(argument.c_str()));
  else if (order == "quit")
    return false;
  else if (!order.empty())
    std::fprintf(stderr, "unknown order '%s': ignite ZONE, extinguish ZONE, gas PERCENT_LEL, quit\n",
                 order.c_str());
  return true;
}

class Program {
 public:
  Program(int port, const std::string& pty, int baud)
      : timer_(io_), input_(io_, ::dup(STDIN_FILENO)), signals_(io_, SIGINT, SIGTERM) {
    auto on_request = [this](int unit) { building_.on_request(unit); };
    if (pty.empty())
      tcp_.emplace(io_, port, building_.devices(), on_request);
    else
      pty_.emplace(io_, pty, baud, building_.devices(), on_request);
    signals_.async_wait([this](auto, int) { io_.stop(); });
  }

  void run() {
    tell({{"ready", true}, {"port", tcp_ ? tcp_->port() : 0}});
    last_ = Clock::now();
    tick();
    listen();
    io_.run();
  }

 private:
  void tick() {
    const auto now = Clock::now();
    for (const auto& one : building_.advance(std::chrono::duration_cast<Duration>(now - last_)))
      tell({{"utc_ms", utc_ms()}, {"what", one.what}, {"name", one.name}, {"state", one.state}});
    last_ = now;
    timer_.expires_after(step_time);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) tick();
    });
  }

  void listen() {
    asio::async_read_until(input_, buffer_, '\n', [this](boost::system::error_code error, std::size_t) {
      if (error) return;  // nobody gives orders: go on
      std::istream stream(&buffer_);
      std::string line;
      std::getline(stream, line);
      if (!obey(building_, line)) return io_.stop();
      listen();
    });
  }

  asio::io_context io_{1};
  sim::Building building_;
  std::optional<sim::TcpLine> tcp_;
  std::optional<sim::PtyLine> pty_;
  asio::steady_timer timer_;
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
  asio::signal_set signals_;
  Clock::time_point last_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"tocsin-sim: simulated devices on real protocols"};
  app.require_subcommand(1);
  int port = 0, baud = 9600;
  std::string pty;
  auto* building = app.add_subcommand(
      "building",
      "a building that can burn, on Modbus TCP (or RTU on a pty); orders on standard input: "
      "ignite ZONE, extinguish ZONE, gas PERCENT_LEL, quit");
  building->add_option("--port", port, "TCP port on loopback; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  building->add_option("--pty", pty, "RTU on a pty instead; this is the link to its other end");
  building->add_option("--baud", baud, "speed of the pty's answers")->check(CLI::Range(300, 1000000));
  sim::MeterOptions meter_options;
  const auto* meters = sim::add_meters(app, meter_options);
  try {
    app.parse(argc, argv);
    if (meters->parsed())
      sim::run_meters(meter_options);
    else
      Program(port, pty, baud).run();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tocsin-sim: %s\n", error.what());
    return 1;
  }
  return 0;
}
