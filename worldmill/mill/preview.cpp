#include "worldmill/mill/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/jobs.h"
#include "worldmill/formats/overlay.h"
#include "worldmill/image/draw.h"

namespace wm::mill {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

/// Smaller pictures with the labels that an overlay shows; light as the time allows.
recipe::Recipe cheap(recipe::Recipe recipe, const PreviewOptions& options, int samples) {
  for (vary::Sensor& sensor : recipe.job.sensors) {
    const double factor = std::min(1.0, double(options.width) / sensor.camera.width);
    sensor.camera.width = std::max(1, static_cast<int>(std::lround(sensor.camera.width * factor)));
    sensor.camera.height = std::max(1, static_cast<int>(std::lround(sensor.camera.height * factor)));
    // Demands count pixels of the real size.
    for (vary::Require& demand : recipe.job.requires_) {
      if (&sensor == &recipe.job.sensors.front())
        demand.min_pixels *= factor * factor, demand.max_pixels *= factor * factor;
    }
  }
  recipe.annotate = {{"rgb", "instances", "semantics", "box_2d", "box_3d", "occlusion"}, {}};
  recipe.writes.clear();
  recipe.quality.max_samples = std::min(samples, recipe.quality.max_samples);
  return recipe;
}

/// Scenes spread evenly over the order.
std::vector<Slot> spread(const recipe::Recipe& recipe, int count) {
  std::vector<Slot> slots;
  const auto most = std::min<std::int64_t>(count, recipe.scenes);
  for (std::int64_t i = 0; i < most; ++i) slots.push_back({i * recipe.scenes / most, 0});
  return slots;
}

struct Shot {
  std::vector<image::Canvas> pictures;  ///< One per camera.
  std::string note;
};

Shot shoot(const Studio& studio, const Slot& slot) {
  auto outcome = studio.accept(slot);
  if (!outcome) return {{}, fmt::format("{}: {}", studio.stem(slot), to_string(outcome.error()))};
  if (const auto* unfilled = std::get_if<Unfilled>(&*outcome)) {
    return {{}, fmt::format("{} stays unfilled: {}", studio.stem(slot), unfilled->reason)};
  }
  Accepted& accepted = std::get<Accepted>(*outcome);
  if (accepted.selection.moments.empty()) return {{}, fmt::format("{}: nothing to capture", studio.stem(slot))};
  const auto shown = studio.shoot(accepted, accepted.selection.moments.size() / 2, 1);
  if (!shown) return {{}, fmt::format("{}: {}", studio.stem(slot), to_string(shown.error()))};
  const std::optional<sample::Sample>& sample = shown->sample;
  Shot shot;
  for (const sample::View& view : sample->views) {
    auto picture = formats::draw_overlay(studio.info(), *sample, view);
    if (!picture) return {{}, to_string(picture.error())};
    image::draw_label(*picture, 4, picture->height - 16, sample->stem, {32, 32, 32});
    shot.pictures.push_back(std::move(*picture));
  }
  return shot;
}

/// Rows and columns, as square as can be.
image::Canvas lay_out(const std::vector<image::Canvas>& pictures) {
  constexpr int kGap = 6;
  int width = 1, height = 1;
  for (const image::Canvas& picture : pictures) {
    width = std::max(width, picture.width), height = std::max(height, picture.height);
  }
  const int count = static_cast<int>(pictures.size());
  const int columns = std::max(1, static_cast<int>(std::ceil(std::sqrt(count))));
  const int rows = std::max(1, (count + columns - 1) / columns);
  image::Canvas sheet(columns * (width + kGap) + kGap, rows * (height + kGap) + kGap, 3);
  std::ranges::fill(sheet.values, std::uint8_t{24});
  for (int i = 0; i < count; ++i) {
    image::paste(sheet, kGap + i % columns * (width + kGap), kGap + i / columns * (height + kGap),
                 pictures[static_cast<std::size_t>(i)]);
  }
  return sheet;
}

/// How many samples per pixel fit: one picture with one sample tells what a sample costs.
Result<int> affordable(const recipe::Recipe& recipe, base::Files& files, const PreviewOptions& options,
                       const std::vector<Slot>& slots, Clock::time_point began) {
  WM_TRY(studio, Studio::open(cheap(recipe, options, 1), files));
  auto outcome = studio->accept(slots.front());
  if (!outcome || !std::holds_alternative<Accepted>(*outcome)) return 16;
  Accepted& accepted = std::get<Accepted>(*outcome);
  if (accepted.selection.moments.empty()) return 16;
  const auto started = Clock::now();
  if (!studio->shoot(accepted, 0, 1)) return 16;
  const double one = std::max(1e-3, seconds_since(started));
  const double left = options.seconds - seconds_since(began);
  const double rounds = std::ceil(double(slots.size()) / options.workers);
  return static_cast<int>(std::clamp(0.8 * left / (rounds * one), 1.0, 64.0));
}

}  // namespace

Result<Preview> preview(recipe::Recipe recipe, base::Files& files, const PreviewOptions& options) {
  const auto began = Clock::now();
  const std::vector<Slot> slots = spread(recipe, options.count);
  WM_TRY(samples, affordable(recipe, files, options, slots, began));
  WM_TRY(studio, Studio::open(cheap(std::move(recipe), options, samples), files));
  Preview result;
  std::vector<image::Canvas> pictures;
  base::run_in_order(
      static_cast<std::int64_t>(slots.size()), options.workers,
      [&](std::int64_t i) -> base::Finish {
        auto shot = std::make_shared<Shot>(shoot(*studio, slots[static_cast<std::size_t>(i)]));
        return [&, shot] {
          std::ranges::move(shot->pictures, std::back_inserter(pictures));
          if (!shot->note.empty()) result.notes.push_back(shot->note);
        };
      },
      options.cancel);
  result.sheet = lay_out(pictures);
  return result;
}

}  // namespace wm::mill
