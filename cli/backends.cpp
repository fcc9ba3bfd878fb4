#include "neurocuda/runtime/backends.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/json_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"

namespace neurocuda::cli {
namespace {

int list_backends(const CommonOptions& options) {
  check_outputs({options.json}, {});
  Table table({"target", "available", "description", "how to get it"});
  table.align_left(1).align_left(2).align_left(3);
  Json list = Json::array();
  for (const runtime::Backend* backend : runtime::backends()) {
    const std::string target(backend->target());
    table.add({target, backend->available() ? "yes" : "no", backend->description(), backend->remedy()});
    list.push_back({{"target", target},
                    {"available", backend->available()},
                    {"description", backend->description()},
                    {"remedy", backend->remedy()}});
  }
  out::print("{}", table.to_string());
  Json document;
  document["backends"] = std::move(list);
  write_json(options.json, document);
  return kDone;
}

}  // namespace

Action set_up_backends(CLI::App& app) {
  auto options = std::make_shared<CommonOptions>();
  add_common(app, *options);
  return [options] { return list_backends(*options); };
}

}  // namespace neurocuda::cli
