#pragma once
// A SQLite VFS that forwards to another one and shows every change of a file to a Tap first. The outbox
// counts what it hands to the operating system with it; tests let it fail writes and forget what was not
// synced.

#include <cstdint>
#include <memory>
#include <string>

#include "core/bytes/reader.h"

namespace tocsin::outbox {

// Called on the thread that runs the statement. Each answers 0 to let the call through, or the SQLite result
// code to answer instead of it.
class Tap {
 public:
  virtual ~Tap() = default;
  virtual int opened(const std::string& /*file*/) { return 0; }
  virtual int write(const std::string& file, std::uint64_t offset, ByteView data) = 0;
  virtual int sync(const std::string& file) = 0;
  virtual int truncate(const std::string& file, std::uint64_t size) = 0;
  virtual int remove(const std::string& file) = 0;
};

class TappedVfs {
 public:
  // `base` empty: the system's VFS. The tap must outlive this, and this every connection opened through it.
  TappedVfs(Tap& tap, const std::string& base);
  ~TappedVfs();
  TappedVfs(const TappedVfs&) = delete;
  TappedVfs& operator=(const TappedVfs&) = delete;

  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::outbox
