// make, preview, plan, merge, export: what writes.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/cli/command.h"
#include "worldmill/image/png.h"
#include "worldmill/mill/dataset.h"
#include "worldmill/mill/make.h"
#include "worldmill/mill/plan.h"
#include "worldmill/mill/preview.h"

namespace wm::cli {
namespace {

namespace fs = std::filesystem;
using Range = std::pair<std::int64_t, std::int64_t>;

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && code == std::errc{} && end == text.data() + text.size() && number >= 0;
}

/// `A..B`, both ends in, or one number.
Result<Range> parse_range(const std::string& text, std::int64_t scenes) {
  Range range;
  const std::size_t dots = text.find("..");
  const std::string_view whole = text;
  const std::string_view first = whole.substr(0, dots);
  const std::string_view last = dots == std::string::npos ? first : whole.substr(dots + 2);
  if (!read_number(first, range.first) || !read_number(last, range.second) || range.second < range.first) {
    return base::error(fmt::format("--scenes {}: a range is written 0..11, from 0, both ends in", text));
  }
  if (range.second >= scenes) {
    return base::error(
        fmt::format("--scenes {}: the recipe orders {} scenes, so the last is {}", text, scenes, scenes - 1));
  }
  return range;
}

/// `I/N`, from 1.
Result<Range> parse_shard(const std::string& text, std::int64_t scenes) {
  std::int64_t index = 0, count = 0;
  const std::size_t slash = text.find('/');
  const std::string_view whole = text;
  const bool good = slash != std::string::npos && read_number(whole.substr(0, slash), index) &&
                    read_number(whole.substr(slash + 1), count) && index >= 1 && index <= count;
  if (!good) return base::error(fmt::format("--shard {}: a shard is written 2/4, from 1", text));
  return mill::shard_range(scenes, index, count);
}

/// One line that is written over on a terminal; elsewhere a quiet line now and then.
class ProgressLine {
 public:
  explicit ProgressLine(const char* unit) : unit_(unit), terminal_(isatty(STDERR_FILENO) != 0) {}

  void show(const base::Progress& progress) {
    const double now = progress.elapsed.count();
    const bool last = progress.done == progress.total;
    if (!last && now - shown_ < (terminal_ ? 0.1 : 10.0)) return;
    shown_ = now;
    if (terminal_) {
      fmt::print(stderr, "\r{}\x1b[K{}", base::to_bar(progress, unit_, width()), last ? "\n" : "");
      open_ = !last;
    } else {
      fmt::print(stderr, "{}\n", base::to_line(progress, unit_));
    }
  }
  void say(const std::string& text) {
    if (open_) fmt::print(stderr, "\r\x1b[K");
    fmt::print(stderr, "{}\n", text);
  }

 private:
  static int width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1 : 79;
  }
  const char* unit_;
  bool terminal_;
  bool open_ = false;
  double shown_ = -1e9;
};

struct MakeArguments {
  RecipeOptions recipe;
  std::string folder, scenes, shard, plan;
  int workers = 0;
  double time_limit = 0;
  std::uint64_t max_memory = 0;
  bool offline = false;
  std::uint64_t shuffle = 0;
  CLI::Option* shuffle_option = nullptr;
  bool json = false;
};

void print_summary(const MakeArguments& arguments, const mill::MakeSummary& summary) {
  if (arguments.json) {
    using base::value_of;
    std::string text;
    base::append_json(text, base::map_of({{"folder", value_of(arguments.folder)},
                                          {"slots", value_of(summary.ok)},
                                          {"samples", value_of(summary.samples)},
                                          {"whole_takes", value_of(summary.whole_takes)},
                                          {"failed", value_of(summary.failed)},
                                          {"unfilled", value_of(summary.unfilled)},
                                          {"worker_seconds", value_of(summary.worker_seconds)},
                                          {"simulate_seconds", value_of(summary.spent.simulate)},
                                          {"sealed", value_of(summary.sealed)},
                                          {"tree_hash", value_of(summary.tree_hash)}}));
    fmt::print("{}\n", text);
    return;
  }
  fmt::print("{}: {} samples", arguments.folder, summary.samples);
  if (summary.whole_takes > summary.samples) {
    fmt::print(" of {} takes ({:.1f} % of the {} pictures that the whole takes would be: {:.1f} % of the light saved",
               summary.ok, 100.0 * double(summary.samples) / double(summary.whole_takes), summary.whole_takes,
               100.0 * (1 - double(summary.samples) / double(summary.whole_takes)));
    if (summary.spent.simulate > 0) {
      fmt::print("; {:.1f} % of the time simulated", 100 * summary.spent.simulate / summary.worker_seconds);
    }
    fmt::print(")");
  }
  if (summary.unfilled > 0) fmt::print(", {} slots unfilled (plan.jsonl says why)", summary.unfilled);
  if (summary.failed > 0)
    fmt::print(", {} failed (ledger.jsonl says why; run again to try them again)", summary.failed);
  if (!summary.sealed) {
    fmt::print(", stopped before the end; run the same command to go on\n");
    return;
  }
  fmt::print(", sealed, tree hash {}\n", summary.tree_hash);
  for (const std::string& picture : summary.pictures) {
    if (picture.find("overlay") != std::string::npos) fmt::print("  {}/{}\n", arguments.folder, picture);
  }
}

