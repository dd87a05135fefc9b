#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "worldmill/usd/interpolate.h"
#include "worldmill/usd/stage.h"

namespace wm::usd {
namespace {

bool leaves_out(Token field) {
  static constexpr Token kArcs[] = {
      known("references"),      known("payload"),          known("inheritPaths"),       known("specializes"),
      known("variantSetNames"), known("variantSelection"), known("variantSetChildren"), known("relocates"),
      known("layerRelocates"),  known("subLayers"),        known("subLayerOffsets"),    known("clips"),
      known("clipSets"),        known("primOrder"),        known("propertyOrder"),      known("expressionVariables")};
  return std::find(std::begin(kArcs), std::end(kArcs), field) != std::end(kArcs);
}

class Flattener {
 public:
  explicit Flattener(const Stage& stage)
      : stage_(stage), layer_(std::make_shared<Layer>(stage.root().identifier + " flattened")) {}

  std::shared_ptr<Layer> run() {
    std::vector<Field> fields;
    const Prim root = stage_.pseudo_root();
    for (const Token name : root.metadata_names()) {
      if (!leaves_out(name)) fields.push_back({name, root.metadata(name)});
    }
    // Instances get their contents' names before the prims that have them are written.
    std::vector<Token> names;
    for (const Prim& prim : root.children()) names.push_back(prim.name());
    number(root);
    std::vector<Token> all;
    for (std::size_t k = 1; k <= contents_.size(); ++k) all.push_back(Token(fmt::format("Flattened_Prototype_{}", k)));
    all.insert(all.end(), names.begin(), names.end());
    if (!all.empty()) fields.push_back({known("primChildren"), Value::tokens(all)});
    layer_->put(Path::root(), SpecType::pseudo_root, std::move(fields));
    for (std::size_t k = 0; k < contents_.size(); ++k) content(contents_[k], Path::root().child(all[k]));
    for (const Prim& prim : root.children()) write(prim, Path::root().child(prim.name()));
    return layer_;
  }

 private:
  void number(const Prim& prim) {
    std::vector<Prim> waiting = {prim};
    while (!waiting.empty()) {
      const Prim at = waiting.back();
      waiting.pop_back();
      const bool first = at.is_instance() && prototypes_.try_emplace(at.shared_with(), contents_.size()).second;
      if (first) contents_.push_back(stage_.find(at.shared_with()));
      std::vector<Prim> below = at.children(first);
      std::reverse(below.begin(), below.end());
      waiting.insert(waiting.end(), below.begin(), below.end());
    }
  }

  // The children of an instance under the prim that stands for their content.
  void content(const Prim& instance, Path to) {
    std::vector<Token> names;
    const std::vector<Prim> children = instance.children(true);
    for (const Prim& child : children) names.push_back(child.name());
    std::vector<Field> fields = {{known("specifier"), Value::small(Type::specifier, 1)}};
    if (!names.empty()) fields.push_back({known("primChildren"), Value::tokens(names)});
    layer_->put(to, SpecType::prim, std::move(fields));
    const Path from = instance.path();
    for (const Prim& child : children) write(child, to.child(child.name()), from, to);
  }

  void write(const Prim& prim, Path to, Path moved_from = {}, Path moved_to = {}) {
    std::vector<Field> fields = {
        {known("specifier"), Value::small(Type::specifier, static_cast<std::uint64_t>(prim.specifier()))}};
    if (prim.type_name()) fields.push_back({known("typeName"), Value::of(prim.type_name())});
    for (const Token name : prim.metadata_names()) {
      if (!leaves_out(name)) fields.push_back({name, prim.metadata(name)});
    }
    if (prim.is_instance()) {
      Reference reference;
      reference.prim =
          Path::root().child(Token(fmt::format("Flattened_Prototype_{}", prototypes_.at(prim.shared_with()) + 1)));
      fields.push_back({known("references"), Value::boxed(Type::reference_list_op, ReferenceListOp::of({reference}))});
    }
    const std::vector<Token> properties = prim.property_names();
    if (!properties.empty()) fields.push_back({known("properties"), Value::tokens(properties)});
    const std::vector<Prim> children =
        prim.is_instance() ? std::vector<Prim>() : prim.children(prim.is_instance_proxy());
    std::vector<Token> names;
    for (const Prim& child : children) names.push_back(child.name());
    if (!names.empty()) fields.push_back({known("primChildren"), Value::tokens(names)});
    layer_->put(to, SpecType::prim, std::move(fields));
    for (const Token name : properties) property(prim, name, to.property(name), moved_from, moved_to);
    for (const Prim& child : children) write(child, to.child(child.name()), moved_from, moved_to);
  }

  void property(const Prim& prim, Token name, Path to, Path moved_from, Path moved_to) {
    const Property p(prim, name);
    std::vector<Field> fields;
    for (const Token field : p.metadata_names()) {
      static constexpr Token kOwn[] = {known("default"),         known("timeSamples"), known("spline"),
                                       known("connectionPaths"), known("targetPaths"), known("typeName"),
                                       known("variability"),     known("custom")};
      if (std::find(std::begin(kOwn), std::end(kOwn), field) == std::end(kOwn))
        fields.push_back({field, p.metadata(field)});
    }
    if (p.is_attribute()) fields.push_back({known("typeName"), Value::of(p.type_name())});
    if (p.is_custom()) fields.push_back({known("custom"), Value::of(true)});
    if (p.is_attribute() == p.is_uniform())
      fields.push_back({known("variability"), Value::small(Type::variability, p.is_uniform())});
    if (p.has_authored_targets()) {
      std::vector<Path> targets = p.targets();
      if (moved_from) {
        for (Path& target : targets) target = target.replace_prefix(moved_from, moved_to);
      }
      fields.push_back({p.is_attribute() ? known("connectionPaths") : known("targetPaths"),
                        Value::boxed(Type::path_list_op, PathListOp::of(std::move(targets)))});
    }
    if (p.is_attribute()) values(p, fields);
    layer_->put(to, p.is_attribute() ? SpecType::attribute : SpecType::relationship, std::move(fields));
  }

  void values(const Property& p, std::vector<Field>& fields) {
    if (const Value value = p.value()) {
      fields.push_back({known("default"), value});
    } else if (p.is_blocked()) {
      fields.push_back({known("default"), Value::small(Type::value_block, 0)});
    }
    if (const auto spline = p.spline(); spline && spline->second.is_identity()) {
      fields.push_back({known("spline"), spline->first});
      return;
    }
    const std::vector<double> times = p.sample_times();
    if (times.empty()) return;
    TimeSamples samples;
    samples.times = Value::array_of<double>(Type::double_vector, times);
    for (const double time : times) {
      Value value = p.value(time);
      samples.values.push_back(value ? std::move(value) : Value::small(Type::value_block, 0));
    }
    fields.push_back({known("timeSamples"), Value::boxed(Type::time_samples, std::move(samples))});
  }

  const Stage& stage_;
  std::shared_ptr<Layer> layer_;
  std::map<Path, std::size_t, bool (*)(Path, Path)> prototypes_{path_less};
  std::vector<Prim> contents_;
};

}  // namespace

std::shared_ptr<Layer> flattened(const Stage& stage) {
  return Flattener(stage).run();
}

}  // namespace wm::usd
