#pragma once
#include "worldmill/base/id.h"

/// Handles of what a Scene's tables hold.
namespace wm::scene {

using NodeId = base::Id<struct NodeTag>;
using MeshId = base::Id<struct MeshTag>;
using MaterialId = base::Id<struct MaterialTag>;
using LightId = base::Id<struct LightTag>;
using CameraId = base::Id<struct CameraTag>;

using BodyId = base::Id<struct BodyTag>;
using ShapeId = base::Id<struct ShapeTag>;
using SurfaceId = base::Id<struct SurfaceTag>;
using JointId = base::Id<struct JointTag>;
using SiteId = base::Id<struct SiteTag>;
using TendonId = base::Id<struct TendonTag>;
using DriveId = base::Id<struct DriveTag>;

}  // namespace wm::scene
