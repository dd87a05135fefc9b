#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/jobs.h"
#include "worldmill/recipe/recipe.h"

/// The program's door. Each command is a function that adds itself to the app; when chosen it leaves what is to be
/// done.
namespace wm::cli {

enum Exit { kDone = 0, kWrongInput = 1, kUsage = 2, kMachine = 3, kStopped = 4, kSomeFailed = 5 };

/// What was chosen; gives the exit code.
using Action = std::function<int()>;

/// The wish to stop, set by Ctrl-C.
base::Cancel& cancel();

/// Prints `worldmill: sentence` on stderr; gives kWrongInput.
int complain(const base::Diagnostic& diagnostic);
int complain(const std::string& sentence);

/// The options that every command with a RECIPE takes.
struct RecipeOptions {
  std::string file;
  recipe::Overrides overrides;
  std::uint64_t seed = 0;
  CLI::Option* seed_option = nullptr;

  void add(CLI::App& command, bool positional = true);
  Result<recipe::Recipe> load() const;
};

int default_workers();

void add_make(CLI::App& app, Action& action);
void add_preview(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_merge(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_show(CLI::App& app, Action& action);
void add_scene(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_render(CLI::App& app, Action& action);
void add_schema(CLI::App& app, Action& action);
void add_list(CLI::App& app, Action& action);
void add_take(CLI::App& app, Action& action);
void add_usd(CLI::App& app, Action& action);

}  // namespace wm::cli
