#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "worldmill/annotate/annotator.h"
#include "worldmill/base/files.h"
#include "worldmill/formats/writer.h"
#include "worldmill/mill/taking.h"
#include "worldmill/recipe/recipe.h"
#include "worldmill/sample/dataset_info.h"
#include "worldmill/scene/asset_source.h"
#include "worldmill/sense/camera.h"
#include "worldmill/vary/vary.h"

namespace wm::mill {

/// One ordered scene x take.
struct Slot {
  std::int64_t scene = 0;
  std::int64_t take = 0;
  friend auto operator<=>(const Slot&, const Slot&) = default;
};

/// The names that recipes may say: those of the built-in catalogues.
recipe::Vocabulary vocabulary();

/// Where the time of one sample went [s]; never part of a dataset.
struct Seconds {
  double stage = 0;     ///< Drawing, loading, building acceleration structures; rejected attempts included.
  double simulate = 0;  ///< Stepping, detecting, recording.
  double labels = 0;    ///< Label rays, silhouettes, annotators.
  double light = 0;

  Seconds& operator+=(const Seconds& more) {
    stage += more.stage, simulate += more.simulate, labels += more.labels, light += more.light;
    return *this;
  }
};

/// One moment of a take, ready to be seen.
struct Look {
  vary::Shown shown;
  std::shared_ptr<const render::Stage> stage;
  std::vector<sense::Observation> seen;  ///< [camera] Label pixels and, where asked for, silhouettes; no film yet.
};

/// A slot's first attempt that met all demands: staged, drawn, run, ready for light.
struct Accepted {
  Slot slot;
  int attempt = 0;
  vary::Staged staged;
  vary::Varied varied;
  std::shared_ptr<const sim::Take> take;            ///< None: nothing moves.
  std::shared_ptr<const scene::Timeline> timeline;  ///< Of what moves, or of what stands still.
  Selection selection;
  std::vector<std::string> exploded;  ///< Address and trouble of each attempt whose world came apart.
  std::optional<Look> look;           ///< Of the only moment, where there is only one.
  Seconds seconds;
};

/// Why no attempt met the demands.
struct Unfilled {
  std::string reason;
};

/// `000012-03-hits-0`
std::string sequence_id(const Slot& slot, const std::string& name);

/// One entry of `write`, ready.
struct Output {
  recipe::Write write;
  std::unique_ptr<const formats::Writer> writer;
};

/// Opens each entry's writer for the sensors that it wants. An error is the user's: options that the format does not
/// know, labels that it needs and the dataset lacks.
Result<std::vector<Output>> open_outputs(const sample::DatasetInfo& info, const std::vector<recipe::Write>& writes);

/// The sample with the views that an entry of `write` wants.
sample::Sample view_of(const sample::Sample& sample, const recipe::Write& write);

/// Everything that makes the samples of one recipe. Thread-safe after construction: a slot needs no other slot.
class Studio {
 public:
  /// Checks what only the catalogues know: annotators exist, writers take their options and find their labels.
  static Result<std::unique_ptr<Studio>> open(const recipe::Recipe& recipe, base::Files& files);

  const recipe::Recipe& recipe() const { return recipe_; }
  const sample::DatasetInfo& info() const { return info_; }
  std::int64_t slots() const { return recipe_.scenes * recipe_.takes; }
  Slot slot(std::int64_t index) const { return {index / recipe_.takes, index % recipe_.takes}; }
  std::string stem(const Slot& slot, std::int64_t moment = 0) const;

  const std::vector<Output>& outputs() const { return outputs_; }
  scene::AssetSource& assets() const { return *assets_; }

  /// Varies and casts label rays until an attempt meets the demands. No light. Errors are the user's (an asset that
  /// cannot be read, ...).
  /// `planned`: the attempt that a plan names; it alone is made, and that it meets no demands is an error.
  Result<std::variant<Accepted, Unfilled>> accept(const Slot& slot, std::optional<int> planned = {}) const;

  /// What the labels say of one moment of an accepted slot, without light.
  Result<Look> look(const Accepted& accepted, std::size_t moment) const;

  /// Renders and annotates one moment. `workers` share the pixels of each picture. Empty when cancelled before it was
  /// done. `assets`: files that this moment alone used.
  struct Shot {
    std::optional<sample::Sample> sample;
    std::vector<std::string> assets;
    Seconds seconds;
  };
  Result<Shot> shoot(Accepted& accepted, std::size_t moment, int workers, const base::Cancel* cancel = nullptr) const;

 private:
  explicit Studio(const recipe::Recipe& recipe) : recipe_(recipe) {}
  Status open_annotators();
  Result<Accepted> attempt(const Slot& slot, int attempt, std::optional<vary::Staged>& staged, Seconds& seconds) const;
  Result<Look> open(const Accepted& accepted, std::size_t moment) const;
  std::vector<sense::Observation> observe(const Accepted& accepted, const Look& look,
                                          std::optional<std::pair<int, int>> size = {}) const;
  Result<std::optional<std::string>> unmet(Accepted& candidate) const;
  sample::Sample sample_of(const Accepted& accepted, std::size_t moment,
                           const std::vector<sample::DrawRecord>& own_draws) const;

  recipe::Recipe recipe_;
  sample::DatasetInfo info_;
  std::unique_ptr<render::Engine> engine_;
  std::unique_ptr<scene::AssetSource> assets_;
  std::vector<std::vector<std::unique_ptr<annotate::Annotator>>> annotators_;  ///< [sensor of the job]
  std::vector<Output> outputs_;
};

}  // namespace wm::mill
