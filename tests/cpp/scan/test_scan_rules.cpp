#include <doctest/doctest.h>

#include <attractornet/scan/rules.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace attractornet;

namespace {

auto logistic_maps(std::int64_t count) {
  return scan::Rules(count, [count](std::int64_t i) {
    textbook::Logistic rule;
    rule.r = 3.5 + 0.5 * static_cast<double>(i) / static_cast<double>(count - 1);
    return rule;
  });
}

template <class Source>
scan::Table measured(const Source& source, const std::vector<std::string>& names, int threads) {
  Monitor monitor;
  return scan::measure(source, names, {.steps = 20'000, .discard = 2'000}, threads, monitor);
}

}  // namespace

TEST_CASE("scan of a rule: the logistic map's exponents and classes") {
  const auto source = logistic_maps(51);
  auto table = measured(
      source, {"final_state", "exponent", "spectrum", "kaplan_yorke_dimension", "kind"}, 2);
  CHECK(table.at("exponent", 50)[0] ==
        doctest::Approx(std::log(2.0)).epsilon(5 * table.at("exponent_error", 50)[0]));
  CHECK(table.at("kind", 50)[0] == static_cast<double>(Kind::chaotic));
  CHECK(table.at("kind", 0)[0] == static_cast<double>(Kind::periodic));  // r = 3.5
  CHECK(table.at("period", 0)[0] == 4);
  CHECK(table.at("period", 33)[0] == 3);  // r = 3.83, in the window of period 3
  CHECK(std::isnan(table.at("period", 50)[0]));
  for (int i = 0; i <= 50; ++i) {
    CHECK(bits(table.at("spectrum", i)[0]) == bits(table.at("exponent", i)[0]));
    CHECK(table.at("final_state", i)[0] > 0);
    CHECK((table.at("exponent", i)[0] > 0) == (table.at("kaplan_yorke_dimension", i)[0] == 1));
  }
}

TEST_CASE("scan of a rule: threads make no difference") {
  const auto source = logistic_maps(20);
  const auto one = measured(source, {"exponent"}, 1), five = measured(source, {"exponent"}, 5);
  for (std::size_t i = 0; i < 20; ++i) CHECK(bits(one.values(0)[i]) == bits(five.values(0)[i]));
}

TEST_CASE("scan of a rule: no points, no rows") {
  CHECK(measured(scan::Rules(0, [](std::int64_t) { return textbook::Logistic{}; }), {"exponent"}, 2)
            .status()
            .empty());
}
