/// @file
/// Gradients through the steps of a Wilson-Cowan network: the discrete adjoint, exact for what was
/// computed.
///
/// With cotangents c of the increments (of Euler those of the new state), u = c_x D_f f'(s_e) and
/// v = c_y D_g g'(s_i), D the increment's derivative by the rate, the state's cotangents are
///
///     s_x = c_x D_x + w_ee u + w_ie v + Gamma u A,   s_y = c_y D_y - w_ei u - w_ii v
///
/// and dL/dA = Gamma sum u^T x over steps and samples. Sums over steps descend, over samples
/// ascend, and each sample's own are taken first: no result depends on threads or on how much was
/// stored.
#pragma once

#include <array>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/dynamics/wilson_cowan_levels.hpp>
#include <attractornet/dynamics/wilson_cowan_steps.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace attractornet {

namespace wilson_cowan {

/// What a forward pass keeps for the adjoint.
enum class Memory { store, checkpoint, recompute };

}  // namespace wilson_cowan

template <>
struct Names<wilson_cowan::Memory> {
  static constexpr std::array<std::string_view, 3> list = {"store", "checkpoint", "recompute"};
};

namespace wilson_cowan {

/// How a batch is run through the steps.
struct RunOptions {
  std::int64_t steps = 25;
  double dt = 0.1;
  Scheme scheme = Scheme::euler;
};

/// Derivatives of a loss.
template <class T>
struct Gradient {
  AlignedVector<T> coupling;             ///< by A, (nodes, stride)
  Params params;                         ///< by each scalar
  double scale = 0;                      ///< by Gamma
  std::vector<double> input_e, input_i;  ///< by the inputs of each node
  AlignedVector<T> x, y;                 ///< by the initial state, (samples, stride)
};

namespace detail {

/// Sums over nodes that the scalars' gradients are made of.
enum ScalarSum {
  alpha_e,
  w_ee,
  w_ei,
  amplitude_e,
  offset_e,
  alpha_i,
  w_ie,
  w_ii,
  amplitude_i,
  offset_i,
  by_tau_i,
  scalar_sums
};
using ScalarSums = std::array<double, scalar_sums>;

}  // namespace detail

/// A forward pass that can be run back.
template <class T>
class Tape {
 public:
  using P = Pack<T, 64 / sizeof(T)>;  ///< a cache line, whatever the registers

  Tape(const Model<T>& model, std::int64_t samples, const RunOptions& run, Memory memory,
       int threads)
      : model_(model),
        samples_(samples),
        size_(samples * model.stride),
        groups_(samples, model.nodes, threads),
        run_(run),
        segment_(segment_of(memory, run.steps)),
        threads_(threads) {
    for (std::int64_t g = 0; g < groups_.count(); ++g) {
      steppers_.emplace_back(model, groups_.size(g));
      products_.emplace_back(groups_.size(g), model.nodes);
    }
    const std::int64_t evaluations = segment_ * stages();
    for (auto* array : {&x_, &e_, &i_}) make_rows(*array, evaluations);
    for (auto* array : {&end_x_, &end_y_}) make_rows(*array, 1);
    if (segment_ < run_.steps)
      for (auto* array : {&kept_x_, &kept_y_})
        make_rows(*array, (run_.steps + segment_ - 1) / segment_);
  }

  /// Bytes that a tape takes.
  static double bytes(std::int64_t stride, std::int64_t samples, const RunOptions& run,
                      Memory memory) {
    const std::int64_t segment = segment_of(memory, run.steps);
    const std::int64_t kept = segment < run.steps ? (run.steps + segment - 1) / segment : 0;
    const double arrays = 4.0 * static_cast<double>(segment * stages_of(run.scheme)) +
                          2.0 * static_cast<double>(kept) + 4.0;
    return arrays * static_cast<double>(samples) * static_cast<double>(stride) * sizeof(T);
  }

  /// Runs the steps. @param x, y (samples, stride), written over by the last state.
  void forward(T* x, T* y, Monitor& monitor) {
    monitor.begin(samples_ * run_.steps);
    if (segment_ >= run_.steps) levels_ = Levels<T>::of(model_, samples_, y);
    if (levels_) levels_->follow(run_.steps, run_.scheme, run_.dt);
    make_rows(y_, stages() * (levels_ ? 1 : segment_));
    if (levels_) make_rows(tanh_i_, 1);
    over_samples(monitor, [&](std::int64_t task, std::int64_t offset, auto& ticker) {
      const std::int64_t count = groups_.size(task) * model_.stride;
      T *to_x = x + offset, *to_y = y + offset;
      for (std::int64_t first = 0; first < run_.steps; first += segment_) {
        if (segment_ < run_.steps) {
          std::copy_n(to_x, count, kept_x_.data() + first / segment_ * size_ + offset);
          std::copy_n(to_y, count, kept_y_.data() + first / segment_ * size_ + offset);
          for (std::int64_t n = first; n < end_of(first); ++n, ticker.tick(groups_.size(task)))
            steppers_[static_cast<std::size_t>(task)].advance(run_.scheme, run_.dt, {to_x, to_y},
                                                              {to_x, to_y});
        } else {
          record(task, offset, to_x, to_y, first, {to_x, to_y}, ticker);
        }
      }
      if (levels_) levels_->y(run_.steps * stages(), offset, count, to_y);
    });
  }

