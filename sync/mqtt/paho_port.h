#pragma once
// MqttPort over Paho: MQTT 5, clean start, session expiry 0, no persistence, no reconnect of its own. It is
// made, used and destroyed on the owner's thread; the events run there through `post`. Each connect gets a
// new client, and what an earlier one still says is dropped. A connect that is never answered is the owner's
// to give up: it calls connect or disconnect. Messages that wait for the owner are bounded to 64 MiB; above
// that the newest are dropped, and are sent again because nobody acks them.

#include <functional>
#include <memory>

#include "sync/mqtt/mqtt_port.h"

namespace tocsin::mqtt {

// Runs a function on the owner's thread, for example asio::post(io, f). Called from any thread.
using Post = std::function<void(std::function<void()>)>;

// Ignores SIGPIPE and proxy variables of the environment for the whole process.
std::unique_ptr<MqttPort> make_paho_port(PortEvents events, Post post);

}  // namespace tocsin::mqtt
