/// @file
/// Inhibition that excitation does not reach (w_ie = 0, one input to all nodes): y depends on where
/// it started alone, so that of a batch with few starts, such as images of 8-bit pixels, it is
/// computed once for each of them, by the steps that batches take: no bit differs.
#pragma once

#include <algorithm>
#include <attractornet/core/lookup.hpp>
#include <attractornet/dynamics/wilson_cowan_steps.hpp>
#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace attractornet::wilson_cowan {

/// y and tanh(beta_i s_i) at all evaluations of a run, for up to 256 starts.
template <class T>
class Levels {
 public:
  static constexpr std::int64_t most = table_size;

  /// None where y depends on more than its start, or has more starts.
  /// @param y the batch (samples, stride).
  static std::optional<Levels> of(const Model<T>& model, std::int64_t samples, const T* y) {
    const T* drive = model.drive_i.data();
    const bool own = model.params.w_ie == 0 &&
                     std::all_of(drive, drive + model.nodes, [&](T d) { return d == *drive; });
    if (!own) return std::nullopt;
    Levels levels(model);
    if (!levels.find(samples, y)) return std::nullopt;
    return levels;
  }

  /// Follows all levels through the steps.
  void follow(std::int64_t steps, Scheme scheme, double dt) {
    const int stages = stages_of(scheme);
    const std::vector<T> apart(static_cast<std::size_t>(most * most));
    const std::vector<double> drive(static_cast<std::size_t>(most), drive_);
    Params alone = params_;
    alone.h_i = alone.alpha_e = alone.amplitude_e = alone.offset_e = 0;  // x stays 0
    const Model<T> model(alone, most, apart.data(), 0, nullptr, drive.data());
    Stepper<T> stepper(model, 1);
    for (auto* array : {&x_, &y_, &e_, &i_})
      array->resize(static_cast<std::size_t>((steps * stages + 1) * most));
    std::copy_n(starts_.data(), most, y_.data());
    for (std::int64_t n = 0; n < steps; ++n) {
      Evaluation<T> at[4];
      for (int s = 0; s < stages; ++s) {
        const std::int64_t place = (n * stages + s) * most;
        at[s] = {x_.data() + place, y_.data() + place, e_.data() + place, i_.data() + place};
      }
      const std::int64_t next = (n + 1) * stages * most;
      stepper.record(scheme, dt, at, {x_.data() + next, y_.data() + next});
    }
  }

  /// y at an evaluation, of whole packs of a batch from `offset` on.
  void y(std::int64_t evaluation, std::int64_t offset, std::int64_t count, T* to) const {
    expand(y_.data() + evaluation * most, offset, count, to);
  }
  /// tanh(beta_i s_i) there.
  void tanh_i(std::int64_t evaluation, std::int64_t offset, std::int64_t count, T* to) const {
    expand(i_.data() + evaluation * most, offset, count, to);
  }

 private:
  explicit Levels(const Model<T>& model)
      : params_(model.params),
        drive_(static_cast<double>(model.drive_i[0])),
        stride_(model.stride),
        nodes_(model.nodes) {}

  /// Numbers the starts; false where there are too many.
  bool find(std::int64_t samples, const T* y) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr std::uint32_t slots = 1024;
    struct Slot {
      Bits key;
      int level = -1;
    };
    std::vector<Slot> table(slots);
    int count = 0;
    index_.resize(static_cast<std::size_t>(samples * stride_));
    for (std::int64_t b = 0; b < samples; ++b)
      for (std::int64_t k = b * stride_; k < b * stride_ + nodes_; ++k) {
        const Bits key = std::bit_cast<Bits>(y[k]);
        auto slot = static_cast<std::uint32_t>((key * std::uint64_t{0x9e3779b97f4a7c15}) >> 54);
        while (table[slot].level >= 0 && table[slot].key != key) slot = (slot + 1) % slots;
        if (table[slot].level < 0) {
          if (count == most) return false;
          starts_[static_cast<std::size_t>(count)] = y[k];
          table[slot] = {key, count++};
        }
        index_[static_cast<std::size_t>(k)] = static_cast<std::uint8_t>(table[slot].level);
      }
    return true;
  }
  void expand(const T* table, std::int64_t offset, std::int64_t count, T* to) const {
    using P = Pack<T, register_lanes<T>>;
    const std::uint8_t* index = index_.data() + offset;
    for (std::int64_t k = 0; k < count; k += register_lanes<T>)
      look_up<P>(table, index + k).store(to + k);
  }

  Params params_;
  double drive_;
  std::int64_t stride_, nodes_;
  std::vector<T> starts_ = std::vector<T>(static_cast<std::size_t>(most));
  std::vector<std::uint8_t> index_;  ///< (samples, stride), each node's level
  AlignedVector<T> x_, y_, e_, i_;   ///< (evaluations and the end, levels)
};

}  // namespace attractornet::wilson_cowan
