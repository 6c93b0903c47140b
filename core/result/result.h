#pragma once
// Result<T>: a value, or an Error that says what happened. For what the field does on an ordinary day;
// exceptions are for programs that cannot start and for proven bugs.

#include <string>

#include <boost/system/result.hpp>

#include "core/result/fault.h"

namespace tocsin {

struct Error {
  Fault fault{};
  int code = 0;        // errno, protocol exception code or SQLite code; 0 when there is none
  std::string detail;  // one line for a person; may be empty

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};
using Status = Result<void>;

inline Error fail(Fault fault, std::string detail = {}, int code = 0) {
  return {fault, code, std::move(detail)};
}

// "timeout: no answer in 500 ms"
std::string to_string(const Error& error);

// Called by boost::system::result::value() when there is no value: a bug of the caller, so it throws.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace tocsin
