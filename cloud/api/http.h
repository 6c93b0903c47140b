#pragma once
// Requests and answers of the API as values, so that what it decides is tested without a socket.

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace tocsin::cloud {

struct HttpRequest {
  std::string method = "GET";
  std::string path;                          // "/api/v1/alarms", decoded
  std::map<std::string, std::string> query;  // decoded
  std::string token;                         // of "Authorization: Bearer"; empty: none
  std::string last_event_id;                 // of a stream that goes on; empty: none
  std::string body;
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // An answer without end: asked for its next piece each time the last one was taken. `deliver` may be called
  // later, once.
  std::function<void(std::function<void(std::string)> deliver)> stream = {};
};

// Target and header values as they came. Nothing when an escape in it makes no sense.
std::optional<HttpRequest> parse_target(const std::string& method, const std::string& target,
                                        const std::string& authorization, std::string body);

HttpAnswer error_answer(int status, const std::string& message);  // {"error": message}

}  // namespace tocsin::cloud
