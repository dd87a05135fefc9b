#pragma once
#include <optional>
#include <string>
#include <vector>

#include "worldmill/base/value.h"
#include "worldmill/sample/sample.h"

namespace wm::sample {

/// A class of the frozen table. A part class (`part_of`) is what the `parts` channel holds; its pixels' semantics stay
/// the whole's.
struct ClassRecord {
  std::uint16_t id = 0;
  std::string name;
  std::string part_of;  ///< Name of the whole's class; empty for a whole.
  bool ignore = false;  ///< Pixels are kIgnore in semantics, DontCare in KITTI, iscrowd in COCO.
};

/// What a channel or a column of labels means; annotators publish one per name.
struct FieldSchema {
  std::string name;
  std::string dtype;    ///< NumPy's name.
  std::string shape;    ///< `H W 3`, `N 4`
  std::string unit;     ///< `m`, `px`, `1`, `sRGB`
  std::string meaning;  ///< One sentence, with frame, range, and what null is.
};

struct SensorRecord {
  std::string name;
  std::string kind = "camera";
  int width = 0;   ///< [px]
  int height = 0;  ///< [px]
};

/// What is true of a whole dataset and known before its first sample.
struct DatasetInfo {
  std::string name;                   ///< The recipe's.
  bool stills = true;                 ///< One take and one moment per scene: ids are just the scene's.
  std::vector<ClassRecord> classes;   ///< By id.
  std::vector<SensorRecord> sensors;  ///< By name.
  std::vector<FieldSchema> channels;
  std::vector<FieldSchema> columns;
  std::vector<std::string> parts;  ///< Names of the split's parts; empty without a split.
};

}  // namespace wm::sample
