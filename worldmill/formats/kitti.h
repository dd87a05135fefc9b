#pragma once
#include "worldmill/formats/box_3d.h"
#include "worldmill/formats/writer.h"

/// KITTI object detection: `training/{image_2,label_2,calib}/<number>.{png,txt,txt}`, `ImageSets/train.txt`,
/// `mapping.jsonl`. A picture's number is the digits of its id (000012, 12030007 for 000012-03-0007); with several
/// sensors that times their count, plus the sensor's place among them.
namespace wm::formats {

Result<std::unique_ptr<Writer>> make_kitti(const sample::DatasetInfo& info, const base::Value& options);
std::vector<std::string> validate_kitti(base::Files& files, const std::filesystem::path& folder);

/// A box that stands upright along the camera's y axis (x right, y down, z forward).
struct KittiBox {
  double height = 0, width = 0, length = 0;  ///< [m], along y, across and along its own forward axis.
  math::Vec3 bottom;                         ///< Centre of its lower face [m].
  double rotation_y = 0;                     ///< Its forward axis is (cos, 0, -sin) [rad], in [-pi, pi].

  double alpha() const;  ///< rotation_y less the azimuth of `bottom` [rad], in [-pi, pi].
  std::array<math::Vec3, 8> corners() const;
};

/// The smallest upright box around `box`; forward is the direction nearest to the x axis of `box`.
KittiBox upright(const Box3d& box);

}  // namespace wm::formats
