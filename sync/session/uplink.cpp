#include "sync/session/uplink.h"

#include "sync/session/uplink_impl.h"
#include "sync/wire/topics.h"

namespace tocsin::session {

UplinkSession::Impl::Impl(UplinkIdentity who, UplinkLimits how_much, std::uint64_t known_term,
                          std::uint64_t seed)
    : identity(std::move(who)),
      limits(how_much),
      term(known_term),
      topic_prefix(wire::gateway_topic(identity.community, identity.gateway, "")),
      reconnect(seed),
      senders{LaneSender{limits.alarm_window}, LaneSender{limits.event_window},
              LaneSender{limits.data_window}} {}

void UplinkSession::Impl::wait_to_connect(Duration delay, MonoTime now) {
  phase = Phase::waiting;
  connect_at = now + delay;
}

void UplinkSession::Impl::lose_connection() {
  resumed = false;
  hello_at.reset();
  alive_at.reset();
  connect_limit_at.reset();
  in_flight.clear({});
  for (LaneSender& sender : senders) sender.close();
  urgent.connection_lost();
}

// The one reason to cut a link: the broker itself is silent.
void UplinkSession::Impl::check_broker(MonoTime now, Actions& out) {
  if (phase == Phase::connecting && connect_limit_at && now >= *connect_limit_at) {
    out.push_back(Disconnect{"no answer to a connect"});
    lose_connection();
    wait_to_connect(reconnect.after_failure(), now);
  }
  const auto silent = in_flight.silent_at();
  if (phase != Phase::connected || !silent || now < *silent) return;
  last_problem = "the broker is silent";
  out.push_back(Disconnect{last_problem});
  lose_connection();
  wait_to_connect(reconnect.after_loss(), now);
}

void UplinkSession::Impl::refuse(std::string why) {
  ++rejected;
  last_problem = std::move(why);
}

void UplinkSession::Impl::note_reason(const Flight& flight, std::uint8_t reason, MonoTime now) {
  constexpr std::uint8_t no_subscriber = 0x10, first_failure = 0x80;  // MQTT 5, 3.4.2.1
  if (reason >= first_failure)
    last_problem =
        "the broker refuses our messages (reason " + std::to_string(reason) + "): check its access list";
  else if (reason == no_subscriber)
    last_problem = "cloud not listening";
  const bool delivered = reason < no_subscriber;
  if (flight.content == Content::now && delivered) urgent.taken(flight.first);
  if (flight.content != Content::frame) return;
  LaneSender& sender = lane(flight.lane);
  if (!delivered) sender.not_delivered();
  const std::uint64_t oldest = sender.confirmed() + 1;
  if (flight.first <= oldest && oldest <= flight.last) sender.broker_took(now);
}

UplinkSession::UplinkSession(UplinkIdentity identity, UplinkLimits limits, std::uint64_t term,
                             std::uint64_t random_seed)
    : impl_(std::make_unique<Impl>(std::move(identity), limits, term, random_seed)) {}
UplinkSession::~UplinkSession() = default;

Actions UplinkSession::on_lane(Lane which, const LaneState& state, MonoTime now) {
  Actions out;
  impl_->lane(which).update(state, now);
  impl_->pump(now, out);
  return out;
}

Actions UplinkSession::on_urgent(const Record& record, MonoTime now) {
  Actions out;
  impl_->urgent.add(record);
  impl_->pump(now, out);
  return out;
}

void UplinkSession::set_open_alarms(std::vector<OpenAlarm> open) {
  impl_->open_alarms = std::move(open);
}
void UplinkSession::set_desired_version(std::uint64_t version) {
  impl_->desired_version = version;
}

Actions UplinkSession::on_start(MonoTime now) {
  impl_->wait_to_connect(impl_->reconnect.after_loss(), now);
  return {};
}

Actions UplinkSession::on_connected(std::uint16_t receive_maximum, std::uint64_t session_nonce,
                                    MonoTime now) {
  constexpr std::size_t kept_free = 4;  // for one hello, one alive and two nows
  Actions out;
  Impl& self = *impl_;
  if (self.phase != Impl::Phase::connecting) return out;
  self.lose_connection();
  self.phase = Impl::Phase::connected;
  self.reconnect.connected();
  self.session_nonce = session_nonce;
  self.slots = std::max<std::size_t>(
      1, std::min<std::size_t>(self.limits.in_flight,
                               receive_maximum > kept_free ? receive_maximum - kept_free : 1));
  self.in_flight.clear(now);
  self.hello_pause.restart();
  self.alive_at = now + alive_period;
  self.send_hello(now, out);
  return out;
}

Actions UplinkSession::on_down(const Error& why, MonoTime now) {
  Actions out;
  Impl& self = *impl_;
  if (self.phase != Impl::Phase::connecting && self.phase != Impl::Phase::connected) return out;
  const bool was_connected = self.phase == Impl::Phase::connected;
  self.last_problem = to_string(why);
  self.lose_connection();
  self.wait_to_connect(was_connected ? self.reconnect.after_loss() : self.reconnect.after_failure(), now);
  return out;
}

Actions UplinkSession::on_published(std::uint64_t token, std::uint8_t reason, MonoTime now) {
  Actions out;
  const auto flight = impl_->in_flight.remove(token, now);
  if (!flight) return out;  // of an earlier connection
  impl_->note_reason(*flight, reason, now);
  impl_->pump(now, out);
  return out;
}

Actions UplinkSession::on_records(Lane which, std::uint64_t from, const std::vector<Record>& records,
                                  MonoTime now, UtcTime wall) {
  Actions out;
  LaneSender& sender = impl_->lane(which);
  if (!impl_->resumed || !sender.expects(from)) return out;
  if (records.empty())
    sender.read_failed(now);
  else if (!sender.stopped_by_hole(records.front().seq))
    impl_->send_frame(which, records, now, wall, out);
  impl_->pump(now, out);
  return out;
}

Actions UplinkSession::on_tick(MonoTime now, UtcTime wall, std::uint32_t clock_quality) {
  Actions out;
  Impl& self = *impl_;
  if (self.phase == Impl::Phase::waiting && self.connect_at && now >= *self.connect_at) {
    self.phase = Impl::Phase::connecting;
    self.connect_limit_at = now + connect_limit;
    out.push_back(Connect{self.identity.gateway, {self.topic_prefix + "down/+"}});
  }
  self.check_broker(now, out);
  if (self.phase != Impl::Phase::connected) return out;
  if (self.hello_at && now >= *self.hello_at) self.send_hello(now, out);
  if (self.alive_at && now >= *self.alive_at) self.send_alive(now, wall, clock_quality, out);
  for (const Lane which : wire::lanes) {
    LaneSender& sender = self.lane(which);
    sender.retry_when_due(now);
    const auto due = sender.resend_at();
    if (!due || now < *due) continue;
    if (self.in_flight.holds(which, sender.confirmed() + 1))
      sender.wait_again(now);  // it has not even reached the broker
    else
      sender.resend();
  }
  self.pump(now, out);
  return out;
}

std::optional<MonoTime> UplinkSession::next_due() const {
  const Impl& self = *impl_;
  std::optional<MonoTime> due;
  const auto consider = [&](const std::optional<MonoTime>& at) {
    if (at && (!due || *at < *due)) due = at;
  };
  if (self.phase == Impl::Phase::waiting) consider(self.connect_at);
  if (self.phase == Impl::Phase::connecting) consider(self.connect_limit_at);
  if (self.phase != Impl::Phase::connected) return due;
  consider(self.in_flight.silent_at());
  consider(self.hello_at);
  consider(self.alive_at);
  for (const LaneSender& sender : self.senders) {
    consider(sender.resend_at());
    consider(sender.retry_at());
  }
  consider(self.urgent_at());
  return due;
}

UplinkStatus UplinkSession::status(MonoTime now) const {
  const Impl& self = *impl_;
  return {self.phase == Impl::Phase::connected,       self.resumed,  self.term,        self.session_nonce,
          self.lane(Lane::alarm).oldest_unacked(now), self.rejected, self.last_problem};
}

}  // namespace tocsin::session
