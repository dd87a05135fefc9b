#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "worldmill/formats/kitti.h"
#include "worldmill/formats/validate.h"
#include "worldmill/math/elementary.h"

namespace wm::formats {
namespace {

using base::error;

constexpr double kPi = 3.141592653589793;
constexpr double kSlack = 1.01;  // [px]: two digits of a box, and a silhouette that touches a pixel's far side

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(by);
    if (end != 0 && !text.empty()) parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::vector<double>> numbers(std::span<const std::string_view> fields) {
  std::vector<double> all;
  for (const std::string_view field : fields) {
    double number = 0;
    const auto [end, fault] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (fault != std::errc() || end != field.data() + field.size() || !std::isfinite(number)) return {};
    all.push_back(number);
  }
  return all;
}

using Projection = std::vector<double>;  // P2, 3 x 4

Result<Projection> read_calibration(std::string_view text) {
  std::set<std::string_view> names;
  Projection p2;
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ' ');
    const std::string_view name = fields.empty() ? "" : fields[0];
    const auto values = numbers(std::span(fields).subspan(fields.empty() ? 0 : 1));
    if (!values || values->size() != (name == "R0_rect:" ? 9u : 12u)) {
      return error(fmt::format("\"{}\" does not hold its numbers", name));
    }
    if (!names.insert(name).second) return error(fmt::format("\"{}\" stands twice", name));
    if (name == "P2:") p2 = *values;
  }
  for (const auto* name : {"P0:", "P1:", "P2:", "P3:", "R0_rect:", "Tr_velo_to_cam:", "Tr_imu_to_velo:"}) {
    if (!names.contains(name)) return error(fmt::format("\"{}\" is missing", name));
  }
  return p2;
}

/// Whether the corners, all in front of the camera, project around the 2D box.
Status check_projection(const KittiBox& box, std::span<const double> pixels, const Projection& p) {
  double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
  for (const math::Vec3& c : box.corners()) {
    if (c.z < 0.05) return {};
    const auto row = [&](std::size_t i) { return p[i] * c.x + p[i + 1] * c.y + p[i + 2] * c.z + p[i + 3]; };
    const double w = row(8);
    x0 = std::min(x0, row(0) / w), x1 = std::max(x1, row(0) / w);
    y0 = std::min(y0, row(4) / w), y1 = std::max(y1, row(4) / w);
  }
  if (x0 > pixels[0] + kSlack || y0 > pixels[1] + kSlack || x1 < pixels[2] - kSlack || y1 < pixels[3] - kSlack) {
    return error("its 3D box does not project around its 2D box");
  }
  return {};
}

/// n: truncated occluded alpha left top right bottom height width length x y z rotation_y
Status check_object(std::span<const double> n, const Projection& projection) {
  if (n[0] < 0 || n[0] > 1) return error("truncated is not from 0 to 1");
  if (n[1] != 0 && n[1] != 1 && n[1] != 2 && n[1] != 3) return error("occluded is not 0, 1, 2 or 3");
  if (n[13] == -10) {  // no 3D box is known
    const bool unknown = n[2] == -10 && n[7] == -1 && n[8] == -1 && n[9] == -1 && n[10] == -1000;
    return unknown ? Status() : error("its 3D box is known in part");
  }
  if (std::abs(n[2]) > kPi || std::abs(n[13]) > kPi) return error("an angle is not from -pi to pi");
  if (n[7] < 0 || n[8] < 0 || n[9] < 0) return error("a dimension is negative");
  const KittiBox box{n[7], n[8], n[9], {n[10], n[11], n[12]}, n[13]};
  const double turn = std::abs(box.alpha() - n[2]);
  if (std::min(turn, 2 * kPi - turn) > 1e-3) return error("alpha is not rotation_y less the azimuth");
  return check_projection(box, n.subspan(3, 4), projection);
}

Status check_line(std::string_view line, const Projection& projection, const image::ImageInfo& picture) {
  const auto fields = split(line, ' ');
  if (fields.size() != 15) return error(fmt::format("has {} fields, not 15", fields.size()));
  const auto n = numbers(std::span(fields).subspan(1));
  if (!n) return error("holds what is no number");
  const auto& v = *n;
  if (!(v[3] >= 0 && v[4] >= 0 && v[3] <= v[5] && v[4] <= v[6] && v[5] <= picture.width - 1 &&
        v[6] <= picture.height - 1)) {
    return error("its 2D box is not inside the picture");
  }
  if (fields[0] != "DontCare") return check_object(v, projection);
  const bool usual = v[0] == -1 && v[1] == -1 && v[2] == -10 && v[7] == -1 && v[10] == -1000 && v[13] == -10;
  return usual ? Status() : error("DontCare has values of its own");
}

}  // namespace

std::vector<std::string> validate_kitti(base::Files& files, const std::filesystem::path& folder) {
  Inspection seen(files, folder);
  const auto listed = seen.read("ImageSets/train.txt");
  std::set<std::string> expected;
  for (const std::string_view name : split(listed ? *listed : std::string_view(), '\n')) {
    const std::string number(name);
    if (!expected.insert(number + ".png").second) seen.complain("ImageSets/train.txt", number + " stands twice");
    const auto picture = seen.picture("training/image_2/" + number + ".png");
    const std::string calib_file = "training/calib/" + number + ".txt",
                      label_file = "training/label_2/" + number + ".txt";
    const auto calib = seen.read(calib_file), labels = seen.read(label_file);
    if (!picture || !calib || !labels) continue;
    const auto projection = read_calibration(*calib);
    if (!projection) {
      seen.complain(calib_file, projection.error().message);
      continue;
    }
    int at = 0;
    for (const std::string_view line : split(*labels, '\n')) {
      ++at;
      const Status sound = check_line(line, *projection, *picture);
      if (!sound) seen.complain(label_file, fmt::format("line {}: {}", at, sound.error().message));
    }
  }
  for (const std::string& name : seen.list("training/image_2")) {
    seen.expect(expected.contains(name), "training/image_2/" + name, "is not in ImageSets/train.txt");
  }
  return seen.finish();
}

}  // namespace wm::formats
