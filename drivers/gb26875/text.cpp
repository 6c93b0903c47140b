#include "drivers/gb26875/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include <iconv.h>

namespace tocsin::gb26875 {
namespace {

class Converter {
 public:
  Converter(const char* to, const char* from) : handle_(iconv_open(to, from)) {
    if (handle_ == reinterpret_cast<iconv_t>(-1))
      throw std::runtime_error("this system cannot convert GB18030");
  }
  ~Converter() { iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  // Converts the character at the front of `in` into `out`; returns the bytes it took, 0 when they are none.
  std::size_t step(ByteView in, std::array<char, 16>& out, std::size_t& produced) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(in.size(), 4); ++length) {
      iconv(handle_, nullptr, nullptr, nullptr, nullptr);
      char* source =
          const_cast<char*>(reinterpret_cast<const char*>(in.data()));  // iconv does not write to it
      std::size_t left = length, room = out.size();
      char* target = out.data();
      if (iconv(handle_, &source, &left, &target, &room) != static_cast<std::size_t>(-1)) {
        produced = out.size() - room;
        return length;
      }
      if (errno != EINVAL) return 0;  // EINVAL: a character that needs more bytes
    }
    return 0;
  }

 private:
  iconv_t handle_;
};

}  // namespace

std::string to_utf8(ByteView gb18030) {
  Converter converter("UTF-8", "GB18030");
  ByteView rest = gb18030.first(static_cast<std::size_t>(std::ranges::find(gb18030, 0) - gb18030.begin()));
  std::string text;
  std::array<char, 16> out{};
  while (!rest.empty()) {
    std::size_t produced = 0;
    const std::size_t taken = converter.step(rest, out, produced);
    if (taken == 0) {
      text += "\uFFFD";
    } else {
      text.append(out.data(), produced);
    }
    rest = rest.subspan(std::max<std::size_t>(taken, 1));
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Bytes from_utf8(std::string_view utf8, std::size_t limit) {
  Converter converter("GB18030", "UTF-8");
  ByteView rest(reinterpret_cast<const std::uint8_t*>(utf8.data()), utf8.size());
  Bytes text;
  std::array<char, 16> out{};
  while (!rest.empty()) {
    std::size_t produced = 0;
    const std::size_t taken = converter.step(rest, out, produced);
    if (taken == 0) {
      out[0] = '?';
      produced = 1;
    }
    if (text.size() + produced > limit) break;
    text.insert(text.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(produced));
    rest = rest.subspan(std::max<std::size_t>(taken, 1));
  }
  return text;
}

}  // namespace tocsin::gb26875
