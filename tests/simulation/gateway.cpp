#include "tests/simulation/gateway.h"

#include "sync/wire/codec.h"
#include "sync/wire/frame.h"
#include "sync/wire/topics.h"
#include "tests/simulation/broker.h"
#include "tests/simulation/cloud.h"

namespace tocsin::simulation {
namespace {

constexpr std::size_t max_frame = 8 * 1024;
constexpr std::size_t most_controls = 4;  // one hello, one alive, two nows

Lane lane_of(const std::string& suffix) {
  return suffix == "up/alarm" ? Lane::alarm : suffix == "up/event" ? Lane::event : Lane::data;
}

}  // namespace

Gateway::Gateway(World& world, std::size_t index) : world_(world), index_(index) {
  disk_.epoch = world_.chance.next() | 1;
  disk_.nonce = world_.chance.next();
  if (world_.plan.starts_in_1970) wall_offset_ms_ = -world_.utc().time_since_epoch().count();
  boot();
}
Gateway::~Gateway() = default;

void Gateway::later(Duration delay, Scheduler::Act act) {
  world_.scheduler.after(delay, [this, life = life_, act = std::move(act)] {
    if (life == life_) act();
  });
}

void Gateway::boot() {
  booted_ = world_.scheduler.time();
  session::UplinkLimits limits;
  limits.max_frame = max_frame;
  limits.alarm_window = limits.event_window = 64;
  limits.data_window = 16;
  session_ = std::make_unique<session::UplinkSession>(
      session::UplinkIdentity{id_of(index_), community, "1", disk_.epoch, disk_.previous_epoch, disk_.nonce,
                              world_.chance.next()},
      limits, disk_.term, world_.chance.next());
  for (const Lane lane : wire::lanes) {
    world_.oracle.restarted(index_, disk_.epoch, lane, disk_.state(lane).acked);
    act(session_->on_lane(lane, disk_.state(lane), mono()));
  }
  act(session_->on_start(mono()));
  if (world_.plan.starts_in_1970)
    later(world_.chance.between(5s, 60s), [this] { wall_offset_ms_ = 0; });  // NTP answers at last
}

// The process is gone, and with it what was not committed.
void Gateway::die() {
  ++life_;
  session_.reset();
  world_.broker->disconnect(index_);
  connection_ = 0;
  pending_.clear();
  committing_ = false;
  wake_at_.reset();
  later(world_.chance.between(500ms, 3s), [this] { boot(); });
}

void Gateway::kill() {
  die();
}

void Gateway::power_cut() {
  constexpr Duration sync_period = 5s;
  die();
  const auto lost = disk_.lose_unsynced(world_.scheduler.time() - sync_period, world_.chance.below(8));
  if (lost) give_up(Lane::data, *lost, "power cut");
}

void Gateway::replace_database() {
  die();
  world_.oracle.ended(index_, disk_.epoch);
  Disk fresh;
  fresh.previous_epoch = disk_.epoch;
  fresh.epoch = world_.chance.next() | 1;
  fresh.nonce = world_.chance.next();
  fresh.term = 0;
  disk_ = std::move(fresh);
  earlier_copy_.reset();
}

void Gateway::clone_disk() {
  if (!earlier_copy_) {
    earlier_copy_ = disk_;  // the second time it strikes
    return;
  }
  die();
  world_.oracle.cloned(index_, disk_.epoch);
  disk_ = *earlier_copy_;
  disk_.nonce = world_.chance.next();
  cloned_ = true;
}

void Gateway::heal() {
  disk_fails_until_ = {};
  wall_offset_ms_ = 0;
}

// ---- writing
// --------------------------------------------------------------------------------------------------------

void Gateway::write(Lane lane, std::uint64_t count) {
  if (!session_) return;  // it is off
  for (std::uint64_t i = 0; i < count; ++i) {
    Bytes body;
    bytes::Writer out(body);
    out.u64_le(++written_);
    out.u64_le(world_.chance.next());
    if (lane == Lane::data) body.resize(16 + world_.chance.below(2000), static_cast<std::uint8_t>(written_));
    pending_.push_back({lane, std::move(body)});
  }
  commit_soon();
}

void Gateway::commit_soon() {
  if (committing_ || pending_.empty()) return;
  committing_ = true;
  later(world_.chance.between(1ms, 20ms), [this] { commit(); });
}

// A commit that fails stays first in line and is tried again every second.
void Gateway::commit() {
  if (!disk_works()) {
    later(1s, [this] { commit(); });
    return;
  }
  committing_ = false;
  std::vector<wire::Record> alarms;
  for (Pending& one : pending_) {
    const wire::Record record = disk_.append(one.lane, std::move(one.body), wall(), world_.scheduler.time());
    world_.oracle.accepted(index_, disk_.epoch, one.lane, record.seq, hash_of(record.body),
                           world_.scheduler.time());
    if (one.lane == Lane::alarm) alarms.push_back(record);
  }
  pending_.clear();
  for (const Lane lane : {Lane::data, Lane::event}) keep_quota(lane);
  for (const Lane lane : wire::lanes) act(session_->on_lane(lane, disk_.state(lane), mono()));
  for (const wire::Record& record : alarms) act(session_->on_urgent(record, mono()));
}

// The eviction record is committed first, then the rows go.
void Gateway::give_up(Lane lane, Disk::Range range, const std::string& why) {
  const Bytes body = wire::encode_event(
      wire::EvictionReport{lane, range.from, range.to, range.to - range.from + 1, why}, {});
  const wire::Record record = disk_.append(Lane::event, body, wall(), world_.scheduler.time());
  world_.oracle.accepted(index_, disk_.epoch, Lane::event, record.seq, hash_of(record.body),
                         world_.scheduler.time());
  world_.oracle.gone(index_, disk_.epoch, lane, range.from, range.to, Fate::given_up);
}

void Gateway::keep_quota(Lane lane) {
  const auto range = disk_.over_quota(lane);
  if (!range) return;
  give_up(lane, *range, "quota");
  disk_.evict(lane, range->to);
}

// ---- the session's actions
// ------------------------------------------------------------------------------------------

void Gateway::act(session::Actions actions) {
  for (session::Action& action : actions) std::visit([this](auto& one) { act(one); }, action);
  wake_later();
}

void Gateway::act(session::Connect&) {
  frames_.clear();
  data_frames_.clear();
  controls_.clear();
  connection_ = world_.broker->connect(index_);
}

void Gateway::act(session::Disconnect&) {
  world_.broker->disconnect(index_);
  connection_ = 0;
}

void Gateway::act(session::Publish& publish) {
  check_flights(publish);
  const auto topic = wire::parse_gateway_topic(publish.topic);
  if (!topic || topic->gateway != id_of(index_))
    return world_.oracle.violated("a publish to a foreign topic");
  world_.broker->publish(index_, connection_, publish.token, std::string(topic->suffix),
                         std::move(publish.payload));
}

void Gateway::check_flights(const session::Publish& publish) {
  const std::string suffix(wire::parse_gateway_topic(publish.topic).value_or(wire::GatewayTopic{}).suffix);
  const bool is_frame = suffix == "up/alarm" || suffix == "up/event" || suffix == "up/data";
  (is_frame ? frames_ : controls_).insert(publish.token);
  if (is_frame && lane_of(suffix) == Lane::data) data_frames_.insert(publish.token);
  if (frames_.size() > Broker::receive_maximum - 4u)
    world_.oracle.violated("more frames in flight than allowed");
  if (data_frames_.size() > 2) world_.oracle.violated("I10: more than two frames of data in flight");
  if (controls_.size() > most_controls) world_.oracle.violated("more than four small messages in flight");
  if (is_frame && publish.payload.size() > max_frame) world_.oracle.violated("a frame beyond the limit");
}

void Gateway::act(session::ReadRecords& read) {
  later(world_.chance.between(0ms, 5ms), [this, read] {
    const auto records = disk_works() ? disk_.read(read.lane, read.from, read.max_records, read.max_bytes)
                                      : std::vector<wire::Record>{};
    act(session_->on_records(read.lane, read.from, records, mono(), wall()));
  });
}

void Gateway::act(session::MarkAcked& mark) {
  world_.oracle.marked(index_, disk_.epoch, mark.lane, mark.upto);
  later(world_.chance.between(0ms, 5ms), [this, mark] {
    disk_.mark_acked(mark.lane, mark.upto);
    if (mark.lane == Lane::data)
      world_.oracle.gone(index_, disk_.epoch, mark.lane, 1, mark.upto, Fate::deleted);
    act(session_->on_lane(mark.lane, disk_.state(mark.lane), mono()));
  });
}

void Gateway::act(session::UnmarkAcked& mark) {
  world_.oracle.unmarked(index_, disk_.epoch, mark.lane, mark.upto, world_.cloud->was_restored());
  later(world_.chance.between(0ms, 5ms), [this, mark] { disk_.unmark_acked(mark.lane, mark.upto); });
}

void Gateway::act(session::StoreTerm& store) {
  later(world_.chance.between(0ms, 5ms), [this, store] { disk_.term = std::max(disk_.term, store.term); });
}

void Gateway::check_order(const Bytes& order) {
  if (!world_.cloud->sent_order(index_, order))
    world_.oracle.violated("I11: an order that was never to be obeyed");
}

// ---- the port's answers
// ---------------------------------------------------------------------------------------------

void Gateway::on_connected(std::uint64_t connection, std::uint16_t receive_maximum) {
  if (connection == connection_)
    act(session_->on_connected(receive_maximum, world_.chance.next() | 1, mono()));
}

void Gateway::on_down(std::uint64_t connection) {
  if (connection == connection_) act(session_->on_down(fail(Fault::disconnected), mono()));
}

void Gateway::on_published(std::uint64_t connection, std::uint64_t token, std::uint8_t reason) {
  if (connection != connection_) return;
  frames_.erase(token);
  data_frames_.erase(token);
  controls_.erase(token);
  act(session_->on_published(token, reason, mono()));
}

void Gateway::on_message(std::uint64_t connection, const std::string& suffix, const Bytes& payload,
                         bool retained) {
  if (connection != connection_) return;
  act(session_->on_message(wire::gateway_topic(community, id_of(index_), suffix), payload, retained, mono()));
}

void Gateway::wake_later() {
  const auto due = session_->next_due();
  if (!due || (wake_at_ && *wake_at_ <= *due)) return;
  wake_at_ = *due;
  wakes_at_once_ = *due <= mono() ? wakes_at_once_ + 1 : 0;
  if (wakes_at_once_ > 100)
    return world_.oracle.violated("I13: the session is due again and again at the same time");
  later(std::max<Duration>(0s, *due - mono()), [this, at = *due] {
    if (wake_at_ == at) wake();
  });
}

void Gateway::wake() {
  wake_at_.reset();
  act(session_->on_tick(mono(), wall(), 2));
}

}  // namespace tocsin::simulation
