#include "worldmill/formats/plain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/formats/arrays.h"
#include "worldmill/formats/json_writing.h"
#include "worldmill/formats/moment.h"
#include "worldmill/formats/options.h"
#include "worldmill/formats/views.h"
#include "worldmill/image/draw.h"
#include "worldmill/image/png.h"

namespace wm::formats {
namespace {

using base::append_json;
using sample::Array;
using sample::Dtype;
using sample::Sample;
using sample::View;

struct Settings {
  std::vector<std::string> sensors;
  bool depth_png = false;
  bool preview = false;
};

/// Instance ids fit 16 bits as a rule: then they are a PNG that anything opens.
Array narrowed(const Array& array) {
  if (array.dtype() != Dtype::u32) return array;
  const auto ids = array.as<std::uint32_t>();
  if (std::ranges::any_of(ids, [](std::uint32_t id) { return id > 65535; })) return array;
  std::vector<std::uint16_t> narrow;
  narrow.reserve(ids.size());
  for (const std::uint32_t id : ids) narrow.push_back(static_cast<std::uint16_t>(id));
  return Array(array.shape(), std::move(narrow));
}

/// Whole millimetres; 0 where there is nothing or it is farther than 65.535 m.
image::Pixels<std::uint16_t> millimetres(const Array& depth) {
  image::Pixels<std::uint16_t> pixels;
  pixels.height = static_cast<int>(depth.shape()[0]);
  pixels.width = static_cast<int>(depth.shape()[1]);
  for (const float metres : depth.as<float>()) {
    const double mm = std::floor(metres * 1000.0 + 0.5);
    pixels.values.push_back(mm >= 1 && mm <= 65535 ? static_cast<std::uint16_t>(mm) : std::uint16_t{0});
  }
  return pixels;
}

image::Rgb class_color(std::uint16_t id) {
  if (id == sample::kUnlabelled) return {0, 0, 0};
  if (id == sample::kIgnore) return {128, 128, 128};
  return image::palette_color(id - std::size_t{1});
}

image::Canvas colored(const Array& semantics) {
  image::Canvas canvas(static_cast<int>(semantics.shape()[1]), static_cast<int>(semantics.shape()[0]), 3);
  std::size_t i = 0;
  for (const std::uint16_t id : semantics.as<std::uint16_t>()) {
    const image::Rgb color = class_color(id);
    canvas.values[i++] = color.red;
    canvas.values[i++] = color.green;
    canvas.values[i++] = color.blue;
  }
  return canvas;
}

void append_row(std::string& out, std::initializer_list<double> values) {
  out += '[';
  for (const double& value : values) {
    if (&value != values.begin()) out += ',';
    append_json(out, value);
  }
  out += ']';
}

void append_pose(Members& members, const std::string& name, const math::Pose& pose) {
  const math::Mat3 m = pose.rotation.matrix();
  const math::Vec3 t = pose.translation;
  std::string& out = members.begin(name);
  out += '[';
  append_row(out, {m.row0.x, m.row0.y, m.row0.z, t.x});
  append_row(out += ',', {m.row1.x, m.row1.y, m.row1.z, t.y});
  append_row(out += ',', {m.row2.x, m.row2.y, m.row2.z, t.z});
  append_row(out += ',', {0, 0, 0, 1});
  out += ']';
  const math::Rotation& r = pose.rotation;
  members.numbers(name + "_quat_wxyz", {r.w, r.x, r.y, r.z}).numbers(name + "_translation", {t.x, t.y, t.z});
}

void append_camera(std::string& out, const sample::CameraRecord& camera) {
  const auto& lens = camera.lens;
  Members members = object_in(out);
  members.member("width", std::int64_t{lens.width}).member("height", std::int64_t{lens.height});
  std::string& k = members.begin("K");
  append_row(k += '[', {lens.fx, 0, lens.cx});
  append_row(k += ',', {0, lens.fy, lens.cy});
  append_row(k += ',', {0, 0, 1});
  k += ']';
  members.numbers("pixel_center", {0.5, 0.5});  // of the upper left pixel, in the image that K projects into
  append_pose(members, "world_from_camera", camera.world_from_camera);
  members.member("exposure_ev", camera.exposure).member("time_ns", camera.time.nanoseconds).close();
}

/// One row of a column: a number, or a list; null where all of it is unknown.
void append_cell(std::string& out, const Array& column, std::int64_t row) {
  const auto width = static_cast<std::size_t>(Array::count(std::span(column.shape()).subspan(1)));
  std::visit(
      [&]<class T>(const std::vector<T>& values) {
        const std::span cell = std::span(values).subspan(static_cast<std::size_t>(row) * width, width);
        const auto unknown = [](T value) { return value != value; };
        if (!cell.empty() && std::ranges::all_of(cell, unknown)) {
          out += "null";
          return;
        }
        const bool list = column.shape().size() > 1;
        if (list) out += '[';
        for (std::size_t i = 0; i < width; ++i) {
          if (i > 0) out += ',';
          if constexpr (std::is_floating_point_v<T>) {
            append_json(out, static_cast<double>(cell[i]));
          } else {
            append_json(out, static_cast<std::int64_t>(cell[i]));
          }
        }
        if (list) out += ']';
      },
      column.values());
}

/// Where the box of an object stands in the world; nothing when that is unknown.
std::optional<math::Pose> world_from_box(const Sample& sample, const View& view, std::size_t row) {
  const auto center = column(sample, view, "box_3d_center", 3);
  const auto rotation = column(sample, view, "box_3d_rotation", 4);
  if (!center || !rotation) return {};
  const auto c = center->subspan(3 * row, 3), r = rotation->subspan(4 * row, 4);
  if (std::ranges::any_of(c, [](double x) { return std::isnan(x); }) ||
      std::ranges::any_of(r, [](double x) { return std::isnan(x); })) {
    return {};
  }
  return view.camera.world_from_camera * math::Pose{{r[0], r[1], r[2], r[3]}, {c[0], c[1], c[2]}};
}

class Plain : public Writer {
 public:
  Plain(sample::DatasetInfo info, Settings settings) : info_(std::move(info)), settings_(std::move(settings)) {}

