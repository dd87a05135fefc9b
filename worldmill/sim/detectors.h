#pragma once
#include "worldmill/sim/detector.h"

/// What detectors are made of; private to the module.
namespace wm::sim {

/// Whether something holds of a thing or a pair, through time: an event from where its margin rises through 0 to where
/// it sinks through 0, each found within the step. What holds shorter than `lasting` is none; what stops for less than
/// `gap` has not stopped. The rule must outlive it.
class Span {
 public:
  /// `thing` of the rule's first group and, unless it is negative, `other` of its second.
  Span(const Rule& rule, int thing, int other) : rule_(&rule), thing_(thing), other_(other) {}

  /// `measure`: what severity is the greatest of while the event goes on.
  void feed(const Instant& instant, double margin, double measure, std::vector<Event>& events);
  void finish(base::SimTime end, std::vector<Event>& events);

 private:
  void write(base::SimTime end, bool open, std::vector<Event>& events);

  const Rule* rule_;
  int thing_, other_;
  double last_ = 0;
  bool begun_ = false;  // fed before
  bool on_ = false;
  std::optional<base::SimTime> sank_;  // of an event that may be over
  base::SimTime begin_;
  double severity_ = 0;
};

std::unique_ptr<Detector> make_contact(const Rule& rule);
std::unique_ptr<Detector> make_slip(const Rule& rule);
std::unique_ptr<Detector> make_grasp(const Rule& rule);
std::unique_ptr<Detector> make_drop(const Rule& rule);
std::unique_ptr<Detector> make_motion(const Rule& rule);
std::unique_ptr<Detector> make_distance(const Rule& rule);

}  // namespace wm::sim
