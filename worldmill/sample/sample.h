#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/time.h"
#include "worldmill/base/value.h"
#include "worldmill/geometry/lens.h"
#include "worldmill/math/pose.h"
#include "worldmill/sample/array.h"

namespace wm::sample {

/// Semantic ids: 0 is unlabelled, kIgnore is what the recipe's labels ignore; classes are 1..65534.
inline constexpr std::uint16_t kUnlabelled = 0;
inline constexpr std::uint16_t kIgnore = 65535;

/// Where a sample stands in its dataset, all from 0.
struct SampleId {
  std::int64_t scene = 0;
  std::int64_t take = 0;
  std::int64_t moment = 0;
  friend auto operator<=>(const SampleId&, const SampleId&) = default;
};
/// `000012-03-0007`; a still (`stills`: one take, one moment) is just `000012`. Larger numbers grow wider.
std::string to_string(const SampleId& id, bool stills);
/// Reads either form; the error says what an id looks like.
Result<SampleId> parse_sample_id(std::string_view text);

/// How a camera saw: what is needed to project a point of the world into its image.
struct CameraRecord {
  geometry::Pinhole lens;
  math::Pose world_from_camera;  ///< Camera optical frame: x right, y down, z forward [m].
  double exposure = 0;           ///< [EV]: pictures are radiance * 2^exposure.
  base::SimTime time;            ///< Mid-exposure.
};

/// A picture-like array of a view: [height, width] or [height, width, channels].
/// Files: u8 and u16 of 1 to 4 channels .png, f32 .exr, other .npy.
struct Channel {
  std::string name;
  Array data;
};

/// A table of labels: one row per object, columns by name. A number that is unknown is NaN (null in JSON).
struct Column {
  std::string name;
  Array values;  ///< [rows] or [rows, n]
};
struct Table {
  std::int64_t rows = 0;
  std::vector<Column> columns;

  const Array* find(std::string_view column) const;
  /// The values must have `rows` rows; a name occurs once.
  void add(std::string column, Array values);
};

/// What one sensor saw at one moment, and what is known about it.
struct View {
  std::string sensor;
  CameraRecord camera;
  std::vector<Channel> channels;
  /// Rows are the sample's labelled objects (`Sample::objects`, same order), seen or not; annotators add columns.
  Table objects;

  const Array* find(std::string_view channel) const;
};

/// A labelled object of a take. Instance ids count from 1, are stable within a take; 0 is background.
struct ObjectRecord {
  std::uint32_t instance = 0;
  std::string path;            ///< Of its root node in the scene: `/mug/0`.
  std::uint16_t semantic = 0;  ///< Class id, or kIgnore.
  std::string asset;           ///< The file it came from, as the recipe named it; empty when the stage's own.
};

/// One random draw, by its address: what `explain` prints.
struct DrawRecord {
  std::string address;       ///< `scene/12/0/scene.add.junk.asset/junk/0`
  std::string distribution;  ///< As the recipe wrote it, in one line: `uniform [0, 6.283]`.
  base::Value value;
};

/// Where a sample of a take stands in time, and in which sequence. Times count from the take's beginning.
struct MomentRecord {
  base::SimTime time;
  std::string sequence;    ///< `000012-03-hits-0`: take, capture rule, which of its windows; empty: it stands alone.
  std::int64_t index = 0;  ///< Within the sequence, from 0.
};

/// What one channel of a take's actions was told and what it did, at a sample's time.
struct ActionRecord {
  std::string name;   ///< `push/shelf`: the actor's name and what it acts upon.
  std::string kind;   ///< pose, joint_position, joint_velocity, force, impulse, velocity, failure
  std::string unit;   ///< `N`, `rad`, `m; quaternion w x y z`
  std::string frame;  ///< `world`, `joint`
  std::vector<double> commanded, actual;
};

/// All views of one moment with their labels: the currency between annotators, writers and judges.
struct Sample {
  SampleId id;
  std::string stem;                    ///< to_string(id, stills): file names begin with it.
  std::string part;                    ///< Of the split; empty without one.
  std::optional<MomentRecord> moment;  ///< Of a take that was simulated.
  std::vector<base::Value> events;     ///< Going on since the sample before of its sequence; as events.jsonl has them.
  std::vector<ActionRecord> actions;
  std::vector<ObjectRecord> objects;
  std::vector<View> views;
  std::vector<DrawRecord> draws;
};

}  // namespace wm::sample
