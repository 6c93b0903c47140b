#include "sync/outbox/identity_file.h"

#include <sstream>

#include "core/bytes/checksum.h"
#include "sync/outbox/disk.h"

// Text, one word and its values per line, ended by the CRC-32C of all that is before it:
//
//   tocsin-outbox 1
//   epoch 5f1c… previous 0 nonce 93ab…     (hexadecimal)
//   boot 0b1e4c1a-…
//   lane 1 seq 1027 acked 1019             (wire::Lane, decimal)
//   crc 1c2d3e4f

namespace tocsin::outbox {
namespace {

constexpr const char* heading = "tocsin-outbox 1";

std::uint32_t crc_of(std::string_view text) {
  return bytes::crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool parse_line(const std::string& line, IdentityFile& out) {
  std::istringstream in(line);
  std::string word;
  in >> word;
  if (word == "epoch") {
    std::string previous;
    std::string nonce;
    in >> std::hex >> out.identity.epoch >> previous >> out.identity.previous_epoch >> nonce >>
        out.identity.db_nonce;
  } else if (word == "boot") {
    in >> out.boot;
  } else if (word == "lane") {
    unsigned lane = 0;
    LaneMark mark;
    std::string seq;
    std::string acked;
    in >> lane >> seq >> mark.seq >> acked >> mark.acked;
    out.marks[static_cast<Lane>(lane)] = mark;
  }
  return !in.fail();
}

}  // namespace

std::filesystem::path identity_path(const std::filesystem::path& database) {
  std::filesystem::path path = database;
  return path += ".id";
}

std::optional<IdentityFile> load_identity(const std::filesystem::path& database) {
  const Result<std::string> content = read_small(identity_path(database));
  if (!content) return std::nullopt;
  const std::size_t end = content->rfind("crc ");
  if (end == std::string::npos) return std::nullopt;
  std::istringstream crc(content->substr(end + 4));
  std::uint32_t stored = 0;
  crc >> std::hex >> stored;
  const std::string text = content->substr(0, end);
  if (crc.fail() || crc_of(text) != stored) return std::nullopt;

  IdentityFile result;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (line != heading) return std::nullopt;
  while (std::getline(lines, line)) {
    if (!parse_line(line, result)) return std::nullopt;
  }
  return result;
}

Status save_identity(const std::filesystem::path& database, const IdentityFile& content) {
  std::ostringstream out;
  out << heading << "\nepoch " << std::hex << content.identity.epoch << " previous "
      << content.identity.previous_epoch << " nonce " << content.identity.db_nonce << std::dec << "\nboot "
      << content.boot << "\n";
  for (const auto& [lane, mark] : content.marks) {
    out << "lane " << static_cast<unsigned>(lane) << " seq " << mark.seq << " acked " << mark.acked << "\n";
  }
  std::ostringstream crc;
  crc << "crc " << std::hex << crc_of(out.str()) << "\n";
  return write_synced(identity_path(database), out.str() + crc.str());
}

std::string current_boot() {
  const Result<std::string> id = read_small("/proc/sys/kernel/random/boot_id");
  if (!id || id->empty()) return unknown_boot;
  return id->substr(0, id->find('\n'));
}

}  // namespace tocsin::outbox
