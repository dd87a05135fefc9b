#include <fmt/format.h>

#include "worldmill/vary/build.h"

// Labels go down the tree, parents first. A match of a whole begins an object, and its subtree belongs to it until a
// deeper match begins another. A match of a part names the part of the object around it.

namespace wm::vary {
namespace {

using base::error;
using scene::NodeId;
using scene::Scene;

/// Which label each node matches itself: index in job.labels, or -1.
struct Marks {
  std::vector<int> whole, part;
};

Status mark(std::vector<int>& marks, std::span<const NodeId> nodes, const Job& job, int label, const Scene& scene) {
  for (const NodeId id : nodes) {
    int& mark = marks[id.index()];
    if (mark >= 0) {
      const Label& mine = job.labels[static_cast<std::size_t>(label)];
      return error(fmt::format("labels.{} and labels.{} both match {}; take it from one of them with `except:`",
                               job.labels[static_cast<std::size_t>(mark)].name, mine.name, scene.node(id).path),
                   mine.place);
    }
    mark = label;
  }
  return {};
}

Result<Marks> find_marks(const Job& job, const Scene& scene, scene::Names& names) {
  Marks marks{std::vector<int>(scene.nodes.size(), -1), std::vector<int>(scene.nodes.size(), -1)};
  for (std::size_t i = 0; i < job.labels.size(); ++i) {
    const Label& label = job.labels[i];
    WM_TRY(nodes, match(label.of, scene, names, label.optional));
    WM_TRY_STATUS(mark(label.part_of.empty() ? marks.whole : marks.part, nodes, job, static_cast<int>(i), scene));
    names.classes[label.name] = std::move(nodes);
  }
  return marks;
}

class Labeller {
 public:
  Labeller(const Job& job, const Scene& scene, const Marks& marks, const std::map<NodeId, std::string>& asset_of)
      : job_(job), scene_(scene), marks_(marks), asset_of_(asset_of), state_(scene.nodes.size()) {
    labels_.nodes.resize(scene.nodes.size());
  }

  Result<scene::Labels> run() {
    for (std::size_t i = 0; i < scene_.nodes.size(); ++i) WM_TRY_STATUS(label(i));
    return std::move(labels_);
  }

 private:
  struct State {
    int whole = -1;     // index of the label of the object around
    std::string asset;  // file that the subtree came from
  };

  Status label(std::size_t i) {
    const NodeId parent = scene_.nodes[i].parent;
    if (parent.exists()) {
      state_[i] = state_[parent.index()];
      labels_.nodes[i] = labels_.nodes[parent.index()];
    }
    if (const auto at = asset_of_.find(NodeId(i)); at != asset_of_.end()) state_[i].asset = at->second;
    const int whole = marks_.whole[i];
    if (whole >= 0 && whole != state_[i].whole) begin_object(i, whole);
    const int part = marks_.part[i];
    return part < 0 ? Status() : begin_part(i, job_.labels[static_cast<std::size_t>(part)]);
  }

  void begin_object(std::size_t i, int whole) {
    const Label& label = job_.labels[static_cast<std::size_t>(whole)];
    state_[i].whole = whole;
    const auto instance = static_cast<std::uint32_t>(labels_.objects.size() + 1);
    const std::uint16_t semantic = label.ignore ? sample::kIgnore : label.id;
    labels_.nodes[i] = {instance, semantic, 0};
    labels_.objects.push_back({instance, scene_.nodes[i].path, semantic, state_[i].asset});
    labels_.roots.push_back(NodeId(i));
  }

  Status begin_part(std::size_t i, const Label& label) {
    const int whole = state_[i].whole;
    if (whole < 0 || job_.labels[static_cast<std::size_t>(whole)].name != label.part_of) {
      return error(
          fmt::format("labels.{}: {} is part of no \"{}\"{}; narrow `of:` or label the whole", label.name,
                      scene_.nodes[i].path, label.part_of,
                      whole < 0 ? std::string()
                                : fmt::format(" but of a \"{}\"", job_.labels[static_cast<std::size_t>(whole)].name)),
          label.place);
    }
    labels_.nodes[i].part = label.id;
    return {};
  }

  const Job& job_;
  const Scene& scene_;
  const Marks& marks_;
  const std::map<NodeId, std::string>& asset_of_;
  std::vector<State> state_;
  scene::Labels labels_;
};

}  // namespace

Result<scene::Labels> label_scene(const Job& job, const Scene& scene, scene::Names& names,
                                  const std::map<NodeId, std::string>& asset_of) {
  WM_TRY(marks, find_marks(job, scene, names));
  return Labeller(job, scene, marks, asset_of).run();
}

}  // namespace wm::vary
