// Parameters that the tests of Wilson-Cowan networks share.
#pragma once

#include <attractornet/systems/wilson_cowan.hpp>

namespace attractornet::wilson_cowan {

/// Nothing is 0, and inhibition is driven.
inline constexpr Params general{.alpha_e = 1.2,
                                .alpha_i = 0.7,
                                .w_ee = 3,
                                .w_ei = 1.5,
                                .w_ie = 2.5,
                                .w_ii = 0.8,
                                .h_e = -0.6,
                                .h_i = 0.2,
                                .beta_e = 1.7,
                                .beta_i = 1.3,
                                .amplitude_e = 0.3,
                                .amplitude_i = 0.4,
                                .offset_e = 0.6,
                                .offset_i = 0.55,
                                .gamma = 0.6};

}  // namespace attractornet::wilson_cowan
