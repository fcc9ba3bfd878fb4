#include "neurocuda/program/node_traits.hpp"
#include "runtime/backend_list.hpp"
#include "runtime/image_stream.hpp"
#include "runtime/reference/image_run.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime {
namespace {

/// The oracle: scalar, never optimised. Every other executable is tested against it for equality.
class ReferenceExecutable : public Executable {
 public:
  explicit ReferenceExecutable(const program::Program& program)
      : program_(program), signals_(program::signals(program_)) {}

  std::string_view target() const override { return "reference"; }
  std::string isa() const override { return "scalar"; }
  const program::Program& program() const override { return program_; }

  RunResult run(const program::EncodedInput& input, const RunOptions& options) const override {
    return run_images(
        program_, proof_, input, options, [](int) {},
        [&](const ImageTask& task, int) {
          reference::State state(program_);
          reference::ImageRun image(program_, signals_, task, state);
          task.mode == Mode::exact ? image.run_exact() : image.run_synchronous();
        });
  }

 protected:
  std::unique_ptr<Stream> make_stream(std::int64_t images, const RunOptions& options) const override {
    const auto new_state = [this] { return std::make_unique<reference::State>(program_); };
    const auto body = [this](const ImageTask& task, int) {
      reference::ImageRun(program_, signals_, task, static_cast<reference::State&>(*task.state)).run_synchronous();
    };
    return std::make_unique<ImageStream>(
        program_, images, options, new_state, [](int) {}, body);
  }

 private:
  program::Program program_;
  std::vector<program::Signal> signals_;
  TimestepProof proof_;
};

class ReferenceBackend : public Backend {
 public:
  std::string_view target() const override { return "reference"; }
  std::string description() const override { return "scalar implementation of the specification: the oracle, slow"; }
  bool available() const override { return true; }
  std::string remedy() const override { return {}; }
  std::unique_ptr<Executable> compile(const program::Program& program, const CompileOptions&) const override {
    program::validate(program);
    return std::make_unique<ReferenceExecutable>(program);
  }
};

}  // namespace

const Backend& reference_backend() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace neurocuda::runtime
