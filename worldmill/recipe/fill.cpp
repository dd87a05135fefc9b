#include "worldmill/recipe/fill.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"

namespace wm::recipe {

using base::Entry;
using base::Expression;
using base::Value;
using scene::Selector;
using vary::Field;
using vary::Per;

namespace {

const Value& at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  WM_CHECK(found != nullptr);
  return *found;
}

double real(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  return std::get<double>(value.data);
}

std::int64_t whole(const Value& value) {
  return std::get<std::int64_t>(value.data);
}

bool truth(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr && std::get<bool>(found->data);
}

std::string text(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found ? *found->text() : "";
}

template <class Words>
int index_in(const Words& words, const std::string& word) {
  return static_cast<int>(std::find(std::begin(words), std::end(words), word) - std::begin(words));
}

Per per(const Value& entry) {
  return static_cast<Per>(index_in(kPers, *at(entry, "per").text()));
}

std::vector<std::string> texts(const Value& value) {
  if (value.text()) return {*value.text()};
  std::vector<std::string> all;
  for (const Value& item : *value.list()) all.push_back(*item.text());
  return all;
}

bool is_texts(const Value& value) {
  const auto is_text = [](const Value& item) { return item.text() != nullptr; };
  return value.text() || (value.list() && std::all_of(value.list()->begin(), value.list()->end(), is_text));
}

const Value::Map& entries(const Value& map, std::string_view key) {
  static const Value::Map kNone;
  const Value* found = map.find(key);
  if (!found) return kNone;
  const Value::Map* inside = found->map();
  WM_CHECK(inside != nullptr);  // the recipe was checked
  return *inside;
}

Field to_field(const Value& drawn, const std::string& name) {
  Field field{at(drawn, "value"), name, {}, truth(drawn, "shared")};
  if (drawn.find("per")) field.per = per(drawn);
  return field;
}

Field field(const Value& map, std::string_view key, const std::string& path) {
  const Value* drawn = map.find(key);
  return drawn ? to_field(*drawn, join(path, key)) : Field{};
}

std::optional<Selector> selector(const Value& map, std::string_view key) {
  const Value* written = map.find(key);
  if (written == nullptr) return std::nullopt;
  return Selector::parse(*written).value();
}

std::optional<Expression> guard(const Value& map) {
  const Value* written = map.find("when");
  if (written == nullptr) return std::nullopt;
  return Expression::parse(*written->text(), written->place).value();
}

template <class Thing>
void fill_pose(const Value& map, const std::string& path, Thing& thing) {
  thing.position = field(map, "position", path);
  thing.yaw = field(map, "yaw", path);
  thing.rpy = field(map, "rpy", path);
  thing.quat_wxyz = field(map, "quat_wxyz", path);
}

scene::BodyOptions to_body(const Value& map) {
  using Collider = scene::BodyOptions::Collider;
  static const std::map<std::string_view, Collider> kColliders{
      {"automatic", Collider::automatic}, {"box", Collider::box},           {"sphere", Collider::sphere},
      {"capsule", Collider::capsule},     {"cylinder", Collider::cylinder}, {"hull", Collider::hull},
      {"pieces", Collider::pieces}};
  scene::BodyOptions body;
  body.kind = text(map, "kind") == "rigid" ? scene::BodyOptions::Kind::rigid : scene::BodyOptions::Kind::fixed;
  body.collider = kColliders.at(text(map, "collider"));
  body.density = real(at(map, "density"));
  return body;
}

vary::Add to_add(const Entry& entry) {
  const std::string path = "scene.add." + entry.key;
  vary::Add add;
  add.name = entry.key;
  add.place = entry.place;
  add.asset = field(entry.value, "asset", path);
  add.count = field(entry.value, "count", path);
  add.scale = field(entry.value, "scale", path);
  fill_pose(entry.value, path, add);
  if (const Value* body = entry.value.find("body")) add.body = to_body(*body);
  add.when = guard(entry.value);
  return add;
}

vary::Place to_place(const Entry& entry) {
  const Value& map = entry.value;
  vary::Place place;
  place.name = entry.key;
  place.place = entry.place;
  place.of = *selector(map, "of");
  place.surface = *selector(map, "surface");
  place.clear_of = selector(map, "clear_of");
  place.yaw = field(map, "yaw", "scene.place." + entry.key);
  if (text(map, "spread") == "poisson_disk") place.spread = vary::Place::Spread::poisson_disk;
  place.gap = real(at(map, "gap"));
  place.edge = real(at(map, "edge"));
  place.slope = real(at(map, "slope"));
  place.tries = static_cast<int>(whole(at(map, "tries")));
  place.per = per(map);
  place.when = guard(map);
  return place;
}

vary::Label to_label(const Entry& entry) {
  vary::Label label;
  label.name = entry.key;
  label.place = entry.place;
  label.of = *selector(entry.value, "of");
  if (const Value* id = entry.value.find("id")) label.id = static_cast<std::uint16_t>(whole(*id));
  label.part_of = text(entry.value, "part_of");
  label.ignore = truth(entry.value, "ignore");
  label.optional = truth(entry.value, "optional");
  return label;
}

void add_changes(const Value& map, const std::string& group, const std::string& path, vary::Vary& into) {
  for (const Entry& entry : *map.map()) {
    vary::Change change;
    change.target = join(group, entry.key);
    change.act = static_cast<vary::Act>(index_in(kActs, *at(entry.value, "act").text()));
    change.field = to_field(entry.value, join(path, change.target));
    into.changes.push_back(std::move(change));
  }
}

vary::Vary to_vary(const Entry& entry) {
  const Value& map = entry.value;
  const std::string path = "vary." + entry.key;
  vary::Vary vary;
  vary.name = entry.key;
  vary.place = entry.place;
  vary.of = *selector(map, "of");
  for (const char* group : {"pose", "material", "light", "body", "joint", "drive"}) {
    if (const Value* changes = map.find(group)) add_changes(*changes, group, path, vary);
  }
  if (const Value* visible = map.find("visible")) {
    Value one{Value::Map(), visible->place};
    put(one, "visible", *visible);
    add_changes(one, "", path, vary);
  }
  vary.shared = truth(map, "shared");
  vary.optional = truth(map, "optional");
  if (const Value* over = map.find("over")) vary.over = texts(*over);
  vary.per = per(map);
  vary.when = guard(map);
  return vary;
}

base::Rate to_rate(double hertz) {
  for (const std::int64_t denominator : {1, 1001, 1000}) {  // 30 Hz, 30000/1001 Hz, 12.5 Hz
    const double numerator = std::nearbyint(hertz * static_cast<double>(denominator));
    const double off = numerator - hertz * static_cast<double>(denominator);
    if (numerator >= 1 && std::fabs(off) < 1e-6 * numerator) return {static_cast<std::int64_t>(numerator), denominator};
  }
  return {std::max<std::int64_t>(1, std::llround(hertz * 1e6)), 1'000'000};
}

/// The row that an entry of actors, faults or events names: its key and what stands there; the first.
const Entry* row_of(const Entry& entry) {
  for (const Entry& inside : *entry.value.map()) {
    if (inside.value.map()) return &inside;
  }
  return nullptr;
}

vary::Action to_action(const Entry& entry, bool fault) {
  vary::Action action;
  action.name = entry.key;
  action.place = entry.place;
  action.fault = fault;
  action.shared = truth(entry.value, "shared");
  action.optional = truth(entry.value, "optional");
  action.when = guard(entry.value);
  const Entry* row = row_of(entry);
  if (row == nullptr) return action;  // rules.cpp will complain
  const std::string path = fmt::format("simulate.{}.{}.{}", fault ? "faults" : "actors", entry.key, row->key);
  action.kind = row->key;
  action.of = *selector(row->value, "of");
  for (const Entry& number : *row->value.map()) {
    if (number.key == "of") continue;
    if (number.key == "hazard") {
      action.hazard = field(row->value, "hazard", path);
    } else if (number.key == "points") {
      for (std::size_t i = 0; i < number.value.list()->size(); ++i) {
        action.points.push_back(to_field((*number.value.list())[i], fmt::format("{}.points.{}", path, i)));
      }
    } else {
      action.numbers.emplace_back(number.key, field(row->value, number.key, path));
    }
  }
  return action;
}

vary::Simulate to_simulate(const Value& map) {
  vary::Simulate simulate;
  simulate.place = map.place;
  simulate.settle = real(at(map, "settle"));
  simulate.run = real(at(map, "run"));
  if (const Value* step = map.find("step")) simulate.step = real(*step);
  simulate.gravity = field(map, "gravity", "simulate");
  simulate.redraw = text(map, "trouble") == "redraw";
  simulate.keys = to_rate(real(at(map, "keys")));
  for (const Entry& entry : entries(map, "actors")) simulate.actions.push_back(to_action(entry, false));
  for (const Entry& entry : entries(map, "faults")) simulate.actions.push_back(to_action(entry, true));
  return simulate;
}

void add_number(const Entry& entry, std::vector<std::pair<std::string, double>>& numbers) {
  if (const Value* least = entry.value.find("min")) {
    numbers.emplace_back(entry.key, real(*least));
  } else if (const Value::List* three = entry.value.list()) {
    for (std::size_t i = 0; i < 3; ++i) numbers.emplace_back(entry.key + "_" + "xyz"[i], real((*three)[i]));
  } else {
    numbers.emplace_back(entry.key, real(entry.value));
  }
}

vary::EventRule to_event(const Entry& entry) {
  vary::EventRule rule;
  rule.name = entry.key;
  rule.place = entry.place;
  rule.optional = truth(entry.value, "optional");
  const Entry* row = row_of(entry);
  if (row == nullptr) return rule;
  rule.detector = row->key;
  for (const Entry& number : *row->value.map()) {
    if (number.key == "between") {
      for (const Value& side : *number.value.list()) rule.groups.push_back(Selector::parse(side).value());
    } else if (number.key == "of" || number.key == "by") {
      rule.groups.push_back(Selector::parse(number.value).value());
    } else if (number.key == "when") {
      rule.when = need(Expression::parse(*number.value.text(), number.value.place));
    } else {
      add_number(number, rule.numbers);
    }
  }
  return rule;
}

vary::Capture to_capture(const Entry& entry) {
  const Value& map = entry.value;
  vary::Capture capture;
  capture.name = entry.key;
  capture.place = entry.place;
  capture.event = text(map, "event");
  constexpr std::string_view kEdges[] = {"begin", "end", "both"};
  capture.edge = static_cast<vary::Capture::Edge>(index_in(kEdges, text(map, "edge")));
  capture.at = field(map, "at", "capture." + entry.key);
  if (const Value* count = map.find("count")) capture.count = whole(*count);
  capture.before = real(at(map, "before"));
  capture.after = real(at(map, "after"));
  capture.length = real(at(map, "length"));
  if (const Value* rate = map.find("rate")) capture.rate = to_rate(real(*rate));
  if (const Value* max = map.find("max")) capture.max = whole(*max);
  capture.merge = truth(map, "merge");
  capture.keep_clipped = text(map, "clip") == "keep";
  if (const Value* away = map.find("away_from")) capture.away_from = texts(*away);
  capture.margin = real(at(map, "margin"));
  return capture;
}

// A constant belongs to the camera, a draw stays a field.
void camera_number(const Value& camera, std::string_view key, const std::string& path, double& constant, Field& drawn) {
  Field field_of_it = field(camera, key, path);
  const bool is_constant = !field_of_it.value.map() && !field_of_it.value.text();
  is_constant ? void(constant = real(field_of_it.value)) : void(drawn = std::move(field_of_it));
}

std::pair<int, int> to_size(const Value& value) {
  const Value::List& size = *value.list();
  return {static_cast<int>(whole(size[0])), static_cast<int>(whole(size[1]))};
}

vary::Sensor to_sensor(const Entry& entry) {
  const std::string path = "sensors." + entry.key;
  const Value &camera = at(entry.value, "camera"), &pose = at(entry.value, "pose");
  vary::Sensor sensor;
  sensor.name = entry.key;
  sensor.place = entry.place;
  std::tie(sensor.camera.width, sensor.camera.height) = to_size(at(camera, "resolution"));
  camera_number(camera, "fov", path + ".camera", sensor.camera.fov, sensor.fov);
  camera_number(camera, "exposure", path + ".camera", sensor.camera.exposure, sensor.exposure);
  const std::string pose_path = path + ".pose";
  sensor.look_at = selector(pose, "look_at");
  sensor.distance = field(pose, "distance", pose_path);
  sensor.azimuth = field(pose, "azimuth", pose_path);
  sensor.elevation = field(pose, "elevation", pose_path);
  sensor.height = field(pose, "height", pose_path);
  sensor.offset = field(pose, "offset", pose_path);
  sensor.roll = field(pose, "roll", pose_path);
  fill_pose(pose, pose_path, sensor);
  sensor.per = per(entry.value);
  return sensor;
}

vary::Require to_require(const Entry& entry) {
  const Value& map = entry.value;
  vary::Require demand;
  demand.name = entry.key;
  demand.place = entry.place;
  demand.all = map.find("all") != nullptr;
  if (const auto of = selector(map, demand.all ? "all" : "any")) demand.of = *of;
  if (const Value* pixels = map.find("pixels")) {
    demand.min_pixels = real(at(*pixels, "min"));
    if (const Value* most = pixels->find("max")) demand.max_pixels = real(*most);
  }
  if (const Value* visible = map.find("visible")) {
    demand.min_visible = real(at(*visible, "min"));
    demand.max_visible = real(at(*visible, "max"));
  }
  return demand;
}

void fill_split(const Value& si, vary::Split& split) {
  const Value* written = si.find("split");
  if (written == nullptr) return;
  for (const Entry& part : entries(*written, "parts")) {
    split.parts.push_back(part.key);
    split.shares.push_back(real(part.value));
  }
  if (const Value* disjoint = written->find("disjoint")) split.disjoint = texts(*disjoint);
}

void fill_job(const Value& si, const Checker& checker, vary::Job& job) {
  job.name = text(si, "name");
  job.params = checker.params();
  for (const Checker::Let& let : checker.lets()) {
    job.lets.push_back({let.name, to_field(let.value, "let." + let.name), let.per});
  }
  const Value& scene = at(si, "scene");
  job.stage = text(scene, "stage");
  if (const Value* stage = scene.find("stage")) job.stage_place = stage->place;
  for (const Entry& entry : entries(scene, "add")) job.adds.push_back(to_add(entry));
  for (const Entry& entry : entries(scene, "place")) job.places.push_back(to_place(entry));
  for (const Entry& entry : entries(si, "vary")) job.varies.push_back(to_vary(entry));
  for (const Entry& entry : entries(si, "labels")) job.labels.push_back(to_label(entry));
  if (const Value* simulate = si.find("simulate")) job.simulate = to_simulate(*simulate);
  for (const Entry& entry : entries(si, "events")) job.events.push_back(to_event(entry));
  for (const Entry& entry : entries(si, "capture")) job.captures.push_back(to_capture(entry));
  for (const Entry& entry : entries(si, "sensors")) job.sensors.push_back(to_sensor(entry));
  for (const Entry& entry : entries(si, "require")) {
    if (entry.key == "resolution") {
      job.require_size = to_size(entry.value);
    } else {
      job.requires_.push_back(to_require(entry));
    }
  }
  fill_split(si, job.split);
}

Annotate to_annotate(const Value& value) {
  Annotate annotate;
  if (value.list()) {
    annotate.names = texts(value);
    return annotate;
  }
  for (const Entry& entry : *value.map()) {
    (entry.key == "all" ? annotate.names : annotate.per_sensor[entry.key]) = texts(entry.value);
  }
  return annotate;
}

Write to_write(const Entry& entry, const std::string& format, const Value& options) {
  Write write{entry.key, format, options, {}, entry.place};
  const Value* sensors = write.options.find("sensors");
  if (sensors == nullptr) return write;
  write.sensors = texts(*sensors);
  erase(write.options, "sensors");
  return write;
}

}  // namespace

