// show, scene, explain, check: what reads.
#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/distributions.h"
#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/cli/command.h"
#include "worldmill/import/import.h"
#include "worldmill/import/usd_export.h"
#include "worldmill/mill/dataset.h"
#include "worldmill/mill/remake.h"
#include "worldmill/scene/selector.h"

namespace wm::cli {
namespace {

namespace fs = std::filesystem;

int show(const RecipeOptions& options) {
  const auto recipe = options.load();
  if (!recipe) return complain(recipe.error());
  fmt::print("{}", recipe::to_yaml(*recipe));
  return kDone;
}

struct SceneArguments {
  RecipeOptions recipe;
  std::string of;
  std::string out;
  std::int64_t scene = 0;
};

/// A scene as a file of OpenUSD, labelled as the recipe says.
int write_scene(const scene::World& world, const scene::Names& names, const std::string& out) {
  import::UsdExportOptions options;
  options.classes.resize(world.scene->nodes.size());
  for (const auto& [name, nodes] : names.classes) {
    for (const scene::NodeId node : nodes) options.classes[node.index()].push_back(name);
  }
  const auto left_out = import::write_usd(base::disk(), out, world, options);
  if (!left_out) return complain(left_out.error());
  for (const std::string& sentence : *left_out) fmt::print(stderr, "note: {}\n", sentence);
  return kDone;
}

int show_scene(const SceneArguments& arguments, const scene::World& world, const scene::Names& names) {
  if (!arguments.out.empty()) return write_scene(world, names, arguments.out);
  if (arguments.of.empty()) {
    fmt::print("{}", scene::to_tree(*world.scene));
    return kDone;
  }
  const auto value = base::parse_yaml(arguments.of, "--of");
  if (!value) return complain(value.error());
  const auto selector = scene::Selector::parse(*value);
  if (!selector) return complain(selector.error());
  const auto nodes = selector->match(*world.scene, names);
  if (!nodes) return complain(nodes.error());
  for (const scene::NodeId node : *nodes) fmt::print("{}\n", world.scene->node(node).path);
  return kDone;
}

int scene_file(const SceneArguments& arguments) {
  const fs::path file = arguments.recipe.file;
  std::vector<fs::path> roots{file.has_parent_path() ? file.parent_path() : fs::path(".")};
  std::ranges::copy(arguments.recipe.overrides.assets, std::back_inserter(roots));
  const auto asset = import::make_asset_source(base::disk(), roots)->load(file.filename());
  if (!asset) return complain(asset.error());
  for (const std::string& sentence : (*asset)->ignored) fmt::print(stderr, "note: {}\n", sentence);
  return show_scene(arguments, scene::World::of(std::make_shared<const scene::Scene>((*asset)->scene)), {});
}

int scene(const SceneArguments& arguments) {
  const auto endings = import::endings();
  const std::string ending = fs::path(arguments.recipe.file).extension().string();
  if (std::ranges::find(endings, ending) != endings.end()) return scene_file(arguments);
  const auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  const auto studio = mill::Studio::open(*recipe, base::disk());
  if (!studio) return complain(studio.error());
  if (const auto staged = vary::stage(recipe->job, arguments.scene, 0, (*studio)->assets())) {
    return show_scene(arguments, staged->world, staged->names);
  } else if (arguments.out.empty() && arguments.of.empty()) {
    // A selector that matches nothing: what there is helps to mend it.
    vary::Job bare = recipe->job;
    bare.places.clear(), bare.labels.clear(), bare.varies.clear();
    if (const auto unplaced = vary::stage(bare, arguments.scene, 0, (*studio)->assets())) {
      fmt::print("{}", scene::to_tree(*unplaced->scene));
    }
    return complain(staged.error());
  } else {
    return complain(staged.error());
  }
}

struct ExplainArguments {
  RecipeOptions recipe;
  std::string id, name;
  bool json = false;
};

void print_draws(const ExplainArguments& arguments, const std::vector<sample::DrawRecord>& draws) {
  for (const sample::DrawRecord& draw : draws) {
    if (draw.address.find(arguments.name) == std::string::npos) continue;
    std::string value;
    base::append_json(value, draw.value);
    if (arguments.json) {
      std::string line;
      base::append_json(line, base::map_of({{"address", base::value_of(draw.address)},
                                            {"distribution", base::value_of(draw.distribution)},
                                            {"value", draw.value}}));
      fmt::print("{}\n", line);
    } else {
      fmt::print("{}\n    {}  ->  {}\n", draw.address, draw.distribution, value);
    }
  }
}

/// From a recipe the draws are made again; from a dataset they are read, as they were made.
int explain(const ExplainArguments& arguments) {
  const auto id = sample::parse_sample_id(arguments.id);
  if (!id) return complain(id.error());
  if (fs::is_directory(arguments.recipe.file)) {
    const auto dataset = mill::open_dataset(base::disk(), arguments.recipe.file);
    if (!dataset) return complain(dataset.error());
    const auto sample = mill::read_sample(base::disk(), *dataset, *id);
    if (!sample) return complain(sample.error());
    print_draws(arguments, sample->draws);
    return kDone;
  }
  const auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  if (id->scene >= recipe->scenes || id->take >= recipe->takes) {
    return complain(fmt::format("the recipe orders {} scenes of {} takes; there is no {}", recipe->scenes,
                                recipe->takes, arguments.id));
  }
  const auto studio = mill::Studio::open(*recipe, base::disk());
  if (!studio) return complain(studio.error());
  const auto outcome = (*studio)->accept({id->scene, id->take});
  if (!outcome) return complain(outcome.error());
  if (const auto* unfilled = std::get_if<mill::Unfilled>(&*outcome)) return complain(unfilled->reason);
  const mill::Accepted& accepted = std::get<mill::Accepted>(*outcome);
  print_draws(arguments, accepted.staged.draws);
  print_draws(arguments, accepted.varied.draws);
  print_draws(arguments, accepted.selection.draws);
  if (id->moment >= static_cast<std::int64_t>(accepted.selection.moments.size())) {
    return complain(fmt::format("{} has {} moments", arguments.id, accepted.selection.moments.size()));
  }
  const auto look = (*studio)->look(accepted, static_cast<std::size_t>(id->moment));
  if (!look) return complain(look.error());
  print_draws(arguments, look->shown.draws);
  return kDone;
}

struct CheckArguments {
  RecipeOptions recipe;
  int remake = 0;
  bool hash = false;
};

int check_recipe(const CheckArguments& arguments) {
  const auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  const auto studio = mill::Studio::open(*recipe, base::disk());
  if (!studio) return complain(studio.error());
  const auto outcome = (*studio)->accept({0, 0});
  if (!outcome) return complain(outcome.error());
  if (const auto* unfilled = std::get_if<mill::Unfilled>(&*outcome)) {
    fmt::print(stderr, "scene 0 stays unfilled: {}\n", unfilled->reason);
  }
  fmt::print("{}: sound; {} scenes of {} takes\n", arguments.recipe.file, recipe->scenes, recipe->takes);
  return kDone;
}

int check(const CheckArguments& arguments) {
  if (!fs::is_directory(arguments.recipe.file)) return check_recipe(arguments);
  const auto dataset = mill::open_dataset(base::disk(), arguments.recipe.file);
  if (!dataset) return complain(dataset.error());
  if (arguments.hash) {
    const auto hash = mill::tree_hash(base::disk(), dataset->folder, dataset->json);
    if (!hash) return complain(hash.error());
    fmt::print("{}\n", base::to_string(*hash));
    return kDone;
  }
  const auto wrong = mill::examine(base::disk(), *dataset);
  if (!wrong) return complain(wrong.error());
  for (const std::string& sentence : *wrong) fmt::print(stderr, "{}\n", sentence);
  if (!wrong->empty()) return kWrongInput;
  if (arguments.remake > 0) {
    const auto remade = mill::remake(base::disk(), *dataset, arguments.recipe.overrides.assets, arguments.remake);
    if (!remade) return complain(remade.error());
    for (const std::string& sentence : remade->differences) fmt::print(stderr, "{}\n", sentence);
    if (!remade->differences.empty()) return kWrongInput;
    fmt::print("made again, the same bytes: {}\n", fmt::join(remade->samples, " "));
  }
  fmt::print("{}: sound; tree hash {}\n", arguments.recipe.file, dataset->tree_hash);
  return kDone;
}

}  // namespace

void add_show(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("show", "The recipe as resolved, each setting with its origin");
  const auto options = std::make_shared<RecipeOptions>();
  options->add(*command);
  command->footer("Example:  worldmill show recipes/tabletop.yaml -p clutter=4");
  command->callback([&action, options] { action = [options] { return show(*options); }; });
}

void add_scene(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("scene", "The tree of a recipe's scene or of a scene file, or what a selector matches in it");
  const auto arguments = std::make_shared<SceneArguments>();
  command
      ->add_option("RECIPE|FILE", arguments->recipe.file,
                   "A recipe, or a scene: .glb, .gltf, .obj, .urdf, .usd (.usda, .usdc, .usdz), .xml (MJCF)")
      ->required();
  arguments->recipe.add(*command, false);
  command->add_option("--of", arguments->of, "A selector: jack/**/Fork*, class:x, type:light ...");
  command->add_option("--scene", arguments->scene, "Which scene, from 0")->check(CLI::NonNegativeNumber);
  command->add_option("-o,--out", arguments->out, "Write it as OpenUSD: world.usda, .usdc or .usdz")->excludes("--of");
  command->footer("Example:  worldmill scene recipes/tabletop.yaml -o out/world.usda");
  command->callback([&action, arguments] { action = [arguments] { return scene(*arguments); }; });
}

void add_explain(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("explain", "Every draw behind a sample: address, distribution, value");
  const auto arguments = std::make_shared<ExplainArguments>();
  command->add_option("DIR|RECIPE", arguments->recipe.file, "A dataset, or a recipe")->required();
  arguments->recipe.add(*command, false);
  command->add_option("ID", arguments->id, "The sample: 000012 or 000012-03-0007")->required();
  command->add_option("NAME", arguments->name, "Only addresses that hold this");
  command->add_flag("--json", arguments->json, "One JSON object a line");
  command->footer("Example:  worldmill explain out/tabletop 000003 vary.");
  command->callback([&action, arguments] { action = [arguments] { return explain(*arguments); }; });
}

void add_check(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("check", "Is this dataset, or this recipe, sound?");
  const auto arguments = std::make_shared<CheckArguments>();
  command->add_option("DIR|RECIPE", arguments->recipe.file, "A dataset, or a recipe")->required();
  arguments->recipe.add(*command, false);
  command->add_option("--remake", arguments->remake, "Make so many samples again and compare their bytes")
      ->check(CLI::PositiveNumber);
  command->add_flag("--hash", arguments->hash, "Only print the tree hash of what is on the disk");
  command->footer("Example:  worldmill check out/tabletop --remake 2");
  command->callback([&action, arguments] { action = [arguments] { return check(*arguments); }; });
}

}  // namespace wm::cli
