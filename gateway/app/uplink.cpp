#include "gateway/app/uplink.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "gateway/app/clock.h"
#include "sync/mqtt/paho_port.h"

namespace tocsin::gateway {

Uplink::Uplink(boost::asio::io_context& io, const Config& config, session::UplinkIdentity identity,
               Parts parts)
    : io_(io),
      config_(config),
      alarms_(parts.alarms),
      data_(parts.data),
      lanes_(parts.lanes),
      session_(std::move(identity), {}, parts.term, random_u64()),
      timer_(io) {
  mqtt::PortEvents events;
  events.connected = [this](std::uint16_t receive_maximum) {
    spdlog::info("uplink: connected to {}", broker_);
    for (const auto& filter : subscriptions_) port_->subscribe(filter);
    describe();
    session_since_ = mono_now();
    perform(session_.on_connected(receive_maximum, random_u64(), session_since_));
  };
  events.down = [this](const Error& why) {
    spdlog::warn("uplink: {} is away: {}", broker_, to_string(why));
    perform(session_.on_down(why, mono_now()));
  };
  events.message = [this](mqtt::Message message) {
    perform(session_.on_message(message.topic, message.payload, message.retained, mono_now()));
  };
  events.published = [this](std::uint64_t token, std::uint8_t reason) {
    perform(session_.on_published(token, reason, mono_now()));
  };
  events.subscribed = [](const std::string& filter, std::uint8_t reason) {
    if (reason >= 0x80)
      spdlog::error("uplink: the broker refuses the subscription {} (reason {})", filter, reason);
  };
  port_ = mqtt::make_paho_port(std::move(events), [&context = io_](std::function<void()> work) {
    boost::asio::post(context, std::move(work));
  });
}

Uplink::~Uplink() {
  *alive_ = false;
}

void Uplink::start() {
  for (const auto lane : wire::lanes) perform(session_.on_lane(lane, lanes_[index(lane)], mono_now()));
  perform(session_.on_start(mono_now()));
}

void Uplink::stop() {
  stopped_ = true;
  timer_.cancel();
  port_->disconnect();
}

void Uplink::on_stored(wire::Lane lane, std::uint64_t head, std::vector<wire::Record> newest,
                       const std::vector<wire::Record>& urgent) {
  lanes_[index(lane)].head = head;
  newest_[index(lane)] = std::move(newest);
  for (const auto& record : urgent) perform(session_.on_urgent(record, mono_now()));
  perform(session_.on_lane(lane, lanes_[index(lane)], mono_now()));
}

void Uplink::on_evicted(wire::Lane lane, std::uint64_t upto) {
  lanes_[index(lane)].first = std::max(lanes_[index(lane)].first, upto + 1);
  perform(session_.on_lane(lane, lanes_[index(lane)], mono_now()));
}

session::UplinkStatus Uplink::status() const {
  return session_.status(mono_now());
}

void Uplink::perform(session::Actions actions) {
  if (stopped_) return;
  for (auto& action : actions) {
    if (const auto* connect_now = std::get_if<session::Connect>(&action)) {
      connect(*connect_now);
    } else if (const auto* close = std::get_if<session::Disconnect>(&action)) {
      spdlog::warn("uplink: closing the link: {}", close->why);
      port_->disconnect();
    } else if (const auto* publish = std::get_if<session::Publish>(&action)) {
      const auto sent = port_->publish(publish->token, publish->topic, publish->payload);
      if (!sent)
        spdlog::debug("uplink: publish failed: {}", to_string(sent.error()));  // the resend timer takes care
    } else if (const auto* wanted = std::get_if<session::ReadRecords>(&action)) {
      read(*wanted);
    } else if (const auto* acked = std::get_if<session::MarkAcked>(&action)) {
      mark_acked(*acked);
    } else if (const auto* again = std::get_if<session::UnmarkAcked>(&action)) {
      lanes_[index(again->lane)].acked = again->upto;
      store_of(again->lane).unmark_acked(again->lane, again->upto);
    } else if (const auto* term = std::get_if<session::StoreTerm>(&action)) {
      if (on_term) on_term(term->term);
    } else {
      deliver(action);
    }
  }
  schedule();
}

void Uplink::deliver(const session::Action& action) {
  if (const auto* command = std::get_if<session::DeliverCommand>(&action)) {
    on_command(command->signed_bytes);
  } else if (const auto* desired = std::get_if<session::DeliverDesired>(&action)) {
    on_desired(desired->signed_bytes);
  } else if (const auto* flawed = std::get_if<session::RefuseOrder>(&action)) {
    constexpr std::array reasons{command::Refusal::retained, command::Refusal::oversize,
                                 command::Refusal::malformed};  // in the order of OrderFlaw
    on_flawed_order(reasons.at(static_cast<std::size_t>(flawed->flaw)));
  }
}

void Uplink::describe() {
  session_.set_open_alarms(open_alarms());
  session_.set_desired_version(desired_version());
}

command::Circumstances Uplink::circumstances() const {
  const auto status = session_.status(mono_now());
  return {stamp_now(), status.term, status.session_nonce, session_since_};
}

void Uplink::renew_session() {
  spdlog::info("uplink: a new session, so that orders prove that they are young");
  describe();
  session_since_ = mono_now();
  perform(session_.renew_session(random_u64(), session_since_));
}

void Uplink::connect(const session::Connect& action) {
  subscriptions_ = action.subscribe;
  mqtt::ConnectOptions options;
  broker_ = config_.cloud.brokers[next_broker_++ % config_.cloud.brokers.size()];
  options.broker = broker_;
  options.client_id = action.client_id;
  options.credentials = {config_.cloud.ca, config_.cloud.cert, config_.cloud.key};
  port_->connect(options);
}

void Uplink::read(const session::ReadRecords& action) {
  const auto lane = action.lane;
  const auto from = action.from;
  const auto& newest = newest_[index(lane)];
  if (!newest.empty() && newest.front().seq == from && newest.size() <= action.max_records)
    return send(lane, from, newest);
  auto answer = [this, alive = alive_, lane, from](Result<std::vector<wire::Record>> records) {
    if (!*alive) return;
    if (!records) spdlog::error("uplink: cannot read records: {}", to_string(records.error()));
    send(lane, from, records ? *records : std::vector<wire::Record>{});
  };
  store_of(lane).read(lane, from, action.max_records, action.max_bytes, std::move(answer));
}

void Uplink::send(wire::Lane lane, std::uint64_t from, const std::vector<wire::Record>& records) {
  if (on_sent && !records.empty()) on_sent(lane, records.back().seq);
  perform(session_.on_records(lane, from, records, mono_now(), utc_now()));
}

void Uplink::mark_acked(const session::MarkAcked& action) {
  auto& lane = lanes_[index(action.lane)];
  lane.acked = std::max(lane.acked, action.upto);
  if (action.lane == wire::Lane::data)
    lane.first = std::max(lane.first, action.upto + 1);  // acked data dies at once
  store_of(action.lane).mark_acked(action.lane, action.upto);
  if (on_acked) on_acked(action.lane, action.upto);
}

// One timer follows the session's next deadline.
void Uplink::schedule() {
  const auto due = session_.next_due();
  if (!due || stopped_) return;
  const auto wait = std::max(Duration(1ms), *due - mono_now());
  timer_.expires_after(wait);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (!session_.status(mono_now()).resumed) describe();  // hello is being repeated
    perform(session_.on_tick(mono_now(), utc_now(), static_cast<std::uint32_t>(clock_quality())));
  });
}

}  // namespace tocsin::gateway
