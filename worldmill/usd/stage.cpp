#include "worldmill/usd/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "worldmill/usd/clips.h"
#include "worldmill/usd/interpolate.h"

namespace wm::usd {

namespace {

// The strongest value of a field over all that contributes.
Value strongest(const PrimIndex& index, Token field) {
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (!n.contributes()) continue;
    for (const LayerStack::Entry& entry : n.stack->layers) {
      const Layer::Spec* spec = entry.layer->find(n.path);
      if (!spec) continue;
      if (const Value* raw = entry.layer->raw(*spec, field)) {
        Value value = entry.layer->decoded(*raw);
        if (value) return value;
      }
    }
  }
  return {};
}

bool by_class(const PrimIndex& index, std::uint32_t i) {
  for (; i != 0; i = index.nodes[i].parent) {
    const PrimNode& n = index.nodes[i];
    if (!n.from_ancestor && (n.arc == Arc::inherit || n.arc == Arc::specialize)) return true;
  }
  return false;
}

// The strongest `def` or `class`; a class that is inherited makes the prim one only when nothing else defines it.
// SPEC 12.2.1.
Specifier specifier_of(const PrimIndex& index) {
  bool inherited = false;
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (!n.contributes()) continue;
    for (const LayerStack::Entry& entry : n.stack->layers) {
      const Value value = entry.layer->field(n.path, known("specifier"));
      if (!value.is(Type::specifier) || value.bits() == 1) continue;
      if (value.bits() == 0) return Specifier::def;
      if (!by_class(index, i)) return Specifier::class_;
      inherited = true;
    }
  }
  return inherited ? Specifier::class_ : Specifier::over;
}

bool is_composition(Token field) {
  static constexpr Token kFields[] = {known("primChildren"),    known("properties"), known("variantSetChildren"),
                                      known("variantChildren"), known("specifier"),  known("typeName")};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

// Strong over weak, for dictionaries and list ops; false: weaker ones do not matter.
template <class T>
Value combined_op(const Value& strong, const Value& weak) {
  return Value::boxed(strong.type(), combined(strong.content<ListOp<T>>(), weak.content<ListOp<T>>()));
}
bool combine(Value& strong, const Value& weak) {
  if (strong.type() != weak.type()) return false;
  switch (strong.type()) {
    case Type::dictionary:
      strong = Value::boxed(Type::dictionary, merged(strong.content<Dictionary>(), weak.content<Dictionary>()));
      return true;
    case Type::token_list_op:
    case Type::string_list_op:
      strong = combined_op<Token>(strong, weak);
      return true;
    case Type::path_list_op:
      strong = combined_op<Path>(strong, weak);
      return true;
    case Type::reference_list_op:
    case Type::payload_list_op:
      strong = combined_op<Reference>(strong, weak);
      return true;
    case Type::int_list_op:
    case Type::int64_list_op:
    case Type::uint_list_op:
    case Type::uint64_list_op:
      strong = combined_op<std::int64_t>(strong, weak);
      return true;
    case Type::unregistered_list_op:
      strong = combined_op<Value>(strong, weak);
      return true;
    case Type::unregistered: {
      const Value &a = strong.content<Value>(), &b = weak.content<Value>();
      if (!a.is(Type::dictionary) || !b.is(Type::dictionary)) return false;
      strong = Value::boxed(Type::unregistered,
                            Value::boxed(Type::dictionary, merged(a.content<Dictionary>(), b.content<Dictionary>())));
      return true;
    }
    default:
      return false;
  }
}

// What a stage as a whole says stands in its root layer and in the session's alone.
template <class Visit>
void visit_fields(const PrimIndex& index, Visit visit) {
  if (index.path().is_root()) {
    const LayerStack& stack = *index.nodes[0].stack;
    for (const std::size_t k : {std::size_t{0}, stack.session_layers}) {
      if (k > 0 || stack.session_layers == 0 || k != stack.session_layers) {
        const LayerStack::Entry& entry = stack.layers[k];
        if (const Layer::Spec* spec = entry.layer->find(Path::root()))
          visit(*entry.layer, *spec, index.nodes[0], entry);
      }
      if (stack.session_layers == 0) break;
    }
    return;
  }
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (!n.contributes()) continue;
    for (const LayerStack::Entry& entry : n.stack->layers) {
      if (const Layer::Spec* spec = entry.layer->find(n.path)) visit(*entry.layer, *spec, n, entry);
    }
  }
}

