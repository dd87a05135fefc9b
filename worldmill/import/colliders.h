#pragma once
#include "worldmill/base/files.h"
#include "worldmill/scene/asset_source.h"

namespace wm::import {

/// An asset as something solid. What has bodies or shapes of its own stays as it is. Else:
///
/// rigid   one body with a free joint at the asset's root (of several roots: at a new one, `/Body`), in the way as all
///         of its visible surface together; its mass is the colliders' volume times the density.
/// fixed   no body; each connected part of each visible node is in the way where it is. A sheet (a floor, a wall) is
///         solid behind its front, 5 cm deep, so that things rest on what is seen.
///
/// `automatic` takes the first that fits: a box, cylinder, sphere or capsule that the convex hull fills to 97 %, 96 %,
/// 95 %, 96 %, for what fills 92 % of its hull; the hull (256 vertices at most); convex pieces.
Result<scene::Asset> make_solid(base::Files& files, scene::Asset asset, const scene::BodyOptions& options);

}  // namespace wm::import
