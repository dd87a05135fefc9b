#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/distributions.h"
#include "worldmill/image/png.h"

// The channels of one camera at 640 x 480: a picture with the noise of a path tracer, and labels that have none.
namespace wm::image {
namespace {

constexpr int kWidth = 640, kHeight = 480;

struct Ball {
  int x, y, radius;
};
Ball ball(int i) {
  return {i * 97 % kWidth, i * 61 % kHeight, 30 + 5 * i};
}

// Which of twelve balls is seen, 0 for the floor.
int seen(int x, int y) {
  int found = 0;
  for (int i = 1; i < 12; ++i) {
    const Ball b = ball(i);
    if ((x - b.x) * (x - b.x) + (y - b.y) * (y - b.y) < b.radius * b.radius) found = i;
  }
  return found;
}

Pixels<std::uint8_t> noisy_picture() {
  Pixels<std::uint8_t> picture(kWidth, kHeight, 3);
  const base::RandomKey key = base::RandomKey::from_seed(1);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const double shade = 60 + 90.0 * y / kHeight + 7 * seen(x, y);
      for (int c = 0; c < 3; ++c) {  // the sum of three uniforms: near enough to normal, sd 4 codes
        double noise = 0;
        for (std::uint64_t k = 0; k < 3; ++k) noise += base::uniform(key, 3 * picture.index(x, y, c) + k, -4, 4);
        picture.at(x, y, c) = static_cast<std::uint8_t>(std::clamp(shade + 10 * c + noise, 0.0, 255.0));
      }
    }
  }
  return picture;
}

Pixels<std::uint8_t> normals() {
  Pixels<std::uint8_t> picture(kWidth, kHeight, 3);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const int i = seen(x, y);
      const Ball b = ball(i);
      const double nx = i == 0 ? 0 : static_cast<double>(x - b.x) / b.radius;
      const double ny = i == 0 ? 0.3 : static_cast<double>(y - b.y) / b.radius;
      const double nz = std::sqrt(std::max(0.0, 1 - nx * nx - ny * ny));
      const double n[3] = {nx, ny, nz};
      for (int c = 0; c < 3; ++c) picture.at(x, y, c) = static_cast<std::uint8_t>(127.5 + 127.5 * n[c]);
    }
  }
  return picture;
}

Pixels<std::uint16_t> instances() {
  Pixels<std::uint16_t> picture(kWidth, kHeight, 1);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) picture.at(x, y) = static_cast<std::uint16_t>(seen(x, y));
  }
  return picture;
}

template <class T>
void encode(benchmark::State& state, const Pixels<T>& pixels) {
  std::size_t size = 0;
  for (auto _ : state) size = encode_png(pixels).size();
  state.counters["bytes"] = static_cast<double>(size);
}

void noisy_rgb(benchmark::State& state) {
  encode(state, noisy_picture());
}
void normals_rgb(benchmark::State& state) {
  encode(state, normals());
}
void instances_16(benchmark::State& state) {
  encode(state, instances());
}
void decode_noisy_rgb(benchmark::State& state) {
  const std::string bytes = encode_png(noisy_picture());
  for (auto _ : state) benchmark::DoNotOptimize(decode_png(bytes, {}, "a.png"));
}

BENCHMARK(noisy_rgb)->Unit(benchmark::kMillisecond);
BENCHMARK(normals_rgb)->Unit(benchmark::kMillisecond);
BENCHMARK(instances_16)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_noisy_rgb)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wm::image
