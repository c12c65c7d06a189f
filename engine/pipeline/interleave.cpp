#include "engine/pipeline/interleave.h"

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

namespace iip {

namespace {

void split_portably(const std::uint8_t* pixels, std::size_t count, std::uint8_t* red,
                    std::uint8_t* green, std::uint8_t* blue) {
  for (std::size_t i = 0; i < count; ++i) {
    red[i] = pixels[3 * i];
    green[i] = pixels[3 * i + 1];
    blue[i] = pixels[3 * i + 2];
  }
}

void join_portably(const std::uint8_t* red, const std::uint8_t* green, const std::uint8_t* blue,
                   std::size_t count, std::uint8_t* pixels) {
  for (std::size_t i = 0; i < count; ++i) {
    pixels[3 * i] = red[i];
    pixels[3 * i + 1] = green[i];
    pixels[3 * i + 2] = blue[i];
  }
}

#if defined(__x86_64__)

constexpr std::size_t kLanes = 16;  // pixels at a time: three vectors of interleaved bytes

// Shuffle controls; a byte of -1 gives zero. 16 pixels are 48 bytes, byte i of the three vectors
// together being channel i % 3 of pixel i / 3.
struct alignas(16) Control {
  signed char byte[16];
};

// Picks channel `channel` out of interleaved vector `vector`, each byte to its pixel's lane.
constexpr Control picking(int channel, int vector) {
  Control control{};
  for (int pixel = 0; pixel < 16; ++pixel) {
    const int at = 3 * pixel + channel - 16 * vector;
    control.byte[pixel] = static_cast<signed char>(at >= 0 && at < 16 ? at : -1);
  }
  return control;
}

// Puts the lanes of plane `channel` to their places in interleaved vector `vector`.
constexpr Control placing(int channel, int vector) {
  Control control{};
  for (int i = 0; i < 16; ++i) {
    const int at = 16 * vector + i;
    control.byte[i] = static_cast<signed char>(at % 3 == channel ? at / 3 : -1);
  }
  return control;
}

constexpr Control kPick[3][3] = {{picking(0, 0), picking(0, 1), picking(0, 2)},
                                 {picking(1, 0), picking(1, 1), picking(1, 2)},
                                 {picking(2, 0), picking(2, 1), picking(2, 2)}};
constexpr Control kPlace[3][3] = {{placing(0, 0), placing(1, 0), placing(2, 0)},
                                  {placing(0, 1), placing(1, 1), placing(2, 1)},
                                  {placing(0, 2), placing(1, 2), placing(2, 2)}};

__attribute__((target("ssse3"))) inline __m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

__attribute__((target("ssse3"))) inline void store(void* to, __m128i value) {
  _mm_storeu_si128(static_cast<__m128i*>(to), value);
}

__attribute__((target("ssse3"))) inline __m128i gather(__m128i a, __m128i b, __m128i c,
                                                       const Control (&controls)[3]) {
  return _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, load(&controls[0])),
                                   _mm_shuffle_epi8(b, load(&controls[1]))),
                      _mm_shuffle_epi8(c, load(&controls[2])));
}

// split_vectors() and join_vectors() take as many pixels as fill whole vectors, and return how many
// that were.
__attribute__((target("ssse3"))) std::size_t split_vectors(const std::uint8_t* pixels,
                                                           std::size_t count, std::uint8_t* red,
                                                           std::uint8_t* green,
                                                           std::uint8_t* blue) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m128i a = load(pixels + 3 * i);
    const __m128i b = load(pixels + 3 * i + 16);
    const __m128i c = load(pixels + 3 * i + 32);
    store(red + i, gather(a, b, c, kPick[0]));
    store(green + i, gather(a, b, c, kPick[1]));
    store(blue + i, gather(a, b, c, kPick[2]));
  }
  return i;
}

__attribute__((target("ssse3"))) std::size_t join_vectors(const std::uint8_t* red,
                                                          const std::uint8_t* green,
                                                          const std::uint8_t* blue,
                                                          std::size_t count, std::uint8_t* pixels) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m128i r = load(red + i);
    const __m128i g = load(green + i);
    const __m128i b = load(blue + i);
    store(pixels + 3 * i, gather(r, g, b, kPlace[0]));
    store(pixels + 3 * i + 16, gather(r, g, b, kPlace[1]));
    store(pixels + 3 * i + 32, gather(r, g, b, kPlace[2]));
  }
  return i;
}

bool has_shuffle() { return __builtin_cpu_supports("ssse3") != 0; }

#endif

}  // namespace

void split_rgb(const std::uint8_t* pixels, std::size_t count, std::uint8_t* red,
               std::uint8_t* green, std::uint8_t* blue) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (has_shuffle()) done = split_vectors(pixels, count, red, green, blue);
#endif
  split_portably(pixels + 3 * done, count - done, red + done, green + done, blue + done);
}

void join_rgb(const std::uint8_t* red, const std::uint8_t* green, const std::uint8_t* blue,
              std::size_t count, std::uint8_t* pixels) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (has_shuffle()) done = join_vectors(red, green, blue, count, pixels);
#endif
  join_portably(red + done, green + done, blue + done, count - done, pixels + 3 * done);
}

}  // namespace iip
