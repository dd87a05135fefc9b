#pragma once
#include <memory>
#include <string>
#include <vector>

#include "worldmill/recipe/recipe.h"
#include "worldmill/sample/sample.h"
#include "worldmill/sim/take.h"
#include "worldmill/vary/vary.h"

/// Takes of a recipe's scenes, and the moments of them that its capture rules select.
namespace wm::mill {

/// Moments that belong together: a window in time around one edge. Times count from the take's beginning.
struct Sequence {
  std::string name;  ///< `hits-0`: the rule and which of its windows.
  std::string rule;
  base::SimTime begin, end;
  std::size_t first = 0, count = 0;  ///< Which of Selection::moments.
};

struct Moment {
  base::SimTime time;
  std::size_t sequence = 0;  ///< Index; `kAlone`: it belongs to none.
  static constexpr std::size_t kAlone = static_cast<std::size_t>(-1);
};

struct Selection {
  std::vector<Sequence> sequences;  ///< In order of begin.
  std::vector<Moment> moments;      ///< Those of each sequence in order of time.
  std::vector<sample::DrawRecord> draws;
};

/// A take that was run, and the World at any time of it.
struct Ran {
  std::shared_ptr<const sim::Take> take;
  std::shared_ptr<const scene::Timeline> timeline;
  std::vector<std::string> notes;  ///< What of the scene has no effect on how it moves.
};

/// Runs a take as `job.simulate` says. What is hidden as the take begins touches nothing and stays where it is. Errors
/// are the user's; a world that came apart is told by the take.
Result<Ran> run_take(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied);

/// The moments that `job.captures` select; without rules, one at the take's end. `take` none: one at time 0.
Result<Selection> select(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied,
                         const sim::Take* take);

/// How many moments there would be, were each take rendered whole at the highest rate of the rules.
std::int64_t moments_of_whole_take(const vary::Job& job);

/// What goes on at a moment, or has gone on since the one before it in its sequence, as events.jsonl has it.
std::vector<base::Value> events_at(const sim::Take& take, const Selection& selection, std::size_t moment);

/// What every channel of the take said last at `time`.
std::vector<sample::ActionRecord> actions_at(const sim::Take& take, base::SimTime time);

}  // namespace wm::mill
