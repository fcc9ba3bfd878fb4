#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// The files beside a model that hold values of its constants ("model.onnx.data").
class ExternalData {
 public:
  /// Without a folder, every constant in another file is refused.
  explicit ExternalData(std::optional<std::filesystem::path> folder) : folder_(std::move(folder)) {}

  /// The `bytes` that the constant takes in its file. Throws UserError naming the file when it lies outside the folder
  /// (".." or by a link), is missing, or is too short. Nothing is allocated that the file does not hold.
  std::vector<std::uint8_t> read(const proto::TensorProto& tensor, std::int64_t bytes);

  /// The size of the files that were read for the first time since the last call.
  std::int64_t newly_seen() { return std::exchange(newly_seen_, 0); }

 private:
  std::filesystem::path find(const proto::TensorProto& tensor, const std::string& location) const;

  std::optional<std::filesystem::path> folder_;
  std::set<std::filesystem::path> seen_;
  std::int64_t newly_seen_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace neurocuda::onnx
