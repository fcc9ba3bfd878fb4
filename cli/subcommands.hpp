#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace neurocuda::cli {

/// Exit statuses that scripts may rely on (docs: "Exit status").
enum ExitStatus : int { kDone = 0, kAnswerIsNo = 1, kBadUse = 2, kInternalError = 3, kInterrupted = 130 };

/// What a chosen subcommand does; returns the exit status.
using Action = std::function<int()>;

/// One per subcommand, each in its own file: declares the options on `app` and returns what runs when it is chosen.
Action set_up_demo(CLI::App& app);
Action set_up_train(CLI::App& app);
Action set_up_doctor(CLI::App& app);
Action set_up_convert(CLI::App& app);
Action set_up_eval(CLI::App& app);
Action set_up_verify(CLI::App& app);
Action set_up_sweep(CLI::App& app);
Action set_up_inspect(CLI::App& app);
Action set_up_bench(CLI::App& app);
Action set_up_backends(CLI::App& app);
Action set_up_settings(CLI::App& app);

}  // namespace neurocuda::cli
