#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>

#include "common.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::python {
namespace {

using data::Dataset;

/// Gathers the batches of a loader, each image copied once.
class DatasetBuilder {
 public:
  /// `labels` may be missing, in all batches or in none.
  void append(const Array<float>& images, const std::optional<Array<std::int64_t>>& labels) {
    Shape image = shape_of(images);
    if ((image.size() != 4 && image.size() != 5) ||
        (labels && (labels->ndim() != 1 || labels->shape(0) != images.shape(0)))) {
      fail(
          "a batch of images {} with labels {}; give (n, channels, height, width), or (n, T, channels, height, width) "
          "of "
          "spike trains, and (n,)",
          to_string(image), labels ? to_string(shape_of(*labels)) : "none");
    }
    if (image[0] > 0 && size_ > 0 && labels.has_value() == labels_.empty())
      fail("some batches of the loader have labels and some have none; give all of them or none");
    const std::int64_t count = image[0];
    image.erase(image.begin());
    if (size_ > 0 && image != image_) {
      fail("an image of shape {} after images of shape {}; all must be alike", to_string(image), to_string(image_));
    }
    image_ = image;
    values_.insert(values_.end(), images.data(), images.data() + images.size());
    size_ += count;
    for (std::size_t i = 0; labels && i < labels->size(); ++i) labels_.push_back(checked(labels->data()[i]));
  }

  std::int64_t size() const { return size_; }

  /// Moves everything out. `classes` 0: as many as the largest label asks for.
  Dataset finish(const std::string& name, int classes) {
    if (size_ == 0) fail("{}: the loader gave no images", name);
    Shape shape = image_;
    shape.insert(shape.begin(), size());
    if (classes == 0 && !labels_.empty()) classes = *std::max_element(labels_.begin(), labels_.end()) + 1;
    return data::from_values(name, Tensor<float>(std::move(shape), std::move(values_)), std::move(labels_), classes);
  }

 private:
  static data::Label checked(std::int64_t label) {
    constexpr std::int64_t kLargest = std::numeric_limits<data::Label>::max();
    if (label < 0 || label > kLargest) fail("label {}; give class labels from 0 to {}", label, kLargest);
    return static_cast<data::Label>(label);
  }

  Shape image_;
  std::int64_t size_ = 0;
  std::vector<float> values_;
  std::vector<data::Label> labels_;
};

/// Pixels of images [begin, end) as they are stored, (n, C, H, W) or (n, T, C, H, W).
nb::ndarray<nb::numpy, std::uint8_t> pixels_of(const Dataset& dataset, std::int64_t begin, std::int64_t end) {
  if (begin < 0 || begin > end || end > dataset.size())
    fail("{}: images {} to {} asked for, it has {}", dataset.name, begin, end, dataset.size());
  Shape shape = dataset.image_shape();
  if (dataset.timesteps() > 0) shape.insert(shape.begin(), dataset.timesteps());
  const auto size = static_cast<std::size_t>(element_count(shape));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(end - begin) * size);
  parallel_for(end - begin, dataset.source ? 0 : 1, [&](std::int64_t i, int) {
    std::vector<std::uint8_t> buffer;
    const auto image = dataset.pixels(begin + i, buffer);
    std::copy(image.begin(), image.end(), pixels.begin() + static_cast<std::ptrdiff_t>(size) * i);
  });
  shape.insert(shape.begin(), end - begin);
  return to_numpy(std::move(pixels), shape);
}

Dataset load(const std::string& source, const std::string& split, std::int64_t resize, const Shape& crop,
             const std::vector<float>& mean, const std::vector<float>& stddev) {
  data::LoadOptions options;
  options.resize = resize;
  options.crop = crop;
  options.mean = mean;
  options.stddev = stddev;
  Dataset dataset = data::load(source, split == "train" ? data::Split::train : data::Split::test, options);
  const std::string notice = data::normalisation_notice(dataset, "", false);
  if (!notice.empty()) dataset.notices.push_back(notice);
  return dataset;
}

}  // namespace

void bind_data(nb::module_& module) {
  nb::class_<Dataset>(module, "Dataset", "Images, with labels where they are known.")
      .def_ro("name", &Dataset::name)
      .def_ro("classes", &Dataset::classes)
      .def_ro("class_names", &Dataset::class_names)
      .def_ro("mean", &Dataset::mean)
      .def_ro("stddev", &Dataset::stddev)
      .def_ro("notices", &Dataset::notices, "What was assumed when it was loaded, a sentence each.")
      .def_prop_ro("labelled", &Dataset::labelled)
      .def_prop_ro(
          "labels", [](const Dataset& d) { return to_numpy(d.labels, {std::ssize(d.labels)}); }, nb::rv_policy::move)
      .def_prop_ro("image_shape", &Dataset::image_shape, "(C, H, W)")
      .def_prop_ro("timesteps", &Dataset::timesteps, "0 for still images.")
      .def_prop_ro(
          "in_files", [](const Dataset& d) { return d.source != nullptr; }, "Decoded when asked for.")
      .def_prop_ro("normalized", &Dataset::is_normalized, "Whether it holds floats instead of pixels.")
      .def("pixels", &pixels_of, nb::arg("begin"), nb::arg("end"), "uint8, (n, C, H, W) or (n, T, C, H, W).")
      .def(
          "values", [](const Dataset& d) { return to_numpy(d.values); }, "float32; of a data set that holds floats.")
      .def("__len__", &Dataset::size);
  nb::class_<DatasetBuilder>(module, "DatasetBuilder")
      .def(nb::init<>())
      .def("append", &DatasetBuilder::append, nb::arg("images"), nb::arg("labels").none())
      .def("__len__", &DatasetBuilder::size)
      .def("finish", &DatasetBuilder::finish, nb::arg("name"), nb::arg("classes") = 0);
  module.def("load_images", &load, nb::arg("source"), nb::arg("split"), nb::kw_only(), nb::arg("resize") = 0,
             nb::arg("crop") = Shape{}, nb::arg("mean") = std::vector<float>{},
             nb::arg("stddev") = std::vector<float>{},
             "One part, \"train\" or \"test\", of what docs/data.md describes.");
}

}  // namespace neurocuda::python
