#include "worldmill/formats/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "worldmill/base/check.h"
#include "worldmill/base/hash.h"
#include "worldmill/base/json.h"
#include "worldmill/formats/arrays.h"
#include "worldmill/formats/fields.h"
#include "worldmill/formats/json_writing.h"
#include "worldmill/formats/moment.h"

// <stem>.json, one object:
//   id {scene, take, moment}  stem  part  moment, events, actions (moment.h)
//   objects [{instance, path, class, asset}]
//   views   [{sensor, camera {...}, channels [{name, file, dtype, shape}], columns [{name, dtype, shape, values}]}]
//   draws   [{address, distribution, value}]
// A channel's file is named by what it is, so that a person finds it; reading goes by `file` alone.

namespace wm::formats {
namespace {

using base::append_json;
using base::error;
using base::Value;
using sample::CameraRecord;
using sample::DrawRecord;
using sample::ObjectRecord;
using sample::Sample;
using sample::View;

constexpr int kMostSide = 1 << 20;  // [px]

/// A name as one step of a file name: dots separate, so they and what a file system minds become %XX.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte < 0x7f && std::string_view("./\\%").find(c) == std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned>(byte));
    }
  }
  return out;
}

/// Names too long for a tar's header keep their beginning and are told apart by a hash.
std::string fitted(std::string name, std::string_view extension) {
  if (name.size() + extension.size() > 100) {
    const std::string hash = to_string(base::hash_bytes(name));
    name.resize(60);
    name += '~' + hash;
  }
  return name.append(extension);
}

std::string json_path(const Sample& sample) {
  return fitted(escaped(sample.stem), ".json");
}

void append_camera(std::string& out, const CameraRecord& camera) {
  const math::Rotation& r = camera.world_from_camera.rotation;
  const math::Vec3& t = camera.world_from_camera.translation;
  object_in(out)
      .member("width", std::int64_t{camera.lens.width})
      .member("height", std::int64_t{camera.lens.height})
      .member("fx", camera.lens.fx)
      .member("fy", camera.lens.fy)
      .member("cx", camera.lens.cx)
      .member("cy", camera.lens.cy)
      .numbers("world_from_camera_wxyz", {r.w, r.x, r.y, r.z})
      .numbers("world_from_camera_xyz", {t.x, t.y, t.z})
      .member("exposure", camera.exposure)
      .member("time_ns", camera.time.nanoseconds)
      .close();
}

void append_object(std::string& out, const ObjectRecord& object) {
  object_in(out)
      .member("instance", std::int64_t{object.instance})
      .member("path", std::string_view(object.path))
      .member("class", std::int64_t{object.semantic})
      .member("asset", std::string_view(object.asset))
      .close();
}

void append_draw(std::string& out, const DrawRecord& draw) {
  object_in(out)
      .member("address", std::string_view(draw.address))
      .member("distribution", std::string_view(draw.distribution))
      .member("value", draw.value)
      .close();
}

/// Adds the view to the JSON and its channels to the files.
void append_view(std::string& out, const std::string& stem, const View& view, std::vector<OutFile>& files) {
  Members object = object_in(out);
  object.member("sensor", std::string_view(view.sensor));
  append_camera(object.begin("camera"), view.camera);
  append_lines(object.begin("channels"), view.channels, [&](const sample::Channel& channel) {
    ArrayFile file = encode_array(channel.data);
    const std::string name = fmt::format("{}.{}.{}", escaped(stem), escaped(view.sensor), escaped(channel.name));
    files.push_back({fitted(name, file.extension), std::move(file.bytes)});
    Members fields = object_in(out);
    fields.member("name", std::string_view(channel.name)).member("file", std::string_view(files.back().path));
    append_type_members(fields.next(), channel.data);
    fields.close();
  });
  append_lines(object.begin("columns"), view.objects.columns, [&](const sample::Column& column) {
    Members fields = object_in(out);
    fields.member("name", std::string_view(column.name));
    append_array_members(fields.next(), column.values);
    fields.close();
  });
  object.close();
}

// ---- reading

template <class T>
Result<T> whole_in(const Value& object, std::string_view key, const std::string& place) {
  WM_TRY(number, whole_field(object, key, place));
  if (!std::in_range<T>(number)) return error(fmt::format("\"{}\" is {}, out of its range", key, number), {place});
  return static_cast<T>(number);
}

