#include "worldmill/formats/synthetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/base/distributions.h"
#include "worldmill/image/color.h"

namespace wm::formats::synthetic {
namespace {

using math::Vec3;
using sample::Array;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Hit {
  double depth = kInfinity;
  std::size_t thing = 0;
  Vec3 normal;  // camera frame
};

/// Where a ray from the camera enters a box, by slabs in the box's frame.
Hit enter(const math::Pose& thing_from_camera, Vec3 size, Vec3 direction) {
  const Vec3 from = thing_from_camera.translation;
  const Vec3 along = thing_from_camera.rotation * direction;
  const double origin[] = {from.x, from.y, from.z};
  const double d[] = {along.x, along.y, along.z};
  const double half[] = {size.x / 2, size.y / 2, size.z / 2};
  double near = 0, far = kInfinity;
  int axis = 0;
  for (int i = 0; i < 3; ++i) {
    double t0 = (-half[i] - origin[i]) / d[i], t1 = (half[i] - origin[i]) / d[i];
    if (t0 > t1) std::swap(t0, t1);
    if (t0 > near) near = t0, axis = i;
    far = std::min(far, t1);
  }
  if (!(near < far) || near <= 0) return {};
  const double sign = d[axis] > 0 ? -1 : 1;
  const Vec3 normal{axis == 0 ? sign : 0, axis == 1 ? sign : 0, axis == 2 ? sign : 0};
  return {near, 0, thing_from_camera.rotation.inverse() * normal};
}

struct Extent {  // of pixels, edges
  double x0 = kInfinity, y0 = kInfinity, x1 = -kInfinity, y1 = -kInfinity;
  std::int64_t pixels = 0;
  void add(int x, int y) {
    x0 = std::min<double>(x0, x), y0 = std::min<double>(y0, y);
    x1 = std::max<double>(x1, x + 1), y1 = std::max<double>(y1, y + 1);
    ++pixels;
  }
};

struct Seen {
  std::vector<Extent> visible, silhouette, inside;  // silhouette also beyond the image's border
};

class Shot {
 public:
  Shot(const sample::CameraRecord& camera, const std::vector<Thing>& things) : camera_(camera), things_(things) {
    for (const Thing& thing : things) {
      thing_from_camera_.push_back(thing.world_from_thing.inverse() * camera.world_from_camera);
    }
    const auto pixels = static_cast<std::size_t>(camera.lens.width) * static_cast<std::size_t>(camera.lens.height);
    depth.assign(pixels, std::numeric_limits<float>::infinity());
    distance = depth;
    normals.assign(3 * pixels, 0);
    rgb.resize(3 * pixels);
    rgb_linear.resize(3 * pixels);
    instances.resize(pixels);
    semantics.resize(pixels);
    parts.resize(pixels);
    seen.visible.resize(things.size());
    seen.silhouette.resize(things.size());
    seen.inside.resize(things.size());
    const int border_x = camera.lens.width / 2, border_y = camera.lens.height / 2;
    for (int y = -border_y; y < camera.lens.height + border_y; ++y) {
      for (int x = -border_x; x < camera.lens.width + border_x; ++x) trace(x, y);
    }
  }

  std::vector<float> depth, distance, normals, rgb_linear;
  std::vector<std::uint8_t> rgb;
  std::vector<std::uint32_t> instances;
  std::vector<std::uint16_t> semantics, parts;
  Seen seen;

 private:
  void trace(int x, int y) {
    const Vec3 direction = camera_.lens.unproject({x + 0.5, y + 0.5});
    const bool inside = x >= 0 && y >= 0 && x < camera_.lens.width && y < camera_.lens.height;
    Hit first;
    for (std::size_t i = 0; i < things_.size(); ++i) {
      Hit hit = enter(thing_from_camera_[i], things_[i].size, direction);
      hit.thing = i;
      if (hit.depth == kInfinity) continue;
      seen.silhouette[i].add(x, y);
      if (inside) seen.inside[i].add(x, y);
      if (hit.depth < first.depth) first = hit;
    }
    if (inside) record(x, y, first, direction);
  }