  /// Runs back; more than once, if other derivatives are asked for.
  /// @param dx, dy the loss's derivatives by the last state, (samples, stride).
  Gradient<T> reverse(const T* dx, const T* dy, Monitor& monitor) {
    const bool recorded = segment_ >= run_.steps && !spent_;
    monitor.begin(samples_ * run_.steps * (recorded ? 1 : 2));
    Gradient<T> result;
    result.x = without_padding(dx);
    result.y = without_padding(dy);
    result.coupling.resize(static_cast<std::size_t>(model_.nodes * model_.stride));
    result.input_e.resize(static_cast<std::size_t>(model_.nodes));
    result.input_i.resize(static_cast<std::size_t>(model_.nodes));
    std::vector<detail::ScalarSums> sums(static_cast<std::size_t>(samples_));
    const std::int64_t last = (run_.steps - 1) / segment_ * segment_;
    for (std::int64_t first = last; first >= 0; first -= segment_) {
      over_samples(monitor, [&](std::int64_t task, std::int64_t offset, auto& ticker) {
        if (!recorded) {
          const bool kept = segment_ < run_.steps;
          const std::int64_t place = first / segment_ * size_ + offset;
          record(task, offset, (kept ? kept_x_ : x_).data() + place,
                 (kept ? kept_y_ : y_).data() + place, first,
                 {end_x_.data() + offset, end_y_.data() + offset}, ticker);
        }
        for (std::int64_t n = end_of(first) - 1; n >= first; --n, ticker.tick(groups_.size(task)))
          step_back(task, offset, n - first, result, sums);
      });
      add_products(first, result, monitor);
    }
    spent_ = true;
    finish(sums, result);
    return result;
  }

 private:
  using Register = Pack<T, register_lanes<T>>;
  static constexpr std::int64_t line = 64 / sizeof(T);
  static constexpr std::int64_t most_depth = 256;  ///< samples whose rows stay in a cache