Result<CameraRecord> read_camera(const Value& object, const std::string& place) {
  WM_TRY(width, whole_in<int>(object, "width", place));
  WM_TRY(height, whole_in<int>(object, "height", place));
  if (width < 1 || height < 1 || width > kMostSide || height > kMostSide) {
    return error(fmt::format("a camera of {} x {} pixels cannot be", width, height), {place});
  }
  WM_TRY(fx, number_field(object, "fx", place));
  WM_TRY(fy, number_field(object, "fy", place));
  WM_TRY(cx, number_field(object, "cx", place));
  WM_TRY(cy, number_field(object, "cy", place));
  WM_TRY(r, numbers_field(object, "world_from_camera_wxyz", 4, place));
  WM_TRY(t, numbers_field(object, "world_from_camera_xyz", 3, place));
  WM_TRY(exposure, number_field(object, "exposure", place));
  WM_TRY(time, whole_field(object, "time_ns", place));
  return CameraRecord{
      {width, height, fx, fy, cx, cy}, {{r[0], r[1], r[2], r[3]}, {t[0], t[1], t[2]}}, exposure, {time}};
}

Result<ObjectRecord> read_object(const Value& object, const std::string& place) {
  WM_TRY(instance, whole_in<std::uint32_t>(object, "instance", place));
  WM_TRY(path, text_field(object, "path", place));
  WM_TRY(semantic, whole_in<std::uint16_t>(object, "class", place));
  WM_TRY(asset, text_field(object, "asset", place));
  return ObjectRecord{instance, path, semantic, asset};
}

Result<DrawRecord> read_draw(const Value& object, const std::string& place) {
  WM_TRY(address, text_field(object, "address", place));
  WM_TRY(distribution, text_field(object, "distribution", place));
  WM_TRY(value, field(object, "value", place));
  return DrawRecord{address, distribution, *value};
}

/// The files of a sample by path; each is taken once, and none may be left.
class Files {
 public:
  explicit Files(std::span<const OutFile> files) {
    for (const OutFile& file : files) unread_.emplace(file.path, &file);
  }
  const OutFile* take(const std::string& path) {
    const auto found = unread_.find(path);
    if (found == unread_.end()) return nullptr;
    const OutFile* file = found->second;
    unread_.erase(found);
    return file;
  }
  const OutFile* any() const { return unread_.empty() ? nullptr : unread_.begin()->second; }

 private:
  std::map<std::string, const OutFile*> unread_;
};

Result<sample::Channel> read_channel(const Value& object, Files& files, const std::string& place) {
  WM_TRY(name, text_field(object, "name", place));
  WM_TRY(path, text_field(object, "file", place));
  WM_TRY(type, type_from_members(object, place));
  const OutFile* file = files.take(path);
  if (file == nullptr) return error(fmt::format("the file \"{}\" of channel \"{}\" is missing", path, name), {place});
  WM_TRY(data, decode_array(file->bytes, type.dtype, std::move(type.shape), path));
  return sample::Channel{name, std::move(data)};
}

Result<sample::Table> read_table(const Value& view, std::int64_t rows, const std::string& place) {
  sample::Table table;
  table.rows = rows;
  WM_TRY(columns, list_field(view, "columns", place));
  std::set<std::string> names;
  for (const Value& column : *columns) {
    WM_TRY(name, text_field(column, "name", place));
    WM_TRY(values, array_from_members(column, place));
    if (values.shape().empty() || values.shape()[0] != rows) {
      return error(fmt::format("column \"{}\" does not have a row for each of the {} objects", name, rows), {place});
    }
    if (!names.insert(name).second) return error(fmt::format("column \"{}\" stands twice in a view", name), {place});
    table.columns.push_back({name, std::move(values)});
  }
  return table;
}

Result<View> read_view(const Value& object, std::int64_t rows, Files& files, const std::string& place) {
  View view;
  WM_TRY(sensor, text_field(object, "sensor", place));
  WM_TRY(camera_fields, field(object, "camera", place));
  WM_TRY(camera, read_camera(*camera_fields, place));
  WM_TRY(channels, list_field(object, "channels", place));
  std::set<std::string> names;
  for (const Value& item : *channels) {
    WM_TRY(channel, read_channel(item, files, place));
    if (!names.insert(channel.name).second) {
      return error(fmt::format("channel \"{}\" of sensor \"{}\" stands twice", channel.name, sensor), {place});
    }
    view.channels.push_back(std::move(channel));
  }
  WM_TRY(table, read_table(object, rows, place));
  view.sensor = sensor;
  view.camera = camera;
  view.objects = std::move(table);
  return view;
}

Result<sample::SampleId> read_id(const Value& root, const std::string& place) {
  WM_TRY(id, field(root, "id", place));
  WM_TRY(scene, whole_field(*id, "scene", place));
  WM_TRY(take, whole_field(*id, "take", place));
  WM_TRY(moment, whole_field(*id, "moment", place));
  if (scene < 0 || take < 0 || moment < 0) return error("\"id\" counts from 0", {place});
  return sample::SampleId{scene, take, moment};
}