  Result<Emitted> emit(const Sample& sample) const override {
    Emitted emitted;
    for (const View* view : views_of(sample, settings_.sensors)) {
      std::string& line = emitted.fragment;
      Members members = object_in(line);
      members.member("id", std::string_view(sample.stem)).member("sensor", std::string_view(view->sensor));
      if (!sample.part.empty()) members.member("part", std::string_view(sample.part));
      const auto add = [&](std::string folder, std::string_view extension, std::string bytes) {
        OutFile file{fmt::format("{}/{}{}", folder, image_stem(sample, *view), extension), std::move(bytes)};
        members.member(folder, std::string_view(file.path));
        emitted.files.push_back(std::move(file));
      };
      for (const sample::Channel& channel : view->channels) {
        ArrayFile file = encode_array(narrowed(channel.data));
        add(folder_name(channel.name), file.extension, std::move(file.bytes));
      }
      WM_TRY_STATUS(add_extras(sample, *view, add));
      add("labels", ".json", labels(sample, *view));
      members.close();
      line += '\n';
    }
    return emitted;
  }

  Result<std::vector<OutFile>> seal(std::span<const std::string> fragments) const override {
    std::string index;
    for (const std::string& fragment : fragments) index += fragment;
    return std::vector<OutFile>{{"classes.json", classes()}, {"fields.json", fields()}, {"index.jsonl", index}};
  }

 private:
  template <class Add>
  Status add_extras(const Sample& sample, const View& view, const Add& add) const {
    if (settings_.depth_png) {
      WM_TRY(depth, picture(sample, view, "depth", Dtype::f32));
      add("depth_mm", ".png", image::encode_png(millimetres(*depth)));
    }
    if (settings_.preview) {
      WM_TRY(semantics, picture(sample, view, "semantics", Dtype::u16));
      add("semantics_color", ".png", image::encode_png(colored(*semantics)));
    }
    return {};
  }

