#include "nir/native/needs.hpp"

#include <algorithm>
#include <optional>

#include "nir/native/layout.hpp"
#include "nir/native/neuron_reader.hpp"
#include "nir/native/schema.hpp"

namespace neurocuda::nir::native {
namespace {

bool is_possible(const Shape& shape) {
  return !shape.empty() &&
         std::all_of(shape.begin(), shape.end(), [](auto extent) { return extent > 0 && extent <= INT32_MAX; });
}

/// What fits, from the input on. Shapes of nodes behind one that does not fit stay unknown.
class Needs {
 public:
  Needs(const Graph& outline, std::string_view origin) : origin_(origin), layout_(outline, origin) {}

  void collect(std::set<std::string>& needed) {
    needed_ = &needed;
    shapes_.resize(layout_.nodes().size());
    for (std::size_t i = 0; i < shapes_.size(); ++i) shapes_[i] = shape_of(*layout_.nodes()[i]);
  }

 private:
  using MaybeShape = std::optional<Shape>;

  MaybeShape shape_of(const Part& part) {
    const Fields fields = part.parameters(origin_);
    if (part.kind == kind::input) {
      Shape shape = fields.integers("shape");
      if (!is_possible(shape)) return std::nullopt;
      per_channel(part, {key::scale, key::mean, key::stddev}, shape);
      return shape;
    }
    if (part.kind == kind::sum_pool) return pooled(part, source_shape(part));
    if (part.kind == kind::or_pool) return or_pool_shape(part);
    const bool fires = part.kind == kind::if_layer;
    Shape stated = fires ? fields.shape("v_threshold") : Shape(fields.integers("shape"));
    if (!is_possible(stated) || !groups_fit(part, stated)) return std::nullopt;
    if (fires) {
      for (const char* name : {"v_threshold", "r", "v_reset"}) parameter(part, name, stated);
      per_channel(part, {key::v0, key::scale}, stated);
    }
    by_timestep(part, stated);
    return stated;
  }

  MaybeShape or_pool_shape(const Part& part) {
    MaybeShape shape = pooled(part.only_source(origin_), source_shape(part.only_source(origin_)));
    if (!shape) return std::nullopt;
    parameter(part, "threshold", *shape);
    per_channel(part, {key::takes_minimum}, *shape);
    return shape;
  }

  MaybeShape pooled(const Part& part, const MaybeShape& source) {
    if (!source || source->size() != 3) return std::nullopt;
    const Size2 size = output_size(pool_window(part, origin_), {(*source)[1], (*source)[2]});
    if (size.height < 1 || size.width < 1) return std::nullopt;
    return Shape{(*source)[0], size.height, size.width};
  }

  /// Of what a part reads, behind a flatten where there is one.
  MaybeShape source_shape(const Part& part) const {
    const Part* from = &part.only_source(origin_);
    const bool flattened = from->kind == kind::flatten;
    if (flattened) from = &from->only_source(origin_);
    if (!empty_node(*from)) return std::nullopt;
    const MaybeShape& shape = shapes_[static_cast<std::size_t>(layout_.index_of(*from))];
    return shape && flattened ? MaybeShape(Shape{element_count(*shape)}) : shape;
  }

  bool groups_fit(const Part& layer, const Shape& stated) {
    for (const Part* group : layout_.groups_of(layer)) {
      const MaybeShape source = source_shape(*group);
      if (!source || output_shape(*group, *source) != stated) return false;
      for (const char* name : {"weight", "scale"}) parameter(*group, name, shape_or_none(*group, name));
      parameter(*group, "bias", {stated[0]});
      metadata(*group, key::shift, {stated[0]});
    }
    return !layer.before.empty();
  }

  static Shape shape_or_none(const Part& part, const char* name) {
    const auto found = part.node->parameters.leaves.find(name);
    return found == part.node->parameters.leaves.end() ? Shape{} : found->second.shape;
  }

  /// Of a group whose weights fit its source.
  MaybeShape output_shape(const Part& group, const Shape& source) const {
    const Shape weight = shape_or_none(group, "weight");
    if (group.kind == kind::conv) return convolved(group, weight, source);
    if (group.kind == kind::linear) {
      const bool fits = weight.size() == 2 && weight[1] == element_count(source);
      return fits ? MaybeShape(Shape{weight[0]}) : std::nullopt;
    }
    const Shape square = weight.size() == 4 ? Shape{source[0], source[0], 1, 1} : Shape{source[0], source[0]};
    const bool fits = weight.empty() ? shape_or_none(group, "scale") == source : weight == square;
    return fits ? MaybeShape(source) : std::nullopt;
  }

  MaybeShape convolved(const Part& group, const Shape& weight, const Shape& source) const {
    if (weight.size() != 4 || source.size() != 3) return std::nullopt;
    const Fields fields = group.parameters(origin_);
    if (weight[1] * fields.integer("groups", {1, source[0]}) != source[0]) return std::nullopt;
    const Range extent{1, INT32_MAX}, padding{0, INT32_MAX};
    const Window window{{weight[2], weight[3]},
                        fields.size("stride", extent),
                        fields.size("padding", padding),
                        fields.size("dilation", extent)};
    const Size2 size = output_size(window, {source[1], source[2]});
    if (size.height < 1 || size.width < 1) return std::nullopt;
    return Shape{weight[0], size.height, size.width};
  }

  void parameter(const Part& part, const char* name, const Shape& shape) {
    need(part.node->parameters, name, shape, "/node/nodes/" + part.node->name + "/" + name);
  }

  void metadata(const Part& part, const char* name, const Shape& shape) {
    const auto own = part.node->metadata.branches.find(key::space);
    if (own == part.node->metadata.branches.end()) return;
    need(own->second, name, shape, fmt::format("/node/nodes/{}/metadata/{}/{}", part.node->name, key::space, name));
  }

  void need(const Tree& tree, const char* name, const Shape& shape, std::string path) {
    const auto found = tree.leaves.find(name);
    if (found != tree.leaves.end() && found->second.shape == shape) needed_->insert(std::move(path));
  }

  void per_channel(const Part& part, std::initializer_list<const char*> names, const Shape& shape) {
    for (const char* name : names) metadata(part, name, {shape.front()});
  }

  void by_timestep(const Part& part, const Shape& shape) {
    for (const auto& [name, space] : part.node->metadata.branches) {
      const auto found = space.leaves.find(key::bias_by_timestep);
      if (name != key::space || found == space.leaves.end() || found->second.shape.empty()) continue;
      // Twice what may be: a file that states a few too many is told so.
      const std::int64_t timesteps = std::min<std::int64_t>(found->second.shape[0], 2 * program::kMaxTimesteps);
      metadata(part, key::bias_by_timestep, {timesteps, shape.front()});
    }
  }

  std::string_view origin_;
  Layout layout_;
  std::vector<MaybeShape> shapes_;  // of the Program nodes so far
  std::set<std::string>* needed_ = nullptr;
};

}  // namespace

std::set<std::string> needed_datasets(const Graph& outline, std::string_view origin) {
  std::set<std::string> needed;
  try {
    Needs(outline, origin).collect(needed);
  } catch (const UserError&) {
    return needed;  // what is wrong is said by the reader of the whole file, which meets the same fault
  }
  return needed;
}

}  // namespace neurocuda::nir::native
