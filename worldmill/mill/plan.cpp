#include "worldmill/mill/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "worldmill/base/json.h"
#include "worldmill/mill/fields.h"
#include "worldmill/mill/folder.h"

namespace wm::mill {
namespace {

using Clock = std::chrono::steady_clock;

/// What one slot adds to the plan.
struct Share {
  std::string line;
  std::string reason;
  int attempts = 0;
  std::int64_t moments = 0;
  bool failed = false;
  std::string part;
  std::vector<std::pair<std::uint16_t, bool>> objects;  ///< class, seen
  double seconds = 0;
};

Share accept(const Studio& studio, const Slot& slot) {
  const auto began = Clock::now();
  const auto outcome = studio.accept(slot);
  Share share;
  share.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (!outcome) {
    share.failed = true;
    share.reason = to_string(outcome.error());
    return share;
  }
  if (const auto* unfilled = std::get_if<Unfilled>(&*outcome)) {
    share.reason = unfilled->reason;
    share.line = plan_line({.slot = slot, .status = Record::Status::unfilled, .reason = share.reason});
    return share;
  }
  const Accepted& accepted = std::get<Accepted>(*outcome);
  share.attempts = accepted.attempt + 1;
  share.moments = static_cast<std::int64_t>(accepted.selection.moments.size());
  Record record{.slot = slot, .attempt = accepted.attempt, .moments = share.moments};
  record.exploded = accepted.exploded;
  share.line = plan_line(record);
  share.part = accepted.staged.part;
  std::vector<char> seen(accepted.staged.labels.objects.size());
  for (std::size_t moment = 0; moment < accepted.selection.moments.size(); ++moment) {
    const auto look = studio.look(accepted, moment);
    if (!look) {
      share.failed = true;
      share.reason = to_string(look.error());
      return share;
    }
    for (const sense::Observation& view : look->seen) {
      for (const std::uint32_t instance : view.labels.instance.values) {
        if (instance != 0) seen[instance - 1] = 1;
      }
    }
  }
  for (const sample::ObjectRecord& object : accepted.staged.labels.objects) {
    share.objects.emplace_back(object.semantic, seen[object.instance - 1] != 0);
  }
  return share;
}

std::string class_name(const sample::DatasetInfo& info, std::uint16_t id) {
  const auto at = std::ranges::find(info.classes, id, &sample::ClassRecord::id);
  return at == info.classes.end() ? "?" : at->name;
}

std::string identity_hash(const recipe::Recipe& recipe) {
  return base::to_string(base::hash_bytes(base::pretty_json(identity(recipe))));
}

std::int64_t raw_bytes(const sample::DatasetInfo& info) {
  std::int64_t pixels = 0, bytes = 0;
  for (const sample::SensorRecord& sensor : info.sensors) pixels += std::int64_t{sensor.width} * sensor.height;
  for (const sample::FieldSchema& channel : info.channels) {
    const std::int64_t size = channel.dtype == "uint8" ? 1 : channel.dtype == "uint16" ? 2 : 4;
    bytes += size * (channel.shape == "H W 3" ? 3 : 1);
  }
  return pixels * bytes;
}

}  // namespace

Plan make_plan(const Studio& studio, const PlanOptions& options) {
  const auto began = Clock::now();
  Plan plan;
  double seconds = 0;
  const auto finished = base::run_in_order(
      studio.slots(), options.workers,
      [&](std::int64_t i) -> base::Finish {
        auto share = std::make_shared<Share>(accept(studio, studio.slot(i)));
        return [&, share, i] {
          plan.lines += share->line;
          seconds += share->seconds;
          if (share->failed) {
            ++plan.failed;
          } else if (share->attempts == 0) {
            ++plan.unfilled;
          } else {
            ++plan.accepted;
          }
          if (!share->reason.empty()) ++plan.reasons[share->reason];
          plan.attempts += share->attempts;
          plan.samples += share->moments;
          if (!share->part.empty()) ++plan.parts[share->part];
          for (const auto& [semantic, seen] : share->objects) {
            const std::string name = class_name(studio.info(), semantic);
            ++plan.objects[name];
            plan.seen[name] += seen;
          }
          if (options.progress) options.progress({i + 1, studio.slots(), 0, Clock::now() - began});
        };
      },
      options.cancel);
  plan.stopped = finished < studio.slots();
  plan.seconds_per_slot = finished > 0 ? seconds / double(finished) : 0;
  plan.bytes_per_sample = raw_bytes(studio.info());
  return plan;
}

std::string to_file(const Plan& plan, const recipe::Recipe& recipe) {
  std::string text;
  base::append_json(text, base::map_of({{"worldmill_plan", base::value_of(std::int64_t{1})},
                                        {"identity", base::value_of(identity_hash(recipe))}}));
  return text + '\n' + plan.lines;
}

Result<Planned> read_plan(base::Files& files, const std::filesystem::path& path, const recipe::Recipe& recipe) {
  WM_TRY(text, files.read(path, std::uint64_t{1} << 34));
  Planned planned;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    ++number;
    const base::Place place{path.string(), number, 0};
    const auto value = base::parse_json(std::string_view(text).substr(at, end - at), path.string());
    at = end + 1;
    if (!value) return base::error("this line is not JSON: " + value.error().message, place);
    Fields fields(*value);
    if (number == 1) {
      const bool ours = fields.number("worldmill_plan") == 1 && fields.text("identity") == identity_hash(recipe);
      if (!fields.bad().empty())
        return base::error("is no plan; `worldmill plan RECIPE -o PLAN` makes one", {path.string()});
      if (!ours) return base::error("was made for another recipe, engine or platform; plan again", {path.string()});
      continue;
    }
    const Slot slot{fields.number("scene"), fields.number("take")};
    if (value->find("unfilled")) {
      planned.insert_or_assign(slot, Unfilled{fields.text("unfilled")});
    } else {
      planned.insert_or_assign(slot, static_cast<int>(fields.number("attempt")));
    }
    if (!fields.bad().empty()) return base::error(fmt::format("this line has no proper \"{}\"", fields.bad()), place);
  }
  return planned;
}

std::string to_text(const Plan& plan) {
  std::string text = fmt::format("{} slots accepted, {} unfilled, {} failed{}\n", plan.accepted, plan.unfilled,
                                 plan.failed, plan.stopped ? " (stopped before the end)" : "");
  if (plan.accepted > 0) {
    if (plan.samples != plan.accepted) text += fmt::format("{} samples in all\n", plan.samples);
    text += fmt::format(
        "{:.2f} attempts per accepted slot, {:.3f} s per slot before light, at most {:.1f} MB per sample\n",
        double(plan.attempts) / double(plan.accepted), plan.seconds_per_slot, double(plan.bytes_per_sample) / 1e6);
  }
  for (const auto& [name, count] : plan.objects) {
    text += fmt::format("  class {:<20} {:>8} objects, {:>8} seen\n", name, count, plan.seen.at(name));
  }
  for (const auto& [part, count] : plan.parts) text += fmt::format("  part {:<21} {:>8} slots\n", part, count);
  for (const auto& [reason, count] : plan.reasons) text += fmt::format("  {} x {}\n", count, reason);
  return text;
}

}  // namespace wm::mill
