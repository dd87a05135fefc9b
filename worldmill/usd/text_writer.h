#pragma once
#include <string>

#include "worldmill/usd/layer.h"

namespace wm::usd {

/// The layer as USDA text, which reads back as the same layer. Whole in memory. SPEC 16.2.
std::string write_text(const Layer& layer);

/// One value as USDA text would hold it.
std::string text_of(const Value& value);

/// The fewest digits that read back as the same number of that width; `inf`, `-inf`, `nan`.
void append_number(std::string& out, double number);
void append_number(std::string& out, float number);

}  // namespace wm::usd