  /// Channels that are called like something else of ours, or by no plain name, move aside.
  static std::string folder_name(const std::string& channel) {
    const bool plain = !channel.empty() && std::ranges::all_of(channel, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    for (const std::string_view ours : {"labels", "depth_mm", "semantics_color"}) {
      if (channel == ours) return "channel_" + channel;
    }
    if (plain) return channel;
    std::string folder = "channel_";
    for (const char c : channel) fmt::format_to(std::back_inserter(folder), "{:02x}", static_cast<unsigned char>(c));
    return folder;
  }

  std::string labels(const Sample& sample, const View& view) const {
    std::string out;
    Members members = object_in(out);
    members.member("id", std::string_view(sample.stem)).member("sensor", std::string_view(view.sensor));
    append_camera(members.begin("camera"), view.camera);
    append_moment(members, out, sample);
    append_lines(members.begin("objects"), sample.objects, [&](const sample::ObjectRecord& object) {
      append_object(out, sample, view, static_cast<std::size_t>(&object - sample.objects.data()));
    });
    members.close();
    return out += '\n';
  }

  void append_object(std::string& out, const Sample& sample, const View& view, std::size_t row) const {
    const sample::ObjectRecord& object = sample.objects[row];
    const sample::ClassRecord* record = class_of(info_, object);
    Members members = object_in(out);
    members.member("instance", std::int64_t{object.instance}).member("path", std::string_view(object.path));
    if (record != nullptr) {
      members.member("class", std::string_view(record->name));
    } else {
      members.begin("class") += "null";
    }
    members.member("class_id", std::int64_t{object.semantic});
    members.begin("ignore") += is_ignored(info_, object) ? "true" : "false";
    members.member("asset", std::string_view(object.asset));
    for (const sample::Column& found : view.objects.columns) {
      append_cell(members.begin(found.name), found.values, static_cast<std::int64_t>(row));
    }
    if (const auto pose = world_from_box(sample, view, row)) append_pose(members, "world_from_box", *pose);
    members.close();
  }

  std::string classes() const {
    std::string out;
    Members members = object_in(out);
    members.member("unlabelled", std::int64_t{sample::kUnlabelled}).member("ignore", std::int64_t{sample::kIgnore});
    append_lines(members.begin("classes"), info_.classes, [&](const sample::ClassRecord& record) {
      Members fields = object_in(out);
      fields.member("id", std::int64_t{record.id}).member("name", std::string_view(record.name));
      if (!record.part_of.empty()) fields.member("part_of", std::string_view(record.part_of));
      if (record.ignore) fields.begin("ignore") += "true";
      const image::Rgb color = class_color(record.ignore ? sample::kIgnore : record.id);
      fields.begin("color") += fmt::format("[{},{},{}]", color.red, color.green, color.blue);
      fields.close();
    });
    members.close();
    return out += '\n';
  }

  /// What each channel and each label means.
  std::string fields() const {
    std::string out;
    Members members = object_in(out);
    const auto list = [&](std::string_view key, const std::vector<sample::FieldSchema>& schemas) {
      append_lines(members.begin(key), schemas, [&](const sample::FieldSchema& field) {
        object_in(out)
            .member("name", std::string_view(field.name))
            .member("dtype", std::string_view(field.dtype))
            .member("shape", std::string_view(field.shape))
            .member("unit", std::string_view(field.unit))
            .member("meaning", std::string_view(field.meaning))
            .close();
      });
    };
    list("channels", info_.channels);
    list("objects", info_.columns);
    members.close();
    return out += '\n';
  }

  sample::DatasetInfo info_;
  Settings settings_;
};

}  // namespace

Result<std::unique_ptr<Writer>> make_plain(const sample::DatasetInfo& info, const base::Value& options) {
  constexpr std::string_view kKnown[] = {"depth_png", "preview", "sensors"};
  WM_TRY(read, Options::read(options, "plain", kKnown));
  WM_TRY(sensors, read.sensors(info));
  WM_TRY(depth_png, read.flag("depth_png", false));
  WM_TRY(preview, read.flag("preview", false));
  std::vector<std::string_view> channels;
  if (depth_png) channels.push_back("depth");
  if (preview) channels.push_back("semantics");
  WM_TRY_STATUS(read.need(info, channels, {}));
  return std::make_unique<Plain>(info, Settings{sensors, depth_png, preview});
}

}  // namespace wm::formats
