// Values of attributes: the strongest opinion, at a time. SPEC 12.3.
#include <algorithm>
#include <set>

#include "worldmill/usd/clips.h"
#include "worldmill/usd/interpolate.h"
#include "worldmill/usd/spline.h"
#include "worldmill/usd/stage.h"

namespace wm::usd {

Property::Property(const Prim& prim, Token name)
    : prim_(prim), name_(name), specs_(property_stack(prim.index(), name)), clips_(prim.stage_->clips(prim)) {}

Token Property::type_name() const {
  for (const PropertySite& site : specs_) {
    if (const Token type = site.entry->layer->field(site.path, known("typeName")).token()) return type;
  }
  return {};
}

// The weakest that says it: what a schema or a class declares is not for others to change.
bool Property::is_uniform() const {
  for (auto site = specs_.rbegin(); site != specs_.rend(); ++site) {
    const Value value = site->entry->layer->field(site->path, known("variability"));
    if (value.is(Type::variability)) return value.bits() == 1;
    return site->type == SpecType::relationship;
  }
  return false;
}

bool Property::is_custom() const {
  return std::any_of(specs_.begin(), specs_.end(),
                     [](const PropertySite& s) { return s.entry->layer->field(s.path, known("custom")).truth(); });
}

LayerOffset Property::offset_of(const PropertySite& site) const {
  return prim_.index().nodes[site.node].to_root->offset() * site.entry->offset;
}

// Whether the spec decides: samples, then a spline, then a default.
bool Property::look(const PropertySite& site, bool default_only, Source& found) const {
  const Layer& layer = *site.entry->layer;
  const Layer::Spec* spec = layer.find(site.path);
  const Value *samples = nullptr, *spline = nullptr, *otherwise = nullptr;
  for (const Field& field : layer.fields(*spec)) {
    if (field.name == known("timeSamples")) samples = &field.value;
    if (field.name == known("spline")) spline = &field.value;
    if (field.name == known("default")) otherwise = &field.value;
  }
  const auto take = [&](ValueOrigin origin, Value value) {
    found = {origin, &site, offset_of(site), std::move(value), nullptr, false};
    return true;
  };
  if (samples && !default_only) {
    Value value = layer.decoded(*samples);
    if (value.is(Type::time_samples) && value.content<TimeSamples>().size() > 0) {
      return take(ValueOrigin::samples, std::move(value));
    }
  }
  if (spline && !default_only) {
    Value value = layer.decoded(*spline);
    if (value.is(Type::spline) && !value.content<Spline>().knots.empty())
      return take(ValueOrigin::spline, std::move(value));
  }
  if (!otherwise) return false;
  Value value = layer.decoded(*otherwise);
  if (!value || value.is(Type::animation_block)) return false;
  const bool blocked = value.is_block();
  take(blocked ? ValueOrigin::none : ValueOrigin::default_, std::move(value));
  found.blocked = blocked;
  return true;
}

Property::Source Property::source(bool default_only) const {
  Source found;
  if (specs_.empty() || !is_attribute()) return found;
  if (!clips_ || default_only) {
    for (const PropertySite& site : specs_) {
      if (look(site, default_only, found)) return found;
    }
    return found;
  }
  const PrimIndex& index = prim_.index();
  const Path path = index.path().property(name_);
  std::size_t next = 0;
  std::vector<const ClipSet*> sets;
  for (const ClipSet& set : *clips_) {
    if (set.has(path)) sets.push_back(&set);
  }
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    for (const LayerStack::Entry& entry : n.stack->layers) {
      if (next < specs_.size() && specs_[next].node == i && specs_[next].entry == &entry) {
        if (look(specs_[next++], default_only, found)) return found;
      }
      for (const ClipSet* set : sets) {
        if (set->stack != n.stack || set->layer != entry.layer.get()) continue;
        found = {ValueOrigin::clips, nullptr, set->offset, {}, set, false};
        return found;
      }
    }
  }
  return found;
}

Value Property::value(Time time, ValueOrigin* origin) const {
  const Source from = source(time.is_default());
  const auto give = [&](Value value, ValueOrigin where) {
    if (value.is_block()) value = {};
    if (origin) *origin = value ? where : ValueOrigin::none;
    return retimed(value, from.offset);
  };
  const bool held = prim_.stage_->options().held;
  switch (from.origin) {
    case ValueOrigin::samples:
      return give(
          sampled(*from.site->entry->layer, from.value.content<TimeSamples>(), from.offset.inverse(time.code()), held),
          from.origin);
    case ValueOrigin::spline: {
      const auto& curve = from.value.content<Spline>();
      const auto number = evaluate(curve, from.offset.inverse(time.code()));
      if (!number) return give({}, from.origin);
      if (curve.time_valued) return give(Value::of(Type::timecode, *number), from.origin);
      if (curve.value_type == Type::float_)
        return give(Value::of(Type::float_, static_cast<float>(*number)), from.origin);
      if (curve.value_type == Type::half)
        return give(Value::of(Type::half, to_half(static_cast<float>(*number))), from.origin);
      return give(Value::of(*number), from.origin);
    }
    case ValueOrigin::clips: {
      const Path path = prim_.index().path().property(name_);
      return give(from.clips->value(path, from.offset.inverse(time.code()), held), from.origin);
    }
    case ValueOrigin::default_:
      return give(from.value, from.origin);
    default:
      return give({}, ValueOrigin::none);
  }
}

bool Property::is_blocked() const {
  return source(true).blocked;
}

bool Property::has_authored_value() const {
  const Source from = source(false);
  return from.origin != ValueOrigin::none && !from.blocked;
}

std::optional<std::pair<Value, LayerOffset>> Property::spline() const {
  const Source from = source(false);
  if (from.origin != ValueOrigin::spline) return std::nullopt;
  return std::pair(from.value, from.offset);
}

std::vector<double> Property::sample_times() const {
  const Source from = source(false);
  std::vector<double> times;
  if (from.origin == ValueOrigin::samples) {
    const auto& samples = from.value.content<TimeSamples>();
    for (std::size_t k = 0; k < samples.size(); ++k) times.push_back(from.offset(samples.time(k)));
  } else if (from.origin == ValueOrigin::clips) {
    for (const double t : from.clips->sample_times(prim_.index().path().property(name_)))
      times.push_back(from.offset(t));
  }
  return times;
}

const Layer* Property::value_layer() const {
  const Source from = source(false);
  return from.site ? from.site->entry->layer.get() : nullptr;
}

const LayerStack* Property::value_stack() const {
  const Source from = source(false);
  return from.site ? prim_.index().nodes[from.site->node].stack : nullptr;
}

std::vector<Path> Property::targets() const {
  std::vector<Path> paths = wm::usd::targets(prim_.index(), name_, specs_).paths;
  // What lies within the content of an instance is named as the instance that is asked.
  const Path shared = prim_.index().path();
  if (prim_.path() == shared) return paths;
  Path from = shared, to = prim_.path();
  while (from.name() == to.name() && from.parent() != to.parent() && !from.parent().is_root() &&
         !to.parent().is_root()) {
    from = from.parent();
    to = to.parent();
  }
  for (Path& path : paths) path = path.replace_prefix(from, to);
  return paths;
}

bool Property::has_authored_targets() const {
  return std::any_of(specs_.begin(), specs_.end(), [](const PropertySite& s) {
    const Layer::Spec* spec = s.entry->layer->find(s.path);
    return s.entry->layer->raw(*spec,
                               s.type == SpecType::relationship ? known("targetPaths") : known("connectionPaths"));
  });
}

}  // namespace wm::usd
