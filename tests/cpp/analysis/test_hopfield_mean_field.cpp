#include <doctest/doctest.h>

#include <attractornet/analysis/hopfield_mean_field.hpp>
#include <cmath>
#include <limits>

using namespace attractornet;
using hopfield::critical_load, hopfield::mean_field_overlap, hopfield::retrieval_temperature;

TEST_CASE("the critical load of Amit, Gutfreund and Sompolinsky, to its published digits") {
  CHECK(critical_load().alpha == doctest::Approx(0.137905566).epsilon(4e-9));
  CHECK(critical_load().overlap == doctest::Approx(0.967417116).epsilon(1e-9));
  CHECK(critical_load(1).alpha == 0);
}

TEST_CASE("overlaps at T = 0 and above, and none beyond the critical load") {
  const auto near = [](double value) { return doctest::Approx(value).epsilon(1e-6); };
  CHECK(mean_field_overlap(0.05) == doctest::Approx(0.999992228).epsilon(1e-9));
  CHECK(mean_field_overlap(0.1) == doctest::Approx(0.997999266).epsilon(1e-9));
  CHECK(mean_field_overlap(0.1379) == doctest::Approx(0.968101214).epsilon(1e-8));
  CHECK(mean_field_overlap(0.138) == 0);
  CHECK(mean_field_overlap(0, 0.5) == near(0.957504));
  CHECK(mean_field_overlap(1e-9, 0.5) == near(0.957504));
  CHECK(mean_field_overlap(0.02, 0.4) == near(0.980397));
  CHECK(mean_field_overlap(0.02, 0.7) == near(0.747334));
  CHECK(mean_field_overlap(0.05, 0.5) == near(0.904106));
  CHECK(mean_field_overlap(0.05, 0.6) == 0);
  CHECK(mean_field_overlap(0.1, 0.1) == near(0.996751));
  CHECK(mean_field_overlap(0.1, 0.3) == near(0.953020));
  CHECK(mean_field_overlap(0.1, 1e-4) == near(mean_field_overlap(0.1)));
}

TEST_CASE("retrieval temperatures") {
  const double table[][2] = {{0.001, 0.9378}, {0.005, 0.8600}, {0.01, 0.8010},
                             {0.05, 0.5423},  {0.10, 0.3154},  {0.13, 0.1489}};
  for (const auto& row : table) {
    const double alpha = row[0], temperature = row[1];
    CAPTURE(alpha);
    const double found = retrieval_temperature(alpha);
    CHECK(std::abs(found - temperature) < 6e-5);
    CHECK(mean_field_overlap(alpha, found * (1 - 1e-6)) > 0.1);
    CHECK(mean_field_overlap(alpha, found * (1 + 1e-6)) == 0);
  }
  CHECK(retrieval_temperature(0) == 1);
  CHECK(retrieval_temperature(0.2) == 0);
}

TEST_CASE("what is no load and no temperature is refused by name") {
  for (const double bad : {-0.1, std::numeric_limits<double>::infinity(), std::nan("")}) {
    CHECK_THROWS_WITH_AS(mean_field_overlap(bad), doctest::Contains("mean_field_overlap: alpha = "),
                         InvalidValue);
    CHECK_THROWS_WITH_AS(mean_field_overlap(0.1, bad), doctest::Contains("temperature = "),
                         InvalidValue);
    CHECK_THROWS_WITH_AS(retrieval_temperature(bad), doctest::Contains("alpha = "), InvalidValue);
    CHECK_THROWS_WITH_AS(critical_load(bad), doctest::Contains("temperature = "), InvalidValue);
  }
}
