#pragma once
// The control socket: a Unix stream socket of mode 0660. A request is one line of JSON, {"op": "status", …};
// the answer is one line, or for `watch` a line per event until the client leaves. Owned by the Asio thread.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include "core/result/result.h"

namespace tocsin::control {

// Who asks, by the kernel's word (SO_PEERCRED).
struct Peer {
  unsigned uid = 0;
  std::string name;  // "root", or "uid 1000" when the user has no name
};

// The way back to one client.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void send(
      const boost::json::object& line) = 0;  // dropped when the client is gone or 1,000 lines behind
  virtual void finish() = 0;                 // after what was sent
  virtual bool open() const = 0;
};

using Handler =
    std::function<void(boost::json::object request, const Peer& peer, std::shared_ptr<Reply> reply)>;

class Server {
 public:
  // Replaces a socket file that nobody listens on; refuses to start beside a running daemon.
  static Result<std::unique_ptr<Server>> listen(boost::asio::io_context& io, const std::string& path,
                                                Handler handler);
  ~Server();  // closes and removes the socket

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::control
