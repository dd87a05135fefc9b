// render: one picture of a scene file.
#include <fmt/format.h>

#include <fstream>

#include "worldmill/cli/command.h"
#include "worldmill/formats/store.h"
#include "worldmill/image/exr.h"
#include "worldmill/image/png.h"
#include "worldmill/mill/still.h"

namespace wm::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  mill::StillOptions options;
  std::vector<int> size;
  std::string out;
  double noise = 0.03;
  double azimuth = 35, elevation = 20;
  bool channels = false;
};

image::Pixels<std::uint8_t> picture_of(const sample::View& view) {
  image::Pixels<std::uint8_t> pixels(view.camera.lens.width, view.camera.lens.height, 3);
  const auto codes = view.find("rgb")->as<std::uint8_t>();
  pixels.values.assign(codes.begin(), codes.end());
  return pixels;
}

/// The other channels stand beside the picture: stone.png, stone.camera.depth.exr, ...
void write_channels(const fs::path& out, const sample::View& view) {
  sample::Sample sample;
  sample.stem = out.stem().string();
  sample.views.push_back(view);
  for (std::uint32_t i = 0; i < view.objects.rows; ++i) sample.objects.push_back({i + 1, "", 0, ""});
  for (const formats::OutFile& file : formats::store_files(sample)) {
    base::disk().commit(out.parent_path() / file.path, file.bytes);
    fmt::print("{}\n", (out.parent_path() / file.path).string());
  }
}

int render(Arguments& arguments) {
  mill::StillOptions& options = arguments.options;
  if (arguments.size.size() == 2) options.width = arguments.size[0], options.height = arguments.size[1];
  constexpr double kDegree = 0.017453292519943295;
  options.azimuth = arguments.azimuth * kDegree;
  options.elevation = arguments.elevation * kDegree;
  if (arguments.noise > 0) options.quality.noise = arguments.noise;
  options.cancel = &cancel();
  if (options.workers <= 0) options.workers = default_workers();
  const fs::path out = arguments.out;
  const bool exr = out.extension() == ".exr";
  if (!exr && out.extension() != ".png") {
    return complain(fmt::format("-o {}: a picture is written as .png or .exr", arguments.out)), kUsage;
  }
  const auto still = mill::render_still(base::disk(), options);
  if (!still) return complain(still.error());
  for (const std::string& sentence : still->ignored) fmt::print(stderr, "{}\n", sentence);
  if (cancel().requested()) return kStopped;
  if (exr) {
    image::Pixels<float> light(options.width, options.height, 3);
    const auto values = still->view.find("rgb_linear")->as<float>();
    light.values.assign(values.begin(), values.end());
    base::disk().commit(out,
                        image::encode_exr(light, std::array<std::string, 3>{"R", "G", "B"}, image::ExrDepth::single));
  } else {
    base::disk().commit(out, image::encode_png(picture_of(still->view)));
  }
  fmt::print("{}\n", arguments.out);
  if (arguments.channels) write_channels(out, still->view);
  return kDone;
}

}  // namespace

void add_render(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("render", "One picture of a scene file");
  const auto a = std::make_shared<Arguments>();
  a->options.quality.max_samples = 256;
  a->options.workers = 0;
  command
      ->add_option("FILE", a->options.file,
                   "A scene: .glb, .gltf, .obj, .urdf, .usd (.usda, .usdc, .usdz), .xml (MJCF)")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("-o,--out", a->out, "The picture: .png, or .exr (linear)")->required();
  command->add_option("--size", a->size, "Width and height [px]")->expected(2)->check(CLI::Range(1, 16384));
  command->add_option("--camera", a->options.camera, "Name of a camera in the file, or \"frame\": the whole scene");
  CLI::Option* take = command->add_option("--take", a->options.take, "A take of the scene (worldmill take run)")
                          ->check(CLI::ExistingFile);
  command->add_option("--time", a->options.time, "Of the take [s]")->needs(take);
  command->add_option("--environment", a->options.environment, "A picture that lights the scene (.hdr, .exr, ...)");
  command->add_option("--exposure", a->options.exposure, "[EV]");
  command->add_option("--azimuth", a->azimuth, "Of the framing camera [deg]")->capture_default_str();
  command->add_option("--elevation", a->elevation, "Of the framing camera [deg]")->capture_default_str();
  command->add_option("--samples", a->options.quality.max_samples, "Most samples per pixel")
      ->check(CLI::Range(1, 1 << 16))
      ->capture_default_str();
  command->add_option("--noise", a->noise, "Stop a tile below this noise; 0: always all samples")
      ->capture_default_str();
  command->add_option("--assets", a->options.roots, "A further folder that its files may come from");
  command->add_option("--workers", a->options.workers, "Threads; one per processor when left out")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--channels", a->channels, "Also every ground-truth channel, beside the picture");
  command->footer("Example:  worldmill render chair.glb -o chair.png --size 800 600");
  command->callback([&action, a] { action = [a] { return render(*a); }; });
}

}  // namespace wm::cli
