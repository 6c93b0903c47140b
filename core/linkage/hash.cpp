// The only user of a cryptographic library in core: the hash that names a matrix.

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

#include "core/bytes/hex.h"
#include "core/linkage/matrix.h"

namespace tocsin::linkage {
namespace {

// Every field in order, texts with their length in front: two different matrices never give the same bytes.
class Canonical {
 public:
  void add(const std::string& text) {
    writer_.u32_be(static_cast<std::uint32_t>(text.size()));
    writer_.raw({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  void add(bool flag) { writer_.u8(flag ? 1 : 0); }
  void add(Duration duration) { writer_.u64_be(static_cast<std::uint64_t>(duration.count())); }
  void add(const PointId& id) {
    add(id.device);
    add(id.point);
  }
  void add(const Effect& e) {
    add(e.name);
    add(e.zone);
    add(e.output);
    add(e.feedback.has_value());
    if (e.feedback) add(*e.feedback);
    add(e.word_off);
    add(e.word_on);
    for (const bool flag : {e.safe, e.normal, e.active, e.escape, e.valve, e.ex_rated}) add(flag);
  }
  void add(const Row& row) {
    writer_.u8(static_cast<std::uint8_t>(row.when.kind));
    add(row.when.zone);
    add(row.when.device);
    count(row.then.size());
    for (const std::string& name : row.then) add(name);
    writer_.u8(static_cast<std::uint8_t>(row.mode));
    for (const Duration duration : {row.delay, row.pulse, row.stagger}) add(duration);
  }
  void count(std::size_t size) { writer_.u32_be(static_cast<std::uint32_t>(size)); }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  bytes::Writer writer_{bytes_};
};

}  // namespace

std::string hash_of(const Matrix& matrix) {
  Canonical canonical;
  canonical.count(matrix.effects.size());
  for (const Effect& effect : matrix.effects) canonical.add(effect);
  canonical.count(matrix.rows.size());
  for (const Row& row : matrix.rows) canonical.add(row);

  std::array<std::uint8_t, 32> digest{};
  const Bytes& data = canonical.bytes();
  if (EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  return bytes::to_hex(digest);
}

}  // namespace tocsin::linkage
