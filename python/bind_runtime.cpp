#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>

#include "common.hpp"
#include "core_call.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/runtime/early_exit.hpp"
#include "recording.hpp"

namespace neurocuda::python {
namespace {

using runtime::Executable;

/// A result and the executable that gave it: logits need the program's scale.
struct Run {
  std::shared_ptr<Executable> executable;
  runtime::RunResult result;
  double seconds = 0;  ///< wall clock of the core, encoding included

  std::int64_t images() const { return result.images(); }
  std::int64_t timesteps() const { return result.timesteps(); }
  /// Counts from the end when negative, as Python does.
  std::int64_t step(std::int64_t t) const {
    const std::int64_t index = t < 0 ? t + timesteps() : t;
    if (index < 0 || index >= timesteps())
      fail("timestep {}: the run has {}; give 0 to {}", t, timesteps(), timesteps() - 1);
    return index;
  }
};

Run run(const std::shared_ptr<Executable>& executable, const Array<float>& images, int timesteps, int threads,
        const std::string& mode, const std::string& record, bool counts, bool by_timestep) {
  const runtime::Wanted wanted{by_timestep, counts, recording_of(record)};
  const runtime::RunOptions options{timesteps, threads, program::mode_named(mode), wanted};
  const auto view = view_of(images);
  const CoreCall call;
  const auto began = std::chrono::steady_clock::now();
  const int steps = runtime::resolve_timesteps(executable->program(), options);
  Run run{executable, executable->run(program::encode(executable->program(), view, steps), options)};
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return run;
}

std::int64_t total(const Tensor<std::int64_t>& counts) {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts.values()) sum += count;
  return sum;
}

/// (images, T, *shape of the layer), one byte a spike: uint8, or int8 of signed neurons.
template <class Byte>
nb::object unpacked(const runtime::LayerRecord& record, const Shape& layer) {
  Shape shape{record.images, record.timesteps};
  shape.insert(shape.end(), layer.begin(), layer.end());
  std::vector<Byte> spikes(static_cast<std::size_t>(element_count(shape)));
  std::size_t i = 0;
  for (std::int64_t image = 0; image < record.images; ++image) {
    for (std::int64_t t = 0; t < record.timesteps; ++t) {
      for (std::int64_t n = 0; n < record.neurons; ++n) {
        spikes[i++] = static_cast<Byte>(record.spike(image, t, n));
      }
    }
  }
  return nb::cast(to_numpy(std::move(spikes), shape));
}

nb::dict by_layer(const Run& run, bool membranes) {
  using runtime::Recording;
  const Recording recorded = run.result.wanted().recording;
  if (recorded == Recording::none) fail("this run recorded nothing; run with record='spikes' or record='membranes'");
  if (membranes && recorded != Recording::spikes_and_membranes) {
    fail("this run recorded no membranes; run with record='membranes'");
  }
  nb::dict layers;
  for (const auto& record : run.result.record().layers) {
    const auto& node = run.executable->program().nodes[static_cast<std::size_t>(record.node)];
    if (!membranes) {
      layers[node.name.c_str()] =
          record.is_signed() ? unpacked<std::int8_t>(record, node.shape) : unpacked<std::uint8_t>(record, node.shape);
      continue;
    }
    Shape shape{record.images, record.timesteps};
    shape.insert(shape.end(), node.shape.begin(), node.shape.end());
    layers[node.name.c_str()] = to_numpy(record.membranes, shape);
  }
  return layers;
}

/// A stream and the executable that must outlive it.
struct BlockStream {
  std::shared_ptr<Executable> executable;
  std::unique_ptr<runtime::Stream> stream;