std::vector<Token> sorted_names(const std::set<std::uint32_t>& ids) {
  std::vector<Token> names;
  for (const std::uint32_t id : ids) names.push_back(Token::of_id(id));
  std::sort(names.begin(), names.end(), [](Token a, Token b) { return a.text() < b.text(); });
  return names;
}

}  // namespace

bool dictionary_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::size_t i = 0, j = 0;
  int zeros = 0, cases = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      std::size_t p = i, q = j;
      while (p < a.size() && a[p] == '0') ++p;
      while (q < b.size() && b[q] == '0') ++q;
      std::size_t m = p, n = q;
      while (m < a.size() && digit(a[m])) ++m;
      while (n < b.size() && digit(b[n])) ++n;
      if (m - p != n - q) return m - p < n - q;
      const int order = a.substr(p, m - p).compare(b.substr(q, n - q));
      if (order != 0) return order < 0;
      if (zeros == 0) zeros = static_cast<int>(p - i) - static_cast<int>(q - j);
      i = m, j = n;
      continue;
    }
    const char x = lower(a[i]), y = lower(b[j]);
    if (x != y) return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    if (cases == 0 && a[i] != b[j])
      cases = static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]) ? -1 : 1;
    ++i, ++j;
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return zeros != 0 ? zeros < 0 : cases < 0;
}

Stage::Stage(Options options) : options_(std::move(options)), library_(options_.library) {}
Stage::~Stage() = default;

Result<std::unique_ptr<Stage>> Stage::open(const std::string& file, Options options) {
  std::unique_ptr<Stage> stage(new Stage(std::move(options)));
  const std::string identifier = std::filesystem::absolute(file).lexically_normal().generic_string();
  auto root = stage->library_.open(identifier);
  if (!root) return tl::unexpected(root.error());
  return finish(std::move(stage), *root);
}

Result<std::unique_ptr<Stage>> Stage::open(std::shared_ptr<Layer> root, Options options) {
  std::unique_ptr<Stage> stage(new Stage(std::move(options)));
  stage->library_.add(root);
  return finish(std::move(stage), std::move(root));
}

Result<std::unique_ptr<Stage>> Stage::finish(std::unique_ptr<Stage> stage, std::shared_ptr<Layer> root) {
  std::shared_ptr<Layer> session;
  for (const char* name : {"timeCodesPerSecond", "framesPerSecond"}) {
    const Value rate = root->field(Path::root(), Token(name));
    if (rate && !(rate.number(24) > 0)) {
      return base::error(fmt::format("{} is {}, must be positive", name, rate.number()), {root->identifier()});
    }
  }
  if (!stage->options_.session.empty()) {
    const std::string name = std::filesystem::absolute(stage->options_.session).lexically_normal().generic_string();
    auto opened = stage->library_.open(name);
    if (!opened) return tl::unexpected(opened.error());
    session = *opened;
  }
  stage->stacks_ = std::make_unique<LayerStacks>(stage->library_);
  stage->library_.look_beside(root->identifier());
  stage->root_stack_ = stage->stacks_->make(std::move(root), std::move(session));
  Composer::Options composing;
  composing.variant_fallbacks = stage->options_.variant_fallbacks;
  Stage* const self = stage.get();
  composing.load = [self](Path path) { return self->loads(path); };
  stage->composer_ = std::make_unique<Composer>(*stage->stacks_, *stage->root_stack_, std::move(composing));
  WM_TRY_STATUS(stage->populate());
  return stage;
}

