#include "training/loop/checkpoint.hpp"

#include <torch/serialize.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/base/hash.hpp"

namespace neurocuda::training {
namespace {

using Json = nlohmann::json;

Json describe(const Score& score) {
  Json values = {score.accuracy, score.cross_entropy, score.synops};
  if (const auto& fit = score.fit) {
    for (const double value :
         {fit->seen_accuracy, fit->held_out_accuracy, fit->seen_cross_entropy, fit->held_out_cross_entropy})
      values.push_back(value);
    values.push_back(fit->images);
  }
  return values;
}

Score score_of(const Json& values) {
  Score score{values.at(0), values.at(1), values.at(2)};
  if (values.size() > 3) score.fit = Fit{values.at(3), values.at(4), values.at(5), values.at(6), values.at(7)};
  return score;
}

Json describe(const Checkpoint& checkpoint) {
  Json epochs = Json::array();
  for (const EpochStatistics& e : checkpoint.epochs)
    epochs.push_back({e.epoch, e.loss, e.train_accuracy, e.learning_rate, e.seconds});
  Json scores = Json::array();
  for (const Score& score : checkpoint.scores) scores.push_back(describe(score));
  Json names = Json::array();
  for (const auto& [name, tensor] : checkpoint.tensors) names.push_back(name);
  return {{"run", checkpoint.identity},
          {"epochs_done", checkpoint.epochs_done},
          {"epochs", epochs},
          {"scores", scores},
          {"tensors", names}};
}

Checkpoint restore(torch::serialize::InputArchive& archive) {
  c10::IValue text;
  archive.read("description", text);
  const Json description = Json::parse(text.toStringRef());
  Checkpoint checkpoint;
  checkpoint.identity = description.at("run").get<RunIdentity>();
  checkpoint.epochs_done = description.at("epochs_done");
  for (const Json& score : description.at("scores")) checkpoint.scores.push_back(score_of(score));
  for (const Json& e : description.at("epochs")) checkpoint.epochs.push_back({e[0], e[1], e[2], e[3], e[4]});
  std::size_t index = 0;
  for (const Json& name : description.at("tensors")) {
    archive.read("tensor" + std::to_string(index++), checkpoint.tensors[name.get<std::string>()]);
  }
  return checkpoint;
}

/// What stands behind the archive: libtorch reads archives without looking at their checksums.
std::string seal_of(std::string_view archive) {
  Hash hash;
  hash.add_bytes(archive.data(), archive.size());
  return fmt::format("neurocuda {:016x}", hash.value());
}

std::string_view unsealed(std::string_view contents) {
  const std::size_t bytes = seal_of("").size();
  if (contents.size() < bytes) throw UserError("is cut short");
  const std::string_view archive = contents.substr(0, contents.size() - bytes);
  if (contents.substr(archive.size()) != seal_of(archive)) throw UserError("its checksum differs");
  return archive;
}

/// In memory: libtorch ends the process when a disk is full (its writer throws from a destructor).
std::string archive_of(const Checkpoint& checkpoint) {
  torch::serialize::OutputArchive archive;
  archive.write("description", c10::IValue(describe(checkpoint).dump()));
  std::size_t index = 0;  // names may hold dots, which archives take for modules
  for (const auto& [name, tensor] : checkpoint.tensors)
    archive.write("tensor" + std::to_string(index++), tensor.detach().cpu());
  std::string bytes;
  archive.save_to([&bytes](const void* data, std::size_t count) {
    bytes.append(static_cast<const char*>(data), count);
    return count;
  });
  return bytes;
}

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  AtomicFile file(path);
  const std::string archive = archive_of(checkpoint);
  file.write(archive);
  file.write(seal_of(archive));
  file.commit();
}

Checkpoint load_checkpoint(const std::filesystem::path& path, const RunIdentity& identity) {
  const auto contents = read_file(path, std::numeric_limits<std::int64_t>::max());
  Checkpoint checkpoint;
  try {
    const std::string_view bytes = unsealed({reinterpret_cast<const char*>(contents.data()), contents.size()});
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size());
    checkpoint = restore(archive);
  } catch (const std::exception&) {
    fail("{}: not a checkpoint of this version, or damaged; delete it, or start anew without resuming", path.string());
  }
  if (const std::string differs = difference(checkpoint.identity, identity); !differs.empty())
    fail("{}: belongs to another run ({}); use the same, delete the file, or start anew without resuming",
         path.string(), differs);
  return checkpoint;
}

}  // namespace neurocuda::training
