#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "worldmill/cli/command.h"
#include "worldmill/mill/folder.h"

namespace wm::cli {
namespace {

/// The first Ctrl-C finishes what is in flight, the second ends at once (nothing committed is lost).
void on_interrupt(int) {
  if (cancel().requested()) std::_Exit(kStopped);
  cancel().request();
}

void catch_interrupts() {
  struct sigaction act {};
  act.sa_handler = on_interrupt;
  act.sa_flags = SA_RESTART;
  sigaction(SIGINT, &act, nullptr);
  sigaction(SIGTERM, &act, nullptr);
}

/// A first word that is no command gets its nearest one.
int unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return kDone;
  const std::string word = argv[1];
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::ranges::find(names, word) != names.end()) return kDone;
  const std::vector<std::string_view> known(names.begin(), names.end());
  complain(fmt::format("no command \"{}\"{}; worldmill --help lists them", word, base::did_you_mean(word, known)));
  return kUsage;
}

int run(int argc, char** argv) {
  CLI::App app("Worldmill makes labelled training data for physical AI from recipes.", "worldmill");
  app.set_version_flag("--version", std::string("worldmill ") + mill::kVersion);
  app.footer(
      "One command in full:  worldmill make --help\nThe first recipe:     worldmill make recipes/tabletop.yaml -o "
      "out/tabletop --scenes 0..11");
  app.require_subcommand(1);
  Action action;
  for (const auto add : {add_make, add_preview, add_plan, add_show, add_scene, add_explain, add_check, add_export,
                         add_merge, add_take, add_render, add_schema, add_list, add_usd}) {
    add(app, action);
  }
  if (const int code = unknown_command(app, argc, argv); code != kDone) return code;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  catch_interrupts();
  return action();
}

}  // namespace

base::Cancel& cancel() {
  static base::Cancel wish;
  return wish;
}

int complain(const std::string& sentence) {
  fmt::print(stderr, "worldmill: {}\n", sentence);
  return kWrongInput;
}

int complain(const base::Diagnostic& diagnostic) {
  fmt::print(stderr, "{}{}\n", diagnostic.place.file.empty() ? "worldmill: " : "", to_string(diagnostic));
  return kWrongInput;
}

void RecipeOptions::add(CLI::App& command, bool positional) {
  if (positional) command.add_option("RECIPE", file, "The recipe (YAML)")->required();
  command.add_option("-p,--param", overrides.params, "A parameter of the recipe: -p clutter=40")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--set", overrides.sets, "Any setting by its path: --set render.max_samples=16")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--assets", overrides.assets, "A further folder that assets may come from")
      ->take_all()
      ->allow_extra_args(false);
  seed_option = command.add_option("--seed", seed, "Instead of the recipe's order.seed");
}

Result<recipe::Recipe> RecipeOptions::load() const {
  recipe::Overrides all = overrides;
  if (seed_option->count() > 0) all.seed = seed;
  return recipe::load(base::disk(), file, all, mill::vocabulary());
}

int default_workers() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace wm::cli

int main(int argc, char** argv) {
  try {
    return wm::cli::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "worldmill: the machine failed: {}\n", error.what());
    return wm::cli::kMachine;
  }
}
