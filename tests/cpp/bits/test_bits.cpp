// Results to the bit: one hash, whatever the level (with fma), the compiler and the kernels' lanes.
// A change of the hash is a change of results, and belongs into the changelog.
#include <doctest/doctest.h>

#include <attractornet/analysis/classify.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/core/random_words.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <attractornet/scan/feedback.hpp>
#include <attractornet/systems/dense_memory_network.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/hopfield_continuous_network.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace attractornet;

#if defined(__aarch64__)
static_assert(has_fma, "else nothing would be compared");
#endif

namespace {

/// FNV-1a over the bits of doubles.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325;

  void add(double x) { value = (value ^ bits(x)) * 0x100000001b3; }
  void add(const std::vector<double>& values) {
    for (const double x : values) add(x);
  }
};

std::uint64_t hash_of(const feedback::Network& net) {
  Monitor monitor;
  Hash hash;
  for (const double w : net.w()) hash.add(w);
  std::vector<double> x(3000 * static_cast<std::size_t>(net.neurons())), start(net.inputs());
  feedback::trajectory(net.rule(), 3000, 100, nullptr, feedback::Observable::x, x.data(), monitor);
  hash.add(x);
  net.rule().start(start.data());
  const auto s =
      lyapunov_spectrum(net.rule(), start.data(), {.steps = 3000, .discard = 500}, monitor);
  hash.add(s.exponents);
  hash.add(s.history);
  return hash.value;
}

