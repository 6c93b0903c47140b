#include "gateway/app/daemon.h"

#include <stdexcept>
#include <utility>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include "gateway/app/clock.h"
#include "gateway/app/json.h"
#include "gateway/app/requests.h"
#include "gateway/bus/health_points.h"

namespace tocsin::gateway {
namespace {

constexpr std::uint64_t data_reservation =
    1000;                                // sequence numbers of lane data set aside in alarm.db at a time
constexpr Duration unacked_after = 30s;  // design section 8: then it sounds locally
constexpr Duration house_keeping_every = 5s;
constexpr Duration health_every = 60s;  // of the buses, as readings

outbox::Post poster(boost::asio::io_context& io) {
  return [&io](std::function<void()> work) { boost::asio::post(io, std::move(work)); };
}

// A share of the disk, so that a state directory of a few MiB works as well as a large one.
std::uint64_t quota_of(const std::filesystem::path& dir, std::uint64_t most, unsigned percent) {
  struct statvfs disk {};
  if (::statvfs(dir.c_str(), &disk) != 0) return most;
  const auto total = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
  return std::min(most, total / 100 * percent);
}

std::uint64_t number_of(const Bytes& body) {
  return bytes::Reader(body).u64_le();
}
Bytes bytes_of(std::uint64_t number) {
  Bytes body;
  bytes::Writer(body).u64_le(number);
  return body;
}

}  // namespace

Daemon::Daemon(boost::asio::io_context& io, DaemonOptions options, Config config)
    : io_(io), options_(std::move(options)), config_(std::move(config)), timer_(io), house_timer_(io) {
  std::filesystem::create_directories(options_.state_dir);
  open_stores();
  building_ = std::make_unique<flow::Building>(config_, restored_, stamp_now());
  make_uplink();
  make_buses();
  auto control = control::Server::listen(io_, options_.socket_path, make_handler(*this));
  if (!control) throw std::runtime_error(to_string(control.error()));
  control_ = std::move(*control);
}

Daemon::~Daemon() {
  buses_.clear();  // their threads end before what they report to
  uplink_.reset();
  alarm_store_.reset();
  data_store_.reset();
}

void Daemon::open_stores() {
  outbox::OpenReport alarm_report, data_report;
  auto alarms = outbox::Outbox::open({options_.state_dir / "alarm.db",
                                      {wire::Lane::alarm, wire::Lane::event},
                                      outbox::Durability::every_commit,
                                      quota_of(options_.state_dir, 64ull << 20, 40),
                                      "",
                                      ""},
                                     alarm_report);
  if (!alarms) throw std::runtime_error("alarm.db: " + to_string(alarms.error()));
  auto data = outbox::Outbox::open({options_.state_dir / "data.db",
                                    {wire::Lane::data},
                                    outbox::Durability::at_checkpoint,
                                    quota_of(options_.state_dir, 512ull << 20, 40),
                                    "",
                                    ""},
                                   data_report);
  if (!data) throw std::runtime_error("data.db: " + to_string(data.error()));
  identity_ = alarm_report.identity;
  for (const auto& report : {alarm_report, data_report})
    if (!report.lost.empty()) lost_at_open_.push_back(report.lost);

  auto& store = **alarms;
  restored_.alarms = store.states("alarm");
  restored_.linkage = store.states("linkage");
  for (const auto& [id, body] : store.states("ack")) restored_.acknowledged.push_back(id);
  restored_.commands = store.states("command");
  restored_.command_marks = store.states("command-key");
  restored_.desired = store.states("desired");
  restored_.clean_stop = alarm_report.created && alarm_report.lost.empty();
  for (const auto& [key, body] : store.states("run"))
    if (key == "clean-stop") restored_.clean_stop = true;
  for (const auto& [key, body] : store.states("session")) {
    if (key == "term") term_ = number_of(body);
  }
  evictions_.restore(store.states("evicted"));
  for (const auto& [key, entry] : evictions_.entries()) {
    const auto& [lane, from, to, count, why] = entry.report;
    auto& file = lane == wire::Lane::data ? **data : store;
    if (to < file.lane(lane).first) continue;  // they went before the crash
    if (const Status gone = file.evict({lane, from, to, count}); !gone)
      spdlog::warn("records that were given up are still there: {}", to_string(gone.error()));
  }
  for (const auto lane : wire::lanes)
    lanes_[static_cast<std::size_t>(lane) - 1] = (lane == wire::Lane::data ? **data : store).lane(lane);
  data_head_ = lanes_[2].head;
  make_counters((**data).states("meter"));
  restored_.numbering = {config_.id, identity_.epoch, lanes_[0].head, lanes_[1].head};

  alarm_store_ = std::make_unique<outbox::StoreThread>(std::move(*alarms), poster(io_), utc_now, 0ms);
  data_store_ = std::make_unique<outbox::StoreThread>(std::move(*data), poster(io_), utc_now, 200ms);
}

void Daemon::make_counters(const meter::StateRows& rows) {
  std::vector<driver::DeviceSpec> devices;
  for (const auto& [name, device] : config_.devices) devices.push_back(device.spec);
  counters_ = std::make_unique<meter::CounterBook>(devices, rows);
}

void Daemon::make_uplink() {
  session::UplinkIdentity identity;
  identity.gateway = config_.id;
  identity.community = config_.site.community;
  identity.software = TOCSIN_VERSION;
  identity.epoch = identity_.epoch;
  identity.previous_epoch = identity_.previous_epoch;
  identity.db_nonce = identity_.db_nonce;
  identity.boot = boot_id();
  uplink_ = std::make_unique<Uplink>(io_, config_, std::move(identity),
                                     Uplink::Parts{*alarm_store_, *data_store_, lanes_, term_});
  uplink_->open_alarms = [this] { return open_alarms(*building_); };
  uplink_->on_acked = [this](wire::Lane lane, std::uint64_t upto) {
    if (lane == wire::Lane::alarm) alarm_clock_.on_acked(upto, utc_now());
  };
  uplink_->on_sent = [this](wire::Lane lane, std::uint64_t upto) {
    if (lane == wire::Lane::alarm) alarm_clock_.on_sent(upto, utc_now());
  };
  uplink_->desired_version = [this] { return building_->desired_version(); };
  uplink_->on_command = [this](const Bytes& signed_bytes) {
    perform(building_->on_command(signed_bytes, uplink_->circumstances()));
  };
  uplink_->on_desired = [this](const Bytes& signed_bytes) {
    perform(building_->on_desired(signed_bytes, uplink_->circumstances()));
  };
  uplink_->on_flawed_order = [this](command::Refusal why) {
    perform(building_->on_flawed_order(why, stamp_now()));
  };
  uplink_->on_term = [this](std::uint64_t term) {
    alarm_store_->commit({{}, {{"session", "term", bytes_of(term)}}}, [](UtcTime) {});
  };
}

void Daemon::make_buses() {
  for (const auto& spec : config_.buses) {
    bus::BusEvents events;
    events.readings = [this](std::vector<Reading> readings) { on_readings(std::move(readings)); };
    events.device = [this](const std::string& device, bool online, const Error& why) {
      spdlog::info("device {}: {}", device, online ? "answers" : "lost, " + to_string(why));
      perform(building_->on_device(device, online, why, stamp_now()));
    };
    events.line = [this, name = spec.name](bool open, const Error& why) {
      if (open)
        spdlog::info("bus {}: open", name);
      else
        spdlog::warn("bus {}: {}", name, to_string(why));
    };
    events.detection = [this](const PointId& point, std::optional<std::string> miss) {
      on_detection(point, miss);
    };
    buses_[spec.name] = std::make_unique<bus::Bus>(spec, poster(io_), stamp_now, std::move(events));
  }
}

void Daemon::start() {
  started_at_ = mono_now();
  alarm_store_->on_health([this](const outbox::StoreHealth& health) {
    store_health_ = health;
    if (health.failing)
      spdlog::error("alarm.db: {}; {} changes wait", to_string(health.last_error), health.queued);
    alarm::Declared failing;
    failing.key = {"gateway", "store", "failing"};
    failing.active = health.failing;
    failing.reason = health.failing ? to_string(health.last_error) : "";
    perform(building_->on_declared(failing, stamp_now()));
  });
  perform(building_->start(stamp_now()));
  for (const auto& lost : lost_at_open_) {
    spdlog::error("{}", lost);
    alarm::Declared declared;
    declared.key = {"gateway", "store", "records-lost"};
    declared.active = true;
    declared.latching = true;
    declared.reason = lost;
    perform(building_->on_declared(declared, stamp_now()));
  }
  uplink_->start();
  house_keeping();
}

void Daemon::stop() {
  if (stopped_) return;
  buses_.clear();
  store_waiting();
  perform(building_->stop(stamp_now()));
  stopped_ = true;
  timer_.cancel();
  house_timer_.cancel();
  uplink_->stop();
  control_.reset();
  for (const auto& watcher : watchers_) watcher->finish();
  watchers_.clear();
}

bus::Bus* Daemon::bus_of(const std::string& device) {
  const auto found = config_.devices.find(device);
  if (found == config_.devices.end()) return nullptr;
  const auto bus = buses_.find(found->second.bus);
  return bus == buses_.end() ? nullptr : bus->second.get();
}

void Daemon::perform(flow::Step step, std::function<void()> stored) {
  for (const auto& one : step.writes) write(one);  // at once: neither disk nor cloud is waited for
  store(step, std::move(stored));
  if (step.renew_session) uplink_->renew_session();
  schedule();
}

void Daemon::write(const flow::Write& one) {
  auto* bus = bus_of(one.output.device);
  if (bus == nullptr) return;
  bus->write(one.output, Value(one.level), [this, one](Status status) {
    if (stopped_) return;
    if (!status) spdlog::warn("output {}: {}", to_string(one.output), to_string(status.error()));
    perform(building_->on_write_done(one, status, stamp_now()));
  });
}

void Daemon::store(flow::Step& step, std::function<void()> then) {
  if (step.change.records.empty() && step.change.state.empty()) {
    if (then) then();
    return;
  }
  std::array<std::uint64_t, 3> heads{};
  std::array<std::vector<wire::Record>, 2> newest;  // lanes alarm and event
  std::vector<wire::Record> urgent;
  for (const auto& [lane, record] : step.change.records) {
    heads[static_cast<std::size_t>(lane) - 1] = record.seq;
    newest.at(static_cast<std::size_t>(lane) - 1).push_back(record);
    if (lane == wire::Lane::alarm &&
        std::find(step.urgent.begin(), step.urgent.end(), record.seq) != step.urgent.end())
      urgent.push_back(record);
  }
  for (const auto& id : step.raised) alarm_clock_.on_raised(id, heads[0], utc_now());
  for (const auto& id : step.closed) alarm_clock_.forget(id);
  auto stored = [this, heads, newest, urgent, pulses = step.pulses_started, commands = step.accepted,
                 then = std::move(then)](UtcTime at) mutable {
    if (stopped_) return;
    if (then) then();
    for (auto& records : newest)
      for (auto& record : records) record.stored = at;
    if (heads[0] != 0) alarm_clock_.on_stored(heads[0], at);
    if (heads[0] != 0) uplink_->on_stored(wire::Lane::alarm, heads[0], std::move(newest[0]), urgent);
    if (heads[1] != 0) uplink_->on_stored(wire::Lane::event, heads[1], std::move(newest[1]), {});
    for (const auto& cell : pulses) perform(building_->on_pulse_stored(cell, stamp_now()));
    for (const auto& id : commands) perform(building_->on_command_stored(id, stamp_now()));
  };
  if (!alarm_store_->commit(std::move(step.change), std::move(stored))) {
    // 65,536 changes wait for a disk that takes none. Going on would break the order of the lane: start anew.
    spdlog::critical("alarm.db takes nothing and the queue is full: restarting");
    std::exit(75);
  }
}

void Daemon::on_readings(std::vector<Reading> readings) {
  if (stopped_) return;
  const auto notes = counters_->on_readings(readings);
  perform(building_->on_readings(readings, stamp_now()));
  for (const auto& [device, kind, detail] : notes) {
    spdlog::warn("meter {}: {}: {}", device, kind, detail);
    perform(building_->on_event(wire::DeviceReport{device, kind, detail}, stamp_now()));
  }
  for (auto& block : telemetry_.add(readings)) store_block(std::move(block));
  tell_watchers(readings);
}

// What `tocsin plan` promised does not hold on this bus: a fault of the point, until it is quick again.
void Daemon::on_detection(const PointId& point, const std::optional<std::string>& miss) {
  if (stopped_) return;
  if (miss) spdlog::warn("{}: {}", to_string(point), *miss);
  alarm::Declared late;
  late.key = {point.device, point.point, "late"};
  late.active = miss.has_value();
  late.reason = miss.value_or("");
  late.zone = config_.devices.at(point.device).zone;
  perform(building_->on_declared(late, stamp_now()));
}

void Daemon::store_block(Bytes block) {
  const std::uint64_t seq = data_head_ + 1;
  outbox::Change change;
  change.records.emplace_back(wire::Lane::data, wire::Record{seq, std::move(block), {}});
  // What the counters know is stored with the readings it comes from, never before them.
  if (!telemetry_.next_due())
    for (auto& [key, body] : counters_->take_changed())
      change.state.push_back({"meter", key, std::move(body)});
  auto stored = [this, seq](UtcTime) {
    // Blocks of one commit are told together, so that they share a frame.
    if (std::exchange(data_stored_, seq) != 0) return;
    boost::asio::post(io_, [this] {
      const std::uint64_t upto = std::exchange(data_stored_, 0);
      if (!stopped_) uplink_->on_stored(wire::Lane::data, upto, {}, {});
    });
  };
  if (data_store_->commit(std::move(change), std::move(stored)))
    data_head_ = seq;
  else
    ++telemetry_dropped_;  // the disk takes nothing: telemetry is shed first, and counted
}

void Daemon::store_waiting() {
  if (auto block = telemetry_.flush(MonoTime::max())) store_block(std::move(*block));
}

void Daemon::house_keeping() {
  store_waiting();  // on a busy gateway some reading always waits, and with it the state of the counters
  inspect(*alarm_store_, alarm_forecast_);
  inspect(*data_store_, data_forecast_);
  const auto waiting = uplink_->status().oldest_unacked_alarm;
  const bool unacked = waiting && *waiting >= unacked_after;
  if (unacked != unacked_) {
    unacked_ = unacked;
    perform(building_->on_uplink(unacked, stamp_now()));
  }
  if (const MonoTime now = mono_now(); now - health_told_ >= health_every) {
    health_told_ = now;
    for (const auto& [name, bus] : buses_)
      for (auto& block : telemetry_.add(bus::health_points(bus->health(), stamp_now())))
        store_block(std::move(block));
    schedule();
  }
  house_timer_.expires_after(house_keeping_every);
  house_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) house_keeping();
  });
}

