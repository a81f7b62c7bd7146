/// @file
/// Scans of a rule of one's own: a function makes the rule of each point.
///
///     const scan::Rules source(1000, [](std::int64_t i) { return MyMap{0.001 * i}; });
///     const auto table = scan::measure(source, {"exponent", "kind"}, {}, thread_count(), monitor);
#pragma once

#include <attractornet/dynamics/orbit.hpp>
#include <attractornet/scan/general.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace attractornet::scan {

namespace detail {

template <class R>
struct Held {
  R held;
};

/// A subject that owns its rule.
template <Map R>
struct RulePoint : private Held<R>, RuleSubject<R> {
  explicit RulePoint(R rule) : Held<R>{std::move(rule)}, RuleSubject<R>{Held<R>::held} {}
  RulePoint(const RulePoint&) = delete;
  RulePoint& operator=(const RulePoint&) = delete;
};

}  // namespace detail

/// Points whose rule `make(point)` gives: a Map with a tangent and a start, of one dimension.
template <class Make>
class Rules {
 public:
  using Rule = std::decay_t<std::invoke_result_t<const Make&, std::int64_t>>;
  static_assert(Map<Rule> && HasTangent<Rule> && HasStart<Rule>);

  Rules(std::int64_t size, Make make) : size_(size), make_(std::move(make)) {}

  static std::span<const Measurement<Rules>> measurements() {
    return general_measurements<Rules>();
  }
  std::int64_t size() const { return size_; }
  std::int64_t dimension() const { return size_ > 0 ? make_(0).dimension() : 1; }
  auto subject(std::int64_t point) const {
    return std::make_unique<detail::RulePoint<Rule>>(make_(point));
  }
  void start(const detail::RulePoint<Rule>& subject, double* state) const {
    subject.rule.start(state);
  }

 private:
  std::int64_t size_;
  Make make_;
};

}  // namespace attractornet::scan
