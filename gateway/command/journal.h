#pragma once
// What must survive a crash so that no command acts twice: which order of each key was judged last, the ids
// of the newest accepted commands, and the accepted ones that are not done yet. Pure: the rows to be stored
// are handed out, in alarm.db they share the transaction of what they speak of.
//
//   state "command"      key: id, hex        body: u8 phase (1 open, 2 done) | u64 number | open: signed
//   bytes state "command-key"  key: name of a key  body: u64 term | u64 counter      (little-endian)

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes/reader.h"
#include "sync/outbox/outbox.h"
#include "sync/wire/orders.h"

namespace tocsin::command {

class Journal {
 public:
  using Rows = std::vector<std::pair<std::string, Bytes>>;  // (key, body) of one kind
  using Puts = std::vector<outbox::StatePut>;

  Journal() = default;
  Journal(const Rows& commands, const Rows& marks);  // as the last run left them; unreadable rows are dropped

  // The same id was accepted before, or an order of the key with this (term, counter) or a later one was
  // judged.
  bool replayed(const std::string& key, const wire::CommandOrder& order) const;
  // An authentic order is judged once, whatever comes of it.
  void judged(const std::string& key, const wire::CommandOrder& order, Puts& puts);
  // Before anything acts: commit the puts, then act.
  void accepted(const Bytes& id, ByteView signed_bytes, Puts& puts);
  void done(const Bytes& id, Puts& puts);

  const std::map<Bytes, Bytes>& open() const { return open_; }  // id -> exact signed bytes

 private:
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> marks_;  // key -> (term, counter)
  std::map<Bytes, std::uint64_t> numbers_;                                // accepted ids
  std::map<std::uint64_t, Bytes> by_number_;                              // the same, oldest first
  std::map<Bytes, Bytes> open_;
  std::uint64_t last_number_ = 0;
};

}  // namespace tocsin::command
