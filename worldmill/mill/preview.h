#pragma once
#include <chrono>
#include <string>

#include "worldmill/image/pixels.h"
#include "worldmill/mill/studio.h"

namespace wm::mill {

/// A contact sheet of scenes spread over the order, smaller and noisier than the dataset, with labels drawn on.
struct PreviewOptions {
  int count = 9;  ///< Pictures, at least 1
  int workers = 1;
  int width = 400;     ///< Of one picture [px]
  double seconds = 8;  ///< What to aim at in all; decides the samples per pixel, never whether a picture is made.
  const base::Cancel* cancel = nullptr;
};

struct Preview {
  image::Pixels<std::uint8_t> sheet;  ///< RGB
  std::vector<std::string> notes;     ///< One for each scene that could not be made.
};

Result<Preview> preview(recipe::Recipe recipe, base::Files& files, const PreviewOptions& options);

}  // namespace wm::mill
