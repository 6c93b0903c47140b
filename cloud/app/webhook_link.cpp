#include "cloud/app/webhook_link.h"

#include <optional>
#include <utility>

#include "cloud/api/audit.h"

namespace tocsin::cloud {
namespace {

constexpr Duration look_every = 1s;
const std::string desk_name = "desk";

void note_end(Store& store, const Notice& notice, const std::string& action, const std::string& detail,
              UtcTime now) {
  store.remove_notice(notice.number);
  if (notice.call) append_to_audit(store, {0, now, desk_name, action, notice.alarm_id, detail, {}});
}

}  // namespace

WebhookLink::WebhookLink(boost::asio::io_context& io, const Webhook& target, StoreThread& store,
                         WebhookPorts ports)
    : target_(target), store_(store), ports_(std::move(ports)), http_(io, target) {}

void WebhookLink::on_new() {
  wanted_ = true;
  take_next();
}

void WebhookLink::on_tick() {
  if (wanted_ || ports_.mono() >= look_at_) take_next();
}

// Marks the attempt before it is made: from here on the notice may have arrived.
void WebhookLink::take_next() {
  if (busy_ || ports_.mono() < pause_until_) return;
  wanted_ = false;
  look_at_ = ports_.mono() + look_every;
  const auto next = std::make_shared<std::optional<Notice>>();
  busy_ = store_.submit(
      Urgency::normal,
      [next, target = target_.name, now = ports_.wall()](Store& store) {
        next->reset();
        const auto due = store.notices_due(target, now, 1);
        if (due.empty()) return;
        const Notice& notice = due.front();
        if (now - notice.created > notice_patience)
          return note_end(store, notice, "gave-up", target + " took it not for 24 h", now);
        store.save_attempt(notice.number, now, notice.attempts + 1, true);
        *next = notice;
      },
      [this, next](const Status& status) {
        busy_ = false;
        if (!status) return ports_.warn("webhook", target_.name + ": " + to_string(status.error()));
        if (*next) send(**next);
      });
}

void WebhookLink::send(const Notice& notice) {
  busy_ = true;
  const std::string body = body_of(notice);
  http_.post(body, signature_of(body, target_.secret, ports_.wall()),
             [this, notice](const PostResult& result) { on_result(notice, result); });
}

void WebhookLink::on_result(const Notice& notice, const PostResult& result) {
  const bool taken = result.delivery == Delivery::taken;
  figures_.good = taken;
  ++(taken ? figures_.taken : figures_.failed);
  failures_ = taken ? 0 : failures_ + 1;
  if (!taken) {
    ports_.warn("webhook", target_.name + ": " + result.detail);
    // One message that is refused must not stop the others; a receiver that is away stops them all.
    pause_until_ = ports_.mono() +
                   (result.delivery == Delivery::refused ? Duration(1s) : Duration(pause_after(failures_)));
  }
  const bool unclear = notice.unclear || result.delivery == Delivery::unclear;
  busy_ = store_.submit(
      Urgency::normal,
      [notice, taken, unclear, target = target_.name, now = ports_.wall()](Store& store) {
        const int attempts = notice.attempts + 1;
        if (!taken) return store.save_attempt(notice.number, now + pause_after(attempts), attempts, unclear);
        const std::string how = unclear ? ", possible repeat" : "";
        note_end(store, notice, "called", target + ", attempt " + std::to_string(attempts) + how, now);
      },
      [this](const Status& status) {
        busy_ = false;
        if (!status) ports_.warn("webhook", target_.name + ": " + to_string(status.error()));
        wanted_ = true;
        take_next();
      });
  if (!busy_) wanted_ = true;  // the store is full: the attempt stays marked, and is made again
}

}  // namespace tocsin::cloud