bool Stage::loads(Path path) const {
  for (Path at = path; !at.empty(); at = at.parent()) {
    if (std::find(options_.unload.begin(), options_.unload.end(), at) != options_.unload.end()) return false;
    if (std::find(options_.load.begin(), options_.load.end(), at) != options_.load.end()) return true;
    if (at.is_root()) break;
  }
  return options_.load_payloads;
}

bool Stage::in_mask(Path path) const {
  return options_.mask.empty() || std::any_of(options_.mask.begin(), options_.mask.end(), [&](Path kept) {
           return kept.has_prefix(path) || path.has_prefix(kept);
         });
}

// What makes two instances the same: the arcs written on them, all they lead to, and the variants chosen.
std::string Stage::instance_key(const PrimIndex& index) const {
  std::string key;
  const auto add = [&](auto value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (i == 0 || !n.contributes() || !is_instance_node(index, i)) continue;
    add(reinterpret_cast<std::uintptr_t>(n.stack));
    add(n.path.id());
    add(n.arc);
    add(n.to_root->offset().offset);
    add(n.to_root->offset().scale);
  }
  key += loads(index.path()) ? 'l' : 'u';
  return key;
}

void Stage::describe(Node& node, const Node* parent) {
  const PrimIndex& index = *node.index;
  node.specifier = specifier_of(index);
  bool typed = false, active_said = false, kind_said = false;
  static const Token any("__AnyType__");
  bool payload = false;
  visit_fields(index, [&](const Layer& layer, const Layer::Spec& spec, const PrimNode&, const LayerStack::Entry&) {
    for (const Field& field : layer.fields(spec)) {
      if (!typed && field.name == known("typeName")) {
        node.type = layer.decoded(field.value).token();
        if (node.type == any) node.type = {};
        typed = bool(node.type);
      } else if (!active_said && field.name == known("active")) {
        const Value value = layer.decoded(field.value);
        active_said = value.is(Type::boolean);
        if (active_said) node.active = value.truth();
      } else if (!kind_said && field.name == known("kind")) {
        node.kind = layer.decoded(field.value).token();
        kind_said = true;
      } else if (field.name == known("payload")) {
        payload = true;
      } else if (field.name == known("clips")) {
        node.clips = true;
      }
    }
  });
  node.clips = node.clips || parent->clips;
  // What instances share does not know what it is part of.
  node.defined = (parent->defined || parent->instance) && node.specifier != Specifier::over;
  node.abstract = (parent->abstract && !parent->instance) || node.specifier == Specifier::class_;
  node.active = node.active && parent->active;
  node.loaded = parent->loaded && (!payload || loads(node.path));
  static const Token group("group"), assembly("assembly"), component("component"), model("model");
  if (parent->group || parent->instance) {
    node.group = node.kind == group || node.kind == assembly;
    node.model = node.group || node.kind == component || node.kind == model;
  }
}

Status Stage::populate() {
  nodes_.clear();
  node_at_.clear();
  Node root;
  root.path = Path::root();
  root.index = &composer_->index(root.path);
  root.defined = root.group = root.model = true;
  root.specifier = Specifier::def;
  nodes_.push_back(root);
  nodes_.push_back(root);  // number 0 means none, so the pseudo-root is number 1
  std::map<std::string, std::uint32_t> instances;
  std::vector<std::uint32_t> waiting = {1};
  while (!waiting.empty()) {
    const std::uint32_t at = waiting.back();
    waiting.pop_back();
    if (!nodes_[at].active) continue;
    if (nodes_[at].instance) {
      const auto [first, fresh] = instances.try_emplace(instance_key(*nodes_[at].index), at);
      nodes_[at].shared = first->second;
      if (!fresh) continue;
    }
    const ChildNames names = child_names(*nodes_[at].index);
    const Path path = nodes_[at].path;
    std::uint32_t before = 0;
    const std::size_t mark = waiting.size();
    for (const Token name : names.names) {
      if (path.depth() >= Path::kMaxDepth) break;
      const Path child_path = path.child(name);
      if (!in_mask(child_path)) continue;
      if (nodes_.size() > options_.prims) {
        return base::error(fmt::format("the stage has more than the {} prims allowed", options_.prims),
                           {root_stack_->identifier});
      }
      Node child;
      child.path = child_path;
      child.index = &composer_->index(child_path);
      child.parent = at;
      describe(child, &nodes_[at]);
      child.instance = child.index->instanceable && child.active;
      const auto number = static_cast<std::uint32_t>(nodes_.size());
      (before ? nodes_[before].next_sibling : nodes_[at].first_child) = number;
      before = number;
      node_at_.emplace(child_path, number);
      nodes_.push_back(child);
      waiting.push_back(number);
    }
    std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(mark), waiting.end());
  }
  return {};
}

