#pragma once

#include <string>

#include "cli/demo_pipeline.hpp"

namespace neurocuda::cli::page {

/// The page that `neurocuda demo` writes: one self-contained HTML document.
std::string demo_report(const Demo& demo, const DemoOptions& options);

}  // namespace neurocuda::cli::page
