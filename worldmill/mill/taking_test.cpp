// Which moments of a take become samples: the rules of `capture`, on takes written by hand.
#include "worldmill/mill/taking.h"

#include <gtest/gtest.h>

#include "worldmill/base/yaml.h"

namespace wm::mill {
namespace {

using base::SimTime;

sim::Event event(const std::string& name, double begin, double end) {
  sim::Event event;
  event.name = name;
  event.begin = SimTime::from_seconds(begin);
  event.end = SimTime::from_seconds(end);
  return event;
}

/// Ten seconds, with `hit` at 2 s, 2.3 s and 9.9 s (going on at the end), and `near` at 5 s.
sim::Take take() {
  sim::Take take;
  take.steps = 5000;
  take.events = {event("hit", 2, 2.1), event("hit", 2.3, 2.5), event("near", 5, 5.2), event("hit", 9.9, 10)};
  take.events.back().open = true;
  return take;
}

vary::Capture around_hits(double before, double after) {
  vary::Capture rule;
  rule.name = "hits";
  rule.event = "hit";
  rule.before = before;
  rule.after = after;
  return rule;
}

Selection selected(const vary::Capture& rule, const sim::Take& of = take()) {
  vary::Job job;
  job.captures = {rule};
  job.simulate.emplace().run = of.end().seconds();
  auto selection = select(job, {}, {}, &of);
  EXPECT_TRUE(selection) << (selection ? "" : to_string(selection.error()));
  return selection ? *std::move(selection) : Selection();
}

std::vector<std::pair<double, double>> windows(const Selection& selection) {
  std::vector<std::pair<double, double>> all;
  for (const Sequence& s : selection.sequences) all.emplace_back(s.begin.seconds(), s.end.seconds());
  return all;
}

std::vector<double> times(const Selection& selection) {
  std::vector<double> all;
  for (const Moment& m : selection.moments) all.push_back(m.time.seconds());
  return all;
}

using Windows = std::vector<std::pair<double, double>>;

TEST(Select, WithoutRulesTheTakesEndIsTheMoment) {
  const sim::Take of = take();
  const Selection selection = select({}, {}, {}, &of).value();
  EXPECT_EQ(times(selection), std::vector<double>{10});
  EXPECT_EQ(selection.moments[0].sequence, Moment::kAlone);
  EXPECT_EQ(times(select({}, {}, {}, nullptr).value()), std::vector<double>{0});
}

TEST(Select, WindowsThatOverlapBecomeOneUnlessToldNot) {
  vary::Capture rule = around_hits(0.2, 0.2);
  EXPECT_EQ(windows(selected(rule)), (Windows{{1.8, 2.5}, {9.7, 10}}));
  rule.merge = false;
  EXPECT_EQ(windows(selected(rule)), (Windows{{1.8, 2.2}, {2.1, 2.5}, {9.7, 10}}));
}

TEST(Select, WindowsPastTheTakeAreCutOrDropped) {
  vary::Capture rule = around_hits(2.25, 0.5);
  rule.merge = false;
  EXPECT_EQ(windows(selected(rule)), (Windows{{0, 2.5}, {0.05, 2.8}, {7.65, 10}}));
  rule.keep_clipped = false;
  EXPECT_EQ(windows(selected(rule)), (Windows{{0.05, 2.8}}));
}

TEST(Select, TheFirstWindowsAreKept) {
  vary::Capture rule = around_hits(0, 0);
  rule.max = 2;
  EXPECT_EQ(windows(selected(rule)), (Windows{{2, 2}, {2.3, 2.3}}));
}

TEST(Select, EdgesAreBeginsOrEndsAndWhatGoesOnHasNoEnd) {
  vary::Capture rule = around_hits(0, 0);
  rule.edge = vary::Capture::Edge::end;
  EXPECT_EQ(times(selected(rule)), (std::vector<double>{2.1, 2.5}));
  rule.edge = vary::Capture::Edge::both;
  EXPECT_EQ(times(selected(rule)), (std::vector<double>{2, 2.1, 2.3, 2.5, 9.9}));
}

TEST(Select, OneOfTheMomentsIsTheEdgeItself) {
  vary::Capture rule = around_hits(0.25, 0.1);
  rule.rate = base::Rate{10, 1};
  rule.max = 1;
  rule.merge = false;
  const Selection selection = selected(rule);
  EXPECT_EQ(times(selection), (std::vector<double>{1.8, 1.9, 2.0, 2.1}));
  EXPECT_EQ(selection.sequences[0].name, "hits-0");
  EXPECT_EQ(selection.sequences[0].count, 4u);
}

TEST(Select, ARateThatDividesNoSecondStillMirrorsAroundTheEdge) {
  vary::Capture rule = around_hits(0.1, 0.1);
  rule.rate = base::Rate{30, 1};
  rule.max = 1;
  rule.merge = false;
  const Selection found = selected(rule);
  ASSERT_EQ(found.moments.size(), 7u);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_NEAR(found.moments[i].time.seconds(), 2 + (static_cast<double>(i) - 3) / 30, 2e-9);
}

TEST(Select, DrawnWindowsKeepAwayFromEventsAndFromEachOther) {
  vary::Capture rule;
  rule.name = "calm";
  rule.count = 6;
  rule.length = 0.5;
  rule.away_from = {"hit"};
  rule.margin = 0.1;
  const Selection selection = selected(rule);
  ASSERT_EQ(selection.sequences.size(), 6u);
  EXPECT_EQ(selection.draws.size(), 6u) << "each is on the record";
  const Windows found = windows(selection);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_GE(found[i].first, 0);
    EXPECT_LE(found[i].second, 10);
    for (const sim::Event& e : take().events) {
      if (e.name != "hit") continue;
      EXPECT_TRUE(found[i].second + 0.1 < e.begin.seconds() || found[i].first - 0.1 > e.end.seconds());
    }
    if (i > 0) {
      EXPECT_GT(found[i].first, found[i - 1].second);
    }
  }
}

TEST(Select, WhereThereIsNoCalmThereIsNoWindow) {
  sim::Take of = take();
  of.events = {event("hit", 0, 10)};
  vary::Capture rule;
  rule.name = "calm";
  rule.count = 3;
  rule.length = 0.5;
  rule.away_from = {"hit"};
  EXPECT_TRUE(selected(rule, of).sequences.empty());
}

TEST(Select, ATimeIsDrawnOnceForATake) {
  vary::Capture rule;
  rule.name = "late";
  rule.at = {base::parse_yaml("{uniform: [8, 9]}", "r.yaml").value(), "capture.late.at", {}, false};
  rule.before = 0.5;
  const Selection selection = selected(rule);
  ASSERT_EQ(selection.sequences.size(), 1u);
  EXPECT_GE(selection.moments[0].time.seconds(), 8);
  EXPECT_LE(selection.moments[0].time.seconds(), 9);
}

TEST(Select, ARuleWithoutEventTakesTheWholeTake) {
  vary::Capture rule;
  rule.name = "all";
  rule.rate = base::Rate{2, 1};
  const Selection selection = selected(rule);
  EXPECT_EQ(selection.moments.size(), 21u);
  vary::Job job;
  job.captures = {rule};
  job.simulate.emplace().run = 10;
  EXPECT_EQ(moments_of_whole_take(job), 21);
}

TEST(EventsAt, EachEventIsOfTheMomentsItGoesOnInOrJustEndedBefore) {
  vary::Capture rule = around_hits(0.05, 0.4);
  rule.rate = base::Rate{10, 1};
  const sim::Take of = take();
  const Selection selection = selected(rule, of);  // 2.0, 2.1, ... 2.7 after merging
  const auto count = [&](std::size_t moment) { return events_at(of, selection, moment).size(); };
  EXPECT_EQ(count(0), 1u) << "2.0 s: the first hit";
  EXPECT_EQ(count(1), 1u) << "2.1 s: it ends here";
  EXPECT_EQ(count(2), 0u) << "2.2 s";
  EXPECT_EQ(count(3), 1u) << "2.3 s: the second";
}

TEST(ActionsAt, AreWhatWasSaidLast) {
  sim::Take of = take();
  of.channels = {{"push/box",
                  "force",
                  "N",
                  "world",
                  3,
                  {SimTime::from_seconds(1), SimTime::from_seconds(2)},
                  {1, 2, 3, 4, 5, 6},
                  {1, 2, 3, 4, 5, 6}}};
  EXPECT_TRUE(actions_at(of, SimTime::from_seconds(0.5)).empty());
  EXPECT_EQ(actions_at(of, SimTime::from_seconds(1.5))[0].commanded, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(actions_at(of, SimTime::from_seconds(2))[0].commanded, (std::vector<double>{4, 5, 6}));
}

}  // namespace
}  // namespace wm::mill
