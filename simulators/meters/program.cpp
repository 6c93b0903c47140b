#include "simulators/meters/program.h"

#include <cstdio>
#include <sstream>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <unistd.h>

#include "simulators/devices/meter_answers.h"

namespace tocsin::sim {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr auto step_time = std::chrono::milliseconds(100);

void tell(const boost::json::object& line) {
  std::printf("%s\n", boost::json::serialize(line).c_str());
  std::fflush(stdout);
}

UtcTime utc_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Twist twist_of(LineFault fault) {
  switch (fault) {
    case LineFault::wrong_address: return Twist::wrong_address;
    case LineFault::exception: return Twist::exception;
    case LineFault::zero: return Twist::zero;
    case LineFault::jump: return Twist::jump;
    default: return Twist::none;
  }
}

void require(const Status& status) {
  if (!status) throw std::runtime_error(status.error().detail);
}

class Program {
 public:
  explicit Program(const MeterOptions& options)
      : delay_(options.answer_delay),
        faults_(options.seed),
        timer_(io_),
        input_(io_, ::dup(STDIN_FILENO)),
        signals_(io_, SIGINT, SIGTERM),
        line_(io_, options.line, [this](Bytes& bytes) { return on_input(bytes); }) {
    for (const auto& text : options.meters) {
      auto meter = parse_meter(text, utc_now());
      if (!meter) throw std::runtime_error(meter.error().detail);
      meters_.push_back(*meter);
    }
    for (const auto& text : options.faults) require(faults_.set(text));
    signals_.async_wait([this](auto, int) { io_.stop(); });
  }

  void run() {
    tell({{"ready", true}, {"port", line_.port()}, {"meters", meters_.size()}});
    last_ = Clock::now();
    tick();
    listen();
    io_.run();
    (void)tell_counts();
  }

 private:
  LineAnswer on_input(Bytes& bytes) {
    count_up();
    const Found found = find_request(meters_, bytes);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(found.skip));
    if (!found.request) return {};
    const LineFault fault = faults_.draw();
    if (fault == LineFault::unplug) return {{}, faults_.rate(fault).time};
    const Bytes bytes_out = answer(*found.meter, *found.request, twist_of(fault));
    if (bytes_out.empty()) return {};
    LineAnswer out{faults_.play(fault, *found.request, bytes_out, line_.byte_time()), {}};
    // The request came in one piece, but on a wire it takes its time as well.
    if (!out.parts.empty())
      out.parts.front().before +=
          delay_ + line_.byte_time() * static_cast<std::int64_t>(found.request->size());
    return out;
  }

  void count_up() {
    const auto now = Clock::now();
    for (Meter& meter : meters_) meter.advance(std::chrono::duration_cast<Duration>(now - last_), utc_now());
    last_ = now;
  }

  void tick() {
    count_up();
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
      const Status obeyed = obey(line);
      if (!obeyed) std::fprintf(stderr, "%s\n", obeyed.error().detail.c_str());
      if (line != "quit") return listen();
      io_.stop();
    });
  }

  Status obey(const std::string& line) {
    std::istringstream words(line);
    std::string order, first, second;
    words >> order >> first >> second;
    if (order.empty() || order == "quit") return {};
    if (order == "fault") return faults_.set(first);
    if (order == "totals") return tell_totals();
    if (order == "counts") return tell_counts();
    if (order == "set") return change(first, second);
    if (order != "unplug")
      return fail(
          Fault::bad_input,
          "unknown order \"" + order +
              "\": fault NAME=CHANCE[@TIME], set ADDRESS KEY=VALUE[,...], unplug TIME, totals, counts, quit");
    const auto time = parse_duration(first);
    if (!time) return time.error();
    line_.unplug(*time);
    return {};
  }

  Status change(const std::string& address, const std::string& settings) {
    for (Meter& meter : meters_)
      if (meter.address == address) return change_meter(meter, settings);
    return fail(Fault::bad_input, "no meter has the address \"" + address + "\"");
  }

  Status tell_totals() {
    count_up();
    boost::json::object totals;
    for (const Meter& meter : meters_)
      totals[meter.address] = {{"total", static_cast<double>(meter.hundredths()) / 100},
                               {"valve_closed", meter.valve_closed}};
    tell({{"totals", totals}});
    return {};
  }

  Status tell_counts() {
    boost::json::object counts;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
      const auto fault = static_cast<LineFault>(i);
      if (faults_.count(fault) != 0) counts[name_of(fault)] = faults_.count(fault);
    }
    tell({{"answers", counts}});
    return {};
  }

  asio::io_context io_{1};
  Duration delay_;
  LineFaults faults_;
  std::vector<Meter> meters_;
  asio::steady_timer timer_;
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
  asio::signal_set signals_;
  PacedLine line_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace

CLI::App* add_meters(CLI::App& app, MeterOptions& options) {
  auto* meters = app.add_subcommand("meters",
                                    "electricity, water, gas and heat meters on one line, with bytes as slow "
                                    "as the baud rate says and faults by chance");
  auto* pty = meters->add_option("--pty", options.line.pty, "a pty; this is the link to its other end");
  meters->add_option("--port", options.line.port, "TCP port on loopback instead; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->excludes(pty);
  meters->add_option("--baud", options.line.baud, "speed of the line, 11 bits a byte; default 2400")
      ->check(CLI::Range(300, 1000000));
  meters
      ->add_option("--meter", options.meters,
                   "KIND:ADDRESS[,KEY=VALUE...]; kinds dlt645-2007, dlt645-1997, water, gas, heat, "
                   "heat-short (CJ/T 188), "
                   "mbus-water, mbus-heat; keys total, rate (per hour), serial, split, order (high, low), "
                   "valve (open, closed)")
      ->required();
  meters->add_option(
      "--fault", options.faults,
      "NAME=CHANCE[@TIME] of each answer; late, truncate, drip, noise, corrupt, wrong-address, echo, babble, "
      "exception, silent, zero, jump, unplug");
  meters->add_option("--seed", options.seed, "of the chances; default 1");
  meters->footer(
      "example:\n  tocsin-sim meters --pty /tmp/riser --baud 2400 --meter "
      "dlt645-2007:181226034194,total=1234.56,rate=3.6 \\\n"
      "    --meter water:00000010000192,total=88.1 --fault truncate=0.05 --fault late=0.1@3s\n"
      "orders on standard input: fault NAME=CHANCE[@TIME], set ADDRESS KEY=VALUE[,...], unplug TIME, totals, "
      "counts, quit");
  return meters;
}

void run_meters(const MeterOptions& options) {
  Program(options).run();
}

}  // namespace tocsin::sim
