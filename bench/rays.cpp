// rays SCENE.gltf [REPEATS] [WIDTH] [HEIGHT]: how many rays a second Surfaces casts into a scene file, on one thread:
// of a camera in 8 x 8 tiles, and once bounced. SCENE.frames.json beside it gives the first camera. What it prints is
// held against bare Embree by bench/rays.py: the same scene, camera and kinds of rays, drawn anew on either side.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "worldmill/base/distributions.h"
#include "worldmill/base/json.h"
#include "worldmill/import/import.h"
#include "worldmill/math/elementary.h"
#include "worldmill/render/render.h"

namespace {

using namespace wm;
using math::Vec3;

Vec3 vec(const base::Value& value) {
  double v[3];
  for (std::size_t i = 0; i < 3; ++i) base::json_double((*value.list())[i], v[i]);
  return {v[0], v[1], v[2]};
}

struct Camera {
  Vec3 position, target;
  double vertical_fov = 0;  // [rad]
};

Result<Camera> first_camera(const std::filesystem::path& frames) {
  WM_TRY(text, base::disk().read(frames, 1 << 26));
  WM_TRY(json, base::parse_json(text, frames.string()));
  const base::Value& frame = json.find("frames")->list()->front();
  double degrees = 0;
  base::json_double(*frame.find("vfov_deg"), degrees);
  return Camera{vec(*frame.find("pos")), vec(*frame.find("target")), degrees * 3.14159265358979 / 180};
}

std::vector<render::Ray> primary(const Camera& camera, int width, int height) {
  const Vec3 forward = normalized(camera.target - camera.position), right = normalized(cross(forward, {0, 0, 1}));
  const Vec3 up = cross(right, forward);
  const double t = math::tan(camera.vertical_fov / 2);
  const base::RandomKey key = base::RandomKey::from_seed(5);
  std::vector<render::Ray> rays;
  for (int tile_y = 0; tile_y < height; tile_y += 8) {
    for (int tile_x = 0; tile_x < width; tile_x += 8) {
      for (int i = 0; i < 64; ++i) {
        const double x = tile_x + i % 8 + base::unit(key, 2 * rays.size());
        const double y = tile_y + i / 8 + base::unit(key, 2 * rays.size() + 1);
        const double across = (2 * x / width - 1) * t * width / height, upward = (1 - 2 * y / height) * t;
        rays.push_back({camera.position, forward + right * across + up * upward});
      }
    }
  }
  return rays;
}

/// Where rays met something, on in a direction by cosine.
std::vector<render::Ray> bounced(std::span<const render::Ray> rays, std::span<const render::Hit> hits) {
  const base::RandomKey key = base::RandomKey::from_seed(6);
  std::vector<render::Ray> on;
  for (std::size_t i = 0; i < rays.size(); ++i) {
    if (!hits[i].exists()) continue;
    const Vec3 n{hits[i].normal.x, hits[i].normal.y, hits[i].normal.z};
    const double angle = 6.283185307179586 * base::unit(key, 2 * i), z = 2 * base::unit(key, 2 * i + 1) - 1;
    const double r = std::sqrt(std::max(0.0, 1 - z * z));
    const Vec3 around{r * math::cos(angle), r * math::sin(angle), z};
    on.push_back({rays[i].origin + rays[i].direction * double(hits[i].t) + n * 1e-3, normalized(n + around * 0.999)});
  }
  return on;
}

void measure(const char* name, const render::Surfaces& surfaces, std::span<const render::Ray> rays,
             std::vector<render::Hit>& hits, int repeats) {
  constexpr std::size_t kSpan = 640;  // a row, as labels are cast
  hits.resize(rays.size());
  std::vector<double> speeds;
  for (int repeat = 0; repeat <= repeats; ++repeat) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rays.size(); i += kSpan) {
      const std::size_t n = std::min(kSpan, rays.size() - i);
      surfaces.intersect(rays.subspan(i, n), std::span(hits).subspan(i, n));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    if (repeat > 0) speeds.push_back(double(rays.size()) / seconds.count() * 1e-6);
  }
  std::ranges::sort(speeds);
  const auto met = std::ranges::count_if(hits, &render::Hit::exists);
  fmt::print("{}: {:.3f} Mrays/s, {} rays, {:.4f}% hit\n", name, speeds[speeds.size() / 2], rays.size(),
             100 * double(met) / double(rays.size()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return fmt::print(stderr, "usage: rays SCENE.gltf [REPEATS] [WIDTH] [HEIGHT]\n"), 2;
  const std::filesystem::path file = arguments[1];
  const auto number = [&](int i, int otherwise) { return count > i ? std::atoi(arguments[i]) : otherwise; };
  const auto asset = import::import_file(base::disk(), file, {file.parent_path()});
  if (!asset) return fmt::print(stderr, "{}\n", to_string(asset.error())), 1;
  const auto camera = first_camera(std::filesystem::path(file).replace_extension("frames.json"));
  if (!camera) return fmt::print(stderr, "{}\n", to_string(camera.error())), 1;
  const auto engine = render::make_engine();
  const auto stage = engine->compile(scene::World::of(std::make_shared<const scene::Scene>(asset->scene)));
  std::vector<render::Hit> hits;
  const auto first = primary(*camera, number(3, 1280), number(4, 720));
  measure("primary", stage->surfaces(), first, hits, number(2, 5));
  const auto second = bounced(first, hits);
  measure("bounce", stage->surfaces(), second, hits, number(2, 5));
  return 0;
}
