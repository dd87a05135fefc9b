// schema, list: what the catalogues hold.
#include <fmt/format.h>

#include <algorithm>

#include "worldmill/annotate/annotator.h"
#include "worldmill/cli/command.h"
#include "worldmill/formats/writer.h"
#include "worldmill/import/import.h"
#include "worldmill/mill/studio.h"
#include "worldmill/sim/actor.h"
#include "worldmill/vary/vary.h"

namespace wm::cli {
namespace {

struct Row {
  std::string name, summary, details;
};

std::vector<Row> annotators() {
  std::vector<Row> rows;
  for (const annotate::AnnotatorRow& row : annotate::builtin_annotators()) {
    std::string details;
    const auto annotator = row.make();
    for (const auto& fields : {annotator->channels(), annotator->columns()}) {
      for (const sample::FieldSchema& field : fields) {
        details += fmt::format("  {}  {} [{}]  {}\n      {}\n", field.name, field.dtype, field.shape, field.unit,
                               field.meaning);
      }
    }
    rows.push_back({std::string(row.name), std::string(row.summary), details});
  }
  return rows;
}

std::vector<Row> writers() {
  std::vector<Row> rows;
  for (const formats::WriterRow& row : formats::builtin_writers()) {
    rows.push_back({std::string(row.name), std::string(row.summary), std::string(row.options) + "\n"});
  }
  return rows;
}

std::vector<Row> randomizers() {
  std::vector<Row> rows;
  for (const vary::DistributionRow& row : vary::distributions()) {
    rows.push_back({std::string(row.name), std::string(row.summary), fmt::format("  arguments: {}\n", row.arguments)});
  }
  return rows;
}

std::vector<Row> sensors() {
  return {{"camera", "Ideal pinhole: resolution, fov, exposure.", ""}};
}

std::string numbers_of(std::span<const sim::NumberSchema> numbers) {
  std::string text;
  for (const sim::NumberSchema& number : numbers) {
    const std::string preset = number.preset ? fmt::format("{}", *number.preset) : "to be given";
    text += fmt::format("  {}  [{}]  {}\n      {}\n", number.name, number.unit, preset, number.help);
  }
  return text;
}

std::vector<Row> detectors() {
  std::vector<Row> rows;
  for (const sim::DetectorRow& row : sim::builtin_detectors()) {
    rows.push_back({std::string(row.name), std::string(row.summary),
                    fmt::format("  about: {}\n  severity: {}\n{}", fmt::join(row.groups, ", "), row.severity,
                                numbers_of(row.numbers))});
  }
  return rows;
}

std::vector<Row> actors() {
  std::vector<Row> rows;
  for (const sim::ActorRow& row : sim::builtin_actors()) {
    rows.push_back({std::string(row.name), std::string(row.summary), numbers_of(row.numbers)});
  }
  return rows;
}

std::vector<Row> assets() {
  std::vector<Row> rows;
  for (const std::string_view ending : import::endings())
    rows.push_back({std::string(ending), "Scene file that can be read.", ""});
  return rows;
}

struct Family {
  std::string_view name;
  std::vector<Row> (*rows)();
};
constexpr Family kFamilies[] = {{"annotators", annotators}, {"writers", writers},     {"randomizers", randomizers},
                                {"sensors", sensors},       {"detectors", detectors}, {"actors", actors},
                                {"assets", assets}};

int list(const std::string& family, const std::string& name) {
  const auto* at = std::ranges::find(kFamilies, family, &Family::name);
  if (at == std::end(kFamilies)) {
    std::vector<std::string_view> names;
    for (const Family& f : kFamilies) names.push_back(f.name);
    return complain(fmt::format("no family \"{}\"{}; known: {}", family, base::did_you_mean(family, names),
                                fmt::join(names, ", "))),
           kUsage;
  }
  bool found = false;
  const std::vector<Row> rows = at->rows();
  for (const Row& row : rows) {
    if (!name.empty() && row.name != name) continue;
    found = true;
    fmt::print("{:<18} {}\n{}", row.name, row.summary, name.empty() ? "" : row.details);
  }
  if (found) return kDone;
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return complain(fmt::format("no \"{}\" among the {}{}", name, family, base::did_you_mean(name, names)));
}

}  // namespace

void add_schema(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("schema", "The recipe's JSON Schema, for editors");
  command->footer("Example:  worldmill schema > recipe.schema.json");
  command->callback([&action] {
    action = [] {
      fmt::print("{}\n", recipe::json_schema(mill::vocabulary()));
      return static_cast<int>(kDone);
    };
  });
}

void add_list(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("list", "What there is: annotators, writers, randomizers, sensors, detectors, ...");
  struct Arguments {
    std::string family, name;
  };
  const auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("FAMILY", arguments->family,
                   "annotators, writers, randomizers, sensors, detectors, actors or assets")
      ->required();
  command->add_option("NAME", arguments->name, "One of them, in full");
  command->footer("Example:  worldmill list annotators box_3d");
  command->callback(
      [&action, arguments] { action = [arguments] { return list(arguments->family, arguments->name); }; });
}

}  // namespace wm::cli
