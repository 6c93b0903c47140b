#include "gateway/cli/bus.h"

#include <cstdio>

#include "gateway/cli/daemon_answer.h"
#include "gateway/cli/table.h"

namespace tocsin::cli {

namespace json = boost::json;

void print_buses(const json::array& buses) {
  Table table({"bus", "device", "state", "good", "timeouts", "crc", "exceptions", "late", "wrong", "p50 ms",
               "p99 ms", "last error"});
  for (const auto& value : buses) {
    const auto& bus = value.as_object();
    const bool open = bus.at("open").as_bool();
    if (!open)
      table.add({{text_at(bus, "bus")},
                 {"-"},
                 {"line closed", Colour::red},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {text_at(bus, "last_error")}});
    for (const auto& item : bus.at("devices").as_array()) {
      const auto& device = item.as_object();
      const bool online = device.at("online").as_bool();
      char p50[16], p99[16];
      std::snprintf(p50, sizeof p50, "%.1f", device.at("answer_p50_ms").to_number<double>());
      std::snprintf(p99, sizeof p99, "%.1f", device.at("answer_p99_ms").to_number<double>());
      table.add({{text_at(bus, "bus")},
                 {text_at(device, "device")},
                 {online ? "answers" : "lost", online ? Colour::green : Colour::red},
                 {text_at(device, "good")},
                 {text_at(device, "timeouts")},
                 {text_at(device, "crc")},
                 {text_at(device, "exceptions")},
                 {text_at(device, "late")},
                 {text_at(device, "wrong")},
                 {p50},
                 {p99},
                 {text_at(device, "last_error")}});
    }
  }
  std::printf("%s", table.text().c_str());
}

bool any_lost(const json::array& buses) {
  for (const auto& bus : buses)
    for (const auto& device : bus.as_object().at("devices").as_array())
      if (!device.as_object().at("online").as_bool()) return true;
  return false;
}

namespace {

void print_details(const json::array& buses) {
  for (const auto& value : buses) {
    const auto& bus = value.as_object();
    for (const auto& miss : bus.at("deadline_misses").as_array())
      std::printf("%s\n", paint("deadline missed: " + std::string(miss.as_string()), Colour::red).c_str());
    if (const auto* frames = bus.if_contains("trace"))
      for (const auto& frame : frames->as_array())
        std::printf("%s %s\n", text_at(bus, "bus").c_str(), frame.as_string().c_str());
  }
}

// Prometheus text format 0.0.4. Names need no escaping: they are [A-Za-z0-9._-].
void print_metric(const char* name, const std::string& labels, double value) {
  std::printf("%s{%s} %.9g\n", name, labels.c_str(), value);
}

std::string label(const char* name, const std::string& value) {
  return std::string(name) + "=\"" + value + "\"";
}

void print_device(const json::object& device, const std::string& bus) {
  const std::string labels = bus + "," + label("device", text_at(device, "device"));
  print_metric("tocsin_device_online", labels, device.at("online").as_bool() ? 1 : 0);
  for (const char* result : {"good", "timeouts", "crc", "exceptions", "late", "wrong"})
    print_metric("tocsin_device_answers_total", labels + "," + label("result", result),
                 device.at(result).to_number<double>());
  print_metric("tocsin_device_retries_total", labels, device.at("retries").to_number<double>());
  print_metric("tocsin_device_answer_seconds", labels + "," + label("quantile", "0.5"),
               device.at("answer_p50_ms").to_number<double>() / 1e3);
  print_metric("tocsin_device_answer_seconds", labels + "," + label("quantile", "0.99"),
               device.at("answer_p99_ms").to_number<double>() / 1e3);
}

void print_metrics(const json::object& answer) {
  std::printf(
      "# HELP tocsin_bus_open Whether the line or connection is open.\n# TYPE tocsin_bus_open gauge\n"
      "# HELP tocsin_bus_late_points Life-safety points detected later than their deadline.\n"
      "# TYPE tocsin_bus_late_points gauge\n"
      "# HELP tocsin_device_online Whether the device answers.\n# TYPE tocsin_device_online gauge\n"
      "# HELP tocsin_device_answers_total Conversations by what came of them.\n"
      "# TYPE tocsin_device_answers_total counter\n"
      "# HELP tocsin_device_retries_total Conversations that were begun again.\n"
      "# TYPE tocsin_device_retries_total counter\n"
      "# HELP tocsin_device_answer_seconds Time to the answer, of the newest 256.\n"
      "# TYPE tocsin_device_answer_seconds gauge\n");
  for (const auto& value : answer.at("items").as_array()) {
    const auto& bus = value.as_object();
    const std::string labels =
        label("gateway", text_at(answer, "gateway")) + "," + label("bus", text_at(bus, "bus"));
    print_metric("tocsin_bus_open", labels, bus.at("open").as_bool() ? 1 : 0);
    print_metric("tocsin_bus_late_points", labels,
                 static_cast<double>(bus.at("deadline_misses").as_array().size()));
    for (const auto& device : bus.at("devices").as_array()) print_device(device.as_object(), labels);
  }
}

}  // namespace

int run_bus(const Context& context, const BusQuestion& question) {
  int code = 0;
  json::object request{{"op", "bus"}};
  if (question.trace) request["trace"] = true;
  if (!question.device.empty()) request["device"] = question.device;
  const auto answer = ask_daemon(context, request, code);
  if (!answer) return code;
  const auto& buses = answer->at("items").as_array();
  if (question.metrics) {
    print_metrics(*answer);
    return 0;
  }
  if (context.json) {
    print_json(*answer);
  } else {
    print_buses(buses);
    print_details(buses);
  }
  return any_lost(buses) ? 1 : 0;
}

}  // namespace tocsin::cli
