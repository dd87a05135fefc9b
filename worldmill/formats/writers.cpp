#include <array>

#include "worldmill/formats/coco.h"
#include "worldmill/formats/kitti.h"
#include "worldmill/formats/overlay.h"
#include "worldmill/formats/plain.h"

namespace wm::formats {

std::span<const WriterRow> builtin_writers() {
  static constexpr std::array kRows{
      WriterRow{"plain", "Folders of pictures and arrays with a JSON of labels for each: for people and scripts.",
                "sensors: names (all)\n"
                "depth_png: true | false (false): also depth in whole millimetres, 16 bits, 0 is none\n"
                "preview: true | false (false): also semantics in colour",
                make_plain, validate_plain},
      WriterRow{"coco", "COCO detection and instance segmentation: images/ and annotations/instances.json.",
                "sensors: names (all)\n"
                "images: png | jpg (png)\n"
                "quality: 1..100 (95): of jpg\n"
                "masks: rle | none (rle)",
                make_coco, validate_coco},
      WriterRow{"kitti", "KITTI object detection: training/image_2, label_2 and calib.",
                "sensors: names (all)\n"
                "box: tight | loose (tight): the 2D box, around what is visible or around the whole",
                make_kitti, validate_kitti},
      WriterRow{"overlay", "Labels drawn over the pictures: for eyes.",
                "sensors: names (all)\n"
                "masks: true | false (true)\n"
                "box_2d: true | false (true)\n"
                "box_3d: true | false (true)\n"
                "names: true | false (true)",
                make_overlay, validate_overlay},
  };
  return kRows;
}

}  // namespace wm::formats
