#include "drivers/io/modbus_link.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <variant>

#include <modbus/modbus.h>
#include <sys/select.h>

#include "core/bytes/hex.h"
#include "drivers/driver/line_cost.h"
#include "drivers/io/serial_port.h"
#include "drivers/modbus/pdu.h"

namespace tocsin::io {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t crc_size = 2;

struct FreeContext {
  void operator()(modbus_t* modbus) const {
    modbus_close(modbus);
    modbus_free(modbus);
  }
};
using Handle = std::unique_ptr<modbus_t, FreeContext>;

Error from_errno(int code) {
  switch (code) {
    case ETIMEDOUT: return fail(Fault::timeout, "no complete answer");
    case EMBBADCRC: return fail(Fault::crc, "the checksum is wrong");
    case EMBBADDATA:
    case EMBBADEXC:
    case EMBMDATA: return fail(Fault::framing, "the bytes are no frame");
    case EMBBADSLAVE: return fail(Fault::wrong_unit, "another unit answered");
    default: return fail(Fault::io, modbus_strerror(code), code);
  }
}

// libmodbus runs select() on the descriptor, which writes beyond its set from FD_SETSIZE on.
Status check_descriptor(int fd) {
  if (fd < FD_SETSIZE) return {};
  return fail(Fault::io, "too many open files for a Modbus line: descriptor " + std::to_string(fd), EMFILE);
}

// Never recovery mode (it loops for ever when the peer is gone), and one time limit for the whole answer
// instead of one per byte (a dripping device would hold the line for half a minute).
Status prepare(modbus_t* modbus) {
  if (modbus_set_error_recovery(modbus, MODBUS_ERROR_RECOVERY_NONE) != 0 ||
      modbus_set_byte_timeout(modbus, 0, 0) != 0)
    return system_error("prepare libmodbus", errno);
  return {};
}

}  // namespace

struct ModbusLink::Context {
  std::variant<LineSettings, Endpoint> where;
  Handle modbus;
  Bytes request;

  bool is_tcp() const { return std::holds_alternative<Endpoint>(where); }
  int fd() const { return modbus ? modbus_get_socket(modbus.get()) : -1; }
  Status open_tcp(const Endpoint& endpoint);
  Status open_rtu(const LineSettings& line);
  Result<Bytes> message(ByteView frame) const;
};

Status ModbusLink::Context::open_tcp(const Endpoint& endpoint) {
  auto socket = connect_to(
      endpoint);  // ours: libmodbus' own connect would select() before we could look at the descriptor
  if (!socket) return socket.error();
  if (auto fits = check_descriptor(socket->get()); !fits) return fits;
  Handle handle(modbus_new_tcp("127.0.0.1", endpoint.port));  // its address is never used
  if (!handle) return system_error("prepare libmodbus", errno);
  if (auto ready = prepare(handle.get()); !ready) return ready;
  modbus_set_socket(handle.get(), socket->release());
  modbus = std::move(handle);
  return {};
}

Status ModbusLink::Context::open_rtu(const LineSettings& line) {
  Handle handle(modbus_new_rtu(line.device.c_str(), line.baud, line.parity, 8, line.stop_bits));
  if (!handle) return system_error(line.device, errno, Fault::bad_input);
  if (auto ready = prepare(handle.get()); !ready) return ready;
  if (modbus_connect(handle.get()) != 0)
    return system_error("open " + line.device, errno, Fault::unreachable);
  const int descriptor = modbus_get_socket(handle.get());
  if (auto fits = check_descriptor(descriptor); !fits) return fits;
  if (auto locked = lock_line(descriptor, line.device); !locked) return locked;
  modbus_flush(handle.get());
  modbus = std::move(handle);
  return {};
}

Result<Bytes> ModbusLink::Context::message(ByteView frame) const {
  if (!is_tcp()) {
    const ByteView inner = frame.first(frame.size() - crc_size);
    return Bytes(inner.begin(), inner.end());
  }
  const auto inner = modbus::without_mbap(frame, 0);  // libmodbus numbers every raw request 0
  if (!inner) return inner.error();
  return Bytes(inner->begin(), inner->end());
}

ModbusLink::ModbusLink(LineSettings rtu) : context_(new Context{std::move(rtu), {}, {}}) {}
ModbusLink::ModbusLink(Endpoint tcp) : context_(new Context{std::move(tcp), {}, {}}) {}
ModbusLink::~ModbusLink() = default;

Status ModbusLink::open() {
  close();
  if (const auto* endpoint = std::get_if<Endpoint>(&context_->where)) return context_->open_tcp(*endpoint);
  return context_->open_rtu(std::get<LineSettings>(context_->where));
}

void ModbusLink::close() {
  context_->modbus.reset();
}
bool ModbusLink::is_open() const {
  return context_->modbus != nullptr;
}
Result<std::size_t> ModbusLink::waiting() {
  return bytes_waiting(context_->fd());
}

Status ModbusLink::send(ByteView message) {
  if (message.size() < 2) return fail(Fault::bad_input, "a message has a unit and a function");
  modbus_t* modbus = context_->modbus.get();
  context_->request.assign(message.begin(), message.end());
  if (modbus_set_slave(modbus, message[0]) != 0)
    return fail(Fault::bad_input, "unit " + std::to_string(message[0]) + " cannot be addressed");
  const int sent =
      modbus_send_raw_request(modbus, context_->request.data(), static_cast<int>(message.size()));
  if (sent < 0) return system_error("send", errno);
  return {};
}

Result<Bytes> ModbusLink::receive(Duration timeout) {
  modbus_t* modbus = context_->modbus.get();
  const auto deadline = Clock::now() + timeout;
  std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> buffer{};
  int foreign = 0;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
    if (left <= 0) break;
    modbus_set_response_timeout(modbus, static_cast<std::uint32_t>(left / 1'000'000),
                                static_cast<std::uint32_t>(left % 1'000'000));
    const int size = modbus_receive_confirmation(modbus, buffer.data());
    if (size > static_cast<int>(crc_size))
      return context_->message({buffer.data(), static_cast<std::size_t>(size)});
    if (size < 0 && errno == ETIMEDOUT) break;
    if (size < 0) {
      Error error = from_errno(errno);
      const ByteView request = context_->request;
      if (error.fault == Fault::crc && std::equal(request.begin(), request.begin() + 5, buffer.begin()))
        error.detail = "the adapter repeats what we send: switch its echo off";
      return error;
    }
    ++foreign;  // another unit's frame; the answer to us may still come (Modbus over serial line 2.4.1)
  }
  if (foreign > 0) return fail(Fault::wrong_unit, "another unit answered");
  return fail(Fault::timeout, "no complete answer in " + to_string(timeout));
}

Status ModbusLink::recover(Duration longest_answer) {
  if (context_->is_tcp()) return open();
  if (auto drained = discard_input(context_->fd(), driver::quiet_time(longest_answer)); !drained)
    return drained;
  modbus_flush(context_->modbus.get());
  return {};
}

}  // namespace tocsin::io
