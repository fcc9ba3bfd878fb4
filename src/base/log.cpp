#include "neurocuda/base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>

namespace neurocuda {

void set_up_logging() {
  auto logger = spdlog::get("neurocuda");
  if (!logger) logger = spdlog::stderr_color_mt("neurocuda");
  logger->set_pattern("%^%l%$: %v");
  const char* level = std::getenv("NEUROCUDA_LOG");
  logger->set_level(level ? spdlog::level::from_str(level) : spdlog::level::info);
  spdlog::set_default_logger(logger);
}

}  // namespace neurocuda