  void record(int x, int y, const Hit& hit, Vec3 direction) {
    const std::size_t i =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(camera_.lens.width) + static_cast<std::size_t>(x);
    const bool any = hit.depth < kInfinity;
    Vec3 color = Vec3{0.75, 0.78, 0.8} - Vec3{0.2, 0.2, 0.2} * (static_cast<double>(y) / camera_.lens.height);
    if (any) {
      seen.visible[hit.thing].add(x, y);
      depth[i] = static_cast<float>(hit.depth);
      distance[i] = static_cast<float>(hit.depth * length(direction));
      const Vec3 n = hit.normal;
      normals[3 * i] = static_cast<float>(n.x), normals[3 * i + 1] = static_cast<float>(n.y);
      normals[3 * i + 2] = static_cast<float>(n.z);
      instances[i] = static_cast<std::uint32_t>(hit.thing + 1);
      const std::uint16_t semantic = things_[hit.thing].semantic;
      semantics[i] = semantic == 4 ? sample::kIgnore : semantic;
      parts[i] = semantic == 1 && n.x > 0.5 ? 5 : 0;
      color = things_[hit.thing].color * (0.45 + 0.55 * std::abs(n.y) + 0.2 * std::abs(n.z));
    }
    const double rgb_double[] = {color.x, color.y, color.z};
    for (std::size_t c = 0; c < 3; ++c) {
      const double grain = base::unit(base::RandomKey::from_seed(1).child("grain"), 3 * i + c) * 6 - 3;
      rgb[3 * i + c] = static_cast<std::uint8_t>(std::clamp(rgb_double[c] * 255 + grain, 0.0, 255.0));
      rgb_linear[3 * i + c] = image::linear_from_srgb(rgb[3 * i + c]);
    }
  }

