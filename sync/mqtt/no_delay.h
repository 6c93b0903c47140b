#pragma once
// Makes TCP send small packets at once.

#include <cstdint>

namespace tocsin::mqtt {

// Sets TCP_NODELAY on the connections of this process to that port of any host. Paho C 1.3.12 neither sets it
// nor lets its owner: then a PUBLISH behind the client's own PUBACK waits for the broker's delayed ACK, 40
// ms. Any thread.
void send_at_once(std::uint16_t broker_port);

}  // namespace tocsin::mqtt
