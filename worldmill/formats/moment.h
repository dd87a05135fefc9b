#pragma once
#include "worldmill/formats/json_writing.h"
#include "worldmill/sample/sample.h"

/// What a sample says of its take, in JSON: moment {time_ns, sequence, index}, events [...], actions [{name, kind,
/// unit, frame, commanded, actual}]. A sample that was not simulated says nothing.
namespace wm::formats {

/// `members` writes into `out`.
void append_moment(Members& members, std::string& out, const sample::Sample& sample);
Status read_moment(const base::Value& object, sample::Sample& sample, const std::string& place);

}  // namespace wm::formats