void fill(const Value& si, const Checker& checker, Recipe& recipe) {
  const Value& order = at(si, "order");
  recipe.scenes = whole(at(order, "scenes"));
  recipe.takes = whole(at(order, "takes"));
  recipe.job.seed = static_cast<std::uint64_t>(whole(at(order, "seed")));
  const Value& render = at(si, "render");
  if (const Value* noise = render.find("noise")) recipe.quality.noise = real(*noise);
  recipe.quality.max_samples = static_cast<int>(whole(at(render, "max_samples")));
  recipe.quality.max_depth = static_cast<int>(whole(at(render, "max_depth")));
  fill_job(si, checker, recipe.job);
  recipe.annotate = to_annotate(at(si, "annotate"));
  for (const Entry& entry : entries(si, "write")) {
    recipe.writes.push_back(to_write(entry, *at(entry.value, "format").text(), at(entry.value, "options")));
  }
  recipe.store = text(si, "store") != "none";
  recipe.license = text(si, "license");
}

// No option of a format is a map, so one map alone is {format: options}.
Result<std::vector<Write>> writes_of(const Value& resolved) {
  std::vector<Write> writes;
  const Value* written = resolved.find("write");
  if (written == nullptr || !written->map()) return base::error("the recipe has no map \"write\"", resolved.place);
  for (const Entry& entry : *written->map()) {
    const Value::Map* map = entry.value.map();
    if (map == nullptr) return base::error(fmt::format("write.{} is no map", entry.key), entry.place);
    const bool holds_format = map->size() == 1 && map->front().value.map();
    const Value& options = holds_format ? map->front().value : entry.value;
    if (const Value* sensors = options.find("sensors"); sensors && !is_texts(*sensors)) {
      return base::error(fmt::format("write.{}.sensors is {}, must be a list of names", entry.key, quote(*sensors)),
                         sensors->place);
    }
    writes.push_back(to_write(entry, holds_format ? map->front().key : entry.key, options));
  }
  return writes;
}

}  // namespace wm::recipe
