#include "worldmill/usd/layer_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "worldmill/usd/variable_expression.h"

namespace wm::usd {
namespace {

constexpr int kMaxSublayerDepth = 200;
constexpr std::size_t kMaxLayers = 10'000;  // of one stack

using Kind = CompositionError::Kind;

// timeCodesPerSecond, or framesPerSecond where that alone is said, or 24.
double rate_of(const Layer& layer, bool& said) {
  const Value codes = layer.field(Path::root(), known("timeCodesPerSecond"));
  const Value frames = layer.field(Path::root(), known("framesPerSecond"));
  said = bool(codes) || bool(frames);
  const double rate = codes ? codes.number(24) : frames ? frames.number(24) : 24;
  return rate > 0 && rate < 1e12 ? rate : 24;
}

}  // namespace

double time_codes_per_second(const Layer& layer) {
  bool said;
  return rate_of(layer, said);
}

struct LayerStacks::Build {
  LayerStack* stack;
  std::vector<const Layer*> above;  // the layers that lead here
};

const LayerStack* LayerStacks::find(const std::string& identifier, const Dictionary& inherited, std::string* why) {
  auto& versions = stacks_[identifier];
  for (const auto& [variables, stack] : versions) {
    if (variables == inherited) return stack.get();
  }
  auto layer = library_.open(identifier);
  if (!layer) {
    if (why) *why = to_string(layer.error());
    return nullptr;
  }
  versions.emplace_back(inherited, build(*layer, nullptr, inherited));
  return versions.back().second.get();
}

const LayerStack* LayerStacks::make(std::shared_ptr<Layer> root, std::shared_ptr<Layer> session) {
  const std::string identifier = root->identifier();
  const bool alone = session == nullptr;
  auto stack = build(std::move(root), std::move(session), {});
  if (alone) {
    auto& versions = stacks_[identifier];
    versions.emplace_back(Dictionary(), std::move(stack));
    return versions.back().second.get();
  }
  made_.push_back(std::move(stack));
  return made_.back().get();
}

std::vector<const LayerStack*> LayerStacks::all() const {
  std::vector<const LayerStack*> found;
  for (const auto& [name, versions] : stacks_) {
    for (const auto& [variables, stack] : versions) found.push_back(stack.get());
  }
  for (const auto& stack : made_) found.push_back(stack.get());
  return found;
}

std::unique_ptr<LayerStack> LayerStacks::build(std::shared_ptr<Layer> root, std::shared_ptr<Layer> session,
                                               const Dictionary& inherited) {
  auto stack = std::make_unique<LayerStack>();
  stack->identifier = root->identifier();
  bool said = false;
  stack->time_codes_per_second = rate_of(*root, said);
  if (session) {
    bool session_said = false;
    const double rate = rate_of(*session, session_said);
    if (session_said) stack->time_codes_per_second = rate;
  }
  const auto variables_of = [](const Layer& layer) {
    const Value value = layer.field(Path::root(), known("expressionVariables"));
    return value.is(Type::dictionary) ? value.content<Dictionary>() : Dictionary();
  };
  stack->expression_variables = variables_of(*root);
  if (session) stack->expression_variables = merged(variables_of(*session), stack->expression_variables);
  stack->expression_variables = merged(inherited, stack->expression_variables);
  Build state{stack.get(), {}};
  const auto offset_of = [&](const Layer& layer) {
    bool ignored;
    return LayerOffset{0, stack->time_codes_per_second / rate_of(layer, ignored)};
  };
  if (session) {
    const LayerOffset offset = offset_of(*session);
    add_layer(state, std::move(session), offset, 0);
    stack->session_layers = stack->layers.size();
  }
  const LayerOffset offset = offset_of(*root);
  add_layer(state, std::move(root), offset, 0);
  read_relocates(*stack);
  return stack;
}

void LayerStacks::add_layer(Build& build, std::shared_ptr<Layer> layer, LayerOffset offset, int depth) {
  LayerStack& stack = *build.stack;
  const Layer& self = *layer;
  stack.layers.push_back({std::move(layer), offset});
  const Layer::Spec* root = self.find(Path::root());
  if (!root) return;
  const std::vector<Token> names = self.children(*root, known("subLayers"));
  if (names.empty()) return;
  const Value offsets = self.field(*root, known("subLayerOffsets"));
  build.above.push_back(&self);
  bool said;
  const double rate = rate_of(self, said);
  struct Sub {
    std::shared_ptr<Layer> layer;
    LayerOffset offset;
    bool owned;
  };
  std::vector<Sub> subs;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto complain = [&](Kind kind, std::string message) { stack.errors.push_back({kind, std::move(message)}); };
    const auto path = evaluated_string(names[i].text(), stack.expression_variables);
    if (!path) {
      complain(Kind::variable_expression, path.error().message);
      continue;
    }
    if (path->empty()) continue;
    std::string why;
    const std::string identifier = library_.resolve(self.identifier(), *path, &why);
    const auto opened =
        identifier.empty() ? Result<std::shared_ptr<Layer>>(base::error(why)) : library_.open(identifier);
    if (!opened) {
      complain(Kind::invalid_sublayer_path, fmt::format("Could not load sublayer @{}@ of layer @{}@: {}", *path,
                                                        self.identifier(), to_string(opened.error())));
      continue;
    }
    if (!seen.insert(identifier).second) {
      complain(Kind::invalid_sublayer_path,
               fmt::format("Sublayer @{}@ is twice in layer @{}@", *path, self.identifier()));
      continue;
    }
    if (std::find(build.above.begin(), build.above.end(), opened->get()) != build.above.end()) {
      complain(
          Kind::sublayer_cycle,
          fmt::format("Sublayer hierarchy with root layer @{}@ has cycles. Detected when layer @{}@ was seen in the "
                      "layer stack for the second time.",
                      self.identifier(), identifier));
      continue;
    }
    if (depth >= kMaxSublayerDepth || stack.layers.size() + subs.size() >= kMaxLayers) {
      complain(Kind::too_deep, fmt::format("Layer @{}@ has too many sublayers within sublayers", self.identifier()));
      break;
    }
    LayerOffset own;
    if (offsets.is(Type::layer_offset_vector) && i < offsets.size()) own = offsets.get<LayerOffset>(i);
    if (!(own.scale > 0) || !std::isfinite(own.offset) || !std::isfinite(own.scale)) {
      complain(Kind::invalid_sublayer_offset,
               fmt::format("Invalid sublayer offset {} and scale {} of @{}@ in layer @{}@. Using "
                           "no offset instead.",
                           own.offset, own.scale, *path, self.identifier()));
      own = {};
    }
    own.scale *= rate / rate_of(**opened, said);
    const Value owner = (*opened)->field(Path::root(), known("owner"));
    const Value session_owner = stack.layers.front().layer->field(Path::root(), known("sessionOwner"));
    const bool owned = self.field(*root, known("hasOwnedSubLayers")).truth() && owner.token() &&
                       owner.token() == session_owner.token();
    subs.push_back({*opened, offset * own, owned});
  }
  std::stable_partition(subs.begin(), subs.end(), [](const Sub& sub) { return sub.owned; });
  for (Sub& sub : subs) add_layer(build, std::move(sub.layer), sub.offset, depth + 1);
  build.above.pop_back();
}

