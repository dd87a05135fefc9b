#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "worldmill/recipe/fill.h"
#include "worldmill/sim/detector.h"

namespace wm::recipe {

using base::Entry;
using base::Place;
using base::Value;
using scene::Selector;
using vary::Field;
using vary::Job;
using vary::Per;

namespace {

template <class Things>
std::vector<std::string_view> names_of(const Things& things) {
  std::vector<std::string_view> names;
  for (const auto& thing : things) names.push_back(thing.name);
  return names;
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string known(const std::vector<std::string_view>& names) {
  return names.empty() ? "; there are none" : fmt::format("; known are {}", fmt::join(names, ", "));
}

const Value& written(const Recipe& recipe, std::initializer_list<std::string_view> path) {
  const Value* at = &recipe.resolved;
  for (const std::string_view key : path) at = at->find(key);
  return *at;
}

std::string path_of(const vary::Action& action) {
  const std::string path = fmt::format("simulate.{}.{}", action.fault ? "faults" : "actors", action.name);
  return action.kind.empty() ? path : path + "." + action.kind;
}

// ---- names that selectors mean

class Heads {
 public:
  explicit Heads(const Job& job) : job_(job), things_(names_of(job.adds)), labels_(names_of(job.labels)) {}

  void check(const Selector& selector, const std::string& path, bool is_label = false) const {
    for (const Selector::Head& head : selector.heads()) {
      if (head.kind == "name") check_name(head, path);
      if (head.kind == "class" && !is_label) check_class(head, path);
      if (head.kind == "path") check_path(head, path);
    }
  }

 private:
  void check_name(const Selector::Head& head, const std::string& path) const {
    if (has(things_, head.text)) return;
    std::string advice = base::did_you_mean(head.text, things_);
    if (has(labels_, head.text)) advice = fmt::format("; as a label it is written class:{}", head.text);
    if (has(names_of(job_.places), head.text)) advice = "; that is a placement: name what it places";
    if (advice.empty()) advice = known(things_) + "; a path of the stage begins with /";
    refuse(head.place, fmt::format("{}: scene.add has nothing named \"{}\"{}", path, head.text, advice));
  }

  // A class may also be the scene's own, which nobody knows yet: only a slip of the hand is told.
  void check_class(const Selector::Head& head, const std::string& path) const {
    if (has(labels_, head.text)) return;
    const std::string advice = base::did_you_mean(head.text, labels_);
    const bool nothing_else = labels_.empty() && job_.stage.empty() && job_.adds.empty();
    if (advice.empty() && !nothing_else) return;
    refuse(head.place, fmt::format("{}: no label is named \"{}\"{}", path, head.text, advice));
  }

  // Without a stage, all paths begin with what was added; a sky is there when nothing else surrounds the scene.
  void check_path(const Selector::Head& head, const std::string& path) const {
    const std::string first = head.text.substr(1, head.text.find('/', 1) - 1);
    if (!job_.stage.empty() || first.starts_with("Sky") || first.find_first_of("*?") != std::string::npos ||
        has(things_, first))
      return;
    refuse(head.place, fmt::format("{}: there is no stage, so paths begin with what is added, not \"/{}\"{}", path,
                                   first, base::did_you_mean(first, things_)));
  }

  const Job& job_;
  std::vector<std::string_view> things_, labels_;
};

void check_heads(const Job& job) {
  const Heads heads(job);
  for (const vary::Place& place : job.places) {
    const std::string path = "scene.place." + place.name;
    heads.check(place.of, path + ".of");
    heads.check(place.surface, path + ".surface");
    if (place.clear_of) heads.check(*place.clear_of, path + ".clear_of");
  }
  for (const vary::Label& label : job.labels) heads.check(label.of, "labels." + label.name + ".of", true);
  for (const vary::Vary& vary : job.varies) heads.check(vary.of, "vary." + vary.name + ".of");
  for (const vary::Sensor& sensor : job.sensors) {
    if (sensor.look_at) heads.check(*sensor.look_at, "sensors." + sensor.name + ".pose.look_at");
  }
  for (const vary::Require& demand : job.requires_) heads.check(demand.of, "require." + demand.name);
  for (const vary::EventRule& rule : job.events) {
    for (const Selector& group : rule.groups) heads.check(group, fmt::format("events.{}.{}", rule.name, rule.detector));
  }
  if (!job.simulate) return;
  for (const vary::Action& action : job.simulate->actions) heads.check(action.of, path_of(action) + ".of");
}

// ---- scene

void check_scene(const Recipe& recipe) {
  const Job& job = recipe.job;
  if (job.stage.empty() && job.adds.empty()) {
    refuse(written(recipe, {"scene"}).place, "scene is empty: it needs a stage: or something in add:");
  }
  const auto check_rotations = [](const auto& thing, const std::string& path) {
    const int count = thing.yaw.exists() + thing.rpy.exists() + thing.quat_wxyz.exists();
    if (count > 1) refuse(thing.place, fmt::format("{} has {} rotations; say one of yaw, rpy, quat_wxyz", path, count));
  };
  for (const vary::Add& add : job.adds) check_rotations(add, "scene.add." + add.name);
  for (const vary::Sensor& sensor : job.sensors) check_rotations(sensor, "sensors." + sensor.name + ".pose");
}

// ---- labels

void check_part(const Job& job, const vary::Label& label) {
  if (label.part_of.empty()) return;
  const std::vector<std::string_view> names = names_of(job.labels);
  const auto whole = std::find_if(job.labels.begin(), job.labels.end(),
                                  [&](const vary::Label& other) { return other.name == label.part_of; });
  const std::string path = fmt::format("labels.{}.part_of", label.name);
  if (whole == job.labels.end()) {
    std::string advice = base::did_you_mean(label.part_of, names);
    if (advice.empty()) advice = known(names);
    refuse(label.place, fmt::format("{}: no label is named \"{}\"{}", path, label.part_of, advice));
  }
  if (whole->name == label.name) refuse(label.place, fmt::format("{}: it cannot be a part of itself", path));
  if (!whole->part_of.empty()) {
    refuse(label.place,
           fmt::format("{}: \"{}\" is a part itself; name the whole, \"{}\"", path, whole->name, whole->part_of));
  }
  if (whole->ignore || label.ignore) {
    refuse(label.place, fmt::format("{}: what is ignored has no parts and is none", path));
  }
}

void give_ids(Recipe& recipe) {
  std::vector<vary::Label>& labels = recipe.job.labels;
  std::map<std::uint16_t, std::string> taken;
  for (const vary::Label& label : labels) {
    if (label.id == 0) continue;
    if (label.ignore)
      refuse(label.place, fmt::format("labels.{}: what is ignored has no id; take it away", label.name));
    const auto [first, is_new] = taken.emplace(label.id, label.name);
    if (!is_new) {
      refuse(label.place, fmt::format("labels.{}: id {} is labels.{}'s already", label.name, label.id, first->second));
    }
  }
  std::vector<vary::Label*> without;
  for (vary::Label& label : labels) {
    if (label.id == 0 && !label.ignore) without.push_back(&label);
  }
  std::sort(without.begin(), without.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  std::uint16_t free = 1;
  for (vary::Label* label : without) {
    while (taken.count(free)) ++free;
    if (free > 65534) refuse(label->place, "there are more than 65534 labels");
    label->id = free++;
    Value& entry = *find(*find(recipe.resolved, "labels"), label->name);
    put(entry, "id", Value{std::int64_t{label->id}, {"default"}});
  }
}

void check_labels(Recipe& recipe) {
  for (const vary::Label& label : recipe.job.labels) check_part(recipe.job, label);
  give_ids(recipe);
}

// ---- vary

bool writes_over(const vary::Vary& later, const std::string& earlier) {
  return std::find(later.over.begin(), later.over.end(), earlier) != later.over.end();
}

bool is_rotation(std::string_view target) {
  return target == "pose.yaw" || target == "pose.rpy" || target == "pose.quat_wxyz";
}

bool one_field(std::string_view a, std::string_view b) {
  return a == b || (is_rotation(a) && is_rotation(b));
}

void check_over(const Job& job, std::size_t index) {
  const vary::Vary& vary = job.varies[index];
  std::vector<std::string_view> earlier;
  for (std::size_t i = 0; i < index; ++i) earlier.push_back(job.varies[i].name);
  for (const std::string& over : vary.over) {
    if (has(earlier, over)) continue;
    const bool is_later = has(names_of(job.varies), over);
    std::string advice = base::did_you_mean(over, earlier);
    if (advice.empty()) advice = known(earlier);
    if (is_later) advice = "; it stands later, so it must say over: itself";
    refuse(vary.place, fmt::format("vary.{}.over: no earlier entry is named \"{}\"{}", vary.name, over, advice));
  }
}

void check_vary(const Job& job) {
  for (std::size_t i = 0; i < job.varies.size(); ++i) {
    const vary::Vary& vary = job.varies[i];
    if (vary.changes.empty()) {
      refuse(vary.place,
             fmt::format("vary.{} changes nothing; say what in pose:, visible:, material:, light:, body:, joint: or "
                         "drive:",
                         vary.name));
    }
    check_over(job, i);
    for (std::size_t a = 0; a < vary.changes.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if (!one_field(vary.changes[a].target, vary.changes[b].target)) continue;
        refuse(vary.place, fmt::format("vary.{} has both {} and {}; say one rotation", vary.name,
                                       vary.changes[b].target, vary.changes[a].target));
      }
    }
    for (std::size_t e = 0; e < i; ++e) {
      const vary::Vary& earlier = job.varies[e];
      if (writes_over(vary, earlier.name) || earlier.of.to_string() != vary.of.to_string()) continue;
      for (const vary::Change& change : vary.changes) {
        for (const vary::Change& before : earlier.changes) {
          if (!one_field(change.target, before.target)) continue;
          refuse(vary.place,
                 fmt::format("vary.{} and vary.{} both write {} of {}; if this one shall win, write over: {}",
                             earlier.name, vary.name, change.target, vary.of.to_string(), earlier.name));
        }
      }
    }
  }
}

// ---- takes

/// An entry of actors, faults or events says exactly one row.
void check_rows(const Value& entries, const std::string& path) {
  for (const Entry& entry : *entries.map()) {
    std::vector<std::string_view> rows;
    for (const Entry& inside : *entry.value.map()) {
      if (inside.value.map()) rows.push_back(inside.key);
    }
    if (rows.size() == 1) continue;
    refuse(entry.place, rows.empty() ? fmt::format("{}.{} does not say what; write {{WHAT: {{of: ...}}}}, and see "
                                                   "`worldmill list {}`",
                                                   path, entry.key, path == "events" ? "detectors" : "actors")
                                     : fmt::format("{}.{} says {}; give each an entry of its own", path, entry.key,
                                                   fmt::join(rows, " and ")));
  }
}

void check_actions(const Recipe& recipe) {
  const Value& simulate = written(recipe, {"simulate"});
  for (const char* group : {"actors", "faults"}) {
    if (const Value* entries = simulate.find(group)) check_rows(*entries, fmt::format("simulate.{}", group));
  }
  for (const vary::Action& action : recipe.job.simulate->actions) {
    const bool at = std::ranges::any_of(action.numbers, [](const auto& number) { return number.first == "at"; });
    if (at && action.hazard.exists()) {
      refuse(action.place, fmt::format("{} has `at` and `hazard`; say one", path_of(action)));
    }
  }
}

void check_terms(const vary::EventRule& rule) {
  if (!rule.when) return;
  const std::vector<std::string_view> terms(sim::expression_terms().begin(), sim::expression_terms().end());
  for (const std::string& name : rule.when->names()) {
    if (has(terms, name)) continue;
    refuse(rule.place, fmt::format("events.{}: a thing has no ${}{}; known are ${}", rule.name, name,
                                   base::did_you_mean(name, terms), fmt::join(terms, ", $")));
  }
}

void check_capture(const Job& job, const vary::Capture& capture) {
  const std::string path = "capture." + capture.name;
  const std::vector<std::string_view> events = names_of(job.events);
  const auto check_event = [&](const std::string& name, std::string_view key) {
    if (has(events, name)) return;
    std::string advice = base::did_you_mean(name, events);
    if (advice.empty()) advice = known(events);
    refuse(capture.place, fmt::format("{}.{}: no event is named \"{}\"{}", path, key, name, advice));
  };
  if (!capture.event.empty()) check_event(capture.event, "event");
  for (const std::string& name : capture.away_from) check_event(name, "away_from");
  const int ways = !capture.event.empty() + capture.at.exists() + (capture.count > 0);
  if (ways > 1) refuse(capture.place, fmt::format("{} says more than one of event, at and count; say one", path));
  if (ways == 0 && !capture.rate) {
    refuse(capture.place, fmt::format("{} must say when: event:, at:, count:, or a rate: for the whole take", path));
  }
  if (!capture.rate && capture.before + capture.after + capture.length > 0) {
    refuse(capture.place, fmt::format("{} has windows and no rate; say rate: 30 Hz", path));
  }
  if (capture.count == 0 && (capture.length > 0 || !capture.away_from.empty())) {
    refuse(capture.place, fmt::format("{}: length: and away_from: are of windows at drawn times; say count:", path));
  }
  if (capture.count > 0 && capture.before + capture.after > 0) {
    refuse(capture.place, fmt::format("{}: a drawn window has a length:, not before: and after:", path));
  }
  const auto* at = std::get_if<double>(&capture.at.value.data);
  if (at && *at > job.simulate->run) {
    refuse(capture.at.value.place, fmt::format("{}.at is past the end of the take", path));
  }
  if (capture.length > job.simulate->run) {
    refuse(capture.place, fmt::format("{}.length is longer than the take", path));
  }
}

void check_takes(const Recipe& recipe) {
  const Job& job = recipe.job;
  if (!job.simulate) {
    for (const char* key : {"events", "capture"}) {
      const Value* entries = recipe.resolved.find(key);
      if (entries && entries->map() && !entries->map()->empty()) {
        refuse(entries->place,
               fmt::format("{} needs takes in which something happens; say simulate: {{run: 5 s}}", key));
      }
    }
    return;
  }
  check_actions(recipe);
  if (const Value* events = recipe.resolved.find("events")) check_rows(*events, "events");
  for (const vary::EventRule& rule : job.events) check_terms(rule);
  for (const vary::Capture& capture : job.captures) check_capture(job, capture);
}

/// Of annotators written by the user: those that every dataset has by default are quiet about stills.
void check_take_labels(const Recipe& recipe) {
  if (recipe.job.simulate) return;
  const auto check = [](const Value& names) {
    for (const Value& item : *names.list()) {
      const std::string* name = item.text();
      if (item.place.line == 0 || (*name != "events" && *name != "actions")) continue;
      refuse(item.place, fmt::format("{} are of takes, in which something happens; say simulate: {{run: 5 s}}", *name));
    }
  };
  const Value& annotate = written(recipe, {"annotate"});
  if (annotate.list()) return check(annotate);
  for (const Entry& entry : *annotate.map()) check(entry.value);
}

// ---- sensors

void check_sensor(const vary::Sensor& s) {
  const std::string path = "sensors." + s.name + ".pose";
  const bool turned = s.yaw.exists() || s.rpy.exists() || s.quat_wxyz.exists();
  const auto no = [&](const Field& field, std::string_view name, std::string_view why) {
    if (field.exists()) refuse(field.value.place, fmt::format("{}.{} {}", path, name, why));
  };
  if (s.name == "all") refuse(s.place, "sensors.all: \"all\" means every sensor in annotate:; choose another name");
  if (!s.look_at) {
    if (!s.position.exists()) {
      refuse(s.place, fmt::format("{} must say look_at: and distance:, or position: and a rotation", path));
    }
    no(s.distance, "distance", "is measured from what is looked at: say look_at:");
    no(s.azimuth, "azimuth", "is seen from what is looked at: say look_at:");
    no(s.elevation, "elevation", "is seen from what is looked at: say look_at:");
    no(s.height, "height", "goes with look_at:; write it into position:");
    no(s.offset, "offset", "goes with look_at:; write it into position:");
    no(s.roll, "roll", "goes with look_at:; write rpy:");
    return;
  }
  if (turned)
    refuse(s.place,
           fmt::format("{} looks at something and is turned too; take the rotation away, or write roll:", path));
  if (s.position.exists()) {
    for (const auto& [field, name] : {std::pair{&s.distance, "distance"},
                                      {&s.azimuth, "azimuth"},
                                      {&s.elevation, "elevation"},
                                      {&s.height, "height"}}) {
      no(*field, name, "and position: both say where it stands; say one");
    }
    return;
  }
  if (!s.distance.exists()) refuse(s.place, fmt::format("{} looks at something: say distance: or position: too", path));
  if (s.elevation.exists() && s.height.exists())
    no(s.height, "height", "and elevation: both say how high it stands; say one");
}

// A camera that looks at something and says nothing of its height stands 30 degrees above it.
void give_elevations(Recipe& recipe) {
  for (vary::Sensor& sensor : recipe.job.sensors) {
    const bool wants = sensor.distance.exists() && !sensor.elevation.exists() && !sensor.height.exists();
    if (!wants) continue;
    constexpr double kElevation = 0.5235987755982988;  // [rad]
    sensor.elevation = {
        Value{kElevation, {"default"}}, fmt::format("sensors.{}.pose.elevation", sensor.name), {}, false};
    Value& pose = *find(*find(*find(recipe.resolved, "sensors"), sensor.name), "pose");
    put(pose, "elevation", Value{"30 deg", {"default"}});
  }
}

// ---- require

void fill_require(Recipe& recipe) {
  Job& job = recipe.job;
  job.redraw = recipe.takes == 1 ? Per::scene : Per::take;
  const Value* attempts = nullptr;
  const Value* redraw = nullptr;
  for (vary::Require& demand : job.requires_) {
    const Value& entry = written(recipe, {"require", demand.name});
    const std::string path = "require." + demand.name;
    const bool any = entry.find("any") != nullptr, all = entry.find("all") != nullptr;
    if (any == all)
      refuse(demand.place, fmt::format("{} must say whom it is about: {}any: or all:", path, any ? "either " : ""));
    if (!entry.find("pixels") && !entry.find("visible")) {
      refuse(demand.place, fmt::format("{} demands nothing; say pixels: {{min: ...}} or visible: {{min: ...}}", path));
    }
    if (demand.min_pixels > demand.max_pixels || demand.min_visible > demand.max_visible) {
      refuse(demand.place, fmt::format("{}: min is greater than max", path));
    }
    for (const auto& [key, first] : {std::pair{"attempts", &attempts}, {"redraw", &redraw}}) {
      const Value* said = entry.find(key);
      if (said && *first && !same(*said, **first)) {
        refuse(said->place, fmt::format("{}.{} is {} but another demand says {}; a slot has one", path, key,
                                        spell(*said), spell(**first)));
      }
      if (said) *first = said;
    }
  }
  if (attempts) job.attempts = static_cast<int>(std::get<std::int64_t>(attempts->data));
  if (redraw) job.redraw = *redraw->text() == "take" ? Per::take : Per::scene;
}

// ---- split

std::vector<const Field*> all_fields(const Job& job) {
  std::vector<const Field*> fields;
  for (const vary::Let& let : job.lets) fields.push_back(&let.field);
  for (const vary::Add& add : job.adds) {
    for (const Field* field : {&add.asset, &add.count, &add.scale, &add.position}) fields.push_back(field);
  }
  for (const vary::Vary& vary : job.varies) {
    for (const vary::Change& change : vary.changes) fields.push_back(&change.field);
  }
  if (!job.simulate) return fields;
  for (const vary::Action& action : job.simulate->actions) {
    for (const auto& [name, field] : action.numbers) fields.push_back(&field);
  }
  return fields;
}

void check_disjoint(const Recipe& recipe, const std::string& name, const Place& place) {
  std::vector<std::string_view> choices;
  const Field* found = nullptr;
  for (const Field* field : all_fields(recipe.job)) {
    if (field->name == name) found = field;
    if (field->exists() && field->value.find("choice")) choices.push_back(field->name);
  }
  const Value* choice = found && found->exists() ? found->value.find("choice") : nullptr;
  if (choice == nullptr) {
    std::string advice = base::did_you_mean(name, choices);
    if (advice.empty())
      advice =
          choices.empty() ? "; the recipe has no choice" : fmt::format("; choices are {}", fmt::join(choices, ", "));
    refuse(place, fmt::format("split.disjoint: \"{}\" is no field with a choice{}", name, advice));
  }
  const std::size_t count = choice->list() ? choice->list()->size() : choice->map()->size();
  const std::size_t parts = recipe.job.split.parts.size();
  if (count < parts) {
    refuse(place,
           fmt::format("split.disjoint: \"{}\" has {} candidates for {} parts, so a part would be left with none", name,
                       count, parts));
  }
}

void check_split(const Recipe& recipe) {
  const vary::Split& split = recipe.job.split;
  if (split.parts.empty()) return;
  const Value& value = written(recipe, {"split"});
  double sum = 0;
  for (const double part : split.shares) sum += part;
  constexpr double kRounding = 1e-6;  // thirds written with six decimals
  if (std::fabs(sum - 1) > kRounding) {
    refuse(value.find("parts")->place, fmt::format("split.parts sum to {:.6g}, must sum to 1", sum));
  }
  for (const Entry& part : *value.find("parts")->map()) {
    if (part.key == "all")
      refuse(part.place, "split.parts.all: \"all\" is the part of a dataset without a split; choose another name");
  }
  if (!value.find("disjoint")) return;
  for (const Value& name : *value.find("disjoint")->list()) check_disjoint(recipe, *name.text(), name.place);
}

// ---- annotate and write

void check_sensors_named(const Recipe& recipe) {
  const std::vector<std::string_view> sensors = names_of(recipe.job.sensors);
  const auto check = [&](const std::string& name, const Place& place, const std::string& path) {
    if (has(sensors, name)) return;
    std::string advice = base::did_you_mean(name, sensors);
    if (advice.empty()) advice = known(sensors);
    refuse(place, fmt::format("{}: no sensor is named \"{}\"{}", path, name, advice));
  };
  const Value& annotate = written(recipe, {"annotate"});
  if (annotate.map()) {
    for (const Entry& entry : *annotate.map()) {
      if (entry.key != "all") check(entry.key, entry.place, "annotate");
    }
  }
  for (const Write& write : recipe.writes) {
    for (const std::string& name : write.sensors) check(name, write.place, fmt::format("write.{}.sensors", write.name));
  }
}

}  // namespace

void hold_rules(Recipe& recipe) {
  check_scene(recipe);
  check_takes(recipe);
  check_take_labels(recipe);
  check_heads(recipe.job);
  check_labels(recipe);
  check_vary(recipe.job);
  for (const vary::Sensor& sensor : recipe.job.sensors) check_sensor(sensor);
  give_elevations(recipe);
  fill_require(recipe);
  check_split(recipe);
  check_sensors_named(recipe);
}

}  // namespace wm::recipe
