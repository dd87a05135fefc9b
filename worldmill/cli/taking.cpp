// take: runs of a scene's bodies, without light.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "worldmill/base/json.h"
#include "worldmill/cli/command.h"
#include "worldmill/mill/alone.h"

namespace wm::cli {
namespace {

namespace fs = std::filesystem;

struct RunArguments {
  mill::TakeOptions options;
  std::vector<std::string> drives, pushes;
  std::string out;
};

/// `name=1.5` or `name=1,2,3`.
Result<std::pair<std::string, std::vector<double>>> parse_setting(const std::string& option, const std::string& text,
                                                                  std::size_t count) {
  const std::size_t equals = text.rfind('=');
  std::vector<double> numbers;
  for (std::size_t at = equals + 1; equals != std::string::npos && at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    double number = 0;
    const auto [rest, fault] = std::from_chars(text.data() + at, text.data() + end, number);
    if (fault != std::errc() || rest != text.data() + end) break;
    numbers.push_back(number);
    at = end + 1;
  }
  if (equals == std::string::npos || equals == 0 || numbers.size() != count) {
    return base::error(fmt::format("{} {}: write the name of a body, =, and {}", option, text,
                                   count == 1 ? "a number" : "three numbers, as in lid=0,0,5"));
  }
  return std::pair(text.substr(0, equals), std::move(numbers));
}

void print_info(const sim::Take& take) {
  fmt::print("{:.3f} s in steps of {} us", take.end().seconds(), take.step_ns / 1000);
  if (take.settle_steps > 0)
    fmt::print(", after {:.3f} s of settling", 1e-9 * double(take.settle_steps * take.step_ns));
  fmt::print("\nstepped by {}\n", take.solver);
  std::size_t keys = 0;
  for (const sim::Track& track : take.tracks) keys += track.keys.size();
  fmt::print("{} bodies moved, {} keys; {} channels of actions; {} states to go on from\n", take.tracks.size(), keys,
             take.channels.size(), take.checkpoints.size());
  std::map<std::string, int> kinds;
  for (const sim::Event& event : take.events) ++kinds[event.name];
  for (const auto& [name, count] : kinds) fmt::print("  {:<16} {:>6} events\n", name, count);
  if (take.trouble.trouble != physics::Trouble::none) {
    fmt::print("ended early at {:.3f} s: {}\n", take.trouble.time, take.trouble.message);
  }
}

int run(RunArguments& arguments) {
  for (const std::string& text : arguments.drives) {
    const auto drive = parse_setting("--drive", text, 1);
    if (!drive) return complain(drive.error()), kUsage;
    arguments.options.commands.emplace_back(drive->first, drive->second[0]);
  }
  for (const std::string& text : arguments.pushes) {
    const auto push = parse_setting("--push", text, 3);
    if (!push) return complain(push.error()), kUsage;
    arguments.options.pushes.emplace_back(push->first, math::Vec3{push->second[0], push->second[1], push->second[2]});
  }
  arguments.options.cancel = &cancel();
  const auto alone = mill::take_alone(base::disk(), arguments.options);
  if (!alone) return complain(alone.error());
  for (const std::string& sentence : alone->ignored) fmt::print(stderr, "{}\n", sentence);
  if (cancel().requested()) return kStopped;
  base::disk().commit(arguments.out, sim::encode(alone->take));
  fmt::print("{}\n", arguments.out);
  print_info(alone->take);
  return alone->take.trouble.trouble == physics::Trouble::none ? kDone : kSomeFailed;
}

Result<sim::Take> read_take(const std::string& file) {
  WM_TRY(bytes, base::disk().read(file, std::uint64_t{1} << 32));
  return sim::decode(bytes, file);
}

int info(const std::string& file) {
  const auto take = read_take(file);
  if (!take) return complain(take.error());
  print_info(*take);
  return kDone;
}

int events(const std::string& file) {
  const auto take = read_take(file);
  if (!take) return complain(take.error());
  for (const sim::Event& event : take->events) {
    std::string line;
    base::append_json(line, sim::to_value(event));
    fmt::print("{}\n", line);
  }
  return kDone;
}

/// `30` or `30000/1001`, ticks per second.
Result<base::Rate> parse_rate(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  base::Rate rate;
  const auto whole = [&](std::size_t from, std::size_t to, std::int64_t& number) {
    const auto [rest, fault] = std::from_chars(text.data() + from, text.data() + to, number);
    return fault == std::errc() && rest == text.data() + to;
  };
  const bool read =
      whole(0, slash, rate.numerator) && (slash == text.size() || whole(slash + 1, text.size(), rate.denominator));
  constexpr std::int64_t kMost = 1'000'000;
  const bool sound = rate.numerator > 0 && rate.denominator > 0 && rate.numerator <= kMost && rate.denominator <= kMost;
  if (!read || !sound) {
    return base::error(fmt::format("--rate {}: write times per second, as 30 or 30000/1001", text));
  }
  return rate;
}

struct ExportArguments {
  mill::TakeExportOptions options;
  std::string rate;
};

int run_export(ExportArguments& arguments) {
  if (!arguments.rate.empty()) {
    const auto rate = parse_rate(arguments.rate);
    if (!rate) return complain(rate.error()), kUsage;
    arguments.options.rate = *rate;
  }
  const auto notes = mill::export_take(base::disk(), arguments.options);
  if (!notes) return complain(notes.error());
  for (const std::string& sentence : *notes) fmt::print(stderr, "{}\n", sentence);
  fmt::print("{}\n", arguments.options.out.string());
  return kDone;
}

void add_take_export(CLI::App& take, Action& action) {
  CLI::App* command = take.add_subcommand("export", "A take with its scene, as an animation that other programs play");
  const auto a = std::make_shared<ExportArguments>();
  command->add_option("TAKE", a->options.take, "What `worldmill take run` wrote")->required()->check(CLI::ExistingFile);
  command->add_option("--of", a->options.scene, "The scene file that it was made of")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("-o,--out", a->options.out, "The animation: .glb, .gltf, .usda, .usdc, .usd or .usdz")
      ->required();
  command->add_option("--rate", a->rate,
                      "Keys a second, as 30 or 30000/1001; left out: the take's own keys (OpenUSD: 60)");
  command->add_option("--assets", a->options.roots, "A further folder that its files may come from");
  command->footer("Example:  worldmill take export spot.take --of scene.xml -o spot.glb");
  command->callback([&action, a] { action = [a] { return run_export(*a); }; });
}

void add_run(CLI::App& take, Action& action) {
  CLI::App* command = take.add_subcommand("run", "Step a scene's bodies and write down what happened");
  const auto a = std::make_shared<RunArguments>();
  command->add_option("SCENE", a->options.file, "A scene with bodies: .xml (MJCF), .urdf, .usd (.usda, .usdc, .usdz)")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("-o,--out", a->out, "The take")->required();
  command->add_option("--seconds", a->options.seconds, "How long")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--settle", a->options.settle, "Seconds before the take begins, unseen")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--drive", a->drives, "BODY=VALUE: what the drives of a body's joints are told");
  command->add_option("--push", a->pushes, "BODY=X,Y,Z: a force [N] through the first tenth of a second");
  command->add_option("--assets", a->options.roots, "A further folder that its files may come from");
  command->footer("Example:  worldmill take run scene.xml -o spot.take --seconds 3");
  command->callback([&action, a] { action = [a] { return run(*a); }; });
}

void add_reader(CLI::App& take, Action& action, const char* name, const char* help, int (*read)(const std::string&)) {
  CLI::App* command = take.add_subcommand(name, help);
  const auto file = std::make_shared<std::string>();
  command->add_option("TAKE", *file, "What `worldmill take run` wrote")->required()->check(CLI::ExistingFile);
  command->footer(fmt::format("Example:  worldmill take {} spot.take", name));
  command->callback([&action, file, read] { action = [file, read] { return read(*file); }; });
}

}  // namespace

void add_take(CLI::App& app, Action& action) {
  CLI::App* take = app.add_subcommand("take", "Takes alone, without light");
  take->require_subcommand(1);
  add_run(*take, action);
  add_reader(*take, action, "info", "What a take holds", info);
  add_reader(*take, action, "events", "Its events, a line of JSON each", events);
  add_take_export(*take, action);
  take->footer(
      "Example:  worldmill take run scene.xml -o spot.take\nA moment of it:  worldmill render scene.xml --take "
      "spot.take --time 1.2 -o spot.png");
}

}  // namespace wm::cli