/// Reads every item of the list under `key`.
template <class T, class Read>
Status read_list(const Value& root, std::string_view key, std::vector<T>& to, const std::string& place, Read read) {
  WM_TRY(list, list_field(root, key, place));
  for (const Value& item : *list) {
    WM_TRY(made, read(item));
    to.push_back(std::move(made));
  }
  return {};
}

Status check_sensors(const Sample& sample, const std::string& place) {
  std::set<std::string_view> names;
  for (const View& view : sample.views) {
    if (!names.insert(view.sensor).second)
      return error(fmt::format("sensor \"{}\" stands twice", view.sensor), {place});
  }
  return {};
}

/// The only file that ends in .json.
Result<const OutFile*> find_json(std::span<const OutFile> files, const std::string& place) {
  const OutFile* found = nullptr;
  for (const OutFile& file : files) {
    if (!file.path.ends_with(".json")) continue;
    if (found != nullptr) return error(fmt::format("both {} and {} describe it", found->path, file.path), {place});
    found = &file;
  }
  if (found == nullptr) return error("no .json describes this sample", {place});
  return found;
}

/// The text before the first dot: what all files of a sample share.
std::string_view stem_of(std::string_view path) {
  return path.substr(0, path.find('.'));
}

}  // namespace

std::vector<OutFile> store_files(const Sample& sample) {
  std::vector<OutFile> files;
  std::string out;
  Members root = object_in(out);
  const auto line = [&](std::string_view key) -> std::string& {
    root.begin(key);
    return out;
  };
  object_in(line("id"))
      .member("scene", sample.id.scene)
      .member("take", sample.id.take)
      .member("moment", sample.id.moment)
      .close();
  root.member("stem", std::string_view(sample.stem)).member("part", std::string_view(sample.part));
  append_moment(root, out, sample);
  append_lines(line("objects"), sample.objects, [&](const ObjectRecord& object) { append_object(out, object); });
  append_lines(line("views"), sample.views, [&](const View& view) { append_view(out, sample.stem, view, files); });
  append_lines(line("draws"), sample.draws, [&](const DrawRecord& draw) { append_draw(out, draw); });
  root.close();
  files.push_back({json_path(sample), std::move(out.append("\n"))});
  std::sort(files.begin(), files.end(), [](const OutFile& a, const OutFile& b) { return a.path < b.path; });
  return files;
}

Result<Sample> sample_from_store(std::span<const OutFile> files, const std::string& place) {
  WM_TRY(json, find_json(files, place));
  const std::string at = fmt::format("{}: {}", place, json->path);
  WM_TRY(root, base::parse_json(json->bytes, at));
  Files unread(files);
  unread.take(json->path);
  Sample sample;
  WM_TRY(id, read_id(root, at));
  WM_TRY(stem, text_field(root, "stem", at));
  WM_TRY(part, text_field(root, "part", at));
  sample.id = id;
  sample.stem = stem;
  sample.part = part;
  WM_TRY_STATUS(read_moment(root, sample, at));
  WM_TRY_STATUS(read_list(root, "objects", sample.objects, at, [&](const Value& v) { return read_object(v, at); }));
  const auto rows = static_cast<std::int64_t>(sample.objects.size());
  WM_TRY_STATUS(
      read_list(root, "views", sample.views, at, [&](const Value& v) { return read_view(v, rows, unread, at); }));
  WM_TRY_STATUS(read_list(root, "draws", sample.draws, at, [&](const Value& v) { return read_draw(v, at); }));
  WM_TRY_STATUS(check_sensors(sample, at));
  if (unread.any() != nullptr) return error(fmt::format("\"{}\" belongs to no channel", unread.any()->path), {at});
  return sample;
}

Result<std::vector<Sample>> read_store(std::string_view tar_bytes, const std::string& place) {
  WM_TRY(files, untar(tar_bytes, place));
  std::stable_sort(files.begin(), files.end(),
                   [](const OutFile& a, const OutFile& b) { return stem_of(a.path) < stem_of(b.path); });
  std::vector<Sample> samples;
  for (std::size_t start = 0, end = 0; start < files.size(); start = end) {
    while (end < files.size() && stem_of(files[end].path) == stem_of(files[start].path)) ++end;
    WM_TRY(sample, sample_from_store(std::span(files).subspan(start, end - start), place));
    samples.push_back(std::move(sample));
  }
  std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.id < b.id; });
  return samples;
}

}  // namespace wm::formats
