#include "tests/bench/product_drain.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "sync/outbox/outbox.h"
#include "sync/session/messages.h"
#include "tests/bench/child.h"
#include "tests/bench/subscriber.h"
#include "tests/support/mosquitto.h"

namespace tocsin::bench {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// Hears what the cloud says: when it resumes, and when it has everything.
class Witness {
 public:
  explicit Witness(std::uint64_t head) : head_(head) {}

  void hear(const std::string& topic, const std::string& payload, SteadyTime at) {
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
    const std::lock_guard lock(mutex_);
    if (topic.ends_with("/down/resume")) {
      const auto resume = session::decode_resume(bytes);
      if (resume && resume->session_nonce != 0 && !started_) started_ = at;
    } else if (topic.ends_with("/down/ack")) {
      const auto ack = session::decode_ack(bytes);
      if (ack && ack->lane == wire::Lane::data && ack->upto >= head_ && !ended_) ended_ = at;
    }
    wake_.notify_one();
  }

  double seconds(Child& cloud, Child& gateway) {
    std::unique_lock lock(mutex_);
    for (int waited = 0; !started_ || !ended_; ++waited) {
      if (waited > 120 || !cloud.alive() || !gateway.alive())
        throw std::runtime_error("the drain does not end: its programs are not running, or too slow");
      wake_.wait_for(lock, std::chrono::seconds(1), [this] { return started_ && ended_; });
    }
    return std::chrono::duration<double>(*ended_ - *started_).count();
  }

 private:
  const std::uint64_t head_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<SteadyTime> started_, ended_;
};

void fill(const std::filesystem::path& state, const std::vector<Bytes>& blocks) {
  std::filesystem::create_directories(state);
  outbox::Options options;
  options.file = state / "data.db";
  options.lanes = {wire::Lane::data};
  options.durability = outbox::Durability::at_checkpoint;
  outbox::OpenReport report;
  auto outbox = outbox::Outbox::open(options, report);
  if (!outbox) throw std::runtime_error(to_string(outbox.error()));
  std::vector<outbox::Change> changes;
  for (std::size_t i = 0; i < blocks.size(); ++i)
    changes.push_back({{{wire::Lane::data, {i + 1, blocks[i], {}}}}, {}});
  if (const Status stored = (*outbox)->commit(changes, UtcTime(std::chrono::milliseconds(1'795'312'800'000)));
      !stored)
    throw std::runtime_error(to_string(stored.error()));
}

}  // namespace

double product_drain(const std::vector<Bytes>& blocks, const std::string& field_broker,
                     const std::string& city_broker, const std::filesystem::path& programs,
                     const std::filesystem::path& profiles, const std::filesystem::path& folder) {
  fill(folder / "gateway", blocks);
  std::ofstream(folder / "gateway.toml")
      << "gateway = { id = \"bench-b1\", board = \"generic-x86\" }\n"
      << "site = { adcode = \"110105\", community = \"bench\", building = "
         "\"b1\", lat = 39.99, lon = 116.47 }\n"
      << "cloud = { brokers = [\"" << field_broker << "\"] }\n"
      << "[bus.none]\ntype = \"modbus-tcp\"\nport = \"127.0.0.1:1\"\n"  // a configuration needs a device
      << "[device.meter-01]\nprofile = \"meter/sdm120\"\nbus = \"none\"\naddress = 1\nperiod = \"60s\"\n";
  std::ofstream(folder / "cloud.toml")
      << "field = { broker = \"" << field_broker << "\" }\ncity = { broker = \"" << city_broker
      << "\" }\napi = { listen = \"127.0.0.1:" << test::free_port()
      << "\" }\nstore = { url = \"sqlite:\" }\n[community.bench]\nadcode = \"110105\"\ngateways = "
         "[\"bench-b1\"]\n";
  Witness witness(blocks.size());
  BareClient ears(field_broker, "bench-ears", "tocsin/1/+/+/down/+",
                  [&](const std::string& topic, const std::string& payload, SteadyTime at) {
                    witness.hear(topic, payload, at);
                  });
  Child cloud(
      {programs / "tocsin-cloud", "run", "--config", folder / "cloud.toml", "--state", folder / "cloud"},
      folder / "cloud.log");
  Child gateway({programs / "tocsin-gateway", "--config", folder / "gateway.toml", "--state",
                 folder / "gateway", "--socket", folder / "control", "--profiles", profiles},
                folder / "gateway.log");
  return witness.seconds(cloud, gateway);
}

}  // namespace tocsin::bench
