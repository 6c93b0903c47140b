#pragma once
// What the live commands share: ask the daemon, show its error, print JSON.

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "gateway/cli/commands.h"

namespace tocsin::cli {

// Nothing when there is no usable answer: the reason has been printed, `exit_code` says what to return.
std::optional<boost::json::object> ask_daemon(const Context& context, const boost::json::object& request,
                                              int& exit_code);
void print_json(const boost::json::object& object);
std::string text_at(const boost::json::object& object,
                    std::string_view key);  // "" for null or absent; numbers as text

}  // namespace tocsin::cli
