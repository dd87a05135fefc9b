// Annotators that give one value per pixel.
#include <limits>

#include "worldmill/annotate/builtin.h"
#include "worldmill/image/color.h"
#include "worldmill/math/elementary.h"

namespace wm::annotate {
namespace {

using sample::Array;
using sample::FieldSchema;
using sense::Observation;

std::vector<std::int64_t> shape(const Observation& seen) {
  return {seen.camera.lens.height, seen.camera.lens.width};
}

std::vector<std::int64_t> shape(const Observation& seen, std::int64_t channels) {
  return {seen.camera.lens.height, seen.camera.lens.width, channels};
}

/// An annotator of one channel: its schema and how its numbers come about.
class OneChannel : public Annotator {
 public:
  OneChannel(FieldSchema schema, Array (*make)(const Observation&), sense::Needs needs)
      : schema_(std::move(schema)), make_(make), needs_(needs) {}
  sense::Needs needs() const override { return needs_; }
  std::vector<FieldSchema> channels() const override { return {schema_}; }
  void annotate(const Observation& seen, sample::View& view) const override {
    view.channels.push_back({schema_.name, make_(seen)});
  }

 private:
  FieldSchema schema_;
  Array (*make_)(const Observation&);
  sense::Needs needs_;
};

std::unique_ptr<Annotator> one(FieldSchema schema, Array (*make)(const Observation&), sense::Needs needs = {}) {
  return std::make_unique<OneChannel>(std::move(schema), make, needs);
}

float gain(const Observation& seen) {
  return static_cast<float>(math::exp2(seen.camera.exposure));
}

}  // namespace

std::unique_ptr<Annotator> make_rgb() {
  return one({"rgb", "uint8", "H W 3", "sRGB", "Picture after exposure; 255 is sRGB white, brighter light is cut off."},
             [](const Observation& seen) {
               const float factor = gain(seen);
               std::vector<std::uint8_t> codes;
               codes.reserve(seen.film->radiance.values.size());
               for (const float light : seen.film->radiance.values)
                 codes.push_back(image::srgb_from_linear(light * factor));
               return Array(shape(seen, 3), std::move(codes));
             },
             {.light = true});
}

std::unique_ptr<Annotator> make_rgb_linear() {
  return one(
      {"rgb_linear", "float32", "H W 3", "1", "Linear Rec.709 light after exposure; 1 is sRGB white, not cut off."},
      [](const Observation& seen) {
        const float factor = gain(seen);
        std::vector<float> light = seen.film->radiance.values;
        for (float& value : light) value *= factor;
        return Array(shape(seen, 3), std::move(light));
      },
      {.light = true});
}

std::unique_ptr<Annotator> make_depth() {
  return one(
      {"depth", "float32", "H W", "m", "Along the optical axis to the first surface; infinity where there is none."},
      [](const Observation& seen) { return Array(shape(seen), seen.labels.depth.values); });
}

std::unique_ptr<Annotator> make_distance() {
  return one(
      {"distance", "float32", "H W", "m", "Along the pixel's ray to the first surface; infinity where there is none."},
      [](const Observation& seen) {
        std::vector<float> distance = seen.labels.depth.values;
        for (int y = 0; y < seen.camera.lens.height; ++y) {
          for (int x = 0; x < seen.camera.lens.width; ++x) {
            const double stretch = length(seen.camera.lens.unproject({x + 0.5, y + 0.5}));
            float& value = distance[seen.labels.depth.index(x, y)];
            value = static_cast<float>(value * stretch);
          }
        }
        return Array(shape(seen), std::move(distance));
      });
}

std::unique_ptr<Annotator> make_normals() {
  return one(
      {"normals", "float32", "H W 3", "1",
       "Geometric normal in the camera's frame (x right, y down, z forward), towards the camera; 0 where nothing is."},
      [](const Observation& seen) { return Array(shape(seen, 3), seen.labels.normal.values); });
}

std::unique_ptr<Annotator> make_instances() {
  return one({"instances", "uint32", "H W", "id", "Instance id of the labelled object; 0 is background."},
             [](const Observation& seen) { return Array(shape(seen), seen.labels.instance.values); });
}

std::unique_ptr<Annotator> make_semantics() {
  return one({"semantics", "uint16", "H W", "id", "Class id of the whole; 0 unlabelled, 65535 to be ignored."},
             [](const Observation& seen) { return Array(shape(seen), seen.labels.semantic.values); });
}

std::unique_ptr<Annotator> make_parts() {
  return one({"parts", "uint16", "H W", "id", "Class id of the part (part_of); 0 where no part is labelled."},
             [](const Observation& seen) { return Array(shape(seen), seen.labels.part.values); });
}

}  // namespace wm::annotate