std::vector<const Layer*> Stage::used_layers() const {
  std::vector<const Layer*> layers;
  std::set<const Layer*> seen;
  const auto use = [&](const Layer* layer) {
    if (layer && seen.insert(layer).second) layers.push_back(layer);
  };
  for (const LayerStack* stack : stacks_->all()) {
    for (const LayerStack::Entry& entry : stack->layers) use(entry.layer.get());
  }
  const std::lock_guard lock(clips_mutex_);
  for (const auto& [node, sets] : clips_) {
    for (const ClipSet& set : *sets) {
      for (const auto& clip : set.clips) use(clip.get());
      use(set.manifest.get());
    }
  }
  std::sort(layers.begin(), layers.end(), [](auto a, auto b) { return a->identifier() < b->identifier(); });
  return layers;
}

std::vector<CompositionError> Stage::errors() const {
  std::vector<CompositionError> errors = root_stack_->errors;
  std::set<const LayerStack*> stacks = {root_stack_};
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const PrimIndex& index = *nodes_[i].index;
    errors.insert(errors.end(), index.errors.begin(), index.errors.end());
    for (const PrimNode& n : index.nodes) {
      if (stacks.insert(n.stack).second) errors.insert(errors.end(), n.stack->errors.begin(), n.stack->errors.end());
    }
  }
  return errors;
}

Prim Stage::prim(std::uint32_t node, Path path, bool proxy) const {
  Prim made;
  made.stage_ = this;
  made.node_ = node;
  made.path_ = path;
  made.proxy_ = proxy;
  return made;
}

const std::vector<ClipSet>* Stage::clips(const Prim& prim) const {
  if (!nodes_[prim.node_].clips) return nullptr;
  const std::lock_guard lock(clips_mutex_);
  auto& found = clips_[prim.node_];
  if (!found) found = std::make_unique<std::vector<ClipSet>>(clip_sets(prim, library_));
  return found->empty() ? nullptr : found.get();
}

Prim Stage::pseudo_root() const {
  return prim(1, Path::root(), false);
}

Prim Stage::find(Path path) const {
  if (path.is_root()) return pseudo_root();
  if (!path.is_prim()) return {};
  const Prim parent = find(path.parent());
  if (!parent) return {};
  // Within an instance the first that has its content keeps it.
  const Node& above = nodes_[parent.node_];
  const std::uint32_t holder = above.instance ? above.shared : parent.node_;
  const auto found = node_at_.find(nodes_[holder].path.child(path.name()));
  return found == node_at_.end() ? Prim() : prim(found->second, path, parent.proxy_ || above.instance);
}

Prim Stage::default_prim() const {
  const Token name = root_stack_->root().field(Path::root(), known("defaultPrim")).token();
  const auto path = name ? Path::parse(name.text()) : std::nullopt;
  return path && path->is_prim() ? find(*path) : Prim();
}

