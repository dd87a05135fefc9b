// usd cat, dump, tree, check, flatten, compose: what is in a USD file, as written and as composed.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "worldmill/cli/command.h"
#include "worldmill/usd/compose_report.h"
#include "worldmill/usd/dump.h"
#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/stage.h"
#include "worldmill/usd/text_writer.h"

namespace wm::cli {
namespace {

namespace fs = std::filesystem;

struct UsdArguments {
  std::string file, output, root, shown;
  std::vector<std::string> search, variants;
  bool json = false;
};

usd::Stage::Options options_of(const UsdArguments& a) {
  usd::Stage::Options options;
  if (!a.root.empty()) options.library.roots = {a.root};
  options.library.search_paths.assign(a.search.begin(), a.search.end());
  for (const std::string& one : a.variants) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos) continue;
    options.variant_fallbacks.push_back({usd::Token(one.substr(0, equals)), {usd::Token(one.substr(equals + 1))}});
  }
  return options;
}

int give(const std::string& text, const std::string& output) {
  if (output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kDone;
  }
  base::disk().commit(output, text);
  return kDone;
}

int write_or_print(const usd::Layer& layer, const std::string& output) {
  if (output.empty()) return give(usd::write_text(layer), output);
  const auto bytes = usd::write_layer(layer, output);
  return bytes ? give(*bytes, output) : complain(bytes.error());
}

int cat(const UsdArguments& a) {
  const auto layer = usd::open_layer(a.file);
  return layer ? write_or_print(**layer, a.output) : complain(layer.error());
}

int dump(const UsdArguments& a) {
  const auto stage = usd::Stage::open(a.file, options_of(a));
  if (!stage) return complain(stage.error());
  const std::string file = fs::absolute(a.file).lexically_normal().generic_string();
  return give(usd::dump_json(**stage, file, a.root.empty() ? fs::path(file).parent_path().string() : a.root), a.output);
}

int tree(const UsdArguments& a) {
  const auto stage = usd::Stage::open(a.file, options_of(a));
  return stage ? give(usd::dump_tree(**stage), a.output) : complain(stage.error());
}

int flatten(const UsdArguments& a) {
  const auto stage = usd::Stage::open(a.file, options_of(a));
  return stage ? write_or_print(*usd::flattened(**stage), a.output) : complain(stage.error());
}

// Every value is decoded, every arc followed.
int check(const UsdArguments& a) {
  const auto stage = usd::Stage::open(a.file, options_of(a));
  if (!stage) return complain(stage.error());
  std::size_t wrong = 0;
  for (const usd::CompositionError& error : (*stage)->errors()) {
    fmt::print(stderr, "{}\n", error.message);
    ++wrong;
  }
  std::size_t specs = 0, values = 0;
  for (const usd::Layer* layer : (*stage)->used_layers()) {
    for (const usd::Layer::Spec& spec : layer->specs()) {
      if (spec.type == usd::SpecType::unknown) continue;
      ++specs;
      for (const usd::Field& field : layer->fields(spec)) {
        ++values;
        if (layer->decoded(field.value)) continue;
        fmt::print(stderr, "{}: {} of {} cannot be decoded\n", layer->identifier(), field.name.text(),
                   spec.path.text());
        ++wrong;
      }
    }
  }
  fmt::print("{} prims from {} layers, {} specs, {} values: {}\n", (*stage)->prim_count(),
             (*stage)->used_layers().size(), specs, values, wrong == 0 ? "sound" : fmt::format("{} wrong", wrong));
  return wrong == 0 ? kDone : kWrongInput;
}

int compose(const UsdArguments& a) {
  const std::string file = fs::absolute(a.file).lexically_normal().generic_string();
  const usd::Stage::Options options = options_of(a);
  usd::LayerLibrary library(options.library);
  auto layer = library.open(file);
  if (!layer) return complain(layer.error());
  usd::LayerStacks stacks(library);
  usd::Composer::Options composing;
  composing.variant_fallbacks = options.variant_fallbacks;
  if (composing.variant_fallbacks.empty()) {  // what the compliance suite's expected texts were made with
    composing.variant_fallbacks = {{usd::Token("standin"), {usd::Token("render")}}};
  }
  usd::Composer composer(stacks, *stacks.make(*layer, nullptr), composing);
  const std::string folder = fs::path(file).parent_path().string() + "/";
  const std::string shown = a.shown.empty() ? std::string() : a.shown + "/";
  return give(usd::compose_report(composer, {shown + fs::path(file).filename().string(), folder, shown}), a.output);
}

}  // namespace

void add_usd(CLI::App& app, Action& action) {
  CLI::App* usd = app.add_subcommand("usd", "What is in a USD file: as written, and as composed");
  usd->require_subcommand(1);
  usd->footer("Example:  worldmill usd tree robot.usda");
  struct Row {
    const char* name;
    const char* summary;
    int (*run)(const UsdArguments&);
    bool composed;
  };
  for (const Row& row :
       {Row{"cat", "The layer as text, or written in the format that -o's ending says", cat, false},
        Row{"dump", "Every prim, property and value as composed, as JSON", dump, true},
        Row{"tree", "The tree of prims as composed", tree, true},
        Row{"check", "Read every value, follow every arc; say what is wrong", check, true},
        Row{"flatten", "The composed stage as one layer", flatten, true},
        Row{"compose", "How each prim comes about: specs, offsets, selections, targets", compose, true}}) {
    CLI::App* command = usd->add_subcommand(row.name, row.summary);
    const auto a = std::make_shared<UsdArguments>();
    command->add_option("FILE", a->file, "A .usd, .usda, .usdc or .usdz file")->required();
    command->add_option("-o,--output", a->output, "Write here instead of to the terminal");
    if (row.run == dump) command->add_flag("--json", a->json, "JSON (there is no other form)");
    if (row.run == compose) command->add_option("--shown", a->shown, "The folder to print in place of the file's own");
    if (row.composed) {
      command->add_option("--root", a->root,
                          "Layers and assets never leave this folder; names in dumps are relative to it");
      command->add_option("--search", a->search, "Folders for asset paths such as a/b.usd");
      command->add_option("--variant", a->variants, "SET=NAME for sets that nothing selects in");
    }
    const auto run = row.run;
    command->callback([&action, a, run] { action = [a, run] { return run(*a); }; });
  }
}

}  // namespace wm::cli
