#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worldmill/base/random_key.h"
#include "worldmill/sample/sample.h"
#include "worldmill/vary/job.h"
#include "worldmill/vary/vary.h"

namespace wm::vary {

/// A thing that may be picked, by how it is written; its chance is weight / sum of weights.
struct Candidate {
  std::string written;
  double weight = 1;  ///< >= 0, finite
};

/// Which candidate is picked at `key`, by weighted rendezvous hashing: each has its own draw u at child(written), and
/// the smallest -ln(u) / weight wins (Efraimidis, Spirakis, "Weighted random sampling with a reservoir", 2006). A
/// further candidate takes only its own share from the others, and the order does not matter. Nothing is picked when
/// all weights are 0.
std::optional<std::size_t> pick(base::RandomKey key, std::span<const Candidate> candidates);

/// The part that candidate `written` of the choice field `field` is dealt to: picked by the parts' shares at
/// seed / "split" / field / written.
std::string part_of_candidate(const Job& job, const std::string& field, const std::string& written);

/// A value in one line, as a recipe would write it; numbers with six digits when `brief`.
std::string to_line(const base::Value& value, bool brief = false);

/// Where draws are made: which scene, and perhaps which take of it.
struct Slot {
  std::int64_t scene = 0;
  int scene_attempt = 0;
  std::optional<std::int64_t> take;  ///< None: a scene is being staged, and nothing finer than it may be drawn.
  int take_attempt = 0;
  std::optional<std::int64_t> moment;  ///< None: a take is being drawn, and nothing finer than it.

  /// scene, take or moment
  Per level() const { return moment ? Per::moment : take ? Per::take : Per::scene; }
};

/// The level that entries of a `per` are made at: a scene makes those per dataset too.
constexpr Per level_of(Per per) {
  return per < Per::scene ? Per::scene : per;
}

/// Gives the values of fields at their addresses and keeps the list of what was drawn. Lets are evaluated when first
/// asked for, or by `evaluate_lets`. Not for two threads.
class Draws {
 public:
  /// `job` must outlive it.
  Draws(const Job& job, const Slot& slot);

  /// All lets of the slot's own level: those per scene and dataset of a scene, those per take of a take, and so on.
  Status evaluate_lets();

  /// The value of `field` for the thing at path `object` (empty: shared). `entry` is how often the entry that the field
  /// belongs to is made anew; what is drawn finer than that is an error.
  Result<base::Value> draw(const Field& field, Per entry, std::string_view object);
  Result<double> number(const Field& field, Per entry, std::string_view object);
  Result<math::Vec3> vec3(const Field& field, Per entry, std::string_view object);
  Result<std::string> text(const Field& field, Per entry, std::string_view object);

  /// Whether an entry's `when` holds (it does when there is none).
  Result<bool> holds(const std::optional<base::Expression>& when, Per entry, const std::string& name,
                     const base::Place& place);

  /// The place of draws named `name`, and its address as text.
  base::RandomKey key(Per per, std::string_view name, std::string_view object) const;
  std::string address(Per per, std::string_view name, std::string_view object) const;
  void record(std::string address, std::string distribution, base::Value value);

  /// Number of the scene, take or moment: what a sequence counts by.
  std::int64_t count_of(Per per) const;
  const std::string& part() const { return part_; }
  const Job& job() const { return job_; }
  std::vector<sample::DrawRecord> take_records() { return std::move(records_); }

  /// Where in a field an evaluation stands.
  struct At {
    const Field* field;
    std::string name;  ///< The field's, with where in it: `vary.paint.material.base_color.h`.
    Per per;
    Per entry;
    std::string_view object;
  };
  Result<base::Value> evaluate(const base::Value& value, const At& at);

 private:
  struct LetState {
    enum class Stage { asleep, busy, done } stage = Stage::asleep;
    base::Value value;
  };

  Result<base::Value> evaluate_map(const base::Value& value, const At& at);
  Result<base::Value> evaluate_switch(const base::Value& value, const At& at);
  Result<base::Value> evaluate_text(const base::Value& value, const At& at);
  Result<base::Value> lookup(const std::string& name, Per per, const std::string& user, const base::Place& place);
  Result<base::Value> let_value(std::size_t index);
  Result<base::Term> expression(const base::Expression& expression, Per per, const std::string& user,
                                const base::Place& place);

  const Job& job_;
  Slot slot_;
  std::string part_;
  std::vector<base::RandomKey> keys_;   // [Per]
  std::vector<std::string> addresses_;  // [Per]
  std::vector<LetState> lets_;
  std::vector<sample::DrawRecord> records_;
  bool silent_ = false;  // inside a let of a coarser level, whose draws are written with that level
};

/// What must be a number, three numbers, a text or a truth; `name` is what the sentence names.
Result<double> as_number(const base::Value& value, std::string_view name);
Result<math::Vec3> as_vec3(const base::Value& value, std::string_view name);
Result<std::string> as_text(const base::Value& value, std::string_view name);
Result<bool> as_truth(const base::Value& value, std::string_view name);
base::Value value_of(math::Vec3 v, base::Place place = {});
std::string_view name_of(Per per);

}  // namespace wm::vary
