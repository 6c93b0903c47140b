#include "sync/wire/lane.h"

namespace tocsin::wire {

std::string_view name_of(Lane lane) {
  switch (lane) {
    case Lane::alarm: return "alarm";
    case Lane::event: return "event";
    case Lane::data: return "data";
  }
  return "unknown";
}

}  // namespace tocsin::wire