  Run advance(const Array<float>& images, int timesteps) {
    const auto view = view_of(images);
    const CoreCall call;
    const auto began = std::chrono::steady_clock::now();
    Run run{executable, stream->advance(program::encode(executable->program(), view, timesteps), timesteps)};
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return run;
  }
};

BlockStream open(const std::shared_ptr<Executable>& executable, std::int64_t images, int threads,
                 const std::string& mode, const std::string& record, bool counts, bool by_timestep) {
  const runtime::Wanted wanted{by_timestep, counts, recording_of(record)};
  return {executable, executable->open(images, {0, threads, program::mode_named(mode), wanted})};
}

/// (classes, timesteps), (n,) each.
nb::tuple early_exit(const Executable& executable, const Array<float>& images, std::optional<double> margin,
                     int timesteps, int threads, const std::string& mode, int block) {
  const auto view = view_of(images);
  const program::Program& program = executable.program();
  const runtime::RunOptions options{timesteps, threads, program::mode_named(mode)};
  const auto exit = [&] {
    const CoreCall call;
    const auto input = program::encode(program, view, runtime::resolve_timesteps(program, options));
    if (margin)
      return runtime::run_with_early_exit(executable, input, options, runtime::MarginExit(program, *margin), block);
    return runtime::run_with_early_exit(executable, input, options, runtime::ExactExit(program), block);
  }();
  const std::vector<std::int64_t> steps(exit.timesteps.begin(), exit.timesteps.end());
  const std::int64_t count = std::ssize(steps);
  return nb::make_tuple(to_numpy(exit.classes, {count}), to_numpy(steps, {count}));
}

nb::list backend_list() {
  nb::list list;
  for (const runtime::Backend* backend : runtime::backends()) {
    nb::dict entry;
    entry["target"] = std::string(backend->target());
    entry["available"] = backend->available();
    entry["description"] = backend->description();
    entry["remedy"] = backend->remedy();
    list.append(entry);
  }
  return list;
}

void bind_run(nb::module_& module) {
  nb::class_<Run>(module, "Run", "What a run of a batch gave.")
      .def_prop_ro("images", &Run::images)
      .def_prop_ro("timesteps", &Run::timesteps)
      .def_ro("seconds", &Run::seconds, "Wall clock of the core, encoding included.")
      .def_prop_ro(
          "accumulators", [](const Run& run) { return to_numpy(run.result.accumulators_by_timestep()); },
          nb::rv_policy::move,
          "The last layer after every timestep, (images, T, classes), int32; of a run with by_timestep=True.")
      .def(
          "logits",
          [](const Run& run, std::int64_t t) {
            return to_numpy(runtime::logits(run.executable->program(), run.result, run.step(t)));
          },
          nb::arg("t") = -1,
          "(images, classes) after timestep t, float32; other than the last of a run with by_timestep=True.")
      .def(
          "predictions",
          [](const Run& run, std::int64_t t) {
            return to_numpy(runtime::predictions(run.result, run.step(t)), {run.images()});
          },
          nb::arg("t") = -1,
          "The class of every image after timestep t; other than the last of a run with by_timestep=True.")
      .def_prop_ro(
          "spikes", [](const Run& run) { return total(run.result.activity().spikes); },
          "Spikes of all IF neurons over the batch; like all counts, of a run with counts=True.")
      .def_prop_ro("synaptic_operations",
                   [](const Run& run) { return total(run.result.activity().synaptic_operations); })
      .def_prop_ro(
          "spikes_by_node", [](const Run& run) { return to_numpy(run.result.activity().spikes); }, nb::rv_policy::move,
          "(nodes, T), int64, in the order of Program.nodes().")
      .def(
          "spike_record", [](const Run& run) { return by_layer(run, false); },
          "Layer name -> (images, T, *shape), uint8, one per spike; int8 with -1, 0 and 1 of signed neurons.")
      .def(
          "membrane_record", [](const Run& run) { return by_layer(run, true); },
          "Layer name -> (images, T, *shape), int32, after reset.");
}

}  // namespace

void bind_runtime(nb::module_& module) {
  bind_run(module);
  nb::class_<BlockStream>(module, "Stream", "A batch of images whose timesteps run in blocks; equal to one run.")
      .def_prop_ro("images", [](const BlockStream& s) { return s.stream->images(); })
      .def_prop_ro(
          "timesteps", [](const BlockStream& s) { return s.stream->timesteps(); }, "That have run so far.")
      .def(
          "advance", &BlockStream::advance, nb::arg("images"), nb::arg("timesteps"),
          "Runs the next timesteps: of normalised images (n, C, H, W), or spike trains of just these timesteps. Logits "
          "and accumulators count from the beginning.")
      .def(
          "stop", [](BlockStream& s, std::int64_t image) { s.stream->stop(image); }, nb::arg("image"),
          "This image keeps its answer and is not run any more.")
      .def(
          "reset", [](BlockStream& s) { s.stream->reset(); }, "Back to before the first timestep.");
  nb::class_<Executable>(module, "Executable", "A Program made ready for one target.")
      .def_prop_ro("target", [](const Executable& e) { return std::string(e.target()); })
      .def_prop_ro("isa", &Executable::isa)
      .def_prop_ro("program", &Executable::program, nb::rv_policy::reference_internal)
      .def("run", &run, nb::arg("images"), nb::kw_only(), nb::arg("timesteps") = 0, nb::arg("threads") = 0,
           nb::arg("mode") = "synchronous", nb::arg("record") = "none", nb::arg("counts") = true,
           nb::arg("by_timestep") = false,
           "Runs normalised images (n, C, H, W), float32, read in place where contiguous and on the CPU; or spike "
           "trains "
           "(n, T, C, H, W) of 0 and 1.")
      .def("open", &open, nb::arg("images"), nb::kw_only(), nb::arg("threads") = 0, nb::arg("mode") = "synchronous",
           nb::arg("record") = "none", nb::arg("counts") = true, nb::arg("by_timestep") = false,
           "A Stream of so many images.")
      .def("early_exit", &early_exit, nb::arg("images"), nb::kw_only(), nb::arg("margin").none() = nb::none(),
           nb::arg("timesteps") = 0, nb::arg("threads") = 0, nb::arg("mode") = "synchronous", nb::arg("block") = 1,
           "(classes, timesteps): every image runs until its largest accumulator leads by `margin`, or without one "
           "until the "
           "timesteps that are left cannot change its class.");
  module.def(
      "compile",
      [](const program::Program& program, const std::string& target, int device) {
        return std::shared_ptr<Executable>(runtime::compile(program, target, {device}));
      },
      nb::arg("program"), nb::arg("target") = "cpu", nb::kw_only(), nb::arg("device") = 0,
      nb::call_guard<nb::gil_scoped_release>());
  module.def(
      "address_of", [](const Array<float>& images) { return reinterpret_cast<std::uintptr_t>(images.data()); },
      nb::arg("images"), "Where the core reads these images: their own memory unless they had to be copied.");
  module.def("backends", &backend_list, "All targets: target, available, description, remedy.");
}

}  // namespace neurocuda::python
