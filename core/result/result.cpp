#include "core/result/result.h"

#include <stdexcept>

namespace tocsin {

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::timeout: return "timeout";
    case Fault::crc: return "crc";
    case Fault::framing: return "framing";
    case Fault::wrong_unit: return "wrong-unit";
    case Fault::wrong_answer: return "wrong-answer";
    case Fault::late: return "late";
    case Fault::exception: return "exception";
    case Fault::unreachable: return "unreachable";
    case Fault::io: return "io";
    case Fault::out_of_range: return "out-of-range";
    case Fault::invalid_marker: return "invalid-marker";
    case Fault::warming_up: return "warming-up";
    case Fault::not_agreed: return "not-agreed";
    case Fault::disconnected: return "disconnected";
    case Fault::storage_full: return "storage-full";
    case Fault::storage: return "storage";
    case Fault::refused: return "refused";
    case Fault::bad_input: return "bad-input";
    case Fault::not_found: return "not-found";
    case Fault::unsupported: return "unsupported";
    case Fault::newer_version: return "newer-version";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string text(name_of(error.fault));
  if (error.code != 0) text += " (" + std::to_string(error.code) + ")";
  if (!error.detail.empty()) text += ": " + error.detail;
  return text;
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error(std::string(where.file_name()) + ":" + std::to_string(where.line()) +
                         ": value() of a failed Result: " + to_string(error));
}

}  // namespace tocsin
