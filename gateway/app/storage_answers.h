#pragma once
// What the control socket says of the stores: what waits (`tocsin buffer`), and what became of every number
// (`tocsin ledger`).

#include <memory>

#include <boost/json/object.hpp>

#include "gateway/control/server.h"

namespace tocsin::gateway {

class Daemon;

void answer_buffer(Daemon& daemon, const std::shared_ptr<control::Reply>& reply);
boost::json::object ledger_json(const Daemon& daemon);

}  // namespace tocsin::gateway
