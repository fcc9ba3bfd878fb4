#include <turbojpeg.h>

#include <memory>
#include <string>

#include "data/images/decoders.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

struct Close {
  void operator()(void* decoder) const { tjDestroy(decoder); }
};
using Decoder = std::unique_ptr<void, Close>;

struct Header {
  int width = 0, height = 0, subsampling = 0, colors = 0;
};

[[noreturn]] void refuse(const Decoder& decoder, std::string_view file) {
  fail("{}: a damaged JPEG image ({}); save it anew or take it out of the folder", file, tjGetErrorStr2(decoder.get()));
}

Decoder new_decoder() {
  Decoder made(tjInitDecompress());
  ensure(made != nullptr, "no JPEG decoder");
  return made;
}

Header read_header(const Decoder& decoder, std::span<const std::uint8_t> bytes, std::string_view file) {
  Header header;
  if (tjDecompressHeader3(decoder.get(), bytes.data(), bytes.size(), &header.width, &header.height, &header.subsampling,
                          &header.colors) != 0)
    refuse(decoder, file);
  return header;
}

bool has_inks(const Header& header) { return header.colors == TJCS_CMYK || header.colors == TJCS_YCCK; }

TJPF format_of(const Header& header) {
  if (has_inks(header)) return TJPF_CMYK;
  return header.colors == TJCS_GRAY ? TJPF_GRAY : TJPF_RGB;
}

/// Adobe's files hold 255 - ink: light that is let through.
std::uint8_t light(std::uint8_t color, std::uint8_t black) {
  return static_cast<std::uint8_t>((color * black + 127) / 255);
}

}  // namespace

ImageSize jpeg_size(std::span<const std::uint8_t> bytes, std::string_view file) {
  const Header header = read_header(new_decoder(), bytes, file);
  return {header.colors == TJCS_GRAY ? 1 : 3, header.height, header.width};
}

Picture decode_jpeg(std::span<const std::uint8_t> bytes, const ImageSize& size, std::string_view file) {
  const Decoder decoder = new_decoder();
  const Header header = read_header(decoder, bytes, file);
  const TJPF format = format_of(header);
  const auto samples = static_cast<std::size_t>(tjPixelSize[format]);
  const auto plane = static_cast<std::size_t>(size.height * size.width);
  std::vector<std::uint8_t> interleaved(plane * samples);
  // A limit on the scans keeps a small progressive file from taking minutes.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;
  if (tjDecompress2(decoder.get(), bytes.data(), bytes.size(), interleaved.data(), header.width, 0, header.height,
                    format, flags) != 0) {
    // Of warnings, which files of some cameras and programs cause, only a missing end means missing pixels.
    const std::string why = tjGetErrorStr2(decoder.get());
    if (tjGetErrorCode(decoder.get()) != TJERR_WARNING || why.find("remature end") != std::string::npos)
      refuse(decoder, file);
  }
  Picture picture{size, std::vector<std::uint8_t>(plane * static_cast<std::size_t>(size.channels))};
  for (std::size_t i = 0; i < plane; ++i) {
    const std::uint8_t* pixel = &interleaved[i * samples];
    for (std::size_t c = 0; c < static_cast<std::size_t>(size.channels); ++c)
      picture.pixels[c * plane + i] = has_inks(header) ? light(pixel[c], pixel[3]) : pixel[c];
  }
  return picture;
}

}  // namespace neurocuda::data
