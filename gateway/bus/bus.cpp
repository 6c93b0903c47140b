#include "gateway/bus/bus.h"

#include <utility>

#include "gateway/bus/mailbox.h"
#include "gateway/bus/worker.h"

namespace tocsin::bus {

namespace {

std::optional<std::size_t> index_of(const std::vector<driver::PlannedDevice>& devices,
                                    const std::string& name) {
  for (std::size_t i = 0; i < devices.size(); ++i)
    if (devices[i].spec.name == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> index_of(const std::vector<driver::PointSpec>& points, const std::string& name) {
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i].name == name) return i;
  return std::nullopt;
}

}  // namespace

// Shared with what is posted: a post that arrives after the Bus is gone finds `alive` false and does nothing.
// Both ends run on the owner's thread.
struct Bus::Impl {
  Impl(const BusSpec& spec, Post post_to_owner, StampNow now, BusEvents owner_events)
      : post(std::move(post_to_owner)),
        events(std::make_shared<BusEvents>(std::move(owner_events))),
        alive(std::make_shared<bool>(true)),
        worker(spec, std::move(now), posting_events(), mailbox) {}

  // Thread-safe.
  void to_owner(std::function<void()> action) const {
    post([guard = alive, run = std::move(action)] {
      if (*guard) run();
    });
  }

  BusEvents posting_events() {
    BusEvents posting;
    posting.readings = [this](std::vector<Reading> readings) {
      to_owner(
          [handler = events, batch = std::move(readings)]() mutable { handler->readings(std::move(batch)); });
    };
    posting.device = [this](const std::string& device, bool online, const Error& why) {
      to_owner([handler = events, device, online, why] { handler->device(device, online, why); });
    };
    posting.line = [this](bool open, const Error& why) {
      to_owner([handler = events, open, why] { handler->line(open, why); });
    };
    posting.detection = [this](const PointId& point, std::optional<std::string> miss) {
      to_owner([handler = events, point, miss = std::move(miss)] { handler->detection(point, miss); });
    };
    return posting;
  }

  Post post;
  std::shared_ptr<BusEvents> events;
  std::shared_ptr<bool> alive;
  Mailbox mailbox;
  Worker worker;  // last: its thread ends before the rest goes
};

Bus::Bus(BusSpec spec, Post post, StampNow now, BusEvents events)
    : impl_(std::make_shared<Impl>(spec, std::move(post), std::move(now), std::move(events))) {
  impl_->worker.start();
}

Bus::~Bus() {
  *impl_->alive = false;
  impl_->mailbox.stop();
}

void Bus::write(const PointId& point, const Value& value, std::function<void(Status)> done) {
  const auto& devices = impl_->worker.devices();
  const auto refuse = [&](Error why) {
    impl_->to_owner([done, status = Status(std::move(why))] { done(status); });
  };
  const auto device = index_of(devices, point.device);
  if (!device) return refuse(fail(Fault::not_found, "no device " + point.device + " on this bus"));
  const auto index = index_of(devices[*device].spec.profile->points, point.point);
  if (!index) return refuse(fail(Fault::not_found, point.device + " has no point " + point.point));
  WriteCommand command{*device, *index, value, [impl = impl_.get(), done](Status status) {
                         impl->to_owner([done, status] { done(status); });
                       }};
  if (!impl_->mailbox.push(std::move(command)))
    refuse(fail(Fault::refused, "too many commands wait for this bus"));
}

void Bus::read(const std::string& device, std::function<void(Result<std::vector<Reading>>)> done) {
  using Answer = Result<std::vector<Reading>>;
  const auto refuse = [&](Error why) {
    impl_->to_owner([done, answer = Answer(std::move(why))] { done(answer); });
  };
  const auto index = index_of(impl_->worker.devices(), device);
  if (!index) return refuse(fail(Fault::not_found, "no device " + device + " on this bus"));
  ReadCommand command{*index, [impl = impl_.get(), done](Answer answer) {
                        impl->to_owner([done, answer = std::move(answer)] { done(answer); });
                      }};
  if (!impl_->mailbox.push(std::move(command)))
    refuse(fail(Fault::refused, "too many commands wait for this bus"));
}

BusHealth Bus::health() const {
  return impl_->mailbox.health();
}
std::vector<std::string> Bus::trace(const std::string& device) const {
  return impl_->mailbox.trace(index_of(impl_->worker.devices(), device));
}

}  // namespace tocsin::bus
