#include "sync/session/uplink_impl.h"
#include "sync/wire/orders.h"

namespace tocsin::session {
namespace {

constexpr std::size_t largest_down = 64 * 1024;  // bytes of anything that comes down

}  // namespace

// A term that rises means another owner of this community: it has to hear our hello before anything else
// counts.
bool UplinkSession::Impl::accept_term(std::uint64_t seen, Actions& out) {
  if (seen < term) {
    refuse("a message of an earlier term");
    return false;
  }
  if (seen > term) {
    term = seen;
    resumed = false;
    for (LaneSender& sender : senders) sender.close();
    out.push_back(StoreTerm{term});
  }
  return true;
}

void UplinkSession::Impl::on_resume(const ResumeMessage& resume, MonoTime now, Actions& out) {
  const bool new_term = resume.term > term;
  if (!accept_term(resume.term, out)) return;
  if (resume.epoch != identity.epoch || resume.session_nonce != session_nonce) {
    if (new_term || !last_hello || now - *last_hello >= ask_pause) say_hello_again(now, out);
    return;
  }
  if (resumed)
    go_back(resume, now, out);
  else
    open_lanes(resume, now, out);
}

void UplinkSession::Impl::say_hello_again(MonoTime now, Actions& out) {
  resumed = false;
  hello_pause.restart();
  send_hello(now, out);
}

void UplinkSession::Impl::open_lanes(const ResumeMessage& resume, MonoTime now, Actions& out) {
  resumed = true;
  hello_at.reset();
  last_problem.clear();
  for (const Lane which : wire::lanes) {
    const auto known = resume.watermarks.find(which);
    const std::uint64_t upto = known == resume.watermarks.end() ? 0 : known->second;
    LaneSender& sender = lane(which);
    if (upto < sender.state().acked && !resume.restored)
      last_problem = "the cloud lacks records that it acknowledged: lane " + std::string(name_of(which));
    mark(which, sender.open(upto, resume.restored, now), out);
    if (sender.went_back())
      last_problem = "the cloud has records that this database lost: lane " + std::string(name_of(which));
  }
  urgent.drop_upto(lane(Lane::alarm).confirmed());
}

void UplinkSession::Impl::go_back(const ResumeMessage& resume, MonoTime now, Actions& out) {
  for (const auto& [which, upto] : resume.watermarks) mark(which, lane(which).go_back(upto, now), out);
}

void UplinkSession::Impl::on_ack(const AckMessage& ack, MonoTime now, Actions& out) {
  const bool new_term = ack.term > term;
  if (!accept_term(ack.term, out)) return;
  if (new_term) {
    say_hello_again(now, out);
    return;
  }
  if (ack.epoch != identity.epoch) {
    refuse("an acknowledgement of another epoch");
    return;
  }
  if (!resumed) return;
  mark(ack.lane, lane(ack.lane).acknowledge(ack.upto, now), out);
  if (ack.lane == Lane::alarm) urgent.drop_upto(lane(Lane::alarm).confirmed());
}

void UplinkSession::Impl::mark(Lane which, const std::optional<LaneSender::Mark>& mark, Actions& out) {
  if (!mark) return;
  if (mark->back)
    out.push_back(UnmarkAcked{which, mark->upto});
  else
    out.push_back(MarkAcked{which, mark->upto});
}

void UplinkSession::Impl::deliver_order(std::string_view suffix, ByteView payload, bool retained,
                                        Actions& out) {
  const bool oversize = payload.size() > largest_down;
  Bytes exact(payload.begin(),
              payload.begin() + static_cast<std::ptrdiff_t>(std::min(payload.size(), largest_down)));
  if (retained || oversize || !wire::decode_signed(payload)) {
    const OrderFlaw flaw = retained   ? OrderFlaw::retained
                           : oversize ? OrderFlaw::oversize
                                      : OrderFlaw::malformed;
    refuse(retained ? "a retained order" : oversize ? "an order of more than 64 KiB" : "a malformed order");
    out.push_back(RefuseOrder{flaw, std::move(exact)});
    return;
  }
  if (suffix == "down/command")
    out.push_back(DeliverCommand{std::move(exact)});
  else
    out.push_back(DeliverDesired{std::move(exact)});
}

Actions UplinkSession::on_message(const std::string& topic, ByteView payload, bool retained, MonoTime now) {
  Actions out;
  Impl& self = *impl_;
  if (self.phase != Impl::Phase::connected) return out;
  self.in_flight.heard(now);
  if (!topic.starts_with(self.topic_prefix)) {
    self.refuse("a message for somebody else");
    return out;
  }
  const std::string_view suffix = std::string_view(topic).substr(self.topic_prefix.size());
  if (suffix == "down/command" || suffix == "down/desired") {
    self.deliver_order(suffix, payload, retained, out);
  } else if (retained || payload.size() > largest_down) {
    self.refuse(retained ? "a retained message" : "a message of more than 64 KiB");
    return out;
  } else if (suffix == "down/resume") {
    if (const auto resume = decode_resume(payload))
      self.on_resume(*resume, now, out);
    else
      self.refuse("a malformed resume");
  } else if (suffix == "down/ack") {
    if (const auto ack = decode_ack(payload))
      self.on_ack(*ack, now, out);
    else
      self.refuse("a malformed acknowledgement");
  } else {
    self.refuse("a message on an unknown topic");
  }
  self.pump(now, out);
  return out;
}

Actions UplinkSession::renew_session(std::uint64_t session_nonce, MonoTime now) {
  Actions out;
  if (impl_->phase != Impl::Phase::connected) return out;  // the next connection has a new one anyway
  impl_->session_nonce = session_nonce;
  impl_->say_hello_again(now, out);
  return out;
}

}  // namespace tocsin::session
