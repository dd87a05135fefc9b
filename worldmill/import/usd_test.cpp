#include "worldmill/import/usd.h"

#include <gtest/gtest.h>

#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

namespace wm::import {
namespace {}  // namespace
}  // namespace wm::import
