#pragma once
#include <mujoco/mjspec.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "worldmill/base/result.h"
#include "worldmill/base/value.h"

/// What `physics` and `import/mjcf.cpp` share of MuJoCo's specs: each field as a row of a table, so that what an author
/// wrote goes through a Scene and comes out the same.
///
/// The library brings its own C++ runtime: a mjString or mj...Vec is not our std::string or std::vector, whatever
/// mjspec.h says. Only mjs_get... and mjs_set... may look inside.
namespace wm::mujoco {

enum class FieldKind { number, number32, integer, byte, truth, text, texts, numbers };

struct Field {
  const char* name;
  std::size_t offset;  ///< In the struct [bytes].
  FieldKind kind;
  int count;  ///< Of an array in the struct.
};

/// Those of mjsBody, mjsJoint, mjsGeom, mjsSite, mjsTendon, mjsActuator, mjsEquality, mjsFlex, mjsSensor, mjsPair,
/// mjsMesh and mjOption that a map can hold: no orientations, plugins, or vectors that the library does not let us
/// read.
template <class Spec>
std::span<const Field> fields_of();

/// The fields of `spec` that differ from the library's defaults, less those named in `handled`; a map, be it empty.
template <class Spec>
base::Value extras_of(const Spec& spec, std::span<const std::string_view> handled);

/// Writes a map of extras into `spec`. An error for a name that is not in the table, or a value of the wrong length;
/// it goes on after the name of the thing.
template <class Spec>
Status set_extras(Spec& spec, const base::Value& extras);

}  // namespace wm::mujoco
