#include "sync/wire/compress.h"

#include <zstd.h>

namespace tocsin::wire {
namespace {

constexpr std::size_t too_small = 512;  // bytes; below, the frame header and the context eat the gain
constexpr int level = 1;                // the fastest that still halves columns of readings

}  // namespace

std::optional<Bytes> compress(ByteView plain) {
  if (plain.size() < too_small) return std::nullopt;
  Bytes packed(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), level);
  if (ZSTD_isError(size) != 0 || size > plain.size() - plain.size() / 8) return std::nullopt;
  packed.resize(size);
  return packed;
}

Result<Bytes> decompress(ByteView packed, std::size_t size) {
  if (size > largest_plain) return fail(Fault::bad_input, "compressed content of more than 1 MiB");
  Bytes plain(size);
  const std::size_t got = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != size) return fail(Fault::bad_input, "damaged compressed content");
  return plain;
}

}  // namespace tocsin::wire
