#include "gateway/flow/scenario.h"

#include <algorithm>

namespace tocsin::flow {
namespace {

const std::string engineer = "scenario";

std::string key_text(const alarm::Key& key) {
  return key.device + "/" + key.point + " " + key.rule;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all.empty() ? "none" : all;
}

class Player {
 public:
  Player(const Scenario& scenario, VirtualSite& site) : scenario_(scenario), site_(site) {}

  std::vector<std::string> play() {
    const MonoTime start = site_.now().mono;
    for (const auto& step : scenario_.steps) {
      step_ = &step;
      const MonoTime at = start + step.at;
      if (at > site_.now().mono) site_.run_for(at - site_.now().mono);
      if (at < site_.now().mono) wrong("comes while the gateway is down: give it a later time");
      happen();
      site_.poll();
      judge();
    }
    return std::move(failures_);
  }

 private:
  void wrong(const std::string& what) { failures_.push_back(step_->at_text + ": " + what); }

  void happen() {
    for (const auto& [name, value] : step_->set)
      if (const auto point = known_point(name)) site_.set(*point, value);
    for (const auto& name : step_->follow)
      if (const auto point = known_point(name)) site_.follow(*point);
    for (const auto& device : step_->lose)
      if (known_device(device)) site_.lose(device);
    for (const auto& device : step_->back)
      if (known_device(device)) site_.bring_back(device);
    if (step_->act) act(*step_->act);
  }

  bool known_device(const std::string& name) {
    if (site_.config().devices.count(name) != 0) return true;
    wrong("there is no device " + name);
    return false;
  }

  std::optional<PointId> known_point(const std::string& name) {
    const auto id = parse_point_id(name);
    if (id) {
      const auto device = site_.config().devices.find(id->device);
      if (device != site_.config().devices.end() && device->second.spec.profile->find(id->point) != nullptr)
        return *id;
    }
    wrong("there is no point " + name);
    return std::nullopt;
  }

  const linkage::Effect* known_effect(const std::string& name) {
    for (const auto& effect : site_.config().matrix.effects)
      if (effect.name == name) return &effect;
    wrong("there is no effect " + name);
    return nullptr;
  }

  void act(const Act& act) {
    std::visit([this](const auto& one) { perform(one); }, act);
  }

  void done(const Result<Step>& step) {
    if (step.has_value() == step_->refused)
      wrong(step ? "the act is accepted, expected refused"
                 : "the act is refused (" + to_string(step.error()) + "), expected accepted");
    if (step) site_.take(*step);
  }

  void perform(const ResetZone& reset) {
    done(site_.building().reset_zone(reset.zone, engineer, site_.now()));
  }

  void perform(const ResetAlarm& reset) {
    for (const auto& record : site_.building().open())
      if (key_text(record.key) == reset.alarm)
        return done(site_.building().reset_alarm(record.alarm_id, engineer, site_.now()));
    wrong("no open alarm " + reset.alarm);
  }

  void perform(const Restart& restart) { site_.restart(restart.clean, restart.down); }

  void perform(const Disable& disable) {
    done(site_.building().disable(disable.device, disable.time, engineer, "maintenance", site_.now()));
  }

  void perform(const Enable& enable) { done(site_.building().enable(enable.device, engineer, site_.now())); }

  void perform(const WalkTest& test) {
    done(site_.building().walk_test(test.zone, test.time, engineer, site_.now()));
  }

  void perform(const Hold& hold) {
    std::optional<bool> level;
    if (hold.word) {
      const auto* effect = known_effect(hold.effect);
      if (effect == nullptr) return;
      if (*hold.word != effect->word_on && *hold.word != effect->word_off)
        return wrong(hold.effect + " knows no word " + *hold.word);
      level = *hold.word == effect->word_on;
    }
    done(site_.building().hold(hold.effect, level, engineer, site_.now()));
  }

  void judge() {
    for (const auto& [name, word] : step_->expect) judge_word(name, word);
    for (const auto& [name, outcome] : step_->outcome) judge_outcome(name, outcome);
    for (const auto& [name, count] : step_->activations) {
      const auto found = site_.activations(name);
      if (known_effect(name) != nullptr && Value(std::int64_t{found}) != count)
        wrong(name + " was activated " + std::to_string(found) + " times, expected " + to_string(count));
    }
    if (step_->alarms) judge_alarms(*step_->alarms);
  }

  void judge_word(const std::string& name, const std::string& expected) {
    for (const auto& annunciator : site_.config().annunciators)
      if (annunciator.name == name)
        return compare(name, site_.output(annunciator.output) ? "on" : "off", expected);
    if (const auto* effect = known_effect(name))
      compare(name, site_.output(effect->output) ? effect->word_on : effect->word_off, expected);
  }

  void judge_outcome(const std::string& name, const std::string& expected) {
    if (known_effect(name) == nullptr) return;
    const auto view = site_.building().effects().find(name);
    const bool known = view != site_.building().effects().end() && view->second.outcome;
    compare(name, known ? std::string(name_of(*view->second.outcome)) : "without outcome", expected);
  }

  void compare(const std::string& name, const std::string& found, const std::string& expected) {
    if (found != expected) wrong(name + " is " + found + ", expected " + expected);
  }

  void judge_alarms(std::vector<std::string> expected) {
    std::vector<std::string> found;
    for (const auto& record : site_.building().open()) found.push_back(alarm_text(record));
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    if (found != expected) wrong("open alarms are " + joined(found) + "; expected " + joined(expected));
  }

  const Scenario& scenario_;
  VirtualSite& site_;
  const ScenarioStep* step_ = nullptr;
  std::vector<std::string> failures_;
};

}  // namespace

std::string alarm_text(const alarm::Record& record) {
  std::string text = key_text(record.key);
  const std::string stage(name_of(record.stage));
  if (!stage.empty() && stage != record.key.rule) text += " " + stage;
  if (record.bits.latched && !record.bits.active) text += " latched";
  if (record.bits.disabled && record.cls != AlarmClass::disabled) text += " disabled";
  if (record.bits.test && record.cls != AlarmClass::disabled) text += " test";
  return text;
}

std::vector<std::string> play(const Scenario& scenario, VirtualSite& site) {
  return Player(scenario, site).play();
}

}  // namespace tocsin::flow