int make(const MakeArguments& arguments) {
  const auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  mill::MakeOptions options;
  options.folder = arguments.folder;
  if (!arguments.scenes.empty() || !arguments.shard.empty()) {
    const auto range = arguments.shard.empty() ? parse_range(arguments.scenes, recipe->scenes)
                                               : parse_shard(arguments.shard, recipe->scenes);
    if (!range) return complain(range.error()), kUsage;
    options.scenes = *range;
  }
  const auto studio = mill::Studio::open(*recipe, base::disk());
  if (!studio) return complain(studio.error());
  ProgressLine line(recipe->stills() ? "samples" : "takes");
  options.workers = arguments.workers > 0 ? arguments.workers : default_workers();
  if (arguments.shuffle_option->count() > 0) options.shuffle = arguments.shuffle;
  if (!arguments.plan.empty()) {
    auto planned = mill::read_plan(base::disk(), arguments.plan, *recipe);
    if (!planned) return complain(planned.error());
    options.plan = std::move(*planned);
  }
  if (arguments.max_memory > 0) options.max_memory = arguments.max_memory;
  if (arguments.time_limit > 0) options.time_limit = arguments.time_limit;
  options.cancel = &cancel();
  options.progress = [&](const base::Progress& progress) { line.show(progress); };
  options.warn = [&](const std::string& text) { line.say(text); };
  const auto summary = mill::make(**studio, base::disk(), options);
  if (!summary) return complain(summary.error());
  print_summary(arguments, *summary);
  if (!summary->sealed) return kStopped;
  return summary->failed > 0 ? kSomeFailed : kDone;
}

void add_workers(CLI::App& command, int& workers) {
  command.add_option("--workers", workers, "Threads; one per processor when left out. Never changes a byte")
      ->check(CLI::Range(1, 1024));
}

struct PreviewArguments {
  RecipeOptions recipe;
  std::string out;
  mill::PreviewOptions options;
};

int preview(PreviewArguments& arguments) {
  auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  arguments.options.cancel = &cancel();
  if (arguments.options.workers <= 0) arguments.options.workers = default_workers();
  if (arguments.out.empty()) arguments.out = fs::path(arguments.recipe.file).stem().string() + "-preview.png";
  const auto preview = mill::preview(std::move(*recipe), base::disk(), arguments.options);
  if (!preview) return complain(preview.error());
  for (const std::string& note : preview->notes) fmt::print(stderr, "{}\n", note);
  base::disk().commit(arguments.out, image::encode_png(preview->sheet));
  fmt::print("{}\n", arguments.out);
  return preview->notes.empty() ? kDone : kSomeFailed;
}

struct PlanArguments {
  RecipeOptions recipe;
  std::string out;
  int workers = 0;
};

int plan(const PlanArguments& arguments) {
  const auto recipe = arguments.recipe.load();
  if (!recipe) return complain(recipe.error());
  const auto studio = mill::Studio::open(*recipe, base::disk());
  if (!studio) return complain(studio.error());
  ProgressLine line("slots");
  mill::PlanOptions options;
  options.workers = arguments.workers > 0 ? arguments.workers : default_workers();
  options.cancel = &cancel();
  options.progress = [&](const base::Progress& progress) { line.show(progress); };
  const mill::Plan plan = mill::make_plan(**studio, options);
  if (!arguments.out.empty()) base::disk().commit(arguments.out, mill::to_file(plan, *recipe));
  fmt::print("{}", mill::to_text(plan));
  if (plan.stopped) return kStopped;
  return plan.failed > 0 ? kSomeFailed : kDone;
}

/// `coco` or `coco:{masks: rle}`-like text is not needed: options come as YAML after `=`.
Result<recipe::Write> parse_write(const std::string& text) {
  const std::size_t colon = text.find('=');
  recipe::Write write;
  write.name = write.format = text.substr(0, colon);
  const std::vector<std::string> known = mill::vocabulary().writers;
  if (std::ranges::find(known, write.format) == known.end()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    return base::error(fmt::format("--write {}: no such format{}; known: {}", text,
                                   base::did_you_mean(write.format, names), fmt::join(known, ", ")));
  }
  if (colon == std::string::npos) return write;
  WM_TRY(options, base::parse_yaml(text.substr(colon + 1), "--write"));
  write.options = std::move(options);
  return write;
}

}  // namespace

