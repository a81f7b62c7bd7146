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
#include <attractornet/dynamics/wilson_cowan_gradient.hpp>
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
    for (auto* array : {&x_, &e_}) make_rows(*array, segment_ * stages());
    for (auto* array : {&end_x_, &end_y_}) make_rows(*array, 1);
    if (is_whole()) return;
    for (auto* array : {&kept_x_, &kept_y_})
      make_rows(*array, (run_.steps + segment_ - 1) / segment_);
  }

  /// Bytes that a tape takes.
  static double bytes(std::int64_t stride, std::int64_t samples, const RunOptions& run,
                      Memory memory) {
    const std::int64_t segment = segment_of(memory, run.steps);
    const std::int64_t kept = segment < run.steps ? (run.steps + segment - 1) / segment : 0;
    const double arrays = 4.0 * static_cast<double>(segment * stages_of(run.scheme)) +
                          2.0 * static_cast<double>(kept) + 6.0;
    return arrays * static_cast<double>(samples) * static_cast<double>(stride) * sizeof(T);
  }

  /// Runs the steps. @param x, y (samples, stride), written over by the last state.
  void forward(T* x, T* y, Monitor& monitor) {
    monitor.begin(samples_ * run_.steps);
    if (is_whole()) levels_ = Levels<T>::of(model_, samples_, y);
    if (levels_) levels_->follow(run_.steps, run_.scheme, run_.dt);
    make_rows(y_, (levels_ ? 1 : segment_) * stages());
    if (!levels_) make_rows(i_, segment_ * stages());
    over_samples(monitor, [&](std::int64_t task, std::int64_t offset, auto& ticker) {
      const std::int64_t count = groups_.size(task) * model_.stride;
      const Activities<T> to{x + offset, y + offset};
      if (is_whole()) {
        record(task, offset, to.x, to.y, 0, to, ticker);
        if (levels_) levels_->y(run_.steps * stages(), offset, count, to.y);
        return;
      }
      for (std::int64_t n = 0; n < run_.steps; ++n, ticker.tick(groups_.size(task))) {
        if (n % segment_ == 0) {
          std::copy_n(to.x, count, kept_x_.data() + n / segment_ * size_ + offset);
          std::copy_n(to.y, count, kept_y_.data() + n / segment_ * size_ + offset);
        }
        steppers_[static_cast<std::size_t>(task)].advance(run_.scheme, run_.dt, to, to);
      }
    });
  }

  /// Runs back; more than once, if other derivatives are asked for.
  /// @param dx, dy the loss's derivatives by the last state, (samples, stride).
  Gradient<T> reverse(const T* dx, const T* dy, Monitor& monitor) {
    monitor.begin(samples_ * run_.steps * (is_recorded() ? 1 : 2));
    Gradient<T> result;
    result.x = without_padding(dx);
    result.y = without_padding(dy);
    result.coupling.resize(static_cast<std::size_t>(model_.nodes * model_.stride));
    SampleSums<T> sums(samples_, size_);
    const std::vector<Stage> stages = backwards();
    spent_ = true;
    std::vector<std::int64_t> counts;
    const std::int64_t products = std::min<std::int64_t>(threads_, RowTiles{model_.nodes}.count());
    for (const Stage& stage : stages)
      counts.push_back(stage.work == Work::products ? products : groups_.count());
    parallel_stages(counts, threads_, monitor,
                    [&](std::int64_t at, std::int64_t task, Progress& progress) {
                      const Stage& stage = stages[static_cast<std::size_t>(at)];
                      switch (stage.work) {
                        case Work::record:
                          return record_again(task, stage.first, progress);
                        case Work::steps:
                          return steps_back(task, stage.first, result, sums, progress);
                        case Work::products:
                          return add_products(task, products, stage.first, result, progress);
                      }
                    });
    const bool slopes = run_.scheme == Scheme::runge_kutta_4;
    finish(model_, sums, slopes ? 1 : run_.dt, result);
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
  /// All steps are one segment: nothing is computed twice.
  bool is_whole() const { return segment_ >= run_.steps; }
  bool is_recorded() const { return is_whole() && !spent_; }
  std::int64_t end_of(std::int64_t first) const { return std::min(first + segment_, run_.steps); }
  Evaluation<T> evaluation(std::int64_t index, std::int64_t offset) {
    const std::int64_t place = index * size_ + offset;
    T *x = x_.data() + place, *e = e_.data() + place;
    if (levels_)
      return {x, y_.data() + index % stages() * size_ + offset, e, nullptr, nullptr, true};
    return {x, y_.data() + place, e, i_.data() + place};
  }
  /// What all threads do before any goes on.
  enum class Work { record, steps, products };
  struct Stage {
    Work work;
    std::int64_t first;  ///< step of a segment
  };
  std::vector<Stage> backwards() const {
    std::vector<Stage> result;
    const std::int64_t last = (run_.steps - 1) / segment_ * segment_;
    for (std::int64_t first = last; first >= 0; first -= segment_) {
      if (!is_recorded()) result.push_back({Work::record, first});
      for (const Work work : {Work::steps, Work::products}) result.push_back({work, first});
    }
    return result;
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

  /// Runs a segment from its first state.
  void record_again(std::int64_t task, std::int64_t first, Progress& progress) {
    const std::int64_t offset = groups_.first(task) * model_.stride;
    const std::int64_t place = first / segment_ * size_ + offset;
    record(task, offset, (is_whole() ? x_ : kept_x_).data() + place,
           (is_whole() ? y_ : kept_y_).data() + place, first,
           {end_x_.data() + offset, end_y_.data() + offset}, progress);
  }

  /// @param l cotangents of the state after a step of the segment, then of that before.
  void step_back(std::int64_t task, std::int64_t step, Activities<T> l, SampleSums<T>& sums) {
    const double dt = run_.dt, gamma = model_.params.gamma;
    switch (run_.scheme) {
      case Scheme::euler:
        return pull_back<EulerIncrement<P>>(task, step, l, 1, dt, dt / gamma, sums);
      case Scheme::exponential_euler:
        return pull_back<ExponentialIncrement<P>>(task, step, l, 1, dt, dt / gamma, sums);
      case Scheme::runge_kutta_4:
        return step_back_by_stages(task, step, l, sums);
    }
  }

  void steps_back(std::int64_t task, std::int64_t first, Gradient<T>& result, SampleSums<T>& sums,
                  Progress& progress) {
    const std::int64_t offset = groups_.first(task) * model_.stride;
    for (std::int64_t n = end_of(first) - first - 1; n >= 0; --n, progress.tick(groups_.size(task)))
      step_back(task, n, {result.x.data() + offset, result.y.data() + offset}, sums);
  }
  void step_back_by_stages(std::int64_t task, std::int64_t step, Activities<T> l,
                           SampleSums<T>& sums) {
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
                                   1 / model_.params.gamma, sums);
      for (std::size_t k = 0; k < cx.size(); ++k) {
        total_x[k] += cx[k];
        total_y[k] += cy[k];
      }
    }
    std::copy_n(total_x.data(), count, l.x);
    std::copy_n(total_y.data(), count, l.y);
  }

  /// Of cotangents c of an evaluation's increments makes those of its state, and leaves u where
  /// tanh(beta_e s_e) was.
  /// @param keep 1 adds c itself, as for a state that the increment was added to.
  template <class Increment>
  void pull_back(std::int64_t task, std::int64_t index, Activities<T> c, double keep, double time_e,
                 double time_i, SampleSums<T>& sums) {
    const std::int64_t offset = groups_.first(task) * model_.stride;
    const Evaluation<T> at = evaluation(index, offset);
    T *sum_u = sums.u.data() + offset, *sum_v = sums.v.data() + offset;
    const Node<P> node(model_.params);
    const P one(T(1)), kept(static_cast<T>(keep));
    const P tau_e(static_cast<T>(time_e)), tau_i(static_cast<T>(time_i));
    AlignedVector<T> row_y(levels_ ? static_cast<std::size_t>(model_.stride) : 0), row_i(row_y);
    for (std::int64_t r = 0; r < groups_.size(task); ++r) {
      const std::int64_t row = r * model_.stride;
      if (levels_) {
        levels_->y(index, offset + row, model_.stride, row_y.data());
        levels_->tanh_i(index, offset + row, model_.stride, row_i.data());
      }
      const T* y_of = levels_ ? row_y.data() : at.y + row;
      const T* i_of = levels_ ? row_i.data() : at.i + row;
      std::array<P, detail::scalar_sums> sum;
      sum.fill(P{});
      for (std::int64_t k = row; k < row + model_.stride; k += line) {
        const P x = P::load(at.x + k), y = P::load(y_of + k - row), e = P::load(at.e + k),
                i = P::load(i_of + k - row), cx = P::load(c.x + k), cy = P::load(c.y + k);
        const P rate_e = node.rate_e(e), rate_i = node.rate_i(i);
        const auto dx = Increment::partials(x, node.slope(x, node.alpha_e, rate_e),
                                            node.alpha_e + rate_e, tau_e);
        const auto dy = Increment::partials(y, node.slope(y, node.alpha_i, rate_i),
                                            node.alpha_i + rate_i, tau_i);
        const P by_e = cx * dx.by_rate, by_i = cy * dy.by_rate;
        const P u = by_e * node.steepness_e(e), v = by_i * node.steepness_i(i);
        u.store(at.e + k);
        (P::load(sum_u + k) + u).store(sum_u + k);
        (P::load(sum_v + k) + v).store(sum_v + k);
        fma(cx, kept + dx.by_state, fma(node.w_ee, u, node.w_ie * v)).store(c.x + k);
        (cy * (kept + dy.by_state) - fma(node.w_ei, u, node.w_ii * v)).store(c.y + k);
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
      auto& own = sums.scalars[static_cast<std::size_t>(groups_.first(task) + r)];
      for (std::size_t which = 0; which < sum.size(); ++which)
        own[which] += static_cast<double>(fold(sum[which])[0]);
    }
    const Register scale(model_.scale);
    products_[static_cast<std::size_t>(task)].each(
        at.e, model_.stride, model_.coupling.adjoint, {},
        [&](std::int64_t place, std::int64_t, Register product) {
          fma(scale, product, Register::load(c.x + place)).store(c.x + place);
        });
  }
  /// dL/dW += u^T x of evaluations from the last one to the first, each over the samples in turn. A
  /// task owns rows of the result, as many as there are for each thread: all of an evaluation's x
  /// is read by each.
  void add_products(std::int64_t task, std::int64_t tasks, std::int64_t first, Gradient<T>& result,
                    Progress& progress) {
    const RowTiles tiles{model_.nodes};
    const std::int64_t from = tiles.count() * task / tasks;
    const std::int64_t to = tiles.count() * (task + 1) / tasks;
    const std::int64_t evaluations = (end_of(first) - first) * stages();
    const std::int64_t parts = (samples_ + most_depth - 1) / most_depth;
    const auto factors = [&](std::int64_t part) -> Factors {
      const std::int64_t sample = samples_ * (part % parts) / parts;
      const Evaluation<T> at = evaluation(evaluations - 1 - part / parts, sample * model_.stride);
      return {at.e, at.x, samples_ * (part % parts + 1) / parts - sample};
    };
    for (std::int64_t k = 0; k < evaluations * parts; ++k, progress.tick(0))
      add_product(factors(k), factors(std::min(k + 1, evaluations * parts - 1)), tiles, from, to,
                  result.coupling.data());
  }
  /// u and x of samples that are multiplied at a time.
  struct Factors {
    const T *u, *x;
    std::int64_t depth;
  };
  /// @param next the factors that follow: parts of them, of this one's x and of the sums are asked
  /// for while another part is multiplied.
  void add_product(const Factors& at, const Factors& next, const RowTiles& tiles, std::int64_t from,
                   std::int64_t to, T* sums) {
    const std::int64_t stride = model_.stride;
    each_panel<T>(stride, [&](std::int64_t column, int registers) {
      const std::int64_t columns = registers * register_lanes<T>, beyond = column + columns;
      const Factors& soon = beyond < stride ? at : next;
      const T* soon_x = soon.x + (beyond < stride ? beyond : 0);
      for (std::int64_t t = from; t < to; ++t) {
        const std::int64_t row = tiles.first(t), next_row = tiles.first(t + 1);
        prefetch_rows(sums + column, stride, next_row, std::min(next_row + tile_rows, model_.nodes),
                      columns);
        prefetch_rows(soon_x, stride, soon.depth * (t - from) / (to - from),
                      soon.depth * (t + 1 - from) / (to - from), columns);
        prefetch_rows(next.u + row, stride, next.depth * column / stride,
                      next.depth * beyond / stride, tiles.height(t));
        add_tile_product<T>(tiles.height(t), registers, {at.u + row, stride},
                            {at.x + column, stride}, at.depth,
                            {sums + row * stride + column, stride});
      }
    });
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
  std::optional<Levels<T>> levels_;  ///< then y_ has one step's evaluations, i_ nothing
  bool spent_ = false;               ///< u lies where the evaluations' tanh were
};

}  // namespace wilson_cowan

}  // namespace attractornet
