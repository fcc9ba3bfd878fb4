#include "onnx/read/parsed_model.hpp"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "neurocuda/base/error.hpp"
#include "onnx/limits.hpp"

namespace neurocuda::onnx {
namespace {

namespace pb = google::protobuf;

/// Hands the bytes to the parser in pieces and ends the stream when the arena has grown past the limit: the one way to
/// bound the memory of a parse from outside protobuf.
class BoundedStream : public pb::io::ZeroCopyInputStream {
 public:
  BoundedStream(std::span<const std::uint8_t> bytes, const pb::Arena& arena)
      : pieces_(bytes.data(), static_cast<int>(bytes.size()), kPiece),
        arena_(arena),
        limit_(max_message_bytes(bytes.size())) {}

  bool Next(const void** data, int* size) override {
    exceeded_ = exceeded_ || arena_.SpaceAllocated() > limit_;
    return !exceeded_ && pieces_.Next(data, size);
  }
  void BackUp(int count) override { pieces_.BackUp(count); }
  bool Skip(int count) override { return pieces_.Skip(count); }
  std::int64_t ByteCount() const override { return pieces_.ByteCount(); }

  bool exceeded() const { return exceeded_; }

 private:
  static constexpr int kPiece = 64 << 10;
  pb::io::ArrayInputStream pieces_;
  const pb::Arena& arena_;
  std::uint64_t limit_;
  bool exceeded_ = false;
};

}  // namespace

ParsedModel::ParsedModel(std::span<const std::uint8_t> bytes)
    : model_(pb::Arena::CreateMessage<proto::ModelProto>(&arena_)) {
  if (bytes.size() > static_cast<std::size_t>(kMaxFileBytes)) {
    fail("{} bytes, more than the {} that are read; check that it is the right file", bytes.size(), kMaxFileBytes);
  }
  BoundedStream stream(bytes, arena_);
  const bool whole = model_->ParseFromBoundedZeroCopyStream(&stream, static_cast<int>(bytes.size()));
  if (stream.exceeded()) fail("holds too many messages for its {} bytes; export the model again", bytes.size());
  if (!whole) fail("not an ONNX model, or truncated ({} bytes); export the model again", bytes.size());
  if (!model_->has_graph()) fail("holds no ONNX graph; check that it is an ONNX model");
}

}  // namespace neurocuda::onnx
