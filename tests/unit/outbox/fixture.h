#pragma once
// Short words for the outbox tests.

#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "sync/outbox/outbox.h"
#include "tests/support/temp_dir.h"

namespace tocsin::outbox::test {

inline const UtcTime t0{std::chrono::hours(490'000)};  // in 2025

inline Bytes body_of(const std::string& text) {
  return {text.begin(), text.end()};
}
inline std::string text_of(const Bytes& body) {
  return {body.begin(), body.end()};
}

inline Change change(Lane lane, std::uint64_t seq, const std::string& text) {
  return {{{lane, Record{seq, body_of(text), {}}}}, {}};
}

inline Options alarm_options(const std::filesystem::path& file) {
  Options options;
  options.file = file;
  options.lanes = {Lane::alarm, Lane::event};
  return options;
}

inline Options data_options(const std::filesystem::path& file) {
  Options options;
  options.file = file;
  options.lanes = {Lane::data};
  options.durability = Durability::at_checkpoint;
  return options;
}

inline bool ok(const Status& status) {
  if (!status) MESSAGE(to_string(status.error()));
  return status.has_value();
}

struct Open {
  std::unique_ptr<Outbox> outbox;
  OpenReport report;
  std::optional<Error> error;
};

inline Open open(const Options& options) {
  Open result;
  Result<std::unique_ptr<Outbox>> opened = Outbox::open(options, result.report);
  if (opened) {
    result.outbox = std::move(*opened);
  } else {
    result.error = opened.error();
  }
  return result;
}

// "1:a 2:b" of all records from `from` on.
inline std::string records(Outbox& outbox, Lane lane, std::uint64_t from = 1) {
  const Result<std::vector<Record>> read = outbox.read(lane, from, 100'000, 1 << 30);
  if (!read) return to_string(read.error());
  std::string text;
  for (const Record& record : *read) {
    if (!text.empty()) text += ' ';
    text += std::to_string(record.seq) + ':' + text_of(record.body);
  }
  return text;
}

inline Bytes file_content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& file, const Bytes& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

// Copies what a kill -9 at this moment would leave: the files as the kernel has them.
inline void copy_as_killed(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* part : {"", "-wal", ".id"}) {
    const std::filesystem::path source = from.string() + part;
    if (std::filesystem::exists(source)) write_file(to.string() + part, file_content(source));
  }
}

}  // namespace tocsin::outbox::test