Token Prim::type_name() const {
  return stage_->nodes_[node_].type;
}
Specifier Prim::specifier() const {
  return stage_->nodes_[node_].specifier;
}
bool Prim::is_active() const {
  return stage_->nodes_[node_].active;
}
bool Prim::is_loaded() const {
  return stage_->nodes_[node_].active && stage_->nodes_[node_].loaded;
}
bool Prim::is_defined() const {
  return stage_->nodes_[node_].defined;
}
bool Prim::is_abstract() const {
  return stage_->nodes_[node_].abstract;
}
bool Prim::is_model() const {
  return stage_->nodes_[node_].model;
}
bool Prim::is_group() const {
  return stage_->nodes_[node_].group;
}
bool Prim::is_instance() const {
  return stage_->nodes_[node_].instance;
}
Path Prim::shared_with() const {
  const Stage::Node& node = stage_->nodes_[node_];
  return node.instance ? stage_->nodes_[node.shared].path : Path();
}
const PrimIndex& Prim::index() const {
  return *stage_->nodes_[node_].index;
}

Prim Prim::parent() const {
  if (path_.is_root()) return {};
  return proxy_ ? stage_->find(path_.parent()) : stage_->prim(stage_->nodes_[node_].parent, path_.parent(), false);
}

std::vector<Prim> Prim::children(bool proxies) const {
  const Stage::Node& node = stage_->nodes_[node_];
  std::vector<Prim> found;
  if (node.instance && !proxies) return found;
  const bool inside = proxy_ || node.instance;
  const std::uint32_t from = node.instance ? node.shared : node_;
  for (std::uint32_t i = stage_->nodes_[from].first_child; i != 0; i = stage_->nodes_[i].next_sibling) {
    const Path path = stage_->nodes_[i].path;
    found.push_back(stage_->prim(i, inside ? path_.child(path.name()) : path, inside));
  }
  return found;
}

std::vector<Token> Prim::metadata_names() const {
  std::set<std::uint32_t> ids;
  visit_fields(index(), [&](const Layer& layer, const Layer::Spec& spec, const PrimNode&, const LayerStack::Entry&) {
    for (const Field& field : layer.fields(spec)) {
      if (!is_composition(field.name)) ids.insert(field.name.id());
    }
  });
  return sorted_names(ids);
}

Value Prim::metadata(Token name) const {
  Value value;
  bool open = true;
  visit_fields(index(),
               [&](const Layer& layer, const Layer::Spec& spec, const PrimNode& n, const LayerStack::Entry& entry) {
                 if (!open) return;
                 const Value* raw = layer.raw(spec, name);
                 if (!raw) return;
                 if (const Value weaker = retimed(layer.decoded(*raw), n.to_root->offset() * entry.offset); !value) {
                   value = weaker;
                 } else {
                   open = combine(value, weaker);
                 }
               });
  return value;
}

std::vector<Token> Prim::property_names() const {
  std::vector<Token> names = wm::usd::property_names(index());
  std::sort(names.begin(), names.end(), [](Token a, Token b) { return dictionary_less(a.text(), b.text()); });
  const Value order = strongest(index(), known("propertyOrder"));
  if (order.is_array() && info(order.type()).scalar == Scalar::text) {
    std::vector<Token> wanted;
    for (std::size_t i = 0; i < order.size(); ++i) wanted.push_back(order.get<Token>(i));
    reorder(names, wanted);
  }
  return names;
}

std::vector<Token> Property::metadata_names() const {
  std::set<std::uint32_t> ids;
  for (const PropertySite& site : specs_) {
    for (const Field& field : site.entry->layer->fields(*site.entry->layer->find(site.path)))
      ids.insert(field.name.id());
  }
  return sorted_names(ids);
}

Value Property::metadata(Token name) const {
  Value value;
  for (const PropertySite& site : specs_) {
    const Value weaker = retimed(site.entry->layer->field(site.path, name), offset_of(site));
    if (!weaker) continue;
    if (!value) {
      value = weaker;
    } else if (!combine(value, weaker)) {
      break;
    }
  }
  return value;
}

}  // namespace wm::usd
