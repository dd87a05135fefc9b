#pragma once
#include <map>
#include <memory>
#include <string>

#include "worldmill/import/source.h"
#include "worldmill/scene/body.h"
#include "worldmill/scene/material.h"

namespace wm::import {

/// An MJCF file as the engine is to read it: one text, and the files that it names read already.
struct MjcfText {
  std::string xml;
  std::map<std::string, std::string> files;                              ///< Under names of our own -> bytes.
  std::map<std::string, std::shared_ptr<const scene::MeshFile>> meshes;  ///< By the name that the text gives them.
  std::map<std::string, std::string> missing_meshes;  ///< Likewise -> the complaint; a tetrahedron stands there.
  std::map<std::string, scene::PicturePtr> pictures;  ///< Textures of files; one grey texel stands there.
  bool sees = false;  ///< A rangefinder is among the sensors: shapes that touch nothing matter too.
};

/// Puts included files in, and reads all files through `source`; the engine never sees the disk. Textures that are not
/// there become grey, with a note; the others are decoded here, within the budget.
Result<MjcfText> prepare_mjcf(Source& source, const std::string& bytes, Notes& notes);

/// The name of the root element (`mujoco`, `robot`, ...), or what is wrong with the text.
Result<std::string> root_of_xml(const std::string& bytes, const std::string& file);

}  // namespace wm::import