  const sample::CameraRecord& camera_;
  const std::vector<Thing>& things_;
  std::vector<math::Pose> thing_from_camera_;
};

void append(std::vector<double>& to, std::initializer_list<double> values) {
  to.insert(to.end(), values);
}

void append_extent(std::vector<double>& to, const Extent& extent) {
  if (extent.pixels == 0) return append(to, {kNaN, kNaN, kNaN, kNaN});
  append(to, {extent.x0, extent.y0, extent.x1, extent.y1});
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? kNaN : static_cast<double>(part) / static_cast<double>(whole);
}

void add_columns(sample::Table& table, const Seen& seen) {
  const std::int64_t n = table.rows;
  std::vector<double> tight, loose, visibility, occlusion, truncation;
  std::vector<std::int64_t> visible;
  for (std::size_t i = 0; i < seen.visible.size(); ++i) {
    append_extent(tight, seen.visible[i]);
    append_extent(loose, seen.silhouette[i]);
    visible.push_back(seen.visible[i].pixels);
    visibility.push_back(ratio(seen.visible[i].pixels, seen.inside[i].pixels));
    occlusion.push_back(1 - visibility.back());
    truncation.push_back(ratio(seen.silhouette[i].pixels - seen.inside[i].pixels, seen.silhouette[i].pixels));
  }
  table.add("box_2d", Array({n, 4}, std::move(tight)));
  table.add("box_2d_loose", Array({n, 4}, std::move(loose)));
  table.add("visible_pixels", Array({n}, std::move(visible)));
  table.add("visibility", Array({n}, std::move(visibility)));
  table.add("occlusion", Array({n}, std::move(occlusion)));
  table.add("truncation", Array({n}, std::move(truncation)));
}

void add_boxes(sample::Table& table, const sample::CameraRecord& camera, const std::vector<Thing>& things) {
  std::vector<double> size, center, rotation;
  for (const Thing& thing : things) {
    const math::Pose pose = camera.world_from_camera.inverse() * thing.world_from_thing;
    append(size, {thing.size.x, thing.size.y, thing.size.z});
    append(center, {pose.translation.x, pose.translation.y, pose.translation.z});
    append(rotation, {pose.rotation.w, pose.rotation.x, pose.rotation.y, pose.rotation.z});
  }
  table.add("box_3d_size", Array({table.rows, 3}, std::move(size)));
  table.add("box_3d_center", Array({table.rows, 3}, std::move(center)));
  table.add("box_3d_rotation", Array({table.rows, 4}, std::move(rotation)));
}

sample::View look(const std::string& sensor, const sample::CameraRecord& camera, const std::vector<Thing>& things) {
  sample::View view;
  view.sensor = sensor;
  view.camera = camera;
  view.objects.rows = static_cast<std::int64_t>(things.size());
  Shot shot(camera, things);
  const std::int64_t h = camera.lens.height, w = camera.lens.width;
  view.channels.push_back({"rgb", Array({h, w, 3}, std::move(shot.rgb))});
  view.channels.push_back({"rgb_linear", Array({h, w, 3}, std::move(shot.rgb_linear))});
  view.channels.push_back({"depth", Array({h, w}, std::move(shot.depth))});
  view.channels.push_back({"distance", Array({h, w}, std::move(shot.distance))});
  view.channels.push_back({"normals", Array({h, w, 3}, std::move(shot.normals))});
  view.channels.push_back({"instances", Array({h, w}, std::move(shot.instances))});
  view.channels.push_back({"semantics", Array({h, w}, std::move(shot.semantics))});
  view.channels.push_back({"parts", Array({h, w}, std::move(shot.parts))});
  add_columns(view.objects, shot.seen);
  add_boxes(view.objects, camera, things);
  return view;
}

sample::CameraRecord camera_at(int index, int width, int height) {
  const double s = 1 / std::sqrt(1.0625);                                 // looks down by atan(0.25)
  const math::Mat3 m{{0, -0.25 * s, s}, {-1, 0, 0}, {0, -s, -0.25 * s}};  // columns: right, down, forward
  const double f = 0.8 * width;
  return {{width, height, f, f, width / 2.0, height / 2.0},
          {math::Rotation::from_matrix(m), {-4, 0.3 * index, 1.5}},
          0,
          base::SimTime{1'000'000'000}};
}

}  // namespace

sample::DatasetInfo info() {
  sample::DatasetInfo info;
  info.name = "synthetic";
  info.classes = {{1, "mug", "", false},
                  {2, "can", "", false},
                  {3, "box", "", false},
                  {4, "glass", "", true},
                  {5, "handle", "mug", false}};
  info.sensors = {{"left", "camera", 320, 240}, {"right", "camera", 320, 240}};
  for (const char* name : {"rgb", "rgb_linear", "depth", "distance", "normals", "instances", "semantics", "parts"}) {
    info.channels.push_back({name, "", "", "", ""});
  }
  for (const char* name : {"box_2d", "box_2d_loose", "box_3d_size", "box_3d_center", "box_3d_rotation",
                           "visible_pixels", "visibility", "occlusion", "truncation"}) {
    info.columns.push_back({name, "", "", "", ""});
  }
  return info;
}

sample::Sample shoot(sample::SampleId id, const std::vector<Thing>& things, const std::vector<std::string>& sensors,
                     int width, int height) {
  sample::Sample sample;
  sample.id = id;
  sample.stem = to_string(id, true);
  for (std::size_t i = 0; i < things.size(); ++i) {
    const std::uint16_t semantic = things[i].semantic == 4 ? sample::kIgnore : things[i].semantic;
    sample.objects.push_back({static_cast<std::uint32_t>(i + 1), "/thing/" + std::to_string(i), semantic, "thing.glb"});
  }
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    sample.views.push_back(look(sensors[i], camera_at(static_cast<int>(i), width, height), things));
  }
  sample.draws.push_back({"scene/0/0/scene.place.things/0", "uniform [0, 1]", base::Value{0.25, {}}});
  return sample;
}

std::vector<Thing> scatter(std::uint64_t seed) {
  constexpr Vec3 kColors[] = {{0.8, 0.25, 0.2}, {0.2, 0.5, 0.75}, {0.85, 0.65, 0.2}, {0.6, 0.8, 0.8}};
  const base::RandomKey key = base::RandomKey::from_seed(seed);
  std::vector<Thing> things;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const base::RandomKey at = key.child(i);
    const auto kind = static_cast<std::uint16_t>(1 + i % 4);
    const Vec3 size{base::uniform(at, 0, 0.3, 1), base::uniform(at, 1, 0.3, 1), base::uniform(at, 2, 0.3, 1)};
    const double yaw = base::uniform(at, 3, -1, 1);
    const math::Pose pose{math::Rotation::normalized(1, i == 5 ? 0.3 : 0, 0, yaw),
                          {base::uniform(at, 4, -1.5, 4), base::uniform(at, 5, -2.5, 2.5), size.z / 2}};
    things.push_back({kind, size, pose, kColors[kind - 1]});
  }
  things.push_back({3, {0.2, 2.5, 0.6}, {{}, {2, 0, 0.3}}, kColors[2]});       // a wall low in the middle ...
  things.push_back({2, {0.1, 0.1, 0.1}, {{}, {2.6, 0.1, 0.05}}, kColors[1]});  // ... that hides this wholly
  return things;
}

}  // namespace wm::formats::synthetic
