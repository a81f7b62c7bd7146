#include <Eigen/LU>
#include <algorithm>
#include <attractornet/learn/wilson_cowan_cuda.hpp>
#include <cmath>
#include <vector>

#include "wilson_cowan_trainer.hpp"

namespace attractornet::cuda {

namespace {

using learn::EpochResult;
using Rows = std::vector<float>;

/// Batches that the device is asked for before the host looks at it.
constexpr std::int64_t at_once = 32;

/// Rows from where they are `apart`, row_stride of the nodes apart.
Rows rows_of(const float* from, std::int64_t apart, std::int64_t count, std::int64_t nodes) {
  const std::int64_t stride = row_stride(nodes);
  Rows rows(static_cast<std::size_t>(count * stride));
  for (std::int64_t k = 0; k < count; ++k)
    std::copy_n(from + k * apart, nodes, rows.begin() + k * stride);
  return rows;
}

/// Flat numbers of weights, as the device has them, and back. @param eigenvalues whether there are.
Rows to_device(const AlignedVector<float>& flat, std::int64_t nodes, bool eigenvalues) {
  Rows result = rows_of(flat.data(), nodes, nodes, nodes);
  const Rows values = rows_of(flat.data() + nodes * nodes, nodes, 1, eigenvalues ? nodes : 0);
  result.insert(result.end(), values.begin(), values.end());
  result.resize(static_cast<std::size_t>((nodes + 1) * row_stride(nodes)));
  result.push_back(flat[static_cast<std::size_t>(nodes * (nodes + (eigenvalues ? 1 : 0)))]);
  return result;
}
void from_device(const Rows& rows, std::int64_t nodes, bool eigenvalues,
                 AlignedVector<float>& flat) {
  const std::int64_t stride = row_stride(nodes);
  auto to = flat.begin();
  for (std::int64_t k = 0; k < nodes + (eigenvalues ? 1 : 0); ++k)
    to = std::copy_n(rows.begin() + k * stride, nodes, to);
  *to = rows.back();
}

/// What sides of an epoch depend on its coupling.
struct Spectral {
  const learn::SpectralWeights<float>& weights;
  static constexpr bool eigenvalues = true;

  /// Masks (stride,), 0 beyond the nodes.
  static std::vector<std::uint8_t> mask(const std::vector<bool>& of) {
    std::vector<std::uint8_t> result(of.begin(), of.end());
    result.resize(static_cast<std::size_t>(row_stride(static_cast<std::int64_t>(of.size()))));
    return result;
  }
  std::vector<std::uint8_t> columns = mask(weights.training().columns);
  std::vector<std::uint8_t> values = mask(weights.training().eigenvalues);

  void fill(TrainerSetup& setup) const {
    setup.columns = columns;
    setup.eigenvalues = values;
    setup.low = weights.training().low;
    setup.high = weights.training().high;
    setup.orthogonality = weights.orthogonality();
  }
  /// Gives the device an inverse of its Phi, by a factorisation; false if Phi is singular.
  bool refresh(Trainer& trainer) const {
    const std::int64_t n = weights.nodes(), stride = row_stride(n);
    const Rows numbers = trainer.numbers().values;
    using Matrix = Eigen::Matrix<double, -1, -1, Eigen::RowMajor>;
    using From = Eigen::Matrix<float, -1, -1, Eigen::RowMajor>;
    const Eigen::Map<const From, 0, Eigen::OuterStride<>> phi(numbers.data(), n, n,
                                                              Eigen::OuterStride<>(stride));
    const Eigen::PartialPivLU<Matrix> lu(phi.cast<double>());
    if (!(lu.rcond() > 0)) return false;
    const From inverse = lu.inverse().cast<float>();
    if (!inverse.allFinite()) return false;
    trainer.set_inverse(rows_of(inverse.data(), n, n, n));
    return true;
  }
};

struct Projected {
  const learn::ProjectedWeights<float>& weights;
  static constexpr bool eigenvalues = false;
  Rows basis = transposed(weights.basis());