void add_make(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("make", "Make a dataset; run again after any stop, it goes on where it stopped");
  const auto arguments = std::make_shared<MakeArguments>();
  arguments->recipe.add(*command);
  command->add_option("-o,--out", arguments->folder, "The dataset's folder")->required();
  auto* scenes = command->add_option("--scenes", arguments->scenes, "Only these: A..B, from 0, both ends in");
  command->add_option("--shard", arguments->shard, "Only this share of the scenes: I/N, from 1")->excludes(scenes);
  add_workers(*command, arguments->workers);
  command->add_option("--time-limit", arguments->time_limit, "Begin no sample after so many seconds (exit code 4)")
      ->check(CLI::PositiveNumber);
  command->add_option("--plan", arguments->plan, "What `worldmill plan -o` wrote: its slots are not searched for again")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--max-memory", arguments->max_memory,
                   "Begin no further sample while memory is near this (6GB, 800MB); one at a time always runs")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  command->add_flag("--offline", arguments->offline, "Refuse whatever needs a network; nothing in a recipe does yet");
  arguments->shuffle_option = command->add_option("--shuffle", arguments->shuffle,
                                                  "Work in another order, keyed by this number; changes no byte");
  command->add_flag("--json", arguments->json, "The summary as JSON");
  command->footer(
      "Example:  worldmill make recipes/tabletop.yaml -o out/tabletop --scenes 0..11 --set render.max_samples=32");
  command->callback([&action, arguments] { action = [arguments] { return make(*arguments); }; });
}

void add_preview(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("preview", "A labelled contact sheet in seconds, of scenes spread over the order");
  const auto arguments = std::make_shared<PreviewArguments>();
  arguments->options.workers = 0;
  arguments->recipe.add(*command);
  command->add_option("-n", arguments->options.count, "How many scenes")
      ->check(CLI::Range(1, 400))
      ->capture_default_str();
  command->add_option("-o,--out", arguments->out, "The PNG to write; <recipe>-preview.png when left out");
  command->add_option("--width", arguments->options.width, "Of one picture [px]")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  command->add_option("--seconds", arguments->options.seconds, "What to aim at in all")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_workers(*command, arguments->options.workers);
  command->footer("Example:  worldmill preview recipes/tabletop.yaml -n 9");
  command->callback([&action, arguments] { action = [arguments] { return preview(*arguments); }; });
}

void add_plan(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("plan", "Accept every slot ahead, without light: counts, rejections, estimates");
  const auto arguments = std::make_shared<PlanArguments>();
  arguments->recipe.add(*command);
  command->add_option("-o,--out", arguments->out, "Write what was accepted here, for make --plan");
  add_workers(*command, arguments->workers);
  command->footer("Example:  worldmill plan recipes/tabletop.yaml -o tabletop.plan");
  command->callback([&action, arguments] { action = [arguments] { return plan(*arguments); }; });
}

void add_merge(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("merge", "Unite shards of one recipe into one dataset");
  struct Arguments {
    std::vector<std::string> from;
    std::string folder;
  };
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("DIR", arguments->from, "Datasets made with --shard or --scenes")->required();
  command->add_option("-o,--out", arguments->folder, "A new folder")->required();
  command->footer("Example:  worldmill merge out/1 out/2 out/3 out/4 -o out/whole");
  command->callback([&action, arguments] {
    action = [arguments] {
      const std::vector<fs::path> from(arguments->from.begin(), arguments->from.end());
      const auto hash = mill::merge(base::disk(), from, arguments->folder);
      if (!hash) return complain(hash.error());
      fmt::print("{}: sealed, tree hash {}\n", arguments->folder, *hash);
      return static_cast<int>(kDone);
    };
  });
}

void add_export(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("export", "Another format from the canonical store; nothing is rendered again");
  struct Arguments {
    std::string folder, write;
  };
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("DIR", arguments->folder, "A dataset")->required();
  command->add_option("--write", arguments->write, "A format, with options after =: coco or 'coco={masks: rle}'")
      ->required();
  command->footer("Example:  worldmill export out/tabletop --write kitti");
  command->callback([&action, arguments] {
    action = [arguments] {
      const auto write = parse_write(arguments->write);
      if (!write) return complain(write.error());
      const auto dataset = mill::open_dataset(base::disk(), arguments->folder);
      if (!dataset) return complain(dataset.error());
      const auto folder = mill::export_format(base::disk(), *dataset, *write);
      if (!folder) return complain(folder.error());
      fmt::print("{}\n", folder->string());
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace wm::cli
