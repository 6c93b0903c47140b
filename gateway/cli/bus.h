#pragma once
// The table of every bus and device, for `tocsin status` and `tocsin bus`.

#include <boost/json/array.hpp>

namespace tocsin::cli {

void print_buses(const boost::json::array& buses);
bool any_lost(const boost::json::array& buses);

}  // namespace tocsin::cli