  static Rows transposed(const wilson_cowan::Matrix<float>& q) {
    const std::int64_t stride = row_stride(q.rows);
    Rows result(static_cast<std::size_t>(q.columns * stride));
    for (std::int64_t i = 0; i < q.rows; ++i)
      for (std::int64_t k = 0; k < q.columns; ++k)
        result[static_cast<std::size_t>(k * stride + i)] = q.row(i)[k];
    return result;
  }
  void fill(TrainerSetup& setup) const { setup.basis = basis; }
  bool refresh(Trainer&) const { return true; }
};

/// Minus the lengths of Adam's steps in each batch, and the scale of squares (batches, 4).
Rows lengths_of(const TrainedEpoch& epoch, std::int64_t batches, std::int64_t steps_before) {
  Rows result;
  const learn::AdamOptions& adam = epoch.setting.adam;
  for (std::int64_t b = 0; b < batches; ++b) {
    const std::int64_t t = steps_before + b + 1;
    for (int group = 0; group < 3; ++group)
      result.push_back(static_cast<float>(-adam.length(epoch.rates[3 * b + group], t)));
    result.push_back(static_cast<float>(adam.square_scale(t)));
  }
  return result;
}

/// Asks for all batches, as long as they go on. @return the state after the last.
template <class Kind>
TrainingState run_batches(const TrainedEpoch& epoch, const Kind& kind, Trainer& trainer,
                          Monitor& monitor) {
  const std::int64_t size = epoch.setting.batch_size, whole = epoch.count / size;
  const std::int64_t batches = (epoch.count + size - 1) / size;
  TrainingState state;
  state.going = Going::no_inverse;
  while (true) {
    if (state.going == Going::no_inverse && !kind.refresh(trainer)) state.going = Going::diverged;
    if (state.going == Going::diverged || state.batch == batches) return state;
    if (state.batch < whole)
      trainer.batches(static_cast<int>(std::min(at_once, whole - state.batch)));
    else
      trainer.rest(static_cast<int>(epoch.count - whole * size));
    state = trainer.state();
    monitor.done_at(state.examples);
  }
}

template <class Kind>
EpochResult run_epoch(const TrainedEpoch& epoch, const Kind& kind, learn::Trained<float>& trained,
                      Monitor& monitor) {
  const learn::Setting& s = epoch.setting;
  const std::int64_t nodes = kind.weights.nodes(), classes = epoch.targets.classes();
  const std::int64_t batches = (epoch.count + s.batch_size - 1) / s.batch_size;
  const Rows patterns =
      rows_of(epoch.targets.row(0), epoch.targets.row(1) - epoch.targets.row(0), classes, nodes);
  TrainerSetup setup{.nodes = static_cast<int>(nodes),
                     .classes = static_cast<int>(classes),
                     .batch_size = static_cast<int>(std::min(s.batch_size, epoch.count)),
                     .steps = static_cast<int>(s.run.steps),
                     .params = s.params,
                     .scale = s.scale,
                     .dt = s.run.dt,
                     .adam = s.adam,
                     .least_gamma = s.least_gamma,
                     .noise = s.noise,
                     .noise_seed = static_cast<std::uint64_t>(s.noise_seed),
                     .loss = epoch.loss,
                     .products = epoch.products,
                     .patterns = patterns,
                     .lengths = epoch.targets.lengths()};
  kind.fill(setup);
  const auto padded = [&](const AlignedVector<float>& flat) {
    return to_device(flat, nodes, kind.eigenvalues);
  };
  const auto trainer =
      trainer_of(setup, {padded(trained.values), padded(trained.mean), padded(trained.square)},
                 epoch.examples, {epoch.labels, static_cast<std::size_t>(epoch.examples.count())},
                 {epoch.order, static_cast<std::size_t>(epoch.count)},
                 lengths_of(epoch, batches, trained.steps));
  monitor.begin(epoch.count);
  const TrainingState state = run_batches(epoch, kind, *trainer, monitor);

  const TrainedNumbers after = trainer->numbers();
  from_device(after.values, nodes, kind.eigenvalues, trained.values);
  from_device(after.mean, nodes, kind.eigenvalues, trained.mean);
  from_device(after.square, nodes, kind.eigenvalues, trained.square);
  trained.steps += state.batch;
  EpochResult result{.loss = state.loss,
                     .penalty = state.penalty,
                     .correct = state.correct,
                     .examples = state.examples};
  result.finish();
  if (state.going == Going::diverged ||
      !learn::is_sound(kind.weights, trained, epoch.threads, monitor))
    result.status = Status::diverged;
  return result;
}

}  // namespace

EpochResult TrainedEpoch::run(const learn::SpectralWeights<float>& weights,
                              learn::Trained<float>& trained, Monitor& monitor) const {
  return run_epoch(*this, Spectral{weights}, trained, monitor);
}
EpochResult TrainedEpoch::run(const learn::ProjectedWeights<float>& weights,
                              learn::Trained<float>& trained, Monitor& monitor) const {
  return run_epoch(*this, Projected{weights}, trained, monitor);
}

}  // namespace attractornet::cuda
