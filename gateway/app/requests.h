#pragma once
// Answers the requests of the control socket.

#include "gateway/control/server.h"

namespace tocsin::gateway {

class Daemon;
control::Handler make_handler(Daemon& daemon);

}  // namespace tocsin::gateway