void Daemon::inspect(outbox::StoreThread& store, flow::FillForecast& forecast) {
  store.inspect([this, &store, &forecast](const outbox::Usage& usage,
                                          std::optional<outbox::Outbox::EvictionPlan> plan) {
    if (stopped_) return;
    forecast.add(mono_now(), usage.used);
    if (plan) relieve(store, *plan);
  });
}

// The eviction record is committed first, with what a restart needs to repeat it, then the rows go (design
// section 7).
void Daemon::relieve(outbox::StoreThread& store, const outbox::Outbox::EvictionPlan& plan) {
  spdlog::warn("disk quota: giving up {} records of lane {} ({} to {})", plan.count, name_of(plan.lane),
               plan.from, plan.to);
  const wire::EvictionReport report{plan.lane, plan.from, plan.to, plan.count, "disk quota"};
  flow::Step step = building_->on_event(report, stamp_now());
  for (auto& put : evictions_.note(report, utc_now())) step.change.state.push_back(std::move(put));
  perform(std::move(step));
  alarm_store_->commit({},
                       [this, &store, plan](UtcTime) {  // after the record, which is before it in the line
                         if (stopped_) return;
                         store.evict(plan, [this, plan](Status status) {
                           if (status && !stopped_) uplink_->on_evicted(plan.lane, plan.to);
                         });
                       });
}

void Daemon::tell_watchers(const std::vector<Reading>& readings) {
  std::erase_if(watchers_, [](const auto& watcher) { return !watcher->open(); });
  for (const auto& watcher : watchers_)
    for (const auto& reading : readings) watcher->send(reading_json(config_, reading));
}

// One timer follows the building's next deadline.
void Daemon::schedule() {
  auto due = building_->next_due();
  if (const auto block = telemetry_.next_due(); block && (!due || *block < *due)) due = block;
  if (!due || stopped_) return;
  timer_.expires_after(std::max(Duration(1ms), *due - mono_now()));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    if (auto block = telemetry_.flush(mono_now())) store_block(std::move(*block));
    perform(building_->on_tick(stamp_now()));
  });
}

}  // namespace tocsin::gateway
