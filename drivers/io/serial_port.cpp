#include "drivers/io/serial_port.h"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "drivers/driver/line_cost.h"

namespace tocsin::io {

namespace {

constexpr Duration send_timeout = 2s;

constexpr std::array<std::pair<int, speed_t>, 9> speeds{{{1200, B1200},
                                                         {2400, B2400},
                                                         {4800, B4800},
                                                         {9600, B9600},
                                                         {19200, B19200},
                                                         {38400, B38400},
                                                         {57600, B57600},
                                                         {115200, B115200},
                                                         {300, B300}}};

speed_t speed_of(int baud) {
  for (const auto& [rate, speed] : speeds)
    if (rate == baud) return speed;
  return B0;
}

bool is_pseudo_terminal(int fd) {
  constexpr unsigned first_major = 136, last_major = 143;  // Documentation/admin-guide/devices.txt, /dev/pts
  struct stat status {};
  return ::fstat(fd, &status) == 0 && major(status.st_rdev) >= first_major &&
         major(status.st_rdev) <= last_major;
}

// A pseudo terminal has no parity. The C library reports that as EINVAL when nothing else changed, as on the
// second opening: it is not an error here.
Status configure(int fd, const LineSettings& settings) {
  termios line{};
  if (::tcgetattr(fd, &line) != 0) return system_error(settings.device + " is not a serial line", errno);
  const speed_t speed = speed_of(settings.baud);
  if (speed == B0) return fail(Fault::bad_input, std::to_string(settings.baud) + " baud is not supported");
  ::cfmakeraw(&line);
  ::cfsetspeed(&line, speed);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cflag &= ~static_cast<tcflag_t>(PARENB | PARODD | CSTOPB | CRTSCTS);
  if (settings.parity != 'N') line.c_cflag |= PARENB;
  if (settings.parity == 'O') line.c_cflag |= PARODD;
  if (settings.stop_bits == 2) line.c_cflag |= CSTOPB;
  line.c_cc[VMIN] = 0;
  line.c_cc[VTIME] = 0;
  if (::tcsetattr(fd, TCSANOW, &line) != 0 && !(errno == EINVAL && is_pseudo_terminal(fd)))
    return system_error("configure " + settings.device, errno);
  ::tcflush(fd, TCIOFLUSH);
  return {};
}

}  // namespace

Status lock_line(int fd, const std::string& device) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(Fault::unreachable, device + " is in use by another program", EBUSY);
  return {};
}

Status SerialPort::open() {
  FileDescriptor port(::open(settings_.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!port.is_open()) return system_error("open " + settings_.device, errno, Fault::unreachable);
  if (auto locked = lock_line(port.get(), settings_.device); !locked) return locked;
  if (auto configured = configure(port.get(), settings_); !configured) return configured;
  port_ = std::move(port);
  return {};
}

Status SerialPort::send(ByteView bytes) {
  return write_all(port_.get(), bytes, send_timeout);
}

Status SerialPort::recover(Duration longest_answer) {
  if (auto drained = discard_input(port_.get(), driver::quiet_time(longest_answer)); !drained) return drained;
  ::tcflush(port_.get(), TCIFLUSH);
  return {};
}

}  // namespace tocsin::io