/// Of what classify measures; but not its frequencies, which need the standard library's atan2.
std::uint64_t hash_of_verdict(const feedback::Network& net, Kind kind) {
  Monitor monitor;
  std::vector<double> start(net.inputs());
  net.rule().start(start.data());
  const auto c = classify(net.rule(), start.data(), {.horizon = 200'000}, monitor);
  CHECK(c.kind == kind);
  Hash hash;
  hash.add(c.exponent);
  hash.add(c.exponent_error);
  hash.add(c.exponents);
  hash.add(c.digits);
  hash.add(c.recurrence);
  hash.add(c.period);
  hash.add(c.state);
  return hash.value;
}

/// Of everything that runs in lanes: there are 2, 4, 8 or 16 of them.
std::uint64_t hash_of_scan(scan::Precision precision) {
  std::vector<feedback::Ensemble> points;
  for (int i = 0; i < 40; ++i) points.push_back({4, 6 + i % 2, 0.3 + 0.4 * (i % 8), 10'000 + i});
  const std::vector<std::string> names{"final_state", "occupied", "exponent", "spectrum"};
  Monitor monitor;
  const auto table = scan::measure(feedback::Ensembles(points), names,
                                   {.steps = 3000, .discard = 500, .dtype = precision}, 2, monitor);
  Hash hash;
  for (std::size_t c = 0; c < table.columns().size(); ++c) hash.add(table.values(c));
  return hash.value;
}

/// Random numbers, normal.
class Draw {
 public:
  explicit Draw(std::size_t seed) : stream_(seed, Purpose::weights) {}
  std::vector<double> operator()(std::size_t count) {
    std::vector<double> values(count);
    for (double& value : values) value = stream_.normal(drawn_++);
    return values;
  }

 private:
  Stream stream_;
  std::uint32_t drawn_ = 0;
};

/// Of the three arrows and the energy.
template <class R, class Energy>
std::uint64_t hash_of_arrows(const R& rule, Draw& draw, Energy energy) {
  const auto units = static_cast<std::size_t>(rule.dimension());
  constexpr int k = 3;
  const auto u = draw(units), tangents = draw(units * k), cotangent = draw(units);
  std::vector<double> image(units), images(units * k), result(units);
  rule.jvp(u.data(), tangents.data(), k, image.data(), images.data());
  rule.vjp(u.data(), cotangent.data(), result.data());
  Hash hash;
  hash.add(image);
  hash.add(images);
  hash.add(result);
  hash.add(energy(u.data()));
  return hash.value;
}

std::uint64_t hash_of_continuous(std::size_t units) {
  Draw draw(units);
  const auto w = draw(units * units), current = draw(units);
  const hopfield::ContinuousNetwork net(w, current, false);
  const auto rule = net.rule({.gain = 0.7, .tau = 1.3});
  std::vector<double> work(units);
  return hash_of_arrows(rule, draw, [&](const double* u) { return rule.energy(u, work.data()); });
}

/// Of the end of a run, and of all its derivatives.
template <class T>
std::uint64_t hash_of_run(std::int64_t nodes, wilson_cowan::Scheme scheme) {
  using namespace wilson_cowan;
  constexpr std::int64_t samples = 19;
  Monitor monitor;
  Draw draw(static_cast<std::size_t>(nodes));
  const Params params{.w_ie = 1.5, .gamma = 0.5};
  const std::vector<double> a = draw(static_cast<std::size_t>(nodes * nodes));
  const Model<T> model(params, nodes, a.data(), 0.3, nullptr, nullptr);
  Tape<T> tape(model, samples, {.steps = 6, .dt = 0.1, .scheme = scheme}, Memory::checkpoint, 2);
  const auto rows = [&] {
    AlignedVector<T> result(static_cast<std::size_t>(samples * model.stride));
    for (std::int64_t b = 0; b < samples; ++b) {
      const std::vector<double> row = draw(static_cast<std::size_t>(nodes));
      for (std::int64_t i = 0; i < nodes; ++i)
        result[static_cast<std::size_t>(b * model.stride + i)] =
            static_cast<T>(row[static_cast<std::size_t>(i)]);
    }
    return result;
  };
  AlignedVector<T> x = rows(), y = rows();
  tape.forward(x.data(), y.data(), monitor);
  const Gradient<T> gradient = tape.reverse(x.data(), y.data(), monitor);
  Hash hash;
  const auto add = [&](const AlignedVector<T>& values, std::int64_t count) {
    for (std::int64_t b = 0; b < count; ++b)
      for (std::int64_t i = 0; i < nodes; ++i)
        hash.add(static_cast<double>(values[static_cast<std::size_t>(b * model.stride + i)]));
  };
  add(x, samples);
  add(y, samples);
  add(gradient.coupling, nodes);
  add(gradient.x, samples);
  add(gradient.y, samples);
  hash.add(gradient.input_e);
  hash.add(gradient.input_i);
  hash.add(gradient.scale);
  for_each_field<Params>([&](const auto& field) { hash.add(gradient.params.*(field.member)); });
  return hash.value;
}

std::uint64_t hash_of_softmax(std::size_t patterns, std::size_t units) {
  Draw draw(units);
  const hopfield::SoftmaxMemory memory(draw(patterns * units), static_cast<std::int64_t>(patterns),
                                       static_cast<std::int64_t>(units), 0.3);
  const auto rule = memory.rule();
  return hash_of_arrows(rule, draw, [&](const double* x) { return rule.energy(x); });
}

/// Of fields and energies beyond 2^53, which are rounded.
std::uint64_t hash_of_fields(std::size_t patterns, std::size_t units, int order) {
  Draw draw(units);
  std::vector<std::int8_t> values;
  for (const double value : draw((patterns + 1) * units)) values.push_back(value < 0 ? -1 : 1);
  const std::int8_t* state = values.data() + patterns * units;
  const hopfield::PolynomialMemory memory({values.data(), patterns * units},
                                          static_cast<std::int64_t>(patterns),
                                          static_cast<std::int64_t>(units), order);
  auto fields = memory.fields();
  fields.load(state);
  Hash hash;
  for (std::int64_t i = 0; i < fields.units(); ++i) {
    hash.add(fields.doubled_field(i));
    fields.flip(i);
    hash.add(fields.quadratic());
  }
  return hash.value;
}

/// Of recalls in every order, with and without noise; the weights of patterns, and given ones.
std::uint64_t hash_of_recalls(const hopfield::Network& net) {
  using hopfield::Update;
  constexpr std::int64_t count = 6;
  RandomWords words(count * net.units());
  words.draw(3, Purpose::sampling, 0);
  std::vector<std::int8_t> starts, ends(static_cast<std::size_t>(count * net.units()));
  for (std::size_t k = 0; k < ends.size(); ++k)
    starts.push_back(words[static_cast<std::int64_t>(k)] & 1 ? 1 : -1);
  std::vector<double> energies(count);
  std::vector<hopfield::Recalled> endings(count);
  Monitor monitor;
  Hash hash;
  for (const auto update :
       {Update::asynchronous, Update::sequential, Update::random, Update::synchronous})
    for (const double temperature : {0.0, 0.4}) {
      const hopfield::RecallOptions options{
          .update = update, .max_sweeps = 20, .temperature = temperature, .seed = 8};
      hopfield::recall(net, starts.data(), count, options, {}, 2, monitor,
                       {energies.data(), endings.data(), nullptr},
                       hopfield::CopyTo{ends.data(), net.units()});
      for (const auto s : ends) hash.add(s);
      hash.add(energies);
      for (const auto& each : endings) hash.add(static_cast<double>(each.sweeps));
    }
  return hash.value;
}

hopfield::Network stored_network(std::int64_t units, std::int64_t count) {
  RandomWords words(units * count);
  words.draw(1, Purpose::weights, 0);
  std::vector<std::int8_t> values;
  for (std::int64_t k = 0; k < units * count; ++k) values.push_back(words[k] & 1 ? 1 : -1);
  return {std::move(values), units, {}};
}
hopfield::Network given_network(std::size_t units) {
  const Stream stream(5, Purpose::weights);
  std::vector<double> w(units * units);
  std::uint32_t drawn = 0;
  for (std::size_t i = 0; i < units; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      w[i * units + j] = w[j * units + i] = stream.normal(drawn++);
  return {w, static_cast<std::int64_t>(units), hopfield::Coding::binary, true};
}

}  // namespace

TEST_CASE("feedback networks and their spectra have one hash") {
  if (!has_fma) return;  // two roundings instead of one: agreement to a tolerance only
  using feedback::Network;
  CHECK(hash_of(Network::random({4, 32, 0.55, 3160697950})) == 0x9d02ebb0aa476c29);
  CHECK(hash_of(Network::random({4, 16, 6.0, 174658140})) == 0xa43019dd3c4dfb5d);
  CHECK(hash_of(Network::random({7, 21, 1.5, 2})) == 0x6d456b4b15ef7d8c);
  CHECK(hash_of(Network::random({40, 30, 0.4, 3})) == 0x150c06e5d6103764);
  CHECK(hash_of(Network::random({5, 12, 1.0, 4, feedback::Distribution::gaussian})) ==
        0x50c5b656de29ac73);
}

TEST_CASE("classify has one hash: chaos, a cycle, a torus") {
  if (!has_fma) return;
  using feedback::Network;
  CHECK(hash_of_verdict(Network::random({4, 16, 6.0, 174658140}), Kind::chaotic) ==
        0x367a53a7b2c06ebe);
  CHECK(hash_of_verdict(Network::random({4, 9, 2.0, 13}), Kind::periodic) == 0xff111dffd2aab9c3);
  CHECK(hash_of_verdict(Network::random({4, 16, 1.4, 174658140}), Kind::quasiperiodic) ==
        0xd2bd0a5f69bd5753);
}

TEST_CASE("scans have one hash") {
  if (!has_fma) return;
  CHECK(hash_of_scan(scan::Precision::float64) == 0x5a5863efd92207eb);
  CHECK(hash_of_scan(scan::Precision::float32) == 0x1f207d58b2b63630);
}

TEST_CASE("continuous Hopfield networks have one hash") {
  if (!has_fma) return;
  CHECK(hash_of_continuous(5) == 0xaf8e021681688e33);
  CHECK(hash_of_continuous(37) == 0xd3a3514dd035f94e);
  CHECK(hash_of_continuous(600) == 0xda0f3f8324ab9b15);
}

TEST_CASE("dense associative memories have one hash") {
  if (!has_fma) return;
  CHECK(hash_of_softmax(5, 6) == 0x02dfe1e05260aa9f);
  CHECK(hash_of_softmax(150, 37) == 0xafa847a160c1bbbe);
  CHECK(hash_of_fields(200, 61, 30) == 0xab94ee0f42335cd6);
}

TEST_CASE("recalls have one hash, by events, by overlaps and with real weights") {
  if (!has_fma) return;
  CHECK(hash_of_recalls(stored_network(200, 30)) == 0x37d5059b53d9eeb);
  CHECK(hash_of_recalls(stored_network(3000, 5)) == 0x65a3e6d43b538aa5);
  CHECK(hash_of_recalls(given_network(90)) == 0x5ed823f97f4c7253);
}

TEST_CASE("runs of Wilson-Cowan networks and their gradients have one hash") {
  using wilson_cowan::Scheme;
  if (!has_fma) return;
  CHECK(hash_of_run<float>(29, Scheme::euler) == 0xe91d002b50c894b3);
  CHECK(hash_of_run<double>(29, Scheme::euler) == 0x22ca90529e76c70c);
  CHECK(hash_of_run<float>(50, Scheme::runge_kutta_4) == 0xc6b5e91444b78182);
  CHECK(hash_of_run<double>(50, Scheme::exponential_euler) == 0x0b8f25ccdfe87ca4);
}
