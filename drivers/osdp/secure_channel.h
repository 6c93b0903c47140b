#pragma once
// An established OSDP secure channel, at either end: seals plain frames and opens sealed ones. Each message
// is chained to the last MAC of the other side, so order matters and a message is never accepted twice. Pure;
// used by the thread of its bus. A frame sent again is the same bytes again: keep what seal() returned, never
// seal twice.

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/osdp/frame.h"
#include "drivers/osdp/secure_keys.h"

namespace tocsin::osdp {

enum class Role : std::uint8_t { panel, device };

class SecureChannel {
 public:
  SecureChannel(Role role, const SessionKeys& keys, const Block& initial_rmac);

  // `plain` has no security block; data is encrypted, an empty payload travels with a MAC only (SCS_15 /
  // SCS_16).
  Result<Bytes> seal(const Frame& plain);

  struct Opened {
    Frame frame;          // as the other side gave it to seal()
    bool repeat = false;  // a retransmission of the last one: answer as before, execute nothing
  };
  // A repeat is told by its bytes, or at the device by its sequence number, before any MAC is computed: the
  // chain does not advance. refused: a frame without MAC, or from our own side; crc: wrong MAC; what
  // parse_frame says.
  Result<Opened> open(ByteView data);

 private:
  bool is_repeat(ByteView data, const Frame& frame) const;

  Role role_;
  SessionKeys keys_;
  Block last_sent_;  // full MACs
  Block last_received_;
  Bytes last_data_;  // the last message accepted, as received
  Frame last_opened_;
};

}  // namespace tocsin::osdp