// Moves are checked alone, then against each other; those at fault are reported and left out. SPEC 10.3.2.6.
void LayerStacks::read_relocates(LayerStack& stack) {
  struct Written {
    Path source, target;
    const Layer* layer;
    bool bad = false;
  };
  std::vector<Written> all;
  const auto authored_at = [](const Written& w) { return fmt::format("authored at @{}@</>", w.layer->identifier()); };
  std::set<std::uint32_t> seen;
  for (const LayerStack::Entry& entry : stack.layers) {
    const Value value = entry.layer->field(Path::root(), known("layerRelocates"));
    if (!value.is(Type::relocates)) continue;
    for (const auto& [source, target] : value.content<Relocates>()) {
      const Written w{source, target, entry.layer.get()};
      std::string reason;
      if (!source.is_prim()) {
        reason = "The source of a relocate must be a prim.";
      } else if (source == target) {
        reason = "The target of a relocate cannot be the same as its source.";
      } else if (target && source.has_prefix(target)) {
        reason = "The target of a relocate cannot be an ancestor of its source.";
      } else if (target && target.has_prefix(source)) {
        reason = "The target of a relocate cannot be a descendant of its source.";
      } else if (source.prim_depth() == 1) {
        reason = "The source of a relocate cannot be a root prim.";
      }
      if (!reason.empty()) {
        stack.errors.push_back(
            {Kind::invalid_relocate, fmt::format("Relocation from <{}> to <{}> {} is invalid and will be ignored: {}",
                                                 source.text(), target.text(), authored_at(w), reason)});
      } else if (seen.insert(source.id()).second) {  // the strongest layer's counts
        all.push_back(w);
      }
    }
  }
  if (all.empty()) return;
  std::sort(all.begin(), all.end(), [](const Written& a, const Written& b) { return path_less(a.source, b.source); });
  std::map<std::string, std::vector<Written*>> by_target;
  for (Written& w : all) {
    if (w.target) by_target[w.target.text()].push_back(&w);
  }
  for (auto& [target, sources] : by_target) {
    if (sources.size() < 2) continue;
    std::string list;
    for (Written* w : sources) {
      if (!list.empty()) list += "; ";
      list += fmt::format("relocation from <{}> {}", w->source.text(), authored_at(*w));
      w->bad = true;
    }
    stack.errors.push_back(
        {Kind::same_target_relocates,
         fmt::format("The path <{}> is the target of multiple relocations from different sources. The "
                     "following relocates to this target are invalid and will be ignored: {}.",
                     target, list)});
  }
  std::unordered_map<Path, const Written*> by_source;
  for (const Written& w : all) by_source.emplace(w.source, &w);
  std::vector<bool> conflicting(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    Written& w = all[i];
    const auto conflict = [&](const Written& other, const char* reason) {
      stack.errors.push_back(
          {Kind::conflicting_relocate,
           fmt::format(
               "Relocation from <{}> to <{}> {} conflicts with another relocation from <{}> to <{}> {} and will be "
               "ignored: {}",
               w.source.text(), w.target.text(), authored_at(w), other.source.text(), other.target.text(),
               authored_at(other), reason)});
      conflicting[i] = true;
    };
    if (const auto same = by_source.find(w.target); w.target && same != by_source.end()) {
      conflict(*same->second,
               "The target of a relocate cannot be the source of another relocate in the same layer stack.");
    }
    if (const auto same = by_target.find(w.source.text()); same != by_target.end()) {
      for (const Written* other : same->second) {
        conflict(*other, "The source of a relocate cannot be the target of another relocate in the same layer stack.");
      }
    }
    const auto sources_above = [&](Path path) {
      std::vector<const Written*> found;  // from the root down
      while (!path.is_root() && !path.empty()) {
        path = path.parent();
        if (const auto other = by_source.find(path); other != by_source.end())
          found.insert(found.begin(), other->second);
      }
      return found;
    };
    for (const Written* other : sources_above(w.source)) {
      conflict(*other, "The source of a relocate cannot be a descendant of the source of another relocate.");
    }
    for (const Written* other : sources_above(w.target)) {
      conflict(*other, "The target of a relocate cannot be a descendant of the source of another relocate.");
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Written& w = all[i];
    if (w.bad || conflicting[i]) continue;
    stack.relocates.push_back({w.source, w.target});
    stack.relocated_to.emplace(w.source, w.target);
    if (w.target) stack.relocated_from.emplace(w.target, w.source);
  }
}

}  // namespace wm::usd
