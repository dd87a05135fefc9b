#include "worldmill/sim/event.h"

#include <fmt/format.h>

namespace wm::sim {
namespace {

using base::Value;
using base::value_of;

Value vec_value(math::Vec3 v) {
  return base::list_of({value_of(v.x), value_of(v.y), value_of(v.z)});
}

/// Reads what `to_value` wrote; remembers the first field that is not as it should be.
class Reader {
 public:
  explicit Reader(const Value& value) : value_(value) {}

  std::string text(const char* key) {
    const Value* v = value_.find(key);
    return v && v->text() ? *v->text() : (fail(key), std::string());
  }
  base::SimTime time(const char* key) {
    const Value* v = value_.find(key);
    const auto* n = v ? std::get_if<std::int64_t>(&v->data) : nullptr;
    return n ? base::SimTime{*n} : (fail(key), base::SimTime());
  }
  double number(const Value* v, const char* key) {
    if (v != nullptr) {
      if (const auto* whole = std::get_if<std::int64_t>(&v->data)) return static_cast<double>(*whole);
      if (const auto* real = std::get_if<double>(&v->data)) return *real;
    }
    return fail(key), 0;
  }
  std::optional<math::Vec3> vec(const char* key) {
    const Value* v = value_.find(key);
    if (v == nullptr) return std::nullopt;
    if (!v->list() || v->list()->size() != 3) return fail(key), std::nullopt;
    return math::Vec3{number(&(*v->list())[0], key), number(&(*v->list())[1], key), number(&(*v->list())[2], key)};
  }
  const Value& value() const { return value_; }
  void fail(const char* key) {
    if (bad_.empty()) bad_ = key;
  }
  const std::string& bad() const { return bad_; }

 private:
  const Value& value_;
  std::string bad_;
};

}  // namespace

Value to_value(const Event& event) {
  std::vector<Value> participants;
  for (const std::string& path : event.participants) participants.push_back(value_of(path));
  std::vector<std::pair<std::string, Value>> entries{{"name", value_of(event.name)},
                                                     {"kind", value_of(event.kind)},
                                                     {"begin_ns", value_of(event.begin.nanoseconds)},
                                                     {"end_ns", value_of(event.end.nanoseconds)},
                                                     {"open", value_of(event.open)},
                                                     {"participants", base::list_of(std::move(participants))},
                                                     {"severity", value_of(event.severity)}};
  if (event.point) entries.emplace_back("point", vec_value(*event.point));
  if (event.normal) entries.emplace_back("normal", vec_value(*event.normal));
  std::vector<std::pair<std::string, Value>> values;
  for (const auto& [name, number] : event.values) values.emplace_back(name, value_of(number));
  entries.emplace_back("values", base::map_of(std::move(values)));
  entries.emplace_back("cause", event.cause.empty() ? Value{} : value_of(event.cause));
  return base::map_of(std::move(entries));
}

Result<Event> event_of(const Value& value) {
  Reader reader(value);
  Event event{.name = reader.text("name"), .kind = reader.text("kind")};
  event.begin = reader.time("begin_ns");
  event.end = reader.time("end_ns");
  if (const Value* open = value.find("open"); open && std::holds_alternative<bool>(open->data)) {
    event.open = std::get<bool>(open->data);
  } else {
    reader.fail("open");
  }
  if (const Value* list = value.find("participants"); list && list->list()) {
    for (const Value& path : *list->list()) {
      if (!path.text()) reader.fail("participants");
      event.participants.push_back(path.text() ? *path.text() : "");
    }
  } else {
    reader.fail("participants");
  }
  event.severity = reader.number(value.find("severity"), "severity");
  event.point = reader.vec("point");
  event.normal = reader.vec("normal");
  if (const Value* values = value.find("values"); values && values->map()) {
    for (const base::Entry& entry : *values->map()) {
      event.values.emplace_back(entry.key, reader.number(&entry.value, "values"));
    }
  } else {
    reader.fail("values");
  }
  if (const Value* cause = value.find("cause"); cause && cause->text()) event.cause = *cause->text();
  if (!reader.bad().empty()) return base::error(fmt::format("an event has no proper \"{}\"", reader.bad()));
  return event;
}

}  // namespace wm::sim
