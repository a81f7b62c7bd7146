/// @file
/// The scalars of a Wilson-Cowan network, and what happens within a node, for the host and for
/// devices; the equations are in wilson_cowan.hpp.
#pragma once

#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>

namespace attractornet::wilson_cowan {

/// The scalars; by default a bistable node (Fig. 3 of the paper).
struct Params {
  double alpha_e = 1.5, alpha_i = 0.4;
  double w_ee = 7.2, w_ei = 2, w_ie = 0, w_ii = 1;
  double h_e = -1.2, h_i = 0.1;
  double beta_e = 3.7, beta_i = 1;
  double amplitude_e = 0.25, amplitude_i = 0.5;
  double offset_e = 0.65, offset_i = 0.5;
  double gamma = 0.25;

  static constexpr std::string_view label = "WilsonCowanNetwork";
  static constexpr auto fields() {
    using P = Params;
    return std::tuple{
        field("alpha_e", &P::alpha_e, finite(), "1/time", "decay of excitation"),
        field("alpha_i", &P::alpha_i, finite(), "1/time", "decay of inhibition"),
        field("w_ee", &P::w_ee, finite(), "", "weight within a node, excitation to excitation"),
        field("w_ei", &P::w_ei, finite(), "", "how much inhibition takes from excitation"),
        field("w_ie", &P::w_ie, finite(), "", "how much excitation adds to inhibition"),
        field("w_ii", &P::w_ii, finite(), "", "how much inhibition takes from itself"),
        field("h_e", &P::h_e, finite(), "", "input to all excitatory populations"),
        field("h_i", &P::h_i, finite(), "", "input to all inhibitory populations"),
        field("beta_e", &P::beta_e, finite(), "", "steepness of the excitatory rate"),
        field("beta_i", &P::beta_i, finite(), "", "steepness of the inhibitory rate"),
        field("amplitude_e", &P::amplitude_e, finite(), "1/time",
              "half of what the excitatory rate spans, f^(1) of the paper's code"),
        field("amplitude_i", &P::amplitude_i, finite(), "1/time",
              "half of what the inhibitory rate spans"),
        field("offset_e", &P::offset_e, finite(), "1/time",
              "excitatory rate at no input, f^(2) of the paper's code"),
        field("offset_i", &P::offset_i, finite(), "1/time", "inhibitory rate at no input"),
        field("gamma", &P::gamma, above(0), "", "time scale of inhibition over that of excitation"),
    };
  }
};

/// What happens in a node, for numbers and for packs.
template <class P>
struct Node {
  P alpha_e, alpha_i, w_ee, w_ei, w_ie, w_ii, beta_e, beta_i;
  P amplitude_e, amplitude_i, offset_e, offset_i;
  P one = P(1);

  ATTRACTORNET_HD explicit Node(const Params& p)
      : alpha_e(of(p.alpha_e)),
        alpha_i(of(p.alpha_i)),
        w_ee(of(p.w_ee)),
        w_ei(of(p.w_ei)),
        w_ie(of(p.w_ie)),
        w_ii(of(p.w_ii)),
        beta_e(of(p.beta_e)),
        beta_i(of(p.beta_i)),
        amplitude_e(of(p.amplitude_e)),
        amplitude_i(of(p.amplitude_i)),
        offset_e(of(p.offset_e)),
        offset_i(of(p.offset_i)) {}

  ATTRACTORNET_HD static P of(double value) {
    return P(static_cast<typename ElementOf<P>::type>(value));
  }

  /// tanh(beta_e s_e). @param drive h_e + input_e + Gamma A x.
  ATTRACTORNET_HD ATTRACTORNET_INLINE P tanh_e(P x, P y, P drive) const {
    return tanh(beta_e * fma(w_ee, x, drive - w_ei * y));
  }
  /// tanh(beta_i s_i). @param drive h_i + input_i.
  ATTRACTORNET_HD ATTRACTORNET_INLINE P tanh_i(P x, P y, P drive) const {
    return tanh(beta_i * fma(w_ie, x, drive - w_ii * y));
  }
  ATTRACTORNET_HD ATTRACTORNET_INLINE P rate_e(P tanh_e) const {
    return fma(amplitude_e, tanh_e, offset_e);
  }
  ATTRACTORNET_HD ATTRACTORNET_INLINE P rate_i(P tanh_i) const {
    return fma(amplitude_i, tanh_i, offset_i);
  }
  /// Derivatives of the rates by s_e and s_i.
  ATTRACTORNET_HD ATTRACTORNET_INLINE P steepness_e(P e) const {
    return amplitude_e * beta_e * (one - e * e);
  }
  ATTRACTORNET_HD ATTRACTORNET_INLINE P steepness_i(P i) const {
    return amplitude_i * beta_i * (one - i * i);
  }
  /// -alpha z + (1 - z) rate, of either population.
  ATTRACTORNET_HD ATTRACTORNET_INLINE P slope(P z, P alpha, P rate) const {
    return fma(one - z, rate, P{} - alpha * z);
  }
};

}  // namespace attractornet::wilson_cowan