  static std::int64_t segment_of(Memory memory, std::int64_t steps) {
    if (memory == Memory::store) return std::max<std::int64_t>(steps, 1);
    if (memory == Memory::recompute) return 1;
    return std::max<std::int64_t>(
        static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(steps)))), 1);
  }
  int stages() const { return stages_of(run_.scheme); }
  std::int64_t end_of(std::int64_t first) const { return std::min(first + segment_, run_.steps); }
  Evaluation<T> evaluation(std::int64_t index, std::int64_t offset) {
    const std::int64_t place = index * size_ + offset;
    T* y = y_.data() + (levels_ ? index % stages() * size_ + offset : place);
    return {x_.data() + place, y,       e_.data() + place,
            i_.data() + place, nullptr, levels_.has_value()};
  }
  /// tanh(beta_i s_i) of an evaluation; where inhibition has levels, its y is looked up as well.
  const T* tanh_i_of(std::int64_t task, std::int64_t index, const Evaluation<T>& at) {
    if (!levels_) return at.i;
    const std::int64_t offset = groups_.first(task) * model_.stride;
    const std::int64_t count = groups_.size(task) * model_.stride;
    levels_->y(index, offset, count, at.y);
    levels_->tanh_i(index, offset, count, tanh_i_.data() + offset);
    return tanh_i_.data() + offset;
  }

  using Rows = UnfilledVector<T>;

  /// Room for so many batches, with 0 beyond the nodes.
  void make_rows(Rows& rows, std::int64_t batches) const {
    rows.resize(static_cast<std::size_t>(batches * size_));
    for (T* row = rows.data(); row < rows.data() + rows.size(); row += model_.stride)
      std::fill(row + model_.nodes, row + model_.stride, T(0));
  }
  /// Rows with 0 beyond the nodes, where a state has anything.
  AlignedVector<T> without_padding(const T* rows) const {
    AlignedVector<T> result(static_cast<std::size_t>(size_));
    for (std::int64_t k = 0; k < size_; k += model_.stride)
      std::copy_n(rows + k, model_.nodes, result.data() + k);
    return result;
  }

  /// f(task, offset of its first sample, progress) for each group of samples.
  template <class F>
  void over_samples(Monitor& monitor, F f) {
    parallel_for(groups_.count(), threads_, monitor, [&](std::int64_t task, Progress& progress) {
      f(task, groups_.first(task) * model_.stride, progress);
    });
  }

  /// Runs one segment and keeps its evaluations.
  void record(std::int64_t task, std::int64_t offset, const T* x, const T* y, std::int64_t first,
              Activities<T> end, Progress& progress) {
    const std::int64_t count = groups_.size(task) * model_.stride;
    std::copy_n(x, count, evaluation(0, offset).x);
    std::copy_n(y, count, evaluation(0, offset).y);
    for (std::int64_t n = first; n < end_of(first); ++n, progress.tick(groups_.size(task))) {
      std::array<Evaluation<T>, 4> at;
      for (int s = 0; s < stages(); ++s)
        at[static_cast<std::size_t>(s)] = evaluation((n - first) * stages() + s, offset);
      for (int s = 0; levels_ && s < stages(); ++s)
        levels_->y(n * stages() + s, offset, count, at[static_cast<std::size_t>(s)].y);
      Activities<T> to = end;
      if (n + 1 < end_of(first)) {
        const Evaluation<T> next = evaluation((n + 1 - first) * stages(), offset);
        to = {next.x, next.y};
      }
      steppers_[static_cast<std::size_t>(task)].record(run_.scheme, run_.dt, at.data(), to);
    }
  }

  void step_back(std::int64_t task, std::int64_t offset, std::int64_t step, Gradient<T>& result,
                 std::vector<detail::ScalarSums>& sums) {
    T *lx = result.x.data() + offset, *ly = result.y.data() + offset;
    auto* own = sums.data() + groups_.first(task);
    const double gamma = model_.params.gamma;
    if (run_.scheme == Scheme::runge_kutta_4) return step_back_by_stages(task, step, {lx, ly}, own);
    if (run_.scheme == Scheme::euler)
      pull_back<EulerIncrement<P>>(task, step, {lx, ly}, 1, run_.dt, run_.dt / gamma, {lx, ly},
                                   own);
    else
      pull_back<ExponentialIncrement<P>>(task, step, {lx, ly}, 1, run_.dt, run_.dt / gamma,
                                         {lx, ly}, own);
  }

  void step_back_by_stages(std::int64_t task, std::int64_t step, Activities<T> l,
                           detail::ScalarSums* sums) {
    const std::int64_t count = groups_.size(task) * model_.stride;
    const double weight[] = {run_.dt / 6, run_.dt / 3, run_.dt / 3, run_.dt / 6};
    const double reach[] = {run_.dt / 2, run_.dt / 2, run_.dt, 0};
    AlignedVector<T> cx(static_cast<std::size_t>(count)), cy(cx.size());
    AlignedVector<T> total_x(l.x, l.x + count), total_y(l.y, l.y + count);
    for (int s = 3; s >= 0; --s) {
      const T w = static_cast<T>(weight[s]), reached = static_cast<T>(reach[s]);
      for (std::size_t k = 0; k < cx.size(); ++k) {
        cx[k] = fma(w, l.x[k], reached * cx[k]);
        cy[k] = fma(w, l.y[k], reached * cy[k]);
      }
      pull_back<EulerIncrement<P>>(task, step * 4 + s, {cx.data(), cy.data()}, 0, 1,
                                   1 / model_.params.gamma, {cx.data(), cy.data()}, sums);
      for (std::size_t k = 0; k < cx.size(); ++k) {
        total_x[k] += cx[k];
        total_y[k] += cy[k];
      }
    }
    std::copy_n(total_x.data(), count, l.x);
    std::copy_n(total_y.data(), count, l.y);
  }

  /// Cotangents s of an evaluation's state from those of its increments, c; s may be c. Leaves u
  /// and v where the evaluation's tanh were kept.
  /// @param keep 1 adds c to s, as for a state that the increment was added to.
  template <class Increment>
  void pull_back(std::int64_t task, std::int64_t index, Activities<T> c, double keep, double time_e,
                 double time_i, Activities<T> s, detail::ScalarSums* sums) {
    const Evaluation<T> at = evaluation(index, groups_.first(task) * model_.stride);
    const T* tanh_i = tanh_i_of(task, index, at);
    const Node<P> node(model_.params);
    const P one(T(1)), kept(static_cast<T>(keep));
    const P tau_e(static_cast<T>(time_e)), tau_i(static_cast<T>(time_i));
    for (std::int64_t r = 0; r < groups_.size(task); ++r) {
      std::array<P, detail::scalar_sums> sum;
      sum.fill(P{});
      for (std::int64_t k = r * model_.stride; k < (r + 1) * model_.stride; k += line) {
        const P x = P::load(at.x + k), y = P::load(at.y + k), e = P::load(at.e + k),
                i = P::load(tanh_i + k), cx = P::load(c.x + k), cy = P::load(c.y + k);
        const P rate_e = node.rate_e(e), rate_i = node.rate_i(i);
        const auto dx = Increment::partials(x, node.slope(x, node.alpha_e, rate_e),
                                            node.alpha_e + rate_e, tau_e);
        const auto dy = Increment::partials(y, node.slope(y, node.alpha_i, rate_i),
                                            node.alpha_i + rate_i, tau_i);
        const P by_e = cx * dx.by_rate, by_i = cy * dy.by_rate;
        const P u = by_e * node.steepness_e(e), v = by_i * node.steepness_i(i);
        u.store(at.e + k);
        v.store(at.i + k);
        fma(cx, kept + dx.by_state, fma(node.w_ee, u, node.w_ie * v)).store(s.x + k);
        (cy * (kept + dy.by_state) - fma(node.w_ei, u, node.w_ii * v)).store(s.y + k);
        using namespace detail;
        const auto add = [&](ScalarSum which, P a, P b) { sum[which] = fma(a, b, sum[which]); };
        add(alpha_e, cx, dx.by_alpha);
        add(w_ee, u, x);
        add(w_ei, u, y);
        add(amplitude_e, by_e, e);
        sum[offset_e] = sum[offset_e] + by_e;
        add(alpha_i, cy, dy.by_alpha);
        add(w_ie, v, x);
        add(w_ii, v, y);
        add(amplitude_i, by_i, i);
        sum[offset_i] = sum[offset_i] + by_i;
        add(by_tau_i, cy, dy.by_tau);
      }
      for (std::size_t which = 0; which < sum.size(); ++which)
        sums[r][which] += static_cast<double>(fold(sum[which])[0]);
    }
    const Register scale(model_.scale);
    products_[static_cast<std::size_t>(task)].each(
        at.e, model_.stride, model_.coupling.adjoint,
        [&](std::int64_t offset, std::int64_t, Register product) {
          fma(scale, product, Register::load(s.x + offset)).store(s.x + offset);
        });
  }
  /// dL/dW += u^T x and the inputs' gradients, of a segment's evaluations from the last to the
  /// first, each over the samples in turn. A task owns rows of the result, as many as there are for
  /// each thread: all of an evaluation's x is read by each.
  void add_products(std::int64_t first, Gradient<T>& result, Monitor& monitor) {
    const RowTiles tiles{model_.nodes};
    const std::int64_t tasks = std::min<std::int64_t>(threads_, tiles.count());
    parallel_for(tasks, threads_, monitor, [&](std::int64_t task, Progress& progress) {
      const std::int64_t from = tiles.count() * task / tasks;
      const std::int64_t to = tiles.count() * (task + 1) / tasks;
      for (std::int64_t k = (end_of(first) - first) * stages() - 1; k >= 0; --k) {
        const Evaluation<T> at = evaluation(k, 0);
        for (std::int64_t b = 0; b < samples_; b += most_depth) {
          add_product(at, b, std::min(most_depth, samples_ - b), tiles, from, to, result);
          progress.tick(0);
        }
        add_columns(at.e, tiles.first(from), tiles.first(to), result.input_e.data());
        add_columns(at.i, tiles.first(from), tiles.first(to), result.input_i.data());
      }
    });
  }
  void add_product(const Evaluation<T>& at, std::int64_t sample, std::int64_t depth,
                   const RowTiles& tiles, std::int64_t from, std::int64_t to, Gradient<T>& result) {
    const std::int64_t stride = model_.stride;
    const T *u = at.e + sample * stride, *x = at.x + sample * stride;
    T* sums = result.coupling.data();
    each_panel<T>(stride, [&](std::int64_t column, int registers) {
      for (std::int64_t t = from; t < to; ++t) {
        // The sums do not fit into the nearer caches, and no hardware guesses where the next are.
        const bool last = t + 1 == to;
        T* next = sums + tiles.first(last ? from : t + 1) * stride + column +
                  (last ? tile_columns<T> : 0);
        for (int r = 0; r < tile_rows; ++r)
          for (int c = 0; c < tile_registers; ++c)
            __builtin_prefetch(next + r * stride + c * register_lanes<T>, 1);
        add_tile_product<T>(tiles.height(t), registers, {u + tiles.first(t), stride},
                            {x + column, stride}, depth,
                            {sums + tiles.first(t) * stride + column, stride});
      }
    });
  }
  /// sums_j += sum over samples of values_bj, for j from `first` to `end`.
  void add_columns(const T* values, std::int64_t first, std::int64_t end, double* sums) const {
    using Wide = NativeVector<double, register_bytes>;
    constexpr std::int64_t lanes = register_lanes<double>;
    for (std::int64_t b = 0; b < samples_; ++b) {
      const T* row = values + b * model_.stride;
      std::int64_t j = first;
      for (; j + lanes <= end; j += lanes)
        store_vector(sums + j, load_vector<Wide>(sums + j) + load_converted<Wide>(row + j));
      for (; j < end; ++j) sums[j] += static_cast<double>(row[j]);
    }
  }
  /// sum_ij A_ij dw_ij, column by column; and dw becomes Gamma dw.
  double scaled_product(T* dw) const {
    const Register scale(model_.scale);
    double total = 0;
    each_panel<T>(model_.coupling.adjoint.columns(), [&](std::int64_t first, int registers) {
      for (std::int64_t j = first; j < first + registers * register_lanes<T>;
           j += register_lanes<T>) {
        Register sum{};
        const Slices<T> a = model_.coupling.adjoint.panel(first).at(j - first);
        for (std::int64_t i = 0; i < model_.nodes; ++i) {
          T* place = dw + i * model_.stride + j;
          const Register value = Register::load(place);
          sum = fma(Register::load(a.data + i * a.step), value, sum);
          (scale * value).store(place);
        }
        for (int lane = 0; lane < register_lanes<T>; ++lane)
          total += static_cast<double>(sum[lane]);
      }
    });
    return total;
  }
  /// What follows from the sums: by Gamma and beta, since a rate is a function of beta s and s of
  /// Gamma A x.
  void finish(const std::vector<detail::ScalarSums>& samples, Gradient<T>& result) const {
    using namespace detail;
    ScalarSums sum{};
    for (const ScalarSums& one : samples)
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += one[k];
    const Params& p = model_.params;
    const double coupled = scaled_product(result.coupling.data());
    double driven_e = 0, driven_i = 0, by_h_e = 0, by_h_i = 0;
    for (std::size_t k = 0; k < result.input_e.size(); ++k) {
      by_h_e += result.input_e[k];
      by_h_i += result.input_i[k];
      driven_e += result.input_e[k] * static_cast<double>(model_.drive_e[k]);
      driven_i += result.input_i[k] * static_cast<double>(model_.drive_i[k]);
    }
    const double scale = static_cast<double>(model_.scale);
    const double tau_i = (run_.scheme == Scheme::runge_kutta_4 ? 1 : run_.dt) / p.gamma;
    result.scale = coupled;
    result.params = {
        .alpha_e = sum[alpha_e],
        .alpha_i = sum[alpha_i],
        .w_ee = sum[w_ee],
        .w_ei = -sum[w_ei],
        .w_ie = sum[w_ie],
        .w_ii = -sum[w_ii],
        .h_e = by_h_e,
        .h_i = by_h_i,
        .beta_e = (p.w_ee * sum[w_ee] - p.w_ei * sum[w_ei] + driven_e + scale * coupled) / p.beta_e,
        .beta_i = (p.w_ie * sum[w_ie] - p.w_ii * sum[w_ii] + driven_i) / p.beta_i,
        .amplitude_e = sum[amplitude_e],
        .amplitude_i = sum[amplitude_i],
        .offset_e = sum[offset_e],
        .offset_i = sum[offset_i],
        .gamma = -tau_i / p.gamma * sum[by_tau_i],
    };
  }

  const Model<T>& model_;
  std::int64_t samples_, size_;
  SampleGroups groups_;
  RunOptions run_;
  std::int64_t segment_;
  int threads_;
  std::vector<Stepper<T>> steppers_;
  std::vector<RowProducts<T>> products_;
  Rows x_, y_, e_, i_;    ///< evaluations of a segment, (evaluations, samples, stride)
  Rows kept_x_, kept_y_;  ///< states at the start of each, (segments, samples, stride)
  Rows end_x_, end_y_;
  std::optional<Levels<T>> levels_;  ///< then y_ has one step's evaluations, i_ v alone
  Rows tanh_i_;
  bool spent_ = false;  ///< u and v lie where the evaluations' tanh were
};

}  // namespace wilson_cowan

}  // namespace attractornet
