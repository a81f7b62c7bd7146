/// @file
/// Scans of feedback networks on a CUDA device. What is declared here is in the library
/// attractornet::cuda; where that was built without CUDA it throws BackendUnavailable.
#pragma once

#include <attractornet/scan/feedback.hpp>
#include <span>

namespace attractornet::cuda {

/// The points of a scan that runs on the device: networks are drawn there, from the streams that
/// they are drawn from on the CPU, and run there; what does not fit it, or asks for more care than
/// it takes, is measured on the CPU. Classes are found by the CPU, of orbits that the device runs
/// from one look to the next.
///
/// Orbits have the bits that they have on a CPU with fma, and so have classes. Exponents agree to
/// rounding over some steps; later, where an orbit is chaotic, within their errors.
class Ensembles : public feedback::Ensembles {
 public:
  using feedback::Ensembles::Ensembles;
  static std::span<const scan::Measurement<Ensembles>> measurements();
};

}  // namespace attractornet::cuda
