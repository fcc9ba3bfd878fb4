#include <fmt/format.h>
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is of POSIX
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <string>

#include "cli/out.hpp"
#include "cli/out_of_memory.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/log.hpp"
#include "neurocuda/base/text.hpp"
#include "neurocuda/base/version.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/training/settings.hpp"

namespace neurocuda::cli {
namespace {

struct Subcommand {
  const char* name;
  const char* summary;
  Action (*set_up)(CLI::App& app);
};

constexpr Subcommand kSubcommands[] = {
    {"demo", "The whole pipeline on the bundled digits: a table, an HTML report, an ONNX and a NIR file", set_up_demo},
    {"train", "Train an ANN and write it as ONNX", set_up_train},
    {"doctor", "Say of every operator whether it converts exactly, approximately or not, and what to do",
     set_up_doctor},
    {"convert", "Turn an ANN (ONNX) into an integer spiking network (NIR)", set_up_convert},
    {"eval", "Accuracy, sparsity and synaptic operations of a model on a data set", set_up_eval},
    {"verify", "Compare every spike and every membrane of several targets", set_up_verify},
    {"sweep", "Accuracy over the number of timesteps", set_up_sweep},
    {"inspect", "Print a model: nodes, shapes, thresholds, proven bounds", set_up_inspect},
    {"bench", "Measure the speed of a network on a target", set_up_bench},
    {"backends", "List the targets, whether they are available and how to get them", set_up_backends},
    {"settings", "List every setting of convert or train: default, range, meaning; and the recipes", set_up_settings},
};

/// One line on stderr, whatever the message holds; a progress bar that stands there is wiped first.
void complain(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  const std::string line =
      fmt::format("{}neurocuda: {}\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", printable(message));
  std::fputs(line.c_str(), stderr);  // nobody can be told that it was lost
}

/// An option by its name; a setting that is no option as settings files spell it.
std::string spelled(const std::string& setting) {
  bool in_files = false, an_option = false;  // two subcommands may differ
  const auto look = [&](const auto& field) {
    if (field.name != setting) return;
    (field.level == settings::Level::common ? an_option : in_files) = true;
  };
  settings::for_each_field(conversion::Settings{}, look);
  settings::for_each_field(training::Settings{}, look);
  return in_files && !an_option ? setting + " (in a settings file)" : option_name(setting);
}

/// The first word of the command line when it should have been a subcommand but is none; empty otherwise.
std::string unknown_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-' || !app.get_subcommands().empty()) return "";
  return argv[1];
}

/// --help and --version are answers (status 0); everything else that the parser throws is bad use.
int answer_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::string& unknown) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (unknown == "correct") {
    complain(
        "'correct' is gone: convert fits the biases of every timestep, so that a network runs at every T up to its "
        "own");
    return kBadUse;
  }
  if (!unknown.empty()) {
    complain(fmt::format("'{}' is not a subcommand; 'neurocuda --help' lists them", unknown));
    return kBadUse;
  }
  const auto chosen = app.get_subcommands();
  // An option that help does not list has no name in the parser's message; its answer begins with it.
  const std::string what = error.what();
  complain(fmt::format("{}; see 'neurocuda {}--help'", what.starts_with(": ") ? what.substr(2) : what,
                       chosen.empty() ? "" : chosen.front()->get_name() + " "));
  return kBadUse;
}

int run(int argc, char** argv) {
  CLI::App app("NeuroCUDA turns trained image classifiers into verified integer spiking networks.", "neurocuda");
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
  Action chosen;
  for (const Subcommand& entry : kSubcommands) {
    CLI::App* subcommand = app.add_subcommand(entry.name, entry.summary);
    subcommand->callback([&chosen, action = entry.set_up(*subcommand)] { chosen = action; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer_parse_error(app, error, unknown_subcommand(app, argc, argv));
  }
  return chosen();
}

/// Asks long work to stop at its next check; a second signal ends the process at once (SA_RESETHAND).
void install_signal_handlers() {
  struct sigaction action = {};
  action.sa_handler = [](int) { request_interrupt(); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
  signal(SIGXFSZ, SIG_IGN);  // a file beyond the size limit is an error of the write, like a full disk
}

/// A file opened later must not become standard output: an answer would be written into it.
void keep_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

/// Training allocates tensors of many megabytes in every step. glibc would map and unmap each, and the kernel clear its
/// pages anew: a quarter of a step's time (lab/2026-11-cpu-speed.md). Freed memory stays with the process instead.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int run_guarded(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const SettingError& error) {
    complain(fmt::format("{} {}: {}", spelled(error.name()), error.value(), error.reason()));
    return kBadUse;
  } catch (const UserError& error) {
    complain(error.what());
    return kBadUse;
  } catch (const Interrupted&) {
    complain("interrupted; nothing was left half-written");
    return kInterrupted;
  } catch (const std::exception& error) {
    if (const auto memory = out_of_memory(error)) {
      complain(*memory);
      return kBadUse;
    }
    const std::string what = error.what();
    complain(fmt::format("internal error: {}; please report this with the command line",
                         what.substr(0, std::min(what.find('\n'), what.size()))));
    return kInternalError;
  }
}

/// The status of a run whose answer may not have arrived.
int with_output_told(int status) {
  const std::string lost = out::lost();
  if (lost.empty()) return status;
  complain(fmt::format("standard output is incomplete: {}; check where it goes", lost));
  return status == kDone ? kBadUse : status;
}

}  // namespace
}  // namespace neurocuda::cli

int main(int argc, char** argv) {
  neurocuda::cli::keep_standard_streams();
  neurocuda::cli::keep_freed_memory();
  neurocuda::set_up_logging();
  neurocuda::cli::install_signal_handlers();
  return neurocuda::cli::with_output_told(neurocuda::cli::run_guarded(argc, argv));
}
