#include "worldmill/formats/moment.h"

#include "worldmill/formats/fields.h"

namespace wm::formats {
namespace {

using base::Value;
using sample::ActionRecord;

void append_action(std::string& out, const ActionRecord& action) {
  object_in(out)
      .member("name", std::string_view(action.name))
      .member("kind", std::string_view(action.kind))
      .member("unit", std::string_view(action.unit))
      .member("frame", std::string_view(action.frame))
      .numbers("commanded", action.commanded)
      .numbers("actual", action.actual)
      .close();
}

Result<ActionRecord> read_action(const Value& object, const std::string& place) {
  ActionRecord action;
  WM_TRY(name, text_field(object, "name", place));
  WM_TRY(kind, text_field(object, "kind", place));
  WM_TRY(unit, text_field(object, "unit", place));
  WM_TRY(frame, text_field(object, "frame", place));
  WM_TRY(commanded, list_field(object, "commanded", place));
  WM_TRY(told, numbers_field(object, "commanded", commanded->size(), place));
  WM_TRY(actual, list_field(object, "actual", place));
  WM_TRY(done, numbers_field(object, "actual", actual->size(), place));
  return ActionRecord{name, kind, unit, frame, std::move(told), std::move(done)};
}

}  // namespace

void append_moment(Members& members, std::string& out, const sample::Sample& sample) {
  if (!sample.moment) return;
  members.begin("moment");
  object_in(out)
      .member("time_ns", sample.moment->time.nanoseconds)
      .member("sequence", std::string_view(sample.moment->sequence))
      .member("index", sample.moment->index)
      .close();
  members.begin("events");
  append_lines(out, sample.events, [&](const Value& event) { base::append_json(out, event); });
  members.begin("actions");
  append_lines(out, sample.actions, [&](const ActionRecord& action) { append_action(out, action); });
}

Status read_moment(const Value& object, sample::Sample& sample, const std::string& place) {
  const Value* moment = object.find("moment");
  if (moment == nullptr) return {};
  WM_TRY(time, whole_field(*moment, "time_ns", place));
  WM_TRY(sequence, text_field(*moment, "sequence", place));
  WM_TRY(index, whole_field(*moment, "index", place));
  sample.moment = {{time}, sequence, index};
  WM_TRY(events, list_field(object, "events", place));
  sample.events = *events;
  WM_TRY(actions, list_field(object, "actions", place));
  for (const Value& item : *actions) {
    WM_TRY(action, read_action(item, place));
    sample.actions.push_back(std::move(action));
  }
  return {};
}

}  // namespace wm::formats
