/// @file
/// Steps of Wilson-Cowan networks on batches: explicit Euler, exponential Euler, Runge-Kutta 4.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/dynamics/wilson_cowan_model.hpp>
#include <cstdint>
#include <string_view>

namespace attractornet {

namespace wilson_cowan {

enum class Scheme { euler, runge_kutta_4, exponential_euler };

}  // namespace wilson_cowan

template <>
struct Names<wilson_cowan::Scheme> {
  static constexpr std::array<std::string_view, 3> list = {"euler", "runge_kutta_4",
                                                           "exponential_euler"};
};

namespace wilson_cowan {

/// How an increment changes with what it is made of.
template <class P>
struct Partials {
  P by_state, by_rate, by_alpha, by_tau;
};

/// How far a population z moves in a time tau if its slope -alpha z + (1 - z) rate stays.
template <class P>
struct EulerIncrement {
  static ATTRACTORNET_INLINE P of(P slope, P /*decay*/, P tau) { return tau * slope; }
  static ATTRACTORNET_INLINE Partials<P> partials(P z, P slope, P decay, P tau) {
    return {P{} - tau * decay, tau * (P(1) - z), P{} - tau * z, slope};
  }
};

/// How far it moves if the rate stays: tau slope (1 - e^-w) / w, w = tau decay, decay = alpha +
/// rate.
template <class P>
struct ExponentialIncrement {
  static ATTRACTORNET_INLINE P of(P slope, P decay, P tau) {
    const P w = tau * decay, t = tanh(P(0.5f) * w);
    return tau * relaxation(w, t) * slope;
  }
  static ATTRACTORNET_INLINE Partials<P> partials(P z, P slope, P decay, P tau) {
    const P w = tau * decay, t = tanh(P(0.5f) * w), left = (P(1) - t) / (P(1) + t);
    const P mean = relaxation(w, t), time = tau * mean;
    // d(mean)/dw, which tends to -1/2.
    const P bend = select(magnitude(w) > P{}, (left - mean) / w, P(-0.5f));
    const P by_decay = slope * tau * tau * bend;
    return {P{} - time * decay, fma(time, P(1) - z, by_decay), by_decay - time * z, slope * left};
  }

 private:
  /// (1 - e^-w) / w of t = tanh(w / 2); 1 at 0.
  static ATTRACTORNET_INLINE P relaxation(P w, P t) {
    return select(magnitude(w) > P{}, (t + t) / fma(w, t, w), P(1));
  }
};

/// Both populations of so many samples, each (samples, stride).
template <class T>
struct Activities {
  T *x, *y;
};

/// Evaluations of the slopes in one step.
constexpr int stages_of(Scheme scheme) { return scheme == Scheme::runge_kutta_4 ? 4 : 1; }

/// One evaluation: the state, and for the adjoint both tanh, each (samples, stride).
template <class T>
struct Evaluation {
  T *x, *y;
  T *e = nullptr, *i = nullptr;
  const T* sums = nullptr;  ///< what nodes see in the place of A x, if given
  bool y_known = false;     ///< y comes from elsewhere: neither its step nor i is computed
};

/// Advances samples by steps; one for each thread.
template <class T>
class Stepper {
 public:
  using P = Pack<T, register_lanes<T>>;

  Stepper(const Model<T>& model, std::int64_t samples)
      : node_(model.params),
        model_(model),
        size_(samples * model.stride),
        products_(samples, model.nodes) {}

  /// One step of length dt; dt < 0 goes backwards. `to` may be `from`.
  void advance(Scheme scheme, double dt, Activities<T> from, Activities<T> to) {
    if (scheme == Scheme::runge_kutta_4) {
      for (auto* array : {&work_x_, &work_y_, &start_x_, &start_y_})
        array->resize(static_cast<std::size_t>(size_));
      std::copy_n(from.x, size_, start_x_.data());
      std::copy_n(from.y, size_, start_y_.data());
      const Evaluation<T> start{start_x_.data(), start_y_.data()};
      const Evaluation<T> work{work_x_.data(), work_y_.data()};
      const Evaluation<T> stages[] = {start, work, work, work};
      runge_kutta(dt, stages, to);
    } else {
      const Evaluation<T> at{from.x, from.y};
      record(scheme, dt, &at, to);
    }
  }
  /// One step, but of runge_kutta_4, in which nodes see `sums`, (samples, stride), in the place of
  /// A x.
  void advance_driven(Scheme scheme, double dt, Activities<T> state, const T* sums) {
    const Evaluation<T> at{state.x, state.y, nullptr, nullptr, sums};
    record(scheme, dt, &at, state);
  }
  /// The same, keeping all evaluations: the first one holds the state.
  void record(Scheme scheme, double dt, const Evaluation<T>* stages, Activities<T> to) {
    switch (scheme) {
      case Scheme::euler:
        return move<EulerIncrement<P>>(dt, *stages, to);
      case Scheme::exponential_euler:
        return move<ExponentialIncrement<P>>(dt, *stages, to);
      case Scheme::runge_kutta_4:
        return runge_kutta(dt, stages, to);
    }
  }

