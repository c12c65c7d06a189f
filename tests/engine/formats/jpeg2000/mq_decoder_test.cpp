// The arithmetic decoder, by the test sequence of its standard, by an encoder, and by a decoder
// after the standard's flow charts, which must agree on whatever bytes a file holds.
#include "engine/formats/jpeg2000/decode/mq_decoder.h"

#include <gtest/gtest.h>

#include <vector>

#include "draw.h"
#include "mq_encoder.h"

namespace iip::test {
namespace {

constexpr std::size_t kRows = 47;

// ITU-T T.88 H.2, whose coder this is: 256 decisions of one context. There a marker ends the data,
// which are the 28 bytes before it.
const Data kDecisions{0x00, 0x02, 0x00, 0x51, 0x00, 0x00, 0x00, 0xC0, 0x03, 0x52, 0x87,
                      0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x82, 0xC0, 0x20, 0x00, 0xFC, 0xD7,
                      0x9E, 0xF6, 0xBF, 0x7F, 0xED, 0x90, 0x4F, 0x46, 0xA3, 0xBF};
const Data kEncoded{0x84, 0xC7, 0x3B, 0xFC, 0xE1, 0xA1, 0x43, 0x04, 0x02, 0x20,
                    0x00, 0x00, 0x41, 0x0D, 0xBB, 0x86, 0xF4, 0x31, 0x7F, 0xFF,
                    0x88, 0xFF, 0x37, 0x47, 0x1A, 0xDB, 0x6A, 0xDF};

unsigned bit_of(const Data& data, std::size_t at) { return data[at / 8] >> (7 - at % 8) & 1U; }

// As the decoders want a segment: with ones behind it.
Data with_end(Data data) {
  data.insert(data.end(), J2kMqDecoder::kBytesBehind, 0xFF);
  return data;
}

enum class Way : std::uint8_t { decode, decode_expected, both };

unsigned decoded(J2kMqDecoder& decoder, J2kMqContext& context, Way way, std::size_t at) {
  const bool is_expected = way == Way::decode_expected || (way == Way::both && at % 3 == 0);
  return is_expected ? decoder.decode_expected(context) : decoder.decode(context);
}

class MqDecoderWays : public ::testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(All, MqDecoderWays,
                         ::testing::Values(Way::decode, Way::decode_expected, Way::both));

TEST_P(MqDecoderWays, TheSequenceOfTheStandard) {
  const Data data = with_end(kEncoded);
  J2kMqDecoder decoder;
  decoder.start(data.data());
  J2kMqContext context = j2k_mq_context(0, 0);
  for (std::size_t i = 0; i < 8 * kDecisions.size(); ++i) {
    ASSERT_EQ(decoded(decoder, context, GetParam(), i), bit_of(kDecisions, i)) << i;
  }
}

// That the oracles of the other tests are what they claim.
TEST(MqEncoder, TheSequenceOfTheStandard) {
  MqEncoder encoder;
  MqReferenceDecoder decoder(kEncoded);
  MqState state;
  MqState state_of_decoder;
  for (std::size_t i = 0; i < 8 * kDecisions.size(); ++i) {
    encoder.encode(state, bit_of(kDecisions, i));
    ASSERT_EQ(decoder.decode(state_of_decoder), bit_of(kDecisions, i)) << i;
  }
  EXPECT_EQ(encoder.flush(), kEncoded);
}

// From each row of the table on, with symbols of any probability.
TEST_P(MqDecoderWays, WhatWasEncoded) {
  Draw draw(1);
  for (std::size_t row = 0; row < kRows; ++row) {
    for (const int ones : {0, 1, 10, 50, 90, 99, 100}) {
      for (unsigned expected = 0; expected < 2; ++expected) {
        std::vector<unsigned> symbols;
        MqEncoder encoder;
        MqState state{row, expected};
        for (int i = 0; i < 400; ++i) {
          symbols.push_back(draw.happens(ones) ? 1 : 0);
          encoder.encode(state, symbols.back());
        }
        const Data data = with_end(encoder.flush());
        J2kMqDecoder decoder;
        decoder.start(data.data());
        J2kMqContext context = j2k_mq_context(row, expected);
        for (std::size_t i = 0; i < symbols.size(); ++i) {
          ASSERT_EQ(decoded(decoder, context, GetParam(), i), symbols[i])
              << "symbol " << i << " from row " << row << ", ones " << ones;
        }
      }
    }
  }
}

TEST_P(MqDecoderWays, ContextsLearnByThemselves) {
  constexpr std::size_t kContexts = 19;
  Draw draw(2);
  for (int run = 0; run < 50; ++run) {
    std::vector<int> ones;
    for (std::size_t i = 0; i < kContexts; ++i) ones.push_back(draw.between(0, 100));
    struct Decision {
      std::size_t context;
      unsigned symbol;
    };
    std::vector<Decision> decisions;
    std::vector<MqState> states(kContexts);
    MqEncoder encoder;
    for (int i = 0; i < 3000; ++i) {
      const auto at = static_cast<std::size_t>(draw.between(0, kContexts - 1));
      decisions.push_back({at, draw.happens(ones[at]) ? 1U : 0U});
      encoder.encode(states[at], decisions.back().symbol);
    }
    const Data data = with_end(encoder.flush());
    J2kMqDecoder decoder;
    decoder.start(data.data());
    std::vector<J2kMqContext> contexts(kContexts, j2k_mq_context(0, 0));
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      ASSERT_EQ(decoded(decoder, contexts[decisions[i].context], GetParam(), i),
                decisions[i].symbol)
          << "decision " << i << " of run " << run;
    }
  }
}

// Bytes that nobody has encoded, many of them 0xFF; and then on and on behind their end. Most of
// them could have been encoded.
TEST_P(MqDecoderWays, AnyBytes) {
  Draw draw(3);
  int whole_runs = 0;
  for (int run = 0; run < 300; ++run) {
    Data bytes;
    const int length = draw.between(0, 60);
    const int full = draw.between(0, 60);
    for (int i = 0; i < length; ++i) bytes.push_back(draw.happens(full) ? 0xFF : draw.byte());
    const Data data = with_end(bytes);
    J2kMqDecoder decoder;
    decoder.start(data.data());
    MqReferenceDecoder reference(bytes);
    std::vector<J2kMqContext> contexts;
    std::vector<MqState> states;
    for (std::size_t row = 0; row < kRows; ++row) {
      contexts.push_back(j2k_mq_context(row, row % 2));
      states.push_back({row, static_cast<unsigned>(row % 2)});
    }
    for (std::size_t i = 0; i < 1500 && reference.is_possible(); ++i) {
      const auto at = static_cast<std::size_t>(draw.between(0, kRows - 1));
      ASSERT_EQ(decoded(decoder, contexts[at], GetParam(), i), reference.decode(states[at]))
          << "decision " << i << " of run " << run;
    }
    if (reference.is_possible()) ++whole_runs;
  }
  EXPECT_GT(whole_runs, 200);
}

std::vector<unsigned> raw_bits(const Data& bytes, std::size_t count) {
  const Data data = with_end(bytes);
  J2kRawDecoder decoder;
  decoder.start(data.data());
  std::vector<unsigned> bits(count);
  for (unsigned& bit : bits) bit = decoder.bit();
  return bits;
}

TEST(RawDecoder, BitsFromTheHighestOn) {
  EXPECT_EQ(raw_bits({0xA5, 0x0F}, 16),
            (std::vector<unsigned>{1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(RawDecoder, ABitIsStuffedBehindAByteOfOnes) {
  EXPECT_EQ(raw_bits({0xFF, 0x55, 0x80}, 17),
            (std::vector<unsigned>{1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0}));
}

TEST(RawDecoder, OnesBehindTheEnd) {
  EXPECT_EQ(raw_bits({0x00}, 40), [] {
    std::vector<unsigned> bits(40, 1);
    for (std::size_t i = 0; i < 8; ++i) bits[i] = 0;
    return bits;
  }());
}

}  // namespace
}  // namespace iip::test
