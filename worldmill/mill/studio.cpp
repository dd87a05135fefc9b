#include "worldmill/mill/studio.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "worldmill/base/check.h"
#include "worldmill/formats/writer.h"
#include "worldmill/import/import.h"

namespace wm::mill {
namespace {

const annotate::AnnotatorRow& annotator_row(const std::string& name) {
  const auto rows = annotate::builtin_annotators();
  const auto at = std::ranges::find(rows, name, &annotate::AnnotatorRow::name);
  WM_CHECK(at != rows.end());  // the recipe was read with vocabulary()
  return *at;
}

const formats::WriterRow& writer_row(const std::string& name) {
  const auto rows = formats::builtin_writers();
  const auto at = std::ranges::find(rows, name, &formats::WriterRow::name);
  WM_CHECK(at != rows.end());
  return *at;
}

using Clock = std::chrono::steady_clock;

/// Adds the time of its life to a sum [s].
class Stopwatch {
 public:
  explicit Stopwatch(double& sum) : sum_(sum), began_(Clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { sum_ += std::chrono::duration<double>(Clock::now() - began_).count(); }

 private:
  double& sum_;
  Clock::time_point began_;
};

sense::Needs needs_of(std::span<const std::unique_ptr<annotate::Annotator>> annotators) {
  sense::Needs all;
  for (const auto& annotator : annotators) {
    const sense::Needs needs = annotator->needs();
    all.light |= needs.light;
    all.silhouettes |= needs.silhouettes;
    all.events |= needs.events;
    all.actions |= needs.actions;
  }
  return all;
}

template <class Schema>
void add_new(std::vector<Schema>& to, const std::vector<Schema>& more) {
  for (const Schema& schema : more) {
    if (std::ranges::find(to, schema.name, &Schema::name) == to.end()) to.push_back(schema);
  }
}

sample::DatasetInfo info_of(const recipe::Recipe& recipe) {
  sample::DatasetInfo info;
  info.name = recipe.job.name;
  info.stills = recipe.stills();
  for (const vary::Label& label : recipe.job.labels) {
    info.classes.push_back({label.ignore ? sample::kIgnore : label.id, label.name, label.part_of, label.ignore});
  }
  std::ranges::sort(info.classes, {}, [](const sample::ClassRecord& c) { return std::pair(c.id, c.name); });
  for (const vary::Sensor& sensor : recipe.job.sensors) {
    info.sensors.push_back({sensor.name, "camera", sensor.camera.width, sensor.camera.height});
  }
  std::ranges::sort(info.sensors, {}, &sample::SensorRecord::name);
  info.parts = recipe.job.split.parts;
  return info;
}

/// The key of what is random in sensing a moment, beside the addresses that vary uses.
base::RandomKey light_key(const recipe::Recipe& recipe, const Accepted& accepted, std::size_t moment,
                          const std::string& sensor) {
  return base::RandomKey::from_seed(recipe.job.seed)
      .child("scene")
      .child(static_cast<std::uint64_t>(accepted.slot.scene))
      .child(static_cast<std::uint64_t>(accepted.staged.attempt))
      .child("take")
      .child(static_cast<std::uint64_t>(accepted.slot.take))
      .child(static_cast<std::uint64_t>(accepted.varied.attempt))
      .child("moment")
      .child(static_cast<std::uint64_t>(moment))
      .child("sensors")
      .child(sensor);
}

struct Sight {
  double pixels = 0;
  double visible = 0;
};

/// Whether the demand's bounds hold for what one camera sees of one object.
bool holds(const vary::Require& demand, const Sight& sight) {
  return sight.pixels >= demand.min_pixels && sight.pixels <= demand.max_pixels &&
         sight.visible >= demand.min_visible && sight.visible <= demand.max_visible;
}

/// Adds to `best` [object] what any camera sees of each object: the most visible pixels, counted as those of the
/// sensors.
void add_sights(const Look& look, const std::vector<sense::Observation>& views, std::vector<Sight>& best) {
  for (std::size_t camera = 0; camera < views.size(); ++camera) {
    const sense::Observation& seen = views[camera];
    const scene::CameraSpec& sensor = look.shown.cameras[camera].spec;
    const double scale =
        double(sensor.width) * sensor.height / (double(seen.camera.lens.width) * seen.camera.lens.height);
    for (std::size_t i = 0; i < seen.silhouettes.size(); ++i) {
      const sense::Silhouette& s = seen.silhouettes[i];
      const Sight sight{double(s.visible) * scale, s.inside > 0 ? double(s.visible) / double(s.inside) : 0};
      if (sight.pixels > best[i].pixels) best[i] = sight;
    }
  }
}

/// The objects that matched nodes are part of, or hold: `cup` means the mug below it too.
std::set<std::uint32_t> objects_at(const scene::Scene& scene, const scene::Labels& labels,
                                   const std::vector<scene::NodeId>& matches) {
  std::vector<char> inside(scene.nodes.size());
  for (const scene::NodeId node : matches) inside[node.index()] = 1;
  std::set<std::uint32_t> objects;
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    const scene::NodeId parent = scene.nodes[i].parent;
    inside[i] |= parent.exists() && inside[parent.index()];
    if (inside[i] && labels.nodes[i].instance != 0) objects.insert(labels.nodes[i].instance);
  }
  return objects;
}

}  // namespace

recipe::Vocabulary vocabulary() {
  recipe::Vocabulary words;
  for (const annotate::AnnotatorRow& row : annotate::builtin_annotators()) words.annotators.emplace_back(row.name);
  for (const formats::WriterRow& row : formats::builtin_writers()) words.writers.emplace_back(row.name);
  return words;
}

Result<std::unique_ptr<Studio>> Studio::open(const recipe::Recipe& recipe, base::Files& files) {
  std::unique_ptr<Studio> studio(new Studio(recipe));
  studio->info_ = info_of(recipe);
  studio->engine_ = render::make_engine();
  studio->assets_ = import::make_asset_source(files, recipe.roots);
  WM_TRY_STATUS(studio->open_annotators());
  WM_TRY(outputs, open_outputs(studio->info_, recipe.writes));
  studio->outputs_ = std::move(outputs);
  return studio;
}

Status Studio::open_annotators() {
  for (const vary::Sensor& sensor : recipe_.job.sensors) {
    const auto own = recipe_.annotate.per_sensor.find(sensor.name);
    const auto& names = own == recipe_.annotate.per_sensor.end() ? recipe_.annotate.names : own->second;
    auto& row = annotators_.emplace_back();
    for (const std::string& name : names) {
      row.push_back(annotator_row(name).make());
      add_new(info_.channels, row.back()->channels());
      add_new(info_.columns, row.back()->columns());
    }
  }
  return {};
}

Result<std::vector<Output>> open_outputs(const sample::DatasetInfo& all, const std::vector<recipe::Write>& writes) {
  std::vector<Output> outputs;
  for (const recipe::Write& write : writes) {
    sample::DatasetInfo info = all;
    if (!write.sensors.empty()) {
      std::erase_if(info.sensors, [&](const sample::SensorRecord& sensor) {
        return std::ranges::find(write.sensors, sensor.name) == write.sensors.end();
      });
    }
    WM_TRY(writer, writer_row(write.format).make(info, write.options));
    outputs.push_back({write, std::move(writer)});
  }
  return outputs;
}

sample::Sample view_of(const sample::Sample& sample, const recipe::Write& write) {
  sample::Sample copy = sample;
  if (!write.sensors.empty()) {
    std::erase_if(copy.views, [&](const sample::View& view) {
      return std::ranges::find(write.sensors, view.sensor) == write.sensors.end();
    });
  }
  return copy;
}

std::string Studio::stem(const Slot& slot, std::int64_t moment) const {
  return sample::to_string({slot.scene, slot.take, moment}, info_.stills);
}

/// Every demand is to be met at some moment, by some camera. Keeps the look at the only moment.
Result<std::optional<std::string>> Studio::unmet(Accepted& candidate) const {
  const vary::Staged& staged = candidate.staged;
  std::vector<Sight> best(staged.labels.objects.size());
  for (std::size_t moment = 0; moment < candidate.selection.moments.size(); ++moment) {
    WM_TRY(look, open(candidate, moment));
    look.seen = observe(candidate, look, recipe_.job.require_size);
    add_sights(look, look.seen, best);
    if (candidate.selection.moments.size() > 1) continue;
    if (recipe_.job.require_size) look.seen.clear();
    candidate.look = std::move(look);
  }
  for (const vary::Require& demand : recipe_.job.requires_) {
    WM_TRY(matches, demand.of.match(*staged.scene, staged.names));
    std::size_t objects = 0, met = 0;
    for (const std::uint32_t instance : objects_at(*staged.scene, staged.labels, matches)) {
      ++objects;
      met += holds(demand, best[instance - 1]);
    }
    if (objects == 0) {
      return base::error(
          fmt::format("require \"{}\": nothing that \"{}\" matches is labelled, so nothing can be seen of "
                      "it; add it to labels",
                      demand.name, demand.of.to_string()),
          demand.place);
    }
    if (demand.all ? met < objects : met == 0) {
      return fmt::format("require \"{}\": {} of {} objects met it", demand.name, met, objects);
    }
  }
  return std::nullopt;
}

Result<Accepted> Studio::attempt(const Slot& slot, int attempt, std::optional<vary::Staged>& staged,
                                 Seconds& seconds) const {
  Accepted candidate{slot, attempt, {}, {}, nullptr, nullptr, {}, {}, {}, {}};
  const bool redraw_scene = recipe_.job.redraw == vary::Per::scene;
  {
    const Stopwatch watch(seconds.stage);
    if (!staged || redraw_scene) {
      WM_TRY(fresh, vary::stage(recipe_.job, slot.scene, redraw_scene ? attempt : 0, *assets_));
      staged = std::move(fresh);
    }
    WM_TRY(varied, vary::vary(recipe_.job, *staged, slot.take, redraw_scene ? 0 : attempt, *assets_));
    candidate.staged = *staged;
    candidate.varied = std::move(varied);
  }
  const Stopwatch watch(seconds.simulate);
  if (recipe_.job.simulate) {
    WM_TRY(ran, run_take(recipe_.job, candidate.staged, candidate.varied));
    candidate.take = std::move(ran.take);
    candidate.timeline = std::move(ran.timeline);
  } else {
    candidate.timeline = scene::still(candidate.varied.world);
  }
  WM_TRY(selection, select(recipe_.job, candidate.staged, candidate.varied, candidate.take.get()));
  candidate.selection = std::move(selection);
  return candidate;
}

Result<std::variant<Accepted, Unfilled>> Studio::accept(const Slot& slot, std::optional<int> planned) const {
  std::string reason;
  Seconds seconds;
  const bool demands = !recipe_.job.requires_.empty(), redraws = recipe_.job.simulate && recipe_.job.simulate->redraw;
  const int first = planned.value_or(0);
  const int attempts = planned ? *planned + 1 : demands || redraws ? recipe_.job.attempts : 1;
  std::optional<vary::Staged> staged;
  std::vector<std::string> exploded;
  for (int number = first; number < attempts; ++number) {
    WM_TRY(candidate, attempt(slot, number, staged, seconds));
    if (candidate.take && candidate.take->trouble.trouble != physics::Trouble::none) {
      exploded.push_back(fmt::format("scene/{}/{}/take/{}/{}: {}", slot.scene, candidate.staged.attempt, slot.take,
                                     candidate.varied.attempt, candidate.take->trouble.message));
      if (redraws) {
        reason = "the world came apart: " + candidate.take->trouble.message;
        continue;
      }
    }
    if (demands) {
      const Stopwatch watch(seconds.labels);
      WM_TRY(missing, unmet(candidate));
      if (missing) {
        reason = *std::move(missing);
        continue;
      }
    }
    candidate.exploded = std::move(exploded);
    candidate.seconds = seconds;
    return candidate;
  }
  if (planned) {
    return base::error(
        fmt::format("the plan accepts attempt {} of {}, but {}; plan again", *planned, stem(slot), reason));
  }
  return Unfilled{fmt::format("{} in the last of {} attempts", reason, attempts)};
}

Result<Look> Studio::open(const Accepted& accepted, std::size_t moment) const {
  scene::World world = accepted.timeline->world_at(accepted.selection.moments[moment].time);
  WM_TRY(shown, vary::show(recipe_.job, accepted.staged, accepted.varied, std::move(world),
                           static_cast<std::int64_t>(moment), *assets_));
  Look look{std::move(shown), nullptr, {}};
  look.stage = engine_->compile(look.shown.world);
  return look;
}

std::vector<sense::Observation> Studio::observe(const Accepted& accepted, const Look& look,
                                                std::optional<std::pair<int, int>> size) const {
  std::vector<sense::Observation> views;
  const scene::Labels& labels = accepted.staged.labels;
  for (std::size_t i = 0; i < look.shown.cameras.size(); ++i) {
    const vary::PlacedCamera& camera = look.shown.cameras[i];
    sense::Observation seen;
    seen.camera = sense::record(camera.spec, camera.world_from_camera);
    if (size) seen.camera.lens = seen.camera.lens.resized(size->first, size->second);
    seen.labels = sense::cast_labels(look.stage->surfaces(), seen.camera, labels);
    if (!recipe_.job.requires_.empty() || needs_of(annotators_[i]).silhouettes) {
      seen.silhouettes = sense::cast_silhouettes(*look.stage, seen.camera, labels, seen.labels);
    }
    views.push_back(std::move(seen));
  }
  return views;
}

Result<Look> Studio::look(const Accepted& accepted, std::size_t moment) const {
  WM_TRY(look, open(accepted, moment));
  look.seen = observe(accepted, look);
  return look;
}

Result<Studio::Shot> Studio::shoot(Accepted& accepted, std::size_t moment, int workers,
                                   const base::Cancel* cancel) const {
  Shot shot;
  std::optional<Look> look = std::exchange(accepted.look, std::nullopt);
  if (!look) {
    const Stopwatch watch(shot.seconds.stage);
    WM_TRY(opened, open(accepted, moment));
    look = std::move(opened);
  }
  if (look->seen.empty()) {
    const Stopwatch watch(shot.seconds.labels);
    look->seen = observe(accepted, *look);
  }
  sample::Sample sample = sample_of(accepted, moment, look->shown.draws);
  for (std::size_t i = 0; i < look->seen.size(); ++i) {
    sense::Observation& seen = look->seen[i];
    seen.objects = &accepted.staged.labels;
    seen.world = &look->shown.world;
    seen.camera.time = accepted.selection.moments[moment].time;
    const std::string& name = look->shown.cameras[i].name;
    if (needs_of(annotators_[i]).light) {
      const Stopwatch watch(shot.seconds.light);
      seen.film = render::trace(*look->stage, seen.camera, recipe_.quality, light_key(recipe_, accepted, moment, name),
                                workers, cancel);
      if (cancel && cancel->requested()) return shot;
    }
    const Stopwatch watch(shot.seconds.labels);
    sample::View view{name, seen.camera, {}, {}};
    view.objects.rows = static_cast<std::int64_t>(sample.objects.size());
    for (const auto& annotator : annotators_[i]) annotator->annotate(seen, view);
    sample.views.push_back(std::move(view));
  }
  std::ranges::sort(sample.views, {}, &sample::View::sensor);
  shot.assets = std::move(look->shown.assets);
  shot.sample = std::move(sample);
  return shot;
}

/// What is said of a moment beside what its sensors see.
sample::Sample Studio::sample_of(const Accepted& accepted, std::size_t moment,
                                 const std::vector<sample::DrawRecord>& own_draws) const {
  sample::Sample sample;
  sample.id = {accepted.slot.scene, accepted.slot.take, static_cast<std::int64_t>(moment)};
  sample.stem = stem(accepted.slot, sample.id.moment);
  sample.part = accepted.staged.part;
  sample.objects = accepted.staged.labels.objects;
  for (const auto* draws : {&accepted.staged.draws, &accepted.varied.draws, &accepted.selection.draws, &own_draws}) {
    std::ranges::copy(*draws, std::back_inserter(sample.draws));
  }
  if (!accepted.take) return sample;
  const Moment& at = accepted.selection.moments[moment];
  sample.moment = {at.time, "", 0};
  if (at.sequence != Moment::kAlone) {
    const Sequence& sequence = accepted.selection.sequences[at.sequence];
    sample.moment->sequence = sequence_id(accepted.slot, sequence.name);
    sample.moment->index = static_cast<std::int64_t>(moment - sequence.first);
  }
  sense::Needs needs;
  for (const auto& row : annotators_) {
    needs.events |= needs_of(row).events;
    needs.actions |= needs_of(row).actions;
  }
  if (needs.events) sample.events = events_at(*accepted.take, accepted.selection, moment);
  if (needs.actions) sample.actions = actions_at(*accepted.take, at.time);
  return sample;
}

std::string sequence_id(const Slot& slot, const std::string& name) {
  return fmt::format("{:06}-{:02}-{}", slot.scene, slot.take, name);
}

}  // namespace wm::mill