 private:
  /// f(offset, x, y, tanh_e, tanh_i) for each pack of a state, which f may write over.
  /// @param to x that f writes.
  template <class F>
  void each(const Evaluation<T>& at, const T* to, F f) {
    const P scale(model_.scale);
    const auto evaluate = [&](std::int64_t offset, std::int64_t node, P sum) {
      const P x = P::load(at.x + offset), y = P::load(at.y + offset);
      const P drive = fma(scale, sum, P::load(model_.drive_e.data() + node));
      const P e = node_.tanh_e(x, y, drive);
      if (at.e) e.store(at.e + offset);
      if (at.y_known) return f(offset, x, y, e, P{});
      const P i = node_.tanh_i(x, y, P::load(model_.drive_i.data() + node));
      if (at.e) i.store(at.i + offset);
      f(offset, x, y, e, i);
    };
    if (!at.sums)
      return products_.each(at.x, model_.stride, model_.coupling.forward, {at.e, to}, evaluate);
    for (std::int64_t k = 0; k < size_; k += register_lanes<T>)
      evaluate(k, k % model_.stride, P::load(at.sums + k));
  }

  template <class Increment>
  void move(double dt, const Evaluation<T>& from, Activities<T> to) {
    const P tau_e(static_cast<T>(dt)), tau_i(static_cast<T>(dt / model_.params.gamma));
    each(from, to.x, [&](std::int64_t offset, P x, P y, P e, P i) {
      const P rate_e = node_.rate_e(e);
      const P slope_e = node_.slope(x, node_.alpha_e, rate_e);
      (x + Increment::of(slope_e, node_.alpha_e + rate_e, tau_e)).store(to.x + offset);
      if (from.y_known) return;
      const P rate_i = node_.rate_i(i), slope_i = node_.slope(y, node_.alpha_i, rate_i);
      (y + Increment::of(slope_i, node_.alpha_i + rate_i, tau_i)).store(to.y + offset);
    });
  }

  /// @param to not the first stage.
  void runge_kutta(double dt, const Evaluation<T>* stages, Activities<T> to) {
    const double weight[] = {dt / 6, dt / 3, dt / 3, dt / 6}, reach[] = {dt / 2, dt / 2, dt, 0};
    const P per_gamma(static_cast<T>(1 / model_.params.gamma));
    std::copy_n(stages[0].x, size_, to.x);
    if (!stages[0].y_known) std::copy_n(stages[0].y, size_, to.y);
    for (int s = 0; s < 4; ++s) {
      const P w(static_cast<T>(weight[s])), c(static_cast<T>(reach[s]));
      const auto& next = stages[std::min(s + 1, 3)];
      each(stages[s], next.x, [&](std::int64_t offset, P x, P y, P e, P i) {
        const P slope_x = node_.slope(x, node_.alpha_e, node_.rate_e(e));
        fma(w, slope_x, P::load(to.x + offset)).store(to.x + offset);
        if (s < 3) fma(c, slope_x, P::load(stages[0].x + offset)).store(next.x + offset);
        if (stages[s].y_known) return;
        const P slope_y = per_gamma * node_.slope(y, node_.alpha_i, node_.rate_i(i));
        fma(w, slope_y, P::load(to.y + offset)).store(to.y + offset);
        if (s < 3) fma(c, slope_y, P::load(stages[0].y + offset)).store(next.y + offset);
      });
    }
  }

  Node<P> node_;
  const Model<T>& model_;
  std::int64_t size_;
  AlignedVector<T> work_x_, work_y_, start_x_, start_y_;
  RowProducts<T> products_;
};

}  // namespace wilson_cowan

}  // namespace attractornet
